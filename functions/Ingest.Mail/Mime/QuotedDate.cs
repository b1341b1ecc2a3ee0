using System.Collections.Frozen;
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
        "jun juin giu jún cze červn čer июн чер ιουν ιούν haz kesä lip.",
        "jul juil lug júl lip červenec července июл лип ιουλ ιούλ tem heinä",
        "aug août aout ago ágó sie srp авг сер αυγ αύγ ağu elo",
        "sep set szept wrz zář сен вер σεπ eyl syys",
        "oct okt out ott paź říj окт жов οκτ eki loka",
        "nov listopad lis ноя лис νοε νοέ kas marras",
        "dec dez déc dic des gru pro дек гру δεκ ara joulu");

    private static readonly (string Word, string Means)[] Replaced = [("年", "-"), ("月", "-"), ("日", " "), ("년", "-"), ("월", "-"), ("일", " "), ("下午", " PM "), ("上午", " AM "), ("午後", " PM "), ("午前", " AM "), ("오후", " PM "), ("오전", " AM "), ("p.m.", "PM"), ("a.m.", "AM"), ("P.M.", "PM"), ("A.M.", "AM"), ("nachm.", "PM"), ("vorm.", "AM"), (" Uhr", ""), ("\u200e", ""), ("\u200f", ""), ("\u202f", " "), ("\u00a0", " ")];

    /// <summary>The date, null when it cannot be told.</summary>
    public static DateTimeOffset? Read(string text)
    {
        if (text.Length is 0 or > MaxLength)
            return null;
        foreach (var (word, means) in Replaced)
            text = text.Replace(word, means, StringComparison.Ordinal);
        return DateReader.Read(text) ?? DateReader.Read(InEnglish(text));
    }

    private static string InEnglish(string text)
    {
        var result = new StringBuilder(text.Length);
        var position = 0;
        while (position < text.Length)
        {
            var end = position;
            while (end < text.Length && char.IsLetter(text[end]))
                end++;
            if (end > position)
                result.Append(Month(text[position..end].ToLowerInvariant()) ?? " ").Append(' ');
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
