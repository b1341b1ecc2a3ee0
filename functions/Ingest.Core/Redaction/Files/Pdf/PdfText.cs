using System.Text;

namespace Ingest.Core.Redaction.Files;

/// <summary>Collects all that can be read in a PDF: what its pages and forms show, notes, fields, titles, properties, and the files in it.</summary>
internal sealed class PdfText(PdfDocument document, FileSearch search)
{
    private const int MostDepth = 32;
    private readonly HashSet<PdfDictionary> done = [];
    private readonly Dictionary<PdfDictionary, PdfFont> fonts = [];
    private Dictionary<string, object?>? shared;
    private readonly StringBuilder spaced = new(), tight = new(), notes = new();

    /// <summary>What pages show, blanks at every move.</summary>
    internal string Spaced => spaced.ToString();

    /// <summary>What pages show, blanks where there is room.</summary>
    internal string Tight => tight.ToString();

    /// <summary>Texts that stand beside the pages.</summary>
    internal string Notes => notes.ToString();

    /// <summary>Files in it.</summary>
    internal List<FileSource> Files { get; } = [];

    /// <summary>Why some of it cannot be read.</summary>
    internal UnreadReason Unread { get; private set; }

    internal void Collect()
    {
        foreach (PdfDictionary page in document.Objects.OfType<PdfDictionary>().Where(o => Is(o, "Type", "Page")))
            Page(page);
        foreach (PdfDictionary stream in document.Objects.OfType<PdfDictionary>().Where(o => o.Stream is not null && !done.Contains(o)).ToList())
            Stream(stream);
        foreach (object? value in document.Objects)
            Strings(value, 0);
        if (document.IsCut)
            Note(UnreadReason.TooLarge);
    }

    private void Page(PdfDictionary page)
    {
        object? contents = document.Resolve(page.GetValueOrDefault("Contents"));
        List<object?> streams = contents as List<object?> ?? [contents];
        var content = new MemoryStream();
        foreach (object? item in streams)
        {
            if (document.Dictionary(item) is not { Stream: not null } stream)
                continue;
            done.Add(stream);
            if (Decode(stream) is { } bytes)
            {
                content.Write(bytes);
                content.WriteByte((byte)'\n');
            }
        }
        Show(content.ToArray(), Inherited(page, "Resources"));
    }

    private void Stream(PdfDictionary stream)
    {
        done.Add(stream);
        if (Is(stream, "Type", "ObjStm") || Is(stream, "Type", "XRef") || stream.ContainsKey("Length1") || stream.ContainsKey("FunctionType") || Is(stream, "Subtype", "Type1C") || Is(stream, "Subtype", "CIDFontType0C") || Is(stream, "Subtype", "OpenType"))
            return;
        if (Is(stream, "Subtype", "Image"))
        {
            Note(UnreadReason.Image);
            return;
        }
        if (Decode(stream) is not { } content)
            return;
        if (Is(stream, "Type", "EmbeddedFile"))
            Files.Add(new FileSource((document.Resolve(stream.GetValueOrDefault("Subtype")) as PdfName)?.Value ?? "", "", null, content));
        else if (Is(stream, "Subtype", "Form") || content.AsSpan().IndexOf("BT"u8) >= 0 && content.AsSpan().IndexOf("Tf"u8) >= 0)
            Show(content, document.Dictionary(stream.GetValueOrDefault("Resources")));
        else if (FileText.Read(content, null).Text is var text && !text.AsSpan(0, Math.Min(text.Length, 500)).ContainsAnyInRange('\0', '\b'))
            foreach (ReadableText piece in text.AsSpan().TrimStart().StartsWith("<") ? HtmlText.Split(text) : [ReadableText.FromPlain(text)])
                notes.Append(piece.Letters).Append('\n');
    }

    private byte[]? Decode(PdfDictionary stream)
    {
        byte[]? content = PdfFilters.Decode(stream, document.Resolve, search);
        if (content is null && stream.Stream is { Length: > 0 })
            Note(search.BytesLeft == 0 ? UnreadReason.TooLarge : UnreadReason.Damaged);
        return content;
    }

    private void Show(byte[] content, PdfDictionary? resources)
    {
        PdfDictionary? named = document.Dictionary(resources?.GetValueOrDefault("Font"));
        var page = new PdfPage(name => document.Dictionary(named?.GetValueOrDefault(name) ?? Elsewhere(name)) is { } font ? Font(font) : PdfFont.Plain);
        page.Read(content);
        spaced.Append(page.Spaced).Append('\n');
        tight.Append(page.Tight).Append('\n');
        if (page.HasUnreadable)
            Note(UnreadReason.UnreadKind);
        if (page.HasPicture)
            Note(UnreadReason.Image);
    }

    // A form without resources of its own uses those of the pages that show it.
    private object? Elsewhere(string name)
    {
        if (shared is null)
        {
            shared = [];
            foreach (PdfDictionary resources in document.Objects.OfType<PdfDictionary>())
                foreach ((string key, object? font) in document.Dictionary((document.Dictionary(resources.GetValueOrDefault("Resources")) ?? resources).GetValueOrDefault("Font")) ?? [])
                    shared.TryAdd(key, font);
        }
        return shared.GetValueOrDefault(name);
    }

    private PdfFont Font(PdfDictionary font)
    {
        if (!fonts.TryGetValue(font, out PdfFont? read))
            fonts[font] = read = PdfFont.Of(font, document.Resolve, search);
        return read;
    }

    private PdfDictionary? Inherited(PdfDictionary page, string key)
    {
        for (int hops = 0; hops < MostDepth && page is not null; hops++)
        {
            if (document.Dictionary(page.GetValueOrDefault(key)) is { } found)
                return found;
            if (document.Dictionary(page.GetValueOrDefault("Parent")) is not { } parent)
                return null;
            page = parent;
        }
        return null;
    }

    // Titles, notes, fields, links, properties: whatever is written as a string.
    private void Strings(object? value, int depth, string key = "")
    {
        if (depth > MostDepth)
            return;
        switch (value)
        {
            case byte[] text when key is not ("ID" or "O" or "U" or "OE" or "UE" or "Perms" or "CheckSum" or "Contents" or "Lookup") || key == "Contents" && text.Length < 4096:
                notes.Append(PdfDocument.Text(text)).Append('\n');
                break;
            case List<object?> list:
                foreach (object? item in list)
                    Strings(item, depth + 1, key);
                break;
            case PdfDictionary dictionary:
                foreach ((string name, object? item) in dictionary)
                    Strings(item, depth + 1, name);
                break;
            default:
                break;
        }
    }

    private void Note(UnreadReason reason)
    {
        if (Unread is UnreadReason.None or UnreadReason.Image && reason != UnreadReason.None)
            Unread = reason;
    }

    private bool Is(PdfDictionary dictionary, string key, string name) => document.Resolve(dictionary.GetValueOrDefault(key)) is PdfName found && found.Value == name;
}
