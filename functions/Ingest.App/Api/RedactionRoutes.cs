using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>What is to be taken out of a ticket for good.</summary>
/// <param name="Part">Text: words. Message: all that a message says. Attachment: a file.</param>
/// <param name="Message">The message's key; left out, words go wherever they stand in the ticket.</param>
/// <param name="Text">The words themselves: letter case, line breaks and marks of quoting make no difference.</param>
/// <param name="Start">Or where they begin in the message's "text", in UTF-16 code units;</param>
/// <param name="Length">and how long they are there.</param>
/// <param name="Attachment">The file's index.</param>
public sealed record RedactionBody(string Part, string Message = "", string Text = "", int Start = 0, int Length = 0, int Attachment = 0);

/// <summary>What was taken out.</summary>
/// <param name="Messages">In how many messages.</param>
/// <param name="Places">In how many places, as people count them; 0 when nothing of it is there, or no more.</param>
/// <param name="Unread">How many mails of the ticket do not open (their "flags" say "Damaged") and were passed over: their originals may hold it still. Open those, or destroy them.</param>
public sealed record RedactedView(int Messages, int Places, int Unread);

/// <summary>Why an original is to be opened.</summary>
/// <param name="Reason">CustomerAsked, ShownWrongly, Security, Legal or Support.</param>
public sealed record OriginalBody(string Reason);

/// <summary>Why an original is to be destroyed.</summary>
/// <param name="Reason">HoldsMasked, CustomerAsked, Legal or SentByMistake.</param>
public sealed record DestroyOriginalBody(string Reason);

/// <summary>That there is no original any more.</summary>
/// <param name="Destroyed">True when it was there and is destroyed now; false when there was none any more.</param>
public sealed record OriginalDestroyed(bool Destroyed);

/// <summary>What concerns what was written: taking it out of a ticket for good, and opening the mail as it came.</summary>
internal sealed class RedactionRoutes(Desk desk)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/tickets/{ticket}/redactions", Permission.RedactTickets,
            "Takes words, a message or a file out of a ticket for good: nobody can bring it back. The original mail, which holds it too, is destroyed. A legal hold stands above it.", RedactAsync)
        {
            Audit = AuditAction.Redacted, Request = AppJson.Default.RedactionBody, Response = AppJson.Default.RedactedView, TakesIfMatch = true, More = [Problems.Refused],
        },
        new("POST", "/tickets/{ticket}/messages/{message}/original", Permission.OpenOriginals,
            "Downloads a mail as it came, before anything was masked. The reason is told to the audit log first.", OriginalAsync)
        {
            Audit = AuditAction.ContentRead, AuditCode = "original", Request = AppJson.Default.OriginalBody, IsFile = true, More = [Problems.OriginalGone, Problems.OriginalNotKept],
        },
        new("POST", "/tickets/{ticket}/messages/{message}/original/destruction", Permission.RedactTickets,
            "Destroys a mail as it came, which holds what was masked in the ticket still; the ticket stays. Nobody can bring it back. A legal hold stands above it.", DestroyAsync)
        {
            Audit = AuditAction.Redacted, AuditCode = "original-destroyed", Request = AppJson.Default.DestroyOriginalBody, Response = AppJson.Default.OriginalDestroyed, More = [Problems.Refused],
        },
    ];

    private async Task<(Ticket? Ticket, Problem? Problem)> FindAsync(ApiCall call)
    {
        string name = call["ticket"];
        Ticket? ticket = await desk.Tickets.FindStandingAsync(call.Tenant, name, call.Cancel);
        if (ticket is null) return (null, Problems.NotFound);
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        call.Trail.About = call.Trail.About with { Inbox = inbox, TicketId = ticket.Id };
        return call.May(inbox) ? (ticket, null) : (null, call.Caller.May(Permission.ReadTickets, inbox) ? Problems.NotAllowed : Problems.NotFound);
    }

    private async Task<Answer> RedactAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return problem!;
        (RedactionBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.RedactionBody);
        if (body is null) return problem!;
        if (WishOf(body) is not { } wish) return Problems.Invalid;
        string wanted = call.Http.Request.Headers.IfMatch.ToString();
        if (wanted.Length > 0 && wanted != "*" && wanted != await TagAsync(call, ticket)) return Problems.Changed;
        call.Trail.LeaveToWork();
        RedactionEnd end = await desk.RedactByHand.RunAsync(call.Tenant, ticket.Id, wish, AuditActor.Of(call.Caller), call.Caller.Name, call.Cancel, wanted.Length > 0 && wanted != "*" ? ticket.Version : null);
        return end.Outcome switch
        {
            // Asked again, it is as it was wanted.
            RedactionOutcome.Done or RedactionOutcome.NothingFound => Answer.Of(new RedactedView(end.Messages, end.Count, end.Unread), AppJson.Default.RedactedView),
            RedactionOutcome.Held => Held(end, "redacted"),
            RedactionOutcome.TooShort => Problems.RefusedFor("text-too-short", $"Name at least {TextRemoval.Shortest} letters, digits or signs that stand beside one another: fewer stand everywhere."),
            RedactionOutcome.TooLong => Problems.RefusedFor("text-too-long", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Name at most {RedactByHand.LongestText:N0} characters at once, or the whole message.")),
            RedactionOutcome.Changed => Problems.Changed,
            RedactionOutcome.NotThere => Problems.RefusedFor("nothing-there", "The ticket has no such message, file or place: read the message again."),
        };
    }

    private static Problem Held(RedactionEnd end, string done) =>
        Problems.RefusedFor("legal-hold", $"Nothing was {done}: a legal hold stands above it ({string.Join(", ", end.Holds.Select(h => h.Id))}). Lift it first, if it may be lifted.");

    private async Task<Answer> DestroyAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return problem!;
        (DestroyOriginalBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.DestroyOriginalBody);
        if (body is null) return problem!;
        if (!Enum.TryParse(body.Reason, out DestroyReason reason) || reason.ToString() != body.Reason) return Problems.Invalid;
        call.Trail.LeaveToWork();
        RedactionEnd end = await desk.RedactByHand.DestroyOriginalAsync(call.Tenant, ticket.Id, call["message"], reason, AuditActor.Of(call.Caller), call.Cancel);
        return end.Outcome switch
        {
            RedactionOutcome.Held => Held(end, "destroyed"),
            RedactionOutcome.NotThere => Problems.NotFound,
            _ => Answer.Of(new OriginalDestroyed(end.Outcome == RedactionOutcome.Done), AppJson.Default.OriginalDestroyed),
        };
    }

    private static RedactionWish? WishOf(RedactionBody body)
    {
        bool known = Enum.TryParse(body.Part, out RedactedPart part) && part is RedactedPart.Text or RedactedPart.Message or RedactedPart.Attachment && part.ToString() == body.Part;
        bool words = body.Text.Length is > 0 and <= RedactByHand.LongestText, span = body is { Message.Length: > 0, Length: > 0 and <= RedactByHand.LongestText, Start: >= 0 };
        bool whole = part == RedactedPart.Text ? words != span : body is { Message.Length: > 0, Text: "", Length: 0 };
        return known && whole ? new RedactionWish(part) { MessageKey = body.Message, Text = body.Text, Start = body.Start, Length = body.Length, Attachment = body.Attachment } : null;
    }

    private async Task<string> TagAsync(ApiCall call, Ticket ticket) =>
        Answer.TagOf(TicketView.Of(ticket, await desk.Tickets.NewestMessagesAsync(call.Tenant, ticket.Id, TicketRoutes.MostMessages, call.Cancel)), AppJson.Default.TicketView);

    private async Task<Answer> OriginalAsync(ApiCall call)
    {
        (Ticket? ticket, Problem? problem) = await FindAsync(call);
        if (ticket is null) return problem!;
        string key = call["message"];
        if (key.Length != 32 || !key.All(char.IsAsciiLetterOrDigit) || await desk.Tickets.FindMessageAsync(call.Tenant, ticket.Id, key, call.Cancel) is not { } message) return Problems.NotFound;
        call.Trail.About = call.Trail.About with { Subject = message.Key, Count = 1 };
        (OriginalBody? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.OriginalBody);
        if (body is null) return problem!;
        if (!Enum.TryParse(body.Reason, out OriginalReason reason) || reason.ToString() != body.Reason) return Problems.Invalid;
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        (OriginalState state, long length) = await desk.Originals.FindAsync(call.Tenant, inbox, message, call.Cancel);
        await call.Trail.TellAsync(AuditAction.ContentRead, Originals.CodeOf(reason));
        byte[] content = [];
        if (state == OriginalState.Kept)
        {
            await call.Intake.MakeRoomAsync(3 * length);
            (state, content) = await desk.Originals.OpenAsync(call.Tenant, inbox, message, call.Cancel);
        }

        return state switch
        {
            OriginalState.Kept => Answer.File(content, ticket.Number + ".eml"),
            OriginalState.NotKept => Problems.OriginalNotKept,
            OriginalState.Gone or OriginalState.Damaged => Problems.OriginalGone,
        };
    }
}
