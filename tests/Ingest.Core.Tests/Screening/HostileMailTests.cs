using System.Text;
using Ingest.Core.Screening;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Screening;

/// <summary>Mail that is made to cost: what is looked at grows no faster than the mail, counted in characters.</summary>
public sealed class HostileMailTests
{
    private const int Length = 250_000;

    private static string Repeat(string part, int length) => new StringBuilder().Insert(0, part, length / part.Length).ToString();

    [Theory]
    [InlineData("<input")]
    [InlineData("<input ")]
    [InlineData("<input type=text <input name=a>")]
    [InlineData("<input aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Fields_of_forms_are_looked_at_once(string part)
    {
        foreach (int length in new[] { Length / 4, Length })
        {
            string html = Repeat(part, length);
            Assert.False(Forms.HasSecretForm(html, out int steps));
            Assert.InRange(steps, 0, html.Length);
        }
    }

    [Theory]
    [InlineData("<a ")]
    [InlineData("<a <a")]
    [InlineData("<a =\"<a ='")]
    [InlineData("<a x='")]
    [InlineData("<a href=\"")]
    [InlineData("<a     \"    '   ")]
    public void Tags_of_links_are_looked_at_a_bounded_number_of_times(string part)
    {
        string html = Repeat(part, Length);
        MailLinks.OfHtml(html, out int steps);
        Assert.InRange(steps, 1, 4 * html.Length);
        // Without a quote that closes, a tag is looked at to its longest.
        MailLinks.OfHtml(Repeat("<a ", Length / 2) + "<a =\"" + Repeat("<a ", Length / 2), out steps);
        Assert.InRange(steps, 1, 4 * html.Length);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    [InlineData("http:")]
    [InlineData("https:/")]
    [InlineData("http://")]
    public void Words_of_links_are_looked_at_a_bounded_number_of_times_and_lengths(string part)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        MailLinks.OfText(Repeat(part, Length), out int steps);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(steps, 0, 1000 * 4096);
        Assert.InRange(allocated, 0, 60_000_000);
        if (!part.Contains(':', StringComparison.Ordinal)) Assert.Equal(0, steps);
    }

    [Fact]
    public void Links_and_forms_behind_noise_are_still_found()
    {
        Assert.Equal("shop.example", Assert.Single(MailLinks.OfHtml(Repeat("<abbr>", 60_000) + "<a title='a > b' href='https://shop.example/x'>x</a>")).Host);
        Assert.Equal("shop.example", Assert.Single(MailLinks.OfText(Repeat("http ", 60_000) + "https://shop.example/x")).Host);
        Assert.True(Forms.HasSecretForm(Repeat("<input name=a>", 14_000) + "<input\ntype=PassWord", out _));
    }

    [Fact]
    public void Attached_pages_are_read_to_one_bound_for_all()
    {
        StringBuilder mail = new("From: ann@customer.example\r\nSubject: pages\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
        for (int i = 0; i < 12; i++)
            mail.Append("--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=p").Append(i).Append(".html\r\n\r\n").Append(Repeat("<p>hello</p>\r\n", 300_000)).Append("\r\n");
        List<(string Name, string Content)> pages = [.. Forms.Pages(MailMessage.Parse(Encoding.ASCII.GetBytes(mail.Append("--b--\r\n").ToString())))];
        Assert.Equal(12, pages.Count);
        Assert.Equal(1024 * 1024, pages.Sum(p => p.Content.Length));
        Assert.Equal(256 * 1024, pages.Max(p => p.Content.Length));
    }
}
