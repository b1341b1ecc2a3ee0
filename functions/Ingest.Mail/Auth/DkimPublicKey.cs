using System.Security.Cryptography;

namespace Ingest.Mail.Auth;

/// <summary>A key record of DNS, read (RFC 6376 section 3.6.1, RFC 8463). Safe for use from several threads.</summary>
internal sealed class DkimPublicKey
{
    public const int MostBits = 8192;
    private readonly Lock turn = new();
    private readonly RSA? rsa;
    private readonly byte[] edwards = [];

    private DkimPublicKey(DkimFault fault, string about = "") => (Fault, About) = (fault, about);

    private DkimPublicKey(byte[] edwards) => (this.edwards, Bits, Kind) = (edwards, 256, "ed25519");

    private DkimPublicKey(RSA rsa) => (this.rsa, Bits, Kind) = (rsa, rsa.KeySize, "rsa");

    /// <summary>Why it is no key that can be used; None when it is.</summary>
    public DkimFault Fault { get; private init; }

    /// <summary>The tag that the fault is about.</summary>
    public string About { get; private init; } = "";

    /// <summary>rsa or ed25519.</summary>
    public string Kind { get; private init; } = "";

    /// <summary>The length of the modulus; 256 for Ed25519.</summary>
    public int Bits { get; private init; }

    /// <summary>t=y</summary>
    public bool IsTest { get; private set; }

    /// <summary>t=s: i= must be of the very domain.</summary>
    public bool IsStrict { get; private set; }

    public static DkimPublicKey Broken(DkimFault fault) => new(fault);

    /// <summary>Reads a record; what is wrong with it is in <see cref="Fault"/>.</summary>
    public static DkimPublicKey Parse(string record)
    {
        if (TagList.Parse(record, allowEmpty: true) is not { } tags || !tags.TryGetValue("p", out var data))
            return new DkimPublicKey(DkimFault.KeyUnreadable);
        if (tags.TryGetValue("v", out var version) && version != "DKIM1")
            return new DkimPublicKey(DkimFault.KeyUnreadable);
        if (tags.TryGetValue("h", out var hashes) && !TagList.Words(hashes).Contains("sha256"))
            return new DkimPublicKey(DkimFault.KeyMismatch, "h");
        if (tags.TryGetValue("s", out var services) && !TagList.Words(services).Exists(static word => word is "*" or "email"))
            return new DkimPublicKey(DkimFault.KeyMismatch, "s");
        if (TagList.Squeezed(data).Length == 0)
            return new DkimPublicKey(DkimFault.KeyRevoked);
        var flags = TagList.Words(tags.GetValueOrDefault("t", ""));
        var key = Import(tags.GetValueOrDefault("k", "rsa"), TagList.Squeezed(data));
        key.IsTest = flags.Contains("y");
        key.IsStrict = flags.Contains("s");
        return key;
    }

    /// <summary>True when the signature is right for a header with this SHA-256; null when this machine cannot know.</summary>
    public bool? Verify(byte[] headerHash, byte[] signature)
    {
        if (rsa is null)
            return Ed25519.Verify(edwards, headerHash, signature);
        lock (turn)
        {
            try
            {
                return rsa.VerifyHash(headerHash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
    }

    private static DkimPublicKey Import(string kind, string data)
    {
        // Padding that was left out is the commonest slip.
        if (TagList.Bytes(data.PadRight((data.Length + 3) / 4 * 4, '=')) is not { } bytes)
            return new DkimPublicKey(DkimFault.KeyUnreadable);
        if (kind == "ed25519")
            return bytes.Length == Ed25519.KeyLength ? new DkimPublicKey(bytes) : new DkimPublicKey(DkimFault.KeyUnreadable);
        if (kind != "rsa")
            return new DkimPublicKey(DkimFault.KeyMismatch, "k");
        // Before anything is computed with it: a modulus of 8,192 bits has a record of about 1,080 bytes.
        if (bytes.Length > MostBits / 8 + 512)
            return new DkimPublicKey(DkimFault.KeyTooLong);
        var rsa = RSA.Create();
        if (TryImport(rsa, bytes))
            return rsa.KeySize <= MostBits ? new DkimPublicKey(rsa) : new DkimPublicKey(DkimFault.KeyTooLong);
        rsa.Dispose();
        return new DkimPublicKey(DkimFault.KeyUnreadable);
    }

    // SubjectPublicKeyInfo is what everybody writes, RSAPublicKey what the RFC says.
    private static bool TryImport(RSA rsa, byte[] bytes)
    {
        foreach (var withHeader in (ReadOnlySpan<bool>)[true, false])
        {
            try
            {
                if (withHeader)
                    rsa.ImportSubjectPublicKeyInfo(bytes, out _);
                else
                    rsa.ImportRSAPublicKey(bytes, out _);
                return true;
            }
            catch (CryptographicException)
            {
                // The other form is tried.
            }
        }
        return false;
    }
}
