using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

public sealed class TableEntityTests
{
    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\tb")]
    [InlineData("a\u0085b")]
    [InlineData("a\0")]
    public void A_key_that_cannot_be_stored_is_refused_without_being_repeated(string key)
    {
        ArgumentException partition = Assert.Throws<ArgumentException>(() => new TableEntity(key, "r"));
        ArgumentException row = Assert.Throws<ArgumentException>(() => new TableEntity("p", key));
        Assert.DoesNotContain(key, partition.Message + row.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new TableEntity("p", "a\ud800"));
        Assert.Throws<ArgumentException>(() => new TableEntity("p", "r") { ["A"] = "\udc00b" });
    }

    [Fact]
    public void Lengths_are_held_to_the_last_unit()
    {
        TableEntity row = new(new string('p', 512), new string('r', 512)) { ["Text"] = new string('x', 32 * 1024), ["Bytes"] = new byte[64 * 1024] };
        Assert.Throws<ArgumentException>(() => new TableEntity("p", new string('r', 513)));
        Assert.Throws<ArgumentException>(() => row["Text"] = new string('x', 32 * 1024 + 1));
        Assert.Throws<ArgumentException>(() => row["Bytes"] = new byte[64 * 1024 + 1]);
        Assert.Throws<ArgumentException>(() => row["Bytes"] = new ReadOnlyMemory<byte>(new byte[64 * 1024 + 1]));
        Assert.Throws<ArgumentException>(() => row["Time"] = new DateTimeOffset(1600, 12, 31, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void A_row_that_is_too_wide_or_too_large_is_refused()
    {
        TableEntity wide = new("p", "r");
        for (int i = 0; i < 252; i++)
            wide["P" + i] = i;
        TableRules.CheckEntity(wide);
        wide["Last"] = 1;
        Assert.Throws<ArgumentException>(() => TableRules.CheckEntity(wide));

        TableEntity large = new("p", "r");
        for (int i = 0; i < 15; i++)
            large["P" + i] = new byte[64 * 1024];
        TableRules.CheckEntity(large);
        large["Last"] = new byte[64 * 1024];
        Assert.Throws<ArgumentException>(() => TableRules.CheckEntity(large));
    }

    [Theory]
    [InlineData("1A")]
    [InlineData("A-B")]
    [InlineData("A.B")]
    [InlineData("A B")]
    [InlineData("")]
    [InlineData("é")]
    [InlineData("PartitionKey")]
    [InlineData("RowKey")]
    [InlineData("Timestamp")]
    public void A_property_name_that_cannot_be_stored_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new TableEntity("p", "r") { [name] = 1 });

    [Fact]
    public void A_type_the_service_has_not_is_refused()
    {
        TableEntity row = new("p", "r");
        object[] values = [1.5m, 1u, 'x', TimeSpan.Zero, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), DayOfWeek.Friday, new int[1], 1.5f];
        foreach (object value in values)
            Assert.Throws<ArgumentException>(() => row["A"] = value);
        Assert.Equal(0, row.Count);
    }

    [Fact]
    public void Null_removes_and_add_refuses_a_second_value()
    {
        TableEntity row = new("p", "r") { { "A", 1 }, { "B", null } };
        Assert.Equal(["A"], row.Keys);
        Assert.Throws<ArgumentException>(() => row.Add("A", 2));
        row["A"] = null;
        Assert.Equal(0, row.Count);
    }
}
