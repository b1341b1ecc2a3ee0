using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>The front stores credentials and opens none; the pipeline opens them; who can write the table of keys can do neither.</summary>
public sealed class CredentialKeysTests : IAsyncLifetime
{
    private static readonly TenantContext Acme = new(TenantId.Parse("acme"));
    private static readonly InboxId Inbox = InboxId.Parse("support");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly MemoryKeyRows rows = new();
    private readonly List<KeyRing> rings = [];
    private TwinVaults vaults = null!;

    public async ValueTask InitializeAsync()
    {
        vaults = await TwinVaults.StartAsync(Cancel);
        vaults.Twin.Deny("front", "kek-credential", "unwrapkey");
    }

    public ValueTask DisposeAsync()
    {
        rings.ForEach(ring => ring.Dispose());
        return vaults.DisposeAsync();
    }

    private KeyRing Ring(string identity)
    {
        rings.Add(new KeyRing(rows, vaults.Open(identity), vaults.Clock));
        return rings[^1];
    }

    private static byte[] BytesOf(DataKey key)
    {
        byte[] bytes = new byte[32];
        key.Read(bytes);
        return bytes;
    }

    private async Task<List<KeyRow>> RowsAsync() => await rows.ListAsync("acme.m", Cancel).ToListAsync(Cancel);

    [Fact]
    public async Task The_front_puts_a_key_in_without_asking_to_unwrap_and_cannot_get_it_out()
    {
        using DataKey made = await Ring("front").Credentials.MakeAsync(Acme, Inbox, Cancel);
        Assert.Equal(0, vaults.Twin.Count("unwrapkey"));
        NotNowException refused = await Assert.ThrowsAsync<NotNowException>(async () => await Ring("front").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel));
        Assert.Equal("vault-forbidden", refused.ReasonCode);

        using DataKey? found = await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel);
        Assert.Equal(BytesOf(made), BytesOf(found!));
        // Taken in by the pipeline, it hangs from a root that the front cannot open either.
        refused = await Assert.ThrowsAsync<NotNowException>(async () => await Ring("front").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel));
        Assert.Equal("vault-forbidden", refused.ReasonCode);
    }

    [Fact]
    public async Task What_was_taken_in_costs_a_new_process_one_unwrap_for_all_mailboxes()
    {
        List<(InboxId Inbox, Guid Id, byte[] Bytes)> made = [];
        for (int i = 0; i < 5; i++)
        {
            using DataKey key = await Ring("front").Credentials.MakeAsync(Acme, InboxId.Parse("box" + i), Cancel);
            made.Add((InboxId.Parse("box" + i), key.Id, BytesOf(key)));
        }

        KeyRing first = Ring("pipeline"), second = Ring("pipeline");
        foreach ((InboxId inbox, Guid id, _) in made) (await first.Credentials.FindAsync(Acme, inbox, id, Cancel))!.Dispose();
        Assert.All(await RowsAsync(), row => Assert.Equal((1, (RootProof?)null), (row.Epoch, row.Proof)));
        int before = vaults.Twin.Count("unwrapkey");
        foreach ((InboxId inbox, Guid id, byte[] bytes) in made)
        {
            using DataKey? key = await second.Credentials.FindAsync(Acme, inbox, id, Cancel);
            Assert.Equal(bytes, BytesOf(key!));
        }

        Assert.Equal(1, vaults.Twin.Count("unwrapkey") - before);
    }

    [Fact]
    public async Task A_crash_before_it_is_taken_in_leaves_it_as_it_was()
    {
        using DataKey made = await Ring("front").Credentials.MakeAsync(Acme, Inbox, Cancel);
        KeyRow asMade = (await RowsAsync())[0];
        (await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel))!.Dispose();
        await rows.DeleteAsync(asMade.Partition, asMade.Row, Cancel);
        await rows.TryInsertAsync([asMade], Cancel);
        using DataKey? found = await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel);
        Assert.Equal(BytesOf(made), BytesOf(found!));
    }

    [Fact]
    public async Task A_row_that_we_did_not_write_is_refused_before_the_vault_sees_it()
    {
        using DataKey made = await Ring("front").Credentials.MakeAsync(Acme, Inbox, Cancel);
        KeyRow row = (await RowsAsync())[0];
        RootProof proof = row.Proof!;
        byte[] own = RandomNumberGenerator.GetBytes(32);
        WrappedKey forged = await vaults.Open("anyone").WrapAsync(KeyPurpose.Credential, own, Cancel);
        byte[] commit = KeyWrap.CredentialCommit(own, Acme.Tenant, Inbox, made.Id);
        await RefusedAsync(row with { Wrapped = forged.Bytes });
        await RefusedAsync(row with { Wrapped = forged.Bytes, Proof = proof with { Commit = commit } });
        await RefusedAsync(row with { Created = row.Created.AddMilliseconds(1) });
        await RefusedAsync(row with { Proof = proof with { Kid = proof.Kid.Replace("ingest-test", "elsewhere", StringComparison.Ordinal) } });
        await RefusedAsync(row with { Proof = proof with { Signature = proof.Signature with { Bytes = new byte[64] } } });
        Assert.Equal(0, vaults.Twin.Count("unwrapkey"));
        Assert.All(vaults.Twin.Connected, host => Assert.Equal(KeyVaultTwin.Host, host));

        async Task RefusedAsync(KeyRow written)
        {
            await PutAsync(written);
            await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel));
        }
    }

    [Fact]
    public async Task A_row_of_another_mailbox_tenant_or_kind_does_not_open()
    {
        using DataKey made = await Ring("front").Credentials.MakeAsync(Acme, Inbox, Cancel);
        using DataKey other = await Ring("front").Credentials.MakeAsync(Acme, InboxId.Parse("sales"), Cancel);
        KeyRow row = (await RowsAsync()).Single(r => r.KeyId == made.Id), foreign = (await RowsAsync()).Single(r => r.KeyId == other.Id);
        await PutAsync(foreign with { Partition = row.Partition, Row = row.Row, KeyId = made.Id });
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel));
        await PutAsync(row with { Proof = null, Epoch = 1 });
        await Assert.ThrowsAsync<SealBrokenException>(async () => await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel));
        await PutAsync(row with { KeyId = other.Id });
        Assert.Null(await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, made.Id, Cancel));
    }

    [Fact]
    public async Task A_credential_stored_before_each_had_its_own_key_still_opens()
    {
        using DataKey old = await Ring("pipeline").GetOrCreateAsync(Acme, KeyClass.Credential, Inbox.Value, Cancel);
        using DataKey? found = await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, old.Id, Cancel);
        Assert.Equal(BytesOf(old), BytesOf(found!));
        Assert.Null(await Ring("pipeline").Credentials.FindAsync(Acme, Inbox, Guid.NewGuid(), Cancel));
    }

    [Fact]
    public async Task Erasure_takes_all_keys_of_a_mailbox_and_no_others_and_a_sweep_keeps_the_used_and_the_young()
    {
        KeyRing ring = Ring("pipeline");
        using DataKey first = await ring.Credentials.MakeAsync(Acme, Inbox, Cancel);
        using DataKey used = await ring.Credentials.MakeAsync(Acme, Inbox, Cancel);
        vaults.Clock.Advance(TimeSpan.FromHours(30));
        using DataKey young = await ring.Credentials.MakeAsync(Acme, Inbox, Cancel);
        using DataKey other = await ring.Credentials.MakeAsync(Acme, InboxId.Parse("support2"), Cancel);
        Assert.Equal(1, await ring.Credentials.EraseAsync(Acme, Inbox, keep: used.Id, vaults.Clock.GetUtcNow().AddDays(-1), Cancel));
        Assert.Null(await ring.Credentials.FindAsync(Acme, Inbox, first.Id, Cancel));
        (await ring.Credentials.FindAsync(Acme, Inbox, used.Id, Cancel))!.Dispose();

        Assert.True(await ring.EraseAsync(Acme, KeyClass.Credential, Inbox.Value, Cancel));
        Assert.Null(await ring.Credentials.FindAsync(Acme, Inbox, used.Id, Cancel));
        Assert.Null(await ring.Credentials.FindAsync(Acme, Inbox, young.Id, Cancel));
        (await ring.Credentials.FindAsync(Acme, InboxId.Parse("support2"), other.Id, Cancel))!.Dispose();
        Assert.False(await ring.EraseAsync(Acme, KeyClass.Credential, Inbox.Value, Cancel));
        await Assert.ThrowsAsync<KeyErasedException>(() => ring.Credentials.MakeAsync(Acme, Inbox, Cancel));
        Assert.Empty(await ring.Credentials.ListAsync(Acme, Inbox, Cancel));
    }

    private async Task PutAsync(KeyRow row)
    {
        await rows.DeleteAsync(row.Partition, row.Row, Cancel);
        Assert.True(await rows.TryInsertAsync([row], Cancel));
    }
}
