namespace Ingest.Core.Redaction.Numbers;

/// <summary>
/// Numbers that have no shape of their own and are known only by the word that stands before them: "passport no. P4789023X", "Patient ID AHC-0933289".
/// </summary>
internal static class AnnouncedNumber
{
    private const int FewestSigns = 5;
    private const int MostSigns = 24;
    private const int FewestDigits = 3;
    private const int LongestWay = 40;

    private const Topics Against = Topics.Phone | Topics.Order | Topics.Elsewhere;

    private static readonly (Topics Topic, FindingType Type, string Rule, double Confidence, int Fewest)[] Sorts =
    [
        (Topics.Passport, FindingType.Passport, "passport", 0.75, 6),
        (Topics.Licence, FindingType.DrivingLicence, "driving-licence", 0.75, 6),
        (Topics.Patient, FindingType.HealthNumber, "health.patient", 0.75, 5),
        (Topics.Insurance, FindingType.HealthNumber, "health.insurance", 0.7, 5),
        (Topics.Account, FindingType.BankAccount, "bank.account", 0.65, 7),
        (Topics.TaxId, FindingType.NationalId, "tax-id", 0.55, 8),
        (Topics.Aadhaar | Topics.IndianTax, FindingType.NationalId, "in.named", 0.55, 8),
        (Topics.Voter, FindingType.NationalId, "voter-id", 0.6, 8),
    ];

    /// <summary>Looks at the word of a digit.</summary>
    internal static void Find(Scan scan, ReadOnlySpan<char> text, int start, int digit, int wordEnd)
    {
        // As most are: too short, and nothing of it before or behind.
        if (wordEnd - start < FewestSigns && (wordEnd == text.Length || text[wordEnd] is not ('-' or '/')) && (start == 0 || text[start - 1] != '-'))
            return;
        // Words with a hyphen in them are read from their beginning only.
        if (start > 1 && text[start - 1] is '-' or '.' or '/' or '_' && start > 1 && char.IsAsciiDigit(text[start - 2]))
            return;
        while (start > 1 && text[start - 1] == '-' && digit - start < MostSigns && char.IsAsciiLetterUpper(text[start - 2]))
            for (start--; start > 0 && char.IsAsciiLetterUpper(text[start - 1]) && digit - start < MostSigns;)
                start--;
        if (start > 0 && char.IsAsciiLetterOrDigit(text[start - 1]))
            return;
        int end = End(text, wordEnd, out int digits);
        digits += Digits(text[start..wordEnd]);
        if (digits < FewestDigits || end - start is < FewestSigns or > MostSigns || LooksLikeSomethingElse(text, start, end) || Surroundings.IsInLink(text, start))
            return;
        ref readonly TopicScanner.Said said = ref scan.Words.Around(text, start, end);
        if ((said.Nearest & Against) != 0 || said.Nearest == 0)
            return;
        foreach ((Topics topic, FindingType type, string rule, double confidence, int fewest) in Sorts)
            if ((said.Nearest & topic) != 0 && end - start >= fewest && digits * 2 >= fewest && IsClose(text, said.NearestEnd, start) && !IsOfAnotherSort(text[start..end], text[end..], type))
                scan.Add(type, start, end, rule, confidence);
    }

    // A year leads numbers of customers and of conferences; two models are told apart by a slash; a licence for something is no driver's.
    private static bool IsOfAnotherSort(ReadOnlySpan<char> number, ReadOnlySpan<char> after, FindingType type) => type switch
    {
        FindingType.BankAccount => (StartsWithYear(number) && number[4] is '-' or '/') || (char.IsAsciiLetter(number[0]) && number.Contains('/')),
        FindingType.Passport => StartsWithYear(number) && number.Length < 8 && !number.ContainsAnyExceptInRange('0', '9'),
        FindingType.DrivingLicence => after.StartsWith(" for ") && !number.ContainsAnyExceptInRange('0', '9'),
        _ => false,
    };

    private static bool StartsWithYear(ReadOnlySpan<char> number) => number.Length > 4 && number[..2] is "19" or "20" && char.IsAsciiDigit(number[2]) && char.IsAsciiDigit(number[3]);

    // Goes on over hyphens and slashes; a blank ends it.
    private static int End(ReadOnlySpan<char> text, int end, out int digits)
    {
        digits = 0;
        while (end + 1 < text.Length && text[end] is '-' or '/' && char.IsAsciiLetterOrDigit(text[end + 1]))
        {
            int from = end + 1;
            for (end = from; end < text.Length && char.IsAsciiLetterOrDigit(text[end]) && end - from <= MostSigns; end++)
                digits += char.IsAsciiDigit(text[end]) ? 1 : 0;
            if (end - from > MostSigns)
                break;
        }
        return end;
    }

    // The word that says what it is stands in the same sentence, not far away, and no other number between.
    private static bool IsClose(ReadOnlySpan<char> text, int wordEnd, int start)
    {
        if (start - wordEnd > LongestWay)
            return false;
        int lines = 0;
        for (int i = Math.Max(0, wordEnd - 1); i < start; i++)
        {
            lines += text[i] == '\n' ? 1 : 0;
            bool sentenceEnds = text[i] is '.' or '!' or '?' or ';' && i + 2 < start && text[i + 1] == ' ' && char.IsAsciiLetterUpper(text[i + 2]);
            if (lines > 1 || char.IsAsciiDigit(text[i]) || (sentenceEnds && !text[..i].EndsWith("no", StringComparison.OrdinalIgnoreCase)))
                return false;
        }
        return true;
    }

    private static bool LooksLikeSomethingElse(ReadOnlySpan<char> text, int start, int end) =>
        PersonalDates.Length(text, start) == end - start || (start > 0 && text[start - 1] is '$' or '€' or '£' or '@' or '.' or ',')
        || (end < text.Length && (text[end] is '@' or '%' || (text[end] is '.' or ',' or ':' && end + 1 < text.Length && char.IsAsciiLetterOrDigit(text[end + 1]))));

    private static int Digits(ReadOnlySpan<char> word)
    {
        int digits = 0;
        foreach (char c in word)
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        return digits;
    }
}
