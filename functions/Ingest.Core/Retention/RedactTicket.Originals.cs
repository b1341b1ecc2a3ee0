using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class RedactTicket
{
    // Within a request the duplicates of a mail are looked for so long; housekeeping goes on with them.
    private static readonly TimeSpan ForDuplicates = TimeSpan.FromSeconds(2), ForDuplicatesLater = TimeSpan.FromMinutes(2);
    private const int LinesAtOnce = 500;
    private const string FirstPlace = "!";

    /// <summary>
    /// Destroys the original of one mail of a ticket for good, and those of its duplicates, which say the same; what the filter learned from it goes, too. With <paramref name="copiesOnly"/> the first went before.
    /// Written down before anything is destroyed: whatever crashes, housekeeping ends it. Returns the holds that stand above it; then nothing is destroyed.
    /// </summary>
    internal async Task<IReadOnlyList<Hold>> DestroyOriginalAsync(TenantContext tenant, Ticket ticket, string messageKey, string id, bool copiesOnly, CancellationToken cancel)
    {
        TableEntity row = new(OpenPartition, $"{tenant}!{ticket.Id}!{id}") { ["duplicates"] = true, ["since"] = time.GetUtcNow(), ["messages"] = messageKey, ["tries"] = 0 };
        if (copiesOnly) row["place"] = FirstPlace;
        else row["original"] = true;
        await _open.UpsertEntityAsync(row, TableUpdateMode.Replace, cancel);
        // After the row: whoever places a hold now finds it respected, now or by housekeeping.
        if (await HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 } standing)
        {
            await _open.DeleteEntityAsync(OpenPartition, row.RowKey, ETag.All, cancel);
            return standing;
        }

        if (copiesOnly) await TryDuplicatesAsync(tenant, ticket.Id, id, ForDuplicates, cancel);
        else await FinishAsync(tenant, ticket.Id, id, cancel);
        return [];
    }

    /// <summary>True when a duplicate of a ticket's mail has an original that still opens. The service reads through all of the inbox's lines for it.</summary>
    internal async Task<bool> HasCopiesAsync(TenantContext tenant, Ticket ticket, string messageKey, CancellationToken cancel)
    {
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        await foreach (JournalLine line in journal.ListOfTicketAsync(tenant, inbox, ticket.Id, new HashSet<string> { messageKey }, cancel))
            if (line.Outcome == OutcomeKind.Duplicate && line.Length >= 0 && line.Owner == messageKey && await IsOriginalThereAsync(tenant, inbox, line.MessageKey, cancel)) return true;
        return false;
    }

    private async Task<bool> IsOriginalThereAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel) =>
        (await keys.NameAsync(tenant, new KeyName(KeyClass.Raw, messageKey, inbox), cancel)).Id != Guid.Empty;

    // The line says first that it goes: a restored copy of the keys does not bring it back.
    private async Task FinishOriginalAsync(TenantContext tenant, Ticket ticket, string id, string messageKey, CancellationToken cancel)
    {
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        IReadOnlyList<KeyName> doomed = await ledger.NameKeysAsync(tenant, id, ticket.Id, [new KeyName(KeyClass.Raw, messageKey, inbox)], cancel);
        await journal.LetOriginalGoAsync(tenant, inbox, messageKey, JournalLine.OriginalDestroyed, cancel);
        await lessons.TurnOverAsync(tenant, ticket.Id, [messageKey], cancel);
        await keys.EraseAsync(tenant, doomed, cancel);
        await lessons.VoidAsync(tenant, cancel);
    }

    // What is left of it are the duplicates, page by page and so long at most; a crash begins again at the last page.
    private async Task<bool> TryDuplicatesAsync(TenantContext tenant, string ticketId, string id, TimeSpan within, CancellationToken cancel)
    {
        string rowKey = $"{tenant}!{ticketId}!{id}";
        using CancellationTokenSource limit = new(within, time), both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            while (await _open.GetEntityIfExistsAsync(OpenPartition, rowKey, cancel: both.Token) is { } open && open.GetString("place") is { } place)
            {
                // Of an erased ticket all originals go with the erasure.
                Ticket? ticket = await tickets.LookAsync(tenant, ticketId, both.Token);
                string? after = place.Length > FirstPlace.Length ? place[FirstPlace.Length..] : null;
                IReadOnlyList<JournalLine> lines = ticket is not { Erased: null } ? [] : await journal.PageAsync(tenant, InboxId.Parse(ticket.Inbox), OutcomeKind.Duplicate, LinesAtOnce, after, both.Token);
                if (lines.Count == 0)
                {
                    await _open.DeleteEntityAsync(OpenPartition, rowKey, open.ETag, both.Token);
                    return true;
                }

                if (!await TryLetDuplicatesGoAsync(tenant, ticket!, id, after ?? "-", open, lines, both.Token)) return false;
                open["place"] = FirstPlace + lines[^1].MessageKey;
                await _open.UpdateEntityAsync(open, open.ETag, TableUpdateMode.Replace, both.Token);
            }

            return true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return false;
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            // Somebody else is at it.
            return false;
        }
    }

    // False when a hold stands above it: then all of the page stays. Asked for each, so that one that is placed meanwhile is met.
    private async Task<bool> TryLetDuplicatesGoAsync(TenantContext tenant, Ticket ticket, string id, string page, TableEntity open, IReadOnlyList<JournalLine> lines, CancellationToken cancel)
    {
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        string[] owners = MessagesOf(open);
        List<KeyName> doomed = [.. lines.Where(line => line.Length >= 0 && owners.Contains(line.Owner)).Select(line => new KeyName(KeyClass.Raw, line.MessageKey, inbox))];
        if (doomed.Count == 0) return true;
        if (await HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 }) return false;
        IReadOnlyList<KeyName> named = await ledger.NameKeysAsync(tenant, id, "o" + page, doomed, cancel);
        foreach (KeyName key in doomed) await journal.LetOriginalGoAsync(tenant, inbox, key.Owner, JournalLine.OriginalDestroyed, cancel);
        await keys.EraseAsync(tenant, named, cancel);
        return true;
    }

    private static string[] MessagesOf(TableEntity open) => (open.GetString("messages") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
