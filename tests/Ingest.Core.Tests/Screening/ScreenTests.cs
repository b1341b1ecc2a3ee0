using System.Text;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Screening;

public sealed class ScreenTests
{
    private static readonly AuthVerdict Proven = new(AuthResult.Pass, AuthResult.Pass, AuthResult.Pass, "example.com", true, "example.com", AuthCode.DmarcPass);
    private static readonly ScreenInputs Inputs = new(new OwnAddresses(["support@shop.example", "help@shop.example"]), id => id.StartsWith("r.ours.", StringComparison.Ordinal));

    private static Screened Decide(string fields, string from = "From: Ada <ada@example.com>", AuthVerdict? auth = null) =>
        Screen.Decide(MailMessage.Parse(Encoding.UTF8.GetBytes($"{from}\r\nTo: support@shop.example\r\nSubject: A question\r\nMessage-ID: <1@example.com>\r\n{fields}\r\n\r\nhello\r\n")), auth ?? Proven, Inputs);

    [Fact]
    public void A_person_who_authenticates_may_be_acknowledged() =>
        Assert.Equal(new Screened(ScreenKind.Human, ScreenReason.NoSign, true), Decide("X-Mailer: any"));

    [Fact]
    public void A_stranger_who_does_not_authenticate_is_not_acknowledged()
    {
        Screened screened = Decide("X-Mailer: any", auth: Proven with { Authenticated = false });
        Assert.Equal((ScreenKind.Human, false), (screened.Kind, screened.MayAcknowledge));
    }

    [Theory]
    [InlineData("Precedence: first-class")]
    [InlineData("Precedence: normal")]
    [InlineData("Precedence: special-delivery")]
    [InlineData("Precedence:")]
    [InlineData("Auto-Submitted: no")]
    [InlineData("Auto-Submitted: No; owner-email=\"a@b.example\"")]
    [InlineData("Importance: high")]
    [InlineData("X-Priority: 1")]
    [InlineData("X-Loop: someone@else.example")]
    public void Failure_12_fields_that_people_send_too_do_not_make_a_machine(string field) => Assert.Equal(ScreenKind.Human, Decide(field).Kind);

    [Theory]
    [InlineData("Core: a question re: lamps")]
    [InlineData("RE: [#42] re: Re: your mail")]
    [InlineData("Automatic answer wanted: out of office chairs")]
    public void Failure_12_subjects_do_not_make_a_machine(string subject)
    {
        MailMessage message = MailMessage.Parse(Encoding.UTF8.GetBytes($"From: ada@example.com\r\nSubject: {subject}\r\n\r\nhello\r\n"));
        Assert.Equal(ScreenKind.Human, Screen.Decide(message, Proven, Inputs).Kind);
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied", ScreenKind.AutoReply)]
    [InlineData("Auto-Submitted: auto-generated", ScreenKind.AutoReply)]
    [InlineData("Auto-Submitted: (comment) something-new; x=y", ScreenKind.AutoReply)]
    [InlineData("X-Autoreply: yes", ScreenKind.AutoReply)]
    [InlineData("X-Autorespond: out", ScreenKind.AutoReply)]
    [InlineData("Precedence: auto_reply", ScreenKind.AutoReply)]
    [InlineData("Precedence: bulk", ScreenKind.Bulk)]
    [InlineData("Precedence: List", ScreenKind.Bulk)]
    [InlineData("Precedence: junk", ScreenKind.Bulk)]
    [InlineData("List-Id: <news.example.com>", ScreenKind.Bulk)]
    [InlineData("List-Unsubscribe: <https://example.com/u>", ScreenKind.Bulk)]
    public void Machines_say_what_they_are_and_get_no_answer(string field, ScreenKind kind)
    {
        Screened screened = Decide(field);
        Assert.Equal((kind, false), (screened.Kind, screened.MayAcknowledge));
    }

    [Theory]
    [InlineData("X-Auto-Response-Suppress: OOF, AutoReply")]
    [InlineData("X-Auto-Response-Suppress: All")]
    [InlineData("Return-Path: <>")]
    [InlineData("X-Ingest-Message-ID: <anything@evil.example>")]
    [InlineData("Reply-To: help+x@shop.example")]
    [InlineData("Reply-To: no-reply@example.com")]
    public void Who_asks_for_silence_stays_a_person_but_gets_no_automatic_answer(string field)
    {
        Screened screened = Decide(field);
        Assert.Equal((ScreenKind.Human, false), (screened.Kind, screened.MayAcknowledge));
    }

    [Theory]
    [InlineData("From: no-reply@example.com")]
    [InlineData("From: NoReply@example.com")]
    [InlineData("From: do_not_reply@example.com")]
    [InlineData("From: bounces+1=x@example.com")]
    public void Failure_40_unattended_senders_get_no_automatic_answer(string from) => Assert.False(Decide("X-A: b", from).MayAcknowledge);

    [Theory]
    [InlineData("From: support@shop.example")]
    [InlineData("From: Support <SUPPORT+r.abc@SHOP.EXAMPLE>")]
    [InlineData("From: help@shop.example")]
    public void Failure_42_mail_in_the_name_of_our_own_addresses_is_known_in_any_spelling_and_never_acknowledged(string from) =>
        Assert.Equal(new Screened(ScreenKind.Human, ScreenReason.OwnFrom, false) { IsInOurName = true }, Decide("X-A: b", from));

    [Theory]
    [InlineData("From: 'Ann' via Support <support@shop.example>", "Reply-To: ann@customer.example\r\nList-Id: <support.shop.example>", ScreenKind.Bulk)]
    [InlineData("From: support@shop.example", "Reply-To: ann@customer.example", ScreenKind.Human)]
    [InlineData("From: support@shop.example", "Auto-Submitted: auto-replied", ScreenKind.AutoReply)]
    [InlineData("From: support@shop.example", "X-Ingest-Message-ID: <r.ours.1@shop.example>", ScreenKind.OwnMail)]
    public void What_groups_and_forms_write_in_our_name_is_ordinary_mail_unless_it_carries_our_token(string from, string fields, ScreenKind kind)
    {
        Screened screened = Decide(fields, from);
        Assert.Equal((kind, false), (screened.Kind, screened.MayAcknowledge));
    }

    [Theory]
    [InlineData("X-A: b", ScreenKind.OwnMail)]
    [InlineData("Reply-To: help@shop.example", ScreenKind.OwnMail)]
    [InlineData("Reply-To: ann@customer.example", ScreenKind.Human)]
    [InlineData("Sender: forms@host.example", ScreenKind.Human)]
    [InlineData("X-Original-From: Ann <ann@customer.example>", ScreenKind.Human)]
    [InlineData("X-Original-Sender: ann@customer.example", ScreenKind.Human)]
    public void Mail_that_names_nobody_but_us_is_our_own(string field, ScreenKind kind)
    {
        MailMessage message = MailMessage.Parse(Encoding.UTF8.GetBytes($"From: support@shop.example\r\nMessage-ID: <1@shop.example>\r\n{field}\r\n\r\nhello\r\n"));
        Screened screened = Screen.Decide(message, Proven, Inputs);
        Assert.Equal((kind, ScreenReason.OwnFrom, false), (screened.Kind, screened.Reason, screened.MayAcknowledge));
    }

    [Fact]
    public void Failure_41_own_mail_is_known_by_its_id_or_by_the_field_that_keeps_it()
    {
        MailMessage byId = MailMessage.Parse("From: ada@example.com\r\nMessage-ID: <r.ours.1@shop.example>\r\n\r\nx"u8.ToArray());
        Assert.Equal((ScreenKind.OwnMail, ScreenReason.OwnMessageId), (Screen.Decide(byId, Proven, Inputs).Kind, Screen.Decide(byId, Proven, Inputs).Reason));
        Screened byField = Decide("X-Ingest-Message-ID: <r.ours.1@shop.example>");
        Assert.Equal((ScreenKind.OwnMail, ScreenReason.OwnIdField), (byField.Kind, byField.Reason));
    }

    [Fact]
    public void Mail_that_travels_in_circles_is_a_loop()
    {
        static string Hops(int count) => string.Join("\r\n", Enumerable.Range(0, count).Select(i => $"Received: from a{i} by b{i}; Mon, 5 Oct 2026 10:00:00 +0000"));
        Assert.Equal(ScreenKind.Human, Decide(Hops(50)).Kind);
        Assert.Equal((ScreenKind.Loop, false), (Decide(Hops(51)).Kind, Decide(Hops(51)).MayAcknowledge));
    }

    [Theory]
    [InlineData("support@shop.example", "Support@SHOP.example", "<support@shop.example>", ScreenKind.Loop)]
    [InlineData("support+r.a@shop.example", "support+r.b@shop.example", "support@shop.example", ScreenKind.Human)]
    [InlineData("ann@customer.example", "ann@customer.example", "ann@customer.example", ScreenKind.Human)]
    [InlineData("a.nn@gmail.com", "an.n@gmail.com", "ann@gmail.com", ScreenKind.Human)]
    public void Only_what_was_delivered_thrice_to_one_address_of_ours_goes_round(string first, string second, string third, ScreenKind kind) =>
        Assert.Equal(kind, Decide($"Delivered-To: {first}\r\nDelivered-To: {second}\r\nDelivered-To: {third}").Kind);

    [Theory]
    [InlineData("From: MAILER-DAEMON@mx.example.com")]
    [InlineData("Return-Path: <>\r\nFrom: Mail System <postmaster@example.com>")]
    public void Mail_systems_are_not_people(string from) => Assert.Equal(ScreenKind.Bounce, Decide("X-A: b", from).Kind);

    [Fact]
    public void A_postmaster_with_a_question_is_a_person_but_gets_no_automatic_answer()
    {
        Screened screened = Decide("X-A: b", "From: Ada <postmaster@example.com>");
        Assert.Equal((ScreenKind.Human, false), (screened.Kind, screened.MayAcknowledge));
    }

    [Fact]
    public void A_delivery_notice_is_a_bounce()
    {
        MailMessage message = MailMessage.Parse(Encoding.UTF8.GetBytes(
            "From: bounce@example.com\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nfailed\n--x\nContent-Type: message/delivery-status\n\n"
            + "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; b@c.example\nAction: failed\nStatus: 5.1.1\n--x--\n"));
        Assert.Equal((ScreenKind.Bounce, ScreenReason.DeliveryNotice), (Screen.Decide(message, Proven, Inputs).Kind, Screen.Decide(message, Proven, Inputs).Reason));
    }
}
