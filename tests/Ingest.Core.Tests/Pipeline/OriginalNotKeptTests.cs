using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Store;
using Ingest.Core.Tests.Retention;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>A mailbox that keeps no originals: none is left once its mail has ended, wherever the process ends in between.</summary>
[Collection(nameof(StorageCollection))]
public sealed class OriginalNotKeptTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly RedactionPolicy NoOriginals = RedactionPolicy.Default with { Original = OriginalMail.NotKept };

    // The header field is in no ticket: only the original holds it.
    private static byte[] Ann(string id = "a1@customer.example", string extra = "X-Only: canary-in-the-original\r\n") => Mails.From("ann@customer.example", "Printer is on fire", id, extra: extra);

    private static async Task<bool> IsThereAsync(TestDesk test, string messageKey) => await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, messageKey, Cancel) is not null;

    [Fact]
    public async Task The_original_of_a_ticket_is_gone_with_its_ticket_and_the_journal_says_so()
    {
        TestDesk test = await OpenAsync();
        JournalLine line = await test.TakeInAsync(Ann(), Cancel);
        Assert.Equal(OutcomeKind.Ticketed, line.Outcome);
        Assert.True(line.IsOriginalNotKept);
        Assert.False(await IsThereAsync(test, line.MessageKey));
        Assert.Contains("Its original was not kept: the mailbox's redaction says that none is.", Explanation.Of(line));
        Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("canary-in-the-original"));
        Fate fate = (await test.Desk.Retention.ExplainMailAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!;
        Assert.Equal((FateKind.Gone, "Its original was not kept: the mailbox's redaction says that none is."), (fate.Kind, fate.Reasons[0]));
    }

    [Fact]
    public async Task A_mailbox_that_keeps_originals_keeps_them()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Ann(), Cancel);
        Assert.False(line.IsOriginalNotKept);
        Assert.True(await IsThereAsync(test, line.MessageKey));
        Assert.NotEmpty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("canary-in-the-original"));
    }

    [Fact]
    public async Task A_duplicate_is_a_duplicate_and_its_original_is_gone_too()
    {
        TestDesk test = await OpenAsync();
        JournalLine first = await test.TakeInAsync(Ann(), Cancel), second = await test.TakeInAsync(Ann(extra: "X-Trace: another way\r\n"), Cancel);
        Assert.Equal((OutcomeKind.Duplicate, first.TicketId, first.MessageKey), (second.Outcome, second.TicketId, second.Owner));
        Assert.False(await IsThereAsync(test, second.MessageKey));

        // Originals are kept again from now on: that of one more duplicate would tell what was not to be kept.
        test.Redaction = RedactionPolicy.Default;
        JournalLine third = await test.TakeInAsync(Ann(extra: "X-Trace: a third way\r\n"), Cancel);
        Assert.Equal((OutcomeKind.Duplicate, true), (third.Outcome, third.IsOriginalNotKept));
        Assert.False(await IsThereAsync(test, third.MessageKey));
    }

    [Fact]
    public async Task The_original_of_a_duplicate_waits_for_the_end_of_the_first_and_is_kept_when_that_is_parked()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource([Ann(), Ann(extra: "X-Trace: another way\r\n")]), "w", Cancel);
        Work[] work = [.. (await test.Desk.IngestQueue.ReceiveAsync(2, TimeSpan.FromMinutes(5), Cancel)).Select(message => Work.FromJson(message.Body!.Value.Span)!)];
        // The first is decided, and its process ended before its line.
        await test.Desk.IngestMail.RunAsync(work[0], Cancel);
        await test.Desk.Storage.Tables.GetTableClient(TableNames.Journal).DeleteEntityAsync($"{test.Tenant}.{test.Mailbox.Id}.{work[0].MessageKey[0]}", work[0].MessageKey, cancel: Cancel);

        test.Redaction = NoOriginals;
        Assert.Equal("ticket-in-flight", (await Assert.ThrowsAsync<NotNowException>(() => test.NewProcess().IngestMail.RunAsync(work[1], Cancel))).ReasonCode);
        Assert.True(await IsThereAsync(test, work[1].MessageKey));
        await test.NewProcess().IngestMail.ParkAsync(work[0], OutcomeReason.Crashed, Cancel);
        Assert.Equal(OutcomeKind.Duplicate, (await test.NewProcess().IngestMail.RunAsync(work[1], Cancel)).Kind);
        Assert.True(await IsThereAsync(test, work[1].MessageKey));
        Assert.False((await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, work[1].MessageKey, Cancel))!.IsOriginalNotKept);
    }

    [Fact]
    public async Task Work_that_is_delivered_again_after_the_end_of_the_original_ends_as_before()
    {
        TestDesk test = await OpenAsync();
        JournalLine line = await test.TakeInAsync(Ann(), Cancel);
        string before = await test.EndStateAsync(Cancel);
        Work again = new() { TenantText = test.Tenant.Tenant.Value, InboxText = test.Mailbox.Id.Value, Pack = line.Pack, MessageKey = line.MessageKey, Offset = line.Offset, Length = line.Length };
        Outcome end = await test.NewProcess().IngestMail.RunAsync(again, Cancel);
        Assert.Equal((OutcomeKind.Ticketed, line.TicketId), (end.Kind, end.TicketId));
        Assert.Equal(OutcomeKind.Ticketed, (await test.NewProcess().IngestMail.ParkAsync(again, OutcomeReason.Crashed, Cancel)).Kind);
        Assert.Equal(before, await test.EndStateAsync(Cancel));
    }

    [Fact]
    public async Task Mail_that_is_listed_again_changes_nothing()
    {
        TestDesk test = await OpenAsync();
        IReadOnlyList<byte[]> box = [Ann(), Mails.From("ann@customer.example", "Re: Printer is on fire", "a2@customer.example", "a1@customer.example")];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(box), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        string before = await test.EndStateAsync(Cancel);
        await TestDesk.SyncAsync(test.NewProcess(), test.Tenant, test.Mailbox.Id, () => new ListSource(box) { FromTheStart = true }, "w", Cancel);
        await TestDesk.DrainAsync(test.NewProcess(), Cancel);
        Assert.Equal(before, await test.EndStateAsync(Cancel));
        await foreach (JournalLine line in test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel)) Assert.False(await IsThereAsync(test, line.MessageKey));
    }

    [Fact]
    public async Task A_crash_after_any_request_of_the_intake_leaves_a_ticket_and_no_original()
    {
        int requests = int.MaxValue;
        for (int at = 0; at < requests; at++)
        {
            TestDesk test = await OpenAsync();
            CrashingTransport transport = new(at, after: true);
            Desk doomed = test.NewProcess(transport);
            await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource([Ann()]), "w", Cancel);
            QueuedMessage message = Assert.Single(await test.Desk.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel));
            Work work = Work.FromJson(message.Body!.Value.Span)!;
            await CrashingTransport.LiveAsync(() => doomed.IngestMail.RunAsync(work, Cancel));
            if (transport.Requests <= at) requests = at;
            Outcome end = await test.NewProcess().IngestMail.RunAsync(work, Cancel);
            Assert.Equal(OutcomeKind.Ticketed, end.Kind);
            Assert.False(await IsThereAsync(test, work.MessageKey), $"The original is there after a crash at request {at}.");
            Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("canary-in-the-original"));
        }

        Assert.True(requests is > 8 and < 60, $"{requests}");
    }

    [Fact]
    public async Task A_crash_whose_work_never_comes_again_is_finished_by_housekeeping()
    {
        int left = 0;
        for (int at = 0; at < 60; at++)
        {
            TestDesk test = await OpenAsync();
            CrashingTransport transport = new(at, after: true, writesOnly: true);
            await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource([Ann()]), "w", Cancel);
            QueuedMessage message = Assert.Single(await test.Desk.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel));
            Work work = Work.FromJson(message.Body!.Value.Span)!;
            await CrashingTransport.LiveAsync(() => test.NewProcess(transport).IngestMail.RunAsync(work, Cancel));
            await test.EmptyQueuesAsync(Cancel);
            bool crashed = transport.Requests > at;
            if (await test.NewProcess().Journal.FindAsync(test.Tenant, test.Mailbox.Id, work.MessageKey, Cancel) is { } line)
            {
                if (await IsThereAsync(test, work.MessageKey)) left++;
                FakeClock clock = new();
                clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(20));
                await test.NewProcess(time: clock).KeepHouse.RunAsync(sweep: false, Cancel);
                Assert.False(await IsThereAsync(test, work.MessageKey));
                Assert.Equal(OutcomeKind.Ticketed, line.Outcome);
            }

            if (!crashed) break;
        }

        Assert.True(left > 0, "No crash left an original: the test looked at nothing.");
    }

    [Fact]
    public async Task Kept_back_mail_keeps_its_original_until_it_is_let_in_deleted_or_expired()
    {
        TestDesk test = await OpenAsync();
        JournalLine letIn = await KeepBackAsync(test, "let-in"), deleted = await KeepBackAsync(test, "deleted");
        Assert.True(await IsThereAsync(test, letIn.MessageKey));
        Assert.False(letIn.IsOriginalNotKept);
        Assert.NotNull(await test.Desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, letIn.MessageKey, Cancel));

        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, letIn.MessageKey, AuditActor.Command, Cancel));
        await TestDesk.DrainAsync(test.Desk, Cancel);
        JournalLine line = (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, letIn.MessageKey, Cancel))!;
        Assert.Equal((OutcomeKind.Ticketed, true), (line.Outcome, line.IsOriginalNotKept));
        Assert.False(await IsThereAsync(test, letIn.MessageKey));
        Assert.Equal(ReviewEnd.LetInBefore, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, letIn.MessageKey, AuditActor.Command, Cancel));

        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, deleted.MessageKey, Cancel));
        Assert.False(await IsThereAsync(test, deleted.MessageKey));
    }

    [Fact]
    public async Task A_crash_while_kept_back_mail_is_let_in_leaves_no_original()
    {
        int left = 0;
        for (int at = 0; at < 60; at++)
        {
            TestDesk test = await OpenAsync();
            JournalLine kept = await KeepBackAsync(test, "let-in");
            await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel);
            QueuedMessage message = Assert.Single(await test.Desk.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel));
            CrashingTransport transport = new(at, after: true, writesOnly: true);
            await CrashingTransport.LiveAsync(() => test.NewProcess(transport).IngestMail.RunAsync(Work.FromJson(message.Body!.Value.Span)!, Cancel));
            // The work is lost, and what is kept back is looked at.
            await test.EmptyQueuesAsync(Cancel);
            if ((await test.NewProcess().Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Outcome == OutcomeKind.Ticketed)
            {
                if (await IsThereAsync(test, kept.MessageKey)) left++;
                Assert.Empty(await test.NewProcess().ReviewList.ListAsync(test.Tenant, test.Mailbox.Id, OutcomeKind.Quarantined, 10, Cancel));
                Assert.False(await IsThereAsync(test, kept.MessageKey), $"After a crash at write {at}.");
            }

            if (transport.Requests <= at) break;
        }

        Assert.True(left > 0, "No crash left an original: the test looked at nothing.");
    }

    [Fact]
    public async Task What_is_done_with_originals_goes_on_without_one()
    {
        TestDesk test = await OpenAsync();
        JournalLine line = await test.TakeInAsync(Ann(), Cancel);
        // A lesson is taken from what the ticket holds.
        Assert.Equal(TeachEnd.Learned, await test.Desk.TeachSpam.MarkAsync(test.Tenant, line.TicketId, line.MessageKey, LessonVerdict.Spam, AuditActor.Command, Cancel));
        // Retention finds nothing to do, and the pack without an original goes when its time is over.
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromDays(40));
        RetentionReport report = await test.NewProcess(time: clock).Retention.RunAsync(test.Tenant, test.Mailbox.Id, dryRun: false, 100, Cancel);
        Assert.Equal((0, 1), (report.Originals, report.Packs));
        // The person's file is whole, and says it.
        Ticket ticket = (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!;
        using MemoryStream zip = new();
        Assert.Equal(1, (await test.Desk.PersonExport.WriteAsync(test.Tenant, new PersonWish(ticket.Document!.Requester, WithNotes: false), zip, Cancel))!.Value.Messages);
        // Erasing the ticket counts no original.
        ErasureEnd end = await test.Desk.Eraser.TicketAsync(test.Tenant, line.TicketId, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Done, 0L), (end.Outcome, Receipt.Check(end.Erasure!.Receipt!, await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(end.Erasure.Receipt!), Cancel)).Body!.Counts["originals"]));
    }

    [Fact]
    public async Task A_backup_of_keys_from_before_does_not_bring_an_original_back()
    {
        TestDesk test = await OpenAsync();
        JournalLine kept = await KeepBackAsync(test, "let-in");
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, AuditActor.Command, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Assert.False(await IsThereAsync(test, kept.MessageKey));
        await test.Desk.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Raw, kept.MessageKey, test.Mailbox.Id), Cancel);
        KeysRestore restore = (await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value;
        Assert.True(restore.KeptErased >= 1);
        Assert.False(await IsThereAsync(test, kept.MessageKey));
    }

    [Fact]
    public async Task A_backup_of_keys_from_before_does_not_bring_back_what_a_person_threw_away()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine deleted = await KeepBackAsync(test, "deleted"), kept = await KeepBackAsync(test, "kept");
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, deleted.MessageKey, Cancel));
        // The table of keys is lost, and the emptied row with it.
        foreach (JournalLine line in new[] { deleted, kept }) await test.Desk.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Raw, line.MessageKey, test.Mailbox.Id), Cancel);
        await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel);
        Assert.False(await IsThereAsync(test, deleted.MessageKey));
        Assert.True(await IsThereAsync(test, kept.MessageKey));
    }

    [Theory]
    [InlineData(ErasureKind.Tenant)]
    [InlineData(ErasureKind.Mailbox)]
    [InlineData(ErasureKind.Ticket)]
    [InlineData(ErasureKind.Contact)]
    public async Task A_legal_hold_keeps_the_original_that_a_mailbox_does_not_keep(ErasureKind kind)
    {
        TestDesk test = await OpenAsync();
        JournalLine before = await test.TakeInAsync(Ann(), Cancel);
        string requester = (await test.Desk.Tickets.FindAsync(test.Tenant, before.TicketId, Cancel))!.Document!.Requester;
        string target = kind switch { ErasureKind.Tenant => test.Tenant.ToString(), ErasureKind.Mailbox => test.Mailbox.Id.Value, ErasureKind.Ticket => before.TicketId, ErasureKind.Contact => requester };
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, kind, target, "Case 7.", AuditActor.Command, Cancel);
        JournalLine held = await test.TakeInAsync(Mails.From("ann@customer.example", "Re: Printer is on fire", "a2@customer.example", "a1@customer.example"), Cancel);
        Assert.Equal((before.TicketId, false), (held.TicketId, held.IsOriginalNotKept));
        Assert.True(await IsThereAsync(test, held.MessageKey));

        await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        JournalLine after = await test.TakeInAsync(Mails.From("ann@customer.example", "Re: Printer is on fire", "a3@customer.example", "a1@customer.example"), Cancel);
        Assert.False(await IsThereAsync(test, after.MessageKey));
    }

    private static Task<JournalLine> KeepBackAsync(TestDesk test, string id) => test.TakeInAsync(KeptBack.Bounce("MAILER-DAEMON@relay.example", "Undelivered: " + id, id + "@relay.example"), Cancel);

    private async Task<TestDesk> OpenAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        test.Redaction = NoOriginals;
        return test;
    }
}
