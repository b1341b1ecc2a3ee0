using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>The place behind a ticket in a list that is sorted from new to old, and by id among tickets of the same time.</summary>
/// <param name="Updated">The ticket's time.</param>
/// <param name="Ticket">Its id.</param>
public readonly record struct TicketPlace(DateTimeOffset Updated, string Ticket);

/// <summary>A part of a list of tickets.</summary>
/// <param name="Tickets">The tickets, newest first; possibly fewer than asked for, or none, although more follow.</param>
/// <param name="Next">Where the next part begins; null after the last.</param>
public sealed record TicketPart(IReadOnlyList<Ticket> Tickets, TicketPlace? Next);

/// <summary>
/// Lists of tickets, part by part. A part begins behind a place, not after a number: tickets that come in meanwhile neither shift nor double anything. A ticket that
/// changes while somebody turns pages moves to the front, as it does in the list itself.
/// </summary>
/// <param name="tables">The tables.</param>
/// <param name="tickets">The tickets.</param>
/// <param name="contacts">The contacts.</param>
public sealed class TicketPages(TableServiceClient tables, TicketStore tickets, Contacts contacts)
{
    /// <summary>How many tickets one step of a search opens.</summary>
    public const int SearchStep = 400;

    private const int AtOnce = 16;
    private readonly TicketLists _lists = new(tables);

    /// <summary>The part of the inboxes' tickets in a state that begins behind a place, or at the start. One whose seal somebody broke is in it as damaged, without its document.</summary>
    public async Task<TicketPart> ReadAsync(TenantContext tenant, IReadOnlyList<InboxId> inboxes, TicketState state, int count, TicketPlace? after, CancellationToken cancel)
    {
        HashSet<string> seen = [];
        List<(string Ticket, DateTimeOffset Updated)> rows = [];
        foreach (InboxId inbox in inboxes) rows.AddRange(await _lists.NewestAsync(tenant, inbox, state, count, cancel, after));
        rows = [.. rows.OrderByDescending(r => r.Updated).ThenBy(r => r.Ticket, StringComparer.Ordinal).Where(r => seen.Add(r.Ticket)).Take(count)];
        List<Ticket> found = [];
        foreach ((string ticket, DateTimeOffset updated)[] batch in rows.Chunk(AtOnce))
        {
            Ticket?[] opened = await Task.WhenAll(batch.Select(row => tickets.LookAsync(tenant, row.ticket, cancel)));
            // A row older than its ticket is left over from a crash; a newer one is ahead of a write that is still to come.
            found.AddRange(opened.Where((t, i) => t is { Erased: null } && t.State == state && t.Updated <= batch[i].updated).Select(t => t!));
        }

        return new TicketPart(found, rows.Count < count ? null : new TicketPlace(rows[^1].Updated, rows[^1].Ticket));
    }

    /// <summary>
    /// One step of a search for the tickets that somebody with this address has part in: as requester, as participant or copied in. Every ticket of the inboxes is
    /// opened and looked at, since no index of who wrote what rests in the stores; so a step may find nothing although more follow.
    /// </summary>
    public async Task<TicketPart> SearchAsync(TenantContext tenant, IReadOnlyList<InboxId> inboxes, TicketState state, string address, TicketPlace? after, CancellationToken cancel)
    {
        string wanted = EmailIdentity.Normalise(address);
        string? contact = await contacts.FindAsync(tenant, address, cancel);
        TicketPart part = await ReadAsync(tenant, inboxes, state, SearchStep, after, cancel);
        return part with { Tickets = [.. part.Tickets.Where(ticket => ticket.Document is { } document && HasPart(document, wanted, contact))] };
    }

    private static bool HasPart(TicketDocument document, string address, string? contact) =>
        (contact is not null && (document.Requester == contact || document.Participants.Contains(contact)))
        || EmailIdentity.Normalise(document.RequesterAddress) == address || document.Copied.Contains(address);
}
