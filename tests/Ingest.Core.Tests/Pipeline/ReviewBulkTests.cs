using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Retention;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Decisions on many kept-back mails: in steps, resumable, each mail decided on once.</summary>
[Collection(nameof(StorageCollection))]
public sealed class ReviewBulkTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static BulkScope Of(TestDesk test, KeptFilter filter) => new() { Inboxes = [test.Mailbox.Id.Value], Filter = filter };

    private static async Task<BulkDecision> BeginAsync(TestDesk test, Desk desk, BulkAction action, BulkScope scope) =>
        await desk.ReviewBulk.BeginAsync(test.Tenant, desk.ReviewBulk.New(action, scope, AuditActor.Command), Cancel);

    [Fact]
    public async Task All_of_one_sender_are_deleted_and_nothing_else()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await KeptBack.FillAsync(test, 7, Cancel);
        BulkDecision bulk = await BeginAsync(test, test.Desk, BulkAction.Delete, Of(test, new KeptFilter { Sender = "other-relay.example" }));
        Assert.Equal((3L, BulkState.Running), (bulk.Meant, bulk.State));
        await TestDesk.DrainAsync(test.Desk, Cancel);
        bulk = (await test.Desk.ReviewBulk.FindAsync(test.Tenant, bulk.Id, Cancel))!;
        Assert.Equal((BulkState.Done, 3L, 0L), (bulk.State, bulk.Done, bulk.Passed));
        Assert.Equal(4, (await KeptBack.ListedAsync(test, test.Desk, Cancel)).Count);
        List<JournalLine> lines = await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel);
        Assert.Equal(3, lines.Count(l => l.Reason == OutcomeReason.DeletedByPerson && l.Bulk == bulk.Id));
        AuditEntry told = (await test.Desk.Audit.EntriesAsync(test.Tenant, (await test.Desk.Audit.DaysAsync(test.Tenant, Cancel).ToListAsync(Cancel))[0], Cancel).ToListAsync(Cancel)).Last();
        Assert.Equal((AuditAction.QuarantineDeleted, "bulk-done", bulk.Id, 3L), (told.Event.Action, told.Event.Code, told.Event.Subject, told.Event.Count));
    }

    [Fact]
    public async Task Named_mails_are_let_in_each_as_one_ticket_and_what_others_did_is_passed()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 3, Cancel);
        await test.Desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, all[1].MessageKey, Cancel);
        BulkDecision bulk = await BeginAsync(test, test.Desk, BulkAction.Release, new BulkScope { Inboxes = [test.Mailbox.Id.Value], Named = [.. all.Select(l => ReviewBulk.NameOf(new KeptRef(test.Mailbox.Id, l.MessageKey)))] });
        await TestDesk.DrainAsync(test.Desk, Cancel);
        bulk = (await test.Desk.ReviewBulk.FindAsync(test.Tenant, bulk.Id, Cancel))!;
        Assert.Equal((BulkState.Done, 2L, 1L), (bulk.State, bulk.Done, bulk.Passed));
        Assert.Equal(2, (await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Count);
        Assert.Empty(await KeptBack.ListedAsync(test, test.Desk, Cancel));
        Assert.Equal(bulk.Id, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, all[0].MessageKey, Cancel))!.Bulk);
    }

    [Fact]
    public async Task A_damaged_original_stops_no_list_and_no_decision_and_can_be_deleted()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 3, Cancel);
        // It stands at the place of another, so that its key does not open it.
        TableEntity row = new($"{test.Tenant}.{test.Mailbox.Id}.{all[1].MessageKey[0]}", all[1].MessageKey) { ["offset"] = all[0].Offset, ["length"] = all[0].Length };
        await test.Desk.Storage.Tables.GetTableClient(TableNames.Journal).UpdateEntityAsync(row, Azure.ETag.All, TableUpdateMode.Merge, Cancel);

        KeptPart part = await test.Desk.ReviewList.PageAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, 10, null, Cancel);
        Assert.Equal([true, false, true], (await test.Desk.ReviewList.OpenAllAsync(test.Tenant, part.Mails, Cancel)).Select(mail => mail is not null));
        Assert.Equal(2, (await test.Desk.ReviewList.SearchAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, "order", 10, null, Cancel)).Mails.Count);
        Assert.Null(await test.Desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, all[1].MessageKey, Cancel));
        Assert.Equal(ReviewEnd.Damaged, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, all[1].MessageKey, AuditActor.Command, Cancel));

        BulkDecision bulk = await BeginAsync(test, test.Desk, BulkAction.Release, Of(test, KeptFilter.Quarantined));
        await TestDesk.DrainAsync(test.Desk, Cancel);
        bulk = (await test.Desk.ReviewBulk.FindAsync(test.Tenant, bulk.Id, Cancel))!;
        Assert.Equal((BulkState.Done, 2L, 1L), (bulk.State, bulk.Done, bulk.Passed));
        Assert.Equal([all[1].MessageKey], await KeptBack.ListedAsync(test, test.Desk, Cancel));
        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, all[1].MessageKey, Cancel));
    }

    [Fact]
    public async Task What_is_kept_back_after_the_decision_is_not_meant()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> early = await KeptBack.FillAsync(test, 2, Cancel);
        BulkDecision bulk = test.Desk.ReviewBulk.New(BulkAction.Delete, Of(test, KeptFilter.Quarantined), AuditActor.Command);
        JournalLine late = (await KeptBack.FillAsync(test, 3, Cancel)).Single(line => !early.Contains(line));
        await test.Desk.ReviewBulk.BeginAsync(test.Tenant, bulk, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Assert.Equal([late.MessageKey], await KeptBack.ListedAsync(test, test.Desk, Cancel));
    }

    [Fact]
    public async Task A_crash_at_any_request_of_a_step_is_gone_on_with_and_nothing_is_done_twice()
    {
        int requests = await RequestsAsync();
        Assert.True(requests > 20);
        for (int at = 0; at < requests; at += 3)
        {
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            await KeptBack.FillAsync(test, 3, Cancel);
            BulkDecision bulk = await BeginAsync(test, test.Desk, BulkAction.Delete, Of(test, KeptFilter.Quarantined));
            await KeptBack.DieAsync(test, at, after: true, desk => desk.ReviewBulk.RunAsync(test.Tenant, bulk.Id, Cancel));
            await TestDesk.DrainAsync(test.Desk, Cancel);
            BulkDecision end = (await test.Desk.ReviewBulk.FindAsync(test.Tenant, bulk.Id, Cancel))!;
            Assert.Equal(BulkState.Done, end.State);
            Assert.Empty(await KeptBack.ListedAsync(test, test.Desk, Cancel));
            List<JournalLine> lines = await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel);
            Assert.All(lines, line => Assert.Equal(OutcomeReason.DeletedByPerson, line.Reason));
            foreach (JournalLine line in lines) Assert.Null(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
        }

        async Task<int> RequestsAsync()
        {
            TestDesk whole = await new TestDesk(storage).OpenAsync(Cancel);
            await KeptBack.FillAsync(whole, 3, Cancel);
            BulkDecision bulk = await BeginAsync(whole, whole.Desk, BulkAction.Delete, Of(whole, KeptFilter.Quarantined));
            return await KeptBack.DieAsync(whole, int.MaxValue, after: true, desk => desk.ReviewBulk.RunAsync(whole.Tenant, bulk.Id, Cancel));
        }
    }

    [Fact]
    public async Task With_its_end_the_sender_and_the_mails_that_it_meant_are_forgotten()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 3, Cancel);
        BulkDecision done = await BeginAsync(test, test.Desk, BulkAction.Delete, Of(test, new KeptFilter { Sender = "other-relay.example" }));
        BulkDecision stopped = await BeginAsync(test, test.Desk, BulkAction.Delete, new BulkScope { Inboxes = [test.Mailbox.Id.Value], Named = [ReviewBulk.NameOf(new KeptRef(test.Mailbox.Id, all[1].MessageKey))] });
        Assert.Equal("other-relay.example", (await test.Desk.ReviewBulk.FindAsync(test.Tenant, done.Id, Cancel))!.Scope.Filter.Sender);
        await test.Desk.ReviewBulk.StopAsync(test.Tenant, stopped.Id, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        foreach ((string id, BulkState state) in new[] { (done.Id, BulkState.Done), (stopped.Id, BulkState.Stopped) })
        {
            BulkDecision end = (await test.NewProcess().ReviewBulk.FindAsync(test.Tenant, id, Cancel))!;
            Assert.Equal((state, "", 0, test.Mailbox.Id.Value), (end.State, end.Scope.Filter.Sender, end.Scope.Named.Count, Assert.Single(end.Scope.Inboxes)));
        }
    }

    [Fact]
    public async Task Who_lost_the_right_decides_nothing_any_more()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await KeptBack.FillAsync(test, 2, Cancel);
        NewToken asked = new() { Name = "reviewer", Permissions = [Permission.ReviewMail], Life = TimeSpan.FromHours(1) };
        Caller kept = (await test.Desk.Tokens.FindAsync(await test.Desk.Tokens.CreateAsync(test.Tenant, asked, Cancel), null, Cancel))!;
        Caller revoked = (await test.Desk.Tokens.FindAsync(await test.Desk.Tokens.CreateAsync(test.Tenant, asked, Cancel), null, Cancel))!;
        Caller other = (await test.Desk.Tokens.FindAsync(await test.Desk.Tokens.CreateAsync(test.Tenant, asked with { Permissions = [Permission.ReadTickets] }, Cancel), null, Cancel))!;
        Person left = (await test.Desk.People.AddAsync(test.Tenant, new Identity(Guid.NewGuid(), Guid.NewGuid()), "Ann", "ann@acme.example", [new Grant(Role.Owner, null)], Cancel)).Person!;
        Person second = (await test.Desk.People.AddAsync(test.Tenant, new Identity(Guid.NewGuid(), Guid.NewGuid()), "Bob", "bob@acme.example", [new Grant(Role.Owner, null)], Cancel)).Person!;
        Assert.Equal(BulkState.Done, await RunAsync(AuditActor.Of(Caller.Of(test.Tenant, left)), "nobody.example"));
        Assert.Equal(PeopleChange.Done, await test.Desk.People.DisableAsync(test.Tenant, left.Id, Cancel));
        Assert.True(await test.Desk.Tokens.RevokeAsync(test.Tenant, revoked.Id, Cancel));
        foreach (AuditActor gone in new[] { AuditActor.Of(Caller.Of(test.Tenant, left)), AuditActor.Of(revoked), AuditActor.Of(other) }) Assert.Equal(BulkState.Stopped, await RunAsync(gone, ""));
        AuditEntry told = (await test.Desk.Audit.EntriesAsync(test.Tenant, (await test.Desk.Audit.DaysAsync(test.Tenant, Cancel).ToListAsync(Cancel))[0], Cancel).ToListAsync(Cancel)).Last();
        Assert.Equal((AuditAction.QuarantineDeleted, "bulk-not-allowed", 0L), (told.Event.Action, told.Event.Code, told.Event.Count));
        Assert.Equal(2, (await KeptBack.ListedAsync(test, test.Desk, Cancel)).Count);
        Assert.Equal(BulkState.Done, await RunAsync(AuditActor.Of(kept), "other-relay.example"));
        Assert.Equal(BulkState.Done, await RunAsync(AuditActor.Of(Caller.Of(test.Tenant, second)), ""));
        Assert.Empty(await KeptBack.ListedAsync(test, test.Desk, Cancel));

        async Task<BulkState> RunAsync(AuditActor by, string sender)
        {
            BulkDecision bulk = await test.Desk.ReviewBulk.BeginAsync(test.Tenant, test.Desk.ReviewBulk.New(BulkAction.Delete, Of(test, new KeptFilter { Sender = sender }), by), Cancel);
            await TestDesk.DrainAsync(test.Desk, Cancel);
            return (await test.Desk.ReviewBulk.FindAsync(test.Tenant, bulk.Id, Cancel))!.State;
        }
    }

    [Fact]
    public async Task Its_end_is_told_before_it_is_written_so_that_no_crash_leaves_it_untold()
    {
        TestDesk whole = await new TestDesk(storage).OpenAsync(Cancel);
        await KeptBack.FillAsync(whole, 1, Cancel);
        BulkDecision first = await BeginAsync(whole, whole.Desk, BulkAction.Delete, Of(whole, KeptFilter.Quarantined));
        int requests = await KeptBack.DieAsync(whole, int.MaxValue, after: true, desk => desk.ReviewBulk.RunAsync(whole.Tenant, first.Id, Cancel));
        for (int at = requests - 8; at < requests; at++)
        {
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            await KeptBack.FillAsync(test, 1, Cancel);
            BulkDecision bulk = await BeginAsync(test, test.Desk, BulkAction.Delete, Of(test, KeptFilter.Quarantined));
            await KeptBack.DieAsync(test, at, after: true, desk => desk.ReviewBulk.RunAsync(test.Tenant, bulk.Id, Cancel));
            await TestDesk.DrainAsync(test.Desk, Cancel);
            Assert.Equal(BulkState.Done, (await test.Desk.ReviewBulk.FindAsync(test.Tenant, bulk.Id, Cancel))!.State);
            List<AuditEntry> told = [];
            await foreach (string day in test.Desk.Audit.DaysAsync(test.Tenant, Cancel)) told.AddRange(await test.Desk.Audit.EntriesAsync(test.Tenant, day, Cancel).ToListAsync(Cancel));
            Assert.Contains(told, entry => entry.Event.Code == "bulk-done" && entry.Event.Subject == bulk.Id);
        }
    }

    [Fact]
    public async Task One_that_stands_still_is_queued_again_and_one_that_is_stopped_stays_so()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await KeptBack.FillAsync(test, 2, Cancel);
        BulkDecision bulk = await BeginAsync(test, test.Desk, BulkAction.Delete, Of(test, KeptFilter.Quarantined));
        await test.EmptyQueuesAsync(Cancel);
        LaterClock clock = new() { Ahead = TimeSpan.FromMinutes(20) };
        Assert.Equal(0, await test.Desk.ReviewBulk.KeepAsync(test.Tenant, Cancel));
        Assert.Equal(1, await test.NewProcess(time: clock).ReviewBulk.KeepAsync(test.Tenant, Cancel));
        Assert.Equal(BulkState.Stopped, (await test.Desk.ReviewBulk.StopAsync(test.Tenant, bulk.Id, Cancel))!.State);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Assert.Equal(2, (await KeptBack.ListedAsync(test, test.Desk, Cancel)).Count);
        clock.Ahead = TimeSpan.FromDays(100);
        Assert.Equal(0, await test.NewProcess(time: clock).ReviewBulk.KeepAsync(test.Tenant, Cancel));
        Assert.Null(await test.Desk.ReviewBulk.FindAsync(test.Tenant, bulk.Id, Cancel));
    }
}
