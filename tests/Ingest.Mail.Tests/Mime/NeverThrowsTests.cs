using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Cli.Commands;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class NeverThrowsTests
{
    // Bytes that mean something to one of the readers; random ones hardly ever meet them.
    private static readonly byte[] Telling = [.. "\r\n\t -=?<>(),;:@\"'\\.[]%*/_&#!+AbQ09\0"u8.ToArray(), 0x80, 0xC3, 0xE2, 0xFF, 0xFE, 0xEF];

    [Fact]
    public void Mutated_mails_are_read_without_exceptions()
    {
        var seeds = Fixtures.Names.Select(Fixtures.Mail).ToList();
        if (Corpus.Folder is not null)
            seeds.AddRange(Corpus.Zip("mime/stalwart_mail_parser.zip", Corpus.IsMail).Where(static m => m.Bytes.Length < 20_000).Select(static m => m.Bytes));
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < seeds.Count; i++)
                Read(Mutate(seeds[i], seeds[(i + round) % seeds.Count], new Random(round * 1000 + i)));
        }
    }

    [Fact]
    public void Truncated_mails_are_read_without_exceptions()
    {
        foreach (var mail in Fixtures.Names.Select(Fixtures.Mail))
        {
            for (var length = 0; length < mail.Length; length += 7)
                Read(mail.AsMemory(0, length));
        }
    }

    [Fact]
    public void Any_bytes_are_a_mail() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements(Telling)).ToArbitrary(), static bytes => Read(bytes)).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_value_is_a_header_value() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements(Telling)).ToArbitrary(), static bytes =>
        {
            byte[] mail =
            [
                .. "Subject: "u8, .. Value(bytes), .. "\nFrom: "u8, .. Value(bytes), .. "\nDate: "u8, .. Value(bytes), .. "\nReferences: "u8, .. Value(bytes),
                .. "\nContent-Type: text/plain; name="u8, .. Value(bytes), .. "\nContent-Disposition: attachment; filename*0*="u8, .. Value(bytes), .. "\n\n"u8, .. bytes,
            ];
            Read(mail);
            if (AuthenticationResults.TryParse(Encoding.Latin1.GetString(bytes), out var results))
                Assert.True(results.AuthservId.Length > 0 || results.Results.Count > 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_html_has_text_that_is_no_longer_than_a_few_times_its_length() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements("<a href=", "\"", ">", "<blockquote type=cite>", "</blockquote>", "<", "x", "&amp;", "<br>", "<!--", "-->", "<script>", "</script>", "<pre>", "\n", " ", "<li>", "<ol>", "</a>", "'", "<img alt=x>", "http://a")).ToArbitrary(), static pieces =>
        {
            var html = string.Concat(pieces);
            Assert.True(HtmlText.Convert(html).Length <= 10 * html.Length + 10);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Trimming_a_reply_loses_no_line() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements("Hello", "> quote", ">> deeper", "", "-- ", "On Tue, 3 Mar 2026, Bob wrote:", "On 3 Mar 2026 Bob", "<bob@example.com> wrote:", "-----Original Message-----", "From: a@b.example", "Sent: today", "To: c@d.example", "Subject: x", "Sent from my iPhone", "---------- Forwarded message ---------", "________________________________")).ToArbitrary(), static lines =>
        {
            var trimmed = ReplyTrimmer.Trim(string.Join('\n', lines));
            var kept = string.Join('\n', trimmed.Reply, trimmed.Elided, trimmed.Signature);
            Assert.Equal(Solid(string.Join('\n', lines)), Solid(kept));
        }).QuickCheckThrowOnFailure();

    private static List<string> Solid(string text) =>
        [.. text.Split('\n').Select(static line => line.TrimEnd()).Where(static line => line.Length > 0).Order(StringComparer.Ordinal)];

    private static byte[] Value(byte[] bytes) => [.. bytes.Where(static b => b is not ((byte)'\r' or (byte)'\n'))];

    private static void Read(ReadOnlyMemory<byte> mail)
    {
        var message = MailMessage.Parse(mail);
        Assert.DoesNotContain(message.From, static a => a.Address.AsSpan().ContainsAny('\r', '\n') || a.Name.AsSpan().ContainsAny('\r', '\n'));
        Assert.False(message.Subject.AsSpan().ContainsAny('\r', '\n'));
        Assert.False(ParseOutput.Line("x", message).IsEmpty);
        foreach (var attachment in message.Attachments)
            Assert.Equal(attachment.Decode().Length, attachment.Part.DecodedLength());
    }

    private static byte[] Mutate(byte[] mail, byte[] other, Random random)
    {
        var bytes = mail.ToList();
        for (var i = random.Next(1, 8); i > 0 && bytes.Count > 2; i--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 60), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0: bytes[at] = Telling[random.Next(Telling.Length)]; break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length)); break;
                case 3: bytes.Insert(at, Telling[random.Next(Telling.Length)]); break;
                default: bytes.InsertRange(at, other.Take(random.Next(other.Length))); break;
            }
        }
        return [.. bytes];
    }
}
