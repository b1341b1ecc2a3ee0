using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Text;

public sealed class ReplyPropertyTests
{
    private static readonly string[] Pieces =
    [
        "Hello", "> quote", ">> deeper", "", "", "-- ", "On Tue, 3 Mar 2026, Bob wrote:", "yes On Tue, 3 Mar 2026, Bob <b@c.example> wrote:", "On 3 Mar 2026 Bob", "<bob@example.com> wrote:", "-----Original Message-----", "From: a@b.example", "Sent: today", "To: c@d.example",
        "Subject: x", "Sent from my iPhone", "---------- Forwarded message ---------", "________________________________", "```", "Joe> x", "| x", "Am 3.3.2026 schrieb Bob:", "Bob Doe", "+44 20 7946 0000", "ada@example.com", "-Ada", "This email and any attachments are confidential.", "\u202bx\u202c", ">", "> Begin forwarded message:", "(http://a.example/x)", "*From:* a@b.example Date: 3 Mar 2026", ":", "：",
    ];

    private static readonly string[] Html =
    [
        "<div class=gmail_quote>", "<div class=\"gmail_attr\">", "<blockquote type=cite>", "<blockquote>", "</blockquote>", "</div>", "<div>", "<div id=divRplyFwdMsg>", "<hr id=stopSpelling>", "<div class=gmail_signature>", "On Tue, 3 Mar 2026, Bob &lt;b@c.example&gt; wrote:", "Hello<br>", "<p>text", "<p style='display:none'>hidden</p>",
        "<b>From:</b> a@b.example<br><b>Sent:</b> 3 Mar 2026<br><b>To:</b> x<br><b>Subject:</b> y<br>", "<pre>\n a\n</pre>", "<ul><li>", "</ul>", "<span id=OLK_SRC_BODY_SECTION>", "</span>",
    ];

    [Fact]
    public void Of_any_text_nothing_is_lost_and_all_stays_in_order() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements(Pieces)).ToArbitrary(), static lines => Check(string.Join('\n', lines), ReplyTrimmer.Trim(string.Join('\n', lines))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(30));

    [Fact]
    public void Of_any_html_nothing_is_lost_and_all_stays_in_order() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements(Html)).ToArbitrary(), static pieces =>
        {
            var regions = new HtmlRegions();
            var text = HtmlText.Convert(string.Concat(pieces), regions);
            Check(text, ReplyTrimmer.Trim(text, regions));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(30));

    [Theory]
    [InlineData("mime/chatwoot.zip")]
    [InlineData("mime/request_tracker.zip")]
    [InlineData("mime/mikel_mail.zip")]
    [InlineData("mime/stalwart_mail_parser.zip")]
    [InlineData("spam/spamassassin_test_messages.zip")]
    public void Of_no_sample_mail_anything_is_lost(string archive)
    {
        foreach (var (_, bytes) in Corpus.Zip(archive, Corpus.IsMail))
        {
            var message = MailMessage.Parse(bytes);
            if (message.Text is { } text)
                Check(text, new TrimmedReply(message.Reply, message.Elided, message.Signature) { Cut = message.Cut });
        }
    }

    private static void Check(string text, TrimmedReply trimmed)
    {
        Assert.Equal(Letters(text), Letters(trimmed.Reply + trimmed.Cut));
        Assert.Equal(Letters(trimmed.Cut), Letters(trimmed.Elided + trimmed.Signature));
        foreach (var part in (string[])[trimmed.Reply, trimmed.Cut, trimmed.Elided, trimmed.Signature])
            Assert.True(IsWithin(part, text), part);
    }

    private static string Letters(string text) => string.Concat(text.Where(static c => !char.IsWhiteSpace(c)).Order());

    // The letters of one stand in the other in the same order.
    private static bool IsWithin(string part, string text)
    {
        var at = 0;
        foreach (var c in part.Where(static c => !char.IsWhiteSpace(c)))
        {
            at = text.IndexOf(c, at) + 1;
            if (at == 0)
                return false;
        }
        return true;
    }
}
