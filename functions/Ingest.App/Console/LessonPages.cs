using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>What agents taught the spam filter, and how an admin takes that back: one lesson, or all of one account since a moment.</summary>
internal sealed class LessonPages(ConsoleSession sessions)
{
    private const int SmallForm = 16 * 1024, Shown = 200;

    public async Task<bool> TryAsync(Visit visit, string[] path)
    {
        if (!visit.Caller.MayEverywhere(Permission.ManageMailboxes)) return false;
        switch (path)
        {
            case [] when !visit.IsPost:
                await ShowAsync(visit, []);
                return true;
            case ["undo"] when visit.IsPost:
                await UndoAsync(visit);
                return true;
            case ["undo"]:
                Answer.SeeOther(visit.Http, Visit.Lessons);
                return true;
            default:
                return false;
        }
    }

    private async Task UndoAsync(Visit visit)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Visit.Lessons);
            return;
        }

        string lesson = form["lesson"].ToString(), by = form["by"].ToString(), since = form["since"].ToString();
        DateTimeOffset? from = null;
        if (since.Length > 0 && DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset read)) from = read;
        if (since.Length > 0 && from is null)
        {
            await ShowAsync(visit, [new Problem("since", "Give a moment such as 2026-11-02 09:05, in UTC, or leave it empty for all that the account ever taught.")]);
            return;
        }

        if (lesson.Length == 0 && by.Length == 0)
        {
            await ShowAsync(visit, [new Problem("by", "Say whose lessons are to be taken out.")]);
            return;
        }

        LessonChoice choice = lesson.Length > 0 ? new LessonChoice(Ids: [lesson]) : new LessonChoice(By: by, Since: from);
        if (by is { Length: > 0 and <= 64 } && by.All(char.IsAsciiLetterOrDigit)) visit.Trail.About = visit.Trail.About with { Subject = by };
        await visit.Trail.TellAsync(AuditAction.PolicyChanged, "unlearned");
        Undone undone = await visit.Desk.TeachSpam.UndoAsync(visit.Tenant, choice, visit.Cancel);
        Answer.SeeOther(visit.Http, string.Create(CultureInfo.InvariantCulture, $"{Visit.Lessons}?lessons={undone.Lessons}&tickets={undone.Tickets}"));
    }

    private static async Task ShowAsync(Visit visit, IReadOnlyList<Problem> problems)
    {
        List<LessonLine> lessons = [.. (await visit.Desk.Lessons.ListAsync(visit.Tenant, visit.Cancel).ToListAsync(visit.Cancel)).OrderByDescending(l => l.At)];
        Dictionary<string, string> people = (await visit.Desk.People.ListAsync(visit.Tenant, visit.Cancel)).ToDictionary(p => p.Id, p => p.Name.Length > 0 ? p.Name : p.Email);
        string Name(string by) => by == visit.Caller.Id ? "you" : by == TeachSpam.CommandTeacher ? "the command line" : people.GetValueOrDefault(by, by);
        await visit.PageAsync(visit.Frame("Spam filter", Visit.Lessons), (AuditAction.Listed, "lessons"), Markup.Of($"""
            {Form.Summary(problems)}
            {Said(visit)}
            <h1>What the spam filter was taught</h1>
            <p>Each time somebody marks mail as spam, takes that back, or lets kept-back mail in, the filter learns. It counts for a few months. What one account teaches moves the filter little, what several teach together moves it more; what was wrong is taken out here, and leaves nothing behind.</p>
            {Markup.If(lessons.Count > 0, $"{UndoForm(visit, lessons, Name, problems)}")}
            <h2>Lessons</h2>
            {Markup.If(lessons.Count == 0, $"""<div class="card"><p>Nobody has taught it anything yet. Open a ticket that is spam and say so.</p></div>""")}
            {Markup.If(lessons.Count > Shown, $"""<p class="soft">The newest {Shown} of {lessons.Count}.</p>""")}
            <ul>{Markup.Each(lessons.Take(Shown), lesson => Line(visit, lesson, Name(lesson.By)))}</ul>
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static Markup Line(Visit visit, LessonLine lesson, string by) => Markup.Of($"""
        <li>{Moments.At(lesson.At)}: <bdi>{by}</bdi> said that <a href="{Visit.Tickets}/{lesson.TicketId}"><span class="mono">{TenantKeys.DisplayNumber(lesson.TicketId)}</span></a> is {(lesson.Verdict == LessonVerdict.Spam ? "spam" : "no spam")}
        {Form.Button(visit.Person, Visit.Lessons + "/undo", "Take out", "quiet", [("lesson", lesson.Id)])}</li>
        """);

    private static Markup UndoForm(Visit visit, List<LessonLine> lessons, Func<string, string> name, IReadOnlyList<Problem> problems) => Markup.Of($"""
        <details{Attr.If(problems.Count > 0, "open")}><summary>Take out all that an account taught</summary>
        <form class="short" method="post" action="{Visit.Lessons}/undo">{Form.Token(visit.Person)}
        {Form.Choice("by", "Whose", lessons.GroupBy(l => l.By).OrderByDescending(g => g.Count()).Select(g => (g.Key, $"{name(g.Key)} ({Words.Count(g.Count(), "lesson")})")), problems: problems)}
        {Form.Text("since", "Since", hint: "Such as 2026-11-02 09:05, in UTC; empty for ever. Tickets that they set aside as spam are open again.", problems: problems)}
        <p><button class="danger">Take out</button></p></form>
        </details>
        """);

    private static Markup Said(Visit visit) => int.TryParse(visit.Asked("lessons"), NumberStyles.None, CultureInfo.InvariantCulture, out int lessons) && int.TryParse(visit.Asked("tickets"), NumberStyles.None, CultureInfo.InvariantCulture, out int tickets)
        ? Markup.Of($"""<div class="notice good" role="status"><p>{Words.Count(lessons, "lesson")} taken out; the filter goes on without. {Words.Count(tickets, "ticket")} opened again.</p></div>""")
        : Markup.Empty;
}
