using System.Text;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Smtp;

/// <summary>Reads replies: of one line or several, with or without text, with or without enhanced codes.</summary>
internal static class SmtpReplyReader
{
    // RFC 5321 section 4.5.3.1.5 allows 512; servers that explain themselves take more.
    private const int LongestLine = 4096;
    private const int MostLines = 256;

    /// <summary>The next reply. Anything that is none is a <see cref="WireException"/>.</summary>
    public static async Task<SmtpReply> ReadAsync(WireConnection wire, CancellationToken cancel)
    {
        var lines = new List<string>();
        while (true)
        {
            var line = await wire.ReadLineAsync(LongestLine, cancel);
            if (!TryRead(line.Span, out var code, out var goesOn, out var text))
                throw new WireException(WireFault.Malformed);
            lines.Add(text);
            if (!goesOn)
                return new SmtpReply(code, Enhanced(code, lines[0]), lines);
            if (lines.Count == MostLines)
                throw new WireException(WireFault.Malformed);
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> line, out int code, out bool goesOn, out string text)
    {
        (code, goesOn, text) = (0, false, "");
        if (line.Length < 3 || !IsDigit(line[0]) || !IsDigit(line[1]) || !IsDigit(line[2]))
            return false;
        code = 100 * (line[0] - '0') + 10 * (line[1] - '0') + line[2] - '0';
        if (code is < 200 or > 599 || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-' or (byte)'\t')))
            return false;
        goesOn = line.Length > 3 && line[3] == '-';
        text = line.Length > 4 ? Encoding.UTF8.GetString(line[4..]) : "";
        return true;
    }

    // A class other than that of the digits would make a refusal look temporary, or the other way round.
    private static string Enhanced(int code, string text)
    {
        var word = text.AsSpan().TrimStart();
        var end = word.IndexOfAny(' ', '\t');
        word = end < 0 ? word : word[..end];
        var parts = 0;
        foreach (var range in word.Split('.'))
        {
            var part = word[range];
            if (part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9') || ++parts > 3)
                return "";
        }
        return parts == 3 && word[1] == '.' && word[0] - '0' == code / 100 ? word.ToString() : "";
    }

    private static bool IsDigit(byte c) => c is >= (byte)'0' and <= (byte)'9';
}
