namespace Ingest.Mail.Mime;

/// <summary>Reads the header of a mail or part and says where the body starts (RFC 5322 section 2.2, and what happens in reality).</summary>
internal static class HeaderReader
{
    private const int MaxFolds = 20;

    public static int Read(HeaderList list, int start, ParseLimits limits, BoundaryStack boundaries, List<Defect> defects)
    {
        var source = list.Source.Span;
        var position = start;
        while (position < source.Length)
        {
            // An indented first line is a field all the same.
            if (position == start)
                position = Indented(source, position);
            if (IsOver(source, position, boundaries, out var lineEnd))
                return lineEnd;
            if (list.Count >= limits.MaxHeaders || position - start > limits.MaxHeaderBytes)
            {
                defects.Add(new Defect(DefectKind.TooManyHeaders, position));
                return SkipToBody(source, position, boundaries);
            }
            var colon = FieldNameLength(source[position..lineEnd]);
            if (colon > 0)
            {
                position = AddField(list, source, position, colon, lineEnd);
                continue;
            }
            if (!IsOwnBoundary(list, source[position..lineEnd]) && (source[position] is (byte)' ' or (byte)'\t' || LooksLikeField(source, AfterFolds(source, lineEnd)) || MailStart.IsMboxLine(source[position..lineEnd])))
            {
                defects.Add(new Defect(DefectKind.BadHeaderLine, position));
                position = lineEnd;
                continue;
            }
            defects.Add(new Defect(DefectKind.MissingBlankLine, position));
            return position;
        }
        return source.Length;
    }

    private static int AddField(HeaderList list, ReadOnlySpan<byte> source, int position, int colon, int lineEnd)
    {
        var end = lineEnd;
        // A line of only white space ends the header in practice, although it could be a fold.
        while (end < source.Length && source[end] is (byte)' ' or (byte)'\t')
        {
            var next = LineBreaks.Next(source, end);
            if (source[end..next].Trim(" \t\r\n"u8).IsEmpty && !GoesOn(source, next))
                break;
            end = next;
        }
        var nameLength = source.Slice(position, colon).TrimEnd(" \t"u8).Length;
        list.Add(new Header(list, position, nameLength, position + colon + 1, end));
        return end < source.Length && source[end] is (byte)' ' or (byte)'\t' && IsBlank(source, end) ? SkipBlankFold(source, end) : end;
    }

    // A fold of nothing but white space (RFC 5322 section 4.2) is one only if more of the field follows.
    private static bool GoesOn(ReadOnlySpan<byte> source, int position) =>
        position < source.Length && source[position] is (byte)' ' or (byte)'\t' && !IsBlank(source, position);

    private static bool IsBlank(ReadOnlySpan<byte> source, int position) =>
        source[position..LineBreaks.Next(source, position)].Trim(" \t\r\n"u8).IsEmpty;

    // A blank-looking line followed by a field or a fold is a stray fold; followed by anything else it is the end of the header.
    private static int SkipBlankFold(ReadOnlySpan<byte> source, int position)
    {
        var next = LineBreaks.Next(source, position);
        return next < source.Length && LooksLikeField(source, next) ? next : LineBreaks.TrimEnd(source, position, next);
    }

    /// <summary>Length of the field name with white space before its colon, 0 when the line is no field.</summary>
    internal static int FieldNameLength(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0)
            return 0;
        var name = line[..colon].TrimEnd(" \t"u8);
        if (name.IsEmpty)
            return 0;
        var odd = name.IndexOfAnyExceptInRange((byte)33, (byte)126);
        return odd < 0 || (name[odd] == 0 && IsNameWithNul(name)) ? colon : 0;
    }

    // NUL says nothing wherever it stands: the header goes on.
    private static bool IsNameWithNul(ReadOnlySpan<byte> name)
    {
        var letters = 0;
        foreach (var b in name)
        {
            if (b is not 0 and (< 33 or > 126))
                return false;
            letters += b == 0 ? 0 : 1;
        }
        return letters > 0;
    }

    private static int Indented(ReadOnlySpan<byte> source, int position)
    {
        var text = position;
        while (text < source.Length && source[text] is (byte)' ' or (byte)'\t')
            text++;
        return text > position && LooksLikeField(source, text) ? text : position;
    }

    // The folds of a line that is none.
    private static int AfterFolds(ReadOnlySpan<byte> source, int position)
    {
        for (var lines = 0; lines < MaxFolds && GoesOn(source, position); lines++)
            position = LineBreaks.Next(source, position);
        return position;
    }

    private static bool LooksLikeField(ReadOnlySpan<byte> source, int position) =>
        position < source.Length && FieldNameLength(source[position..LineBreaks.Next(source, position)]) > 0;

    // The first boundary right after the header that names it.
    private static bool IsOwnBoundary(HeaderList list, ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t\r\n"u8);
        return line.Length > 2 && line.StartsWith("--"u8) && list.Find("Content-Type") is { } type && type.LimitedValue.IndexOf(line[2..]) > 0;
    }

    // Over at an empty line, which belongs to the header, or at a boundary, which does not.
    private static bool IsOver(ReadOnlySpan<byte> source, int position, BoundaryStack boundaries, out int end)
    {
        end = LineBreaks.Next(source, position);
        if (LineBreaks.TrimEnd(source, position, end) == position)
            return true;
        if (boundaries.Match(source, position) is not { Level: >= 0 })
            return false;
        end = position;
        return true;
    }

    private static int SkipToBody(ReadOnlySpan<byte> source, int position, BoundaryStack boundaries)
    {
        while (position < source.Length)
        {
            if (IsOver(source, position, boundaries, out var lineEnd))
                return lineEnd;
            position = lineEnd;
        }
        return position;
    }
}
