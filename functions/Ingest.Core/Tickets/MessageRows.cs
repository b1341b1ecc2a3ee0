using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>
/// Messages as rows and blobs. A small one lies in its row; a large one, or one with attachments, in a sealed blob named by the attempt and written
/// before the row, so that a crash leaves at worst a blob that nobody refers to.
/// </summary>
internal sealed class MessageRows(TableClient rows, BlobStore blobs, KeyRing keys)
{
    // A property holds 64 KiB; sealing and growth of the document's other columns want room.
    private const int LargestRowDocument = 48 * 1024;
    private const int OpenedAtOnce = 16, MostReads = 4;
    private const string DamagedColumn = "damaged";
    private static readonly string[] PlaceColumns = ["RowKey", "received", "order", "delivery", "code", "attempts", "at"];

    private static SealContext Seal(TenantContext tenant, DataKey key, string role) => new(tenant.Tenant, KeyClass.Ticket, key.Owner, role);
    private static string MessageRole(string messageKey) => "message:" + messageKey;
    private static string AttachmentRole(string messageKey, int index) => $"attachment:{messageKey}:{index}";

    /// <summary>The row of a ticket's n-th message, with its blob written if it needs one.</summary>
    public async Task<TableEntity> SealAsync(TenantContext tenant, string ticket, DataKey key, NewMessage message, int order, CancellationToken cancel)
    {
        TableEntity row = new(TicketKeys.Partition(tenant, ticket), TicketKeys.MessageRow(message.Key))
        {
            ["key"] = message.Key,
            ["received"] = message.Received,
            ["flags"] = (int)message.Flags,
            ["order"] = order,
        };
        if (TicketKeys.GenerationOf(key.Owner) is > 0 and var generation) row["gen"] = generation;
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message.Document, TicketJson.Default.MessageDocument);
        if (message.Contents.Count == 0 && json.Length <= LargestRowDocument)
        {
            row["doc"] = Envelope.Seal(json, key, Seal(tenant, key, MessageRole(message.Key)), SegmentLength.Row);
            return row;
        }

        string name = $"{tenant}/{ticket}/{message.Key}.{Guid.NewGuid().ToString("N")[..12]}";
        (byte[] content, int documentLength) = SealBlob(tenant, key, message);
        await blobs.PutAsync(TicketStore.Container, name, content, onlyIfAbsent: true, cancel);
        row["blob"] = name;
        row["docLength"] = (long)documentLength;
        return row;
    }

    private static (byte[] Content, int DocumentLength) SealBlob(TenantContext tenant, DataKey key, NewMessage message)
    {
        // The document lies first and holds the attachments' offsets, which therefore count from its end.
        List<byte[]> boxes = [];
        List<AttachmentDocument> placed = [];
        long offset = 0;
        for (int i = 0; i < message.Contents.Count; i++)
        {
            byte[] box = Envelope.Seal(message.Contents[i](), key, Seal(tenant, key, AttachmentRole(message.Key, i)), SegmentLength.Blob);
            boxes.Add(box);
            placed.Add(message.Document.Attachments[i] with { Offset = offset, Length = box.Length });
            offset += box.Length;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message.Document with { Attachments = placed }, TicketJson.Default.MessageDocument);
        byte[] head = Envelope.Seal(json, key, Seal(tenant, key, MessageRole(message.Key)), SegmentLength.Blob);
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

    /// <summary>The newest messages of a ticket, or those just before one of them, oldest first.</summary>
    public async Task<MessagePart> ReadAsync(TenantContext tenant, string ticket, int count, string? before, CancellationToken cancel)
    {
        (string[] order, Dictionary<string, Delivery> deliveries) = await PlacesAsync(tenant, ticket, cancel);
        int end = before is null ? order.Length : Math.Max(0, Array.IndexOf(order, TicketKeys.MessageRow(before))), start = Math.Max(0, end - count);
        List<TicketMessage> messages = [];
        foreach (string[] some in order[start..end].Chunk(OpenedAtOnce))
        {
            TableEntity?[] found = await Task.WhenAll(some.Select(name => rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), name, cancel: cancel)));
            foreach (TableEntity row in found.OfType<TableEntity>())
            {
                TicketMessage message = await OpenAsync(tenant, ticket, row, cancel);
                messages.Add(message with { Delivery = deliveries.GetValueOrDefault(message.Key) });
            }
        }

        return new MessagePart(messages, start);
    }

    /// <summary>All messages of a ticket, oldest first, without how their delivery stands: one is held at a time, however long the ticket has grown.</summary>
    public async IAsyncEnumerable<TicketMessage> EachAsync(TenantContext tenant, string ticket, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (string name in (await PlacesAsync(tenant, ticket, cancel)).Order)
            if (await rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), name, cancel: cancel) is { } row) yield return await OpenAsync(tenant, ticket, row, cancel);
    }

    private async Task<(string[] Order, Dictionary<string, Delivery> Deliveries)> PlacesAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        List<(string Row, DateTimeOffset Received, int Order)> places = [];
        Dictionary<string, Delivery> deliveries = [];
        TableFilter both = TableFilter.RowPrefix(TicketKeys.MessagePrefix).Or(TableFilter.RowPrefix(TicketKeys.OutboxPrefix));
        await foreach (TableEntity row in rows.QueryAsync(TableFilter.PartitionIs(TicketKeys.Partition(tenant, ticket)).And(both), select: PlaceColumns, cancel: cancel))
        {
            if (row.RowKey.StartsWith(TicketKeys.OutboxPrefix, StringComparison.Ordinal)) deliveries[row.RowKey[TicketKeys.OutboxPrefix.Length..]] = OutboxRow.Read(row).Delivery;
            else places.Add((row.RowKey, row.GetDateTimeOffset("received") ?? default, row.GetInt32("order") ?? 0));
        }

        // Providers tell whole seconds; within one, the order in which they became known is the true one.
        string[] order = [.. places.OrderBy(p => p.Received.ToUnixTimeSeconds()).ThenBy(p => p.Order).ThenBy(p => p.Row, StringComparer.Ordinal).Select(p => p.Row)];
        return (order, deliveries);
    }

    /// <summary>The message in a row, opened if the key that seals it is there; read once more when a redaction sealed it anew since. One whose seal somebody broke says so and stands in nobody's way.</summary>
    public async Task<TicketMessage> OpenAsync(TenantContext tenant, string ticket, TableEntity row, CancellationToken cancel)
    {
        for (int tries = 0; ; tries++)
        {
            TicketMessage message = await OpenAsReadAsync(tenant, ticket, row, cancel);
            if (message.Document is not null || message.IsEmptied) return message;
            if (await rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), row.RowKey, cancel: cancel) is not { } now || now.ETag == row.ETag) return message;
            // Only what stays as it is while it is read is damaged.
            if (tries == MostReads) return message with { IsDamaged = false, IsLost = false };
            row = now;
        }
    }

    private async Task<TicketMessage> OpenAsReadAsync(TenantContext tenant, string ticket, TableEntity row, CancellationToken cancel)
    {
        using DataKey? key = row.GetDateTimeOffset("erased") is null ? await KeyAsync(tenant, ticket, TicketRow.Generation(row), cancel) : null;
        string messageKey = row.GetString("key")!, blob = row.GetString("blob") ?? "";
        long documentLength = row.GetInt64("docLength") ?? 0;
        byte[]? box = row.GetBinary("doc");
        bool isLost = false;
        if (box is null && blob.Length > 0 && key is not null) (box, isLost) = await TryReadAsync(blob, (int)documentLength, cancel);
        MessageDocument? document = key is null || box is null ? null : TryOpen(tenant, box, key, messageKey);
        return new TicketMessage(messageKey, row.GetDateTimeOffset("received") ?? default, (MessageMarks)(row.GetInt32("flags") ?? 0), blob, documentLength, document)
        {
            Order = row.GetInt32("order") ?? 0,
            Generation = TicketRow.Generation(row),
            IsEmptied = row.GetDateTimeOffset("erased") is not null,
            IsDamaged = document is null && row.GetDateTimeOffset("erased") is null && (key is not null || row.GetBoolean(DamagedColumn) == true),
            IsLost = isLost,
            Version = row.ETag.ToString(),
        };
    }

    // A blob that was cut short is as one whose seal is broken; one that is not there may come back.
    private async Task<(byte[]? Box, bool IsLost)> TryReadAsync(string blob, int length, CancellationToken cancel)
    {
        try
        {
            byte[]? box = await blobs.ReadRangeAsync(TicketStore.Container, blob, 0, length, cancel);
            return (box, box is null);
        }
        catch (InvalidDataException)
        {
            return (null, false);
        }
    }

    private static MessageDocument? TryOpen(TenantContext tenant, byte[] box, DataKey key, string messageKey)
    {
        try
        {
            return JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, key, MessageRole(messageKey))), TicketJson.Default.MessageDocument);
        }
        catch (SealBrokenException)
        {
            return null;
        }
    }

    /// <summary>Seals a message that another key seals once more, as it is, under this one; true when it is done, or was done meanwhile. Throws <see cref="NotNowException"/> when a part of it is not to be had.</summary>
    public async Task TurnOverAsync(TenantContext tenant, string ticket, string rowKey, DataKey key, CancellationToken cancel)
    {
        int generation = TicketKeys.GenerationOf(key.Owner);
        while (await rows.GetEntityIfExistsAsync(TicketKeys.Partition(tenant, ticket), rowKey, cancel: cancel) is { } row)
        {
            if (row.GetDateTimeOffset("erased") is not null || TicketRow.Generation(row) >= generation) return;
            TicketMessage message = await OpenAsync(tenant, ticket, row, cancel);
            if (await IsClosedAsync(tenant, ticket, message, generation, cancel))
            {
                if (await TryMarkAsync(row, cancel)) return;
                continue;
            }

            if (message.Document is null) throw new NotNowException("message-missing");
            (TicketMessage whole, IReadOnlyList<Func<byte[]>> contents) = await WithFilesAsync(tenant, ticket, message, cancel);
            NewMessage same = new(message.Key, message.Received, message.Flags, whole.Document!, contents);
            if (await TryReplaceAsync(await SealAsync(tenant, ticket, key, same, message.Order, cancel), message, cancel)) return;
        }
    }

    /// <summary>
    /// True for a message that opens for nobody and must not keep the rest of its ticket from being redacted: its seal is broken, or its key, one before the ticket's <paramref name="generation"/>, went without it.
    /// Not one that was erased, nor one whose bytes or key are only lost and may come back.
    /// </summary>
    public async Task<bool> IsClosedAsync(TenantContext tenant, string ticket, TicketMessage message, int generation, CancellationToken cancel)
    {
        if (message.Document is not null || message.IsEmptied || message.IsLost) return false;
        return message.IsDamaged || (message.Generation < generation && await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(ticket, message.Generation)), cancel));
    }

    // Its key goes now: what is left of it is damaged, not erased, and its original may be whole. False when the row is not as it was read.
    private async Task<bool> TryMarkAsync(TableEntity row, CancellationToken cancel)
    {
        if (row.GetBoolean(DamagedColumn) == true) return true;
        try
        {
            await rows.UpdateEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { [DamagedColumn] = true }, row.ETag, TableUpdateMode.Merge, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return false;
        }
    }

    /// <summary>The message with the bytes of its attachments, in order. One that does not open any more is withheld as damaged, so that the message itself is not lost for its sake.</summary>
    public async Task<(TicketMessage Message, IReadOnlyList<Func<byte[]>> Contents)> WithFilesAsync(TenantContext tenant, string ticket, TicketMessage message, CancellationToken cancel)
    {
        List<AttachmentDocument> attachments = [];
        List<Func<byte[]>> contents = [];
        foreach ((int i, AttachmentDocument attachment) in message.Document!.Attachments.Index())
        {
            try
            {
                byte[] content = await ReadAttachmentAsync(tenant, ticket, message, i, cancel) ?? throw new NotNowException("attachment-missing");
                attachments.Add(attachment);
                contents.Add(() => content);
            }
            catch (Exception e) when (e is SealBrokenException or InvalidDataException)
            {
                attachments.Add(attachment with { State = FileState.Withheld, Unread = UnreadReason.Damaged, LookedInto = false });
                contents.Add(static () => []);
            }
        }

        bool isWhole = attachments.SequenceEqual(message.Document.Attachments);
        return (isWhole ? message : message with { Document = message.Document with { Attachments = attachments } }, contents);
    }

    private async Task<bool> TryReplaceAsync(TableEntity row, TicketMessage old, CancellationToken cancel)
    {
        try
        {
            await rows.UpdateEntityAsync(row, new ETag(old.Version), TableUpdateMode.Replace, cancel);
            await ForgetBlobAsync(old.Blob, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            // Our own write, its answer lost, is met here as well: then the blob is in use.
            await IsThereAsync(row, cancel);
            return false;
        }
    }

    /// <summary>Deletes the blob of a message that no row names any more.</summary>
    public async Task ForgetBlobAsync(string blob, CancellationToken cancel)
    {
        if (blob.Length > 0) await blobs.DeleteIfExistsAsync(TicketStore.Container, blob, cancel);
    }

    private ValueTask<DataKey?> KeyAsync(TenantContext tenant, string ticket, int generation, CancellationToken cancel) => keys.FindAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(ticket, generation), cancel);

    /// <summary>The bytes of an attachment, or null when there is none of that number.</summary>
    public async Task<byte[]?> ReadAttachmentAsync(TenantContext tenant, string ticket, TicketMessage message, int index, CancellationToken cancel)
    {
        if (message.Document is not { } document || index < 0 || index >= document.Attachments.Count || message.Blob.Length == 0) return null;
        using DataKey? key = await KeyAsync(tenant, ticket, message.Generation, cancel);
        AttachmentDocument attachment = document.Attachments[index];
        byte[]? box = await blobs.ReadRangeAsync(TicketStore.Container, message.Blob, message.DocumentLength + attachment.Offset, (int)attachment.Length, cancel);
        return box is null || key is null ? null : Envelope.Open(box, key, Seal(tenant, key, AttachmentRole(message.Key, index)));
    }

    /// <summary>After a refused write, whether the message is there. A row with our blob is our own write whose answer was lost; any other leaves our blob unused.</summary>
    public async Task<bool> IsThereAsync(TableEntity messageRow, CancellationToken cancel)
    {
        TableEntity? there = await rows.GetEntityIfExistsAsync(messageRow.PartitionKey, messageRow.RowKey, ["blob"], cancel);
        if (messageRow.GetString("blob") is { Length: > 0 } blob && there?.GetString("blob") != blob) await blobs.DeleteIfExistsAsync(TicketStore.Container, blob, cancel);
        return there is not null;
    }

    /// <summary>Removes message blobs older than <paramref name="before"/> that no message row names; returns how many.</summary>
    public async Task<int> SweepAsync(DateTimeOffset before, CancellationToken cancel)
    {
        int swept = 0;
        (string Partition, HashSet<string> Used) ticket = ("", []);
        await foreach (StoredBlob blob in blobs.ListAsync(TicketStore.Container, prefix: null, cancel))
        {
            if (blob.CreatedAt is null || blob.CreatedAt >= before) continue;
            string[] path = blob.Name.Split('/');
            string partition = $"{path[0]}.{path[1]}";
            if (ticket.Partition != partition) ticket = (partition, await BlobsInUseAsync(partition, cancel));
            if (!ticket.Used.Contains(blob.Name) && await blobs.DeleteIfExistsAsync(TicketStore.Container, blob.Name, cancel)) swept++;
        }

        return swept;
    }

    private async Task<HashSet<string>> BlobsInUseAsync(string partition, CancellationToken cancel)
    {
        HashSet<string> used = [];
        TableFilter filter = TableFilter.PartitionIs(partition).And(TableFilter.RowPrefix(TicketKeys.MessagePrefix));
        await foreach (TableEntity row in rows.QueryAsync(filter, select: ["blob"], cancel: cancel))
            if (row.GetString("blob") is { Length: > 0 } blob) used.Add(blob);
        return used;
    }
}
