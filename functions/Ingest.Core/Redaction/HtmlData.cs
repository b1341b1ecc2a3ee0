using System.Buffers;
using System.Text;
using Ingest.Core.Redaction.Files;

namespace Ingest.Core.Redaction;

/// <summary>Looks into what html carries within its links (RFC 2397): text packed in base64 is unpacked, masked and packed again; pictures stay.</summary>
internal static class HtmlData
{
    private const int LongestType = 200;
    private static readonly SearchValues<char> Packed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ \t\r\n");

    private static readonly SearchValues<char> Ends = SearchValues.Create("\"'<>(),");

    internal static RedactedText Mask(RedactedText html, FileSearch search, int depth, out UnreadReason unread)
    {
        unread = UnreadReason.None;
        string text = html.Text;
        int at = text.IndexOf("data:", StringComparison.OrdinalIgnoreCase);
        if (at < 0 || search.Policy.IsOff)
            return html;
        List<Finding> findings = [];
        StringBuilder? changed = null;
        int done = 0;
        for (; at >= 0; at = at < text.Length ? text.IndexOf("data:", at, StringComparison.OrdinalIgnoreCase) : -1)
        {
            (int start, int end, string type) = Payload(text, at + 5);
            at = Math.Max(at + 5, end);
            if (end <= start || Masked(search, text[start..end], type, depth, ref unread) is not { } masked)
                continue;
            findings.AddRange(masked.Findings.Select(f => f with { Start = start, Length = end - start }));
            if (search.Policy.DryRun)
                continue;
            changed ??= new StringBuilder(text.Length);
            changed.Append(text, done, start - done).Append(masked.Text);
            done = end;
        }
        if (findings.Count == 0 && changed is null)
            return html;
        return new RedactedText(changed is null ? text : changed.Append(text, done, text.Length - done).ToString(), [.. html.Findings, .. findings]);
    }

    private static (int Start, int End, string Type) Payload(string text, int start)
    {
        int mark = text.AsSpan(start, Math.Min(LongestType, text.Length - start)).IndexOf("base64,", StringComparison.OrdinalIgnoreCase);
        if (mark < 0 || text.AsSpan(start, mark).ContainsAny(Ends))
            return (start, start, "");
        int from = start + mark + 7, to = from;
        // A blank may lie within a payload; after a quote or bracket it is over.
        while (to < text.Length && (Packed.Contains(text[to]) || (text[to] == '%' && to + 2 < text.Length && char.IsAsciiHexDigit(text[to + 1]))))
            to++;
        return (from, to, text.Substring(start, mark).Trim(';', ' '));
    }

    private static RedactedText? Masked(FileSearch search, string payload, string type, int depth, ref UnreadReason unread)
    {
        string clean = Uri.UnescapeDataString(payload).Replace('-', '+').Replace('_', '/');
        clean = string.Concat(clean.Where(c => !char.IsWhiteSpace(c) && c != '='));
        clean = clean[..(clean.Length - (clean.Length % 4 == 1 ? 1 : 0))];
        byte[] bytes = new byte[clean.Length];
        if (!Convert.TryFromBase64String(clean.PadRight((clean.Length + 3) / 4 * 4, '='), bytes, out int length) || !search.TryExpand(length))
            return null;
        RedactedAttachment file = search.Look(new FileSource(type, "", null, bytes[..length]), depth + 1);
        unread = unread is UnreadReason.None or UnreadReason.Image && file.Unread != UnreadReason.None ? file.Unread : unread;
        return file.Findings.Count == 0 && file.State == FileState.Kept ? null : new RedactedText(Convert.ToBase64String(file.Content), file.Findings);
    }
}
