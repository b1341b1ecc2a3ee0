using System.Globalization;
using System.Security.Cryptography;
using Ingest.Core.Access;

namespace Ingest.Core.Keys;

/// <summary>Wraps 32-byte keys under a root key of the tenant; what the key is for is bound in, so that a row cannot be given to another owner.</summary>
internal static class KeyWrap
{
    private const int WrapSegment = (int)SegmentLength.Row;

    public static Canonical ForData(TenantId tenant, KeyClass keyClass, string owner, Guid keyId, int epoch) => new Canonical()
        .Add("TKE1 data key").Add(tenant.Value).Add(keyClass.Name()).Add(owner).Add(keyId.ToString("N")).Add(Digits(epoch));

    public static Canonical ForIdKey(TenantId tenant, int epoch) => new Canonical()
        .Add("TKE1 id key").Add(tenant.Value).Add(Digits(epoch));

    public static Canonical ForIndexKey(TenantId tenant, int indexEpoch, int epoch) => new Canonical()
        .Add("TKE1 index key").Add(tenant.Value).Add(Digits(indexEpoch)).Add(Digits(epoch));

    /// <summary>What the vault signs of a root row.</summary>
    public static byte[] RootDigest(TenantId tenant, KeyPurpose purpose, KeyRow row, WrappedKey wrapped, byte[] commit) =>
        SHA256.HashData(new Canonical(4096)
            .Add("TKE1 root row").Add(tenant.Value).Add(Name(purpose)).Add(Digits(row.Epoch))
            .Add(wrapped.Kid).Add(wrapped.Algorithm).Add(wrapped.Bytes).Add(commit)
            .Add(row.Created.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))
            .Written);

    /// <summary>What the vault signs of a credential's key that hangs from the key-encryption key itself.</summary>
    public static byte[] CredentialDigest(TenantId tenant, InboxId inbox, KeyRow row, WrappedKey wrapped, byte[] commit) =>
        SHA256.HashData(new Canonical(4096)
            .Add("TKE1 credential key").Add(tenant.Value).Add(inbox.Value).Add(row.KeyId.ToString("N"))
            .Add(wrapped.Kid).Add(wrapped.Algorithm).Add(wrapped.Bytes).Add(commit)
            .Add(row.Created.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))
            .Written);

    public static byte[] CredentialCommit(ReadOnlySpan<byte> key, TenantId tenant, InboxId inbox, Guid keyId) =>
        HMACSHA256.HashData(key, new Canonical().Add("TKE1 credential commit").Add(tenant.Value).Add(inbox.Value).Add(keyId.ToString("N")).Written);

    public static byte[] RootCommit(ReadOnlySpan<byte> root, TenantId tenant, KeyPurpose purpose, int epoch) =>
        HMACSHA256.HashData(root, new Canonical().Add("TKE1 root commit").Add(tenant.Value).Add(Name(purpose)).Add(Digits(epoch)).Written);

    public static byte[] Wrap(SecretBytes key, TenantRoot root, int epoch, Canonical binding)
    {
        Span<byte> rootKey = stackalloc byte[Floe.KeyLength];
        Span<byte> plain = stackalloc byte[Floe.KeyLength];
        try
        {
            root.ReadRoot(epoch, rootKey);
            key.Read(0, plain);
            return Floe.Encrypt(rootKey, binding.Written, plain, WrapSegment);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(rootKey);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    public static void Unwrap(ReadOnlySpan<byte> wrapped, TenantRoot root, int epoch, Canonical binding, SecretBytes into, int offset)
    {
        Span<byte> rootKey = stackalloc byte[Floe.KeyLength];
        byte[] plain = [];
        try
        {
            root.ReadRoot(epoch, rootKey);
            plain = Floe.Decrypt(rootKey, binding.Written, wrapped, WrapSegment);
            if (plain.Length != Floe.KeyLength)
                throw new SealBrokenException();
            into.Write(offset, plain);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(rootKey);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>The same key wrapped under the newest root; throws <see cref="SealBrokenException"/> when it does not open under the old.</summary>
    public static byte[] Rewrap(ReadOnlySpan<byte> wrapped, TenantRoot root, int epoch, Canonical old, Canonical renewed)
    {
        SecretBytes key = new(Floe.KeyLength);
        try
        {
            Unwrap(wrapped, root, epoch, old, key, 0);
            return Wrap(key, root, root.Epoch, renewed);
        }
        finally
        {
            key.LetGo();
        }
    }

    private static string Name(KeyPurpose purpose) => purpose switch
    {
        KeyPurpose.Data => "data",
        KeyPurpose.Credential => "credential",
    };

    private static string Digits(int epoch) => epoch.ToString(CultureInfo.InvariantCulture);
}
