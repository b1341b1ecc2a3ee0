using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>What the ring relies on, held by both twins.</summary>
public abstract class KeyRowsContract
{
    private protected static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract Task<IKeyRows> NewAsync();

    [Fact]
    public async Task A_row_comes_back_as_it_was_written()
    {
        IKeyRows rows = await NewAsync();
        KeyRow data = Row("dek!ticket!t1") with { KeyId = Guid.NewGuid() };
        KeyRow root = Row("trk!000001") with { Proof = new RootProof("kid", "alg", [4, 5], new KeySignature("sig", [6])) };
        Assert.True(await rows.TryInsertAsync([root, data], Cancel));
        foreach (KeyRow row in (KeyRow[])[data, root])
        {
            KeyRow found = (await rows.GetAsync("acme.root", row.Row, Cancel))!;
            Assert.NotNull(found.ETag);
            Assert.Equivalent(row with { ETag = found.ETag }, found, strict: true);
        }

        Assert.Null(await rows.GetAsync("acme.root", "other", Cancel));
        Assert.Equal(["dek!ticket!t1", "trk!000001"], await rows.ListAsync("acme.root", Cancel).Select(row => row.Row).ToListAsync(Cancel));
        Assert.Empty(await rows.ListAsync("acme.roo", Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_tenant_has_its_rows_of_all_partitions_and_no_one_elses()
    {
        IKeyRows rows = await NewAsync();
        foreach (string partition in (string[])["acme.root", "acme.t00", "acme2.root", "acm.root", "acme.r.inbox"])
            await rows.TryInsertAsync([Row("b") with { Partition = partition }, Row("a") with { Partition = partition }], Cancel);
        Assert.Equal(
            ["acme.r.inbox/a", "acme.r.inbox/b", "acme.root/a", "acme.root/b", "acme.t00/a", "acme.t00/b"],
            await rows.ListAsync(TenantId.Parse("acme"), Cancel).Select(row => $"{row.Partition}/{row.Row}").ToListAsync(Cancel));
    }

    [Fact]
    public async Task Partitions_are_found_one_behind_the_other()
    {
        IKeyRows rows = await NewAsync();
        foreach (string partition in (string[])["acme.root", "acme.t00", "acme2.root", "acm.root"]) await rows.TryInsertAsync([Row("b") with { Partition = partition }], Cancel);
        List<string> found = [];
        for (string? at = await rows.NextPartitionAsync("", Cancel); at is not null; at = await rows.NextPartitionAsync(at, Cancel)) found.Add(at);
        Assert.Equal(["acm.root", "acme.root", "acme.t00", "acme2.root"], found);
        Assert.Equal("acme2.root", await rows.NextPartitionAsync("acme/", Cancel));
    }

    [Fact]
    public async Task An_insert_writes_all_or_nothing()
    {
        IKeyRows rows = await NewAsync();
        Assert.True(await rows.TryInsertAsync([Row("b")], Cancel));
        Assert.False(await rows.TryInsertAsync([Row("b") with { Epoch = 9 }], Cancel));
        Assert.False(await rows.TryInsertAsync([Row("a"), Row("b") with { Epoch = 9 }, Row("c")], Cancel));
        KeyRow only = Assert.Single(await rows.ListAsync("acme.root", Cancel).ToListAsync(Cancel));
        Assert.Equal(("b", 1), (only.Row, only.Epoch));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => rows.TryInsertAsync([Row("x"), Row("x")], Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => rows.TryInsertAsync([Row("x"), Row("y") with { Partition = "acme.m" }], Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => rows.TryInsertAsync([], Cancel));
        Assert.True(await rows.TryInsertAsync([.. Enumerable.Range(0, 100).Select(i => Row($"n{i}"))], Cancel));
    }

    [Fact]
    public async Task An_update_replaces_only_the_version_that_was_read()
    {
        IKeyRows rows = await NewAsync();
        await rows.TryInsertAsync([Row("a") with { KeyId = Guid.NewGuid() }], Cancel);
        KeyRow read = (await rows.GetAsync("acme.root", "a", Cancel))!;
        Assert.True(await rows.TryUpdateAsync(read with { Epoch = 2, KeyId = Guid.Empty }, Cancel));
        Assert.False(await rows.TryUpdateAsync(read with { Epoch = 3 }, Cancel));
        Assert.False(await rows.TryUpdateAsync(Row("a"), Cancel));
        KeyRow now = (await rows.GetAsync("acme.root", "a", Cancel))!;
        Assert.Equal((2, Guid.Empty), (now.Epoch, now.KeyId));
        Assert.True(await rows.DeleteAsync("acme.root", "a", Cancel));
        Assert.False(await rows.DeleteAsync("acme.root", "a", Cancel));
        Assert.False(await rows.TryUpdateAsync(now, Cancel));
    }

    private protected static KeyRow Row(string row) => new("acme.root", row, 1, [1, 2, 3], Noon);
}

public sealed class MemoryKeyRowsTests : KeyRowsContract
{
    protected override Task<IKeyRows> NewAsync() => Task.FromResult<IKeyRows>(new MemoryKeyRows());
}

[Collection(nameof(StorageCollection))]
public sealed class TableKeyRowsTests(StorageFixture storage, LocalVaultFolder folder) : KeyRowsContract
{
    private static readonly TenantContext Acme = new(TenantId.Parse("acme"));
    private static readonly InboxId Inbox = InboxId.Parse("support");

    protected override async Task<IKeyRows> NewAsync() => new TableKeyRows(await storage.NewTableAsync());

    [Fact]
    public async Task The_ring_keeps_its_promises_and_its_budget_on_the_emulator()
    {
        TableKeyRows rows = new(await storage.NewTableAsync());
        using KeyRing ring = new(rows, folder.Vault, TimeProvider.System);
        using KeyRing second = new(rows, folder.Vault, TimeProvider.System);
        TenantKeys[] keys = await Task.WhenAll(ring.ForTenantAsync(Acme, Cancel).AsTask(), second.ForTenantAsync(Acme, Cancel).AsTask());
        Assert.Equal(keys[0].MessageKey(Inbox, "1"), keys[1].MessageKey(Inbox, "1"));

        string[] batch = [.. Enumerable.Range(0, 100).Select(i => keys[0].MessageKey(Inbox, $"{i}"))];
        SealContext context = new(Acme.Tenant, KeyClass.Ticket, keys[0].TicketId(batch[0]), "ticket");
        byte[] envelope;
        using (OperationCounter counter = OperationCounter.Start())
        {
            await ring.GetOrCreateRawAsync(Acme, Inbox, batch, Cancel);
            using DataKey ticket = await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, context.Owner, Cancel);
            envelope = Envelope.Seal([1, 2, 3], ticket, context, SegmentLength.Row);
            Assert.Equal(2, counter.Tables);
            using DataKey? raw = await second.FindRawAsync(Acme, Inbox, batch[7], Cancel);
            Assert.Equal(3, counter.Tables);
            Assert.NotNull(raw);
        }

        using DataKey again = await second.GetOrCreateAsync(Acme, KeyClass.Ticket, context.Owner, Cancel);
        Assert.Equal([1, 2, 3], Envelope.Open(envelope, again, context));
        IReadOnlyList<DataKey> repeated = await second.GetOrCreateRawAsync(Acme, Inbox, batch[1..], Cancel);
        Assert.Equal(batch[1..], repeated.Select(key => key.Owner));
    }

    [Fact]
    public async Task A_row_of_other_types_fails_as_a_broken_seal()
    {
        TableClient table = await storage.NewTableAsync();
        TableKeyRows rows = new(table);
        using KeyRing ring = new(rows, folder.Vault, TimeProvider.System);
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
        KeyPlace place = KeyPlace.Data(Acme.Tenant, KeyClass.Ticket, "t1");
        await table.AddEntityAsync(new TableEntity(place.Partition, place.Row) { { "epoch", "1" }, { "wrapped", 5 }, { "keyId", "x" } }, Cancel);
        await Assert.ThrowsAsync<SealBrokenException>(async () => await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel));

        await table.UpdateEntityAsync(new TableEntity("acme.root", "trk!000001") { { "sig", "x" } }, ETag.All, TableUpdateMode.Merge, Cancel);
        using KeyRing fresh = new(rows, folder.Vault, TimeProvider.System);
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await fresh.ForTenantAsync(Acme, Cancel));
    }
}
