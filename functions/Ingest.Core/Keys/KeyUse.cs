namespace Ingest.Core.Keys;

/// <summary>How much one copy of a data key in this process has sealed. Beyond the limits the copy is dropped, and the key read from its row again: by then it may be another.</summary>
internal sealed class KeyUse
{
    public const long MostMessages = 1 << 20;
    public const long MostBytes = 1L << 30;

    private long messages, bytes;

    public bool IsSpent => Interlocked.Read(ref messages) >= MostMessages || Interlocked.Read(ref bytes) >= MostBytes;

    public void Add(long more)
    {
        Interlocked.Increment(ref messages);
        Interlocked.Add(ref bytes, more);
    }
}
