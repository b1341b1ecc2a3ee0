namespace Ingest.Core.Spam;

/// <summary>Tricks that keep a word readable for people and unreadable for filters.</summary>
internal static class Disguise
{
    private const int ReadAtMost = 32 * 1024;
    private const int Few = 3;

    /// <summary>True when several words mix Latin with look-alike Cyrillic or Greek letters, or have invisible characters inside.</summary>
    internal static bool IsIn(string text)
    {
        int mixed = 0;
        bool latin = false, other = false, hidden = false;
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, ReadAtMost)))
        {
            if (char.IsAsciiLetter(c))
                (mixed, latin, hidden) = (mixed + (hidden && latin ? 1 : 0), true, false);
            else if (c is (>= '\u0370' and <= '\u03FF') or (>= '\u0400' and <= '\u04FF'))
                other = true;
            else if (c is '\u200B' or '\u2060' or '\uFEFF')
                hidden = latin;
            else if (!char.IsLetter(c))
            {
                mixed += latin && other ? 1 : 0;
                (latin, other, hidden) = (false, false, false);
            }
            if (mixed >= Few)
                return true;
        }
        return false;
    }

    /// <summary>True when comments stand inside several words: V&lt;!-- x --&gt;isit.</summary>
    internal static bool BreaksWordsApart(string html)
    {
        ReadOnlySpan<char> rest = html.AsSpan(0, Math.Min(html.Length, ReadAtMost));
        int count = 0;
        while (count < Few && rest.Length > 1 && rest[1..].IndexOf("<!") is var at and >= 0)
        {
            bool before = char.IsAsciiLetter(rest[at]);
            rest = rest[(at + 1)..];
            int end = rest.IndexOf('>');
            if (end < 0)
                break;
            rest = rest[end..];
            count += before && rest.Length > 1 && char.IsAsciiLetter(rest[1]) ? 1 : 0;
        }
        return count >= Few;
    }
}
