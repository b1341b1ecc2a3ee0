namespace Ingest.Core.Redaction;

/// <summary>How telephone numbers are written in countries, and how sure each form is where no word says so.</summary>
internal static class PhoneShapes
{
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
    internal static bool IsDate(in DialledNumber number, int groups)
    {
        if (groups < 3 || number.IsBracketed || number.Separator(1) != number.Separator(2))
            return false;
        int a = Value(number, 0), b = Value(number, 1), c = Value(number, 2);
        bool year = number.Size(0) == 4 && a is >= 1900 and < 2100 && number.Size(1) <= 2 && b is > 0 and < 13 && number.Size(2) <= 2 && c is > 0 and < 32;
        bool day = number.Size(0) <= 2 && number.Size(1) <= 2 && ((a is > 0 and < 32 && b is > 0 and < 13) || (b is > 0 and < 32 && a is > 0 and < 13));
        return year || (day && number.Size(2) == 4 && c is >= 1900 and < 2100) || (day && groups == 3 && number.Size(2) == 2);
    }

    private static int Value(in DialledNumber number, int group)
    {
        int value = 0, from = number.Count(group);
        for (int i = 0; i < Math.Min(number.Size(group), 9); i++)
            value = value * 10 + number[from + i] - '0';
        return value;
    }

    private static bool IsNorthAmerican(in DialledNumber number, int from) => number[from] >= '2' && number[from + 3] >= '2';

    private static bool Sizes(in DialledNumber number, int groups, ReadOnlySpan<int> sizes)
    {
        if (groups != sizes.Length)
            return false;
        for (int i = 0; i < groups; i++)
            if (number.Size(i) != sizes[i])
                return false;
        return true;
    }

    // NPA-NXX-XXXX: area and exchange begin with 2 to 9.
    private static Shape NorthAmerica(in DialledNumber number, int groups, int count)
    {
        bool one = Sizes(number, groups, [1, 3, 3, 4]) && number[0] == '1';
        if (one || Sizes(number, groups, [3, 3, 4]))
        {
            bool valid = IsNorthAmerican(number, one ? 1 : 0), trunk = number[0] == '0';
            char last = number.Separator(groups - 1);
            double confidence = number.IsBracketed ? (valid ? 0.9 : 0.6) : last is '-' or '.' ? (valid ? 0.8 : trunk ? 0 : 0.52) : valid ? 0.6 : 0;
            return confidence > 0 ? new("us.phone", one ? confidence + 0.05 : confidence) : default;
        }
        if (groups == 1 && count == 10 && IsNorthAmerican(number, 0))
            return new("us.phone", 0.1);
        return Sizes(number, groups, [3, 7]) && number.IsBracketed && IsNorthAmerican(number, 0) ? new("us.phone", 0.8) : default;
    }

    private static Shape Trunk(in DialledNumber number, int groups, int count)
    {
        char area = number[1];
        if (count is < 8 or > 13 || area == '0')
            return default;
        if (count == 11 && area is >= '2' and <= '5' && (Sizes(number, groups, [4, 3, 2, 2]) || Sizes(number, groups, [1, 3, 3, 2, 2]) || Sizes(number, groups, [4, 3, 4])))
            return new("tr.phone", 0.65);
        if (count == 11 && area == '9' && (groups == 1 || Sizes(number, groups, [4, 3, 4]) || Sizes(number, groups, [4, 7])))
            return new("ph.phone", groups == 1 ? 0.1 : 0.6);
        if (Sizes(number, groups, [3, 4, 4]) && area == '1' && number[2] == '0')
            return new("kr.phone", 0.75);
        if (count is 10 or 11 && area is '1' or '2' or '3' or '7' or '8' && (Sizes(number, groups, [5, 6]) || Sizes(number, groups, [4, 3, 4]) || Sizes(number, groups, [3, 4, 4]) || Sizes(number, groups, [5, 3, 3]) || Sizes(number, groups, [4, 7])))
            return new("gb.phone", 0.65);
        if (Sizes(number, groups, [2, 2, 2, 2, 2]))
            return new("fr.phone", 0.8);
        if (Sizes(number, groups, [3, 3, 2, 2]))
            return new("ch.phone", 0.7);
        if (Sizes(number, groups, [2, 4, 4]) || Sizes(number, groups, [4, 3, 3]))
            return new("au.phone", number.IsBracketed ? 0.85 : 0.6);
        if (groups == 1)
            return count is 10 or 11 ? new(count == 11 && area is >= '2' and <= '5' ? "tr.phone" : area == '7' ? "gb.phone" : "phone.national", 0.1) : default;
        return new("phone.national", Trunkish(number, groups, count));
    }

    private static double Trunkish(in DialledNumber number, int groups, int count)
    {
        if (number.IsBracketed)
            return 0.7;
        // An area and a number, as in Germany, Italy, the Netherlands; more groups than two are no chance.
        char first = number.Separator(1);
        bool area = number.Size(0) is >= 2 and <= 5 && count >= 9 && !Sizes(number, groups, [3, 2, 4]);
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
        if (number.IsBracketed)
            return count is >= 8 and <= 12 && groups > 1 ? new(Sizes(number, groups, [2, 4, 4]) || Sizes(number, groups, [2, 5, 4]) ? "br.phone" : "phone.national", groups > 2 ? 0.7 : 0.5) : default;
        if (count == 10 && first is >= '2' and <= '5' && (groups == 1 || Sizes(number, groups, [3, 3, 2, 2])))
            return new("tr.phone", groups == 1 ? 0.1 : 0.6);
        if (count == 11 && first == '1' && number[1] >= '3' && (groups == 1 || Sizes(number, groups, [3, 4, 4])))
            return new("cn.phone", groups == 1 ? 0.1 : 0.7);
        if (count == 11 && first is '7' or '8' && Sizes(number, groups, [1, 3, 3, 2, 2]))
            return new("ru.phone", 0.75);
        if (Sizes(number, groups, [5, 5]) && first >= '6')
            return new("in.phone", 0.4);
        if (Sizes(number, groups, [2, 2, 2, 2]))
            return new("dk.phone", number.Separator(1) == '.' ? 0.2 : 0.3);
        if (groups == 3 && count == 9 && number.Size(1) == 3 && number.Size(2) == 3)
            return new("phone.national", 0.2);
        return groups > 2 && count is >= 11 and <= 14 && number.Size(groups - 1) >= 3 && number.Separator(1) == '-' && PhonePlans.Fits(number, 0, count) ? new("phone.international", 0.3) : default;
    }
}
