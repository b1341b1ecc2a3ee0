namespace Ingest.Core.Policies;

/// <summary>Patterns in which * stands for any characters, none included.</summary>
internal static class Wildcard
{
    // What is looked through of a field; no rule needs more.
    private const int LongestText = 8192;

    /// <summary>True when the pattern is all of the text, in any case. Each piece between stars is looked for once, the leftmost counts: the text is passed over once, whatever it says.</summary>
    internal static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, LongestText)];
        int star = pattern.IndexOf('*');
        if (star < 0) return text.Equals(pattern, StringComparison.OrdinalIgnoreCase);
        if (!text.StartsWith(pattern[..star], StringComparison.OrdinalIgnoreCase)) return false;
        text = text[star..];
        pattern = pattern[(star + 1)..];
        for (star = pattern.IndexOf('*'); star >= 0; star = pattern.IndexOf('*'))
        {
            int at = text.IndexOf(pattern[..star], StringComparison.OrdinalIgnoreCase);
            if (at < 0) return false;
            text = text[(at + star)..];
            pattern = pattern[(star + 1)..];
        }

        return text.EndsWith(pattern, StringComparison.OrdinalIgnoreCase);
    }
}
