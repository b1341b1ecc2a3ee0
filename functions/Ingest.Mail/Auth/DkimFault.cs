namespace Ingest.Mail.Auth;

/// <summary>Why a signature does not prove its domain.</summary>
public enum DkimFault
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,
    /// <summary>The field is no list of tags.</summary>
    NoTagList,
    /// <summary>v= is missing or not 1.</summary>
    Version,
    /// <summary>A required tag is missing or empty.</summary>
    TagMissing,
    /// <summary>A tag has a value that cannot be read.</summary>
    TagUnreadable,
    /// <summary>a= names an algorithm that is not known.</summary>
    UnknownAlgorithm,
    /// <summary>a= names rsa-sha1, which proves nothing since RFC 8301.</summary>
    OldAlgorithm,
    /// <summary>h= leaves From out.</summary>
    FromNotSigned,
    /// <summary>i= is not within d=.</summary>
    IdentityOutsideDomain,
    /// <summary>The signature ended before it began or is over (x=).</summary>
    Expired,
    /// <summary>DNS has no key under that name.</summary>
    NoKey,
    /// <summary>The key cannot be read.</summary>
    KeyUnreadable,
    /// <summary>The key was withdrawn.</summary>
    KeyRevoked,
    /// <summary>The key is of another algorithm, hash or use.</summary>
    KeyMismatch,
    /// <summary>The key has less than 1,024 bits (RFC 8301).</summary>
    KeyTooShort,
    /// <summary>The key has more than 8,192 bits, which costs too much to check.</summary>
    KeyTooLong,
    /// <summary>DNS failed or took too long.</summary>
    DnsTrouble,
    /// <summary>The body is another than the one signed.</summary>
    BodyChanged,
    /// <summary>The header fields are others than those signed, or the signature is another key's.</summary>
    SignatureWrong,
    /// <summary>A field that may stand only once was added beside the signed one.</summary>
    FieldAdded,
    /// <summary>More signatures than are checked.</summary>
    TooMany,
    /// <summary>Ed25519 needs an OpenSSL that this machine lacks.</summary>
    NoEd25519,
}
