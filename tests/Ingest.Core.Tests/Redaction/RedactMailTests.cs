using System.Text;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

public sealed class RedactMailTests
{
    private const string Card = "4111 1111 1111 1111";
    private const string Covered = "•••• •••• •••• 1111";

    private static readonly string Mail = $"""
        From: "Ada {Card}" <ada@example.org>
        To: "Support {Card}" <support@shop.example>
        Reply-To: "{Card}" <ada@example.org>
        Subject: Card {Card}
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=x

        --x
        Content-Type: multipart/alternative; boundary=y

        --y
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        My card 4111=201111=
         1111 1111

        > yours was {Card}

        --=20
        Ada {Card}
        --y
        Content-Type: text/html; charset=utf-8

        <p>My card <b>4111</b>111111111111</p>
        --y--
        --x
        Content-Type: text/plain
        Content-Disposition: attachment; filename="card 4111111111111111.txt"

        x
        --x--

        """;

    [Fact]
    public void Nothing_a_person_reads_of_a_mail_keeps_the_number()
    {
        RedactedMail mail = Redact.Apply(MailMessage.Parse(Encoding.UTF8.GetBytes(Mail)), RedactionPolicy.Default);
        Assert.Equal("Card " + Covered, mail.Subject);
        Assert.Equal("Ada " + Covered, mail.From[0].Name);
        Assert.Equal("Support " + Covered, mail.To[0].Name);
        Assert.Equal(Covered, mail.ReplyTo[0].Name);
        Assert.Contains("My card " + Covered, mail.Text, StringComparison.Ordinal);
        Assert.Contains("<b>••••</b>••••••••1111", mail.Html, StringComparison.Ordinal);
        Assert.Equal("card ••••••••••••1111.txt", Assert.Single(mail.AttachmentNames));
        foreach (string shown in (string[])[mail.Subject, mail.Text!, mail.Html!, mail.Reply, mail.Elided, mail.Signature])
            Assert.DoesNotContain("4111", shown, StringComparison.Ordinal);
        Assert.All(Enum.GetValues<FindingPlace>().Except([FindingPlace.Attachment]), place => Assert.Contains(mail.Findings, f => f.Place == place));
    }

    [Fact]
    public void A_mail_without_numbers_stays_as_it_is()
    {
        MailMessage message = MailMessage.Parse(Encoding.UTF8.GetBytes(Mail.Replace("1", "2", StringComparison.Ordinal)));
        RedactedMail mail = Redact.Apply(message, RedactionPolicy.Default);
        Assert.Empty(mail.Findings);
        Assert.Equal(
            (message.Subject, message.Text, message.Html, message.Reply, message.Elided, message.Signature),
            (mail.Subject, mail.Text, mail.Html, mail.Reply, mail.Elided, mail.Signature));
    }
}
