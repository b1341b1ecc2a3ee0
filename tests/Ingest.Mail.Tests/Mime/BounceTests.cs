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

    [Theory]
    [InlineData("Peter <postmaster@customer.example>", "Your mail server", "Your mails to us could not be delivered, as your SPF record is broken.")]
    [InlineData("Peter <mail.delivery@courier.example>", "Delivery failed for parcel 4711", "We could not deliver the parcel, the recipient is unknown.")]
    [InlineData("Shop <bounce@news.example>", "Your returned item", "We could not deliver your message to the warehouse.")]
    [InlineData("Kim <bouncer@club.example>", "Delivery failed", "550 chairs are missing.")]
    public void A_postmaster_or_a_courier_who_writes_of_deliveries_is_no_bounce(string from, string subject, string text) =>
        Assert.Equal(MailKind.Mail, Parse($"From: {from}\nSubject: {subject}\n\n{text}\n").Kind);

    [Theory]
    [InlineData("", "I could not deliver it: 550 5.1.1 no such user")]
    [InlineData("", "I could not deliver it.\n\n<bob@x.example>: gone")]
    [InlineData("", "I could not deliver it.\n\n--- Below this line is a copy of the message.\nTo: bob@x.example\n")]
    [InlineData("Return-Path: <>\n", "I could not deliver it.")]
    [InlineData("Auto-Submitted: auto-generated\n", "I could not deliver it.")]
    public void A_notice_of_a_mail_system_with_one_sign_more_is_a_bounce(string header, string text) =>
        Assert.Equal(MailKind.Bounce, Parse($"{header}From: postmaster@mx.example\nSubject: Delivery failed\n\n{text}\n").Kind);

    [Fact]
    public void A_mail_system_without_an_address_is_named_and_said_to_be_odd_once()
    {
        var message = Parse("Return-Path: <>\nFrom: Mail Delivery System <>\nSubject: Undeliverable mail\n\n<bob@x.example>: 550 5.1.1 user unknown\n");
        Assert.Equal([new MailAddress("Mail Delivery System", "")], message.From);
        Assert.Equal("bob@x.example", Assert.Single(message.Bounce).Recipient);
        Assert.Single(message.Defects, static d => d.Kind == DefectKind.BadAddress);
    }

    [Fact]
    public void A_recipient_without_a_diagnosis_does_not_get_that_of_another()
    {
        var message = Parse("From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; boundary=A; report-type=delivery-status\n\n--A\n\nYour message could not be delivered.\n\n<bob@x.example>: host mx said: 552 5.2.2 Mailbox full\n--A\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; bob@x.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full\n\nFinal-Recipient: rfc822; carol@x.example\nAction: delayed\nStatus: 4.4.1\n--A--\n");
        Assert.Equal([("bob@x.example", "5.2.2", BounceReason.MailboxFull), ("carol@x.example", "4.4.1", BounceReason.Expired)], message.Bounce.Select(static b => (b.Recipient, b.Status, b.Reason)));
    }

    [Theory]
    [InlineData("In-Reply-To: <1@w.example>\nReferences: <0@w.example>\n")]
    [InlineData("References: <0@w.example> <1@w.example>\n")]
    public void A_bounce_that_returns_nothing_is_about_the_mail_it_answers(string header) =>
        Assert.Equal("1@w.example", Assert.Single(Parse($"{header}From: mailer-daemon@mx.example\nSubject: Delivery Status Notification (Failure)\nX-Failed-Recipients: bob@x.example\n\n550 5.1.1 no such user\n").Bounce).OriginalMessageId);

    [Theory]
    [InlineData("自动答复: x")]
    [InlineData("Odpowiedź automatyczna: x")]
    [InlineData("Automatická odpověď: x")]
    [InlineData("Automatikus válasz: x")]
    [InlineData("Răspuns automat: x")]
    [InlineData("Αυτόματη απάντηση: x")]
    [InlineData("Automatsko odgovaranje: x")]
    [InlineData("Samodejni odgovor: x")]
    [InlineData("Автоматична відповідь: x")]
    [InlineData("Trả lời tự động: x")]
    [InlineData("Automatiskt svar: x")]
    [InlineData("自動返信: x")]
    [InlineData("Afwezig: x")]
    [InlineData("Auto-réponse : x")]
    [InlineData("Absence du bureau : x")]
    [InlineData("Fuori sede: x")]
    [InlineData("Fuera de la oficina: x")]
    [InlineData("\u200fתשובה אוטומטית: x")]
    [InlineData("رد تلقائي: x")]
    [InlineData("ตอบกลับอัตโนมัติ: x")]
    [InlineData("Out of Office AutoReply: x")]
    [InlineData("[Auto-Reply] x")]
    public void Automatic_answers_are_known_by_their_subject_in_many_languages(string subject) =>
        Assert.Equal(MailKind.AutoReply, Parse($"From: kim@customer.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\nx\n").Kind);

    [Theory]
    [InlineData("Fuera de la oficina nadie contesta", MailKind.Mail)]
    [InlineData("[Auto-Reply", MailKind.Mail)]
    [InlineData("[Auto-Reply is broken] help", MailKind.Mail)]
    [InlineData("Absence du bureau de poste", MailKind.Mail)]
    public void The_same_words_without_a_colon_are_a_persons(string subject, MailKind kind) =>
        Assert.Equal(kind, Parse($"From: kim@customer.example\nSubject: {subject}\n\nx\n").Kind);

    [Fact]
    public void The_vacation_program_answers_in_bulk_and_is_an_automatic_answer() =>
        Assert.Equal(MailKind.AutoReply, Parse("From: kim@customer.example\nSubject: away\nX-Mailer: vacation\nPrecedence: bulk\n\nx\n").Kind);

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
