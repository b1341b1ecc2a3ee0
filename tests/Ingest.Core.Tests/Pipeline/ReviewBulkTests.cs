using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
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
