using System.Runtime.InteropServices;
using Ingest.Core.Redaction.Numbers;

namespace Ingest.Core.Redaction;

/// <summary>
/// One reading of a text by all detectors: its plain form (<see cref="Fold"/>), what they found in it, and which of it stands where two lie over each other. One per thread
/// is used again and again, so that a clean text costs no memory.
/// </summary>
internal sealed class Scan
{
    private const int KeptLength = 1 << 20;

    private const int Few = 8;

    // Where digits are so surely one thing, nobody asks whether they are another.
    private const double Certain = 0.98;

    private static readonly Comparison<Hit> ByPlace = static (a, b) => a.Start.CompareTo(b.Start);
    private static readonly Comparison<Hit> BySureness = static (a, b) => b.Hundredths.CompareTo(a.Hundredths) is not 0 and int surer ? surer
        : (b.End - b.Start).CompareTo(a.End - a.Start) is not 0 and int longer ? longer
        : a.Start.CompareTo(b.Start) is not 0 and int earlier ? earlier
        : a.Type.CompareTo(b.Type) is not 0 and int sort ? sort : string.CompareOrdinal(a.Rule, b.Rule);

    [ThreadStatic]
    private static Scan? spare, other;

    private List<Hit> hits = [], unordered = [];
    private ulong[] places = [];
    private readonly List<Recognised> recognised = [];
    private readonly double[] least = new double[(int)FindingType.Person + 1];
    private readonly SpanSet taken = new();
    private char[] plain = [];
    private int[] origin = [];
    private int length = -1;
    private bool chooses;
    private RedactionPolicy? known;
    private string letters = "";

    /// <summary>What was found.</summary>
    /// <param name="Start">Where it begins in <see cref="Text"/>.</param>
    /// <param name="End">Where it ends.</param>
    /// <param name="Rule">The rule that found it.</param>
    internal readonly record struct Hit(int Start, int End, string Rule)
    {
        // Both in one: a value of four parts is carried in registers, one of five is written and read again.
        private readonly int sort;

        /// <summary>A finding of a sort, and how sure it is, 0 to 100.</summary>
        internal Hit(FindingType type, byte hundredths, int start, int end, string rule) : this(start, end, rule) => sort = (int)type << 8 | hundredths;

        /// <summary>What it is.</summary>
        internal FindingType Type => (FindingType)(sort >> 8);

        /// <summary>How sure it is, 0 to 100.</summary>
        internal byte Hundredths => (byte)sort;

        /// <summary>0 to 1.</summary>
        internal double Confidence => Hundredths / 100.0;
    }

    /// <summary>What is to be masked, in order.</summary>
    internal List<Hit> Hits => hits;

    /// <summary>What is wanted.</summary>
    internal RedactionPolicy Policy { get; private set; } = RedactionPolicy.Default;

    /// <summary>What else there is to go by.</summary>
    internal RedactionTools Tools { get; private set; } = RedactionTools.None;

    /// <summary>Which rules fit which way of writing numbers.</summary>
    internal ShapeMemory Shapes { get; } = new();

    /// <summary>Where digits stand in the text.</summary>
    internal DigitRows Rows { get; } = new();

    /// <summary>The account numbers that were found, wanted or not, in order.</summary>
    internal List<IbanPlace> Accounts { get; } = [];

    /// <summary>Room for digits while cards are looked for.</summary>
    internal DigitRun Digits { get; } = new();

    /// <summary>Room for the signs of a number while numbers are looked for.</summary>
    internal char[] TokenSigns { get; } = new char[NumberToken.Most];

    /// <summary>Room for their places.</summary>
    internal int[] TokenPlaces { get; } = new int[NumberToken.Most];

    /// <summary>The cards that were found, wanted or not, in order.</summary>
    internal List<CardNumber> Cards { get; } = [];

    /// <summary>The words around places of the text.</summary>
    internal TopicScanner Words { get; } = new();

    /// <summary>The words around places of the text that name what stands there.</summary>
    internal NearIndex Near { get; } = new();

    /// <summary>True when signs may stand one by one in it (<see cref="SpacedSigns"/>).</summary>
    internal bool HasSpaced { get; set; }

    /// <summary>The plain text.</summary>
    internal ReadOnlySpan<char> Text => length < 0 ? letters : plain.AsSpan(0, length);

    /// <summary>Reads a text by all detectors and hands over what is to be masked in it, in order. The list is good until the next reading.</summary>
    internal static IReadOnlyList<Hit> Run(string letters, RedactionPolicy policy, RedactionTools tools, out Scan scan)
    {
        // What is left of a text is read while its own reading is still needed.
        scan = spare ?? other ?? new Scan();
        (spare, other) = (null, spare is null ? null : other);
        scan.Begin(letters, policy, tools);
        Detect.Run(scan);
        scan.HasSpaced |= SpacedSigns.HasDigits(scan.Text, scan.Rows);
        scan.Settle();
        return scan.hits;
    }

    /// <summary>Gives the memory of a reading back.</summary>
    internal void End()
    {
        Rows.Trim(KeptLength);
        (letters, Tools, Policy) = ("", RedactionTools.None, RedactionPolicy.Default);
        hits.Clear();
        if (plain.Length <= KeptLength)
            (spare, other) = (this, spare ?? other);
    }

    /// <summary>True when the plain text is what was read, sign by sign.</summary>
    internal bool IsAsRead => length < 0;

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

    /// <summary>The confidence asked of a sort of finding; more than anything has where none is wanted.</summary>
    internal double Least(FindingType type) => least[(int)type];

    /// <summary>Takes a finding, if the policy wants such ones.</summary>
    internal void Add(FindingType type, int start, int end, string rule, double confidence)
    {
        while (end > start && Text[end - 1] == Fold.Wall)
            end--;
        if (end <= start || !(confidence >= Least(type)) || (chooses && (!Policy.Covers(rule) || (!MustGo(type) && AllowPattern.Allows(Policy.Allow, Text, start, end)))))
            return;
        if (confidence >= Certain)
            Rows.Take(start, end);
        hits.Add(new Hit(type, (byte)Math.Round(Math.Min(confidence, 1) * 100), start, end, rule));
    }

    // Under PCI no pattern keeps what belongs to a card, however it is written.
    private bool MustGo(FindingType type) => Policy.Preset == RedactionPreset.Pci && type is FindingType.Card or FindingType.CardExpiry or FindingType.CardCode;

    /// <summary>Asks the recognisers that were plugged in.</summary>
    internal void Ask(Recogniser recogniser)
    {
        recognised.Clear();
        recogniser(Text, recognised);
        foreach (Recognised found in recognised)
            if (found.Start >= 0 && found.Length > 0 && found.Length <= Text.Length - found.Start)
                Add(found.Type, found.Start, found.Start + found.Length, found.Rule, found.Confidence);
    }

    /// <summary>The least confidence that is asked of any sort.</summary>
    internal double LeastOfAll { get; private set; }

    private void Begin(string letters, RedactionPolicy policy, RedactionTools tools)
    {
        (this.letters, Policy, Tools, length) = (letters, policy, tools, -1);
        if (!ReferenceEquals(policy, known))
            Learn(policy);
        HasSpaced = false;
        hits.Clear();
        Words.Clear();
        Near.Clear();
        Cards.Clear();
        Accounts.Clear();
        Digits.Clear();
        if (!Fold.IsPlain(letters))
        {
            if (plain.Length < letters.Length)
                (plain, origin) = (new char[letters.Length], new int[letters.Length]);
            length = Fold.Into(letters, plain, origin);
        }
        Rows.Read(Text);
    }

    // What is asked of a policy for every text and every finding.
    private void Learn(RedactionPolicy policy)
    {
        known = policy;
        chooses = policy.RulesOff.Count + policy.Countries.Count + policy.Allow.Count > 0;
        LeastOfAll = double.MaxValue;
        for (int type = 0; type < least.Length; type++)
        {
            least[type] = Wants((FindingType)type) ? policy.LeastConfidence((FindingType)type) : double.MaxValue;
            LeastOfAll = Math.Min(LeastOfAll, least[type]);
        }
    }

    // By their places; each is moved once, however long the text is.
    private void Order()
    {
        if (places.Length < hits.Count)
            places = new ulong[Math.Max(hits.Count, places.Length * 2)];
        for (int i = 0; i < hits.Count; i++)
            places[i] = (ulong)hits[i].Start << 32 | (uint)i;
        places.AsSpan(0, hits.Count).Sort();
        (hits, unordered) = (unordered, hits);
        for (int i = 0; i < unordered.Count; i++)
            hits.Add(unordered[(int)(uint)places[i]]);
        unordered.Clear();
    }

    private void Sort(int from, int past, Comparison<Hit> order)
    {
        Span<Hit> some = CollectionsMarshal.AsSpan(hits)[from..past];
        if (some.Length > Few)
        {
            some.Sort(order);
            return;
        }
        for (int i = 1; i < some.Length; i++)
            for (int k = i; k > 0 && order(some[k], some[k - 1]) < 0; k--)
                (some[k], some[k - 1]) = (some[k - 1], some[k]);
    }

    // Of those that lie over each other the surer one stands, then the longer one, then the earlier one.
    private void Settle()
    {
        if (hits.Count < 2)
            return;
        Order();
        int kept = 0;
        for (int i = 0, next; i < hits.Count; i = next)
        {
            int end = hits[i].End;
            for (next = i + 1; next < hits.Count && hits[next].Start < end; next++)
                end = Math.Max(end, hits[next].End);
            if (next - i == 1)
            {
                hits[kept++] = hits[i];
                continue;
            }
            Sort(i, next, BySureness);
            int from = kept;
            for (int k = i; k < next; k++)
                if (taken.Add(hits[k].Start, hits[k].End))
                    hits[kept++] = hits[k];
            Sort(from, kept, ByPlace);
        }
        taken.Clear();
        hits.RemoveRange(kept, hits.Count - kept);
    }
}
