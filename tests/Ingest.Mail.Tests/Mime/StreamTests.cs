using System.IO.Pipelines;
using System.Text;
using Ingest.Cli.Commands;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

/// <summary>A mail is read alike from memory, from pieces, from a stream and from a pipe, and its content can be decoded in any pieces.</summary>
public sealed class StreamTests
{
    public static TheoryData<string> Names => [.. Fixtures.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task However_a_mail_is_cut_it_reads_the_same(string name)
    {
        var mail = Fixtures.Mail(name);
        var expected = Shown(MailMessage.Parse(mail));
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            Assert.Equal(expected, Shown(MailMessage.Parse(Pieces.Sequence(mail, random))));
            Assert.Equal(expected, Shown(await MailMessage.ParseAsync(new Pieces(mail, random), null, TestContext.Current.CancellationToken)));
            Assert.Equal(expected, Shown(await MailMessage.ParseAsync(PipeReader.Create(new Pieces(mail, random)), null, TestContext.Current.CancellationToken)));
            Assert.Equal(expected, Shown(await MailMessage.ParseAsync(new MemoryStream(mail), null, TestContext.Current.CancellationToken)));
        }
    }

    [Fact]
    public async Task A_mail_is_read_from_where_its_stream_stands()
    {
        var stream = new MemoryStream("junkSubject: s\n\ntext"u8.ToArray()) { Position = 4 };
        Assert.Equal("s", (await MailMessage.ParseAsync(stream, null, TestContext.Current.CancellationToken)).Subject);
    }

    [Theory]
    [InlineData(100_000, 100_000, false)]
    [InlineData(100_001, 100_000, true)]
    [InlineData(1_000_000, 100_000, true)]
    [InlineData(20, 100, false)]
    public async Task A_mail_beyond_the_limit_is_cut_the_same_way_everywhere(int length, int limit, bool cut)
    {
        byte[] mail = [.. "Subject: s\n\n"u8, .. new byte[length - 12].Select(static _ => (byte)'x')];
        mail = mail[..length];
        var limits = new ParseLimits { MaxMailBytes = limit };
        var expected = Shown(MailMessage.Parse(mail, limits));
        Assert.Equal(cut, MailMessage.Parse(mail, limits).Defects.Any(static d => d.Kind == DefectKind.MailTooLong));
        Assert.Equal(Math.Min(length, limit), MailMessage.Parse(mail, limits).Raw.Length);
        Assert.Equal(expected, Shown(MailMessage.Parse(Pieces.Sequence(mail, new Random(1)), limits)));
        Assert.Equal(expected, Shown(await MailMessage.ParseAsync(new Pieces(mail, new Random(1)), limits, TestContext.Current.CancellationToken)));
        Assert.Equal(expected, Shown(await MailMessage.ParseAsync(new MemoryStream(mail), limits, TestContext.Current.CancellationToken)));
        Assert.Equal(expected, Shown(await MailMessage.ParseAsync(PipeReader.Create(new Pieces(mail, new Random(2))), limits, TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData("base64", "QUJDRA==QUJDRA==\r\n-- \r\nfooter of a list")]
    [InlineData("base64", "Q U\tJ\r\nDR*A=\n=\nQUJD\nQ")]
    [InlineData("quoted-printable", "a=\r\n b  \t \r\n=41=4 =  \r\n \r \r\n  x  \n\r \t")]
    [InlineData("x-uuencode", "begin 644 x\r\n#0V%T\r\n#0V%T\r\n`\r\nend\r\nrest")]
    [InlineData("7bit", "a\r\nb")]
    public void Content_is_decoded_alike_in_any_pieces(string encoding, string pattern)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var content = string.Concat(Enumerable.Range(0, 1 + 100 * seed).Select(_ => random.Next(4) == 0 ? new string(" \tA="[random.Next(4)], random.Next(200)) : pattern[random.Next(pattern.Length)..]));
            var part = MailMessage.Parse(Encoding.ASCII.GetBytes($"Content-Type: application/x\nContent-Transfer-Encoding: {encoding}\n\n{content}")).Root;
            var whole = part.DecodeContent();
            using var copied = new MemoryStream();
            part.CopyContentTo(copied);
            Assert.Equal(whole, copied.ToArray());
            Assert.Equal(whole.Length, part.DecodedLength());
            Assert.Equal(whole, Read(part.OpenContent(), random));
        }
    }

    [Fact]
    public void A_large_attachment_is_read_without_being_held()
    {
        var mail = Encoding.ASCII.GetBytes("Content-Type: application/x\nContent-Transfer-Encoding: base64\n\n" + Convert.ToBase64String(new byte[8_000_000], Base64FormattingOptions.InsertLineBreaks));
        var part = MailMessage.Parse(mail).Root;
        var buffer = new byte[64 * 1024];
        var before = GC.GetAllocatedBytesForCurrentThread();
        long length = 0;
        using (var content = part.OpenContent())
        {
            while (content.Read(buffer) is > 0 and var read)
                length += read;
        }
        Assert.Equal(8_000_000, length);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 * 1024);
    }

    private static byte[] Read(Stream content, Random random)
    {
        using (content)
        {
            var all = new List<byte>();
            var buffer = new byte[9000];
            while (content.Read(buffer, 0, random.Next(1, random.Next(2, buffer.Length))) is > 0 and var read)
                all.AddRange(buffer.AsSpan(0, read));
            return [.. all];
        }
    }

    private static string Shown(MailMessage message) => Encoding.UTF8.GetString(ParseOutput.Line("x", message).Span);
}
