using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>
/// Who sent a mail: what the mailbox's own provider found out, and where it did not say, what we find out ourselves. A field that came with the mail is never believed.
/// </summary>
public sealed class Authenticate(DnsLookup dns, TimeProvider time)
{
    /// <summary>The reason code while DNS does not answer.</summary>
    public const string DnsTrouble = "dns-trouble";

    /// <summary>So often a mail waits for DNS, a quarter of an hour in all; then it goes on as not authenticated.</summary>
    public const int MostDnsWaits = 9;

    // A domain with slow servers must not hold a worker for long; RFC 7208 section 4.6.4 asks for 20 seconds at least.
    private readonly MailVerifier _verifier = new(dns, time) { Patience = TimeSpan.FromSeconds(20) };
    // Servers that did not answer then are only looked in on: many mails may wait for the same ones.
    private readonly MailVerifier _later = new(dns, time) { Patience = TimeSpan.FromSeconds(5) };

    /// <summary>
    /// Judges a mail. The provider's word is taken where it settles the matter; else signatures and policy are checked on the bytes as they came, and SPF by the provider's
    /// own lines, or not at all. Throws <see cref="NotNowException"/> while DNS fails and <paramref name="dnsWaits"/> is below <see cref="MostDnsWaits"/>.
    /// </summary>
    public async Task<AuthVerdict> CheckAsync(MailMessage message, MailboxProfile profile, int dnsWaits, CancellationToken cancel)
    {
        AuthVerdict told = FromProvider(message, profile.AuthservIds);
        bool forwarded = profile.TrustedSealers.Count > 0 && message.Headers.Has("ARC-Seal");
        if (told.Authenticated || told.Reason is AuthCode.NoFrom or AuthCode.SeveralFrom or AuthCode.FromMismatch || (IsSettled(told) && !forwarded)) return told;

        MailVerifier verifier = dnsWaits > 0 ? _later : _verifier;
        MailVerdict found = told is { Checker: AuthChecker.Provider, SpfDomain: { } sender }
            ? await verifier.CheckBesideSpfAsync(message, new SpfVerdict(told.Spf, sender), cancel)
            : await verifier.CheckAsync(message, Origin.Find(message, profile.BorderServers()), cancel);
        AuthVerdict verdict = (IsSettled(told) ? told : Judge(found, told)) with { Arc = found.Arc.Result };
        if (!verdict.Authenticated && forwarded) verdict = Forwarded(found.Arc, verdict, profile.TrustedSealers);
        if (verdict.Reason == AuthCode.TempError && dnsWaits < MostDnsWaits) throw new NotNowException(DnsTrouble);
        return verdict;
    }

    // What a provider left out it may not have looked for.
    private static bool IsSettled(AuthVerdict told) => told.Reason == AuthCode.DmarcFail || told is { Reason: AuthCode.NotAligned, IsWhole: true };

    private static AuthVerdict Judge(MailVerdict found, AuthVerdict told)
    {
        string from = told.FromDomain;
        string? signer = found.Dkim.Where(s => s.ProvesAll).Select(s => s.Domain).FirstOrDefault(d => found.Dmarc.IsDkimAligned ? Aligned(d, from) : SpeaksFor(d, from));
        AuthCode reason = found.Dmarc.Result switch
        {
            AuthResult.Pass => AuthCode.DmarcPass,
            AuthResult.TempError => AuthCode.TempError,
            AuthResult.Fail when found.Spf is not null => AuthCode.DmarcFail,
            // Its servers may well be where it came from; who cannot look must not say that it failed.
            AuthResult.Fail => AuthCode.OriginUnknown,
            AuthResult.None or AuthResult.PermError or AuthResult.Neutral or AuthResult.SoftFail or AuthResult.Policy => WithoutDmarc(found, from, signer),
        };
        bool proven = Proves(reason);
        return told with
        {
            Spf = found.Spf?.Result ?? AuthResult.None,
            Dkim = found.Dkim.Any(s => s.Result == AuthResult.Pass) ? AuthResult.Pass : found.Dkim is [var first, ..] ? first.Result : AuthResult.None,
            Dmarc = reason == AuthCode.OriginUnknown ? AuthResult.None : found.Dmarc.Result,
            Authenticated = proven,
            SignerDomain = proven ? signer : null,
            Reason = reason,
            Policy = found.Dmarc.Record is null ? told.Policy : Enum.Parse<DmarcPolicy>(found.Dmarc.Policy.ToString()),
            Checker = told.SpfDomain is null ? AuthChecker.Ourselves : AuthChecker.Both,
        };
    }

    private static AuthCode WithoutDmarc(MailVerdict found, string from, string? signer)
    {
        if (signer is not null) return AuthCode.AlignedDkim;
        if (found.Spf is { Result: AuthResult.Pass } spf && SpeaksFor(spf.Domain, from)) return AuthCode.AlignedSpf;
        bool open = found.Dkim.Any(s => s.Result == AuthResult.TempError && SpeaksFor(s.Domain, from)) || (found.Spf is { Result: AuthResult.TempError } late && SpeaksFor(late.Domain, from));
        if (open) return AuthCode.TempError;
        return found.Dkim.Any(s => s.ProvesAll) || found.Spf?.Result == AuthResult.Pass ? AuthCode.NotAligned : AuthCode.NothingProven;
    }

    // What the first trusted one found out counts as a provider's word does, about the author that is shown now.
    private static AuthVerdict Forwarded(ArcVerdict arc, AuthVerdict verdict, IReadOnlyList<string> sealers)
    {
        if (arc.Result == AuthResult.TempError) return verdict with { Reason = AuthCode.TempError };
        if (arc.Believed(sealers) is not { } seen || !Judge(seen, verdict.FromDomain).Authenticated) return verdict;
        return verdict with { Authenticated = true, Reason = AuthCode.TrustedArc, Sealer = arc.Chain[^1].Domain };
    }

    // Without a record nobody said where the organisation ends: a name above may speak for those below it, as it can give them away, and not the other way round.
    private static bool SpeaksFor(string domain, string from) => domain.Length > 0 && Aligned(domain, from) && from.EndsWith(domain, StringComparison.Ordinal);

    /// <summary>True for the codes that prove the author's domain.</summary>
    public static bool Proves(AuthCode code) => code is AuthCode.DmarcPass or AuthCode.AlignedDkim or AuthCode.AlignedSpf or AuthCode.TrustedArc;

    /// <summary>
    /// Reads the provider's verdict: the topmost Authentication-Results field, and only when its authserv-id is one of
    /// <paramref name="trustedAuthservIds"/>. Anything else, such as a field that came with the mail, counts as not checked (RFC 8601 section 5).
    /// </summary>
    public static AuthVerdict FromProvider(MailMessage message, IReadOnlyList<string> trustedAuthservIds)
    {
        // Unfolded, not decoded: an encoded word in a quoted sender address would otherwise become results of its own.
        bool trusted = AuthenticationResults.TryParse(message.Headers.Find("Authentication-Results")?.Unfolded ?? "", out AuthenticationResults field)
            && field.AuthservId.Length > 0 && trustedAuthservIds.Contains(field.AuthservId, StringComparer.OrdinalIgnoreCase);
        return FromField(message, trusted ? field : null);
    }

    /// <summary>Reads a verdict from a field that is believed; null for none.</summary>
    internal static AuthVerdict FromField(MailMessage message, AuthenticationResults? field)
    {
        string from = message.From.Count == 1 ? EmailIdentity.Domain(message.From[0].Domain) : "";
        AuthVerdict verdict = field is not null ? Judge(field, from) : Unchecked(from, AuthCode.NoTrustedField);

        if (message.From.Count > 1 || message.Headers.All("From").Skip(1).Any())
            return verdict with { Authenticated = false, FromDomain = "", SignerDomain = null, Reason = AuthCode.SeveralFrom };
        if (from.Length == 0)
            return verdict with { Authenticated = false, SignerDomain = null, Reason = AuthCode.NoFrom };
        return verdict;
    }

    private static AuthVerdict Unchecked(string from, AuthCode reason) =>
        new(AuthResult.None, AuthResult.None, AuthResult.None, from, false, null, reason);

    private static AuthVerdict Judge(AuthenticationResults field, string from)
    {
        MethodResult? spfMethod = field.First("spf"), dmarcMethod = field.First("dmarc");
        MethodResult[] signatures = [.. field.Results.Where(r => r.Method == "dkim")];
        // Two verdicts of one method: one of them may have come in with a sender's address.
        bool doubled = field.Results.Count(r => r.Method == "spf") > 1 || field.Results.Count(r => r.Method == "dmarc") > 1;
        if (doubled || (spfMethod is null && dmarcMethod is null && signatures.Length == 0))
            return Unchecked(from, AuthCode.Unreadable);

        AuthResult spf = Result(spfMethod), dmarc = Result(dmarcMethod);
        AuthResult dkim = signatures.Any(s => s.Result == AuthResult.Pass) ? AuthResult.Pass : Result(signatures.FirstOrDefault());
        string? signer = signatures.Where(s => s.Result == AuthResult.Pass).Select(SignerOf).FirstOrDefault(d => Aligned(d, from));
        bool sameFrom = dmarcMethod?["header.from"] is not { Length: > 0 } judged || EmailIdentity.Domain(DomainOf(judged)) == from;
        bool spfAligned = spf == AuthResult.Pass && Aligned(DomainOf(spfMethod!["smtp.mailfrom"]), from);

        AuthCode reason = sameFrom ? ReasonOf(dmarc, signer is not null, spfAligned) : AuthCode.FromMismatch;
        bool proven = Proves(reason);
        return new AuthVerdict(spf, dkim, dmarc, from, proven, proven ? signer : null, reason)
        {
            Policy = PolicyOf(dmarcMethod), Checker = AuthChecker.Provider, IsWhole = dmarcMethod is not null && signatures.Length > 0,
            SpfDomain = spfMethod is null ? null : EmailIdentity.Domain(DomainOf(spfMethod["smtp.mailfrom"])),
        };
    }

    private static AuthCode ReasonOf(AuthResult dmarc, bool dkimAligned, bool spfAligned) => dmarc switch
    {
        AuthResult.Pass => AuthCode.DmarcPass,
        AuthResult.Fail or AuthResult.Policy or AuthResult.SoftFail => AuthCode.DmarcFail,
        AuthResult.None or AuthResult.Neutral or AuthResult.TempError or AuthResult.PermError =>
            dkimAligned ? AuthCode.AlignedDkim
            : spfAligned ? AuthCode.AlignedSpf
            : dmarc == AuthResult.TempError ? AuthCode.TempError
            : AuthCode.NotAligned,
    };

    private static AuthResult Result(MethodResult? method) => method?.Result ?? AuthResult.None;

    // Gmail names the signer by header.i only.
    private static string SignerOf(MethodResult signature) =>
        EmailIdentity.Domain(DomainOf(signature.Properties.GetValueOrDefault("header.d") ?? signature.Properties.GetValueOrDefault("header.i") ?? ""));

    private static string DomainOf(string identity) => identity[(identity.LastIndexOf('@') + 1)..].Trim('<', '>', ' ');

    /// <summary>True for the same domain or one below the other, where the upper one has two labels at least.</summary>
    internal static bool Aligned(string? one, string? other)
    {
        if (one is not { Length: > 0 } || other is not { Length: > 0 })
            return false;
        one = EmailIdentity.Domain(one);
        (string upper, string lower) = one.Length <= other.Length ? (one, other) : (other, one);
        return upper == lower
            || (upper.Contains('.', StringComparison.Ordinal) && lower.EndsWith("." + upper, StringComparison.Ordinal));
    }

    // The policy is not a registered property; Gmail and others put it into the comment: (p=REJECT sp=NONE dis=NONE).
    private static DmarcPolicy PolicyOf(MethodResult? dmarc)
    {
        string? policy = dmarc?.Comment.Split([' ', '\t', ',', ';'], StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(word => word.StartsWith("p=", StringComparison.OrdinalIgnoreCase));
        return policy?.ToUpperInvariant() switch
        {
            "P=REJECT" => DmarcPolicy.Reject,
            "P=QUARANTINE" => DmarcPolicy.Quarantine,
            "P=NONE" => DmarcPolicy.None,
            _ => DmarcPolicy.Unknown,
        };
    }
}
