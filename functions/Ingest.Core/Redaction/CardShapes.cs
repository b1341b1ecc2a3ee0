namespace Ingest.Core.Redaction;

/// <summary>Which groups of a run make a card number: numbers written in one piece, in the networks' ways of grouping, or filling the whole run.</summary>
internal static class CardShapes
{
    private const int Most = 19;
    private const int Least = 12;
    private const int ShortRow = 12;
    // Of an account: the longest has 34 signs.
    private const int MostFours = 9;

    // As embossed on cards: most, American Express, Diners, in halves, UnionPay, and the longer and shorter ones. The usual comes first,
    // so that a security code after a card is not taken for its end.
    private static readonly int[][] Embossed =
    [
        [4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [8, 8], [6, 13], [4, 4, 4, 4, 3], [4, 4, 4, 1], [4, 4, 5], [4, 4, 4, 3], [4, 4, 4, 2], [4, 4, 4, 4, 2], [4, 4, 4, 4, 1], [4, 4, 4],
    ];

    internal static void Find(DigitRun run, List<DigitRun.Group> groups, ReadOnlySpan<char> letters, List<CardNumber> found)
    {
        Row fours = default;
        int before = found.Count;
        for (int i = 0; i < groups.Count;)
        {
            fours = fours.At(i, groups);
            int taken = OnePiece(run, groups, i, letters, found);
            for (int p = 0; p < Embossed.Length && taken == 0; p++)
                taken = Matches(groups, i, Embossed[p], fours) ? Try(run, groups, i, Embossed[p].Length, 0.99, letters, found) : 0;
            if (taken == 0 && SmallGroups(groups, i) is > 1 and int small)
                taken = Try(run, groups, i, small, 0.8, letters, found);
            if (taken == 0 && i == 0 && IsOneRow(run, groups))
                taken = Try(run, groups, 0, groups.Count, 0.7, letters, found, known: true);
            i += Math.Max(taken, 1);
        }
        // A row of no known network is a number only where no card stands in it.
        if (found.Count == before && IsOneRow(run, groups))
            Try(run, groups, 0, groups.Count, 0.7, letters, found);
    }

    private static bool IsOneRow(DigitRun run, List<DigitRun.Group> groups) => groups.Count > 1 && run.Digits <= Most && !groups.Exists(static g => g.Break == GapBreak.Block);

    private static int OnePiece(DigitRun run, List<DigitRun.Group> groups, int i, ReadOnlySpan<char> letters, List<CardNumber> found) =>
        groups[i].Count is >= Least and <= Most && !IsFraction(run, groups, i, letters) ? Try(run, groups, i, 1, 1, letters, found) : 0;

    private static int Try(
        DigitRun run, List<DigitRun.Group> groups, int from, int count, double certainty, ReadOnlySpan<char> letters, List<CardNumber> found, bool known = false)
    {
        int first = groups[from].First, digits = 0, breaks = 0;
        for (int i = from; i < from + count; i++)
        {
            digits += groups[i].Count;
            breaks += i > from && groups[i].Break != GapBreak.None ? 1 : 0;
        }
        // One line break is a wrapped line; more are a table, unless every group of four has its own line.
        if (digits is < Least or > Most || (breaks > 1 && (breaks != count - 1 || groups[from].Count != 4)))
            return 0;
        if ((CardNetwork.Of(run.FirstSix(first), digits, count == 1) ?? (known ? null : Unknown(run, first, digits, count))) is not { } network || !run.PassesLuhn(first, digits))
            return 0;
        int[] indexes = run.Indexes(first, digits);
        if (IsPhone(letters, indexes) || (count > 1 && IsAccount(letters, run, groups, from)) || IsInsideCode(letters, indexes[0], indexes[^1]))
            return 0;
        found.Add(new CardNumber(indexes, network.Rule, Math.Round(network.Confidence * certainty, 2)));
        return count;
    }

    // A number of no known network stands for itself or is none; of twelve digits only Maestro has numbers, which begin with a five or a six.
    private static CardNetwork? Unknown(DigitRun run, int first, int digits, int pieces) =>
        (digits > Least || run.FirstSix(first) is >= 500000 and < 700000) && (pieces == 1 || run.Digits == digits) ? CardNetwork.Unknown : null;

    private static bool Matches(List<DigitRun.Group> groups, int from, int[] shape, Row fours)
    {
        if (from + shape.Length > groups.Count)
            return false;
        for (int i = 0; i < shape.Length; i++)
            if (groups[from + i].Count != shape[i])
                return false;
        // In a long row of fours (a table), cards start at a multiple of four groups from its beginning or its end; twelve digits must be the whole row.
        if (shape[0] != 4 || shape[1] != 4 || shape[^1] != 4)
            return true;
        bool whole = from == fours.From && from + shape.Length == fours.To;
        return whole || (shape.Length == 4 && (fours.To - fours.From <= ShortRow || (from - fours.From) % 4 == 0 || (fours.To - from) % 4 == 0));
    }

    /// <summary>A row of neighbouring groups of four digits, found once per row so that long tables cost no more than their length.</summary>
    private readonly record struct Row(int From, int To)
    {
        internal Row At(int i, List<DigitRun.Group> groups)
        {
            if (i < To || groups[i].Count != 4)
                return this;
            int to = i;
            while (to < groups.Count && groups[to].Count == 4)
                to++;
            return new Row(i, to);
        }
    }

    // Digits one by one, in twos or in threes: only a whole row of them is a number.
    private static int SmallGroups(List<DigitRun.Group> groups, int from)
    {
        int size = groups[from].Count, count = 1;
        if (size > 3 || (from > 0 && groups[from - 1].Count == size))
            return 0;
        while (from + count < groups.Count && groups[from + count].Count == size)
            count++;
        bool tail = from + count < groups.Count && groups[from + count].Count < size && (count * size) % 4 != 0;
        return tail ? count + 1 : count;
    }

    // 0.4111111111111111 is a number of another kind.
    private static bool IsFraction(DigitRun run, List<DigitRun.Group> groups, int i, ReadOnlySpan<char> letters)
    {
        int at = run.IndexOf(groups[i].First);
        return i > 0 && groups[i - 1].Count < 4 && at > 0 && letters[at - 1] == '.';
    }

    // Fours behind a country and two check digits are an account number that somebody mistyped, as long as that country's are.
    private static bool IsAccount(ReadOnlySpan<char> letters, DigitRun run, List<DigitRun.Group> groups, int from)
    {
        int first = from;
        while (first > 0 && groups[first].Count == 4 && from - first <= MostFours)
            first--;
        int at = run.IndexOf(groups[first].First);
        if (first == from || groups[first].Count != 2 || at < 2 || (at > 2 && char.IsAsciiLetterOrDigit(letters[at - 3]))
            || IbanCountries.ShapeOf(char.ToUpperInvariant(letters[at - 2]), char.ToUpperInvariant(letters[at - 1])) is not { } shape)
            return false;
        int fours = first + 1;
        while (fours < groups.Count && groups[fours].Count == 4 && fours - first <= MostFours)
            fours++;
        int rest = shape.Length % 4;
        return fours - first - 1 == shape.Length / 4 && (rest == 0 || (fours < groups.Count && groups[fours].Count == rest));
    }

    private static bool IsPhone(ReadOnlySpan<char> letters, int[] digits)
    {
        int at = digits[0] - 1;
        return digits.Length <= 15 && at >= 0 && letters[at] is '+' or '＋';
    }

    // Digits within a mixture of letters and digits (a tracking number, a hash) are none; a word glued to a number is.
    private static bool IsInsideCode(ReadOnlySpan<char> letters, int first, int last)
    {
        int before = first, after = last + 1;
        while (before > 0 && first - before < 20 && char.IsAsciiLetter(letters[before - 1]))
            before--;
        while (after < letters.Length && after - last < 20 && char.IsAsciiLetter(letters[after]))
            after++;
        int left = first - before, right = after - last - 1;
        return (left > 0 && before > 0 && char.IsAsciiDigit(letters[before - 1]))
            || (right > 0 && after < letters.Length && char.IsAsciiDigit(letters[after]))
            || (left is 1 or 2 && right is 1 or 2);
    }
}
