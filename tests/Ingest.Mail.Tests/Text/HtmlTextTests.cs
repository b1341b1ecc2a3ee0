using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Text;

public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("a<br>b", "a\nb")]
    [InlineData("<div>a<br></div><div>b</div>", "a\nb")]
    [InlineData("<div>a</div><div><br></div><div>b</div>", "a\n\nb")]
    [InlineData("<p>a</p><p>b</p>", "a\n\nb")]
    [InlineData("  a \n  b ", "a b")]
    [InlineData("a&nbsp;&lt;b&gt;&amp;&#8364;&eacute;", "a <b>&\u20ac\u00e9")]
    [InlineData("<pre>x  y\n  z</pre>", "x  y\n  z")]
    [InlineData("<ol><li>a<li>b<ul><li>c</ul></ol>d", "1. a\n2. b\n  - c\n\nd")]
    [InlineData("<a href='mailto:a@b.example'>a@b.example</a>", "a@b.example")]
    [InlineData("<a href='https://x.example'>x</a>", "x (https://x.example)")]
    [InlineData("<a href='javascript:alert(1)'>x</a>", "x")]
    [InlineData("<style>p{}</style><script>if (a<b) x();</script>a<!-- b -->c", "ac")]
    [InlineData("1 < 2 and <3", "1 < 2 and <3")]
    [InlineData("a<!-- never> closed b", "a closed b")]
    [InlineData("a<!-- never closed b", "a<!-- never closed b")]
    [InlineData("a <b title=\"x > y\">c</b>", "a c")]
    [InlineData("a <b title=\"never closed>c</b>", "a c")]
    [InlineData("a <b", "a <b")]
    [InlineData("<blockquote type=cite>q<br>r</blockquote>a", "> q\n> r\na")]
    [InlineData("<blockquote>indent</blockquote>a", "> indent\na")]
    [InlineData("<img alt='Logo'> x", "[Logo] x")]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc")]
    public void Html_becomes_text(string html, string text) => Assert.Equal(text, HtmlText.Convert(html));
}
