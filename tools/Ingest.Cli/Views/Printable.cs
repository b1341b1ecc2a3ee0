using System.Globalization;
using System.Text;

namespace Ingest.Cli.Views;

/// <summary>
/// Text from mails made safe for a terminal: escape sequences and bidirectional overrides in a subject could repaint the screen or
/// show a sender that is not there.
/// </summary>
internal static class Printable
{
    const char Instead = '\uFFFD';

    /// <summary>One line: line breaks and tabs become spaces.</summary>
    public static string Line(string text) => Clean(text, keepBreaks: false);

    /// <summary>Several lines.</summary>
    public static string Text(string text) => Clean(text.ReplaceLineEndings("\n"), keepBreaks: true);

    static string Clean(string text, bool keepBreaks)
    {
        StringBuilder clean = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            if (rune.Value is '\n' or '\r' or '\t')
                clean.Append(keepBreaks && rune.Value == '\n' ? '\n' : ' ');
            else if (IsHarmless(rune))
                clean.Append(rune.ToString());
            else
                clean.Append(Instead);
        return clean.ToString();
    }

    // The joiners are needed by scripts and emoji and reorder nothing.
    static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.PrivateUse => false,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D or 0x00AD,
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        _ => true,
    };
}
