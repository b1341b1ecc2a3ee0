using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Tokens that are known by their shape and not by how they begin.</summary>
internal static class ShapedTokens
{
    private static readonly SearchValues<char> Entra = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.~-");
    private static readonly NearWords Heroku = new(["heroku"]);

    /// <summary>Takes the one that begins with a word of a long one; returns where it ends, or 0.</summary>
    internal static int Find(Scan scan, int start, int word, int runEnd)
    {
        ReadOnlySpan<char> text = scan.Text;
        int length = word - start;
        int end = text[start] == 'A' && start > 8 && text[start - 1] == ':' ? Telegram(scan, start, runEnd)
            : length is 3 or 4 or 5 && start + 34 <= runEnd ? EntraSecret(scan, start, runEnd)
            : length is >= 23 and <= 28 && word < runEnd && text[word] == '.' ? Discord(scan, start, word, runEnd)
            : length == 32 && word + 3 < runEnd && text[word] == '-' ? Mailchimp(scan, start, word)
            : length == 14 && text[word..runEnd].StartsWith(".atlasv1.", StringComparison.Ordinal) ? Terraform(scan, start, runEnd)
            : length == 8 && word + 28 <= runEnd && text[word] == '-' && Heroku.Before(text, start, 40) ? HerokuKey(scan, start)
            : 0;
        return end;
    }

    // 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_
    private static int Telegram(Scan scan, int start, int runEnd)
    {
        ReadOnlySpan<char> text = scan.Text;
        int end = start, id = start - 1;
        while (end < runEnd && end - start < 40 && TokenLetters.Url.Contains(text[end]))
            end++;
        while (id > 0 && start - id < 14 && char.IsAsciiDigit(text[id - 1]))
            id--;
        return end - start is >= 34 and <= 36 && start - 1 - id is >= 8 and <= 11 ? Take(scan, id, end, "secret.telegram") : 0;
    }

    // Three signs, a digit, "Q~", 31 to 34 signs: the form that makes the secrets of Microsoft Entra findable.
    private static int EntraSecret(Scan scan, int start, int runEnd)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (text[start + 4] != 'Q' || text[start + 5] != '~' || !char.IsAsciiDigit(text[start + 3]))
            return 0;
        int end = start + 6;
        while (end < runEnd && Entra.Contains(text[end]))
            end++;
        while (end > start + 37 && text[end - 1] == '.')
            end--;
        return end - start is >= 37 and <= 40 ? Take(scan, start, end, "secret.azure") : 0;
    }

    // The number of a bot, a time and a signature, each in base64.
    private static int Discord(Scan scan, int start, int word, int runEnd)
    {
        ReadOnlySpan<char> text = scan.Text;
        int middle = word + 1, second = word + 1;
        while (second < runEnd && TokenLetters.Url.Contains(text[second]))
            second++;
        int end = Math.Min(second + 1, runEnd);
        while (end < runEnd && TokenLetters.Url.Contains(text[end]))
            end++;
        bool shape = text[start] is 'M' or 'N' or 'O' && second - middle == 6 && second < runEnd && text[second] == '.' && end - second is >= 28 and <= 40;
        return shape && text[start..end].ContainsAnyInRange('0', '9') ? Take(scan, start, end, "secret.discord") : 0;
    }

    private static int Mailchimp(Scan scan, int start, int word)
    {
        ReadOnlySpan<char> text = scan.Text;
        int end = word + 3;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return text[word + 1] == 'u' && text[word + 2] == 's' && end - word is 4 or 5 && !text[start..word].ContainsAnyExcept(TokenLetters.Hex) ? Take(scan, start, end, "secret.mailchimp") : 0;
    }

    private static int Terraform(Scan scan, int start, int runEnd)
    {
        int end = start + 23;
        while (end < runEnd && TokenLetters.Url.Contains(scan.Text[end]))
            end++;
        return end - start >= 60 ? Take(scan, start, end, "secret.terraform") : 0;
    }

    private static int HerokuKey(Scan scan, int start)
    {
        ReadOnlySpan<char> key = scan.Text.Slice(start, 36);
        return !key.ContainsAnyExcept(TokenLetters.Uuid) && key.Count('-') == 4 ? Take(scan, start, start + 36, "secret.heroku") : 0;
    }

    private static int Take(Scan scan, int start, int end, string rule)
    {
        if (Placeholder.IsMade(scan.Text[start..end]))
            return 0;
        scan.Add(FindingType.Secret, start, end, rule, 0.95);
        return end;
    }
}
