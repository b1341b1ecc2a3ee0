namespace Ingest.Mail.Mime;

/// <summary>How the sender protected a mail: what was found, and what can be said of it without trusting anybody.</summary>
/// <param name="Kind">The form.</param>
/// <param name="Signature">What is known of the signature; of an encrypted mail nothing is.</param>
/// <param name="Signers">The addresses in the signers' certificates, as the signers wrote them.</param>
/// <param name="SignerIsAuthor">True when the content is intact and every signer's certificate names an address of From; false says that somebody else signed, or that nobody can tell.</param>
public sealed record MailProtection(ProtectionKind Kind, SignatureState Signature, IReadOnlyList<string> Signers, bool SignerIsAuthor);

/// <summary>The form of protection.</summary>
public enum ProtectionKind
{
    /// <summary>Signed by S/MIME (RFC 8551), beside the content or around it.</summary>
    SmimeSigned,
    /// <summary>Encrypted by S/MIME; the content stays an attachment.</summary>
    SmimeEncrypted,
    /// <summary>Signed by OpenPGP, as MIME (RFC 3156) or within the text; not checked.</summary>
    PgpSigned,
    /// <summary>Encrypted by OpenPGP, as MIME or within the text; left as it is.</summary>
    PgpEncrypted,
}

/// <summary>What is known of a signature.</summary>
public enum SignatureState
{
    /// <summary>Nothing: it was not checked, or could not be, or is of a kind too weak to tell.</summary>
    NotChecked,
    /// <summary>The content is what the holder of the certificate's key signed. Nobody vouches for who that is: the certificate's chain was not checked.</summary>
    Intact,
    /// <summary>The content or the signature was changed.</summary>
    Broken,
}
