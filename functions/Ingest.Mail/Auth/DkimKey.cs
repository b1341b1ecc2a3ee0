using System.Security.Cryptography;

namespace Ingest.Mail.Auth;

/// <summary>A private key that signs mail. RSA only: the base class library of .NET 10 has no Ed25519. Safe for use from several threads.</summary>
public sealed class DkimKey : IDisposable
{
    /// <summary>The shortest key that verifiers accept (RFC 8301 section 3.2); new ones should have 2,048 bits.</summary>
    public const int FewestBits = 1024;

    internal const string Sha256 = "rsa-sha256";

    private readonly RSA rsa;
    private readonly Lock turn = new();

    private DkimKey(RSA rsa) => this.rsa = rsa;

    /// <summary>The algorithm as the a= tag names it.</summary>
    public string Algorithm { get; } = Sha256;

    /// <summary>The length of the modulus.</summary>
    public int Bits => rsa.KeySize;

    /// <summary>The TXT record that publishes the key at selector._domainkey.domain (RFC 6376 section 3.6.1).</summary>
    public string PublicRecord => RecordOf(rsa.ExportSubjectPublicKeyInfo());

    /// <summary>The same record for an RSA key whose public part is all that is at hand, as DER SubjectPublicKeyInfo.</summary>
    public static string RecordOf(ReadOnlySpan<byte> publicKey) => $"v=DKIM1; k=rsa; p={Convert.ToBase64String(publicKey)}";

    /// <summary>Reads an unencrypted key: "PRIVATE KEY" (PKCS#8) or "RSA PRIVATE KEY" (PKCS#1).</summary>
    /// <exception cref="DkimKeyException">It is none, or none that can be used; the message names the fix and quotes nothing.</exception>
    public static DkimKey FromPem(string pem)
    {
        var rsa = RSA.Create();
        try
        {
            if (!PemEncoding.TryFind(pem, out var found))
                throw new DkimKeyException(DkimKeyFault.NotPem);
            rsa.ImportFromPem(pem);
            _ = rsa.ExportParameters(includePrivateParameters: true);
            return rsa.KeySize >= FewestBits ? new DkimKey(rsa) : throw new DkimKeyException(DkimKeyFault.TooShort);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            rsa.Dispose();
            throw new DkimKeyException(FaultOf(pem));
        }
        catch (DkimKeyException)
        {
            rsa.Dispose();
            throw;
        }
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => rsa.Dispose();

    internal byte[] Sign(ReadOnlySpan<byte> digest)
    {
        lock (turn)
            return rsa.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static DkimKeyFault FaultOf(string pem)
    {
        if (pem.Contains("ENCRYPTED", StringComparison.Ordinal))
            return DkimKeyFault.Encrypted;
        return pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal) ? DkimKeyFault.NotRsa : DkimKeyFault.NotPrivate;
    }
}
