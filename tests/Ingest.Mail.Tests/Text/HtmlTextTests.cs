using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Text;

public sealed class HtmlTextTests
{
    private const int Million = 1_000_000;

    [Theory]
    [InlineData("a<br>b", "a\nb")]
    [InlineData("<div>a<br></div><div>b</div>", "a\nb")]
    [InlineData("<div>a</div><div><br></div><div>b</div>", "a\n\nb")]
    [InlineData("<p>a</p><p>b</p>", "a\n\nb")]
    [InlineData("<p class=MsoNormal>a</p><p class=MsoNormal>b</p>", "a\nb")]
    [InlineData("<p style='margin:0'>a</p><p style='margin:0cm;margin-bottom:.0001pt'>b</p>", "a\nb")]
    [InlineData("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb")]
    [InlineData("<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb")]
    [InlineData("<h1>a</h1>b<h2>c</h2>d", "a\n\nb\n\nc\n\nd")]
    [InlineData("  a \n  b ", "a b")]
    [InlineData("a &nbsp; b", "a b")]
    [InlineData("a\u200bb\u00adc\ufeff", "abc")]
    [InlineData("a<b>b</b> <i>c</i>d", "ab cd")]
    [InlineData("<q>a</q>", "\u201ca\u201d")]
    public void Blocks_and_white_space_become_lines(string html, string text) => Assert.Equal(text, HtmlText.Convert(html));

    [Theory]
    [InlineData("a&nbsp;&lt;b&gt;&amp;&#8364;&eacute;", "a <b>&\u20ac\u00e9")]
    [InlineData("&hellip;&zwj;&check;&CounterClockwiseContourIntegral;&NotEqualTilde;", "\u2026\u200d\u2713\u2233\u2242\u0338")]
    [InlineData("&#x80;&#150;&#x1F600;&#0;&#xD800;&#x110000;&#99999999999;", "\u20ac\u2013\U0001f600\ufffd\ufffd\ufffd\ufffd")]
    [InlineData("&copy2026 &notit; &notin; &ampx &amp", "\u00a92026 \u00acit; \u2209 &x &")]
    [InlineData("& &; &unknown; &# &#x; &#;", "& &; &unknown; &# &#x; &#;")]
    [InlineData("<a href='http://x.example/?a=1&copy=2&amp;b&lt;'>x</a>", "x (http://x.example/?a=1&copy=2&b<)")]
    public void Character_references_are_decoded_as_browsers_do(string html, string text) => Assert.Equal(text, HtmlText.Convert(html));

    [Theory]
    [InlineData("<ol><li>a<li>b<ul><li>c</ul></ol>d", "1. a\n2. b\n  - c\n\nd")]
    [InlineData("<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ul>", "- a\n  - b\n    1. c\n- d")]
    [InlineData("<ol start=7><li>a<li value=9>b<li>c</ol>", "7. a\n9. b\n10. c")]
    [InlineData("<ul><li>a<br>b<li>c</ul>", "- a\n  b\n- c")]
    [InlineData("<li>a<li>b", "- a\n- b")]
    [InlineData("</ul></ol></li>a", "a")]
    [InlineData("<dl><dt>a<dd>b</dl>c", "a\nb\n\nc")]
    public void Lists_are_numbered_and_indented(string html, string text) => Assert.Equal(text, HtmlText.Convert(html));

    [Theory]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc")]
    [InlineData("<table><thead><tr><th>a<th>b</thead><tr><td>c<td>d</table>e", "a\tb\nc\td\ne")]
    [InlineData("<table><tr><td><table><tr><td>a</td></tr></table></td><td>b</td></tr></table>", "a\nb")]
    [InlineData("<table><tr><td><p class=MsoNormal>Chair</p></td><td><p class=MsoNormal>3</p></td></tr><tr><td><p>Desk</p></td><td><div>1</div></td></tr></table>", "Chair\t3\nDesk\t1")]
    [InlineData("<table><tr><td><p>a</p><p>b</p></td><td><p>c</p></td></tr></table>", "a\n\nb\nc")]
    [InlineData("<table><tr><td><p>a</p></td><td><p>b</p><p>c</p></td></tr></table>", "a\tb\n\nc")]
    [InlineData("<table><tr><td><blockquote>a</blockquote></td><td><p>b</p></td></tr></table>", "> a\nb")]
    [InlineData("<table><tr><td><table><tr><td><p>a</p></td></tr></table></td><td><p>b</p></td></tr></table>", "a\nb")]
    public void Rows_are_lines_and_cells_are_parted_by_tabs(string html, string text) => Assert.Equal(text, HtmlText.Convert(html));

    [Theory]
    [InlineData("<a href='mailto:a@b.example'>a@b.example</a>", "a@b.example")]
    [InlineData("<a href='https://x.example'>x</a>", "x (https://x.example)")]
    [InlineData("<a href='https://x.example/'>x.example</a>", "x.example")]
    [InlineData("<a href='https://evil.example/'>https://bank.example/</a>", "https://bank.example/ (https://evil.example/)")]
    [InlineData("<a href='javascript:alert(1)'>x</a>", "x")]
    [InlineData("<a href='#top'>x</a> <a name=y>z</a>", "x z")]
    [InlineData("<a href='http://x.example'><img alt='Logo' src=x></a>", "[Logo] (http://x.example)")]
    [InlineData("<a href='http://x.example'></a>a", "a")]
    [InlineData("<a href='http://x.example'>a<a href='http://y.example'>b</a>", "a (http://x.example)b (http://y.example)")]
    [InlineData("<img alt='Logo'> x <img src=y> <img alt=''>", "[Logo] x")]
    public void Links_and_pictures_are_told_once(string html, string text) => Assert.Equal(text, HtmlText.Convert(html));

    [Theory]
    [InlineData("<blockquote type=cite>q<br>r</blockquote>a", "> q\n> r\na")]
    [InlineData("<blockquote>q</blockquote>a", "> q\na")]
    [InlineData("<blockquote style='margin:0 0 0 40px;border:none;padding:0'>indent</blockquote>a", "indent\na")]
    [InlineData("<blockquote><p>a</p><p>b</p><blockquote>c</blockquote>d</blockquote>e", "> a\n>\n> b\n>> c\n> d\ne")]
    [InlineData("<pre>x  y\n  z</pre>", "x  y\n  z")]
    [InlineData("<pre>\n\n  x\n\n\ny </pre>z", "  x\n\n\ny \n\nz")]
    [InlineData("<div style='white-space: pre-wrap'>a\n  b</div>c\nd", "a\n  b\nc d")]
    [InlineData("<blockquote><pre>x\ny</pre></blockquote>", "> x\n> y")]
    public void Quotes_are_marked_and_preformatted_text_is_kept(string html, string text) => Assert.Equal(text, HtmlText.Convert(html));

    [Theory]
    [InlineData("<style>p{}</style><script>if (a<b) x();</script>a<!-- b -->c", "ac")]
    [InlineData("<title>t</title><STYLE>x</STYLE>a<template>b</template>", "a")]
    [InlineData("<!--[if mso]><p>outlook</p><![endif]-->a<![if !mso]>b<![endif]><!--[if !mso]><!-->c<!--<![endif]-->", "abc")]
    [InlineData("<?xml version='1.0'?><xml><w:x>Normal</w:x></xml>a<xml>b", "ab")]
    [InlineData("<div style='display:none;max-height:0'>preheader &zwnj;</div>a", "a")]
    [InlineData("<span style='DISPLAY : NONE !important'>x<span>y</span></span>a<span hidden>b</span>", "a")]
    [InlineData("<div style='visibility:hidden'>x<div>y</div></div><div style='max-height:0px;overflow:hidden'>z</div>a", "a")]
    [InlineData("<div style='max-height:0.5em;overflow:hidden'>x</div>a", "x\na")]
    [InlineData("<div style='display:none'>all of it</div>", "all of it")]
    [InlineData("a<div style='display:none'>never closed", "a\nnever closed")]
    [InlineData("<input style='display:none'>a<br style='display:none'>b", "a\nb")]
    [InlineData("1 < 2 and <3", "1 < 2 and <3")]
    [InlineData("a<!-- never> closed b", "a closed b")]
    [InlineData("a<!-- never closed b", "a<!-- never closed b")]
    [InlineData("a <b title=\"x > y\">c</b>", "a c")]
    [InlineData("a <b title=\"never closed>c</b>", "a c")]
    [InlineData("a <b", "a <b")]
    [InlineData("<div style='mso-hide:all;font-size:1px'>x</div>a", "a")]
    [InlineData("<span style='opacity:0;line-height:0'>x</span>a", "a")]
    [InlineData("<div style='color:transparent; opacity: 0'>x</div>a", "a")]
    [InlineData("<div style='mso-hide:all'>Pay</div><table style='font-size:0'><tr><td style='opacity:0.9'>a</td></tr></table>", "Pay\na")]
    [InlineData("x<button>a</button>b<textarea>c</textarea><noscript>d</noscript><svg><text>e</text></svg>f", "x a b\nc\nd\ne\nf")]
    public void What_is_no_text_is_left_out(string html, string text) => Assert.Equal(text, HtmlText.Convert(html));

    public static TheoryData<string, string, string> Hostile => new()
    {
        { "nesting", "<div>", "" },
        { "nested quotes", "<blockquote type=cite>", "" },
        { "quotes without text", "<blockquote type=cite></blockquote>", "1:" },
        { "nested lists", "<ul><li>x", "" },
        { "nested tables", "<table><tr><td>", "x" },
        { "unclosed tags", "<a href=", "" },
        { "unclosed quotes", "<a b=\"", "" },
        { "quotes of both kinds", "<a b='\" c=\"' ", "" },
        { "attributes", " a=b", "<p" },
        { "styles", "<p style='display:'>", "" },
        { "comments", "<!--", "" },
        { "declarations", "<!", "" },
        { "ampersands", "&", "" },
        { "references", "&CounterClockwiseContourIntegra", "" },
        { "end tags", "</a></p></div></blockquote></ul>", "" },
        { "scripts", "<script><", "" },
        { "islands", "<xml><a>", "" },
        { "hidden", "<p hidden>x", "" },
        { "hidden and closed", "<p hidden>x</p>", "" },
        { "quoting elements", "<div class=gmail_quote>x", "" },
        { "signatures", "<div class=gmail_signature>x</div>", "x" },
        { "intros", "<div class=gmail_attr>1:</div><blockquote type=cite>x</blockquote>", "x" },
        { "preformatted", "<pre>\n", "" },
        { "line breaks", "<br>", "x" },
        { "line breaks and text", "x<br>", "" },
        { "no-break spaces", "&nbsp;", "x" },
        { "long word", "x", "" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_html_costs_in_proportion_to_its_length(string name, string piece, string before)
    {
        long Cost(int length)
        {
            var html = before + string.Concat(Enumerable.Repeat(piece, length / piece.Length));
            var start = GC.GetAllocatedBytesForCurrentThread();
            var regions = new HtmlRegions();
            var text = HtmlText.Convert(html, regions);
            _ = ReplyTrimmer.Trim(text, regions);
            return GC.GetAllocatedBytesForCurrentThread() - start;
        }

        Cost(1000);
        var one = Cost(Million / 4);
        var four = Cost(Million);
        Assert.True(four < 5 * one + 100_000, $"{name}: {one} bytes became {four}");
        Assert.True(four < 120 * Million, $"{name}: {four} bytes");
    }

    [Theory]
    [InlineData("On Tue, 3 Mar 2026, Bob wrote:\n")]
    [InlineData("yes On Tue, 3 Mar 2026, Bob wrote:\n> x\n")]
    [InlineData("From: a@b.example\nSent: 3\nTo: x\n")]
    [InlineData("Subject: x ")]
    [InlineData("> x\n\n\n")]
    [InlineData("> x\ny\n")]
    [InlineData(":\n\n\n")]
    [InlineData("wrote ")]
    [InlineData("-- \n")]
    [InlineData("Sent from my iPhone\n")]
    [InlineData("________________________________\n\n")]
    [InlineData("---------- Forwarded message ---------\n\n")]
    [InlineData("```\n")]
    [InlineData("Joe> \n")]
    [InlineData(">")]
    [InlineData("\n")]
    public void Hostile_text_is_trimmed_in_proportion_to_its_length(string piece)
    {
        long Cost(int length)
        {
            var text = "Hello\n" + string.Concat(Enumerable.Repeat(piece, length / piece.Length));
            var start = GC.GetAllocatedBytesForCurrentThread();
            _ = ReplyTrimmer.Trim(text);
            return GC.GetAllocatedBytesForCurrentThread() - start;
        }

        Cost(1000);
        var one = Cost(Million / 4);
        var four = Cost(Million);
        Assert.True(four < 5 * one + 100_000, $"{one} bytes became {four}");
        Assert.True(four < 120 * Million, $"{four} bytes");
    }

    [Fact]
    public void Any_html_has_text_without_tags_of_its_own() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements("<p>", "</p>", "<div style='display:none'>", "</div>", "a", " ", "\n", "&lt;", "&#", "&nbsp;", "<br>", "<td>", "<ol>", "<li>", "</ol>", "<pre>", "</pre>", "<a href='http://x'>", "</a>", "<blockquote>", "</blockquote>", "<xml>", "<!--", "-->", "<hr>", "<img alt='b'>")).ToArbitrary(), static pieces =>
        {
            var html = string.Concat(pieces);
            var text = HtmlText.Convert(html);
            Assert.Equal(text, text.TrimEnd());
            Assert.DoesNotContain("\n\n\n\n", text, StringComparison.Ordinal);
            Assert.True(text.Length <= 10 * html.Length + 10);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(40));
}
