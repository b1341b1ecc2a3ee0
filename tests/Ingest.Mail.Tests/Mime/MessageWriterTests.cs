using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class MessageWriterTests
{
    private static readonly OutgoingMail Simple = OutgoingMails.Simple;

    [Fact]
    public void A_simple_mail_has_exactly_these_bytes() => Assert.Equal(
        """
        Date: Mon, 02 Nov 2026 09:05:00 +0100
        From: Acme Support <support@acme.example>
        To: kim@customer.example
        Subject: Your parcel
        Message-ID: <1@acme.example>
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 7bit

        Hello Kim,
        it is on its way.

        """.ReplaceLineEndings("\r\n"),
        Written(Simple));

    [Fact]
    public void What_is_written_is_read_back_equal() =>
        Prop.ForAll(OutgoingMails.Any.ToArbitrary(), static mail =>
        {
            var bytes = MessageWriter.Write(mail);
            Same(mail, MailMessage.Parse(bytes));
            Assert.Equal(bytes, MessageWriter.Write(mail));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Every_line_is_short_seven_bit_and_ends_in_crlf() =>
        Prop.ForAll(OutgoingMails.Any.ToArbitrary(), static mail =>
        {
            var text = Encoding.Latin1.GetString(MessageWriter.Write(mail));
            Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain(text, static c => c == 127 || (c < ' ' && c is not ('\r' or '\n' or '\t')));
            foreach (var line in text.Split("\r\n"))
            {
                Assert.DoesNotContain('\n', line);
                Assert.DoesNotContain('\r', line);
                // One word may be longer than a line: ids and addresses are never broken.
                Assert.True(line.Length <= 78 || line.Trim().Split(' ').Length <= 2, line);
                Assert.True(line.Length <= 998, line);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void No_field_adds_another() =>
        Prop.ForAll(OutgoingMails.Any.ToArbitrary(), static mail =>
        {
            string[] expected = ["Date", "From", "Reply-To", "To", "Cc", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-More", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"];
            var names = MailMessage.Parse(MessageWriter.Write(mail)).Headers.Select(static h => h.Name).ToList();
            Assert.Equal(expected.Intersect(names), names);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData("Grüße", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=")]
    [InlineData("日本語", "Subject: =?utf-8?b?5pel5pys6Kqe?=")]
    [InlineData("Rückfrage zur Bestellung", "Subject: =?utf-8?q?R=C3=BCckfrage_zur_Bestellung?=")]
    [InlineData("100 =?= 100", "Subject: =?utf-8?q?100_=3D=3F=3D_100?=")]
    [InlineData("Re: [ACME-42] order, please: now!", "Subject: Re: [ACME-42] order, please: now!")]
    [InlineData("", "Subject:")]
    public void A_subject_is_encoded_only_where_it_must_be(string subject, string line) =>
        Assert.Contains(line + "\r\n", Written(Simple with { Subject = subject }), StringComparison.Ordinal);

    [Fact]
    public void Encoded_words_never_split_a_character()
    {
        var written = Written(Simple with { Subject = string.Concat(Enumerable.Repeat("日本👍ß", 40)) });
        var words = written.Split("\r\n").Where(static l => l.Contains("=?utf-8?b?", StringComparison.Ordinal)).Select(static l => l.Split("=?utf-8?b?")[1].Replace("?=", "", StringComparison.Ordinal)).ToList();
        Assert.True(words.Count > 5);
        Assert.All(words, static word => Assert.DoesNotContain("\uFFFD", Encoding.UTF8.GetString(Convert.FromBase64String(word)), StringComparison.Ordinal));
        Assert.All(written.Split("\r\n"), static line => Assert.True(line.Length <= 76));
    }

    [Theory]
    [InlineData("Smith, John", "From: \"Smith, John\" <a@b.example>")]
    [InlineData("Kim \"K\" Lee", "From: \"Kim \\\"K\\\" Lee\" <a@b.example>")]
    [InlineData("Müller, Jörg", "From: =?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <a@b.example>")]
    [InlineData("", "From: a@b.example")]
    [InlineData("support@acme.example", "From: \"support@acme.example\" <a@b.example>")]
    public void A_display_name_is_quoted_or_encoded(string name, string line) =>
        Assert.Contains(line + "\r\n", Written(Simple with { From = new MailAddress(name, "a@b.example") }), StringComparison.Ordinal);

    [Theory]
    [InlineData("kim@bücher.example", "To: kim@xn--bcher-kva.example")]
    [InlineData("a..b@c.example", "To: <\"a..b\"@c.example>")]
    [InlineData("\"a b\"@c.example", "To: <\"a b\"@c.example>")]
    [InlineData("jörg@b.example", "To: jörg@b.example")]
    [InlineData("kim@[192.0.2.1]", "To: kim@[192.0.2.1]")]
    public void Domains_become_ascii_and_odd_local_parts_are_quoted(string address, string line) =>
        Assert.Contains(line + "\r\n", Encoding.UTF8.GetString(MessageWriter.Write(Simple with { To = [new MailAddress("", address)] })), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("@b.example")]
    [InlineData("a@")]
    [InlineData("a@b..example")]
    [InlineData("a@b.example>\r\nBcc: <eve@evil.example")]
    [InlineData("a\r\nRCPT TO:<eve@evil.example>@b.example")]
    [InlineData("a\0@b.example")]
    [InlineData("a\u2028@b.example")]
    [InlineData("a@b.example eve@evil.example")]
    [InlineData("a@b.example,eve")]
    [InlineData("a b@c.example")]
    [InlineData("a,eve@evil.example")]
    [InlineData("a@@b.example")]
    [InlineData("a@xn--\u00ad.example\u0000")]
    public void What_is_no_address_is_refused_without_being_quoted(string address)
    {
        var refused = Assert.Throws<UnwritableMailException>(() => MessageWriter.Write(Simple with { To = [new MailAddress("", address)] }));
        Assert.Equal(UnwritableReason.Address, refused.Reason);
        Assert.DoesNotContain("eve", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-at")]
    [InlineData("a b@c")]
    [InlineData("a@b\r\nX: y")]
    [InlineData("ü@b")]
    [InlineData("<a@b>")]
    public void An_impossible_message_id_is_refused(string id) =>
        Assert.Equal(UnwritableReason.MessageId, Assert.Throws<UnwritableMailException>(() => MessageWriter.Write(Simple with { MessageId = id })).Reason);

    [Theory]
    [InlineData("Bcc")]
    [InlineData("from")]
    [InlineData("content-type")]
    [InlineData("X:Y")]
    [InlineData("X\r\nBcc")]
    [InlineData("")]
    public void A_further_field_may_not_be_one_of_the_writers_own(string name) =>
        Assert.Equal(UnwritableReason.Field, Assert.Throws<UnwritableMailException>(() => MessageWriter.Write(Simple with { Fields = [(name, "x")] })).Reason);

    [Fact]
    public void References_are_folded_between_ids_only_and_odd_ones_are_left_out()
    {
        string[] ids = [.. Enumerable.Range(0, 30).Select(static i => $"{new string('x', i * 7)}{i}@mail.example")];
        var written = Written(Simple with { References = ["bad id@x", .. ids, "ünï@x", "a\r\nX: y@z"], InReplyTo = "ü@x" });

        Assert.Equal(ids, MailMessage.Parse(Encoding.Latin1.GetBytes(written)).References);
        Assert.DoesNotContain("In-Reply-To", written, StringComparison.Ordinal);
        Assert.Equal(30, ids.Count(id => written.Contains($"<{id}>", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(".", "=2E\r\n")]
    [InlineData("From here on", "=46rom here on\r\n")]
    [InlineData("ends in a blank ", "ends in a blank=20\r\n")]
    [InlineData("1 = 1, plain", "1 = 1, plain\r\n")]
    [InlineData("--=_boundary", "--=3D_boundary\r\n")]
    [InlineData("caf\u00e9", "caf=C3=A9\r\n")]
    [InlineData("escape\u001b", "escape=1B\r\n")]
    [InlineData("nul\0", "nul\r\n")]
    public void Text_that_somebody_on_the_way_would_change_is_encoded(string text, string body) =>
        Assert.EndsWith("\r\n\r\n" + body, Written(Simple with { Text = text }), StringComparison.Ordinal);

    [Fact]
    public void A_large_attachment_is_written_whole()
    {
        var content = new byte[26 * 1024 * 1024 + 1];
        new Random(1).NextBytes(content);

        var mail = MailMessage.Parse(MessageWriter.Write(Simple with { Attachments = [new OutgoingAttachment("big.bin", "application/zip", content)] }));

        Assert.Equal(content, Assert.Single(mail.Attachments).Decode());
    }

    [Fact]
    public void A_picture_in_the_html_goes_beside_it_and_is_shown_in_its_place()
    {
        var written = Written(Simple with
        {
            Html = "<p>Look: <img src=\"cid:pic@acme.example\"></p>",
            Attachments = [new OutgoingAttachment("a.pdf", "application/pdf", "%PDF"u8.ToArray()), new OutgoingAttachment("pic.png", "image/png", "PNG"u8.ToArray()) { ContentId = "pic@acme.example" }],
        });
        var mail = MailMessage.Parse(Encoding.UTF8.GetBytes(written));

        Assert.Equal("multipart/mixed(multipart/alternative(text/plain,multipart/related(text/html,image/png)),application/pdf)", Tree(mail.Root));
        Assert.Contains("Content-ID: <pic@acme.example>\r\n", written, StringComparison.Ordinal);
        Assert.Contains("Content-Disposition: inline; filename=\"pic.png\"\r\n", written, StringComparison.Ordinal);
        Assert.Equal([("pic.png", true), ("a.pdf", false)], mail.Attachments.Select(static a => (a.Name, a.Inline)));
        Assert.Equal("Hello Kim,\nit is on its way.\n", mail.Text);
    }

    [Theory]
    [InlineData("no-at")]
    [InlineData("a b@c")]
    [InlineData("a@b>\r\nX: y")]
    [InlineData("pic@acme.example")]
    public void An_impossible_or_repeated_content_id_is_refused(string id)
    {
        OutgoingAttachment[] files = [new("a.png", "image/png", default) { ContentId = "Pic@acme.example" }, new("b.png", "image/png", default) { ContentId = id }];
        Assert.Equal(UnwritableReason.ContentId, Assert.Throws<UnwritableMailException>(() => MessageWriter.Write(Simple with { Html = "<p>", Attachments = files })).Reason);
    }

    [Theory]
    [InlineData("Привет, ваш заказ отправлен", "base64")]
    [InlineData("您好，您的订单已发货。", "base64")]
    [InlineData("Grüße aus Köln", "quoted-printable")]
    [InlineData("Hello", "7bit")]
    public void The_shorter_encoding_is_taken(string text, string encoding) =>
        Assert.Contains($"Content-Transfer-Encoding: {encoding}\r\n", Written(Simple with { Text = text }), StringComparison.Ordinal);

    [Fact]
    public void Ids_are_never_encoded_folded_or_changed()
    {
        var id = string.Concat(Enumerable.Repeat("=?utf-8?q?x?=%27.", 40)) + "@acme.example";
        var written = Written(Simple with { MessageId = id, InReplyTo = id, References = [id, "2@acme.example"] });
        Assert.Equal(3, written.Split($"<{id}>").Length - 1);
        Assert.Equal(id, MailMessage.Parse(Encoding.UTF8.GetBytes(written)).MessageId);
    }

    [Fact]
    public void A_name_is_written_as_rfc_2231_and_as_encoded_words()
    {
        var written = Written(Simple with { Attachments = [new OutgoingAttachment("Rechnung März.pdf", "application/pdf", default)] });

        Assert.Contains("filename*=utf-8''Rechnung%20M%C3%A4rz.pdf", written, StringComparison.Ordinal);
        Assert.Contains("name=\"=?utf-8?q?Rechnung_M=C3=A4rz=2Epdf?=\"", written, StringComparison.Ordinal);
    }

    private static string Tree(MimePart part) => part.IsLeaf ? part.ContentType : $"{part.ContentType}({string.Join(',', part.Children.Select(Tree))})";

    private static string Written(OutgoingMail mail) => Encoding.UTF8.GetString(MessageWriter.Write(mail));

    private static void Same(OutgoingMail mail, MailMessage read)
    {
        Assert.Equal(OutgoingMails.WellFormed(HeaderText.Clean(mail.Subject)), read.Subject);
        Assert.Equal([Read(mail.From)], read.From);
        Assert.Equal(mail.ReplyTo is { } answers ? [Read(answers)] : [], read.ReplyTo);
        Assert.Equal(mail.To.Select(Read), read.To);
        Assert.Equal(mail.Cc.Select(Read), read.Cc);
        Assert.Equal(mail.Date, read.Date);
        Assert.Equal(mail.Date.Offset, read.Date!.Value.Offset);
        Assert.Equal(mail.MessageId, read.MessageId);
        Assert.Equal(mail.References.Distinct(), read.References);
        Assert.Equal(Body(mail.Text), Body(mail.Text).Trim().Length > 0 || mail.Html is null ? read.Text : Body(mail.Text));
        Assert.Equal(mail.Html is null ? null : Body(mail.Html), read.Html?.Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.Equal(mail.Attachments.Count, read.Attachments.Count);
        // Pictures stand beside the html, before the files.
        var files = mail.Html is null ? mail.Attachments : [.. mail.Attachments.Where(static f => f.ContentId is not null), .. mail.Attachments.Where(static f => f.ContentId is null)];
        foreach (var (file, seen) in files.Zip(read.Attachments))
        {
            Assert.Equal(file.ContentId, seen.ContentId);
            Assert.Equal(file.Content.ToArray(), seen.Decode());
            Assert.Equal(SafeFileName.Of(HeaderText.Clean(file.Name), seen.ContentType), seen.Name);
        }
    }

    // What a reader makes of it: the name on one line, the domain in ASCII.
    private static MailAddress Read(MailAddress address) =>
        new(OutgoingMails.WellFormed(HeaderText.Clean(address.Name).Trim()), AddressWriter.Spec(address.Address));

    private static string Body(string text) => Encoding.UTF8.GetString(BodyWriter.Canonical(text)).Replace("\r\n", "\n", StringComparison.Ordinal);
}
