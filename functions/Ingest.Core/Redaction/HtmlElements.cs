using System.Collections.Frozen;

namespace Ingest.Core.Redaction;

/// <summary>The elements of html, whose names say nothing of what stands in them.</summary>
internal static class HtmlElements
{
    private static readonly FrozenSet<string> Known =
        ("a abbr acronym address area article aside audio b base basefont bdi bdo big blink blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em "
        + "embed fieldset figcaption figure font footer form frame frameset g h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link listing main map mark marquee math menu meta "
        + "meter nav nobr noframes noscript object ol optgroup option output p param path picture plaintext pre progress q rect rp rt ruby s samp script search section select slot small source span strike strong style "
        + "sub summary sup svg table tbody td template text textarea tfoot th thead time title tr track tspan tt u ul use var video wbr xmp o:p xml bold italic underline fixed paraindent fontfamily color").Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True for an element that browsers or mail programs know.</summary>
    internal static bool IsKnown(string name) => Known.Contains(name);
}
