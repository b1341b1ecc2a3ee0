using System.Text;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class AttachmentTests
{
    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\\\Temp\\\\a.doc", "a.doc")]
    [InlineData("con.txt", "_con.txt")]
    [InlineData("a\u202efdp.exe", "afdp.exe")]
    [InlineData("...", "attachment.bin")]
    [InlineData("a<b>|c?.pdf", "a_b__c_.pdf")]
    [InlineData(" lead and trail. ", "lead and trail")]
    public void Names_are_made_safe_to_store(string name, string safe) =>
        Assert.Equal(safe, Assert.Single(Parse($"Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"{name}\"\n\nx").Attachments).SafeName);

    [Fact]
    public void Long_names_keep_their_extension()
    {
        var attachment = Assert.Single(Parse($"Content-Type: application/pdf; name={new string('x', 500)}.pdf\n\nx").Attachments);
        Assert.EndsWith(".pdf", attachment.SafeName, StringComparison.Ordinal);
        Assert.True(attachment.SafeName.Length <= 200);
    }

    [Fact]
    public void Content_can_be_copied_in_pieces_and_is_the_same_as_decoded_at_once()
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        foreach (var (encoding, text) in new[] { ("base64", Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks)), ("quoted-printable", Quoted(content)) })
        {
            var attachment = Assert.Single(Parse($"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: {encoding}\n\n{text}").Attachments);
            using var copy = new MemoryStream();
            attachment.Part.CopyContentTo(copy);
            Assert.Equal(content, attachment.Decode());
            Assert.Equal(content, copy.ToArray());
            Assert.Equal(content.Length, attachment.Part.DecodedLength());
        }
    }

    [Fact]
    public void Uuencoded_parts_are_decoded()
    {
        var attachment = Assert.Single(Parse("Content-Type: application/octet-stream; name=cat.txt\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n").Attachments);
        Assert.Equal("Cat", Encoding.ASCII.GetString(attachment.Decode()));
    }

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.UTF8.GetBytes(mail));

    private static string Quoted(byte[] content)
    {
        var text = new StringBuilder();
        for (var i = 0; i < content.Length; i++)
            text.Append('=').Append(content[i].ToString("X2", System.Globalization.CultureInfo.InvariantCulture)).Append(i % 25 == 24 ? "=\r\n" : "");
        return text.ToString();
    }
}
