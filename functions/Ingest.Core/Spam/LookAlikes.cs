using System.Text;

namespace Ingest.Core.Spam;

/// <summary>Characters that look like others, and characters that are not seen.</summary>
internal static class LookAlikes
{
    private const string From = "асеорхуіјѕԁԛԝһкмтвнαορντκιυχεβγηωςσ", To = "aceopxyijsdqwhkmtbhaopvtkiuxebynwcs";

    /// <summary>The Latin letter that a Cyrillic or Greek one looks like, else itself.</summary>
    public static char Latin(char c) => c >= '\u0370' && From.IndexOf(c, StringComparison.Ordinal) is >= 0 and var at ? To[at] : c;

    /// <summary>True for Greek and Cyrillic letters.</summary>
    public static bool IsForeign(char c) => c is >= '\u0370' and <= '\u052F';

    /// <summary>True for scripts that are written without blanks between words.</summary>
    public static bool IsUnspaced(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF') or (>= '\u0E00' and <= '\u0E7F');

    /// <summary>True for characters that take no room.</summary>
    public static bool IsInvisible(char c) => c is '\u00AD' or '\u034F' or '\u061C' or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E') or (>= '\u2060' and <= '\u2064') or '\uFEFF';

    /// <summary>The plain letter of a full-width one.</summary>
    public static char WithoutWidth(char c) => c switch
    {
        >= '\uFF41' and <= '\uFF5A' => (char)(c - '\uFF41' + 'a'),
        >= '\uFF21' and <= '\uFF3A' => (char)(c - '\uFF21' + 'a'),
        >= '\uFF10' and <= '\uFF19' => (char)(c - '\uFF10' + '0'),
        _ => c,
    };

    /// <summary>The plain letter of a mathematical, enclosed or squared one (Unicode blocks 1D400 and 1F100); NUL for anything else.</summary>
    public static char Plain(Rune rune) => rune.Value switch
    {
        >= 0x1D400 and <= 0x1D6A3 => (char)('a' + ((rune.Value - 0x1D400) % 26)),
        >= 0x1D7CE and <= 0x1D7FF => (char)('0' + ((rune.Value - 0x1D7CE) % 10)),
        >= 0x1F130 and <= 0x1F149 => (char)('a' + (rune.Value - 0x1F130)),
        >= 0x1F150 and <= 0x1F169 => (char)('a' + (rune.Value - 0x1F150)),
        >= 0x1F170 and <= 0x1F189 => (char)('a' + (rune.Value - 0x1F170)),
        _ => '\0',
    };
}
