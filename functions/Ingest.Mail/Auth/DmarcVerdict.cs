namespace Ingest.Mail.Auth;

/// <summary>Whether the domain in From is proven, and what it asks for when it is not (RFC 9989).</summary>
/// <param name="Result">Pass, Fail, None (no record), TempError, or PermError when From names no domain.</param>
/// <param name="FromDomain">The domain that was looked at, in lower case; of several in From, the one with the strictest end.</param>
public sealed record DmarcVerdict(AuthResult Result, string FromDomain)
{
    /// <summary>The record that counts, null when there is none.</summary>
    public DmarcRecord? Record { get; init; }

    /// <summary>Where that record is; empty when there is none.</summary>
    public string RecordDomain { get; init; } = "";

    /// <summary>The organisational domain by the tree walk (section 4.10.2); empty without a record.</summary>
    public string OrganizationalDomain { get; init; } = "";

    /// <summary>What the domain asks for, for this name, with a test (t=y) one step milder.</summary>
    public DomainPolicy Policy { get; init; }

    /// <summary>What is asked for this mail: None when it passed.</summary>
    public DomainPolicy Disposition => Result == AuthResult.Fail ? Policy : DomainPolicy.None;

    /// <summary>True when a DKIM signature that passed is of that domain.</summary>
    public bool IsDkimAligned { get; init; }

    /// <summary>True when the envelope sender that passed SPF is of that domain.</summary>
    public bool IsSpfAligned { get; init; }

    /// <summary>Why there is an error, in a few words of ours; empty else.</summary>
    public string Problem { get; init; } = "";
}
