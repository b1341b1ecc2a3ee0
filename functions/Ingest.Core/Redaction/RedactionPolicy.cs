namespace Ingest.Core.Redaction;

/// <summary>What is masked before anything is written, and what becomes of what cannot be.</summary>
public sealed partial record RedactionPolicy
{
    /// <summary>The confidence asked of a finding where nothing else is said.</summary>
    public const double UsualConfidence = 0.5;

    // What is said, or usual, of each sort, by its number: asked for every finding.
    private TypePolicy[] types = TypePolicy.AllOf(None);

    /// <summary>What it began as; all else is what differs from there.</summary>
    public RedactionPreset Preset { get; init; }

    /// <summary>What is said of single sorts; the others are as <see cref="TypePolicy.Usual"/> has them.</summary>
    public IReadOnlyDictionary<FindingType, TypePolicy> Types
    {
        get;
        init
        {
            field = value ?? None;
            types = TypePolicy.AllOf(field);
            IsOff = Array.TrueForAll(types, type => type.Mask == MaskStyle.None);
        }
    } = None;

    /// <summary>Findings below this confidence, 0 to 1, are left alone, unless their sort has a line of its own.</summary>
    public double Confidence { get; init; } = UsualConfidence;

    /// <summary>The countries (ISO 3166, two small letters) whose own numbers are looked for; none for all.</summary>
    public IReadOnlyList<string> Countries { get; init => field = value ?? []; } = [];

    /// <summary>Rules that are not asked: one such as "us.passport", or all that begin with a word and a dot, such as "us".</summary>
    public IReadOnlyList<string> RulesOff { get; init => field = value ?? []; } = [];

    /// <summary>What is never masked, such as one's own order numbers: # is a digit, ? a letter or digit, * any of them, all else itself.</summary>
    public IReadOnlyList<string> Allow { get; init => field = value ?? []; } = [];

    /// <summary>What becomes of a PDF in which something was found.</summary>
    public FoundInPdf Pdf { get; init; }

    /// <summary>What becomes of archives.</summary>
    public UnreadFile Archives { get; init; } = UnreadFile.Flag;

    /// <summary>What becomes of images.</summary>
    public UnreadFile Images { get; init; } = UnreadFile.Flag;

    /// <summary>What becomes of other files that cannot be looked into.</summary>
    public UnreadFile Unreadable { get; init; } = UnreadFile.Flag;

    /// <summary>What becomes of the original mail.</summary>
    public OriginalMail Original { get; init; }

    /// <summary>The sorts that do not leave in answers.</summary>
    public IReadOnlyList<FindingType> Outgoing { get; init => field = value ?? []; } = [FindingType.Card, FindingType.CardExpiry, FindingType.CardCode, FindingType.NationalId, FindingType.Secret];

    /// <summary>True when what would be masked is only found and counted: nothing is masked, withheld or destroyed.</summary>
    public bool DryRun { get; init; }

    /// <summary>True when nothing is even looked for: no sort is to be masked.</summary>
    public bool IsOff { get; private init; }

    /// <summary>True when a mail's original stays after its ticket is written. A dry run destroys nothing.</summary>
    public bool KeepsOriginal => DryRun || Original == OriginalMail.Kept;

    /// <summary>True when a sort is written as a pseudonym, for which a key is needed.</summary>
    public bool UsesPseudonyms => Array.Exists(types, type => type.Mask == MaskStyle.Pseudonym);

    /// <summary>
    /// Reads a policy as people write it; what it leaves out is as its preset has it, or as <paramref name="start"/> where it names none. Throws
    /// <see cref="RedactionPolicyException"/>, which names the fix, for what is no policy or cannot be kept; names that are unknown are repeated in it unless <paramref name="quotes"/> is false.
    /// </summary>
    public static RedactionPolicy FromJson(ReadOnlyMemory<byte> json, RedactionPolicy? start = null, bool quotes = true)
    {
        RedactionPolicy policy = CheckRedaction.Tidy(RedactionJson.Read(json, start ?? Default, fromStore: false, quotes));
        return CheckRedaction.Find(policy) is [var first, ..] ? throw new RedactionPolicyException(first) : policy;
    }

    /// <summary>The names of all settings, as JSON has them.</summary>
    public static IReadOnlyList<string> Settings { get; } = RedactionJson.Known.Split(", ");

    /// <summary>Reads what <see cref="ToJson"/> wrote, by this version or a later one: what this one does not know is left out. Throws <see cref="RedactionPolicyException"/> for anything else.</summary>
    public static RedactionPolicy FromStore(ReadOnlyMemory<byte> json) => RedactionJson.Read(json, Default, fromStore: true);

    /// <summary>Writes its preset and what differs from it.</summary>
    public byte[] ToJson() => RedactionJson.Write(this, whole: false);

    /// <summary>Writes all of it, for people.</summary>
    public string ToText() => System.Text.Encoding.UTF8.GetString(RedactionJson.Write(this, whole: true));

    private static IReadOnlyDictionary<FindingType, TypePolicy> None => new Dictionary<FindingType, TypePolicy>();

    /// <summary>What holds for a sort of finding.</summary>
    public TypePolicy Of(FindingType type) => types[(int)type];

    /// <summary>The confidence asked of a sort of finding.</summary>
    public double LeastConfidence(FindingType type) => Of(type).Confidence ?? Confidence;

    /// <summary>True when a rule is asked: it is not switched off, and its country, if it has one, is looked at.</summary>
    public bool Covers(string rule)
    {
        foreach (string off in RulesOff)
            if (rule.StartsWith(off, StringComparison.OrdinalIgnoreCase) && (rule.Length == off.Length || rule[off.Length] == '.')) return false;
        if (Countries.Count == 0 || rule.Length < 3 || rule[2] != '.') return true;
        foreach (string country in Countries)
            if (rule.StartsWith(country, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}

/// <summary>What a policy begins as; POLICIES.md beside this file says what each does, what it leaves, and why.</summary>
public enum RedactionPreset
{
    /// <summary>Every sort but people's names, originals kept.</summary>
    Default,
    /// <summary>What PCI DSS asks of card data; no original.</summary>
    Pci,
    /// <summary>Personal data kept to what is needed, as GDPR has it.</summary>
    Gdpr,
    /// <summary>The identifiers of HIPAA's safe harbor, as far as they can be found.</summary>
    Hipaa,
    /// <summary>Nothing is looked for.</summary>
    Off,
}

/// <summary>What becomes of a PDF in which something was found; nothing in it can be masked.</summary>
public enum FoundInPdf
{
    /// <summary>A text copy of it takes its place, masked.</summary>
    TextCopy,
    /// <summary>It is withheld: its name stays, its content is not kept in the ticket.</summary>
    Withhold,
}

/// <summary>What becomes of a file into which nobody looked.</summary>
public enum UnreadFile
{
    /// <summary>It is kept, and the ticket says that nobody looked into it.</summary>
    Flag,
    /// <summary>It is withheld: its name stays, its content is not kept in the ticket.</summary>
    Withhold,
}

/// <summary>What becomes of an original when its mail is a ticket.</summary>
public enum OriginalMail
{
    /// <summary>It stays sealed in its pack, as long as the mailbox keeps originals; each opening is audited.</summary>
    Kept,
    /// <summary>Its key is destroyed with the ticket's writing: nobody can open it again.</summary>
    NotKept,
}
