using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>Finds out whether SPF or DKIM prove the domain in From, and what that domain asks for (RFC 9989). Safe for use from several threads.</summary>
/// <param name="dns">Where records come from.</param>
public sealed class DmarcVerifier(DnsLookup dns)
{
    private const int MaxFromDomains = 5;

    /// <summary>
    /// Judges the domains of From: several are each judged, and the strictest end counts (section 11.5 warns of such mail). Never throws on what DNS says.
    /// </summary>
    /// <param name="fromDomains">The domains of the addresses in From.</param>
    /// <param name="spf">What SPF says, null when the client is not known.</param>
    /// <param name="dkim">What the signatures prove.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<DmarcVerdict> CheckAsync(IEnumerable<string> fromDomains, SpfVerdict? spf, IReadOnlyList<DkimVerdict> dkim, CancellationToken cancel)
    {
        var domains = fromDomains.Select(static domain => DnsName.Domain(domain) ?? "").Distinct(StringComparer.Ordinal).ToList();
        if (domains.Count == 0 || domains.Contains(""))
            return new DmarcVerdict(AuthResult.PermError, "") { Problem = "From names no domain that can be asked" };
        if (domains.Count > MaxFromDomains)
            return new DmarcVerdict(AuthResult.PermError, domains[0]) { Problem = "From names too many domains" };
        DmarcVerdict? strictest = null;
        foreach (var domain in domains)
        {
            var verdict = await CheckAsync(domain, spf, dkim, cancel);
            if (strictest is null || Strictness(verdict) > Strictness(strictest))
                strictest = verdict;
        }
        return strictest!;
    }

    private async Task<DmarcVerdict> CheckAsync(string domain, SpfVerdict? spf, IReadOnlyList<DkimVerdict> dkim, CancellationToken cancel)
    {
        var walk = await DmarcWalk.RunAsync(dns, domain, cancel);
        if (walk.IsTrouble)
            return new DmarcVerdict(AuthResult.TempError, domain) { Problem = "DNS failed" };
        var (recordDomain, record) = walk.Counting();
        if (record is null)
            return new DmarcVerdict(AuthResult.None, domain) { Problem = walk.IsAmbiguous ? "more than one DMARC record" : "" };
        if (!record.IsUsable)
            return new DmarcVerdict(AuthResult.None, domain) { Problem = "the DMARC record has no policy that can be understood" };
        var verdict = new DmarcVerdict(AuthResult.Fail, domain)
        {
            Record = record,
            RecordDomain = recordDomain,
            OrganizationalDomain = walk.OrganizationalDomain,
            Policy = await PolicyAsync(domain, recordDomain, record, cancel),
        };
        return await AlignAsync(verdict, record, spf, dkim, cancel);
    }

    private async Task<DmarcVerdict> AlignAsync(DmarcVerdict verdict, DmarcRecord record, SpfVerdict? spf, IReadOnlyList<DkimVerdict> dkim, CancellationToken cancel)
    {
        var (dkimPassed, dkimOpen) = (false, false);
        foreach (var signatures in dkim.Where(static signature => signature.ProvesAll || signature.Result == AuthResult.TempError).GroupBy(static signature => signature.Domain))
        {
            var isAligned = await IsAlignedAsync(signatures.Key, verdict, record.IsDkimStrict, cancel);
            dkimPassed |= isAligned == true && signatures.Any(static signature => signature.ProvesAll);
            dkimOpen |= isAligned != false;
        }
        bool? spfAligned = spf?.Result is AuthResult.Pass or AuthResult.TempError ? await IsAlignedAsync(spf.Domain, verdict, record.IsSpfStrict, cancel) : false;
        var spfPassed = spfAligned == true && spf!.Result == AuthResult.Pass;
        if (dkimPassed || spfPassed)
            return verdict with { Result = AuthResult.Pass, IsDkimAligned = dkimPassed, IsSpfAligned = spfPassed };
        // What could not be checked now may still prove the domain.
        return dkimOpen || spfAligned != false ? verdict with { Result = AuthResult.TempError, Problem = "an aligned check failed for now" } : verdict;
    }

    // Relaxed alignment needs one organisational domain, which is only possible within it: nothing else is asked for. Null when DNS failed.
    private async Task<bool?> IsAlignedAsync(string domain, DmarcVerdict verdict, bool isStrict, CancellationToken cancel)
    {
        if (domain == verdict.FromDomain)
            return true;
        if (isStrict || domain.Length == 0 || !DnsName.IsWithin(domain, verdict.OrganizationalDomain))
            return false;
        var walk = await DmarcWalk.RunAsync(dns, domain, cancel);
        return walk.IsTrouble ? null : walk.OrganizationalDomain == verdict.OrganizationalDomain;
    }

    private async Task<DomainPolicy> PolicyAsync(string domain, string recordDomain, DmarcRecord record, CancellationToken cancel)
    {
        var policy = record.Policy;
        if (domain != recordDomain)
        {
            policy = record.SubdomainPolicy ?? record.Policy;
            if (record.NonexistentPolicy is { } nonexistent && nonexistent != policy && (await dns(domain, DnsType.A, cancel)).Status == DnsStatus.NxDomain)
                policy = nonexistent;
        }
        return record.IsTest && policy > DomainPolicy.None ? policy - 1 : policy;
    }

    private static int Strictness(DmarcVerdict verdict) => verdict.Result switch
    {
        AuthResult.Fail => 3 + (int)verdict.Policy,
        AuthResult.TempError => 2,
        AuthResult.Pass => 0,
        _ => 1,
    };
}
