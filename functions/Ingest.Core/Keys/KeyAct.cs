namespace Ingest.Core.Keys;

/// <summary>What is about to happen to keys, as whoever keeps the log of it is told before it does.</summary>
public enum KeyAct
{
    /// <summary>A new key takes over from one that stands.</summary>
    Make = 1,
    /// <summary>Keys are wrapped under another.</summary>
    Rewrap = 2,
    /// <summary>Keys are destroyed.</summary>
    Destroy = 3,
}
