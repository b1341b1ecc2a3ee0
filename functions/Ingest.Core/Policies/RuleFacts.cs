using System.Net;
using System.Net.Sockets;
using Ingest.Core.Keys;
using Ingest.Mail.Mime;

namespace Ingest.Core.Policies;

/// <summary>What rules look at in a mail, each part found when a rule first asks.</summary>
internal sealed class RuleFacts(MailMessage message, IPAddress? client)
{
    private readonly IPAddress? _client = client is { IsIPv4MappedToIPv6: true } ? client.MapToIPv4() : client;
    private string[]? _authors, _addresses;
    private string? _list;

    private string[] Authors => _authors ??= [.. message.From.Select(a => a.Address).Where(a => a.Length > 0).Select(EmailIdentity.Normalise).Distinct()];

    // Whoever is among several authors is meant by a rule against them, and where nobody is named, who sent it.
    private string[] Addresses => _addresses ??= message.From.Count == 0 && message.Sender?.Address is { Length: > 0 } sender ? [EmailIdentity.Normalise(sender)] : Authors;

    // RFC 2919: the list is named between the last brackets, words before them are a title.
    private string List => _list ??= ListName(message.Headers.First("List-Id") ?? "");

    /// <summary>True when the rule is about this mail. Linear in the mail's fields.</summary>
    internal bool Match(MailRule rule) => rule.Subject switch
    {
        RuleSubject.Address => Array.Exists(Meant(rule), a => Wildcard.IsMatch(Normalised(rule.Pattern), a)),
        RuleSubject.Domain => Array.Exists(Meant(rule), a => a.LastIndexOf('@') is >= 0 and var at && Wildcard.IsMatch(EmailIdentity.Domain(rule.Pattern), a.AsSpan(at + 1))),
        RuleSubject.IpAddress => _client is not null && IsWithin(rule.Pattern, _client),
        RuleSubject.List => List.Length > 0 && Wildcard.IsMatch(rule.Pattern, List),
        RuleSubject.Header => rule.Pattern.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && HasField(rule.Pattern, colon),
    };

    // Only an author is ever checked, so only an author is allowed.
    private string[] Meant(MailRule rule) => rule.Effect == RuleEffect.Allow ? Authors : Addresses;

    private bool HasField(string pattern, int colon)
    {
        string wanted = pattern[(colon + 1)..].Trim();
        foreach (string value in message.Headers.All(pattern[..colon]))
            if (Wildcard.IsMatch(wanted, value.AsSpan().Trim())) return true;
        return false;
    }

    private static string Normalised(string pattern) => pattern.LastIndexOf('@') is >= 0 and var at ? string.Concat(pattern.AsSpan(0, at + 1), EmailIdentity.Domain(pattern[(at + 1)..])) : pattern;

    private static bool IsWithin(string pattern, IPAddress client)
    {
        if (IPAddress.TryParse(pattern, out IPAddress? one)) return one.Equals(client);
        return IPNetwork.TryParse(pattern, out IPNetwork network) && (network.BaseAddress.AddressFamily == client.AddressFamily || client.AddressFamily == AddressFamily.InterNetworkV6) && network.Contains(client);
    }

    private static string ListName(string field)
    {
        int end = field.LastIndexOf('>'), start = end < 0 ? -1 : field.LastIndexOf('<', end);
        return (start < 0 ? field : field[(start + 1)..end]).Trim().ToLowerInvariant();
    }
}
