namespace Ingest.Core.Redaction;

/// <content>The presets. POLICIES.md beside this file says what each does, what it leaves, and why.</content>
public sealed partial record RedactionPolicy
{
    private const double LooserConfidence = 0.4;

    /// <summary>What holds where nobody decided anything: every sort but people's names.</summary>
    public static RedactionPolicy Default { get; } = new();

    /// <summary>Card data as PCI DSS 4.0 asks for (3.3 to 3.5), and what opens accounts; nothing else. No original, for a security code may not be stored even encrypted.</summary>
    public static RedactionPolicy Pci { get; } = new()
    {
        Preset = RedactionPreset.Pci,
        Types = Only(FindingType.Card, FindingType.CardExpiry, FindingType.CardCode, FindingType.Secret),
        Confidence = LooserConfidence,
        Archives = UnreadFile.Withhold,
        Unreadable = UnreadFile.Withhold,
        Original = OriginalMail.NotKept,
        Outgoing = [FindingType.Card, FindingType.CardExpiry, FindingType.CardCode, FindingType.Secret],
    };

    /// <summary>Personal data kept to what an answer needs: pseudonyms (GDPR article 4 number 5) where an agent compares, labels elsewhere.</summary>
    public static RedactionPolicy Gdpr { get; } = new()
    {
        Preset = RedactionPreset.Gdpr,
        Types = All(type => type switch
        {
            FindingType.Iban or FindingType.BankAccount or FindingType.NationalId or FindingType.Phone or FindingType.Email or FindingType.IpAddress or FindingType.Wallet => MaskStyle.Pseudonym,
            FindingType.Card => MaskStyle.LastFour,
            _ => MaskStyle.Label,
        }),
        Archives = UnreadFile.Withhold,
        Outgoing = [FindingType.Card, FindingType.CardExpiry, FindingType.CardCode, FindingType.BankAccount, FindingType.NationalId, FindingType.Passport, FindingType.DrivingLicence, FindingType.DateOfBirth, FindingType.HealthNumber, FindingType.Secret],
    };

    /// <summary>The identifiers of the safe harbor method (45 CFR 164.514 (b)(2)), as far as they can be found; no part of any is left.</summary>
    public static RedactionPolicy Hipaa { get; } = new()
    {
        Preset = RedactionPreset.Hipaa,
        Types = All(_ => MaskStyle.Label),
        Confidence = LooserConfidence,
        Archives = UnreadFile.Withhold,
        Images = UnreadFile.Withhold,
        Unreadable = UnreadFile.Withhold,
        Outgoing = [FindingType.Card, FindingType.CardExpiry, FindingType.CardCode, FindingType.BankAccount, FindingType.NationalId, FindingType.Passport, FindingType.DrivingLicence, FindingType.DateOfBirth, FindingType.HealthNumber, FindingType.Secret],
    };

    /// <summary>Nothing is looked for.</summary>
    public static RedactionPolicy Off { get; } = new() { Preset = RedactionPreset.Off, Types = All(_ => MaskStyle.None), Outgoing = [] };

    /// <summary>A preset by its name.</summary>
    public static RedactionPolicy Named(RedactionPreset preset) => preset switch
    {
        RedactionPreset.Default => Default,
        RedactionPreset.Pci => Pci,
        RedactionPreset.Gdpr => Gdpr,
        RedactionPreset.Hipaa => Hipaa,
        RedactionPreset.Off => Off,
    };

    /// <summary>The same policy for some sorts only; one of them that it leaves alone is masked as usual, or named where that is not usual either.</summary>
    public RedactionPolicy With(IReadOnlyCollection<FindingType> only) => this with
    {
        Types = Enum.GetValues<FindingType>().ToDictionary(type => type, type => !only.Contains(type) ? new TypePolicy(MaskStyle.None)
            : Of(type).Mask != MaskStyle.None ? Of(type) : TypePolicy.Usual(type).Mask != MaskStyle.None ? TypePolicy.Usual(type) : new TypePolicy(MaskStyle.Label)),
    };

    /// <summary>The same policy with one line for all sorts.</summary>
    public RedactionPolicy WithConfidence(double confidence) => this with
    {
        Confidence = confidence,
        Types = Types.ToDictionary(type => type.Key, type => type.Value with { Confidence = null }),
    };

    private static Dictionary<FindingType, TypePolicy> All(Func<FindingType, MaskStyle> mask) => Enum.GetValues<FindingType>().ToDictionary(type => type, type => new TypePolicy(mask(type)));

    private static Dictionary<FindingType, TypePolicy> Only(params FindingType[] types) => All(type => types.Contains(type) ? TypePolicy.Usual(type).Mask : MaskStyle.None);
}
