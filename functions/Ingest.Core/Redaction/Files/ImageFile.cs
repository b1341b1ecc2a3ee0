using System.Buffers.Binary;
using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>Takes what is found in the notes of PNG and JPEG pictures out of them; what they show is never looked into, and said.</summary>
internal static class ImageFile
{
    private const int ShortestText = 6;

    internal static RedactedAttachment Redact(FileSearch search, FileSource file)
    {
        List<Finding> findings = [];
        List<(int Start, int End)> notes = file.Content switch
        {
            [0x89, 0x50, 0x4E, 0x47, ..] => PngNotes(file.Content),
            [0xFF, 0xD8, ..] => JpegNotes(file.Content),
            _ => [],
        };
        List<(int Start, int End)> found = [];
        foreach ((int start, int end) in notes)
        {
            int before = findings.Count;
            search.Name(Readable(search, file.Content.AsSpan(start, end - start)), findings);
            if (findings.Count > before)
                found.Add((start, end));
        }
        if (findings.Count == 0)
            return search.Refuse(file, UnreadReason.Image, search.Policy.Images);
        RedactedAttachment kept = search.Changed(file, Without(file.Content, found), findings) with { Unread = UnreadReason.Image };
        return search.Policy.Images == UnreadFile.Withhold ? search.Withhold(file, findings, UnreadReason.Image) : kept;
    }

    // ISO/IEC 15948: length, type, data, checksum.
    private static List<(int Start, int End)> PngNotes(ReadOnlySpan<byte> png)
    {
        List<(int Start, int End)> notes = [];
        for (int at = 8; at + 12 <= png.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png[at..]);
            if (length > png.Length - at - 12)
                break;
            int end = at + 12 + (int)length;
            ReadOnlySpan<byte> type = png.Slice(at + 4, 4);
            if (type.SequenceEqual("tEXt"u8) || type.SequenceEqual("zTXt"u8) || type.SequenceEqual("iTXt"u8) || type.SequenceEqual("eXIf"u8))
                notes.Add((at, end));
            at = end;
        }
        return notes;
    }

    // ITU-T T.81 annex B: markers with lengths up to the scan.
    private static List<(int Start, int End)> JpegNotes(ReadOnlySpan<byte> jpeg)
    {
        List<(int Start, int End)> notes = [];
        for (int at = 2; at + 4 <= jpeg.Length && jpeg[at] == 0xFF;)
        {
            byte marker = jpeg[at + 1];
            if (marker is 0xDA or 0xD9)
                break;
            if (marker is 0xFF or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at += marker == 0xFF ? 1 : 2;
                continue;
            }
            int end = at + 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
            if (end > jpeg.Length || end < at + 4)
                break;
            if (marker is 0xFE or (>= 0xE1 and <= 0xEF))
                notes.Add((at, end));
            at = end;
        }
        return notes;
    }

    // The runs of letters in it, as they are, without the zeros of wide ones, and unpacked where it is packed.
    private static string Readable(FileSearch search, ReadOnlySpan<byte> note)
    {
        var text = new StringBuilder();
        Runs(note, text);
        if (note.Length > 12 && (note.Slice(4, 4).SequenceEqual("zTXt"u8) || note.Slice(4, 4).SequenceEqual("iTXt"u8)))
            for (int at = 8, zeros = 0; at < note.Length && zeros < 5; at++)
                if (note[at] == 0 && ++zeros > 0 && at + 2 < note.Length && Inflate(search, note[(at + 1)..]) is { } unpacked)
                    Runs(unpacked, text);
        return text.ToString();
    }

    private static byte[]? Inflate(FileSearch search, ReadOnlySpan<byte> packed)
    {
        int zlib = packed.IndexOf((byte)0x78);
        if (zlib is < 0 or > 2)
            return null;
        return PdfFilters.Inflate(packed[zlib..].ToArray(), search);
    }

    private static void Runs(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        foreach (string letters in (string[])[Encoding.UTF8.GetString(bytes), Encoding.Latin1.GetString(bytes).Replace("\0", "", StringComparison.Ordinal)])
        {
            int start = 0;
            for (int i = 0; i <= letters.Length; i++)
            {
                if (i < letters.Length && (letters[i] is >= ' ' and not '\u007F' and not '\uFFFD' || letters[i] is '\n' or '\t'))
                    continue;
                if (i - start >= ShortestText)
                    text.Append(letters, start, i - start).Append('\n');
                start = i + 1;
            }
            text.Append('\n');
        }
    }

    private static byte[] Without(byte[] content, List<(int Start, int End)> ranges)
    {
        var kept = new MemoryStream(content.Length);
        int done = 0;
        foreach ((int start, int end) in ranges)
        {
            kept.Write(content, done, start - done);
            done = end;
        }
        kept.Write(content, done, content.Length - done);
        return kept.ToArray();
    }
}
