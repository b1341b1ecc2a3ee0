using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>Destroys a mail as it came, which holds what was masked in its ticket still, after a page that says what that means and asks why.</summary>
internal sealed class DestroyOriginalPage(ConsoleSession sessions)
{
    private const int SmallForm = 64 * 1024;

    private static readonly (DestroyReason Reason, string Text)[] Reasons =
    [
        (DestroyReason.HoldsMasked, "It holds what was masked or taken out in the ticket"), (DestroyReason.CustomerAsked, "The customer asked for it"),
        (DestroyReason.Legal, "An obligation, a claim, or an authority's request"), (DestroyReason.SentByMistake, "It was never meant for this mailbox"),
    ];

    private static string Address(Ticket ticket, string key) => $"{Visit.Tickets}/{ticket.Id}/messages/{key}/original/destroy";

    /// <summary>The way there, for who may redact.</summary>
    public static Markup Link(Ticket ticket, TicketMessage message) =>
        Markup.If(message.Direction == MessageDirection.In, $"""<p class="small"><a href="{Address(ticket, message.Key)}">Destroy the mail as it came…</a></p>""");

    /// <summary>The page, or doing it; false where there is no such mail, or not for this visitor.</summary>
    public async Task<bool> TryAsync(Visit visit, Ticket ticket, string key)
    {
        InboxId inbox = InboxId.Parse(ticket.Inbox);
        if (!visit.Caller.May(Permission.RedactTickets, inbox) || key.Length != 32 || !key.All(char.IsAsciiLetterOrDigit)) return false;
        if (await visit.Desk.Tickets.FindMessageAsync(visit.Tenant, ticket.Id, key, visit.Cancel) is not { Direction: MessageDirection.In } message) return false;
        (OriginalState state, _) = await visit.Desk.Originals.FindAsync(visit.Tenant, inbox, message, visit.Cancel);
        // Where the first is gone, a copy of it may be there.
        bool isThere = await visit.Desk.RedactByHand.HasOriginalAsync(visit.Tenant, ticket, message, visit.Cancel);
        if (isThere) state = OriginalState.Kept;
        if (!visit.IsPost)
        {
            await AskAsync(visit, ticket, key, state, []);
            return true;
        }

        if (await visit.FormAsync(sessions, SmallForm) is not { } form) await ConsolePages.FormRefusedAsync(visit, $"{Visit.Tickets}/{ticket.Id}");
        else if (!Enum.TryParse(form["reason"], out DestroyReason reason) || !Enum.IsDefined(reason)) await AskAsync(visit, ticket, key, state, [new Problem("reason", "Say why it is to go.")]);
        else await DoAsync(visit, ticket, key, reason);
        return true;
    }

    private static async Task DoAsync(Visit visit, Ticket ticket, string key, DestroyReason reason)
    {
        visit.Trail.LeaveToWork();
        RedactionEnd end = await visit.Desk.RedactByHand.DestroyOriginalAsync(visit.Tenant, ticket.Id, key, reason, AuditActor.Of(visit.Caller), visit.Cancel);
        string said = end.Outcome switch
        {
            RedactionOutcome.Done => "original-destroyed",
            RedactionOutcome.Held => "destroy-held",
            _ => "original-none",
        };
        Answer.SeeOther(visit.Http, $"{Visit.Tickets}/{ticket.Id}?said={said}");
    }

    private static Task AskAsync(Visit visit, Ticket ticket, string key, OriginalState state, IReadOnlyList<Problem> problems) => visit.PageAsync(visit.Frame("Destroy the mail as it came", Visit.Tickets), shows: null, Markup.Of($"""
        {Form.Summary(problems)}
        <h1>Destroy the mail as it came</h1>
        {(state == OriginalState.Kept ? Markup.Of($"""
        <p>The sealed original of this mail, or a copy of it, still holds what was masked in the ticket. Its key is destroyed, and that of every copy of the mail that came in besides: nobody can open it again, not from a backup either, and what the spam filter learned from it goes. The ticket stays as it is. Mail at the provider is not touched. The audit log is told that you did it, and why.</p>
        <form method="post" action="{Address(ticket, key)}">{Form.Token(visit.Person)}
        {Form.Choice("reason", "Why is it to go?", [("", "Choose one"), .. Reasons.Select(r => (r.Reason.ToString(), r.Text))], problems: problems)}
        <p class="row"><button class="danger">Destroy it for good</button> <a class="button quiet" href="{Visit.Tickets}/{ticket.Id}">Keep it</a></p></form>
        """) : Markup.Of($"""
        <p>{RedactionPages.Gone(state)}</p>
        <p><a class="button quiet" href="{Visit.Tickets}/{ticket.Id}">Back to the ticket</a></p>
        """))}
        """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
}
