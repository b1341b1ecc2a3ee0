using System.Net;

namespace Ingest.Mail.Dns;

/// <summary>What DNS said to a question; only the list of the type that was asked for is filled.</summary>
/// <param name="Status">Which kind of answer.</param>
public sealed record DnsAnswer(DnsStatus Status)
{
    /// <summary>The name exists and has no record of that type.</summary>
    public static DnsAnswer NoData { get; } = new(DnsStatus.NoData);

    /// <summary>The name does not exist, nor anything below it (RFC 8020).</summary>
    public static DnsAnswer NxDomain { get; } = new(DnsStatus.NxDomain);

    /// <summary>The servers failed.</summary>
    public static DnsAnswer ServFail { get; } = new(DnsStatus.ServFail);

    /// <summary>No server answered in time.</summary>
    public static DnsAnswer TimeOut { get; } = new(DnsStatus.TimeOut);

    /// <summary>TXT records, the strings of each joined (RFC 7208 section 3.3), a character per byte.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>MX records, the most preferred first.</summary>
    public IReadOnlyList<MailExchange> Exchanges { get; init; } = [];

    /// <summary>A or AAAA records.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>PTR or CNAME records.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>How long the answer holds.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>True when asking again later may give another answer.</summary>
    public bool IsTrouble => Status is DnsStatus.ServFail or DnsStatus.TimeOut;

    /// <summary>True when DNS knows for certain that there is no such record.</summary>
    public bool IsVoid => Status is DnsStatus.NoData or DnsStatus.NxDomain;
}

/// <summary>A mail exchange (RFC 1035 section 3.3.9).</summary>
/// <param name="Preference">The lower, the sooner it is tried.</param>
/// <param name="Exchange">The host, without the dot at the end; empty for "no mail here" (RFC 7505).</param>
public sealed record MailExchange(int Preference, string Exchange);

/// <summary>The kinds of answer that have to be told apart.</summary>
public enum DnsStatus
{
    /// <summary>At least one record of the type.</summary>
    Answer = 1,
    /// <summary>The name exists, a record of that type does not.</summary>
    NoData,
    /// <summary>The name does not exist.</summary>
    NxDomain,
    /// <summary>A server answered that it cannot say, or nonsense.</summary>
    ServFail,
    /// <summary>Nobody answered.</summary>
    TimeOut,
}
