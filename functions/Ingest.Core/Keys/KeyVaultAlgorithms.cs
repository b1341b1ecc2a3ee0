namespace Ingest.Core.Keys;

/// <summary>How keys are wrapped, by the names of RFC 7518 section 4.1.</summary>
public static class KeyWrapAlgorithm
{
    /// <summary>RSA with OAEP, SHA-256 and MGF1 with SHA-256.</summary>
    public const string RsaOaep256 = "RSA-OAEP-256";
}

/// <summary>How digests are signed, by the names of RFC 7518 section 3.1.</summary>
public static class SignatureAlgorithm
{
    /// <summary>ECDSA with P-256; the signature is r ‖ s.</summary>
    public const string ES256 = "ES256";

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256.</summary>
    public const string RS256 = "RS256";
}
