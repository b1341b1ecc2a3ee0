using Ingest.Core.Redaction.Files;
using Ingest.Mail.Mime;

namespace Ingest.Core.Redaction;

/// <summary>
/// Looks through the files of one mail, and the files in them, and masks what the policy wants. What is not masked stays byte for byte. Never throws on content, ends in
/// time linear in the bytes read and unpacked, keeps within its limits, and says what it did not look into.
/// </summary>
public sealed class FileSearch(RedactionPolicy policy, RedactionTools? tools = null, FileLimits? limits = null)
{
    private readonly RedactionTools tools = tools ?? RedactionTools.None;
    private readonly FileLimits limits = limits ?? FileLimits.Default;
    private long expanded;
    private int files;

    internal RedactionPolicy Policy => policy;

    internal RedactionTools Tools => tools;

    internal FileLimits Limits => limits;

    /// <summary>Bytes that may still be unpacked.</summary>
    internal long BytesLeft => Math.Max(0, limits.MaxExpandedBytes - expanded);

    /// <summary>Masks an attachment; its name is the safe one.</summary>
    public RedactedAttachment Redact(MailAttachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        return Top(new FileSource(attachment.ContentType, attachment.SafeName, attachment.Part.Charset, attachment.Decode()));
    }

    /// <summary>Masks a file. The type may carry parameters, of which the charset counts.</summary>
    public RedactedAttachment Redact(string contentType, string name, byte[] content)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        return Top(new FileSource(contentType, name, CharsetOf(contentType), content));
    }

    /// <summary>Masks a file that may lie in another one. Its name is left to the caller, who knows whether it can be another one.</summary>
    internal RedactedAttachment Look(FileSource file, int depth)
    {
        FileKind kind = FileKinds.Of(file.ContentType, file.Name, file.Content);
        if (policy.IsOff)
            return Unchanged(file, UnreadReason.None);
        if (depth > limits.MaxDepth)
            return Refuse(file, UnreadReason.TooDeep, policy.Unreadable);
        if (depth > 0 && ++files > limits.MaxFiles)
            return Refuse(file, UnreadReason.TooLarge, policy.Unreadable);
        return kind switch
        {
            FileKind.Mail => new MailFile(this, depth).Redact(file),
            FileKind.Mbox => new MailFile(this, depth).RedactBox(file),
            FileKind.Zip => new ZipFile(this, depth).Redact(file),
            FileKind.Gzip => new ZipFile(this, depth).RedactGzip(file),
            FileKind.Tar => Refuse(file, UnreadReason.Archive, policy.Archives) with { Entries = Names(ArchiveNames.OfTar(file.Content, limits.MaxEntries)) },
            FileKind.OtherArchive => Refuse(file, UnreadReason.Archive, policy.Archives),
            FileKind.Pdf => PdfFile.Redact(this, file, depth),
            FileKind.Image => ImageFile.Redact(this, file),
            FileKind.Media => Refuse(file, UnreadReason.Media, policy.Unreadable),
            FileKind.Encrypted => Refuse(file, UnreadReason.Encrypted, policy.Unreadable),
            FileKind.Unread => Refuse(file, UnreadReason.UnreadKind, policy.Unreadable),
            FileKind.Unknown => Refuse(file, UnreadReason.UnknownKind, policy.Unreadable),
            FileKind.Plain or FileKind.Html or FileKind.Xml or FileKind.Json or FileKind.Delimited or FileKind.Calendar => Text(file, kind, office: false, depth),
        };
    }

    /// <summary>Masks a file of text, its form kept.</summary>
    internal RedactedAttachment Text(FileSource file, FileKind kind, bool office, int depth)
    {
        // A table keeps its columns unless something reaches across them; beyond that size nobody could open it with its form in mind.
        bool plain = kind is FileKind.Plain or FileKind.Delimited;
        if (file.Content.Length > (plain ? limits.MaxTextBytes : limits.MaxFormedBytes))
            return Refuse(file, UnreadReason.TooLarge, policy.Unreadable);
        FileText read = FileText.Read(file.Content, file.Charset, file.AsciiOnly);
        if (file.Content.Length > limits.MaxFormedBytes)
            kind = FileKind.Plain;
        (RedactedText masked, UnreadReason unread) = TextForms.Mask(this, read, kind, office, depth, file);
        byte[] content = ReferenceEquals(masked.Text, read.Text) || masked.Text == read.Text ? file.Content : read.Write(masked.Text);
        return Changed(file, content, masked.Findings) with { Unread = unread };
    }

    /// <summary>Masks a name or another short text, adding what is found.</summary>
    internal string Name(string name, List<Finding> findings)
    {
        RedactedText masked = Redaction.Redact.Text(name, policy, tools);
        findings.AddRange(masked.Findings);
        return masked.Text;
    }

    /// <summary>Masks the name of a file, adding what is found.</summary>
    internal string FileName(string name, List<Finding> findings)
    {
        RedactedText masked = Redaction.Redact.FileName(name, policy, tools);
        findings.AddRange(masked.Findings);
        return masked.Text;
    }

    /// <summary>Takes bytes from what may still be unpacked; false when there are not as many left.</summary>
    internal bool TryExpand(long count)
    {
        expanded += count;
        return expanded <= limits.MaxExpandedBytes;
    }

    internal IReadOnlyList<string> Names(IEnumerable<string> names) => [.. names.Take(limits.MaxEntries).Select(name => Redaction.Redact.FileName(name, policy, tools).Text)];

    /// <summary>A file nobody looked into: kept or withheld, as the policy says.</summary>
    internal RedactedAttachment Refuse(FileSource file, UnreadReason reason, UnreadFile treatment) =>
        treatment == UnreadFile.Withhold && !policy.DryRun && !policy.IsOff ? Withhold(file, [], reason) : Unchanged(file, reason);

    /// <summary>A file whose content must not be kept.</summary>
    internal RedactedAttachment Withhold(FileSource file, IReadOnlyList<Finding> findings, UnreadReason reason) => policy.DryRun
        ? Unchanged(file, reason) with { Findings = findings }
        : new([], findings) { ContentType = file.ContentType, Name = file.Name, State = FileState.Withheld, Unread = reason };

    internal static RedactedAttachment Unchanged(FileSource file, UnreadReason reason) =>
        new(file.Content, []) { ContentType = file.ContentType, Name = file.Name, Unread = reason };

    internal RedactedAttachment Changed(FileSource file, byte[] content, IReadOnlyList<Finding> findings) => policy.DryRun || ReferenceEquals(content, file.Content)
        ? Unchanged(file, UnreadReason.None) with { Findings = findings }
        : new(content, findings) { ContentType = file.ContentType, Name = file.Name, State = FileState.Masked };

    private RedactedAttachment Top(FileSource file)
    {
        RedactedAttachment result = Look(file, 0);
        return result with { Name = Redaction.Redact.FileName(result.Name, policy, tools).Text };
    }

    private static string? CharsetOf(string contentType)
    {
        foreach (string parameter in contentType.Split(';'))
            if (parameter.Trim() is var trimmed && trimmed.StartsWith("charset=", StringComparison.OrdinalIgnoreCase))
                return trimmed[8..].Trim('"', '\'', ' ');
        return null;
    }
}
