using System.Buffers;

namespace Ingest.Mail.Mime;

/// <summary>Recipients of bounces from servers that know no RFC 3464: the addresses that the notice names above the returned mail.</summary>
internal static class BounceText
{
    private const int MaxLines = 200;
    private const int MaxRecipients = 20;

    private static readonly SearchValues<char> AddressEnds = SearchValues.Create(" \t<>()[]\"',;:");

    private static readonly string[] OriginalStarts =
        ["received:", "return-path:", "message-id:", "x-mailer:", "mime-version:", "--- below this line", "----- original message", "---- original message", "original message follows", "----- unsent message", "---- returned message"];

    /// <summary>The recipients in the notice, others than those who sent or got the notice itself.</summary>
    public static List<BounceRecipient> Read(string notice, IReadOnlyList<MailAddress> own, string subject, string? original)
    {
        var first = new List<string>();
        var anywhere = new List<string>();
        var status = "";
        var left = MaxLines;
        foreach (var line in notice.AsSpan().EnumerateLines())
        {
            if (left-- == 0 || StartsOriginal(line.Trim()))
                break;
            if (status.Length == 0)
                status = Status(line);
            if (Address(line) is not { } address || IsOwn(address, own))
                continue;
            var list = line.TrimStart(" \t<\"'*").StartsWith(address, StringComparison.Ordinal) ? first : anywhere;
            if (list.Count < MaxRecipients && !list.Contains(address, StringComparer.OrdinalIgnoreCase))
                list.Add(address);
        }
        var action = subject.Contains("delay", StringComparison.OrdinalIgnoreCase) || subject.Contains("warning", StringComparison.OrdinalIgnoreCase) ? "delayed" : "failed";
        // An address at the start of a line is what the notice is about; one inside a sentence may be the postmaster to ask.
        var recipients = first.Count > 0 ? first : anywhere.Count > 0 ? anywhere[..1] : [];
        return recipients.ConvertAll(address => new BounceRecipient(action, status, address, original));
    }

    private static bool StartsOriginal(ReadOnlySpan<char> line)
    {
        foreach (var start in OriginalStarts)
        {
            if (line.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static string? Address(ReadOnlySpan<char> line)
    {
        var at = line.IndexOf('@');
        if (at <= 0 || at > 500)
            return null;
        var start = line[..at].LastIndexOfAny(AddressEnds) + 1;
        var end = line[at..].IndexOfAny(AddressEnds);
        var address = (end < 0 ? line[start..] : line[start..(at + end)]).TrimEnd(".");
        return address.Length > at - start + 1 && at > start && address.Length < 255 ? address.ToString() : null;
    }

    // An enhanced status code (RFC 3463): class, subject, detail.
    private static string Status(ReadOnlySpan<char> line)
    {
        for (var i = 0; i + 4 < line.Length && i < 1000; i++)
        {
            if (line[i] is not ('4' or '5') || line[i + 1] != '.' || (i > 0 && (char.IsAsciiLetterOrDigit(line[i - 1]) || line[i - 1] == '.')))
                continue;
            var end = i + 2;
            var dots = 0;
            while (end < line.Length && (char.IsAsciiDigit(line[end]) || (line[end] == '.' && dots++ == 0 && end > i + 2)))
                end++;
            if (dots >= 1 && char.IsAsciiDigit(line[end - 1]) && end - i <= 9)
                return line[i..end].ToString();
        }
        return "";
    }

    private static bool IsOwn(string address, IReadOnlyList<MailAddress> own)
    {
        foreach (var mine in own)
        {
            if (mine.Address.Equals(address, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return address.StartsWith("postmaster@", StringComparison.OrdinalIgnoreCase) || address.StartsWith("mailer-daemon@", StringComparison.OrdinalIgnoreCase);
    }
}
