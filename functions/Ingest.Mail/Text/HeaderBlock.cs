namespace Ingest.Mail.Text;

/// <summary>The lines From:, Sent:, To:, Subject: that mail programs repeat above the mail they quote or pass on.</summary>
internal readonly record struct HeaderBlock
{
    private const int MaxLabelLength = 26;
    private const int MaxLines = 24;
    private const int MaxContinuation = 3;
    private const int MaxValue = 1000;

    /// <summary>The first line after the block.</summary>
    public int End { get; private init; }

    /// <summary>The values as written, null where the block has none.</summary>
    public string? From { get; private init; }

    /// <inheritdoc cref="From"/>
    public string? Date { get; private init; }

    /// <inheritdoc cref="From"/>
    public string? To { get; private init; }

    /// <inheritdoc cref="From"/>
    public string? Subject { get; private init; }

    /// <summary>Reads the block that starts at that line, a rule above it included. Below an announcement less is asked of it.</summary>
    public static bool TryRead(Lines lines, int index, bool quoted, bool announced, out HeaderBlock block)
    {
        block = default;
        if (QuoteIntro.IsRule(lines.Content(index, quoted)))
        {
            announced = true;
            index = Solid(lines, index + 1, quoted);
        }
        if (index >= lines.Count || LabelOf(lines.Content(index, quoted), out _) == QuoteLabel.None)
            return false;
        block = Read(lines, index, quoted);
        return block.IsLikely(announced) || (announced && IsOneLine(lines.Content(index, quoted)));
    }

    // A booking may well say from where to where and when; a mail has addresses or a subject.
    private bool IsLikely(bool announced)
    {
        var labels = (From is null ? 0 : 1) + (Date is null ? 0 : 1) + (To is null ? 0 : 1) + (Subject is null ? 0 : 1);
        var addressed = From?.Contains('@') == true || To?.Contains('@') == true;
        if (labels < 2 || (Subject is null && !addressed))
            return false;
        var dated = Date?.AsSpan().ContainsAnyInRange('0', '9') == true;
        if (From is null)
            return (dated && addressed) || (announced && labels >= 2);
        return announced || (dated && addressed) || (labels >= 3 && (addressed || HasTime(Date)));
    }

    // "10:11", "10.11", "10h11", "10時"
    private static bool HasTime(ReadOnlySpan<char> date)
    {
        for (var i = 1; i + 2 < date.Length; i++)
        {
            if (!char.IsAsciiDigit(date[i - 1]) || date[i] is not (':' or '.' or 'h' or '時' or '时' or '點' or '시'))
                continue;
            if (date[i] > '\u0080' || (date[i] != '.' && char.IsAsciiDigit(date[i + 1])))
                return true;
            // Dots part days and months, too, but then there are two, or one digit.
            var start = i - 1 > 0 && char.IsAsciiDigit(date[i - 2]) ? i - 2 : i - 1;
            if (char.IsAsciiDigit(date[i + 1]) && char.IsAsciiDigit(date[i + 2]) && (start == 0 || date[start - 1] is not '.' && !char.IsAsciiDigit(date[start - 1])) && (i + 3 == date.Length || date[i + 3] is not '.' && !char.IsAsciiDigit(date[i + 3])))
                return true;
        }
        return false;
    }

    private static HeaderBlock Read(Lines lines, int index, bool quoted)
    {
        string? from = null, date = null, to = null, subject = null;
        var last = QuoteLabel.None;
        var end = index;
        for (var i = index; i < lines.Count && i < index + MaxLines; i++)
        {
            var line = lines.Content(i, quoted);
            line = line[..Math.Min(line.Length, MaxValue)];
            var label = LabelOf(line, out var value);
            if (label == QuoteLabel.None)
            {
                if (!Continues(lines, i, end, quoted))
                    break;
                if (last == QuoteLabel.Subject && !line.IsEmpty)
                    subject = $"{subject} {line}";
                if (last == QuoteLabel.From && !line.IsEmpty)
                    from = $"{from} {line}";
                continue;
            }
            last = label;
            end = i + 1;
            switch (label)
            {
                // "De" and "Da" are also what a second To is called elsewhere; the first one counts.
                case QuoteLabel.From when from is null: from = value.ToString(); break;
                case QuoteLabel.Date when date is null: date = value.ToString(); break;
                case QuoteLabel.To when to is null: to = value.ToString(); break;
                case QuoteLabel.Subject when subject is null: subject = value.ToString(); break;
            }
        }
        // The end of a folded last field.
        while (end < lines.Count && end < index + MaxLines && IsFolded(lines, end, quoted))
            end++;
        return new HeaderBlock { End = end, From = from, Date = date, To = to, Subject = subject };
    }

    // A line without a label is part of the block when labels go on soon: a folded value, or lines set apart by empty ones.
    private static bool Continues(Lines lines, int index, int end, bool quoted)
    {
        var blanks = 0;
        for (var i = end; i < lines.Count && i <= end + MaxContinuation; i++)
        {
            var line = lines.Content(i, quoted);
            if (line.IsEmpty && ++blanks > 1)
                return false;
            if (i >= index && LabelOf(line, out _) != QuoteLabel.None)
                return blanks == 0 || i == end + 1;
        }
        return false;
    }

    private static bool IsFolded(Lines lines, int index, bool quoted)
    {
        var line = lines.Content(index, quoted);
        if (line.IsEmpty || quoted)
            return false;
        return lines[index][0] is ' ' or '\t' && lines.Content(index - 1, quoted) is [.., ',' or ';' or '<'];
    }

    // "From: a@b Date: ..." in one line, as html without line breaks gives it.
    private static bool IsOneLine(ReadOnlySpan<char> line)
    {
        if (LabelOf(line, out var value) != QuoteLabel.From || !value.Contains('@'))
            return false;
        for (var colon = value.IndexOf(':'); colon > 0;)
        {
            var word = value[..colon];
            word = word[(word.LastIndexOf(' ') + 1)..];
            if (QuoteWords.Labels.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var label) && label is QuoteLabel.Date or QuoteLabel.To or QuoteLabel.Subject)
                return true;
            var next = value[(colon + 1)..].IndexOf(':');
            colon = next < 0 ? -1 : colon + 1 + next;
        }
        return false;
    }

    // "*From:* x", "De : x", "**Von:** x"
    private static QuoteLabel LabelOf(ReadOnlySpan<char> line, out ReadOnlySpan<char> value)
    {
        value = default;
        line = line.TrimStart("*_ \t");
        var colon = line[..Math.Min(line.Length, MaxLabelLength)].IndexOfAny(':', '：');
        if (colon <= 0)
            return QuoteLabel.None;
        var label = line[..colon].Trim(" \t*_\u00a0\u202f\u200e\u200f");
        if (!QuoteWords.Labels.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(label, out var found))
            return QuoteLabel.None;
        value = line[(colon + 1)..].Trim(" \t*_\u00a0\u200e\u200f");
        value = value[..Math.Min(value.Length, MaxValue)];
        return found;
    }

    private static int Solid(Lines lines, int index, bool quoted)
    {
        while (index < lines.Count && lines.Content(index, quoted).IsEmpty)
            index++;
        return index;
    }
}
