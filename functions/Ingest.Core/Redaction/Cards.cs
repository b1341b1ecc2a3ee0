using Ingest.Core.Redaction.Numbers;

namespace Ingest.Core.Redaction;

/// <summary>Finds payment card numbers: network, length and check digit must fit, and the number must not be part of a longer one. One pass.</summary>
internal static class Cards
{
    private const int FewestDigits = 12;
    private const int FewestPlainDigits = 8;
    private const int LongestPiece = 19;
    private const double Doubtful = 0.5;

    /// <summary>All card numbers; where they stand is kept for what may be written beside them.</summary>
    internal static void Find(Scan scan)
    {
        if ((scan.Least(FindingType.Card) > 1 && scan.Least(FindingType.CardExpiry) > 1 && scan.Least(FindingType.CardCode) > 1) || !MayHold(scan.Text))
            return;
        Find(scan.Text, scan.Digits, scan.Cards);
        PunctuatedCards.Find(scan.Text, scan.Cards);
        for (int i = 0; i < scan.Cards.Count; i++)
        {
            CardNumber card = Weigh(scan, scan.Cards[i]);
            scan.Add(FindingType.Card, card.Digits[0], card.Digits[^1] + 1, card.Rule, card.Confidence);
            scan.Cards[i] = card;
        }
        scan.Cards.RemoveAll(static card => card.Confidence < RedactionPolicy.UsualConfidence);
    }

    // Letters that look like digits cost some confidence; a word makes a card of a number of no known network.
    private static CardNumber Weigh(Scan scan, CardNumber card)
    {
        ReadOnlySpan<char> text = scan.Text;
        int guessed = 0;
        foreach (int index in card.Digits)
            guessed += char.IsAsciiDigit(text[index]) ? 0 : 1;
        double confidence = card.Confidence * (guessed == 0 ? 1 : guessed * 2 <= card.Digits.Length ? 0.85 : 0.3);
        if (card.Rule != CardNetwork.Unknown.Rule && card.Confidence > Doubtful && !IsRound(text, card.Digits))
            return card with { Confidence = confidence };
        Topics nearest = scan.Words.Around(text, card.Digits[0], card.Digits[^1] + 1).Nearest;
        if (card.Rule == CardNetwork.Unknown.Rule)
            confidence = (nearest & Topics.Card) != 0 ? 0.7 : confidence;
        else if ((nearest & Topics.Card) == 0 && ((nearest & Topics.Order) != 0 || card.Confidence > Doubtful))
            confidence *= 0.4;
        return card with { Confidence = confidence };
    }

    // Five thousand million million and nine is an amount; the networks' own test numbers are round too, but theirs are better known ranges.
    private static bool IsRound(ReadOnlySpan<char> text, int[] digits)
    {
        if (text[digits[0]] is not ('5' or '6') || digits.Length < 16)
            return false;
        foreach (int index in digits.AsSpan(1, digits.Length - 2))
            if (text[index] != '0')
                return false;
        return true;
    }

    // A quick look: false when the text has too few digits to hold a card number.
    private static bool MayHold(ReadOnlySpan<char> text)
    {
        for (int digits = 0, at; (at = text.IndexOfAnyInRange('0', '9')) >= 0; text = text[(at + 1)..])
            if (++digits == FewestPlainDigits)
                return true;
        return false;
    }

    private static void Find(ReadOnlySpan<char> letters, DigitRun run, List<CardNumber> found)
    {
        var gap = new DigitGap();
        int ibanEnd = 0;
        for (int i = 0; i < letters.Length; i++)
        {
            int value = char.IsAsciiDigit(letters[i]) ? letters[i] - '0' : run.Digits > 0 ? LookAlike(letters, i) : -1;
            if (value < 0)
            {
                if (run.Digits > 0 && gap.Take(letters[i]))
                    continue;
                End(run, letters, found, ref ibanEnd);
                gap.Clear();
                int next = letters[i..].IndexOfAnyInRange('0', '9');
                if (next < 0)
                    return;
                i += next;
                value = letters[i] - '0';
            }
            if (!gap.Joins && run.Digits > 0)
                End(run, letters, found, ref ibanEnd);
            run.Add(i, value, !gap.IsNothing, gap.Break);
            gap.Clear();
        }
        End(run, letters, found, ref ibanEnd);
    }

    // The digit that a letter passes for, where nothing but digits and such letters stands around it; -1 otherwise.
    private static int LookAlike(ReadOnlySpan<char> letters, int at)
    {
        int value = ValueOf(letters[at]);
        if (value < 0)
            return -1;
        bool digits = false;
        foreach (int step in (ReadOnlySpan<int>)[-1, 1])
            for (int i = at + step; i >= 0 && i < letters.Length && Math.Abs(i - at) <= LongestPiece && char.IsAsciiLetterOrDigit(letters[i]); i += step)
            {
                if (!char.IsAsciiDigit(letters[i]) && ValueOf(letters[i]) < 0)
                    return -1;
                digits |= char.IsAsciiDigit(letters[i]);
            }
        return digits || letters[at] is 'O' or 'o' ? value : -1;
    }

    private static int ValueOf(char c) => c switch
    {
        'O' or 'o' => 0,
        'l' or 'I' => 1,
        _ => -1,
    };

    private static void End(DigitRun run, ReadOnlySpan<char> letters, List<CardNumber> found, ref int ibanEnd)
    {
        if (run.Digits >= 2 && run.FirstIndex >= ibanEnd)
            ibanEnd = Math.Max(ibanEnd, Iban.EndAt(letters, run.FirstIndex));
        if (ibanEnd > 0 && run.Digits > 0 && run.FirstIndex < ibanEnd)
            run.DropBefore(ibanEnd);
        if (run.Digits >= FewestDigits)
        {
            int before = found.Count;
            CardShapes.Find(run, run.Groups, letters, found);
            if (found.Count == before && run.Unwrapped() is { } unwrapped)
                CardShapes.Find(run, unwrapped, letters, found);
        }
        run.Clear();
    }
}
