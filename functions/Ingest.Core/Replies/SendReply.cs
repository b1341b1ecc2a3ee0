using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Replies;

/// <summary>How a run of <see cref="SendReply"/> ended.</summary>
/// <param name="Delivery">How the reply stands; null when there is no such reply.</param>
/// <param name="Again">When to run again; null when nothing is left to do.</param>
public sealed record SendEnd(Delivery? Delivery, TimeSpan? Again);

/// <summary>
/// Sends one reply, exactly one way. Failure contract: before the right to send is taken anything may be thrown and means "not now"; from then on every end is
/// written down, and a sender that dies leaves an entry that says "sending", which nobody sends again before it is known that it was not delivered.
/// </summary>
public sealed class SendReply(
    MailboxStore mailboxes, TicketStore tickets, Outbox outbox, OutgoingMessages messages, Func<TenantContext, MailboxView, CancellationToken, Task<IMailSender>> open, TimeProvider time)
{
    // Longer than a run may take, and an SMTP conversation with it: who finds it ended may be sure that nobody is sending.
    private static readonly TimeSpan RightToSend = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan SendLimit = TimeSpan.FromMinutes(3), LastWords = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RowMayTake = TimeSpan.FromMinutes(15), GiveUpAfter = TimeSpan.FromDays(3);
    // Providers index their Sent folder late: a mail that is not found is looked for again before it counts as not sent.
    private static readonly TimeSpan[] LookAfter = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5)];

    /// <summary>Does what is to be done for this reply now.</summary>
    public async Task<SendEnd> RunAsync(ReplyWork work, CancellationToken cancel)
    {
        SendEnd end = await StepAsync(work, cancel);
        if (end.Again is null) await outbox.ForgetAsync(work, cancel);
        return end;
    }

    /// <summary>Gives up on a reply over which the process ended again and again: one that nobody can have sent has failed, any other stays in doubt.</summary>
    public async Task GiveUpAsync(ReplyWork work, string code, CancellationToken cancel)
    {
        OutboxEntry? entry = await outbox.FindAsync(work.Tenant, work.TicketId, work.Key, cancel);
        if (entry?.Delivery.State == DeliveryState.Queued) await EndAsync(work, entry, DeliveryState.Failed, code, cancel);
        else if (entry?.Delivery.State == DeliveryState.Sending) await SettleAsync(work, entry with { Delivery = entry.Delivery with { State = DeliveryState.Uncertain, Code = code } }, cancel);
        await outbox.ForgetAsync(work, cancel);
    }

    private async Task<SendEnd> StepAsync(ReplyWork work, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (await outbox.FindAsync(work.Tenant, work.TicketId, work.Key, cancel) is not { } entry)
            return new SendEnd(null, now - work.FirstSeen < RowMayTake ? Retry.Delay(work.Attempt, asked: null, Random.Shared) : null);
        if (entry.Delivery.State is DeliveryState.Sent or DeliveryState.Failed) return new SendEnd(entry.Delivery, null);
        if (entry.NotBefore > now) return new SendEnd(entry.Delivery, entry.NotBefore - now);
        return entry.Delivery.State switch
        {
            DeliveryState.Queued when now - entry.Created > GiveUpAfter => await EndAsync(work, entry, DeliveryState.Failed, "gave-up-after-3-days", cancel),
            DeliveryState.Queued => await SendAsync(work, entry, cancel),
            DeliveryState.Sending => await DoubtAsync(work, entry, "sender-died", cancel),
            DeliveryState.Uncertain or DeliveryState.Sent or DeliveryState.Failed => await LookAsync(work, entry, cancel),
        };
    }

    private async Task<SendEnd> SendAsync(ReplyWork work, OutboxEntry entry, CancellationToken cancel)
    {
        TicketMessage message = await tickets.FindMessageAsync(work.Tenant, work.TicketId, work.Key, cancel) ?? throw new InvalidDataException("An outbox row stands without its message.");
        // Its bytes may come back; if they do not within days, it is given up as all that does not go out.
        if (message.IsLost) return await PutOffAsync(work, entry, "content-missing", cancel);
        if (message.Document is not { } document) return await EndAsync(work, entry, DeliveryState.Failed, message.IsDamaged ? "content-damaged" : "content-erased", cancel);
        MailboxView? view = await mailboxes.FindAsync(work.Tenant, work.Inbox, cancel);
        if (view is null) return await EndAsync(work, entry, DeliveryState.Failed, "mailbox-gone", cancel);
        if (view.Mailbox.State == MailboxState.NeedsReconnect) return await PutOffAsync(work, entry, "mailbox-needs-reconnect", cancel);
        byte[] mail;
        try
        {
            // Gmail rewrites what its API is given and signs it itself; a signature of ours would be broken on arrival.
            mail = await messages.WriteAsync(work.Tenant, work.TicketId, message, entry.Automatic, sign: view.Mailbox.Kind != MailboxKind.Google, cancel);
        }
        catch (UnwritableMailException)
        {
            return await EndAsync(work, entry, DeliveryState.Failed, "cannot-be-written", cancel);
        }

        (IMailSender? sender, string closed, TimeSpan? asked) = await TryOpenAsync(work.Tenant, view, cancel);
        if (sender is null) return await PutOffAsync(work, entry, closed, cancel, asked);

        DateTimeOffset now = time.GetUtcNow();
        OutboxEntry? mine = await outbox.MoveAsync(work.Tenant, work.TicketId, entry with
        {
            Delivery = new Delivery(DeliveryState.Sending, "", entry.Delivery.Attempts + 1, now),
            NotBefore = now + RightToSend,
        }, cancel);
        if (mine is null) return new SendEnd(entry.Delivery, RightToSend);

        SendResult result = await TryAsync(sender, new OutgoingEnvelope(document.FromAddress, [.. document.To.Concat(document.Cc).Distinct(StringComparer.OrdinalIgnoreCase)]), mail, cancel);
        using CancellationTokenSource last = new(LastWords, time);
        return result.Outcome switch
        {
            SendOutcome.Accepted => await EndAsync(work, mine, DeliveryState.Sent, result.RefusedRecipients.Count > 0 ? "some-recipients-refused" : "", last.Token),
            SendOutcome.PermanentlyRefused => await EndAsync(work, mine, DeliveryState.Failed, result.Code, last.Token),
            SendOutcome.TemporarilyRefused or SendOutcome.NotSent => await PutOffAsync(work, mine, result.Code, last.Token),
            SendOutcome.Uncertain => await DoubtAsync(work, mine, result.Code, last.Token),
        };
    }

    // A mailbox that cannot be reached puts its replies off in their rows, so that housekeeping sees them wait and does not queue them once more.
    private async Task<(IMailSender? Sender, string Code, TimeSpan? Asked)> TryOpenAsync(TenantContext tenant, MailboxView view, CancellationToken cancel)
    {
        try
        {
            return (await open(tenant, view, cancel), "", null);
        }
        catch (Exception e) when (e is MailboxRefusedException or NotNowException)
        {
            return (null, CodeOf(e), (e as NotNowException)?.RetryAfter);
        }
    }

    private async Task<(bool Looked, bool? Sent)> TryLookAsync(TenantContext tenant, MailboxView view, string messageId, CancellationToken cancel)
    {
        try
        {
            IMailSender sender = await open(tenant, view, cancel);
            return (true, await sender.WasSentAsync(messageId, cancel));
        }
        catch (Exception e) when (e is MailboxRefusedException or NotNowException)
        {
            return (false, null);
        }
    }

    private static string CodeOf(Exception e) => e is MailboxRefusedException refused ? refused.Fault.ToString() : ((NotNowException)e).ReasonCode;

    private async Task<SendResult> TryAsync(IMailSender sender, OutgoingEnvelope envelope, byte[] mail, CancellationToken cancel)
    {
        using CancellationTokenSource limit = new(SendLimit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            return await sender.SendAsync(envelope, mail, either.Token);
        }
        catch (Exception e) when (e is MailboxRefusedException or NotNowException)
        {
            // By contract thrown only while nothing can have been delivered.
            return new SendResult(SendOutcome.NotSent, CodeOf(e));
        }
        catch (OperationCanceledException)
        {
            return new SendResult(SendOutcome.Uncertain, "no-answer-in-time");
        }
    }

    private async Task<SendEnd> LookAsync(ReplyWork work, OutboxEntry entry, CancellationToken cancel)
    {
        // Nobody is to be looked for any more: a person decides.
        if (entry.Looks > LookAfter.Length) return new SendEnd(entry.Delivery, null);
        if (time.GetUtcNow() - entry.Created > GiveUpAfter) return await SettleAsync(work, entry, cancel);
        MailboxView? view = await mailboxes.FindAsync(work.Tenant, work.Inbox, cancel);
        TicketMessage? message = await tickets.FindMessageAsync(work.Tenant, work.TicketId, work.Key, cancel);
        if (view is null || message?.Document is not { } document) return await SettleAsync(work, entry, cancel);
        if (await TryLookAsync(work.Tenant, view, document.MessageId, cancel) is not (true, var sent)) return await WaitAsync(work, entry, cancel);
        if (sent == true) return await EndAsync(work, entry, DeliveryState.Sent, "found-in-sent", cancel);
        if (sent is null) return await SettleAsync(work, entry, cancel);
        if (entry.Looks < LookAfter.Length) return await WaitAsync(work, entry with { Looks = entry.Looks + 1 }, cancel);
        // It is disproved; but nobody waits for what a machine sent, and a second one would be one too many.
        return entry.Automatic ? await SettleAsync(work, entry, cancel) : await PutOffAsync(work, entry with { Looks = 0 }, "not-in-sent", cancel);
    }

    private Task<SendEnd> DoubtAsync(ReplyWork work, OutboxEntry entry, string code, CancellationToken cancel) =>
        WaitAsync(work, entry with { Looks = 0, Delivery = entry.Delivery with { State = DeliveryState.Uncertain, Code = code } }, cancel);

    private async Task<SendEnd> WaitAsync(ReplyWork work, OutboxEntry entry, CancellationToken cancel)
    {
        TimeSpan wait = LookAfter[Math.Min(entry.Looks, LookAfter.Length - 1)];
        return await MoveAsync(work, entry with { Delivery = entry.Delivery with { At = time.GetUtcNow() }, NotBefore = time.GetUtcNow() + wait }, wait, cancel);
    }

    private Task<SendEnd> SettleAsync(ReplyWork work, OutboxEntry entry, CancellationToken cancel) =>
        MoveAsync(work, entry with { Looks = LookAfter.Length + 1 }, again: null, cancel);

    private Task<SendEnd> EndAsync(ReplyWork work, OutboxEntry entry, DeliveryState state, string code, CancellationToken cancel) =>
        MoveAsync(work, entry with { Delivery = entry.Delivery with { State = state, Code = code, At = time.GetUtcNow() } }, again: null, cancel);

    private async Task<SendEnd> PutOffAsync(ReplyWork work, OutboxEntry entry, string code, CancellationToken cancel, TimeSpan? asked = null)
    {
        DateTimeOffset now = time.GetUtcNow();
        // A mailbox that does not open costs no attempt, but is asked less and less often all the same.
        TimeSpan delay = Retry.Delay(Math.Max(entry.Delivery.Attempts, work.Attempt), asked, Random.Shared);
        return await MoveAsync(work, entry with { Delivery = entry.Delivery with { State = DeliveryState.Queued, Code = code, At = now }, NotBefore = now + delay }, delay, cancel);
    }

    // Whoever was quicker has the say; this run comes back to see what became of it.
    private async Task<SendEnd> MoveAsync(ReplyWork work, OutboxEntry entry, TimeSpan? again, CancellationToken cancel) =>
        await outbox.MoveAsync(work.Tenant, work.TicketId, entry, cancel) is { } moved ? new SendEnd(moved.Delivery, again) : new SendEnd(entry.Delivery, RightToSend);
}
