using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Dates of birth, told by the word before them. Other dates are nobody's secret.</summary>
internal static class PersonalDates
{
    private const string Rule = "date-of-birth";
    private const int FewestMonthLetters = 3;
    private const int Letters = 27;
    private const int Label = 6;

    // By their first three letters, without accents, in the languages of the words that announce a date of birth.
    private static readonly bool[] Months = Build(
        "jan ene gen sty oca feb fev lut sub mar mae mrt maa apr avr abr kwi nis may mai mag maj mei mee tou jun jui giu cze haz jul lug lip tem aug aou ago sie agu sep set wrz eyl okt oct ott "
        + "out paz eki nov lis kas dec dez dic dis gru ara des pri");

    /// <summary>Looks whether a date begins at a word, whose first digits are a row.</summary>
    internal static void Find(Scan scan, ReadOnlySpan<char> text, int start, int row)
    {
        int digit = scan.Rows.Start(row);
        if (!MayBegin(text, scan.Rows, row) || scan.Least(FindingType.DateOfBirth) > 0.95 || (start > 1 && text[start - 1] is '-' or '/' or '.' && char.IsAsciiDigit(text[start - 2])))
            return;
        int from = start == digit ? start : digit, length = Length(text, from);
        // "March 12, 1980" is met at its day.
        if (length == 0 && start == digit && DayAndYear(text, start) is > 0 and int end && MonthBefore(text, start) is >= 0 and int month)
            (from, length) = (month, end - month);
        int bare = length == 0 && start == digit ? BareLength(text, start) : 0;
        if (length == 0 && bare == 0)
            return;
        ref readonly TopicScanner.Said said = ref scan.Words.Around(text, from, from + Math.Max(length, bare));
        if (length == 0)
        {
            if ((said.Nearest & Topics.Birth) == 0 || start - said.NearestEnd > Label)
                return;
            length = bare;
        }
        if ((said.Nearest & Topics.Elsewhere) != 0)
            return;
        if ((said.Nearest & Topics.Birth) != 0)
            scan.Add(FindingType.DateOfBirth, from, from + length, Rule, 0.9);
        else if (said.Nearest == 0 && (said.After & Topics.Birth) != 0)
            scan.Add(FindingType.DateOfBirth, from, from + length, Rule, 0.4);
    }

    // A quick look at how many digits there are, and at what follows them: no day, month or year has three digits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayBegin(ReadOnlySpan<char> text, DigitRows rows, int row)
    {
        int end = rows.End(row), digits = rows.Length(row);
        if (digits is 6 or 8)
            return true;
        if (digits is not (1 or 2 or 4) || end == text.Length || (row + 1 < rows.Count && rows.Start(row + 1) == end + 1 && rows.Length(row + 1) is 3 or > 4 && char.IsAscii(text[end]) && !char.IsAsciiLetter(text[end])))
            return false;
        char after = text[end];
        return after is ' ' or '.' or '-' or '/' or ',' or '\n' or 's' or 'n' or 'r' or 't' or 'e' || (!char.IsAscii(after) && char.IsLetter(after));
    }

    /// <summary>The length of the date that stands at a place, or 0.</summary>
    internal static int Length(ReadOnlySpan<char> text, int start)
    {
        int at = start;
        int first = Number(text, ref at, out int firstDigits);
        if (firstDigits is 8 && IsBoundary(text, at))
            return CheckDigits.IsFullDate(text[start..at]) || (first % 10000 is >= 1900 and < 2100 && CheckDigits.IsDate(first % 10000, first / 10000 % 100, first / 1000000)) ? 8 : 0;
        if (firstDigits is not (1 or 2 or 4))
            return 0;
        if (firstDigits < 3)
            at = Ordinal(text, at);
        bool word = SkipGap(text, ref at, out char gap) && MonthName(text, ref at);
        if (word)
            return firstDigits < 3 && SkipGap(text, ref at, out _) && Number(text, ref at, out int digits) is >= 0 and var year && IsYear(year, digits) && IsBoundary(text, at) ? at - start : 0;
        if (gap is not ('-' or '.' or '/'))
            return 0;
        int second = Number(text, ref at, out int secondDigits);
        if (secondDigits is not (1 or 2) || !SkipGap(text, ref at, out char other) || other != gap)
            return 0;
        int third = Number(text, ref at, out int thirdDigits);
        if (!IsBoundary(text, at))
            return 0;
        bool yearFirst = firstDigits == 4 && thirdDigits is 1 or 2 && IsYear(first, 4) && CheckDigits.IsDate(first, second, third);
        bool yearLast = firstDigits < 4 && IsYear(third, thirdDigits) && (CheckDigits.IsDate(third, second, first) || CheckDigits.IsDate(third, first, second));
        return yearFirst || yearLast ? at - start : 0;
    }

    // Dates that only a word right before them tells from other numbers: "12 03 1985", "850312", and those of East Asia.
    private static int BareLength(ReadOnlySpan<char> text, int start)
    {
        int at = start, first = Number(text, ref at, out int firstDigits);
        if (firstDigits == 6 && IsBoundary(text, at))
            return CheckDigits.IsYearFirst(text[start..at]) || CheckDigits.IsDayFirst(text[start..at]) ? 6 : 0;
        char gap = at < text.Length ? text[at] : '\0';
        if ((firstDigits != 4 || gap is not ('年' or '년')) && (firstDigits > 2 || gap != ' '))
            return 0;
        at = Skip(text, at);
        int second = Number(text, ref at, out int secondDigits);
        if (secondDigits is not (1 or 2) || at >= text.Length || (firstDigits == 4 ? text[at] is not ('月' or '월') : text[at] != ' '))
            return 0;
        at = Skip(text, at);
        int third = Number(text, ref at, out int thirdDigits);
        if (firstDigits == 4)
            return thirdDigits is 1 or 2 && IsYear(first, 4) && CheckDigits.IsDate(first, second, third) ? at - start + (at < text.Length && text[at] is '日' or '일' ? 1 : 0) : 0;
        return thirdDigits == 4 && IsYear(third, 4) && (CheckDigits.IsDate(third, second, first) || CheckDigits.IsDate(third, first, second)) && IsBoundary(text, at) ? at - start : 0;
    }

    private static int Skip(ReadOnlySpan<char> text, int at) => at + 1 < text.Length && text[at + 1] == ' ' ? at + 2 : at + 1;

    private static int Number(ReadOnlySpan<char> text, ref int at, out int digits)
    {
        int value = 0;
        for (digits = 0; at < text.Length && char.IsAsciiDigit(text[at]) && digits < 9; digits++)
            value = value * 10 + text[at++] - '0';
        return value;
    }

    private static bool IsYear(int year, int digits) => (digits == 4 && year is >= 1900 and < 2100) || digits == 2;

    private static bool IsBoundary(ReadOnlySpan<char> text, int at) => at >= text.Length || !char.IsAsciiLetterOrDigit(text[at]);

    private static int Ordinal(ReadOnlySpan<char> text, int at) =>
        at + 1 < text.Length && text.Slice(at, 2) is "st" or "nd" or "rd" or "th" or "er" && IsBoundary(text, at + 2) ? at + 2 : at;

    private static bool SkipGap(ReadOnlySpan<char> text, ref int at, out char gap)
    {
        int from = at;
        gap = '\0';
        for (; at < text.Length && at - from < 6 && !char.IsAsciiLetterOrDigit(text[at]); at++)
            if (text[at] is '-' or '.' or '/')
                gap = text[at];
            else if (text[at] is not (' ' or ',' or '\n') && !char.IsLetter(text[at]))
                return false;
            else if (char.IsLetter(text[at]))
                break;
        if (at + 3 < text.Length && text.Slice(at, 3) is "de " or "of ")
            at += 3;
        return at > from && at < text.Length;
    }

    private static bool MonthName(ReadOnlySpan<char> text, ref int at)
    {
        int end = at;
        while (end < text.Length && char.IsLetter(text[end]) && end - at < 14)
            end++;
        if (!IsMonth(text[at..end]))
            return false;
        at = end < text.Length && text[end] == '.' ? end + 1 : end;
        return true;
    }

    private static bool IsMonth(ReadOnlySpan<char> word) => word.Length >= FewestMonthLetters && Months[Place(word)];

    private static int Place(ReadOnlySpan<char> word) =>
        (TopicWordTree.Letter(word[0]) * Letters + TopicWordTree.Letter(word[1])) * Letters + TopicWordTree.Letter(word[2]);

    private static bool[] Build(string months)
    {
        bool[] table = new bool[Letters * Letters * Letters];
        foreach (string month in months.Split(' '))
            table[Place(month)] = true;
        return table;
    }

    /// <summary>Where the name of a month begins that stands right before a place, or -1.</summary>
    internal static int MonthBefore(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end > 0 && start - end < 3 && text[end - 1] is ' ' or '.' or '-' or '\n')
            end--;
        int from = end;
        while (from > 0 && end - from < 14 && char.IsLetter(text[from - 1]))
            from--;
        return end < start && IsMonth(text[from..end]) ? from : -1;
    }

    private static int DayAndYear(ReadOnlySpan<char> text, int start)
    {
        int at = start;
        int day = Number(text, ref at, out int digits);
        if (digits is not (1 or 2) || day is < 1 or > 31)
            return 0;
        at = Ordinal(text, at);
        return SkipGap(text, ref at, out _) && Number(text, ref at, out int yearDigits) is var year && yearDigits == 4 && IsYear(year, 4) && IsBoundary(text, at) ? at : 0;
    }
}
