using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>Judges whether what follows "secret", "token" or "API key" is one: long, without a blank, and not made of words.</summary>
internal static class KeyShape
{
    private const int Shortest = 8, Sure = 16, Four = 4, FewestGroups = 4, FewestInGroup = 4, MostInGroup = 8;
    private static readonly SearchValues<char> Base32 = SearchValues.Create("234567abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly SearchValues<char> NotInKeys = SearchValues.Create(" ()[]{}<>\"'$\\,;");

    // A token that everybody gets opens nothing.
    private static readonly NearWords Open = new(["csrf", "xsrf", "public", "page", "continuation", "sync", "next", "publishable", "ring", "verification", "anti", "forgery", "unsubscribe"]);

    /// <summary>0 to 1.</summary>
    internal static double Judge(ReadOnlySpan<char> text, int word, in NamedValue found)
    {
        ReadOnlySpan<char> value = text[found.Start..found.End];
        if (value.Length is < Shortest or > 2000 || found.Tie is ValueTie.Nothing or ValueTie.NextCell && value.Length < Sure || Placeholder.IsMade(value) || value.ContainsAnyExcept(TokenLetters.Any64) && value.ContainsAny(NotInKeys))
            return 0;
        bool digits = value.ContainsAnyInRange('0', '9'), lower = value.ContainsAnyInRange('a', 'z'), upper = value.ContainsAnyInRange('A', 'Z');
        if (IsGrouped(value))
            return 0.8;
        if (value.Contains("://", StringComparison.Ordinal) || !(lower || upper) || (!digits && !(lower && upper && found.IsQuoted)))
            return 0;
        double confidence = !digits ? 0.3 : value.Length >= Sure ? (RandomText.Random(value) > 0 ? 0.96 : Joined(value) ? 0.45 : 0.75) : lower && upper ? 0.75 : 0.55;
        if (found.Tie is ValueTie.FarSign or ValueTie.Nothing or ValueTie.NextCell)
            confidence -= 0.2;
        return Open.Before(text, word, 16) ? Math.Min(confidence, 0.3) : confidence;
    }

    // XKCDW-PQZRT-MNBVC-LKJHG, as programs are sold: groups of one size, of capitals, or of capitals and digits.
    private static bool IsGrouped(ReadOnlySpan<char> value)
    {
        int size = value.IndexOf('-');
        if (size is < FewestInGroup or > MostInGroup || value.Length < FewestGroups * (size + 1) - 1 || (value.Length + 1) % (size + 1) != 0)
            return false;
        bool letters = false;
        for (int i = 0; i < value.Length; i++)
        {
            letters |= char.IsAsciiLetterUpper(value[i]);
            if (i % (size + 1) == size ? value[i] != '-' : !char.IsAsciiLetterUpper(value[i]) && !char.IsAsciiDigit(value[i]))
                return false;
        }
        return letters;
    }

    /// <summary>Where a key in base32 ends that is written in fours, as apps for one-time codes show it: "k7lz 4ztj 6qhw pr2k"; 0 when it is none.</summary>
    internal static int FoursEnd(ReadOnlySpan<char> text, in NamedValue found)
    {
        int at = found.Start, end = 0, groups = 0;
        bool digits = false;
        while (at + Four <= text.Length && !text.Slice(at, Four).ContainsAnyExcept(Base32) && (at + Four == text.Length || !char.IsLetterOrDigit(text[at + Four])))
        {
            digits |= text.Slice(at, Four).ContainsAnyInRange('2', '7');
            groups++;
            end = at + Four;
            if (end == text.Length || text[end] != ' ')
                break;
            at = end + 1;
        }
        return groups >= FewestGroups && digits ? end : 0;
    }

    // Words and numbers with hyphens or points between them name something.
    private static bool Joined(ReadOnlySpan<char> value) => value.ContainsAny('-', '.', '_') || value.Contains('/');
}
