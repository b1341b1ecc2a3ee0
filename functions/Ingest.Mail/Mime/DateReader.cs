using System.Globalization;

namespace Ingest.Mail.Mime;

/// <summary>Reads Date fields (RFC 5322 sections 3.3 and 4.3) in the orders and shapes that senders use.</summary>
internal static class DateReader
{
    private const int MaxLength = 200;

    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    // Military zones other than Z say nothing (RFC 5322 section 4.3), nor do unknown names.
    private static readonly Dictionary<string, int> Zones = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ut"] = 0, ["utc"] = 0, ["gmt"] = 0, ["z"] = 0, ["wet"] = 0, ["west"] = 60, ["bst"] = 60, ["cet"] = 60, ["met"] = 60, ["mez"] = 60, ["cest"] = 120, ["mest"] = 120, ["mesz"] = 120,
        ["eet"] = 120, ["eest"] = 180, ["msk"] = 180, ["msd"] = 240, ["ist"] = 330, ["hkt"] = 480, ["sgt"] = 480, ["awst"] = 480, ["jst"] = 540, ["kst"] = 540, ["aest"] = 600, ["aedt"] = 660, ["nzst"] = 720, ["nzdt"] = 780,
        ["est"] = -300, ["edt"] = -240, ["cst"] = -360, ["cdt"] = -300, ["mst"] = -420, ["mdt"] = -360, ["pst"] = -480, ["pdt"] = -420, ["akst"] = -540, ["akdt"] = -480, ["hst"] = -600, ["ast"] = -240, ["adt"] = -180,
    };

    public static DateTimeOffset? Read(ReadOnlySpan<char> value)
    {
        var fields = new Fields();
        Span<char> solid = stackalloc char[MaxLength];
        ReadOnlySpan<char> text = solid[..Solid(value[..Math.Min(value.Length, MaxLength)], solid)];
        var position = 0;
        while (Token(text, ref position, out var token, out var glued))
            fields.Take(token, glued);
        return fields.ToDate();
    }

    // "09(comment):   55  :  06" (RFC 5322 section 4.3): no comments, and no blanks around the colons of a time.
    private static int Solid(ReadOnlySpan<char> value, Span<char> solid)
    {
        if (!value.ContainsAny('(', ')') && value.IndexOf(" :") < 0 && value.IndexOf(": ") < 0)
        {
            value.CopyTo(solid);
            return value.Length;
        }
        int length = 0, depth = 0;
        foreach (var c in value)
        {
            if (c is '(' or ')')
                depth = Math.Max(0, depth + (c == '(' ? 1 : -1));
            var kept = depth > 0 || c == ')' ? ' ' : c;
            if (kept == ':')
                length = solid[..length].TrimEnd(' ').Length;
            if (kept != ' ' || (length > 0 && solid[length - 1] != ':'))
                solid[length++] = kept;
        }
        return length;
    }

    // Words, numbers and clock times; comments are skipped, a sign stays with its number.
    private static bool Token(ReadOnlySpan<char> value, ref int position, out ReadOnlySpan<char> token, out char glued)
    {
        glued = ' ';
        var depth = 0;
        for (; position < value.Length; position++)
        {
            var c = value[position];
            if (c == '(')
                depth++;
            else if (c == ')')
                depth = Math.Max(0, depth - 1);
            else if (depth == 0 && char.IsAsciiLetterOrDigit(c))
                break;
            if (depth == 0)
                glued = c;
        }
        var start = position;
        if (position < value.Length && char.IsAsciiLetter(value[position]))
        {
            while (position < value.Length && char.IsAsciiLetter(value[position]))
                position++;
        }
        else
        {
            while (position < value.Length && (char.IsAsciiDigit(value[position]) || (value[position] is ':' or '.' && position + 1 < value.Length && char.IsAsciiDigit(value[position + 1]))))
                position++;
        }
        token = value[start..position];
        return token.Length > 0;
    }

    private struct Fields
    {
        private int year = -1, month, day, hour = -1, minute, second, zone;
        private int first = -1, firstLength;
        private bool slashed, zoned, offsetFollows, afternoon, morning, named, longYear;

        public Fields()
        {
        }

        public void Take(ReadOnlySpan<char> token, char glued)
        {
            if (char.IsAsciiLetter(token[0]))
                TakeWord(token);
            else if (token.Contains(':') || (hour < 0 && year >= 0 && token.Contains('.')))
                TakeTime(token, glued);
            else if (token.Contains('.'))
                TakeDotted(token);
            else
                TakeNumber(token, glued);
        }

        private void TakeWord(ReadOnlySpan<char> word)
        {
            if (month == 0 && word.Length >= 3 && MonthOf(word) is > 0 and var found)
                (month, named) = (found, true);
            else if (word.Equals("pm", StringComparison.OrdinalIgnoreCase))
                afternoon = true;
            else if (word.Equals("am", StringComparison.OrdinalIgnoreCase))
                morning = true;
            else if (hour >= 0 && !zoned && Zones.TryGetValue(word.ToString(), out var minutes))
                (zone, zoned, offsetFollows) = (minutes, true, word.ToString().ToUpperInvariant() is "GMT" or "UTC" or "UT");
        }

        private void TakeTime(ReadOnlySpan<char> token, char glued)
        {
            Span<int> parts = stackalloc int[3];
            var count = 0;
            foreach (var range in token.SplitAny(':', '.'))
            {
                if (count < 3 && int.TryParse(token[range], NumberStyles.None, CultureInfo.InvariantCulture, out var part))
                    parts[count++] = part;
            }
            if (hour >= 0)
            {
                // "+02:00"
                if ((!zoned || offsetFollows) && glued is '+' or '-')
                    SetZone(parts[0] * 100 + parts[1], glued);
                return;
            }
            (hour, minute, second) = (parts[0], parts[1], parts[2]);
        }

        private void TakeDotted(ReadOnlySpan<char> token)
        {
            foreach (var range in token.Split('.'))
                TakeNumber(token[range], '.');
        }

        private void TakeNumber(ReadOnlySpan<char> token, char glued)
        {
            if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return;
            if (hour >= 0 && (!zoned || offsetFollows) && glued is '+' or '-' && (year >= 0 || token.Length >= 3))
                SetZone(token.Length <= 2 ? number * 100 : number, glued);
            else if (day == 0 && token.Length >= 4 && year < 0)
                (year, longYear) = (FullYear(number), true);
            else if (day == 0 && number is > 0 and <= 31)
                (day, first, firstLength) = (number, number, token.Length);
            else if (month == 0 && year >= 0 && day > 0 && number is > 0 and <= 12)
                (month, day) = (day <= 12 && glued is '-' or '/' ? day : number, day <= 12 && glued is '-' or '/' ? number : day);
            else if (month == 0 && number is > 0 and <= 12)
                (month, slashed) = (number, glued == '/' && (token[0] != '0' || firstLength > 1));
            else if (month == 0 && first is > 0 and <= 12 && number is > 12 and <= 31)
                (month, day) = (first, number);
            else if (year < 0)
                (year, longYear) = (FullYear(number), token.Length >= 4);
            else if (hour >= 0 && !zoned && token.Length == 4)
                SetZone(number, '+');
        }

        // Two digits mean this century or the last, three count from 1900 (RFC 5322 section 4.3), also when a zero makes them four.
        private static int FullYear(int number) => number < 50 ? number + 2000 : number < 1000 ? number + 1900 : number;

        private void SetZone(int number, char sign)
        {
            // "GMT+0200" is one zone, written twice over.
            (zoned, offsetFollows) = (true, false);
            var minutes = number / 100 * 60 + number % 100;
            // No place on earth is further off than this; an absurd offset says nothing.
            zone = number is < 0 or > 9999 || number % 100 >= 60 || minutes > 14 * 60 ? 0 : sign == '-' ? -minutes : minutes;
        }

        public readonly DateTimeOffset? ToDate()
        {
            // Numbers alone make a date only if one of them is plainly a year, or a time with a zone stands beside day, month and year.
            if (!named && !longYear && !(zoned && hour >= 0 && first > 12))
                return null;
            // Who counts hours to twelve and writes slashes puts the month first, unless only the second number has a zero before it.
            var (m, d) = slashed && (afternoon || morning) && day is > 0 and <= 12 ? (day, month) : (month, day);
            if (year is < 1900 or > 9998 || m == 0 || d == 0 || d > DateTime.DaysInMonth(year, m))
                return null;
            var h = Math.Max(hour, 0);
            if (afternoon && h < 12)
                h += 12;
            if (morning && h == 12)
                h = 0;
            var nextDay = h == 24 && minute == 0 && second == 0;
            if ((h > 23 && !nextDay) || minute > 59 || second > 60)
                return null;
            var local = new DateTime(year, m, d, nextDay ? 0 : h, minute, Math.Min(second, 59), DateTimeKind.Unspecified);
            return new DateTimeOffset(nextDay ? local.AddDays(1) : local, TimeSpan.FromMinutes(zone));
        }

        private static int MonthOf(ReadOnlySpan<char> word)
        {
            for (var i = 0; i < Months.Length; i++)
            {
                if (word.StartsWith(Months[i], StringComparison.OrdinalIgnoreCase))
                    return i + 1;
            }
            return 0;
        }
    }
}
