using System.Globalization;

namespace Ingest.Core.Redaction;

/// <summary>A payment card number that was found.</summary>
/// <param name="Digits">The indexes of its digits in the readable text.</param>
/// <param name="Rule">The network's rule.</param>
/// <param name="Confidence">0 to 1.</param>
internal readonly record struct CardNumber(int[] Digits, string Rule, double Confidence);

/// <summary>Finds payment card numbers: network, length and check digit must fit, and the number must not be part of a longer one. One pass.</summary>
internal static class CardNumbers
{
    private const int FewestDigits = 12;

    /// <summary>A quick look: false when the text has too few digits to hold a card number.</summary>
    internal static bool MayHold(string text)
    {
        int digits = 0;
        foreach (char c in text)
            if (char.IsDigit(c) || c == '\uD835')
                if (++digits == FewestDigits)
                    return true;
        return false;
    }

    /// <summary>All card numbers in order.</summary>
    internal static List<CardNumber> Find(ReadableText text)
    {
        List<CardNumber> found = [];
        var run = new DigitRun();
        var gap = new DigitGap();
        int ibanEnd = 0;
        string letters = text.Letters;
        for (int i = 0; i < letters.Length; i++)
        {
            int value = DigitAt(letters, ref i, out int index);
            if (value < 0)
            {
                if (!gap.Take(letters[i]))
                    End(run, letters, found, ref ibanEnd);
                continue;
            }
            if (!gap.Joins && run.Digits > 0)
                End(run, letters, found, ref ibanEnd);
            run.Add(index, value, !gap.IsNothing, gap.Break);
            gap.Clear();
        }
        End(run, letters, found, ref ibanEnd);
        return found;
    }

    // Digits of every script count; those beyond the basic plane (mathematical ones) take two characters.
    private static int DigitAt(string letters, ref int i, out int index)
    {
        index = i;
        char c = letters[i];
        if (c <= '9')
            return c >= '0' ? c - '0' : -1;
        if (c < '\u0660')
            return -1;
        int value = CharUnicodeInfo.GetDecimalDigitValue(letters, i);
        if (value >= 0 && char.IsHighSurrogate(c))
            i++;
        return value;
    }

    private static void End(DigitRun run, string letters, List<CardNumber> found, ref int ibanEnd)
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
