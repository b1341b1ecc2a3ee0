using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;
using FindingNames = Ingest.App.Api.FindingNames;

namespace Ingest.App.Console;

/// <summary>One ticket: read it, answer it, note something, assign it, close it.</summary>
internal sealed class TicketPage(ConsoleSession sessions)
{
    private const int Shown = 25, SmallForm = 64 * 1024, NoteForm = 2 * 1024 * 1024, ReplyForm = 26 * 1024 * 1024;
    private readonly RedactionPages _redactions = new(sessions);
    private readonly DestroyOriginalPage _destroy = new(sessions);

    public async Task<bool> TryAsync(Visit visit, string id, string[] path)
    {
        if (await FindAsync(visit, id) is not { } ticket) return false;
        if (ticket.MergedInto.Length > 0 && path.Length == 0 && !visit.IsPost)
        {
            Answer.SeeOther(visit.Http, $"{Visit.Tickets}/{ticket.MergedInto}");
            return true;
        }

        visit.Trail.About = visit.Trail.About with { Inbox = InboxId.Parse(ticket.Inbox), TicketId = ticket.Id };
        switch (path)
        {
            case [] when !visit.IsPost:
                await ShowAsync(visit, ticket, new Draft());
                return true;
            case ["redact"] when visit.IsPost:
            case ["redact", "confirmed"] when visit.IsPost:
                await _redactions.ActAsync(visit, ticket, isConfirmed: path.Length == 2);
                return true;
            case ["redact"] or ["redact", "confirmed"]:
                Answer.SeeOther(visit.Http, Address(ticket));
                return true;
            case ["messages", var key, "original"]:
                return await _redactions.OriginalAsync(visit, ticket, key);
            case ["messages", var key, "original", "destroy"]:
                return await _destroy.TryAsync(visit, ticket, key);
            case ["messages", var key, .. var part] when !visit.IsPost:
                return await MailParts.TryAsync(visit, ticket, key, part);
            case ["reply" or "note" or "assign" or "state" or "resolve" or "spam"] when visit.IsPost:
                await ChangeAsync(visit, ticket, path[0]);
                return true;
            case ["reply" or "note" or "assign" or "state" or "resolve" or "spam"]:
                Answer.SeeOther(visit.Http, Address(ticket));
                return true;
            default:
                return false;
        }
    }

    private static async Task<Ticket?> FindAsync(Visit visit, string id)
    {
        Ticket? ticket = TicketStore.IsTicketId(id) ? await visit.Desk.Tickets.LookAsync(visit.Tenant, id, visit.Cancel) : await visit.Desk.Tickets.FindByNumberAsync(visit.Tenant, id, visit.Cancel);
        return ticket is not null && visit.Caller.May(Permission.ReadTickets, InboxId.Parse(ticket.Inbox)) ? ticket : null;
    }

    private static string Address(Ticket ticket) => $"{Visit.Tickets}/{ticket.Id}";

    private async Task ChangeAsync(Visit visit, Ticket ticket, string what)
    {
        if (!visit.Caller.May(Permission.AnswerTickets, InboxId.Parse(ticket.Inbox)))
        {
            await ConsolePages.NotAllowedAsync(visit, "You may read the tickets of this mailbox and not change them.");
            return;
        }

        int largest = what switch { "reply" => ReplyForm, "note" => NoteForm, _ => SmallForm };
        if (await visit.FormAsync(sessions, largest) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Address(ticket));
            return;
        }

        Draft draft = Draft.Of(form);
        try
        {
            string said = await DoAsync(visit, ticket, what, form, draft);
            Answer.SeeOther(visit.Http, $"{Address(ticket)}?said={said}");
        }
        catch (ReplyRefusedException e)
        {
            visit.Trail.Because = FindingNames.Because(e);
            await visit.Trail.TellFailedAsync();
            // The form that stands in a browser's history: what it holds now is another text, and may be sent once like any other.
            bool another = e.Code == "idempotency-key-reused";
            if (another) draft = draft with { Once = new Draft().Once };
            Problem problem = new(FieldOf(what, e.Code), (another ? "This form was sent before, with another text, which stands above. Send it once more if this is to be said, too." : e.Fix) + (draft.HadFiles ? " Choose your files again: a browser does not keep them." : ""));
            await ShowAsync(visit, ticket, what == "note" ? new Draft { Note = draft.Text, NoteProblems = [problem], Once = draft.Once } : draft with { Problems = [problem], Refused = e.Found, RefusedUnread = e.HasUnread });
        }
    }

    private static async Task<string> DoAsync(Visit visit, Ticket ticket, string what, IFormCollection form, Draft draft)
    {
        switch (what)
        {
            case "reply":
                foreach (string code in FindingNames.SentAnyway(draft.Anyway, draft.Unread)) await visit.Trail.TellAsync(AuditAction.ReplySent, code);
                await visit.Desk.Replies.QueueAsync(visit.Tenant, ticket.Id, await draft.ToReplyAsync(visit, form), visit.Cancel);
                return draft.Close ? "replied-closed" : "replied";
            case "note":
                await visit.Trail.TellAsync(AuditAction.TicketChanged, "note");
                NoteAccepted? kept = await visit.Desk.Replies.AddNoteAsync(visit.Tenant, ticket.Id, new NewNote(draft.Text, visit.Caller.Id, visit.Caller.Name, draft.Once), visit.Cancel);
                return kept is { Masked.Count: > 0 } ? "noted-masked" : "noted";
            case "spam":
                return await MarkSpamAsync(visit, ticket, form);
            case "resolve":
                return await ResolveAsync(visit, ticket, form);
            case "assign":
                return await AssignAsync(visit, ticket, form["person"].ToString());
            default:
                TicketState state = form["state"] == "closed" ? TicketState.Closed : TicketState.Open;
                await visit.Trail.TellAsync(AuditAction.TicketChanged, state == TicketState.Closed ? "closed" : "opened");
                await visit.Desk.Tickets.SetStateAsync(visit.Tenant, ticket.Id, state, visit.Cancel);
                return state == TicketState.Closed ? "closed" : "opened";
        }
    }

    private static async Task<string> MarkSpamAsync(Visit visit, Ticket ticket, IFormCollection form)
    {
        bool spam = form["spam"] == "yes";
        string key = form["message"].ToString();
        if (key.Length != 32 || !key.All(char.IsAsciiLetterOrDigit)) return "spam-gone";
        visit.Trail.About = visit.Trail.About with { Subject = key };
        await visit.Trail.TellAsync(AuditAction.TicketChanged, spam ? "spam" : "not-spam");
        TeachEnd end = await visit.Desk.TeachSpam.MarkAsync(visit.Tenant, ticket.Id, key, spam ? LessonVerdict.Spam : LessonVerdict.Ham, AuditActor.Of(visit.Caller), visit.Cancel);
        if (end == TeachEnd.NotThere) await visit.Trail.TellFailedAsync();
        return end switch
        {
            TeachEnd.NotThere => "spam-gone",
            TeachEnd.Learned => spam ? "spam" : "not-spam",
            TeachEnd.NotALesson => spam ? "spam-machine" : "not-spam-machine",
        };
    }

    private static async Task<string> ResolveAsync(Visit visit, Ticket ticket, IFormCollection form)
    {
        bool delivered = form["delivered"] == "yes";
        if (!int.TryParse(form["attempt"], NumberStyles.None, CultureInfo.InvariantCulture, out int attempt)) return "resolve-late";
        await visit.Trail.TellAsync(AuditAction.ReplySent, delivered ? "arrived" : "send-again");
        return await visit.Desk.Replies.ResolveAsync(visit.Tenant, ticket.Id, form["message"].ToString(), delivered, visit.Cancel, attempt) is DoubtEnd.Settled or DoubtEnd.SettledBefore
            ? delivered ? "arrived" : "sent-again"
            : "resolve-late";
    }

    // A name from outside never becomes an assignee: only nobody, oneself, or one of those who could open the ticket.
    private static async Task<string> AssignAsync(Visit visit, Ticket ticket, string person)
    {
        bool known = person.Length == 0 || person == visit.Caller.Id || (await AgentsAsync(visit, ticket)).Any(agent => agent.Id == person);
        if (!known) return "assign-unknown";
        visit.Trail.About = visit.Trail.About with { Subject = person };
        await visit.Trail.TellAsync(AuditAction.TicketChanged, "assigned");
        await visit.Desk.Tickets.AssignAsync(visit.Tenant, ticket.Id, person, visit.Cancel);
        return "assigned";
    }

    private static string FieldOf(string what, string code) => (what, code) switch
    {
        ("note", _) => "note",
        (_, "attachments-too-large") => "files",
        (_, "address-unusable" or "address-is-ours" or "too-many-recipients" or "nobody-to-answer") => "to",
        (_, "text-missing" or "text-too-long" or OutgoingCheck.Code) => "text",
        _ => "",
    };

    /// <summary>Those who may answer tickets of this one's mailbox.</summary>
    private static async Task<IReadOnlyList<(string Id, string Name)>> AgentsAsync(Visit visit, Ticket ticket)
    {
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        return [.. (await visit.Desk.People.ListAsync(visit.Tenant, visit.Cancel)).Where(p => !p.Disabled && Caller.Of(visit.Tenant, p).May(Permission.AnswerTickets, inbox))
            .Select(p => (p.Id, p.Name.Length > 0 ? p.Name : p.Email))];
    }

    private static async Task ShowAsync(Visit visit, Ticket ticket, Draft draft)
    {
        // Who answers sees the newest messages; who reads back, those before them, and no form that would answer they do not know what.
        string before = visit.Asked("before");
        bool newest = before.Length == 0;
        MessagePart part = await visit.Desk.Tickets.NewestMessagesAsync(visit.Tenant, ticket.Id, newest ? QueueReply.MostLookedBack : Shown, visit.Cancel, newest ? null : before);
        TicketMessage[] shown = [.. part.Messages.TakeLast(Shown)];
        int earlier = part.Earlier + part.Messages.Count - shown.Length;
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        Mailbox? mailbox = (await visit.Desk.Mailboxes.FindAsync(visit.Tenant, inbox, visit.Cancel))?.Mailbox;
        JournalLine?[] lines = await Task.WhenAll(shown.Select(m => m.Direction == MessageDirection.In ? visit.Desk.Journal.FindAsync(visit.Tenant, inbox, m.Key, visit.Cancel) : Task.FromResult<JournalLine?>(null)));
        bool mayAnswer = visit.Caller.May(Permission.AnswerTickets, inbox) && ticket.Document is not null;
        IReadOnlyList<(string Id, string Name)> agents = mayAnswer || ticket.Document is { Assignee.Length: > 0 } ? await AgentsAsync(visit, ticket) : [];
        Ticket? linked = ticket.Document is { LinkedTo.Length: > 0 } document ? await FindAsync(visit, document.LinkedTo) : null;
        bool refused = draft.Problems.Count + draft.NoteProblems.Count > 0;
        await visit.PageAsync(visit.Frame(Words.Subject(ticket.Document?.Subject), Visit.Tickets), (AuditAction.ContentRead, "ticket"), Markup.Of($"""
            {Form.Summary([.. draft.Problems, .. draft.NoteProblems])}
            {Said(visit.Asked("said"))}
            {TicketView.Head(visit, ticket, mailbox, agents, linked, mayAnswer)}
            <h2>Messages</h2>
            {Markup.If(earlier > 0, $"""<p><a href="{Address(ticket)}?before={shown.FirstOrDefault()?.Key}">Show earlier messages ({earlier})</a></p>""")}
            {Markup.Join(shown.Select((message, i) => MessageView.Article(visit, ticket, message, lines[i])))}
            {Markup.If(!newest, $"""<p><a href="{Address(ticket)}">Show the newest messages</a></p>""")}
            {Markup.If(mayAnswer && newest, $"{ReplyForms.Both(visit, ticket, mailbox, part.Messages, draft)}")}
            {ErasurePages.TicketButton(visit, ticket)}
            """), refused ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static Markup Said(string code)
    {
        string text = code switch
        {
            "replied" => "Your reply will be sent in a moment. Below it stands how it fares.",
            "replied-closed" => "Your reply will be sent in a moment, and the ticket is closed. It opens again when the customer answers.",
            "noted" => "Your note was kept. Only agents see it.",
            "noted-masked" => "Your note was kept. What this mailbox does not send in answers either was masked in it first: the note says what.",
            "arrived" => "Thank you. The reply counts as sent.",
            "sent-again" => "The reply will be sent once more in a moment.",
            "resolve-late" => "Nothing was done: this reply is not in doubt any more. Below stands how it fares.",
            "assigned" => "The ticket was assigned.",
            "assign-unknown" => "The ticket was not assigned: this person may not answer tickets of this mailbox any more.",
            "spam" => "The ticket is closed and set aside as spam. The filter learns from it. If that was wrong, say \"Not spam\".",
            "not-spam" => "The ticket is among the others, and the filter learns that such mail is wanted.",
            "spam-machine" => "The ticket is closed and set aside as spam. The filter learns nothing from it: a machine wrote the mail, or too little is left of it.",
            "not-spam-machine" => "The ticket is among the others. The filter learns nothing from it: a machine wrote the mail, or too little is left of it.",
            "spam-gone" => "Nothing was done: the mail is not there any more.",
            "redacted" => "It was redacted, for good.",
            "redacted-unread" => "It was redacted, for good. Damaged messages do not open and were passed over: the mail as it came may hold it still. Destroy that at each of them.",
            "redact-nothing" => "Nothing was redacted: nothing of it is in the ticket. It may have been redacted before, or be written otherwise.",
            "redact-held" => "Nothing was redacted: a legal hold stands above it. Lift it first, if it may be lifted.",
            "destroy-held" => "Nothing was destroyed: a legal hold stands above it. Lift it first, if it may be lifted.",
            "redact-changed" => "Nothing was redacted: somebody else changed the ticket meanwhile. Look at it again.",
            "redact-short" => "Nothing was redacted: name at least three letters, digits or signs, since fewer stand everywhere.",
            "redact-long" => "Nothing was redacted: at most 10,000 characters go at once. Name fewer, or redact the whole message.",
            "original-destroyed" => "The mail as it came is destroyed. The ticket holds what is left.",
            "original-none" => "There is no original of this mail any more.",
            "closed" => "The ticket is closed. It opens again when the customer answers.",
            "opened" => "The ticket is open again.",
            _ => "",
        };
        return Markup.If(text.Length > 0, $"""<div class="notice good" role="status"><p>{text}</p></div>""");
    }
}
