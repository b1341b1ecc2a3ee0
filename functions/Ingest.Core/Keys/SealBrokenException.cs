namespace Ingest.Core.Keys;

/// <summary>What was sealed cannot be opened: changed, cut short, moved, or not sealed by this key. It never says which, so that it teaches nothing.</summary>
public sealed class SealBrokenException : Exception
{
    /// <summary>The one form this failure has.</summary>
    public SealBrokenException() : base("The seal is broken.")
    {
    }
}
