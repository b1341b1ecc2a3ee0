using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

public sealed class CardHtmlTests
{
    private static string Masked(string html) => Redact.Html(html, RedactionPolicy.Default).Text;

    [Theory]
    [InlineData("<p>4111<b>1111</b>11111111</p>", "<p>••••<b>••••</b>••••1111</p>")]
    [InlineData("<p>41<b>11</b>1111<i>1111</i>1111</p>", "<p>••<b>••</b>••••<i>••••</i>1111</p>")]
    [InlineData("4111&nbsp;1111&#160;1111&#xA0;1111", "••••&nbsp;••••&#160;••••&#xA0;1111")]
    [InlineData("&#52;111111111111111", "••••••••••••1111")]
    [InlineData("4111<!-- x -->111111111111", "••••<!-- x -->••••••••1111")]
    [InlineData("<td>4111</td>\n<td>1111</td>\n<td>1111</td>\n<td>1111</td>", "<td>••••</td>\n<td>••••</td>\n<td>••••</td>\n<td>1111</td>")]
    [InlineData("4111 1111<br>1111 1111", "•••• ••••<br>•••• 1111")]
    [InlineData("4111 1111<br>\r\n1111 1111", "•••• ••••<br>\r\n•••• 1111")]
    [InlineData("4111 1111\r\n   1111 1111", "•••• ••••\r\n   •••• 1111")]
    [InlineData("<a href=\"https://x.example/?c=4111111111111111\" title='4111 1111 1111 1111'>x</a>",
        "<a href=\"https://x.example/?c=••••••••••••1111\" title='•••• •••• •••• 1111'>x</a>")]
    [InlineData("<a href=\"https://x.example/?c=4111%201111%201111+1111\">x</a>", "<a href=\"https://x.example/?c=••••%20••••%20••••+1111\">x</a>")]
    [InlineData("<img alt=4111111111111111 src=x>", "<img alt=••••••••••••1111 src=x>")]
    [InlineData("<!-- 4111111111111111 -->", "<!-- ••••••••••••1111 -->")]
    [InlineData("<script>var c = '4111111111111111';</script>4", "<script>var c = '••••••••••••1111';</script>4")]
    [InlineData("a < 4111111111111111", "a < ••••••••••••1111")]
    [InlineData("<p title=\"4111111111111111", "<p title=\"••••••••••••1111")]
    [InlineData("<ol start=4111111111111111><li>x", "<ol start=••••••••••••1111><li>x")]
    [InlineData("<ol><li value=4111><li value=1111><li value=1111><li value=1111>", "<ol><li value=••••><li value=••••><li value=••••><li value=1111>")]
    [InlineData("<iframe srcdoc='&lt;b>4111&lt;/b>1111&lt;i>1111&lt;/i>1111'>", "<iframe srcdoc='&lt;b>••••&lt;/b>••••&lt;i>••••&lt;/i>1111'>")]
    public void Card_numbers_are_masked_across_markup(string html, string expected) => Assert.Equal(expected, Masked(html));

    [Theory]
    [InlineData("<p id=\"m_4111111111111111\" style=\"width:4111111111111111px\">x</p>")]
    [InlineData("<img src=\"cid:4111111111111111@x\">")]
    [InlineData("<p>4111 1111 1111</p><p>and</p><p>1112</p>")]
    [InlineData("<p>4111111111111112</p>")]
    [InlineData("<table width=\"411111\" height=\"1111111111\">")]
    public void Markup_itself_stays(string html) => Assert.Equal(html, Masked(html));

    [Theory]
    [InlineData("<table><tr><td>Password</td><td>Hund77xz</td></tr></table>", "Hund77xz")]
    [InlineData("<table><tr><th>PIN</th><td>4821</td></tr></table>", "4821")]
    [InlineData("<table><thead><tr><th>User</th><th>Password</th><th>Since</th></tr></thead><tr><td>bob</td><td>Hund77xz</td><td>May</td></tr><tr><td>al</td><td>Katz88yx</td><td>June</td></tr></table>", "Katz88yx")]
    [InlineData("<dl><dt>Password</dt><dd>Hund77xz</dd></dl>", "Hund77xz")]
    [InlineData("<div>Verification code</div><div>482913</div>", "482913")]
    [InlineData("<label>SSN</label><input value=\"536-90-4399\">", "536-90-4399")]
    [InlineData("<password>Hund77xz</password>", "Hund77xz")]
    public void What_names_a_value_beside_it_counts_for_it(string html, string value)
    {
        string masked = Masked(html);
        Assert.DoesNotContain(value, masked, StringComparison.Ordinal);
        Assert.Equal(html.Count(c => c == '<'), masked.Count(c => c == '<'));
    }

    [Theory]
    [InlineData("<h2>Password</h2><p>Reset</p>")]
    [InlineData("<table><tr><td>Order</td><td>2024-17</td></tr></table>")]
    public void A_word_beside_another_is_no_value(string html) => Assert.Equal(html, Masked(html));

    [Fact]
    public void Offsets_count_in_the_html()
    {
        const string Html = "<p>x</p><p>4111<b>1111</b>11111111</p>";
        Finding finding = Assert.Single(Redact.Html(Html, RedactionPolicy.Default).Findings);
        Assert.Equal("4111<b>1111</b>11111111", Html.Substring(finding.Start, finding.Length));
    }

    [Fact]
    public void Hostile_html_ends_in_time()
    {
        foreach (string piece in (string[])["<", "<a ", "<!--", "<script>", "<a b='", "&#", "<p>4", "<a href=%34 ", "</", "<a b=c/", "<td>PIN", "<li value=4 ", "<iframe/srcdoc=", "<x>"])
            Assert.NotNull(Masked(string.Concat(Enumerable.Repeat(piece, 200_000)) + "411111111111"));
    }
}
