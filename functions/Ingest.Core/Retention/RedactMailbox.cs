using System.Globalization;
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

/// <summary>How far the redaction of a mailbox's stored tickets is: numbers and codes only.</summary>
public sealed record MailboxRun
{
    /// <summary>Its id: time-ordered.</summary>
    public required string Id { get; init; }
    /// <summary>The mailbox.</summary>
    public required InboxId Inbox { get; init; }
    /// <summary>True while there is more to do.</summary>
    public bool Running { get; init; } = true;
    /// <summary>By which policy: empty for the mailbox's own, else the digest of the one that was given.</summary>
    public string Policy { get; init; } = "";
    /// <summary>Who began it: a random id; empty for the command line.</summary>
    public string By { get; init; } = "";
    /// <summary>When it was begun.</summary>
    public DateTimeOffset Begun { get; init; }
    /// <summary>When it last moved.</summary>
    public DateTimeOffset Moved { get; init; }
    /// <summary>The ticket up to which all is done; behind the last ticket the mail, with "!" before its key.</summary>
    public string Place { get; init; } = "";
    /// <summary>The ticket that is being done, written down before it is touched; and how often it was begun. One in which processes end again and again is passed over, as one that failed.</summary>
    internal string Now { get; init; } = "";
    internal int Tries { get; init; }
    /// <summary>Tickets looked at.</summary>
    public long Looked { get; init; }
    /// <summary>Tickets in which something was masked, or would be.</summary>
    public long Changed { get; init; }
    /// <summary>Originals destroyed because the policy keeps none; those of changed messages go with them and are not counted.</summary>
    public long Originals { get; init; }
    /// <summary>Tickets that a legal hold keeps as they are.</summary>
    public long Held { get; init; }
    /// <summary>Tickets that could not be done now: another run will.</summary>
    public long Failed { get; init; }
    /// <summary>How much was found, by sort.</summary>
    public SortedDictionary<FindingType, long> Counts { get; init; } = [];
    /// <summary>The row's version.</summary>
    internal string Version { get; init; } = "";
}

/// <summary>
/// Redacts what a mailbox's tickets hold already, by its policy as it is now: text, html, names and files of every message, of what agents sent or noted only what may not leave. What changes is sealed anew and the
/// originals concerned are destroyed, as by hand; where the policy keeps no originals, all that belong to what has ended go. How far it came is written down: begun again it goes on there, and
/// housekeeping goes on with what is left lying. Doing the same to a ticket twice does it once.
/// </summary>
public sealed class RedactMailbox(TableServiceClient tables, RedactTicket redact, TicketStore tickets, MailboxStore mailboxes, Journal journal, KeyRing keys, ErasureLedger ledger, Holds holds, AuditLog audit, RedactionInForce inForce, RedactionBy by, TimeProvider time)
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
        await _rows.GetEntityIfExistsAsync(Partition, $"{tenant}!{inbox}", cancel: cancel) is { } row ? Read(row, inbox) : null;

    /// <summary>What a run would find now; nothing is written. <paramref name="given"/> is a policy instead of the mailbox's own.</summary>
    public async Task<MailboxRun> TryAsync(TenantContext tenant, InboxId inbox, RedactionPolicy? given, CancellationToken cancel)
    {
        MailboxRun run = new() { Id = Pack.NewId(time.GetUtcNow()), Inbox = inbox, Begun = time.GetUtcNow() };
        MailboxRedaction what = await WhatAsync(tenant, inbox, given, cancel);
        await foreach (string ticket in TicketsAsync(tenant, inbox, "", cancel))
        {
            Pass pass = new(what with { Policy = what.Policy with { DryRun = true } });
            RedactionEnd end = await redact.CountAsync(tenant, ticket, new TicketRewrite(pass.Rewrite), cancel);
            run = run with { Looked = run.Looked + 1, Held = run.Held + (end.Outcome == RedactionOutcome.Held ? 1 : 0), Changed = run.Changed + (pass.Any ? 1 : 0), Counts = pass.AddTo(run.Counts) };
        }

        return run with { Running = false };
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
            return row.GetString("id") is { Length: > 0 } ? Read(row, inbox) : null;
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
        await foreach (string ticket in TicketsAsync(tenant, run.Inbox, run.Place, cancel))
        {
            if (run.Now == ticket && run.Tries >= MostTries)
            {
                run = settled = await SaveAsync(tenant, run with { Place = ticket, Now = "", Looked = run.Looked + 1, Failed = run.Failed + 1 }, cancel);
                continue;
            }

            run = await SaveAsync(tenant, run with { Now = ticket, Tries = run.Now == ticket ? run.Tries + 1 : 1 }, cancel);
            MailboxRun next = await OneAsync(tenant, run, ticket, what, cancel) with { Now = "" };
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

    private async Task<MailboxRun> OneAsync(TenantContext tenant, MailboxRun run, string ticket, MailboxRedaction what, CancellationToken cancel)
    {
        Pass pass = new(what);
        LaterRedaction mark = new(run.Id, time.GetUtcNow(), run.By, "", RedactedPart.Policy, 0);
        run = run with { Place = ticket, Looked = run.Looked + 1 };
        try
        {
            RedactionEnd end = await redact.RunAsync(tenant, ticket, new TicketRewrite(pass.Rewrite) { Retitle = pass.Retitle }, mark, (_, _) => Task.CompletedTask, cancel);
            return end.Outcome switch
            {
                RedactionOutcome.Done => run with { Changed = run.Changed + 1, Counts = pass.AddTo(run.Counts) },
                RedactionOutcome.Held => run with { Held = run.Held + 1 },
                _ => run,
            };
        }
        catch (Exception e) when (e is NotNowException or SealBrokenException or InvalidDataException)
        {
            // One that cannot be done now must not keep all others from it.
            return run with { Failed = run.Failed + 1 };
        }
    }

    private async IAsyncEnumerable<string> TicketsAsync(TenantContext tenant, InboxId inbox, string after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string prefix = tenant + ".";
        TableFilter all = TableFilter.PartitionPrefix(prefix).And(TableFilter.RowIs(TicketKeys.TicketRow)).And(TableFilter.Where("inbox", TableComparison.Equal, inbox.Value));
        if (after.Length > 0) all = all.And(TableFilter.PartitionAfter(prefix + after));
        await foreach (TableEntity row in _tickets.QueryAsync(all, select: ["PartitionKey", "erased"], cancel: cancel))
            if (row.GetDateTimeOffset("erased") is null) yield return row.PartitionKey[prefix.Length..];
    }

    // Behind the tickets, the originals: all of what has ended where none is kept, and else those of duplicates whose first one went.
    private async Task<MailboxRun> OriginalsAsync(TenantContext tenant, MailboxRun run, OriginalMail original, Func<bool> isOver, CancellationToken cancel)
    {
        while (true)
        {
            string? after = run.Place.Length > Mails.Length ? run.Place[Mails.Length..] : null;
            IReadOnlyList<JournalLine> lines = await journal.PageAsync(tenant, run.Inbox, original == OriginalMail.NotKept ? null : OutcomeKind.Duplicate, LinesAtOnce, after, cancel);
            if (lines.Count == 0) break;
            int gone = 0;
            // Few at once, each time by the holds that stand then: one that is put on meanwhile is not met by what was read before it.
            foreach (JournalLine[] some in lines.Chunk(OriginalsAtOnce)) gone += await LetGoAsync(tenant, run, some, original, cancel);
            run = await SaveAsync(tenant, run with { Place = Mails + lines[^1].MessageKey, Originals = run.Originals + gone }, cancel);
            if (isOver()) return run;
        }

        run = run with { Running = false, Moved = time.GetUtcNow() };
        await audit.AppendAsync(tenant, new AuditEvent(AuditAction.Redacted, run.By.Length == 0 ? AuditActor.Command : new(AuditActorKind.Person, run.By)) { Inbox = run.Inbox, Subject = run.Id, Count = run.Changed, Result = run.Failed == 0 ? AuditResult.Done : AuditResult.Failed, Code = "mailbox-done" }, cancel);
        return await SaveAsync(tenant, run, cancel);
    }

    // A part of the ledger's for each piece: told again after a crash, it is the same. The lines say it before the keys go.
    private async Task<int> LetGoAsync(TenantContext tenant, MailboxRun run, JournalLine[] lines, OriginalMail original, CancellationToken cancel)
    {
        List<(JournalLine Line, KeyName Key)> there = [];
        foreach (JournalLine line in lines)
            if (await IsToGoAsync(tenant, run.Inbox, line, original, cancel) && await keys.NameAsync(tenant, new KeyName(KeyClass.Raw, line.MessageKey, run.Inbox), cancel) is { } name && name.Id != Guid.Empty) there.Add((line, name));
        if (there.Count == 0) return 0;
        IReadOnlyList<Hold> standing = await holds.ListAsync(tenant, cancel);
        List<KeyName> doomed = [];
        foreach ((JournalLine line, KeyName key) in there)
            if (!await IsHeldAsync(tenant, run.Inbox, standing, line, cancel)) doomed.Add(key);
        if (doomed.Count == 0) return 0;
        IReadOnlyList<KeyName> named = await ledger.NameKeysAsync(tenant, run.Id, "o" + lines[0].MessageKey, doomed, cancel);
        foreach (KeyName key in doomed) await journal.LetOriginalGoAsync(tenant, run.Inbox, key.Owner, original == OriginalMail.NotKept ? JournalLine.OriginalNotKept : JournalLine.OriginalDestroyed, cancel);
        await keys.EraseAsync(tenant, named, cancel);
        return doomed.Count;
    }

    // A duplicate may be the one original that opens, until the first has ended for good.
    private async Task<bool> IsToGoAsync(TenantContext tenant, InboxId inbox, JournalLine line, OriginalMail original, CancellationToken cancel)
    {
        if (line.Length < 0 || !HasEnded(line)) return false;
        if (original == OriginalMail.NotKept) return line.Owner.Length == 0 || HasEnded(await journal.FindAsync(tenant, inbox, line.Owner, cancel));
        return line.Owner.Length > 0 && await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Raw, line.Owner, inbox), cancel);
    }

    private static bool HasEnded(JournalLine? line) => line is { Outcome: OutcomeKind.Ticketed or OutcomeKind.Duplicate or OutcomeKind.Rejected };

    private async Task<bool> IsHeldAsync(TenantContext tenant, InboxId inbox, IReadOnlyList<Hold> standing, JournalLine line, CancellationToken cancel) =>
        standing.Any(hold => hold.Kind == ErasureKind.Tenant || (hold.Kind == ErasureKind.Mailbox && hold.Target == inbox.Value))
        || (line.TicketId.Length > 0 && standing.Any(hold => hold.Kind is ErasureKind.Ticket or ErasureKind.Contact)
            && await tickets.LookAsync(tenant, line.TicketId, cancel) is { } ticket && standing.Any(hold => Resolve.Covers(hold, ticket)));

    private async Task<MailboxRun> SaveAsync(TenantContext tenant, MailboxRun run, CancellationToken cancel)
    {
        TableEntity row = new(Partition, $"{tenant}!{run.Inbox}")
        {
            ["id"] = run.Id, ["running"] = run.Running, ["policy"] = run.Policy, ["by"] = run.By, ["begun"] = run.Begun, ["moved"] = time.GetUtcNow(), ["place"] = run.Place, ["looked"] = run.Looked, ["changed"] = run.Changed,
            ["originals"] = run.Originals, ["held"] = run.Held, ["failed"] = run.Failed, ["now"] = run.Now, ["tries"] = run.Tries,
            ["counts"] = string.Join(' ', run.Counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key}={count.Value}"))),
        };
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

    private static MailboxRun Read(TableEntity row, InboxId inbox) => new()
    {
        Id = row.GetString("id")!,
        Inbox = inbox,
        Running = row.GetBoolean("running") ?? false,
        Policy = row.GetString("policy") ?? "",
        By = row.GetString("by") ?? "",
        Begun = row.GetDateTimeOffset("begun") ?? default,
        Moved = row.GetDateTimeOffset("moved") ?? default,
        Place = row.GetString("place") ?? "",
        Now = row.GetString("now") ?? "",
        Tries = row.GetInt32("tries") ?? 0,
        Looked = row.GetInt64("looked") ?? 0,
        Changed = row.GetInt64("changed") ?? 0,
        Originals = row.GetInt64("originals") ?? 0,
        Held = row.GetInt64("held") ?? 0,
        Failed = row.GetInt64("failed") ?? 0,
        Counts = new SortedDictionary<FindingType, long>((row.GetString("counts") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .ToDictionary(pair => Enum.Parse<FindingType>(pair[0]), pair => long.Parse(pair[1], CultureInfo.InvariantCulture))),
        Version = row.ETag.ToString(),
    };

    /// <summary>One ticket: what came in by the whole policy, what agents sent or noted by what may not leave.</summary>
    private sealed class Pass(MailboxRedaction what)
    {
        private readonly MaskMessage _all = new(what.Policy, what.Tools), _ours = new(what.Policy.ForOutgoing() with { DryRun = what.Policy.DryRun }, what.Tools);

        public bool Any => _all.Counts.Count + _ours.Counts.Count > 0;

        public Rewritten? Rewrite(TicketMessage message, IReadOnlyList<Func<byte[]>> contents) => (message.Direction == MessageDirection.In ? _all : _ours).Run(message, contents);

        public TicketDocument Retitle(TicketDocument document) => _all.Run(document);

        public SortedDictionary<FindingType, long> AddTo(SortedDictionary<FindingType, long> counts)
        {
            SortedDictionary<FindingType, long> sum = new(counts);
            foreach ((FindingType type, long count) in _all.Counts.Concat(_ours.Counts)) sum[type] = sum.GetValueOrDefault(type) + count;
            return sum;
        }
    }
}
