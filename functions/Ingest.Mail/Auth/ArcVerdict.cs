using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>What the chain of those who passed a message on proves (RFC 8617 section 5.2).</summary>
/// <param name="Result">None (no chain), Pass, Fail, or TempError when a key could not be fetched now.</param>
/// <param name="Chain">The sets that are whole, the oldest first; what they claim counts only when the result is Pass.</param>
public sealed record ArcVerdict(AuthResult Result, IReadOnlyList<ArcSet> Chain)
{
    /// <summary>Why the chain failed, in a few words of ours; empty else.</summary>
    public string Problem { get; init; } = "";

    /// <summary>
    /// What the first of the trusted sealers found out when the message reached it; null unless the chain holds, its newest seals, without a gap, are those of
    /// trusted domains or of names below them, and the newest covers the author and the whole body as they are now. So mail that a known list or forwarder changed
    /// can still be believed.
    /// </summary>
    public AuthenticationResults? Believed(IEnumerable<string> trustedSealers)
    {
        // RFC 8617 does not ask for From to be signed; then anyone could have put in another author since.
        if (Result != AuthResult.Pass || Chain is not [.., { CoversAll: true }])
            return null;
        var trusted = trustedSealers.Select(DnsName.Normal).ToList();
        return Chain.Reverse().TakeWhile(set => trusted.Exists(domain => DnsName.IsWithin(set.Domain, domain))).LastOrDefault()?.Results;
    }
}

/// <summary>One hop of the chain.</summary>
/// <param name="Instance">Its place, from 1.</param>
/// <param name="Domain">Who sealed (d= of ARC-Seal).</param>
/// <param name="Selector">With which key.</param>
/// <param name="Status">What it says of the chain before it (cv=): none, pass or fail.</param>
/// <param name="Results">What it found out about the message.</param>
public sealed record ArcSet(int Instance, string Domain, string Selector, string Status, AuthenticationResults Results)
{
    /// <summary>True when its message signature is about From and the whole body.</summary>
    public bool CoversAll { get; init; }
}
