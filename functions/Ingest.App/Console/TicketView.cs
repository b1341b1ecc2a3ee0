using Ingest.App.Pages;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>What stands above the messages of a ticket: what it is, whose it is, and the buttons.</summary>
internal static class TicketView
{
    public static Markup Head(Visit visit, Ticket ticket, Mailbox? mailbox, IReadOnlyList<(string Id, string Name)> agents, Ticket? linked, bool mayAnswer)
    {
        TicketDocument document = ticket.Document ?? new TicketDocument { Requester = "" };
        return Markup.Of($"""
            <p class="soft"><span class="mono">{ticket.Number}</span> · {(ticket.State == TicketState.Open ? "open" : "closed")}</p>
            <h1><bdi>{(ticket.IsDamaged ? "Damaged ticket" : ticket.Document is null ? "Erased ticket" : Words.Subject(document.Subject))}</bdi></h1>
            {Markup.If(ticket.IsDamaged, $"""<div class="notice warn" role="note"><p>{ConsolePages.DamagedWords} The messages below have seals of their own.</p></div>""")}
            {Markup.If(ticket.Document is null && !ticket.IsDamaged, $"""<div class="notice"><p>The content of this ticket was erased. What is left are numbers and times.</p></div>""")}
            {Words.Flags(ticket.Flags)}
            <dl class="facts">
            {Markup.If(ticket.Document is not null, $"<dt>From</dt><dd><bdi>{Words.Person(document.RequesterName, document.RequesterAddress)}</bdi></dd>")}
            <dt>Mailbox</dt><dd>{mailbox?.Profile.Address ?? ticket.Inbox}</dd>
            <dt>Opened</dt><dd>{Moments.At(ticket.Created)}</dd>
            <dt>Assigned to</dt><dd>{Assignee(visit, document.Assignee, agents)}</dd>
            {Markup.If(linked is not null, $"""<dt>See also</dt><dd><a href="/console/tickets/{linked!.Id}"><bdi>{Words.Subject(linked.Document?.Subject)}</bdi></a> <span class="soft">The first mail refers to that ticket, and its sender may not join it.</span></dd>""")}
            </dl>
            {Markup.If(mayAnswer, $"{Buttons(visit, ticket, document.Assignee, agents)}")}
            """);
    }

    private static string Assignee(Visit visit, string person, IReadOnlyList<(string Id, string Name)> agents) =>
        person.Length == 0 ? "nobody" : person == visit.Caller.Id ? "you" : agents.Where(a => a.Id == person).Select(a => a.Name).FirstOrDefault() ?? "somebody who may not answer here any more";

    private static Markup Buttons(Visit visit, Ticket ticket, string assignee, IReadOnlyList<(string Id, string Name)> agents)
    {
        string address = $"/console/tickets/{ticket.Id}";
        (string, string)[] others = [.. agents.Where(a => a.Id != visit.Caller.Id).Select(a => (a.Id, a.Name))];
        return Markup.Of($"""
            <div class="row">
            {Markup.If(ticket.Document is not null, $"""<a class="button" href="#reply">Reply</a>""")}
            {(ticket.State == TicketState.Open ? Form.Button(visit.Person, address + "/state", "Close", "quiet", [("state", "closed")]) : Form.Button(visit.Person, address + "/state", "Open again", "quiet", [("state", "open")]))}
            {Markup.If(assignee != visit.Caller.Id, $"""{Form.Button(visit.Person, address + "/assign", "Take it", "quiet", [("person", visit.Caller.Id)])}""")}
            {SpamButtons(visit, ticket, address)}
            </div>
            {Markup.If(others.Length > 0 || assignee.Length > 0, $"""
            <details><summary>Assign</summary>
            <form class="filter short" method="post" action="{address}/assign">{Form.Token(visit.Person)}
            {Form.Choice("person", "Who takes care of it", [("", "Nobody"), (visit.Caller.Id, "You"), .. others], assignee)}
            <button class="quiet">Assign</button></form>
            </details>
            """)}
            """);
    }

    // About the newest mail from outside, by which the ticket stands in the lists.
    private static Markup SpamButtons(Visit visit, Ticket ticket, string address)
    {
        if (ticket.Document is not { LastKey: { Length: > 0 } key }) return Markup.Empty;
        bool aside = (ticket.Flags & MessageMarks.MarkedSpam) != 0, doubted = (ticket.Flags & MessageMarks.Unsure) != 0;
        return Markup.Of($"""
            {Markup.If(!aside, $"""{Form.Button(visit.Person, address + "/spam", "Spam", "quiet", [("message", key), ("spam", "yes")])}""")}
            {Markup.If(aside || doubted, $"""{Form.Button(visit.Person, address + "/spam", "Not spam", "quiet", [("message", key), ("spam", "no")])}""")}
            """);
    }
}
