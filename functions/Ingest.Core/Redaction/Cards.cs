namespace Ingest.Core.Redaction;

/// <summary>Finds payment card numbers: network, length and check digit must fit, and the number must not be part of a longer one. One pass.</summary>
internal static class Cards
{
    private const int FewestDigits = 12;

    /// <summary>All card numbers.</summary>
    internal static void Find(Scan scan)
    {
        if (!scan.Wants(FindingType.Card) || !MayHold(scan.Text))
            return;
        foreach (CardNumber card in Find(scan.Text))
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

    private static List<CardNumber> Find(ReadOnlySpan<char> letters)
    {
        List<CardNumber> found = [];
        var run = new DigitRun();
        var gap = new DigitGap();
        int ibanEnd = 0;
        for (int i = 0; i < letters.Length; i++)
        {
            if (!char.IsAsciiDigit(letters[i]))
            {
                if (!gap.Take(letters[i]))
                    End(run, letters, found, ref ibanEnd);
                continue;
            }
            if (!gap.Joins && run.Digits > 0)
                End(run, letters, found, ref ibanEnd);
            run.Add(i, letters[i] - '0', !gap.IsNothing, gap.Break);
            gap.Clear();
        }
        End(run, letters, found, ref ibanEnd);
        return found;
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
