using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Ingest.Mail.Tests.Mime;
using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Text;

/// <summary>Mail of strangers is shown, and nothing of it runs, loads or pretends.</summary>
public sealed class SafeHtmlTests
{
    private const string Dot = "data:image/png;base64,iVBORw0KGgo=";

    private static string Convert(string html) => SafeHtml.Convert(html, id => id == "logo@x" ? Dot : null).Html;

    private static string Folder
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "Ingest.sln"))) return Path.Combine(folder.FullName, "tests", "fixtures", "html");
            throw new DirectoryNotFoundException("Ingest.sln is not above the tests; run them from a checkout.");
        }
    }

    public static TheoryData<string> Hostile => [.. Directory.EnumerateFiles(Folder, "*.html").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("a<b>b</b> &amp; &lt;c", "a<b>b</b> &amp; &lt;c")]
    [InlineData("<P ALIGN=center>x", "<p align=\"center\">x</p>")]
    [InlineData("<p>x<p>y<div>z", "<p>x</p><p>y</p><div>z</div>")]
    [InlineData("<ul><li>a<li>b<ul><li>c</ul></ul>", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>")]
    [InlineData("<table><tr><td>a<td>b<tr><td>c</table>d", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d")]
    [InlineData("<table><tr><td></div></b>a</td></tr></table>", "<table><tr><td>a</td></tr></table>")]
    [InlineData("<b><i>x</b>y", "<b><i>x</i></b>y")]
    [InlineData("</p></br>x", "<br><br>x")]
    [InlineData("<body bgcolor=black style='color:white'>x</body>", "<div bgcolor=\"black\" style=\"color:white\">x</div>")]
    [InlineData("<style>p{color:red}</style><title>t</title>x<!-- y -->z", "xz")]
    [InlineData("<p style=\"color: red; position:fixed; background:url(x); font-family:'A B',serif\">x", "<p style=\"color:red;font-family:A B,serif\">x</p>")]
    [InlineData("<p style=\"margin:-5px; width:99999px; width:expression(1); padding:1px\">x", "<p style=\"padding:1px\">x</p>")]
    [InlineData("<img src=cid:logo@x alt=L width=10>", "<img src=\"data:image/png;base64,iVBORw0KGgo=\" alt=\"L\" width=\"10\">")]
    [InlineData("<img src='https://t.example/p.png' alt='A &lt;cat>'>", "<span class=\"picture\">A &lt;cat&gt;</span>")]
    [InlineData("<img src='https://t.example/p.png' width=1 height=1>", "")]
    [InlineData("<noscript><b>x</b></noscript><svg><p>y</p></svg>", "<b>x</b><p>y</p>")]
    [InlineData("1 < 2 and <3", "1 &lt; 2 and &lt;3")]
    public void Html_is_written_anew(string html, string safe) => Assert.Equal(safe, Convert(html));

    [Theory]
    [InlineData("https://example.com/a?b=c&amp;d", "https://example.com/a?b=c&amp;d", "example.com")]
    [InlineData("HTTP://Example.COM", "http://example.com/", "example.com")]
    [InlineData("https://paypal.com@evil.example/", "https://evil.example/", "evil.example")]
    [InlineData("https://p&#1072;ypal.com/", "https://xn--pypal-4ve.com/", "xn--pypal-4ve.com")]
    [InlineData("mailto:a@b.example?subject=x", "mailto:a@b.example?subject=x", "a@b.example")]
    public void A_link_says_where_it_leads(string href, string target, string host) => Assert.Equal(
        $"<a href=\"{target}\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">x</a><span class=\"host\">{host}</span>", Convert($"<a href=\"{href}\">x</a>"));

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("java&#x0A;script:alert(1)")]
    [InlineData("&#1;javascript:alert(1)")]
    [InlineData("vbscript:x")]
    [InlineData("data:text/html,<script>alert(1)</script>")]
    [InlineData("//evil.example")]
    [InlineData("/console/people")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://evil.example\\@paypal.com/")]
    [InlineData("blob:https://a/b")]
    [InlineData("")]
    public void Any_other_address_leads_nowhere(string href) => Assert.Equal("<a>x</a>", Convert($"<a href=\"{href}\">x</a>"));

    [Fact]
    public void What_was_left_out_is_counted()
    {
        SafeHtmlResult result = SafeHtml.Convert("<script>x</script><form><input><img src=http://a/1><img src=http://a/2 width=1><iframe src=x></iframe>", _ => null);
        Assert.Equal((2, 4, false), (result.RemoteImages, result.LeftOut, result.Cut));
    }

    [Theory, MemberData(nameof(Hostile))]
    public void Hostile_html_is_harmless(string name)
    {
        string html = File.ReadAllText(Path.Combine(Folder, name));
        SafeHtmlChecker.Check(Convert(html));
        foreach (string vector in html.Split("\n\n")) SafeHtmlChecker.Check(Convert(vector));
    }

    [Fact]
    public void Any_soup_of_tags_is_harmless() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements(
            "<a href=", "\"", "'", "`", ">", "<", "/", "</", "=", " ", "\n", "\0", "&", "&lt;", "&#60;", "&quot;", "x", "<!--", "-->", "<![CDATA[", "]]>", "<script>", "</script>", "<style>", "</style>",
            "<svg>", "<math>", "<mglyph>", "<table>", "<td>", "</td>", "<p>", "</p>", "<li>", "<title>", "</title>", "<textarea>", "<noscript>", "<plaintext>", "<xmp>", "<template>", "<select>",
            "javascript:", "data:image/png;base64,AA==", "<img src=", "onerror=alert(1)", "style=", "color:red;", "background:url(x)", "href", "<form>", "<base href=//e>", "\u2028", "\ud800", "<b", "</a>")).ToArbitrary(),
            static pieces => SafeHtmlChecker.Check(Convert(string.Concat(pieces)))).QuickCheckThrowOnFailure();

    [Fact]
    public void Mutated_hostile_html_is_harmless()
    {
        string[] seeds = [.. Directory.EnumerateFiles(Folder, "*.html").Order(StringComparer.Ordinal).Select(File.ReadAllText)];
        Random random = new(20261122);
        for (int round = 0; round < 400; round++)
        {
            string seed = seeds[round % seeds.Length], other = seeds[random.Next(seeds.Length)];
            int at = random.Next(seed.Length), from = random.Next(other.Length), length = random.Next(60);
            SafeHtmlChecker.Check(Convert(string.Concat(seed.AsSpan(0, at), other.AsSpan(from, Math.Min(length, other.Length - from)), seed.AsSpan(Math.Min(seed.Length, at + random.Next(9))))));
        }
    }

    [Fact]
    public void Real_mail_is_harmless_and_keeps_its_text()
    {
        if (Corpus.Folder is null) Assert.Skip("shared/data is not beside this repository.");
        int seen = 0;
        foreach ((_, byte[] bytes) in Corpus.Zip("mime/stalwart_mail_parser.zip", Corpus.IsMail).Concat(Corpus.Zip("mime/chatwoot.zip", Corpus.IsMail)))
        {
            if (MailMessage.Parse(bytes).Html is not { Length: > 0 } html) continue;
            seen++;
            string safe = Convert(html);
            SafeHtmlChecker.Check(safe);
            Assert.Equal(Words(HtmlText.Convert(html)).Except(Words(HtmlText.Convert(safe))), []);
        }

        Assert.True(seen > 20, $"only {seen} mails with html");
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<a href=https://a.example>")]
    [InlineData("<table><tr><td>")]
    [InlineData("<b style='color:red'>")]
    [InlineData("<p><font>")]
    [InlineData("<script>")]
    [InlineData("<!--")]
    [InlineData("<a href=\"")]
    [InlineData("<img src=cid:logo@x>")]
    [InlineData("</div>")]
    [InlineData("&lt;")]
    public void Endless_html_ends(string piece)
    {
        string html = string.Concat(Enumerable.Repeat(piece, 2_000_000 / piece.Length));
        string large = Dot[..^1] + new string('A', 1_000_000);
        SafeHtmlResult result = SafeHtml.Convert(html, _ => large);
        Assert.True(result.Cut);
        Assert.True(result.Html.Length < SafeHtml.LongestOutput + SafeHtml.LongestPictures + (6 * SafeHtml.LongestInput), $"{result.Html.Length}");
        int depth = 0, deepest = 0;
        foreach (string tag in result.Html.Split('<').Skip(1))
        {
            if (tag[0] == '/') depth--;
            else if (!tag.StartsWith("img", StringComparison.Ordinal) && !tag.StartsWith("br", StringComparison.Ordinal)) deepest = Math.Max(deepest, ++depth);
        }

        Assert.InRange(deepest, 0, 200);
    }

    private static IEnumerable<string> Words(string text) => text.Split([' ', '\n', '\t', '(', ')', '[', ']', '|', '>'], StringSplitOptions.RemoveEmptyEntries)
        .Where(word => word.Length > 3 && word.All(char.IsLetter));
}
