using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Tickets;

/// <summary>Why somebody opens an original: what may be said of it, in the audit log and nowhere else.</summary>
public enum OriginalReason
{
    /// <summary>The customer asked for it, or what they ask needs it.</summary>
    CustomerAsked = 1,
    /// <summary>The ticket does not show the mail as it was.</summary>
    ShownWrongly = 2,
    /// <summary>To find out whether the mail is forged, or what deceivers did in it.</summary>
    Security = 3,
    /// <summary>A dispute, a claim, or an authority's request.</summary>
    Legal = 4,
    /// <summary>To mend or to check this system.</summary>
    Support = 5,
}

/// <summary>Why somebody destroys an original: what may be said of it, in the audit log and nowhere else.</summary>
public enum DestroyReason
{
    /// <summary>It holds what was masked or taken out in the ticket.</summary>
    HoldsMasked = 1,
    /// <summary>The customer asked for it.</summary>
    CustomerAsked = 2,
    /// <summary>An obligation, a claim, or an authority's request.</summary>
    Legal = 3,
    /// <summary>It was never meant for this mailbox.</summary>
    SentByMistake = 4,
}

/// <summary>Whether an original can be opened.</summary>
public enum OriginalState
{
    /// <summary>It is there.</summary>
    Kept = 1,
    /// <summary>It was not kept: by the mailbox's redaction, because something in it was redacted since, or because a person destroyed it.</summary>
    NotKept = 2,
    /// <summary>It is gone: erased, or its time was over.</summary>
    Gone = 3,
    /// <summary>It is there and does not open.</summary>
    Damaged = 4,
}

/// <summary>Opens originals of what is in tickets. Who may, and why, and telling the audit log first, is the caller's.</summary>
public sealed class Originals(Journal journal, RawMail rawMail, KeyRing keys)
{
    /// <summary>The word of the audit log for a reason, such as "original-legal".</summary>
    public static string CodeOf(OriginalReason reason) => "original-" + reason switch
    {
        OriginalReason.CustomerAsked => "customer-asked",
        OriginalReason.ShownWrongly => "shown-wrongly",
        OriginalReason.Security => "security",
        OriginalReason.Legal => "legal",
        OriginalReason.Support => "support",
    };

    /// <summary>The word of the audit log for destroying one, such as "original-destroyed-legal".</summary>
    public static string CodeOf(DestroyReason reason) => "original-destroyed-" + reason switch
    {
        DestroyReason.HoldsMasked => "holds-masked",
        DestroyReason.CustomerAsked => "customer-asked",
        DestroyReason.Legal => "legal",
        DestroyReason.SentByMistake => "sent-by-mistake",
    };

    /// <summary>Whether the original of a ticket's message can be opened, and how large it is when sealed; nothing is opened.</summary>
    public async Task<(OriginalState State, long Length)> FindAsync(TenantContext tenant, InboxId inbox, TicketMessage message, CancellationToken cancel)
    {
        JournalLine? line = await journal.FindAsync(tenant, inbox, message.Key, cancel);
        if (line is { IsOriginalNotKept: true } or { IsOriginalDestroyed: true } || message.Document is { LaterRedactions.Count: > 0 }) return (OriginalState.NotKept, 0);
        bool isThere = line is { Length: >= 0, Pack.Length: > 0 } && await keys.NameAsync(tenant, new KeyName(KeyClass.Raw, message.Key, inbox), cancel) is { } key && key.Id != Guid.Empty;
        return isThere ? (OriginalState.Kept, line!.Length) : (OriginalState.Gone, 0);
    }

    /// <summary>The original of a ticket's message, or why there is none.</summary>
    public async Task<(OriginalState State, byte[] Content)> OpenAsync(TenantContext tenant, InboxId inbox, TicketMessage message, CancellationToken cancel)
    {
        (OriginalState state, _) = await FindAsync(tenant, inbox, message, cancel);
        if (state != OriginalState.Kept || await journal.FindAsync(tenant, inbox, message.Key, cancel) is not { } line) return (state, []);
        try
        {
            Work work = new() { TenantText = tenant.Tenant.Value, InboxText = inbox.Value, Pack = line.Pack, MessageKey = line.MessageKey, Offset = line.Offset, Length = line.Length };
            return (await rawMail.OpenAsync(work, cancel)).Raw is { } raw ? (OriginalState.Kept, raw) : (OriginalState.Gone, []);
        }
        catch (Exception e) when (e is SealBrokenException or InvalidDataException)
        {
            return (OriginalState.Damaged, []);
        }
    }
}
