namespace Ingest.Core.Redaction.Numbers;

/// <summary>Check digits as the issuers of numbers compute them, over signs without anything between them.</summary>
internal static class CheckDigits
{
    private static readonly byte[][] VerhoeffProduct =
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];

    private static readonly byte[][] VerhoeffTurn =
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2], [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1], [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];

    /// <summary>The value of a digit; of a letter, 10 to 35.</summary>
    internal static int Value(char c) => char.IsAsciiDigit(c) ? c - '0' : c - 'A' + 10;

    /// <summary>The value of some digits.</summary>
    internal static long Number(ReadOnlySpan<char> digits)
    {
        long value = 0;
        foreach (char c in digits)
            value = value * 10 + (c - '0');
        return value;
    }

    /// <summary>The sum of the first signs, each times its weight.</summary>
    internal static int Sum(ReadOnlySpan<char> signs, ReadOnlySpan<int> weights)
    {
        int sum = 0;
        for (int i = 0; i < weights.Length; i++)
            sum += Value(signs[i]) * weights[i];
        return sum;
    }

    /// <summary>True when not all signs are the same.</summary>
    internal static bool Varies(ReadOnlySpan<char> signs) => signs.ContainsAnyExcept(signs[0]);

    /// <summary>ISO/IEC 7812-1 annex B.</summary>
    internal static bool Luhn(ReadOnlySpan<char> digits) => Varies(digits) && LuhnSum(digits) % 10 == 0;

    /// <summary>The sum of Luhn's method over digits of which the last is the check digit.</summary>
    internal static int LuhnSum(ReadOnlySpan<char> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int value = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? value : value > 4 ? value * 2 - 9 : value * 2;
        }
        return sum;
    }

    /// <summary>Verhoeff, 1969.</summary>
    internal static bool Verhoeff(ReadOnlySpan<char> digits)
    {
        int check = 0;
        for (int i = 0; i < digits.Length; i++)
            check = VerhoeffProduct[check][VerhoeffTurn[i % 8][digits[^(i + 1)] - '0']];
        return check == 0 && Varies(digits);
    }

    /// <summary>ISO/IEC 7064, MOD 11,10.</summary>
    internal static bool Mod11And10(ReadOnlySpan<char> digits)
    {
        int product = 10;
        foreach (char c in digits[..^1])
        {
            int sum = (product + c - '0') % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return (11 - product) % 10 == digits[^1] - '0' && Varies(digits);
    }

    /// <summary>The remainder of the digits, and of letters as two digits (A is 10), by 97; of those that follow others with a remainder of their own.</summary>
    internal static int Mod97(ReadOnlySpan<char> signs, int rest = 0)
    {
        const ulong Room = ulong.MaxValue / 100 - 100;
        ulong value = (uint)rest;
        foreach (char c in signs)
        {
            value = char.IsAsciiDigit(c) ? value * 10 + c - '0' : value * 100 + (uint)Value(c);
            if (value > Room)
                value %= 97;
        }
        return (int)(value % 97);
    }

    /// <summary>True when the day exists; a year of two digits may be of any century.</summary>
    internal static bool IsDate(long year, long month, long day) =>
        month is >= 1 and <= 12 && day >= 1 && day <= (month == 2 && year < 100 ? 29 : DateTime.DaysInMonth((int)Math.Clamp(year < 100 ? year + 2000 : year, 1, 9999), (int)month));

    /// <summary>True for six digits that are year, month and day.</summary>
    internal static bool IsYearFirst(ReadOnlySpan<char> digits) => IsDate(Number(digits[..2]), Number(digits[2..4]), Number(digits[4..6]));

    /// <summary>True for six digits that are day, month and year.</summary>
    internal static bool IsDayFirst(ReadOnlySpan<char> digits) => IsDate(Number(digits[4..6]), Number(digits[2..4]), Number(digits[..2]));

    /// <summary>True for eight digits that are a day of the last or this century, year first.</summary>
    internal static bool IsFullDate(ReadOnlySpan<char> digits) => Number(digits[..4]) is >= 1850 and <= 2100 and long year && IsDate(year, Number(digits[4..6]), Number(digits[6..8]));

    /// <summary>The check character of ICAO 9303: weights 7, 3, 1.</summary>
    internal static bool Travel(ReadOnlySpan<char> signs)
    {
        int sum = 0;
        for (int i = 0; i < signs.Length - 1; i++)
            sum += Value(signs[i]) * (i % 3 == 0 ? 7 : i % 3 == 1 ? 3 : 1);
        return signs[^1] - '0' == sum % 10;
    }

    /// <summary>The letter of an alphabet at a remainder.</summary>
    internal static bool IsLetter(string alphabet, long number, char letter) => alphabet[(int)(number % alphabet.Length)] == letter;
}
