namespace Ingest.Mail.Text;

/// <summary>Plain text of html mail, in time and memory linear in the html: no tree is built, so nesting costs nothing.</summary>
public static class HtmlText
{
    /// <summary>
    /// The text as a person would read it: blocks on lines of their own, lists numbered and indented, cells parted by tabs, links with their address, block quotes
    /// marked with "&gt;", pictures by their description. Text that is not displayed, such as preheaders, is left out unless there is no other. Never throws.
    /// </summary>
    public static string Convert(string html) => Convert(html, null);

    internal static string Convert(string html, HtmlRegions? regions)
    {
        var text = new HtmlTextWriter(html.Length, true, regions).Run(html, out var hidden);
        // All of it hidden, or a hidden element that never ends: then hiding was not meant.
        return hidden ? new HtmlTextWriter(html.Length, false, null).Run(html, out _) : text;
    }
}
