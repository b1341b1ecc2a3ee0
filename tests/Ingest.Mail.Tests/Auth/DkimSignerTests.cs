using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Auth;

public sealed class DkimSignerTests
{
    private static readonly string Pem = NewPem(2048);
    private static readonly DkimSignature Settings = new() { Domain = "acme.example", Selector = "s1", Key = DkimKey.FromPem(Pem), SignedAt = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000) };

    [Theory]
    [InlineData(DkimForm.Relaxed, "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData(DkimForm.Simple, "", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=")]
    [InlineData(DkimForm.Relaxed, "\r\n\r\n \t\r\n", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData(DkimForm.Simple, "\r\n\r\n", "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=")]
    public void An_empty_body_has_the_published_hash(DkimForm form, string body, string hash) =>
        Assert.Equal(hash, Convert.ToBase64String(DkimCanonical.BodyHash(Encoding.ASCII.GetBytes(body), form, "\r\n"u8)));

    [Theory]
    [InlineData(DkimForm.Relaxed, " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n")]
    [InlineData(DkimForm.Simple, " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n")]
    [InlineData(DkimForm.Relaxed, "a\r\n\r\nb", "a\r\n\r\nb\r\n")]
    [InlineData(DkimForm.Simple, "a\r\n\r\nb", "a\r\n\r\nb\r\n")]
    [InlineData(DkimForm.Relaxed, "\t x\rx\nx ", " x\rx\nx\r\n")]
    public void A_body_is_made_comparable_as_in_rfc_6376_section_3_4(DkimForm form, string body, string canonical) =>
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)), DkimCanonical.BodyHash(Encoding.ASCII.GetBytes(body), form, "\r\n"u8));

    [Theory]
    [InlineData(DkimForm.Relaxed, "A: X", "a:X")]
    [InlineData(DkimForm.Relaxed, "B : Y\t\r\n\tZ  ", "b:Y Z")]
    [InlineData(DkimForm.Simple, "B : Y\t\r\n\tZ  ", "B : Y\t\r\n\tZ  ")]
    [InlineData(DkimForm.Relaxed, "Subject:", "subject:")]
    public void A_field_is_made_comparable_as_in_rfc_6376_section_3_4(DkimForm form, string field, string canonical)
    {
        var output = new ArrayBufferWriter<byte>();
        DkimCanonical.Field(Encoding.ASCII.GetBytes(field), form, "\r\n"u8, output);
        Assert.Equal(canonical, Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Signatures_of_others_hold_over_our_canonical_forms()
    {
        var files = Corpus.Zip("auth/dkim_lieser.zip").ToDictionary(static f => f.Name, static f => f.Bytes);
        var dns = JsonSerializer.Deserialize<Dictionary<string, string>>(files["dns_txt.json"])!;
        var (bodies, signatures) = (0, 0);
        foreach (var (name, bytes) in files.Where(static f => f.Key.StartsWith("original/", StringComparison.Ordinal) || f.Key is "rfc6376-A.2.eml" or "rfc8463-A.3.eml"))
        {
            foreach (var (selector, body, signature) in DkimCheck.Run(bytes, dns.GetValueOrDefault))
            {
                Assert.True(body, $"{name} {selector}");
                Assert.NotEqual(false, signature);
                bodies++;
                signatures += signature == true ? 1 : 0;
            }
        }
        Assert.True(bodies >= 8 && signatures >= 6, $"{bodies} bodies, {signatures} signatures");
    }

    [Fact]
    public void Any_mail_we_write_and_sign_holds_until_a_byte_changes() =>
        Prop.ForAll(OutgoingMails.Any.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), static (mail, at) =>
        {
            var signed = DkimSigner.Sign(MessageWriter.Write(mail), Settings);
            Assert.Equal([("s1", true, (bool?)true)], DkimCheck.Run(signed, Txt));

            var subject = signed.AsSpan().IndexOf("\r\nSubject: "u8) + 11;
            var from = signed.AsSpan().IndexOf("\r\nFrom: "u8) + 8;
            foreach (var place in (int[])[subject, from, signed.Length - 3])
            {
                var spoilt = signed.ToArray();
                spoilt[place] = spoilt[place] == (byte)'x' ? (byte)'y' : (byte)'x';
                Assert.NotEqual([("s1", true, (bool?)true)], DkimCheck.Run(spoilt, Txt));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Theory]
    [InlineData("From: Eve <eve@evil.example>")]
    [InlineData("Subject: another")]
    [InlineData("Reply-To: eve@evil.example")]
    [InlineData("Cc: eve@evil.example")]
    [InlineData("Content-Type: text/html")]
    [InlineData("Date: Tue, 03 Nov 2026 09:05:00 +0100")]
    [InlineData("References: <other@x.example>")]
    public void A_field_added_on_the_way_breaks_the_signature(string field)
    {
        var signed = DkimSigner.Sign(MessageWriter.Write(OutgoingMails.Simple), Settings);

        foreach (var spoilt in (string[])[$"{field}\r\n{Latin(signed)}", Latin(signed).Replace("\r\n\r\n", $"\r\n{field}\r\n\r\n", StringComparison.Ordinal)])
            Assert.Equal((bool?)false, Assert.Single(DkimCheck.Run(Encoding.Latin1.GetBytes(spoilt), Txt)).Signature);
    }

    [Theory]
    [InlineData(DkimForm.Simple, DkimForm.Simple)]
    [InlineData(DkimForm.Simple, DkimForm.Relaxed)]
    [InlineData(DkimForm.Relaxed, DkimForm.Simple)]
    public void The_other_forms_hold_too(DkimForm header, DkimForm body)
    {
        var message = Encoding.ASCII.GetBytes("From:  a@acme.example\r\nSubject: folded\r\n \t subject \r\n\r\nbody \t with  blanks \r\n\r\n\r\n");
        var signed = DkimSigner.Sign(message, Settings with { HeaderForm = header, BodyForm = body });

        Assert.Equal([("s1", true, (bool?)true)], DkimCheck.Run(signed, Txt));
        Assert.Equal(message, signed[^message.Length..]);
    }

    [Fact]
    public void The_field_is_folded_and_names_everything()
    {
        var signed = Latin(DkimSigner.Sign(MessageWriter.Write(OutgoingMails.Simple), Settings with { Expires = DateTimeOffset.FromUnixTimeSeconds(1_800_000_600) }));
        var field = signed[..signed.IndexOf("\r\nDate:", StringComparison.Ordinal)];

        Assert.StartsWith("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=acme.example; s=s1; t=1800000000; x=1800000600;\r\n h=From:From:", field, StringComparison.Ordinal);
        Assert.DoesNotContain("l=", field, StringComparison.Ordinal);
        Assert.All(field.Split("\r\n"), static line => Assert.True(line.Length <= 76, line));
        Assert.All(field.Split("\r\n").Skip(1), static line => Assert.StartsWith(" ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_with_unix_line_ends_gets_a_field_in_kind_and_holds_once_sent()
    {
        var signed = DkimSigner.Sign("From: a@acme.example\nSubject: x\n\nbody\n"u8, Settings);

        Assert.DoesNotContain((byte)'\r', signed);
        Assert.Equal([("s1", true, (bool?)true)], DkimCheck.Run(signed, Txt));
        Assert.Equal([("s1", true, (bool?)true)], DkimCheck.Run(Encoding.Latin1.GetBytes(Latin(signed).ReplaceLineEndings("\r\n")), Txt));
    }

    [Theory]
    [InlineData("")]
    [InlineData("From: a@acme.example")]
    [InlineData("From: a@acme.example\r\n")]
    [InlineData("From: a@acme.example\r\n\r\n")]
    [InlineData("no colon here\r\n\r\nbody")]
    [InlineData("\r\nbody only\r\n")]
    [InlineData(" starts folded\r\nFrom: a@acme.example\r\n\r\nx")]
    public void Any_bytes_can_be_signed(string message) =>
        Assert.EndsWith(message, Latin(DkimSigner.Sign(Encoding.ASCII.GetBytes(message), Settings)), StringComparison.Ordinal);

    [Theory]
    [InlineData("acme.example; l=0", "s1")]
    [InlineData("acme.example", "s1\r\nX: y")]
    [InlineData("", "s1")]
    [InlineData("[192.0.2.1]", "s1")]
    public void Domain_and_selector_cannot_carry_tags(string domain, string selector) =>
        Assert.Throws<ArgumentException>(() => DkimSigner.Sign("From: a@b\r\n\r\n"u8, Settings with { Domain = domain, Selector = selector }));

    [Fact]
    public void A_domain_in_unicode_is_written_in_ascii() =>
        Assert.Contains("d=xn--bcher-kva.example; s=s1;", Latin(DkimSigner.Sign("From: a@b\r\n\r\n"u8, Settings with { Domain = "Bücher.example" })), StringComparison.Ordinal);

    [Fact]
    public void Keys_that_cannot_sign_are_refused_with_a_fix()
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // RFC 8410 section 10.3: the base class library cannot use it.
        const string Ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";

        Assert.Equal(DkimKeyFault.NotPem, Fault("hello"));
        Assert.Equal(DkimKeyFault.NotPrivate, Fault(rsa.ExportSubjectPublicKeyInfoPem()));
        Assert.Equal(DkimKeyFault.NotRsa, Fault(curve.ExportPkcs8PrivateKeyPem()));
        Assert.Equal(DkimKeyFault.NotRsa, Fault(Ed25519));
        Assert.Equal(DkimKeyFault.TooShort, Fault(NewPem(512)));
        Assert.Equal(DkimKeyFault.Encrypted, Fault(rsa.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000))));
        using var old = DkimKey.FromPem(rsa.ExportRSAPrivateKeyPem());
        Assert.Equal(2048, old.Bits);

        static DkimKeyFault Fault(string pem) => Assert.Throws<DkimKeyException>(() => DkimKey.FromPem(pem)).Fault;
    }

    private static string? Txt(string name) => name == "s1._domainkey.acme.example" ? Settings.Key!.PublicRecord : null;

    private static string Latin(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static string NewPem(int bits)
    {
        using var rsa = RSA.Create(bits);
        return rsa.ExportPkcs8PrivateKeyPem();
    }
}
