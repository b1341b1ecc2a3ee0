namespace Ingest.Core.Redaction;

/// <summary>What is masked before anything is written, and what becomes of what cannot be.</summary>
public sealed record RedactionPolicy
{
    /// <summary>The confidence asked of a finding where nothing else is said.</summary>
    public const double UsualConfidence = 0.5;

    /// <summary>What holds where nobody decided anything: every sort but people's names.</summary>
    public static RedactionPolicy Default { get; } = new();

    /// <summary>Nothing is looked for.</summary>
    public static RedactionPolicy Off { get; } = new() { Types = Enum.GetValues<FindingType>().ToDictionary(type => type, _ => new TypePolicy(MaskStyle.None)), IsOff = true };

    /// <summary>What is said of single sorts; the others are as <see cref="TypePolicy.Usual"/> has them.</summary>
    public IReadOnlyDictionary<FindingType, TypePolicy> Types { get; init => field = value ?? None; } = None;

    /// <summary>Findings below this confidence, 0 to 1, are left alone, unless their sort has a line of its own.</summary>
    public double Confidence { get; init; } = UsualConfidence;

    /// <summary>The countries (ISO 3166, two small letters) whose own numbers are looked for; none for all.</summary>
    public IReadOnlyList<string> Countries { get; init => field = value ?? []; } = [];

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

    /// <summary>True when everything is found and counted, and nothing masked or withheld.</summary>
    public bool DryRun { get; init; }

    /// <summary>True when nothing is even looked for.</summary>
    public bool IsOff { get; init; }

    private static IReadOnlyDictionary<FindingType, TypePolicy> None => new Dictionary<FindingType, TypePolicy>();

    /// <summary>What holds for a sort of finding.</summary>
    public TypePolicy Of(FindingType type) => Types.TryGetValue(type, out TypePolicy? said) ? said : TypePolicy.Usual(type);

    /// <summary>The confidence asked of a sort of finding.</summary>
    public double LeastConfidence(FindingType type) => Of(type).Confidence ?? Confidence;

    /// <summary>True when a rule's country is looked at: rules without one always are.</summary>
    public bool Covers(string rule)
    {
        if (Countries.Count == 0 || rule.Length < 3 || rule[2] != '.') return true;
        foreach (string country in Countries)
            if (rule.StartsWith(country, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
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
