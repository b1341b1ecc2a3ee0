namespace Ingest.Core.Policies;

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
    /// <summary>The sender is suspended: the mail is held even where a rule before this one allows it.</summary>
    Suspend,
}

/// <summary>One rule.</summary>
/// <param name="Effect">What it does.</param>
/// <param name="Subject">What it looks at.</param>
/// <param name="Pattern">What it looks for.</param>
public sealed record MailRule(RuleEffect Effect, RuleSubject Subject, string Pattern)
{
    /// <summary>The longest pattern, in UTF-16 code units.</summary>
    public const int LongestPattern = 320;
    /// <summary>The most stars of one pattern.</summary>
    public const int MostStars = 8;
}
