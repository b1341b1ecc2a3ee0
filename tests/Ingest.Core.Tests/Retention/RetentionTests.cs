using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>Legal hold above erasure above retention.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class RetentionTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Ann => Mails.From("ann@customer.example", "Printer is on fire", "a1@customer.example");
    private static readonly byte[] Backscatter = System.Text.Encoding.ASCII.GetBytes("From: MAILER-DAEMON@relay.example\r\nTo: support@acme.example\r\nSubject: Undelivered\r\nMessage-ID: <b1@relay.example>\r\nReturn-Path: <>\r\n\r\nNo.\r\n");

    [Theory]
    [InlineData(ErasureKind.Ticket)]
    [InlineData(ErasureKind.Contact)]
    [InlineData(ErasureKind.Mailbox)]
    [InlineData(ErasureKind.Tenant)]
    public async Task Whatever_is_held_is_not_erased_until_the_hold_is_lifted(ErasureKind kind)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Ann, Cancel);
        string target = kind switch
        {
            ErasureKind.Ticket => line.TicketId,
            ErasureKind.Contact => (await test.Desk.Contacts.FindAsync(test.Tenant, "ann@customer.example", Cancel))!,
            ErasureKind.Mailbox => test.Mailbox.Id.Value,
            ErasureKind.Tenant => test.Tenant.ToString(),
        };
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, kind, target, "matter 7", AuditActor.Command, Cancel);
        Eraser eraser = test.NewProcess().Eraser;
        foreach (ErasureEnd end in (ErasureEnd[])[
            await eraser.TicketAsync(test.Tenant, line.TicketId, AuditActor.Command, Cancel), await eraser.ContactAsync(test.Tenant, "ann@customer.example", AuditActor.Command, Cancel),
            await eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel)])
        {
            Assert.Equal(ErasureOutcome.Held, end.Outcome);
            Assert.Equal((hold.Id, "matter 7"), (Assert.Single(end.Holds).Id, end.Holds[0].Reason));
        }

        Assert.Null((await eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel)).Receipt);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.Document);
        Fate fate = (await test.Desk.Retention.ExplainTicketAsync(test.Tenant, line.TicketId, Cancel))!;
        Assert.Equal(FateKind.Held, fate.Kind);
        Assert.Contains(hold.Id, fate.Reasons[0], StringComparison.Ordinal);

        Assert.True(await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel));
        Assert.False(await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel));
        Assert.Equal(ErasureOutcome.Done, (await eraser.TicketAsync(test.Tenant, line.TicketId, AuditActor.Command, Cancel)).Outcome);
    }

    [Fact]
    public async Task Originals_go_when_their_days_are_over_and_packs_with_them_and_the_books_still_balance()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine ticketed = await test.TakeInAsync(Ann, Cancel), kept = await test.TakeInAsync(Backscatter, Cancel);
        await test.Desk.Schedules.ChangeAsync(test.Tenant, test.Mailbox.Id, new Schedule(Kept.Quarantine, 40), AuditActor.Command, Cancel);
        LaterClock clock = new();
        Desk desk = test.NewProcess(time: clock);
        Assert.Equal(default, await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel));

        clock.Ahead = TimeSpan.FromDays(31);
        Assert.Equal(FateKind.Goes, (await desk.Retention.ExplainMailAsync(test.Tenant, test.Mailbox.Id, ticketed.MessageKey, Cancel))!.Kind);
        Assert.Equal(FateKind.Stays, (await desk.Retention.ExplainMailAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Kind);
        Assert.Equal(new RetentionReport(1, 1, 0, 0, false), await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: true, 100, Cancel));
        Assert.NotNull(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, ticketed.MessageKey, Cancel));
        Assert.Equal(new RetentionReport(1, 1, 0, 0, false), await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel));
        Assert.Null(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, ticketed.MessageKey, Cancel));
        Assert.NotNull(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));
        Assert.Single(await desk.Blobs.ListAsync(Packs.Container, $"{test.Tenant}/", Cancel).ToListAsync(Cancel));

        clock.Ahead = TimeSpan.FromDays(41);
        Assert.Equal(new RetentionReport(1, 1, 0, 0, false), await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel));
        Assert.Equal((OutcomeKind.Rejected, OutcomeReason.ExpiredUnreviewed), ((await desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Outcome, (await desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Reason));
        Assert.Empty(await desk.Blobs.ListAsync(Packs.Container, $"{test.Tenant}/", Cancel).ToListAsync(Cancel));
        Assert.Equal(FateKind.Gone, (await desk.Retention.ExplainMailAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Kind);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, ticketed.TicketId, Cancel))!.Document);
        Assert.True((await desk.Reconcile.RunAsync(test.Tenant, test.Mailbox.Id, Cancel)).Balance);
    }

    [Fact]
    public async Task Closed_tickets_go_when_their_days_are_over_unless_held()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine one = await test.TakeInAsync(Ann, Cancel), two = await test.TakeInAsync(Mails.From("bob@other.example", "Invoice 7", "b1@other.example"), Cancel), open = await test.TakeInAsync(Mails.SmallBox[6], Cancel);
        foreach (JournalLine line in (JournalLine[])[one, two]) await test.Desk.Tickets.SetStateAsync(test.Tenant, line.TicketId, TicketState.Closed, Cancel);
        await test.Desk.Schedules.ChangeAsync(test.Tenant, test.Mailbox.Id, new Schedule(Kept.ClosedTickets, 365), AuditActor.Command, Cancel);
        await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, two.TicketId, "matter 7", AuditActor.Command, Cancel);
        Desk desk = test.NewProcess(time: new LaterClock { Ahead = TimeSpan.FromDays(400) });

        RetentionReport report = await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel);

        Assert.Equal(1, report.Tickets);
        Assert.NotNull((await desk.Tickets.FindAsync(test.Tenant, one.TicketId, Cancel))!.Erased);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, two.TicketId, Cancel))!.Document);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, open.TicketId, Cancel))!.Document);
        // The held ticket's original stays with it.
        Assert.NotNull(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, two.MessageKey, Cancel));
        Assert.Equal(2, report.Held);
    }

    [Fact]
    public async Task An_erased_mailbox_leaves_nothing_that_opens_and_its_address_can_be_connected_anew()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Ann, Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new OneSource(Mails.From("bob@other.example", "On its way", "f1@other.example"), "flight"), "w", Cancel);
        ErasureEnd end = await test.Desk.Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Readable after = await Readable.OfAsync(test.NewProcess(), test.Tenant);
        foreach (string word in (string[])[TestDesk.Address, "Printer is on fire", "On its way", "please help"]) Assert.Empty(after.Holds(word));
        Assert.Null(await test.NewProcess().Mailboxes.FindAsync(test.Tenant, test.Mailbox.Id, Cancel));
        Mailbox anew = await test.NewProcess().Mailboxes.ConnectAsync(test.Tenant, MailboxKind.Import, new MailboxProfile { Address = TestDesk.Address }, credential: null, Cancel);
        Assert.NotEqual(test.Mailbox.Id, anew.Id);
        Assert.Equal(ErasureOutcome.DoneBefore, (await test.NewProcess().Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel)).Outcome);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.Erased);
    }

    [Fact]
    public async Task An_erased_tenant_has_no_root_no_rows_and_a_receipt_that_can_be_read()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Ann, Cancel);
        byte[] receipt = (await test.Desk.Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel)).Receipt!;
        ReceiptCheck check = Receipt.Check(receipt, await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(receipt), Cancel));
        Assert.True(check.Genuine);
        Assert.True(check.Body!.KeysDestroyed >= 6);
        Assert.Equal(receipt, (await test.NewProcess().Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel)).Receipt);
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await test.NewProcess().Keys.ForTenantAsync(test.Tenant, Cancel));
        foreach (string table in TableNames.All.Except([TableNames.Erasures, TableNames.Audit, TableNames.Keys]))
            Assert.Empty(await test.Desk.Storage.Tables.GetTableClient(table).QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").Or(TableFilter.PartitionIs(test.Tenant.ToString())), cancel: Cancel).ToListAsync(Cancel));
        Assert.Empty(await test.Desk.Blobs.ListAsync(Packs.Container, $"{test.Tenant}/", Cancel).ToListAsync(Cancel));
        Assert.NotEqual("", line.TicketId);
    }

    [Fact]
    public async Task An_erasure_settles_after_the_caches_are_gone_and_the_ledger_forgets_the_address()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(Ann, Cancel);
        await test.Desk.Eraser.ContactAsync(test.Tenant, "ann@customer.example", AuditActor.Command, Cancel);
        Assert.NotEmpty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("ann@customer.example"));
        LaterClock clock = new() { Ahead = Eraser.SettleAfter - TimeSpan.FromMinutes(1) };
        await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant);
        Assert.Equal(ErasureState.Destroyed, (await test.Desk.Erasures.ListAsync(test.Tenant, Cancel).SingleAsync(Cancel)).State);
        clock.Ahead = Eraser.SettleAfter + TimeSpan.FromMinutes(1);
        Assert.Equal(1, await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant));

        Assert.Equal(ErasureState.Settled, (await test.Desk.Erasures.ListAsync(test.Tenant, Cancel).SingleAsync(Cancel)).State);
        Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("ann@customer.example"));
    }

    [Fact]
    public async Task A_hold_on_a_person_keeps_their_kept_back_mail_above_schedules_people_and_other_erasures()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = await test.TakeInAsync(Backscatter, Cancel);
        string contact = await test.Desk.Contacts.CreateAsync(test.Tenant, "mailer-daemon@relay.example", "", Cancel);
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Contact, contact, "matter 7", AuditActor.Command, Cancel);
        Desk desk = test.NewProcess(time: new LaterClock { Ahead = TimeSpan.FromDays(91) });

        Assert.Equal(0, (await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel)).Originals);
        Fate fate = (await desk.Retention.ExplainMailAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!;
        Assert.Equal(FateKind.Held, fate.Kind);
        Assert.Contains(hold.Id, fate.Reasons[0], StringComparison.Ordinal);
        Assert.Equal(ReviewEnd.Held, await desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));
        Assert.Null((await desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Expires);
        Assert.Null(Assert.Single((await desk.ReviewList.PageAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, 10, after: null, Cancel)).Mails).Expires);
        ErasureEnd held = await desk.Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Held, hold.Id), (held.Outcome, Assert.Single(held.Holds).Id));
        Assert.NotNull(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));

        await desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Done, (await desk.Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel)).Outcome);
        Assert.Null(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));
        // Not even the digest of who sent it is left.
        Assert.Equal(0, await test.Desk.Storage.Tables.GetTableClient(TableNames.Quarantine).QueryAsync(TableFilter.PartitionIs($"{test.Tenant}.{test.Mailbox.Id}"), cancel: Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task What_a_schedule_lets_go_is_told_before_it_goes_and_counted_after()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(Ann, Cancel);
        Desk desk = test.NewProcess(time: new LaterClock { Ahead = TimeSpan.FromDays(31) });
        await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: true, 100, Cancel);
        await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel);
        await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel);
        List<(AuditResult, long)> told = [];
        await foreach (string day in desk.Audit.DaysAsync(test.Tenant, Cancel))
            await foreach (AuditEntry entry in desk.Audit.EntriesAsync(test.Tenant, day, Cancel))
                if (entry.Event.Action == AuditAction.RetentionApplied) told.Add((entry.Event.Result, entry.Event.Count));
        Assert.Equal([(AuditResult.Begun, 0L), (AuditResult.Done, 1L)], told);
    }

    [Theory]
    [InlineData(ErasureKind.Mailbox)]
    [InlineData(ErasureKind.Contact)]
    public async Task A_hold_that_is_placed_while_a_schedule_lets_go_keeps_what_is_left(ErasureKind kind)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        for (int i = 0; i < 5; i++) await test.TakeInAsync(Mails.From("ann@customer.example", $"Matter {i}", $"a{i}@customer.example"), Cancel);
        string target = kind == ErasureKind.Mailbox ? test.Mailbox.Id.Value : (await test.Desk.Contacts.FindAsync(test.Tenant, "ann@customer.example", Cancel))!;
        int after = -1;
        MeanwhileTransport transport = new(request => request.Method == Azure.Core.RequestMethod.Delete && request.Uri.ToString().Contains("/keys(", StringComparison.Ordinal), async () =>
        {
            await test.Desk.Holds.PlaceAsync(test.Tenant, kind, target, "matter 7", AuditActor.Command, Cancel);
            after = await OriginalsAsync(test);
        });
        RetentionReport report = await test.NewProcess(transport, new LaterClock { Ahead = TimeSpan.FromDays(31) }).Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel);
        Assert.True(transport.Happened);
        // The one whose letting go was under way is gone.
        Assert.Equal((after - 1, 1, 4), (await OriginalsAsync(test), report.Originals, report.Held));
    }

    private static async Task<int> OriginalsAsync(TestDesk test)
    {
        int there = 0;
        await foreach (JournalLine line in test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel))
            if ((await test.Desk.Keys.NameAsync(test.Tenant, new KeyName(KeyClass.Raw, line.MessageKey, test.Mailbox.Id), Cancel)).Id != Guid.Empty) there++;
        return there;
    }
}
