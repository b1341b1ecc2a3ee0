using System.Net;
using System.Text;

namespace Ingest.Mail.Text;

/// <summary>Html of a mail, made safe to show.</summary>
/// <param name="Html">A fragment: only known elements and attributes, every tag closed, every value quoted.</param>
/// <param name="RemoteImages">How many pictures from elsewhere were replaced by their description.</param>
/// <param name="LeftOut">How many scripts, forms, embedded documents and the like were left out.</param>
/// <param name="Cut">True when the mail was too long to show whole.</param>
public readonly record struct SafeHtmlResult(string Html, int RemoteImages, int LeftOut, bool Cut);

/// <summary>
/// Html of strangers made safe by writing it anew: what is not on the list of elements, attributes, styles and addresses is not written, all text is
/// encoded, and so no reading of the input that differs from a browser's can let anything through. No tree is built; time and memory grow with the
/// length alone. Nothing in the result loads from anywhere, and each link shows the host it leads to.
/// </summary>
public static class SafeHtml
{
    /// <summary>The longest input that is shown, the longest output, and how much may be added to it as pictures of the mail, in UTF-16 code units.</summary>
    public const int LongestInput = 1_000_000, LongestOutput = 4_000_000, LongestPictures = 16_000_000;

    /// <summary>Makes html safe; never throws on content.</summary>
    /// <param name="html">The html as it came.</param>
    /// <param name="inlineImage">Gives the data address of the picture with this Content-ID (RFC 2392), or null.</param>
    public static SafeHtmlResult Convert(string html, Func<string, string?> inlineImage)
    {
        bool cut = html.Length > LongestInput;
        return new SafeHtmlWriter(inlineImage).Run(cut ? html.AsSpan(0, LongestInput) : html, cut);
    }

    /// <summary>
    /// The address a link may lead to, or null: web, mail and telephone only, with the host in ASCII letters as it will be looked up, so that what is
    /// shown is what is opened.
    /// </summary>
    public static Uri? Address(string text)
    {
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https" or "mailto" or "tel")) return null;
        if (address.Scheme is "mailto" or "tel") return address;
        try
        {
            if (address.IdnHost.Length == 0 || !IsPlainHost(address.IdnHost)) return null;
            return new UriBuilder(address) { UserName = "", Password = "", Host = address.HostNameType == UriHostNameType.IPv6 ? $"[{address.IdnHost}]" : address.IdnHost }.Uri;
        }
        catch (UriFormatException)
        {
            return null;
        }
    }

    private static bool IsPlainHost(string host)
    {
        foreach (char c in host)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_' or ':')) return false;
        return true;
    }

    /// <summary>Writes text so that it is nothing but text, in an element or a quoted attribute.</summary>
    internal static void Encode(StringBuilder into, ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            switch (c)
            {
                case '&': into.Append("&amp;"); break;
                case '<': into.Append("&lt;"); break;
                case '>': into.Append("&gt;"); break;
                case '"': into.Append("&quot;"); break;
                case '\'': into.Append("&#39;"); break;
                case '`': into.Append("&#96;"); break;
                case '\t' or '\n' or '\r': into.Append(c); break;
                case < ' ' or '\u007f': break;
                default: into.Append(c); break;
            }
        }
    }

    internal static string Decode(ReadOnlySpan<char> text) => text.Contains('&') ? WebUtility.HtmlDecode(text.ToString()) : text.ToString();
}
