using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>How a mail is built: parts, html, attachments, links; how its text is written.</summary>
internal static class StructureFeatures
{
    public static void Add(FeatureBuilder features, MailReading mail)
    {
        AddParts(features, mail.Message);
        AddText(features, mail.Text);
        if (mail.Message.Html is not null) AddHtml(features, mail.Html, mail.Text);
        AddLinks(features, mail.Links);
    }

    private static void AddParts(FeatureBuilder features, MailMessage message)
    {
        if (message.Root.ContentType == "text/html") features.Add(FeatureGroup.Structure, "html-alone");
        if (message.Root.IsLeaf && message.Root.TransferEncoding == TransferEncoding.Base64) features.Add(FeatureGroup.Structure, "base64-body");
        if (message.Attachments.Count > 0) features.Add(FeatureGroup.Structure, "attachments", Math.Min(message.Attachments.Count, 3));
        foreach (MailAttachment attachment in message.Attachments.Take(8))
        {
            if (attachment.Name.LastIndexOf('.') is > 0 and var dot && attachment.Name.Length - dot <= 6)
                features.Add(FeatureGroup.Structure, FeatureBuilder.Mix(FeatureBuilder.Hash(attachment.Name.AsSpan(dot).ToString().ToLowerInvariant()), 3));
        }
    }

    private static void AddText(FeatureBuilder features, TextFacts text)
    {
        if (text.Links > 0) features.Add(FeatureGroup.Structure, "text-links", Steps(text.Links));
        if (text.Addresses > 0) features.Add(FeatureGroup.Structure, "text-addresses", Math.Min(text.Addresses, 3));
        if (text.Sums > 0) features.Add(FeatureGroup.Structure, "sums", Math.Min(text.Sums, 4));
        if (text.LargeSums > 0) features.Add(FeatureGroup.Structure, "large-sums", Math.Min(text.LargeSums, 2));
        if (text.Exclamations > 1) features.Add(FeatureGroup.Structure, "exclamations", Math.Min(text.Exclamations, 6) / 2);
        if (text.Pictographs > 0) features.Add(FeatureGroup.Structure, "pictographs", Math.Min(text.Pictographs, 4));
        if (text.Letters >= 40 && 10 * text.Capitals > text.Letters) features.Add(FeatureGroup.Structure, "capitals", Math.Min(10 * text.Capitals / text.Letters, 5));
        if (text.Digits > 0) features.Add(FeatureGroup.Structure, "digits-in-words", Math.Min(text.Digits, 3));
        if (text.Hidden > 0) features.Add(FeatureGroup.Structure, "hidden-in-words", Math.Min(text.Hidden, 3));
    }

    private static void AddHtml(FeatureBuilder features, HtmlFacts html, TextFacts text)
    {
        if (html.Pictures > 0) features.Add(FeatureGroup.Structure, "pictures", Steps(html.Pictures));
        if (html.Links > 1) features.Add(FeatureGroup.Structure, "html-links", Steps(html.Links));
        if (html.Tags > text.Words) features.Add(FeatureGroup.Structure, "tags-to-words", Math.Min(html.Tags / (text.Words + 1), 8));
        if (html.Scripts > 0) features.Add(FeatureGroup.Structure, "scripts");
        if (html.Frames > 0) features.Add(FeatureGroup.Structure, "frames");
        if (html.Encoded > 0) features.Add(FeatureGroup.Structure, "encoded-letters", Steps(html.Encoded));
        if (html.Hidden > 0) features.Add(FeatureGroup.Structure, "hidden-text", Steps(html.Hidden / 64));
    }

    private static void AddLinks(FeatureBuilder features, LinkFacts links)
    {
        if (links.Count == 0) return;
        if (links.Hosts > 1) features.Add(FeatureGroup.Structure, "hosts", Math.Min(links.Hosts, 5));
        if (links.Own > 0) features.Add(FeatureGroup.Structure, "own-links", 4 * links.Own / links.Count);
        if (links.Redirecting > 0) features.Add(FeatureGroup.Structure, "redirecting");
        if (links.NamesRecipient > 0) features.Add(FeatureGroup.Structure, "names-recipient");
        if (links.SignIn > 0) features.Add(FeatureGroup.Structure, "sign-in");
        if (links.OpenHosts > 0) features.Add(FeatureGroup.Structure, "open-host");
        if (links.Shortened > 0) features.Add(FeatureGroup.Structure, "shortened");
        if (links.Cheap > 0) features.Add(FeatureGroup.Structure, "cheap-host");
        if (links.Random > 0) features.Add(FeatureGroup.Structure, "random-host");
    }

    private static int Steps(int count) => count switch { 0 => 0, 1 => 1, <= 3 => 2, <= 7 => 3, <= 20 => 4, <= 60 => 5, <= 200 => 6, <= 600 => 7, _ => 8 };
}
