using Ingest.Core.Screening;
using Ingest.Mail.Mime;
using Ingest.Mail.Text;

namespace Ingest.Core.Spam;

/// <summary>A mail as the filter reads it, once: its features as it goes along, and the facts that signs are made of.</summary>
internal sealed class MailReading : IDisposable
{
    private const int ReadAtMost = 64 * 1024;
    private const int CharactersPerWord = 6, MuchLess = 3;
    private static readonly System.Buffers.SearchValues<char> s_linkEnds = System.Buffers.SearchValues.Create(" \t\r\n<>\"");

    public MailReading(MailMessage message, AuthVerdict auth, Screened screened, SpamContext context)
    {
        (Message, Auth, Screened, Context) = (message, auth, screened, context);
        From = message.From is [{ } from, ..] ? from : message.Sender ?? new MailAddress("", "");
        FromDomain = auth.FromDomain.Length > 0 ? auth.FromDomain : From.Domain;
        Subject = new TextReading(Features, FeatureGroup.Subject, FeatureGroup.Subject).Read(message.Subject);
        string text = message.Text ?? "";
        Text = new TextReading(Features, FeatureGroup.Word, FeatureGroup.WordPair).Read(text.AsSpan(0, Math.Min(text.Length, ReadAtMost)));
        ReadLinks(text);
        HeaderFeatures.Add(Features, this);
        StructureFeatures.Add(Features, this);
        Signs = SpamSigns.Find(this);
        foreach (SpamReason sign in Signs)
            Features.Add(FeatureGroup.Sign, "sign", (int)sign.Code);
    }

    public FeatureBuilder Features { get; } = new();

    public MailMessage Message { get; }

    public AuthVerdict Auth { get; }

    public Screened Screened { get; }

    public SpamContext Context { get; }

    public MailAddress From { get; }

    public string FromDomain { get; }

    public TextFacts Subject { get; }

    public TextFacts Text { get; private set; }

    public LinkFacts Links { get; private set; }

    public HtmlFacts Html { get; private set; }

    public List<SpamReason> Signs { get; }

    /// <summary>Who it is written to, where it is one.</summary>
    public string Recipient => Message.To is [{ Address.Length: > 0 } to] ? to.Address : "";

    public void Dispose() => Features.Dispose();

    private void ReadLinks(string text)
    {
        var links = new LinkReading(Features, FromDomain, Recipient);
        if (Message.Html is { } html)
        {
            var reading = new HtmlReading();
            reading.Read(html, links);
            Html = reading.Facts;
            // A text part that is not what the html says: what is shown is read too.
            if (Text.Words * CharactersPerWord * MuchLess < Html.Shown)
            {
                string shown = HtmlText.Convert(html[..Math.Min(html.Length, ReadAtMost)]);
                Text = new TextReading(Features, FeatureGroup.Word, FeatureGroup.WordPair).Read(shown.AsSpan(0, Math.Min(shown.Length, ReadAtMost)));
            }
        }
        else
        {
            ReadOnlySpan<char> rest = text.AsSpan(0, Math.Min(text.Length, ReadAtMost));
            for (int at = rest.IndexOf("http", StringComparison.OrdinalIgnoreCase); at >= 0; at = rest.IndexOf("http", StringComparison.OrdinalIgnoreCase))
            {
                rest = rest[at..];
                int end = rest.IndexOfAny(s_linkEnds);
                links.Add(end < 0 ? rest : rest[..end], []);
                rest = rest[(end < 0 ? rest.Length : Math.Max(end, 4))..];
            }
        }

        Links = links.Facts;
    }
}
