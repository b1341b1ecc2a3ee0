using System.Buffers;
using System.Text;

namespace Ingest.Mail.Mime;

/// <summary>Makes parts of what a TNEF stream holds, as if each had come in the mail itself; a message within becomes a forwarded mail.</summary>
internal sealed class TnefParts
{
    private readonly ParseLimits limits;
    private readonly List<Defect> defects;
    private readonly int offset;
    private readonly UnpackBudget budget;

    private TnefParts(ParseLimits limits, List<Defect> defects, UnpackBudget budget, int offset)
    {
        this.limits = limits;
        this.defects = defects;
        this.offset = offset;
        this.budget = budget;
    }

    /// <summary>The plain body, null when there is none.</summary>
    public MimePart? Plain { get; private set; }

    /// <summary>The html body, null when there is none.</summary>
    public MimePart? Html { get; private set; }

    /// <summary>Files, in order; the body as RTF comes last.</summary>
    public List<MimePart> Files { get; } = [];

    /// <summary>What the part holds; null when it is no TNEF stream.</summary>
    public static TnefParts? Of(MimePart part, ParseLimits limits, List<Defect> defects, UnpackBudget budget)
    {
        if (!IsCandidate(part) || TnefReader.Read(part.DecodeContent(), limits, budget) is not { } message)
            return null;
        var parts = new TnefParts(limits, defects, budget, part.ContentOffset);
        // Outlook often writes the body as RTF alone.
        if (message.Text is null && message.Html is null && message.Rtf is not null)
            (message.Text, message.Html) = RtfBody.Read(message.Rtf);
        parts.Plain = message.Text is { } text ? OfText(text, "text/plain") : null;
        parts.Html = message.Html is { } html ? OfText(html, "text/html") : null;
        foreach (var file in message.Files)
            parts.Files.Add(parts.OfFile(file));
        if (message.Rtf is { Length: > 0 } rtf)
            parts.Files.Add(MimePart.OfContent(rtf, "text/rtf", "message.rtf", null));
        if (message.IsDamaged || parts.Files.Count + (message.Text?.Length ?? 0) + (message.Html?.Length ?? 0) == 0)
        {
            defects.Add(new Defect(DefectKind.DamagedTnef, part.ContentOffset));
            parts.Files.Add(part);
        }
        return parts;
    }

    private static bool IsCandidate(MimePart part) =>
        part.IsLeaf && (part.ContentType is "application/ms-tnef" or "application/vnd.ms-tnef"
            || part.ContentType is "application/octet-stream" && part.FileName is { Length: > 0 } name && (name.Equals("winmail.dat", StringComparison.OrdinalIgnoreCase) || name.Equals("win.dat", StringComparison.OrdinalIgnoreCase)));

    private static MimePart OfText(string text, string type) => MimePart.OfContent(Encoding.UTF8.GetBytes(text), type, "", null);

    private MimePart OfFile(TnefFile file)
    {
        var id = file.ContentId.Length > 0 ? MessageIds.One(file.ContentId, limits) : null;
        if (file.Message is { } message && Forwarded(message) is { } mail)
        {
            var part = MimePart.OfContent(mail, "message/rfc822", file.Name, id);
            part.Add(PartReader.Read(mail, 0, limits, []));
            return part;
        }
        // A type is whatever the sender's program wrote: only what has the form of one is believed.
        var type = MediaType.Normalize(HeaderParameters.Parse(Encoding.ASCII.GetBytes(file.ContentType), null, 0).Value);
        if (type is null or "application/octet-stream")
            type = MediaType.OfName(file.Name);
        if (file.Message is not null || type.StartsWith("multipart/", StringComparison.Ordinal) || type.StartsWith("message/", StringComparison.Ordinal))
            type = file.Message is not null ? "application/ms-tnef" : "application/octet-stream";
        return MimePart.OfContent(file.Content, type, file.Name, id);
    }

    // A message within has no bytes of its own that a mail reader knows, so it is written as a mail, with what is known of it and nothing else.
    private byte[]? Forwarded(TnefMessage message)
    {
        if (message.Text is null && message.Html is null && message.Rtf is not null)
            (message.Text, message.Html) = RtfBody.Read(message.Rtf);
        var files = new List<OutgoingAttachment>();
        foreach (var file in message.Files)
        {
            var inner = file.Message is { } deeper ? Forwarded(deeper) : null;
            files.Add(new OutgoingAttachment(Name(file, inner is not null), inner is null ? file.ContentType : "application/octet-stream", inner ?? file.Content));
        }
        if (message.Rtf is { Length: > 0 } rtf)
            files.Add(new OutgoingAttachment("message.rtf", "text/rtf", rtf));
        var size = files.Sum(static f => f.Content.Length * 4L / 3) + 4L * ((message.Text?.Length ?? 0) + (message.Html?.Length ?? 0)) + 4096;
        if (!budget.TryTake(size))
        {
            defects.Add(new Defect(DefectKind.TooMuchUnpacked, offset));
            return null;
        }
        return Write(message, files);
    }

    private static string Name(TnefFile file, bool isMail) =>
        !isMail ? file.Name : file.Message!.Subject.Length > 0 ? file.Message.Subject + ".eml" : file.Name.Length > 0 ? file.Name + ".eml" : "message.eml";

    private static byte[] Write(TnefMessage message, List<OutgoingAttachment> files)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        var field = new FieldWriter(output);
        if (message.Date is { } date)
            MessageWriter.Date(field, date);
        if (MessageWriter.WireAddress(message.SenderAddress) is not null)
            AddressWriter.Write(field, "From", [new MailAddress(message.SenderName, message.SenderAddress)]);
        else if (message.SenderName.Length > 0)
            field.Text("From", message.SenderName);
        field.Text("Subject", message.Subject);
        var id = MessageIds.One(message.MessageId, ParseLimits.Default);
        MessageWriter.Ids(field, "Message-ID", id is null ? [] : [id]);
        new ContentWriter(field, output, id ?? message.Subject).Write(message.Text ?? "", message.Html, files);
        return output.WrittenSpan.ToArray();
    }
}
