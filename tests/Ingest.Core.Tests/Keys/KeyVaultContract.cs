using System.Security.Cryptography;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>What every keeper of the root keys promises.</summary>
public abstract class KeyVaultContract
{
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The keeper, as a process of its own sees it.</summary>
    private protected abstract Task<IKeyVault> OpenAsync();

    [Fact]
    public async Task What_one_process_wraps_and_signs_another_unwraps_and_verifies()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32), digest = RandomNumberGenerator.GetBytes(32);
        IKeyVault one = await OpenAsync(), other = await OpenAsync();
        foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
        {
            WrappedKey wrapped = await one.WrapAsync(purpose, key, Cancel);
            Assert.Equal("RSA-OAEP-256", wrapped.Algorithm);
            Assert.Equal(key, await other.UnwrapAsync(purpose, wrapped, Cancel));
        }

        KeySignature signature = await one.SignAsync(digest, Cancel);
        Assert.Equal(64, signature.Bytes.Length);
        Assert.True(await other.VerifyAsync(digest, signature, Cancel));
        Assert.False(await other.VerifyAsync(RandomNumberGenerator.GetBytes(32), signature, Cancel));
        Assert.False(await other.VerifyAsync(digest, signature with { Bytes = new byte[64] }, Cancel));
        Assert.False(await other.VerifyAsync(digest, signature with { Bytes = [1, 2] }, Cancel));
    }

    [Theory]
    [InlineData("")]
    [InlineData("local:seal/0")]
    [InlineData("https://elsewhere.vault.azure.net/keys/seal/00000000000000000000000000000001")]
    [InlineData("https://ingest-test.vault.azure.net/keys/kek-data/00000000000000000000000000000001")]
    [InlineData("https://ingest-test.vault.azure.net/keys/seal")]
    public async Task A_seal_of_any_other_key_does_not_hold(string kid)
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        IKeyVault vault = await OpenAsync();
        KeySignature signature = await vault.SignAsync(digest, Cancel);
        Assert.False(await vault.VerifyAsync(digest, signature with { Kid = kid }, Cancel));
        await Assert.ThrowsAsync<SealBrokenException>(() => vault.SealPublicKeyAsync(kid, Cancel));
    }

    [Fact]
    public async Task A_seal_is_verified_without_the_vault_by_the_public_key_of_its_kid()
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        KeySignature signature = await (await OpenAsync()).SignAsync(digest, Cancel);
        using ECDsa outside = ECDsa.Create();
        outside.ImportSubjectPublicKeyInfo(await (await OpenAsync()).SealPublicKeyAsync(signature.Kid, Cancel), out _);
        Assert.True(outside.VerifyHash(digest, signature.Bytes, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    [Fact]
    public async Task The_two_wrapping_keys_do_not_open_for_each_other()
    {
        IKeyVault vault = await OpenAsync();
        WrappedKey wrapped = await vault.WrapAsync(KeyPurpose.Data, new byte[32], Cancel);
        WrappedKey own = await vault.WrapAsync(KeyPurpose.Credential, new byte[32], Cancel);
        await Assert.ThrowsAsync<SealBrokenException>(() => vault.UnwrapAsync(KeyPurpose.Credential, wrapped, Cancel));
        await Assert.ThrowsAsync<SealBrokenException>(() => vault.UnwrapAsync(KeyPurpose.Credential, wrapped with { Kid = own.Kid }, Cancel));
        await Assert.ThrowsAsync<SealBrokenException>(() => vault.UnwrapAsync(KeyPurpose.Data, wrapped with { Algorithm = "RSA-OAEP" }, Cancel));
        await Assert.ThrowsAsync<SealBrokenException>(() => vault.UnwrapAsync(KeyPurpose.Data, wrapped with { Bytes = [1] }, Cancel));
    }

    [Fact]
    public async Task Only_digests_of_32_bytes_are_sealed()
    {
        IKeyVault vault = await OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => vault.SignAsync(new byte[31], Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => vault.VerifyAsync(new byte[33], new KeySignature("", []), Cancel));
    }
}
