using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>A redaction that was begun before.</summary>
/// <param name="Messages">The keys of the messages that it was to change.</param>
/// <param name="Tries">How often somebody else went on with it and did not come back.</param>
internal sealed record BegunRedaction(IReadOnlyList<string> Messages, int Tries);

// What housekeeping does with redactions that were left lying.
public sealed partial class RedactTicket
{
    // As often as housekeeping goes on with one that ends its process.
    private const int MostTries = 3;
    private static readonly TimeSpan ForForgetting = TimeSpan.FromSeconds(10);

    /// <summary>Goes on with redactions that were begun some minutes ago and not finished, with another one first each time, until <paramref name="within"/> is over; returns how many it closed.</summary>
    public async Task<int> KeepAsync(Action<Exception> failed, TimeSpan within, CancellationToken cancel)
    {
        long start = time.GetTimestamp();
        int closed = 0;
        List<TableEntity> open = await _open.QueryAsync(TableFilter.PartitionIs(OpenPartition), select: ["RowKey", "since"], cancel: cancel).Where(row => row.GetDateTimeOffset("since") + MayTake < time.GetUtcNow()).ToListAsync(cancel);
        int first = open.Count > 0 ? Random.Shared.Next(open.Count) : 0;
        foreach (string[] parts in open.Skip(first).Concat(open.Take(first)).Select(row => row.RowKey.Split('!')))
        {
            if (time.GetElapsedTime(start) >= within) break;
            try
            {
                if (await GoOnAsync(new TenantContext(TenantId.Parse(parts[0])), parts[1], parts[2], cancel)) closed++;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return closed;
    }

    /// <summary>The ids of the redactions of a ticket that are not ended.</summary>
    internal static async IAsyncEnumerable<string> ListOpenAsync(TableClient erasures, TenantContext tenant, string ticket, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string prefix = $"{tenant}!{ticket}!";
        await foreach (TableEntity row in erasures.QueryAsync(TableFilter.PartitionIs(OpenPartition).And(TableFilter.RowPrefix(prefix)), select: ["RowKey"], cancel: cancel)) yield return row.RowKey[prefix.Length..];
    }

    // False while a legal hold stands above what is left to do.
    private async Task<bool> GoOnAsync(TenantContext tenant, string ticketId, string id, CancellationToken cancel)
    {
        if (await _open.GetEntityIfExistsAsync(OpenPartition, $"{tenant}!{ticketId}!{id}", cancel: cancel) is not { } open) return false;
        // Of a tenant that was erased no key is left, that of what was asked for neither, and nobody to be told.
        if (await ledger.FindLastAsync(tenant, cancel) is not null)
        {
            await DeleteAsync(open, cancel);
            return true;
        }

        if (open.ContainsKey("place")) return await TryDuplicatesAsync(tenant, ticketId, id, ForDuplicatesLater, cancel);
        Ticket? ticket = await tickets.LookAsync(tenant, ticketId, cancel);
        return open.ContainsKey("original") ? await GoOnWithOriginalAsync(tenant, ticketId, ticket, id, cancel) : await GoOnWithWishAsync(tenant, ticketId, ticket, id, open, cancel);
    }

    private async Task<bool> GoOnWithOriginalAsync(TenantContext tenant, string ticketId, Ticket? ticket, string id, CancellationToken cancel)
    {
        if (ticket is { Erased: null } && await HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 })
        {
            // A key that the ledger names goes sooner or later: that one has begun, and waits.
            if (await ledger.ReadKeysAsync(tenant, id, ticketId, cancel).AnyAsync(cancel)) return false;
            await DropAsync(tenant, ticketId, id, cancel);
            await TellAsync(tenant, ticket, id, CutOffEnd.Held, 0, cancel);
            return true;
        }

        if (await FinishAsync(tenant, ticketId, id, cancel) is { } of) await TellAsync(tenant, of, id, CutOffEnd.Finished, 1, cancel);
        return true;
    }

    private async Task<bool> GoOnWithWishAsync(TenantContext tenant, string ticketId, Ticket? ticket, string id, TableEntity open, CancellationToken cancel)
    {
        string[] planned = MessagesOf(open);
        int reached = await ReachedAsync(tenant, ticketId, id, planned, cancel);
        if (ticket is { Erased: null } && await HoldsOnAsync(tenant, ticket, cancel) is { Count: > 0 })
        {
            // Without messages it is the ticket's own words that may be out already.
            if (reached > 0 || (planned.Length == 0 && ticket.Generation > 0)) return false;
            return await EndAsync(CutOffEnd.Held);
        }

        // What does not open is not redacted by anybody; who asked for it is told.
        if (ticket is { Erased: null, IsDamaged: true }) return await EndAsync(reached > 0 ? CutOffEnd.HalfDone : CutOffEnd.NothingDone);
        if (await AskedAsync(tenant, ticketId, id, open, cancel) is { } asked) return await RunAgainAsync(tenant, ticketId, ticket, asked, open, reached, cancel);
        await FinishAsync(tenant, ticketId, id, cancel);
        // Nobody knows any more what was to go: where a message of it was not reached, whoever asked for it must ask again.
        if (ticket is { Erased: null }) await TellAsync(tenant, ticket, id, reached == planned.Length && ticket.Generation > 0 ? CutOffEnd.Finished : reached > 0 ? CutOffEnd.HalfDone : CutOffEnd.NothingDone, reached, cancel);
        else await TellOfSuccessorAsync(tenant, ticket, id, planned, cancel);
        return true;

        async Task<bool> EndAsync(CutOffEnd end)
        {
            await DropAsync(tenant, ticketId, id, cancel);
            await TellAsync(tenant, ticket, id, end, reached, cancel);
            return true;
        }
    }

    private async Task<bool> RunAgainAsync(TenantContext tenant, string ticketId, Ticket? ticket, AskedRedaction asked, TableEntity open, int reached, CancellationToken cancel)
    {
        string id = asked.Mark.Id;
        BegunRedaction begun = new(MessagesOf(open), (open.GetInt32("tries") ?? 0) + 1);
        open["tries"] = begun.Tries;
        open["since"] = time.GetUtcNow();
        await _open.UpdateEntityAsync(open, open.ETag, TableUpdateMode.Replace, cancel);
        FileWatch file = new();
        RedactionEnd? end = null;
        try
        {
            end = await RunAsync(tenant, ticketId, asked.Wish.Rewrite(file) with { Asked = asked }, asked.Mark, (_, _) => Task.CompletedTask, cancel, asked.IfVersion, begun);
        }
        finally
        {
            // Only those rounds count that never came back, not faults of the moment and not holds.
            if (end is null or { Outcome: RedactionOutcome.Held }) await ForgetTryAsync(open.RowKey, begun.Tries - 1);
        }

        CutOffEnd? told = end.Outcome switch
        {
            RedactionOutcome.Held => reached > 0 ? null : CutOffEnd.Held,
            RedactionOutcome.Changed => CutOffEnd.NothingDone,
            _ when file.IsAnother => CutOffEnd.NothingDone,
            RedactionOutcome.NotThere => null,
            _ => CutOffEnd.Finished,
        };
        if (told is { } how && ticket is not null) await TellAsync(tenant, ticket, id, how, Math.Max(reached, end.Messages), cancel);
        if (end.Outcome == RedactionOutcome.NotThere) await TellOfSuccessorAsync(tenant, await tickets.LookAsync(tenant, ticketId, cancel), id, begun.Messages, cancel);
        return end.Outcome != RedactionOutcome.Held || reached == 0;
    }

    // Within a time of its own: whoever ends the round, it did come back.
    private async Task ForgetTryAsync(string rowKey, int tries)
    {
        using CancellationTokenSource limit = new(ForForgetting, time);
        try
        {
            if (await _open.GetEntityIfExistsAsync(OpenPartition, rowKey, cancel: limit.Token) is not { } open || open.ContainsKey("place")) return;
            open["tries"] = tries;
            await _open.UpdateEntityAsync(open, open.ETag, TableUpdateMode.Replace, limit.Token);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or OperationCanceledException)
        {
            // Then it counts: it is given up too early rather than never.
        }
    }

    // What others wrote lives on in another ticket, as it was when the person was erased; what was asked for went with the old one's keys. Nobody is told of a ticket that is gone as a whole.
    private async Task TellOfSuccessorAsync(TenantContext tenant, Ticket? ticket, string id, IReadOnlyList<string> planned, CancellationToken cancel)
    {
        if (ticket is not { Erased: not null, MergedInto.Length: > 0 }) return;
        int reached = await ReachedAsync(tenant, ticket.MergedInto, id, planned, cancel);
        CutOffEnd end = reached == 0 ? CutOffEnd.NothingDone : reached == planned.Count ? CutOffEnd.Finished : CutOffEnd.HalfDone;
        await TellAsync(tenant, ticket with { Id = ticket.MergedInto }, id, end, reached, cancel);
    }

    // Null for one that nobody asked for by itself, or that ended processes again and again, or whose key went when all was done but the row.
    private async Task<AskedRedaction?> AskedAsync(TenantContext tenant, string ticketId, string id, TableEntity open, CancellationToken cancel)
    {
        if (open.GetBinary("wish") is not { } box || open.GetInt32("tries") >= MostTries) return null;
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Ticket, TicketKeys.WishOwner(ticketId, id), cancel);
        if (key is null) return await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Ticket, TicketKeys.WishOwner(ticketId, id)), cancel) ? null : throw new NotNowException("redaction-key-missing");
        return JsonSerializer.Deserialize(Envelope.Open(box, key, WishSeal(tenant, key)), RetentionJson.Default.AskedRedaction);
    }

    private async Task<int> ReachedAsync(TenantContext tenant, string ticketId, string id, IEnumerable<string> messages, CancellationToken cancel)
    {
        int reached = 0;
        foreach (string key in messages)
            if (await tickets.FindMessageAsync(tenant, ticketId, key, cancel) is { Document: { } document } && document.LaterRedactions.Any(redaction => redaction.Id == id)) reached++;
        return reached;
    }

    private enum CutOffEnd
    {
        Finished,
        HalfDone,
        NothingDone,
        Held,
    }

    private Task TellAsync(TenantContext tenant, Ticket ticket, string id, CutOffEnd end, int messages, CancellationToken cancel)
    {
        (AuditResult result, string code) = end switch
        {
            CutOffEnd.Finished => (AuditResult.Done, "cut-off-finished"),
            CutOffEnd.HalfDone => (AuditResult.Failed, "cut-off-half-done"),
            CutOffEnd.NothingDone => (AuditResult.Failed, "cut-off-nothing-done"),
            CutOffEnd.Held => (AuditResult.Refused, "cut-off-held"),
        };
        return audit.AppendAsync(tenant, new AuditEvent(AuditAction.Redacted, AuditActor.System) { Inbox = InboxId.Parse(ticket.Inbox), TicketId = ticket.Id, Subject = id, Count = messages, Result = result, Code = code }, cancel);
    }
}
