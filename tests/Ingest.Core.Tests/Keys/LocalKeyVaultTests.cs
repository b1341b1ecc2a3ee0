using System.Runtime.Versioning;
using System.Security.Cryptography;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class LocalKeyVaultTests(LocalVaultFolder shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_process_wraps_and_signs_another_unwraps_and_verifies()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        using LocalKeyVault other = new(shared.Path);
        foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
        {
            WrappedKey wrapped = await shared.Vault.WrapAsync(purpose, key, Cancel);
            Assert.Equal(("RSA-OAEP-256", 384), (wrapped.Algorithm, wrapped.Bytes.Length));
            Assert.Equal(key, await other.UnwrapAsync(purpose, wrapped, Cancel));
        }

        KeySignature signature = await shared.Vault.SignAsync(digest, Cancel);
        Assert.Equal(64, signature.Bytes.Length);
        Assert.True(await other.VerifyAsync(digest, signature, Cancel));
        Assert.False(await other.VerifyAsync(RandomNumberGenerator.GetBytes(32), signature, Cancel));
        Assert.False(await other.VerifyAsync(digest, signature with { Bytes = new byte[64] }, Cancel));
        Assert.False(await other.VerifyAsync(digest, signature with { Bytes = [1, 2] }, Cancel));
        Assert.False(await other.VerifyAsync(digest, signature with { Kid = "local:seal/0" }, Cancel));
    }

    [Fact]
    public async Task The_two_wrapping_keys_do_not_open_for_each_other()
    {
        WrappedKey wrapped = await shared.Vault.WrapAsync(KeyPurpose.Data, new byte[32], Cancel);
        WrappedKey own = await shared.Vault.WrapAsync(KeyPurpose.Credential, new byte[32], Cancel);
        await Assert.ThrowsAsync<SealBrokenException>(() => shared.Vault.UnwrapAsync(KeyPurpose.Credential, wrapped, Cancel));
        await Assert.ThrowsAsync<SealBrokenException>(() => shared.Vault.UnwrapAsync(KeyPurpose.Credential, wrapped with { Kid = own.Kid }, Cancel));
        await Assert.ThrowsAsync<SealBrokenException>(() => shared.Vault.UnwrapAsync(KeyPurpose.Data, wrapped with { Algorithm = "RSA-OAEP" }, Cancel));
        await Assert.ThrowsAsync<SealBrokenException>(() => shared.Vault.UnwrapAsync(KeyPurpose.Data, wrapped with { Bytes = [1] }, Cancel));
    }

    [Fact]
    public async Task A_seal_is_verified_without_the_vault_by_the_public_key_of_its_kid()
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        KeySignature signature = await shared.Vault.SignAsync(digest, Cancel);
        using ECDsa outside = ECDsa.Create();
        outside.ImportSubjectPublicKeyInfo(await shared.Vault.SealPublicKeyAsync(signature.Kid, Cancel), out _);
        Assert.True(outside.VerifyHash(digest, signature.Bytes, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        await Assert.ThrowsAsync<SealBrokenException>(() => shared.Vault.SealPublicKeyAsync("local:seal/0", Cancel));
    }

    [Fact]
    public async Task Processes_that_begin_at_once_agree_on_the_keys()
    {
        using TempFolder folder = new();
        string path = Path.Combine(folder.Path, "deep", "keys");
        KeySignature[] signatures = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using LocalKeyVault vault = new(path);
            return await vault.SignAsync(new byte[32], Cancel);
        })));
        Assert.Single(signatures.Select(signature => signature.Kid).Distinct());
        Assert.Equal(["seal.pem"], Directory.GetFiles(path).Select(Path.GetFileName));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_can_read_the_files_and_anything_else_is_refused_with_the_remedy()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no file modes.");
        using TempFolder folder = new();
        string path = Path.Combine(folder.Path, "keys");
        using LocalKeyVault first = new(path);
        await first.SignAsync(new byte[32], Cancel);
        string file = Path.Combine(path, "seal.pem");
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(path));

        File.SetUnixFileMode(file, OwnerOnly | UnixFileMode.GroupRead);
        using LocalKeyVault second = new(path);
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => second.SignAsync(new byte[32], Cancel));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);

        File.SetUnixFileMode(file, OwnerOnly);
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherWrite);
        refused = await Assert.ThrowsAsync<InvalidOperationException>(() => second.SignAsync(new byte[32], Cancel));
        Assert.Contains("chmod 700", refused.Message, StringComparison.Ordinal);
    }
}
