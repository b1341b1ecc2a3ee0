using System.IO.Compression;

namespace Ingest.Core.Redaction.Files;

/// <summary>Looks into zip archives and into the documents that are zip packages (ECMA-376 Office Open XML, ISO/IEC 26300 OpenDocument): every file in them, and writes the same files in the same order again.</summary>
internal sealed class ZipFile(FileSearch search, int depth)
{
    private readonly List<Finding> findings = [];
    private readonly Dictionary<int, byte[]> changed = [];
    private readonly Dictionary<int, string> renamed = [];
    private UnreadReason unread;
    private SharedStrings? strings;
    private byte[]? stringsContent;
    private int stringsIndex = -1;
    // Set when something was found that cannot be taken out while the rest stays.
    private bool mustGo;

    internal RedactedAttachment Redact(FileSource file)
    {
        try
        {
            using var archive = new ZipArchive(new MemoryStream(file.Content, false), ZipArchiveMode.Read);
            return Redact(file, archive);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or IOException or ArgumentException or NotSupportedException or OverflowException)
        {
            return search.Refuse(file, UnreadReason.Damaged, search.Policy.Archives);
        }
    }

    internal RedactedAttachment RedactGzip(FileSource file)
    {
        byte[]? content;
        try
        {
            using var unpacked = new GZipStream(new MemoryStream(file.Content, false), CompressionMode.Decompress);
            content = Expand(unpacked);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or IOException)
        {
            return search.Refuse(file, UnreadReason.Damaged, search.Policy.Archives);
        }
        if (content is null)
            return search.Refuse(file, UnreadReason.TooLarge, search.Policy.Archives);
        string name = file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file.Name[..^3] : file.Name.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) ? file.Name[..^4] + ".tar" : file.Name;
        RedactedAttachment inner = search.Look(new FileSource("", name, null, content), depth + 1);
        IReadOnlyList<string> entries = inner.Entries.Count > 0 ? inner.Entries : search.Names([name]);
        foreach (string text in GzipHeader.AllTexts(file.Content))
            search.FileName(text, findings);
        findings.AddRange(inner.Findings);
        // What stands behind the packed pieces is no part of them.
        UnreadReason reason = GzipHeader.Ends(file.Content, content) ? inner.Unread : UnreadReason.Damaged;
        if (findings.Count == 0)
            return Kept(file, reason) with { Entries = entries };
        if (inner.State is FileState.Withheld or FileState.TextCopy)
            return search.Withhold(file, findings, reason) with { Entries = entries };
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, true))
            gzip.Write(inner.Content);
        return Archive(search.Changed(file, packed.ToArray(), findings) with { Unread = inner.Unread, Entries = entries });
    }

    private RedactedAttachment Redact(FileSource file, ZipArchive archive)
    {
        if (archive.Entries.Count > search.Limits.MaxFiles)
            return search.Refuse(file, UnreadReason.TooLarge, search.Policy.Archives);
        OfficePackage? office = OfficePackage.Of(archive);
        if (office is { } package && package.IsEncrypted(archive))
            return search.Refuse(file, UnreadReason.Encrypted, search.Policy.Unreadable);
        ReadStrings(archive, office);
        for (int i = 0; i < archive.Entries.Count; i++)
            if (i != stringsIndex)
                Look(archive.Entries[i], i, office);
        // After the sheets, which say what its texts are.
        if (stringsIndex >= 0)
            Look(archive.Entries[stringsIndex], stringsIndex, office);
        string comment = search.Name(archive.Comment, findings);
        if (!IsWhole(file.Content))
            Note(UnreadReason.Damaged);
        IReadOnlyList<string> entries = office is null ? search.Names(archive.Entries.Select(entry => entry.FullName)) : [];
        if (findings.Count == 0 && changed.Count == 0)
            return office is null ? Kept(file, unread) with { Entries = entries } : unread == UnreadReason.None ? FileSearch.Unchanged(file, unread) : search.Refuse(file, unread, Treatment());
        if (mustGo || unread is UnreadReason.Encrypted or UnreadReason.TooLarge or UnreadReason.Damaged)
            return search.Withhold(file, findings, unread) with { Entries = entries };
        byte[] content = search.Policy.DryRun ? file.Content : Write(archive, office, comment);
        RedactedAttachment result = search.Changed(file, content, findings) with { Unread = unread, Entries = entries };
        return office is null ? Archive(result) : result;
    }

    private void ReadStrings(ZipArchive archive, OfficePackage? office)
    {
        if (office is null || archive.GetEntry(SharedStrings.Path) is not { IsEncrypted: false } entry)
            return;
        stringsIndex = archive.Entries.IndexOf(entry);
        stringsContent = Content(entry);
        if (stringsContent is { } content && content.Length <= search.Limits.MaxFormedBytes)
            strings = SharedStrings.Read(content);
    }

    // The record that ends an archive, with its comment, ends the file.
    private static bool IsWhole(ReadOnlySpan<byte> zip)
    {
        int end = zip.LastIndexOf("PK\u0005\u0006"u8);
        return end >= 0 && end + 22 <= zip.Length && end + 22 + (zip[end + 20] | zip[end + 21] << 8) == zip.Length;
    }

    // A picture within a document is no reason to withhold the document where pictures are not withheld.
    private UnreadFile Treatment() => unread == UnreadReason.Image ? search.Policy.Images : search.Policy.Unreadable;

    // An archive that was looked into whole is no longer one that nobody looked into.
    private RedactedAttachment Kept(FileSource file, UnreadReason reason) =>
        reason == UnreadReason.None ? FileSearch.Unchanged(file, reason) : search.Refuse(file, reason, search.Policy.Archives);

    private RedactedAttachment Archive(RedactedAttachment masked) =>
        masked.Unread != UnreadReason.None && search.Policy.Archives == UnreadFile.Withhold && !search.Policy.DryRun ? masked with { Content = [], State = FileState.Withheld } : masked;

    private void Look(ZipArchiveEntry entry, int index, OfficePackage? office)
    {
        int before = findings.Count;
        string name = search.FileName(entry.FullName, findings);
        if (findings.Count > before)
        {
            // Inside a document its files are called by their names.
            mustGo |= office is not null;
            renamed[index] = name;
        }
        search.Name(entry.Comment, findings);
        if (entry.FullName.EndsWith('/') && entry.Length == 0)
            return;
        if (entry.IsEncrypted)
        {
            Note(UnreadReason.Encrypted);
            return;
        }
        bool isStrings = index == stringsIndex;
        if ((isStrings ? stringsContent : Content(entry)) is { } content)
            Look(new FileSource("", entry.FullName, null, content) { Strings = isStrings || entry.FullName.StartsWith(SharedStrings.Sheets, StringComparison.Ordinal) ? strings : null }, index, office);
    }

    private void Look(FileSource file, int index, OfficePackage? office)
    {
        if (office is not null && OfficePackage.IsWithoutText(file.Name))
            return;
        RedactedAttachment result = (office is null ? OfficePart.File : OfficePackage.FormOf(file)) switch
        {
            OfficePart.Xml => search.Text(file, FileKind.Xml, office: true, depth + 1),
            OfficePart.Program => FileSearch.Unchanged(file, UnreadReason.Embedded),
            _ => search.Look(file, depth + 1),
        };
        findings.AddRange(result.Findings);
        Note(result.Unread);
        if (result.Findings.Count > 0 || result.State == FileState.Withheld)
            changed[index] = result.Content;
        if (result.State == FileState.TextCopy)
            renamed[index] = office is null ? result.Name : renamed.GetValueOrDefault(index, file.Name);
    }

    private void Note(UnreadReason reason)
    {
        // Pictures are so common that any other reason says more.
        if (unread is UnreadReason.None or UnreadReason.Image && reason != UnreadReason.None)
            unread = reason;
    }

    private byte[]? Content(ZipArchiveEntry entry)
    {
        try
        {
            using Stream stream = entry.Open();
            byte[]? content = Expand(stream);
            if (content is null)
                Note(UnreadReason.TooLarge);
            return content;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or IOException or NotSupportedException or ArgumentException)
        {
            Note(UnreadReason.Damaged);
            return null;
        }
    }

    // What an archive says of its sizes is not believed.
    private byte[]? Expand(Stream stream)
    {
        var content = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (!search.TryExpand(read))
                return null;
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    private byte[] Write(ZipArchive archive, OfficePackage? office, string comment)
    {
        var output = new MemoryStream();
        using (var copy = new ZipArchive(output, ZipArchiveMode.Create, true))
        {
            copy.Comment = comment;
            for (int i = 0; i < archive.Entries.Count; i++)
                if (office is null || !OfficePackage.IsThumbnail(archive.Entries[i].FullName))
                    Copy(archive.Entries[i], i, copy, office);
        }
        return output.ToArray();
    }

    private void Copy(ZipArchiveEntry entry, int index, ZipArchive copy, OfficePackage? office)
    {
        bool stored = entry.CompressedLength == entry.Length;
        ZipArchiveEntry to = copy.CreateEntry(renamed.GetValueOrDefault(index, entry.FullName), stored ? CompressionLevel.NoCompression : CompressionLevel.Optimal);
        to.LastWriteTime = entry.LastWriteTime;
        to.ExternalAttributes = entry.ExternalAttributes;
        to.Comment = search.Name(entry.Comment, []);
        using Stream target = to.Open();
        bool names = office is not null && OfficePackage.IsIndex(entry.FullName);
        if (changed.TryGetValue(index, out byte[]? content) || names)
        {
            content ??= Content(entry) ?? [];
            target.Write(names ? OfficePackage.WithoutThumbnail(content) : content);
            return;
        }
        if (entry.FullName.EndsWith('/'))
            return;
        using Stream source = entry.Open();
        source.CopyTo(target);
    }
}
