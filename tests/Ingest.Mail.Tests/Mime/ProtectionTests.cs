using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class ProtectionTests : IDisposable
{
    private const string Entity = "Content-Type: text/plain; charset=utf-8\r\n\r\nThe contract is signed.\r\n";

    private readonly X509Certificate2 certificate = Certificate("kim@customer.example");

    [Theory]
    [InlineData("kim@customer.example", true)]
    [InlineData("KIM@Customer.Example", true)]
    [InlineData("boss@customer.example", false)]
    public void Mail_signed_around_its_content_is_shown_and_its_signer_compared_with_its_author(string author, bool same)
    {
        var mail = Parse(Opaque(Signed(Entity, detached: false), author));
        Assert.Equal("The contract is signed.\n", mail.Text);
        Assert.Empty(mail.Attachments);
        Assert.Equal(["kim@customer.example"], mail.Protection!.Signers);
        Assert.Equal((ProtectionKind.SmimeSigned, SignatureState.Intact, same), (mail.Protection.Kind, mail.Protection.Signature, mail.Protection.SignerIsAuthor));
    }

    [Fact]
    public void Content_that_was_changed_is_shown_and_its_signature_called_broken()
    {
        var signed = Signed(Entity, detached: false);
        signed[signed.AsSpan().IndexOf("contract"u8)] = (byte)'C';
        var mail = Parse(Opaque(signed));
        Assert.Equal("The Contract is signed.\n", mail.Text);
        Assert.Equal((SignatureState.Broken, false), (mail.Protection!.Signature, mail.Protection.SignerIsAuthor));
    }

    [Theory]
    [InlineData("\r\n", "contract", SignatureState.Intact)]
    [InlineData("\n", "contract", SignatureState.Intact)]
    [InlineData("\n", "Contract", SignatureState.Broken)]
    public void A_signature_beside_its_content_is_checked_with_either_line_end(string lineEnd, string word, SignatureState state)
    {
        var signature = Convert.ToBase64String(Signed(Entity[..^2], detached: true), Base64FormattingOptions.InsertLineBreaks);
        var mail = Parse(("From: kim@customer.example\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b\r\n\r\n--b\r\n" + Entity.Replace("contract", word, StringComparison.Ordinal)
            + "--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n" + signature + "\r\n--b--\r\n").Replace("\r\n", lineEnd, StringComparison.Ordinal));
        Assert.Equal($"The {word} is signed.", mail.Text);
        Assert.Equal((state, state == SignatureState.Intact), (mail.Protection!.Signature, mail.Protection.SignerIsAuthor));
    }

    [Fact]
    public void Mail_signed_around_its_content_that_was_cut_off_is_called_signed_and_damaged()
    {
        var signed = Signed(Entity, detached: false);
        var mail = Parse(Opaque(signed[..(signed.Length / 2)]));
        Assert.Equal((ProtectionKind.SmimeSigned, SignatureState.NotChecked, false), (mail.Protection!.Kind, mail.Protection.Signature, mail.Protection.SignerIsAuthor));
        Assert.Contains(mail.Defects, static d => d.Kind == DefectKind.DamagedSmime);
        Assert.Single(mail.Attachments);
        Assert.DoesNotContain(Parse(Opaque(signed)).Defects, static d => d.Kind == DefectKind.DamagedSmime);
    }

    [Fact]
    public void A_signer_without_a_certificate_is_not_vouched_for()
    {
        var cms = new SignedCms(new ContentInfo(Encoding.UTF8.GetBytes(Entity)));
        cms.ComputeSignature(new CmsSigner(certificate) { IncludeOption = X509IncludeOption.None });
        var mail = Parse(Opaque(cms.Encode()));
        Assert.Equal("The contract is signed.\n", mail.Text);
        Assert.Equal((SignatureState.NotChecked, 0, false), (mail.Protection!.Signature, mail.Protection.Signers.Count, mail.Protection.SignerIsAuthor));
    }

    [Fact]
    public void Signed_within_signed_is_shown()
    {
        var inner = "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(Signed(Entity, detached: false)) + "\r\n";
        Assert.Equal("The contract is signed.\n", Parse(Opaque(Signed(inner, detached: false))).Text);
    }

    [Fact]
    public void Encrypted_mail_stays_an_attachment_and_says_so()
    {
        var cms = new EnvelopedCms(new ContentInfo(Encoding.UTF8.GetBytes(Entity)));
        cms.Encrypt(new CmsRecipient(certificate));
        var mail = Parse(Opaque(cms.Encode()));
        Assert.Equal((null, "smime.p7m", ProtectionKind.SmimeEncrypted), (mail.Text, Assert.Single(mail.Attachments).Name, mail.Protection!.Kind));
        Assert.Equal(cms.Encode(), mail.Attachments[0].Decode());
    }

    [Theory]
    [InlineData("Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----\n--b--\n", ProtectionKind.PgpSigned, "Hello")]
    [InlineData("Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----\n--b--\n", ProtectionKind.PgpEncrypted, null)]
    [InlineData("\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n-----BEGIN PGP SIGNATURE-----\n", ProtectionKind.PgpSigned, "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n-----BEGIN PGP SIGNATURE-----\n")]
    [InlineData("\nHi\n-----BEGIN PGP MESSAGE-----\nabc\n", ProtectionKind.PgpEncrypted, "Hi\n-----BEGIN PGP MESSAGE-----\nabc\n")]
    public void Pgp_is_kept_and_labelled(string mail, ProtectionKind kind, string? text)
    {
        var read = Parse("From: kim@customer.example\n" + mail);
        Assert.Equal((kind, SignatureState.NotChecked, text), (read.Protection!.Kind, read.Protection.Signature, read.Text));
    }

    [Fact]
    public void Ordinary_mail_and_mail_that_quotes_pgp_is_not_protected()
    {
        Assert.Null(Parse("Subject: x\n\nHello\n> -----BEGIN PGP MESSAGE-----\n").Protection);
        Assert.Null(Parse("Subject: x\nContent-Type: application/pkcs7-mime\n\nnothing of the sort\n").Protection);
    }

    [Fact]
    public void Signed_and_encrypted_ticket_mails_are_told_apart()
    {
        foreach (var (name, bytes) in Corpus.Zip("mime/request_tracker.zip", static n => n.Contains("smime/", StringComparison.Ordinal) && n.EndsWith(".eml", StringComparison.Ordinal)))
        {
            var protection = MailMessage.Parse(bytes).Protection!;
            var signed = !name.Contains("encrypted", StringComparison.Ordinal);
            Assert.Equal((name, signed ? ProtectionKind.SmimeSigned : ProtectionKind.SmimeEncrypted, signed), (name, protection.Kind, protection.SignerIsAuthor));
        }
    }

    [Fact]
    public void Any_signed_bytes_are_read_without_exceptions()
    {
        var seed = Signed(Entity, detached: false);
        for (var round = 0; round < 1000; round++)
        {
            var random = new Random(round);
            var bytes = seed.ToArray();
            for (var i = random.Next(1, 6); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var mail = Parse(Opaque(bytes[..(random.Next(3) == 0 ? random.Next(bytes.Length) : bytes.Length)]));
            Assert.True(mail.Protection is null or { SignerIsAuthor: false } or { Signature: SignatureState.Intact });
        }
    }

    public void Dispose() => certificate.Dispose();

    private byte[] Signed(string entity, bool detached)
    {
        var cms = new SignedCms(new ContentInfo(Encoding.UTF8.GetBytes(entity)), detached);
        cms.ComputeSignature(new CmsSigner(certificate) { DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1") });
        return cms.Encode();
    }

    private static string Opaque(byte[] content, string author = "kim@customer.example") =>
        $"From: {author}\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks)}\r\n";

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.UTF8.GetBytes(mail));

    private static X509Certificate2 Certificate(string address)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Kim", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress(address);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
    }
}
