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
public sealed class RedactByHand(RedactTicket redact, TicketStore tickets, AuditLog audit, TimeProvider time)
{
    /// <summary>What stands where something was.</summary>
    public const string Mark = "[" + TextRemoval.Word + "]";

    // Where Compose puts what is too long to be shown.
    private static readonly string[] WholeBodies = ["message.txt", "message.html"];

    /// <summary>Does it; with <paramref name="ifVersion"/> only while the ticket is that version. Throws <see cref="Pipeline.NotNowException"/> when too much else is written into the ticket.</summary>
    public async Task<RedactionEnd> RunAsync(TenantContext tenant, string ticketId, RedactionWish wish, AuditActor actor, string actorName, CancellationToken cancel, string? ifVersion = null)
    {
        FileWatch file = new();
        (RewriteMessage? rewrite, Func<TicketDocument, TicketDocument> retitle, RedactionOutcome outcome) = await PlanAsync(tenant, ticketId, wish, file, cancel);
        if (rewrite is null) return RedactionEnd.Of(outcome);
        string code = wish.Part.ToString().ToLowerInvariant();
        LaterRedaction mark = new(Pack.NewId(time.GetUtcNow()), time.GetUtcNow(), actor.Id, Cut.To(actorName, Cut.Name), wish.Part, 0);
        InboxId? inbox = await tickets.FindAsync(tenant, ticketId, cancel) is { } ticket ? InboxId.Parse(ticket.Inbox) : null;
        AuditEvent about = new(AuditAction.Redacted, actor) { Inbox = inbox, TicketId = ticketId, Subject = wish.MessageKey, Code = code };
        RedactionEnd end = await redact.RunAsync(tenant, ticketId, rewrite, retitle, mark, (_, count) => audit.AppendAsync(tenant, about with { Result = AuditResult.Begun, Count = count }, cancel), cancel, ifVersion);
        // Never another file in its place.
        if (end.Outcome == RedactionOutcome.NothingFound && file.IsAnother) return RedactionEnd.Of(RedactionOutcome.Changed);
        if (end.Outcome == RedactionOutcome.Done) await audit.AppendAsync(tenant, about with { Count = end.Count }, cancel);
        if (end.Outcome == RedactionOutcome.Held) await audit.AppendAsync(tenant, about with { Result = AuditResult.Refused }, cancel);
        return end;
    }

    /// <summary>In how many messages and places it would change something; nothing is written.</summary>
    public async Task<RedactionEnd> CountAsync(TenantContext tenant, string ticketId, RedactionWish wish, CancellationToken cancel)
    {
        (RewriteMessage? rewrite, Func<TicketDocument, TicketDocument> retitle, RedactionOutcome outcome) = await PlanAsync(tenant, ticketId, wish, new FileWatch(), cancel);
        return rewrite is null ? RedactionEnd.Of(outcome) : await redact.CountAsync(tenant, ticketId, rewrite, retitle, cancel);
    }

    private async Task<(RewriteMessage? Rewrite, Func<TicketDocument, TicketDocument> Retitle, RedactionOutcome Outcome)> PlanAsync(TenantContext tenant, string ticketId, RedactionWish wish, FileWatch file, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticketId)) return (null, Same, RedactionOutcome.NotThere);
        TicketMessage? message = IsKey(wish.MessageKey) ? await tickets.FindMessageAsync(tenant, ticketId, wish.MessageKey, cancel) : null;
        if (message?.Document is null && (wish.MessageKey.Length > 0 || wish.Part != RedactedPart.Text)) return (null, Same, RedactionOutcome.NotThere);
        if (wish.Part == RedactedPart.Message) return (Only(message!.Key, WithoutText), Same, default);
        if (wish.Part == RedactedPart.Attachment)
        {
            bool isThere = wish.Attachment >= 0 && wish.Attachment < message!.Document!.Attachments.Count;
            string digest = isThere ? message!.Document!.Attachments[wish.Attachment].Sha256 : "";
            return isThere ? (Only(message!.Key, (m, contents) => WithoutFile(m, contents, wish.Attachment, digest, file)), Same, default) : (null, Same, RedactionOutcome.NotThere);
        }

        string? words = wish.Text.Length > 0 ? wish.Text : message is null ? null : Span(message.Document!.Text, wish.Start, wish.Length);
        if (words is null) return (null, Same, RedactionOutcome.NotThere);
        if (!TextRemoval.CanRemove(words)) return (null, Same, RedactionOutcome.TooShort);
        MaskMessage mask = new(TextRemoval.Policy, TextRemoval.Tools(words));
        return (message is null ? mask.Run : Only(message.Key, mask.Run), mask.Run, default);
    }

    /// <summary>Whether the file that was meant is no longer where it was, by its digest.</summary>
    private sealed class FileWatch
    {
        public bool IsAnother { get; set; }
    }

    private static TicketDocument Same(TicketDocument document) => document;

    private static bool IsKey(string key) => key is { Length: >= 1 and <= 32 } && key.All(char.IsAsciiLetterOrDigit);

    private static string? Span(string text, int start, int length) => start >= 0 && length > 0 && start <= text.Length - length ? text.Substring(start, length) : null;

    private static RewriteMessage Only(string key, RewriteMessage rewrite) => (message, contents) => message.Key == key ? rewrite(message, contents) : null;

    private static Rewritten? WithoutText(TicketMessage message, IReadOnlyList<Func<byte[]>> contents)
    {
        MessageDocument old = message.Document!;
        if (old.Text == Mark && old.Html.Length == 0) return null;
        int[] kept = [.. Enumerable.Range(0, contents.Count).Where(i => !WholeBodies.Contains(old.Attachments[i].Name))];
        MessageDocument next = old with
        {
            Text = Mark,
            Html = "",
            Reply = Mark,
            Elided = "",
            Signature = "",
            Attachments = [.. kept.Select(i => old.Attachments[i])],
            Redactions = old.Redactions + 1,
        };
        return new Rewritten(next, [.. kept.Select(i => contents[i])], 1);
    }

    private static Rewritten? WithoutFile(TicketMessage message, IReadOnlyList<Func<byte[]>> contents, int index, string digest, FileWatch file)
    {
        MessageDocument old = message.Document!;
        AttachmentDocument? there = index < old.Attachments.Count ? old.Attachments[index] : null;
        if (there is { Name: Mark, Size: 0 }) return null;
        file.IsAnother = there?.Sha256 != digest;
        if (file.IsAnother) return null;
        AttachmentDocument gone = new() { Name = Mark, ContentType = "application/octet-stream", Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([])), LookedInto = true };
        return new Rewritten(
            old with { Attachments = [.. old.Attachments.Select((attachment, i) => i == index ? gone : attachment)], Redactions = old.Redactions + 1 },
            [.. contents.Select((content, i) => i == index ? static () => [] : content)], 1);
    }
}
