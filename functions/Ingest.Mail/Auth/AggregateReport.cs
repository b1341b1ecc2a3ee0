namespace Ingest.Mail.Auth;

/// <summary>What a receiver saw of mail in a domain's name (RFC 9990, and RFC 7489 appendix C before it). A stranger wrote it: numbers and names to look at, nothing to act upon.</summary>
public sealed record AggregateReport
{
    /// <summary>Who reports (org_name).</summary>
    public string Organization { get; init; } = "";

    /// <summary>The address of who reports.</summary>
    public string Email { get; init; } = "";

    /// <summary>The reporter's own name for it.</summary>
    public string ReportId { get; init; } = "";

    /// <summary>The first moment that it is about, null when it does not say.</summary>
    public DateTimeOffset? Begin { get; init; }

    /// <summary>The last moment that it is about, null when it does not say.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The domain whose record was found.</summary>
    public string Domain { get; init; } = "";

    /// <summary>p= as found, in lower case.</summary>
    public string Policy { get; init; } = "";

    /// <summary>sp= as found, in lower case.</summary>
    public string SubdomainPolicy { get; init; } = "";

    /// <summary>What was seen, by source.</summary>
    public IReadOnlyList<AggregateRow> Rows { get; init; } = [];

    /// <summary>True when there were more rows than are read.</summary>
    public bool IsCut { get; init; }
}

/// <summary>Mail from one source.</summary>
public sealed record AggregateRow
{
    /// <summary>The address it came from, as written.</summary>
    public string SourceIp { get; init; } = "";

    /// <summary>How many.</summary>
    public long Count { get; init; }

    /// <summary>What was done: none, quarantine, reject or pass.</summary>
    public string Disposition { get; init; } = "";

    /// <summary>Whether aligned DKIM passed.</summary>
    public AuthResult Dkim { get; init; }

    /// <summary>Whether aligned SPF passed.</summary>
    public AuthResult Spf { get; init; }

    /// <summary>Why something else was done than asked for: the types of the reasons.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>The domain in From.</summary>
    public string HeaderFrom { get; init; } = "";

    /// <summary>The domain of MAIL FROM.</summary>
    public string EnvelopeFrom { get; init; } = "";

    /// <summary>The domain of the recipient.</summary>
    public string EnvelopeTo { get; init; } = "";

    /// <summary>Each signature that was checked.</summary>
    public IReadOnlyList<AggregateCheck> DkimChecks { get; init; } = [];

    /// <summary>Each SPF check.</summary>
    public IReadOnlyList<AggregateCheck> SpfChecks { get; init; } = [];
}

/// <summary>One check behind a row.</summary>
/// <param name="Domain">The domain that was checked.</param>
/// <param name="Selector">The selector of a signature, else empty.</param>
/// <param name="Result">The outcome.</param>
public sealed record AggregateCheck(string Domain, string Selector, AuthResult Result);
