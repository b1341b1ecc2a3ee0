using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class RedactTicket
{
    private static SealContext WishSeal(TenantContext tenant, DataKey key) => new(tenant.Tenant, KeyClass.Ticket, key.Owner, "redaction");

    // Written before anything is changed: by it housekeeping finds what a crash cut off. What is to go lies in it under a key of its own, which is destroyed with it.
    private async Task OpenAsync(TenantContext tenant, string ticket, TicketRewrite rewrite, LaterRedaction mark, IEnumerable<string> messages, BegunRedaction? begun, CancellationToken cancel)
    {
        TableEntity row = new(OpenPartition, $"{tenant}!{ticket}!{mark.Id}")
        {
            // Whoever redacts a whole mailbox looks for duplicates once, at its end.
            ["duplicates"] = mark.Part != RedactedPart.Policy,
            ["since"] = time.GetUtcNow(), ["messages"] = string.Join(' ', messages), ["tries"] = begun?.Tries ?? 0,
        };
        if (rewrite.Asked is { } asked) row["wish"] = await SealAsync(tenant, ticket, asked, cancel);

        await _open.UpsertEntityAsync(row, TableUpdateMode.Replace, cancel);
    }

    // Null when somebody else has ended it already: its key is destroyed.
    private async Task<byte[]?> SealAsync(TenantContext tenant, string ticket, AskedRedaction asked, CancellationToken cancel)
    {
        try
        {
            using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Ticket, TicketKeys.WishOwner(ticket, asked.Mark.Id), cancel);
            return Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(asked, RetentionJson.Default.AskedRedaction), key, WishSeal(tenant, key), SegmentLength.Row);
        }
        catch (KeyErasedException)
        {
            return null;
        }
    }

    // Each step is one that a second time changes nothing. Returns the ticket, if it is still there.
    private async Task<Ticket?> FinishAsync(TenantContext tenant, string ticketId, string id, CancellationToken cancel)
    {
        string row = $"{tenant}!{ticketId}!{id}";
        if (await _open.GetEntityIfExistsAsync(OpenPartition, row, cancel: cancel) is not { } open || open.ContainsKey("place")) return null;
        HashSet<string> done = [];
        Ticket? ticket;
        if (open.ContainsKey("original"))
        {
            ticket = await tickets.LookAsync(tenant, ticketId, cancel);
            done = [.. MessagesOf(open)];
            if (ticket is { Erased: null }) await FinishOriginalAsync(tenant, ticket, id, done.Single(), cancel);
        }
        else
        {
            ticket = await tickets.FindAsync(tenant, ticketId, cancel);
            done = await FinishRedactionAsync(tenant, ticketId, ticket, id, open, cancel);
        }

        await CloseAsync(tenant, ticketId, id, open, done, cancel);
        return ticket is { Erased: null } ? ticket : null;
    }

    // What is done but for the duplicates stays open for them.
    private async Task CloseAsync(TenantContext tenant, string ticketId, string id, TableEntity open, HashSet<string> done, CancellationToken cancel)
    {
        try
        {
            if (done.Count == 0 || open.GetBoolean("duplicates") != true)
            {
                await _open.DeleteEntityAsync(OpenPartition, open.RowKey, open.ETag, cancel);
                return;
            }

            TableEntity rest = new(OpenPartition, open.RowKey) { ["duplicates"] = true, ["since"] = time.GetUtcNow(), ["messages"] = string.Join(' ', done), ["place"] = FirstPlace };
            await _open.UpdateEntityAsync(rest, open.ETag, TableUpdateMode.Replace, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            // Whoever redacts it is still at it, and ends it, or leaves it to the next round.
            return;
        }

        await TryDuplicatesAsync(tenant, ticketId, id, ForDuplicates, cancel);
    }

    // Of one that is not to be goes what was made ready for it, and nothing else: the key of what was asked for, and the row.
    private async Task DropAsync(TenantContext tenant, string ticketId, string id, CancellationToken cancel)
    {
        if (await _open.GetEntityIfExistsAsync(OpenPartition, $"{tenant}!{ticketId}!{id}", cancel: cancel) is not { } open) return;
        KeyName wish = new(KeyClass.Ticket, TicketKeys.WishOwner(ticketId, id));
        if (open.ContainsKey("wish")) await keys.EraseAsync(tenant, await ledger.NameKeysAsync(tenant, id, ticketId, [wish], cancel), cancel);
        await DeleteAsync(open, cancel);
    }

    private async Task DeleteAsync(TableEntity open, CancellationToken cancel)
    {
        try
        {
            await _open.DeleteEntityAsync(OpenPartition, open.RowKey, open.ETag, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            // Somebody else is at it, or has ended it.
        }
    }

    private async Task<HashSet<string>> FinishRedactionAsync(TenantContext tenant, string ticketId, Ticket? ticket, string id, TableEntity open, CancellationToken cancel)
    {
        HashSet<string> done = [];
        if (ticket is { Erased: null, Document: null }) throw new NotNowException("ticket-key-missing");
        List<KeyName> doomed = open.ContainsKey("wish") ? [new KeyName(KeyClass.Ticket, TicketKeys.WishOwner(ticketId, id))] : [];
        // Of an erased ticket nothing else is left but the key that was made for what was to be written.
        if (ticket is { Erased: not null }) doomed.Add(new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(ticketId, ticket.Generation + 1)));
        if (ticket is { Erased: null, Document: not null, Generation: > 0 })
        {
            doomed.AddRange(Enumerable.Range(0, ticket.Generation).Select(generation => new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(ticketId, generation))));
            await TurnOverAsync(tenant, ticket, cancel);
            done = await DoneAsync(tenant, ticketId, id, MessagesOf(open), cancel);
            InboxId inbox = InboxId.Parse(ticket.Inbox);
            doomed.AddRange(done.Select(key => new KeyName(KeyClass.Raw, key, inbox)));
            await lessons.TurnOverAsync(tenant, ticketId, done, cancel);
        }

        if (doomed.Count > 0) await keys.EraseAsync(tenant, await ledger.NameKeysAsync(tenant, id, ticketId, doomed, cancel), cancel);
        if (ticket is { Erased: null, Generation: > 0 }) await lessons.VoidAsync(tenant, cancel);
        return done;
    }

    // Whatever is written from now on is sealed under the ticket's newest key; what was before is sealed once more.
    private async Task TurnOverAsync(TenantContext tenant, Ticket ticket, CancellationToken cancel)
    {
        using DataKey key = await keys.FindAsync(tenant, KeyClass.Ticket, TicketKeys.KeyOwner(ticket.Id, ticket.Generation), cancel) ?? throw new NotNowException("ticket-key-missing");
        TableFilter all = TableFilter.PartitionIs(TicketKeys.Partition(tenant, ticket.Id)).And(TableFilter.RowPrefix(TicketKeys.MessagePrefix));
        await foreach (TableEntity row in _rows.QueryAsync(all, select: ["RowKey", "gen", "erased"], cancel: cancel))
        {
            if (row.GetDateTimeOffset("erased") is not null || TicketRow.Generation(row) >= ticket.Generation) continue;
            await _messages.TurnOverAsync(tenant, ticket.Id, row.RowKey, key, cancel);
        }

        await _lists.PutAsync(tenant, ticket, key, replaces: null, cancel);
        if (await tickets.FindAsync(tenant, ticket.Id, cancel) is { } now) await _lists.DropAsync(tenant, ticket, now, cancel);
    }

    // A redaction that came to nothing must cost no original.
    private async Task<HashSet<string>> DoneAsync(TenantContext tenant, string ticket, string id, string[] messages, CancellationToken cancel)
    {
        HashSet<string> done = [];
        foreach (string key in messages)
            if (await tickets.FindMessageAsync(tenant, ticket, key, cancel) is { Direction: MessageDirection.In, Document: { } document } && document.LaterRedactions.Any(redaction => redaction.Id == id)) done.Add(key);
        return done;
    }
}
