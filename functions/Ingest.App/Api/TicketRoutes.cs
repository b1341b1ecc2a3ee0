using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>Tickets: lists, search, messages, attachments, replies, notes, and the changes that agents make.</summary>
internal sealed class TicketRoutes(Desk desk, Cursors cursors)
{
    internal const int MostMessages = 100;
    private const int DefaultCount = 50, MostTickets = 200;

    // 18 MB of attachments in base64, and the texts.
    private const int LargestReply = 28 * 1024 * 1024;

    private static readonly IReadOnlyList<string> States = ["open", "closed"];

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/tickets", Permission.ReadTickets, "Lists tickets, newest first.", ListAsync)
        {
            Audit = AuditAction.Listed, AuditCode = "tickets",
            Query =
            [
                new("state", "Which tickets; open unless said.", States), new("inbox", "Those of one inbox; of all that the token may read unless said."),
                new("count", "How many, 1 to 200; 50 unless said."), new("cursor", "\"next\" of the page before."),
            ],
            Response = AppJson.Default.TicketPage, More = [Problems.NotFound, Problems.Invalid, Problems.InvalidCursor],
        },
        new("POST", "/tickets/search", Permission.ReadTickets, "Finds tickets by the address of somebody who has part in them, or by number. Step by step: a page may be empty although more follow.", SearchAsync)
        {
            Audit = AuditAction.Searched,
            Request = AppJson.Default.SearchBody, Response = AppJson.Default.TicketPage, More = [Problems.InvalidCursor],
        },
        new("GET", "/tickets/{ticket}", Permission.ReadTickets, "Reads a ticket, by id or number, with its newest hundred messages.", ReadAsync) { Audit = AuditAction.ContentRead, AuditCode = "ticket", Response = AppJson.Default.TicketView, IsTagged = true },
        new("GET", "/tickets/{ticket}/messages", Permission.ReadTickets, "Reads the newest messages of a ticket, or those before one of them, oldest first.", MessagesAsync)
        {
            Audit = AuditAction.ContentRead, AuditCode = "ticket",
            Query = [new("count", "How many, 1 to 100; 100 unless said."), new("before", "The key of a message: those just before it.")],
            Response = AppJson.Default.MessagePage, More = [Problems.Invalid],
        },
        new("GET", "/tickets/{ticket}/messages/{message}", Permission.ReadTickets, "Reads one message with its html.", MessageAsync) { Audit = AuditAction.ContentRead, AuditCode = "message", Response = AppJson.Default.MessageDetail },
        new("GET", "/tickets/{ticket}/messages/{message}/attachments/{index}", Permission.ReadTickets, "Downloads an attachment.", AttachmentAsync) { Audit = AuditAction.Exported, AuditCode = "attachment", IsFile = true },
        new("POST", "/tickets/{ticket}/replies", Permission.AnswerTickets, "Sends a reply, soon and once; the ticket's messages tell how its delivery stands. Handed in again under the same Idempotency-Key it is not sent again.", ReplyAsync)
        {
            Audit = AuditAction.ReplySent,
            Request = AppJson.Default.ReplyBody, Response = AppJson.Default.Accepted, Success = StatusCodes.Status202Accepted, LargestBody = LargestReply, TakesIdempotencyKey = true,
            More = [Problems.KeyReused, Problems.Refused],
        },
        new("POST", "/tickets/{ticket}/notes", Permission.AnswerTickets, "Keeps a note that only agents see. What does not leave this mailbox in answers, such as card numbers, is masked in it before it is kept, and the answer says so.", NoteAsync)
        {
            Audit = AuditAction.TicketChanged, AuditCode = "note",
            Request = AppJson.Default.NoteBody, Response = AppJson.Default.Kept, Success = StatusCodes.Status201Created, LargestBody = 4 * 1024 * 1024, TakesIdempotencyKey = true, More = [Problems.KeyReused, Problems.Refused],
        },
        new("PUT", "/tickets/{ticket}/state", Permission.AnswerTickets, "Closes a ticket or opens it again.", SetStateAsync) { Audit = AuditAction.TicketChanged, AuditCode = "state", Request = AppJson.Default.StateBody, Response = AppJson.Default.TicketLine, TakesIfMatch = true },
        new("PUT", "/tickets/{ticket}/assignee", Permission.AnswerTickets, "Gives a ticket to a person, or to nobody.", AssignAsync)
        {
            Audit = AuditAction.TicketChanged, AuditCode = "assignee",
            Request = AppJson.Default.AssigneeBody, Response = AppJson.Default.TicketLine, TakesIfMatch = true, More = [Problems.Refused],
        },
        new("POST", "/tickets/{ticket}/replies/{message}/resolve", Permission.AnswerTickets, "Settles a reply whose delivery is Uncertain: it arrived, or it is to be sent once more. Said again it has no second effect.", ResolveAsync)
        {
            Audit = AuditAction.ReplySent, AuditCode = "resolve",
            Request = AppJson.Default.ResolveBody, Response = AppJson.Default.DeliveryView, More = [Problems.NotInDoubt, Problems.Refused],
        },
    ];

    // The inboxes in which the caller may do what the route does.
    private async Task<List<InboxId>> InboxesAsync(ApiCall call)
    {
        List<InboxId> inboxes = [];
        await foreach (InboxId inbox in desk.Mailboxes.ListAsync(call.Tenant, call.Cancel))
            if (call.May(inbox)) inboxes.Add(inbox);
        return inboxes;
    }

    private async Task<Answer> ListAsync(ApiCall call)
    {
        int count = DefaultCount;
        if (call.Query("count") is { } asked && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MostTickets)) return Problems.Invalid;
        string name = call.Query("state")?.ToLowerInvariant() ?? "open";
        if (!States.Contains(name)) return Problems.Invalid;
        TicketState state = name == "open" ? TicketState.Open : TicketState.Closed;
        List<InboxId> inboxes = await InboxesAsync(call);
        if (call.Query("inbox") is { } one)
        {
            inboxes = [.. inboxes.Where(inbox => inbox.Value == one)];
            if (inboxes.Count == 0) return Problems.NotFound;
        }

        string list = $"tickets {state} {call.Query("inbox")}";
        TicketPlace? after = null;
        if (call.Query("cursor") is { } cursor)
        {
            if (await cursors.ReadAsync(call.Tenant, list, cursor, call.Cancel) is not { } place) return Problems.InvalidCursor;
            after = place.Place;
        }

        TicketPart part = await desk.TicketPages.ReadAsync(call.Tenant, inboxes, state, count, after, call.Cancel);
        string? next = part.Next is { } behind ? await cursors.WriteAsync(call.Tenant, list, state, behind, call.Cancel) : null;
        call.Trail.About = call.Trail.About with { Inbox = inboxes.Count == 1 ? inboxes[0] : null, Count = part.Tickets.Count };
        return Answer.Of(new TicketPage([.. part.Tickets.Select(TicketLine.Of)], next), AppJson.Default.TicketPage);
    }

    private async Task<Answer> SearchAsync(ApiCall call)
    {
        (SearchBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.SearchBody);
        if (body is null) return problem!;
        if (string.IsNullOrEmpty(body.Address) == string.IsNullOrEmpty(body.Number) || body.Address is { Length: > 320 } || body.Number is { Length: > 100 }) return Problems.Invalid;
        if (!string.IsNullOrEmpty(body.Number))
        {
            Ticket? found = TicketStore.IsTicketId(body.Number.Trim()) ? null : await desk.Tickets.FindStandingAsync(call.Tenant, body.Number.Trim(), call.Cancel);
            return Answer.Of(new TicketPage(found is not null && call.May(InboxId.Parse(found.Inbox)) ? [TicketLine.Of(found)] : [], Next: null), AppJson.Default.TicketPage);
        }

        // Open tickets first, then closed ones.
        (TicketState State, TicketPlace? After) at = (TicketState.Open, null);
        string list = "search " + body.Address;
        if (body.Cursor is { } cursor)
        {
            if (await cursors.ReadAsync(call.Tenant, list, cursor, call.Cancel) is not { } place) return Problems.InvalidCursor;
            at = (place.State, place.Place.Ticket == Start.Ticket ? null : place.Place);
        }

        TicketPart part = await desk.TicketPages.SearchAsync(call.Tenant, await InboxesAsync(call), at.State, body.Address!, at.After, call.Cancel);
        (TicketState State, TicketPlace Place)? next = part.Next is { } behind ? (at.State, behind) : at.State == TicketState.Open ? (TicketState.Closed, Start) : null;
        string? token = next is { } go ? await cursors.WriteAsync(call.Tenant, list, go.State, go.Place, call.Cancel) : null;
        call.Trail.About = call.Trail.About with { Count = part.Tickets.Count };
        return Answer.Of(new TicketPage([.. part.Tickets.Select(TicketLine.Of)], token), AppJson.Default.TicketPage);
    }

    // The start of a list, in the form of a place.
    private static TicketPlace Start { get; } = new(DateTimeOffset.MinValue, new string('0', 26));

    // What may be read may be said to be there, even to who may not change it; all else was never there.
    private async Task<(Ticket? Ticket, Problem? Problem)> FindAsync(ApiCall call)
    {
        string name = call["ticket"];
        Ticket? ticket = await desk.Tickets.FindStandingAsync(call.Tenant, name, call.Cancel);
        if (ticket is null) return (null, Problems.NotFound);
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        call.Trail.About = call.Trail.About with { Inbox = inbox, TicketId = ticket.Id };
        return call.May(inbox) ? (ticket, null) : (null, call.Caller.May(Permission.ReadTickets, inbox) ? Problems.NotAllowed : Problems.NotFound);
    }

    private async Task<Answer> ReadAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        return ticket is null ? problem! : Answer.Tagged(call.Http, await ViewAsync(call, ticket), AppJson.Default.TicketView);
    }

    private async Task<TicketView> ViewAsync(ApiCall call, Ticket ticket) => TicketView.Of(ticket, await desk.Tickets.NewestMessagesAsync(call.Tenant, ticket.Id, MostMessages, call.Cancel));

    private async Task<Answer> MessagesAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return problem!;
        int count = MostMessages;
        if (call.Query("count") is { } asked && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MostMessages)) return Problems.Invalid;
        if (call.Query("before") is { } before && !IsKey(before)) return Problems.Invalid;
        MessagePart part = await desk.Tickets.NewestMessagesAsync(call.Tenant, ticket.Id, count, call.Cancel, call.Query("before"));
        return Answer.Of(new MessagePage([.. part.Messages.Select(MessageView.Of)], part.Earlier), AppJson.Default.MessagePage);
    }

    private static bool IsKey(string text) => text.Length == 32 && text.All(char.IsAsciiLetterOrDigit);

    private async Task<(Ticket? Ticket, TicketMessage? Message, Problem? Problem)> FindMessageAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return (null, null, problem);
        string key = call["message"];
        TicketMessage? message = IsKey(key) ? await desk.Tickets.FindMessageAsync(call.Tenant, ticket.Id, key, call.Cancel) : null;
        if (message is not null) call.Trail.About = call.Trail.About with { Subject = message.Key };
        return message is null ? (null, null, Problems.NotFound) : (ticket, message, null);
    }

    private async Task<Answer> MessageAsync(ApiCall call)
    {
        (Ticket? ticket, TicketMessage? message, Problem? problem) = await FindMessageAsync(call);
        if (message is null) return problem!;
        if (message.Direction == MessageDirection.Out) message = message with { Delivery = (await desk.Outbox.FindAsync(call.Tenant, ticket!.Id, message.Key, call.Cancel))?.Delivery };
        await call.Intake.MakeRoomAsync(6L * (message.Document?.Html.Length ?? 0));
        return Answer.Of(new MessageDetail(MessageView.Of(message), message.Document?.Html ?? ""), AppJson.Default.MessageDetail);
    }

    private async Task<Answer> AttachmentAsync(ApiCall call)
    {
        (Ticket? ticket, TicketMessage? message, Problem? problem) = await FindMessageAsync(call);
        if (message is null) return problem!;
        if (!int.TryParse(call["index"], NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= (message.Document?.Attachments.Count ?? 0)) return Problems.NotFound;
        if (message.Document!.Attachments[index].State == FileState.Withheld) return Problems.NotFound with { Detail = "The mailbox's redaction policy kept the name and size of this file only. Whoever may open originals finds it in the original mail, while that is kept." };
        await call.Intake.MakeRoomAsync(2 * message.Document!.Attachments[index].Size);
        call.Trail.About = call.Trail.About with { Count = 1 };
        await call.Trail.TellAsync(AuditAction.Exported, "attachment");
        if (await desk.Tickets.ReadAttachmentAsync(call.Tenant, ticket!.Id, message, index, call.Cancel) is not { } content)
            return Problems.NotFound;
        return Answer.File(content, message.Document!.Attachments[index].Name);
    }

    private async Task<Answer> ReplyAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return problem!;
        if (JsonBody.IdempotencyKey(call) is not { } key) return Problems.InvalidKey;
        (ReplyBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.ReplyBody);
        if (body is null) return problem!;
        if (FindingNames.Parse(body.SendAnyway ?? []) is not { } anyway) return Problems.Invalid;
        NewReply reply = new()
        {
            Text = body.Text, Html = body.Html, To = body.To ?? [], Cc = body.Cc ?? [], QuoteHistory = body.QuoteHistory, CloseTicket = body.CloseTicket,
            Attachments = [.. (body.Attachments ?? []).Select(a => new NewAttachment(a.Name, a.ContentType, a.Content))],
            AuthorId = call.Caller.Id, AuthorName = call.Caller.IsPerson ? call.Caller.Name : body.AuthorName, IdempotencyKey = key, SendAnyway = anyway, SendUnread = body.SendUnread,
        };
        foreach (string code in FindingNames.SentAnyway(anyway, body.SendUnread)) await call.Trail.TellAsync(AuditAction.ReplySent, code);
        return await RefusableAsync(call, async () => await desk.Replies.QueueAsync(call.Tenant, ticket.Id, reply, call.Cancel) is { } accepted
            ? Answer.Of(new Accepted(accepted.Key, accepted.Repeated), AppJson.Default.Accepted, StatusCodes.Status202Accepted)
            : Problems.NotFound);
    }

    private async Task<Answer> NoteAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return problem!;
        if (JsonBody.IdempotencyKey(call) is not { } key) return Problems.InvalidKey;
        (NoteBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.NoteBody);
        if (body is null) return problem!;
        string author = call.Caller.IsPerson || body.AuthorName.Length == 0 ? call.Caller.Name : body.AuthorName;
        await call.Trail.TellAsync(AuditAction.TicketChanged, "note");
        return await RefusableAsync(call, async () => await desk.Replies.AddNoteAsync(call.Tenant, ticket.Id, new NewNote(body.Text, call.Caller.Id, author, key), call.Cancel) is { } kept
            ? Answer.Of(Kept.Of(kept), AppJson.Default.Kept, StatusCodes.Status201Created)
            : Problems.NotFound);
    }

    private async Task<Answer> ResolveAsync(ApiCall call)
    {
        (Ticket? ticket, TicketMessage? message, Problem? problem) = await FindMessageAsync(call);
        if (message is null) return problem!;
        (ResolveBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.ResolveBody);
        if (body is null) return problem!;
        await call.Trail.TellAsync(AuditAction.ReplySent, body.Delivered ? "arrived" : "send-again");
        return await desk.Replies.ResolveAsync(call.Tenant, ticket!.Id, message.Key, body.Delivered, call.Cancel, body.Attempt) switch
        {
            DoubtEnd.Settled or DoubtEnd.SettledBefore => await desk.Outbox.FindAsync(call.Tenant, ticket.Id, message.Key, call.Cancel) is { } now ? Answer.Of(DeliveryView.Of(now.Delivery), AppJson.Default.DeliveryView) : Problems.NotFound,
            DoubtEnd.NotInDoubt => Problems.NotInDoubt,
            DoubtEnd.NeverTwice => Problems.RefusedFor("automatic-never-twice", "What was sent by itself is never sent twice: say that it was delivered, or leave it, and write a reply if the customer waits."),
            DoubtEnd.NotThere => Problems.NotFound,
        };
    }

    private static async Task<Answer> RefusableAsync(ApiCall call, Func<Task<Answer>> act)
    {
        try
        {
            return await act();
        }
        catch (ReplyRefusedException e)
        {
            call.Trail.Because = FindingNames.Because(e);
            string fix = e.Found.Count > 0 && e.Found.All(OutgoingText.MayBeSent) ? $"{e.Fix} To send it anyway, name in \"sendAnyway\": {string.Join(", ", e.Found.Select(FindingNames.Of))}." : e.Fix;
            if (e.HasUnread) fix += " To send it unread, set \"sendUnread\".";
            return e.Code == Problems.KeyReused.Code ? Problems.KeyReused : Problems.RefusedFor(e.Code, fix);
        }
    }

    private async Task<Answer> SetStateAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return problem!;
        (StateBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.StateBody);
        if (body is null) return problem!;
        TicketState? state = body.State switch { "Open" => TicketState.Open, "Closed" => TicketState.Closed, _ => null };
        if (state is null) return Problems.Invalid;
        if (await IsOutdatedAsync(call, ticket)) return Problems.Changed;
        await call.Trail.TellAsync(AuditAction.TicketChanged, state == TicketState.Open ? "opened" : "closed");
        return await desk.Tickets.SetStateAsync(call.Tenant, ticket.Id, state.Value, call.Cancel) ? await LineAsync(call, ticket.Id) : Problems.NotFound;
    }

    private async Task<Answer> AssignAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return problem!;
        (AssigneeBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.AssigneeBody);
        if (body is null) return problem!;
        if (body.Person.Length > 0 && !await MayHaveAsync(call, body.Person, InboxId.Parse(ticket.Inbox)))
            return Problems.RefusedFor("assignee-unknown", "There is no such person who may answer tickets of this inbox: name one by id, or nobody with an empty id.");
        if (await IsOutdatedAsync(call, ticket)) return Problems.Changed;
        call.Trail.About = call.Trail.About with { Subject = body.Person };
        await call.Trail.TellAsync(AuditAction.TicketChanged, "assigned");
        return await desk.Tickets.AssignAsync(call.Tenant, ticket.Id, body.Person, call.Cancel) ? await LineAsync(call, ticket.Id) : Problems.NotFound;
    }

    private async Task<bool> MayHaveAsync(ApiCall call, string person, InboxId inbox) =>
        (desk.Settings.Development && person == Caller.LocalOwnerId)
        || (await desk.People.FindAsync(call.Tenant, person, call.Cancel) is { Disabled: false } there && Caller.Of(call.Tenant, there).May(Permission.AnswerTickets, inbox));

    // Looked at just before the change, not with it: two changes within a moment may both pass.
    private async Task<bool> IsOutdatedAsync(ApiCall call, Ticket ticket)
    {
        string wanted = call.Http.Request.Headers.IfMatch.ToString();
        return wanted.Length > 0 && wanted != "*" && wanted != Answer.TagOf(await ViewAsync(call, ticket), AppJson.Default.TicketView);
    }

    private async Task<Answer> LineAsync(ApiCall call, string id) =>
        await desk.Tickets.FindAsync(call.Tenant, id, call.Cancel) is { } now ? Answer.Of(TicketLine.Of(now), AppJson.Default.TicketLine) : Problems.NotFound;
}
