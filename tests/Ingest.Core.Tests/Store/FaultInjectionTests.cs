using Azure;
using Ingest.Core.Store;
using Xunit;
using static Ingest.Core.Store.TableTransactionActionType;

namespace Ingest.Core.Tests.Store;

[Collection(nameof(StorageCollection))]
public sealed class FaultInjectionTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Fault.BeforeSend)]
    [InlineData(Fault.Busy)]
    public async Task A_request_that_did_not_arrive_is_sent_again_and_counted_once(Fault fault)
    {
        TableClient table = await storage.NewTableAsync();
        FaultTransport wire = new(fault, fault);
        StorageAccount account = storage.AccountOver(wire);
        using OperationCounter count = OperationCounter.Start();
        await account.Tables.GetTableClient(table.Name).AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1 }, Cancel);
        Assert.Equal((3, 1), (wire.Tries, count.Tables));
        Assert.Equal(1, (await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel))?.GetInt32("A"));
    }

    [Fact]
    public async Task An_insert_whose_reply_is_lost_meets_itself()
    {
        TableClient table = await storage.NewTableAsync();
        TableClient faulty = storage.AccountOver(new FaultTransport(Fault.AfterSend)).Tables.GetTableClient(table.Name);
        RequestFailedException e = await Assert.ThrowsAsync<RequestFailedException>(() => faulty.AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1 }, Cancel));
        Assert.Equal((409, TableErrorCode.EntityAlreadyExists), (e.Status, e.ErrorCode));
        Assert.False(StoreFault.IsTransient(e, Cancel));
        Assert.Equal(1, (await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel))?.GetInt32("A"));
    }

    [Fact]
    public async Task A_conditional_write_whose_reply_is_lost_meets_its_own_version()
    {
        TableClient table = await storage.NewTableAsync();
        ETag old = await table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1 }, Cancel);
        TableClient faulty = storage.AccountOver(new FaultTransport(Fault.AfterSend)).Tables.GetTableClient(table.Name);
        TableTransactionFailedException e = await Assert.ThrowsAsync<TableTransactionFailedException>(
            () => faulty.SubmitTransactionAsync([new(UpdateMerge, new TableEntity("p", "r") { ["A"] = 2 }, old)], Cancel));
        Assert.Equal(412, e.Status);
        Assert.Equal(2, (await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel))?.GetInt32("A"));
    }

    [Fact]
    public async Task Upserts_reads_and_deletes_bear_a_lost_reply()
    {
        TableClient table = await storage.NewTableAsync();
        TableClient faulty = storage.AccountOver(new FaultTransport((index, _) => index % 2 == 0 ? Fault.AfterSend : Fault.None)).Tables.GetTableClient(table.Name);
        await faulty.UpsertEntityAsync(new TableEntity("p", "r") { ["A"] = 1 }, cancel: Cancel);
        Assert.NotNull(await faulty.GetEntityIfExistsAsync("p", "r", cancel: Cancel));
        Assert.Single(await faulty.QueryAsync(TableFilter.PartitionIs("p"), cancel: Cancel).ToListAsync(Cancel));
        Assert.False(await faulty.DeleteEntityAsync("p", "r", cancel: Cancel));
        Assert.Null(await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel));
    }

    [Theory]
    [InlineData(Fault.BeforeSend)]
    [InlineData(Fault.Busy)]
    public async Task A_world_that_stays_away_is_not_now_after_three_tries(Fault fault)
    {
        FaultTransport wire = new((_, _) => fault);
        StorageAccount account = storage.AccountOver(wire);
        BlobStore blobs = new(account);
        Func<Task>[] operations =
        [
            () => account.Tables.GetTableClient("any").AddEntityAsync(new TableEntity("p", "r"), Cancel),
            () => account.Tables.GetTableClient("any").SubmitTransactionAsync([new(Add, new TableEntity("p", "r"))], Cancel),
            () => new WorkQueue(account, "any").SendAsync("{}"u8.ToArray(), cancel: Cancel),
            () => new WorkQueue(account, "any").ReceiveAsync(1, TimeSpan.FromMinutes(1), Cancel),
            () => blobs.PutAsync("any", "a", new byte[1], onlyIfAbsent: true, Cancel),
            () => blobs.ReadRangeAsync("any", "a", 0, 1, Cancel),
        ];
        foreach (Func<Task> operation in operations)
        {
            int before = wire.Tries;
            Exception? e = await Record.ExceptionAsync(operation);
            Assert.True(e is not null && StoreFault.IsTransient(e, Cancel), e?.GetType().Name);
            Assert.Equal(3, wire.Tries - before);
        }
    }

    [Theory]
    [InlineData(Fault.BeforeSend)]
    [InlineData(Fault.AfterSend)]
    [InlineData(Fault.Busy)]
    public async Task Queues_and_blobs_bear_one_fault(Fault fault)
    {
        string name = StorageFixture.NewName();
        await new WorkQueue(storage.Account, name).SendAsync("{}"u8.ToArray(), cancel: Cancel);
        await new BlobStore(storage.Account).CreateContainerIfNotExistsAsync(name, Cancel);

        FaultTransport wire = new((index, _) => index % 2 == 0 ? fault : Fault.None);
        StorageAccount account = storage.AccountOver(wire);
        BlobStore blobs = new(account);
        using OperationCounter count = OperationCounter.Start();
        await new WorkQueue(account, name).SendAsync("{}"u8.ToArray(), cancel: Cancel);
        await blobs.PutAsync(name, "a", new byte[] { 7 }, onlyIfAbsent: false, Cancel);
        Assert.Equal([7], await blobs.ReadRangeAsync(name, "a", 0, 1, Cancel));
        Assert.Equal((6, 1, 1, 1), (wire.Tries, count.Queues, count.BlobWrites, count.BlobReads));
    }

    [Fact]
    public async Task Every_try_is_signed_again()
    {
        List<string> signatures = [];
        FaultTransport wire = new((index, request) =>
        {
            signatures.Add(request.Headers.First(h => h.Name == "Authorization").Value);
            return index == 0 ? Fault.Busy : Fault.None;
        });
        MovingClock clock = new();
        TableClientOptions options = new() { Transport = wire, Time = clock };
        TableServiceClient tables = new(storage.Account.TableEndpoint, new TableSharedKeyCredential("devstoreaccount1", StorageKey()), options);
        Assert.NotNull(await tables.ListTablesAsync(Cancel).ToListAsync(Cancel));
        Assert.Equal(2, signatures.Distinct().Count());
    }

    [Fact]
    public async Task A_service_that_never_answers_is_not_now()
    {
        SilentTransport wire = new();
        TableClientOptions options = new() { Transport = wire };
        Assert.Equal((2, TimeSpan.FromSeconds(10)), (options.Retry.MaxRetries, options.Retry.NetworkTimeout));
        options.Retry.NetworkTimeout = TimeSpan.FromMilliseconds(20);
        TableServiceClient tables = new(storage.Account.TableEndpoint, new TableSharedKeyCredential("devstoreaccount1", StorageKey()), options);
        Exception? e = await Record.ExceptionAsync(() => tables.GetTableClient("any").GetEntityIfExistsAsync("p", "r", cancel: Cancel));
        Assert.True(e is not null && StoreFault.IsTransient(e, Cancel));
        Assert.Equal(3, wire.Tries);
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        using CancellationTokenSource source = new();
        FaultTransport wire = new((_, _) =>
        {
            source.Cancel();
            return Fault.Busy;
        });
        TableClient table = storage.AccountOver(wire).Tables.GetTableClient("any");
        Exception e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => table.GetEntityIfExistsAsync("p", "r", cancel: source.Token));
        Assert.False(StoreFault.IsTransient(e, source.Token));
        Assert.Equal(1, wire.Tries);
    }

    private string StorageKey() => storage.ConnectionString.Split(';').First(p => p.StartsWith("AccountKey=", StringComparison.Ordinal))["AccountKey=".Length..];

    /// <summary>A minute passes whenever it is read; signatures hold seconds.</summary>
    private sealed class MovingClock : TimeProvider
    {
        private int reads;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddMinutes(Interlocked.Increment(ref reads));
    }
}
