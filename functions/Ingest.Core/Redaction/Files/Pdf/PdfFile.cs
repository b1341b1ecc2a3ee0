using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>Looks into PDF files. Nothing in one can be masked without writing it anew, so one in which something is found is withheld, or gives way to a masked copy of its text.</summary>
internal static class PdfFile
{
    internal static RedactedAttachment Redact(FileSearch search, FileSource file, int depth)
    {
        if (file.Content.Length > search.Limits.MaxTextBytes)
            return search.Refuse(file, UnreadReason.TooLarge, search.Policy.Unreadable);
        PdfDocument document = PdfDocument.Read(file.Content, search);
        if (document.IsEncrypted)
            return search.Refuse(file, UnreadReason.Encrypted, search.Policy.Unreadable);
        if (document.Objects.Count == 0)
            return search.Refuse(file, UnreadReason.Damaged, search.Policy.Unreadable);
        var read = new PdfText(document, search);
        read.Collect();
        return Judge(search, file, read, depth);
    }

    private static RedactedAttachment Judge(FileSearch search, FileSource file, PdfText read, int depth)
    {
        RedactedText spaced = Mask(search, read.Spaced), tight = Mask(search, read.Tight), notes = Mask(search, read.Notes + Outside(file.Content));
        List<Finding> findings = [.. (tight.Findings.Count > spaced.Findings.Count ? tight : spaced).Findings, .. notes.Findings];
        UnreadReason unread = read.Unread;
        foreach (FileSource inner in read.Files)
        {
            RedactedAttachment result = search.Look(inner, depth + 1);
            findings.AddRange(result.Findings);
            unread = unread == UnreadReason.None ? result.Unread : unread;
        }
        if (findings.Count == 0)
            return unread == UnreadReason.None ? FileSearch.Unchanged(file, unread) : search.Refuse(file, unread, unread == UnreadReason.Image ? search.Policy.Images : search.Policy.Unreadable);
        // Where the two readings of its pages find different things, no copy can be trusted to hold none of them.
        bool agreed = spaced.Findings.Count == tight.Findings.Count || spaced.Findings.Count == 0 || tight.Findings.Count == 0;
        if (search.Policy.Pdf == FoundInPdf.Withhold || search.Policy.DryRun || !agreed)
            return search.Withhold(file, findings, unread);
        string pages = (tight.Findings.Count > 0 ? tight : spaced).Text;
        return new RedactedAttachment(Encoding.UTF8.GetBytes(Copy(pages, notes.Text)), findings)
        {
            ContentType = "text/plain; charset=utf-8", Name = file.Name + ".txt", State = FileState.TextCopy, Unread = unread,
        };
    }

    // What stands before and after the document, which no program shows.
    private static string Outside(ReadOnlySpan<byte> pdf)
    {
        int start = Math.Max(0, pdf.IndexOf("%PDF-"u8)), end = pdf.LastIndexOf("%%EOF"u8) is >= 0 and var mark ? mark + 5 : pdf.Length;
        string outside = Encoding.Latin1.GetString(pdf[..start]) + "\n" + Encoding.Latin1.GetString(pdf[Math.Max(start, end)..]);
        return string.IsNullOrWhiteSpace(outside) ? "" : "\n" + outside;
    }

    private static RedactedText Mask(FileSearch search, string text) => Redaction.Redact.Text(text, search.Policy, search.Tools);

    private static string Copy(string pages, string notes)
    {
        var copy = new StringBuilder(pages.Length + notes.Length + 100);
        copy.Append("[The text of a PDF in which something was masked. Its layout and pictures are not in this copy.]\n\n");
        int blank = 0;
        foreach (ReadOnlySpan<char> line in (pages + "\n" + notes).AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> trimmed = line.Trim();
            blank = trimmed.IsEmpty ? blank + 1 : 0;
            if (blank > 1)
                continue;
            foreach (char c in trimmed)
                copy.Append(c is < ' ' and not '\t' ? ' ' : c);
            copy.Append('\n');
        }
        return copy.ToString();
    }
}
