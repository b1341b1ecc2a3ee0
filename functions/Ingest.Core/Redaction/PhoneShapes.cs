using System.Runtime.CompilerServices;

namespace Ingest.Core.Redaction;

/// <summary>How telephone numbers are written in countries, and how sure each form is where no word says so.</summary>
internal static class PhoneShapes
{
    // Groups by their sizes.
    private static readonly ulong
        F13322 = DialledNumber.FormOf(1, 3, 3, 2, 2), F1334 = DialledNumber.FormOf(1, 3, 3, 4), F2222 = DialledNumber.FormOf(2, 2, 2, 2), F22222 = DialledNumber.FormOf(2, 2, 2, 2, 2),
        F244 = DialledNumber.FormOf(2, 4, 4), F254 = DialledNumber.FormOf(2, 5, 4), F324 = DialledNumber.FormOf(3, 2, 4), F3322 = DialledNumber.FormOf(3, 3, 2, 2),
        F334 = DialledNumber.FormOf(3, 3, 4), F344 = DialledNumber.FormOf(3, 4, 4), F37 = DialledNumber.FormOf(3, 7), F4322 = DialledNumber.FormOf(4, 3, 2, 2),
        F433 = DialledNumber.FormOf(4, 3, 3), F434 = DialledNumber.FormOf(4, 3, 4), F47 = DialledNumber.FormOf(4, 7), F533 = DialledNumber.FormOf(5, 3, 3),
        F55 = DialledNumber.FormOf(5, 5), F56 = DialledNumber.FormOf(5, 6);

    /// <summary>A form and how sure it is.</summary>
    internal readonly record struct Shape(string? Rule, double Confidence);

    /// <summary>The form of the first groups of a number; no rule when it is none.</summary>
    internal static Shape Of(in DialledNumber number, int groups)
    {
        int count = number.Count(groups);
        if (count < 6)
            return default;
        if (number.HasPlus)
            return count <= 16 && PhonePlans.Fits(number, 0, count) ? new("phone.international", number[0] == '1' && !IsNorthAmerican(number, 1) ? 0.8 : 0.95) : default;
        if (IsDate(number, groups))
            return default;
        if (number[0] == '0' && number[1] == '0' && count >= 10 && PhonePlans.Fits(number, 2, count - 2))
            return new("phone.international", groups > 1 ? 0.75 : 0.45);
        if (number[0] == '0' && number[1] == '1' && number[2] == '1' && groups > 1 && count >= 11 && PhonePlans.Fits(number, 3, count - 3))
            return new("phone.international", 0.8);
        if (NorthAmerica(number, groups, count) is { Rule: not null } american)
            return american;
        return number[0] == '0' ? Trunk(number, groups, count) : Plain(number, groups, count);
    }

    /// <summary>True for groups that are a day, whatever their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsDate(in DialledNumber number, int groups) =>
        groups >= 3 && !number.IsBracketed && number.Separator(1) == number.Separator(2) && IsDay(number, groups);

    private static bool IsDay(in DialledNumber number, int groups)
    {
        if (number.Size(1) > 2 || number.Size(0) is 3 or > 4 || number.Size(2) is 3 or > 4)
            return false;
        int a = Value(number, 0), b = Value(number, 1), c = Value(number, 2);
        bool year = number.Size(0) == 4 && a is >= 1900 and < 2100 && number.Size(1) <= 2 && b is > 0 and < 13 && number.Size(2) <= 2 && c is > 0 and < 32;
        bool day = number.Size(0) <= 2 && number.Size(1) <= 2 && ((a is > 0 and < 32 && b is > 0 and < 13) || (b is > 0 and < 32 && a is > 0 and < 13));
        return year || (day && number.Size(2) == 4 && c is >= 1900 and < 2100) || (day && groups == 3 && number.Size(2) == 2);
    }

    private static int Value(in DialledNumber number, int group)
    {
        int value = 0;
        foreach (char digit in number.Digits(group))
            value = value * 10 + digit - '0';
        return value;
    }

    private static bool IsNorthAmerican(in DialledNumber number, int from) => number[from] >= '2' && number[from + 3] >= '2';

    // NPA-NXX-XXXX: area and exchange begin with 2 to 9.
    private static Shape NorthAmerica(in DialledNumber number, int groups, int count)
    {
        ulong form = number.Form(groups);
        bool one = form == F1334 && number[0] == '1';
        if (one || form == F334)
        {
            bool valid = IsNorthAmerican(number, one ? 1 : 0), trunk = number[0] == '0';
            char last = number.Separator(groups - 1);
            double confidence = number.IsBracketed ? (valid ? 0.9 : 0.6) : last is '-' or '.' ? (valid ? 0.8 : trunk ? 0 : 0.52) : valid ? 0.6 : 0;
            return confidence > 0 ? new("us.phone", one ? confidence + 0.05 : confidence) : default;
        }
        if (groups == 1 && count == 10 && IsNorthAmerican(number, 0))
            return new("us.phone", 0.1);
        return form == F37 && number.IsBracketed && IsNorthAmerican(number, 0) ? new("us.phone", 0.8) : default;
    }

    private static Shape Trunk(in DialledNumber number, int groups, int count)
    {
        char area = number[1];
        ulong form = number.Form(groups);
        if (count is < 8 or > 13 || area == '0')
            return default;
        if (count == 11 && area is >= '2' and <= '5' && (form == F4322 || form == F13322 || form == F434))
            return new("tr.phone", 0.65);
        if (count == 11 && area == '9' && (groups == 1 || form == F434 || form == F47))
            return new("ph.phone", groups == 1 ? 0.1 : 0.6);
        if (form == F344 && area == '1' && number[2] == '0')
            return new("kr.phone", 0.75);
        if (count is 10 or 11 && area is '1' or '2' or '3' or '7' or '8' && (form == F56 || form == F434 || form == F344 || form == F533 || form == F47))
            return new("gb.phone", 0.65);
        if (form == F22222)
            return new("fr.phone", 0.8);
        if (form == F3322)
            return new("ch.phone", 0.7);
        if (form == F244 || form == F433)
            return new("au.phone", number.IsBracketed ? 0.85 : 0.6);
        if (groups == 1)
            return count is 10 or 11 ? new(count == 11 && area is >= '2' and <= '5' ? "tr.phone" : area == '7' ? "gb.phone" : "phone.national", 0.1) : default;
        return new("phone.national", Trunkish(number, groups, count));
    }

    private static double Trunkish(in DialledNumber number, int groups, int count)
    {
        if (number.IsBracketed)
            return 0.7;
        ulong form = number.Form(groups);
        // An area and a number, as in Germany, Italy, the Netherlands; more groups than two are no chance.
        char first = number.Separator(1);
        bool area = number.Size(0) is >= 2 and <= 5 && count >= 9 && form != F324;
        if (groups == 2)
            return !area || number.Size(1) < 4 ? 0.1 : first == '/' ? 0.65 : first == '-' ? 0.55 : 0.3;
        if (groups > 5)
            return 0.15;
        for (int i = 1; i < groups; i++)
            if (number.Size(i) is < 2 or > 4)
                return 0.15;
        return area ? 0.55 : 0.2;
    }

    private static Shape Plain(in DialledNumber number, int groups, int count)
    {
        char first = number[0];
        ulong form = number.Form(groups);
        if (number.IsBracketed)
            return count is >= 8 and <= 12 && groups > 1 ? new(form == F244 || form == F254 ? "br.phone" : "phone.national", groups > 2 ? 0.7 : 0.5) : default;
        if (count == 10 && first is >= '2' and <= '5' && (groups == 1 || form == F3322))
            return new("tr.phone", groups == 1 ? 0.1 : 0.6);
        if (count == 11 && first == '1' && number[1] >= '3' && (groups == 1 || form == F344))
            return new("cn.phone", groups == 1 ? 0.1 : 0.7);
        if (count == 11 && first is '7' or '8' && form == F13322)
            return new("ru.phone", 0.75);
        if (form == F55 && first >= '6')
            return new("in.phone", 0.4);
        if (form == F2222)
            return new("dk.phone", number.Separator(1) == '.' ? 0.2 : 0.3);
        if (groups == 3 && count == 9 && number.Size(1) == 3 && number.Size(2) == 3)
            return new("phone.national", 0.2);
        return groups > 2 && count is >= 11 and <= 14 && number.Size(groups - 1) >= 3 && number.Separator(1) == '-' && PhonePlans.Fits(number, 0, count) ? new("phone.international", 0.3) : default;
    }
}
