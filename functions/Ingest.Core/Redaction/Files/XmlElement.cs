namespace Ingest.Core.Redaction.Files;

/// <summary>Which elements and attributes of XML divide text, only lay it out, or hold something to read.</summary>
internal static class XmlElement
{
    // Of the office formats, whose words are cut into runs as the author typed.
    private static readonly HashSet<string> Dividing = new(StringComparer.Ordinal)
    {
        "w:p", "w:tc", "w:tr", "w:tbl", "w:txbxContent", "w:comment", "w:footnote", "w:endnote", "w:sdt", "w:hdr", "w:ftr", "a:p", "a:tc", "a:tr", "a:fld", "text:p", "text:h", "text:list-item", "text:note-body",
        "w:instrText", "w:fldSimple", "a:hlinkClick", "text:note",
    };

    private static readonly HashSet<string> Inline = new(StringComparer.Ordinal)
    {
        "r", "t", "rPr", "b", "i", "u", "strike", "sz", "color", "rFont", "family", "charset", "scheme", "vertAlign", "phoneticPr", "tspan", "em", "strong", "span", "font", "sub", "sup",
    };

    private static readonly HashSet<string> OfficeTexts = new(StringComparer.Ordinal)
    {
        "alt", "title", "descr", "name", "label", "tooltip", "display", "text", "prompt", "promptTitle", "error", "errorTitle", "author", "initials", "userName", "comment", "caption", "string", "string-value",
        "value", "formula", "date-value", "content", "help", "statusText", "lastClr", "oldName", "customerName", "uniqueName", "refersTo", "string-value-if-true", "string-value-if-false", "description", "desc",
    };

    private static readonly HashSet<string> ValueHolders = new(StringComparer.Ordinal) { "w:alias", "w:tag", "w:docVar", "w:default", "w:listEntry", "w:result", "w:lid", "w:statusText", "w:helpText", "w:name", "w:entryMacro", "w:placeholder" };

    private static readonly HashSet<string> Labels = new(StringComparer.OrdinalIgnoreCase) { "name", "key", "label", "field", "fieldName", "title", "caption", "displayName", "id", "type" };

    private static readonly HashSet<string> Drawing = new(StringComparer.OrdinalIgnoreCase) { "d", "points", "viewBox", "transform", "class", "id", "x", "y", "width", "height", "version", "encoding", "xml:space", "fill", "stroke" };

    /// <summary>What an element puts between the text before and after it: a break, a blank, a line break, or nothing (NUL).</summary>
    internal static char BreakOf(string name) => name switch
    {
        "w:br" or "w:cr" or "a:br" or "text:line-break" => '\n',
        "w:tab" or "text:tab" or "text:s" or "w:ptab" => ' ',
        "w:noBreakHyphen" => '-',
        _ when Dividing.Contains(name) => ReadableText.Break,
        _ when Inline.Contains(name) || IsRun(name) => '\0',
        _ => ReadableText.Break,
    };

    /// <summary>What an element is among cells; null when it is nothing. Outside of office documents names are words that say what stands in them.</summary>
    internal static CellSort? CellOf(string name, bool office) => name switch
    {
        "" => null,
        "w:tbl" or "a:tbl" or "table:table" or "sheetData" => CellSort.Table,
        "w:tr" or "a:tr" or "table:table-row" or "row" => CellSort.Row,
        "w:tc" or "a:tc" or "table:table-cell" => CellSort.Cell,
        "c" when office => CellSort.Cell,
        _ => office ? null : CellSort.Named,
    };

    /// <summary>True for an attribute that says what its element holds: &lt;field name="passport"&gt;.</summary>
    internal static bool IsLabel(string attribute) => Labels.Contains(attribute);

    /// <summary>True for an attribute that holds what another one names: &lt;property name="passport" value="…"/&gt;.</summary>
    internal static bool IsValue(string attribute) => attribute.Equals("value", StringComparison.OrdinalIgnoreCase) || attribute.Equals("val", StringComparison.OrdinalIgnoreCase) || attribute.Equals("content", StringComparison.OrdinalIgnoreCase);

    /// <summary>True for elements of office documents whose text is a measure.</summary>
    internal static bool IsLayout(string name) => name.StartsWith("wp:", StringComparison.Ordinal) || name.StartsWith("wp14:", StringComparison.Ordinal) || name.StartsWith("config:", StringComparison.Ordinal)
        || name.StartsWith("xdr:", StringComparison.Ordinal) || name.StartsWith("x:", StringComparison.Ordinal) || name is "TotalTime" or "Application" or "AppVersion";

    /// <summary>How an attribute is read; null for one that only lays out.</summary>
    internal static Reading? ReadingOf(string element, string attribute, bool office, ReadOnlySpan<char> tag)
    {
        string local = attribute[(attribute.LastIndexOf(':') + 1)..];
        if (attribute.StartsWith("xmlns", StringComparison.Ordinal))
            return null;
        // Inside a package targets are names of its own files.
        if (local == "Target")
            return tag.IndexOf("\"External\"", StringComparison.Ordinal) >= 0 || tag.IndexOf("'External'", StringComparison.Ordinal) >= 0 ? Reading.Link : null;
        if (local is "href" or "location")
            return Reading.Link;
        if (!office)
            return Drawing.Contains(attribute) ? null : attribute.Equals("style", StringComparison.OrdinalIgnoreCase) ? Reading.StyleAttribute : Reading.Link;
        if (OfficeTexts.Contains(local) && !(local is "name" && element.StartsWith("style:", StringComparison.Ordinal)))
            return Reading.Attribute;
        return local == "val" && ValueHolders.Contains(element) ? Reading.Attribute : null;
    }

    private static bool IsRun(string name) => name.IndexOf(':') is > 0 and var colon && name.AsSpan(0, colon) is "w" or "w14" or "w15" or "a" or "text" or "mc" or "m" or "svg";
}
