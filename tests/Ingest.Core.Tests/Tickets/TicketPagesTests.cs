using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Tickets;

/// <summary>Lists of tickets, whatever somebody did to one of them.</summary>
[Collection(nameof(StorageCollection))]
public sealed class TicketPagesTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ticket_that_somebody_wrote_over_stands_in_the_list_as_damaged_and_in_nobodys_way()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        string whole = (await test.TakeInAsync(Mails.From("ann@customer.example", "One", "a1@customer.example"), Cancel)).TicketId;
        string torn = (await test.TakeInAsync(Mails.From("bob@other.example", "Two", "b1@other.example"), Cancel)).TicketId;
        TableClient tickets = test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        TableEntity row = (await tickets.GetEntityIfExistsAsync(TicketKeys.Partition(test.Tenant, torn), TicketKeys.TicketRow, cancel: Cancel))!;
        byte[] box = row.GetBinary("doc")!;
        box[^1] ^= 1;
        await tickets.UpsertEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["doc"] = box }, TableUpdateMode.Merge, Cancel);
        Desk desk = test.NewProcess();
        List<string> told = [];
        desk.OnDamagedTicket = (tenant, ticket) => told.Add($"{tenant} {ticket}");

        TicketPart part = await desk.TicketPages.ReadAsync(test.Tenant, [test.Mailbox.Id], TicketState.Open, 10, after: null, Cancel);

        Assert.Equal([(torn, true, true), (whole, false, false)], part.Tickets.Select(t => (t.Id, t.IsDamaged, t.Document is null)).OrderByDescending(t => t.IsDamaged));
        Assert.Equal([$"{test.Tenant} {torn}"], told);
        Assert.Equal([whole], (await desk.TicketPages.SearchAsync(test.Tenant, [test.Mailbox.Id], TicketState.Open, "ann@customer.example", after: null, Cancel)).Tickets.Select(t => t.Id));
        await desk.TenantModels.RebuildAsync(test.Tenant, Cancel);
    }
}
