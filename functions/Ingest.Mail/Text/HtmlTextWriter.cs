using System.Globalization;

namespace Ingest.Mail.Text;

/// <summary>Writes the text of one html body.</summary>
internal sealed class HtmlTextWriter(int length, bool hides, HtmlRegions? regions)
{
    private const int MaxListDepth = 20;
    private const int MaxIndentedLists = 8;
    private const int MaxLinkLength = 2000;
    private const int MaxOpenQuotes = 1000;
    private const int MaxCellLine = 200;

    private readonly TextFlow flow = new(Math.Min(length, 64 * 1024));
    private readonly HtmlScopes scopes = new();
    private readonly Stack<int> lists = new();
    private readonly Stack<(bool Marked, bool Own, int Start)> quotes = new();
    private int preformatted;
    private bool afterPre, hiddenText;
    private string? link;
    private int linkStart;
    private int tail = -1;
    private int cell = -1;

    public string Run(ReadOnlySpan<char> html, out bool hidden)
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
            else if (name is not "xml" || !tokens.TrySkipElement(name))
                Start(name, tokens.Attributes);
        }
        hidden = scopes.IsHidden || (flow.Length == 0 && hiddenText);
        scopes.CloseFrom(0, flow.Length, regions);
        while (quotes.TryPop(out var quote))
            NoteQuote(quote);
        if (tail >= 0)
            regions?.Add(HtmlRegionKind.Tail, tail, flow.Length);
        return flow.ToString();
    }

    private void Text(ReadOnlySpan<char> text)
    {
        if (scopes.IsHidden)
        {
            hiddenText |= !text.IsWhiteSpace();
            return;
        }
        var decoded = text.Contains('&') ? HtmlEntities.Decode(text) : text;
        if (preformatted == 0 && !scopes.IsPreformatted)
        {
            flow.Write(decoded);
            return;
        }
        // The line break directly behind <pre> is not part of it.
        if (afterPre && decoded is ['\n', ..] or ['\r', '\n', ..])
            decoded = decoded[(decoded[0] == '\r' ? 2 : 1)..];
        afterPre = false;
        flow.WritePreformatted(decoded);
    }

    private void Start(ReadOnlySpan<char> name, ReadOnlySpan<char> attributes)
    {
        scopes.Start(name);
        var tag = attributes.IsEmpty ? default : HtmlTag.Read(attributes);
        if (hides && !IsVoid(name) && HtmlQuoteMarks.IsHidden(tag))
            scopes.Open(HtmlScopeKind.Hidden, name, flow.Length);
        if (scopes.IsHidden)
            return;
        switch (name)
        {
            case "br": flow.Break(); break;
            case "hr": Rule(tag); break;
            case "td" or "th": Cell(); break;
            case "p" when !IsFreshCell: flow.Block(HtmlQuoteMarks.IsTight(tag) ? 1 : 2); break;
            case "p" or "div" or "center" when IsFreshCell: break;
            case "pre": flow.Block(2); preformatted++; afterPre = true; break;
            case "blockquote": Quote(tag, attributes); return;
            case "a": OpenLink(attributes); break;
            case "img": Image(attributes); return;
            case "ul" or "ol": List(name is "ol", attributes); break;
            case "li": Item(attributes); break;
            case "q": flow.Write("\u201c"); break;
            default: BlockOf(name); break;
        }
        if (!attributes.IsEmpty && !IsVoid(name))
            Scope(name, tag);
    }

    private void End(ReadOnlySpan<char> name)
    {
        scopes.End(name, flow.Length, regions);
        if (scopes.IsHidden)
            return;
        switch (name)
        {
            case "br": flow.Break(); break;
            case "p": flow.Block(1); break;
            case "pre": flow.Block(2); preformatted = Math.Max(0, preformatted - 1); break;
            case "blockquote": Unquote(); break;
            case "a": CloseLink(); break;
            case "ul" or "ol":
                lists.TryPop(out _);
                flow.Indent = IndentOf(lists.Count);
                flow.Block(lists.Count > 0 ? 1 : 2);
                break;
            case "li": flow.Block(1); break;
            case "q": flow.Write("\u201d"); break;
            default: BlockOf(name); break;
        }
    }

    // Programs put a paragraph into each cell: a cell of one short line does not break its row.
    private void Cell()
    {
        if (cell >= 0 && flow.Length > cell && flow.Length - cell <= MaxCellLine && !flow.Since(cell).Contains('\n'))
            flow.Join();
        flow.Cell();
        cell = flow.Length;
    }

    private bool IsFreshCell => cell >= 0 && cell == flow.Length;

    private void Scope(ReadOnlySpan<char> name, in HtmlTag tag)
    {
        if (HtmlQuoteMarks.IsPreformatted(tag))
            scopes.Open(HtmlScopeKind.Preformatted, name, flow.Length);
        if (regions is null || quotes.Count > 0)
            return;
        if (HtmlQuoteMarks.IsTail(tag))
            Tail();
        if (HtmlQuoteMarks.ScopeOf(tag) is not { } kind || (kind == HtmlScopeKind.Quote && scopes.InQuote))
            return;
        flow.Block(1);
        scopes.Open(kind, name, flow.Length + 1);
    }

    private void Tail()
    {
        flow.Block(1);
        if (tail < 0)
            tail = flow.Length + 1;
    }

    private void Rule(in HtmlTag tag)
    {
        if (regions is not null && quotes.Count == 0 && HtmlQuoteMarks.IsTail(tag))
            Tail();
        flow.Block(1);
        flow.Write("----------");
        flow.Block(1);
    }

    private void Quote(in HtmlTag tag, ReadOnlySpan<char> attributes)
    {
        var indent = HtmlQuoteMarks.IsIndent(tag);
        var cited = !indent && HtmlQuoteMarks.IsCited(tag, attributes, scopes.InQuote || quotes.Count > 0);
        if (cited && quotes.Count == 0)
        {
            scopes.Quote(flow.Length);
            NoteIntro();
        }
        flow.Block(1);
        if (quotes.Count >= MaxOpenQuotes)
            return;
        quotes.Push((!indent, !cited && !indent && quotes.Count == 0, flow.Length + 1));
        flow.Quote += indent ? 0 : 1;
    }

    // In whatever language: the line above a cited quote that ends with a colon and has a date or an address introduces it.
    private void NoteIntro()
    {
        var start = flow.LastLine();
        var line = flow.Since(start);
        if (line is [.., ':' or '：'] && line.Length < 300 && (line.ContainsAnyInRange('0', '9') || line.Contains('@')))
            regions?.Add(HtmlRegionKind.Intro, start, flow.Length);
    }

    private void Unquote()
    {
        flow.Block(1);
        if (!quotes.TryPop(out var quote))
            return;
        flow.Quote -= quote.Marked ? 1 : 0;
        NoteQuote(quote);
    }

    private void NoteQuote((bool Marked, bool Own, int Start) quote)
    {
        if (quote.Own)
            regions?.Add(HtmlRegionKind.OwnQuote, quote.Start, flow.Length);
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

    private static bool IsWorthShowing(string address, ReadOnlySpan<char> shown)
    {
        if (!address.StartsWith("http", StringComparison.OrdinalIgnoreCase) && !address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) && !address.StartsWith("ftp:", StringComparison.OrdinalIgnoreCase))
            return false;
        return !Core(address).Equals(Core(shown), StringComparison.OrdinalIgnoreCase);
    }

    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> address) => address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? address[7..] : address;

    private static ReadOnlySpan<char> Core(ReadOnlySpan<char> address)
    {
        var text = Bare(address).Trim();
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

    private void List(bool numbered, ReadOnlySpan<char> attributes)
    {
        flow.Block(lists.Count > 0 ? 1 : 2);
        if (lists.Count < MaxListDepth)
            lists.Push(numbered ? Number(HtmlAttributes.Find(attributes, "start"), 1) : 0);
        flow.Indent = IndentOf(lists.Count);
    }

    private void Item(ReadOnlySpan<char> attributes)
    {
        flow.Indent = IndentOf(lists.Count);
        flow.Block(1);
        if (lists.TryPop(out var number) && number > 0)
            number = Number(HtmlAttributes.Find(attributes, "value"), number);
        if (lists.Count < MaxListDepth)
            lists.Push(number > 0 ? number + 1 : 0);
        flow.Write(number > 0 ? string.Create(CultureInfo.InvariantCulture, $"{number}. ") : "- ");
        flow.Indent = IndentOf(lists.Count + 1);
    }

    private static int IndentOf(int depth) => 2 * Math.Clamp(depth - 1, 0, MaxIndentedLists);

    private static int Number(string? text, int otherwise) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1_000_000 ? number : otherwise;

    private void BlockOf(ReadOnlySpan<char> name)
    {
        if (name is "tr" or "table")
            cell = -1;
        switch (name)
        {
            case "button" or "select":
                flow.Write(" ");
                break;
            case "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "dl" or "figure":
                flow.Block(2);
                break;
            case "div" or "tr" or "table" or "section" or "article" or "header" or "footer" or "center" or "address" or "dt" or "dd" or "form" or "fieldset" or "tbody" or "thead" or "tfoot" or "main" or "nav" or "aside" or "option" or "caption" or "body" or "details" or "summary" or "figcaption" or "legend" or "textarea" or "noscript" or "svg":
                flow.Block(1);
                break;
        }
    }

    private static bool IsVoid(ReadOnlySpan<char> name) => name is "br" or "hr" or "img" or "input" or "meta" or "link" or "base" or "area" or "col" or "wbr" or "source" or "embed" or "track" or "param";
}
