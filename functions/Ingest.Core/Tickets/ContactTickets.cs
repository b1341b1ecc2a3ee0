using System.Runtime.CompilerServices;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>
/// Every ticket that one contact has part in: who asked, who joined, who is copied in, and whose address stands in a message. No index of who wrote what rests in the
/// stores and none is kept up while mail comes in; all tickets of the tenant are opened and looked at, in pages, with nothing held but one page.
/// </summary>
public sealed class ContactTickets(TableServiceClient tables, KeyRing keys, Contacts contacts, TicketStore tickets)
{
    private const int PageSize = 200, AtOnce = 16, MessagesAtOnce = 25;

    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tickets);

    /// <summary>
    /// The ids of the contact's tickets, each once, in no order that means anything. A contact whose profile was erased is found by id alone: then tickets in which only
    /// their address stands are not. A ticket whose key was erased, or whose seal
    /// somebody broke, says nothing and is passed over. With <paramref name="known"/> as the address nobody need be a contact.
    /// </summary>
    public async IAsyncEnumerable<string> TicketsOfAsync(TenantContext tenant, string contactId, [EnumeratorCancellation] CancellationToken cancel, string known = "")
    {
        string address = known.Length > 0 ? known : (await contacts.OpenAsync(tenant, contactId, cancel))?.Address ?? "";
        TableFilter filter = TableFilter.PartitionPrefix(tenant + ".").And(TableFilter.RowIs(TicketKeys.TicketRow));
        await foreach (TablePage page in _rows.QueryPagesAsync(filter, PageSize, cancel: cancel))
        {
            foreach (TableEntity[] some in page.Values.Chunk(AtOnce))
            {
                string?[] found = await Task.WhenAll(some.Select(row => LookAsync(tenant, row, contactId, address, cancel)));
                foreach (string ticket in found.OfType<string>()) yield return ticket;
            }
        }
    }

    /// <summary>True when the tenant has more tickets than this: looking through them then takes longer than a request may.</summary>
    public async Task<bool> HasMoreThanAsync(TenantContext tenant, int most, CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionPrefix(tenant + ".").And(TableFilter.RowIs(TicketKeys.TicketRow));
        return await _rows.QueryAsync(filter, select: ["PartitionKey"], cancel: cancel).Skip(most).AnyAsync(cancel);
    }

    // One row that somebody wrote over must not keep everybody else from what is held of them.
    private async Task<string?> LookAsync(TenantContext tenant, TableEntity row, string contact, string address, CancellationToken cancel)
    {
        try
        {
            return await LookIntoAsync(tenant, row, contact, address, cancel);
        }
        catch (SealBrokenException)
        {
            return null;
        }
    }

    private async Task<string?> LookIntoAsync(TenantContext tenant, TableEntity row, string contact, string address, CancellationToken cancel)
    {
        string id = row.PartitionKey[(row.PartitionKey.IndexOf('.', StringComparison.Ordinal) + 1)..];
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(id, TicketRow.Generation(row)), cancel);
        if (TicketRow.Read(tenant, id, row, key) is not { Document: { } document } ticket) return null;
        bool named = (contact.Length > 0 && (document.Requester == contact || document.Participants.Contains(contact, StringComparer.Ordinal)))
            || (address.Length > 0 && (EmailIdentity.Normalise(document.RequesterAddress) == address || document.Copied.Contains(address, StringComparer.Ordinal)));
        return named || (address.Length > 0 && await IsInMessagesAsync(tenant, ticket, address, cancel)) ? id : null;
    }

    // The ticket's own lists are cut at a length and leave out who was never let in, so the messages decide.
    private async Task<bool> IsInMessagesAsync(TenantContext tenant, Ticket ticket, string address, CancellationToken cancel)
    {
        string? before = null;
        do
        {
            MessagePart part = await tickets.NewestMessagesAsync(tenant, ticket.Id, MessagesAtOnce, cancel, before);
            if (part.Messages.Any(message => message.Document is { } document && Names(document, address))) return true;
            before = part.Earlier > 0 && part.Messages.Count > 0 ? part.Messages[0].Key : null;
        }
        while (before is not null);
        return false;
    }

    /// <summary>True when the (normalised) address stands in a message as sender, to answer to, or as one of those it went to.</summary>
    internal static bool Names(MessageDocument document, string address) =>
        document.To.Concat(document.Cc).Append(document.FromAddress).Append(document.ReplyTo).Any(one => one.Length > 0 && EmailIdentity.Normalise(one) == address);
}
