using System.Buffers;
using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Expiry and security code of a card: beside its number, or told by the words before them.</summary>
internal ref struct CardDetails(Scan scan)
{
    /// <summary>Letters of a word that is written in one with a card's code.</summary>
    internal const int GluedLetters = 3;

    private const int Near = 160;
    // As most cards' codes have, and no month, no year.
    private const int CodeDigits = 3;
    private const int Beside = 24;
    private const int CodeWay = 30;
    private const int Label = 4;
    private const int LongestMoney = 8;
    private static readonly NearWords Money = new(["eur", "euro", "euros", "usd", "gbp", "chf", "pln", "zł", "sek", "nok", "dkk", "kr", "czk", "kč", "huf", "ft", "cad", "aud", "nzd", "jpy", "cny", "inr", "rs", "brl", "mxn", "try", "dollar", "dollars", "pounds", "fr", "lei", "ron", "руб"]);
    private static readonly string[] CodeLabels = ["code", "sec", "cid", "kod", "codigo", "código", "codice", "pin"];

    private static readonly SearchValues<char> Between = SearchValues.Create(" ,;/|:-\t\n\v");

    private readonly List<CardNumber> cards = scan.Cards;
    private int next;
    private int expiryEnd = -1;

    /// <summary>Looks at a word that begins with a digit and has nothing else in it; words come from left to right.</summary>
    internal void Find(ReadOnlySpan<char> text, int start, int end)
    {
        if (end - start > 4 || (scan.Least(FindingType.CardExpiry) > 1 && scan.Least(FindingType.CardCode) > 1))
            return;
        (int before, int after) = Distances(start, end);
        if (before < 0 || after < 0)
            return;
        bool row = IsInRow(text, start, before);
        if (!row && IsMiddle(text, start, end))
            return;
        bool near = Math.Min(before, after) <= Near;
        bool spelled = false;
        int length = end - start == CodeDigits ? 0 : ExpiryLength(text, start, end, out spelled);
        int bare = length == 0 && end - start is 2 or 4 ? BareExpiryLength(text, start, end) : 0;
        if (length == 0 && bare == 0 && end - start < CodeDigits)
        {
            if (near)
                scan.Words.Pass(text, start, end);
            return;
        }
        ref readonly TopicScanner.Said said = ref scan.Words.Around(text, start, Math.Max(end, start + length));
        bool named = (said.Nearest & Topics.Expiry) != 0 && start - said.NearestEnd <= Label && text[..Math.Min(start, said.NearestEnd)].TrimEnd() is not [.., >= '0' and <= '9'];
        length = length == 0 && (row || named) ? bare : length;
        length = length > 0 && !named && IsAmount(text, start, start + length) ? 0 : length;
        if (length > 0 && (row ? 0.8 : Expiry(text, said, near, before, spelled, named && bare > 0)) is > 0 and double confidence)
        {
            int from = spelled ? PersonalDates.MonthBefore(text, start) : start;
            scan.Add(FindingType.CardExpiry, from, start + length, "card.expiry", confidence);
            expiryEnd = near || (said.Before & (Topics.Card | Topics.CardCode)) != 0 ? start + length : expiryEnd;
        }
        else if (end - start is 3 or 4 && !IsContinued(text, end) && (near || !IsHalf(text, start, end)))
            scan.Add(FindingType.CardCode, start, end, "card.code", Code(text, said, start, before, near) * (near || !Surroundings.IsInLink(text, start) ? 1 : 0.3));
    }

    /// <summary>Looks at a word of three letters and digits: "cvv654", "CVC2654".</summary>
    internal readonly void Glued(ReadOnlySpan<char> text, int start, int end)
    {
        int digit = start + GluedLetters;
        ReadOnlySpan<char> word = text[start..digit];
        bool names = word.Equals("cvv", StringComparison.OrdinalIgnoreCase) || word.Equals("cvc", StringComparison.OrdinalIgnoreCase) || word.Equals("csc", StringComparison.OrdinalIgnoreCase);
        if (names && end - digit is 3 or 4 && !IsContinued(text, end) && !text[digit..end].ContainsAnyExceptInRange('0', '9') && (start == 0 || !char.IsLetterOrDigit(text[start - 1])))
            scan.Add(FindingType.CardCode, digit, end, "card.code", 0.85);
    }

    private static double Expiry(ReadOnlySpan<char> text, in TopicScanner.Said said, bool near, int before, bool spelled, bool bare)
    {
        bool aboutCards = near || ((said.Before | said.After) & (Topics.Card | Topics.CardCode)) != 0;
        if ((said.Nearest & Topics.Expiry) != 0)
            return aboutCards ? 0.92 : bare || text[..said.NearestEnd].EndsWith("thru", StringComparison.OrdinalIgnoreCase) ? 0.6 : 0.4;
        return before <= Beside && !spelled && said.Nearest is 0 or Topics.Card ? 0.8 : aboutCards && (said.Before & Topics.Expiry) != 0 ? 0.6 : 0;
    }

    private readonly double Code(ReadOnlySpan<char> text, in TopicScanner.Said said, int start, int before, bool near)
    {
        if ((said.Nearest & Topics.CardCode) != 0 && start - said.NearestEnd <= CodeWay && IsOf(text[Math.Min(start, said.NearestEnd)..start], near || ((said.Before | said.After) & Topics.Card) != 0))
            return near || (said.Before & (Topics.Card | Topics.Expiry)) != 0 ? 0.97 : 0.85;
        if ((near || (expiryEnd >= 0 && start - expiryEnd <= Near)) && IsLabelled(text, start))
            return 0.75;
        if (near && (said.After & Topics.CardCode) != 0 && said.Nearest is 0 or Topics.Card or Topics.Expiry)
            return 0.7;
        if (expiryEnd >= 0 && start - expiryEnd is >= 1 and <= 4 && !text[expiryEnd..start].ContainsAnyExcept(Between))
            return 0.75;
        return before <= 3 ? 0.4 : -1;
    }

    // "CVC 2: 654", and no other number between; a "security code of conduct" is none of a card.
    private static bool IsOf(ReadOnlySpan<char> way, bool aboutCards)
    {
        way = way.TrimStart();
        way = way is ['2', _, ..] && !char.IsAsciiLetterOrDigit(way[1]) ? way[1..] : way;
        return way.IndexOfAnyInRange('0', '9') < 0 && (aboutCards || !way.StartsWith("of "));
    }

    // Words that name a card's code only where a card is spoken of, and only at the beginning of a phrase: no error code.
    private static bool IsLabelled(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> before = text[Math.Max(0, start - Near)..start];
        before = before[..(before.TrimEnd(" :=.#-").Length)];
        int word = before.Length;
        while (word > 0 && char.IsLetter(before[word - 1]))
            word--;
        foreach (string label in CodeLabels)
            if (before[word..].Equals(label, StringComparison.OrdinalIgnoreCase))
                return before[..word].TrimEnd(' ') is not [.., var last] || !char.IsLetter(last);
        return false;
    }

    // Only signs that part fields stand between the card, or its expiry, and the place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsInRow(ReadOnlySpan<char> text, int start, int before)
    {
        if (before > Beside || next == 0)
            return false;
        int from = Math.Max(expiryEnd, cards[next - 1].Digits[^1] + 1);
        return start - from is >= 1 and <= Label && !text[from..start].ContainsAnyExcept(Between);
    }

    // Month and year as fields of a row, or in one piece.
    private static int BareExpiryLength(ReadOnlySpan<char> text, int start, int end)
    {
        if (end - start == 4)
            return CheckDigits.Number(text[start..(start + 2)]) is >= 1 and <= 12 && IsYear(CheckDigits.Number(text[(start + 2)..end]), 2) ? 4 : 0;
        int at = end;
        while (at < text.Length && at - end < 3 && Between.Contains(text[at]) && text[at] is not '\n')
            at++;
        int last = at;
        while (last < text.Length && last - at < 5 && char.IsAsciiDigit(text[last]))
            last++;
        return end - start == 2 && at > end && last - at is 2 or 4 && CheckDigits.Number(text[start..end]) is >= 1 and <= 12 && IsYear(CheckDigits.Number(text[at..last]), last - at)
            && (last == text.Length || !char.IsAsciiLetterOrDigit(text[last])) ? last - start : 0;
    }

    // How far the last card before and the first one after are; -1 when the place is within one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (int Before, int After) Distances(int start, int end)
    {
        while (next < cards.Count && cards[next].Digits[0] < start)
            next++;
        int before = next > 0 ? start - cards[next - 1].Digits[^1] - 1 : int.MaxValue, after = next < cards.Count ? cards[next].Digits[0] - end : int.MaxValue;
        return (before < 0 ? -1 : before, after);
    }

    // Month and year, with one sign between, in one piece of four digits, or the month as a word before the year.
    private static int ExpiryLength(ReadOnlySpan<char> text, int start, int end, out bool spelled)
    {
        long first = CheckDigits.Number(text[start..end]);
        spelled = end - start is 2 or 4 && IsYear(first, end - start) && !IsContinued(text, end) && PersonalDates.MonthBefore(text, start) >= 0;
        if (spelled)
            return end - start;
        int at = end;
        while (at < text.Length && at - end < 3 && text[at] is ' ' or '/' or '-' or '.')
            at++;
        int last = at;
        while (last < text.Length && last - at < 5 && char.IsAsciiDigit(text[last]))
            last++;
        if (at == end || last == at || (last < text.Length && char.IsAsciiLetterOrDigit(text[last])) || text[end..at].IndexOfAny('/', '-', '.') < 0)
            return 0;
        long second = CheckDigits.Number(text[at..last]);
        bool monthFirst = end - start <= 2 && first is >= 1 and <= 12 && last - at is 2 or 4 && IsYear(second, last - at);
        bool yearFirst = end - start == 4 && IsYear(first, 4) && last - at == 2 && second is >= 1 and <= 12;
        return (monthFirst || yearFirst) && !IsContinued(text, last) ? last - start : 0;
    }

    // "4111… 12.50 EUR": a sum with its money beside it.
    private static bool IsAmount(ReadOnlySpan<char> text, int start, int end)
    {
        if (!text[start..end].ContainsAny('.', ','))
            return false;
        ReadOnlySpan<char> after = text[end..Math.Min(text.Length, end + LongestMoney)].TrimStart(' '), before = text[Math.Max(0, start - LongestMoney)..start].TrimEnd(' ');
        int past = 0, from = before.Length;
        while (past < after.Length && char.IsLetter(after[past]))
            past++;
        while (from > 0 && char.IsLetter(before[from - 1]))
            from--;
        return after is ['€' or '$' or '£' or '¥', ..] || before is [.., '€' or '$' or '£' or '¥'] || Money.Has(after[..past]) || Money.Has(before[from..]);
    }

    private static bool IsYear(long year, int digits) => digits == 4 ? year is >= 2000 and <= 2060 : year is >= 10 and <= 60;

    // Also of a voucher's code: XKCD-1234-ABCD.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsMiddle(ReadOnlySpan<char> text, int start, int end) =>
        (start > 1 && text[start - 1] == '-' && char.IsAsciiLetter(text[start - 2]) && end + 1 < text.Length && text[end] == '-' && char.IsAsciiLetter(text[end + 1])) || start > 0 && (char.IsAsciiLetterOrDigit(text[start - 1]) || (start > 1 && text[start - 1] is '.' or ',' or '-' or ':' && char.IsAsciiDigit(text[start - 2])) || text[start - 1] is '$' or '€' or '£' or '#');

    // "116 359" is one code of six digits, as no card has.
    private static bool IsHalf(ReadOnlySpan<char> text, int start, int end)
    {
        bool first = end + 4 <= text.Length && text[end] is ' ' or '-' && !text.Slice(end + 1, 3).ContainsAnyExceptInRange('0', '9') && (end + 4 == text.Length || !char.IsLetterOrDigit(text[end + 4]));
        bool second = start >= 4 && text[start - 1] is ' ' or '-' && !text.Slice(start - 4, 3).ContainsAnyExceptInRange('0', '9') && (start == 4 || !char.IsLetterOrDigit(text[start - 5]));
        return end - start == 3 && (first || second);
    }

    private static bool IsContinued(ReadOnlySpan<char> text, int end) =>
        end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || (text[end] is '.' or ',' or '-' or '/' or ':' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1])));
}
