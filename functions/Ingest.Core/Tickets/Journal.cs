using System.Globalization;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>One line of the journal: how a listed mail ended, and why. Ids, codes and numbers only.</summary>
public sealed record JournalLine
{
    /// <summary>The step of a mail whose original was let go as the mailbox's redaction asks for: with its end, or afterwards.</summary>
    public const string OriginalNotKept = " original=not-kept";

    /// <summary>The step of a mail whose original a person destroyed later, or which is a duplicate of one in which something was redacted.</summary>
    public const string OriginalDestroyed = " original=destroyed";

    /// <summary>Whose line it is within its inbox.</summary>
    public required string MessageKey { get; init; }
    /// <summary>Which of the five ends.</summary>
    public required OutcomeKind Outcome { get; init; }
    /// <summary>Why.</summary>
    public required OutcomeReason Reason { get; init; }
    /// <summary>The ticket, empty when none.</summary>
    public string TicketId { get; init; } = "";
    /// <summary>For a duplicate: the message key of the first.</summary>
    public string Owner { get; init; } = "";
    /// <summary>Every step's decision as codes, such as "auth=pass screen=human spam=ham/0.02 redact=card:1 rules=card.visa:1".</summary>
    public string Steps { get; init; } = "";
    /// <summary>True when the original was let go as the mailbox's redaction asks for.</summary>
    public bool IsOriginalNotKept => Steps.Contains(OriginalNotKept, StringComparison.Ordinal);
    /// <summary>True when a person destroyed the original, or that of which this is a duplicate.</summary>
    public bool IsOriginalDestroyed => Steps.Contains(OriginalDestroyed, StringComparison.Ordinal);
    /// <summary>True when the line says that its original is gone for good, or is about to be: not kept, destroyed, erased, thrown away, or expired unreviewed.</summary>
    public bool IsOriginalGone => IsOriginalNotKept || IsOriginalDestroyed || Reason is OutcomeReason.OriginalErased or OutcomeReason.DeletedByPerson or OutcomeReason.ExpiredUnreviewed;
    /// <summary>The pack that holds the raw mail.</summary>
    public string Pack { get; init; } = "";
    /// <summary>Offset of the sealed raw mail in its pack.</summary>
    public long Offset { get; init; }
    /// <summary>Length of the sealed raw mail, -1 when there is none.</summary>
    public long Length { get; init; }
    /// <summary>How often the work had been put off.</summary>
    public int Attempt { get; init; }
    /// <summary>The decision on many at once by which a person let it in or deleted it; empty when there was none.</summary>
    public string Bulk { get; init; } = "";
    /// <summary>When the provider received the mail.</summary>
    public DateTimeOffset Received { get; init; }
    /// <summary>When the line was written.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>
/// Where every mail's end is written, once. Insert-if-absent: a second end of the same mail changes nothing, but for parked mail (which may end any
/// other way) and quarantined mail (which may be ticketed or rejected by a person). What is kept back stands in an index besides, which is right whenever the line is.
/// </summary>
public sealed class Journal(TableServiceClient tables, KeptIndex kept)
{
    // What a message key is written in, sorted.
    private const string Buckets = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly TableClient _rows = tables.GetTableClient(TableNames.Journal);

    private static string Partition(TenantContext tenant, InboxId inbox, string messageKey) => $"{tenant}.{inbox}.{messageKey[0]}";

    /// <summary>The line of a mail, or null while it is in flight.</summary>
    public async Task<JournalLine?> FindAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(Partition(tenant, inbox, messageKey), messageKey, cancel: cancel) is { } row ? Read(row) : null;

    /// <summary>
    /// Writes a mail's end and returns the line that holds: this one, or the one that was there first. <paramref name="mark"/> is by what kept-back mail is found again.
    /// With <paramref name="staysListed"/> the mail's place among those kept back is left to the caller, who has its key to erase first; <paramref name="beforeUnlisting"/> is what is
    /// to be done before it is taken from there.
    /// </summary>
    public async Task<JournalLine> CloseAsync(
        TenantContext tenant, InboxId inbox, JournalLine line, CancellationToken cancel, KeptMark mark = default, bool staysListed = false, Func<Task>? beforeUnlisting = null)
    {
        TableEntity row = Write(tenant, inbox, line);
        if (KeptIndex.IsKept(line.Outcome)) await kept.PutAsync(tenant, inbox, line, mark, cancel);
        for (int tries = 0; tries < 4; tries++)
        {
            try
            {
                await _rows.AddEntityAsync(row, cancel);
                return line;
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                // Written before: by an earlier try of this same mail, or it was parked.
            }

            if (await _rows.GetEntityIfExistsAsync(row.PartitionKey, row.RowKey, cancel: cancel) is not { } there) continue;
            JournalLine old = Read(there);
            if (!MayBecome(old, line.Outcome))
            {
                // It is not kept back after all, or for another reason.
                if (KeptIndex.IsKept(line.Outcome)) await RelistAsync(tenant, inbox, line, old, cancel);
                return old;
            }

            try
            {
                await _rows.UpdateEntityAsync(row, there.ETag, TableUpdateMode.Replace, cancel);
                if (!KeptIndex.IsKept(old.Outcome) || old.Outcome == line.Outcome || staysListed) return line;
                if (beforeUnlisting is not null) await beforeUnlisting();
                await kept.DropAsync(tenant, inbox, old, cancel);
                return line;
            }
            catch (RequestFailedException e) when (e.Status is 412 or 404)
            {
            }
        }

        throw new NotNowException("journal-contended");
    }

    private async Task RelistAsync(TenantContext tenant, InboxId inbox, JournalLine written, JournalLine holds, CancellationToken cancel)
    {
        if (holds.Outcome != written.Outcome || holds.Received != written.Received) await kept.DropAsync(tenant, inbox, written, cancel);
        if (KeptIndex.IsKept(holds.Outcome)) await kept.PutAsync(tenant, inbox, holds, default, cancel);
    }

    private static bool MayBecome(JournalLine from, OutcomeKind to) => from.Outcome switch
    {
        OutcomeKind.Parked => to != OutcomeKind.Parked,
        OutcomeKind.Quarantined => to is OutcomeKind.Ticketed or OutcomeKind.Rejected,
        // Let in by one person and thrown away by another while it was being written: the line says what is there.
        OutcomeKind.Rejected => from.Reason == OutcomeReason.DeletedByPerson && to == OutcomeKind.Ticketed,
        OutcomeKind.Ticketed or OutcomeKind.Duplicate => false,
    };

    /// <summary>
    /// Adds to the line of a mail that has ended that its original goes, before it does: <see cref="JournalLine.OriginalNotKept"/> or <see cref="JournalLine.OriginalDestroyed"/>. A second time changes nothing. Of mail
    /// that waits for a person, or has no line, nothing is said.
    /// </summary>
    public async Task LetOriginalGoAsync(TenantContext tenant, InboxId inbox, string messageKey, string step, CancellationToken cancel)
    {
        for (int tries = 0; tries < 4; tries++)
        {
            if (await _rows.GetEntityIfExistsAsync(Partition(tenant, inbox, messageKey), messageKey, cancel: cancel) is not { } row || Read(row) is not { } line) return;
            if (line.IsOriginalGone || line.Outcome is not (OutcomeKind.Ticketed or OutcomeKind.Duplicate or OutcomeKind.Rejected)) return;
            row["steps"] = line.Steps + step;
            try
            {
                await _rows.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, cancel);
                return;
            }
            catch (RequestFailedException e) when (e.Status is 412 or 404)
            {
            }
        }

        throw new NotNowException("journal-contended");
    }

    /// <summary>Every line of an inbox, in no particular order.</summary>
    public async IAsyncEnumerable<JournalLine> ListAsync(TenantContext tenant, InboxId inbox,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionPrefix($"{tenant}.{inbox}."), cancel: cancel))
            yield return Read(row);
    }

    /// <summary>The lines of an inbox with one outcome, in the order of message keys.</summary>
    public async IAsyncEnumerable<JournalLine> ListAsync(TenantContext tenant, InboxId inbox, OutcomeKind outcome,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionPrefix($"{tenant}.{inbox}.").And(TableFilter.Where("outcome", TableComparison.Equal, outcome.ToString()));
        await foreach (TableEntity row in _rows.QueryAsync(filter, cancel: cancel)) yield return Read(row);
    }

    /// <summary>The lines of an inbox's mail that became messages of tickets and was received since then and before, in the order of message keys. The service reads through all of the inbox's lines for it.</summary>
    public async IAsyncEnumerable<JournalLine> ListTicketedAsync(TenantContext tenant, InboxId inbox, DateTimeOffset since, DateTimeOffset before,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionPrefix($"{tenant}.{inbox}.").And(TableFilter.Where("outcome", TableComparison.Equal, OutcomeKind.Ticketed.ToString()))
            .And(TableFilter.Where("received", TableComparison.AtLeast, since));
        if (before < DateTimeOffset.MaxValue) filter = filter.And(TableFilter.Where("received", TableComparison.Below, before));
        await foreach (TableEntity row in _rows.QueryAsync(filter, cancel: cancel)) yield return Read(row);
    }

    /// <summary>
    /// The lines of an inbox that belong to a ticket with these messages: those that name it, and the duplicates of its messages, which name none where the first was kept back when they came. The service
    /// reads through all of the inbox's lines for it.
    /// </summary>
    public async IAsyncEnumerable<JournalLine> ListOfTicketAsync(TenantContext tenant, InboxId inbox, string ticket, IReadOnlySet<string> messages,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        TableFilter withoutTicket = TableFilter.Where("outcome", TableComparison.Equal, OutcomeKind.Duplicate.ToString()).And(TableFilter.Where("ticket", TableComparison.Equal, ""));
        TableFilter filter = TableFilter.PartitionPrefix($"{tenant}.{inbox}.").And(TableFilter.Where("ticket", TableComparison.Equal, ticket).Or(withoutTicket));
        await foreach (TableEntity row in _rows.QueryAsync(filter, cancel: cancel))
            if (Read(row) is { } line && (line.TicketId == ticket || messages.Contains(line.Owner))) yield return line;
    }

    /// <summary>The lines of an inbox, sorted by message key, behind a key or from the start; all outcomes, or one.</summary>
    public async Task<IReadOnlyList<JournalLine>> PageAsync(TenantContext tenant, InboxId inbox, OutcomeKind? outcome, int count, string? after, CancellationToken cancel)
    {
        List<JournalLine> lines = [];
        foreach (char bucket in Buckets.Where(b => after is null || b >= after[0]))
        {
            TableFilter filter = TableFilter.PartitionIs($"{tenant}.{inbox}.{bucket}");
            if (after is not null && after[0] == bucket) filter = filter.And(TableFilter.RowAfter(after));
            if (outcome is { } one) filter = filter.And(TableFilter.Where("outcome", TableComparison.Equal, one.ToString()));
            await foreach (TableEntity row in _rows.QueryAsync(filter, Math.Min(count, 1000), cancel: cancel))
            {
                lines.Add(Read(row));
                if (lines.Count == count) return lines;
            }
        }

        return lines;
    }

    private static TableEntity Write(TenantContext tenant, InboxId inbox, JournalLine line) => new(Partition(tenant, inbox, line.MessageKey), line.MessageKey)
    {
        ["outcome"] = line.Outcome.ToString(),
        ["reason"] = line.Reason.ToString(),
        ["ticket"] = line.TicketId,
        ["owner"] = line.Owner,
        ["steps"] = line.Steps,
        ["pack"] = line.Pack,
        ["offset"] = line.Offset,
        ["length"] = line.Length,
        ["attempt"] = line.Attempt,
        ["bulk"] = line.Bulk.Length > 0 ? line.Bulk : null,
        ["received"] = line.Received,
        ["at"] = line.At,
        ["day"] = line.At.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
    };

    private static JournalLine Read(TableEntity row) => new()
    {
        MessageKey = row.RowKey,
        Outcome = Enum.Parse<OutcomeKind>(row.GetString("outcome")!),
        Reason = Enum.Parse<OutcomeReason>(row.GetString("reason")!),
        TicketId = row.GetString("ticket") ?? "",
        Owner = row.GetString("owner") ?? "",
        Steps = row.GetString("steps") ?? "",
        Pack = row.GetString("pack") ?? "",
        Offset = row.GetInt64("offset") ?? 0,
        Length = row.GetInt64("length") ?? -1,
        Attempt = row.GetInt32("attempt") ?? 0,
        Bulk = row.GetString("bulk") ?? "",
        Received = row.GetDateTimeOffset("received") ?? default,
        At = row.GetDateTimeOffset("at") ?? default,
    };
}
