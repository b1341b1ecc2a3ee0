using Ingest.Core.Store;
using Xunit;
using static Ingest.Core.Store.TableTransactionActionType;

namespace Ingest.Core.Tests.Store;

[Collection(nameof(StorageCollection))]
public sealed class OperationCounterTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_is_one_and_a_transaction_is_one()
    {
        TableClient table = await storage.NewTableAsync();
        using OperationCounter count = OperationCounter.Start();
        await table.AddEntityAsync(new TableEntity("p", "a"), Cancel);
        await table.UpsertEntityAsync(new TableEntity("p", "a"), cancel: Cancel);
        await table.GetEntityIfExistsAsync("p", "a", cancel: Cancel);
        await table.GetEntityIfExistsAsync("p", "none", cancel: Cancel);
        await table.SubmitTransactionAsync([.. Enumerable.Range(0, 50).Select(i => new TableTransactionAction(Add, new TableEntity("p", $"r{i}")))], Cancel);
        Assert.Equal((5, 0, 0, 0), (count.Tables, count.Queues, count.BlobReads, count.BlobWrites));
        await table.QueryAsync(TableFilter.All, maxPerPage: 20, cancel: Cancel).ToListAsync(Cancel);
        Assert.Equal(8, count.Tables);
    }

    [Fact]
    public async Task Scopes_nest_end_and_follow_parallel_work()
    {
        TableClient table = await storage.NewTableAsync();
        OperationCounter inner;
        using OperationCounter outer = OperationCounter.Start();
        using (inner = OperationCounter.Start())
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => table.UpsertEntityAsync(new TableEntity("p", $"r{i}"), cancel: Cancel), Cancel)));
            Assert.Equal((8, 8), (inner.Tables, outer.Tables));
        }
        await table.GetEntityIfExistsAsync("p", "r0", cancel: Cancel);
        Assert.Equal((8, 9), (inner.Tables, outer.Tables));
    }

    [Fact]
    public async Task Two_flows_do_not_count_into_each_other()
    {
        TableClient table = await storage.NewTableAsync();
        int[] counts = await Task.WhenAll(Enumerable.Range(1, 3).Select(CountAsync));
        Assert.Equal([1, 2, 3], counts);

        async Task<int> CountAsync(int calls)
        {
            using OperationCounter count = OperationCounter.Start();
            for (int i = 0; i < calls; i++)
                await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel);
            return count.Tables;
        }
    }
}
