using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Ingest.Mail.Tests.Text;

/// <summary>
/// Reads the output of the sanitiser by a grammar so strict that no browser can read it otherwise, and that has no word for anything that runs, loads or
/// asks. Whatever the input was, the output must be of this grammar.
/// </summary>
internal static partial class SafeHtmlChecker
{
    private static readonly HashSet<string> Elements =
    [
        .. ("a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header "
            + "hr i img ins kbd li mark ol p pre q rp rt ruby s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr").Split(' '),
    ];

    private static readonly HashSet<string> Plain =
        [.. "align alt bgcolor border cellpadding cellspacing color colspan dir face height lang rowspan size span start title type valign value width target rel class".Split(' ')];

    public static void Check(string html)
    {
        Stack<string> open = new();
        int at = 0;
        foreach (Match tag in Tag().Matches(html))
        {
            Text(html[at..tag.Index]);
            at = tag.Index + tag.Length;
            string name = tag.Groups["name"].Value;
            Assert.Contains(name, Elements);
            if (tag.Groups["end"].Success) Assert.Equal(name, open.Pop());
            else if (name is not ("br" or "col" or "hr" or "img" or "wbr")) open.Push(name);
            foreach (Match attribute in Attribute().Matches(tag.Groups["attributes"].Value)) Check(name, attribute.Groups["name"].Value, WebUtility.HtmlDecode(attribute.Groups["value"].Value));
        }

        Text(html[at..]);
        Assert.Empty(open);
    }

    private static void Text(string text) => Assert.DoesNotContain(text, c => c is '<' or '>' or '"' or '\'' or '`' || (c < ' ' && c is not ('\t' or '\n' or '\r')));

    private static void Check(string element, string name, string value)
    {
        switch (name)
        {
            case "href":
                Assert.Equal("a", element);
                Assert.Matches("^(https?://[!-~]+|mailto:[^\\s]*|tel:[^\\s]*)$", value);
                break;
            case "src":
                Assert.Equal("img", element);
                Assert.Matches("^data:image/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]*$", value);
                break;
            case "style":
                Assert.Matches("^[a-z-]+:[A-Za-z0-9 #.,%!()-]+(;[a-z-]+:[A-Za-z0-9 #.,%!()-]+)*$", value);
                Assert.DoesNotMatch("(?i)url|expression|image|@|position|(?<![a-z])-|content|display|visibility|opacity|float|cursor", value);
                break;
            case "class":
                Assert.Matches("^(host|picture)$", value);
                break;
            case "target":
                Assert.Equal("_blank", value);
                break;
            case "rel":
                Assert.Equal("noopener noreferrer nofollow", value);
                break;
            default:
                Assert.Contains(name, Plain);
                break;
        }
    }

    [GeneratedRegex("""<(?<end>/)?(?<name>[a-z][a-z0-9]*)(?<attributes>( [a-z]+="[^"<>'`]*")*)>""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Tag();

    [GeneratedRegex(""" (?<name>[a-z]+)="(?<value>[^"]*)" """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Attribute();
}
