using Ingest.Core.Store;
using Xunit;
using static Ingest.Core.Store.TableTransactionActionType;

namespace Ingest.Core.Tests.Store;

[Collection(nameof(StorageCollection))]
public sealed class TableQueryTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifteen_hundred_rows_come_in_order_over_several_pages()
    {
        TableClient table = await storage.NewTableAsync();
        for (int batch = 0; batch < 15; batch++)
        {
            await table.SubmitTransactionAsync(
                [.. Enumerable.Range(batch * 100, 100).Select(i => new TableTransactionAction(Add, new TableEntity("p", $"r{i:D5}") { ["N"] = i }))], Cancel);
        }
        List<TablePage> pages = await table.QueryPagesAsync(TableFilter.PartitionIs("p"), cancel: Cancel).ToListAsync(Cancel);
        Assert.True(pages.Count >= 2);
        Assert.Equal(Enumerable.Range(0, 1500), pages.SelectMany(p => p.Values).Select(r => r.GetInt32("N")!.Value));

        List<int?> some = await table.QueryAsync(TableFilter.Where("N", TableComparison.AtLeast, 1495), cancel: Cancel).Select(r => r.GetInt32("N")).ToListAsync(Cancel);
        Assert.Equal([1495, 1496, 1497, 1498, 1499], some);

        TablePage first = await table.QueryPagesAsync(TableFilter.PartitionIs("p"), maxPerPage: 7, cancel: Cancel).FirstAsync(Cancel);
        Assert.Equal(7, first.Values.Count);
        Assert.Matches("^[A-Za-z0-9._-]+$", first.ContinuationToken);
        TablePage second = await table.QueryPagesAsync(TableFilter.PartitionIs("p"), 7, continuationToken: first.ContinuationToken, cancel: Cancel).FirstAsync(Cancel);
        Assert.Equal(Enumerable.Range(7, 7), second.Values.Select(r => r.GetInt32("N")!.Value));
    }

    [Fact]
    public async Task A_token_never_widens_the_filter()
    {
        TableClient table = await storage.NewTableAsync();
        foreach (string partition in new[] { "a", "b" })
        {
            for (int i = 0; i < 4; i++)
                await table.AddEntityAsync(new TableEntity(partition, $"r{i}"), Cancel);
        }
        TablePage foreign = await table.QueryPagesAsync(TableFilter.PartitionIs("b"), 2, cancel: Cancel).FirstAsync(Cancel);
        List<TablePage> pages = await table.QueryPagesAsync(TableFilter.PartitionIs("a"), 2, continuationToken: foreign.ContinuationToken, cancel: Cancel).ToListAsync(Cancel);
        Assert.All(pages.SelectMany(p => p.Values), row => Assert.Equal("a", row.PartitionKey));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData(".x")]
    [InlineData("a&$filter=true")]
    [InlineData("!!.??")]
    public async Task A_token_that_is_not_ours_is_a_format_error(string token)
    {
        TableClient table = storage.Account.Tables.GetTableClient("any");
        await Assert.ThrowsAsync<FormatException>(
            async () => await table.QueryPagesAsync(TableFilter.All, continuationToken: token, cancel: Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Ranges_and_prefixes_take_exactly_what_they_say()
    {
        TableClient table = await storage.NewTableAsync();
        string[] keys = ["m", "m!", "m!1", "m!2", "m!~", "m\"", "n", "o!1"];
        foreach (string key in keys)
        {
            await table.AddEntityAsync(new TableEntity("t1.x", key), Cancel);
            await table.AddEntityAsync(new TableEntity("t1.y", key), Cancel);
            await table.AddEntityAsync(new TableEntity("t2.x", key), Cancel);
        }
        TableFilter inT1x = TableFilter.PartitionIs("t1.x");
        Assert.Equal(["m!", "m!1", "m!2", "m!~"], await Rows(inT1x.And(TableFilter.RowPrefix("m!"))));
        Assert.Equal(["m!1", "m!2"], await Rows(inT1x.And(TableFilter.RowBetween("m!1", "m!~"))));
        Assert.Equal(["n", "o!1"], await Rows(inT1x.And(TableFilter.RowAfter("m\""))));
        Assert.Equal(["m", "n"], await Rows(inT1x.And(TableFilter.RowIs("m").Or(TableFilter.RowIs("n")))));
        Assert.Equal(16, (await Rows(TableFilter.PartitionPrefix("t1."))).Count);
        Assert.Equal(24, (await Rows(TableFilter.All.Or(TableFilter.RowIs("m")))).Count);

        async Task<List<string>> Rows(TableFilter filter) =>
            await table.QueryAsync(filter, cancel: Cancel).Select(r => r.RowKey).ToListAsync(Cancel);
    }

    [Fact]
    public async Task Every_type_can_be_compared()
    {
        TableClient table = await storage.NewTableAsync();
        DateTimeOffset time = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(7);
        Guid id = Guid.NewGuid();
        await table.AddEntityAsync(new TableEntity("p", "r")
        {
            ["Text"] = "it's", ["Int"] = -5, ["Long"] = 1L << 40, ["Double"] = 2.0, ["Yes"] = true, ["Time"] = time, ["Id"] = id, ["Bytes"] = new byte[] { 10, 255 },
        }, Cancel);
        (string Name, object Value)[] same =
            [("Text", "it's"), ("Int", -5), ("Long", 1L << 40), ("Double", 2.0), ("Yes", true), ("Time", time), ("Id", id), ("Bytes", new byte[] { 10, 255 })];
        foreach ((string name, object value) in same)
        {
            Assert.True(await Matches(TableFilter.Where(name, TableComparison.Equal, value)), name);
            Assert.False(await Matches(TableFilter.Where(name, TableComparison.NotEqual, value)), name);
        }
        // The emulator orders times by the millisecond, the service by the tick.
        Assert.True(await Matches(TableFilter.Where("Time", TableComparison.Below, time.AddMilliseconds(1))));
        Assert.False(await Matches(TableFilter.Where("Time", TableComparison.Above, time)));
        Assert.True(await Matches(TableFilter.Where("Long", TableComparison.AtMost, 1L << 40)));

        async Task<bool> Matches(TableFilter filter) => await table.QueryAsync(filter, cancel: Cancel).AnyAsync(Cancel);
    }

    [Theory]
    [InlineData("a' or PartitionKey ne 'a")]
    [InlineData("' or '1' eq '1")]
    [InlineData("a'' or true or PartitionKey eq ''")]
    [InlineData("a') or (PartitionKey ne '")]
    [InlineData("a%27 or PartitionKey ne %27")]
    [InlineData("a&$filter=PartitionKey ne 'a'")]
    [InlineData("a'#")]
    [InlineData("a\\' or 1 eq 1 --")]
    public async Task No_text_from_outside_changes_a_filter(string text)
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("a", "secret") { ["Text"] = "a" }, Cancel);
        await table.AddEntityAsync(new TableEntity("b", "secret") { ["Text"] = "b" }, Cancel);
        TableFilter[] filters =
        [
            TableFilter.PartitionIs(text), TableFilter.RowIs(text), TableFilter.RowPrefix(text), TableFilter.PartitionPrefix(text),
            TableFilter.Where("Text", TableComparison.Equal, text), TableFilter.PartitionIs("a").And(TableFilter.RowIs(text)),
        ];
        foreach (TableFilter filter in filters)
            Assert.Empty(await table.QueryAsync(filter, cancel: Cancel).ToListAsync(Cancel));
        await table.AddEntityAsync(new TableEntity("a", "hit") { ["Text"] = text }, Cancel);
        Assert.Single(await table.QueryAsync(TableFilter.Where("Text", TableComparison.Equal, text), cancel: Cancel).ToListAsync(Cancel));
    }

    [Theory]
    [InlineData("A eq 1 or B")]
    [InlineData("")]
    [InlineData("A'")]
    public void A_property_name_cannot_carry_a_filter(string name) =>
        Assert.Throws<ArgumentException>(() => TableFilter.Where(name, TableComparison.Equal, 1));
}
