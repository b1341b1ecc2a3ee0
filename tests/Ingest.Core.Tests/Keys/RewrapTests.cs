using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>A new version of a key-encryption key: root keys move to it, whatever happens on the way.</summary>
public sealed class RewrapTests : IAsyncLifetime
{
    private static readonly TenantContext Acme = new(TenantId.Parse("acme"));
    private static readonly InboxId Inbox = InboxId.Parse("support");
    private static readonly SealContext Context = new(Acme.Tenant, KeyClass.Ticket, "t1", "ticket");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly MemoryKeyRows rows = new();
    private TwinVaults vaults = null!;
    private byte[] box = [];
    private Guid credential;

    private KeyVaultTwin Twin => vaults.Twin;

    public async ValueTask InitializeAsync()
    {
        vaults = await TwinVaults.StartAsync(Cancel);
        using KeyRing ring = Ring();
        using DataKey ticket = await ring.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        box = Envelope.Seal([1, 2, 3], ticket, Context, SegmentLength.Row);
        using DataKey made = await ring.Credentials.MakeAsync(Acme, Inbox, Cancel);
        (await ring.Credentials.FindAsync(Acme, Inbox, made.Id, Cancel))!.Dispose();
        credential = made.Id;
    }

    public ValueTask DisposeAsync() => vaults.DisposeAsync();

    private KeyRing Ring() => new(rows, vaults.Open("pipeline"), vaults.Clock);

    private KeyRing Ring(int dieAt) => new(new DyingRows(rows, dieAt), new DyingVault(vaults.Open("pipeline"), dieAt), vaults.Clock);

    private async Task<List<KeyRow>> RootsAsync() => await rows.ListAsync("acme.root", Cancel).Where(row => row.Proof is not null).ToListAsync(Cancel);

    private async Task OpensAsync()
    {
        using KeyRing ring = Ring();
        using DataKey? ticket = await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        Assert.Equal([1, 2, 3], Envelope.Open(box, ticket!, Context));
        (await ring.Credentials.FindAsync(Acme, Inbox, credential, Cancel))!.Dispose();
    }

    [Fact]
    public async Task Roots_move_to_the_new_version_and_open_when_the_old_one_is_off()
    {
        TwinKey oldData = Twin.Newest("kek-data"), oldCredential = Twin.Newest("kek-credential");
        using KeyRing ring = Ring();
        Assert.Equal(default, await ring.Roots.RewrapAsync(Acme, 100, Cancel));
        TwinKey newData = Twin.AddRsa("kek-data", 2048, "wrapKey", "unwrapKey"), newCredential = Twin.AddRsa("kek-credential", 2048, "wrapKey", "unwrapKey");
        vaults.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.All(await ring.Roots.ListAsync(Acme, open: true, Cancel).ToListAsync(Cancel), root => Assert.Equal((false, ""), (root.IsNewest, root.Fault)));

        Assert.Equal(new RewrapReport(2, 0), await ring.Roots.RewrapAsync(Acme, 100, Cancel));
        Assert.Equal(default, await ring.Roots.RewrapAsync(Acme, 100, Cancel));
        Assert.Equal([newCredential.Kid, newData.Kid], (await RootsAsync()).Select(row => row.Proof!.Kid));
        (oldData.Enabled, oldCredential.Enabled) = (false, false);
        await OpensAsync();
        Assert.All(await ring.Roots.ListAsync(Acme, open: true, Cancel).ToListAsync(Cancel), root => Assert.Equal((true, ""), (root.IsNewest, root.Fault)));
    }

    [Fact]
    public async Task Killed_at_any_call_it_loses_nothing_and_the_next_one_does_the_rest()
    {
        Twin.AddRsa("kek-data", 2048, "wrapKey", "unwrapKey");
        Twin.AddRsa("kek-credential", 2048, "wrapKey", "unwrapKey");
        int died = 0, rewrapped = 0;
        for (int dieAt = 1; ; dieAt++)
        {
            try
            {
                using KeyRing ring = Ring(dieAt);
                rewrapped += (await ring.Roots.RewrapAsync(Acme, 100, Cancel)).Rewrapped;
                break;
            }
            catch (ProcessDiedException)
            {
                died++;
                await OpensAsync();
            }
        }

        Assert.True(died >= 8, $"{died}");
        await OpensAsync();
        Assert.Equal([Twin.Newest("kek-credential").Kid, Twin.Newest("kek-data").Kid], (await RootsAsync()).Select(row => row.Proof!.Kid));
    }

    [Fact]
    public async Task Of_two_who_wrap_anew_at_once_one_wins_and_the_row_is_whole()
    {
        Twin.AddRsa("kek-data", 2048, "wrapKey", "unwrapKey");
        RewrapReport[] reports = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Ring().Roots.RewrapAsync(Acme, 100, Cancel))));
        Assert.Equal(1, reports.Sum(report => report.Rewrapped));
        await OpensAsync();
    }

    [Fact]
    public async Task A_new_version_that_does_not_open_again_takes_nothing_over()
    {
        TwinKey next = Twin.AddRsa("kek-data", 2048, "wrapKey");
        vaults.Clock.Advance(TimeSpan.FromMinutes(15));
        using KeyRing ring = Ring();
        Assert.Equal("vault-forbidden", (await Assert.ThrowsAsync<NotNowException>(() => ring.Roots.RewrapAsync(Acme, 100, Cancel))).ReasonCode);
        Assert.DoesNotContain(await RootsAsync(), row => row.Proof!.Kid == next.Kid);
        await OpensAsync();
    }

    [Fact]
    public async Task A_forged_row_is_not_wrapped_anew()
    {
        KeyRow row = (await RootsAsync())[1];
        await rows.TryUpdateAsync(row with { Created = row.Created.AddSeconds(1) }, Cancel);
        Twin.AddRsa("kek-data", 2048, "wrapKey", "unwrapKey");
        vaults.Clock.Advance(TimeSpan.FromMinutes(15));
        using KeyRing ring = Ring();
        int unwraps = Twin.Count("unwrapkey");
        await Assert.ThrowsAsync<RootKeyRefusedException>(() => ring.Roots.RewrapAsync(Acme, 100, Cancel));
        Assert.Equal(unwraps, Twin.Count("unwrapkey"));
        Assert.Contains(await ring.Roots.ListAsync(Acme, open: true, Cancel).ToListAsync(Cancel), root => root.Fault == "root-refused");
    }

    [Fact]
    public async Task A_round_moves_no_more_than_asked_and_takes_in_credentials_that_nobody_opened()
    {
        using KeyRing ring = Ring();
        (await ring.Credentials.MakeAsync(Acme, InboxId.Parse("paused"), Cancel)).Dispose();
        Twin.AddRsa("kek-data", 2048, "wrapKey", "unwrapKey");
        Twin.AddRsa("kek-credential", 2048, "wrapKey", "unwrapKey");
        vaults.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(new RewrapReport(1, 1), await ring.Roots.RewrapAsync(Acme, 1, Cancel));
        Assert.Equal(new RewrapReport(1, 0), await ring.Roots.RewrapAsync(Acme, 1, Cancel));
        Assert.DoesNotContain(await rows.ListAsync("acme.m", Cancel).ToListAsync(Cancel), row => row.Proof is not null);
    }

    private sealed class ProcessDiedException : Exception;

    /// <summary>Dies at the nth call, before or after it was done.</summary>
    private sealed class DyingVault(IKeyVault inner, int dieAt) : IKeyVault
    {
        private int calls;

        private async Task<T> StepAsync<T>(Task<T> call)
        {
            T done = await call;
            return ++calls == dieAt ? throw new ProcessDiedException() : done;
        }

        public Task<WrappedKey> WrapAsync(KeyScope scope, ReadOnlyMemory<byte> key, CancellationToken cancel) => StepAsync(inner.WrapAsync(scope, key, cancel));
        public Task<byte[]> UnwrapAsync(KeyScope scope, WrappedKey wrapped, CancellationToken cancel) => StepAsync(inner.UnwrapAsync(scope, wrapped, cancel));
        public Task<string> WrappingKidAsync(KeyScope scope, CancellationToken cancel) => StepAsync(inner.WrappingKidAsync(scope, cancel));
        public Task<KeySignature> SignAsync(ReadOnlyMemory<byte> sha256Digest, CancellationToken cancel) => StepAsync(inner.SignAsync(sha256Digest, cancel));
        public Task<bool> VerifyAsync(ReadOnlyMemory<byte> sha256Digest, KeySignature signature, CancellationToken cancel) => StepAsync(inner.VerifyAsync(sha256Digest, signature, cancel));
        public Task<byte[]> SealPublicKeyAsync(string kid, CancellationToken cancel) => StepAsync(inner.SealPublicKeyAsync(kid, cancel));
    }

    /// <summary>Dies right after the first row of this process was written, in every other life.</summary>
    private sealed class DyingRows(IKeyRows inner, int dieAt) : IKeyRows
    {
        public async Task<bool> TryUpdateAsync(KeyRow row, CancellationToken cancel)
        {
            bool done = await inner.TryUpdateAsync(row, cancel);
            return dieAt % 2 == 0 ? throw new ProcessDiedException() : done;
        }

        public Task<KeyRow?> GetAsync(string partition, string row, CancellationToken cancel) => inner.GetAsync(partition, row, cancel);
        public Task<bool> TryInsertAsync(IReadOnlyList<KeyRow> rows, CancellationToken cancel) => inner.TryInsertAsync(rows, cancel);
        public Task EmptyAsync(string partition, IReadOnlyList<string> rowKeys, DateTimeOffset at, CancellationToken cancel) => inner.EmptyAsync(partition, rowKeys, at, cancel);
        public Task<bool> DeleteAsync(string partition, string row, CancellationToken cancel) => inner.DeleteAsync(partition, row, cancel);
        public Task<string?> NextPartitionAsync(string after, CancellationToken cancel) => inner.NextPartitionAsync(after, cancel);
        public IAsyncEnumerable<KeyRow> ListAsync(string partition, CancellationToken cancel) => inner.ListAsync(partition, cancel);
        public IAsyncEnumerable<KeyRow> ListAsync(TenantId tenant, CancellationToken cancel) => inner.ListAsync(tenant, cancel);
    }
}
