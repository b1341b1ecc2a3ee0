using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Ingest.Core.Redaction;

/// <summary>A source under masking: collects what to cover, then writes it once.</summary>
internal sealed class MaskedText(string input, RedactionPolicy policy, RedactionTools tools, char cover = MaskedText.Dot)
{
    private const char Dot = '•';
    private const int CardHead = 6, Tail = 4, Bits = 64, MostReadings = 3;
    private static readonly string DotAlone = Dot.ToString();

    private readonly List<Finding> findings = [];
    private readonly string sign = cover == Dot ? DotAlone : cover.ToString();
    // Signs of the source that each become the covering sign, one bit for each: however much is covered, and however often, it costs no more.
    private ulong[] covered = [];
    private List<Patch>? patches;
    private bool findingsInOrder = true, patchesInOrder = true;

    // What is written in place of a stretch.
    private readonly record struct Patch(int Start, int End, string With);

    /// <summary>Finds what the policy wants in a text of the source and covers it. Characters that have no place of their own in the source (markup, separators) stay.</summary>
    internal MaskedText Cover(ReadableText text)
    {
        Scan.Run(text.Letters, policy, tools, out Scan scan);
        Cover(text, scan);
        bool spaced = scan.HasSpaced;
        scan.End();
        if (spaced)
            CoverSpaced(text);
        if (WrappedLines.HasAny(text.Letters))
            CoverWrapped(text);
        return OtherForms.HasAny(text.Letters) ? CoverSeen(text) : this;
    }

    /// <summary>Covers what is found in a text as it is seen.</summary>
    internal MaskedText CoverSeen(ReadableText text)
    {
        ReadableText seen = OtherForms.Seen(text);
        Scan.Run(seen.Letters, policy, tools, out Scan scan);
        Cover(seen, scan);
        scan.End();
        return this;
    }

    /// <summary>Covers what stands sign by sign with blanks between.</summary>
    internal void CoverSpaced(ReadableText text)
    {
        List<(int Start, int End)> rows = [];
        if (SpacedSigns.Read(text, rows) is not { } read)
            return;
        Scan.Run(read.Letters, policy, tools, out Scan scan);
        scan.Hits.RemoveAll(hit => !SpacedSigns.Holds(rows, scan, hit));
        Take(read, scan);
        scan.End();
    }

    /// <summary>Covers what line ends cut in two.</summary>
    internal void CoverWrapped(ReadableText text)
    {
        HashSet<int> ends = [.. findings.Select(found => found.Start + found.Length)];
        foreach (WrappedLines.Piece piece in WrappedLines.Pieces(text))
        {
            // A number that ends its line is whole; a password may go on.
            bool whole = ends.Contains(piece.Text.EndOf(piece.Joint - 1));
            Scan.Run(piece.Text.Letters, policy, tools, out Scan scan);
            scan.Hits.RemoveAll(hit => !piece.Holds(scan, hit) || (whole && hit.Type != FindingType.Secret));
            Take(piece.Text, scan);
            scan.End();
        }
    }

    /// <summary>Covers what was found in a text of the source.</summary>
    internal void Cover(in ReadableText text, Scan scan) => Cover(text, scan, 0);

    private void Cover(in ReadableText text, Scan scan, int reading)
    {
        Take(text, scan);
        if (reading < MostReadings && scan.Hits.Count > 0 && Remainder.Pieces(text, scan, policy) is { } pieces)
            foreach (Remainder.Piece piece in pieces)
            {
                Scan.Run(piece.Text.Letters, policy, tools, out Scan again);
                again.Hits.RemoveAll(hit => again.Last(hit.End - 1) < piece.From || again.First(hit.Start) >= piece.To);
                Cover(piece.Text, again, reading + 1);
                again.End();
            }
    }

    private void Take(in ReadableText text, Scan scan)
    {
        // All at once where this is the only reading; of the others nobody knows how many there will be.
        if (findings.Count == 0)
            findings.EnsureCapacity(scan.Hits.Count);
        foreach (Scan.Hit hit in scan.Hits)
        {
            int start = text.StartOf(scan.First(hit.Start)), end = text.EndOf(scan.Last(hit.End - 1));
            // What is drawn from right to left begins at its end.
            if (end <= start && text.EndOf(scan.Last(hit.Start)) is var first && first > start)
                (start, end) = (text.StartOf(scan.First(hit.End - 1)), first);
            // It stands in words that are read twice, as labels of what follows.
            if (end <= start)
                continue;
            findingsInOrder &= findings.Count == 0 || findings[^1].Start < start;
            findings.Add(Finding.Of(hit, start, end - start));
            if (policy.DryRun)
                continue;
            Write(text, scan, hit);
            tools.OnMasked?.Invoke(hit.Type, new string(scan.Text[hit.Start..hit.End]));
        }
    }

    /// <summary>The source with everything covered, and what was found, in order.</summary>
    internal RedactedText Finish()
    {
        if (!findingsInOrder)
            OrderFindings();
        if (covered.Length == 0 && patches is null)
            return new RedactedText(input, findings);
        if (patches is not null)
            OrderPatches(patches);
        int length = input.Length;
        foreach (Patch patch in CollectionsMarshal.AsSpan(patches))
            length += patch.With.Length - (patch.End - patch.Start);
        return new RedactedText(string.Create(length, this, static (output, mask) => mask.Fill(output)), findings);
    }

    private void Fill(Span<char> output)
    {
        int done = 0;
        foreach (Patch patch in CollectionsMarshal.AsSpan(patches))
        {
            Copy(done, patch.Start, output);
            output = output[(patch.Start - done)..];
            patch.With.CopyTo(output);
            output = output[patch.With.Length..];
            done = patch.End;
        }
        Copy(done, input.Length, output);
    }

    private void Copy(int start, int end, Span<char> output)
    {
        input.AsSpan(start, end - start).CopyTo(output);
        ulong within = ulong.MaxValue << (start % Bits);
        for (int word = start / Bits; word < covered.Length && word * Bits < end; word++, within = ulong.MaxValue)
            for (ulong left = covered[word] & within; left != 0 && word * Bits + BitOperations.TrailingZeroCount(left) is var at && at < end; left &= left - 1)
                output[at - start] = cover;
    }

    // Only where a source was read in several ways, or not from its beginning to its end.
    private void OrderFindings()
    {
        findings.Sort(static (a, b) => a.Start.CompareTo(b.Start) is not 0 and int order ? order : b.Length.CompareTo(a.Length) is not 0 and int longer ? longer : a.Type.CompareTo(b.Type));
        // Where two texts of one source find the same, it is told once.
        (int Start, int Length, FindingType Type) last = (-1, 0, 0);
        findings.RemoveAll(f => last == (last = (f.Start, f.Length, f.Type)));
    }

    private void OrderPatches(List<Patch> patches)
    {
        if (!patchesInOrder)
            patches.Sort(static (a, b) => a.Start.CompareTo(b.Start) is not 0 and int order ? order : a.End.CompareTo(b.End));
        int kept = 0;
        for (int i = 0; i < patches.Count; i++)
        {
            Patch patch = IsCovered(patches[i].Start) ? patches[i] with { With = sign } : patches[i];
            // Where two texts of one source share a place, it is covered once, and what one of them reads further goes too.
            if (kept > 0 && patch.Start < patches[kept - 1].End)
                patches[kept - 1] = patches[kept - 1] with { End = Math.Max(patches[kept - 1].End, patch.End) };
            else
                patches[kept++] = patch;
        }
        patches.RemoveRange(kept, patches.Count - kept);
    }

    private bool IsCovered(int at) => covered.Length > 0 && (covered[at / Bits] >> (at % Bits) & 1) != 0;

    private void Write(in ReadableText text, Scan scan, in Scan.Hit hit)
    {
        MaskStyle style = policy.Of(hit.Type).Mask;
        if (style is MaskStyle.Label or MaskStyle.Pseudonym)
        {
            Name(text, scan, hit, style);
            return;
        }

        ReadOnlySpan<char> plain = scan.Text;
        (int signs, int head, int tail) = Left(style, plain[hit.Start..hit.End]);
        bool asRead = text.IsPlain && scan.IsAsRead;
        for (int i = hit.Start, sign = 0; i < hit.End; i++)
            if (char.IsLetterOrDigit(plain[i]) && ++sign > head && sign <= signs - tail)
            {
                // As most texts are: each sign has one place.
                if (asRead)
                    Sign(text.StartOf(i));
                else
                    Sign(text.StartOf(scan.First(i)), text.EndOf(scan.Last(i)));
            }
    }

    /// <summary>How many letters and digits a value has, and how many of them are left to be read at its beginning and end.</summary>
    internal static (int Signs, int Head, int Tail) Left(MaskStyle style, ReadOnlySpan<char> value)
    {
        int signs = Count(value);
        (int head, int tail) = style switch
        {
            MaskStyle.FirstSixLastFour => (CardHead, Tail),
            MaskStyle.LastFour => (0, Tail),
            _ => (0, 0),
        };
        // What is so short that little would be covered is covered whole.
        return signs < (head + tail) * 2 - (head > 0 ? CardHead : 0) ? (signs, 0, 0) : (signs, head, tail);
    }

    // The first letter becomes the name and the others nothing, so that tags between them stay.
    private void Name(in ReadableText text, Scan scan, in Scan.Hit hit, MaskStyle style)
    {
        string with = Named(scan, hit, style);
        if (text.IsPlain)
        {
            Replace(text.StartOf(scan.First(hit.Start)), text.EndOf(scan.Last(hit.End - 1)), with);
            return;
        }
        int from = 0, to = 0;
        for (int i = scan.First(hit.Start); i <= scan.Last(hit.End - 1); i++)
        {
            (int start, int end) = (text.StartOf(i), text.EndOf(i));
            // What stands together in the source goes together.
            if (end > start && start != to)
            {
                with = Replace(from, to, with) ? "" : with;
                from = start;
            }
            to = end > start ? end : to;
        }
        Replace(from, to, with);
    }

    private string Named(Scan scan, in Scan.Hit hit, MaskStyle style)
    {
        bool pseudonym = style == MaskStyle.Pseudonym && tools.Pseudonym is not null;
        if (tools.Label is null && !pseudonym)
            return Labels.Bracketed(hit.Type);
        string name = tools.Label?.Invoke(hit.Type) ?? Labels.Of(hit.Type);
        return pseudonym ? $"[{name} {tools.Pseudonym!(hit.Type, Signs(scan.Text[hit.Start..hit.End]))}]" : $"[{name}]";
    }

    private bool Replace(int start, int end, string with)
    {
        if (end <= start)
            return false;
        patches ??= new List<Patch>(findings.Capacity);
        patchesInOrder &= patches.Count == 0 || patches[^1].End <= start;
        patches.Add(new Patch(start, end, with));
        return true;
    }

    private void Sign(int start, int end)
    {
        if (end == start + 1)
            Sign(start);
        else
            Replace(start, end, sign);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Sign(int start)
    {
        if (covered.Length == 0)
            covered = new ulong[input.Length / Bits + 1];
        covered[start / Bits] |= 1UL << (start % Bits);
    }

    private static int Count(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (char c in text)
            count += char.IsLetterOrDigit(c) ? 1 : 0;
        return count;
    }

    private static string Signs(ReadOnlySpan<char> text)
    {
        var signs = new StringBuilder(text.Length);
        foreach (char c in text)
            if (char.IsLetterOrDigit(c))
                signs.Append(char.ToUpperInvariant(c));
        return signs.ToString();
    }
}
