using System.Text;
using Ingest.Core.Policies;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Policies;

/// <summary>What counts as the same content of the same sender.</summary>
public sealed class MailRatesTests
{
    private static MailMessage Html(string html, string text = "Your message is shown in HTML.", string fields = "X-A: b") => MailMessage.Parse(Encoding.UTF8.GetBytes(
        $"From: form@shop.example\r\n{fields}\r\nSubject: Contact\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        + $"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"));

    [Fact]
    public void Mails_that_differ_in_html_alone_are_not_the_same()
    {
        Assert.Equal(MailRates.Content(Html("<p>one</p>")), MailRates.Content(Html("<p>one</p>", fields: "X-A: c")));
        Assert.NotEqual(MailRates.Content(Html("<p>one</p>")), MailRates.Content(Html("<p>two</p>")));
        Assert.NotEqual(MailRates.Content(Html("<p>one</p>")), MailRates.Content(Html("<p>one</p>", text: "other")));
    }

    [Theory]
    [InlineData("Reply-To: Ann@Customer.example", "ann@customer.example")]
    [InlineData("Reply-To: sales@shop.example", "")]
    [InlineData("X-A: b", "")]
    public void Who_awaits_the_answer_elsewhere_is_told_apart(string field, string asker) => Assert.Equal(asker, MailRates.Asker(Html("<p>one</p>", fields: field), "shop.example"));
}
