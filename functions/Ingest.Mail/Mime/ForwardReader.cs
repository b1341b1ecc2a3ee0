using System.Text;
using Ingest.Mail.Text;

namespace Ingest.Mail.Mime;

/// <summary>Finds mails that were passed on: below an announcement or a block of header lines in the text, and as parts.</summary>
internal static class ForwardReader
{
    private const int MaxForwarded = 50;
    private const int MaxField = 2000;

    public static IReadOnlyList<ForwardedMail> Read(string? text, string subject, MimePart root)
    {
        var found = new List<ForwardedMail>();
        if (text is not null)
            ReadText(Lines.Of(text), IsForwardSubject(subject), found);
        ReadParts(root, found);
        return found;
    }

    /// <summary>True for "Fwd:", "WG:" and the like.</summary>
    internal static bool IsForwardSubject(string subject)
    {
        var text = subject.AsSpan().TrimStart();
        if (text is ['[', ..] && text.IndexOf(']') is > 0 and var close)
            text = text[(close + 1)..].TrimStart();
        var colon = text.IndexOfAny(':', '：');
        return colon is > 0 and < 24 && QuoteWords.ForwardPrefixes.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text[..colon].Trim());
    }

    private static void ReadText(Lines lines, bool passedOn, List<ForwardedMail> found)
    {
        var written = false;
        for (var i = 0; i < lines.Count && found.Count < MaxForwarded; i++)
        {
            var line = lines.Content(i, true);
            if (line.IsEmpty)
                continue;
            var quoted = lines.Content(i, false) is ['>', ..];
            var announced = QuoteIntro.IsForward(line);
            var above = quoted;
            if (Start(lines, i, ref quoted, announced) is not { } block || !(announced || (!above && found.Count == 0 && (passedOn || !written))))
            {
                written = true;
                continue;
            }
            var end = NextForward(lines, block.End);
            if (quoted && !above)
                end = QuoteEnd(lines, block.End, end);
            found.Add(From(block, Body(lines, block.End, end, quoted)));
            i = end - 1;
        }
    }

    private static HeaderBlock? Start(Lines lines, int index, ref bool quoted, bool announced)
    {
        var at = index;
        if (announced || QuoteIntro.IsSeparator(lines.Content(index, quoted)))
        {
            announced = true;
            at++;
            while (at < lines.Count && lines.Content(at, quoted).IsEmpty)
                at++;
            // Apple's mail announces in its own words and quotes what it passes on.
            quoted |= at < lines.Count && lines.Content(at, false) is ['>', ..];
        }
        return at < lines.Count && HeaderBlock.TryRead(lines, at, quoted, announced, out var block) ? block : null;
    }

    // Below the quoted mail and an empty line stands what is not quoted.
    private static int QuoteEnd(Lines lines, int from, int end)
    {
        for (var i = from + 1; i < end; i++)
        {
            if (!lines.IsBlank(i) && lines.IsBlank(i - 1) && lines.Content(i, false) is not ['>', ..])
                return i;
        }
        return end;
    }

    private static int NextForward(Lines lines, int from)
    {
        for (var i = from; i < lines.Count; i++)
        {
            if (QuoteIntro.IsForward(lines.Content(i, true)))
                return i;
        }
        return lines.Count;
    }

    private static string Body(Lines lines, int from, int end, bool quoted)
    {
        var text = new StringBuilder();
        for (var i = from; i < end; i++)
        {
            var line = lines[i];
            if (quoted && line.TrimStart(" \t") is ['>', ..] marked)
                line = marked[1..] is [' ', ..] ? marked[2..] : marked[1..];
            if (text.Length > 0 || !line.IsWhiteSpace())
                text.Append(line.TrimEnd()).Append('\n');
        }
        return text.ToString().TrimEnd();
    }

    private static ForwardedMail From(HeaderBlock block, string text)
    {
        var from = Addresses(block.From);
        return new ForwardedMail(from.Count > 0 ? from[0] : null, QuotedDate.Read(block.Date ?? ""), block.Date ?? "", block.Subject ?? "", Addresses(block.To), text, false);
    }

    // "Name [mailto:a@b]", "Name<a@b<mailto:a@b>>", "Name (a@b)", or only a name.
    private static List<MailAddress> Addresses(string? value)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > MaxField)
            return [];
        var text = value.Replace(" (mailto:", " <", StringComparison.OrdinalIgnoreCase).Replace("[mailto:", "<", StringComparison.OrdinalIgnoreCase).Replace("<mailto:", "<", StringComparison.OrdinalIgnoreCase).Replace(']', '>');
        if (!text.Contains('@'))
            return [new MailAddress(text.Trim(' ', '"', '\''), "")];
        if (text.Contains(';'))
            text = text.Replace(';', ',');
        var found = AddressReader.Read(text, ParseLimits.Default.MaxAddresses);
        return found.Exists(static a => a.Address.Contains('@')) ? [.. found.Where(static a => a.Address.Contains('@'))] : [];
    }

    private static void ReadParts(MimePart part, List<ForwardedMail> found)
    {
        // A report's parts are what became of our own mail.
        if (part.ContentType == "multipart/report" || found.Count >= MaxForwarded)
            return;
        if (!part.IsMessage)
        {
            foreach (var child in part.Children)
                ReadParts(child, found);
            return;
        }
        var root = part.Children[0];
        var defects = new List<Defect>();
        var read = new FieldReader(root.Headers, ParseLimits.Default, defects);
        var from = read.Addresses("From");
        found.Add(new ForwardedMail(from.Count > 0 ? from[0] : null, read.Date(), read.Text("Date"), read.Text("Subject"), read.Addresses("To"), BodyChoice.Of(root, ParseLimits.Default, defects).Text ?? "", true));
    }
}
