using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>A message that is to become part of a ticket, with its attachments' bytes.</summary>
/// <param name="Key">The message key.</param>
/// <param name="Received">When the provider received it.</param>
/// <param name="Flags">What to see at once.</param>
/// <param name="Document">Its document; the attachments' offsets are filled in when they are stored.</param>
/// <param name="Contents">The attachments' bytes, in the order of the document's list; opened one by one while they are sealed.</param>
public sealed record NewMessage(string Key, DateTimeOffset Received, MessageMarks Flags, MessageDocument Document, IReadOnlyList<Func<byte[]>> Contents);

/// <summary>Who may join a ticket from now on, by right of the message that is added.</summary>
/// <param name="Contact">Its sender, when proven; else null.</param>
/// <param name="Copied">Whom a proven sender copied in, normalised addresses.</param>
public sealed record Joiners(string? Contact, IReadOnlyList<string> Copied);

/// <summary>
/// Tickets and their messages, sealed under one key a ticket. A message and the ticket it belongs to are written in one transaction;
/// writing the same message again changes nothing. What does not fit in a row lies in one sealed blob per message, written before and
/// named by the attempt, so that a crash leaves at worst a blob that nobody refers to.
/// </summary>
public sealed class TicketStore(TableServiceClient tables, BlobStore blobs, KeyRing keys)
{
    /// <summary>The blob container of messages.</summary>
    public const string Container = "messages";

    // A property holds 64 KiB; sealing and growth of the document's other columns want room.
    private const int LargestRowDocument = 48 * 1024;

    private const int MostParticipants = 100;
    internal const int MostCopied = 30;
    private const int IdLetters = 26, DisplayLetters = 8;

    private readonly TableClient _rows = tables.GetTableClient(TableNames.Tickets);
    private readonly TicketLists _lists = new(tables);

    private static string Partition(TenantContext tenant, string ticket) => $"{tenant}.{ticket}";
    internal static SealContext Seal(TenantContext tenant, string ticket, string role) => new(tenant.Tenant, KeyClass.Ticket, ticket, role);
    private static string MessageRole(string messageKey) => "message:" + messageKey;
    private static string AttachmentRole(string messageKey, int index) => $"attachment:{messageKey}:{index}";

    /// <summary>The ticket's row with its document, or null when this tenant has no such ticket.</summary>
    public async Task<Ticket?> FindAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        TableEntity? row = await _rows.GetEntityIfExistsAsync(Partition(tenant, ticket), TicketKeys.TicketRow, cancel: cancel);
        if (row is null) return null;
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Ticket, ticket, cancel);
        return Read(tenant, ticket, row, key);
    }

    /// <summary>True when the text has the form of a ticket id; nothing else ever becomes part of a key.</summary>
    public static bool IsTicketId(string text) => text.Length == IdLetters && text.All(IsLetter);

    private static bool IsLetter(char c) => "0123456789abcdefghjkmnpqrstvwxyz".Contains(c, StringComparison.Ordinal);

    /// <summary>The ticket with this display number, or null.</summary>
    public async Task<Ticket?> FindByNumberAsync(TenantContext tenant, string number, CancellationToken cancel)
    {
        string prefix = number.ToLowerInvariant();
        if (prefix.Length != DisplayLetters || !prefix.All(IsLetter)) return null;
        TableFilter filter = TableFilter.PartitionPrefix(Partition(tenant, prefix)).And(TableFilter.RowIs(TicketKeys.TicketRow));
        await foreach (TableEntity row in _rows.QueryAsync(filter, select: ["PartitionKey"], cancel: cancel))
            return await FindAsync(tenant, row.PartitionKey[(row.PartitionKey.IndexOf('.', StringComparison.Ordinal) + 1)..], cancel);
        return null;
    }

    /// <summary>The messages of a ticket, oldest first.</summary>
    public async Task<IReadOnlyList<TicketMessage>> MessagesAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Ticket, ticket, cancel);
        List<TicketMessage> messages = [];
        TableFilter filter = TableFilter.PartitionIs(Partition(tenant, ticket)).And(TableFilter.RowPrefix("m!"));
        await foreach (TableEntity row in _rows.QueryAsync(filter, cancel: cancel))
        {
            string messageKey = row.GetString("key")!, blob = row.GetString("blob") ?? "";
            long documentLength = row.GetInt64("docLength") ?? 0;
            byte[]? box = row.GetBinary("doc");
            if (box is null && blob.Length > 0 && key is not null)
                box = await blobs.ReadRangeAsync(Container, blob, 0, (int)documentLength, cancel);
            MessageDocument? document = key is null || box is null
                ? null
                : JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, ticket, MessageRole(messageKey))), TicketJson.Default.MessageDocument);
            messages.Add(new TicketMessage(messageKey, row.GetDateTimeOffset("received") ?? default, (MessageMarks)(row.GetInt32("flags") ?? 0), blob, documentLength, document));
        }

        return [.. messages.OrderBy(m => m.Received).ThenBy(m => m.Key, StringComparer.Ordinal)];
    }

    /// <summary>The newest tickets of an inbox in a state, opened, each checked against its row.</summary>
    public async Task<IReadOnlyList<Ticket>> NewestAsync(TenantContext tenant, InboxId inbox, TicketState state, int count, CancellationToken cancel)
    {
        List<Ticket> tickets = [];
        foreach ((string ticket, DateTimeOffset updated)[] batch in (await _lists.NewestAsync(tenant, inbox, state, count, cancel)).Chunk(16))
        {
            Ticket?[] opened = await Task.WhenAll(batch.Select(row => FindAsync(tenant, row.ticket, cancel)));
            // A row older than its ticket is left over from a crash; a newer one is ahead of a write that is still to come.
            tickets.AddRange(opened.Where((t, i) => t is not null && t.State == state && t.Updated <= batch[i].updated).Select(t => t!));
        }

        return tickets;
    }

    /// <summary>The bytes of an attachment, or null when it is not there or its key was erased.</summary>
    public async Task<byte[]?> ReadAttachmentAsync(TenantContext tenant, string ticket, TicketMessage message, int index, CancellationToken cancel)
    {
        if (message.Document is not { } document || index < 0 || index >= document.Attachments.Count || message.Blob.Length == 0) return null;
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Ticket, ticket, cancel);
        if (key is null) return null;
        AttachmentDocument attachment = document.Attachments[index];
        byte[]? box = await blobs.ReadRangeAsync(Container, message.Blob, message.DocumentLength + attachment.Offset, (int)attachment.Length, cancel);
        return box is null ? null : Envelope.Open(box, key, Seal(tenant, ticket, AttachmentRole(message.Key, index)));
    }

    /// <summary>Starts a ticket with its first message; does nothing when that was done before.</summary>
    public async Task StartAsync(TenantContext tenant, InboxId inbox, string ticket, TicketDocument document, NewMessage message, CancellationToken cancel)
    {
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Ticket, ticket, cancel);
        Ticket fresh = new()
        {
            Id = ticket, Number = TenantKeys.DisplayNumber(ticket), Inbox = inbox.Value, State = TicketState.Open, Created = message.Received,
            Updated = message.Received, Messages = 1, Flags = message.Flags, Revision = 1, Document = document,
        };
        TableEntity messageRow = await SealMessageAsync(tenant, ticket, key, message, cancel);
        await _lists.PutAsync(tenant, fresh, ListLine(message), key, replaces: null, cancel);
        try
        {
            await _rows.SubmitTransactionAsync(
            [
                new TableTransactionAction(TableTransactionActionType.Add, Write(tenant, fresh, key)),
                new TableTransactionAction(TableTransactionActionType.Add, messageRow),
            ], cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Ticket ids derive from the first message's key, so whoever wrote it wrote this very message: another try, or this one with its answer lost.
            await IsThereAsync(messageRow, cancel);
            if (await FindAsync(tenant, ticket, cancel) is { } now) await _lists.DropAsync(tenant, fresh, now, cancel);
        }
    }

    /// <summary>Adds a message to a ticket; does nothing when it is there already. False when the ticket is not there.</summary>
    public async Task<bool> JoinAsync(TenantContext tenant, string ticket, NewMessage message, Joiners joiners, bool reopen, CancellationToken cancel)
    {
        Ticket? failed = null;
        for (int tries = 0; tries < 6; tries++)
        {
            if (await FindAsync(tenant, ticket, cancel) is not { } old) return false;
            if (failed is not null) await _lists.DropAsync(tenant, failed, old, cancel);
            if (old.Document is not { } document) throw new NotNowException("ticket-key-missing");
            using DataKey? key = await keys.FindAsync(tenant, KeyClass.Ticket, ticket, cancel);
            if (key is null) throw new NotNowException("ticket-key-missing");
            Ticket next = Joined(old, document, message, joiners, reopen);
            TableEntity messageRow = await SealMessageAsync(tenant, ticket, key, message, cancel);
            await _lists.PutAsync(tenant, next, ListLine(message), key, replaces: old, cancel);
            try
            {
                await _rows.SubmitTransactionAsync(
                [
                    new TableTransactionAction(TableTransactionActionType.Add, messageRow),
                    new TableTransactionAction(TableTransactionActionType.UpdateReplace, Write(tenant, next, key), new ETag(old.Version)),
                ], cancel);
                return true;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                if (await IsThereAsync(messageRow, cancel))
                {
                    if (await FindAsync(tenant, ticket, cancel) is { } now) await _lists.PutAsync(tenant, now, ListLine(message), key, replaces: next, cancel);
                    return true;
                }

                failed = next;
            }
        }

        throw new NotNowException("ticket-contended");
    }

    private static Ticket Joined(Ticket old, TicketDocument document, NewMessage message, Joiners joiners, bool reopen) => old with
    {
        State = reopen ? TicketState.Open : old.State,
        Updated = message.Received > old.Updated ? message.Received : old.Updated,
        Messages = old.Messages + 1,
        Flags = old.Flags | message.Flags,
        Revision = old.Revision + 1,
        Document = document with
        {
            Participants = [.. document.Participants.Concat(joiners.Contact is { } contact ? [contact] : []).Distinct().Take(MostParticipants)],
            Copied = [.. document.Copied.Concat(joiners.Copied).Distinct().Take(MostCopied)],
        },
    };

    private static ListDocument ListLine(NewMessage message) => new()
    {
        Subject = Cut.To(message.Document.Subject, 200),
        From = Cut.To(message.Document.FromName.Length > 0 ? message.Document.FromName : message.Document.FromAddress, 200),
    };

    private async Task<TableEntity> SealMessageAsync(TenantContext tenant, string ticket, DataKey key, NewMessage message, CancellationToken cancel)
    {
        TableEntity row = new(Partition(tenant, ticket), TicketKeys.MessageRow(message.Key))
        {
            ["key"] = message.Key,
            ["received"] = message.Received,
            ["flags"] = (int)message.Flags,
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message.Document, TicketJson.Default.MessageDocument);
        if (message.Contents.Count == 0 && json.Length <= LargestRowDocument)
        {
            row["doc"] = Envelope.Seal(json, key, Seal(tenant, ticket, MessageRole(message.Key)), SegmentLength.Row);
            return row;
        }

        string name = $"{tenant}/{ticket}/{message.Key}.{Guid.NewGuid().ToString("N")[..12]}";
        (byte[] content, int documentLength) = SealBlob(tenant, ticket, key, message);
        await blobs.PutAsync(Container, name, content, onlyIfAbsent: true, cancel);
        row["blob"] = name;
        row["docLength"] = (long)documentLength;
        return row;
    }

    private static (byte[] Content, int DocumentLength) SealBlob(TenantContext tenant, string ticket, DataKey key, NewMessage message)
    {
        // The document lies first and holds the attachments' offsets, which therefore count from its end.
        List<byte[]> boxes = [];
        List<AttachmentDocument> placed = [];
        long offset = 0;
        for (int i = 0; i < message.Contents.Count; i++)
        {
            byte[] box = Envelope.Seal(message.Contents[i](), key, Seal(tenant, ticket, AttachmentRole(message.Key, i)), SegmentLength.Blob);
            boxes.Add(box);
            placed.Add(message.Document.Attachments[i] with { Offset = offset, Length = box.Length });
            offset += box.Length;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message.Document with { Attachments = placed }, TicketJson.Default.MessageDocument);
        byte[] head = Envelope.Seal(json, key, Seal(tenant, ticket, MessageRole(message.Key)), SegmentLength.Blob);
        byte[] content = new byte[head.Length + offset];
        head.CopyTo(content, 0);
        long at = head.Length;
        foreach (byte[] box in boxes)
        {
            box.CopyTo(content, at);
            at += box.Length;
        }

        return (content, head.Length);
    }

    /// <summary>Removes message blobs older than <paramref name="before"/> that no message row names; returns how many.</summary>
    public async Task<int> SweepAsync(DateTimeOffset before, CancellationToken cancel)
    {
        int swept = 0;
        (string Partition, HashSet<string> Used) ticket = ("", []);
        await foreach (StoredBlob blob in blobs.ListAsync(Container, prefix: null, cancel))
        {
            if (blob.CreatedAt is null || blob.CreatedAt >= before) continue;
            string[] path = blob.Name.Split('/');
            string partition = $"{path[0]}.{path[1]}";
            if (ticket.Partition != partition) ticket = (partition, await BlobsInUseAsync(partition, cancel));
            if (!ticket.Used.Contains(blob.Name) && await blobs.DeleteIfExistsAsync(Container, blob.Name, cancel)) swept++;
        }

        return swept;
    }

    private async Task<HashSet<string>> BlobsInUseAsync(string partition, CancellationToken cancel)
    {
        HashSet<string> used = [];
        TableFilter filter = TableFilter.PartitionIs(partition).And(TableFilter.RowPrefix("m!"));
        await foreach (TableEntity row in _rows.QueryAsync(filter, select: ["blob"], cancel: cancel))
            if (row.GetString("blob") is { Length: > 0 } blob) used.Add(blob);
        return used;
    }

    // After a refused write: a row with our blob is our own write whose answer was lost; any other leaves our blob unused.
    private async Task<bool> IsThereAsync(TableEntity messageRow, CancellationToken cancel)
    {
        TableEntity? there = await _rows.GetEntityIfExistsAsync(messageRow.PartitionKey, messageRow.RowKey, ["blob"], cancel);
        if (messageRow.GetString("blob") is { Length: > 0 } blob && there?.GetString("blob") != blob) await blobs.DeleteIfExistsAsync(Container, blob, cancel);
        return there is not null;
    }

    private static TableEntity Write(TenantContext tenant, Ticket ticket, DataKey key)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(ticket.Document!, TicketJson.Default.TicketDocument);
        return new TableEntity(Partition(tenant, ticket.Id), TicketKeys.TicketRow)
        {
            ["inbox"] = ticket.Inbox,
            ["number"] = ticket.Number,
            ["state"] = ticket.State.ToString(),
            ["created"] = ticket.Created,
            ["updated"] = ticket.Updated,
            ["messages"] = ticket.Messages,
            ["flags"] = (int)ticket.Flags,
            ["mergedInto"] = ticket.MergedInto,
            ["rev"] = ticket.Revision,
            ["doc"] = Envelope.Seal(json, key, Seal(tenant, ticket.Id, $"ticket:{ticket.Revision}"), SegmentLength.Row),
        };
    }

    private static Ticket Read(TenantContext tenant, string id, TableEntity row, DataKey? key)
    {
        int revision = row.GetInt32("rev") ?? 0;
        TicketDocument? document = key is null || row.GetBinary("doc") is not { } box
            ? null
            : JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, id, $"ticket:{revision}")), TicketJson.Default.TicketDocument);
        return new Ticket
        {
            Id = id,
            Number = row.GetString("number") ?? "",
            Inbox = row.GetString("inbox") ?? "",
            State = Enum.Parse<TicketState>(row.GetString("state")!),
            Created = row.GetDateTimeOffset("created") ?? default,
            Updated = row.GetDateTimeOffset("updated") ?? default,
            Messages = row.GetInt32("messages") ?? 0,
            Flags = (MessageMarks)(row.GetInt32("flags") ?? 0),
            MergedInto = row.GetString("mergedInto") ?? "",
            Revision = revision,
            Document = document,
            Version = row.ETag.ToString(),
        };
    }
}
