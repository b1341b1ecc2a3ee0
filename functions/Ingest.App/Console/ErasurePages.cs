using System.Globalization;
using System.Text;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>Erasure for good: a page that says what will go before anything does, the receipts, and the legal holds that stand above it.</summary>
internal sealed class ErasurePages(ConsoleSession sessions)
{
    private const int SmallForm = 16 * 1024, PageSize = 50;

    public async Task<bool> TryAsync(Visit visit, string[] path)
    {
        if (!visit.Caller.MayEverywhere(Permission.EraseData)) return false;
        switch (path)
        {
            case [] when !visit.IsPost:
                await ShowAsync(visit, []);
                return true;
            case ["confirm" or "erase" or "hold" or "lift"] when visit.IsPost:
                await ActAsync(visit, path[0]);
                return true;
            case ["confirm" or "erase" or "hold" or "lift"]:
                Answer.SeeOther(visit.Http, Visit.Erasures);
                return true;
            case [var id, "receipt"] when !visit.IsPost:
                return await ReceiptAsync(visit, id);
            default:
                return false;
        }
    }

    /// <summary>The button on a ticket's page; nothing for whoever may not erase.</summary>
    public static Markup TicketButton(Visit visit, Ticket ticket) => Markup.If(visit.Caller.MayEverywhere(Permission.EraseData) && ticket.Erased is null, $"""
        <details><summary>Erase this ticket</summary>
        {Form.Button(visit.Person, Visit.Erasures + "/confirm", "Erase for good…", "danger", [("ticket", ticket.Id)])}
        </details>
        """);

    private async Task ActAsync(Visit visit, string what)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Visit.Erasures);
            return;
        }

        string name = form["address"].ToString().Trim(), ticket = form["ticket"].ToString().Trim();
        AuditActor actor = AuditActor.Of(visit.Caller);
        if (what == "lift") await visit.Desk.Holds.LiftAsync(visit.Tenant, form["hold"].ToString(), actor, visit.Cancel);
        if (what == "lift") Answer.SeeOther(visit.Http, Visit.Erasures);
        else if ((name.Length == 0 && ticket.Length == 0) || name.Length > 320) await ShowAsync(visit, [new Problem("address", "Name a person by their e-mail address.")]);
        else if (what == "confirm") await ConfirmAsync(visit, name, ticket, ticket.Length > 0 ? (await FindAsync(visit, ticket))?.Number ?? TicketNumber(ticket) : "");
        else if (what == "hold") await HoldAsync(visit, name, ticket, form["reason"].ToString(), actor);
        else await EraseAsync(visit, name, ticket, actor);
    }

    private static Task ConfirmAsync(Visit visit, string name, string ticket, string number) => visit.PageAsync(visit.Frame("Erase for good", Visit.Erasures), shows: null, Markup.Of($"""
        <h1>Erase for good</h1>
        {(ticket.Length > 0 ? Markup.Of($"""
        <p>The ticket {number} goes, with all its messages, notes and files, the originals of its mails, its duplicates, kept-back mail that answers it, and replies that wait to be sent.</p>
        """) : Markup.Of($"""
        <p>All that {name} wrote or was written goes: tickets of theirs as a whole; in tickets of others their messages, their name, their address and what quotes them; their mail that is kept back, parked or on its way; replies to them that wait.
        What others wrote stays, as text and without html. The originals of all mails of those tickets go.</p>
        """))}
        <p>Keys are destroyed: nobody can bring it back, not from a backup either once its 30 days are over. Mail in the mailbox at the provider, and with others, is not touched. You get a signed receipt.</p>
        <div class="row">{Form.Button(visit.Person, Visit.Erasures + "/erase", "Erase for good", "danger", [("address", name), ("ticket", ticket)])}
        <a class="button quiet" href="{Visit.Erasures}">Do not erase</a></div>
        """));

    private static string TicketNumber(string ticket) => ticket.Length >= 8 ? ticket[..8].ToUpperInvariant() : ticket;

    private static async Task EraseAsync(Visit visit, string name, string ticket, AuditActor actor)
    {
        ErasureEnd end = ticket.Length > 0
            ? await visit.Desk.Eraser.TicketAsync(visit.Tenant, ticket, actor, visit.Cancel, Eraser.InRequest)
            : await visit.Desk.Eraser.ContactAsync(visit.Tenant, name, actor, visit.Cancel, Eraser.InRequest);
        if (end.Outcome == ErasureOutcome.Held)
            await ShowAsync(visit, [new Problem("", $"Nothing was erased: a legal hold stands above it ({string.Join(", ", end.Holds.Select(h => h.Id))}). Lift it first, if it may be lifted.")]);
        else if (end.Erasure is null) await ShowAsync(visit, [new Problem("", "There is nothing of that name to erase.")]);
        else Answer.SeeOther(visit.Http, $"{Visit.Erasures}?said={(end.Outcome == ErasureOutcome.Begun ? "begun" : "erased")}");
    }

    private static async Task HoldAsync(Visit visit, string name, string ticket, string reason, AuditActor actor)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > Holds.LongestReason)
        {
            await ShowAsync(visit, [new Problem("reason", "Say why it is held, in 1,000 characters at most.")]);
            return;
        }

        string? target = ticket.Length > 0 ? (await FindAsync(visit, ticket) is { Erased: null } there ? there.Id : null) : await visit.Desk.Contacts.FindAsync(visit.Tenant, name, visit.Cancel);
        if (target is null)
        {
            await ShowAsync(visit, [new Problem("held", "There is nothing of that name to hold.")]);
            return;
        }

        Hold hold = await visit.Desk.Holds.PlaceAsync(visit.Tenant, ticket.Length > 0 ? ErasureKind.Ticket : ErasureKind.Contact, target, reason, actor, visit.Cancel);
        Answer.SeeOther(visit.Http, $"{Visit.Erasures}?said={(hold.UnderWay.Count > 0 ? "held-late" : "held")}");
    }

    private static Task<Ticket?> FindAsync(Visit visit, string ticket) => visit.Desk.Tickets.FindStandingAsync(visit.Tenant, ticket, visit.Cancel);

    private static async Task<bool> ReceiptAsync(Visit visit, string id)
    {
        if ((await visit.Desk.Erasures.FindAsync(visit.Tenant, id, visit.Cancel))?.Receipt is not { } receipt) return false;
        await visit.Trail.TellAsync(AuditAction.Exported, "receipt");
        visit.Http.Response.ContentType = "application/json";
        visit.Http.Response.Headers.ContentDisposition = $"attachment; filename=\"receipt-{id}.json\"";
        await visit.Http.Response.WriteAsync(Encoding.UTF8.GetString(receipt), visit.Cancel);
        return true;
    }

    private static async Task ShowAsync(Visit visit, IReadOnlyList<Problem> problems)
    {
        string after = visit.Asked("after");
        (IReadOnlyList<Erasure> erasures, string? next) = await visit.Desk.Erasures.PageAsync(visit.Tenant, PageSize, IsPlace(after) ? after : null, visit.Cancel);
        IReadOnlyList<Hold> holds = await visit.Desk.Holds.ListAsync(visit.Tenant, visit.Cancel);
        string said = visit.Asked("said") switch { "erased" => "It was erased. The receipt is below.", "begun" => "It has begun and goes on by itself, every five minutes, until all is destroyed. How far it is stands below.", "held" => "The hold stands.", "held-late" => "The hold stands. An erasure was under way when it was placed: what that had destroyed by then is gone, what is left and covered stays.", _ => "" };
        await visit.PageAsync(visit.Frame("Erasure", Visit.Erasures), (AuditAction.Listed, "erasures"), Markup.Of($"""
            {Form.Summary(problems)}
            {Markup.If(said.Length > 0, $"""<div class="notice good" role="status"><p>{said}</p></div>""")}
            <h1>Erasure</h1>
            <section class="card" aria-labelledby="person"><h2 id="person">Erase a person</h2>
            <form method="post" action="{Visit.Erasures}/confirm">{Form.Token(visit.Person)}
            {Form.Text("address", "Their e-mail address", hint: "The next page says what will go, before anything does.", type: "email", required: true, problems: problems)}
            <p><button class="danger">Erase…</button></p></form></section>
            <section class="card" aria-labelledby="holds"><h2 id="holds">Legal holds</h2>
            <p>What is held is neither erased nor let go by any schedule.</p>
            <form method="post" action="{Visit.Erasures}/hold">{Form.Token(visit.Person)}
            {Form.Text("ticket", "Ticket", hint: "Its number.", required: true, problems: problems, id: "held")}
            {Form.Text("reason", "Why", hint: "Such as the matter's number.", required: true, problems: problems)}
            <p><button class="quiet">Place a hold</button></p></form>
            <ul>{Markup.Each(holds, hold => Markup.Of($"""<li>{hold.Kind.ToString()} <span class="mono">{hold.Target}</span>: {hold.Reason} ({Day(hold.Placed)}) {Form.Button(visit.Person, Visit.Erasures + "/lift", "Lift", "quiet", [("hold", hold.Id)])}</li>"""))}</ul></section>
            <h2>Receipts</h2>
            {Markup.If(erasures.Count == 0, $"<p>Nothing was erased yet.</p>")}
            <ul>{Markup.Each(erasures, e => Markup.Of($"""<li>{e.Kind.ToString()} <span class="mono">{e.Target}</span>, {Day(e.Begun)}: {(e.Receipt is null ? Markup.Of($"{HowFar(e)}") : Markup.Of($"""<a href="{Visit.Erasures}/{e.Id}/receipt">signed receipt</a>"""))}</li>"""))}</ul>
            {Markup.If(next is not null, $"""<p><a href="{Visit.Erasures}?after={next ?? ""}">Older ones</a></p>""")}
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static string HowFar(Erasure e) => e.State == ErasureState.Held
        ? "ended before anything was destroyed: a legal hold stands above it"
        : string.Create(CultureInfo.InvariantCulture, $"{Doing(e.Stage)}; {e.Looked} tickets and mails looked at so far");

    private static string Doing(ErasureStage stage) => stage switch
    {
        ErasureStage.Look => "looking for what is to go",
        ErasureStage.Kept => "destroying what lies in no ticket",
        ErasureStage.Share => "writing anew what others wrote",
        ErasureStage.Shred => "destroying tickets",
        ErasureStage.Twice => "destroying once more",
        ErasureStage.Last or ErasureStage.Rest or ErasureStage.Count or ErasureStage.Sign => "nearly finished",
    };

    // A place is a number and an id; whatever else somebody asks for is the first page.
    private static bool IsPlace(string text) => text.Length is > 0 and <= 80 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '!' or '-');

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
