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

/// <summary>Why a ticket, or a mail, could not be read as a whole.</summary>
internal enum Unread
{
    /// <summary>It could; or it was erased.</summary>
    No,
    /// <summary>A key or sealed bytes are not there just now, and were not erased: they may come back.</summary>
    Lost,
    /// <summary>A seal is broken.</summary>
    Broken,
}

/// <summary>How a ticket was found when it was looked at for a person.</summary>
/// <param name="Ticket">Its id.</param>
/// <param name="Found">It with their part; null when they have none, or nobody can tell.</param>
/// <param name="Unread">Why nobody can tell.</param>
internal readonly record struct PersonLook(string Ticket, PersonTicket? Found, Unread Unread);

/// <summary>Whom to look for.</summary>
/// <param name="Address">Their address, normalised.</param>
/// <param name="Contact">Their contact's id; null when they have none.</param>
/// <param name="Before">Only tickets with a mail of theirs from before this count; null when all do.</param>
/// <param name="Waits">True while what is lost may come back: then a ticket with a lost part is not judged by the rest of it.</param>
internal readonly record struct Sought(string Address, string? Contact, DateTimeOffset? Before, bool Waits);

/// <summary>A ticket with as much of it as opens.</summary>
internal sealed record TicketReading(Ticket Ticket, IReadOnlyList<TicketMessage> Messages, Unread Unread)
{
    /// <summary>Those of its messages that stand sealed and do not open.</summary>
    public required IReadOnlySet<string> Closed { get; init; }
}

/// <summary>
/// Finds every ticket of a tenant in which a person stands: as requester or participant, as author, among the recipients, or by their address in a text, though it was masked there. No index says who is
/// named where, so every ticket is opened; that takes its time. What does not open just then is told of, not passed over.
/// </summary>
internal sealed class PersonScan(TableServiceClient tables, BlobStore blobs, TicketStore tickets, KeyRing keys)
{
    private const int PageSize = 100, AtOnce = 8;
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tickets);

    /// <summary>
    /// One page of tickets behind a ticket, or from the first on: those with a part of theirs and those that could not be read, how many were looked at, and the last one; null when there are none behind it.
    /// </summary>
    public async Task<(IReadOnlyList<PersonLook> Looks, int Looked, string Last)?> PageAsync(TenantContext tenant, Sought sought, string after, CancellationToken cancel)
    {
        string prefix = tenant + ".";
        TableFilter all = TableFilter.PartitionPrefix(prefix).And(TableFilter.RowIs(TicketKeys.TicketRow));
        if (after.Length > 0) all = all.And(TableFilter.PartitionAfter(prefix + after));
        List<TableEntity> rows = await _rows.QueryAsync(all, select: ["PartitionKey", "erased"], cancel: cancel).Take(PageSize).ToListAsync(cancel);
        if (rows.Count == 0) return null;
        List<PersonLook> looks = [];
        foreach (TableEntity[] some in rows.Where(row => row.GetDateTimeOffset("erased") is null).Chunk(AtOnce))
            looks.AddRange((await Task.WhenAll(some.Select(row => LookAsync(tenant, row.PartitionKey[prefix.Length..], sought, cancel)))).Where(look => look.Found is not null || look.Unread != Unread.No));
        return (looks, rows.Count, rows[^1].PartitionKey[prefix.Length..]);
    }

    /// <summary>
    /// A ticket with their part, if they have one. One of which a part does not open is theirs when the rest of it says so; when that says nothing, or while what is lost may come back, the answer is why
    /// nobody can tell. Throws <see cref="NotNowException"/> ("redaction-under-way") while a redaction still seals its messages anew.
    /// </summary>
    public async Task<PersonLook> LookAsync(TenantContext tenant, string id, Sought sought, CancellationToken cancel)
    {
        if (await ReadAsync(tenant, id, cancel) is not { } reading) return new PersonLook(id, null, Unread.No);
        (Ticket ticket, IReadOnlyList<TicketMessage> messages, Unread unread) = reading;
        if (unread == Unread.Lost && sought.Waits) return new PersonLook(id, null, unread);
        if (sought.Before is { } end && !(ticket.IsDamaged && ticket.Created <= end) && !messages.Any(m => m.Received <= end && (Wrote(m, sought.Address) || reading.Closed.Contains(m.Key)))) return new PersonLook(id, null, Unread.No);
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        PersonPart part = PartOf(reading, sought, NamedAddresses.Of(ids, sought.Address));
        if (part == PersonPart.None) return new PersonLook(id, null, unread);
        // What a redaction has not sealed anew yet is about to change under our hands: what was read of it must not be taken for all there is.
        if (messages.Any(m => m.Document is not null && m.Generation < ticket.Generation)) throw new NotNowException(RedactTicket.UnderWayCode);
        return new PersonLook(id, new PersonTicket(ticket, part, messages), Unread.No);
    }

    /// <summary>True when a contact asked in a ticket that stands, or has part in it. All may be opened for it.</summary>
    public async Task<bool> HasPartAsync(TenantContext tenant, string contact, CancellationToken cancel)
    {
        string prefix = tenant + ".";
        TableFilter all = TableFilter.PartitionPrefix(prefix).And(TableFilter.RowIs(TicketKeys.TicketRow));
        await foreach (TableEntity row in _rows.QueryAsync(all, select: ["PartitionKey", "erased"], cancel: cancel))
            if (row.GetDateTimeOffset("erased") is null && await FindAsync(tenant, row.PartitionKey[prefix.Length..], cancel) is { Document: { } document } && (document.Requester == contact || document.Participants.Contains(contact))) return true;
        return false;
    }

    /// <summary>As much of a ticket as opens; null when there is none, and when its content is erased.</summary>
    public async Task<TicketReading?> ReadAsync(TenantContext tenant, string id, CancellationToken cancel)
    {
        if (await FindAsync(tenant, id, cancel) is not { Erased: null } ticket) return null;
        if (ticket.Document is null && !ticket.IsDamaged) return null;
        Unread unread = !ticket.IsDamaged ? Unread.No : await IsKeyThereAsync(tenant, id, ticket.Generation, cancel) ? Unread.Broken : Unread.Lost;
        IReadOnlyList<TicketMessage> messages = await MessagesAsync(tenant, id, cancel);
        HashSet<string> closed = new(StringComparer.Ordinal);
        foreach (TicketMessage message in messages.Where(m => m.Document is null && !m.IsEmptied))
        {
            Unread why = await WhyAsync(tenant, id, message, cancel);
            if (why == Unread.No) continue;
            closed.Add(message.Key);
            // What may come back is worth waiting for, whatever else is broken.
            unread = unread == Unread.Lost ? unread : why;
        }

        return new TicketReading(ticket, messages, unread) { Closed = closed };
    }

    /// <summary>A ticket, or null when there is none. One that says neither what it holds nor that it was erased is marked as damaged, whether its seal is broken or its key is lost.</summary>
    public async Task<Ticket?> FindAsync(TenantContext tenant, string id, CancellationToken cancel)
    {
        Ticket? ticket = await tickets.LookAsync(tenant, id, cancel);
        bool isUnread = ticket is { Erased: null, Document: null, IsDamaged: false } && !await keys.IsErasedAsync(tenant, KeyOf(id, ticket.Generation), cancel);
        return isUnread ? ticket! with { IsDamaged = true } : ticket;
    }

    private static KeyName KeyOf(string ticket, int generation) => new(KeyClass.Ticket, TicketKeys.KeyOwner(ticket, generation));

    private async Task<bool> IsKeyThereAsync(TenantContext tenant, string ticket, int generation, CancellationToken cancel) => (await keys.NameAsync(tenant, KeyOf(ticket, generation), cancel)).Id != Guid.Empty;

    private async Task<Unread> WhyAsync(TenantContext tenant, string ticket, TicketMessage message, CancellationToken cancel)
    {
        if (!message.IsDamaged) return await keys.IsErasedAsync(tenant, KeyOf(ticket, message.Generation), cancel) ? Unread.No : Unread.Lost;
        try
        {
            return message.Blob.Length > 0 && await blobs.ReadRangeAsync(TicketStore.Container, message.Blob, 0, 1, cancel) is null ? Unread.Lost : Unread.Broken;
        }
        catch (InvalidDataException)
        {
            return Unread.Broken;
        }
    }

    /// <summary>The address in this ticket that has this digest (see <see cref="NamedAddresses"/>); empty when none has, as far as it opens.</summary>
    public static string AddressOf(TenantKeys ids, TicketReading reading, string digest)
    {
        TicketDocument? d = reading.Ticket.Document;
        IEnumerable<string> addresses = d is null ? [] : d.Copied.Append(d.RequesterAddress);
        foreach (MessageDocument m in reading.Messages.Select(m => m.Document).OfType<MessageDocument>())
            addresses = addresses.Concat(m.To).Concat(m.Cc).Append(m.ReplyTo).Append(m.FromAddress).Concat(new[] { m.Text, m.Html, m.Reply, m.Elided, m.Signature, m.Subject, m.FromName }.SelectMany(In));
        return AddressOf(ids, addresses, digest);
    }

    /// <summary>The address among these that has this digest; empty when none has.</summary>
    public static string AddressOf(TenantKeys ids, IEnumerable<string> addresses, string digest) =>
        addresses.Select(EmailIdentity.Normalise).Where(a => a.Length > 0).Distinct(StringComparer.Ordinal).FirstOrDefault(a => NamedAddresses.Of(ids, a) == digest) ?? "";

    // Whatever stands around an @ without a space, and that without the signs that end a sentence or a bracket.
    private static IEnumerable<string> In(string text)
    {
        foreach (string word in text.Split([' ', '\t', '\r', '\n', '<', '>', '(', ')', '[', ']', '"', ',', ';', ':'], StringSplitOptions.RemoveEmptyEntries))
            if (word.Length is >= 3 and <= 320 && word.IndexOf('@', StringComparison.Ordinal) > 0) yield return word.Trim('.', '\'', '!', '?', '*', '_');
    }

    /// <summary>True when this message is theirs: by what it says of its author, or because it was written to nobody but them.</summary>
    public static bool IsTheirs(TicketMessage message, string address) => message is { Document: { } d } && message.Direction switch
    {
        MessageDirection.In => d.FromAddress.Length > 0 && EmailIdentity.Normalise(d.FromAddress) == address,
        MessageDirection.Out => d.To.Count > 0 && d.To.Concat(d.Cc).All(a => EmailIdentity.Normalise(a) == address),
        MessageDirection.Note => false,
    };

    /// <summary>The messages of a ticket, those that do not open without their documents.</summary>
    public Task<IReadOnlyList<TicketMessage>> MessagesAsync(TenantContext tenant, string ticket, CancellationToken cancel) => tickets.MessagesAsync(tenant, ticket, cancel);

    private static bool Wrote(TicketMessage message, string address) => message.Direction == MessageDirection.In && IsTheirs(message, address);

    private static PersonPart PartOf(TicketReading reading, Sought sought, string digest)
    {
        (Ticket ticket, IReadOnlyList<TicketMessage> messages, _) = reading;
        (string address, string? contact) = (sought.Address, sought.Contact);
        TicketDocument? document = ticket.Document;
        bool theirs = messages.Any(m => Wrote(m, address));
        bool others = messages.Any(m => m is { Direction: MessageDirection.In, Document: not null } && !Wrote(m, address));
        bool asked = document is { } asks && ((contact is not null && asks.Requester == contact) || EmailIdentity.Normalise(asks.RequesterAddress) == address);
        bool named = theirs || asked || (document is { } d && ((contact is not null && d.Participants.Contains(contact)) || d.Copied.Contains(address)))
            || messages.Any(m => m.Document is { } told && (Names(told, address) || told.Named.Contains(digest)));
        // Whose a message is that does not open says the ticket: theirs, where they asked and nobody else has part.
        bool alone = reading.Closed.Count == 0 ? theirs : asked && document!.Participants.All(p => p == contact);
        return !named ? PersonPart.None : alone && !others ? PersonPart.Own : PersonPart.Shared;
    }

    private static bool Names(MessageDocument d, string address) =>
        d.To.Concat(d.Cc).Append(d.ReplyTo).Append(d.FromAddress).Any(a => a.Length > 0 && EmailIdentity.Normalise(a) == address)
        || new[] { d.Text, d.Html, d.Reply, d.Elided, d.Signature, d.Subject, d.FromName }.Any(text => text.Contains(address, StringComparison.OrdinalIgnoreCase));
}
