using System.Globalization;
using System.Net;

namespace Ingest.Mail.Text;

/// <summary>Plain text of html mail, in time and memory linear in the html: no tree is built, so nesting costs nothing.</summary>
public static class HtmlText
{
    /// <summary>The text as a person would read it: blocks on lines of their own, links with their address, quotes marked with "&gt;". Never throws.</summary>
    public static string Convert(string html) => new Writer(html.Length).Run(html);

    private sealed class Writer(int length)
    {
        private const int MaxListDepth = 20;
        private const int MaxLinkLength = 2000;
        private const int MaxOpenQuotes = 1000;

        private readonly TextFlow flow = new(Math.Min(length, 64 * 1024));
        private readonly Stack<int> lists = new();
        private readonly Stack<bool> quotes = new();
        private int preformatted;
        private string? link;
        private int linkStart;

        public string Run(string html)
        {
            var tokens = new HtmlTokenizer(html);
            Span<char> lower = stackalloc char[16];
            while (tokens.Read())
            {
                if (tokens.Kind == HtmlTokenKind.Text)
                {
                    Text(tokens.Value);
                    continue;
                }
                if (tokens.Value.Length > lower.Length)
                    continue;
                var name = lower[..tokens.Value.ToLowerInvariant(lower)];
                if (tokens.Kind == HtmlTokenKind.EndTag)
                    End(name);
                else if (name is "script" or "style" or "title" or "template")
                    tokens.SkipElement(name);
                else
                    Start(name, tokens.Attributes);
            }
            return flow.ToString();
        }

        private void Text(ReadOnlySpan<char> text)
        {
            var decoded = text.Contains('&') ? WebUtility.HtmlDecode(text.ToString()) : text;
            if (preformatted > 0)
                flow.WritePreformatted(decoded);
            else
                flow.Write(decoded);
        }

        private void Start(ReadOnlySpan<char> name, ReadOnlySpan<char> attributes)
        {
            switch (name)
            {
                case "br": flow.Break(); break;
                case "hr": Rule(); break;
                case "td" or "th": flow.Cell(); break;
                case "pre": flow.Block(2); preformatted++; break;
                case "blockquote": Quote(attributes); break;
                case "a": OpenLink(attributes); break;
                case "img": Image(attributes); break;
                case "ul" or "ol": List(name is "ol"); break;
                case "li": Item(); break;
                default: flow.BlockOf(name); break;
            }
        }

        private void End(ReadOnlySpan<char> name)
        {
            switch (name)
            {
                case "br": flow.Break(); break;
                case "pre": flow.Block(2); preformatted = Math.Max(0, preformatted - 1); break;
                case "blockquote": Unquote(); break;
                case "a": CloseLink(); break;
                case "ul" or "ol":
                    lists.TryPop(out _);
                    flow.Block(lists.Count > 0 ? 1 : 2);
                    break;
                case "li": flow.Block(1); break;
                default: flow.BlockOf(name); break;
            }
        }

        private void Rule()
        {
            flow.Block(1);
            flow.Write("----------");
            flow.Block(1);
        }

        // Plain block quotes are only an indent; those of mail programs say so.
        private void Quote(ReadOnlySpan<char> attributes)
        {
            flow.Block(1);
            var cited = HtmlAttributes.Find(attributes, "type") == "cite" || HtmlAttributes.Find(attributes, "cite") is not null
                || HtmlAttributes.Find(attributes, "class")?.Contains("quote", StringComparison.OrdinalIgnoreCase) == true;
            if (quotes.Count >= MaxOpenQuotes)
                return;
            quotes.Push(cited);
            flow.Quote += cited ? 1 : 0;
        }

        private void Unquote()
        {
            flow.Block(1);
            if (quotes.TryPop(out var cited) && cited)
                flow.Quote--;
        }

        private void OpenLink(ReadOnlySpan<char> attributes)
        {
            CloseLink();
            link = HtmlAttributes.Find(attributes, "href")?.Trim();
            linkStart = flow.Length;
        }

        private void CloseLink()
        {
            if (link is not { Length: > 0 and <= MaxLinkLength } address || flow.Length == linkStart)
            {
                link = null;
                return;
            }
            link = null;
            if (!IsWorthShowing(address, flow.Since(linkStart)))
                return;
            flow.Write(" (");
            flow.Write(Bare(address));
            flow.Write(")");
        }

        private static bool IsWorthShowing(string address, string shown)
        {
            if (!address.StartsWith("http", StringComparison.OrdinalIgnoreCase) && !address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
                return false;
            return !Core(address).Equals(Core(shown), StringComparison.OrdinalIgnoreCase);
        }

        private static string Bare(string address) => address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? address[7..] : address;

        private static ReadOnlySpan<char> Core(string address)
        {
            var text = Bare(address).AsSpan().Trim();
            var scheme = text.IndexOf("://");
            if (scheme is > 0 and < 8)
                text = text[(scheme + 3)..];
            return text.TrimEnd('/');
        }

        private void Image(ReadOnlySpan<char> attributes)
        {
            if (HtmlAttributes.Find(attributes, "alt") is { } alt && !string.IsNullOrWhiteSpace(alt))
                flow.Write($"[{alt.Trim()}]");
        }

        private void List(bool numbered)
        {
            flow.Block(lists.Count > 0 ? 1 : 2);
            if (lists.Count < MaxListDepth)
                lists.Push(numbered ? 1 : 0);
        }

        private void Item()
        {
            flow.Block(1);
            if (!lists.TryPop(out var number))
                number = 0;
            else
                lists.Push(number > 0 ? number + 1 : 0);
            flow.Write(number > 0 ? string.Create(CultureInfo.InvariantCulture, $"{number}. ") : "- ");
        }
    }

    private static void BlockOf(this TextFlow flow, ReadOnlySpan<char> name)
    {
        switch (name)
        {
            case "p" or "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "dl" or "figure":
                flow.Block(2);
                break;
            case "div" or "tr" or "table" or "section" or "article" or "header" or "footer" or "center" or "address" or "dt" or "dd" or "form" or "fieldset" or "tbody" or "thead" or "main" or "nav" or "aside" or "option" or "caption" or "body":
                flow.Block(1);
                break;
        }
    }
}
