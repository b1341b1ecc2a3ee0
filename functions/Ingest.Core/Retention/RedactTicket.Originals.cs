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
    /// Destroys the original of one mail of a ticket for good, and those of its duplicates, which say the same; what the filter learned from it goes, too. Written down before anything is destroyed: whatever
    /// crashes, housekeeping ends it.
    /// </summary>
    internal async Task DestroyOriginalAsync(TenantContext tenant, string ticketId, string messageKey, string id, CancellationToken cancel)
    {
        await _open.UpsertEntityAsync(new TableEntity(OpenPartition, $"{tenant}!{ticketId}!{id}") { ["original"] = true, ["duplicates"] = true, ["since"] = time.GetUtcNow(), ["messages"] = messageKey, ["tries"] = 0 }, TableUpdateMode.Replace, cancel);
        await FinishAsync(tenant, ticketId, id, cancel);
    }

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

                await LetDuplicatesGoAsync(tenant, InboxId.Parse(ticket!.Inbox), id, after ?? "-", open, lines, both.Token);
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

    private async Task LetDuplicatesGoAsync(TenantContext tenant, InboxId inbox, string id, string page, TableEntity open, IReadOnlyList<JournalLine> lines, CancellationToken cancel)
    {
        string[] owners = MessagesOf(open);
        List<KeyName> doomed = [.. lines.Where(line => line.Length >= 0 && owners.Contains(line.Owner)).Select(line => new KeyName(KeyClass.Raw, line.MessageKey, inbox))];
        if (doomed.Count == 0) return;
        IReadOnlyList<KeyName> named = await ledger.NameKeysAsync(tenant, id, "o" + page, doomed, cancel);
        foreach (KeyName key in doomed) await journal.LetOriginalGoAsync(tenant, inbox, key.Owner, JournalLine.OriginalDestroyed, cancel);
        await keys.EraseAsync(tenant, named, cancel);
    }

    private static string[] MessagesOf(TableEntity open) => (open.GetString("messages") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
