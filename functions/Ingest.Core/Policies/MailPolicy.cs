using System.Text.Json.Serialization;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Policies;

/// <summary>What an admin decided about a mailbox's mail. Sealed at rest: rules name people.</summary>
public sealed record MailPolicy
{
    /// <summary>What holds where nobody decided anything.</summary>
    public static MailPolicy Default { get; } = new();

    /// <summary>The rules, asked in order before the filter; the first that matches decides.</summary>
    public IReadOnlyList<MailRule> Rules { get; init; } = [];
    /// <summary>At most one customer's mail in so many is to be called spam; the line on the score follows from it.</summary>
    public int OneCustomerIn { get; init; } = 2000;
    /// <summary>Where mail goes about which the filter is unsure.</summary>
    public UnsureMail Unsure { get; init; }
    /// <summary>What is done with the first mail of somebody who never wrote before.</summary>
    public FirstContactMail FirstContact { get; init; }
    /// <summary>Mails taken from one sender in an hour before the rest is held; 0 for no limit.</summary>
    public int MostFromSenderPerHour { get; init; } = 60;
    /// <summary>Mails taken from one domain in an hour before the rest is held; 0 for no limit. Domains at which strangers get addresses are not counted.</summary>
    public int MostFromDomainPerHour { get; init; } = 600;
    /// <summary>Mails taken in one hour by the mailbox before the rest is held; 0 for no limit.</summary>
    public int MostPerHour { get; init; }
    /// <summary>Kept-back mails from which on an alarm is raised; 0 for none.</summary>
    public int AlarmFromCount { get; init; } = 500;
    /// <summary>Days after which a kept-back mail that nobody looked at raises an alarm; 0 for none.</summary>
    public int AlarmFromDays { get; init; } = 7;
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

/// <summary>What a rule looks at.</summary>
public enum RuleSubject
{
    /// <summary>The author's address; * stands for any characters.</summary>
    Address,
    /// <summary>The author's domain; "*.example.com" is all below it.</summary>
    Domain,
    /// <summary>The address of the server that handed the mail to the provider, or a range of them (CIDR).</summary>
    IpAddress,
    /// <summary>The List-Id; * stands for any characters.</summary>
    List,
    /// <summary>A header field: "Name: pattern", * stands for any characters.</summary>
    Header,
}

/// <summary>What a rule does.</summary>
public enum RuleEffect
{
    /// <summary>The mail is taken, whatever the filter says; never against a failed check of a domain that publishes a policy.</summary>
    Allow,
    /// <summary>The mail is held.</summary>
    Deny,
}

/// <summary>One rule.</summary>
/// <param name="Effect">What it does.</param>
/// <param name="Subject">What it looks at.</param>
/// <param name="Pattern">What it looks for.</param>
public sealed record MailRule(RuleEffect Effect, RuleSubject Subject, string Pattern);

/// <summary>What the rules say of a mail before the filter is asked.</summary>
/// <param name="Effect">Take it, hold it, or nothing.</param>
/// <param name="Reason">Why it is held; None else.</param>
/// <param name="Rule">Which rule decided, counted from 1; 0 when none did.</param>
public readonly record struct PolicyDecision(RuleEffect? Effect, OutcomeReason Reason = OutcomeReason.None, int Rule = 0)
{
    /// <summary>True when a rule allows it, but it fails its own domain's check: the rule is not obeyed.</summary>
    public bool AllowRefused { get; init; }
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(MailPolicy))]
public sealed partial class PolicyJson : JsonSerializerContext;
