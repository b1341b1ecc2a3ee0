using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>Takes words, a message or a file out of a ticket, after a page that says what will go; and opens a mail as it came, for a reason.</summary>
internal sealed class RedactionPages(ConsoleSession sessions)
{
    private const int SmallForm = 64 * 1024;
    private static readonly string[] Fields = ["part", "message", "words", "everywhere", "attachment"];

    private static readonly (OriginalReason Reason, string Text)[] Reasons =
    [
        (OriginalReason.CustomerAsked, "The customer asked for it, or what they ask needs it"), (OriginalReason.ShownWrongly, "The ticket does not show the mail as it was"),
        (OriginalReason.Security, "To find out whether the mail is forged"), (OriginalReason.Legal, "A dispute, a claim, or an authority's request"), (OriginalReason.Support, "To mend or to check this system"),
    ];

    /// <summary>What was taken out of a message since, and the ways to take out more and to open its original, for who may.</summary>
    public static Markup Under(Visit visit, Ticket ticket, TicketMessage message, MessageDocument document)
    {
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        bool mayRedact = visit.Caller.May(Permission.RedactTickets, inbox);
        string address = $"{Visit.Tickets}/{ticket.Id}/redact", id = "redact-" + message.Key;
        return Markup.Of($"""
            {Markup.If(document.LaterRedactions.Count > 0, $"""<ul class="soft small">{Markup.Each(document.LaterRedactions, redaction => Markup.Of($"<li>{Said(redaction)} {Moments.At(redaction.At)}</li>"))}</ul>""")}
            {Markup.If(mayRedact, $"""
            <details><summary>Redact…</summary>
            <form method="post" action="{address}">{Form.Token(visit.Person)}<input type="hidden" name="part" value="Text"><input type="hidden" name="message" value="{message.Key}">
            {Form.Text("words", "Words to take out", hint: "Wherever they stand in this message, its files and their names. The next page says where, before anything goes.", required: true, id: id)}
            <div class="field tick"><input id="{id}-all" name="everywhere" type="checkbox" value="yes"><label for="{id}-all">Everywhere in the ticket</label></div>
            <p><button class="quiet">Redact these words…</button></p></form>
            <div class="row">{Form.Button(visit.Person, address, "Redact the whole message…", "quiet", [("part", "Message"), ("message", message.Key)])}
            {Markup.Join(document.Attachments.Select((file, i) => Form.Button(visit.Person, address, $"Redact the file {file.Name}…", "quiet", [("part", "Attachment"), ("message", message.Key), ("attachment", i.ToString(CultureInfo.InvariantCulture))])))}</div>
            {DestroyOriginalPage.Link(ticket, message)}
            </details>
            """)}
            {OriginalLink(visit, ticket, message)}
            """);
    }

    /// <summary>The way to a mail as it came, for who may go it.</summary>
    public static Markup OriginalLink(Visit visit, Ticket ticket, TicketMessage message) => Markup.If(
        message.Direction == MessageDirection.In && visit.Caller.May(Permission.OpenOriginals, InboxId.Parse(ticket.Inbox)),
        $"""<p class="small"><a href="{Visit.Tickets}/{ticket.Id}/messages/{message.Key}/original">The mail as it came…</a></p>""");

    private static string Said(LaterRedaction redaction)
    {
        string places = Words.Count(redaction.Count, "place"), who = redaction.ByName.Length > 0 ? redaction.ByName : redaction.By.Length > 0 ? "an agent" : "an operator";
        return redaction.Part switch
        {
            RedactedPart.Text => $"{places} redacted by {who},",
            RedactedPart.Message => $"The message was redacted by {who},",
            RedactedPart.Attachment => $"A file was redacted by {who},",
            RedactedPart.Policy => $"{places} masked afterwards by the mailbox's policy,",
        };
    }

    /// <summary>The page that says what will go, or doing it; the addresses are the ticket's.</summary>
    public async Task ActAsync(Visit visit, Ticket ticket, bool isConfirmed)
    {
        string address = $"{Visit.Tickets}/{ticket.Id}";
        if (!visit.Caller.May(Permission.RedactTickets, InboxId.Parse(ticket.Inbox)))
        {
            await ConsolePages.NotAllowedAsync(visit, "You may read the tickets of this mailbox and not redact them.");
            return;
        }

        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, address);
            return;
        }

        if (WishOf(form) is not { } wish) Answer.SeeOther(visit.Http, address + "?said=redact-nothing");
        else if (isConfirmed) await DoAsync(visit, ticket, wish, form["version"].ToString());
        else await ConfirmAsync(visit, ticket, wish, form);
    }

    private static RedactionWish? WishOf(IFormCollection form)
    {
        if (!Enum.TryParse(form["part"], out RedactedPart part) || part is not (RedactedPart.Text or RedactedPart.Message or RedactedPart.Attachment)) return null;
        string words = form["words"].ToString();
        if (part == RedactedPart.Text && words.Length == 0) return null;
        _ = int.TryParse(form["attachment"], NumberStyles.None, CultureInfo.InvariantCulture, out int attachment);
        return new RedactionWish(part) { MessageKey = form["everywhere"] == "yes" ? "" : form["message"].ToString(), Text = part == RedactedPart.Text ? words : "", Attachment = attachment };
    }

    private static async Task DoAsync(Visit visit, Ticket ticket, RedactionWish wish, string version)
    {
        visit.Trail.LeaveToWork();
        RedactionEnd end = await visit.Desk.RedactByHand.RunAsync(visit.Tenant, ticket.Id, wish, AuditActor.Of(visit.Caller), visit.Caller.Name, visit.Cancel, version.Length is > 0 and < 200 ? version : null);
        Answer.SeeOther(visit.Http, $"{Visit.Tickets}/{ticket.Id}?said={(end is { Outcome: RedactionOutcome.Done, Unread: > 0 } ? "redacted-unread" : Code(end.Outcome))}");
    }

    private static string Code(RedactionOutcome outcome) => outcome switch
    {
        RedactionOutcome.Done => "redacted",
        RedactionOutcome.NothingFound or RedactionOutcome.NotThere => "redact-nothing",
        RedactionOutcome.Held => "redact-held",
        RedactionOutcome.Changed => "redact-changed",
        RedactionOutcome.TooShort => "redact-short",
        RedactionOutcome.TooLong => "redact-long",
    };

    private static async Task ConfirmAsync(Visit visit, Ticket ticket, RedactionWish wish, IFormCollection form)
    {
        RedactionEnd would = await visit.Desk.RedactByHand.CountAsync(visit.Tenant, ticket.Id, wish, visit.Cancel);
        if (would.Outcome != RedactionOutcome.Done)
        {
            Answer.SeeOther(visit.Http, $"{Visit.Tickets}/{ticket.Id}?said={Code(would.Outcome)}");
            return;
        }

        string what = wish.Part switch
        {
            RedactedPart.Text => $"These words go from {Words.Count(would.Count, "place")} in {Words.Count(would.Messages, "message")}: their text, their formatting, subjects, quotes, files and names of files.",
            RedactedPart.Message => "All that this message says goes: its text, its formatting, quotes and signature. Its files stay.",
            _ => "This file goes, with its name.",
        };
        (string, string)[] fields = [.. Fields.Where(form.ContainsKey).Select(name => (name, form[name].ToString())), ("version", ticket.Version)];
        await visit.PageAsync(visit.Frame("Redact for good", Visit.Tickets), (AuditAction.ContentRead, "redaction-asked"), Markup.Of($"""
            <h1>Redact for good</h1>
            <p>{what}</p>
            {Markup.If(wish.Part == RedactedPart.Text, $"""<blockquote dir="auto">{wish.Text}</blockquote>""")}
            {Markup.If(would.Unread > 0, $"""<p><strong>{Words.Count(would.Unread, "damaged message")} of this ticket {(would.Unread == 1 ? "does" : "do")} not open and {(would.Unread == 1 ? "stays" : "stay")} as {(would.Unread == 1 ? "it is" : "they are")}.</strong> Their mail as it came may hold it still: destroy that, too.</p>""")}
            <p>Keys are destroyed: nobody can bring it back, not from a backup either. The original mail, which holds it too, is destroyed, and what the spam filter learned from it. Mail at the provider, and what was sent before, is not touched. The ticket says that something was redacted, when and by whom.</p>
            <div class="row">{Form.Button(visit.Person, $"{Visit.Tickets}/{ticket.Id}/redact/confirmed", "Redact for good", "danger", fields)}
            <a class="button quiet" href="{Visit.Tickets}/{ticket.Id}">Do not redact</a></div>
            """));
    }

    /// <summary>The page that asks why, or the mail.</summary>
    public async Task<bool> OriginalAsync(Visit visit, Ticket ticket, string key)
    {
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        if (!visit.Caller.May(Permission.OpenOriginals, inbox) || key.Length != 32 || !key.All(char.IsAsciiLetterOrDigit)) return false;
        if (await visit.Desk.Tickets.FindMessageAsync(visit.Tenant, ticket.Id, key, visit.Cancel) is not { Direction: MessageDirection.In } message) return false;
        (OriginalState state, long length) = await visit.Desk.Originals.FindAsync(visit.Tenant, inbox, message, visit.Cancel);
        if (!visit.IsPost || state != OriginalState.Kept)
        {
            await AskAsync(visit, ticket, key, state, []);
            return true;
        }

        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, $"{Visit.Tickets}/{ticket.Id}");
            return true;
        }

        if (!Enum.TryParse(form["reason"], out OriginalReason reason) || !Enum.IsDefined(reason))
        {
            await AskAsync(visit, ticket, key, state, [new Problem("reason", "Say why you open it.")]);
            return true;
        }

        visit.Trail.About = visit.Trail.About with { Subject = key, Count = 1 };
        await visit.Trail.TellAsync(AuditAction.ContentRead, Originals.CodeOf(reason));
        await visit.Intake.MakeRoomAsync(3 * length);
        (state, byte[] content) = await visit.Desk.Originals.OpenAsync(visit.Tenant, inbox, message, visit.Cancel);
        if (state == OriginalState.Kept)
        {
            await MailParts.DownloadAsync(visit, content, ticket.Number + ".eml");
            return true;
        }

        await visit.Trail.TellFailedAsync();
        await AskAsync(visit, ticket, key, state, []);
        return true;
    }

    private static Task AskAsync(Visit visit, Ticket ticket, string key, OriginalState state, IReadOnlyList<Problem> problems) => visit.PageAsync(visit.Frame("The mail as it came", Visit.Tickets), shows: null, Markup.Of($"""
        {Form.Summary(problems)}
        <h1>The mail as it came</h1>
        {(state == OriginalState.Kept ? Markup.Of($"""
        <p>It is a download, with all that was masked in the ticket still readable. That you open it, and why, is written into the audit log first.</p>
        <form method="post" action="{Visit.Tickets}/{ticket.Id}/messages/{key}/original">{Form.Token(visit.Person)}
        {Form.Choice("reason", "Why do you open it?", [("", "Choose one"), .. Reasons.Select(r => (r.Reason.ToString(), r.Text))], problems: problems)}
        <p class="row"><button>Download the mail</button> <a class="button quiet" href="{Visit.Tickets}/{ticket.Id}">Back to the ticket</a></p></form>
        """) : Markup.Of($"""
        <p>{Gone(state)}</p>
        <p><a class="button quiet" href="{Visit.Tickets}/{ticket.Id}">Back to the ticket</a></p>
        """))}
        """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);

    internal static string Gone(OriginalState state) => state switch
    {
        OriginalState.NotKept => "The original was not kept: the mailbox's redaction keeps none, something in it was redacted, or somebody destroyed it. The ticket holds what is left.",
        OriginalState.Damaged => "The original is there and does not open.",
        OriginalState.Gone or OriginalState.Kept => "The original is gone: it was erased, or its time was over.",
    };
}
