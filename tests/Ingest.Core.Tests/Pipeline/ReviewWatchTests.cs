using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Retention;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>What waits too long or is too much is told of, and what expires says so.</summary>
[Collection(nameof(StorageCollection))]
public sealed class ReviewWatchTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_that_nobody_looked_at_raises_an_alarm_by_age_and_before_it_is_deleted()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 2, Cancel);
        LaterClock clock = new();
        Desk desk = test.NewProcess(time: clock);
        Assert.Null(await desk.ReviewWatch.KeepAsync(test.Tenant, test.Mailbox.Id, Cancel));
        clock.Ahead = TimeSpan.FromDays(8);
        KeptWarning old = (await desk.ReviewWatch.KeepAsync(test.Tenant, test.Mailbox.Id, Cancel))!;
        Assert.Equal([KeptAlarm.TooOld], old.Alarms);
        Assert.Equal((2L, 2L, 0L), (old.Counts.Total, old.Counts.Unseen, old.Counts.Soon));
        Assert.Equal([(OutcomeReason.Backscatter, 2L)], old.Counts.Reasons);
        Assert.Equal([KeptAlarm.TooOld], (await test.NewProcess(time: clock).ReviewWatch.LastAsync(test.Tenant, test.Mailbox.Id, Cancel)).Alarms);

        clock.Ahead = TimeSpan.FromDays(28);
        KeptWarning soon = (await desk.ReviewWatch.KeepAsync(test.Tenant, test.Mailbox.Id, Cancel))!;
        Assert.Equal([KeptAlarm.TooOld, KeptAlarm.DeletedSoon], soon.Alarms);
        Assert.InRange((soon.Counts.NextExpiry!.Value - all[0].At).TotalDays, 29.9, 30.1);

        // Looked at, they alarm nobody.
        foreach (JournalLine line in all) Assert.NotNull(await desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel, seen: true));
        Assert.Null(await desk.ReviewWatch.KeepAsync(test.Tenant, test.Mailbox.Id, Cancel));
    }

    [Fact]
    public void Too_many_raise_an_alarm_from_the_policys_number_on_and_none_where_it_says_none()
    {
        KeptCounts counts = new(DateTimeOffset.UnixEpoch, 500, 10, 0, DateTimeOffset.UnixEpoch, 0, null, [(OutcomeReason.Spam, 500)]);
        Assert.Equal([KeptAlarm.TooMany], counts.Alarms(new MailPolicy { AlarmFromCount = 500 }, DateTimeOffset.UnixEpoch));
        Assert.Empty(counts.Alarms(new MailPolicy { AlarmFromCount = 501 }, DateTimeOffset.UnixEpoch));
        Assert.Empty(counts.Alarms(new MailPolicy { AlarmFromCount = 0, AlarmFromDays = 0 }, DateTimeOffset.UnixEpoch.AddYears(1)));
        KeptCounts read = KeptCounts.FromText(counts.ToText())!;
        Assert.Equal((counts.Total, counts.Unseen, counts.NextExpiry), (read.Total, read.Unseen, read.NextExpiry));
        Assert.Equal(counts.Reasons, read.Reasons);
    }

    [Fact]
    public async Task Mail_whose_time_is_over_says_so_and_to_let_it_in_is_answered_clearly()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = Assert.Single(await KeptBack.FillAsync(test, 1, Cancel));
        DateTimeOffset expires = (await test.Desk.ReviewList.PageAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, 1, null, Cancel)).Mails[0].Expires!.Value;
        Desk desk = test.NewProcess(time: new LaterClock { Ahead = TimeSpan.FromDays(31) });
        Assert.True(expires < desk.Time.GetUtcNow());
        await desk.Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel);
        Assert.Equal((OutcomeKind.Rejected, OutcomeReason.ExpiredUnreviewed), (await desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel)) is { } line ? (line.Outcome, line.Reason) : default);
        Assert.Empty(await KeptBack.ListedAsync(test, desk, Cancel));
        Assert.Equal(ReviewEnd.Expired, await desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel));
        Assert.Equal(ReviewEnd.Expired, await desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));
        Assert.Null(await desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));
    }

    [Fact]
    public async Task Parked_mail_whose_time_is_over_says_so_too()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource([Mails.From("ann@customer.example", "Printer", "p1@customer.example")]), "w", Cancel);
        Work work = Work.FromJson((await test.Desk.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel))[0].Body!.Value.Span)!;
        await test.Desk.IngestMail.ParkAsync(work, OutcomeReason.Fault, Cancel);
        await test.EmptyQueuesAsync(Cancel);
        DateTimeOffset expires = (await test.Desk.ReviewList.PageAsync(test.Tenant, [test.Mailbox.Id], new KeptFilter { Outcome = OutcomeKind.Parked }, 1, null, Cancel)).Mails[0].Expires!.Value;
        LaterClock clock = new();
        clock.Ahead = expires.AddDays(1) - clock.GetUtcNow();
        await test.NewProcess(time: clock).Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel);
        Assert.Equal(OutcomeReason.ExpiredUnreviewed, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, work.MessageKey, Cancel))!.Reason);
    }

    [Fact]
    public async Task A_legal_hold_keeps_kept_back_mail_and_lets_it_be_let_in()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = Assert.Single(await KeptBack.FillAsync(test, 1, Cancel));
        await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Mailbox, test.Mailbox.Id.Value, "matter 7", AuditActor.Command, Cancel);
        Assert.Null((await test.Desk.ReviewList.PageAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, 1, null, Cancel)).Mails[0].Expires);
        Assert.Equal(ReviewEnd.Held, await test.Desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel));
        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel));
    }

    [Fact]
    public async Task Who_is_erased_stands_in_no_list_of_kept_back_mail()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await KeptBack.FillAsync(test, 3, Cancel);
        await test.Desk.Eraser.ContactAsync(test.Tenant, "mailer-daemon@relay.example", AuditActor.Command, Cancel);
        JournalLine left = Assert.Single(await test.NewProcess().ReviewList.ListAsync(test.Tenant, test.Mailbox.Id, OutcomeKind.Quarantined, 10, Cancel));
        List<JournalLine> lines = await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel);
        JournalLine gone = lines.First(l => l.MessageKey != left.MessageKey);
        Assert.Equal(OutcomeReason.OriginalErased, gone.Reason);
        Assert.Equal(ReviewEnd.OriginalGone, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, gone.MessageKey, AuditActor.Command, Cancel));
    }

    [Fact]
    public async Task What_is_let_in_stands_where_a_new_ticket_would_and_keeps_when_it_was_received()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = Assert.Single(await KeptBack.FillAsync(test, 1, Cancel));
        DateTimeOffset before = DateTimeOffset.UnixEpoch.AddMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel));
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Ticket ticket = Assert.Single(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
        TicketMessage message = Assert.Single(await test.Desk.Tickets.MessagesAsync(test.Tenant, ticket.Id, Cancel));
        Assert.Equal((kept.Received, kept.Received), (ticket.Created, message.Received));
        Assert.True(ticket.Updated >= before, $"{ticket.Updated:O} {before:O}");
        Assert.Equal(MessageMarks.None, ticket.Flags & MessageMarks.Unsure);
        Assert.Equal(kept.Received, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Received);
    }
}
