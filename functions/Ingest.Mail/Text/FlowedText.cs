using System.Text;
using Ingest.Mail.Mime;

namespace Ingest.Mail.Text;

/// <summary>Joins the lines of format=flowed text (RFC 3676): quoting depth and signature marks are kept, stuffed spaces go.</summary>
public static class FlowedText
{
    internal static bool Applies(MimePart part) => string.Equals(part.Parameters["format"], "flowed", StringComparison.OrdinalIgnoreCase);

    internal static bool DeletesSpace(MimePart part) => string.Equals(part.Parameters["delsp"], "yes", StringComparison.OrdinalIgnoreCase);

    /// <summary>The text with soft line breaks joined (section 4.2); with <paramref name="deleteSpace"/> the space before the break goes too (DelSp).</summary>
    public static string Join(string text, bool deleteSpace)
    {
        var result = new StringBuilder(text.Length);
        var openDepth = -1;
        var first = true;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range);
            var depth = Depth(line);
            var content = line[depth..];
            // Stuffed so that it is no quote mark: it must not become one now.
            if (content is [' ', ..] && !(depth == 0 && content is [' ', '>', ..]))
                content = content[1..];
            var signature = content is "-- ";
            // An empty line ends a paragraph, and is one: programs that leave a space before it mean no less.
            var joins = openDepth == depth && !signature && !content.IsEmpty;
            if (!joins)
            {
                if (!first)
                    result.Append('\n');
                result.Append('>', depth);
                if (depth > 0 && !content.IsEmpty)
                    result.Append(' ');
            }
            first = false;
            var soft = content is [.., ' '] && !signature;
            result.Append(soft && deleteSpace ? content[..^1] : content);
            openDepth = soft ? depth : -1;
        }
        return result.ToString();
    }

    private static int Depth(ReadOnlySpan<char> line)
    {
        var depth = 0;
        while (depth < line.Length && line[depth] == '>')
            depth++;
        return depth;
    }
}
