namespace Ingest.Mail.Auth;

/// <summary>A key that mail cannot be signed with.</summary>
public sealed class DkimKeyException : Exception
{
    /// <summary>Says why.</summary>
    public DkimKeyException(DkimKeyFault fault)
        : base(fault switch
        {
            DkimKeyFault.NotPem => "The DKIM key is not in PEM form. Make one with: openssl genrsa -out key.pem 2048",
            DkimKeyFault.NotPrivate => "The DKIM key file holds no private key; the public one belongs into DNS.",
            DkimKeyFault.Encrypted => "The DKIM key is locked with a passphrase. Unlock it with: openssl pkey -in key.pem -out unlocked.pem",
            DkimKeyFault.NotRsa => "The DKIM key is not an RSA key that can be read. Ed25519 keys cannot be used yet. Make an RSA key with: openssl genrsa -out key.pem 2048",
            DkimKeyFault.TooShort => "The DKIM key is shorter than 1024 bits, which no verifier accepts. Make one with: openssl genrsa -out key.pem 2048",
        })
    {
        Fault = fault;
    }

    /// <summary>Why it cannot be used.</summary>
    public DkimKeyFault Fault { get; }
}

/// <summary>Why a key cannot be used.</summary>
public enum DkimKeyFault
{
    /// <summary>No PEM at all.</summary>
    NotPem,
    /// <summary>A public key or a certificate.</summary>
    NotPrivate,
    /// <summary>Protected by a passphrase.</summary>
    Encrypted,
    /// <summary>Another kind of key, or a damaged one.</summary>
    NotRsa,
    /// <summary>Below <see cref="DkimKey.FewestBits"/>.</summary>
    TooShort,
}
