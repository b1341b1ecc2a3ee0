using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Screening;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Pipeline;

/// <summary>A file of a kept-back mail; it is not handed out before the mail is let in.</summary>
/// <param name="Name">Its name, made safe and redacted.</param>
/// <param name="ContentType">What the mail says that it is.</param>
/// <param name="Size">Its bytes, decoded.</param>
public sealed record ReviewedFile(string Name, string ContentType, long Size);

/// <summary>A kept-back mail as a reviewer sees it: redacted like a ticket, never as html, with nothing in it that could be followed or fetched.</summary>
/// <param name="Line">Its journal line.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="FromName">Its author's name.</param>
/// <param name="FromAddress">Its author's address, as the mail says.</param>
/// <param name="Authenticated">True when that address is proven.</param>
/// <param name="To">Its recipients' addresses.</param>
/// <param name="Text">Its text, web addresses defanged.</param>
/// <param name="Attachments">Its attachments.</param>
/// <param name="Report">What it reports, when it was kept back as a report; else null.</param>
public sealed record ReviewedMail(
    JournalLine Line, string Subject, string FromName, string FromAddress, bool Authenticated, IReadOnlyList<string> To, string Text, IReadOnlyList<ReviewedFile> Attachments,
    FiledReport? Report)
{
    /// <summary>Where answers are to go, when that is another address than the author's; else empty.</summary>
    public string ReplyTo { get; init; } = "";
    /// <summary>Where its links lead, defanged, at most 20.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];
    /// <summary>When its original is deleted unless somebody decides before; null when never, or when a legal hold keeps it.</summary>
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>What came of a decision on a kept-back mail.</summary>
public enum ReviewEnd
{
    /// <summary>It was done.</summary>
    Done,
    /// <summary>No such mail was ever kept back here.</summary>
    NotThere,
    /// <summary>It is a ticket already: somebody let it in before.</summary>
    LetInBefore,
    /// <summary>Somebody deleted it before.</summary>
    DeletedBefore,
    /// <summary>Its time was over, and it was deleted.</summary>
    Expired,
    /// <summary>Its original is gone: erased, or never here.</summary>
    OriginalGone,
    /// <summary>A legal hold keeps it: it is not deleted.</summary>
    Held,
    /// <summary>Its original is there and cannot be opened: it can only be deleted.</summary>
    Damaged,
}

/// <summary>What people do with mail that was kept back (quarantined) or that we failed on (parked): look at it, let it in, or throw it away.</summary>
public sealed class Review(MailboxStore mailboxes, RawMail rawMail, KeyRing keys, Journal journal, KeptIndex index, KeptTimes times, WorkQueue queue, RedactionInForce redactionInForce, TimeProvider time)
{
    private const int LongestText = 100_000, MostRecipients = 20;

    // Sealed, opened, decoded and redacted: a mail is held four times over.
    private const int CopiesHeld = 4;
    private const long MemoryForMail = 128L * 1024 * 1024;
    private readonly ByteGate _gate = new(MemoryForMail);

    /// <summary>Opens a kept-back mail; null when there is none of that key, or its original is gone or damaged. With <paramref name="seen"/> it counts as looked at by a person.</summary>
    public async Task<ReviewedMail?> OpenAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel, bool seen = false)
    {
        if (await FindAsync(tenant, inbox, messageKey, cancel) is not { } line || !KeptIndex.IsKept(line.Outcome)) return null;
        if (await OpenAsync(tenant, inbox, line, cancel) is not { } mail) return null;
        if (seen) await index.NoteSeenAsync(tenant, inbox, line, time.GetUtcNow(), cancel);
        KeptTime kept = await times.OfAsync(tenant, inbox, cancel);
        return mail with { Expires = await times.IsHeldAsync(tenant, inbox, line, kept, cancel) ? null : kept.Expires(line) };
    }

    /// <summary>Opens a mail whose line is known; null when its original is gone or damaged.</summary>
    internal async Task<ReviewedMail?> OpenAsync(TenantContext tenant, InboxId inbox, JournalLine line, CancellationToken cancel)
    {
        try
        {
            return await OpenOriginalAsync(tenant, inbox, line, cancel);
        }
        catch (Exception e) when (IsDamage(e))
        {
            return null;
        }
    }

    // One of them must not stand in the way of all others.
    private static bool IsDamage(Exception e) => e is SealBrokenException or InvalidDataException;

    private async Task<ReviewedMail?> OpenOriginalAsync(TenantContext tenant, InboxId inbox, JournalLine line, CancellationToken cancel)
    {
        using IDisposable room = await _gate.EnterAsync(line.Length * CopiesHeld, cancel);
        (byte[]? raw, _) = await rawMail.OpenAsync(WorkOf(tenant, inbox, line), cancel);
        if (raw is null) return null;
        Mailbox mailbox = await mailboxes.GetCachedAsync(tenant, inbox, cancel);
        MailMessage message = MailMessage.Parse(raw);
        (RedactionPolicy masking, RedactionTools tools) = await redactionInForce(tenant, inbox, cancel);
        RedactedMail redacted = Redact.Apply(message, masking, tools);
        MailAddress from = redacted.From is [var first, ..] ? first : redacted.Sender ?? new MailAddress("", "");
        ReviewedFile[] files = [.. message.Attachments.Zip(redacted.AttachmentNames).Select(file => new ReviewedFile(file.Second, file.First.ContentType, file.First.Decode().Length))];
        return new ReviewedMail(line, Cut.To(redacted.Subject, Cut.Subject), Cut.To(from.Name, Cut.Name), Cut.To(from.Address, Cut.Name),
            IsAuthenticated(line, message, mailbox), [.. message.To.Take(MostRecipients).Select(a => Cut.To(a.Address, Cut.Name))],
            Defang.Text(Cut.To(redacted.Text ?? "", LongestText)), files, line.Reason == OutcomeReason.Report ? FiledReport.Of(message) : null)
        {
            ReplyTo = message.ReplyTo is [var reply, ..] && !string.Equals(reply.Address, from.Address, StringComparison.OrdinalIgnoreCase) ? Cut.To(reply.Address, Cut.Name) : "",
            Links = Defang.Links(redacted.Html, redacted.Text),
        };
    }

    // What was found out as it came in is in its line; mail that we failed on may not have got so far.
    private static bool IsAuthenticated(JournalLine line, MailMessage message, Mailbox mailbox) =>
        line.Steps.Split(' ').FirstOrDefault(step => step.StartsWith("auth=", StringComparison.Ordinal)) is { } step && Enum.TryParse(step[5..], out AuthCode code)
            ? Authenticate.Proves(code)
            : Authenticate.FromProvider(message, mailbox.Profile.AuthservIds).Authenticated;

    /// <summary>
    /// Lets a kept-back mail in: quarantined mail becomes a ticket whatever the filter says, parked mail is tried again. It happens soon, by the queue, and as if the mail had just
    /// arrived: its ticket stands where a new one would, and is acknowledged on the same terms; when it was received stays as it was. <paramref name="bulk"/> is the decision on
    /// many that it is part of.
    /// </summary>
    public async Task<ReviewEnd> ReleaseAsync(TenantContext tenant, InboxId inbox, string messageKey, AuditActor by, CancellationToken cancel, string bulk = "")
    {
        JournalLine? line = await FindAsync(tenant, inbox, messageKey, cancel);
        if (EndOf(line) is var end and not ReviewEnd.Done) return end;
        Work work = WorkOf(tenant, inbox, line!) with
        {
            Released = line!.Outcome == OutcomeKind.Quarantined,
            ReleasedUnixMs = line.Outcome == OutcomeKind.Quarantined ? time.GetUtcNow().ToUnixTimeMilliseconds() : 0,
            ReleasedBy = by.Id,
            Bulk = bulk,
        };
        if (await LookAsync(work, cancel) is var found and not ReviewEnd.Done)
        {
            if (found == ReviewEnd.OriginalGone) await SettleAsync(tenant, inbox, line, cancel);
            return found;
        }

        await queue.SendAsync(work.ToJson(), delay: null, cancel);
        return ReviewEnd.Done;
    }

    // Whether its original can be taken in; held only as long as it takes to see that.
    private async Task<ReviewEnd> LookAsync(Work work, CancellationToken cancel)
    {
        using IDisposable room = await _gate.EnterAsync(work.Length * CopiesHeld, cancel);
        try
        {
            return (await rawMail.OpenAsync(work, cancel)).Raw is null ? ReviewEnd.OriginalGone : ReviewEnd.Done;
        }
        catch (Exception e) when (IsDamage(e))
        {
            return ReviewEnd.Damaged;
        }
    }

    /// <summary>
    /// Throws a kept-back mail away: its line says that a person did it, then its original's key is erased. Nobody brings it back; a legal hold on the mailbox, its sender or the tenant
    /// stands above it. <paramref name="bulk"/> as for letting in, <paramref name="known"/> the mailbox's holds where they were just read.
    /// </summary>
    public async Task<ReviewEnd> DeleteAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel, string bulk = "", KeptTime? known = null)
    {
        JournalLine? line = await FindAsync(tenant, inbox, messageKey, cancel);
        // Deleted before, but perhaps not to the end.
        if (line?.Reason == OutcomeReason.DeletedByPerson) return await ShredAsync(tenant, inbox, line, cancel) ? ReviewEnd.Done : ReviewEnd.DeletedBefore;
        if (EndOf(line) is var end and not ReviewEnd.Done) return end;
        if (await times.IsHeldAsync(tenant, inbox, line!, known ?? await times.OfAsync(tenant, inbox, cancel), cancel)) return ReviewEnd.Held;
        JournalLine closed = await journal.CloseAsync(tenant, inbox, line! with { Outcome = OutcomeKind.Rejected, Reason = OutcomeReason.DeletedByPerson, At = time.GetUtcNow(), Bulk = bulk }, cancel, staysListed: true);
        if (closed.Reason != OutcomeReason.DeletedByPerson) return EndOf(closed);
        await ShredAsync(tenant, inbox, line!, cancel);
        return ReviewEnd.Done;
    }

    /// <summary>
    /// Finishes what a crash cut off, for a mail that stands among those kept back: what the journal says is decided is carried through, what is in flight is left alone. True when
    /// it is kept back.
    /// </summary>
    internal async Task<JournalLine?> CheckAsync(TenantContext tenant, InboxId inbox, KeptRow row, CancellationToken cancel)
    {
        JournalLine? line = await journal.FindAsync(tenant, inbox, row.MessageKey, cancel);
        if (line is null) return null;
        if (line.Outcome == row.Outcome && line.Received == row.Received) return line;
        if (line is { IsOriginalGone: true }) await keys.EraseRawAsync(tenant, inbox, row.MessageKey, cancel);
        await index.DropAsync(tenant, inbox, row, cancel);
        return null;
    }

    /// <summary>Says in the journal that a mail is gone whose original was erased while it was kept back.</summary>
    internal async Task SettleAsync(TenantContext tenant, InboxId inbox, JournalLine line, CancellationToken cancel)
    {
        if (line.Length < 0 || !await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Raw, line.MessageKey, inbox), cancel)) return;
        await journal.CloseAsync(tenant, inbox, line with { Outcome = OutcomeKind.Rejected, Reason = OutcomeReason.OriginalErased, At = time.GetUtcNow() }, cancel);
    }

    // The key first: while the mail stands in the list, what is left to do is found again.
    private async Task<bool> ShredAsync(TenantContext tenant, InboxId inbox, JournalLine line, CancellationToken cancel)
    {
        bool there = await keys.EraseRawAsync(tenant, inbox, line.MessageKey, cancel);
        foreach (OutcomeKind kind in KeptIndex.IsKept(line.Outcome) ? [line.Outcome] : new[] { OutcomeKind.Quarantined, OutcomeKind.Parked })
            await index.DropAsync(tenant, inbox, line with { Outcome = kind }, cancel);
        return there;
    }

    private static ReviewEnd EndOf(JournalLine? line) => line switch
    {
        { Outcome: OutcomeKind.Quarantined or OutcomeKind.Parked } => ReviewEnd.Done,
        { Reason: OutcomeReason.DeletedByPerson } => ReviewEnd.DeletedBefore,
        { Reason: OutcomeReason.ExpiredUnreviewed } => ReviewEnd.Expired,
        { Reason: OutcomeReason.OriginalErased } => ReviewEnd.OriginalGone,
        { Outcome: OutcomeKind.Ticketed or OutcomeKind.Duplicate } when line.Steps.Contains("released=", StringComparison.Ordinal) => ReviewEnd.LetInBefore,
        null or { Outcome: OutcomeKind.Ticketed or OutcomeKind.Duplicate or OutcomeKind.Rejected } => ReviewEnd.NotThere,
    };

    private async Task<JournalLine?> FindAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel) =>
        messageKey is { Length: >= 1 and <= 32 } && messageKey.All(char.IsAsciiLetterOrDigit) ? await journal.FindAsync(tenant, inbox, messageKey, cancel) : null;

    private static Work WorkOf(TenantContext tenant, InboxId inbox, JournalLine line) => new()
    {
        TenantText = tenant.Tenant.Value, InboxText = inbox.Value, Pack = line.Pack, MessageKey = line.MessageKey, Offset = line.Offset, Length = line.Length,
        ReceivedUnixMs = line.Received.ToUnixTimeMilliseconds(),
    };
}
