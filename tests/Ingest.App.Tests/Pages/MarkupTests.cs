using Ingest.App.Pages;
using Xunit;

namespace Ingest.App.Tests.Pages;

/// <summary>What is put into a page can never become part of the page's structure.</summary>
public sealed class MarkupTests
{
    private const string Evil = "\"><script>alert(1)</script>'&";

    [Fact]
    public void A_hole_in_text_and_in_an_attribute_is_encoded()
    {
        string html = Markup.Of($"""<p title="{Evil}">{Evil}</p>""").ToString();
        Assert.Equal(1, html.Count(c => c == '<') - 1);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("&quot;&gt;&lt;script&gt;").Length - 1);
    }

    [Fact]
    public void Letters_of_all_scripts_stay_readable() => Assert.Equal("<p>Zoë Ü 電子</p>", Markup.Of($"<p>{"Zoë Ü 電子"}</p>").ToString());

    [Fact]
    public void Html_in_a_hole_stays_html() => Assert.Equal("<p><b>x</b></p>", Markup.Of($"<p>{Markup.Of($"<b>{"x"}</b>")}</p>").ToString());

    [Fact]
    public void What_is_not_wanted_is_not_even_evaluated()
    {
        string? nothing = null;
        Assert.True(Markup.If(nothing is not null, $"<p>{nothing!.Length}</p>").IsEmpty);
        Assert.Equal("<p>3</p>", Markup.If(true, $"<p>{3}</p>").ToString());
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("data:text/html,x")]
    [InlineData("")]
    [InlineData(" /x")]
    public void An_address_is_a_path_of_ours_or_a_checked_address(string address)
    {
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<a href="{address}">x</a>"""));
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<form action="{address}"></form>"""));
    }

    [Fact]
    public void Paths_of_ours_and_checked_addresses_pass()
    {
        Assert.Equal("""<a href="/console">x</a>""", Markup.Of($"""<a href="{"/console"}">x</a>""").ToString());
        Assert.Equal("""<a href="/console/a&amp;b">x</a>""", Markup.Of($"""<a href="/console/{"a&b"}">x</a>""").ToString());
        Assert.Equal("""<a href="https://a.example/">x</a>""", Markup.Of($"""<a href="{new Uri("https://a.example/")}">x</a>""").ToString());
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<a href="{new Uri("file:///x")}">x</a>"""));
    }

    [Fact]
    public void Holes_where_encoding_does_not_help_are_refused()
    {
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<p {Evil}>x</p>"""));
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<p title={Evil}>x</p>"""));
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<p title='{Evil}'>x</p>"""));
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<p onclick="{Evil}">x</p>"""));
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<p style="{Evil}">x</p>"""));
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<p title="{Markup.Of($"<b></b>")}">x</p>"""));
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"""<p title="x"""));
    }

    [Fact]
    public void An_attribute_is_there_or_not()
    {
        Assert.Equal("""<input required value="a&quot;b">""", Markup.Of($"""<input{Attr.If(true, "required")}{Attr.If(true, "value", "a\"b")}{Attr.If(false, "checked")}>""").ToString());
        Assert.Throws<InvalidOperationException>(() => Markup.Of($"<p>{Attr.If(true, "required")}</p>"));
    }
}
