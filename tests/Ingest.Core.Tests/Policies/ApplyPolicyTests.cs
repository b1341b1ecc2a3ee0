using System.Net;
using System.Text;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Core.Threading;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Policies;

public sealed class ApplyPolicyTests
{
    private static readonly AuthVerdict Proven = new(AuthResult.Pass, AuthResult.Pass, AuthResult.Pass, "example.com", true, "example.com", AuthCode.DmarcPass);
    private static readonly AuthVerdict Unproven = new(AuthResult.None, AuthResult.None, AuthResult.None, "example.com", false, null, AuthCode.NothingProven);
    private static readonly AuthVerdict Failed = Unproven with { Reason = AuthCode.DmarcFail, Dmarc = AuthResult.Fail, Policy = DmarcPolicy.Reject };

    private static MailMessage Mail(string fields = "X-A: b", string from = "Ada <ada@example.com>", string body = "hello") =>
        MailMessage.Parse(Encoding.UTF8.GetBytes($"From: {from}\r\nTo: support@acme.example\r\nSubject: A question\r\nMessage-ID: <1@example.com>\r\n{fields}\r\n\r\n{body}\r\n"));

    private static PolicyFacts Facts(MailMessage? message = null, AuthVerdict? auth = null, ScreenKind kind = ScreenKind.Human, ScreenReason reason = ScreenReason.NoSign) =>
        new(message ?? Mail(), auth ?? Proven, new Screened(kind, reason, true)) { HasContact = true };

    private static MailPolicy With(params MailRule[] rules) => CheckPolicy.Tidy(new MailPolicy { Rules = rules });

    private static MailRule Deny(RuleSubject subject, string pattern) => new(RuleEffect.Deny, subject, pattern);

    private static MailRule Allow(RuleSubject subject, string pattern) => new(RuleEffect.Allow, subject, pattern);

    [Fact]
    public void Where_nobody_decided_anything_nothing_is_decided()
    {
        Assert.Equal(default, ApplyPolicy.Decide(MailPolicy.Default, Facts()));
        Assert.Equal(default, ApplyPolicy.Decide(MailPolicy.Default, Facts(Mail(body: ""), Failed) with { HasContact = false, Thread = ThreadKind.Linked, Provider = ProviderVerdict.Spam }));
    }

    [Theory]
    [InlineData(RuleSubject.Address, "ada@example.com")]
    [InlineData(RuleSubject.Address, "ADA@Example.COM.")]
    [InlineData(RuleSubject.Address, "<ada@example.com>")]
    [InlineData(RuleSubject.Address, "*@example.com")]
    [InlineData(RuleSubject.Address, "a*a@example.com")]
    [InlineData(RuleSubject.Address, "*@*.com")]
    [InlineData(RuleSubject.Domain, "example.com")]
    [InlineData(RuleSubject.Domain, "@example.com")]
    [InlineData(RuleSubject.Domain, "exam*.com")]
    [InlineData(RuleSubject.IpAddress, "192.0.2.7")]
    [InlineData(RuleSubject.IpAddress, "192.0.2.0/24")]
    [InlineData(RuleSubject.List, "news.example.com")]
    [InlineData(RuleSubject.List, "<NEWS.example.com>")]
    [InlineData(RuleSubject.List, "*.example.com")]
    [InlineData(RuleSubject.Header, "X-Mailer: *Sender*")]
    [InlineData(RuleSubject.Header, "x-mailer:the bulk sender 2")]
    [InlineData(RuleSubject.Header, "Subject: A question")]
    public void A_rule_names_mail_by_address_domain_server_list_or_field(RuleSubject subject, string pattern)
    {
        PolicyFacts facts = Facts(Mail("List-Id: The \"news\" <x> of us <news.example.com>\r\nX-Mailer: The Bulk Sender 2")) with { Client = IPAddress.Parse("192.0.2.7") };
        PolicyDecision decision = ApplyPolicy.Decide(With(Deny(subject, pattern)), facts);
        Assert.Equal(new PolicyDecision(RuleEffect.Deny, OutcomeReason.DeniedByRule, 1), decision);
        Assert.Equal("Deny/DeniedByRule/1", decision.ToStep());
    }

    [Theory]
    [InlineData(RuleSubject.Address, "da@example.com")]
    [InlineData(RuleSubject.Address, "*@example.co")]
    [InlineData(RuleSubject.Address, "ada@*.example.com")]
    [InlineData(RuleSubject.Domain, "*.example.com")]
    [InlineData(RuleSubject.Domain, "xample.com")]
    [InlineData(RuleSubject.IpAddress, "192.0.3.0/24")]
    [InlineData(RuleSubject.IpAddress, "2001:db8::/32")]
    [InlineData(RuleSubject.List, "news")]
    [InlineData(RuleSubject.Header, "X-Mailer: Sender")]
    [InlineData(RuleSubject.Header, "X-Other: *")]
    public void Other_rules_name_other_mail(RuleSubject subject, string pattern)
    {
        PolicyFacts facts = Facts(Mail("List-Id: <news.example.com>\r\nX-Mailer: The Bulk Sender 2")) with { Client = IPAddress.Parse("192.0.2.7") };
        Assert.Equal(default, ApplyPolicy.Decide(With(Deny(subject, pattern)), facts));
    }

    [Fact]
    public void A_server_that_is_not_known_for_certain_is_nobodys() =>
        Assert.Equal(default, ApplyPolicy.Decide(With(Deny(RuleSubject.IpAddress, "0.0.0.0/0"), Deny(RuleSubject.IpAddress, "::/0")), Facts()));

    [Fact]
    public void Names_in_other_scripts_match_in_both_their_forms()
    {
        foreach (string from in new[] { "a@münchen.example", "a@xn--mnchen-3ya.example" })
            foreach (string pattern in new[] { "münchen.example", "xn--mnchen-3ya.example", "MÜNCHEN.example" })
                Assert.Equal(1, ApplyPolicy.Decide(With(Deny(RuleSubject.Domain, pattern)), Facts(Mail(from: from))).Rule);
    }

    [Fact]
    public void The_first_rule_that_matches_decides()
    {
        MailRule ada = Allow(RuleSubject.Address, "ada@example.com"), all = Deny(RuleSubject.Domain, "example.com");
        Assert.Equal(new PolicyDecision(RuleEffect.Allow, OutcomeReason.None, 1), ApplyPolicy.Decide(With(ada, all), Facts()));
        Assert.Equal(new PolicyDecision(RuleEffect.Deny, OutcomeReason.DeniedByRule, 1), ApplyPolicy.Decide(With(all, ada), Facts()));
    }

    [Fact]
    public void A_suspended_sender_is_held_even_where_a_rule_before_allows_them_and_in_their_own_ticket()
    {
        MailPolicy policy = With(Allow(RuleSubject.Domain, "example.com"), new MailRule(RuleEffect.Suspend, RuleSubject.Address, "ada@example.com"));
        Assert.Equal(new PolicyDecision(RuleEffect.Suspend, OutcomeReason.SuspendedSender, 2), ApplyPolicy.Decide(policy, Facts() with { Thread = ThreadKind.ByToken }));
    }

    [Theory]
    [InlineData("proven", DmarcPolicy.Reject, true)]
    [InlineData("NothingProven", DmarcPolicy.Unknown, true)]
    [InlineData("DmarcFail", DmarcPolicy.None, false)]
    [InlineData("OriginUnknown", DmarcPolicy.None, true)]
    [InlineData("NoFrom", DmarcPolicy.Unknown, false)]
    [InlineData("DmarcFail", DmarcPolicy.Reject, false)]
    [InlineData("DmarcFail", DmarcPolicy.Quarantine, false)]
    [InlineData("DmarcFail", DmarcPolicy.Unknown, false)]
    [InlineData("OriginUnknown", DmarcPolicy.Reject, false)]
    [InlineData("SeveralFrom", DmarcPolicy.Unknown, false)]
    [InlineData("FromMismatch", DmarcPolicy.Unknown, false)]
    public void An_allow_rule_never_overrides_failed_authentication_of_a_domain_that_publishes_a_policy(string reason, DmarcPolicy published, bool obeyed)
    {
        AuthVerdict auth = (reason == "proven" ? Proven : Unproven with { Reason = Enum.Parse<AuthCode>(reason) }) with { Policy = published };
        foreach (MailRule rule in new[] { Allow(RuleSubject.Address, "ada@example.com"), Allow(RuleSubject.Domain, "*.com"), Allow(RuleSubject.IpAddress, "192.0.2.7"), Allow(RuleSubject.Header, "X-A: b") })
        {
            PolicyDecision decision = ApplyPolicy.Decide(With(rule), Facts(auth: auth) with { Client = IPAddress.Parse("192.0.2.7") });
            Assert.Equal((obeyed ? RuleEffect.Allow : null, !obeyed), (decision.Effect, decision.AllowRefused));
        }
    }

    [Fact]
    public void Who_is_only_named_as_the_sender_is_denied_but_never_allowed()
    {
        PolicyFacts facts = Facts(MailMessage.Parse("Sender: ada@example.com\r\nSubject: hello\r\n\r\nhello"u8.ToArray()), Unproven);
        foreach ((RuleSubject subject, string pattern) in new[] { (RuleSubject.Address, "ada@example.com"), (RuleSubject.Domain, "example.com") })
        {
            Assert.Equal(default, ApplyPolicy.Decide(With(Allow(subject, pattern)), facts));
            Assert.Equal(RuleEffect.Deny, ApplyPolicy.Decide(With(Deny(subject, pattern)), facts).Effect);
        }

        Assert.Equal(RuleEffect.Suspend, ApplyPolicy.Decide(With(new MailRule(RuleEffect.Suspend, RuleSubject.Address, "ada@example.com")), facts).Effect);
    }

    [Theory]
    [InlineData(AuthCode.OriginUnknown)]
    [InlineData(AuthCode.TempError)]
    public void What_could_not_be_checked_is_not_said_to_fail(AuthCode reason)
    {
        AuthVerdict open = Unproven with { Reason = reason, Policy = DmarcPolicy.Reject };
        Assert.Equal(OutcomeReason.None, ApplyPolicy.Decide(new MailPolicy { Proof = ProofWanted.NotFailed }, Facts(auth: open)).Reason);
        Assert.Equal(OutcomeReason.UnknownServer, ApplyPolicy.Decide(new MailPolicy { Proof = ProofWanted.Proven }, Facts(auth: open)).Reason);
        PolicyDecision refused = ApplyPolicy.Decide(With(Allow(RuleSubject.Domain, "example.com")), Facts(auth: open));
        Assert.Equal("AllowUnchecked/None/1", refused.ToStep());
        Assert.Contains("could not be checked", refused.ToSentence(), StringComparison.Ordinal);
        Assert.DoesNotContain("fails", refused.ToSentence(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_allow_rule_does_not_stop_the_rules_against_the_mail()
    {
        MailPolicy policy = With(Allow(RuleSubject.Domain, "example.com"), Deny(RuleSubject.Header, "X-A: b"));
        Assert.Equal(new PolicyDecision(RuleEffect.Deny, OutcomeReason.DeniedByRule, 2), ApplyPolicy.Decide(policy, Facts(auth: Failed)));
    }

    public static TheoryData<string, OutcomeReason> Held => new()
    {
        { "closed", OutcomeReason.MailboxClosed }, { "only-allowed", OutcomeReason.NotOnAllowList },
        { "first", OutcomeReason.FirstContact }, { "first-unproven", OutcomeReason.UnprovenFirstContact },
        { "failed", OutcomeReason.FailedAuthentication }, { "unknown-server", OutcomeReason.UnknownServer },
        { "provider", OutcomeReason.ProviderSaysSpam }, { "rate", OutcomeReason.RateLimited }, { "repeated", OutcomeReason.RepeatedContent },
        { "automatic", OutcomeReason.AutomaticAnswer }, { "out-of-office", OutcomeReason.OutOfOffice },
        { "stranger", OutcomeReason.UnknownSenderOfTicket }, { "outsider", OutcomeReason.MayNotJoin },
        { "no-author", OutcomeReason.NoAuthor }, { "blank", OutcomeReason.Blank }, { "unattended", OutcomeReason.ToUnattended },
        { "unreadable", OutcomeReason.Unreadable }, { "too-large", OutcomeReason.TooLarge }, { "program", OutcomeReason.DangerousAttachment },
    };

    [Theory]
    [MemberData(nameof(Held))]
    public void Every_setting_holds_the_mail_it_speaks_of_and_no_ordinary_mail(string setting, OutcomeReason reason)
    {
        MailPolicy all = new() { Hold = Enum.GetValues<HeldSort>() };
        (MailPolicy policy, PolicyFacts facts) = setting switch
        {
            "closed" => (new MailPolicy { Closed = true }, Facts()),
            "only-allowed" => (new MailPolicy { TakeOnlyAllowed = true }, Facts()),
            "first" => (new MailPolicy { FirstContact = FirstContactMail.Hold }, Facts() with { HasContact = false }),
            "first-unproven" => (new MailPolicy { FirstContact = FirstContactMail.HoldUnproven }, Facts(auth: Unproven) with { HasContact = false }),
            "failed" => (new MailPolicy { Proof = ProofWanted.NotFailed }, Facts(auth: Failed)),
            "unknown-server" => (new MailPolicy { Proof = ProofWanted.Proven }, Facts(auth: Unproven)),
            "provider" => (new MailPolicy { Provider = ProviderSpam.Hold }, Facts() with { Provider = ProviderVerdict.Spam }),
            "rate" => (new MailPolicy(), Facts() with { Excess = RateExcess.Domain }),
            "repeated" => (new MailPolicy(), Facts() with { Excess = RateExcess.Content }),
            "automatic" => (all, Facts(kind: ScreenKind.AutoReply, reason: ScreenReason.AutoSubmitted)),
            "out-of-office" => (all, Facts(kind: ScreenKind.AutoReply, reason: ScreenReason.OutOfOffice)),
            "stranger" => (all, Facts() with { Thread = ThreadKind.Linked, HasContact = false }),
            "outsider" => (all, Facts() with { Thread = ThreadKind.Linked }),
            "no-author" => (all, Facts(MailMessage.Parse("Subject: hello\r\n\r\nhello"u8.ToArray()))),
            "blank" => (all, Facts(MailMessage.Parse("From: ada@example.com\r\nSubject:\r\n\r\n \r\n"u8.ToArray()))),
            "unattended" => (new MailPolicy { Unattended = ["noreply@acme.example"] }, Facts() with { ToUnattended = true }),
            "unreadable" => (all, Facts(MailMessage.Parse(Deep()))),
            "too-large" => (new MailPolicy { MostBytes = 10_000 }, Facts(Mail(body: new string('x', 11_000)))),
            _ => (all, Facts(Mail("Content-Type: application/octet-stream; name=\"invoice.pdf.exe \""))),
        };
        PolicyDecision decision = ApplyPolicy.Decide(policy, facts);
        Assert.Equal((RuleEffect.Deny, reason, 0), (decision.Effect, decision.Reason, decision.Rule));
        Assert.Equal(setting is "closed" or "only-allowed", ApplyPolicy.Decide(policy, Facts()).Holds);
        Assert.Equal(setting is "rate" or "repeated", ApplyPolicy.Decide(MailPolicy.Default, facts).Holds);
    }

    private static byte[] Deep() => Encoding.ASCII.GetBytes("From: ada@example.com\r\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n")) + "\r\nx");

    [Fact]
    public void What_a_ticket_awaits_is_held_by_rules_alone()
    {
        MailPolicy strict = new()
        {
            TakeOnlyAllowed = true, FirstContact = FirstContactMail.Hold, Proof = ProofWanted.Proven, Provider = ProviderSpam.Hold, Hold = Enum.GetValues<HeldSort>(), MostBytes = 10_000,
        };
        PolicyFacts facts = Facts(Mail(body: new string('x', 11_000)), Failed) with { HasContact = false, Provider = ProviderVerdict.Spam, Thread = ThreadKind.AsParticipant };
        Assert.False(ApplyPolicy.Decide(strict, facts).Holds);
        Assert.True(ApplyPolicy.Decide(strict, facts with { Thread = ThreadKind.Linked }).Holds);
        foreach (RateExcess excess in Enum.GetValues<RateExcess>())
            foreach (ThreadKind joins in new[] { ThreadKind.ByToken, ThreadKind.AsParticipant })
                Assert.False(ApplyPolicy.Decide(strict, facts with { Excess = excess, Thread = joins }).Holds);
        Assert.Equal(OutcomeReason.RateLimited, ApplyPolicy.Decide(strict, facts with { Excess = RateExcess.Sender, Thread = ThreadKind.Linked }).Reason);
        Assert.Equal(OutcomeReason.DeniedByRule, ApplyPolicy.Decide(strict with { Rules = [Deny(RuleSubject.Domain, "example.com")] }, facts).Reason);
    }

    [Fact]
    public void What_a_rule_allows_is_taken_beyond_every_limit_and_demand_but_not_by_a_closed_mailbox()
    {
        MailPolicy policy = With(Allow(RuleSubject.Domain, "example.com")) with { TakeOnlyAllowed = true, FirstContact = FirstContactMail.Hold, Provider = ProviderSpam.Hold };
        Assert.Equal(RuleEffect.Allow, ApplyPolicy.Decide(policy, Facts() with { Excess = RateExcess.Sender, HasContact = false, Provider = ProviderVerdict.Spam }).Effect);
        Assert.Equal(OutcomeReason.MailboxClosed, ApplyPolicy.Decide(policy with { Closed = true }, Facts()).Reason);
    }

    [Theory]
    [InlineData(ScreenKind.OwnMail)]
    [InlineData(ScreenKind.Loop)]
    [InlineData(ScreenKind.Report)]
    [InlineData(ScreenKind.Bounce)]
    public void Our_own_mail_loops_reports_and_bounces_have_ends_of_their_own(ScreenKind kind) =>
        Assert.Equal(default, ApplyPolicy.Decide(With(Deny(RuleSubject.Domain, "example.com")) with { Closed = true }, Facts(kind: kind)));

    [Fact]
    public void Programs_mail_that_answers_nothing_is_no_automatic_answer() =>
        Assert.False(ApplyPolicy.Decide(new MailPolicy { Hold = Enum.GetValues<HeldSort>() }, Facts(kind: ScreenKind.AutoReply, reason: ScreenReason.AutoGenerated)).Holds);

    [Fact]
    public void A_thousand_rules_of_many_stars_end_on_a_field_made_for_them()
    {
        MailPolicy policy = With([.. Enumerable.Range(0, 1000).Select(i => Deny(RuleSubject.Header, $"X-A: *a*a*a*a*a*a*b{i}*"))]);
        Assert.Equal(default, ApplyPolicy.Decide(policy, Facts(Mail("X-A: " + new string('a', 100_000)))));
    }
}
