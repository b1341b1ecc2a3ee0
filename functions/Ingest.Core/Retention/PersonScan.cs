using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>What a person has in a ticket.</summary>
internal enum PersonPart
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>They wrote, and nobody else from outside did: the ticket is theirs.</summary>
    Own,
    /// <summary>Others from outside wrote, too, or they are only named.</summary>
    Shared,
}

/// <summary>A ticket that a person has part in.</summary>
/// <param name="Ticket">The ticket.</param>
/// <param name="Part">Which.</param>
/// <param name="Messages">All its messages.</param>
internal sealed record PersonTicket(Ticket Ticket, PersonPart Part, IReadOnlyList<TicketMessage> Messages);

/// <summary>
/// Finds every ticket of a tenant in which a person stands: as requester or participant, as author, among the recipients, or by their address in a text, though it was masked there. No index says who is
/// named where, so every ticket is opened; that takes its time, and misses nothing.
/// </summary>
internal sealed class PersonScan(TableServiceClient tables, TicketStore tickets, KeyRing keys)
{
    private const int PageSize = 100, AtOnce = 8;
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tickets);

    /// <summary>One page of tickets behind a ticket, or from the first on: those with a part of theirs, how many were looked at, and the last one; null when there are none behind it.</summary>
    public async Task<(IReadOnlyList<PersonTicket> Found, int Looked, string Last)?> PageAsync(TenantContext tenant, string address, string contact, string after, DateTimeOffset? before, CancellationToken cancel)
    {
        string prefix = tenant + ".";
        TableFilter all = TableFilter.PartitionPrefix(prefix).And(TableFilter.RowIs(TicketKeys.TicketRow));
        if (after.Length > 0) all = all.And(TableFilter.PartitionAfter(prefix + after));
        List<TableEntity> rows = await _rows.QueryAsync(all, select: ["PartitionKey", "erased"], cancel: cancel).Take(PageSize).ToListAsync(cancel);
        if (rows.Count == 0) return null;
        List<PersonTicket> found = [];
        foreach (TableEntity[] some in rows.Where(row => row.GetDateTimeOffset("erased") is null).Chunk(AtOnce))
            found.AddRange((await Task.WhenAll(some.Select(row => LookAsync(tenant, row.PartitionKey[prefix.Length..], address, contact, before, cancel)))).OfType<PersonTicket>());
        return (found, rows.Count, rows[^1].PartitionKey[prefix.Length..]);
    }

    /// <summary>A ticket with a part of theirs; null when it has none, and when its content is erased. With <paramref name="before"/> only one with a mail of theirs from before that. Throws <see cref="NotNowException"/> ("redaction-under-way") while a redaction still seals its messages anew.</summary>
    public async Task<PersonTicket?> LookAsync(TenantContext tenant, string id, string address, string? contact, DateTimeOffset? before, CancellationToken cancel)
    {
        try
        {
            if (await tickets.FindAsync(tenant, id, cancel) is not { Document: { } document } ticket) return null;
            IReadOnlyList<TicketMessage> messages = await tickets.MessagesAsync(tenant, id, cancel);
            if (before is { } end && !messages.Any(m => Wrote(m, address) && m.Received <= end)) return null;
            using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
            PersonPart part = PartOf(document, messages, address, NamedAddresses.Of(ids, address), contact);
            // What a redaction has not sealed anew yet is about to change under our hands: what was read of it must not be taken for all there is.
            if (part != PersonPart.None && messages.Any(m => m.Document is not null && m.Generation < ticket.Generation)) throw new NotNowException(RedactTicket.UnderWayCode);
            return part == PersonPart.None ? null : new PersonTicket(ticket, part, messages);
        }
        catch (Exception e) when (e is SealBrokenException or InvalidDataException)
        {
            // What does not open opens for nobody, and must not keep the rest from being erased.
            return null;
        }
    }

    /// <summary>True when this message is theirs: by what it says of its author, or because it was written to nobody but them.</summary>
    public static bool IsTheirs(TicketMessage message, string address) => message is { Document: { } d } && message.Direction switch
    {
        MessageDirection.In => d.FromAddress.Length > 0 && EmailIdentity.Normalise(d.FromAddress) == address,
        MessageDirection.Out => d.To.Count > 0 && d.To.Concat(d.Cc).All(a => EmailIdentity.Normalise(a) == address),
        MessageDirection.Note => false,
    };

    /// <summary>The messages of a ticket, if they open.</summary>
    public async Task<IReadOnlyList<TicketMessage>> MessagesAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        try
        {
            return await tickets.MessagesAsync(tenant, ticket, cancel);
        }
        catch (Exception e) when (e is SealBrokenException or InvalidDataException)
        {
            return [];
        }
    }

    private static bool Wrote(TicketMessage message, string address) => message.Direction == MessageDirection.In && IsTheirs(message, address);

    private static PersonPart PartOf(TicketDocument document, IReadOnlyList<TicketMessage> messages, string address, string digest, string? contact)
    {
        bool theirs = messages.Any(m => Wrote(m, address));
        bool others = messages.Any(m => m is { Direction: MessageDirection.In, Document: not null } && !Wrote(m, address));
        if (theirs && !others) return PersonPart.Own;
        bool named = theirs || (contact is not null && (document.Requester == contact || document.Participants.Contains(contact))) || document.Copied.Contains(address)
            || EmailIdentity.Normalise(document.RequesterAddress) == address || messages.Any(m => m.Document is { } d && (Names(d, address) || d.Named.Contains(digest)));
        return named ? PersonPart.Shared : PersonPart.None;
    }

    private static bool Names(MessageDocument d, string address) =>
        d.To.Concat(d.Cc).Append(d.ReplyTo).Append(d.FromAddress).Any(a => a.Length > 0 && EmailIdentity.Normalise(a) == address)
        || new[] { d.Text, d.Html, d.Reply, d.Elided, d.Signature, d.Subject, d.FromName }.Any(text => text.Contains(address, StringComparison.OrdinalIgnoreCase));
}
