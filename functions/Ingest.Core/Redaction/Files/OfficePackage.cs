using System.IO.Compression;
using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>How a file within an office document is looked into.</summary>
internal enum OfficePart
{
    /// <summary>As any other file.</summary>
    File,
    /// <summary>As a part of the document.</summary>
    Xml,
    /// <summary>Not at all: it is a program or a foreign object.</summary>
    Program,
}

/// <summary>What is known of the files in an office document.</summary>
internal sealed class OfficePackage
{
    private OfficePackage(bool open) => IsOpenDocument = open;

    private bool IsOpenDocument { get; }

    /// <summary>The document that a zip file is; null when it is none.</summary>
    internal static OfficePackage? Of(ZipArchive archive)
    {
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (entry.FullName == "[Content_Types].xml")
                return new OfficePackage(false);
            if (entry.FullName == "META-INF/manifest.xml")
                return new OfficePackage(true);
        }
        return null;
    }

    /// <summary>True for an OpenDocument whose manifest says how its files are encrypted.</summary>
    internal bool IsEncrypted(ZipArchive archive)
    {
        if (!IsOpenDocument || archive.GetEntry("META-INF/manifest.xml") is not { } manifest)
            return false;
        using Stream stream = manifest.Open();
        byte[] start = new byte[64 * 1024];
        int length = stream.ReadAtLeast(start, start.Length, false);
        return start.AsSpan(0, length).IndexOf("encryption-data"u8) >= 0;
    }

    internal static OfficePart FormOf(FileSource file)
    {
        string name = file.Name, extension = FileKinds.Extension(name);
        if (name.StartsWith("customXml/", StringComparison.OrdinalIgnoreCase))
            return OfficePart.File;
        if (extension is "xml" or "rels" or "vml" or "rdf")
            return OfficePart.Xml;
        return extension is "bin" or "ole" or "class" or "jar" || name.StartsWith("Object ", StringComparison.Ordinal) && extension.Length == 0 ? OfficePart.Program : OfficePart.File;
    }

    /// <summary>Fonts, settings of printers, and the mark of the document's kind.</summary>
    internal static bool IsWithoutText(string name) => FileKinds.Extension(name) is "odttf" or "fntdata" or "ttf" or "otf" || name == "mimetype" || name.Contains("printerSettings", StringComparison.Ordinal) || name == "layout-cache" || IsThumbnail(name);

    /// <summary>A small picture of the first page, which shows what stood there.</summary>
    internal static bool IsThumbnail(string name) => name.StartsWith("docProps/thumbnail", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Thumbnails/", StringComparison.OrdinalIgnoreCase);

    /// <summary>The files that name the others.</summary>
    internal static bool IsIndex(string name) => name is "_rels/.rels" or "META-INF/manifest.xml";

    /// <summary>An index without what it says of thumbnails.</summary>
    internal static byte[] WithoutThumbnail(byte[] index)
    {
        string xml = Encoding.UTF8.GetString(index);
        var kept = new StringBuilder(xml.Length);
        for (int i = 0; i < xml.Length;)
        {
            int end = xml[i] == '<' ? xml.IndexOf('>', i) : xml.IndexOf('<', i) - 1;
            end = end < 0 ? xml.Length - 1 : end;
            ReadOnlySpan<char> piece = xml.AsSpan(i, end + 1 - i);
            bool entry = piece.StartsWith("<Relationship ") || piece.StartsWith("<manifest:file-entry ");
            if (!entry || !piece.EndsWith("/>") || piece.IndexOf("thumbnail", StringComparison.OrdinalIgnoreCase) < 0)
                kept.Append(piece);
            i = end + 1;
        }
        return Encoding.UTF8.GetBytes(kept.ToString());
    }
}
