using Ingest.Core.Access;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class KeyRingTests(LocalVaultFolder folder) : IDisposable
{
    private static readonly TenantContext Acme = new(TenantId.Parse("acme"));
    private static readonly TenantContext Other = new(TenantId.Parse("other"));
    private static readonly InboxId Inbox = InboxId.Parse("support");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly FakeClock clock = new();
    private readonly MemoryKeyRows rows = new();
    private readonly CountingVault vault = new(folder.Vault);
    private readonly List<KeyRing> rings = [];

    public void Dispose() => rings.ForEach(ring => ring.Dispose());

    [Fact]
    public async Task A_hundred_first_uses_at_once_make_one_root_and_one_key()
    {
        KeyRing ring = Ring();
        DataKey[] keys = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel).AsTask())));

        Assert.Equal((1, 1, 0), (vault.Wraps, vault.Signs, vault.Unwraps));
        Assert.Single(keys.Select(key => key.Id).Distinct());
        AssertSameKey(keys[0], keys[^1]);
    }

    [Fact]
    public async Task A_hundred_readers_at_once_unwrap_once()
    {
        using (TenantKeys made = await Ring().ForTenantAsync(Acme, Cancel))
            Assert.Equal(0, vault.Unwraps);

        KeyRing ring = Ring();
        TaskCompletionSource open = new();
        vault.Gate = open.Task;
        Task<TenantKeys>[] readers = [.. Enumerable.Range(0, 100).Select(_ => Task.Run(() => ring.ForTenantAsync(Acme, Cancel).AsTask()))];
        while (vault.Unwraps == 0)
            await Task.Delay(1, Cancel);
        open.SetResult();
        await Task.WhenAll(readers);
        Assert.Equal((1, 1), (vault.Wraps, vault.Unwraps));
    }

    [Fact]
    public async Task Ten_processes_at_once_agree_on_one_root()
    {
        TenantKeys[] keys = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Ring())
            .Select(ring => Task.Run(() => ring.ForTenantAsync(Acme, Cancel).AsTask())));

        Assert.Single(keys.Select(key => key.MessageKey(Inbox, "1")).Distinct());
        Assert.Single(keys.Select(key => key.BlindIndex("contact.email", "a@example.com")).Distinct());
        Assert.Equal(3, await rows.ListAsync("acme.root", Cancel).CountAsync(Cancel));
        Assert.True(vault.Unwraps <= 9);
    }

    [Fact]
    public async Task A_warm_process_pays_one_operation_for_a_new_key_one_for_a_found_one_and_none_again()
    {
        KeyRing ring = Ring();
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
        (int wraps, int unwraps) = (vault.Wraps, vault.Unwraps);
        (await Ring().GetOrCreateRawAsync(Acme, Inbox, ["m1"], Cancel))[0].Dispose();
        unwraps++;

        await CostsAsync(1, async () => (await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel)).Dispose());
        await CostsAsync(0, async () => (await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel)).Dispose());
        await CostsAsync(0, async () => (await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!.Dispose());
        await CostsAsync(1, async () => (await ring.FindRawAsync(Acme, Inbox, "m1", Cancel))!.Dispose());
        await CostsAsync(0, async () => (await ring.FindRawAsync(Acme, Inbox, "m1", Cancel))!.Dispose());
        await CostsAsync(1, async () => await ring.GetOrCreateRawAsync(Acme, Inbox, [.. Enumerable.Range(0, 100).Select(i => $"n{i}")], Cancel));
        Assert.Equal((wraps, unwraps), (vault.Wraps, vault.Unwraps));
    }

    [Fact]
    public async Task Raw_keys_of_a_repeated_batch_are_reused_and_only_the_absent_are_made()
    {
        IReadOnlyList<DataKey> first = await Ring().GetOrCreateRawAsync(Acme, Inbox, ["a", "b", "c"], Cancel);
        IReadOnlyList<DataKey> second = await Ring().GetOrCreateRawAsync(Acme, Inbox, ["d", "c", "a", "e", "a"], Cancel);

        Assert.Equal(["d", "c", "a", "e", "a"], second.Select(key => key.Owner));
        AssertSameKey(first[0], second[2]);
        AssertSameKey(first[0], second[4]);
        AssertSameKey(first[2], second[1]);
        Assert.Equal(5, await rows.ListAsync("acme.r.support", Cancel).CountAsync(Cancel));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await Ring().GetOrCreateRawAsync(Acme, Inbox, [.. Enumerable.Range(0, 101).Select(i => $"n{i}")], Cancel));
        Assert.Empty(await Ring().GetOrCreateRawAsync(Acme, Inbox, [], Cancel));
    }

    [Fact]
    public async Task Overlapping_batches_at_once_agree_on_every_key()
    {
        string[] messages = [.. Enumerable.Range(0, 40).Select(i => $"m{i}")];
        IReadOnlyList<DataKey>[] all = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(i => Task.Run(() => Ring().GetOrCreateRawAsync(Acme, Inbox, messages[(i * 3)..(i * 3 + 15)], Cancel).AsTask())));
        foreach (IGrouping<string, DataKey> same in all.SelectMany(keys => keys).GroupBy(key => key.Owner))
            Assert.Single(same.Select(key => key.Id).Distinct());
    }

    [Theory]
    [InlineData(KeyClass.Ticket, "acme.t")]
    [InlineData(KeyClass.Contact, "acme.c")]
    [InlineData(KeyClass.Credential, "acme.m")]
    [InlineData(KeyClass.Tenant, "acme.o")]
    public async Task Another_process_finds_the_same_key_where_it_should_lie(KeyClass keyClass, string partition)
    {
        DataKey made = await Ring().GetOrCreateAsync(Acme, keyClass, "owner1", Cancel);
        DataKey? found = await Ring().FindAsync(Acme, keyClass, "owner1", Cancel);
        DataKey again = await Ring().GetOrCreateAsync(Acme, keyClass, "owner1", Cancel);
        AssertSameKey(made, found!);
        AssertSameKey(made, again);
        Assert.Equal((Acme.Tenant, keyClass, "owner1"), (found!.Tenant, found.Class, found.Owner));
        Assert.StartsWith(partition, KeyPlace.Data(Acme.Tenant, keyClass, "owner1").Partition, StringComparison.Ordinal);
        Assert.Null(await Ring().FindAsync(Other, keyClass, "owner1", Cancel));
    }

    [Fact]
    public async Task Credentials_hang_from_a_root_of_their_own()
    {
        await Ring().GetOrCreateAsync(Acme, KeyClass.Credential, "support", Cancel);
        Assert.Equal(["crk!000001"], await rows.ListAsync("acme.root", Cancel).Select(row => row.Row).ToListAsync(Cancel));

        await Ring().GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        List<KeyRow> roots = await rows.ListAsync("acme.root", Cancel).ToListAsync(Cancel);
        Assert.Equal(["crk!000001", "idk", "ixk!000001", "trk!000001"], roots.Select(row => row.Row));
        Assert.Contains("kek-credential", roots[0].Proof!.Kid, StringComparison.Ordinal);
        Assert.Contains("kek-data", roots[3].Proof!.Kid, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erased_key_is_gone_and_no_other_is_ever_made_in_its_place()
    {
        KeyRing ring = Ring();
        DataKey before = await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        SealContext context = new(Acme.Tenant, KeyClass.Ticket, "t1", "ticket");
        byte[] envelope = Envelope.Seal([1, 2, 3], before, context, SegmentLength.Row);

        Assert.True(await ring.EraseAsync(Acme, KeyClass.Ticket, "t1", Cancel));
        Assert.False(await ring.EraseAsync(Acme, KeyClass.Ticket, "t1", Cancel));
        Assert.Null(await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel));
        // Who still works with it is not torn away, and never works with zeroes.
        Assert.Equal([1, 2, 3], Envelope.Open(envelope, before, context));

        await Assert.ThrowsAsync<KeyErasedException>(async () => await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel));
        await Assert.ThrowsAsync<KeyErasedException>(async () => await Ring().GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel));
        Assert.True(await ring.IsErasedAsync(Acme, new KeyName(KeyClass.Ticket, "t1"), Cancel));
        Assert.True(await ring.DiscardAsync(Acme, new KeyName(KeyClass.Ticket, "t1"), Cancel));
        DataKey after = await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        Assert.Throws<SealBrokenException>(() => Envelope.Open(envelope, after, context));

        await ring.GetOrCreateRawAsync(Acme, Inbox, ["m1"], Cancel);
        Assert.True(await ring.EraseRawAsync(Acme, Inbox, "m1", Cancel));
        Assert.Null(await ring.FindRawAsync(Acme, Inbox, "m1", Cancel));
        KeyErasedException erased = await Assert.ThrowsAsync<KeyErasedException>(async () => await ring.GetOrCreateRawAsync(Acme, Inbox, ["m0", "m1", "m2"], Cancel));
        Assert.Equal(["m1"], erased.Owners);
    }

    [Theory]
    [InlineData(KeyUse.MostMessages, 10)]
    [InlineData(16, KeyUse.MostBytes / 16)]
    public async Task A_data_key_is_read_again_when_its_copy_has_sealed_as_much_as_one_may(long messages, long bytes)
    {
        KeyRing ring = Ring();
        using DataKey key = await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        // The last is a true one: that is what counts; the others are only told.
        for (long i = 1; i < messages; i++) key.Sealed(bytes);
        using (DataKey again = (await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!)
        {
            await CostsAsync(0, async () => (await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!.Dispose());
            Envelope.Seal(new byte[Math.Min(bytes, 1 << 20)], again, new SealContext(Acme.Tenant, KeyClass.Ticket, "t1", "doc"), SegmentLength.Row);
            again.Sealed(bytes);
        }

        await CostsAsync(1, async () => (await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!.Dispose());
        // Another copy has its own count; who holds the first goes on with it.
        await CostsAsync(0, async () => (await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!.Dispose());
        key.Read(new byte[32]);
    }

    [Fact]
    public async Task What_is_sealed_counts_at_once_and_as_a_stream()
    {
        using DataKey key = await Ring().GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        SealContext context = new(Acme.Tenant, KeyClass.Ticket, "t1", "doc");
        byte[] plain = new byte[64 << 20];
        for (int i = 0; i < 15; i++) Envelope.Seal(plain, key, context, SegmentLength.Blob);
        Assert.False(key.IsSpent);
        await Envelope.SealAsync(new MemoryStream(plain), Stream.Null, key, context, SegmentLength.Blob, Cancel);
        Assert.True(key.IsSpent);
    }

    [Fact]
    public async Task A_data_key_is_read_again_after_ten_minutes()
    {
        KeyRing ring = Ring();
        (await ring.GetOrCreateAsync(Acme, KeyClass.Tenant, "policy", Cancel)).Dispose();
        clock.Advance(TimeSpan.FromMinutes(9.9));
        await CostsAsync(0, async () => (await ring.FindAsync(Acme, KeyClass.Tenant, "policy", Cancel))!.Dispose());
        clock.Advance(TimeSpan.FromMinutes(0.1));
        await CostsAsync(1, async () => (await ring.FindAsync(Acme, KeyClass.Tenant, "policy", Cancel))!.Dispose());
    }

    [Fact]
    public async Task What_one_process_erases_another_reads_with_for_sixty_seconds_at_most()
    {
        KeyRing here = Ring(), there = Ring();
        (await here.GetOrCreateRawAsync(Acme, Inbox, ["m1"], Cancel))[0].Dispose();
        foreach (KeyClass keyClass in new[] { KeyClass.Ticket, KeyClass.Contact }) (await here.GetOrCreateAsync(Acme, keyClass, "o1", Cancel)).Dispose();
        (await there.FindRawAsync(Acme, Inbox, "m1", Cancel))!.Dispose();
        foreach (KeyClass keyClass in new[] { KeyClass.Ticket, KeyClass.Contact }) (await there.FindAsync(Acme, keyClass, "o1", Cancel))!.Dispose();
        await here.EraseRawAsync(Acme, Inbox, "m1", Cancel);
        foreach (KeyClass keyClass in new[] { KeyClass.Ticket, KeyClass.Contact }) await here.EraseAsync(Acme, keyClass, "o1", Cancel);

        clock.Advance(TimeSpan.FromSeconds(59));
        await CostsAsync(0, async () => (await there.FindRawAsync(Acme, Inbox, "m1", Cancel))!.Dispose());
        clock.Advance(TimeSpan.FromSeconds(1));
        await CostsAsync(1, async () => Assert.Null(await there.FindRawAsync(Acme, Inbox, "m1", Cancel)));
        foreach (KeyClass keyClass in new[] { KeyClass.Ticket, KeyClass.Contact }) await CostsAsync(1, async () => Assert.Null(await there.FindAsync(Acme, keyClass, "o1", Cancel)));
        // That it is destroyed is remembered as long.
        await CostsAsync(0, async () => Assert.Equal((null, true), await there.LookRawAsync(Acme, Inbox, "m1", Cancel)));
        clock.Advance(TimeSpan.FromSeconds(60));
        await CostsAsync(1, async () => Assert.Null(await there.FindRawAsync(Acme, Inbox, "m1", Cancel)));
    }

    [Fact]
    public async Task A_key_that_still_lives_is_held_on_after_it_was_looked_for_again()
    {
        KeyRing here = Ring(), there = Ring();
        (await here.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel)).Dispose();
        (await there.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!.Dispose();
        clock.Advance(TimeSpan.FromSeconds(60));
        await CostsAsync(1, async () => (await there.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!.Dispose());
        clock.Advance(TimeSpan.FromSeconds(59));
        await CostsAsync(0, async () => (await there.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!.Dispose());
    }

    [Fact]
    public async Task A_root_is_unwrapped_again_after_an_hour_of_use_or_a_quarter_of_idleness()
    {
        KeyRing ring = Ring();
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
        for (int minute = 0; minute < 59; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
        }

        Assert.Equal(0, vault.Unwraps);
        clock.Advance(TimeSpan.FromMinutes(1));
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
        Assert.Equal(1, vault.Unwraps);

        clock.Advance(TimeSpan.FromMinutes(15));
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
        Assert.Equal(2, vault.Unwraps);
    }

    [Fact]
    public async Task What_is_dropped_is_zeroed_once_nobody_works_with_it()
    {
        KeyRing ring = Ring();
        DataKey borrowed = await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        DataKey returned = await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t2", Cancel);
        returned.Dispose();
        clock.Advance(TimeSpan.FromMinutes(11));

        byte[] key = new byte[32];
        borrowed.Read(key);
        Assert.Throws<ObjectDisposedException>(() => returned.Secret.Read(0, key));
        borrowed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => borrowed.Secret.Read(0, key));
    }

    [Fact]
    public async Task A_failing_vault_fails_the_call_and_not_the_next_one()
    {
        (await Ring().ForTenantAsync(Acme, Cancel)).Dispose();
        KeyRing ring = Ring();
        vault.Failure = new IOException("no answer");
        await Assert.ThrowsAsync<IOException>(async () => await ring.ForTenantAsync(Acme, Cancel));
        vault.Failure = null;
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
    }

    [Fact]
    public async Task A_silent_vault_ends_in_a_timeout_and_one_callers_cancellation_ends_only_that_call()
    {
        (await Ring().ForTenantAsync(Acme, Cancel)).Dispose();
        KeyRing ring = Ring();
        vault.Gate = new TaskCompletionSource().Task;
        using CancellationTokenSource impatient = new();
        Task<TenantKeys> first = ring.ForTenantAsync(Acme, impatient.Token).AsTask();
        Task<TenantKeys> second = ring.ForTenantAsync(Acme, Cancel).AsTask();
        while (vault.Unwraps == 0)
            await Task.Delay(1, Cancel);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAsync<TimeoutException>(() => second);
        Assert.Equal(1, vault.Unwraps);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a!b")]
    [InlineData("a b")]
    [InlineData("ü")]
    public async Task An_owner_that_no_row_key_can_hold_is_refused(string owner) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await Ring().GetOrCreateAsync(Acme, KeyClass.Ticket, owner, Cancel));

    [Fact]
    public async Task A_call_without_a_tenant_or_for_a_raw_key_without_an_inbox_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Ring().GetOrCreateAsync(default, KeyClass.Ticket, "t1", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Ring().GetOrCreateAsync(Acme, KeyClass.Raw, "m1", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Ring().FindRawAsync(Acme, default, "m1", Cancel));
        Assert.Equal(0, rows.Operations);
    }

    private KeyRing Ring()
    {
        KeyRing ring = new(rows, vault, clock);
        lock (rings)
            rings.Add(ring);
        return ring;
    }

    private async Task CostsAsync(int operations, Func<Task> act)
    {
        int before = rows.Operations;
        await act();
        Assert.Equal(operations, rows.Operations - before);
    }

    private static void AssertSameKey(DataKey one, DataKey two)
    {
        byte[] left = new byte[32], right = new byte[32];
        one.Read(left);
        two.Read(right);
        Assert.Equal(one.Id, two.Id);
        Assert.Equal(left, right);
        Assert.Contains(left, value => value != 0);
    }
}
