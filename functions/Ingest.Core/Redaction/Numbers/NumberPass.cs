using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>
/// Finds what is written in digits, or letters and digits, and is known by its shape, its check digits and the words around it. One pass over the words with digits in them;
/// each is read from at most three places, and no reading is longer than the longest number.
/// </summary>
internal static class NumberPass
{
    private const int LongestWord = 64;
    private const int LongestPrefix = 3;
    private const int FewestGlued = 3;
    private const int FewestCounted = 6, LongestCount = 20;
    private const int ItalianNames = 6, ItalianBirth = 5;

    internal static void Find(Scan scan)
    {
        ReadOnlySpan<char> text = scan.Text;
        DigitRows rows = scan.Rows;
        scan.Words.Clear();
        var details = new CardDetails(scan);
        var token = new NumberToken(scan.TokenSigns, scan.TokenPlaces);
        for (int row = 0, at = 0; row < rows.Count; row = rows.From(row + 1, at))
        {
            int digit = rows.Start(row), start = digit, end = rows.End(row);
            while (start > at && digit - start <= LongestWord && char.IsAsciiLetter(text[start - 1]))
                start--;
            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
                end++;
            at = end;
            if (rows.IsTaken(row))
            {
                scan.Words.Pass(text, start, end);
                continue;
            }
            if (end - start > LongestWord || IsRest(text, start))
                continue;
            if (start == digit && (ItalianStart(text, start, end) is >= 0 and int italian ? italian : Prefix(text, start)) is >= 0 and int prefix)
                Read(scan, text, prefix, false, ref token);
            Read(scan, text, start, false, ref token);
            if (digit - start >= FewestGlued)
                Read(scan, text, digit, true, ref token);
            if (start == digit)
                details.Find(text, start, end);
            else if (digit - start == CardDetails.GluedLetters)
                details.Glued(text, start, end);
            AnnouncedNumber.Find(scan, text, start, digit, end);
            PersonalDates.Find(scan, text, start, row);
        }
    }

    // What is left of something that was masked before.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsRest(ReadOnlySpan<char> text, int start)
    {
        int at = start - 1;
        while (at >= 0 && start - at <= LongestPrefix && text[at] is ' ' or '-' or '.' or '/' or '_' or '\n' or ReadableText.Break)
            at--;
        return at > 0 && text[at] == text[at - 1] && (text[at] == '•' || (text[at] == '*' && !text[at..start].Contains(' ')));
    }

    // Some letters and one blank or hyphen before digits, as in "PR 12 36 12 C".
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Prefix(ReadOnlySpan<char> text, int start)
    {
        if (start < 2 || text[start - 1] is not (' ' or '-' or '.'))
            return -1;
        int at = start - 1;
        while (at > 0 && start - 1 - at <= LongestPrefix && char.IsAsciiLetter(text[at - 1]))
            at--;
        return at < start - 1 && start - 1 - at <= LongestPrefix && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) ? at : -1;
    }

    // The letters of a surname and a first name, in one piece or two, before the birth of a codice fiscale: "RSS MRA 85T10 A562S".
    private static int ItalianStart(ReadOnlySpan<char> text, int start, int end)
    {
        if (end - start != ItalianBirth || !char.IsAsciiLetter(text[start + 2]) || start < ItalianNames + 1 || text[start - 1] != ' ')
            return -1;
        int at = start - 1, letters = 0;
        for (; at > 0 && letters < ItalianNames && (char.IsAsciiLetter(text[at - 1]) || (letters == ItalianNames / 2 && text[at - 1] == ' ')); at--)
            letters += text[at - 1] == ' ' ? 0 : 1;
        return letters == ItalianNames && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) ? at : -1;
    }

    // "BSN 5 items 123456782": the word belongs to a count of something else.
    private static bool IsCounted(ReadOnlySpan<char> text, int wordEnd, int start)
    {
        if (wordEnd < 0 || start - wordEnd < FewestCounted || start - wordEnd > LongestCount || !char.IsAsciiDigit(text[wordEnd]) || text[wordEnd + 1] != ' ')
            return false;
        ReadOnlySpan<char> counted = text[(wordEnd + 2)..start];
        return counted.EndsWith(" ") && counted[^2] is 's' && !counted[..^1].ContainsAnyExceptInRange('a', 'z');
    }

    private static void Read(Scan scan, ReadOnlySpan<char> text, int start, bool glued, ref NumberToken token)
    {
        token.Read(text, start);
        if ((token.Ends & NumberRules.Possible(token)) is not 0 and ulong ends)
            Match(scan, text, token, ends, glued);
        if (token.BareBreaks == 0)
            return;
        token.ReadUnwrapped(text, start);
        Match(scan, text, token, token.Ends & NumberRules.Possible(token), glued);
    }

    private static void Match(Scan scan, ReadOnlySpan<char> text, in NumberToken token, ulong ends, bool glued)
    {
        bool asked = false;
        ref readonly TopicScanner.Said said = ref scan.Words.Last;
        for (; ends != 0; ends &= ends - 1)
        {
            int count = BitOperations.TrailingZeroCount(ends) + 1;
            ref readonly ShapeMemory.Fit fit = ref scan.Shapes.Of(token, count);
            if (asked && IsSilent(scan, said, fit))
                continue;
            ReadOnlySpan<NumberRule> rules = NumberRules.Of(count);
            for (ulong fitting = fit.Rules; fitting != 0; fitting &= fitting - 1)
            {
                NumberRule rule = rules[BitOperations.TrailingZeroCount(fitting)];
                if (rule.Most < scan.Least(rule.Type) || !rule.HasFixed(token))
                    continue;
                if (!asked)
                {
                    scan.Words.Around(text, token.PlaceOf(0), token.PlaceOf(count - 1) + 1);
                    asked = true;
                    if (IsSilent(scan, said, fit))
                        break;
                }
                Judge(scan, text, token, count, rule, said, glued);
            }
        }
    }

    // No word says anything of these rules, and none of them is believed without.
    private static bool IsSilent(Scan scan, in TopicScanner.Said said, in ShapeMemory.Fit fit) =>
        fit.Alone < scan.LeastOfAll && ((said.Nearest | said.Before | said.After) & (fit.Topics | Topics.Identity)) == 0;

    private static void Judge(Scan scan, ReadOnlySpan<char> text, in NumberToken token, int count, NumberRule rule, in TopicScanner.Said said, bool glued)
    {
        int start = token.PlaceOf(0), end = token.PlaceOf(count - 1) + 1;
        double confidence = rule.Confidence(said);
        if ((glued && (said.Nearest & rule.Topics) == 0) || (!glued && confidence >= rule.Named && IsCounted(text, said.NearestEnd, start)))
            return;
        if (confidence < scan.Least(rule.Type) || confidence < 0 || (rule.Check is { } check && !check(token.Signs(count))))
            return;
        bool overLines = (token.Breaks & ((1UL << count) - 1)) != 0;
        scan.Add(rule.Type, start, end, rule.Name, confidence * Surroundings.Factor(text, start, end, overLines, (said.Nearest & rule.Topics) != 0));
    }
}
