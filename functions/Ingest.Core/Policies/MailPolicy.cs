using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Ingest.Core.Policies;

/// <summary>What an admin decided about a mailbox's mail. Sealed at rest: rules name people.</summary>
public sealed record MailPolicy
{
    /// <summary>The most rules of one policy.</summary>
    public const int MostRules = 1000;
    /// <summary>The highest limit on mails in an hour that can be set.</summary>
    public const int HighestRate = 10_000;

    /// <summary>What holds where nobody decided anything.</summary>
    public static MailPolicy Default { get; } = new();

    /// <summary>The rules, asked in order before the filter; the first that matches decides.</summary>
    public IReadOnlyList<MailRule> Rules { get; init => field = value ?? []; } = [];
    /// <summary>True when only mail that a rule allows, or that belongs to a ticket, is taken.</summary>
    public bool TakeOnlyAllowed { get; init; }
    /// <summary>True when the mailbox takes no mail for now: all of it is held.</summary>
    public bool Closed { get; init; }
    /// <summary>At most one customer's mail in so many is to be called spam; the line on the score follows from it.</summary>
    public int OneCustomerIn { get; init; } = 2000;
    /// <summary>Where mail goes about which the filter is unsure.</summary>
    public UnsureMail Unsure { get; init; }
    /// <summary>What is done with the first mail of somebody who never wrote before.</summary>
    public FirstContactMail FirstContact { get; init; }
    /// <summary>What is asked of a mail's proof.</summary>
    public ProofWanted Proof { get; init; }
    /// <summary>What is made of the verdict of the mailbox's provider.</summary>
    public ProviderSpam Provider { get; init; } = ProviderSpam.Weigh;
    /// <summary>The sorts of odd mail that are held.</summary>
    public IReadOnlyList<HeldSort> Hold { get; init => field = value ?? []; } = [HeldSort.RepeatedContent];
    /// <summary>Addresses of ours that take no answers, with * for any characters: mail to them alone is held.</summary>
    public IReadOnlyList<string> Unattended { get; init => field = value ?? []; } = [];
    /// <summary>The largest mail that is taken, in bytes; 0 for any.</summary>
    public long MostBytes { get; init; }
    /// <summary>Mails taken from one sender in an hour before the rest is held; 0 for no limit.</summary>
    public int MostFromSenderPerHour { get; init; } = 200;
    /// <summary>Mails taken from one domain in an hour before the rest is held; 0 for no limit. Domains at which strangers get addresses are not counted.</summary>
    public int MostFromDomainPerHour { get; init; } = 1000;
    /// <summary>Mails taken in one hour by the mailbox before the rest is held; 0 for no limit.</summary>
    public int MostPerHour { get; init; }
    /// <summary>Mails with the same content taken from one sender in an hour before the rest counts as <see cref="HeldSort.RepeatedContent"/>.</summary>
    public int MostSamePerHour { get; init; } = 10;
    /// <summary>Kept-back mails from which on an alarm is raised; 0 for none.</summary>
    public int AlarmFromCount { get; init; } = 500;
    /// <summary>Days after which a kept-back mail that nobody looked at raises an alarm; 0 for none.</summary>
    public int AlarmFromDays { get; init; } = 7;

    /// <summary>Writes it as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PolicyJson.Default.MailPolicy);

    /// <summary>Reads what <see cref="ToJson"/> wrote, by this version or one before: what is not said is as usual. Throws <see cref="JsonException"/> for anything else.</summary>
    public static MailPolicy FromJson(ReadOnlySpan<byte> json) => Read(Parse(json));

    /// <summary>Reads the same from a store, where a later version may have written it: a choice that this one does not know is as usual, a rule or sort that it does not know is left out.</summary>
    public static MailPolicy FromStore(ReadOnlySpan<byte> json)
    {
        JsonObject said = Parse(json);
        Drop<UnsureMail>(said, nameof(Unsure));
        Drop<FirstContactMail>(said, nameof(FirstContact));
        Drop<ProofWanted>(said, nameof(Proof));
        Drop<ProviderSpam>(said, nameof(Provider));
        if (said[nameof(Hold)] is JsonArray sorts) sorts.RemoveAll(sort => !Knows<HeldSort>(sort));
        if (said[nameof(Rules)] is JsonArray rules)
            rules.RemoveAll(rule => rule is not JsonObject one || !Knows<RuleEffect>(one[nameof(MailRule.Effect)]) || !Knows<RuleSubject>(one[nameof(MailRule.Subject)]));
        return Read(said);
    }

    /// <summary>Writes it as people and programs read it, which <see cref="FromJson"/> reads too: names begin with a small letter.</summary>
    public string ToText() => Named(JsonSerializer.SerializeToNode(this, PolicyJson.Default.MailPolicy)!, JsonNamingPolicy.CamelCase.ConvertName).ToJsonString();

    private static JsonObject Parse(ReadOnlySpan<byte> json) =>
        Named(JsonNode.Parse(json) ?? new JsonObject(), name => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..]) as JsonObject ?? throw new JsonException("A policy is an object.");

    private static JsonNode Named(JsonNode node, Func<string, string> name) => node switch
    {
        JsonObject one => new JsonObject(one.Where(member => member.Value is not null).DistinctBy(member => name(member.Key)).Select(member => KeyValuePair.Create(name(member.Key), (JsonNode?)Named(member.Value!, name)))),
        JsonArray all => new JsonArray([.. all.Select(item => item is null ? null : Named(item, name))]),
        _ => node.DeepClone(),
    };

    // The serialiser gives nothing, zero or null to what is not said, where it should be as usual.
    private static MailPolicy Read(JsonObject said)
    {
        JsonObject all = JsonSerializer.SerializeToNode(Default, PolicyJson.Default.MailPolicy)!.AsObject();
        foreach ((string name, JsonNode? value) in said) all[name] = value?.DeepClone();
        return all.Deserialize(PolicyJson.Default.MailPolicy)!;
    }

    private static void Drop<T>(JsonObject said, string name) where T : struct, Enum
    {
        if (said.ContainsKey(name) && !Knows<T>(said[name])) said.Remove(name);
    }

    private static bool Knows<T>(JsonNode? choice) where T : struct, Enum =>
        choice is JsonValue value && value.TryGetValue(out string? word) && Enum.TryParse(word, ignoreCase: true, out T known) && Enum.IsDefined(known);
}

/// <summary>Where mail goes about which the filter is unsure.</summary>
public enum UnsureMail
{
    /// <summary>To a ticket, with a flag.</summary>
    Ticket,
    /// <summary>To quarantine.</summary>
    Quarantine,
}

/// <summary>What is done with the first mail of somebody who never wrote before.</summary>
public enum FirstContactMail
{
    /// <summary>It is taken like any other.</summary>
    Take,
    /// <summary>It is held when its sender is not proven.</summary>
    HoldUnproven,
    /// <summary>It is held.</summary>
    Hold,
}

/// <summary>What is asked of the proof that a mail comes from its author's domain.</summary>
public enum ProofWanted
{
    /// <summary>Nothing: the filter weighs it.</summary>
    Weighed,
    /// <summary>Mail that fails the check of a domain that asks for quarantine or rejection is held.</summary>
    NotFailed,
    /// <summary>Mail that nothing proves is held.</summary>
    Proven,
}

/// <summary>What is made of the verdict of the mailbox's provider.</summary>
public enum ProviderSpam
{
    /// <summary>Nothing.</summary>
    Ignore,
    /// <summary>The filter weighs it.</summary>
    Weigh,
    /// <summary>What the provider calls spam is held.</summary>
    Hold,
}

/// <summary>A sort of odd mail that a mailbox may hold.</summary>
public enum HeldSort
{
    /// <summary>Automatic answers to nothing of ours.</summary>
    AutomaticAnswer = 1,
    /// <summary>Out-of-office notes to nothing of ours.</summary>
    OutOfOffice = 2,
    /// <summary>Mail without an author's address.</summary>
    NoAuthor = 3,
    /// <summary>Mail without subject, text and attachments.</summary>
    Blank = 4,
    /// <summary>Mail whose structure could not be read to its end.</summary>
    Unreadable = 5,
    /// <summary>Mail with a program as attachment.</summary>
    DangerousAttachment = 6,
    /// <summary>The same content again and again.</summary>
    RepeatedContent = 7,
    /// <summary>Mail that refers to a ticket, of somebody of whom nothing is known.</summary>
    StrangerToTicket = 8,
    /// <summary>Mail that refers to a ticket, of a known contact who is no participant of it.</summary>
    OutsiderOfTicket = 9,
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(MailPolicy))]
public sealed partial class PolicyJson : JsonSerializerContext;
