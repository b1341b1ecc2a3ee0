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
    /// <summary>What the author's domain asks to be done with mail that fails DMARC, as far as the provider told.</summary>
    public DmarcPolicy Policy { get; init; } = DmarcPolicy.Unknown;
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
}
