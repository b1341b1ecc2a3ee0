using System.Text;

namespace Ingest.Core.Redaction;

/// <summary>A source under masking: collects what to cover, then writes it once.</summary>
internal sealed class MaskedText(string input, RedactionPolicy policy, RedactionTools tools, char cover = '•')
{
    private const int CardHead = 6, Tail = 4;
    private readonly List<(int Start, int End, string With)> covers = [];
    private readonly List<Finding> findings = [];

    /// <summary>Finds what the policy wants in a text of the source and covers it. Characters that have no place of their own in the source (markup, separators) stay.</summary>
    internal MaskedText Cover(ReadableText text)
    {
        IReadOnlyList<Scan.Hit> hits = Scan.Run(text.Letters, policy, tools, out Scan scan);
        foreach (Scan.Hit hit in hits)
        {
            int start = text.StartOf(scan.First(hit.Start)), end = text.EndOf(scan.Last(hit.End - 1));
            findings.Add(new Finding(hit.Type, start, end - start, hit.Rule, hit.Confidence));
            if (policy.DryRun)
                continue;
            Write(text, scan, hit);
            tools.OnMasked?.Invoke(hit.Type, new string(scan.Text[hit.Start..hit.End]));
        }
        scan.End();
        return this;
    }

    /// <summary>The source with everything covered, and what was found, in order.</summary>
    internal RedactedText Finish()
    {
        if (findings.Count == 0)
            return new RedactedText(input, []);
        findings.Sort(static (a, b) => a.Start.CompareTo(b.Start) is not 0 and int order ? order : b.Length.CompareTo(a.Length) is not 0 and int longer ? longer : a.Type.CompareTo(b.Type));
        // Where two texts of one source find the same, it is told once.
        (int Start, int Length, FindingType Type) last = (-1, 0, 0);
        findings.RemoveAll(f => last == (last = (f.Start, f.Length, f.Type)));
        covers.Sort(static (a, b) => a.Start.CompareTo(b.Start) is not 0 and int order ? order : a.End.CompareTo(b.End));
        var output = new StringBuilder(input.Length);
        int done = 0;
        foreach ((int start, int end, string with) in covers)
        {
            // Where two texts of one source share a place, it is covered once, and what one of them reads further goes too.
            if (start < done)
            {
                done = Math.Max(done, end);
                continue;
            }
            output.Append(input, done, start - done).Append(with);
            done = end;
        }
        output.Append(input, done, input.Length - done);
        return new RedactedText(output.ToString(), findings);
    }

    private void Write(ReadableText text, Scan scan, Scan.Hit hit)
    {
        MaskStyle style = policy.Of(hit.Type).Mask;
        if (style is MaskStyle.Label or MaskStyle.Pseudonym)
        {
            Name(text, scan, hit, style);
            return;
        }

        int signs = Count(scan.Text[hit.Start..hit.End]);
        (int head, int tail) = style switch
        {
            MaskStyle.FirstSixLastFour => (CardHead, Tail),
            MaskStyle.LastFour => (0, Tail),
            _ => (0, 0),
        };
        // What is so short that little would be covered is covered whole.
        if (signs < (head + tail) * 2 - (head > 0 ? CardHead : 0))
            (head, tail) = (0, 0);
        for (int i = hit.Start, sign = 0; i < hit.End; i++)
            if (char.IsLetterOrDigit(scan.Text[i]) && ++sign > head && sign <= signs - tail)
                Replace(text.StartOf(scan.First(i)), text.EndOf(scan.Last(i)), cover.ToString());
    }

    // The first letter becomes the name and the others nothing, so that tags between them stay.
    private void Name(ReadableText text, Scan scan, Scan.Hit hit, MaskStyle style)
    {
        string name = tools.Label?.Invoke(hit.Type) ?? Labels.Of(hit.Type);
        if (style == MaskStyle.Pseudonym && tools.Pseudonym is { } pseudonym)
            name += " " + pseudonym(hit.Type, Signs(scan.Text[hit.Start..hit.End]));
        string with = $"[{name}]";
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

    private bool Replace(int start, int end, string with)
    {
        if (end > start)
            covers.Add((start, end, with));
        return end > start;
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
