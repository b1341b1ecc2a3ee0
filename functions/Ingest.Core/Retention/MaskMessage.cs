using System.Security.Cryptography;
using Ingest.Core.Keys;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>A message written anew without what was to go.</summary>
/// <param name="Document">It.</param>
/// <param name="Contents">The bytes of its attachments, in order.</param>
/// <param name="Count">How many places were masked, as people count them.</param>
internal sealed record Rewritten(MessageDocument Document, IReadOnlyList<Func<byte[]>> Contents, int Count);

/// <summary>Writes a message anew, its attachments given; null when nothing of it is to go.</summary>
internal delegate Rewritten? RewriteMessage(TicketMessage message, IReadOnlyList<Func<byte[]>> contents);

/// <summary>What a redaction writes anew.</summary>
/// <param name="Message">The messages.</param>
internal sealed record TicketRewrite(RewriteMessage Message)
{
    /// <summary>The ticket's own words.</summary>
    public Func<TicketDocument, TicketDocument> Retitle { get; init; } = document => document;
    /// <summary>The key of the one message that it concerns; empty for all.</summary>
    public string Only { get; init; } = "";
    /// <summary>Whose wish it is, by which housekeeping goes on with it; null where another way leads to the ticket again, as of a whole mailbox.</summary>
    public AskedRedaction? Asked { get; init; }
}

/// <summary>Masks what a stored message says and holds, as mail is masked when it comes in. Pure. What is masked already stays as it is.</summary>
internal sealed class MaskMessage(RedactionPolicy policy, RedactionTools tools)
{
    private readonly Dictionary<string, Dictionary<FindingType, int>> _found = [];

    /// <summary>The tenant's keys, by which a message keeps whose addresses were masked in it; null where nothing is written.</summary>
    public TenantKeys? Ids { get; init; }

    /// <summary>How many of each sort were found so far, counted once for each message and sort of place, however often a message was run.</summary>
    public SortedDictionary<FindingType, long> Counts
    {
        get
        {
            SortedDictionary<FindingType, long> counts = [];
            foreach ((FindingType type, int found) in _found.Values.SelectMany(one => one)) counts[type] = counts.GetValueOrDefault(type) + found;
            return counts;
        }
    }

    /// <summary>The message, masked; null when nothing was found, or nothing is to be masked.</summary>
    public Rewritten? Run(TicketMessage message, IReadOnlyList<Func<byte[]>> contents)
    {
        MessageDocument old = message.Document!;
        Dictionary<FindingType, int> single = [], text = [], html = [];
        NamedAddresses? named = Ids is { } ids ? new NamedAddresses(ids) : null;
        RedactionTools telling = named is null ? tools : tools with { OnMasked = named.Take };
        string Plain(string value, Dictionary<FindingType, int>? counts) => Noted(Redact.Text(value, policy, telling), counts);
        MessageDocument next = old with
        {
            FromName = Plain(old.FromName, single),
            Subject = Plain(old.Subject, single),
            Text = Plain(old.Text, text),
            Html = Noted(Redact.Html(old.Html, policy, telling), html),
            Reply = Plain(old.Reply, null),
            Elided = Plain(old.Elided, null),
            Signature = Plain(old.Signature, null),
        };
        List<AttachmentDocument> attachments = [];
        List<Func<byte[]>> kept = [];
        var files = new FileSearch(policy, telling);
        foreach ((AttachmentDocument attachment, Func<byte[]> content) in old.Attachments.Zip(contents))
        {
            RedactedAttachment masked = files.Redact(attachment.ContentType, attachment.Name, content());
            Note(masked.Findings, single);
            string name = Noted(Redact.FileName(attachment.Name, policy, telling), single);
            if (masked.State == FileState.Kept || attachment.State == FileState.Withheld)
            {
                attachments.Add(attachment with { Name = name });
                kept.Add(content);
                continue;
            }
            attachments.Add(attachment with
            {
                Name = masked.State == FileState.TextCopy ? masked.Name : name,
                ContentType = masked.ContentType,
                Size = masked.State == FileState.Withheld ? attachment.Size : masked.Content.Length,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(masked.Content)),
                LookedInto = masked.LookedInto,
                State = masked.State,
                Unread = masked.Unread,
                Entries = masked.Entries,
            });
            kept.Add(() => masked.Content);
        }

        int count = 0;
        Dictionary<FindingType, int> sorts = [];
        foreach (FindingType type in Enum.GetValues<FindingType>())
        {
            // The same number stands in the text and in the html; a person counts it once.
            int found = single.GetValueOrDefault(type) + Math.Max(text.GetValueOrDefault(type), html.GetValueOrDefault(type));
            if (found > 0) sorts[type] = found;
            count += found;
        }

        // Looked at again after it was masked, there is nothing more to count in it.
        if (count > 0) _found[message.Key] = sorts;

        next = next with { Attachments = attachments };
        bool same = next with { Attachments = old.Attachments } == old && attachments.SequenceEqual(old.Attachments);
        return same ? null : new Rewritten(next with { Redactions = old.Redactions + Math.Max(1, count), Named = NamedAddresses.Both(old.Named, named?.Digests ?? []) }, kept, Math.Max(1, count));
    }

    /// <summary>What lists show of a ticket, masked.</summary>
    public TicketDocument Run(TicketDocument document)
    {
        string Plain(string value) => Redact.Text(value, policy, tools).Text;
        return document with
        {
            Subject = Plain(document.Subject),
            RequesterName = Plain(document.RequesterName),
            LastSubject = Cut.To(Plain(document.LastSubject), 200),
            LastFrom = Cut.To(PlainName(document.LastFrom), 200),
        };

        // An address as the name of who wrote last stays: it stands beside as the address, too.
        string PlainName(string name) => name.Contains('@', StringComparison.Ordinal) && !name.Contains(' ', StringComparison.Ordinal) ? name : Plain(name);
    }

    private static string Noted(RedactedText masked, Dictionary<FindingType, int>? counts)
    {
        if (counts is not null) Note(masked.Findings, counts);
        return masked.Text;
    }

    private static void Note(IReadOnlyList<Finding> findings, Dictionary<FindingType, int> counts)
    {
        foreach (Finding finding in findings) counts[finding.Type] = counts.GetValueOrDefault(finding.Type) + 1;
    }
}
