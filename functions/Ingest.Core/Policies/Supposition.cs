using System.Net;
using System.Text;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;

namespace Ingest.Core.Policies;

/// <summary>A mail that is only thought of, to try a policy with.</summary>
/// <param name="From">Its author's address.</param>
public sealed record Supposition(string From)
{
    private const int Longest = 998;

    /// <summary>True when the author's domain is proven.</summary>
    public bool Proven { get; init; } = true;
    /// <summary>True when it fails the check of a domain that asks for rejection.</summary>
    public bool Failed { get; init; }
    /// <summary>True when the author wrote before.</summary>
    public bool Known { get; init; }
    /// <summary>The server that hands it over; empty when it is not known.</summary>
    public string Ip { get; init; } = "";
    /// <summary>Its List-Id; empty for none.</summary>
    public string List { get; init; } = "";
    /// <summary>A field of it, "Name: value"; empty for none.</summary>
    public string Header { get; init; } = "";

    /// <summary>What is wrong with it and what to do about it; null when it can be asked.</summary>
    public string? Fix()
    {
        if (From.Length > Longest || From.Any(char.IsControl) || From.IndexOf('@', StringComparison.Ordinal) <= 0) return "The sender is an address such as ada@example.com.";
        if (Ip.Length > 0 && !IPAddress.TryParse(Ip, out _)) return "The server is an address such as 192.0.2.1.";
        if (List.Length > Longest || List.Any(char.IsControl)) return "A list is named such as news.example.com.";
        if (Header.Length > 0 && (Header.Length > Longest || Header.Any(char.IsControl) || Header.IndexOf(':', StringComparison.Ordinal) <= 0)) return "A field looks like X-Mailer: Any.";
        return null;
    }

    /// <summary>What the policy says of such a mail of a person; only for one without a <see cref="Fix"/>.</summary>
    public PolicyDecision Ask(MailPolicy policy)
    {
        StringBuilder mail = new($"From: <{From.Trim().Trim('<', '>')}>\r\nSubject: A question\r\nMessage-ID: <a@policy.invalid>\r\n");
        if (List.Length > 0) mail.Append("List-Id: <").Append(List.Trim('<', '>')).Append(">\r\n");
        if (Header.Length > 0) mail.Append(Header).Append("\r\n");
        MailMessage message = MailMessage.Parse(Encoding.UTF8.GetBytes(mail.Append("\r\nA question.\r\n").ToString()));
        AuthCode reason = Proven ? AuthCode.DmarcPass : Failed ? AuthCode.DmarcFail : AuthCode.NothingProven;
        AuthVerdict auth = new(AuthResult.None, AuthResult.None, Proven ? AuthResult.Pass : Failed ? AuthResult.Fail : AuthResult.None, message.From is [var author, ..] ? author.Domain : "", Proven, null, reason)
        {
            Policy = Failed ? DmarcPolicy.Reject : DmarcPolicy.Unknown,
        };
        PolicyFacts facts = new(message, auth, new Screened(ScreenKind.Human, ScreenReason.NoSign, MayAcknowledge: Proven)) { HasContact = Known, Client = IPAddress.TryParse(Ip, out IPAddress? client) ? client : null };
        return ApplyPolicy.Decide(policy, facts);
    }
}
