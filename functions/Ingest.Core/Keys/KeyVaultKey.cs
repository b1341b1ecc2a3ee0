using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>
/// The public part of a key in a vault. Only RSA of 2048 to 8192 bits with exponent 65537 and EC on P-256 are taken; private members, which a vault never sends and a
/// stand-in may, are not looked at.
/// </summary>
public sealed class KeyVaultKey
{
    private const int RsaLeastBytes = 256, RsaMostBytes = 1024, EcBytes = 32;
    private static readonly byte[] Exponent = [1, 0, 1];

    private readonly byte[] publicKey;

    private KeyVaultKey(KeyVaultKeyIdentifier id, bool isRsa, byte[] publicKey) => (Id, IsRsa, this.publicKey) = (id, isRsa, publicKey);

    /// <summary>Which key, with its version.</summary>
    public KeyVaultKeyIdentifier Id { get; }

    /// <summary>True for RSA, false for EC.</summary>
    public bool IsRsa { get; }

    /// <summary>False when the key is switched off.</summary>
    public bool Enabled { get; private init; }

    /// <summary>From when it may wrap and sign; null for always.</summary>
    public DateTimeOffset? NotBefore { get; private init; }

    /// <summary>Until when it may wrap and sign; null for ever.</summary>
    public DateTimeOffset? ExpiresOn { get; private init; }

    /// <summary>What it may be used for ("wrapKey", "sign", …).</summary>
    public IReadOnlyList<string> Operations { get; private init; } = [];

    /// <summary>DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7); the caller's own copy.</summary>
    public byte[] ExportSubjectPublicKeyInfo() => [.. publicKey];

    /// <summary>
    /// Throws <see cref="NotNowException"/> when this key may not do this at this time. Wrapping is done here and not in the vault, so what the vault would refuse
    /// must be refused here: a key that was switched off is how access is taken back.
    /// </summary>
    public void Require(string operation, DateTimeOffset now)
    {
        if (!Enabled) throw new NotNowException("vault-disabled");
        if (now < NotBefore || now >= ExpiresOn) throw new NotNowException("vault-key-expired");
        if (!Operations.Contains(operation)) throw new NotNowException("vault-key-wrong-use");
    }

    /// <summary>Wraps a key; throws <see cref="NotNowException"/> when this is not an RSA key.</summary>
    internal byte[] Wrap(ReadOnlySpan<byte> key)
    {
        if (!IsRsa) throw new NotNowException("vault-key-wrong-type");
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(publicKey, out _);
        return rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256);
    }

    /// <summary>True when this key made this signature of a SHA-256 digest: ES256 for EC, RS256 for RSA.</summary>
    public bool Verify(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (IsRsa)
        {
            using RSA rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(publicKey, out _);
            return rsa.VerifyHash(digest, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        using ECDsa ec = ECDsa.Create();
        ec.ImportSubjectPublicKeyInfo(publicKey, out _);
        return ec.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>Reads a key bundle; null when it is none, or of a key that is not taken.</summary>
    internal static KeyVaultKey? Read(JsonElement bundle)
    {
        if (bundle.ValueKind != JsonValueKind.Object || !bundle.TryGetProperty("key", out JsonElement key) || key.ValueKind != JsonValueKind.Object)
            return null;
        if (!KeyVaultKeyIdentifier.TryParse(Text(key, "kid"), out KeyVaultKeyIdentifier? id) || id.Version.Length == 0)
            return null;
        bool isRsa = Text(key, "kty") is "RSA" or "RSA-HSM";
        byte[]? publicKey = isRsa ? ReadRsa(key) : Text(key, "kty") is "EC" or "EC-HSM" ? ReadEc(key) : null;
        if (publicKey is null)
            return null;
        JsonElement attributes = bundle.TryGetProperty("attributes", out JsonElement given) && given.ValueKind == JsonValueKind.Object ? given : default;
        return new KeyVaultKey(id, isRsa, publicKey)
        {
            // What is not said is no permission.
            Enabled = attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty("enabled", out JsonElement enabled) && enabled.ValueKind == JsonValueKind.True,
            NotBefore = Moment(attributes, "nbf"),
            ExpiresOn = Moment(attributes, "exp"),
            Operations = ReadOperations(key),
        };
    }

    private static string[] ReadOperations(JsonElement key) => key.TryGetProperty("key_ops", out JsonElement ops) && ops.ValueKind == JsonValueKind.Array
        ? [.. ops.EnumerateArray().Where(op => op.ValueKind == JsonValueKind.String).Select(op => op.GetString()!)]
        : [];

    private static byte[]? ReadRsa(JsonElement key)
    {
        byte[]? n = Number(key, "n"), e = Number(key, "e");
        if (n is not { Length: >= RsaLeastBytes and <= RsaMostBytes } || (n.Length == RsaLeastBytes && n[0] < 0x80) || e is null || !e.AsSpan().SequenceEqual(Exponent))
            return null;
        try
        {
            using RSA rsa = RSA.Create(new RSAParameters { Modulus = n, Exponent = e });
            return rsa.ExportSubjectPublicKeyInfo();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[]? ReadEc(JsonElement key)
    {
        byte[]? x = Binary(key, "x"), y = Binary(key, "y");
        if (Text(key, "crv") != "P-256" || x is not { Length: EcBytes } || y is not { Length: EcBytes })
            return null;
        try
        {
            using ECDsa ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            return ec.ExportSubjectPublicKeyInfo();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[]? Number(JsonElement key, string name) => Binary(key, name) is { } bytes ? bytes.AsSpan().TrimStart((byte)0).ToArray() : null;

    private static byte[]? Binary(JsonElement key, string name)
    {
        try
        {
            return Text(key, name) is { Length: > 0 } text ? Base64Url.DecodeFromChars(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Moment(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long seconds)
            && seconds is >= 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
