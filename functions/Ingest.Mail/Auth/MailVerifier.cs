using Ingest.Mail.Dns;
using Ingest.Mail.Mime;

namespace Ingest.Mail.Auth;

/// <summary>Runs SPF, DKIM, ARC and DMARC on one message. Safe for use from several threads; keys once read are kept.</summary>
/// <param name="dns">Where records come from.</param>
/// <param name="time">For signatures that expire.</param>
public sealed class MailVerifier(DnsLookup dns, TimeProvider time)
{
    /// <summary>The longest that DNS may take for one message, all questions together; what is not known by then is a TempError.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly DkimKeyring keyring = new();

    /// <summary>How long DNS may take for one message; the longest unless set.</summary>
    public TimeSpan Patience { get; init; } = Longest;

    /// <summary>Judges a message by its bytes. Never throws on what the message or DNS say.</summary>
    /// <param name="message">The message as parsed: the From that people are shown is the one that is judged.</param>
    /// <param name="envelope">Who brought it; null when that is not known for certain.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<MailVerdict> CheckAsync(MailMessage message, SpfQuestion? envelope, CancellationToken cancel)
    {
        using var budget = new DnsBudget(dns, Patience, time);
        return await CheckAsync(budget, message, envelope is null ? Task.FromResult<SpfVerdict?>(null) : CheckSpfAsync(budget, envelope, cancel), cancel);
    }

    /// <summary>The same where a server that is believed has checked SPF already.</summary>
    /// <param name="message">The message as parsed.</param>
    /// <param name="sender">What that server found.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<MailVerdict> CheckBesideSpfAsync(MailMessage message, SpfVerdict sender, CancellationToken cancel)
    {
        using var budget = new DnsBudget(dns, Patience, time);
        return await CheckAsync(budget, message, Task.FromResult<SpfVerdict?>(sender), cancel);
    }

    private async Task<MailVerdict> CheckAsync(DnsBudget budget, MailMessage message, Task<SpfVerdict?> spf, CancellationToken cancel)
    {
        var dkim = new DkimVerifier(budget.LookupAsync, time, keyring).VerifyAsync(message.Raw, cancel);
        var arc = new ArcVerifier(budget.LookupAsync, keyring).VerifyAsync(message.Raw, cancel);
        await Task.WhenAll(spf, dkim, arc);
        var (sender, signatures) = (await spf, await dkim);
        return new MailVerdict(sender, signatures, await arc, await JudgeFromAsync(budget, message, sender, signatures, cancel));
    }

    private async Task<SpfVerdict?> CheckSpfAsync(DnsBudget budget, SpfQuestion envelope, CancellationToken cancel) =>
        await new SpfVerifier(budget.LookupAsync, time).CheckAsync(envelope, cancel);

    private static async Task<DmarcVerdict> JudgeFromAsync(DnsBudget budget, MailMessage message, SpfVerdict? sender, IReadOnlyList<DkimVerdict> signatures, CancellationToken cancel)
    {
        // Which of several From fields a person sees depends on the program, so none is proven.
        if (message.Headers.FindAll("From").Skip(1).Any())
            return new DmarcVerdict(AuthResult.PermError, "") { Problem = "more than one From field" };
        return await new DmarcVerifier(budget.LookupAsync).CheckAsync(message.From.Select(static from => from.Domain), sender, signatures, cancel);
    }
}
