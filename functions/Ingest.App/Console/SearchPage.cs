using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>
/// The search for tickets. What is looked for comes by POST and stands in no URL. No index of who wrote what rests in the stores, so tickets are opened and looked
/// at, from the newest on, a part at a time; who wants to look further back says so.
/// </summary>
internal sealed class SearchPage(ConsoleSession sessions)
{
    private const int PartLength = 250, SmallForm = 16 * 1024;
    private const string OpenField = "open", ClosedField = "closed", AtEnd = "end";

    private sealed record Part(IReadOnlyList<Ticket> Found, TicketPlace? Next);

    public async Task ShowAsync(Visit visit)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Visit.Tickets);
            return;
        }

        string words = form["words"].ToString().Trim();
        if (words.Length > 320) words = words[..320];
        if (await visit.Desk.Tickets.FindByNumberAsync(visit.Tenant, words, visit.Cancel) is { } ticket && visit.Caller.May(Permission.ReadTickets, InboxId.Parse(ticket.Inbox)))
        {
            Answer.SeeOther(visit.Http, $"{Visit.Tickets}/{ticket.Id}");
            return;
        }

        IReadOnlyList<Mailbox> mailboxes = await TicketsPage.InboxesAsync(visit, Permission.ReadTickets);
        InboxId[] inboxes = [.. mailboxes.Select(m => m.Id)];
        Part open = await FindAsync(visit, inboxes, TicketState.Open, words, form[OpenField].ToString());
        Part closed = await FindAsync(visit, inboxes, TicketState.Closed, words, form[ClosedField].ToString());
        bool further = form[OpenField].ToString().Length > 0, more = open.Next is not null || closed.Next is not null;
        Ticket[] found = [.. open.Found.Concat(closed.Found).OrderByDescending(t => t.Updated)];
        visit.Trail.About = visit.Trail.About with { Count = found.Length };
        Dictionary<string, string> people = await TicketsPage.PeopleAsync(visit, found);
        string count = (found.Length == 0 ? "Nothing was found" : Words.Count(found.Length, "ticket") + (found.Length == 1 ? " was found" : " were found")) + (further ? " further back." : ".");
        await visit.PageAsync(visit.Frame("Find tickets", Visit.Tickets, wide: true), (AuditAction.Searched, ""), Markup.Of($"""
            <h1>Find tickets</h1>
            {TicketsPage.SearchForm(visit, words)}
            <p role="status">{count} <span class="soft">{(more ? "Older tickets were not looked through yet; a ticket number is found however old it is." : "All tickets were looked through.")}</span></p>
            {Markup.If(found.Length > 0, $"{TicketsPage.List(visit, found, mailboxes, people)}")}
            {Markup.If(more, $"{Further(visit, words, open.Next, closed.Next)}")}
            """));
    }

    private static Markup Further(Visit visit, string words, TicketPlace? open, TicketPlace? closed) => Markup.Of($"""
        <form method="post" action="/console/tickets/search">
        {Form.Token(visit.Person)}
        <input type="hidden" name="words" value="{words}">
        <input type="hidden" name="{OpenField}" value="{Text(open)}">
        <input type="hidden" name="{ClosedField}" value="{Text(closed)}">
        <button class="quiet">Look further back</button>
        </form>
        """);

    private static string Text(TicketPlace? place) => place is { } there ? TicketsPage.Text(there) : AtEnd;

    private static async Task<Part> FindAsync(Visit visit, IReadOnlyList<InboxId> inboxes, TicketState state, string words, string from)
    {
        if (words.Length == 0 || from == AtEnd) return new Part([], null);
        string? contact = words.Contains('@', StringComparison.Ordinal) ? await visit.Desk.Contacts.FindAsync(visit.Tenant, words, visit.Cancel) : null;
        TicketPart page = await visit.Desk.TicketPages.ReadAsync(visit.Tenant, inboxes, state, PartLength, TicketsPage.PlaceOf(from), visit.Cancel);
        return new Part([.. page.Tickets.Where(ticket => ticket.Document is { } document && (IsOf(document, contact) || Says(document, words)))], page.Next);
    }

    private static bool IsOf(TicketDocument document, string? contact) =>
        contact is not null && (document.Requester == contact || document.Participants.Contains(contact, StringComparer.Ordinal));

    private static bool Says(TicketDocument document, string words) =>
        new[] { document.RequesterAddress, document.RequesterName, document.Subject }.Concat(document.Copied).Any(text => text.Contains(words, StringComparison.OrdinalIgnoreCase));
}
