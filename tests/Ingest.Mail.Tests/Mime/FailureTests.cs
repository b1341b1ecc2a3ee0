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

    [Theory]
    [InlineData("<a@b.example> (a comment)")]
    [InlineData("(a comment) <a@b.example>")]
    public void A_Message_ID_may_have_comments_around_it(string value)
    {
        var message = Parse($"Message-ID: {value}\nFrom: a@example.com\n\ntext");
        Assert.Equal("a@b.example", message.MessageId);
        Assert.DoesNotContain(message.Defects, static d => d.Kind == DefectKind.BadMessageId);
    }

    [Fact]
    public void Ids_written_as_encoded_words_are_read()
    {
        var message = Parse("Message-ID: =?utf-8?Q?=3Cm=40x.example=3E?=\nIn-Reply-To: =?utf-8?Q?=3Ca=40x.example=3E?=\nReferences: =?utf-8?Q?=3Cb=40x.example=3E_=3Ca=40x.example=3E?=\n\n");
        Assert.Equal("m@x.example", message.MessageId);
        Assert.Equal(["a@x.example"], message.InReplyTo);
        Assert.Equal(["b@x.example", "a@x.example"], message.References);
        Assert.Contains(message.Defects, static d => d.Kind == DefectKind.BadMessageId);
    }

    [Theory]
    [InlineData("Tue, 3 Jun 2025 10:11:12 GMT+0200", "2025-06-03T10:11:12+02:00")]
    [InlineData("Tue Jun 3 10:11:12 UTC-05:30 2025", "2025-06-03T10:11:12-05:30")]
    [InlineData("Tue, 3 Jun 2025 10:11:12 +0100 (GMT+0200)", "2025-06-03T10:11:12+01:00")]
    [InlineData("Tue, 3 Jun 2025 10:11:12 GMT", "2025-06-03T10:11:12+00:00")]
    public void A_zone_may_be_said_as_a_distance_from_another(string value, string date) =>
        Assert.Equal(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture), Parse($"Date: {value}\n\n").Date);

    [Theory]
    [InlineData("Received: by b; Tue, 3 Jun 2025 10:11:12 +0200\n", "", "2025-06-03T10:11:12+02:00", DefectKind.MissingDate)]
    [InlineData("Received: by b; Tue, 3 Jun 2025 10:11:12 +0200\n", "Date: garbage\n", "2025-06-03T10:11:12+02:00", DefectKind.BadDate)]
    [InlineData("Received: by b; id 7\n", "Date: garbage\n", null, DefectKind.BadDate)]
    [InlineData("", "", null, DefectKind.MissingDate)]
    public void Without_a_Date_that_of_the_last_server_counts_and_a_defect_says_so(string received, string header, string? date, DefectKind defect)
    {
        var message = Parse($"{received}Received: by a; Mon, 2 Jun 2025 10:11:12 +0200\n{header}From: a@example.com\n\ntext".Replace(received.Length > 0 ? "\0" : "Received: by a; Mon, 2 Jun 2025 10:11:12 +0200\n", "", StringComparison.Ordinal));
        Assert.Equal(date, message.Date?.ToString("yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains(message.Defects, d => d.Kind == defect);
    }

    [Theory]
    [InlineData("Bob <>", "Bob", "")]
    [InlineData("Mail Delivery System <>", "Mail Delivery System", "")]
    [InlineData("Bob [mailto:bob@x.example]", "Bob", "bob@x.example")]
    [InlineData("Bob [bob@x.example]", "Bob", "bob@x.example")]
    [InlineData("bob@x.example [mailto:bob@x.example]", "bob@x.example", "bob@x.example")]
    [InlineData("[bob@x.example]", "", "bob@x.example")]
    [InlineData("bob@[192.0.2.1]", "", "bob@[192.0.2.1]")]
    [InlineData("<bob @ x.example>", "", "bob@x.example")]
    [InlineData("bob@x.example.", "", "bob@x.example")]
    [InlineData("<'bob@x.example'>", "", "bob@x.example")]
    [InlineData("<Bob> <bob@x.example>", "Bob", "bob@x.example")]
    [InlineData("Bob <> <bob@x.example>", "Bob", "bob@x.example")]
    public void Addresses_are_found_in_what_broken_programs_write(string value, string name, string address) =>
        Assert.Equal([new MailAddress(name, address)], Parse($"From: {value}\n\n").From);

    [Theory]
    [InlineData("<bob@x.example;carol@x.example>")]
    [InlineData("<bob@x.example, carol@x.example>")]
    public void Two_addresses_in_one_pair_of_brackets_are_two(string value) =>
        Assert.Equal(["bob@x.example", "carol@x.example"], Parse($"To: {value}\n\n").To.Select(static a => a.Address));

    [Theory]
    [InlineData("Bob <bob at x.example>", true)]
    [InlineData("bob@@x.example", true)]
    [InlineData("nobody", true)]
    [InlineData("Bob <>", true)]
    [InlineData("=?utf-8?Q?Bob_=3Cother@x.example=3E?=", true)]
    [InlineData("undisclosed-recipients:;", false)]
    [InlineData("\"a b\"@x.example, jürgen@müller.example", false)]
    [InlineData("=?utf-8?Q?Bob?= <bob@x.example>", false)]
    public void What_is_no_address_is_a_defect(string value, bool isBad) =>
        Assert.Equal(isBad, Parse($"To: {value}\n\n").Defects.Any(static d => d.Kind == DefectKind.BadAddress));

    [Theory]
    [InlineData("Subject: one\nSubject: two\nSubject: three\n", 1)]
    [InlineData("Message-ID: <1@x.example>\nMessage-ID: <2@x.example>\n", 1)]
    [InlineData("To: a@x.example\nSubject: one\nReceived: x\nReceived: y\n", 0)]
    public void A_field_that_may_stand_once_and_is_repeated_is_a_defect(string header, int defects) =>
        Assert.Equal(defects, Parse(header + "\n").Defects.Count(static d => d.Kind == DefectKind.DuplicateField));

    [Fact]
    public void NUL_in_the_names_of_fields_does_not_end_the_header()
    {
        var message = Parse("Fr\0om: a@b.example\nSub\0ject: x\0y\n\0\0To: c@d.example\n\ntext");
        Assert.Equal(("a@b.example", "c@d.example", "text"), (message.From[0].Address, message.To[0].Address, message.Text));
        Assert.Equal(["From", "Subject", "To"], message.Headers.Select(static h => h.Name));
        Assert.Contains(message.Defects, static d => d.Kind == DefectKind.NulBytes);
    }

    [Fact]
    public void Base64_with_white_space_everywhere_is_read_as_if_it_had_none()
    {
        var bytes = Enumerable.Range(0, 5000).Select(static i => (byte)(i * 7)).ToArray();
        foreach (var gap in new[] { " ", "\r\n", "\t \n", "!" })
        {
            var base64 = Convert.ToBase64String(bytes);
            var message = Parse("Content-Type: application/x\nContent-Transfer-Encoding: base64\n\n" + string.Join(gap, base64.Chunk(1).Select(static c => c[0])) + "\n" + base64);
            Assert.Equal([.. bytes, .. bytes], Assert.Single(message.Attachments).Decode());
        }
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
    public void Failure_43_five_hundred_mails_in_every_charset_and_encoding_have_no_replacement_characters()
    {
        var count = 0;
        foreach (var (charset, text) in CharsetTests.Texts.Select(static row => row.Data))
        {
            var bytes = Charsets.Find(charset)!.GetBytes(text);
            foreach (var label in (string[])[$"; charset={charset}", "", "; charset=us-ascii", "; charset=\"unknown-8bit\"", "; charset=utf-7", $"; charset='{charset}'"])
            {
                foreach (var (encoding, body) in Encodings(bytes))
                {
                    var message = MailMessage.Parse((byte[])[.. Encoding.ASCII.GetBytes($"Content-Type: text/plain{label}\nContent-Transfer-Encoding: {encoding}\n\n"), .. body]);
                    Assert.True(message.Text == text, $"{charset}{label} {encoding}: {message.Text}");
                    // Cut in the midst of a character it loses that one.
                    var cut = MailMessage.Parse((byte[])[.. Encoding.ASCII.GetBytes($"Content-Type: text/plain{label}\nContent-Transfer-Encoding: {encoding}\n\n"), .. body[..(body.Length - 5)]]);
                    Assert.NotNull(cut.Text);
                    count++;
                }
            }
        }
        Assert.True(count >= 500, $"{count}");
    }

    private static IEnumerable<(string Name, byte[] Body)> Encodings(byte[] bytes)
    {
        yield return ("8bit", bytes);
        yield return ("base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)));
        yield return ("quoted-printable", Encoding.ASCII.GetBytes(string.Concat(bytes.Select(static b => $"={b:X2}")).Replace("=0A", "\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("mime/chatwoot.zip")]
    [InlineData("mime/request_tracker.zip")]
    [InlineData("mime/mikel_mail.zip")]
    [InlineData("mime/django_helpdesk.zip")]
    [InlineData("mime/nodemailer_mailparser.zip")]
    [InlineData("mime/stalwart_mail_parser.zip")]
    [InlineData("spam/spamassassin_test_messages.zip")]
    public void Failure_44_what_is_shown_elided_and_attached_covers_every_part_of_the_mail(string archive)
    {
        var count = 0;
        foreach (var (name, bytes) in Corpus.Zip(archive, Corpus.IsMail))
        {
            var message = MailMessage.Parse(bytes);
            var shown = Words($"{message.Reply}\n{message.Cut}");
            Assert.True(Words(message.Text ?? "").IsSubsetOf(shown), name);
            foreach (var leaf in Leaves(message.Root, null))
            {
                if (leaf.End <= leaf.ContentOffset || message.Attachments.Any(a => a.Part == leaf))
                    continue;
                count++;
                // Of two forms of one text the plain one is shown; the other one is kept as html.
                if (leaf.ContentType == "text/html" && message.Html?.Contains(leaf.DecodeText(), StringComparison.Ordinal) == true)
                    continue;
                // A file in the midst of the text is attached.
                var files = new List<MimePart>();
                var missing = Words(UuBlocks.Split(leaf.DecodeText().ReplaceLineEndings("\n"), files, new UnpackBudget(ParseLimits.Default))).Except(shown).ToList();
                Assert.All(files, file => Assert.Contains(message.Attachments, a => a.Name == file.FileName && a.Decode().AsSpan().SequenceEqual(file.DecodeContent())));
                Assert.True(missing.Count == 0 || IsJoined(leaf), $"{name}: {leaf.ContentType} lost {string.Join(' ', missing.Take(9))}");
            }
        }
        Assert.True(count > 3, $"{count}");
    }

    // Words may be joined where lines are.
    private static bool IsJoined(MimePart part) => part.Parameters["format"] is not null;

    private static HashSet<string> Words(string text) => [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    [Fact]
    public void Failure_44_an_opaque_signed_mail_and_a_TNEF_mail_are_attachments_not_nothing()
    {
        var signed = Parse("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHAqCAMIACAQExAA==");
        Assert.Equal("smime.p7m", Assert.Single(signed.Attachments).Name);
        var tnef = Parse("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgAA");
        Assert.Equal(6, Assert.Single(tnef.Attachments).Decode().Length);
    }

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.UTF8.GetBytes(mail));

    // Of two plain forms of one text (RFC 2046 section 5.1.4) one is shown.
    private static IEnumerable<MimePart> Leaves(MimePart part, MimePart? parent) =>
        part.IsMessage ? [] : !part.IsLeaf ? part.Children.SelectMany(child => Leaves(child, part))
        : parent?.ContentType == "multipart/alternative" && parent.Children.Count(other => other.ContentType == part.ContentType) > 1 ? [] : [part];
}
