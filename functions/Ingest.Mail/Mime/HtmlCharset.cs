using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>The charset that an html document names in its meta element (WHATWG HTML section 13.2.3.2, the first 1024 bytes and some more).</summary>
internal static class HtmlCharset
{
    private const int Window = 4096;

    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" \t\r\n\"';/>");

    public static string? Find(ReadOnlySpan<byte> html)
    {
        html = html[..Math.Min(html.Length, Window)];
        var text = Encoding.Latin1.GetString(html).ToLowerInvariant().AsSpan();
        while (text.IndexOf("<meta") is >= 0 and var meta)
        {
            text = text[(meta + 5)..];
            var end = text.IndexOf('>');
            var element = end < 0 ? text : text[..end];
            var name = element.IndexOf("charset");
            if (name < 0)
                continue;
            var value = element[(name + 7)..].TrimStart();
            if (value.IsEmpty || value[0] != '=')
                continue;
            value = value[1..].TrimStart(" \t\r\n\"'");
            var stop = value.IndexOfAny(NameEnds);
            return (stop < 0 ? value : value[..stop]).ToString();
        }
        return null;
    }
}
