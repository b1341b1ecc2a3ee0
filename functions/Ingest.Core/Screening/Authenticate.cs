using Ingest.Core.Keys;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;

namespace Ingest.Core.Screening;

/// <summary>Who sent a mail, as far as the mailbox's own provider checked it.</summary>
public static class Authenticate
{
    /// <summary>
    /// Reads the provider's verdict: the topmost Authentication-Results field, and only when its authserv-id is one of
    /// <paramref name="trustedAuthservIds"/>. Anything else, such as a field that came with the mail, counts as not checked (RFC 8601 section 5).
    /// </summary>
    public static AuthVerdict FromProvider(MailMessage message, IReadOnlyList<string> trustedAuthservIds)
    {
        string from = message.From.Count == 1 ? EmailIdentity.Domain(message.From[0].Domain) : "";
        // Unfolded, not decoded: an encoded word in a quoted sender address would otherwise become results of its own.
        bool trusted = AuthenticationResults.TryParse(message.Headers.Find("Authentication-Results")?.Unfolded ?? "", out AuthenticationResults field)
            && field.AuthservId.Length > 0 && trustedAuthservIds.Contains(field.AuthservId, StringComparer.OrdinalIgnoreCase);
        AuthVerdict verdict = trusted ? Judge(field, from) : Unchecked(from, AuthCode.NoTrustedField);

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
        bool proven = reason is AuthCode.DmarcPass or AuthCode.AlignedDkim or AuthCode.AlignedSpf;
        return new AuthVerdict(spf, dkim, dmarc, from, proven, proven ? signer : null, reason) { Policy = PolicyOf(dmarcMethod) };
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
