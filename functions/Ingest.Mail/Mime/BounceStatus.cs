namespace Ingest.Mail.Mime;

/// <summary>Finds status codes in what servers write (RFC 3463, RFC 5321 section 4.2).</summary>
internal static class BounceStatus
{
    private const int MaxText = 4000;

    /// <summary>The codes of a text: the enhanced one that stands behind a reply code, else the first; and the first reply code, 0 when there is none.</summary>
    public static (string Enhanced, int Reply) Find(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, MaxText)];
        var first = "";
        var reply = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('2' or '4' or '5') || (i > 0 && (char.IsAsciiLetterOrDigit(text[i - 1]) || text[i - 1] is '.' or '@' or '/')))
                continue;
            if (Reply(text[i..]) is > 0 and var code)
            {
                if (reply == 0 || reply / 100 == 2)
                    reply = code;
                if (Enhanced(AfterReply(text[(i + 3)..])) is { Length: > 0 } strong && strong[0] == text[i])
                    return (strong, code);
            }
            else if (first.Length == 0 && text[i] != '2')
                first = Enhanced(text[i..]);
        }
        return (first, reply);
    }

    /// <summary>Of the status a report declares and the one its server told: the one that says more; where both do, what the server told.</summary>
    public static string Better(string declared, string told)
    {
        if (declared.Length == 0 || told.Length == 0)
            return declared.Length == 0 ? told : declared;
        return told.EndsWith(".0.0", StringComparison.Ordinal) ? declared : told;
    }

    /// <summary>The code as it should be, or empty when it is none.</summary>
    public static string Declared(ReadOnlySpan<char> value)
    {
        value = value.Trim();
        return value.IsEmpty ? "" : Enhanced(value);
    }

    // A class, a subject, a detail; neither a version number nor an address of four numbers.
    private static string Enhanced(ReadOnlySpan<char> text)
    {
        if (text.Length < 5 || text[0] is not ('2' or '4' or '5') || text[1] != '.')
            return "";
        var subject = Digits(text[2..]);
        if (subject is 0 or > 3 || text.Length <= 3 + subject || text[2 + subject] != '.')
            return "";
        var detail = Digits(text[(3 + subject)..]);
        var end = 3 + subject + detail;
        if (detail is 0 or > 3 || (end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1])) || (end < text.Length && char.IsAsciiLetterOrDigit(text[end])))
            return "";
        return text[..end].ToString();
    }

    private static int Reply(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || !char.IsAsciiDigit(text[1]) || !char.IsAsciiDigit(text[2]) || (text.Length > 3 && (char.IsAsciiLetterOrDigit(text[3]) || text[3] is '.' or '@' or '/' or ':' && text.Length > 4 && char.IsAsciiDigit(text[4]))))
            return 0;
        return text[0] switch
        {
            '2' => text is ['2', '5', '0' or '1', ..] ? 200 + 50 + text[2] - '0' : 0,
            '4' when text[1] is '2' or '3' or '4' or '5' or '7' => Number(text),
            '5' when text[1] is '0' or '1' or '2' or '3' or '4' or '5' or '7' => Number(text),
            _ => 0,
        };
    }

    private static int Number(ReadOnlySpan<char> text) => (text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0';

    // "550-5.1.1", "550 (#5.1.1", "550-'5.7.1", "554 554 5.7.0", "550 <<< 5.7.1".
    private static ReadOnlySpan<char> AfterReply(ReadOnlySpan<char> text)
    {
        text = text.TrimStart(" -'\"#(:<\r\n\t");
        return Reply(text) > 0 ? text[3..].TrimStart(" -'\"#(:<\r\n\t") : text;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && count < 5 && char.IsAsciiDigit(text[count]))
            count++;
        return count;
    }
}
