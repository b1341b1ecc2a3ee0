using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class BounceTests
{
    [Theory]
    [InlineData("550 5.1.1 <a@b.example>... User Unknown", "5.1.1", 550)]
    [InlineData("5.1.0 - Unknown address error 550-'5.7.1 <x@y.example>... Access denied'", "5.7.1", 550)]
    [InlineData("554 554 5.7.0 Header error (state 18).", "5.7.0", 554)]
    [InlineData("host 192.0.2.5.1 [5.1.1.1] said: no", "", 0)]
    [InlineData("Exim 4.72 on port 25, version 5.65/1.37", "", 0)]
    [InlineData("(#5.1.1)", "5.1.1", 0)]
    [InlineData("552 Error: disk quota exceeded", "", 552)]
    [InlineData("250 2.1.5 Ok", "2.1.5", 250)]
    [InlineData("at 550.50 USD, 550x5.1.1", "", 0)]
    [InlineData("", "", 0)]
    public void Codes_are_found_where_servers_write_them(string text, string enhanced, int reply) => Assert.Equal((enhanced, reply), BounceStatus.Find(text));

    [Theory]
    [InlineData("550 <virus@mailbox-full.example>: User unknown", BounceReason.UserUnknown)]
    [InlineData("553 example.com does not exist", BounceReason.HostUnknown)]
    [InlineData("550 mailbox does not exist", BounceReason.UserUnknown)]
    [InlineData("see https://www.spamhaus.org/query/ip/192.0.2.1", BounceReason.Blocked)]
    [InlineData("SMTP error after MAIL FROM:<a@b.example>: 553 b.example does not exist", BounceReason.Rejected)]
    [InlineData("Die Nachricht: Postfach voll", BounceReason.MailboxFull)]
    [InlineData("good morning", BounceReason.Undefined)]
    public void Words_have_a_reason(string text, BounceReason reason) => Assert.Equal(reason, BounceReasons.OfWords(text));

    [Fact]
    public void Fields_of_a_group_may_come_in_any_order_and_with_blank_lines_between() =>
        Assert.Equal(
            [("a@x.example", "failed", "5.1.1 (gone)", "smtp; 550 5.1.1 no such user"), ("b@x.example", "delayed", "4.2.2", "")],
            StatusReport.Read("Reporting-MTA: dns; mx\n\nAction: failed\nFinal-Recipient: rfc822; a@x.example\nDiagnostic-Code: smtp; 550 5.1.1\n no such user\n\nStatus: 5.1.1 (gone)\n\nOriginal-Recipient: rfc822;b@x.example\n\nAction: delayed\nStatus: 4.2.2\n", 10)
                .Select(static g => (g.Recipient, g.Action, g.Status, g.Diagnostic)));

    [Fact]
    public void A_transcript_names_the_recipient_after_what_happened()
    {
        var message = Parse("From: MAILER-DAEMON@mx.example\nSubject: Returned mail\n\n>>> RCPT To:<a@x.example>\n<<< 550 no such user\n554 <a@x.example>... Service unavailable\n<<< 552 mailbox full\n554 <b@y.example>... Service unavailable\n\n   ----- Unsent message follows -----\nTo: c@z.example\nMessage-ID: <1@w.example>\n");
        Assert.Equal(
            [new BounceRecipient("failed", "5.0.911", "a@x.example", "1@w.example") { Reason = BounceReason.UserUnknown }, new BounceRecipient("failed", "5.0.922", "b@y.example", "1@w.example") { Reason = BounceReason.MailboxFull }],
            message.Bounce);
        Assert.Equal([true, false], message.Bounce.Select(static b => b.IsHard));
    }

    [Fact]
    public void A_notice_of_a_mail_service_in_json_is_a_bounce()
    {
        var message = Parse("From: no-reply@sns.example\nSubject: Notification\n\n{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{\"emailAddress\":\"a@x.example\",\"action\":\"failed\",\"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 user unknown\"}]},\"mail\":{\"headers\":[{\"name\":\"Message-ID\",\"value\":\"<1@w.example>\"}]}}\n--\nfooter");
        Assert.Equal(MailKind.Bounce, message.Kind);
        Assert.Equal([new BounceRecipient("failed", "5.1.1", "a@x.example", "1@w.example") { Reason = BounceReason.UserUnknown }], message.Bounce);
    }

    [Theory]
    [InlineData("Automatic reply: Order 7", MailKind.AutoReply)]
    [InlineData("Out of Office: Order 7", MailKind.AutoReply)]
    [InlineData("Re: Automatic reply: Order 7", MailKind.Mail)]
    [InlineData("Automatic reply does not work", MailKind.Mail)]
    [InlineData("Absence: 3 March", MailKind.Mail)]
    [InlineData("自動応答：注文", MailKind.AutoReply)]
    [InlineData("Undelivered parcel", MailKind.Mail)]
    [InlineData("Fwd: Undelivered Mail Returned to Sender", MailKind.Mail)]
    public void What_people_write_about_bounces_and_answers_is_mail(string subject, MailKind kind) =>
        Assert.Equal(kind, Parse($"From: kim@customer.example\nSubject: {subject}\n\nYour message could not be delivered, it says. 550 5.1.1 user unknown\n").Kind);

    [Fact]
    public void Any_notice_is_read_without_exceptions() =>
        Prop.ForAll(
            Gen.Elements("550", " 5.1.1", "<a@b.example>", "a@b", ": ", "\n", "\n ", ">>> DATA", "<<< 550 unknown", "Final-Recipient: rfc822; ", "Status: ", "Action: failed", "Diagnostic-Code: ", "5.", ".", "-", "{\"notificationType\":", "\"Bounce\"", ",\"bounce\":{", "[", "]", "}", "\"\\ud800\"", " does not exist").ListOf().ToArbitrary(),
            static pieces =>
            {
                var text = string.Concat(pieces);
                Assert.True(Parse("From: MAILER-DAEMON@x\nSubject: failure notice\n\n" + text).Bounce.Count <= 20);
                Assert.True(Parse("Content-Type: multipart/report; boundary=x; report-type=delivery-status\n\n--x\n\n" + text + "\n--x\nContent-Type: message/delivery-status\n\n" + text + "\n--x--\n").Bounce.Count <= 500);
                Parse("From: a@b.example\n\n" + text);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static MailMessage Parse(string mail) => MailMessage.Parse(Encoding.UTF8.GetBytes(mail));
}
