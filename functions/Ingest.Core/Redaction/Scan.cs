namespace Ingest.Core.Redaction;

/// <summary>
/// One reading of a text by all detectors: its plain form (<see cref="Fold"/>), what they found in it, and which of it stands where two lie over each other. One per thread
/// is used again and again, so that a clean text costs no memory.
/// </summary>
internal sealed class Scan
{
    private const int KeptLength = 1 << 20;

    [ThreadStatic]
    private static Scan? spare;

    private List<Hit> hits = [], standing = [];
    private readonly List<Recognised> recognised = [];
    private char[] plain = [];
    private int[] origin = [];
    private int length = -1;
    private string letters = "";

    /// <summary>What was found.</summary>
    /// <param name="Type">What it is.</param>
    /// <param name="Start">Where it begins in <see cref="Text"/>.</param>
    /// <param name="End">Where it ends.</param>
    /// <param name="Rule">The rule that found it.</param>
    /// <param name="Confidence">0 to 1.</param>
    internal readonly record struct Hit(FindingType Type, int Start, int End, string Rule, double Confidence);

    /// <summary>What is wanted.</summary>
    internal RedactionPolicy Policy { get; private set; } = RedactionPolicy.Default;

    /// <summary>What else there is to go by.</summary>
    internal RedactionTools Tools { get; private set; } = RedactionTools.None;

    /// <summary>The plain text.</summary>
    internal ReadOnlySpan<char> Text => length < 0 ? letters : plain.AsSpan(0, length);

    /// <summary>Reads a text by all detectors and hands over what is to be masked in it, in order. The list is good until the next reading.</summary>
    internal static IReadOnlyList<Hit> Run(string letters, RedactionPolicy policy, RedactionTools tools, out Scan scan)
    {
        scan = spare ?? new Scan();
        spare = null;
        scan.Begin(letters, policy, tools);
        Detect.Run(scan);
        scan.Settle();
        return scan.hits;
    }

    /// <summary>Gives the memory of a reading back.</summary>
    internal void End()
    {
        (letters, Tools, Policy) = ("", RedactionTools.None, RedactionPolicy.Default);
        hits.Clear();
        if (plain.Length <= KeptLength)
            spare = this;
    }

    /// <summary>Where the letter of a place of the plain text begins in the letters read.</summary>
    internal int First(int at) => length < 0 ? at : origin[at];

    /// <summary>The last character in the letters read of what stands at a place of the plain text.</summary>
    internal int Last(int at)
    {
        int first = First(at);
        return char.IsHighSurrogate(letters[first]) && first + 1 < letters.Length ? first + 1 : first;
    }

    /// <summary>True when a sort of finding is looked for at all.</summary>
    internal bool Wants(FindingType type) => Policy.Of(type).Mask != MaskStyle.None;

    /// <summary>Takes a finding, if the policy wants such ones.</summary>
    internal void Add(FindingType type, int start, int end, string rule, double confidence)
    {
        if (end > start && Wants(type) && confidence >= Policy.LeastConfidence(type) && Policy.Covers(rule) && !AllowPattern.Allows(Policy.Allow, Text, start, end))
            hits.Add(new Hit(type, start, end, rule, Math.Round(confidence, 2)));
    }

    /// <summary>Asks the recognisers that were plugged in.</summary>
    internal void Ask(Recogniser recogniser)
    {
        recognised.Clear();
        recogniser(Text, recognised);
        foreach (Recognised found in recognised)
            if (found.Start >= 0 && found.Length > 0 && found.Length <= Text.Length - found.Start)
                Add(found.Type, found.Start, found.Start + found.Length, found.Rule, found.Confidence);
    }

    private void Begin(string letters, RedactionPolicy policy, RedactionTools tools)
    {
        (this.letters, Policy, Tools, length) = (letters, policy, tools, -1);
        hits.Clear();
        if (Fold.IsPlain(letters))
            return;
        if (plain.Length < letters.Length)
            (plain, origin) = (new char[letters.Length], new int[letters.Length]);
        length = Fold.Into(letters, plain, origin);
    }

    // The surer one stands, then the longer one, then the earlier one.
    private void Settle()
    {
        if (hits.Count < 2)
            return;
        hits.Sort(static (a, b) => b.Confidence.CompareTo(a.Confidence) is not 0 and int surer ? surer
            : (b.End - b.Start).CompareTo(a.End - a.Start) is not 0 and int longer ? longer
            : a.Start.CompareTo(b.Start) is not 0 and int earlier ? earlier : a.Type.CompareTo(b.Type));
        using var taken = new SpanSet(Text.Length);
        foreach (Hit hit in hits)
            if (taken.Add(hit.Start, hit.End))
                standing.Add(hit);
        (hits, standing) = (standing, hits);
        standing.Clear();
        hits.Sort(static (a, b) => a.Start.CompareTo(b.Start));
    }
}
