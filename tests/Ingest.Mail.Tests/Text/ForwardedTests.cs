using System.Text;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Text;

public sealed class ForwardedTests
{
    [Theory]
    [InlineData("---------- Forwarded message ---------\nFrom: Bob Doe <bob@example.com>\nDate: Tue, Mar 3, 2026 at 9:00 AM\nSubject: Order 7\nTo: <ada@example.com>\n\n\nWhere is it?\n\nBob")]
    [InlineData("-------- Weitergeleitete Nachricht --------\nBetreff: \tOrder 7\nDatum: \tTue, 3 Mar 2026 09:00:00 +0000\nVon: \tBob Doe <bob@example.com>\nAn: \tada@example.com\n\nWhere is it?\n\nBob")]
    [InlineData("> Begin forwarded message:\n> \n> From: Bob Doe <bob@example.com>\n> Subject: Order 7\n> Date: 3 March 2026 at 09:00:00 GMT\n> To: ada@example.com\n> \n> Where is it?\n> \n> Bob")]
    [InlineData("Début du message transféré :\n\nDe: Bob Doe <bob@example.com>\nObjet: Order 7\nDate: 3 mars 2026 à 09:00:00 UTC\nÀ: ada@example.com\n\nWhere is it?\n\nBob")]
    [InlineData("-----Original Message-----\nFrom: Bob Doe [mailto:bob@example.com]\nSent: Tuesday, March 3, 2026 9:00 AM\nTo: ada@example.com\nSubject: Order 7\n\nWhere is it?\n\nBob")]
    [InlineData("Von: Bob Doe <bob@example.com>\nGesendet: Dienstag, 3. März 2026 09:00\nAn: ada@example.com\nBetreff: Order 7\n\nWhere is it?\n\nBob")]
    [InlineData("-------- Пересылаемое сообщение --------\nОт: Bob Doe <bob@example.com>\nДата: 3 марта 2026 г., 9:00\nТема: Order 7\nКому: ada@example.com\n\nWhere is it?\n\nBob")]
    [InlineData("---------- 転送されたメッセージ ----------\n差出人: Bob Doe <bob@example.com>\n日時: 2026年3月3日 9:00\n件名: Order 7\n宛先: ada@example.com\n\nWhere is it?\n\nBob")]
    public void A_mail_that_is_passed_on_is_known_with_its_author_date_and_subject(string forward)
    {
        foreach (var comment in (string[])["", "FYI, can you look?\n\n"])
        {
            var message = Parse($"Subject: Fwd: Order 7\n\n{comment}{forward}");
            var mail = Assert.Single(message.Forwarded);
            Assert.Equal(new MailAddress("Bob Doe", "bob@example.com"), mail.From);
            Assert.Equal(new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero), mail.Date);
            Assert.Equal("Order 7", mail.Subject);
            Assert.Equal("ada@example.com", Assert.Single(mail.To).Address);
            Assert.Equal("Where is it?\n\nBob", mail.Text);
            Assert.False(mail.Attached);
            if (comment.Length > 0)
                Assert.Equal("FYI, can you look?", message.Reply);
            // Alone it is what there is to read, with its announcement elided.
            else if (forward[0] != '>')
                Assert.Equal("Where is it?\n\nBob", message.Reply);
        }
    }

    [Theory]
    [InlineData("mardi 9 juin 2026 14:05")]
    [InlineData("mar. 9 juin 2026 à 14:05")]
    [InlineData("martes, 9 de junio de 2026 14:05")]
    [InlineData("martedì 9 giugno 2026 14:05")]
    [InlineData("marți, 9 iunie 2026 14:05")]
    [InlineData("dinsdag 9 juni 2026 14:05")]
    [InlineData("вівторок, 9 червня 2026 р. 14:05")]
    [InlineData("2026년 6월 9일 화요일 오후 2:05")]
    [InlineData("2026年6月9日 14:05")]
    [InlineData("火曜日, 6月 9, 2026 2:05 午後")]
    [InlineData("2026/6/9 下午 2:05")]
    [InlineData("6/9/2026 2:05 PM")]
    [InlineData("9/06/2026 2:05 PM")]
    [InlineData("9/6/2026 2:05 p. m.")]
    [InlineData("9.6.2026 14:05")]
    [InlineData("9 juin 2026 à 14:05:00 UTC")]
    [InlineData("9. Juni 2026 um 16:05:00 MESZ", 2)]
    public void Dates_above_forwarded_mails_are_read_in_the_order_of_their_language(string date, int zone = 0)
    {
        var mail = Assert.Single(Parse($"Subject: Fwd: Order 7\n\n---------- Forwarded message ---------\nFrom: Bob Doe <bob@example.com>\nDate: {date}\nSubject: Order 7\n\nWhere is it?").Forwarded);
        Assert.Equal(new DateTimeOffset(2026, 6, 9, 14 + zone, 5, 0, TimeSpan.FromHours(zone)).UtcDateTime, mail.Date?.UtcDateTime);
    }

    [Theory]
    [InlineData("maandag 9 maart 2026", 3, 9)]
    [InlineData("mercredi 11 mars 2026", 3, 11)]
    [InlineData("9 mar 2026", 3, 9)]
    [InlineData("Mar 9, 2026", 3, 9)]
    [InlineData("maanantai 1. kesäkuuta 2026", 6, 1)]
    [InlineData("середа, 5 серпня 2026 р.", 8, 5)]
    public void A_day_of_the_week_is_no_month(string date, int month, int day) =>
        Assert.Equal(new DateTimeOffset(2026, month, day, 0, 0, 0, TimeSpan.Zero), QuotedDate.Read(date));

    [Fact]
    public void A_quoted_mail_below_an_announcement_that_is_not_quoted_is_passed_on()
    {
        var message = Parse("Subject: Fwd: Order 7\n\nCan you look?\n\nBegin forwarded message:\n\n> From: Bob Doe <bob@example.com>\n> Subject: Order 7\n> Date: 3 March 2026 at 09:00:00 GMT\n> To: ada@example.com\n> \n> Where is it?\n> \n> Bob\n\nSent by Ada");
        var mail = Assert.Single(message.Forwarded);
        Assert.Equal(("bob@example.com", "Order 7", "Where is it?\n\nBob"), (mail.From?.Address, mail.Subject, mail.Text));
    }

    [Fact]
    public void A_mail_that_is_attached_is_known_too()
    {
        var message = Parse("Subject: look\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee attached\n--b\nContent-Type: message/rfc822\n\nFrom: Bob <bob@example.com>\nTo: ada@example.com\nDate: Tue, 3 Mar 2026 09:00:00 +0100\nSubject: =?utf-8?q?=C3=84rger?=\n\nWhere?\n--b--\n");
        var mail = Assert.Single(message.Forwarded);
        Assert.Equal(("bob@example.com", "\u00c4rger", "Where?", true), (mail.From?.Address, mail.Subject, mail.Text.TrimEnd(), mail.Attached));
    }

    [Theory]
    [InlineData("Subject: Re: Order 7\n\nYes.\n\nFrom: Bob <bob@example.com>\nSent: 3 March 2026\nTo: ada@example.com\nSubject: Order 7\n\nIs it?")]
    [InlineData("Subject: Order 7\n\nFrom: London\nTo: Paris\n\nHow much?")]
    [InlineData("Subject: Fwd: Order 7\n\nno more")]
    public void A_reply_is_no_mail_that_is_passed_on(string mail) => Assert.Empty(Parse(mail).Forwarded);

    [Fact]
    public void Embedded_mails_of_the_public_samples_are_found()
    {
        var files = Corpus.Zip("replies/discourse_email_reply_trimmer.zip").ToDictionary(static f => f.Name, static f => Encoding.UTF8.GetString(f.Bytes));
        foreach (var name in (string[])["forwarded_gmail", "forwarded_message", "forwarded_apple"])
        {
            var mail = Assert.Single(Parse("Subject: Fwd: x\nContent-Type: text/plain; charset=utf-8\n\n" + files[$"emails/{name}.txt"]).Forwarded);
            Assert.Contains("foo@", mail.From?.Address, StringComparison.Ordinal);
            Assert.NotNull(mail.Date);
            Assert.NotEqual("", mail.Subject);
            Assert.EndsWith(mail.Text.TrimEnd(), files[$"embedded/{name}.txt"].TrimEnd(), StringComparison.Ordinal);
        }
    }

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.UTF8.GetBytes(mail));
}
