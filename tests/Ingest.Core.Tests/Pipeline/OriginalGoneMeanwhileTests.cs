using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Retention;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Mail whose original's key is gone while its work still waits: erased, lost, or let go by a redaction, which are three ends.</summary>
[Collection(nameof(StorageCollection))]
public sealed class OriginalGoneMeanwhileTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Ann => Mails.From("ann@customer.example", "Printer is on fire", "a1@customer.example", body: "The lostcanary prints flames.\r\n");

    [Fact]
    public async Task Mail_in_flight_waits_while_its_key_is_lost_and_is_taken_in_once_a_backup_brought_it_back()
    {
        (TestDesk test, Work work) = await ListedAsync();
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        await test.Desk.Keys.DiscardAsync(test.Tenant, KeyOf(test, work), Cancel);

        Assert.Equal("raw-key-missing", (await Assert.ThrowsAsync<NotNowException>(() => test.NewProcess().IngestMail.RunAsync(work, Cancel))).ReasonCode);
        Assert.Null(await test.NewProcess().Journal.FindAsync(test.Tenant, test.Mailbox.Id, work.MessageKey, Cancel));
        Assert.True((await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.Restored >= 1);
        Assert.Equal(OutcomeKind.Ticketed, (await test.NewProcess().IngestMail.RunAsync(work, Cancel)).Kind);
    }

    [Fact]
    public async Task Work_that_comes_again_after_the_schedule_let_the_original_go_ends_as_before()
    {
        (TestDesk test, Work work) = await ListedAsync();
        Outcome end = await test.Desk.IngestMail.RunAsync(work, Cancel);
        await test.Desk.Keys.DiscardAsync(test.Tenant, KeyOf(test, work), Cancel);
        Assert.Equal(end, await test.NewProcess().IngestMail.RunAsync(work, Cancel));
    }

    [Fact]
    public async Task Mail_in_flight_whose_key_was_erased_is_turned_away()
    {
        (TestDesk test, Work work) = await ListedAsync();
        await test.Desk.Keys.EraseRawAsync(test.Tenant, test.Mailbox.Id, work.MessageKey, Cancel);
        Outcome end = await test.NewProcess().IngestMail.RunAsync(work, Cancel);
        Assert.Equal((OutcomeKind.Rejected, OutcomeReason.OriginalErased), (end.Kind, end.Reason));
    }

    [Fact]
    public async Task A_redaction_between_the_ticket_and_its_line_leaves_the_mail_ticketed()
    {
        int redacted = 0;
        for (int at = 0; at < 60; at++)
        {
            (TestDesk test, Work work) = await ListedAsync();
            CrashingTransport transport = new(at, after: true, writesOnly: true);
            await CrashingTransport.LiveAsync(() => test.NewProcess(transport).IngestMail.RunAsync(work, Cancel));
            Desk next = test.NewProcess();
            using TenantKeys ids = await next.Keys.ForTenantAsync(test.Tenant, Cancel);
            string ticket = ids.TicketId(work.MessageKey);
            bool between = await next.Journal.FindAsync(test.Tenant, test.Mailbox.Id, work.MessageKey, Cancel) is null
                && await next.Tickets.FindAsync(test.Tenant, ticket, Cancel) is { Document: not null };
            if (between)
            {
                redacted++;
                await next.RedactByHand.RunAsync(test.Tenant, ticket, new(RedactedPart.Text) { Text = "lostcanary" }, AuditActor.Command, "Bea", Cancel);
                Outcome end = await test.NewProcess().IngestMail.RunAsync(work, Cancel);
                Assert.Equal((OutcomeKind.Ticketed, ticket), (end.Kind, end.TicketId));
                JournalLine line = (await test.NewProcess().Journal.FindAsync(test.Tenant, test.Mailbox.Id, work.MessageKey, Cancel))!;
                Assert.Equal((OutcomeKind.Ticketed, true), (line.Outcome, line.IsOriginalNotKept));
                Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("lostcanary"));
            }

            if (transport.Requests <= at) break;
        }

        Assert.True(redacted > 0, "No crash came between the ticket and its line: the test looked at nothing.");
    }

    private static KeyName KeyOf(TestDesk test, Work work) => new(KeyClass.Raw, work.MessageKey, test.Mailbox.Id);

    private async Task<(TestDesk Test, Work Work)> ListedAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource([Ann]), "w", Cancel);
        QueuedMessage message = Assert.Single(await test.Desk.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel));
        return (test, Work.FromJson(message.Body!.Value.Span)!);
    }
}
