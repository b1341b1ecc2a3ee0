using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>
/// One run of check_host() (RFC 7208 section 4) with the limits that hold for all of it. Recursion ends as each include and redirect is one of the 10 terms that may
/// ask DNS. A term counts as void when what it names is not there; the addresses of mail exchanges do not count, as a host without IPv6 is no fault of the record.
/// </summary>
internal sealed class SpfCheck(DnsLookup dns, SpfIdentity identity, TimeProvider time, CancellationToken cancel)
{
    private const int MaxLookups = 10;
    private const int MaxVoidLookups = 2;
    private const int MaxNames = 10;
    private static readonly DnsAnswer Unaskable = new(DnsStatus.Answer);
    private int lookups;
    private int voidLookups;
    private string explanation = "";
    private IReadOnlyList<string>? clientNames;

    public async Task<AuthResult> RunAsync()
    {
        var (result, record, domain) = await CheckHostAsync(identity.Domain);
        if (result == AuthResult.Fail && record?.Explain is { } explain)
            explanation = await ExplainAsync(explain, domain);
        return result;
    }

    public SpfVerdict Verdict(AuthResult result, string problem) => new(result, identity.Domain)
    {
        Explanation = explanation,
        Lookups = Math.Min(lookups, MaxLookups),
        VoidLookups = Math.Min(voidLookups, MaxVoidLookups),
        Problem = problem,
        IsHelo = identity.IsHelo,
    };

    // The record whose explanation counts is the one that decided, at the domain where it is.
    private async Task<(AuthResult Result, SpfRecord? Record, string Domain)> CheckHostAsync(string domain)
    {
        if (await RecordAsync(domain) is not { } record)
            return (AuthResult.None, null, domain);
        foreach (var directive in record.Directives)
        {
            if (await MatchesAsync(directive, domain))
                return (directive.Result, record, domain);
        }
        if (record.Redirect is not { } redirect)
            return (AuthResult.Neutral, record, domain);
        CountLookup();
        var target = await TargetAsync(redirect, domain);
        var decided = await CheckHostAsync(target);
        return decided.Result == AuthResult.None ? throw Broken("redirect= names a domain without an SPF record") : decided;
    }

    private async Task<SpfRecord?> RecordAsync(string domain)
    {
        var answer = await AskAsync(domain, DnsType.Txt);
        if (answer.IsTrouble)
            throw Trouble();
        string? text = null;
        foreach (var candidate in answer.Texts)
        {
            if (!SpfRecord.IsOne(candidate))
                continue;
            if (text is not null)
                throw Broken("more than one SPF record");
            text = candidate;
        }
        if (text is null)
            return null;
        return SpfRecord.Parse(text, out _) ?? throw Broken("the SPF record has a term that cannot be read");
    }

    private async ValueTask<bool> MatchesAsync(SpfDirective directive, string domain)
    {
        switch (directive.Kind)
        {
            case SpfKind.All:
                return true;
            case SpfKind.Ip4 or SpfKind.Ip6:
                return directive.Covers(identity.Client, directive.Network!);
        }
        CountLookup();
        var target = directive.Domain.Length == 0 ? domain : await TargetAsync(directive.Domain, domain);
        return directive.Kind switch
        {
            SpfKind.Include => await IncludesAsync(target),
            SpfKind.A => await HasAddressAsync(directive, target),
            SpfKind.Mx => await IsExchangeAsync(directive, target),
            SpfKind.Ptr => await IsNamedAsync(target),
            _ => Counted(await AskAsync(target, DnsType.A)).Addresses.Count > 0,
        };
    }

    private async Task<bool> IncludesAsync(string target)
    {
        var (result, _, _) = await CheckHostAsync(target);
        return result == AuthResult.None ? throw Broken("include: names a domain without an SPF record") : result == AuthResult.Pass;
    }

    private async Task<bool> HasAddressAsync(SpfDirective directive, string target) =>
        Counted(await AskAsync(target, AddressType)).Addresses.Any(address => directive.Covers(identity.Client, address));

    private async Task<bool> IsExchangeAsync(SpfDirective directive, string target)
    {
        var exchanges = Counted(await AskAsync(target, DnsType.Mx)).Exchanges;
        if (exchanges.Count > MaxNames)
            throw Broken("mx names more than 10 mail exchanges");
        foreach (var exchange in exchanges)
        {
            var answer = await AskAsync(exchange.Exchange, AddressType);
            if (answer.IsTrouble)
                throw Trouble();
            if (answer.Addresses.Any(address => directive.Covers(identity.Client, address)))
                return true;
        }
        return false;
    }

    private async Task<bool> IsNamedAsync(string target) =>
        (await ClientNamesAsync(countVoid: true)).Any(name => DnsName.IsWithin(name, DnsName.Normal(target)));

    // The names of the client that lead back to its address (section 5.5), ten at most; trouble means no name.
    private async Task<IReadOnlyList<string>> ClientNamesAsync(bool countVoid)
    {
        if (clientNames is not null)
            return clientNames;
        var answer = await AskAsync(DnsName.OfAddress(identity.Client), DnsType.Ptr);
        if (countVoid && answer.IsVoid)
            CountVoid();
        var valid = new List<string>();
        foreach (var name in answer.Names.Take(MaxNames))
        {
            if ((await AskAsync(name, AddressType)).Addresses.Contains(identity.Client))
                valid.Add(DnsName.Normal(name));
        }
        return clientNames = valid;
    }

    // The name itself, else one below it, else any (section 7.3).
    private async Task<string> ValidatedNameAsync(string domain)
    {
        var names = await ClientNamesAsync(countVoid: false);
        return names.FirstOrDefault(name => name == domain) ?? names.FirstOrDefault(name => DnsName.IsWithin(name, domain)) ?? (names.Count > 0 ? names[0] : "unknown");
    }

    private async Task<string> TargetAsync(string domainSpec, string domain)
    {
        var name = DnsName.Normal(await ExpandAsync(domainSpec, domain));
        while (name.Length > DnsName.MaxLength && name.IndexOf('.') is >= 0 and var dot)
            name = name[(dot + 1)..];
        return name;
    }

    private async Task<string> ExpandAsync(string text, string domain)
    {
        var validated = SpfMacro.NeedsValidatedName(text) ? await ValidatedNameAsync(domain) : "";
        return SpfMacro.Expand(text, letter => letter switch
        {
            's' => $"{identity.Local}@{identity.SenderDomain}",
            'l' => identity.Local,
            'o' => identity.SenderDomain,
            'd' => domain,
            'i' => identity.Client.AddressFamily == AddressFamily.InterNetwork ? identity.Client.ToString() : Nibbles(identity.Client),
            'p' => validated,
            'h' => identity.Helo,
            'v' => identity.Client.AddressFamily == AddressFamily.InterNetwork ? "in-addr" : "ip6",
            'c' => identity.Client.ToString(),
            'r' => identity.Receiver,
            't' => time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            _ => "",
        });
    }

    // Whatever is wrong with it, there is then no explanation (section 6.2).
    private async Task<string> ExplainAsync(string domainSpec, string domain)
    {
        var answer = await AskAsync(await TargetAsync(domainSpec, domain), DnsType.Txt);
        if (answer.Texts is not [var text] || !SpfMacro.IsText(text, explanation: true))
            return "";
        var explained = await ExpandAsync(text, domain);
        return SpfIdentity.IsPrintable(explained) ? explained : "";
    }

    private DnsAnswer Counted(DnsAnswer answer)
    {
        if (answer.IsTrouble)
            throw Trouble();
        if (answer.IsVoid)
            CountVoid();
        return answer;
    }

    // A name that DNS cannot hold is one that does not exist, and costs nothing to ask for (section 4.8 leaves it open).
    private async ValueTask<DnsAnswer> AskAsync(string name, DnsType type)
    {
        cancel.ThrowIfCancellationRequested();
        return DnsName.CanBeAsked(name) ? await dns(name, type, cancel) : Unaskable;
    }

    private DnsType AddressType => identity.Client.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa;

    private void CountLookup()
    {
        if (++lookups > MaxLookups)
            throw Broken("more than 10 terms ask DNS");
    }

    private void CountVoid()
    {
        if (++voidLookups > MaxVoidLookups)
            throw Broken("more than 2 terms ask for what is not there");
    }

    private static string Nibbles(IPAddress address) => string.Join('.', Convert.ToHexString(address.GetAddressBytes()).AsEnumerable());

    private static SpfStop Broken(string problem) => new(AuthResult.PermError, problem);

    private static SpfStop Trouble() => new(AuthResult.TempError, "DNS failed");
}
