using System.Text;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>
/// Writes what others wrote in a ticket of an erased person anew: as a ticket of its own, under a key of its own, without the person. The old ticket then points to it and is
/// taken apart as a whole, so that no ciphertext of theirs hangs from a key that lives.
/// </summary>
internal sealed class RewriteTicket(TableServiceClient tables, BlobStore blobs, KeyRing keys, TicketStore tickets, ErasureLedger ledger, TimeProvider time)
{
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tickets);
    private readonly MessageRows _messages = new(tables.GetTableClient(TableNames.Tickets), blobs, keys);
    private readonly TicketLists _lists = new(tables);

    /// <summary>
    /// The id of the ticket that takes over from this version of another: the same each time for one erasure, so that two processes write the same, and never that of another erasure or version. What is
    /// written for a version that the ticket has left behind is handed nothing any more.
    /// </summary>
    public async Task<string> SuccessorAsync(TenantContext tenant, Ticket old, Erasure erasure, CancellationToken cancel)
    {
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        return Crockford32.Encode(ids.Mac("what others wrote", Encoding.UTF8.GetBytes($"{old.Id} {erasure.Id} {old.Version}")).AsSpan(0, 16));
    }

    /// <summary>
    /// Writes the ticket that takes over, whole and again if need be, and returns its id, and how many messages and files could not be opened and went with the old one, as gaps. It is named in the ledger
    /// first, so that what is never handed over is found and taken away. Throws <see cref="KeyErasedException"/> when that has happened meanwhile.
    /// </summary>
    public async Task<(string Ticket, int Messages, int Files)> RunAsync(TenantContext tenant, PersonTicket old, PersonMask mask, Erasure erasure, CancellationToken cancel)
    {
        (string address, string contact) = (erasure.Notes.Address, erasure.Target);
        string id = await SuccessorAsync(tenant, old.Ticket, erasure, cancel);
        await ledger.NoteSuccessorAsync(tenant, erasure, old.Ticket.Id, id, cancel);
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Ticket, id, cancel);
        List<TicketMessage> kept = [];
        int messages = 0, files = 0;
        foreach (TicketMessage message in old.Messages)
        {
            if (message.Document is null || PersonScan.IsTheirs(message, address))
            {
                // Whose it was nobody can say.
                if (message is { Document: null, IsEmptied: false }) messages++;
                await _rows.UpsertEntityAsync(Gap(tenant, id, message), TableUpdateMode.Replace, cancel);
                continue;
            }

            (NewMessage masked, int lost) = await MaskAsync(tenant, old.Ticket.Id, message, mask, cancel);
            files += lost;
            await _rows.UpsertEntityAsync(await _messages.SealAsync(tenant, id, key, masked, message.Order, cancel), TableUpdateMode.Replace, cancel);
            if (message.Delivery is { } delivery) await _rows.UpsertEntityAsync(OutboxRow.Write(tenant, id, Ended(message.Key, delivery)), TableUpdateMode.Replace, cancel);
            kept.Add(message with { Document = masked.Document });
        }

        Ticket fresh = old.Ticket with { Id = id, Revision = 1, Generation = 0, MergedInto = "", Document = Mask(old.Ticket.Document ?? Rebuilt(kept), kept, mask, contact) };
        await _lists.PutAsync(tenant, fresh, key, replaces: null, cancel);
        await _rows.UpsertEntityAsync(TicketRow.Write(tenant, fresh, key), TableUpdateMode.Replace, cancel);
        return (id, messages, files);
    }

    /// <summary>Takes away, for good, what was written to take over a ticket and never will.</summary>
    public async Task DropAsync(TenantContext tenant, string successor, string inbox, CancellationToken cancel)
    {
        KeyName[] key = [new(KeyClass.Ticket, successor)];
        await keys.EraseAsync(tenant, await ledger.NameKeysAsync(tenant, Pack.NewId(time.GetUtcNow()), successor, key, cancel), cancel);
        string partition = TicketKeys.Partition(tenant, successor);
        if (inbox.Length > 0) await _lists.DropAllAsync(tenant, inbox, successor, cancel);
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(partition), select: ["PartitionKey", "RowKey"], cancel: cancel)) await _rows.DeleteEntityAsync(partition, row.RowKey, ETag.All, cancel);
        await foreach (StoredBlob blob in blobs.ListAsync(TicketStore.Container, $"{tenant}/{successor}/", cancel)) await blobs.DeleteIfExistsAsync(TicketStore.Container, blob.Name, cancel);
    }

    // Where the person's message stood, so that readers see that something did.
    private static TableEntity Gap(TenantContext tenant, string ticket, TicketMessage message) => new(TicketKeys.Partition(tenant, ticket), TicketKeys.MessageRow(message.Key))
    {
        ["key"] = message.Key,
        ["received"] = message.Received,
        ["flags"] = (int)(message.Flags & (MessageMarks.Outbound | MessageMarks.Note)),
        ["order"] = message.Order,
        ["erased"] = message.Received,
    };

    // A reply that had not gone out is not sent from here: it may have been for the person. Whoever wrote it sees that, and writes anew.
    private static OutboxEntry Ended(string key, Delivery delivery) => new()
    {
        Key = key, Created = delivery.At, NotBefore = delivery.At,
        Delivery = delivery.State is DeliveryState.Sent or DeliveryState.Failed ? delivery : delivery with { State = DeliveryState.Failed, Code = "erased" },
    };

    private async Task<(NewMessage Message, int Unreadable)> MaskAsync(TenantContext tenant, string ticket, TicketMessage message, PersonMask mask, CancellationToken cancel)
    {
        List<AttachmentDocument> attachments = [];
        List<Func<byte[]>> contents = [];
        int unreadable = 0;
        for (int i = 0; i < message.Document!.Attachments.Count; i++)
        {
            AttachmentDocument attachment = message.Document.Attachments[i];
            byte[]? content = await ReadAsync(tenant, ticket, message, i, cancel);
            if (content is null) unreadable++;
            if (content is null || mask.Spoils(attachment, content)) continue;
            attachments.Add(attachment);
            contents.Add(() => content);
        }

        MessageDocument document = mask.Apply(message.Document with { Attachments = attachments, Named = [.. message.Document.Named.Where(digest => digest != mask.Digest)] });
        return (new NewMessage(message.Key, message.Received, message.Flags, document, contents), unreadable);
    }

    // What does not open opens for nobody, and must not keep the person from being erased.
    private async Task<byte[]?> ReadAsync(TenantContext tenant, string ticket, TicketMessage message, int index, CancellationToken cancel)
    {
        try
        {
            return await tickets.ReadAttachmentAsync(tenant, ticket, message, index, cancel);
        }
        catch (Exception e) when (e is SealBrokenException or InvalidDataException)
        {
            return null;
        }
    }

    // Of a ticket whose own seal is broken, what the messages tell; who may join it they do not.
    private static TicketDocument Rebuilt(List<TicketMessage> kept)
    {
        MessageDocument? first = kept.FirstOrDefault(m => m.Direction == MessageDirection.In)?.Document;
        return new TicketDocument { Requester = "", Subject = (first ?? kept.FirstOrDefault()?.Document)?.Subject ?? "", RequesterName = first?.FromName ?? "", RequesterAddress = first?.FromAddress ?? "" };
    }

    private static TicketDocument Mask(TicketDocument document, List<TicketMessage> kept, PersonMask mask, string contact)
    {
        TicketMessage? last = kept.LastOrDefault(m => m.Direction == MessageDirection.In);
        bool theirs = mask.Is(document.RequesterAddress);
        return document with
        {
            Subject = mask.Subject(document.Subject),
            Requester = document.Requester == contact ? "" : document.Requester,
            Participants = [.. document.Participants.Where(p => p != contact)],
            Copied = [.. document.Copied.Where(a => !mask.Is(a))],
            RequesterName = theirs ? "" : mask.Apply(document.RequesterName),
            RequesterAddress = theirs ? "" : document.RequesterAddress,
            LastAt = last?.Received ?? default,
            LastKey = last?.Key ?? "",
            LastSubject = Cut.To(last?.Document?.Subject ?? PersonMask.Gone, 200),
            LastFrom = Cut.To(last?.Document is { } told ? told.FromName.Length > 0 ? told.FromName : told.FromAddress : "", 200),
        };
    }
}
