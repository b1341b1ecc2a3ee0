using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Screening;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;

namespace Ingest.Core.Threading;

/// <summary>How a mail relates to the tickets there are.</summary>
public enum ThreadKind
{
    /// <summary>To none.</summary>
    New,
    /// <summary>It carries our unforgeable token, and its sender may use it.</summary>
    ByToken,
    /// <summary>It refers to a ticket of which its authenticated sender is a participant.</summary>
    AsParticipant,
    /// <summary>It refers to a ticket that its sender may not join.</summary>
    Linked,
}

/// <summary>What was found.</summary>
/// <param name="Kind">How it relates.</param>
/// <param name="TicketId">To which ticket; empty for a new one.</param>
/// <param name="Refers">The anchor keys of the ids it refers to: to be claimed if it starts a ticket.</param>
public sealed record ThreadChoice(ThreadKind Kind, string TicketId, IReadOnlyList<string> Refers)
{
    /// <summary>True when it joins by our token alone: its sender is proven, but nobody has let them in. Agents see it, and answers do not go there by themselves.</summary>
    public bool Newcomer { get; init; }

    /// <summary>True when the mail may become a message of that ticket.</summary>
    public bool Joins => Kind is ThreadKind.ByToken or ThreadKind.AsParticipant;
}

/// <summary>
/// Finds the ticket that a mail belongs to. A stranger never joins: it takes our token, or a participant whose mail authenticates.
/// Reads only; nothing is claimed before the mail is known to become a message.
/// </summary>
public sealed class FindThread(Anchors anchors, TicketStore tickets, Journal journal)
{
    // A mail may name thousands of ids; each costs a look-up.
    private const int MostReferences = 10;
    private const int MostMerges = 5;

    // A mail that we refer to may be on its way in another worker, and one whose worker died comes back only when the host's lease of ten minutes ends.
    // So many waits are half an hour: after that we stop waiting for it.
    internal const int PatienceWaits = 60;

    /// <summary>The reason code while a mail that this one refers to is on its way in another worker.</summary>
    public const string InFlight = "ticket-in-flight";

    /// <summary>The choice for this mail; throws <see cref="NotNowException"/> while the ticket is being written elsewhere.</summary>
    public async Task<ThreadChoice> RunAsync(Work mail, MailMessage message, TenantKeys ids, AuthVerdict auth, Screened screened, string? sender, CancellationToken cancel)
    {
        foreach (string candidate in ReplyToken.Candidates(message))
        {
            if (ReplyToken.TryVerify((domain, data) => ids.Mac(domain, data), mail.Inbox, candidate) is not { } ticketId) continue;
            if (await FollowAsync(mail.Tenant, ticketId, cancel) is not { } ticket) continue;
            if (ticket.Erased is not null)
            {
                if (auth.Authenticated && GoesWith(ticket, mail)) return new ThreadChoice(ThreadKind.ByToken, ticket.Id, []);
                continue;
            }

            bool machine = screened.Kind is ScreenKind.Bounce or ScreenKind.AutoReply;
            bool known = machine || IsParticipant(ticket, sender, message) || (sender is not null && ticket.Document?.Requester == sender);
            return new ThreadChoice(known || auth.Authenticated ? ThreadKind.ByToken : ThreadKind.Linked, ticket.Id, []) { Newcomer = !known && auth.Authenticated };
        }

        return await ByReferenceAsync(mail, message, References(message).Select(id => ids.AnchorKey(mail.Inbox, id)).ToList(), auth, sender, cancel);
    }

    // Every reference is looked at before one is only linked to: who answered in between must not part a thread of one author.
    private async Task<ThreadChoice> ByReferenceAsync(Work mail, MailMessage message, IReadOnlyList<string> refers, AuthVerdict auth, string? sender, CancellationToken cancel)
    {
        ThreadChoice found = new(ThreadKind.New, "", refers);
        HashSet<string> met = [];
        foreach (string anchorKey in refers)
        {
            Standing there = await anchors.ReadAsync(mail.Tenant, anchorKey, auth.Authenticated ? sender : null, contentHash: null, cancel);
            foreach (Anchor? anchor in new[] { there.Claim, there.Anchor })
            {
                if (anchor is null || anchor.TicketId.Length == 0 || anchor.By == mail.MessageKey || !met.Add(anchor.TicketId)) continue;
                ThreadChoice choice = await MeetAsync(mail, message, anchor, auth, sender, cancel, there.Claim);
                if (choice.Joins) return choice;
                if (found.Kind == ThreadKind.New) found = choice with { Refers = refers };
            }
        }

        return found;
    }

    // What was there before its ticket was erased, and belongs to it, goes with it; what comes later is new.
    private static bool GoesWith(Ticket erased, Work mail) => mail.Received < erased.Erased;

    /// <summary>What an anchor that someone else wrote means for this mail; <paramref name="claim"/> is that of its own contact, if there is one.</summary>
    public async Task<ThreadChoice> MeetAsync(Work mail, MailMessage message, Anchor anchor, AuthVerdict auth, string? sender, CancellationToken cancel, Anchor? claim = null)
    {
        Ticket? ticket = await FollowAsync(mail.Tenant, anchor.TicketId, cancel);
        if (ticket is null)
        {
            // Who wrote the anchor may have ended in another ticket than it then meant to start; its journal line tells.
            JournalLine? end = await journal.FindAsync(mail.Tenant, mail.Inbox, anchor.By, cancel);
            if (end is { Outcome: OutcomeKind.Quarantined or OutcomeKind.Rejected }) return new ThreadChoice(ThreadKind.New, "", []);
            if (end is { TicketId.Length: > 0 }) ticket = await FollowAsync(mail.Tenant, end.TicketId, cancel);
        }

        if (ticket?.Erased is not null)
        {
            bool mine = sender is not null && anchor == claim && GoesWith(ticket, mail);
            return mine ? new ThreadChoice(ThreadKind.AsParticipant, ticket.Id, []) : new ThreadChoice(ThreadKind.New, "", []);
        }

        if (ticket is null)
        {
            if (mail.Waits < PatienceWaits) throw new NotNowException(InFlight);
            return new ThreadChoice(ThreadKind.Linked, anchor.TicketId, []);
        }

        bool may = auth.Authenticated && IsParticipant(ticket, sender, message);
        return new ThreadChoice(may ? ThreadKind.AsParticipant : ThreadKind.Linked, ticket.Id, []);
    }

    private static bool IsParticipant(Ticket ticket, string? sender, MailMessage message) => ticket.Document is { } document
        && ((sender is not null && document.Participants.Contains(sender)) || document.Copied.Contains(EmailIdentity.Normalise(Decide.Sender(message).Address)));

    private async Task<Ticket?> FollowAsync(TenantContext tenant, string ticketId, CancellationToken cancel)
    {
        Ticket? ticket = await tickets.FindAsync(tenant, ticketId, cancel);
        for (int i = 0; i < MostMerges && ticket is { MergedInto.Length: > 0 }; i++) ticket = await tickets.FindAsync(tenant, ticket.MergedInto, cancel);
        return ticket;
    }

    /// <summary>The ids a mail refers to, the likeliest first: what it answers, then its ancestors from the nearest, and the root in any case.</summary>
    internal static IReadOnlyList<string> References(MailMessage message)
    {
        IEnumerable<string> ids = message.InReplyTo.Concat(message.References.Reverse()).Where(id => id.Length is > 0 and <= 998 && id != message.MessageId).Distinct();
        List<string> taken = [.. ids.Take(MostReferences - 1)];
        if (message.References is [{ Length: > 0 and <= 998 } root, ..] && root != message.MessageId && !taken.Contains(root)) taken.Add(root);
        return taken;
    }
}
