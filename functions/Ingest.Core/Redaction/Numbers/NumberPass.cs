using System.Numerics;

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
    private const int FewestSigns = 5;
    private const int FewestCounted = 6, LongestCount = 20;

    internal static void Find(Scan scan)
    {
        ReadOnlySpan<char> text = scan.Text;
        int at = 0;
        scan.Words.Clear();
        var details = new CardDetails(scan);
        Span<char> signs = stackalloc char[NumberToken.Most];
        Span<int> places = stackalloc int[NumberToken.Most];
        while (at < text.Length && text[at..].IndexOfAnyInRange('0', '9') is >= 0 and int next)
        {
            int digit = at + next, start = digit, end = digit + 1;
            while (start > at && digit - start <= LongestWord && char.IsAsciiLetter(text[start - 1]))
                start--;
            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
                end++;
            at = end;
            if (end - start > LongestWord || IsRest(text, start))
                continue;
            if (start == digit && Prefix(text, start) is >= 0 and int prefix)
                Read(scan, text, prefix, false, signs, places);
            Read(scan, text, start, false, signs, places);
            if (digit - start >= FewestGlued)
                Read(scan, text, digit, true, signs, places);
            if (start == digit)
                details.Find(text, start, end);
            else if (digit - start == CardDetails.GluedLetters)
                details.Glued(text, start, end);
            AnnouncedNumber.Find(scan, text, start, digit, end);
            PersonalDates.Find(scan, text, start, digit);
        }
    }

    // What is left of something that was masked before.
    private static bool IsRest(ReadOnlySpan<char> text, int start)
    {
        int at = start - 1;
        while (at >= 0 && start - at <= LongestPrefix && text[at] is ' ' or '-' or '.' or '/' or '_' or '\n' or ReadableText.Break)
            at--;
        return at > 0 && text[at] == text[at - 1] && (text[at] == '•' || (text[at] == '*' && !text[at..start].Contains(' ')));
    }

    // Some letters and one blank or hyphen before digits, as in "PR 12 36 12 C".
    private static int Prefix(ReadOnlySpan<char> text, int start)
    {
        if (start < 2 || text[start - 1] is not (' ' or '-' or '.'))
            return -1;
        int at = start - 1;
        while (at > 0 && start - 1 - at <= LongestPrefix && char.IsAsciiLetter(text[at - 1]))
            at--;
        return at < start - 1 && start - 1 - at <= LongestPrefix && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) ? at : -1;
    }

    // "BSN 5 items 123456782": the word belongs to a count of something else.
    private static bool IsCounted(ReadOnlySpan<char> text, int wordEnd, int start)
    {
        if (wordEnd < 0 || start - wordEnd < FewestCounted || start - wordEnd > LongestCount || !char.IsAsciiDigit(text[wordEnd]) || text[wordEnd + 1] != ' ')
            return false;
        ReadOnlySpan<char> counted = text[(wordEnd + 2)..start];
        return counted.EndsWith(" ") && counted[^2] is 's' && !counted[..^1].ContainsAnyExceptInRange('a', 'z');
    }

    private static void Read(Scan scan, ReadOnlySpan<char> text, int start, bool glued, Span<char> signs, Span<int> places)
    {
        var token = new NumberToken(text, start, false, signs, places);
        Match(scan, text, token, glued);
        if (!token.HasBareBreak)
            return;
        token = new NumberToken(text, start, true, signs, places);
        Match(scan, text, token, glued);
    }

    private static void Match(Scan scan, ReadOnlySpan<char> text, in NumberToken token, bool glued)
    {
        bool asked = false;
        TopicScanner.Said said = default;
        for (ulong ends = token.Ends & ~((1UL << (FewestSigns - 1)) - 1); ends != 0; ends &= ends - 1)
        {
            int count = BitOperations.TrailingZeroCount(ends) + 1;
            ulong within = (1UL << count) - 1;
            ReadOnlySpan<NumberRule> rules = NumberRules.Of(count);
            if (rules.IsEmpty)
                continue;
            for (ulong fitting = scan.Shapes.Fitting(token, count); fitting != 0; fitting &= fitting - 1)
            {
                NumberRule rule = rules[BitOperations.TrailingZeroCount(fitting)];
                if (Math.Max(rule.Alone, rule.Named) < scan.Least(rule.Type) || !rule.HasFixed(token))
                    continue;
                int start = token.PlaceOf(0), end = token.PlaceOf(count - 1) + 1;
                if (!asked)
                    (said, asked) = (scan.Words.Around(text, start, end), true);
                double confidence = rule.Confidence(said);
                if ((glued && (said.Nearest & rule.Topics) == 0) || (!glued && confidence >= rule.Named && IsCounted(text, said.NearestEnd, start)))
                    continue;
                if (confidence < scan.Least(rule.Type) || confidence < 0 || (rule.Check is { } check && !check(token.Signs(count))))
                    continue;
                confidence *= Surroundings.Factor(text, start, end, (token.Breaks & within) != 0, (said.Nearest & rule.Topics) != 0);
                scan.Add(rule.Type, start, end, rule.Name, confidence);
            }
        }
    }
}
