using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Pipeline;

/// <summary>A kept-back mail as a reviewer sees it: redacted like a ticket, never as html.</summary>
/// <param name="Line">Its journal line.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="FromName">Its author's name.</param>
/// <param name="FromAddress">Its author's address, as the mail says.</param>
/// <param name="Authenticated">True when that address is proven.</param>
/// <param name="To">Its recipients' addresses.</param>
/// <param name="Text">Its text.</param>
/// <param name="Attachments">Its attachments' names.</param>
/// <param name="Report">What it reports, when it was kept back as a report; else null.</param>
public sealed record ReviewedMail(
    JournalLine Line, string Subject, string FromName, string FromAddress, bool Authenticated, IReadOnlyList<string> To, string Text, IReadOnlyList<string> Attachments,
    FiledReport? Report);

/// <summary>What people do with mail that was kept back (quarantined) or that we failed on (parked): look at it, let it in, or throw it away.</summary>
public sealed class Review(MailboxStore mailboxes, RawMail rawMail, KeyRing keys, Journal journal, WorkQueue queue, TimeProvider time)
{
    private const int LongestText = 100_000;

    // Sealed, opened, decoded and redacted: a mail is held four times over.
    private const int CopiesHeld = 4;
    private const long MemoryForMail = 128L * 1024 * 1024;
    private readonly ByteGate _gate = new(MemoryForMail);

    /// <summary>The newest kept-back mails of an inbox, at most <paramref name="count"/>; <paramref name="outcome"/> is quarantined or parked.</summary>
    public async Task<IReadOnlyList<JournalLine>> ListAsync(TenantContext tenant, InboxId inbox, OutcomeKind outcome, int count, CancellationToken cancel)
    {
        List<JournalLine> lines = [];
        await foreach (JournalLine line in journal.ListAsync(tenant, inbox, outcome, cancel)) lines.Add(line);
        return [.. lines.OrderByDescending(l => l.Received).ThenBy(l => l.MessageKey, StringComparer.Ordinal).Take(count)];
    }

    /// <summary>Opens a kept-back mail; null when there is none of that key, or its original is gone.</summary>
    public async Task<ReviewedMail?> OpenAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel)
    {
        if (await FindAsync(tenant, inbox, messageKey, cancel) is not { } line) return null;
        using IDisposable room = await _gate.EnterAsync(line.Length * CopiesHeld, cancel);
        (byte[]? raw, _) = await rawMail.OpenAsync(WorkOf(tenant, inbox, line), cancel);
        if (raw is null) return null;
        Mailbox mailbox = await mailboxes.GetCachedAsync(tenant, inbox, cancel);
        MailMessage message = MailMessage.Parse(raw);
        RedactedMail redacted = Redact.Apply(message, RedactionPolicy.Default);
        MailAddress from = redacted.From is [var first, ..] ? first : redacted.Sender ?? new MailAddress("", "");
        return new ReviewedMail(line, Cut.To(redacted.Subject, Cut.Subject), Cut.To(from.Name, Cut.Name), Cut.To(from.Address, Cut.Name),
            IsAuthenticated(line, message, mailbox), [.. message.To.Take(20).Select(a => Cut.To(a.Address, Cut.Name))],
            Cut.To(redacted.Text ?? "", LongestText), redacted.AttachmentNames,
            line.Reason == OutcomeReason.Report ? FiledReport.Of(message) : null);
    }

    // What was found out as it came in is in its line; mail that we failed on may not have got so far.
    private static bool IsAuthenticated(JournalLine line, MailMessage message, Mailbox mailbox) =>
        line.Steps.Split(' ').FirstOrDefault(step => step.StartsWith("auth=", StringComparison.Ordinal)) is { } step && Enum.TryParse(step[5..], out AuthCode code)
            ? Authenticate.Proves(code)
            : Authenticate.FromProvider(message, mailbox.Profile.AuthservIds).Authenticated;

    /// <summary>
    /// Lets a kept-back mail in: quarantined mail becomes a ticket whatever the filter says, parked mail is tried again. It happens soon, by the queue.
    /// False when there is no kept-back mail of that key, or its original is gone.
    /// </summary>
    public async Task<bool> ReleaseAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel)
    {
        if (await FindAsync(tenant, inbox, messageKey, cancel) is not { } line) return false;
        Work work = WorkOf(tenant, inbox, line) with { Released = line.Outcome == OutcomeKind.Quarantined };
        (byte[]? raw, _) = await rawMail.OpenAsync(work, cancel);
        if (raw is null) return false;
        await queue.SendAsync(work.ToJson(), delay: null, cancel);
        return true;
    }

    /// <summary>Throws a kept-back mail away: its original's key is erased, its line says that a person did it. False when there is none of that key.</summary>
    public async Task<bool> DeleteAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel)
    {
        if (await FindAsync(tenant, inbox, messageKey, cancel, orDeleted: true) is not { } line) return false;
        // Deleted before, but perhaps not to the end.
        if (line.Reason == OutcomeReason.DeletedByPerson) return await keys.EraseRawAsync(tenant, inbox, messageKey, cancel);
        JournalLine end = await journal.CloseAsync(tenant, inbox, line with { Outcome = OutcomeKind.Rejected, Reason = OutcomeReason.DeletedByPerson, At = time.GetUtcNow() }, cancel);
        if (end.Reason != OutcomeReason.DeletedByPerson) return false;
        await keys.EraseRawAsync(tenant, inbox, messageKey, cancel);
        return true;
    }

    private async Task<JournalLine?> FindAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel, bool orDeleted = false)
    {
        if (messageKey is not { Length: >= 1 and <= 32 } || !messageKey.All(char.IsAsciiLetterOrDigit)) return null;
        JournalLine? line = await journal.FindAsync(tenant, inbox, messageKey, cancel);
        return line is { Outcome: OutcomeKind.Quarantined or OutcomeKind.Parked } || (orDeleted && line?.Reason == OutcomeReason.DeletedByPerson) ? line : null;
    }

    private static Work WorkOf(TenantContext tenant, InboxId inbox, JournalLine line) => new()
    {
        TenantText = tenant.Tenant.Value, InboxText = inbox.Value, Pack = line.Pack, MessageKey = line.MessageKey, Offset = line.Offset, Length = line.Length,
        ReceivedUnixMs = line.Received.ToUnixTimeMilliseconds(),
    };
}
