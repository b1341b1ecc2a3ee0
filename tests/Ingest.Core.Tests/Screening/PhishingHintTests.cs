using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Core.Screening;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Screening;

public sealed class PhishingHintTests
{
    private static readonly AuthVerdict Proven = new(AuthResult.Pass, AuthResult.Pass, AuthResult.Pass, "", true, null, AuthCode.DmarcPass);
    private static readonly AuthVerdict Failed = new(AuthResult.Fail, AuthResult.None, AuthResult.Fail, "", false, null, AuthCode.DmarcFail);

    private static IReadOnlyList<PhishingHint> Find(string from = "Ada <ada@customer.example>", string fields = "X-A: b", string html = "", AuthVerdict? auth = null)
    {
        string type = html.Length > 0 ? "text/html" : "text/plain";
        return PhishingHints.Find(MailMessage.Parse(Encoding.UTF8.GetBytes($"From: {from}\r\nTo: support@acmetools.example\r\nSubject: x\r\n{fields}\r\nContent-Type: {type}; charset=utf-8\r\n\r\n{html}\r\n")), auth ?? Proven, ["acmetools.example"]);
    }

    [Fact]
    public void Ordinary_mail_has_none() => Assert.Empty(Find(html: "<p>See <a href=\"https://customer.example/x\">our page</a> and <a href='https://www.paypal.com/x'>www.paypal.com</a>.</p>"));

    [Theory]
    [InlineData("service@paypa1.com")]
    [InlineData("service@paypai.com")]
    [InlineData("service@pаypal.com")]
    [InlineData("service@xn--pypal-4ve.com")]
    [InlineData("service@paypal-security.com")]
    [InlineData("service@paypal.com.account.example")]
    [InlineData("service@micros0ft.com")]
    [InlineData("service@rnicrosoft.com")]
    [InlineData("service@amaz0n.de")]
    [InlineData("service@netfilx.com")]
    [InlineData("service@acmeto0ls.example")]
    [InlineData("service@acmetools.shop")]
    [InlineData("service@acme-tools.example")]
    [InlineData("service@acmetools-support.example")]
    public void Domains_that_look_like_a_known_one_are_noticed(string from) => Assert.Contains(PhishingHint.LookAlikeDomain, Find(from));

    [Theory]
    [InlineData("a@paypal.com")]
    [InlineData("a@mail.paypal.de")]
    [InlineData("a@amazon.co.uk")]
    [InlineData("a@acmetools.example")]
    [InlineData("a@eu.acmetools.example")]
    [InlineData("a@apple-farm.example")]
    [InlineData("a@target.example")]
    [InlineData("a@booking.example")]
    [InlineData("a@example.com")]
    [InlineData("a@münchen.example")]
    [InlineData("a@stadtwerke-chase.example")]
    [InlineData("a@rossi.it")]
    public void Brands_themselves_and_names_of_words_are_not(string from) => Assert.DoesNotContain(PhishingHint.LookAlikeDomain, Find(from));

    [Theory]
    [InlineData("a@pаypal.example", true)]
    [InlineData("a@xn--pypal-4ve.example", true)]
    [InlineData("a@почта.рф", false)]
    [InlineData("a@東京tower.example", false)]
    [InlineData("a@münchen.example", false)]
    [InlineData("a@почта-1.example", false)]
    public void Letters_of_several_alphabets_in_one_label_are_noticed(string from, bool mixed) => Assert.Equal(mixed, Find(from).Contains(PhishingHint.MixedScriptDomain));

    [Theory]
    [InlineData("\"ceo@acmetools.example\" <x@evil.example>", true)]
    [InlineData("\"Ann (ann@bank.example)\" <x@evil.example>", true)]
    [InlineData("\"ada@customer.example\" <ada@mail.customer.example>", false)]
    [InlineData("\"ada@customer.example via Docs\" <docs@tool.example>", false)]
    [InlineData("\"Ann @ work\" <x@evil.example>", false)]
    [InlineData("\"Tickets @acmetools\" <x@evil.example>", false)]
    public void A_name_that_shows_another_address_is_noticed(string from, bool noticed) => Assert.Equal(noticed, Find(from).Contains(PhishingHint.NameShowsOtherAddress));

    [Theory]
    [InlineData("PayPal <x@evil.example>", true)]
    [InlineData("\"PayPal Service\" <x@evil.example>", true)]
    [InlineData("\"Microsoft 365 Team\" <x@evil.example>", true)]
    [InlineData("\"Apple Support\" <x@evil.example>", true)]
    [InlineData("\"Acmetools Support\" <x@evil.example>", true)]
    [InlineData("\"Apple Martin\" <x@evil.example>", false)]
    [InlineData("\"Chase Miller\" <x@evil.example>", false)]
    [InlineData("\"Ann (PayPal)\" <x@evil.example>", false)]
    [InlineData("\"PayPal\" <service@paypal.de>", false)]
    [InlineData("\"PayPal via Zendesk\" <x@evil.example>", false)]
    [InlineData("\"Acmetools Support\" <x@acmetools.example>", false)]
    public void A_well_known_name_at_anothers_address_is_noticed(string from, bool noticed) => Assert.Equal(noticed, Find(from).Contains(PhishingHint.NameOfAnother));

    [Theory]
    [InlineData("Ann <ann@firm.example>", "Reply-To: ann.firm@gmail.com", true)]
    [InlineData("Ann <ann@firm.example>", "Reply-To: ann@mail.firm.example", false)]
    [InlineData("Ann <ann@firm.com>", "Reply-To: ann@firm.de", false)]
    [InlineData("Ann <ann@gmail.com>", "Reply-To: ann@outlook.com", false)]
    [InlineData("Ann <ann@gmail.com>", "Reply-To: other@outlook.com", true)]
    [InlineData("Form <form@acmetools.example>", "Reply-To: someone@gmail.com", false)]
    [InlineData("News <news@shop.example>", "Reply-To: help@other.example\r\nList-Unsubscribe: <https://shop.example/u>", false)]
    [InlineData("Ann <ann@firm.example>", "List-Id: <l.example>\r\nReply-To: l@lists.example", false)]
    public void Answers_that_would_go_elsewhere_are_noticed(string from, string fields, bool noticed) => Assert.Equal(noticed, Find(from, fields).Contains(PhishingHint.ReplyToElsewhere));

    [Theory]
    [InlineData("<a href=\"https://evil.example/login\">https://www.bank.example/login</a>", true)]
    [InlineData("<a href='http://evil.example'><b>www.bank.example</b></a>", true)]
    [InlineData("<a href=http://evil.example/a>bank.com</a>", true)]
    [InlineData("<A class=\"x>y\" HREF=\"https&#58;//evil.example\">www.bank.example</A>", true)]
    [InlineData("<a href=\"https://login.bank.example/x\">www.bank.example</a>", false)]
    [InlineData("<a href=\"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.bank.example%2Fx&data=1\">www.bank.example</a>", false)]
    [InlineData("<a href=\"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fx&data=1\">www.bank.example</a>", true)]
    [InlineData("<a href=\"https://bank.co.uk\">www.bank.com</a>", false)]
    [InlineData("<a href=\"https://docs.example/f\">readme.md</a>", false)]
    [InlineData("<a href=\"https://docs.example/f\">click here</a>", false)]
    [InlineData("<a href=\"mailto:a@b.example\">www.bank.example</a>", false)]
    [InlineData("<abbr href=\"https://evil.example\">www.bank.example</abbr>", false)]
    public void A_link_that_shows_one_place_and_leads_to_another_is_noticed(string html, bool noticed) => Assert.Equal(noticed, Find(html: html).Contains(PhishingHint.LinkGoesElsewhere));

    [Fact]
    public void Who_counts_clicks_in_newsletters_deceives_nobody_but_may_not_pose_as_a_bank()
    {
        const string Unsubscribe = "List-Unsubscribe: <https://news.shop.example/u>";
        Assert.DoesNotContain(PhishingHint.LinkGoesElsewhere, Find("news@shop.example", Unsubscribe, "<a href=\"https://click.tracker.example/1\">www.friend.example</a>"));
        Assert.Contains(PhishingHint.LinkGoesElsewhere, Find("news@evil.example", Unsubscribe, "<a href=\"https://click.tracker.example/1\">www.paypal.com</a>"));
    }

    [Theory]
    [InlineData("http://192.0.2.1/login", PhishingHint.LinkToIpAddress)]
    [InlineData("http://[2001:db8::1]/login", PhishingHint.LinkToIpAddress)]
    [InlineData("http://3221225985/login", PhishingHint.LinkToIpAddress)]
    [InlineData("http://0xC0000201/login", PhishingHint.LinkToIpAddress)]
    [InlineData("https://www.bank.example@evil.example/", PhishingHint.LinkObscured)]
    [InlineData("https://%65vil.example/", PhishingHint.LinkObscured)]
    [InlineData("https://paypa1.com/", PhishingHint.LinkToLookAlike)]
    [InlineData("https://paypal.com.evil.example/", PhishingHint.LinkToLookAlike)]
    [InlineData("https://acmetools-login.example/", PhishingHint.LinkToLookAlike)]
    public void Links_to_numbers_hidden_hosts_and_look_alikes_are_noticed_in_html_and_text(string link, PhishingHint hint)
    {
        Assert.Contains(hint, Find(html: $"<a href=\"{link}\">here</a>"));
        MailMessage text = MailMessage.Parse(Encoding.ASCII.GetBytes($"From: a@b.example\r\n\r\nLook: {link} now\r\n"));
        Assert.Contains(hint, PhishingHints.Find(text, Proven, ["acmetools.example"]));
    }

    [Theory]
    [InlineData("<form action=\"https://evil.example\"><input type=password name=p></form>", true)]
    [InlineData("<form><input name=\"cardNumber\"></form>", true)]
    [InlineData("<form><input type=search name=q></form>", false)]
    public void Forms_that_ask_for_secrets_are_noticed_in_the_body_and_in_pages_attached(string form, bool noticed)
    {
        Assert.Equal(noticed, Find(html: form).Contains(PhishingHint.AsksForCredentials));
        string attached = $"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\nX-Y: z\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nsee page\r\n--q\r\nContent-Type: text/html; name=page.html\r\nContent-Disposition: attachment; filename=page.html\r\n\r\n{form}\r\n--q--";
        MailMessage message = MailMessage.Parse(Encoding.ASCII.GetBytes("From: a@b.example\r\n" + attached + "\r\n"));
        Assert.Equal(noticed, PhishingHints.Find(message, Proven, []).Contains(PhishingHint.AsksForCredentials));
    }

    [Theory]
    [InlineData("invoice.exe", "x", true)]
    [InlineData("invoice.pdf.html", "<p>hello</p>", true)]
    [InlineData("page.html", "<script>document.write(atob('eA=='))</script>", true)]
    [InlineData("picture.svg", "<svg onload=\"location.href='https://evil.example'\"/>", true)]
    [InlineData("page.html", "<p>Our offer</p>", false)]
    [InlineData("invoice.pdf", "%PDF", false)]
    public void Files_that_run_or_hide_what_they_do_are_noticed(string name, string content, bool noticed)
    {
        MailMessage message = MailMessage.Parse(Encoding.ASCII.GetBytes($"From: a@b.example\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}\r\n"));
        Assert.Equal(noticed, PhishingHints.Find(message, Proven, []).Contains(PhishingHint.DangerousAttachment));
    }

    [Fact]
    public void A_program_within_an_archive_is_noticed_by_its_name()
    {
        using MemoryStream bytes = new();
        using (System.IO.Compression.ZipArchive zip = new(bytes, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true)) zip.CreateEntry("inner/Invoice.js");
        string mail = "From: a@b.example\r\nContent-Type: application/zip; name=a.zip\r\nContent-Disposition: attachment; filename=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(bytes.ToArray(), Base64FormattingOptions.InsertLineBreaks) + "\r\n";
        Assert.Contains(PhishingHint.DangerousAttachment, PhishingHints.Find(MailMessage.Parse(Encoding.ASCII.GetBytes(mail)), Proven, []));
    }

    [Fact]
    public void Who_says_to_be_of_us_and_is_not_proven_is_noticed()
    {
        Assert.Contains(PhishingHint.PosesAsOurs, Find("Boss <boss@acmetools.example>", auth: Failed));
        Assert.DoesNotContain(PhishingHint.PosesAsOurs, Find("Boss <boss@acmetools.example>"));
        Assert.DoesNotContain(PhishingHint.PosesAsOurs, Find("Boss <boss@other.example>", auth: Failed));
        Assert.DoesNotContain(PhishingHint.PosesAsOurs, Find("Boss <boss@acmetools.example>", auth: Failed with { Reason = AuthCode.NoTrustedField }));
    }

    [Fact]
    public void Every_hint_has_words() => Assert.All(Enum.GetValues<PhishingHint>(), hint => Assert.NotEmpty(HintWords.Of(hint)));

    [Fact]
    public void It_never_throws_and_always_ends_whatever_the_mail()
    {
        string[] pieces = ["<a ", "href=", "\"", "'", ">", "</a>", "http://", "www.", "a@b", ".", "xn--", "%", "\\", "@", "&#", "<input ", "password", "\u0430", "\ud800", "=", " ", "https://xn--a.b", "[::1", "?url="];
        Gen<string> text = Gen.Elements(pieces).ListOf().Select(parts => string.Concat(parts));
        Prop.ForAll(text.ToArbitrary(), text.ToArbitrary(), (one, two) => Find(two.Replace("\r", "", StringComparison.Ordinal), html: one).Count >= 0).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("<a ")]
    [InlineData("<a href=\"http://a")]
    [InlineData("<input ")]
    [InlineData("<a href=x>www.")]
    public void Mail_made_to_be_slow_ends(string piece) => Assert.NotNull(Find(html: string.Concat(Enumerable.Repeat(piece, 200_000))));
}
