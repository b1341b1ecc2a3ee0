using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;

namespace Ingest.App.Console;

/// <summary>Who did what, for auditors: the newest first, by day, action and person; and what was taken out and brought in. Ids where names would be: they hold when the names are erased.</summary>
internal sealed class AuditPages
{
    private const int PageLength = 50;

    public static async Task<bool> TryAsync(Visit visit, string[] path)
    {
        if (!visit.Caller.MayEverywhere(Permission.ReadJournal) || visit.IsPost || path.Length > 0) return false;
        bool transfers = visit.Asked("kind") == "transfers";
        string day = visit.Asked("day").Replace("-", "", StringComparison.Ordinal), actor = visit.Asked("actor");
        bool isDay = DateOnly.TryParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        AuditAction? action = Enum.GetValues<AuditAction>().Cast<AuditAction?>().FirstOrDefault(a => a.ToString() == visit.Asked("action"));
        AuditFilter filter = new()
        {
            Day = isDay ? day : "", Actor = People.IsPersonId(actor) || actor == Caller.LocalOwnerId ? actor : "",
            Actions = transfers ? AuditFilter.Transfers : action is { } one ? [one] : [],
        };
        AuditPart part = await visit.Desk.AuditPages.ReadAsync(visit.Tenant, filter, PageLength, PlaceOf(visit.Asked("after")), visit.Cancel);
        visit.Trail.About = visit.Trail.About with { Count = part.Entries.Count };
        Dictionary<string, string> people = visit.Caller.MayEverywhere(Permission.ManagePeople)
            ? (await visit.Desk.People.ListAsync(visit.Tenant, visit.Cancel)).ToDictionary(p => p.Id, p => p.Name.Length > 0 ? p.Name : p.Email)
            : [];
        string address = $"{Visit.Audit}?day={filter.Day}&actor={filter.Actor}{(transfers ? "&kind=transfers" : "&action=" + action)}";
        await visit.PageAsync(visit.Frame("Audit log", Visit.Audit, wide: true), (AuditAction.AuditRead, transfers ? "transfers" : "console"), Markup.Of($"""
            <h1>Audit log</h1>
            <nav aria-label="Kind"><ul class="tabs">
            <li><a href="{Visit.Audit}"{Attr.If(!transfers, "aria-current", "page")}>All</a></li>
            <li><a href="{Visit.Audit}?kind=transfers"{Attr.If(transfers, "aria-current", "page")}>Taken out and brought in</a></li>
            </ul></nav>
            <p class="soft">Who did what, in UTC. Nothing here says what a mail said. That the log is whole is checked with: tools/ingest audit verify</p>
            {Filter(filter, action, transfers)}
            {(part.Entries.Count == 0 ? Markup.Of($"""<div class="card"><p>{(part.Next is null ? "Nothing stands in the log that was asked for." : "Nothing among these; look further back.")}</p></div>""") : Markup.Of($"""<ul class="list">{Markup.Each(part.Entries, entry => Line(entry, people))}</ul>"""))}
            <div class="pages">
            {(visit.Asked("after").Length > 0 ? Markup.Of($"""<a href="{address}">Newest</a>""") : Markup.Of($"<span></span>"))}
            {Markup.If(part.Next is not null, $"""<a href="{address}&after={Text(part.Next!.Value)}">Older entries</a>""")}
            </div>
            """));
        return true;
    }

    private static Markup Filter(AuditFilter filter, AuditAction? action, bool transfers) => Markup.Of($"""
        <form class="filter" method="get" action="{Visit.Audit}">
        {Markup.If(transfers, $"""<input type="hidden" name="kind" value="transfers">""")}
        {Form.Text("day", "Day", filter.Day, "As 20261122; empty for all.")}
        {Markup.If(!transfers, $"""{Form.Choice("action", "What", [("", "Everything"), .. Enum.GetValues<AuditAction>().Select(a => (a.ToString(), AuditWords.Of(a)))], action?.ToString() ?? "")}""")}
        {Form.Text("actor", "Who", filter.Actor, "The id of a person or token; empty for all.")}
        <button class="quiet">Show</button>
        </form>
        """);

    private static Markup Line(AuditEntry entry, Dictionary<string, string> people)
    {
        AuditEvent what = entry.Event;
        string who = people.GetValueOrDefault(what.Actor.Id, "");
        return Markup.Of($"""
            <li>
            <div class="line"><h2>{AuditWords.Of(what.Action)}{Markup.If(what.Code.Length > 0, $" ({what.Code})")}{Markup.If(what.Result == AuditResult.Refused, $""" <span class="bad">refused</span>""")}{Markup.If(what.Result == AuditResult.Failed, $""" <span class="bad">came to nothing</span>""")}{Markup.If(what.Result == AuditResult.Begun, $" begun")}</h2><span class="when">{Moments.At(entry.At)}</span></div>
            <p class="meta"><span>{AuditWords.Of(what.Actor.Kind)}</span>{Markup.If(who.Length > 0, $"<span><bdi>{who}</bdi></span>")}{Markup.If(what.Actor.Id.Length > 0, $"""<span class="mono">{what.Actor.Id}</span>""")}{Markup.If(what.Count > 0, $"<span>{Words.Count((int)Math.Min(what.Count, int.MaxValue), "record")}</span>")}{About("ticket", what.TicketId)}{About("mailbox", what.Inbox?.Value ?? "")}{About("contact", what.ContactId)}{About("about", what.Subject)}</p>
            </li>
            """);
    }

    private static Markup About(string word, string id) => Markup.If(id.Length > 0, $"""<span>{word} <span class="mono">{id}</span></span>""");

    private static string Text(AuditPlace place) => string.Create(CultureInfo.InvariantCulture, $"{place.Day}-{place.Number}");

    private static AuditPlace? PlaceOf(string text) =>
        text.Split('-') is [{ Length: 8 } day, var number] && day.All(char.IsAsciiDigit) && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long at) ? new AuditPlace(day, at) : null;
}
