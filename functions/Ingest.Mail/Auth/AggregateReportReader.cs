using System.Globalization;
using System.IO.Compression;
using System.Xml;
using System.Xml.Linq;
using Ingest.Mail.Mime;

namespace Ingest.Mail.Auth;

/// <summary>Finds DMARC aggregate reports in mails: XML, bare or packed with gzip or zip, whatever type or name its part has. Bounded in bytes, depth and rows.</summary>
public static class AggregateReportReader
{
    /// <summary>The longest report that is unpacked, in bytes.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    /// <summary>The rows that are read.</summary>
    public const int MaxRows = 10_000;

    private const int MaxParts = 20;
    private const int MaxEntries = 10;
    private const int MaxValue = 1000;
    private const int MaxDepth = 32;

    /// <summary>The first report in the mail; null when there is none that can be read.</summary>
    public static AggregateReport? Find(MailMessage message)
    {
        foreach (var part in Leaves(message.Root).Where(static part => MayHoldReport(part)).Take(MaxParts))
        {
            if (part.DecodedLength() <= MaxBytes && Read(part.DecodeContent()) is { } report)
                return report;
        }
        return null;
    }

    /// <summary>Reads a report, packed or not; null when it is none.</summary>
    public static AggregateReport? Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var xml = Unpacked(content);
            return xml is null ? null : Parse(xml);
        }
        catch (Exception e) when (e is XmlException or InvalidDataException or IOException or NotSupportedException)
        {
            return null;
        }
    }

    private static bool MayHoldReport(MimePart part) =>
        part.ContentType is "application/gzip" or "application/x-gzip" or "application/zip" or "application/x-zip-compressed" or "application/octet-stream" or "text/xml" or "application/xml"
        || part.FileName.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) || part.FileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) || part.FileName.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<MimePart> Leaves(MimePart root)
    {
        var waiting = new Stack<MimePart>([root]);
        while (waiting.TryPop(out var part))
        {
            if (part.IsLeaf)
                yield return part;
            foreach (var child in part.IsMessage ? [] : part.Children.Reverse())
                waiting.Push(child);
        }
    }

    private static MemoryStream? Unpacked(ReadOnlyMemory<byte> content)
    {
        var source = new MemoryStream(content.ToArray(), writable: false);
        if (content.Span.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return Copied(new GZipStream(source, CompressionMode.Decompress));
        if (!content.Span.StartsWith("PK"u8))
            return source;
        using var zip = new ZipArchive(source, ZipArchiveMode.Read);
        return zip.Entries.Take(MaxEntries).FirstOrDefault(static entry => entry.FullName.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)) is { } entry ? Copied(entry.Open()) : null;
    }

    // A few kilobytes can unpack to gigabytes, and what the archive says of its length is not to be believed.
    private static MemoryStream? Copied(Stream packed)
    {
        using (packed)
        {
            var unpacked = new MemoryStream();
            var buffer = new byte[64 * 1024];
            for (int read; (read = packed.Read(buffer)) > 0;)
            {
                if (unpacked.Length + read > MaxBytes)
                    return null;
                unpacked.Write(buffer, 0, read);
            }
            unpacked.Position = 0;
            return unpacked;
        }
    }

    private static AggregateReport? Parse(Stream xml)
    {
        // No document type: no entities that grow, nothing fetched.
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, MaxCharactersInDocument = MaxBytes };
        using var reader = XmlReader.Create(xml, settings);
        if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != "feedback")
            return null;
        var report = new AggregateReport();
        var rows = new List<AggregateRow>();
        var isCut = false;
        reader.Read();
        while (!reader.EOF && reader.NodeType != XmlNodeType.EndElement)
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                reader.Read();
                continue;
            }
            if (reader.LocalName == "record" && rows.Count >= MaxRows)
            {
                isCut = true;
                break;
            }
            if (Element(reader) is not { } element)
                return null;
            report = element.Name.LocalName switch
            {
                "report_metadata" => Metadata(report, element),
                "policy_published" => Published(report, element),
                _ => report,
            };
            if (element.Name.LocalName == "record")
                rows.Add(Row(element));
        }
        return report with { Rows = rows, IsCut = isCut };
    }

    // One child of the root as a tree; null when it is deeper than any report, as trees are walked by recursion later.
    private static XElement? Element(XmlReader reader)
    {
        var root = new XElement(reader.LocalName);
        var current = root;
        var top = reader.Depth;
        var isEmpty = reader.IsEmptyElement;
        reader.Read();
        if (isEmpty)
            return root;
        while (!reader.EOF && !(reader.NodeType == XmlNodeType.EndElement && reader.Depth == top))
        {
            if (reader.Depth - top > MaxDepth)
                return null;
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    var child = new XElement(reader.LocalName);
                    current.Add(child);
                    if (!reader.IsEmptyElement)
                        current = child;
                    break;
                case XmlNodeType.EndElement:
                    current = current.Parent!;
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    current.Add(new XText(reader.Value));
                    break;
            }
            reader.Read();
        }
        reader.Read();
        return root;
    }

    private static AggregateReport Metadata(AggregateReport report, XElement metadata) => report with
    {
        Organization = Text(metadata, "org_name"),
        Email = Text(metadata, "email"),
        ReportId = Text(metadata, "report_id"),
        Begin = Time(Text(metadata.Element("date_range"), "begin")),
        End = Time(Text(metadata.Element("date_range"), "end")),
    };

    private static AggregateReport Published(AggregateReport report, XElement policy) => report with
    {
        Domain = Text(policy, "domain"),
        Policy = Text(policy, "p").ToLowerInvariant(),
        SubdomainPolicy = Text(policy, "sp").ToLowerInvariant(),
    };

    private static AggregateRow Row(XElement record)
    {
        var row = record.Element("row");
        var evaluated = row?.Element("policy_evaluated");
        var names = record.Element("identifiers");
        var checks = record.Element("auth_results");
        return new AggregateRow
        {
            SourceIp = Text(row, "source_ip"),
            Count = long.TryParse(Text(row, "count"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0,
            Disposition = Text(evaluated, "disposition").ToLowerInvariant(),
            Dkim = Word(Text(evaluated, "dkim")),
            Spf = Word(Text(evaluated, "spf")),
            Overrides = [.. Elements(evaluated, "reason").Select(static reason => Text(reason, "type"))],
            HeaderFrom = Text(names, "header_from"),
            EnvelopeFrom = Text(names, "envelope_from"),
            EnvelopeTo = Text(names, "envelope_to"),
            DkimChecks = [.. Elements(checks, "dkim").Select(Check)],
            SpfChecks = [.. Elements(checks, "spf").Select(Check)],
        };
    }

    private static AggregateCheck Check(XElement check) => new(Text(check, "domain"), Text(check, "selector"), Word(Text(check, "result")));

    private static IEnumerable<XElement> Elements(XElement? parent, string name) => parent?.Elements(name).Take(100) ?? [];

    private static string Text(XElement? parent, string name)
    {
        var text = parent?.Element(name)?.Nodes().OfType<XText>().FirstOrDefault()?.Value.Trim() ?? "";
        return text.Length <= MaxValue ? text : text[..MaxValue];
    }

    private static DateTimeOffset? Time(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    // "unknown" and "error" are of older reports.
    private static AuthResult Word(string word) => word.ToLowerInvariant() switch
    {
        "pass" => AuthResult.Pass,
        "fail" or "hardfail" => AuthResult.Fail,
        "softfail" => AuthResult.SoftFail,
        "neutral" => AuthResult.Neutral,
        "policy" => AuthResult.Policy,
        "temperror" or "error" => AuthResult.TempError,
        "permerror" or "unknown" => AuthResult.PermError,
        _ => AuthResult.None,
    };
}
