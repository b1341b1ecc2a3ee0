using System.Security.Cryptography;
using System.Text;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

/// <summary>What becomes of a signature of ours on its way: relays may fold, trace and trim; they may not change what is said.</summary>
public sealed class RelayTests
{
    private const string Message = "From: Ann <ann@acme.example>\r\nTo: bob@example.com\r\nSubject: Your  order\r\nDate: Tue, 3 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello Bob,\r\n\r\nit is  on its way.\r\nAnn\r\n";
    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly byte[] Signed = Sign();

    public static TheoryData<string, string> Harmless => new()
    {
        { "Subject: Your  order", "Subject: Your\r\n order" },
        { "Subject: Your  order", "Subject:  Your \t order  " },
        { "Subject: Your  order", "SUBJECT: Your order" },
        { "Subject: Your  order", "subject :Your order" },
        { "From: Ann <ann@acme.example>", "From: Ann\r\n\t<ann@acme.example>" },
        { "From: Ann", "From:\r\n Ann" },
        { "Date: Tue, 3 Mar", "Date: Tue,\r\n 3 Mar" },
        { "charset=utf-8", "\r\n\tcharset=utf-8" },
        { "DKIM-Signature: v=1;", "Received: from a by b; Tue, 3 Mar 2026 10:00:01 +0000\r\nDKIM-Signature: v=1;" },
        { "DKIM-Signature: v=1;", "X-Spam-Score: 0\r\nX-Spam-Status: No\r\nDKIM-Signature: v=1;" },
        { "DKIM-Signature: v=1;", "Authentication-Results: mx.example; dkim=none\r\nDKIM-Signature: v=1;" },
        { "DKIM-Signature: v=1;", "Return-Path: <bounce@acme.example>\r\nDelivered-To: bob@example.com\r\nDKIM-Signature: v=1;" },
        { "DKIM-Signature: v=1;", "DKIM-Signature:\r\n\tv=1;" },
        { "MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r\nX-Footer: none\r\n" },
        { "Hello Bob,\r\n", "Hello Bob,  \t\r\n" },
        { "it is  on", "it is \t on" },
        { "Ann\r\n", "Ann\r\n\r\n\r\n" },
        { "Ann\r\n", "Ann\r\n \t\r\n" },
        { "\r\nAnn\r\n", "\r\nAnn" },
        { "Hello Bob,\r\n\r\n", "Hello Bob,\r\n  \r\n" },
    };

    public static TheoryData<string, string> Harmful => new()
    {
        { "Subject: Your  order", "Subject: [list] Your order" },
        { "Subject: Your  order", "Subject: Yourorder" },
        { "Subject: Your  order", "Subject: your order" },
        { "Subject: Your  order\r\n", "" },
        { "From: Ann <ann@", "From: Eve <ann@" },
        { "From: Ann <ann@", "From: Ann <eve@" },
        { "From: Ann", "From: eve@evil.example\r\nFrom: Ann" },
        { "To: bob@example.com", "To: bob@example.com, eve@evil.example" },
        { "To: bob", "Cc: eve@evil.example\r\nTo: bob" },
        { "To: bob", "Reply-To: eve@evil.example\r\nTo: bob" },
        { "Date: Tue, 3", "Date: Tue, 4" },
        { "Message-ID: <1@", "Message-ID: <2@" },
        { "Message-ID:", "References: <0@evil.example>\r\nMessage-ID:" },
        { "charset=utf-8", "charset=utf-7" },
        { "Content-Type: text/plain", "Content-Transfer-Encoding: base64\r\nContent-Type: text/plain" },
        { "Hello Bob,", "Hello Bab," },
        { "it is  on", "it ison" },
        { "Hello Bob,\r\n\r\n", "Hello Bob,\r\n" },
        { "\r\nAnn\r\n", "\r\nAnn\r\n--\r\nAdvertisement\r\n" },
        { "\r\n\r\nHello", "\r\n\r\n\r\nHello" },
    };

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task A_harmless_change_keeps_the_signature(string before, string after) => Assert.Equal(AuthResult.Pass, await JudgeAsync(before, after));

    [Theory]
    [MemberData(nameof(Harmful))]
    public async Task A_harmful_change_breaks_it(string before, string after) => Assert.Equal(AuthResult.Fail, await JudgeAsync(before, after));

    [Fact]
    public async Task A_key_in_a_vault_signs_the_same()
    {
        byte[]? seen = null;
        var signed = await DkimSigner.SignAsync(Encoding.ASCII.GetBytes(Message), Settings, (digest, cancel) =>
        {
            seen = digest.ToArray();
            return ValueTask.FromResult(Rsa.SignHash(seen, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }, TestContext.Current.CancellationToken);
        Assert.Equal(32, seen?.Length);
        Assert.Equal(Encoding.ASCII.GetString(Signed), Encoding.ASCII.GetString(signed));
        Assert.Throws<ArgumentException>(static () => DkimSigner.Sign(Encoding.ASCII.GetBytes(Message), Settings));
    }

    private static DkimSignature Settings => new() { Domain = "acme.example", Selector = "s1", SignedAt = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000) };

    private static byte[] Sign()
    {
        using var key = DkimKey.FromPem(Rsa.ExportPkcs8PrivateKeyPem());
        return DkimSigner.Sign(Encoding.ASCII.GetBytes(Message), Settings with { Key = key });
    }

    private static async Task<AuthResult> JudgeAsync(string before, string after)
    {
        var text = Encoding.ASCII.GetString(Signed);
        var place = text.LastIndexOf(before, StringComparison.Ordinal);
        Assert.True(place >= 0);
        var changed = Encoding.ASCII.GetBytes(text[..place] + after + text[(place + before.Length)..]);
        var key = new DnsAnswer(DnsStatus.Answer) { Texts = ["v=DKIM1; p=" + Convert.ToBase64String(Rsa.ExportSubjectPublicKeyInfo())] };
        var verdicts = await new DkimVerifier((_, _, _) => ValueTask.FromResult(key), TimeProvider.System).VerifyAsync(changed, TestContext.Current.CancellationToken);
        return Assert.Single(verdicts).Result;
    }
}
