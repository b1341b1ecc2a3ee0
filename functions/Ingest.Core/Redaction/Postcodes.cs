namespace Ingest.Core.Redaction;

/// <summary>Reads postcodes and the towns beside them.</summary>
internal static class Postcodes
{
    private static readonly NearWords States = new(
        ["AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX",
        "UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC", "PR", "GU", "VI", "AA", "AE", "AP",
        // Of names of two words the second one.
        "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware", "Florida", "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa", "Kansas", "Kentucky", "Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan", "Minnesota",
        "Mississippi", "Missouri", "Montana", "Nebraska", "Nevada", "Hampshire", "Jersey", "Mexico", "York", "Carolina", "Dakota", "Ohio", "Oklahoma", "Oregon", "Pennsylvania", "Island", "Tennessee", "Texas", "Utah", "Vermont", "Virginia", "Washington", "Wisconsin", "Wyoming"]);

    /// <summary>Where a British postcode ends that begins at a place, or 0.</summary>
    internal static int British(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> rest = text[start..Math.Min(text.Length, start + 9)];
        int letters = 0;
        while (letters < rest.Length && letters < 4 && char.IsAsciiLetterUpper(rest[letters]))
            letters++;
        if (rest.StartsWith("GIR 0AA") || rest.StartsWith("GIR0AA"))
            return Ends(text, start + (rest[3] == ' ' ? 7 : 6));
        if (letters is 0 or > 2 || letters >= rest.Length || "QVX".Contains(rest[0]) || (letters == 2 && "IJZ".Contains(rest[1])))
            return 0;
        // The part of the area: one or two digits, or a digit and a letter.
        for (int outward = letters + 2; outward > letters; outward--)
        {
            if (outward >= rest.Length || !char.IsAsciiDigit(rest[letters]) || (outward == letters + 2 && !char.IsAsciiLetterOrDigit(rest[outward - 1])))
                continue;
            int i = rest[outward] == ' ' ? outward + 1 : outward;
            if (i + 3 <= rest.Length && char.IsAsciiDigit(rest[i]) && Inward(rest[i + 1]) && Inward(rest[i + 2]) && Ends(text, start + i + 3) is > 0 and int end)
                return end;
        }
        return 0;
    }

    /// <summary>Where a Canadian postal code ends that begins at a place, or 0.</summary>
    internal static int Canadian(ReadOnlySpan<char> text, int start)
    {
        if (start + 6 > text.Length || !"ABCEGHJKLMNPRSTVXY".Contains(text[start]) || !char.IsAsciiDigit(text[start + 1]) || !char.IsAsciiLetterUpper(text[start + 2]))
            return 0;
        int i = text[start + 3] is ' ' or '-' ? start + 4 : start + 3;
        return i + 3 <= text.Length && char.IsAsciiDigit(text[i]) && char.IsAsciiLetterUpper(text[i + 1]) && char.IsAsciiDigit(text[i + 2]) ? Ends(text, i + 3) : 0;
    }

    /// <summary>Where the postcode and town end that follow a street within a stretch of text, and whose they are; 0 when none does.</summary>
    internal static int After(ReadOnlySpan<char> text, int from, int to, out string rule)
    {
        rule = "address.postal";
        for (int i = from; i < to; i++)
        {
            if (i > 0 && char.IsLetterOrDigit(text[i - 1]))
                continue;
            if (char.IsAsciiLetterUpper(text[i]))
            {
                if (British(text, i) is > 0 and int british)
                    return Named("gb.address", british, out rule);
                if (Canadian(text, i) is > 0 and int canadian)
                    return Named("ca.address", canadian, out rule);
                if (Zip(text, i) is > 0 and int zip)
                    return Named("us.address", zip, out rule);
            }
            else if (char.IsAsciiDigit(text[i]) && Town(text, i, ref rule) is > 0 and int town)
                return town;
        }
        return 0;
    }

    private static int Named(string name, int end, out string rule)
    {
        rule = name;
        return end;
    }

    /// <summary>One more than where "10115 Berlin, " begins that ends at a place; 0 where no such stands there.</summary>
    internal static int Before(ReadOnlySpan<char> text, int end)
    {
        int i = end - 2, town = i;
        if (i < 7 || text[i] != ',' || text[i + 1] != ' ')
            return 0;
        while (i > 0 && town - i < 30 && (char.IsLetter(text[i - 1]) || text[i - 1] is '-' or ' '))
            i--;
        int digits = i;
        while (digits > 0 && i - digits < 6 && char.IsAsciiDigit(text[digits - 1]))
            digits--;
        return i - digits is 4 or 5 && i + 1 < town && text[i] == ' ' && char.IsUpper(text[i + 1]) && (digits == 0 || !char.IsLetterOrDigit(text[digits - 1]) && text[digits - 1] is not ('.' or '/' or '-')) ? digits + 1 : 0;
    }

    // TX 77002, TX 77002-1234.
    private static int Zip(ReadOnlySpan<char> text, int state)
    {
        int after = state + 2;
        if (state + 8 > text.Length)
            return 0;
        if (char.IsAsciiLetterLower(text[state + 1]))
            while (after < text.Length && after - state < 16 && char.IsAsciiLetterLower(text[after]))
                after++;
        if (!States.Has(text[state..after]) || (after == state + 2 && char.IsAsciiLetterLower(text[state + 1])))
            return 0;
        int i = after;
        while (i < text.Length && i - after < 4 && text[i] is ' ' or ',' or '.' or '\n' or '\t')
            i++;
        return i > after ? ZipEnd(text, i) : 0;
    }

    /// <summary>Where five digits, or nine with a hyphen, end; 0 when there are none.</summary>
    internal static int ZipEnd(ReadOnlySpan<char> text, int start)
    {
        int i = start;
        while (i < text.Length && char.IsAsciiDigit(text[i]) && i - start < 6)
            i++;
        if (i - start != 5)
            return 0;
        if (i + 5 <= text.Length && text[i] == '-' && !text.Slice(i + 1, 4).ContainsAnyExceptInRange('0', '9') && Ends(text, i + 5) > 0)
            return i + 5;
        return Ends(text, i);
    }

    // Four or five digits (or the forms of NL, PL, PT, SE, BR) and a town with a capital.
    private static int Town(ReadOnlySpan<char> text, int start, ref string rule)
    {
        int i = start;
        while (i < text.Length && char.IsAsciiDigit(text[i]) && i - start < 6)
            i++;
        int digits = i - start;
        if (digits == 4 && i + 2 < text.Length && text[i] == ' ' && char.IsAsciiLetterUpper(text[i + 1]) && char.IsAsciiLetterUpper(text[i + 2]) && Ends(text, i + 3) > 0)
            (i, rule) = (i + 3, "nl.address");
        else if ((digits, Tail(text, i)) is (2, 3) or (4, 3) or (5, 3))
            i += 4;
        else if (digits == 3 && i + 3 <= text.Length && text[i] == ' ' && char.IsAsciiDigit(text[i + 1]) && char.IsAsciiDigit(text[i + 2]))
            i += 3;
        else if (digits is not (4 or 5))
            return 0;
        int end = i;
        for (int words = 0; words < 3 && end + 1 < text.Length && (text[end] == ' ' || (words > 0 && text[end] == '-')) && char.IsUpper(text[end + 1]); words++)
        {
            int stop = end + 1;
            while (stop < text.Length && (char.IsLetter(text[stop]) || text[stop] is '\''))
                stop++;
            // What is named after the town begins in capitals, or is a number with letters: NRIC S1234567D.
            bool other = stop < text.Length && char.IsAsciiDigit(text[stop]) || (words > 0 && stop - end > 3 && char.IsUpper(text[stop - 1]) && char.IsLower(text[end - 1]));
            if (other)
                break;
            end = stop;
        }
        return end > i || rule == "nl.address" ? end : 0;
    }

    // How many digits follow a hyphen.
    private static int Tail(ReadOnlySpan<char> text, int at)
    {
        int i = at + 1;
        while (at < text.Length && text[at] == '-' && i < text.Length && char.IsAsciiDigit(text[i]) && i - at < 5)
            i++;
        return i - at - 1;
    }

    private static bool Inward(char c) => char.IsAsciiLetterUpper(c) && !"CIKMOV".Contains(c);

    private static int Ends(ReadOnlySpan<char> text, int end) => end <= text.Length && (end == text.Length || !char.IsLetterOrDigit(text[end])) ? end : 0;
}
