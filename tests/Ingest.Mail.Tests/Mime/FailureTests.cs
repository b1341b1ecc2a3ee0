using System.Text;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

/// <summary>Failures other systems are known for, as far as reading a mail can cause or prevent them.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData("", null, DefectKind.MissingMessageId)]
    [InlineData("Message-ID:\n", null, DefectKind.BadMessageId)]
    [InlineData("Message-ID: <>\n", null, DefectKind.BadMessageId)]
    [InlineData("Message-ID: no brackets at all\n", null, DefectKind.BadMessageId)]
    [InlineData("Message-ID: bare@example.com\n", "bare@example.com", DefectKind.BadMessageId)]
    [InlineData("Message-ID: <no-at>\n", "no-at", DefectKind.BadMessageId)]
    public void Failure_02_mail_with_an_odd_Message_ID_is_read_like_any_other(string header, string? id, DefectKind defect)
    {
        var message = Parse(header + "From: a@example.com\nSubject: s\n\ntext");
        Assert.Equal(id, message.MessageId);
        Assert.Contains(message.Defects, d => d.Kind == defect);
        Assert.Equal(("s", "text"), (message.Subject, message.Text));
    }

    [Fact]
    public void Failure_02_a_Message_ID_of_two_thousand_characters_counts_as_none()
    {
        var message = Parse($"Message-ID: <{new string('x', 2000)}@example.com>\nFrom: a@example.com\n\ntext");
        Assert.Null(message.MessageId);
        Assert.Contains(message.Defects, static d => d.Kind == DefectKind.BadMessageId);
    }

    [Theory]
    [InlineData("windows-1258", "Vi\u00eat")]
    [InlineData("gb18030", "\u4f60\u597d\u3002\u9555")]
    [InlineData("iso-2022-jp", "\u3053\u3093\u306b\u3061\u306f")]
    [InlineData("koi8-r", "\u041f\u0440\u0438\u0432\u0435\u0442")]
    [InlineData("ks_c_5601-1987", "\uc548\ub155")]
    [InlineData("big5", "\u7e41\u9ad4")]
    [InlineData("shift_jis", "\u65e5\u672c")]
    [InlineData("iso-8859-15", "5 \u20ac")]
    [InlineData("'utf-8'", "gr\u00fc\u00df")]
    [InlineData("default_charset", "gr\u00fc\u00df")]
    [InlineData("us-ascii", "gr\u00fc\u00df")]
    [InlineData("utf-16", "gr\u00fc\u00df")]
    public void Failure_43_text_of_a_known_charset_is_read_without_replacement_characters(string charset, string text)
    {
        var encoding = Charsets.Find(charset is "us-ascii" or "default_charset" ? "utf-8" : charset)!;
        byte[] mail = [.. Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset={charset}\n\n"), .. encoding.GetBytes(text)];
        Assert.Equal(text, MailMessage.Parse(mail).Text);
    }

    [Theory]
    [InlineData("Content-Type: text/plain; charset=\"utf-8\nContent-Transfer-Encoding: base64\n\n/w==")]
    [InlineData("Content-Type: text/plain; charset=x-nowhere\n\n\u00e4")]
    [InlineData("Content-Type: text/plain; name*=utf-8''%E4%ZZ%\n\nx")]
    [InlineData("Content-Disposition: attachment; filename*0*=x''%; filename*1*=%2; filename*99999999999=y\n\nx")]
    [InlineData("Content-Transfer-Encoding: base64\n\nSGVsbG8gd29ybG")]
    [InlineData("Content-Type: application/pgp-signature\n\nx")]
    [InlineData("Content-Type: multipart/signed; boundary=s\n\n--s\nContent-Type: application/pgp-signature\n\nx\n--s--")]
    public void Failure_43_broken_charsets_names_and_signatures_are_data(string mail)
    {
        var message = MailMessage.Parse(Encoding.Latin1.GetBytes(mail));
        Assert.All(message.Attachments, static a => Assert.NotNull(a.Decode()));
    }

    [Fact]
    public void Failure_44_text_shown_elided_signature_and_attachments_cover_the_mail()
    {
        Assert.SkipWhen(Corpus.Folder is null, "The sample mail of ../shared/data is not here.");
        foreach (var (name, bytes) in Corpus.Zip("mime/chatwoot.zip", static n => n.EndsWith(".eml", StringComparison.Ordinal)))
        {
            var message = MailMessage.Parse(bytes);
            if (message.Text is null)
                continue;
            var shown = Solid(string.Join('\n', message.Reply, message.Elided, message.Signature));
            Assert.True(Solid(message.Text).SequenceEqual(shown), name);
            var leaves = Leaves(message.Root).Count(static part => part.ContentType is not ("text/plain" or "text/html") && part.End > part.ContentOffset);
            Assert.True(message.Attachments.Count >= leaves, name);
        }
    }

    [Fact]
    public void Failure_44_an_opaque_signed_mail_and_a_TNEF_mail_are_attachments_not_nothing()
    {
        var signed = Parse("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHAqCAMIACAQExAA==");
        Assert.Equal("smime.p7m", Assert.Single(signed.Attachments).Name);
        var tnef = Parse("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgAA");
        Assert.Equal(6, Assert.Single(tnef.Attachments).Decode().Length);
    }

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.UTF8.GetBytes(mail));

    private static IEnumerable<MimePart> Leaves(MimePart part) => part.IsLeaf ? [part] : part.IsMessage ? [] : part.Children.SelectMany(Leaves);

    private static List<string> Solid(string text) => [.. text.Split('\n').Select(static l => l.TrimEnd()).Where(static l => l.Length > 0).Order(StringComparer.Ordinal)];
}
