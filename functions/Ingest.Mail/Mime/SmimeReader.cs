using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Ingest.Mail.Mime;

/// <summary>Opens and checks S/MIME (RFC 8551) that is signed; what is encrypted stays shut, as the keys are not ours to have.</summary>
internal static class SmimeReader
{
    private const string SignedData = "1.2.840.113549.1.7.2", EnvelopedData = "1.2.840.113549.1.7.3", AuthEnvelopedData = "1.2.840.113549.1.9.16.1.23";

    // Many signers or giant keys cost time and say nothing.
    private const int MaxSigners = 8, MaxKeyBits = 8192;

    private static readonly string[] WeakDigests = ["1.2.840.113549.2.5", "1.3.14.3.2.26"];

    /// <summary>True for a part that may be S/MIME as a whole: signed around its content, or encrypted.</summary>
    public static bool IsOpaque(MimePart part) =>
        part.ContentType is "application/pkcs7-mime" or "application/x-pkcs7-mime"
        || (part.ContentType == "application/octet-stream" && part.FileName.EndsWith(".p7m", StringComparison.OrdinalIgnoreCase));

    /// <summary>The mail entity inside a part that was signed around its content; null when there is none. <paramref name="kind"/> says what it is.</summary>
    public static byte[]? Open(byte[] content, out ProtectionKind? kind)
    {
        kind = KindOf(content);
        return kind == ProtectionKind.SmimeSigned && Decode(new SignedCms(), content) is { ContentInfo.Content: { Length: > 0 } inner } ? inner : null;
    }

    /// <summary>What is known of the signature of a part signed around its content.</summary>
    public static MailProtection Check(byte[] content, IReadOnlyList<MailAddress> authors) => Check(Decode(new SignedCms(), content), authors);

    /// <summary>What is known of a signature beside its content, which is taken as it came, with CRLF.</summary>
    public static MailProtection CheckDetached(MimePart signed, MimePart signature, IReadOnlyList<MailAddress> authors) =>
        Check(Decode(new SignedCms(new ContentInfo(Canonical(signed.Source.Span[signed.Offset..signed.End])), detached: true), signature.DecodeContent()), authors);

    // The object identifiers of the kinds as they stand in the first bytes (ITU-T X.690).
    private static ReadOnlySpan<byte> Pkcs7 => [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];

    /// <summary>What damaged content began as; null when it began as neither signed nor encrypted.</summary>
    public static ProtectionKind? KindOfStart(ReadOnlySpan<byte> content)
    {
        var start = content[..Math.Min(content.Length, 32)];
        var at = start.IndexOf(Pkcs7) + Pkcs7.Length;
        return at < Pkcs7.Length || at >= start.Length ? null : start[at] switch { 2 => ProtectionKind.SmimeSigned, 3 => ProtectionKind.SmimeEncrypted, _ => null };
    }

    private static ProtectionKind? KindOf(byte[] content)
    {
        try
        {
            return ContentInfo.GetContentType(content).Value switch
            {
                SignedData => ProtectionKind.SmimeSigned,
                EnvelopedData or AuthEnvelopedData => ProtectionKind.SmimeEncrypted,
                _ => null,
            };
        }
        catch (Exception e) when (IsOfContent(e))
        {
            return null;
        }
    }

    private static SignedCms? Decode(SignedCms cms, byte[] content)
    {
        try
        {
            cms.Decode(content);
            return cms;
        }
        catch (Exception e) when (IsOfContent(e))
        {
            return null;
        }
    }

    private static MailProtection Check(SignedCms? cms, IReadOnlyList<MailAddress> authors)
    {
        var signers = new List<string>();
        var state = SignatureState.NotChecked;
        try
        {
            if (cms is { SignerInfos.Count: > 0 and <= MaxSigners })
                state = State(cms, signers);
        }
        catch (Exception e) when (IsOfContent(e))
        {
            state = SignatureState.NotChecked;
        }
        var match = signers.Count > 0 && signers.TrueForAll(signer => authors.Any(author => author.Address.Equals(signer, StringComparison.OrdinalIgnoreCase)));
        return new MailProtection(ProtectionKind.SmimeSigned, state, signers, match && state == SignatureState.Intact);
    }

    private static SignatureState State(SignedCms cms, List<string> signers)
    {
        var state = SignatureState.Intact;
        foreach (var signer in cms.SignerInfos)
        {
            if (signer.Certificate is not { } certificate)
            {
                state = state == SignatureState.Broken ? state : SignatureState.NotChecked;
                continue;
            }
            signers.Add(HeaderText.Clean(certificate.GetNameInfo(X509NameType.EmailName, forIssuer: false)));
            var one = IsCheckable(signer, certificate) ? IsIntact(signer) ? SignatureState.Intact : SignatureState.Broken : SignatureState.NotChecked;
            if (one == SignatureState.Broken || state == SignatureState.Intact)
                state = one;
        }
        return state;
    }

    private static bool IsCheckable(SignerInfo signer, X509Certificate2 certificate)
    {
        if (WeakDigests.Contains(signer.DigestAlgorithm.Value))
            return false;
        using var rsa = certificate.GetRSAPublicKey();
        return rsa is null || rsa.KeySize <= MaxKeyBits;
    }

    private static bool IsIntact(SignerInfo signer)
    {
        try
        {
            signer.CheckSignature(verifySignatureOnly: true);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // RFC 8551 section 3.1.1: what was signed had CRLF, whatever came of it on the way.
    private static byte[] Canonical(ReadOnlySpan<byte> content)
    {
        var output = new ArrayBufferWriter<byte>(content.Length + 64);
        while (content.IndexOf((byte)'\n') is >= 0 and var end)
        {
            output.Write(content[..(end > 0 && content[end - 1] == '\r' ? end - 1 : end)]);
            output.Write("\r\n"u8);
            content = content[(end + 1)..];
        }
        output.Write(content);
        return output.WrittenSpan.ToArray();
    }

    // What the library throws at bytes it does not like.
    private static bool IsOfContent(Exception e) => e is CryptographicException or ArgumentException or InvalidOperationException or FormatException or OverflowException or NotSupportedException;
}
