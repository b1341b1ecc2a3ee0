using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Every attribute in which something may stand that can be read, with each of three sorts of values; adding an attribute is adding a line.</summary>
public sealed class HtmlAttributeTests
{
    private static readonly string[] Values = ["4556737586899855", "DE89370400440532013000", "ada.byron@analytical-engines.org"];

    [Theory]
    [InlineData("<div id=\"{0}\">x</div>")]
    [InlineData("<div id=\"row-{0}\">x</div>")]
    [InlineData("<div class=\"a {0} b\">x</div>")]
    [InlineData("<div class='{0}'>x</div>")]
    [InlineData("<a name=\"{0}\">x</a>")]
    [InlineData("<a href=\"#{0}\">x</a>")]
    [InlineData("<a href=\"https://shop.example/pay?q={0}\">x</a>")]
    [InlineData("<a href=\"https://shop.example/pay?a=1&amp;q={0}&amp;b=2\">x</a>")]
    [InlineData("<a href=\"https://shop.example/a/{0}\">x</a>")]
    [InlineData("<a href=https://shop.example/?q={0}>x</a>")]
    [InlineData("<a ping=\"https://shop.example/?q={0}\">x</a>")]
    [InlineData("<a title=\"{0}\">x</a>")]
    [InlineData("<a aria-label=\"{0}\">x</a>")]
    [InlineData("<a aria-description=\"{0}\">x</a>")]
    [InlineData("<div data-account=\"{0}\">x</div>")]
    [InlineData("<div data-json='{{\"n\":\"{0}\"}}'>x</div>")]
    [InlineData("<input placeholder=\"{0}\">")]
    [InlineData("<input value=\"{0}\">")]
    [InlineData("<input list=\"{0}\">")]
    [InlineData("<label for=\"{0}\">x</label>")]
    [InlineData("<td headers=\"{0}\">x</td>")]
    [InlineData("<td abbr=\"{0}\">x</td>")]
    [InlineData("<table summary=\"{0}\"></table>")]
    [InlineData("<option label=\"{0}\">x</option>")]
    [InlineData("<img alt=\"{0}\" src=a.png>")]
    [InlineData("<img alt={0} src=a.png>")]
    [InlineData("<img src=\"https://shop.example/{0}.png\">")]
    [InlineData("<img srcset=\"https://shop.example/{0}.png 2x\">")]
    [InlineData("<meta content=\"{0}\">")]
    [InlineData("<p style=\"background: url('https://shop.example/{0}')\">x</p>")]
    [InlineData("<p style=\"content: '{0}'\">x</p>")]
    [InlineData("<style>p::after {{ content: \"{0}\" }}</style>")]
    [InlineData("<style>/* {0} */</style>")]
    [InlineData("<p onclick=\"pay('{0}')\">x</p>")]
    [InlineData("<form action=\"https://shop.example/?q={0}\"></form>")]
    [InlineData("<iframe srcdoc=\"&lt;p&gt;{0}&lt;/p&gt;\"></iframe>")]
    [InlineData("<object data=\"https://shop.example/?q={0}\"></object>")]
    [InlineData("<blockquote cite=\"https://shop.example/?q={0}\">x</blockquote>")]
    [InlineData("<time datetime=\"{0}\">x</time>")]
    [InlineData("<span itemprop=\"{0}\">x</span>")]
    [InlineData("<x-card number=\"{0}\">x</x-card>")]
    [InlineData("<p foo=\"{0}\">x</p>")]
    [InlineData("<svg><text aria-label=\"{0}\">x</text></svg>")]
    [InlineData("<svg><a xlink:href=\"https://shop.example/?q={0}\">x</a></svg>")]
    public void No_attribute_keeps_a_value(string form)
    {
        foreach (string value in Values)
        {
            string html = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, value), masked = Redact.Html(html, RedactionPolicy.Default).Text;
            Assert.DoesNotContain(value, masked, StringComparison.Ordinal);
            Assert.Equal(html.Count(c => c is '<' or '>'), masked.Count(c => c is '<' or '>'));
        }
    }

    [Theory]
    [InlineData("<div id=\"m_-4556737586899855123gmail-x\" class=\"yiv1234567890 x_MsoNormal css-1a2b3c4d5e\" width=\"600\" style=\"color:#123456;width:600px\">x</div>")]
    [InlineData("<td width=\"100%\" height=\"1234\" bgcolor=\"#123456\" colspan=2 align=center valign=top>x</td>")]
    [InlineData("<img src=\"cid:image001.png@01DA7456.ABCDEF10\" width=300 height=20 alt=\"\">")]
    [InlineData("<a href=\"https://shop.example/?utm_source=mail&amp;utm_id=123456\" target=_blank rel=\"noopener\">x</a>")]
    [InlineData("<svg viewBox=\"0 0 1200 1200\"><path d=\"M 10.25 455.67 37.58 68.99 85 5 L 12.5 13.75\"/></svg>")]
    public void Attributes_that_lay_out_stay(string html) => Assert.Equal(html, Redact.Html(html, RedactionPolicy.Default).Text);
}
