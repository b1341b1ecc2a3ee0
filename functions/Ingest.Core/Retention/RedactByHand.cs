using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>What a person wants taken out of a ticket.</summary>
/// <param name="Part">Words, all that a message says, or a file.</param>
public sealed record RedactionWish(RedactedPart Part)
{
    /// <summary>The key of the message; empty for words, wherever they stand in the ticket.</summary>
    public string MessageKey { get; init; } = "";

    /// <summary>The words themselves; empty where they are named by their place.</summary>
    public string Text { get; init; } = "";

    /// <summary>Where the words begin in the message's text, in UTF-16 code units.</summary>
    public int Start { get; init; }

    /// <summary>How long they are there; 0 where they are given themselves.</summary>
    public int Length { get; init; }

    /// <summary>Which file, from 0.</summary>
    public int Attachment { get; init; }
}

/// <summary>
/// Redaction by a person: words, a message or a file of a ticket, for good: in the ticket, its lists, what is exported of it and what waits to be sent, and with it the original of that mail, which holds
/// it too. A legal hold stands above it. It is told to the audit log first, without content, and once more when it is done; of one that was cut off housekeeping tells how far it came.
/// </summary>
public sealed class RedactByHand(RedactTicket redact, TicketStore tickets, Originals originals, AuditLog audit, TimeProvider time)
{
    /// <summary>What stands where something was.</summary>
    public const string Mark = "[" + TextRemoval.Word + "]";

    /// <summary>The most UTF-16 code units of words that can be taken out at once.</summary>
    public const int LongestText = 10_000;

    /// <summary>Does it; with <paramref name="ifVersion"/> only while the ticket is that version. Throws <see cref="Pipeline.NotNowException"/> when too much else is written into the ticket.</summary>
    public async Task<RedactionEnd> RunAsync(TenantContext tenant, string ticketId, RedactionWish wish, AuditActor actor, string actorName, CancellationToken cancel, string? ifVersion = null)
    {
        (SettledWish? settled, RedactionOutcome outcome) = await SettleAsync(tenant, ticketId, wish, cancel);
        if (settled is null) return RedactionEnd.Of(outcome);
        FileWatch file = new();
        string code = wish.Part.ToString().ToLowerInvariant();
        LaterRedaction mark = new(Pack.NewId(time.GetUtcNow()), time.GetUtcNow(), actor.Id, Cut.To(actorName, Cut.Name), wish.Part, 0);
        InboxId? inbox = await tickets.FindAsync(tenant, ticketId, cancel) is { } ticket ? InboxId.Parse(ticket.Inbox) : null;
        AuditEvent about = new(AuditAction.Redacted, actor) { Inbox = inbox, TicketId = ticketId, Subject = wish.MessageKey, Code = code };
        TicketRewrite rewrite = settled.Rewrite(file) with { Asked = new AskedRedaction(settled, mark, ifVersion) };
        RedactionEnd end = await redact.RunAsync(tenant, ticketId, rewrite, mark, (_, count) => audit.AppendAsync(tenant, about with { Result = AuditResult.Begun, Count = count }, cancel), cancel, ifVersion);
        // Never another file in its place.
        if (end.Outcome is RedactionOutcome.NothingFound or RedactionOutcome.Done && file.IsAnother) return RedactionEnd.Of(RedactionOutcome.Changed);
        if (end.Outcome == RedactionOutcome.Done) await audit.AppendAsync(tenant, about with { Count = end.Count }, cancel);
        if (end.Outcome == RedactionOutcome.NothingFound) await audit.AppendAsync(tenant, about with { Count = 0 }, cancel);
        if (end.Outcome == RedactionOutcome.Held) await audit.AppendAsync(tenant, about with { Result = AuditResult.Refused }, cancel);
        return end;
    }

    /// <summary>In how many messages and places it would change something; nothing is written.</summary>
    public async Task<RedactionEnd> CountAsync(TenantContext tenant, string ticketId, RedactionWish wish, CancellationToken cancel)
    {
        (SettledWish? settled, RedactionOutcome outcome) = await SettleAsync(tenant, ticketId, wish, cancel);
        return settled is null ? RedactionEnd.Of(outcome) : await redact.CountAsync(tenant, ticketId, settled.Rewrite(new FileWatch()), cancel);
    }

    /// <summary>
    /// Destroys the original of a ticket's mail for good, for which its message need say nothing that is to go: what was masked in it before stands in the original still. <see cref="RedactionOutcome.NothingFound"/>
    /// when there is none any more, nor a copy of it that came in besides. A legal hold stands above it.
    /// </summary>
    public async Task<RedactionEnd> DestroyOriginalAsync(TenantContext tenant, string ticketId, string messageKey, DestroyReason reason, AuditActor actor, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticketId) || !IsKey(messageKey) || await tickets.LookAsync(tenant, ticketId, cancel) is not { Erased: null } ticket
            || await tickets.FindMessageAsync(tenant, ticketId, messageKey, cancel) is not { Direction: MessageDirection.In } message) return RedactionEnd.Of(RedactionOutcome.NotThere);
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        AuditEvent about = new(AuditAction.Redacted, actor) { Inbox = inbox, TicketId = ticketId, Subject = messageKey, Code = Originals.CodeOf(reason), Count = 1 };
        if (await redact.HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 } standing) return await HeldAsync(standing);
        bool copiesOnly = (await originals.FindAsync(tenant, inbox, message, cancel)).State != OriginalState.Kept;
        if (copiesOnly && !await redact.HasCopiesAsync(tenant, ticket, messageKey, cancel))
        {
            await audit.AppendAsync(tenant, about with { Count = 0 }, cancel);
            return RedactionEnd.Of(RedactionOutcome.NothingFound);
        }

        await audit.AppendAsync(tenant, about with { Result = AuditResult.Begun }, cancel);
        if (await redact.DestroyOriginalAsync(tenant, ticket, messageKey, Pack.NewId(time.GetUtcNow()), copiesOnly, cancel) is { Count: > 0 } placed) return await HeldAsync(placed);
        await audit.AppendAsync(tenant, about, cancel);
        return new RedactionEnd(RedactionOutcome.Done, 1, 1, []);

        async Task<RedactionEnd> HeldAsync(IReadOnlyList<Hold> standing)
        {
            await audit.AppendAsync(tenant, about with { Result = AuditResult.Refused }, cancel);
            return new RedactionEnd(RedactionOutcome.Held, 0, 0, standing);
        }
    }

    /// <summary>Whether there is an original of a ticket's mail to destroy, or a copy of it that came in besides.</summary>
    public async Task<bool> HasOriginalAsync(TenantContext tenant, Ticket ticket, TicketMessage message, CancellationToken cancel) =>
        (await originals.FindAsync(tenant, InboxId.Parse(ticket.Inbox), message, cancel)).State == OriginalState.Kept || await redact.HasCopiesAsync(tenant, ticket, message.Key, cancel);

    private async Task<(SettledWish? Wish, RedactionOutcome Outcome)> SettleAsync(TenantContext tenant, string ticketId, RedactionWish wish, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticketId)) return (null, RedactionOutcome.NotThere);
        TicketMessage? message = IsKey(wish.MessageKey) ? await tickets.FindMessageAsync(tenant, ticketId, wish.MessageKey, cancel) : null;
        if (message?.Document is null && (wish.MessageKey.Length > 0 || wish.Part != RedactedPart.Text)) return (null, RedactionOutcome.NotThere);
        if (wish.Part == RedactedPart.Message) return (new SettledWish(wish.Part, message!.Key), default);
        if (wish.Part == RedactedPart.Attachment)
        {
            bool isThere = wish.Attachment >= 0 && wish.Attachment < message!.Document!.Attachments.Count;
            return isThere ? (new SettledWish(wish.Part, message!.Key, Attachment: wish.Attachment, Digest: message.Document!.Attachments[wish.Attachment].Sha256), default) : (null, RedactionOutcome.NotThere);
        }

        string? words = wish.Text.Length > 0 ? wish.Text : message is null ? null : Span(message.Document!.Text, wish.Start, wish.Length);
        if (words is null) return (null, RedactionOutcome.NotThere);
        if (words.Length > LongestText) return (null, RedactionOutcome.TooLong);
        return TextRemoval.CanRemove(words) ? (new SettledWish(wish.Part, message?.Key ?? "", words), default) : (null, RedactionOutcome.TooShort);
    }

    private static bool IsKey(string key) => key is { Length: >= 1 and <= 32 } && key.All(char.IsAsciiLetterOrDigit);

    private static string? Span(string text, int start, int length) => start >= 0 && length > 0 && start <= text.Length - length ? text.Substring(start, length) : null;
}
