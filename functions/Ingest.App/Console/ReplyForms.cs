using Ingest.App.Pages;
using Ingest.Core.Mailboxes;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>The forms under a ticket: the reply, and the note for colleagues.</summary>
internal static class ReplyForms
{
    public static Markup Both(Visit visit, Ticket ticket, Mailbox? mailbox, IReadOnlyList<TicketMessage> messages, Draft draft) => Markup.Of($"""
        {(mailbox is not null && QueueReply.CanSendFrom(mailbox) ? Reply(visit, ticket, mailbox, messages, draft) : CannotSend(visit))}
        {Note(visit, ticket, draft)}
        """);

    private static Markup Reply(Visit visit, Ticket ticket, Mailbox mailbox, IReadOnlyList<TicketMessage> messages, Draft draft)
    {
        TicketMessage? asked = QueueReply.Asked(messages);
        string who = QueueReply.Recipient(mailbox, ticket, messages) ?? "", copied = string.Join(", ", Copied(mailbox, asked));
        return Markup.Of($"""
            <section class="card" aria-labelledby="reply">
            <h2 id="reply">Reply</h2>
            {Markup.If(asked is not null && (asked.Flags & MessageMarks.Unverified) != 0, $"""<p class="notice warn">Nobody has verified that the last mail is really from <bdi>{who}</bdi>. Do not send anything that only the real person may know.</p>""")}
            <form method="post" action="/console/tickets/{ticket.Id}/reply" enctype="multipart/form-data">{Form.Token(visit.Person)}<input type="hidden" name="once" value="{draft.Once}">
            <div class="pair">
            {Form.Text("to", "To", draft.To, who.Length > 0 ? "Left empty, it goes to whoever asked last: " + who : "", problems: draft.Problems)}
            {Form.Text("cc", "Cc", draft.Cc, copied.Length > 0 ? "Got a copy of the last mail: " + copied : "Commas between addresses", problems: draft.Problems)}
            </div>
            {Form.Area("text", "Your reply", draft.Text, rows: 9, required: true, problems: draft.Problems)}
            <div class="field"><label for="files">Files</label><p class="hint" id="files-hint">18 MB together at most</p><input id="files" name="files" type="file" multiple aria-describedby="files-hint"></div>
            {Form.Tick("quote", "Quote the mail that this answers", draft.Quote)}
            {Markup.Each(draft.Refused.Where(OutgoingText.MayBeSent), type => Markup.Of($"""<div class="field tick"><input id="anyway-{type.ToString()}" name="anyway" type="checkbox" value="{type.ToString()}"><label for="anyway-{type.ToString()}">Send it anyway: {OutgoingText.NameOf(type)}</label></div>"""))}
            {Markup.If(draft.RefusedUnread, $"{Form.Tick("unread", "Send files that cannot be looked into", false)}")}
            {Form.Tick("close", "Close the ticket", draft.Close)}
            <p class="row"><button>Send the reply</button> <span class="soft small">The customer sees <bdi>{Words.Person(mailbox.Profile.SenderName.Length > 0 ? mailbox.Profile.SenderName : visit.Caller.Name, mailbox.Profile.Address)}</bdi>{(mailbox.Profile.Aliases.Count > 0 ? ", or the other address that they wrote to." : ".")}</span></p>
            </form>
            </section>
            """);
    }

    private static IEnumerable<string> Copied(Mailbox mailbox, TicketMessage? asked) => asked?.Document is not { } document
        ? []
        : document.To.Concat(document.Cc).Where(a => !mailbox.Profile.Aliases.Append(mailbox.Profile.Address).Contains(a, StringComparer.OrdinalIgnoreCase)).Take(10);

    private static Markup CannotSend(Visit visit) => Markup.Of($"""
        <section class="card" aria-labelledby="reply">
        <h2 id="reply">Reply</h2>
        <p>This mailbox has no way to send mail. Connect it to Gmail, or give it an outgoing (SMTP) server; until then, notes can be kept below.</p>
        {Markup.If(visit.Caller.MayAnywhere(Core.Access.Permission.ManageMailboxes), $"""<p><a class="button quiet" href="/console/mailboxes">Mailboxes</a></p>""")}
        </section>
        """);

    private static Markup Note(Visit visit, Ticket ticket, Draft draft) => Markup.Of($"""
        <section class="card" aria-labelledby="note-heading">
        <h2 id="note-heading">Note for colleagues</h2>
        <form method="post" action="/console/tickets/{ticket.Id}/note">{Form.Token(visit.Person)}<input type="hidden" name="once" value="{draft.Once}">
        {Form.Area("note", "Your note", draft.Note, "Only agents see it; it is never sent.", rows: 3, required: true, problems: draft.NoteProblems)}
        <p><button class="quiet">Keep the note</button></p>
        </form>
        </section>
        """);
}
