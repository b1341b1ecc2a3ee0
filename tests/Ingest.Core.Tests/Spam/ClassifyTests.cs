using System.Text;
using Ingest.Core.Screening;
using Ingest.Core.Spam;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Spam;

public sealed class ClassifyTests
{
    private static readonly AuthVerdict Unknown = new(AuthResult.None, AuthResult.None, AuthResult.None, "example.com", false, null, AuthCode.NoTrustedField);
    private static readonly AuthVerdict Proven = new(AuthResult.Pass, AuthResult.Pass, AuthResult.Pass, "example.com", true, "example.com", AuthCode.DmarcPass);
    private static readonly AuthVerdict Refused = new(AuthResult.Fail, AuthResult.Fail, AuthResult.Fail, "example.com", false, null, AuthCode.DmarcFail) { Policy = DmarcPolicy.Reject };
    private static readonly ScreenInputs Inputs = new(new OwnAddresses(["support@shop.example"]), _ => false);

    private static SpamVerdict Decide(string mail, AuthVerdict? auth = null, SpamContext? context = null) => Decide(Encoding.UTF8.GetBytes(mail), auth, context);

    private static SpamVerdict Decide(byte[] mail, AuthVerdict? auth = null, SpamContext? context = null)
    {
        MailMessage message = MailMessage.Parse(mail);
        auth ??= Unknown;
        return Classify.Decide(message, auth, Screen.Decide(message, auth, Inputs), context ?? SpamContext.None);
    }

    private static bool Has(SpamVerdict verdict, SpamCode code) => verdict.Reasons.Any(r => r.Code == code);

    private static string Plain(string fields = "", string body = "My lamp does not shine. What can I do?") =>
        $"From: Ada <ada@example.com>\nTo: support@shop.example\nSubject: Broken lamp\nMessage-ID: <1@example.com>\n{fields}\n{body}\n";

    private static string Html(string html) =>
        $"From: Ada <ada@example.com>\nTo: support@shop.example\nSubject: Broken lamp\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{html}\n";

    [Fact]
    public void A_plain_question_is_wanted()
    {
        SpamVerdict verdict = Decide(Plain());
        Assert.Equal(SpamVerdictKind.Ham, verdict.Verdict);
        Assert.InRange(verdict.Score, 0, 0.3);
    }

    [Fact]
    public void A_failure_of_an_enforced_policy_makes_a_mail_unsure()
    {
        Assert.True(Has(Decide(Plain(), Refused), SpamCode.DmarcFailEnforced));
        Assert.Equal(SpamVerdictKind.Unsure, Decide(Plain(), Refused).Verdict);
        Assert.Equal(SpamVerdictKind.Spam, Decide(Plain(body: "Please verify your account or it will be suspended."), Refused).Verdict);
    }

    [Theory]
    [InlineData("<a href=\"http://evil.example/x\">https://www.bank.example/login</a>", SpamCode.LinkHostMismatch, true)]
    [InlineData("<a href='http://evil.example/x'>www.bank.example</a>", SpamCode.LinkHostMismatch, true)]
    [InlineData("<a href=\"https://login.bank.example/x\">www.bank.example</a>", SpamCode.LinkHostMismatch, false)]
    [InlineData("<a href=\"https://www.bank.co.uk/x\">https://bank.co.uk</a>", SpamCode.LinkHostMismatch, false)]
    [InlineData("<a href=\"https://evil.co.uk/x\">https://bank.co.uk</a>", SpamCode.LinkHostMismatch, true)]
    [InlineData("<a href=\"https://track.example/x\">Read our news</a>", SpamCode.LinkHostMismatch, false)]
    [InlineData("<a href=http://192.0.2.7/x>here</a>", SpamCode.LinkToIpAddress, true)]
    [InlineData("<a href=\"http://3221225991/x\">here</a>", SpamCode.LinkToIpAddress, true)]
    [InlineData("<a href=\"http://www.bank.example@evil.example/x\">here</a>", SpamCode.LinkObscured, true)]
    [InlineData("<a href=\"https://example.com/@someone\">here</a>", SpamCode.LinkObscured, false)]
    [InlineData("v<!--a-->iagra a<!--b-->nd c<!--c-->ialis", SpamCode.DisguisedText, true)]
    [InlineData("<form action=x><input></form>", SpamCode.FormInMail, true)]
    [InlineData("<a href=\"https://x.example\"><img src=\"https://x.example/1.png\"></a>", SpamCode.PictureInsteadOfText, true)]
    public void Links_and_html_are_judged_by_what_they_hide(string html, SpamCode code, bool expected) => Assert.Equal(expected, Has(Decide(Html(html)), code));

    [Theory]
    [InlineData("\"service@bank.example\" <x@evil.example>", true)]
    [InlineData("\"ada@example.com\" <ada@mail.example.com>", false)]
    [InlineData("\"Ada @ work\" <ada@example.com>", false)]
    [InlineData("Ada <ada@example.com>", false)]
    public void A_display_name_may_not_show_another_address(string from, bool expected) =>
        Assert.Equal(expected, Has(Decide(Plain().Replace("Ada <ada@example.com>", from, StringComparison.Ordinal)), SpamCode.NameShowsOtherAddress));

    [Fact]
    public void Attachments_that_run_are_noticed()
    {
        static string Mail(string name) => Plain($"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n",
            $"--x\n\nsee\n--x\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"{name}\"\n\nx\n--x--");
        Assert.True(Has(Decide(Mail("invoice.pdf.exe")), SpamCode.ExecutableAttachment));
        Assert.True(Has(Decide(Mail("photo.SCR")), SpamCode.ExecutableAttachment));
        Assert.False(Has(Decide(Mail("invoice.pdf")), SpamCode.ExecutableAttachment));
    }

    [Fact]
    public void The_providers_word_counts_only_from_the_provider()
    {
        Assert.True(Has(Decide(Plain(), context: new SpamContext { Provider = ProviderVerdict.Spam }), SpamCode.ProviderSaysSpam));
        Assert.False(Has(Decide(Plain("X-Spam-Flag: YES\n")), SpamCode.ProviderSaysSpam));
    }

    [Theory]
    [InlineData("spam/spamassassin_ham.tar.gz", 0.001, 0.005)]
    [InlineData("spam/enron_ham.tar.gz", 0, 0.005)]
    public void Wanted_mail_is_hardly_ever_held(string path, double mostHeld, double mostUnsure)
    {
        (int all, int held, int unsure, string worst) = Count(path);
        Assert.True(held <= all * mostHeld, $"{held} of {all} wanted mails were held: {worst}");
        Assert.True(unsure <= all * mostUnsure, $"{unsure} of {all} wanted mails were shown with a warning: {worst}");
    }

    [Theory]
    [InlineData("spam/spamassassin_spam.tar.gz", 0.15, 0.45)]
    public void Spam_is_found_often_enough_to_be_worth_it(string path, double leastHeld, double leastNoticed)
    {
        (int all, int held, int unsure, _) = Count(path);
        Assert.True(held >= all * leastHeld, $"only {held} of {all} were held");
        Assert.True(held + unsure >= all * leastNoticed, $"only {held + unsure} of {all} were noticed");
    }

    private static (int All, int Held, int Unsure, string Worst) Count(string path)
    {
        int all = 0, held = 0, unsure = 0;
        var worst = new StringBuilder();
        foreach ((string name, byte[] bytes) in SharedData.Tar(path))
        {
            SpamVerdict verdict = Decide(bytes);
            all++;
            held += verdict.Verdict == SpamVerdictKind.Spam ? 1 : 0;
            unsure += verdict.Verdict == SpamVerdictKind.Unsure ? 1 : 0;
            if (verdict.Verdict != SpamVerdictKind.Ham && worst.Length < 4000)
                worst.AppendLine().Append(null, $"{name} {verdict.Score:F3} {string.Join(' ', verdict.Reasons.Select(r => $"{r.Code}={r.Weight}"))}");
        }
        return (all, held, unsure, worst.ToString());
    }
}
