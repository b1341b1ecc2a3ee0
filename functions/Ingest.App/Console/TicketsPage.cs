using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>The lists of tickets and the search. An address that is looked for comes by POST and stands in no URL.</summary>
internal sealed class TicketsPage(ConsoleSession sessions)
{
    private const int PageLength = 30;
    private readonly TicketPage _ticket = new(sessions);
    private readonly SearchPage _search = new(sessions);

    public async Task<bool> TryAsync(Visit visit, string[] path)
    {
        if (!visit.Caller.MayAnywhere(Permission.ReadTickets)) return false;
        switch (path)
        {
            case [] when !visit.IsPost:
                await ListAsync(visit);
                return true;
            case ["search"] when visit.IsPost:
                await _search.ShowAsync(visit);
                return true;
            case ["search"]:
                Answer.SeeOther(visit.Http, Visit.Tickets);
                return true;
            case [var id, .. var rest]:
                return await _ticket.TryAsync(visit, id, rest);
            default:
                return false;
        }
    }

    /// <summary>The mailboxes whose tickets the visitor may read, by address.</summary>
    internal static async Task<IReadOnlyList<Mailbox>> InboxesAsync(Visit visit, Permission permission)
    {
        List<Mailbox> mailboxes = [];
        await foreach (InboxId inbox in visit.Desk.Mailboxes.ListAsync(visit.Tenant, visit.Cancel))
            if (visit.Caller.May(permission, inbox) && await visit.Desk.Mailboxes.FindAsync(visit.Tenant, inbox, visit.Cancel) is { } view) mailboxes.Add(view.Mailbox);
        return [.. mailboxes.OrderBy(m => m.Profile.Address, StringComparer.OrdinalIgnoreCase)];
    }

    private static async Task ListAsync(Visit visit)
    {
        IReadOnlyList<Mailbox> mailboxes = await InboxesAsync(visit, Permission.ReadTickets);
        TicketState state = visit.Asked("state") == "closed" ? TicketState.Closed : TicketState.Open;
        Mailbox? only = mailboxes.FirstOrDefault(m => m.Id.Value == visit.Asked("inbox"));
        InboxId[] inboxes = only is null ? [.. mailboxes.Select(m => m.Id)] : [only.Id];
        TicketPart page = await visit.Desk.TicketPages.ReadAsync(visit.Tenant, inboxes, state, PageLength, PlaceOf(visit.Asked("after")), visit.Cancel);
        visit.Trail.About = visit.Trail.About with { Inbox = only?.Id, Count = page.Tickets.Count };
        Dictionary<string, string> people = await PeopleAsync(visit, page.Tickets);
        string address = $"{Visit.Tickets}?state={(state == TicketState.Open ? "open" : "closed")}{(only is null ? "" : "&inbox=" + only.Id)}";
        string title = state == TicketState.Open ? "Open tickets" : "Closed tickets";
        await visit.PageAsync(visit.Frame(title, Visit.Tickets, wide: true), (AuditAction.Listed, "tickets"), Markup.Of($"""
            <h1>{title}</h1>
            {SearchForm(visit, "")}
            {Tabs(state, only)}
            {Markup.If(mailboxes.Count > 1, $"{Filter(state, mailboxes, only)}")}
            {(page.Tickets.Count > 0 ? List(visit, page.Tickets, mailboxes, people) : Empty(visit, mailboxes, state, visit.Asked("after").Length > 0))}
            <div class="pages">
            {(visit.Asked("after").Length > 0 ? Markup.Of($"""<a href="{address}">Newest</a>""") : Markup.Of($"<span></span>"))}
            {Markup.If(page.Next is not null, $"""<a href="{address}&after={Text(page.Next!.Value)}">Older tickets</a>""")}
            </div>
            {Markup.If(PersonFile.May(visit.Caller), $"""<p class="soft small"><a href="{Visit.PersonData}">Give a customer the data that is held of them</a></p>""")}
            """));
    }

    // A time and an id of ours, so they may stand in an address; whatever else stands there begins at the start.
    internal static string Text(TicketPlace place) => string.Create(CultureInfo.InvariantCulture, $"{place.Updated.UtcTicks}-{place.Ticket}");

    internal static TicketPlace? PlaceOf(string text) =>
        text.Split('-') is [var ticks, var ticket] && TicketStore.IsTicketId(ticket) && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out long at) && at <= DateTimeOffset.MaxValue.Ticks
            ? new TicketPlace(new DateTimeOffset(at, TimeSpan.Zero), ticket)
            : null;

    private static Markup Tabs(TicketState state, Mailbox? only)
    {
        string inbox = only is null ? "" : "&inbox=" + only.Id;
        return Markup.Of($"""
            <nav aria-label="State"><ul class="tabs">
            <li><a href="/console/tickets?state=open{inbox}"{Attr.If(state == TicketState.Open, "aria-current", "page")}>Open</a></li>
            <li><a href="/console/tickets?state=closed{inbox}"{Attr.If(state == TicketState.Closed, "aria-current", "page")}>Closed</a></li>
            </ul></nav>
            """);
    }

    // A form of GET: its values are ids of ours, which may stand in an address.
    private static Markup Filter(TicketState state, IReadOnlyList<Mailbox> mailboxes, Mailbox? only) => Markup.Of($"""
        <form class="filter short" method="get" action="/console/tickets">
        <input type="hidden" name="state" value="{(state == TicketState.Open ? "open" : "closed")}">
        {Form.Choice("inbox", "Mailbox", [("", "All mailboxes"), .. mailboxes.Select(m => (m.Id.Value, m.Profile.Address))], only?.Id.Value ?? "")}
        <button class="quiet">Show</button>
        </form>
        """);

    internal static Markup SearchForm(Visit visit, string words) => Markup.Of($"""
        <form class="search" role="search" method="post" action="/console/tickets/search">
        {Form.Token(visit.Person)}
        <div class="field"><label for="words">Find by address, name, subject or ticket number</label><input id="words" name="words" type="search" value="{words}" maxlength="320" autocomplete="off" required></div>
        <button>Find</button>
        </form>
        """);

    internal static Markup List(Visit visit, IReadOnlyList<Ticket> tickets, IReadOnlyList<Mailbox> mailboxes, Dictionary<string, string> people)
    {
        Dictionary<string, string> addresses = mailboxes.ToDictionary(m => m.Id.Value, m => m.Profile.Address);
        return Markup.Of($"""<ul class="list">{Markup.Each(tickets, ticket => Line(visit, ticket, mailboxes.Count > 1 ? addresses.GetValueOrDefault(ticket.Inbox, "") : "", people))}</ul>""");
    }

    private static Markup Line(Visit visit, Ticket ticket, string mailbox, Dictionary<string, string> people)
    {
        TicketDocument document = ticket.Document ?? new TicketDocument { Requester = "" };
        return Markup.Of($"""
            <li>
            <div class="line"><h2><a href="/console/tickets/{ticket.Id}"><bdi>{(ticket.IsDamaged ? "(damaged: tell your operator)" : ticket.Document is null ? "(erased)" : Words.Subject(document.Subject))}</bdi></a></h2><span class="when">{Moments.Ago(ticket.Updated, visit.Desk.Time.GetUtcNow())}</span></div>
            <p class="meta"><span><bdi>{Words.Person(document.RequesterName, document.RequesterAddress)}</bdi></span><span class="mono">{ticket.Number}</span><span>{Words.Count(ticket.Messages, "message")}</span>{Markup.If(mailbox.Length > 0, $"<span>{mailbox}</span>")}{Markup.If(document.Assignee.Length > 0, $"<span>{Assigned(visit, document.Assignee, people)}</span>")}</p>
            {Words.Flags(ticket.Flags)}
            </li>
            """);
    }

    private static string Assigned(Visit visit, string person, Dictionary<string, string> people) =>
        person == visit.Caller.Id ? "yours" : "with " + people.GetValueOrDefault(person, "somebody who left");

    /// <summary>The names of those who have tickets of a list; nobody is looked up when nobody has.</summary>
    internal static async Task<Dictionary<string, string>> PeopleAsync(Visit visit, IEnumerable<Ticket> tickets) =>
        tickets.Any(t => t.Document is { Assignee.Length: > 0 } document && document.Assignee != visit.Caller.Id)
            ? (await visit.Desk.People.ListAsync(visit.Tenant, visit.Cancel)).ToDictionary(p => p.Id, p => p.Name.Length > 0 ? p.Name : p.Email)
            : [];

    private static Markup Empty(Visit visit, IReadOnlyList<Mailbox> mailboxes, TicketState state, bool further)
    {
        if (further) return Markup.Of($"""<div class="card"><p>There are no older tickets.</p></div>""");
        if (mailboxes.Count == 0)
        {
            return visit.Caller.MayEverywhere(Permission.ManageMailboxes)
                ? Markup.Of($"""<div class="card"><h2>No mailbox yet</h2><p>Tickets come from mailboxes. Connect the one that your customers write to; its mail becomes tickets within a minute.</p><p><a class="button" href="/console/mailboxes">Connect a mailbox</a></p></div>""")
                : Markup.Of($"""<div class="card"><h2>No mailbox yet</h2><p>Tickets come from mailboxes. Ask an admin to connect one, or to let you read it.</p></div>""");
        }

        return state == TicketState.Closed
            ? Markup.Of($"""<div class="card"><p>No ticket was closed yet. Close one on its page, or with a reply.</p></div>""")
            : Markup.Of($"""<div class="card"><h2>Nothing is open</h2><p>New mail becomes a ticket within a minute. If you expect one, look whether it was kept back for review, and whether the mailbox is well.</p><p class="row">{Markup.If(visit.Caller.MayAnywhere(Permission.ReviewMail), $"""<a class="button quiet" href="/console/review">Review</a>""")}{Markup.If(visit.Caller.MayAnywhere(Permission.ManageMailboxes), $"""<a class="button quiet" href="/console/mailboxes">Mailboxes</a>""")}</p></div>""");
    }
}
