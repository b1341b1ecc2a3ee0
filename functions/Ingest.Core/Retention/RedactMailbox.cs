using Azure;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>
/// Redacts what a mailbox's tickets hold already, by its policy as it is now: text, html, names and files of every message, of what agents sent or noted only what may not leave, and the names of the people who wrote, which are kept
/// apart from tickets and for all mailboxes. What changes is sealed anew and the
/// originals concerned are destroyed, as by hand; where the policy keeps no originals, all that belong to what has ended go. How far it came is written down: begun again it goes on there, and
/// housekeeping goes on with what is left lying. Doing the same to a ticket twice does it once. What does not
/// open is passed over and counted; a run that is begun after it opens again masks it.
/// </summary>
public sealed partial class RedactMailbox(TableServiceClient tables, RedactTicket redact, MaskNames maskNames, TicketStore tickets, MailboxStore mailboxes, Journal journal, KeyRing keys, ErasureLedger ledger, Holds holds, AuditLog audit, RedactionInForce inForce, RedactionBy by, TimeProvider time)
{
    /// <summary>The reason code of a run that was refused because the policy only tries things out.</summary>
    public const string DryRunCode = "redaction-dry-run";

    // One partition for all tenants; no tenant has a hyphen in its name. The last run of each mailbox stays, as its record.
    private const string Partition = "-mailbox-redactions", Mails = "!";
    private const int LinesAtOnce = 100, OriginalsAtOnce = 10, MostFailures = 5, MostTries = 2;
    private static readonly TimeSpan LeftLyingAfter = TimeSpan.FromMinutes(6), LeastShare = TimeSpan.FromSeconds(5);
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Erasures), _tickets = tables.GetTableClient(TableNames.Tickets);

    /// <summary>The last run over a mailbox; null when there was none.</summary>
    public async Task<MailboxRun?> FindAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel) =>
        await _rows.GetEntityIfExistsAsync(Partition, $"{tenant}!{inbox}", cancel: cancel) is { } row ? MailboxRun.Read(row, inbox) : null;

    /// <summary>What a run would find now; nothing is written. <paramref name="given"/> is a policy instead of the mailbox's own.</summary>
    public async Task<MailboxRun> TryAsync(TenantContext tenant, InboxId inbox, RedactionPolicy? given, CancellationToken cancel)
    {
        MailboxRun run = new() { Id = Pack.NewId(time.GetUtcNow()), Inbox = inbox, Begun = time.GetUtcNow() };
        MailboxRedaction what = await WhatAsync(tenant, inbox, given, cancel);
        SeenPeople seen = new();
        await foreach (string ticket in TicketsAsync(tenant, inbox, "", cancel)) run = await TryOneAsync(tenant, run with { Looked = run.Looked + 1 }, ticket, what, seen, cancel);
        return run with { Running = false };
    }

    private async Task<MailboxRun> TryOneAsync(TenantContext tenant, MailboxRun run, string ticket, MailboxRedaction what, SeenPeople seen, CancellationToken cancel)
    {
        Pass pass = new(what with { Policy = what.Policy with { DryRun = true } }, null);
        try
        {
            RedactionEnd end = await redact.CountAsync(tenant, ticket, new TicketRewrite(pass.Rewrite) { Retitle = pass.Retitle }, cancel);
            run = run with { Held = run.Held + (end.Outcome == RedactionOutcome.Held ? 1 : 0), Changed = run.Changed + (pass.Any ? 1 : 0), Counts = pass.AddTo(run.Counts), Unread = run.Unread + end.Unread };
            if (end.Outcome == RedactionOutcome.NotThere) return await ClosedAsync(tenant, run, ticket, cancel);
            return end.Outcome == RedactionOutcome.Held ? run : await NamesAsync(tenant, run, pass, what, seen, isDry: true, cancel);
        }
        catch (Exception e) when (e is SealBrokenException || IsLost(e))
        {
            return run with { Closed = run.Closed + 1 };
        }
    }

    /// <summary>
    /// Begins a run over a mailbox, or goes on with the one that was begun by the same policy, until it ends or <paramref name="within"/> is over; null when this tenant has no such mailbox. Whoever runs it at
    /// the same time elsewhere is told <see cref="NotNowException"/> ("redaction-contended"); so is ("redaction-dry-run") whose policy only tries things out, and nothing is changed.
    /// </summary>
    public async Task<MailboxRun?> RunAsync(TenantContext tenant, InboxId inbox, AuditActor actor, CancellationToken cancel, RedactionPolicy? given = null, string givenDigest = "", TimeSpan? within = null)
    {
        if (await mailboxes.FindAsync(tenant, inbox, cancel) is null) return null;
        MailboxRedaction what = await WhatAsync(tenant, inbox, given, cancel);
        if (what.Policy.DryRun) throw new NotNowException(DryRunCode);
        MailboxRun? before = await FindAsync(tenant, inbox, cancel);
        MailboxRun run = before is { Running: true } && before.Policy == givenDigest ? before : await BeginAsync(tenant, inbox, actor, givenDigest, before, cancel);
        long start = time.GetTimestamp();
        bool IsOver() => within is { } most && time.GetElapsedTime(start) >= most;
        if (!run.Place.StartsWith(Mails, StringComparison.Ordinal)) run = await TicketsAsync(tenant, run, what, IsOver, cancel);
        if (run.Place.StartsWith(Mails, StringComparison.Ordinal)) run = await OriginalsAsync(tenant, run, what.Policy.KeepsOriginal ? OriginalMail.Kept : OriginalMail.NotKept, IsOver, cancel);
        return run;
    }

    /// <summary>
    /// Goes on with runs that were left lying; those by a policy that only their author has wait for them. It begins at another one each time, and each gets its share of what time is left: one that is long keeps
    /// no other waiting for long. Returns how many moved.
    /// </summary>
    public async Task<int> KeepAsync(Action<Exception> failed, TimeSpan within, CancellationToken cancel)
    {
        long start = time.GetTimestamp();
        List<(TenantContext Tenant, InboxId Inbox, string Row)> lying = await LyingAsync(failed, cancel);
        int moved = 0, waiting = lying.Count, first = waiting > 0 ? Random.Shared.Next(waiting) : 0;
        foreach ((TenantContext tenant, InboxId inbox, string row) in lying.Skip(first).Concat(lying.Take(first)))
        {
            TimeSpan left = within - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) break;
            TimeSpan share = left / waiting-- is var one && one > LeastShare ? one : LeastShare;
            try
            {
                // Since it was begun somebody made the policy a dry run: it waits until that is over. A mailbox that is gone leaves its run behind.
                if (await mailboxes.FindAsync(tenant, inbox, cancel) is not null && (await WhatAsync(tenant, inbox, null, cancel)).Policy.DryRun) continue;
                if (await RunAsync(tenant, inbox, AuditActor.System, cancel, within: share) is null) await _rows.DeleteEntityAsync(Partition, row, ETag.All, cancel);
                moved++;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed(e);
            }
        }

        return moved;
    }

    // A row that none of us wrote is told, and keeps no other from its turn.
    private async Task<List<(TenantContext Tenant, InboxId Inbox, string Row)>> LyingAsync(Action<Exception> failed, CancellationToken cancel)
    {
        List<(TenantContext Tenant, InboxId Inbox, string Row)> lying = [];
        await foreach (TableEntity row in _rows.QueryAsync(TableFilter.PartitionIs(Partition), cancel: cancel))
        {
            if (row.RowKey.Split('!') is not [var name, var box] || !TenantId.TryParse(name, out TenantId tenant) || !InboxId.TryParse(box, out InboxId inbox) || TryRead(row, inbox) is not { } run)
                failed(new InvalidDataException("A row of the table \"erasures\" in the partition \"-mailbox-redactions\" cannot be read and was passed over: begin that mailbox's redaction anew, or delete the row."));
            else if (run is { Running: true, Policy: "" } && run.Moved + LeftLyingAfter <= time.GetUtcNow()) lying.Add((new TenantContext(tenant), inbox, row.RowKey));
        }

        return lying;
    }

    private static MailboxRun? TryRead(TableEntity row, InboxId inbox)
    {
        try
        {
            return row.GetString("id") is { Length: > 0 } ? MailboxRun.Read(row, inbox) : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or IndexOutOfRangeException or InvalidOperationException or InvalidCastException)
        {
            return null;
        }
    }

    private async Task<MailboxRedaction> WhatAsync(TenantContext tenant, InboxId inbox, RedactionPolicy? given, CancellationToken cancel) =>
        given is null ? await inForce(tenant, inbox, cancel) : await by(tenant, inbox, given, cancel);

    private async Task<MailboxRun> BeginAsync(TenantContext tenant, InboxId inbox, AuditActor actor, string policy, MailboxRun? before, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        MailboxRun run = new() { Id = Pack.NewId(now), Inbox = inbox, Policy = policy, By = actor.Id, Begun = now, Moved = now, Version = before?.Version ?? "" };
        await audit.AppendAsync(tenant, new AuditEvent(AuditAction.Redacted, actor) { Inbox = inbox, Subject = run.Id, Result = AuditResult.Begun, Code = "mailbox-begun" }, cancel);
        return await SaveAsync(tenant, run, cancel);
    }

    private async Task<MailboxRun> TicketsAsync(TenantContext tenant, MailboxRun run, MailboxRedaction what, Func<bool> isOver, CancellationToken cancel)
    {
        MailboxRun settled = run;
        int failures = 0;
        SeenPeople seen = new();
        await foreach (string ticket in TicketsAsync(tenant, run.Inbox, run.Place, cancel))
        {
            if (run.Now == ticket && run.Tries >= MostTries)
            {
                run = settled = await SaveAsync(tenant, run with { Place = ticket, Now = "", Looked = run.Looked + 1, Failed = run.Failed + 1 }, cancel);
                continue;
            }

            run = await SaveAsync(tenant, run with { Now = ticket, Tries = run.Now == ticket ? run.Tries + 1 : 1 }, cancel);
            MailboxRun next = await OneAsync(tenant, run, ticket, what, seen, cancel) with { Now = "" };
            failures = next.Failed > run.Failed ? failures + 1 : 0;
            if (failures == MostFailures)
            {
                // One after the other is not the tickets' fault: the world is not ready, and none of them counts.
                await SaveAsync(tenant, settled with { Now = "", Version = run.Version }, cancel);
                throw new NotNowException("redaction-put-off");
            }

            run = next;
            if (failures == 0) settled = run;
            if (isOver()) return await SaveAsync(tenant, run, cancel);
        }

        return await SaveAsync(tenant, run with { Place = Mails }, cancel);
    }

    private async Task<MailboxRun> OneAsync(TenantContext tenant, MailboxRun run, string ticket, MailboxRedaction what, SeenPeople seen, CancellationToken cancel)
    {
        LaterRedaction mark = new(run.Id, time.GetUtcNow(), run.By, "", RedactedPart.Policy, 0);
        run = run with { Place = ticket, Looked = run.Looked + 1 };
        try
        {
            using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
            Pass pass = new(what, ids);
            RedactionEnd end = await redact.RunAsync(tenant, ticket, new TicketRewrite(pass.Rewrite) { Retitle = pass.Retitle }, mark, (_, _) => Task.CompletedTask, cancel);
            MailboxRun next = run with { Unread = run.Unread + end.Unread };
            return end.Outcome switch
            {
                RedactionOutcome.Done => await NamesAsync(tenant, next with { Changed = run.Changed + 1, Counts = pass.AddTo(run.Counts) }, pass, what, seen, isDry: false, cancel),
                RedactionOutcome.Held => next with { Held = run.Held + 1 },
                RedactionOutcome.NotThere => await ClosedAsync(tenant, next, ticket, cancel),
                _ => await NamesAsync(tenant, next, pass, what, seen, isDry: false, cancel),
            };
        }
        catch (Exception e) when (e is SealBrokenException || IsLost(e))
        {
            return run with { Closed = run.Closed + 1 };
        }
        catch (Exception e) when (e is NotNowException or InvalidDataException)
        {
            // One that cannot be done now must not keep all others from it.
            return run with { Failed = run.Failed + 1 };
        }
    }

    // Bytes or a key that are not there, of one ticket: the others do not wait for them.
    private static bool IsLost(Exception e) => e is NotNowException { ReasonCode: "message-missing" or "attachment-missing" };

    // One that was not erased and has no words: the key to them is lost.
    private async Task<MailboxRun> ClosedAsync(TenantContext tenant, MailboxRun run, string ticket, CancellationToken cancel)
    {
        bool isLost = await tickets.LookAsync(tenant, ticket, cancel) is { Erased: null, Document: null } there
            && !await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Ticket, TicketKeys.KeyOwner(ticket, there.Generation)), cancel);
        return isLost ? run with { Closed = run.Closed + 1 } : run;
    }

    // Whoever wrote in this ticket: who they are is kept once for all mailboxes.
    private async Task<MailboxRun> NamesAsync(TenantContext tenant, MailboxRun run, Pass pass, MailboxRedaction what, SeenPeople seen, bool isDry, CancellationToken cancel)
    {
        (int masked, int closed) = await maskNames.RunAsync(tenant, pass.People, name => Redact.Text(name, what.Policy with { DryRun = false }, what.Tools).Text, seen, isDry, cancel);
        return run with { Names = run.Names + masked, Closed = run.Closed + closed };
    }

    private async IAsyncEnumerable<string> TicketsAsync(TenantContext tenant, InboxId inbox, string after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string prefix = tenant + ".";
        TableFilter all = TableFilter.PartitionPrefix(prefix).And(TableFilter.RowIs(TicketKeys.TicketRow)).And(TableFilter.Where("inbox", TableComparison.Equal, inbox.Value));
        if (after.Length > 0) all = all.And(TableFilter.PartitionAfter(prefix + after));
        await foreach (TableEntity row in _tickets.QueryAsync(all, select: ["PartitionKey", "erased"], cancel: cancel))
            if (row.GetDateTimeOffset("erased") is null) yield return row.PartitionKey[prefix.Length..];
    }

    private async Task<MailboxRun> SaveAsync(TenantContext tenant, MailboxRun run, CancellationToken cancel)
    {
        TableEntity row = run.ToRow(Partition, $"{tenant}!{run.Inbox}", time.GetUtcNow());
        try
        {
            ETag version;
            if (run.Version.Length == 0)
            {
                await _rows.AddEntityAsync(row, cancel);
                return await FindAsync(tenant, run.Inbox, cancel) ?? throw new NotNowException("redaction-contended");
            }

            version = await _rows.UpdateEntityAsync(row, new ETag(run.Version), TableUpdateMode.Replace, cancel);
            return run with { Version = version.ToString() };
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            throw new NotNowException("redaction-contended");
        }
    }

    /// <summary>One ticket: what came in by the whole policy, what agents sent or noted by what may not leave.</summary>
    private sealed class Pass(MailboxRedaction what, TenantKeys? ids)
    {
        private readonly MaskMessage _all = new(what.Policy, what.Tools) { Ids = ids }, _ours = new(what.Policy.ForOutgoing() with { DryRun = what.Policy.DryRun }, what.Tools) { Ids = ids };

        public bool Any => _all.Counts.Count + _ours.Counts.Count > 0;

        public PeopleOfTicket People { get; } = new();

        public Rewritten? Rewrite(TicketMessage message, IReadOnlyList<Func<byte[]>> contents)
        {
            bool isIn = message.Direction == MessageDirection.In;
            if (isIn) People.Addresses.Add(message.Document!.FromAddress);
            return (isIn ? _all : _ours).Run(message, contents);
        }

        public TicketDocument Retitle(TicketDocument document)
        {
            People.Take(document);
            return _all.Run(document);
        }

        public SortedDictionary<FindingType, long> AddTo(SortedDictionary<FindingType, long> counts)
        {
            SortedDictionary<FindingType, long> sum = new(counts);
            foreach ((FindingType type, long count) in _all.Counts.Concat(_ours.Counts)) sum[type] = sum.GetValueOrDefault(type) + count;
            return sum;
        }
    }
}
