using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Reads dates as mail programs write them above quoted text, in the languages they speak.</summary>
internal static class QuotedDate
{
    private const int MaxLength = 120;

    // Beginnings of month names; the longest that fits counts, so that June and July of one language do not meet.
    private static readonly FrozenDictionary<string, int> Stems = Read(
        "jan jän ian ene gen sty led янв січ ιαν oca tammi ean",
        "feb fév fev févr fbr lut úno února фев лют φεβ şub helmi",
        "mar mär mrt maa már mrz břez bře мар бер μαρ μάρ maalis",
        "apr avr abr ápr kwi dub апр кві απρ nis huhti trav",
        "may mai maj mag mei máj kvě мая май тра μαΐ μάι μαϊ touko ogos",
        "jun juin giu iun jún cze červn čer июн чер ιουν ιούν haz kesä lip.",
        "jul juil lug iul júl lip červenec července июл лип ιουλ ιούλ tem heinä",
        "aug août aout ago ágó sie srp авг сер αυγ αύγ ağu elo",
        "sep set szept wrz zář сен вер σεπ eyl syys",
        "oct okt out ott paź říj окт жов οκτ eki loka",
        "nov listopad lis ноя лис νοε νοέ kas marras",
        "dec dez déc dic des gru pro дек гру δεκ ara joulu");

    private static readonly (string Word, string Means)[] Replaced = [("年", " "), ("日", " "), ("년", " "), ("일", " "), ("下午", " PM "), ("上午", " AM "), ("午後", " PM "), ("午前", " AM "), ("오후", " PM "), ("오전", " AM "), ("p. m.", "PM"), ("a. m.", "AM"), ("p.m.", "PM"), ("a.m.", "AM"), ("P.M.", "PM"), ("A.M.", "AM"), ("nachm.", "PM"), ("vorm.", "AM"), (" Uhr", ""), ("\u200e", ""), ("\u200f", ""), ("\u202f", " "), ("\u00a0", " ")];

    // Days of the week that begin like a month of the same or another language.
    private static readonly FrozenSet<string> Weekdays = new[] { "mardi", "martes", "martedì", "martedi", "marți", "marti", "marţi", "maandag", "maanantai", "maanantaina", "середа", "середу" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The date, null when it cannot be told.</summary>
    public static DateTimeOffset? Read(string text)
    {
        if (text.Length is 0 or > MaxLength)
            return null;
        text = WithMonthNames(text);
        // Where the afternoon is "p. m." the day comes first, as it does with dots.
        if (text.Contains("p. m.", StringComparison.Ordinal) || text.Contains("a. m.", StringComparison.Ordinal) || text.Contains("p.m.", StringComparison.Ordinal) || text.Contains("a.m.", StringComparison.Ordinal))
            text = text.Replace('/', '.');
        foreach (var (word, means) in Replaced)
            text = text.Replace(word, means, StringComparison.Ordinal);
        text = WithoutWeekday(text);
        return DateReader.Read(InEnglish(text, true)) ?? DateReader.Read(InEnglish(text, false));
    }

    // "6月3" and "6월 3" stand on either side of the year: a name cannot be taken for the day.
    private static string WithMonthNames(string text)
    {
        for (var mark = text.AsSpan().IndexOfAny('月', '월'); mark > 0; mark = text.AsSpan().IndexOfAny('月', '월'))
        {
            var start = mark;
            while (start > 0 && char.IsAsciiDigit(text[start - 1]))
                start--;
            var month = mark - start is 1 or 2 ? int.Parse(text.AsSpan(start, mark - start), CultureInfo.InvariantCulture) : 0;
            text = $"{text[..start]} {(month is > 0 and <= 12 ? MonthName(month) : "")} {text[(mark + 1)..]}";
        }
        return text;
    }

    // "mar. 3 juin" is a Tuesday: the first word is no month if another one follows.
    private static string WithoutWeekday(string text)
    {
        var start = 0;
        while (start < text.Length && !char.IsLetter(text[start]))
            start++;
        var end = WordEnd(text, start);
        var word = text[start..end].ToLowerInvariant();
        return Weekdays.Contains(word) || (word is "mar" && HasMonth(text, end)) ? text[end..] : text;
    }

    private static bool HasMonth(string text, int from)
    {
        while (from < text.Length)
        {
            var end = WordEnd(text, from);
            if (end > from && Month(text[from..end].ToLowerInvariant()) is { Length: 3 } month && month is not ("gmt" or "utc"))
                return true;
            from = Math.Max(end, from + 1);
        }
        return false;
    }

    private static int WordEnd(string text, int from)
    {
        while (from < text.Length && char.IsLetter(text[from]))
            from++;
        return from;
    }

    private static string InEnglish(string text, bool others)
    {
        var result = new StringBuilder(text.Length);
        var position = 0;
        while (position < text.Length)
        {
            var end = WordEnd(text, position);
            if (end > position)
                result.Append(Month(text[position..end].ToLowerInvariant()) ?? (others ? text[position..end] : " "));
            else
                result.Append(text[end++]);
            position = end;
        }
        return result.ToString();
    }

    private static string? Month(string word)
    {
        for (var length = Math.Min(word.Length, 10); length >= 3; length--)
        {
            if (Stems.TryGetValue(word[..length], out var month))
                return MonthName(month);
        }
        return word is "pm" or "am" or "gmt" or "utc" ? word : null;
    }

    private static string MonthName(int month) => "jan feb mar apr may jun jul aug sep oct nov dec".Split(' ')[month - 1];

    private static FrozenDictionary<string, int> Read(params string[] months)
    {
        var stems = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < months.Length; i++)
        {
            foreach (var stem in months[i].Split(' '))
                stems.TryAdd(stem, i + 1);
        }
        return stems.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
