using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Ingest.Core.Screening;

/// <summary>Letters that look alike, folded into one (after the idea of UTS 39 section 4; the table is our own, of what is seen in names of hosts).</summary>
internal static class Confusables
{
    // Pairs: what is seen, and the letter that it is taken for.
    private static readonly FrozenDictionary<char, char> Letters = Pairs(
        "аaаaвbсcԁdеeғfԍgһhіiїiјjкkӏlмmнhпnоoрpԛqгrѕsтtцuυuѵvѡwхxуyўyзzьbбb" +
        "αaβbγyδdεeζzηnθoικιiκkλaμuνvοoπnρpσoτtυuφoχxωwάaέeήnίiόoύuώw" +
        "աwոnսuցgհhօoզqյjքpեe" +
        "ɑaɡgɩiɪiıiłløoðdđdħhŧtþpßbʀrʏyʟlɴnᴀaᴄcᴅdᴇeᴊjᴋkᴍmᴏoᴘpᴛtᴜuᴠvᴡwᴢzſfƒfɵoʋvɯw" +
        "0o1l3e5s8b|l!l$s@aǀl");

    // Looked at after single letters.
    private static readonly (string Seen, string Taken)[] Groups = [("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u")];

    private static FrozenDictionary<char, char> Pairs(string pairs)
    {
        Dictionary<char, char> letters = [];
        for (int i = 0; i + 1 < pairs.Length; i += 2) letters.TryAdd(pairs[i], pairs[i + 1]);
        return letters.ToFrozenDictionary();
    }

    /// <summary>What a name looks like at a glance; two names of one look are easily taken for each other. "i" and "l" are one.</summary>
    internal static string Look(string name)
    {
        StringBuilder look = new(Letter(name));
        foreach ((string seen, string taken) in Groups) look.Replace(seen, taken);
        return look.Replace('i', 'l').ToString();
    }

    /// <summary>The name with every letter replaced by the plain one that it looks like, nothing else changed.</summary>
    internal static string Letter(string name)
    {
        StringBuilder plain = new(name.Length);
        foreach (char c in Decomposed(name))
        {
            char lower = char.ToLowerInvariant(c);
            if (CharUnicodeInfo.GetUnicodeCategory(lower) is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format) continue;
            plain.Append(Letters.TryGetValue(lower, out char taken) ? taken : lower);
        }

        return plain.ToString();
    }

    // Compatibility forms too: full width and mathematical letters become plain ones.
    private static string Decomposed(string name)
    {
        if (Ascii.IsValid(name)) return name;
        try
        {
            return name.Normalize(NormalizationForm.FormKD);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    /// <summary>True for a label that mixes scripts which no one language writes together (UTS 39 section 5.2, highly restrictive).</summary>
    internal static bool MixesScripts(string label)
    {
        Scripts seen = Scripts.None;
        foreach (char c in label) seen |= ScriptOf(c);
        if ((seen & (seen - 1)) == 0) return false;
        return (seen & ~(Scripts.Latin | Scripts.Han | Scripts.Kana)) != 0 && (seen & ~(Scripts.Latin | Scripts.Han | Scripts.Hangul)) != 0;
    }

    [Flags]
    private enum Scripts
    {
        None = 0,
        Latin = 1,
        Greek = 2,
        Cyrillic = 4,
        Armenian = 8,
        Hebrew = 16,
        Arabic = 32,
        Han = 64,
        Kana = 128,
        Hangul = 256,
        Thai = 512,
        Georgian = 1024,
        Indic = 2048,
        Cherokee = 4096,
    }

    private static Scripts ScriptOf(char c) => c switch
    {
        (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '\u00C0' and <= '\u024F' and not ('\u00D7' or '\u00F7')) or (>= '\u0250' and <= '\u02AF') or (>= '\u1D00' and <= '\u1DBF') or (>= '\u1E00' and <= '\u1EFF') => Scripts.Latin,
        (>= '\u0370' and <= '\u03FF') or (>= '\u1F00' and <= '\u1FFF') => Scripts.Greek,
        >= '\u0400' and <= '\u052F' => Scripts.Cyrillic,
        >= '\u0531' and <= '\u058F' => Scripts.Armenian,
        >= '\u0590' and <= '\u05FF' => Scripts.Hebrew,
        (>= '\u0600' and <= '\u06FF') or (>= '\u0750' and <= '\u077F') => Scripts.Arabic,
        >= '\u0900' and <= '\u0DFF' => Scripts.Indic,
        >= '\u0E00' and <= '\u0E7F' => Scripts.Thai,
        >= '\u10A0' and <= '\u10FF' => Scripts.Georgian,
        (>= '\u1100' and <= '\u11FF') or (>= '\uAC00' and <= '\uD7AF') => Scripts.Hangul,
        >= '\u13A0' and <= '\u13FF' => Scripts.Cherokee,
        >= '\u3040' and <= '\u30FF' => Scripts.Kana,
        (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF') => Scripts.Han,
        _ => Scripts.None,
    };
}
