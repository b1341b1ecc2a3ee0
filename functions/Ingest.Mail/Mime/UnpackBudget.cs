namespace Ingest.Mail.Mime;

/// <summary>What may still be unpacked of one mail, so that the limits hold for all that is packed in it together.</summary>
internal sealed class UnpackBudget(ParseLimits limits)
{
    private long bytes = limits.MaxUnpackedBytes;
    private int files = limits.MaxParts;

    /// <summary>Bytes that may still be made.</summary>
    public int Bytes => (int)Math.Clamp(bytes, 0, int.MaxValue);

    /// <summary>Takes so many bytes; false when there are not as many left, and then none are taken.</summary>
    public bool TryTake(long count)
    {
        if (count > bytes)
            return false;
        bytes -= count;
        return true;
    }

    /// <summary>Takes one file; false when there were too many.</summary>
    public bool TryTakeFile() => files-- > 0;
}
