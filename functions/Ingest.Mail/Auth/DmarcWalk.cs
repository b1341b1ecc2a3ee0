using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>The tree walk of RFC 9989 section 4.10: from a name upwards, eight questions at most.</summary>
internal sealed class DmarcWalk
{
    private const int LongestAfterFirst = 7;
    private readonly List<(string Domain, DmarcRecord? Record)> steps = [];

    private DmarcWalk(string domain) => Domain = domain;

    /// <summary>Where it started.</summary>
    public string Domain { get; }

    /// <summary>True when DNS failed on the way: what was found may not be all.</summary>
    public bool IsTrouble { get; private set; }

    /// <summary>True when the name itself has more than one record, which is as good as a refusal to say.</summary>
    public bool IsAmbiguous { get; private set; }

    /// <summary>The organisational domain (section 4.10.2); where the walk started when there is no record.</summary>
    public string OrganizationalDomain
    {
        get
        {
            if (steps.Find(static step => step.Record?.IsPublicSuffix == false) is { Domain: { } own })
                return own;
            var suffix = steps.FindIndex(static step => step.Record?.IsPublicSuffix == true);
            if (suffix > 0)
                return steps[suffix - 1].Domain;
            return steps.FindLast(static step => step.Record is not null) is { Domain: { } highest } ? highest : Domain;
        }
    }

    public static async Task<DmarcWalk> RunAsync(DnsLookup dns, string domain, CancellationToken cancel)
    {
        var walk = new DmarcWalk(domain);
        var labels = domain.Split('.');
        for (var from = 0; from < labels.Length; from = from == 0 ? Math.Max(1, labels.Length - LongestAfterFirst) : from + 1)
        {
            var name = string.Join('.', labels[from..]);
            var answer = DnsName.CanBeAsked("_dmarc." + name) ? await dns("_dmarc." + name, DnsType.Txt, cancel) : DnsAnswer.NxDomain;
            walk.IsTrouble |= answer.IsTrouble;
            var records = answer.Texts.Where(DmarcRecord.IsOne).ToList();
            walk.IsAmbiguous |= from == 0 && records.Count > 1;
            var record = records.Count == 1 ? DmarcRecord.Parse(records[0]) : null;
            walk.steps.Add((name, record));
            if (answer.IsTrouble || record?.IsPublicSuffix is not null)
                break;
        }
        return walk;
    }

    /// <summary>The record that counts for the name: its own, else its organisation's, else that of the public suffix above (section 4.10.1).</summary>
    public (string Domain, DmarcRecord? Record) Counting()
    {
        if (IsAmbiguous || steps[0].Record is not null)
            return steps[0];
        var organisation = OrganizationalDomain;
        var own = steps.Find(step => step.Domain == organisation);
        return own.Record is not null ? own : steps.FindLast(static step => step.Record?.IsPublicSuffix == true);
    }
}
