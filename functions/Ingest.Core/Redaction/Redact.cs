using Ingest.Mail.Mime;

namespace Ingest.Core.Redaction;

/// <summary>Masks what must not be kept before a ticket is written. Pure, linear in the input, never throws on content.</summary>
public static class Redact
{
    /// <summary>Masks everything of a mail that a person may read; attachments' contents are done one by one by <see cref="Attachment"/>.</summary>
    public static RedactedMail Apply(MailMessage message, RedactionPolicy policy, RedactionTools? tools = null)
    {
        List<Finding> findings = [];
        string Plain(string text, FindingPlace place) => Note(Text(text, policy, tools), place, findings);
        MailAddress Named(MailAddress address) => address with { Name = Plain(address.Name, FindingPlace.DisplayName) };
        IReadOnlyList<MailAddress> All(IReadOnlyList<MailAddress> addresses) => [.. addresses.Select(Named)];

        RedactedText? body = message.Text is { } text ? Text(text, policy, tools) : null;
        return new RedactedMail(
            Plain(message.Subject, FindingPlace.Subject),
            body is { } whole ? Note(whole, FindingPlace.Text, findings) : null,
            message.Html is { } html ? Note(Html(html, policy, tools), FindingPlace.Html, findings) : null,
            // Often nothing is quoted, and the reply is the text.
            body is { } same && message.Reply == message.Text ? Note(same, FindingPlace.Reply, findings) : Plain(message.Reply, FindingPlace.Reply),
            Plain(message.Elided, FindingPlace.Elided),
            Plain(message.Signature, FindingPlace.Signature),
            findings)
        {
            From = All(message.From),
            Sender = message.Sender is { } sender ? Named(sender) : null,
            ReplyTo = All(message.ReplyTo),
            To = All(message.To),
            Cc = All(message.Cc),
            AttachmentNames = [.. message.Attachments.Select(a => Note(FileName(a.SafeName, policy, tools), FindingPlace.AttachmentName, findings))],
        };
    }

    /// <summary>Masks plain text. A text in which nothing is found is returned as it is, and costs no memory.</summary>
    public static RedactedText Text(string text, RedactionPolicy policy, RedactionTools? tools = null)
    {
        tools ??= RedactionTools.None;
        if (text.Length > PlainText.Piece)
            return PlainText.Mask(new MaskedText(text, policy, tools), text);
        // Most texts are clean: only a finding makes it worth to collect anything.
        MaskedText? mask = null;
        if (Scan.Run(text, policy, tools, out Scan scan).Count > 0)
            (mask = new MaskedText(text, policy, tools)).Cover(ReadableText.FromPlain(text), scan);
        bool spaced = scan.HasSpaced;
        scan.End();
        if (spaced)
            (mask ??= new MaskedText(text, policy, tools)).CoverSpaced(ReadableText.FromPlain(text));
        if (WrappedLines.HasAny(text))
            (mask ??= new MaskedText(text, policy, tools)).CoverWrapped(ReadableText.FromPlain(text));
        if (OtherForms.HasAny(text))
            (mask ??= new MaskedText(text, policy, tools)).CoverSeen(ReadableText.FromPlain(text));
        if (PlainText.HasForms(text))
            PlainText.CoverForms(mask ??= new MaskedText(text, policy, tools), text);
        return mask?.Finish() ?? new RedactedText(text, []);
    }

    /// <summary>Masks the name of a file.</summary>
    public static RedactedText FileName(string name, RedactionPolicy policy, RedactionTools? tools = null) => PlainText.MaskName(new MaskedText(name, policy, tools ?? RedactionTools.None), name);

    /// <summary>Masks html: what a person reads of it, across tags and character references, and attributes that hold text or links. Tags stay as they are.</summary>
    public static RedactedText Html(string html, RedactionPolicy policy, RedactionTools? tools = null)
    {
        var mask = new MaskedText(html, policy, tools ?? RedactionTools.None);
        foreach (ReadableText text in HtmlText.Split(html))
            mask.Cover(text);
        return HtmlData.Mask(mask.Finish(), new FileSearch(policy, tools), 0, out _);
    }

    /// <summary>Masks the content of one attachment, as far as it can be looked into; where a mail has several, use one <see cref="FileSearch"/> for all, so that its limits hold for them together.</summary>
    public static RedactedAttachment Attachment(string contentType, byte[] content, RedactionPolicy policy, RedactionTools? tools = null, string name = "") =>
        new FileSearch(policy, tools).Redact(contentType, name, content);

    private static string Note(RedactedText redacted, FindingPlace place, List<Finding> findings)
    {
        findings.AddRange(redacted.Findings.Select(f => f with { Place = place }));
        return redacted.Text;
    }
}
