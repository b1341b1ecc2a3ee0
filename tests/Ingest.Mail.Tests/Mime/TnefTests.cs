using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class TnefTests
{
    [Theory]
    [InlineData("winmail.dat", "zappa_av1.jpg bookmark.htm message.rtf", "zappa_av1.jpg bookmark.htm -")]
    [InlineData("one-file.tnef", "AUTHORS", "AUTHORS")]
    [InlineData("long-filename.tnef", "allproductsmar2000.dat message.rtf", "allproductsmar2000.dat -")]
    [InlineData("missing-filenames.tnef", "generpts.src TechlibDEC99.doc TechlibDEC99-JAN00.doc TechlibNOV99.doc message.rtf", "- TechlibDEC99.doc TechlibDEC99-JAN00.doc TechlibNOV99.doc -")]
    [InlineData("multi-value-attribute.tnef", "208225 (5 seconds) Voice Mail.mp3 message.rtf", "- -")]
    [InlineData("rtf.tnef", "message.rtf", "-")]
    public void Names_and_bytes_are_what_another_reader_extracts(string stream, string names, string results)
    {
        var files = Corpus.Zip("tnef/ytnef.zip").ToDictionary(static f => f.Name, static f => f.Bytes);
        var mail = Parse(Packed(files[stream]));
        Assert.Equal(names, string.Join(' ', mail.Attachments.Select(static a => a.Name)));
        foreach (var (attachment, result) in mail.Attachments.Zip(results.Split(' ')))
        {
            if (result != "-")
                Assert.Equal(files["results/" + result], attachment.Decode());
        }
        foreach (var rtf in mail.Attachments.Where(static a => a.Name == "message.rtf"))
            Assert.Matches("(?s)^{\\\\rtf1.*}\\s*$", Encoding.ASCII.GetString(rtf.Decode()).TrimEnd('\0'));
        Assert.DoesNotContain(mail.Defects, static d => d.Kind is DefectKind.DamagedTnef or DefectKind.TooMuchUnpacked);
    }

    [Fact]
    public void A_stream_that_is_cut_in_its_first_attribute_stays_an_attachment()
    {
        var mail = Parse(Packed(Corpus.Zip("tnef/ytnef.zip").Single(static f => f.Name == "ytnef-oob-TNEFVersion-SwapWord").Bytes));
        Assert.Equal("winmail.dat", Assert.Single(mail.Attachments).Name);
        Assert.Contains(mail.Defects, static d => d.Kind == DefectKind.DamagedTnef);
    }

    [Fact]
    public void Names_in_a_codepage_and_in_unicode_are_decoded()
    {
        var stream = new TnefStream().Codepage(1251)
            .File("1"u8.ToArray(), "short~1.txt", TnefStream.String8(0x3707, Encoding.Latin1.GetBytes("\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2.txt")))
            .File("2"u8.ToArray(), null, TnefStream.Unicode(0x3707, "日本語 👍.pdf"), TnefStream.Unicode(0x370E, "Application/PDF"), TnefStream.Unicode(0x3712, "pic@x"))
            .File(null, null, TnefStream.Binary(0x3701, "3"u8.ToArray()), TnefStream.Unicode(0x3001, "../../etc/passwd"));
        var mail = Parse(Packed(stream.Bytes));
        Assert.Equal([("Привет.txt", "text/plain", "1"), ("日本語 👍.pdf", "application/pdf", "2"), ("../../etc/passwd", "application/octet-stream", "3")],
            mail.Attachments.Select(static a => (a.Name, a.ContentType, Encoding.ASCII.GetString(a.Decode()))));
        Assert.Equal("passwd", mail.Attachments[2].SafeName);
        Assert.Equal("pic@x", mail.Attachments[1].ContentId);
    }

    [Fact]
    public void Its_body_counts_only_when_the_mail_has_none()
    {
        var stream = new TnefStream().Message(TnefStream.Unicode(0x1000, "Grüße"), TnefStream.Binary(0x1013, Encoding.Latin1.GetBytes("<p>Gr\u00fc\u00dfe</p>")), TnefStream.Integer(0x3FDE, 28591)).Bytes;
        var alone = Parse(Packed(stream));
        Assert.Equal(("Grüße", "<p>Grüße</p>", 0), (alone.Text, alone.Html, alone.Attachments.Count));
        var beside = Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\n" + Packed(stream) + "\n--b--\n");
        Assert.Equal(("Hello", null, 0), (beside.Text, beside.Html, beside.Attachments.Count));
    }

    [Fact]
    public void A_message_within_is_a_forwarded_mail_with_its_files()
    {
        var inner = new TnefStream()
            .Message(TnefStream.Unicode(0x0037, "Angebot"), TnefStream.Unicode(0x0C1A, "Kim Lee"), TnefStream.Unicode(0x0C1F, "kim@example.com"), TnefStream.Unicode(0x1000, "Im Anhang."), TnefStream.Unicode(0x1035, "<7@example.com>"))
            .File("%PDF"u8.ToArray(), "a.pdf").Bytes;
        var mail = Parse(Packed(new TnefStream().File(null, "Angebot", TnefStream.Inner(inner)).Bytes));
        var forwarded = Assert.Single(mail.Attachments);
        Assert.Equal(("message/rfc822", "Angebot", true), (forwarded.ContentType, forwarded.Name, forwarded.Part.IsMessage));
        var read = MailMessage.Parse(forwarded.Decode());
        Assert.Equal(("Angebot", "Im Anhang.\n", "7@example.com", new MailAddress("Kim Lee", "kim@example.com")), (read.Subject, read.Text, read.MessageId, read.From[0]));
        Assert.Equal("%PDF"u8.ToArray(), Assert.Single(read.Attachments).Decode());
    }

    [Fact]
    public void Messages_within_messages_end_and_stay_small()
    {
        var stream = new TnefStream().File(new byte[200_000], "a.bin").Bytes;
        for (var i = 0; i < 200; i++)
            stream = new TnefStream().File(null, null, TnefStream.Inner(stream)).Bytes;
        var mail = Parse(Packed(stream));
        Assert.NotEmpty(mail.Attachments);
        Assert.True(mail.Attachments.Sum(static a => a.Decode().LongLength) <= ParseLimits.Default.MaxUnpackedBytes);
    }

    [Fact]
    public void Every_cut_of_a_stream_keeps_the_stream_and_what_came_before()
    {
        var whole = new TnefStream().Codepage(1252).Message(TnefStream.Unicode(0x1000, "Hello")).File("abc"u8.ToArray(), "a.txt").File("def"u8.ToArray(), "b.txt", TnefStream.Unicode(0x3707, "long b.txt")).Bytes;
        for (var length = 6; length < whole.Length - 2; length++)
        {
            var mail = Parse(Packed(whole[..length]));
            // A cut between two attributes leaves a stream that is whole as far as anybody can tell.
            Assert.True(mail.Attachments.Any(static a => a.Name == "winmail.dat") || mail.Defects.All(static d => d.Kind != DefectKind.DamagedTnef), $"{length}");
        }
    }

    [Fact]
    public void Any_stream_is_read_without_exceptions_and_within_bounds()
    {
        var seeds = Corpus.Folder is null
            ? [new TnefStream().Message(TnefStream.Unicode(0x1000, "Hello"), TnefStream.Binary(0x1009, new byte[40])).File("abc"u8.ToArray(), "a.txt", TnefStream.Inner(new TnefStream().Bytes)).Bytes]
            : Corpus.Zip("tnef/ytnef.zip", static n => n.EndsWith(".tnef", StringComparison.Ordinal)).Select(static f => f.Bytes).Where(static b => b.Length < 30_000).ToList();
        for (var round = 0; round < 3000; round++)
        {
            var random = new Random(round);
            var bytes = seeds[round % seeds.Count].ToArray();
            for (var i = random.Next(1, 12); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
            var message = TnefReader.Read(bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length), ParseLimits.Default, new UnpackBudget(ParseLimits.Default));
            Assert.True(message is null || message.Files.Sum(static f => (long)f.Content.Length) <= bytes.Length * 2L);
            Assert.True((message?.Rtf?.Length ?? 0) <= bytes.Length * 10);
        }
    }

    [Fact]
    public void Compressed_rtf_is_what_the_specification_shows()
    {
        // MS-OXRTFCP sections 3.1 and 3.2.
        byte[] first = [0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0, 0x0a, 0, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0];
        byte[] second = [0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0, 0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0];
        Assert.Equal("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", Encoding.ASCII.GetString(RtfCompression.Decompress(first, 1000, out var whole)!));
        Assert.True(whole);
        Assert.Equal("{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", Encoding.ASCII.GetString(RtfCompression.Decompress(second, 1000, out whole)!));
        Assert.True(whole);
        Assert.Equal(10, RtfCompression.Decompress(second, 10, out whole)!.Length);
        Assert.False(whole);
    }

    [Fact]
    public void Any_bytes_are_decompressed_within_bounds() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(static b => (byte)b)).ToArbitrary(), static bytes =>
        {
            byte[] stream = [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0x4c, 0x5a, 0x46, 0x75, 0, 0, 0, 0, .. bytes];
            Assert.True(RtfCompression.Decompress(stream, int.MaxValue, out _)!.Length <= bytes.Length * 9 + 1);
        }).QuickCheckThrowOnFailure();

    private static string Packed(byte[] stream) => "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n" + Convert.ToBase64String(stream, Base64FormattingOptions.InsertLineBreaks);

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.UTF8.GetBytes(mail));
}
