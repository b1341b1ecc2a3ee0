using System.Text;

namespace Ingest.Mail.Text;

/// <summary>Writes one mail's html anew, tag by tag, and remembers which elements are open so that each is closed.</summary>
internal sealed class SafeHtmlWriter(Func<string, string?> inlineImage)
{
    // Browsers cope with 512; people never nest so deep.
    private const int MaxDepth = 150;

    private readonly StringBuilder output = new();
    private readonly List<string> open = [];
    private readonly Stack<string> hosts = new();
    private int tooDeep, remoteImages, leftOut, pictures;

    public SafeHtmlResult Run(ReadOnlySpan<char> html, bool cut)
    {
        HtmlTokenizer tokens = new(html);
        while (tokens.Read())
        {
            if (output.Length - pictures > SafeHtml.LongestOutput)
            {
                cut = true;
                break;
            }

            if (tokens.Kind == HtmlTokenKind.Text)
            {
                SafeHtml.Encode(output, SafeHtml.Decode(tokens.Value));
                continue;
            }

            if (tokens.Value.Length > 16) continue;
            string name = tokens.Value.ToString().ToLowerInvariant();
            if (tokens.Kind == HtmlTokenKind.EndTag)
            {
                End(name);
                continue;
            }

            if (SafeHtmlRules.IsActive(name)) leftOut++;
            if (name is "script" or "style" or "title" or "template") tokens.SkipElement(name);
            else Start(name, tokens.Attributes);
        }

        while (open.Count > 0) Close();
        return new SafeHtmlResult(output.ToString(), remoteImages, leftOut, cut);
    }

    private void Start(string name, ReadOnlySpan<char> attributes)
    {
        if (name == "img")
        {
            Picture(attributes);
            return;
        }

        if (SafeHtmlRules.Written(name) is not { } written) return;
        (string[] ends, string[] walls) = SafeHtmlRules.Implied(written);
        if (ends.Length > 0) CloseUpTo(ends, walls);
        if (written == "a") CloseUpTo(["a"], ["td", "th", "table", "caption"]);
        bool isVoid = SafeHtmlRules.IsVoid(written);
        if (!isVoid && open.Count >= MaxDepth)
        {
            tooDeep++;
            return;
        }

        output.Append('<').Append(written);
        if (written == "a") Link(attributes);
        Attributes(attributes);
        output.Append('>');
        if (!isVoid) open.Add(written);
    }

    private void End(string name)
    {
        if (name is "br" or "p" && !open.Contains(name))
        {
            output.Append("<br>");
            return;
        }

        if (SafeHtmlRules.Written(name) is not { } written || SafeHtmlRules.IsVoid(written)) return;
        if (tooDeep > 0)
        {
            tooDeep--;
            return;
        }

        for (int i = open.Count - 1; i >= 0; i--)
        {
            if (open[i] == written)
            {
                while (open.Count > i) Close();
                return;
            }

            // A cell's own parts close only what is in the cell; the table's parts close cells.
            if (SafeHtmlRules.IsWall(open[i]) && !(written is "table" or "tr" or "tbody" or "thead" or "tfoot" && open[i] != "table")) return;
        }
    }

    private void CloseUpTo(string[] ends, string[] walls)
    {
        for (int i = open.Count - 1; i >= 0 && !walls.Contains(open[i]); i--)
        {
            if (!ends.Contains(open[i])) continue;
            while (open.Count > i) Close();
            return;
        }
    }

    private void Close()
    {
        string name = open[^1];
        open.RemoveAt(open.Count - 1);
        output.Append("</").Append(name).Append('>');
        if (name != "a" || hosts.Pop() is not { Length: > 0 } host) return;
        output.Append("<span class=\"host\">");
        SafeHtml.Encode(output, host);
        output.Append("</span>");
    }

    private void Link(ReadOnlySpan<char> attributes)
    {
        Uri? address = HtmlAttributes.Find(attributes, "href") is { Length: < 4000 } href ? SafeHtml.Address(href) : null;
        hosts.Push(address is null ? "" : address.Scheme switch
        {
            "mailto" or "tel" => Short(Uri.UnescapeDataString(address.AbsoluteUri[(address.Scheme.Length + 1)..].Split('?')[0])),
            _ => Short(address.IdnHost),
        });
        if (address is null) return;
        output.Append(" href=\"");
        SafeHtml.Encode(output, address.AbsoluteUri);
        output.Append("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\"");
    }

    private static string Short(string host) => host.Length <= 100 ? host : "…" + host[^100..];

    private void Attributes(ReadOnlySpan<char> attributes)
    {
        HashSet<string> written = [];
        int position = 0;
        while (HtmlAttributes.Next(attributes, ref position, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value))
        {
            if (name.Length > 16 || value.Length > 4000) continue;
            string known = name.ToString().ToLowerInvariant();
            if (!SafeHtmlRules.IsAttribute(known) || !written.Add(known)) continue;
            string text = SafeHtml.Decode(value);
            if (known == "style") text = SafeHtmlRules.Style(text);
            if (known is "width" or "height" or "colspan" or "rowspan" or "border" or "cellpadding" or "cellspacing" or "size" or "span" && text.Length > 5) continue;
            if (text.Length == 0) continue;
            output.Append(' ').Append(known).Append("=\"");
            SafeHtml.Encode(output, text);
            output.Append('"');
        }
    }

    private void Picture(ReadOnlySpan<char> attributes)
    {
        string source = HtmlAttributes.Find(attributes, "src")?.Trim() ?? "", alt = HtmlAttributes.Find(attributes, "alt") ?? "";
        if (Address(source) is { } address && pictures + address.Length <= SafeHtml.LongestPictures && SafeHtmlRules.IsPicture(address))
        {
            pictures += address.Length;
            output.Append("<img src=\"").Append(address).Append('"');
            Attributes(attributes);
            output.Append('>');
            return;
        }

        if (source.Length == 0) return;
        remoteImages++;
        if (IsDot(attributes)) return;
        output.Append("<span class=\"picture\">");
        SafeHtml.Encode(output, alt.Trim() is { Length: > 0 } words ? words.Length <= 300 ? words : words[..300] : "Picture not loaded");
        output.Append("</span>");
    }

    private string? Address(string source) =>
        source.StartsWith("cid:", StringComparison.OrdinalIgnoreCase) ? inlineImage(Uri.UnescapeDataString(source[4..]).Trim('<', '>'))
        : source.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? string.Concat(source.Where(c => !char.IsWhiteSpace(c)))
        : null;

    // One pixel tells a sender that a mail was opened; there is nothing to describe.
    private static bool IsDot(ReadOnlySpan<char> attributes) =>
        HtmlAttributes.Find(attributes, "width")?.Trim() is "0" or "1" or "1px" || HtmlAttributes.Find(attributes, "height")?.Trim() is "0" or "1" or "1px";
}
