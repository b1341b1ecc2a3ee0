using Ingest.Mail.Dns;
using Ingest.Mail.Mime;

namespace Ingest.Mail.Auth;

/// <summary>Runs SPF, DKIM, ARC and DMARC on one message. Safe for use from several threads; keys once read are kept.</summary>
/// <param name="dns">Where records come from.</param>
/// <param name="time">For signatures that expire.</param>
public sealed class MailVerifier(DnsLookup dns, TimeProvider time)
{
    private readonly SpfVerifier spf = new(dns, time);
    private readonly DkimVerifier dkim = new(dns, time);
    private readonly DmarcVerifier dmarc = new(dns);

    /// <summary>Judges a message by its bytes. Never throws on what the message or DNS say.</summary>
    /// <param name="message">The message as parsed: the From that people are shown is the one that is judged.</param>
    /// <param name="envelope">Who brought it; null when that is not known for certain.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<MailVerdict> CheckAsync(MailMessage message, SpfQuestion? envelope, CancellationToken cancel)
    {
        var sender = envelope is null ? null : await spf.CheckAsync(envelope, cancel);
        var signatures = await dkim.VerifyAsync(message.Raw, cancel);
        var chain = await new ArcVerifier(dkim.Keyring).VerifyAsync(message.Raw, cancel);
        return new MailVerdict(sender, signatures, chain, await JudgeFromAsync(message, sender, signatures, cancel));
    }

    private async Task<DmarcVerdict> JudgeFromAsync(MailMessage message, SpfVerdict? sender, IReadOnlyList<DkimVerdict> signatures, CancellationToken cancel)
    {
        // Which of several From fields a person sees depends on the program, so none is proven.
        if (message.Headers.FindAll("From").Skip(1).Any())
            return new DmarcVerdict(AuthResult.PermError, "") { Problem = "more than one From field" };
        return await dmarc.CheckAsync(message.From.Select(static from => from.Domain), sender, signatures, cancel);
    }
}
