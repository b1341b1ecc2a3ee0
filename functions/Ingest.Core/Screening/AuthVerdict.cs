using Ingest.Mail.Auth;

namespace Ingest.Core.Screening;

/// <summary>What can be said about who sent a mail.</summary>
/// <param name="Spf">The SPF result, None when nobody we trust checked.</param>
/// <param name="Dkim">The best DKIM result, None when nobody we trust checked.</param>
/// <param name="Dmarc">The DMARC result, None when nobody we trust checked.</param>
/// <param name="FromDomain">The author's domain in lower-case ASCII, empty when there is no single author.</param>
/// <param name="Authenticated">True only when the author's domain is proven: DMARC passed, or DKIM or SPF passed for an aligned domain.</param>
/// <param name="SignerDomain">The aligned domain whose DKIM signature passed, or null.</param>
/// <param name="Reason">Why <paramref name="Authenticated"/> is what it is.</param>
public sealed record AuthVerdict(
    AuthResult Spf, AuthResult Dkim, AuthResult Dmarc, string FromDomain, bool Authenticated, string? SignerDomain, AuthCode Reason)
{
    /// <summary>What the author's domain asks to be done with mail that fails DMARC, as far as it is known.</summary>
    public DmarcPolicy Policy { get; init; } = DmarcPolicy.Unknown;

    /// <summary>Whose checks it rests on.</summary>
    public AuthChecker Checker { get; init; } = AuthChecker.Nobody;

    /// <summary>What the chain of those who passed the mail on proves; None when it was not looked at.</summary>
    public AuthResult Arc { get; init; } = AuthResult.None;

    /// <summary>Who passed the mail on and is believed, when that proves the author; else null.</summary>
    public string? Sealer { get; init; }

    /// <summary>The envelope sender's domain as the provider checked it, empty when it did not name it; null when it did not check SPF.</summary>
    internal string? SpfDomain { get; init; }

    /// <summary>True when the provider looked for both signatures and DMARC.</summary>
    internal bool IsWhole { get; init; }

    /// <summary>The domain that is proven; empty when none is.</summary>
    public string Proven => Authenticated ? FromDomain : "";
}

/// <summary>Whose checks a verdict rests on.</summary>
public enum AuthChecker
{
    /// <summary>Nobody's.</summary>
    Nobody,
    /// <summary>The mailbox provider's, by its own field.</summary>
    Provider,
    /// <summary>Ours, on the bytes of the mail.</summary>
    Ourselves,
    /// <summary>Ours, with what the provider found out about the server that the mail came from.</summary>
    Both,
}

/// <summary>What a domain asks receivers to do with mail that fails DMARC (RFC 7489 section 6.3).</summary>
public enum DmarcPolicy
{
    /// <summary>Nobody we trust told.</summary>
    Unknown,
    /// <summary>p=none.</summary>
    None,
    /// <summary>p=quarantine.</summary>
    Quarantine,
    /// <summary>p=reject.</summary>
    Reject,
}

/// <summary>Why a mail counts as authenticated or not.</summary>
public enum AuthCode
{
    /// <summary>No Authentication-Results field, or the topmost is not one of the provider's own.</summary>
    NoTrustedField,
    /// <summary>The provider's field could not be read.</summary>
    Unreadable,
    /// <summary>The mail has no author address with a domain.</summary>
    NoFrom,
    /// <summary>Several authors or several From fields: nobody is proven.</summary>
    SeveralFrom,
    /// <summary>The provider judged another author domain than the one we read.</summary>
    FromMismatch,
    /// <summary>DMARC passed.</summary>
    DmarcPass,
    /// <summary>No DMARC verdict; a DKIM signature of an aligned domain passed.</summary>
    AlignedDkim,
    /// <summary>No DMARC verdict; SPF passed for an aligned envelope sender.</summary>
    AlignedSpf,
    /// <summary>DMARC failed.</summary>
    DmarcFail,
    /// <summary>DMARC could not be evaluated for the moment.</summary>
    TempError,
    /// <summary>Nothing that passed belongs to the author's domain.</summary>
    NotAligned,
    /// <summary>DMARC is not met by any signature, and could only be met by the server that the mail came from, which is not known.</summary>
    OriginUnknown,
    /// <summary>No signature that holds, no server that may send for the domain, and no DMARC record to fail.</summary>
    NothingProven,
    /// <summary>One whom the mailbox trusts passed the mail on, and had found the author proven when it arrived there (ARC, RFC 8617).</summary>
    TrustedArc,
}
