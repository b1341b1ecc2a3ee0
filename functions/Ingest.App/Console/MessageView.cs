using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Redaction;
using Ingest.Core.Screening;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>One message: who, when, what was written now, the quotes folded away, files, how our replies fare, and why it is here.</summary>
internal static class MessageView
{
    // More than anyone reads on a page; the whole is a download.
    private const int LongestText = 60_000, ShownEntries = 20;

    public static Markup Article(Visit visit, Ticket ticket, TicketMessage message, JournalLine? line)
    {
        string id = "m-" + message.Key, look = message.Direction switch { MessageDirection.Out => "message out", MessageDirection.Note => "message note", MessageDirection.In => "message" };
        if (message.IsDamaged) return Damaged(visit, ticket, message, look, id);
        if (message.Document is not { } document)
            return Markup.Of($"""<article class="{look}" id="{id}" aria-labelledby="{id}-by"><header><h3 id="{id}-by">Erased message</h3><p class="soft small">{Moments.At(message.Received)}</p></header></article>""");
        return Markup.Of($"""
            <article class="{look}" id="{id}" aria-labelledby="{id}-by">
            <header>
            <h3 id="{id}-by">{Author(message, document)}</h3>
            <p class="soft small">{Moments.At(message.Received)}{People(message, document)}</p>
            {Words.Flags(message.Flags)}
            {Markup.If(document.Sender is not null, $"""<p class="soft small">{document.Sender!.ToSentence()}</p>""")}
            {MayBeSpam(message, document)}
            {Markup.If(document.Hints.Count > 0, $"""<div class="notice warn" role="note"><p><strong>Be careful with this message.</strong></p><ul>{Markup.Each(document.Hints, hint => Markup.Of($"<li>{HintWords.Of(hint)}.</li>"))}</ul></div>""")}
            {State(message)}
            {Doubt(visit, ticket, message)}
            </header>
            {Body(ticket, message, document)}
            {Masked(document)}
            {Files(ticket, message, document)}
            {RedactionPages.Under(visit, ticket, message, document)}
            {Markup.If(line is not null, $"""<details><summary>Why is this here?</summary><ol class="why">{Markup.Each(Explanation.Of(line!, document.Sender), sentence => Markup.Of($"<li>{sentence}</li>"))}</ol></details>""")}
            </article>
            """);
    }

    private static Markup Damaged(Visit visit, Ticket ticket, TicketMessage message, string look, string id) => Markup.Of($"""
        <article class="{look}" id="{id}" aria-labelledby="{id}-by">
        <header><h3 id="{id}-by">Damaged message</h3><p class="soft small">{Moments.At(message.Received)}</p></header>
        <div class="notice warn" role="note"><p>{ConsolePages.DamagedWords} The other messages are not concerned.</p></div>
        {RedactionPages.OriginalLink(visit, ticket, message)}
        {Markup.If(visit.Caller.May(Permission.RedactTickets, InboxId.Parse(ticket.Inbox)), $"{DestroyOriginalPage.Link(ticket, message)}")}
        </article>
        """);

    private static Markup MayBeSpam(TicketMessage message, MessageDocument document)
    {
        if ((message.Flags & MessageMarks.Unsure) == 0 || Explanation.ForSpam(document.Steps) is not { Count: > 0 } reasons) return Markup.Empty;
        return Markup.Of($"""<div class="notice warn" role="note"><p><strong>This may be spam.</strong> The filter let it through, since it is not sure:</p><ul>{Markup.Each(reasons, reason => Markup.Of($"<li>{reason}.</li>"))}</ul></div>""");
    }

    private static Markup Author(TicketMessage message, MessageDocument document) => message.Direction switch
    {
        MessageDirection.In => Markup.Of($"<bdi>{Words.Person(document.FromName, document.FromAddress)}</bdi>"),
        MessageDirection.Out when (message.Flags & MessageMarks.Automatic) != 0 => Markup.Of($"Automatic answer <span class=\"soft\">from {document.FromAddress}</span>"),
        MessageDirection.Out => Markup.Of($"Our reply{By(document)} <span class=\"soft\">from {document.FromAddress}</span>"),
        MessageDirection.Note => Markup.Of($"Note by {document.FromName} <span class=\"soft\">only agents see it</span>"),
    };

    // The name among colleagues; what the customer saw where there is no other.
    private static string By(MessageDocument document) => (document.AuthorName.Length > 0 ? document.AuthorName : document.FromName) is { Length: > 0 } name ? " by " + name : "";

    private static Markup People(TicketMessage message, MessageDocument document)
    {
        if (message.Direction == MessageDirection.Note) return Markup.Empty;
        string to = string.Join(", ", document.To), cc = string.Join(", ", document.Cc);
        // The Reply-To of our own mail is the address that leads answers back here.
        bool elsewhere = message.Direction == MessageDirection.In && document.ReplyTo.Length > 0;
        return Markup.Of($"""{Markup.If(to.Length > 0, $"<br>To <bdi>{to}</bdi>")}{Markup.If(cc.Length > 0, $"<br>Cc <bdi>{cc}</bdi>")}{Markup.If(elsewhere, $"<br>Wants answers at <bdi>{document.ReplyTo}</bdi>")}""");
    }

    private static Markup State(TicketMessage message)
    {
        if (message.Delivery is not { } delivery) return Markup.Empty;
        (string text, bool bad) = Words.Of(delivery);
        return Markup.Of($"""<p{Attr.If(bad, "class", "bad")}><strong>{text}</strong> <span class="soft small">{Moments.At(delivery.At)}</span></p>""");
    }

    // Nobody but a person can say what became of it, and whoever may answer may say it.
    private static Markup Doubt(Visit visit, Ticket ticket, TicketMessage message)
    {
        if (message.Delivery is not { State: DeliveryState.Uncertain } delivery || !visit.Caller.May(Permission.AnswerTickets, InboxId.Parse(ticket.Inbox))) return Markup.Empty;
        bool byItself = (message.Flags & MessageMarks.Automatic) != 0;
        string address = $"/console/tickets/{ticket.Id}/resolve", attempt = delivery.Attempts.ToString(CultureInfo.InvariantCulture);
        (string, string)[] fields = [("message", message.Key), ("attempt", attempt)];
        return Markup.Of($"""
            <div class="notice warn">
            <p>The mail server was handed this mail, and the line broke before it said whether it took it. It is not sent again by itself, so that nobody gets it twice. {(byItself ? "What is sent by itself is never sent again: write a reply if somebody waits for it." : "Look into the Sent folder of the mailbox, or ask the customer, and say what you found.")}</p>
            <div class="row">
            {Form.Button(visit.Person, address, "It arrived", "quiet", [.. fields, ("delivered", "yes")])}
            {Markup.If(!byItself, $"""{Form.Button(visit.Person, address, "It did not arrive: send it again", "quiet", [.. fields, ("delivered", "no")])}""")}
            </div>
            </div>
            """);
    }

    private static Markup Body(Ticket ticket, TicketMessage message, MessageDocument document)
    {
        string text = document.Reply.Length > 0 ? document.Reply : document.Text, parts = $"/console/tickets/{ticket.Id}/messages/{message.Key}";
        bool cut = text.Length > LongestText, bare = string.IsNullOrWhiteSpace(text);
        return Markup.Of($"""
            {(bare ? Markup.Of($"""<p class="soft">{(document.Html.Length > 0 ? "This mail has no plain text." : "This mail has no text.")}</p>""") : Markup.Of($"""<div class="body" dir="auto">{LinkedText.Of((cut ? Short(text) : text).Trim('\n'))}</div>"""))}
            {Markup.If(cut, $"""<p><a href="{parts}/text">Download the whole text</a> <span class="soft">({Moments.Size(text.Length)}; the rest is not shown here)</span></p>""")}
            {Folded("Quoted text", document.Reply.Length > 0 ? document.Elided : "")}
            {Folded("Signature", document.Reply.Length > 0 ? document.Signature : "")}
            {Markup.If(document.Html.Length > 0 && message.Direction == MessageDirection.In, $"{Formatted(parts, document, bare)}")}
            """);
    }

    private static Markup Formatted(string parts, MessageDocument document, bool open) => Markup.Of($"""
        <details{Attr.If(open, "open")}><summary>Show with formatting</summary>
        <iframe class="{(document.Html.Length > 20_000 ? "mail tall" : "mail")}" title="The mail with its formatting" sandbox="allow-popups allow-popups-to-escape-sandbox" loading="lazy" referrerpolicy="no-referrer" src="{parts}/html"></iframe>
        </details>
        """);

    private static Markup Folded(string label, string text) => Markup.If(!string.IsNullOrWhiteSpace(text),
        $"""<details><summary>{label}</summary><div class="quoted" dir="auto">{LinkedText.Of(Short(text).Trim('\n'))}</div></details>""");

    private static string Short(string text) => text.Length <= LongestText ? text : string.Concat(text.AsSpan(0, LongestText - (char.IsHighSurrogate(text[LongestText - 1]) ? 1 : 0)), "…");

    private static Markup Masked(MessageDocument document)
    {
        string what = document.Masked.Length > 0 ? TallyWords.Of(RedactionTally.ReadTypes(document.Masked)) : Words.Count(document.Redactions, "place");
        return Markup.If(document.Redactions > 0, $"""<p class="soft small">Masked before anything was kept: {what}.</p>""");
    }

    private static Markup Files(Ticket ticket, TicketMessage message, MessageDocument document)
    {
        if (document.Attachments.Count == 0) return Markup.Empty;
        bool ours = message.Direction == MessageDirection.Out;
        return Markup.Of($"""
            <h4>{(document.Attachments.Count == 1 ? "File" : "Files")}</h4>
            {Markup.If(!ours, $"""<p class="soft small">As they came: nobody has looked for viruses in them. Open them with care.</p>""")}
            <ul class="files">{Markup.Join(document.Attachments.Select((file, i) => Markup.Of($"""
            <li>{(file.State == FileState.Withheld ? Markup.Of($"<bdi>{file.Name}</bdi>") : Markup.Of($"""<a href="/console/tickets/{ticket.Id}/messages/{message.Key}/attachments/{i}" download><bdi>{file.Name}</bdi></a>"""))} <span class="soft small">{Moments.Size(file.Size)}, {file.ContentType}{(file.Inline ? ", within the text" : "")}{(ours ? "" : ", " + FileWords.Of(file))}{(file.Entries.Count == 0 ? "" : "; in it: " + string.Join(", ", file.Entries.Take(ShownEntries)) + (file.Entries.Count > ShownEntries ? " …" : ""))}</span></li>
            """)))}</ul>
            """);
    }
}
