using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>The process ends while a person's decision is carried out; two people decide at once.</summary>
[Collection(nameof(StorageCollection))]
public sealed class ReviewCrashTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_release_that_was_cut_off_anywhere_makes_one_ticket()
    {
        int requests = int.MaxValue;
        for (int at = 0; at < requests; at++)
        {
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            JournalLine kept = Assert.Single(await KeptBack.FillAsync(test, 1, Cancel));
            int made = await KeptBack.DieAsync(test, at, after: true, async desk =>
            {
                await desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel);
                await TestDesk.DrainAsync(desk, Cancel);
            });
            // What was in hand comes back; the person presses the button once more.
            await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel);
            await TestDesk.DrainAsync(test.Desk, Cancel);
            JournalLine end = (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!;
            Assert.True(end.Outcome == OutcomeKind.Ticketed, $"After request {at} it ended as {end.Outcome} {end.Reason}.");
            Assert.Equal(1, Assert.Single(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Messages);
            Assert.Empty(await KeptBack.ListedAsync(test, test.NewProcess(), Cancel));
            if (made <= at) requests = at;
        }

        Assert.True(requests > 10);
    }

    [Fact]
    public async Task A_deletion_that_was_cut_off_anywhere_is_finished()
    {
        int requests = int.MaxValue;
        for (int at = 0; at < requests; at++)
            foreach (bool byPerson in new[] { true, false })
            {
                TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
                JournalLine kept = Assert.Single(await KeptBack.FillAsync(test, 1, Cancel));
                int made = await KeptBack.DieAsync(test, at, after: true, desk => desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));
                // By whoever asks again, or by whoever only looks.
                bool begun = (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Reason == OutcomeReason.DeletedByPerson;
                if (byPerson) await test.Desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel);
                Assert.Equal(byPerson || begun ? 0 : 1, (await KeptBack.ListedAsync(test, test.NewProcess(), Cancel)).Count);
                if (byPerson || begun) Assert.Null(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));
                if (made <= at) requests = at;
            }

        Assert.True(requests > 5);
    }

    [Fact]
    public async Task Two_reviewers_at_once_end_as_one_decision()
    {
        for (int i = 0; i < 4; i++)
        {
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            JournalLine kept = Assert.Single(await KeptBack.FillAsync(test, 1, Cancel));
            Desk one = test.NewProcess(), two = test.NewProcess();
            await Task.WhenAll(
                one.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel),
                i % 2 == 0 ? two.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel) : two.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel));
            await TestDesk.DrainAsync(test.Desk, Cancel);
            JournalLine end = (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!;
            int tickets = (await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Count;
            Assert.Equal(end.Outcome == OutcomeKind.Ticketed ? 1 : 0, tickets);
            Assert.True(end.Outcome == OutcomeKind.Ticketed || (i % 2 == 0 && end.Reason == OutcomeReason.DeletedByPerson), $"{end.Outcome} {end.Reason}");
            Assert.Empty(await KeptBack.ListedAsync(test, test.NewProcess(), Cancel));
            Assert.True((await test.Desk.Reconcile.RunAsync(test.Tenant, test.Mailbox.Id, Cancel)).Balance);
        }
    }
}
