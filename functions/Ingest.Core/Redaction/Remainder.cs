using System.Buffers;

namespace Ingest.Core.Redaction;

/// <summary>
/// What is left of a text around what is masked in it, as a second reading would find it: a number that another one ran into stands alone once that one is gone, a word that spoke
/// for it has come nearer. Only the neighbourhoods of digits and addresses that are left beside something masked, so that most texts are read once.
/// </summary>
internal static class Remainder
{
    // No word speaks for anything farther away; what stands beyond the margin is not read.
    private const int Reach = 100, Before = 120, After = 60, Shortest = 4, LongestWord = 40, FewestDigits = 2;
    private static readonly SearchValues<char> Candidates = SearchValues.Create("0123456789@(\""), Signs = SearchValues.Create("@(\"");

    /// <summary>A piece of a text as it stands once masked.</summary>
    /// <param name="Text">What is read of it.</param>
    /// <param name="From">What is found before is not of this piece.</param>
    /// <param name="To">What is found from here on is not either.</param>
    internal readonly record struct Piece(ReadableText Text, int From, int To);

    /// <summary>All pieces in which something may be left, in order; null when there is none, as mostly.</summary>
    internal static IEnumerable<Piece>? Pieces(in ReadableText text, Scan scan, RedactionPolicy policy)
    {
        List<(int From, int To)>? cores = null;
        for (int i = 0, before = 0; i <= scan.Hits.Count; i++)
        {
            int start = i < scan.Hits.Count ? scan.First(scan.Hits[i].Start) : text.Letters.Length;
            if (i > 0)
                Note(text.Letters, before, Math.Min(start, before + Reach), ref cores);
            // Where two stand near each other, what is between them is behind the one and before the other.
            if (i < scan.Hits.Count && (i == 0 || start - before > Reach))
                Note(text.Letters, Math.Max(before, start - Reach), start, ref cores);
            before = i < scan.Hits.Count ? scan.Last(scan.Hits[i].End - 1) + 1 : before;
        }
        return cores is null ? null : Read(text, cores, MaskedIn(scan, policy));
    }

    private static IEnumerable<Piece> Read(ReadableText text, List<(int From, int To)> cores, List<Masked> masked) => cores.Select(core => Read(text, core, masked));

    private static List<Masked> MaskedIn(Scan scan, RedactionPolicy policy)
    {
        List<Masked> masked = new(scan.Hits.Count);
        foreach (Scan.Hit hit in scan.Hits)
        {
            MaskStyle style = policy.Of(hit.Type).Mask;
            (int signs, int head, int tail) = MaskedText.Left(style, scan.Text[hit.Start..hit.End]);
            masked.Add(new Masked(scan.First(hit.Start), scan.Last(hit.End - 1) + 1, style is MaskStyle.Label or MaskStyle.Pseudonym ? Labels.Bracketed(hit.Type) : null, head, signs - tail));
        }
        return masked;
    }

    // What is masked is shorter than it was, so that words beyond it have come nearer.
    private static int Back(int at, List<Masked> masked)
    {
        int left = Before;
        for (int i = Past(masked, at) - 1; i >= 0 && left > 0 && at - masked[i].End < left; i--)
            (left, at) = (left - (at - masked[i].End) - Shortest, masked[i].Start);
        return Math.Max(0, at - Math.Max(0, left));
    }

    private static int Forth(int at, List<Masked> masked, int length)
    {
        int left = After;
        for (int i = Past(masked, at); i < masked.Count && left > 0 && masked[i].Start - at < left; i++)
            (left, at) = (left - (masked[i].Start - at) - Shortest, masked[i].End);
        return Math.Min(length, at + Math.Max(0, left));
    }

    // Which is the first that ends after a place.
    private static int Past(List<Masked> masked, int at)
    {
        int low = 0, high = masked.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = masked[middle].End <= at ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    // What is written in its place, or which of its letters and digits are covered.
    private readonly record struct Masked(int Start, int End, string? With, int FirstSign, int PastSign);

    // From the first to the last sign that can belong to anything.
    private static void Note(string letters, int from, int to, ref List<(int From, int To)>? cores)
    {
        if (to <= from)
            return;
        ReadOnlySpan<char> stretch = letters.AsSpan(from, to - from);
        bool foreign = !System.Text.Ascii.IsValid(stretch);
        int first = foreign ? 0 : stretch.IndexOfAny(Candidates), last = foreign ? stretch.Length - 1 : stretch.LastIndexOfAny(Candidates);
        while (first > 0 && char.IsAsciiLetterOrDigit(stretch[first - 1]))
            first--;
        if (first < 0 || (!foreign && !MayHold(stretch[first..(last + 1)])))
            return;
        (from, to) = (from + first, from + last + 1);
        if (cores is not null && from - cores[^1].To <= Before)
            cores[^1] = (cores[^1].From, to);
        else
            (cores ??= []).Add((from, to));
    }

    // One digit that stands alone is no number of anybody.
    private static bool MayHold(ReadOnlySpan<char> stretch)
    {
        if (stretch.ContainsAny(Signs) || stretch.Contains("::", StringComparison.Ordinal))
            return true;
        int digits = 0;
        for (int i = 0; i < stretch.Length && digits < FewestDigits; i++)
            digits += !char.IsAsciiDigit(stretch[i]) ? 0 : i > 0 && char.IsAsciiLetter(stretch[i - 1]) ? FewestDigits : 1;
        return digits >= FewestDigits;
    }

    private static Piece Read(ReadableText text, (int From, int To) core, List<Masked> masked)
    {
        int start = Back(core.From, masked), end = Forth(core.To, masked, text.Letters.Length);
        for (int i = 0; i < LongestWord && start > 0 && !char.IsWhiteSpace(text.Letters[start - 1]); i++)
            start--;
        for (int i = 0; i < LongestWord && end < text.Letters.Length && !char.IsWhiteSpace(text.Letters[end]); i++)
            end++;
        var read = new ReadableText.Builder(end - start);
        int next = Past(masked, start), from = 0, to = 0, sign = 0;
        for (int at = start; at < end;)
        {
            from = at <= core.From ? read.Length : from;
            if (next < masked.Count && at >= masked[next].Start && masked[next].With is { } with)
            {
                read.Add(with, text.StartOf(at), text.EndOf(masked[next].End - 1) - text.StartOf(at));
                at = masked[next].End;
            }
            else
            {
                char c = text.Letters[at];
                bool covered = next < masked.Count && at >= masked[next].Start && char.IsLetterOrDigit(c) && sign++ is var place && place >= masked[next].FirstSign && place < masked[next].PastSign;
                read.Add(covered ? '•' : c, text.StartOf(at), text.EndOf(at) - text.StartOf(at));
                at++;
            }
            to = at <= core.To ? read.Length : to;
            if (next < masked.Count && at >= masked[next].End)
                (next, sign) = (next + 1, 0);
        }
        return new Piece(read.Finish(), from, to);
    }
}
