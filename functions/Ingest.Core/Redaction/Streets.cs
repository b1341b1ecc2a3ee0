namespace Ingest.Core.Redaction;

/// <summary>Recognises a street with the number of a house: "12 Main Street", "12 bis rue de la Paix", "Hauptstraße 12", "Via Roma, 12".</summary>
internal static class Streets
{
    private const int MostWords = 6, Longest = 60;
    private static readonly NearWords AfterNumber = new(
        ["street", "st", "avenue", "ave", "road", "rd", "boulevard", "blvd", "lane", "ln", "drive", "dr", "court", "ct", "way", "place", "pl", "parkway", "pkwy", "highway", "hwy", "square", "sq", "terrace", "terr", "circle", "cir", "crescent", "cres", "close", "grove", "gardens",
        "mews", "trail", "freeway", "turnpike", "plaza", "alley", "row", "hill", "walk", "broadway"]);
    private static readonly NearWords FrenchTypes = new(["rue", "avenue", "av", "boulevard", "bd", "bld", "place", "chemin", "allée", "allee", "impasse", "quai", "cours", "route", "square", "passage", "faubourg"]);
    private static readonly NearWords BeforeName = new(
        ["via", "viale", "piazza", "corso", "largo", "vicolo", "calle", "avenida", "avda", "plaza", "paseo", "rua", "travessa", "praça", "ul", "ulica", "ulice", "al", "aleja", "str", "strada", "calea", "улица", "ул", "проспект", "пр", "carrer", "carretera", "laan", "rue", "avenue", "boulevard", "chaussée"]);
    // Of streets that end as no other word does they are the only sign, but of days and pages too.
    private static readonly NearWords Articles = new(["am", "an", "auf", "hinter", "im", "unter", "vor", "zum", "zur"]);
    private static readonly NearWords Days = new(
        ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag", "wochenende", "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember", "jahr", "monat", "quartal", "tag", "ende", "anfang",
        "seite", "zeile", "position", "platz", "lager", "schnitt", "konto", "preis", "stand", "termin", "vergleich", "kasse", "punkt"]);
    private static readonly string[] Endings =
        ["straße", "strasse", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "ring", "steig", "straat", "laan", "plein", "gracht", "kade", "singel", "dijk", "gatan", "vägen", "gade", "vej", "gata", "veien", "vegen", "katu", "tie", "utca", "alle"];
    private static readonly string[][] ByLast = [.. Enumerable.Range(0, 128).Select(c => Endings.Where(ending => ending[^1] == char.ToLowerInvariant((char)c)).ToArray())];

    /// <summary>Where the street begins or ends whose house number stands between two places; false when there is none.</summary>
    internal static bool Find(ReadOnlySpan<char> text, int start, int end, out int from, out int to)
    {
        (from, to) = (start, end);
        if (NumberFirst(text, end) is > 0 and int after)
            to = after;
        else if (NumberLast(text, start) is >= 0 and int before)
            (from, to) = (before, HouseLetter(text, end));
        else
            return false;
        to = Unit(text, to);
        return true;
    }

    /// <summary>True when a street is known by an article alone, as a day is: only a postcode tells which.</summary>
    internal static bool IsDoubtful(ReadOnlySpan<char> street) => Articles.Has(street[..WordEnd(street, 0)]);

    private static int NumberFirst(ReadOnlySpan<char> text, int end)
    {
        int i = HouseLetter(text, end);
        if (i >= text.Length || text[i] is not (' ' or ','))
            return 0;
        if (text[i] == ' ' && i + 1 < text.Length && text[i + 1] is 'b' or 'B' or 't' or 'T' && (text[i..].StartsWith(" bis", StringComparison.OrdinalIgnoreCase) || text[i..].StartsWith(" ter", StringComparison.OrdinalIgnoreCase)))
            i += 4;
        if (i < text.Length && text[i] == ',')
            i++;
        if (i >= text.Length || text[i] != ' ')
            return 0;
        int limit = Math.Min(text.Length, end + Longest), capitals = 0, found = 0;
        bool french = false;
        for (int words = 0; words < MostWords && i < limit && text[i] is ' '; words++)
        {
            int word = i + 1, stop = word;
            while (stop < limit && (char.IsLetterOrDigit(text[stop]) || text[stop] is '\'' or '-'))
                stop++;
            if (stop == word)
                break;
            ReadOnlySpan<char> name = text[word..stop];
            // A postcode may follow without a comma.
            if (words > 1 && name.Length == 5 && !name.ContainsAnyExceptInRange('0', '9'))
                break;
            if (words == 0)
                french = FrenchTypes.Has(name);
            // Words of a sentence begin small: "5 people on the way" is no street; "12 MAIN ST" and "12 Main Street" are.
            if (!char.IsUpper(name[0]) && !char.IsAsciiDigit(name[0]) && !(french && (words == 0 || name.Length <= 3 || name.Contains('\''))))
                break;
            capitals += char.IsUpper(name[0]) ? 1 : 0;
            if (!french && words > 0 && AfterNumber.Has(name))
                return stop < text.Length && text[stop] == '.' && name.Length <= 4 ? stop + 1 : stop;
            (i, found) = (stop < limit && text[stop] == '.' && name.Length <= 2 ? stop + 1 : stop, stop);
        }
        return french && capitals > 0 ? found : 0;
    }

    private static int NumberLast(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end > 0 && start - end < 4 && text[end - 1] is ' ' or ',' or '.' || (end > 0 && text[end - 1] == 'º'))
            end--;
        if (end == start)
            return -1;
        int word = WordStart(text, end), from = word;
        bool street = EndsAsStreet(text[word..end]);
        for (int words = 0; words < 4 && !street && word > 1; words++)
        {
            int blank = word - 1;
            while (blank > 0 && text[blank] is ' ' or '.' && word - blank < 3)
                blank--;
            int before = WordStart(text, blank + 1);
            if (before > blank || text[(blank + 1)..word].Contains('\n'))
                break;
            ReadOnlySpan<char> name = text[before..(blank + 1)];
            (word, from) = (before, before);
            street = BeforeName.Has(name) || (Articles.Has(name) && char.IsUpper(name[0]) && char.IsLower(name[^1]) && !Days.Has(text[(blank + 2)..WordEnd(text, blank + 2)]) && text[start..Math.Min(text.Length, start + 4)].ContainsAnyExceptInRange('0', '9'));
        }
        // C/ Mayor, 7
        if (!street && from > 2 && text[from - 1] is ' ' or '/' && text[..from].TrimEnd(' ') is [.., 'C' or 'c', '/'] calle && (calle.Length == 2 || !char.IsLetterOrDigit(calle[^3])))
            return calle.Length - 2;
        if (!street || !char.IsUpper(text[from]) && !BeforeName.Has(text[from..WordEnd(text, from)]))
            return -1;
        // Names of several words: "Alte Poststraße", "Am Alten Weg".
        if (from > 1 && text[from - 1] == ' ' && WordStart(text, from - 1) is var more && more < from - 1 && char.IsUpper(text[more]) && from - more < 16 && more > 0 && text[more - 1] is '\n' or ',')
            from = more;
        return start - from <= Longest ? from : -1;
    }

    private static bool EndsAsStreet(ReadOnlySpan<char> word)
    {
        if (word.Length == 0 || !char.IsUpper(word[0]) || word[^1] >= ByLast.Length)
            return false;
        foreach (string ending in ByLast[word[^1]])
            if (word.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && (word.Length > ending.Length + 2 || (ending is "straße" or "strasse" or "weg" or "platz" && word.Length == ending.Length)))
                return !(ending is "ring" or "tie" or "alle" or "str" or "vej" && word.Length < 7);
        return false;
    }

    private static int HouseLetter(ReadOnlySpan<char> text, int end)
    {
        if (end < text.Length && char.IsAsciiLetter(text[end]) && (end + 1 == text.Length || !char.IsLetterOrDigit(text[end + 1])))
            return end + 1;
        return end;
    }

    private static readonly NearWords Units = new(["apt", "apartment", "suite", "ste", "unit", "flat", "floor", "fl", "room", "rm", "box", "bldg", "wohnung", "etage", "étage", "appt", "piso", "int", "interno", "lot"]);

    // , Apt. 105   Suite 4B   #12
    private static int Unit(ReadOnlySpan<char> text, int end)
    {
        int i = end;
        while (i < text.Length && i - end < 4 && text[i] is ' ' or ',' or '\n' or '#')
            i++;
        int word = i;
        if (i == end || (text[i - 1] != '#' && !Units.Has(text[word..(i = WordEnd(text, word))])))
            return end;
        while (i < text.Length && i - word < 16 && text[i] is ' ' or '.' or '#')
            i++;
        int value = i;
        while (i < text.Length && i - value < 6 && char.IsAsciiLetterOrDigit(text[i]))
            i++;
        return i > value && text[value..i].ContainsAnyInRange('0', '9') ? i : end;
    }

    private static int WordStart(ReadOnlySpan<char> text, int end)
    {
        int start = end;
        while (start > 0 && end - start < 30 && (char.IsLetter(text[start - 1]) || text[start - 1] is '-' or '\''))
            start--;
        return start;
    }

    private static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && end - start < 30 && char.IsLetter(text[end]))
            end++;
        return end;
    }
}
