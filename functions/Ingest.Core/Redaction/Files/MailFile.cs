using System.Text;
using Ingest.Mail.Mime;

namespace Ingest.Core.Redaction.Files;

/// <summary>Looks into mails that lie in files, and into mboxes: header fields, every part whatever its encoding, and what stands between the parts. All else stays byte for byte.</summary>
internal sealed class MailFile(FileSearch search, int depth)
{
    private readonly List<Finding> findings = [];
    private UnreadReason unread;

    internal RedactedAttachment Redact(FileSource file)
    {
        byte[] content = Redact(file.Content);
        return search.Changed(file, content, findings) with { Unread = unread };
    }

    /// <summary>Every mail of an mbox (RFC 4155).</summary>
    internal RedactedAttachment RedactBox(FileSource file)
    {
        var box = new MemoryStream(file.Content.Length);
        bool changed = false;
        foreach ((int start, int mail, int end) in Entries(file.Content))
        {
            byte[] raw = file.Content[mail..end], redacted = Redact(raw);
            changed |= !ReferenceEquals(raw, redacted);
            box.Write(file.Content, start, mail - start);
            box.Write(redacted);
        }
        return search.Changed(file, changed ? box.ToArray() : file.Content, findings) with { Unread = unread };
    }

    private static List<(int Start, int Mail, int End)> Entries(ReadOnlySpan<byte> box)
    {
        List<(int Start, int Mail, int End)> entries = [];
        bool afterBlank = true;
        int start = 0, mail = 0;
        for (int at = 0; at < box.Length;)
        {
            int feed = box[at..].IndexOf((byte)'\n'), next = feed < 0 ? box.Length : at + feed + 1;
            if (afterBlank && MboxReader.IsFromLine(box[at..Math.Min(next, at + 256)]))
            {
                if (at > start)
                    entries.Add((start, mail, at));
                (start, mail) = (at, next);
            }
            afterBlank = box[at..next].TrimEnd("\r\n"u8).IsEmpty;
            at = next;
        }
        if (box.Length > start)
            entries.Add((start, mail, box.Length));
        return entries;
    }

    private byte[] Redact(byte[] raw)
    {
        MailMessage message = MailMessage.Parse(raw);
        List<(int Start, int End, byte[] With)> edits = [];
        Walk(message.Root, edits);
        if (edits.Count == 0)
            return raw;
        ReadOnlySpan<byte> source = message.Root.Source.Span;
        edits.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var output = new MemoryStream(raw.Length);
        int done = 0;
        foreach ((int start, int end, byte[] with) in edits)
        {
            if (start < done)
                continue;
            output.Write(source[done..start]);
            output.Write(with);
            done = end;
        }
        output.Write(source[done..]);
        return output.ToArray();
    }

    private void Walk(MimePart part, List<(int Start, int End, byte[] With)> edits)
    {
        foreach (Header header in part.Headers)
            if (MailFields.Mask(header, search, findings) is { } field)
                edits.Add((header.Offset, header.End, field));
        if (part.IsLeaf || !part.Children[0].Source.Equals(part.Source))
        {
            Leaf(part, edits);
            return;
        }
        int at = part.ContentOffset;
        foreach (MimePart child in part.Children)
        {
            Gap(part, at, child.Offset, edits);
            Walk(child, edits);
            at = child.End;
        }
        Gap(part, at, part.End, edits);
    }

    private void Leaf(MimePart part, List<(int Start, int End, byte[] With)> edits)
    {
        byte[] content = part.DecodeContent();
        if (content.Length == 0)
            return;
        if (part.TransferEncoding != TransferEncoding.Identity && !search.TryExpand(content.Length))
        {
            Note(UnreadReason.TooLarge);
            return;
        }
        var file = new FileSource(part.ContentType, part.FileName, part.Charset, content) { AsciiOnly = part.TransferEncoding == TransferEncoding.Identity || part.Charset is null };
        RedactedAttachment result = search.Look(file, depth + 1);
        findings.AddRange(result.Findings);
        Note(result.Unread);
        if (ReferenceEquals(result.Content, content) || search.Policy.DryRun)
            return;
        byte[] with = result.State == FileState.Withheld ? "[withheld]"u8.ToArray() : result.Content;
        bool text = result.State is FileState.Withheld or FileState.TextCopy;
        byte[]? encoded = text ? null : PartEdit.Encode(with, part.TransferEncoding);
        edits.Add((part.ContentOffset, part.End, encoded ?? PartEdit.Encode(with, TransferEncoding.Base64)!));
        if (encoded is null)
            Relabel(part, result, text, edits);
    }

    // What takes the place of a part is sent as what it is.
    private static void Relabel(MimePart part, RedactedAttachment result, bool text, List<(int Start, int End, byte[] With)> edits)
    {
        bool typed = false, encoded = false;
        foreach (Header header in part.Headers)
        {
            byte[]? with = null;
            if (text && header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                (with, typed) = (typed ? [] : Encoding.ASCII.GetBytes("Content-Type: text/plain; charset=utf-8\r\n"), true);
            else if (text && header.Name.Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase))
                with = PartEdit.ParameterField("Content-Disposition", part.DispositionParameters, (name, value) => name == "filename" ? result.Name : value);
            else if (header.Name.Equals("Content-Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
                (with, encoded) = (encoded ? [] : Encoding.ASCII.GetBytes("Content-Transfer-Encoding: base64\r\n"), true);
            if (with is null)
                continue;
            edits.RemoveAll(edit => edit.Start == header.Offset);
            edits.Add((header.Offset, header.End, with));
        }
        if (!encoded)
            edits.Add((part.Offset, part.Offset, Encoding.ASCII.GetBytes("Content-Transfer-Encoding: base64\r\n")));
    }

    // What stands before, between and after parts is shown by no program, and stored by all. Boundary lines stay.
    private void Gap(MimePart part, int start, int end, List<(int Start, int End, byte[] With)> edits)
    {
        if (end <= start)
            return;
        string gap = Encoding.Latin1.GetString(part.Source.Span[start..end]);
        var text = new ReadableText.Builder(gap.Length);
        for (int i = 0; i < gap.Length;)
        {
            int feed = gap.IndexOf('\n', i), next = feed < 0 ? gap.Length : feed + 1;
            bool boundary = gap.AsSpan(i).StartsWith("--");
            for (; i < next; i++)
                if (!boundary)
                    text.Add(gap[i], i, gap[i] is '\r' or '\n' ? 0 : 1);
        }
        if (text.IsEmpty)
            return;
        RedactedText masked = new MaskedText(gap, search.Policy, search.Tools, 'X').Cover(text.Finish()).Finish();
        findings.AddRange(masked.Findings);
        if (masked.Text != gap)
            edits.Add((start, end, Encoding.Latin1.GetBytes(masked.Text)));
    }

    private void Note(UnreadReason reason)
    {
        if (unread is UnreadReason.None or UnreadReason.Image && reason != UnreadReason.None)
            unread = reason;
    }
}
