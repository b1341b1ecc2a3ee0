using Ingest.Core.Audit;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>A row that none of us wrote, or that was damaged, is told, and stops nobody else's erasures, redactions and schedules.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class ForeignRowTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Ann => Mails.From("ann@customer.example", "Printer is on fire", "a1@customer.example");

    [Theory]
    [InlineData("-unread", "X!1")]
    [InlineData("-unread", "alone")]
    [InlineData("-open", "X!1")]
    [InlineData("-open", "alone")]
    [InlineData("-open", "{tenant}!")]
    [InlineData("-mailbox-redactions", "alone")]
    [InlineData("-mailbox-redactions", "X!Y")]
    [InlineData("-mailbox-redactions", "{tenant}!{inbox}")]
    public async Task A_foreign_row_is_told_and_every_other_promise_is_kept(string partition, string name)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenAsync(Cancel);
        string ticket = (await test.TakeInAsync(Ann, Cancel)).TicketId;
        Assert.Equal(ErasureOutcome.Done, (await test.Desk.Eraser.TicketAsync(test.Tenant, ticket, AuditActor.Command, Cancel)).Outcome);
        MailboxRun run = (await other.Desk.RedactMailbox.RunAsync(other.Tenant, other.Mailbox.Id, AuditActor.Command, Cancel, within: TimeSpan.Zero))!;
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Erasures);
        await rows.UpsertEntityAsync(new TableEntity("-mailbox-redactions", $"{other.Tenant}!{other.Mailbox.Id}") { ["running"] = true }, TableUpdateMode.Merge, Cancel);
        string row = name.Replace("{tenant}", test.Tenant.ToString(), StringComparison.Ordinal).Replace("{inbox}", test.Mailbox.Id.Value, StringComparison.Ordinal);
        await rows.UpsertEntityAsync(new TableEntity(partition, row) { ["kind"] = "Ticket", ["counts"] = "Person" }, TableUpdateMode.Replace, Cancel);
        try
        {
            List<Exception> faults = [];
            for (int i = 1; i <= 2; i++) await test.NewProcess(time: new Ahead(Eraser.SettleAfter * i + TimeSpan.FromMinutes(1))).Promises.GoOnAsync(faults.Add, Cancel);
            Assert.Contains(faults, fault => fault is InvalidDataException && fault.Message.Contains(partition, StringComparison.Ordinal) && !fault.Message.Contains(row, StringComparison.Ordinal));
            Assert.Equal(ErasureState.Settled, (await test.Desk.Erasures.FindAsync(test.Tenant, ErasureKind.Ticket, ticket, Cancel))!.State);
            Assert.False((await other.Desk.RedactMailbox.FindAsync(other.Tenant, other.Mailbox.Id, Cancel))!.Running);
            Assert.Equal(run.Id, (await other.Desk.RedactMailbox.FindAsync(other.Tenant, other.Mailbox.Id, Cancel))!.Id);
            // Nor does it keep anybody from placing a hold.
            Assert.Empty((await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, ticket, "matter 7", AuditActor.Command, Cancel)).UnderWay);
        }
        finally
        {
            await rows.DeleteEntityAsync(partition, row, Azure.ETag.All, Cancel);
        }
    }

    [Theory]
    [InlineData("doc")]
    [InlineData("kind")]
    [InlineData("target")]
    public async Task A_hold_that_cannot_be_read_stands_and_stops_only_what_it_may_cover(string damaged)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        string held = (await test.TakeInAsync(Ann, Cancel)).TicketId, free = (await test.TakeInAsync(Mails.From("bob@other.example", "Another thing", "b1@other.example"), Cancel)).TicketId;
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, held, "matter 7", AuditActor.Command, Cancel);
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Holds);
        await rows.UpsertEntityAsync(new TableEntity(test.Tenant.ToString(), hold.Id) { [damaged] = damaged == "doc" ? new byte[] { 1, 2, 3 } : damaged == "kind" ? "77" : "" }, TableUpdateMode.Merge, Cancel);

        Hold there = Assert.Single(await test.NewProcess().Holds.ListAsync(test.Tenant, Cancel));
        Assert.Equal((hold.Id, damaged == "doc" ? "" : "matter 7", damaged == "doc" ? ErasureKind.Ticket : ErasureKind.Tenant), (there.Id, there.Reason, there.Kind));
        Eraser eraser = test.NewProcess().Eraser;
        Assert.Equal(ErasureOutcome.Held, (await eraser.TicketAsync(test.Tenant, held, AuditActor.Command, Cancel)).Outcome);
        Assert.Equal(damaged == "doc" ? ErasureOutcome.Done : ErasureOutcome.Held, (await eraser.TicketAsync(test.Tenant, free, AuditActor.Command, Cancel)).Outcome);
        Assert.True(await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel));
        Assert.Equal(ErasureOutcome.Done, (await eraser.TicketAsync(test.Tenant, held, AuditActor.Command, Cancel)).Outcome);
    }

    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + by;
    }
}
