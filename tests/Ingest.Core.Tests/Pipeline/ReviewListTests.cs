using System.Text;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Retention;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Kept-back mail in lists: every one once, page by page, filtered, and right after a crash.</summary>
[Collection(nameof(StorageCollection))]
public sealed class ReviewListTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_follow_on_one_another_and_hold_each_mail_once_newest_first()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 8, Cancel);
        Assert.Equal(all.OrderByDescending(l => l.Received), all);
        Assert.Equal(8, all.Count);
        List<string> seen = [];
        string? after = null;
        do
        {
            KeptPart part = await test.Desk.ReviewList.PageAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, 3, after, Cancel);
            seen.AddRange(part.Mails.Select(m => m.Line.MessageKey));
            after = part.Next;
            Assert.True(after is null || KeptIndex.IsPlace(after));
        }
        while (after is not null);
        Assert.Equal(all.Select(l => l.MessageKey), seen);
    }

    [Fact]
    public async Task A_filter_by_sender_domain_reason_and_age_lets_through_what_it_says()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 7, Cancel);
        async Task<int> CountAsync(KeptFilter filter) => (await test.Desk.ReviewList.PageAsync(test.Tenant, [test.Mailbox.Id], filter, 100, null, Cancel)).Mails.Count;

        Assert.Equal(4, await CountAsync(new KeptFilter { Sender = "Mailer-Daemon@RELAY.example" }));
        Assert.Equal(4, await CountAsync(new KeptFilter { Sender = "relay.example" }));
        Assert.Equal(3, await CountAsync(new KeptFilter { Sender = "@other-relay.example" }));
        Assert.Equal(0, await CountAsync(new KeptFilter { Sender = "elay.example" }));
        Assert.Equal(7, await CountAsync(new KeptFilter { Reasons = [OutcomeReason.Spam, OutcomeReason.Backscatter] }));
        Assert.Equal(0, await CountAsync(new KeptFilter { Reasons = [OutcomeReason.Spam] }));
        Assert.Equal(0, await CountAsync(new KeptFilter { Outcome = OutcomeKind.Parked }));
        Assert.Equal(3, await CountAsync(new KeptFilter { ReceivedBefore = all[4].Received }));
        Assert.Equal(2, await CountAsync(new KeptFilter { ReceivedBefore = all[3].Received, Sender = "other-relay.example" }));
        Assert.Equal(0, await CountAsync(new KeptFilter { KeptBefore = all.Min(l => l.At).AddMinutes(-1) }));
        foreach (string bad in new[] { "@", "a b@c.example", "ann@", new string('a', 400) }) Assert.False(new KeptFilter { Sender = bad }.IsUsable);
    }

    [Fact]
    public async Task Words_are_found_in_subjects_and_senders_by_opening_so_many()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await KeptBack.FillAsync(test, 6, Cancel);
        KeptFound found = await test.Desk.ReviewList.SearchAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, "ORDER mailer-daemon 4", 10, null, Cancel);
        Assert.Equal(("Undelivered: order 4", 6, null), (Assert.Single(found.Mails).Mail.Subject, found.Opened, found.Next));
        Assert.Empty((await test.Desk.ReviewList.SearchAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, "order nowhere", 10, null, Cancel)).Mails);

        KeptFound first = await test.Desk.ReviewList.SearchAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, "order", 4, null, Cancel);
        KeptFound rest = await test.Desk.ReviewList.SearchAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, "order", 4, first.Next, Cancel);
        Assert.Equal((4, 2, 6), (first.Mails.Count, rest.Mails.Count, first.Mails.Concat(rest.Mails).Select(m => m.Line.Line.MessageKey).Distinct().Count()));
    }

    [Fact]
    public async Task A_kept_back_mail_costs_one_operation_more_and_a_ticket_none()
    {
        int index = 0;
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        List<byte[]> mails = [Mails.From("ann@customer.example", "Printer", "a1@customer.example")];
        Desk desk = test.NewProcess(new FaultTransport((_, request) =>
        {
            if (request.Uri.ToString().Contains("/quarantine", StringComparison.Ordinal)) index++;
            return Fault.None;
        }));
        await TestDesk.SyncAsync(desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
        await TestDesk.DrainAsync(desk, Cancel);
        Assert.Equal(0, index);
        mails.Add(KeptBack.Bounce("MAILER-DAEMON@relay.example", "Undelivered", "b1@relay.example"));
        await TestDesk.SyncAsync(desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
        await TestDesk.DrainAsync(desk, Cancel);
        Assert.Equal(1, index);
    }

    [Fact]
    public async Task Mail_that_was_kept_back_before_there_was_an_index_is_listed_too()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 3, Cancel);
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Quarantine);
        await foreach (TableEntity row in rows.QueryAsync(TableFilter.PartitionIs($"{test.Tenant}.{test.Mailbox.Id}"), cancel: Cancel)) await rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: Cancel);

        Assert.Equal(all.Select(l => l.MessageKey), await KeptBack.ListedAsync(test, test.NewProcess(), Cancel));
        // What an instance of before writes after that is found when housekeeping looks again.
        await rows.DeleteEntityAsync($"{test.Tenant}.{test.Mailbox.Id}", "q!" + KeptIndex.PlaceOf(all[1].Received, all[1].MessageKey), cancel: Cancel);
        Assert.Equal(2, (await KeptBack.ListedAsync(test, test.NewProcess(), Cancel)).Count);
        LaterClock clock = new() { Ahead = TimeSpan.FromHours(3) };
        await test.NewProcess(time: clock).ReviewWatch.KeepAsync(test.Tenant, test.Mailbox.Id, Cancel);
        Assert.Equal(all.Select(l => l.MessageKey), await KeptBack.ListedAsync(test, test.NewProcess(), Cancel));
    }

    [Fact]
    public async Task An_index_whose_making_was_cut_off_is_made_on_from_there_and_whole()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine model = Assert.Single(await KeptBack.FillAsync(test, 1, Cancel));
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Quarantine);
        await foreach (TableEntity row in rows.QueryAsync(TableFilter.PartitionIs($"{test.Tenant}.{test.Mailbox.Id}"), cancel: Cancel)) await rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: Cancel);
        JournalLine[] quarantined = [.. Enumerable.Range(0, 2 * KeptIndex.ReadAtOnce).Select(i => model with { MessageKey = $"0{i:D25}", Received = model.Received.AddSeconds(-i) })];
        JournalLine[] parked = [.. Enumerable.Range(0, 3).Select(i => model with { MessageKey = $"1{i:D25}", Outcome = OutcomeKind.Parked })];
        int fails = 2;
        List<string?> asked = [];
        Task<IReadOnlyList<JournalLine>> ReadAsync(OutcomeKind outcome, string? after, int count)
        {
            if (fails-- == 0) throw new TimeoutException();
            asked.Add(after);
            return Task.FromResult<IReadOnlyList<JournalLine>>([.. (outcome == OutcomeKind.Parked ? parked : quarantined).Where(line => after is null || string.CompareOrdinal(line.MessageKey, after) > 0).Take(count)]);
        }

        DateTimeOffset now = test.Desk.Time.GetUtcNow();
        await Assert.ThrowsAsync<TimeoutException>(() => new KeptIndex(test.Desk.Storage.Tables).MakeWholeAsync(test.Tenant, test.Mailbox.Id, ReadAsync, now, again: false, Cancel));
        KeptIndex index = new(test.Desk.Storage.Tables);
        await index.MakeWholeAsync(test.Tenant, test.Mailbox.Id, ReadAsync, now, again: false, Cancel);
        Assert.Equal([null, quarantined[KeptIndex.ReadAtOnce - 1].MessageKey, quarantined[^1].MessageKey, null], asked);
        Assert.Equal(quarantined.Length, await index.ReadAsync(test.Tenant, test.Mailbox.Id, KeptFilter.Quarantined, default, null, 1000, Cancel).CountAsync(Cancel));
        Assert.Equal(parked.Length, await index.ReadAsync(test.Tenant, test.Mailbox.Id, new KeptFilter { Outcome = OutcomeKind.Parked }, default, null, 1000, Cancel).CountAsync(Cancel));
        Assert.Null(await rows.GetEntityIfExistsAsync($"{test.Tenant}.{test.Mailbox.Id}", "building", cancel: Cancel));
    }

    [Fact]
    public async Task What_a_crash_left_in_the_index_is_not_shown_and_is_swept()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 2, Cancel);
        KeptIndex index = new(test.Desk.Storage.Tables);
        JournalLine ghost = all[0] with { MessageKey = new string('0', 32) };
        await index.PutAsync(test.Tenant, test.Mailbox.Id, ghost, default, Cancel);
        JournalLine over = all[1] with { Outcome = OutcomeKind.Rejected, Reason = OutcomeReason.DeletedByPerson };
        await test.Desk.Journal.CloseAsync(test.Tenant, test.Mailbox.Id, over, Cancel, staysListed: true);

        Assert.Equal([all[0].MessageKey], await KeptBack.ListedAsync(test, test.Desk, Cancel));
        Assert.Null(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, all[1].MessageKey, Cancel));
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Quarantine);
        Assert.Equal(2, (await rows.QueryAsync(TableFilter.PartitionIs($"{test.Tenant}.{test.Mailbox.Id}").And(TableFilter.RowPrefix("q!")), cancel: Cancel).ToListAsync(Cancel)).Count);
    }

    [Fact]
    public async Task Another_tenants_or_mailboxs_mail_is_in_no_list()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenAsync(Cancel);
        IReadOnlyList<JournalLine> all = await KeptBack.FillAsync(test, 2, Cancel);
        Assert.Empty((await other.Desk.ReviewList.PageAsync(other.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, 10, null, Cancel)).Mails);
        BulkDecision bulk = other.Desk.ReviewBulk.New(BulkAction.Delete, new BulkScope { Inboxes = [test.Mailbox.Id.Value], Named = [ReviewBulk.NameOf(new KeptRef(test.Mailbox.Id, all[0].MessageKey))] }, Ingest.Core.Audit.AuditActor.Command);
        bulk = await other.Desk.ReviewBulk.BeginAsync(other.Tenant, bulk, Cancel);
        Assert.Null(await test.Desk.ReviewBulk.FindAsync(test.Tenant, bulk.Id, Cancel));
        Assert.Equal((0, 1), (await other.Desk.ReviewBulk.RunAsync(other.Tenant, bulk.Id, Cancel)) is { } ended ? (ended.Done, ended.Passed) : default);
        Assert.Equal(2, (await KeptBack.ListedAsync(test, test.Desk, Cancel)).Count);
    }

    [Fact]
    public async Task What_a_reviewer_sees_cannot_be_followed_or_run()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] mail = Encoding.UTF8.GetBytes("From: \"Bank\" <MAILER-DAEMON@relay.example>\r\nReply-To: thief@elsewhere.example\r\nTo: support@acme.example\r\nSubject: Undelivered\r\nMessage-ID: <b9@relay.example>\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/html\r\n\r\n<p>See <a href=\"https://evil.example/login?a=1&amp;b=2\">https://bank.example/</a><img src=\"http://1.2.3.4/open.gif\"><script>alert(1)</script></p>\r\n"
            + "--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=bill.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQ=\r\n--m--\r\n");
        JournalLine line = await test.TakeInAsync(mail, Cancel);
        ReviewedMail seen = (await test.Desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel, seen: true))!;
        Assert.DoesNotContain("https://", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("alert", seen.Text, StringComparison.Ordinal);
        Assert.Contains("hxxps://evil[.]example/login?a=1&b=2", seen.Links);
        Assert.Contains("hxxp://1[.]2[.]3[.]4/open.gif", seen.Links);
        Assert.Equal(("thief@elsewhere.example", new ReviewedFile("bill.pdf", "application/pdf", 5)), (seen.ReplyTo, Assert.Single(seen.Attachments)));
        Assert.NotNull((await test.Desk.ReviewList.PageAsync(test.Tenant, [test.Mailbox.Id], KeptFilter.Quarantined, 1, null, Cancel)).Mails[0].Seen);
    }
}
