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
    /// their address stands are not. A ticket whose key was erased is passed over; one of which a part does not open although it was not erased, and whose rest does not name them, is told to <paramref name="unread"/>.
    /// With <paramref name="known"/> as the address nobody need be a contact.
    /// </summary>
    public async IAsyncEnumerable<string> TicketsOfAsync(TenantContext tenant, string contactId, [EnumeratorCancellation] CancellationToken cancel, string known = "", Action<string>? unread = null)
    {
        string address = known.Length > 0 ? known : (await contacts.OpenAsync(tenant, contactId, cancel))?.Address ?? "";
        TableFilter filter = TableFilter.PartitionPrefix(tenant + ".").And(TableFilter.RowIs(TicketKeys.TicketRow));
        await foreach (TablePage page in _rows.QueryPagesAsync(filter, PageSize, cancel: cancel))
        {
            foreach (TableEntity[] some in page.Values.Chunk(AtOnce))
            {
                (string Ticket, bool IsTheirs, bool IsUnread)[] looks = await Task.WhenAll(some.Select(row => LookAsync(tenant, row, contactId, address, cancel)));
                foreach ((string ticket, bool isTheirs, bool isUnread) in looks)
                {
                    if (isTheirs) yield return ticket;
                    else if (isUnread) unread?.Invoke(ticket);
                }
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
    private async Task<(string Ticket, bool IsTheirs, bool IsUnread)> LookAsync(TenantContext tenant, TableEntity row, string contact, string address, CancellationToken cancel)
    {
        string id = row.PartitionKey[(row.PartitionKey.IndexOf('.', StringComparison.Ordinal) + 1)..];
        bool isUnread = false;
        TicketDocument? document = null;
        try
        {
            using DataKey? key = await keys.FindAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(id, TicketRow.Generation(row)), cancel);
            Ticket ticket = TicketRow.Read(tenant, id, row, key);
            document = ticket.Document;
            if (ticket.Erased is not null || (document is null && await IsErasedAsync(tenant, id, ticket.Generation, cancel))) return (id, false, false);
            isUnread = document is null;
        }
        catch (SealBrokenException)
        {
            isUnread = true;
        }

        bool named = document is not null && ((contact.Length > 0 && (document.Requester == contact || document.Participants.Contains(contact, StringComparer.Ordinal)))
            || (address.Length > 0 && (EmailIdentity.Normalise(document.RequesterAddress) == address || document.Copied.Contains(address, StringComparer.Ordinal))));
        if (named || address.Length == 0) return (id, named, isUnread);
        (bool isInOne, bool isOneUnread) = await IsInMessagesAsync(tenant, id, address, cancel);
        return (id, isInOne, isUnread || isOneUnread);
    }

    // The ticket's own lists are cut at a length and leave out who was never let in, so the messages decide.
    private async Task<(bool IsIn, bool IsUnread)> IsInMessagesAsync(TenantContext tenant, string ticket, string address, CancellationToken cancel)
    {
        bool isUnread = false;
        string? before = null;
        do
        {
            MessagePart part = await tickets.NewestMessagesAsync(tenant, ticket, MessagesAtOnce, cancel, before);
            if (part.Messages.Any(message => message.Document is { } document && Names(document, address))) return (true, isUnread);
            foreach (TicketMessage message in part.Messages.Where(message => message.Document is null)) isUnread |= await IsUnreadAsync(tenant, ticket, message, cancel);
            before = part.Earlier > 0 && part.Messages.Count > 0 ? part.Messages[0].Key : null;
        }
        while (before is not null);
        return (false, isUnread);
    }

    private Task<bool> IsErasedAsync(TenantContext tenant, string ticket, int generation, CancellationToken cancel) =>
        keys.IsErasedAsync(tenant, new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(ticket, generation)), cancel);

    /// <summary>True for a message that does not open although nobody erased it: its seal is broken, or its key or bytes are lost.</summary>
    internal async Task<bool> IsUnreadAsync(TenantContext tenant, string ticket, TicketMessage message, CancellationToken cancel) =>
        message is { Document: null, IsEmptied: false } && (message.IsDamaged || !await IsErasedAsync(tenant, ticket, message.Generation, cancel));

    /// <summary>True when the (normalised) address stands in a message as sender, to answer to, or as one of those it went to.</summary>
    internal static bool Names(MessageDocument document, string address) =>
        document.To.Concat(document.Cc).Append(document.FromAddress).Append(document.ReplyTo).Any(one => one.Length > 0 && EmailIdentity.Normalise(one) == address);
}
