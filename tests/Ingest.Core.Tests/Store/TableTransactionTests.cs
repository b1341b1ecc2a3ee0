using Azure;
using Ingest.Core.Store;
using Xunit;
using static Ingest.Core.Store.TableTransactionActionType;

namespace Ingest.Core.Tests.Store;

[Collection(nameof(StorageCollection))]
public sealed class TableTransactionTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_action_works_and_returns_its_version()
    {
        TableClient table = await storage.NewTableAsync();
        ETag[] before = [.. await table.SubmitTransactionAsync(
            [.. Enumerable.Range(0, 4).Select(i => new TableTransactionAction(Add, Row($"r{i}", ("A", 1), ("B", 1))))], Cancel)];
        Assert.All(before, version => Assert.NotEqual(default, version));

        IReadOnlyList<ETag> after = await table.SubmitTransactionAsync(
            [
                new(UpdateMerge, Row("r0", ("A", 2)), before[0]),
                new(UpdateReplace, Row("r1", ("A", 2)), before[1]),
                new(UpsertMerge, Row("r2", ("A", 2))),
                new(Delete, Row("r3"), before[3]),
                new(UpsertReplace, Row("r4", ("A", 2))),
                new(Add, Row("r5", ("Text", "\r\n--changeset_x--\r\nHTTP/1.1 500 no\r\n 東京"))),
            ], Cancel);

        List<TableEntity> rows = await table.QueryAsync(TableFilter.PartitionIs("p"), cancel: Cancel).ToListAsync(Cancel);
        Assert.Equal(["r0", "r1", "r2", "r4", "r5"], rows.Select(r => r.RowKey));
        Assert.Equal([1, null, 1, null, null], rows.Select(r => r.GetInt32("B")));
        Assert.Equal("\r\n--changeset_x--\r\nHTTP/1.1 500 no\r\n 東京", rows[4].GetString("Text"));
        Assert.Equal(rows.Select(r => r.ETag), after.Where(version => version != default));
        Assert.Equal(default, after[3]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_taken_row_undoes_the_whole_and_is_named(int at)
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(Row("canary"), Cancel);
        List<TableTransactionAction> actions = [.. Enumerable.Range(0, 3).Select(i => new TableTransactionAction(Add, Row($"r{i}")))];
        actions.Insert(at, new(Add, Row("canary")));
        TableTransactionFailedException e = await Assert.ThrowsAsync<TableTransactionFailedException>(() => table.SubmitTransactionAsync(actions, Cancel));
        Assert.Equal((409, TableErrorCode.EntityAlreadyExists, (int?)at), (e.Status, e.ErrorCode, e.FailedTransactionActionIndex));
        Assert.DoesNotContain("canary", e.ToString(), StringComparison.Ordinal);
        Assert.Single(await table.QueryAsync(TableFilter.All, cancel: Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_stale_version_undoes_the_whole_and_is_named()
    {
        TableClient table = await storage.NewTableAsync();
        ETag old = await table.AddEntityAsync(Row("lease", ("N", 1)), Cancel);
        await table.UpdateEntityAsync(Row("lease", ("N", 2)), old, cancel: Cancel);
        TableTransactionFailedException e = await Assert.ThrowsAsync<TableTransactionFailedException>(() => table.SubmitTransactionAsync(
            [
                new(UpsertReplace, Row("cursor", ("N", 7))),
                new(UpdateMerge, Row("lease", ("N", 3)), old),
            ], Cancel));
        Assert.Equal((412, TableErrorCode.UpdateConditionNotSatisfied, (int?)1), (e.Status, e.ErrorCode, e.FailedTransactionActionIndex));
        Assert.Null(await table.GetEntityIfExistsAsync("p", "cursor", cancel: Cancel));
        Assert.Equal(2, (await table.GetEntityIfExistsAsync("p", "lease", cancel: Cancel))?.GetInt32("N"));
    }

    [Fact]
    public async Task What_the_service_would_refuse_is_refused_before_it_is_sent()
    {
        TableClient table = await storage.NewTableAsync();
        using OperationCounter count = OperationCounter.Start();
        await Refused([]);
        await Refused([new(Add, new TableEntity("p1", "r")), new(Add, new TableEntity("p2", "r"))]);
        await Refused([new(Add, Row("r")), new(Delete, Row("r"))]);
        await Refused([new(UpdateMerge, Row("r"))]);
        await Refused([.. Enumerable.Range(0, 101).Select(i => new TableTransactionAction(Add, Row($"r{i}")))]);
        byte[] bytes = new byte[64 * 1024];
        await Refused([.. Enumerable.Range(0, 50).Select(i => new TableTransactionAction(Add, Row($"r{i}", ("Bytes", bytes))))]);
        Assert.Equal(0, count.Tables);
        Assert.Empty(await table.QueryAsync(TableFilter.All, cancel: Cancel).ToListAsync(Cancel));

        async Task Refused(TableTransactionAction[] actions) =>
            await Assert.ThrowsAsync<ArgumentException>(() => table.SubmitTransactionAsync(actions, Cancel));
    }

    [Fact]
    public async Task A_hundred_rows_go_in_at_once()
    {
        TableClient table = await storage.NewTableAsync();
        IReadOnlyList<ETag> versions = await table.SubmitTransactionAsync(
            [.. Enumerable.Range(0, 100).Select(i => new TableTransactionAction(Add, Row($"r{i:D3}", ("Bytes", new byte[20_000]))))], Cancel);
        Assert.Equal(100, versions.Count);
        Assert.Equal(100, await table.QueryAsync(TableFilter.All, select: [], cancel: Cancel).CountAsync(Cancel));
    }

    private static TableEntity Row(string key, params (string Name, object Value)[] properties)
    {
        TableEntity row = new("p", key);
        foreach ((string name, object value) in properties)
            row[name] = value;
        return row;
    }
}
