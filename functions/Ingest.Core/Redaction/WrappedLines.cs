using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>
/// Reads once more, as one piece, what the end of a line cut in two, with the marks of quoting or the indent of the next line between: an address, a number or a password. Only around
/// line ends at which digits meet, or the halves of a word with digits or an at sign; only what reaches over the line's end, and is beyond doubt, counts.
/// </summary>
internal static class WrappedLines
{
    // What is less sure may be two numbers in two lines, as in a column.
    private const double Sure = 0.9, SureOfPhone = 0.7;

    private const int Before = 120, After = 80, LongestMarks = 12, LongestWord = 64, LongestAddress = 15, FewestDigits = 3, FewestInAll = 7, FewestDialled = 9, LongLine = 60, ShortestHalf = 2;
    private static readonly SearchValues<char> OfName = SearchValues.Create("abcdefghijklmnopqrstuvwxyz._+-");
    private static readonly SearchValues<char> Apart = SearchValues.Create(".,;:/()<>@!?%€$"), Outside = SearchValues.Create("@/:<>(),;"), Blanks = SearchValues.Create(" \t\n\v");

    /// <summary>A line's end that may have cut something, read as if it were not there.</summary>
    /// <param name="Text">What stands around it.</param>
    /// <param name="Joint">Where the two halves meet in it.</param>
    internal readonly record struct Piece(ReadableText Text, int Joint)
    {
        /// <summary>True for what reaches over the line's end and is beyond doubt.</summary>
        internal bool Holds(Scan scan, Scan.Hit hit) => scan.First(hit.Start) < Joint && scan.Last(hit.End - 1) >= Joint
            && (hit.Confidence >= Sure || (hit.Type == FindingType.Phone && hit.Confidence >= SureOfPhone && hit.End - hit.Start >= FewestDialled));
    }

    /// <summary>True when there is such a line's end.</summary>
    internal static bool HasAny(ReadOnlySpan<char> text) => Next(text, 0, out _, out _);

    /// <summary>All of them, in order.</summary>
    internal static IEnumerable<Piece> Pieces(ReadableText text)
    {
        for (int at = 0; Next(text.Letters, at, out int left, out int right); at = right)
        {
            int start = Math.Max(at == 0 ? 0 : Math.Min(at, left - Before), left - Before), end = Math.Min(text.Letters.Length, right + After);
            start = Math.Max(0, start);
            var read = new ReadableText.Builder(end - start);
            for (int i = start; i < end; i = i + 1 == left ? right : i + 1)
                read.Add(text.Letters[i], text.StartOf(i), text.EndOf(i) - text.StartOf(i));
            yield return new Piece(read.Finish(), left - start);
        }
    }

    // Where the first half ends and the second begins, for the next such line's end.
    private static bool Next(ReadOnlySpan<char> text, int from, out int left, out int right)
    {
        (left, right) = (0, 0);
        for (int at = from, feed; at < text.Length && (feed = text[at..].IndexOf('\n')) >= 0; at += feed + 1)
        {
            left = at + feed;
            right = left + 1;
            left -= left > 0 && text[left - 1] == '\r' ? 1 : 0;
            while (right < text.Length && right - left < LongestMarks && text[right] is ' ' or '\t' or '>' or '|')
                right++;
            if (left <= 1 || right >= text.Length || !Joins(text, left, right))
                continue;
            // Between the second and the third line of a column nothing was cut in two.
            if (from == 0 || text[from..left].ContainsAny(Blanks))
                return true;
            from = right;
        }
        return false;
    }

    private static bool Joins(ReadOnlySpan<char> text, int left, int right)
    {
        char a = text[left - 1], b = text[right];
        if (char.IsWhiteSpace(a))
            return false;
        ReadOnlySpan<char> head = text[Math.Max(0, left - LongestWord)..left], tail = text[right..Math.Min(text.Length, right + LongestWord)];
        head = head[(head.LastIndexOfAny(" \t\n\v\"") + 1)..];
        tail = tail.IndexOfAny(" \t\n\v\"") is >= 0 and int end ? tail[..end] : tail;
        // What is left of something masked is no half of anything.
        if (head.Contains('•') || text[Math.Max(0, left - head.Length - 2)..(left - head.Length)].TrimEnd(' ').EndsWith("•"))
            return false;
        if ((char.IsDigit(a) || a is '.' or '-') && (char.IsDigit(b) || b == '.'))
            return IsAddress(head, tail) || (Digits(head, fromEnd: true) is >= FewestDigits and int before && Digits(tail, fromEnd: false) is >= FewestDigits and int after && before + after >= FewestInAll);
        if (!char.IsLetterOrDigit(a) || !char.IsLetterOrDigit(b))
            return false;
        // Only where marks say that one line was two: a word before an address is no part of it.
        if (tail.IndexOf('@') is > 0 and int sign)
            return (IsCutName(head) && sign < FewestDigits) || text[(left + 1)..right].ContainsAny('>', '|') && (sign < FewestDigits || left - text[..left].LastIndexOf('\n') > LongLine)
                && head.Length > 2 && head.IndexOfAny("._+") > 0 && !head.ContainsAny(Outside) && !head.StartsWith("www.", StringComparison.OrdinalIgnoreCase);
        if (head.IndexOf('@') is > 0 and int at)
            return !head[at..].Contains('.') && tail.Contains('.');
        return head.ContainsAnyInRange('0', '9') && tail.ContainsAnyInRange('0', '9') && head.Length + tail.Length is >= FewestInAll and <= LongestWord && !head.ContainsAny(Apart) && !tail.ContainsAny(Apart);
    }

    // john.smit before h@firma.de; not the address of a site, nor a file, nor the end of a sentence before a short address.
    private static bool IsCutName(ReadOnlySpan<char> head)
    {
        int point = head.LastIndexOfAny("._+");
        ReadOnlySpan<char> last = head[(point + 1)..];
        return point >= ShortestHalf && last.Length >= ShortestHalf && !head.ContainsAnyExcept(OfName) && !EmailDomain.IsTop(last) && !EmailDomain.IsFile(last)
            && !head.StartsWith("www.", StringComparison.Ordinal);
    }

    // Digits beside the line's end, with what may stand between those of one number.
    private static int Digits(ReadOnlySpan<char> word, bool fromEnd)
    {
        // 2024-11-22 is a day.
        if (word.Length >= 10 && word[4] == '-' && word[7] == '-')
            return 0;
        int digits = 0;
        for (int i = 0; i < word.Length; i++)
        {
            char c = word[fromEnd ? word.Length - 1 - i : i];
            if (!char.IsDigit(c) && c is not ('-' or '(' or ')'))
                return fromEnd ? (c is ',' or '.' or '/' && word[^1] != '-' ? 0 : digits) : c is ',' or '.' or ';' or ':' or '?' or '!' or '"' ? digits : 0;
            digits += char.IsDigit(c) ? 1 : 0;
        }
        return digits;
    }

    // 203.0.1 and 13.77
    private static bool IsAddress(ReadOnlySpan<char> head, ReadOnlySpan<char> tail)
    {
        tail = tail.TrimEnd(".,;:!?)");
        head = head[(head.LastIndexOfAny("(:=[") + 1)..];
        if (head.Length + tail.Length > LongestAddress)
            return false;
        Span<char> whole = stackalloc char[LongestAddress];
        head.CopyTo(whole);
        tail.CopyTo(whole[head.Length..]);
        return IpAddresses.Ipv4End(whole[..(head.Length + tail.Length)], 0) == head.Length + tail.Length;
    }
}
