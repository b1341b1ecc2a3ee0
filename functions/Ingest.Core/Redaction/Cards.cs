namespace Ingest.Core.Redaction;

/// <summary>Finds payment card numbers: network, length and check digit must fit, and the number must not be part of a longer one. One pass.</summary>
internal static class Cards
{
    private const int FewestDigits = 12;

    /// <summary>All card numbers; where they stand is kept for what may be written beside them.</summary>
    internal static void Find(Scan scan)
    {
        if ((scan.Least(FindingType.Card) > 1 && scan.Least(FindingType.CardExpiry) > 1 && scan.Least(FindingType.CardCode) > 1) || !MayHold(scan.Text))
            return;
        Find(scan.Text, scan.Digits, scan.Cards);
        foreach (CardNumber card in scan.Cards)
            scan.Add(FindingType.Card, card.Digits[0], card.Digits[^1] + 1, card.Rule, card.Confidence);
    }

    // A quick look: false when the text has too few digits to hold a card number.
    private static bool MayHold(ReadOnlySpan<char> text)
    {
        for (int digits = 0, at; (at = text.IndexOfAnyInRange('0', '9')) >= 0; text = text[(at + 1)..])
            if (++digits == FewestDigits)
                return true;
        return false;
    }

    private static void Find(ReadOnlySpan<char> letters, DigitRun run, List<CardNumber> found)
    {
        var gap = new DigitGap();
        int ibanEnd = 0;
        for (int i = 0; i < letters.Length; i++)
        {
            if (!char.IsAsciiDigit(letters[i]))
            {
                if (run.Digits > 0 && gap.Take(letters[i]))
                    continue;
                End(run, letters, found, ref ibanEnd);
                gap.Clear();
                int next = letters[i..].IndexOfAnyInRange('0', '9');
                if (next < 0)
                    return;
                i += next;
            }
            if (!gap.Joins && run.Digits > 0)
                End(run, letters, found, ref ibanEnd);
            run.Add(i, letters[i] - '0', !gap.IsNothing, gap.Break);
            gap.Clear();
        }
        End(run, letters, found, ref ibanEnd);
    }

    private static void End(DigitRun run, ReadOnlySpan<char> letters, List<CardNumber> found, ref int ibanEnd)
    {
        if (run.Digits >= 2 && run.FirstIndex >= ibanEnd)
            ibanEnd = Math.Max(ibanEnd, Iban.EndAt(letters, run.FirstIndex));
        if (run.Digits >= FewestDigits && run.FirstIndex >= ibanEnd)
        {
            int before = found.Count;
            CardShapes.Find(run, run.Groups, letters, found);
            if (found.Count == before && run.Unwrapped() is { } unwrapped)
                CardShapes.Find(run, unwrapped, letters, found);
        }
        run.Clear();
    }
}
