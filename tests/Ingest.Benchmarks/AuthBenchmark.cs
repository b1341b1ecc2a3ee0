using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;

namespace Ingest.Benchmarks;

/// <summary>What DKIM costs beside the bare hash and the bare RSA operation.</summary>
internal static class AuthBenchmark
{
    private const int Length = 20 * 1000;

    public static int Run()
    {
        Measure.Title("DKIM, a text of 20 KB, RSA of 2,048 bits");
        using RSA rsa = RSA.Create(2048);
        using DkimKey key = DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        byte[] mail = Mail();
        DkimSignature settings = new() { Domain = "acme.example", Selector = "s1", Key = key };
        byte[] signed = DkimSigner.Sign(mail, settings);
        DnsAnswer answer = new(DnsStatus.Answer) { Texts = [key.PublicRecord] };
        DkimVerifier verifier = new((_, _, _) => ValueTask.FromResult(answer), TimeProvider.System);
        byte[] signature = rsa.SignHash(SHA256.HashData(mail), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Measure.Time("SHA-256 and RSA verify, µs", Measure.Of(() => rsa.VerifyHash(SHA256.HashData(mail), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), 1e6, "");
        Measure.Time("DKIM verify, key known, µs", Measure.Of(() => verifier.VerifyAsync(signed, CancellationToken.None).GetAwaiter().GetResult()), 1e6, "", "≤ 1.5 ×");
        Measure.Time("SHA-256 and RSA sign, µs", Measure.Of(() => rsa.SignHash(SHA256.HashData(mail), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), 1e6, "");
        Measure.Time("DKIM sign, µs", Measure.Of(() => DkimSigner.Sign(mail, settings)), 1e6, "", "≤ 1.2 ×");
        return 0;
    }

    // Plain text as people type it, some with two spaces after a full stop, with the traces of a few servers.
    private static byte[] Mail()
    {
        StringBuilder mail = new("From: Ann <ann@acme.example>\r\nTo: bob@example.com\r\nSubject: Your order of today\r\nDate: Tue, 3 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\n");
        for (int hop = 0; hop < 8; hop++)
            mail.Append(CultureInfo.InvariantCulture, $"Received: from host{hop}.example ([192.0.2.{hop}]) by mx{hop}.example with ESMTPS\r\n for <bob@example.com>; Tue, 3 Mar 2026 10:00:0{hop} +0000\r\n");
        mail.Append("\r\n");
        for (int word = 0; mail.Length < Length; word++)
            mail.Append("word").Append(word % 997).Append(word % 11 == 10 ? "\r\n" : word % 41 == 40 ? ".  " : " ");
        return Encoding.ASCII.GetBytes(mail.Append("end\r\n").ToString());
    }
}
