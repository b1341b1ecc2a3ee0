namespace Ingest.Mail.Mime;

/// <summary>What may stand before the first header field, and line ends that nobody expects.</summary>
internal static class MailStart
{
    /// <summary>The bytes to read: with bare CR as the only line end they are copied with LF in its place, so that offsets stay.</summary>
    public static ReadOnlyMemory<byte> Readable(ReadOnlyMemory<byte> raw, List<Defect> defects)
    {
        if (raw.IsEmpty)
            defects.Add(new Defect(DefectKind.EmptyMail));
        if (raw.Span.Contains((byte)0))
            defects.Add(new Defect(DefectKind.NulBytes, raw.Span.IndexOf((byte)0)));
        if (raw.Span.Contains((byte)'\n') || !raw.Span.Contains((byte)'\r'))
            return raw;
        defects.Add(new Defect(DefectKind.BareCarriageReturns));
        var copy = raw.ToArray();
        copy.AsSpan().Replace((byte)'\r', (byte)'\n');
        return copy;
    }

    /// <summary>True for the line that an mbox puts before a mail; "From :" is a field (RFC 5322 section 4.5).</summary>
    public static bool IsMboxLine(ReadOnlySpan<byte> source)
    {
        if (source.StartsWith(">From "u8))
            return true;
        if (!source.StartsWith("From "u8))
            return false;
        var rest = source[5..].TrimStart(" \t"u8);
        return rest.IsEmpty || rest[0] != ':';
    }

    /// <summary>Where the header starts: after a byte order mark, blank lines and mbox lines.</summary>
    public static int Skip(ReadOnlySpan<byte> source, List<Defect> defects)
    {
        var position = source.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;
        while (position < source.Length && source[position] is (byte)'\r' or (byte)'\n')
            position++;
        if (position > 0)
            defects.Add(new Defect(DefectKind.JunkBeforeHeader, 0));
        while (IsMboxLine(source[position..]))
        {
            defects.Add(new Defect(DefectKind.MboxFromLine, position));
            position = LineBreaks.Next(source, position);
        }
        return position;
    }
}
