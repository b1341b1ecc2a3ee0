using System.Globalization;
using System.Net;

namespace Ingest.Core.Policies;

/// <summary>Something in a policy that cannot be kept as it stands.</summary>
/// <param name="Setting">Which: the name of a member of <see cref="MailPolicy"/>.</param>
/// <param name="Fix">What is wrong and what to do about it, without content.</param>
/// <param name="Rule">Which rule, counted from 1; 0 when it is none of them.</param>
public sealed record PolicyProblem(string Setting, string Fix, int Rule = 0);

/// <summary>Whether a policy can be kept, and its one spelling.</summary>
public static class CheckPolicy
{
    private const int MostUnattended = 50, MostDays = 3650;

    /// <summary>What is wrong with a policy that holds more than there is room for.</summary>
    internal static PolicyProblem TooMuch { get; } = new(nameof(MailPolicy.Rules), "The rules are too long to be kept: name domains with *, or ranges of addresses, in place of many single ones.");

    /// <summary>The same without what is only a matter of typing: white space around, and what is said twice.</summary>
    public static MailPolicy Tidy(MailPolicy policy) => policy with
    {
        Rules = [.. policy.Rules.Select(Tidy).Distinct()],
        Hold = [.. policy.Hold.Distinct().Order()],
        Unattended = [.. policy.Unattended.Select(a => a.Trim().ToLowerInvariant()).Where(a => a.Length > 0).Distinct()],
    };

    private static MailRule Tidy(MailRule rule)
    {
        string text = (rule.Pattern ?? "").Trim();
        return rule with
        {
            Pattern = rule.Subject switch
            {
                RuleSubject.Address => text.Trim('<', '>').ToLowerInvariant(),
                // Many write a domain as in an address.
                RuleSubject.Domain => text.TrimStart('@').TrimEnd('.').ToLowerInvariant(),
                RuleSubject.List => text.Trim('<', '>').ToLowerInvariant(),
                RuleSubject.IpAddress => text.ToLowerInvariant(),
                RuleSubject.Header => text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? $"{text[..colon].TrimEnd()}: {text[(colon + 1)..].Trim()}" : text,
            },
        };
    }

    /// <summary>What keeps a tidy policy from being kept; empty when nothing does.</summary>
    public static IReadOnlyList<PolicyProblem> Find(MailPolicy policy)
    {
        List<PolicyProblem> problems = [];
        void Unless(bool right, string setting, string fix)
        {
            if (!right) problems.Add(new PolicyProblem(setting, fix));
        }

        Unless(policy.Rules.Count <= MailPolicy.MostRules, nameof(MailPolicy.Rules), "A policy has 1,000 rules at most: name domains with *, or ranges of addresses, in place of many single ones.");
        foreach ((int index, MailRule rule) in policy.Rules.Take(MailPolicy.MostRules).Index())
            if (Fix(rule) is { } fix) problems.Add(new PolicyProblem(nameof(MailPolicy.Rules), string.Create(CultureInfo.InvariantCulture, $"Rule {index + 1}: {fix}"), index + 1));
        Unless(policy.OneCustomerIn is >= 10 and <= 1_000_000, nameof(MailPolicy.OneCustomerIn), "At most one customer in so many is a number from 10 to 1,000,000.");
        Unless(Enum.IsDefined(policy.Unsure) && Enum.IsDefined(policy.FirstContact) && Enum.IsDefined(policy.Proof) && Enum.IsDefined(policy.Provider) && policy.Hold.All(Enum.IsDefined), nameof(MailPolicy.Hold),
            "One of the choices is none that is known: choose one of those that are offered.");
        Unless(policy.MostBytes is 0 or >= 10_000, nameof(MailPolicy.MostBytes), "The largest mail is 10,000 bytes or more, or 0 for any.");
        foreach ((string name, int rate) in new[] { (nameof(MailPolicy.MostFromSenderPerHour), policy.MostFromSenderPerHour), (nameof(MailPolicy.MostFromDomainPerHour), policy.MostFromDomainPerHour), (nameof(MailPolicy.MostPerHour), policy.MostPerHour) })
            Unless(rate is >= 0 and <= MailPolicy.HighestRate, name, "Mails in an hour are a number from 0, for no limit, to 10,000.");
        Unless(policy.MostSamePerHour is >= 2 and <= MailPolicy.HighestRate, nameof(MailPolicy.MostSamePerHour), "Mails with the same content in an hour are a number from 2 to 10,000.");
        Unless(policy.Unattended.Count <= MostUnattended && policy.Unattended.All(a => a.Length <= MailRule.LongestPattern && a.Contains('@', StringComparison.Ordinal) && IsPattern(a)), nameof(MailPolicy.Unattended),
            "Addresses that take no answers look like noreply@example.com, with * for any characters, 50 at most.");
        Unless(policy.AlarmFromCount >= 0, nameof(MailPolicy.AlarmFromCount), "Mails from which on an alarm is raised are a number, or 0 for no alarm.");
        Unless(policy.AlarmFromDays is >= 0 and <= MostDays, nameof(MailPolicy.AlarmFromDays), "Days after which an alarm is raised are a number up to 3650, or 0 for no alarm.");
        return problems;
    }

    private static string? Fix(MailRule rule)
    {
        if (!Enum.IsDefined(rule.Effect) || !Enum.IsDefined(rule.Subject)) return "it is of no kind that is known.";
        if (rule.Pattern.Length is 0 or > MailRule.LongestPattern) return "say what to look for, in 320 characters at most.";
        if (!IsPattern(rule.Pattern)) return "it may have 8 stars at most, and no control characters.";
        if (rule.Effect == RuleEffect.Suspend && rule.Subject != RuleSubject.Address) return "only a sender's address can be suspended: deny the rest.";
        bool matchesAll = rule.Pattern.All(c => c is '*' or '.' or '@');
        return rule.Subject switch
        {
            RuleSubject.Address when matchesAll || !rule.Pattern.Contains('@', StringComparison.Ordinal) => "an address looks like ada@example.com or *@example.com.",
            RuleSubject.Domain when matchesAll || rule.Pattern.Any(c => c is '@' or ' ' or '/') || !rule.Pattern.Contains('.', StringComparison.Ordinal) => "a domain looks like example.com, or *.example.com for all below it.",
            RuleSubject.List when matchesAll => "a list looks like news.example.com: what stands in the field List-Id between < and >.",
            RuleSubject.IpAddress when !IPNetwork.TryParse(rule.Pattern, out _) && !IPAddress.TryParse(rule.Pattern, out _) => "a server looks like 192.0.2.1, and a range like 192.0.2.0/24.",
            RuleSubject.Header when !IsHeader(rule.Pattern) => "a field looks like X-Mailer: *Sender*.",
            RuleSubject.Address or RuleSubject.Domain or RuleSubject.List or RuleSubject.IpAddress or RuleSubject.Header => null,
        };
    }

    private static bool IsPattern(string text) => text.Count(c => c == '*') <= MailRule.MostStars && !text.Any(char.IsControl);

    private static bool IsHeader(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && text.Take(colon).All(c => c is > ' ' and <= '~' and not '*') && text[(colon + 1)..].Trim().Length > 0;
}
