using System.Text;
using Azure;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

[Collection(nameof(StorageCollection))]
public sealed class TableContractTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_is_made_once_listed_and_deleted_once()
    {
        string name = StorageFixture.NewName();
        TableServiceClient tables = storage.Account.Tables;
        Assert.True(await tables.CreateTableIfNotExistsAsync(name, Cancel));
        Assert.False(await tables.CreateTableIfNotExistsAsync(name, Cancel));
        Assert.Contains(name, await tables.ListTablesAsync(Cancel).ToListAsync(Cancel));
        Assert.True(await tables.DeleteTableAsync(name, Cancel));
        Assert.False(await tables.DeleteTableAsync(name, Cancel));
        Assert.DoesNotContain(name, await tables.ListTablesAsync(Cancel).ToListAsync(Cancel));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("1abc")]
    [InlineData("a-b-c")]
    [InlineData("x'); drop")]
    public void A_table_name_that_cannot_be_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => storage.Account.Tables.GetTableClient(name));

    [Fact]
    public async Task Every_type_comes_back_as_it_was()
    {
        TableClient table = await storage.NewTableAsync();
        TableEntity row = new("p", "r")
        {
            ["Text"] = "Grüße, 東京 🎫 \"quoted\" 'single' \\ 100% <a&b>\r\n\t\u0001",
            ["Empty"] = "",
            ["DateLike"] = "2026-01-02T03:04:05Z",
            ["Int"] = int.MinValue,
            ["Long"] = long.MaxValue,
            ["SmallLong"] = 5L,
            ["Whole"] = 3.0,
            ["Part"] = 0.1,
            ["Big"] = 1e300,
            ["Nan"] = double.NaN,
            ["Inf"] = double.NegativeInfinity,
            ["Yes"] = true,
            ["No"] = false,
            ["Bytes"] = new byte[] { 0, 255, 62, 63, 251 },
            ["NoBytes"] = Array.Empty<byte>(),
            ["Memory"] = new ReadOnlyMemory<byte>([1, 2, 3]),
            ["Time"] = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.FromHours(5)).AddTicks(1_234_567),
            ["Early"] = new DateTimeOffset(1601, 1, 1, 0, 0, 0, TimeSpan.Zero),
            ["Id"] = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"),
            ["Absent"] = null,
        };
        ETag version = await table.AddEntityAsync(row, Cancel);

        TableEntity found = Assert.IsType<TableEntity>(await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel));
        Assert.Equal(version, found.ETag);
        Assert.NotNull(found.Timestamp);
        Assert.Equal(row.Count, found.Count);
        foreach ((string name, object value) in row)
        {
            Assert.Equal((name, value.GetType()), (name, found[name]?.GetType()));
            Assert.Equal(value, found[name]);
        }
        Assert.Equal(3.0, found.GetDouble("Whole"));
        Assert.Equal(5L, found.GetInt64("SmallLong"));
        Assert.Equal(TimeSpan.Zero, found.GetDateTimeOffset("Time")!.Value.Offset);
        Assert.Null(found.GetString("Absent"));
        Assert.Throws<InvalidOperationException>(() => found.GetString("Int"));
        Assert.Throws<InvalidOperationException>(() => found.GetInt32("SmallLong"));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("O'Brien's ''")]
    [InlineData("100%25 %2F %27")]
    [InlineData("a b+c&d=e;f,g:h@i!j~k*(l)|m$n")]
    [InlineData("naïve 東京 🎫")]
    [InlineData("<x> \"y\" {z} [w] ^`")]
    [InlineData("..")]
    [InlineData("")]
    public async Task Any_allowed_key_finds_its_row_alone_in_queries_and_in_transactions(string key)
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(new TableEntity(key, key) { ["N"] = 1 }, Cancel);
        await table.AddEntityAsync(new TableEntity("other", "other") { ["N"] = 2 }, Cancel);

        Assert.Equal(1, (await table.GetEntityIfExistsAsync(key, key, cancel: Cancel))?.GetInt32("N"));
        TableEntity queried = Assert.Single(await table.QueryAsync(TableFilter.PartitionIs(key).And(TableFilter.RowIs(key)), cancel: Cancel).ToListAsync(Cancel));
        Assert.Equal((key, key), (queried.PartitionKey, queried.RowKey));

        await table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.UpdateMerge, new TableEntity(key, key) { ["N"] = 3 }, queried.ETag),
                new(TableTransactionActionType.Add, new TableEntity(key, key + "x") { ["N"] = 4 }),
            ], Cancel);
        Assert.Equal(3, (await table.GetEntityIfExistsAsync(key, key, cancel: Cancel))?.GetInt32("N"));
        Assert.Equal(4, (await table.GetEntityIfExistsAsync(key, key + "x", cancel: Cancel))?.GetInt32("N"));
        Assert.True(await table.DeleteEntityAsync(key, key, cancel: Cancel));
        Assert.Null(await table.GetEntityIfExistsAsync(key, key, cancel: Cancel));
    }

    [Fact]
    public async Task An_insert_of_taken_keys_is_refused_and_changes_nothing()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("canary-p", "canary-r") { ["A"] = "first" }, Cancel);
        RequestFailedException e = await Assert.ThrowsAsync<RequestFailedException>(
            () => table.AddEntityAsync(new TableEntity("canary-p", "canary-r") { ["A"] = "canary-v" }, Cancel));
        Assert.Equal((409, TableErrorCode.EntityAlreadyExists), (e.Status, e.ErrorCode));
        Assert.DoesNotContain("canary", e.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("first", (await table.GetEntityIfExistsAsync("canary-p", "canary-r", cancel: Cancel))?.GetString("A"));
    }

    [Fact]
    public async Task Merge_keeps_and_replace_removes_what_is_not_named()
    {
        TableClient table = await storage.NewTableAsync();
        await table.UpsertEntityAsync(new TableEntity("p", "r") { ["A"] = 1, ["B"] = 1 }, TableUpdateMode.Merge, Cancel);
        ETag merged = await table.UpsertEntityAsync(new TableEntity("p", "r") { ["B"] = 2, ["C"] = 2 }, TableUpdateMode.Merge, Cancel);
        TableEntity row = (await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel))!;
        Assert.Equal((1, 2, 2), (row.GetInt32("A"), row.GetInt32("B"), row.GetInt32("C")));
        Assert.Equal(merged, row.ETag);

        ETag replaced = await table.UpdateEntityAsync(new TableEntity("p", "r") { ["C"] = 3 }, merged, TableUpdateMode.Replace, Cancel);
        row = (await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel))!;
        Assert.Equal((null, null, 3), (row.GetInt32("A"), row.GetInt32("B"), row.GetInt32("C")));
        Assert.Equal(replaced, row.ETag);
        Assert.NotEqual(merged, replaced);
    }

    [Fact]
    public async Task A_stale_version_neither_updates_nor_deletes()
    {
        TableClient table = await storage.NewTableAsync();
        ETag old = await table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1 }, Cancel);
        ETag current = await table.UpdateEntityAsync(new TableEntity("p", "r") { ["A"] = 2 }, old, cancel: Cancel);

        foreach (TableUpdateMode mode in new[] { TableUpdateMode.Merge, TableUpdateMode.Replace })
        {
            RequestFailedException update = await Assert.ThrowsAsync<RequestFailedException>(
                () => table.UpdateEntityAsync(new TableEntity("p", "r") { ["A"] = 9 }, old, mode, Cancel));
            Assert.Equal((412, TableErrorCode.UpdateConditionNotSatisfied), (update.Status, update.ErrorCode));
        }
        RequestFailedException delete = await Assert.ThrowsAsync<RequestFailedException>(() => table.DeleteEntityAsync("p", "r", old, Cancel));
        Assert.Equal(412, delete.Status);
        Assert.Equal(2, (await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel))?.GetInt32("A"));

        await table.UpdateEntityAsync(new TableEntity("p", "r") { ["A"] = 3 }, ETag.All, cancel: Cancel);
        RequestFailedException again = await Assert.ThrowsAsync<RequestFailedException>(() => table.DeleteEntityAsync("p", "r", current, Cancel));
        Assert.Equal(412, again.Status);
        Assert.True(await table.DeleteEntityAsync("p", "r", cancel: Cancel));
        Assert.False(await table.DeleteEntityAsync("p", "r", cancel: Cancel));
    }

    [Fact]
    public async Task An_update_of_a_row_that_is_not_there_is_refused()
    {
        TableClient table = await storage.NewTableAsync();
        RequestFailedException e = await Assert.ThrowsAsync<RequestFailedException>(
            () => table.UpdateEntityAsync(new TableEntity("p", "r") { ["A"] = 1 }, ETag.All, cancel: Cancel));
        Assert.Equal(404, e.Status);
        await Assert.ThrowsAsync<ArgumentException>(() => table.UpdateEntityAsync(new TableEntity("p", "r"), default, cancel: Cancel));
    }

    [Fact]
    public async Task Select_reads_the_keys_and_what_is_asked()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1, ["B"] = 2L }, Cancel);
        TableEntity one = (await table.GetEntityIfExistsAsync("p", "r", ["B"], Cancel))!;
        TableEntity many = Assert.Single(await table.QueryAsync(TableFilter.All, select: ["B"], cancel: Cancel).ToListAsync(Cancel));
        foreach (TableEntity row in new[] { one, many })
            Assert.Equal(("p", "r", (int?)null, (long?)2), (row.PartitionKey, row.RowKey, row.GetInt32("A"), row.GetInt64("B")));
        Assert.NotEqual(default, many.ETag);
    }

    [Fact]
    public async Task A_missing_table_is_a_fault_and_not_a_missing_row()
    {
        TableClient table = storage.Account.Tables.GetTableClient(StorageFixture.NewName());
        RequestFailedException query = await Assert.ThrowsAsync<RequestFailedException>(
            async () => await table.QueryAsync(TableFilter.All, cancel: Cancel).ToListAsync(Cancel));
        RequestFailedException insert = await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(new TableEntity("p", "r"), Cancel));
        Assert.Equal((404, TableErrorCode.TableNotFound), (query.Status, query.ErrorCode));
        Assert.Equal((404, TableErrorCode.TableNotFound), (insert.Status, insert.ErrorCode));
    }

    [Fact]
    public async Task The_largest_property_the_service_takes_is_stored()
    {
        TableClient table = await storage.NewTableAsync();
        string text = new('é', 32 * 1024);
        byte[] bytes = Encoding.UTF8.GetBytes(new string('x', 64 * 1024));
        await table.AddEntityAsync(new TableEntity("p", "r") { ["Text"] = text, ["Bytes"] = bytes }, Cancel);
        TableEntity row = (await table.GetEntityIfExistsAsync("p", "r", cancel: Cancel))!;
        Assert.Equal(text, row.GetString("Text"));
        Assert.Equal(bytes, row.GetBinary("Bytes"));
    }
}
