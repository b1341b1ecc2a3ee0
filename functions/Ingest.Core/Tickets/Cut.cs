namespace Ingest.Core.Tickets;

/// <summary>Shortens what a stranger may have made endless, so that a row never outgrows its table. The raw mail keeps the whole.</summary>
internal static class Cut
{
    /// <summary>The longest subject kept, in UTF-16 code units: what a line of a mail may hold (RFC 5322 section 2.1.1).</summary>
    public const int Subject = 998;

    /// <summary>The longest display name or address kept: local part, at sign and domain (RFC 5321 section 4.5.3.1).</summary>
    public const int Name = 320;

    /// <summary>The text, at most so many code units long and never cut within a character.</summary>
    public static string To(string text, int length)
    {
        if (text.Length <= length) return text;
        int end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return string.Concat(text.AsSpan(0, end), "…");
    }
}
