using System.Buffers;
using System.Net;

namespace Ingest.Mail.Mime;

/// <summary>Makes attachments of the parts that are not the body: real files come as inline or without any disposition, so everything counts.</summary>
internal static class AttachmentReader
{
    private static readonly SearchValues<char> ReferenceEnds = SearchValues.Create("\"'> )\r\n\t");

    public static List<MailAttachment> Read(IReadOnlyList<MimePart> parts, string? html, ParseLimits limits)
    {
        var attachments = new List<MailAttachment>(parts.Count);
        var references = html is not null && parts.Count > 0 ? ContentReferences(html) : [];
        foreach (var part in parts)
        {
            // Parts without any content and name say nothing.
            if (part.IsLeaf && part.ContentOffset >= part.End && part.FileName.Length == 0 && part.Disposition != "attachment")
                continue;
            var name = Cut(part.FileName, limits.MaxNameLength);
            var id = part.ContentId;
            attachments.Add(new MailAttachment
            {
                Name = name,
                SafeName = SafeFileName.Of(name.Length > 0 ? name : Described(part), part.ContentType),
                ContentType = part.ContentType,
                Inline = id is not null && references.Contains(id) && part.Disposition != "attachment",
                ContentId = id,
                Part = part,
            });
        }
        return attachments;
    }

    private static string Described(MimePart part) =>
        part.IsMessage && part.Children[0].Headers.First("Subject") is { Length: > 0 } subject ? subject + ".eml" : "";

    private static string Cut(string name, int length) => name.Length <= length ? name : name[..length];

    /// <summary>The Content-IDs that html refers to with cid: (RFC 2392).</summary>
    private static HashSet<string> ContentReferences(string html)
    {
        var ids = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var rest = html.AsSpan();
        while (rest.IndexOf("cid:", StringComparison.OrdinalIgnoreCase) is >= 0 and var found)
        {
            rest = rest[(found + 4)..];
            var window = rest[..Math.Min(rest.Length, 1000)];
            var end = window.IndexOfAny(ReferenceEnds);
            if (end > 0)
                ids.Add(WebUtility.HtmlDecode(Uri.UnescapeDataString(window[..end].ToString())));
        }
        return ids;
    }
}
