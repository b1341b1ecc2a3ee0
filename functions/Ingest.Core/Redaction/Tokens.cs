using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>
/// Finds what is long and made of letters and digits without a blank: tokens of providers by their published forms, web tokens, keys and hashes by the words beside them, and wallets.
/// A text without long words is passed over in leaps.
/// </summary>
internal static class Tokens
{
    /// <summary>No form is shorter.</summary>
    private const int Shortest = 16;

    private static readonly SearchValues<char> Signs = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_+/.~-");

    /// <summary>All of them.</summary>
    internal static void Find(Scan scan)
    {
        bool secrets = scan.Wants(FindingType.Secret), wallets = scan.Wants(FindingType.Wallet);
        if (!secrets && !wallets)
            return;
        ReadOnlySpan<char> text = scan.Text;
        for (int i = 0; i + Shortest <= text.Length;)
        {
            // Backwards from where a long word would have to reach: one sign that is none of a word's lets us leap over all before it.
            int back = text.Slice(i, Shortest).LastIndexOfAnyExcept(Signs);
            if (back >= 0)
            {
                i += back + 1;
                continue;
            }
            int rest = text[(i + Shortest)..].IndexOfAnyExcept(Signs), end = rest < 0 ? text.Length : i + Shortest + rest;
            Long(scan, i, end, secrets, wallets);
            i = end + 1;
        }
    }

    // Each place where a token can begin: what stands before it is no letter and no digit.
    private static void Long(Scan scan, int start, int end, bool secrets, bool wallets)
    {
        ReadOnlySpan<char> text = scan.Text;
        int before = scan.Hits.Count;
        for (int i = start; i < end;)
        {
            int word = i;
            while (word < end && char.IsAsciiLetterOrDigit(text[word]))
                word++;
            int found = 0;
            if (secrets && word > i)
                found = ProviderToken(scan, i) is > 0 and int token ? token : WebTokens.Find(scan, i, end) is > 0 and int web ? web : ShapedTokens.Find(scan, i, word, end);
            if (found == 0 && wallets && word - i >= 25)
                found = Wallets.Find(scan, i, word);
            // A token of a provider is surer than what only looks drawn by lot.
            if (i == start && found >= end && scan.Hits.Count > before && scan.Hits[^1] is { Type: FindingType.Secret, Hundredths: > 90 })
                return;
            i = Math.Max(found, word + 1);
        }
        if (secrets)
            RandomText.Find(scan, start, end);
    }

    private static int ProviderToken(Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text, rest = text[start..];
        foreach (TokenShape shape in rest.Length > 1 ? TokenShapes.Beginning(rest[0], rest[1]) : default)
        {
            if (!rest.StartsWith(shape.Prefix, StringComparison.Ordinal))
                continue;
            int body = start + shape.Prefix.Length, end = BodyEnd(text, body, shape), from = start;
            if (end == 0)
                continue;
            ReadOnlySpan<char> value = text[body..end];
            if ((shape.Check is not null && !value.Contains('\n') && !shape.Check(value)) || Placeholder.IsMade(value))
                continue;
            // A link that opens something is covered with its scheme.
            if (start >= 8 && text[start - 1] == '/' && text[(start - 8)..start].EndsWith("https://", StringComparison.Ordinal))
                from = start - 8;
            scan.Add(FindingType.Secret, from, end, shape.Rule, 0.98);
            return end;
        }
        return 0;
    }

    // A token of known length may have been cut by a wrapped line.
    private static int BodyEnd(ReadOnlySpan<char> text, int body, TokenShape shape)
    {
        int length = 0, at = body;
        for (int lines = 0; ; lines++)
        {
            int piece = text[at..Math.Min(text.Length, at + shape.Most + 1 - length)].IndexOfAnyExcept(shape.Letters);
            piece = piece < 0 ? Math.Min(text.Length - at, shape.Most + 1 - length) : piece;
            length += piece;
            at += piece;
            if (length >= shape.Least || lines == 3 || NextLine(text, at) is not (> 0 and int next))
                break;
            at = next;
        }
        // What ends a sentence is no part of it.
        while (length > shape.Least && text[at - 1] is '.' or '-')
            (length, at) = (length - 1, at - 1);
        return length >= shape.Least && length <= shape.Most && (at == text.Length || !char.IsAsciiLetterOrDigit(text[at])) ? at : 0;
    }

    /// <summary>Where the next line goes on when a line ends at a place, after marks of quoting; 0 when none does.</summary>
    internal static int NextLine(ReadOnlySpan<char> text, int at)
    {
        if (at >= text.Length || text[at] != '\n')
            return 0;
        at++;
        while (at < text.Length && text[at] is '>' or ' ')
            at++;
        return at < text.Length && char.IsAsciiLetterOrDigit(text[at]) ? at : 0;
    }
}
