using System.Runtime.CompilerServices;
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
        if ((scan.Least(FindingType.Card) > 1 && scan.Least(FindingType.CardExpiry) > 1 && scan.Least(FindingType.CardCode) > 1) || !MayHold(scan.Rows))
            return;
        FindAll(scan);
        PunctuatedCards.Find(scan.Text, scan.Rows, scan.Cards);
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
    private static bool MayHold(DigitRows rows)
    {
        for (int row = 0, digits = 0; row < rows.Count; row++)
            if ((digits += rows.Length(row)) >= FewestPlainDigits)
                return true;
        return false;
    }

    // Most rows are too short, with all that may belong to them; only the others are looked at.
    private static void FindAll(Scan scan)
    {
        ReadOnlySpan<char> text = scan.Text;
        DigitRows rows = scan.Rows;
        int account = 0, accountEnd = 0;
        for (int row = 0, next; row < rows.Count; row = next)
        {
            int digits = rows.Length(row), guessed = 0, end = rows.End(row);
            for (next = row + 1; Joins(text, ref end, next < rows.Count ? rows.Start(next) : text.Length, ref guessed) && next < rows.Count; next++)
                (digits, end) = (digits + rows.Length(next), rows.End(next));
            if (digits + guessed < FewestDigits)
                continue;
            for (; account < scan.Accounts.Count && scan.Accounts[account].Check <= rows.Start(row); account++)
                accountEnd = scan.Accounts[account].End;
            if (guessed > 0)
                ReadSigns(text, rows.Start(row), end, scan, ref account, ref accountEnd);
            else
            {
                ReadRows(text, rows, row, next, scan.Digits);
                End(scan.Digits, text, scan.Cards, accountEnd);
            }
        }
    }

    // Whether what stands between two rows of digits can belong to one number; what letters pass for digits is counted, and how far the signs of a number go is told.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Joins(ReadOnlySpan<char> text, ref int at, int to, ref int guessed)
    {
        if (to - at == 1 && text[at] is ' ' or '-' or '.')
            return true;
        var gap = new DigitGap();
        int letters = 0;
        for (; at < to; at++)
            if (ValueOf(text[at]) >= 0)
                (letters, gap) = (letters + 1, default);
            else if (!gap.Take(text[at]))
                break;
        guessed += letters;
        return at == to && (letters > 0 || gap.Joins);
    }

    private static void ReadRows(ReadOnlySpan<char> text, DigitRows rows, int first, int past, DigitRun run)
    {
        for (int row = first; row < past; row++)
            run.AddGroup(text, rows.Start(row), rows.End(row), row > first ? BreakIn(text[rows.End(row - 1)..rows.Start(row)]) : GapBreak.None);
    }

    private static GapBreak BreakIn(ReadOnlySpan<char> between)
    {
        if (between is [' ' or '-' or '.'])
            return GapBreak.None;
        var gap = new DigitGap();
        foreach (char c in between)
            gap.Take(c);
        return gap.Break;
    }

    // Sign by sign, as letters among them may pass for digits.
    private static void ReadSigns(ReadOnlySpan<char> letters, int from, int to, Scan scan, ref int account, ref int accountEnd)
    {
        DigitRun run = scan.Digits;
        var gap = new DigitGap();
        for (int i = from; i < to; i++)
        {
            int value = char.IsAsciiDigit(letters[i]) ? letters[i] - '0' : run.Digits > 0 ? LookAlike(letters, i) : -1;
            if (value < 0)
            {
                if (run.Digits > 0 && gap.Take(letters[i]))
                    continue;
                EndSigns(letters, scan, ref account, ref accountEnd);
                gap.Clear();
                int next = letters[i..to].IndexOfAnyInRange('0', '9');
                if (next < 0)
                    return;
                i += next;
                value = letters[i] - '0';
            }
            if (!gap.Joins && run.Digits > 0)
                EndSigns(letters, scan, ref account, ref accountEnd);
            run.Add(i, value, !gap.IsNothing, gap.Break);
            gap.Clear();
        }
        EndSigns(letters, scan, ref account, ref accountEnd);
    }

    private static void EndSigns(ReadOnlySpan<char> letters, Scan scan, ref int account, ref int accountEnd)
    {
        if (scan.Digits.Digits == 0)
            return;
        for (; account < scan.Accounts.Count && scan.Accounts[account].Check <= scan.Digits.FirstIndex; account++)
            accountEnd = scan.Accounts[account].End;
        End(scan.Digits, letters, scan.Cards, accountEnd);
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

    private static void End(DigitRun run, ReadOnlySpan<char> letters, List<CardNumber> found, int accountEnd)
    {
        if (run.FirstIndex < accountEnd)
            run.DropBefore(accountEnd);
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
