using System.Text;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Text;

/// <summary>What mail programs say in html about quotes and signatures, in words that no table knows.</summary>
public sealed class HtmlReplyTests
{
    [Theory]
    [InlineData("Hello<div class=\"gmail_quote gmail_quote_container\"><div dir=ltr class=gmail_attr>Xyz, 3 qrs, Bob tzk:<br></div><blockquote class=gmail_quote>First</blockquote></div>")]
    [InlineData("Hello<div class=gmail_quote>Xyz Bob tzk<div>First</div></div>")]
    [InlineData("<div>Hello</div><div class=moz-cite-prefix>Xyz 3 Bob tzk</div><blockquote type=cite cite='mid:1@x'>First</blockquote>")]
    [InlineData("<div>Hello</div><hr style='width:98%'><div id=divRplyFwdMsg><b>Xyz:</b> Bob<br><b>Qrs:</b> 3</div><div>First</div>")]
    [InlineData("<div>Hello</div><div id=appendonsend></div><hr><div><b>Xyz:</b> Bob</div><div>First</div>")]
    [InlineData("<p>Hello</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p><b>Xyz:</b> Bob</p></div><p>First</p>")]
    [InlineData("<div>Hello</div><div id=\"ydp1-yahoo_quoted\" class=\"ydp1-yahoo_quoted\"><div>Xyz Bob tzk:</div><div>First</div></div>")]
    [InlineData("<div>Hello</div><span id=OLK_SRC_BODY_SECTION><div>Xyz Bob</div><div>First</div></span>")]
    [InlineData("<div>Hello</div><div class=protonmail_quote>Xyz Bob tzk:<blockquote class=protonmail_quote type=cite>First</blockquote></div>")]
    [InlineData("Hello<br><hr id=zwchr><b>Xyz: </b>Bob<br>First")]
    [InlineData("<div>Hello</div><div>Xyz 3.3.2026 Bob:</div><blockquote type=cite><div>First</div></blockquote>")]
    [InlineData("<div>Hello</div><div>Xyz 3.3.2026 Bob:</div><blockquote style='border-left:2px solid blue'>First</blockquote>")]
    public void A_quote_is_known_by_its_element(string html)
    {
        var message = Parse(html);
        Assert.Equal("Hello", message.Reply);
        Assert.Contains("First", message.Elided, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hello<div class=gmail_signature>Bob<br>Xyz Ltd</div>")]
    [InlineData("Hello<pre class=moz-signature cols=72>Bob\nXyz Ltd</pre>")]
    [InlineData("<div>Hello</div><div id=Signature>Bob<br>Xyz Ltd</div><div id=appendonsend></div><div>Qrs: x</div>")]
    [InlineData("<div>Hello</div><div id=AppleMailSignature>Bob<br>Xyz Ltd</div>")]
    public void A_signature_is_known_by_its_element(string html)
    {
        var message = Parse(html);
        Assert.Equal(("Hello", "Bob\nXyz Ltd"), (message.Reply, message.Signature));
    }

    [Fact]
    public void Answers_between_block_quotes_stay()
    {
        var message = Parse("<div class=gmail_quote><div class=gmail_attr>Xyz Bob tzk:</div><blockquote class=gmail_quote>Which size?</blockquote><div>Large.</div><blockquote class=gmail_quote>Which colour?</blockquote><div>Blue.</div></div>");
        Assert.Equal("> Which size?\n\nLarge.\n\n> Which colour?\n\nBlue.", message.Reply.Replace("\n\n", "\n", StringComparison.Ordinal).Replace("\n", "\n\n", StringComparison.Ordinal));
    }

    [Fact]
    public void A_quote_below_which_nothing_is_written_but_above_is_a_reply_and_alone_it_stays()
    {
        Assert.Equal("Where is it?", Parse("<div class=gmail_quote><div class=gmail_attr>---------- Forwarded message ---------<br>From: Bob &lt;b@x.example&gt;<br>Date: 3 Mar 2026<br>Subject: s<br>To: a@x.example<br></div><div>Where is it?</div></div>").Reply);
        Assert.Equal("Only this.", Parse("<div class=gmail_quote>Only this.</div>").Reply);
        Assert.Equal("Indented by its author", Parse("<blockquote style='margin:0 0 0 40px;border:none'>Indented by its author</blockquote>").Reply);
        Assert.Equal("See what they say:\n\n> Text from elsewhere", Parse("<p>See what they say:</p><blockquote class=gmail_quote>Text from elsewhere</blockquote>").Reply.Replace("say:\n>", "say:\n\n>", StringComparison.Ordinal));
    }

    [Fact]
    public void The_footer_of_a_list_does_not_hide_what_html_says()
    {
        var message = MailMessage.Parse(Encoding.ASCII.GetBytes("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\nHello<div id=divRplyFwdMsg>Xyz: Bob</div>First\n--b\nContent-Type: text/plain\n\n_____\nlist footer\n--b--\n"));
        Assert.Equal("Hello", message.Reply);
        Assert.Contains("list footer", message.Cut, StringComparison.Ordinal);
    }

    [Fact]
    public void The_html_form_tells_where_the_quote_starts_in_the_plain_one()
    {
        var mail = "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello\n\nXyz, 3 qrs, Bob tzk\nFirst line of it\nSecond\n--b\nContent-Type: text/html\n\n<div>Hello</div><div class=gmail_quote><div class=gmail_attr>Xyz, 3 qrs, Bob tzk</div><blockquote class=gmail_quote>First line of it<br>Second</blockquote></div>\n--b--\n";
        var message = MailMessage.Parse(Encoding.ASCII.GetBytes(mail));
        Assert.Equal(("Hello", "Xyz, 3 qrs, Bob tzk\nFirst line of it\nSecond"), (message.Reply, message.Elided));
    }

    [Theory]
    [InlineData("office-365", false)]
    [InlineData("outlook-mixed", true)]
    [InlineData("microsoft-namespaces", false)]
    public void Mails_of_Office_are_parted(string name, bool passedOn)
    {
        var file = Corpus.Zip("replies/lever_planer_html.zip", n => n.Contains(name, StringComparison.Ordinal)).Single();
        var message = MailMessage.Parse((byte[])[.. "Content-Type: text/html; charset=utf-8\n\n"u8, .. file.Bytes]);
        Assert.NotEqual("", message.Reply);
        Assert.NotEqual("", message.Elided);
        // With nothing above its header lines the mail is passed on, and its own quotes with it.
        Assert.Equal(passedOn, message.Reply.Contains("Subject:", StringComparison.Ordinal));
        Assert.Equal(passedOn ? 1 : 0, message.Forwarded.Count);
    }

    private static MailMessage Parse(string html) => MailMessage.Parse((byte[])[.. "Content-Type: text/html; charset=utf-8\n\n"u8, .. Encoding.UTF8.GetBytes(html)]);
}
