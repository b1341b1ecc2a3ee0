using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class UuBlockTests
{
    [Fact]
    public void A_file_within_a_text_becomes_an_attachment_and_the_text_keeps_the_rest()
    {
        var mail = Parse("Subject: x\n\nHello,\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n\nBye\n\nbegin 0755 zeros.bin\n#\n \nend\n");
        Assert.Equal("Hello,\n\n\nBye\n\n", mail.Text);
        Assert.Equal([("cat.txt", "text/plain", "436174"), ("zeros.bin", "application/octet-stream", "000000")], mail.Attachments.Select(static a => (a.Name, a.ContentType, Convert.ToHexString(a.Decode()))));
        Assert.All(mail.Attachments, static a => Assert.Equal(a.Decode().Length, a.Part.DecodedLength()));
    }

    [Theory]
    [InlineData("begin 644 me\nnot a block at all, of course\nend\n")]
    [InlineData("begin 644 empty\nend\n")]
    [InlineData("begin tomorrow 644\n#0V%T\nend\n")]
    [InlineData("begin 999 x.txt\n#0V%T\nend\n")]
    [InlineData("We begin 644 x\n#0V%T\nend\n")]
    [InlineData("begin 644 x\n")]
    public void What_is_no_block_stays_text(string text)
    {
        var mail = Parse("Subject: x\n\n" + text);
        Assert.Equal((text, 0), (mail.Text, mail.Attachments.Count));
    }

    [Theory]
    [InlineData("see\n\nbegin 644 cat.txt\n#0V%T\n\n", "see\n\n")]
    [InlineData("see\n\nbegin 644 cat.txt\n#0V%T\n\nBye, Kim\n", "see\n\nBye, Kim\n")]
    public void A_block_without_its_end_is_a_file_when_its_lines_are_as_long_as_they_say(string text, string rest)
    {
        var mail = Parse("Subject: x\n\n" + text);
        Assert.Equal((rest, "Cat"), (mail.Text, Encoding.ASCII.GetString(Assert.Single(mail.Attachments).Decode())));
    }

    [Fact]
    public void A_ticket_mail_with_a_uuencoded_file_is_read()
    {
        var mail = MailMessage.Parse(Corpus.Zip("mime/request_tracker.zip", static n => n.EndsWith("/notes-uuencoded", StringComparison.Ordinal)).Single().Bytes);
        Assert.DoesNotContain("begin 644", mail.Text, StringComparison.Ordinal);
        Assert.NotEmpty(mail.Attachments);
    }

    [Fact]
    public void What_is_encoded_is_read_back_whatever_stands_around_it() =>
        Prop.ForAll(Gen.Choose(0, 255).Select(static b => (byte)b).ArrayOf().Where(static b => b.Length > 0).ToArbitrary(), static bytes =>
        {
            var encoded = Encode(bytes);
            foreach (var block in new[] { encoded, Encode(bytes, '`'), string.Join('\n', encoded.Split('\n').Select(static l => l.TrimEnd(' '))) })
            {
                var mail = Parse("Subject: x\n\nbefore\n" + block + "after\n");
                Assert.Equal("before\nafter\n", mail.Text);
                Assert.Equal(bytes, Assert.Single(mail.Attachments).Decode());
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_split_without_exceptions_and_within_bounds() =>
        Prop.ForAll(Gen.Elements("begin 644 a\n", "begin ", "end\n", "M\n", "#0V%T\n", "`\n", "\n", " \n", "x", "begin 644 ", "M" + new string('`', 60) + "\n").ListOf().ToArbitrary(), static pieces =>
        {
            var text = string.Concat(pieces);
            var files = new List<MimePart>();
            var rest = UuBlocks.Split(text, files, new UnpackBudget(ParseLimits.Default with { MaxUnpackedBytes = 100 }));
            Assert.True(rest.Length <= text.Length);
            Assert.True(files.Sum(static f => f.RawContent.Length) <= 100);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static string Encode(byte[] bytes, char zero = ' ')
    {
        var text = new StringBuilder("begin 644 a file.bin\n");
        foreach (var line in bytes.Chunk(45))
        {
            text.Append((char)(32 + line.Length));
            foreach (var three in line.Chunk(3))
            {
                var bits = three[0] << 16 | (three.Length > 1 ? three[1] : 0) << 8 | (three.Length > 2 ? three[2] : 0);
                for (var shift = 18; shift >= 0; shift -= 6)
                    text.Append((bits >> shift & 63) == 0 ? zero : (char)(32 + (bits >> shift & 63)));
            }
            text.Append('\n');
        }
        return text.Append("`\nend\n").ToString();
    }

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.Latin1.GetBytes(mail));
}
