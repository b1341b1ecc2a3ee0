using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>What somebody can do who may write the table of keys, and nothing else.</summary>
public sealed class TamperedRowsTests(LocalVaultFolder folder)
{
    private static readonly TenantContext Acme = new(TenantId.Parse("acme"));
    private static readonly TenantContext Other = new(TenantId.Parse("other"));
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly FakeClock clock = new();
    private readonly MemoryKeyRows rows = new();
    private readonly CountingVault vault = new(folder.Vault);

    [Fact]
    public async Task A_root_wrapped_by_an_attacker_is_refused_before_it_is_unwrapped()
    {
        KeyRow row = await MakeRootAsync();
        byte[] own = RandomNumberGenerator.GetBytes(32);
        WrappedKey wrapped = await vault.WrapAsync(KeyPurpose.Data, own, Cancel);
        byte[] commit = KeyWrap.RootCommit(own, Acme.Tenant, KeyPurpose.Data, 1);
        using ECDsa forger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] digest = KeyWrap.RootDigest(Acme.Tenant, KeyPurpose.Data, row, wrapped, commit);
        KeySignature forged = row.Proof!.Signature with { Bytes = forger.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) };

        await RefusedAsync(row with { Wrapped = wrapped.Bytes, Proof = row.Proof with { Commit = commit } });
        await RefusedAsync(row with { Wrapped = wrapped.Bytes, Proof = row.Proof with { Commit = commit, Signature = forged } });
        Assert.Equal(0, vault.Unwraps);
    }

    [Fact]
    public async Task A_root_row_altered_in_any_part_is_refused_before_it_is_unwrapped()
    {
        KeyRow row = await MakeRootAsync();
        RootProof proof = row.Proof!;
        await RefusedAsync(row with { Wrapped = Flip(row.Wrapped) });
        await RefusedAsync(row with { Epoch = 2 });
        await RefusedAsync(row with { Created = row.Created.AddMilliseconds(1) });
        await RefusedAsync(row with { Proof = null });
        await RefusedAsync(row with { Proof = proof with { Kid = proof.Kid + "x" } });
        await RefusedAsync(row with { Proof = proof with { Kid = new string('x', 9000) } });
        await RefusedAsync(row with { Proof = proof with { Algorithm = "RSA-OAEP" } });
        await RefusedAsync(row with { Proof = proof with { Commit = Flip(proof.Commit) } });
        await RefusedAsync(row with { Proof = proof with { Signature = proof.Signature with { Bytes = Flip(proof.Signature.Bytes) } } });
        await RefusedAsync(row with { Proof = proof with { Signature = proof.Signature with { Bytes = [] } } });
        await RefusedAsync(row with { Proof = proof with { Signature = proof.Signature with { Kid = "local:seal/other" } } });
        Assert.Equal(0, vault.Unwraps);
    }

    [Fact]
    public async Task A_root_signed_for_another_tenant_purpose_or_epoch_is_refused()
    {
        KeyRow row = await MakeRootAsync();
        foreach (KeyPlace place in (KeyPlace[])[KeyPlace.Root(Other.Tenant, KeyPurpose.Data, 1), KeyPlace.Root(Acme.Tenant, KeyPurpose.Credential, 1)])
            Assert.True(await rows.TryInsertAsync([row with { Partition = place.Partition, Row = place.Row }], Cancel));
        KeyPlace next = KeyPlace.Root(Acme.Tenant, KeyPurpose.Data, 2);

        using KeyRing ring = Ring();
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await ring.ForTenantAsync(Other, Cancel));
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await ring.GetOrCreateAsync(Acme, KeyClass.Credential, "support", Cancel));
        Assert.True(await rows.TryInsertAsync([row with { Row = next.Row, Epoch = 2 }], Cancel));
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await ring.ForTenantAsync(Acme, Cancel));
    }

    [Fact]
    public async Task A_root_that_breaks_its_commitment_is_refused_after_it_is_unwrapped()
    {
        KeyRow row = await MakeRootAsync();
        byte[] commit = KeyWrap.RootCommit(RandomNumberGenerator.GetBytes(32), Acme.Tenant, KeyPurpose.Data, 1);
        byte[] digest = KeyWrap.RootDigest(Acme.Tenant, KeyPurpose.Data, row, new WrappedKey(row.Proof!.Kid, row.Proof.Algorithm, row.Wrapped), commit);
        await RefusedAsync(row with { Proof = row.Proof with { Commit = commit, Signature = await vault.SignAsync(digest, Cancel) } });
        Assert.Equal(1, vault.Unwraps);
    }

    [Theory]
    [InlineData("trk!000001")]
    [InlineData("idk")]
    [InlineData("ixk!000001")]
    public async Task A_missing_row_is_refused_and_never_made_anew(string missing)
    {
        await MakeRootAsync();
        Assert.True(await rows.DeleteAsync("acme.root", missing, Cancel));
        using KeyRing ring = Ring();
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await ring.ForTenantAsync(Acme, Cancel));
        Assert.Equal(2, await rows.ListAsync("acme.root", Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task A_process_that_has_seen_a_root_accepts_neither_an_older_one_nor_none()
    {
        using KeyRing ring = Ring();
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
        KeyRow first = (await rows.GetAsync("acme.root", "trk!000001", Cancel))!;
        await InsertEpochAsync(2);
        clock.Advance(TimeSpan.FromMinutes(61));
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();

        await rows.DeleteAsync("acme.root", "trk!000002", Cancel);
        clock.Advance(TimeSpan.FromMinutes(61));
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await ring.ForTenantAsync(Acme, Cancel));
        await rows.DeleteAsync("acme.root", first.Row, Cancel);
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await ring.ForTenantAsync(Acme, Cancel));
    }

    [Fact]
    public async Task A_root_turned_over_elsewhere_is_learned_from_the_first_key_under_it()
    {
        using KeyRing old = Ring();
        using KeyRing turned = Ring();
        DataKey before = await old.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        await InsertEpochAsync(2);

        DataKey after = await turned.GetOrCreateAsync(Acme, KeyClass.Ticket, "t2", Cancel);
        Assert.Equal(before.Id, (await turned.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel))!.Id);
        Assert.Equal(after.Id, (await old.FindAsync(Acme, KeyClass.Ticket, "t2", Cancel))!.Id);
        KeyPlace place = KeyPlace.Data(Acme.Tenant, KeyClass.Ticket, "t2");
        Assert.Equal(2, (await rows.GetAsync(place.Partition, place.Row, Cancel))!.Epoch);
    }

    [Fact]
    public async Task A_data_key_row_given_to_another_owner_class_inbox_or_tenant_does_not_open()
    {
        using KeyRing maker = Ring();
        await maker.GetOrCreateAsync(Acme, KeyClass.Ticket, "t1", Cancel);
        await maker.GetOrCreateAsync(Other, KeyClass.Ticket, "x", Cancel);
        KeyPlace from = KeyPlace.Data(Acme.Tenant, KeyClass.Ticket, "t1");
        KeyRow row = (await rows.GetAsync(from.Partition, from.Row, Cancel))!;
        foreach ((TenantContext tenant, KeyClass keyClass, string owner) in ((TenantContext, KeyClass, string)[])
            [(Acme, KeyClass.Ticket, "t2"), (Acme, KeyClass.Contact, "t1"), (Acme, KeyClass.Tenant, "t1"), (Other, KeyClass.Ticket, "t1")])
        {
            KeyPlace to = KeyPlace.Data(tenant.Tenant, keyClass, owner);
            await rows.TryInsertAsync([row with { Partition = to.Partition, Row = to.Row }], Cancel);
            using KeyRing ring = Ring();
            await Assert.ThrowsAsync<SealBrokenException>(async () => await ring.FindAsync(tenant, keyClass, owner, Cancel));
            await Assert.ThrowsAsync<SealBrokenException>(async () => await ring.GetOrCreateAsync(tenant, keyClass, owner, Cancel));
        }

        foreach (KeyRow bad in (KeyRow[])[row with { KeyId = Guid.NewGuid() }, row with { Epoch = 7 }, row with { Wrapped = Flip(row.Wrapped) }, row with { Wrapped = [] }])
        {
            await rows.TryUpdateAsync(bad with { ETag = (await rows.GetAsync(row.Partition, row.Row, Cancel))!.ETag }, Cancel);
            using KeyRing ring = Ring();
            await Assert.ThrowsAsync<SealBrokenException>(async () => await ring.FindAsync(Acme, KeyClass.Ticket, "t1", Cancel));
        }
    }

    private async Task<KeyRow> MakeRootAsync()
    {
        using KeyRing ring = Ring();
        (await ring.ForTenantAsync(Acme, Cancel)).Dispose();
        return (await rows.GetAsync("acme.root", "trk!000001", Cancel))!;
    }

    private async Task InsertEpochAsync(int epoch)
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        WrappedKey wrapped = await vault.WrapAsync(KeyPurpose.Data, key, Cancel);
        byte[] commit = KeyWrap.RootCommit(key, Acme.Tenant, KeyPurpose.Data, epoch);
        KeyPlace place = KeyPlace.Root(Acme.Tenant, KeyPurpose.Data, epoch);
        KeyRow row = new(place.Partition, place.Row, epoch, wrapped.Bytes, clock.GetUtcNow());
        KeySignature signature = await vault.SignAsync(KeyWrap.RootDigest(Acme.Tenant, KeyPurpose.Data, row, wrapped, commit), Cancel);
        Assert.True(await rows.TryInsertAsync([row with { Proof = new RootProof(wrapped.Kid, wrapped.Algorithm, commit, signature) }], Cancel));
    }

    private async Task RefusedAsync(KeyRow row)
    {
        KeyRow now = (await rows.GetAsync(row.Partition, row.Row, Cancel))!;
        Assert.True(await rows.TryUpdateAsync(row with { ETag = now.ETag }, Cancel));
        using KeyRing ring = Ring();
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await ring.ForTenantAsync(Acme, Cancel));
    }

    private KeyRing Ring() => new(rows, vault, clock);

    private static byte[] Flip(byte[] bytes)
    {
        byte[] flipped = [.. bytes];
        flipped[^1] ^= 1;
        return flipped;
    }
}
