namespace Ingest.Mail.Auth;

/// <summary>Signs with a key that never leaves its vault: gets the SHA-256 of what is signed, gives the RSA signature (PKCS#1 v1.5) of it. It bounds its own time.</summary>
public delegate ValueTask<byte[]> DkimDigestSigner(ReadOnlyMemory<byte> digest, CancellationToken cancel);
