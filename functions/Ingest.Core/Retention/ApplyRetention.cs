using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>What a run of the schedules let go, or would.</summary>
/// <param name="Originals">Originals whose keys went.</param>
/// <param name="Packs">Packs whose blobs went, as nothing in them can be opened any more.</param>
/// <param name="Tickets">Tickets that went.</param>
/// <param name="Held">Things whose time is over and that a legal hold keeps.</param>
/// <param name="More">True when the run stopped at its limit, and more is left for the next.</param>
public readonly record struct RetentionReport(int Originals, int Packs, int Tickets, int Held, bool More);

/// <summary>Lets go what its schedule no longer keeps, so much in one run, oldest first; the next run goes on. A crash leaves at worst what the next run lets go.</summary>
public sealed class ApplyRetention(TableServiceClient tables, MailboxStore mailboxes, Packs packs, Journal journal, TicketStore tickets, KeyRing keys, Schedules schedules, Holds holds, HeldPeople people, Eraser eraser, AuditLog audit, TimeProvider time)
{
    private const int LooksAtOnce = 16;
    private readonly TableClient _tickets = tables.GetTableClient(TableNames.Tickets);

    /// <summary>One run over one mailbox; with <paramref name="dryRun"/> it only counts. <paramref name="most"/> bounds originals and, each counted as ten, tickets.</summary>
    public async Task<RetentionReport> RunAsync(TenantContext tenant, InboxId inbox, bool dryRun, int most, CancellationToken cancel)
    {
        if (await mailboxes.FindAsync(tenant, inbox, cancel) is not { Mailbox: var mailbox }) return default;
        Round round = new(tenant, inbox, await schedules.OfAsync(tenant, mailbox, cancel), dryRun, most, time.GetUtcNow());
        await LookAtHoldsAsync(round, cancel);
        RetentionReport report = await PacksAsync(round, cancel);
        report = await TicketsAsync(round, report, cancel);
        if (!dryRun && report is not { Originals: 0, Packs: 0, Tickets: 0 })
            await audit.AppendAsync(tenant, Applied(inbox) with { Count = report.Originals + report.Tickets }, cancel);
        return report;
    }

    private static AuditEvent Applied(InboxId inbox) => new(AuditAction.RetentionApplied, AuditActor.System) { Inbox = inbox };

    // Before the first thing goes, so that nothing does of which the log knows nothing; how much it was stands in the entry after it.
    private async Task TellAsync(Round round, CancellationToken cancel)
    {
        if (round.Told) return;
        await audit.AppendAsync(round.Tenant, Applied(round.Inbox) with { Result = AuditResult.Begun }, cancel);
        round.Told = true;
    }

    private sealed record Round(TenantContext Tenant, InboxId Inbox, IReadOnlyList<Schedule> Schedules, bool DryRun, int Most, DateTimeOffset Now)
    {
        public bool Told { get; set; }
        public IReadOnlyList<Hold> Holds { get; set; } = [];
        public HeldSenders Held { get; set; } = HeldSenders.None;
    }

    // As they stand now; true when they are others than those by which this run decides. Asked before each thing that goes: a hold that is placed meanwhile keeps what is left.
    private async Task<bool> LookAtHoldsAsync(Round round, CancellationToken cancel)
    {
        IReadOnlyList<Hold> now = await holds.ListAsync(round.Tenant, cancel);
        if (now.Select(hold => hold.Id).SequenceEqual(round.Holds.Select(hold => hold.Id))) return false;
        (round.Holds, round.Held) = (now, await people.OfAsync(round.Tenant, now, cancel));
        return true;
    }

    private async Task<RetentionReport> PacksAsync(Round round, CancellationToken cancel)
    {
        RetentionReport report = default;
        int[] days = [.. round.Schedules.Where(s => s.What is Kept.Originals or Kept.Spam or Kept.Quarantine or Kept.Parked && s.Days > 0).Select(s => s.Days)];
        if (days.Length == 0) return report;
        await foreach (Pack pack in packs.ListAsync(round.Tenant, round.Inbox, openOnly: false, cancel))
        {
            // Packs come in the order of time: nothing behind this one is due.
            if (pack.Created.AddDays(days.Min()) > round.Now) break;
            if (pack.GoneAt is not null) continue;
            if (report.Originals >= round.Most) return report with { More = true };
            bool empty = true;
            foreach (PackEntry[] some in pack.Entries.Where(e => e.Length >= 0).Chunk(LooksAtOnce))
            {
                (FateKind Fate, PackEntry Entry)[] fates = await Task.WhenAll(some.Select(async e => (await FateAsync(round, pack, e, cancel), e)));
                report = report with { Held = report.Held + fates.Count(f => f.Fate == FateKind.Held) };
                empty &= fates.All(f => f.Fate is FateKind.Gone or FateKind.Goes);
                bool others = false;
                foreach (PackEntry entry in fates.Where(f => f.Fate == FateKind.Goes).Select(f => f.Entry))
                {
                    others |= !round.DryRun && await LookAtHoldsAsync(round, cancel);
                    if (others && await FateAsync(round, pack, entry, cancel) == FateKind.Held)
                    {
                        (report, empty) = (report with { Held = report.Held + 1 }, false);
                        continue;
                    }

                    report = report with { Originals = report.Originals + 1 };
                    if (!round.DryRun) await LetGoAsync(round, entry.MessageKey, cancel);
                }
            }

            if (!empty) continue;
            report = report with { Packs = report.Packs + 1 };
            if (!round.DryRun) await TellAsync(round, cancel);
            if (!round.DryRun) await packs.DeleteContentAsync(round.Tenant, round.Inbox, pack.Id, round.Now, cancel);
        }

        return report;
    }

    private async Task<FateKind> FateAsync(Round round, Pack pack, PackEntry entry, CancellationToken cancel)
    {
        KeyName key = await keys.NameAsync(round.Tenant, new KeyName(KeyClass.Raw, entry.MessageKey, round.Inbox), cancel);
        if (key.Id == Guid.Empty) return FateKind.Gone;
        JournalLine? line = await journal.FindAsync(round.Tenant, round.Inbox, entry.MessageKey, cancel);
        // The line says so already: a crash came before the key.
        if (line is { IsOriginalGone: true }) return FateKind.Goes;
        // Whether a ticket is held is asked only when there is a hold on a ticket or a contact.
        bool ask = line is { TicketId.Length: > 0 } && round.Holds.Any(h => h.Kind is ErasureKind.Ticket or ErasureKind.Contact);
        Ticket? ticket = ask ? await tickets.FindAsync(round.Tenant, line!.TicketId, cancel) : null;
        return Resolve.Original(line, pack.Created, isThere: true, ticket, round.Inbox, round.Schedules, round.Holds, round.Now, line is null ? null : await people.FindAsync(round.Tenant, round.Inbox, line, round.Held, cancel)).Kind;
    }

    // A mail that was kept back and that nobody let in is turned away for good with its original; the line first, so that nobody releases what cannot be opened.
    private async Task LetGoAsync(Round round, string messageKey, CancellationToken cancel)
    {
        await TellAsync(round, cancel);
        JournalLine? line = await journal.FindAsync(round.Tenant, round.Inbox, messageKey, cancel);
        bool keptBack = line is { Outcome: OutcomeKind.Quarantined or OutcomeKind.Parked };
        if (keptBack)
        {
            line = await journal.CloseAsync(round.Tenant, round.Inbox, line! with { Outcome = OutcomeKind.Rejected, Reason = OutcomeReason.ExpiredUnreviewed, At = round.Now }, cancel);
            // Let in at this very moment: it is a ticket's from now on.
            if (line.Outcome != OutcomeKind.Rejected) return;
        }

        // Mail on its way that waited for longer than it may is not to be made a ticket of after all.
        if (keptBack || line is null or { IsOriginalGone: true }) await keys.EraseRawAsync(round.Tenant, round.Inbox, messageKey, cancel);
        else await keys.DiscardAsync(round.Tenant, new KeyName(KeyClass.Raw, messageKey, round.Inbox), cancel);
    }

    private async Task<RetentionReport> TicketsAsync(Round round, RetentionReport report, CancellationToken cancel)
    {
        foreach ((Kept what, TicketState state) in new[] { (Kept.ClosedTickets, TicketState.Closed), (Kept.OpenTickets, TicketState.Open) })
        {
            int days = round.Schedules.First(s => s.What == what).Days;
            if (days == 0) continue;
            TableFilter due = TableFilter.PartitionPrefix(round.Tenant + ".").And(TableFilter.RowIs(TicketKeys.TicketRow))
                .And(TableFilter.Where("inbox", TableComparison.Equal, round.Inbox.Value)).And(TableFilter.Where("state", TableComparison.Equal, state.ToString()))
                .And(TableFilter.Where("updated", TableComparison.AtMost, round.Now.AddDays(-days)));
            await foreach (TableEntity row in _tickets.QueryAsync(due, select: ["PartitionKey"], cancel: cancel))
            {
                if (report.Tickets * 10 >= round.Most) return report with { More = true };
                string id = row.PartitionKey[(round.Tenant.ToString().Length + 1)..];
                if (await tickets.FindAsync(round.Tenant, id, cancel) is not { } ticket) continue;
                if (!round.DryRun) await LookAtHoldsAsync(round, cancel);
                FateKind fate = Resolve.Ticket(ticket, round.Schedules, round.Holds, round.Now).Kind;
                if (fate == FateKind.Held) report = report with { Held = report.Held + 1 };
                if (fate != FateKind.Goes) continue;
                report = report with { Tickets = report.Tickets + 1 };
                if (!round.DryRun) await TellAsync(round, cancel);
                if (!round.DryRun) await eraser.LetGoAsync(round.Tenant, id, cancel);
            }
        }

        return report;
    }

    /// <summary>What becomes of a ticket, and why; null when there is none of this id.</summary>
    public async Task<Fate?> ExplainTicketAsync(TenantContext tenant, string ticket, CancellationToken cancel)
    {
        if (!TicketStore.IsTicketId(ticket) || await tickets.FindAsync(tenant, ticket, cancel) is not { } there) return null;
        if (await mailboxes.FindAsync(tenant, InboxId.Parse(there.Inbox), cancel) is not { Mailbox: var mailbox }) return null;
        return Resolve.Ticket(there, await schedules.OfAsync(tenant, mailbox, cancel), await holds.ListAsync(tenant, cancel), time.GetUtcNow());
    }

    /// <summary>What becomes of a mail's original, and why; null when no mail of this key was listed in this inbox.</summary>
    public async Task<Fate?> ExplainMailAsync(TenantContext tenant, InboxId inbox, string messageKey, CancellationToken cancel)
    {
        if (messageKey is not { Length: >= 1 and <= 32 } || !messageKey.All(char.IsAsciiLetterOrDigit) || await mailboxes.FindAsync(tenant, inbox, cancel) is not { Mailbox: var mailbox }) return null;
        JournalLine? line = await journal.FindAsync(tenant, inbox, messageKey, cancel);
        Pack? pack = null;
        await foreach (Pack one in packs.ListAsync(tenant, inbox, openOnly: false, cancel))
            if (one.Entries.Any(e => e.MessageKey == messageKey)) pack = one;
        if (line is null && pack is null) return null;
        KeyName key = await keys.NameAsync(tenant, new KeyName(KeyClass.Raw, messageKey, inbox), cancel);
        Ticket? ticket = line is { TicketId.Length: > 0 } ? await tickets.FindAsync(tenant, line.TicketId, cancel) : null;
        IReadOnlyList<Hold> all = await holds.ListAsync(tenant, cancel);
        IReadOnlyList<Hold>? ofSender = line is null ? null : await people.FindAsync(tenant, inbox, line, await people.OfAsync(tenant, all, cancel), cancel);
        return Resolve.Original(line, pack?.Created ?? line!.Received, key.Id != Guid.Empty && pack?.GoneAt is null, ticket, inbox, await schedules.OfAsync(tenant, mailbox, cancel), all, time.GetUtcNow(), ofSender);
    }
}
