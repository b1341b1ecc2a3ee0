using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Retention;
using Ingest.Core.Spam;

namespace Ingest.App.Console;

/// <summary>How strict a mailbox's spam filter is, in customers: at most one in so many; where doubtful mail goes; and when kept-back mail calls for somebody.</summary>
internal sealed class FilterPages(ConsoleSession sessions)
{
    private const int SmallForm = 16 * 1024, MostAlarm = 1_000_000;
    private static readonly int[] Choices = [200, 1000, 2000, 10_000, 50_000];

    /// <summary>Where a mailbox's page is.</summary>
    internal static string Address(Mailbox mailbox) => $"{Visit.Mailboxes}/{mailbox.Id}/filter";

    public async Task<bool> TryAsync(Visit visit, Mailbox mailbox, string[] path)
    {
        if (path.Length > 0) return false;
        if (visit.IsPost) await TakeAsync(visit, mailbox);
        else
        {
            HeldPolicy held = await HeldAsync(visit, mailbox);
            await ShowAsync(visit, mailbox, held, Answers.Of(held.Policy), []);
        }

        return true;
    }

    // Where a mailbox has none of its own, that of all holds, and is what its own begins with; the rules of all hold in any case.
    private static async Task<HeldPolicy> HeldAsync(Visit visit, Mailbox mailbox) =>
        await visit.Desk.Policies.FindAsync(visit.Tenant, mailbox.Id, visit.Cancel) is { Version.Length: > 0 } own
            ? own
            : new HeldPolicy((await visit.Desk.Policies.FindAsync(visit.Tenant, null, visit.Cancel)).Policy with { Rules = [] }, "");

    private sealed record Answers(int OneCustomerIn, UnsureMail Unsure, string Count, string Days)
    {
        public static Answers Of(MailPolicy policy) => new(policy.OneCustomerIn, policy.Unsure, Text(policy.AlarmFromCount), Text(policy.AlarmFromDays));
    }

    private async Task TakeAsync(Visit visit, Mailbox mailbox)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Address(mailbox));
            return;
        }

        HeldPolicy held = await HeldAsync(visit, mailbox);
        Answers answers = new(
            int.TryParse(form["one"], NumberStyles.None, CultureInfo.InvariantCulture, out int one) ? one : 0, form["unsure"] == "quarantine" ? UnsureMail.Quarantine : UnsureMail.Ticket,
            form["count"].ToString().Trim(), form["days"].ToString().Trim());
        List<Problem> problems = [];
        // What was set by other means than this page stays a choice.
        if (!Choices.Contains(answers.OneCustomerIn) && answers.OneCustomerIn != held.Policy.OneCustomerIn) problems.Add(new Problem("one", "Choose one of the lines."));
        if (Number(answers.Count, MostAlarm) is not { } count) problems.Add(new Problem("count", "Write a number from 1 to 1,000,000, or 0 for no alarm."));
        else if (Number(answers.Days, Schedules.MostDays) is { } days && problems.Count == 0)
        {
            bool kept = form["version"] == held.Version && await visit.Desk.Policies.ChangeAsync(visit.Tenant, mailbox.Id,
                _ => held.Policy with { OneCustomerIn = answers.OneCustomerIn, Unsure = answers.Unsure, AlarmFromCount = count, AlarmFromDays = days }, AuditActor.Of(visit.Caller), visit.Cancel, held.Version) is not null;
            Answer.SeeOther(visit.Http, $"{Address(mailbox)}?said={(kept ? "kept" : "changed")}");
            return;
        }

        if (Number(answers.Days, Schedules.MostDays) is null) problems.Add(new Problem("days", "Write a number of days from 1 to 36,500, or 0 for no alarm."));
        await ShowAsync(visit, mailbox, held, answers, problems);
    }

    private static int? Number(string text, int most) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most ? number : null;

    private static async Task ShowAsync(Visit visit, Mailbox mailbox, HeldPolicy held, Answers answers, List<Problem> problems)
    {
        const string Title = "Spam filter";
        (IReadOnlyList<KeptAlarm> alarms, KeptCounts? counts) = await visit.Desk.ReviewWatch.LastAsync(visit.Tenant, mailbox.Id, visit.Cancel);
        IReadOnlyList<Schedule> schedules = await visit.Desk.Schedules.OfAsync(visit.Tenant, mailbox, visit.Cancel);
        int[] choices = [.. Choices.Append(answers.OneCustomerIn).Where(n => n > 0).Distinct().Order()];
        await visit.PageAsync(visit.Frame(Title, Visit.Mailboxes), (AuditAction.Listed, "mail-policy"), Markup.Of($"""
            <p><a href="{Visit.Mailboxes}/{mailbox.Id.Value}">{mailbox.Profile.Address}</a></p>
            {Form.Summary(problems)}
            <h1>{Title}</h1>
            {Said(visit.Asked("said"))}
            {Markup.If(alarms.Count > 0, $"""<div class="notice warn"><h2>Somebody should look</h2><ul>{Markup.Each(alarms, alarm => Markup.Of($"<li>{ReviewWords.Of(alarm, counts!, visit.Desk.Time.GetUtcNow())}</li>"))}</ul><p><a href="/console/review?inbox={mailbox.Id.Value}">Review it</a></p></div>""")}
            <form class="card" method="post" action="{Address(mailbox)}">{Form.Token(visit.Person)}<input type="hidden" name="version" value="{held.Version}">
            <fieldset>
            <legend>How many customers may it hold back?</legend>
            <p class="hint">A customer whose mail is held gets no answer until somebody looks. The stricter the filter, the more of them; the milder, the more spam among the tickets.</p>
            {Markup.Each(choices, n => Line(n, answers.OneCustomerIn))}
            </fieldset>
            <fieldset>
            <legend>When it is not sure</legend>
            {Radio("unsure", "ticket", "A ticket, with the remark “may be spam”", "No customer waits. It is not acknowledged by itself.", answers.Unsure == UnsureMail.Ticket)}
            {Radio("unsure", "quarantine", "Kept back for review", "Somebody should look several times a day.", answers.Unsure == UnsureMail.Quarantine)}
            </fieldset>
            <fieldset>
            <legend>When somebody should look</legend>
            <div class="pair">
            {Form.Text("count", "From so many kept-back mails on", answers.Count, "0 for no alarm.", type: "number", problems: problems)}
            {Form.Text("days", "When one waits for so many days", answers.Days, "Unless somebody has opened it. 0 for no alarm.", type: "number", problems: problems)}
            </div>
            <p class="hint">{KeptCounts.NoticeDays} days before mail that nobody opened is deleted, there is always an alarm. {Kept(schedules)}</p>
            </fieldset>
            <p class="row"><button>Keep this</button> <span class="soft small">It holds for new mail within two minutes.</span></p>
            </form>
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static Markup Line(int n, int chosen)
    {
        SpamThresholds lines = SpamThresholds.ForOneCustomerIn(n);
        string what = n switch
        {
            <= 500 => "Strict: for a mailbox that drowns in spam, and where somebody reviews every day.",
            <= 1500 => "Firm.",
            <= 5000 => "Usual.",
            <= 20_000 => "Mild: some more spam becomes tickets.",
            _ => "Very mild: only what is all but certain is held.",
        };
        return Radio("one", Text(n), $"At most one customer in {n.ToString("N0", CultureInfo.InvariantCulture)}", string.Create(CultureInfo.InvariantCulture, $"{what} Mail is held from a score of {lines.SpamFrom:0.####} on, and doubtful from {lines.UnsureFrom:0.####} on."), n == chosen);
    }

    private static Markup Radio(string name, string value, string label, string hint, bool chosen) => Markup.Of($"""
        <div class="field tick"><input type="radio" id="{name}-{value}" name="{name}" value="{value}" aria-describedby="{name}-{value}-hint"{Attr.If(chosen, "checked")}><div><label for="{name}-{value}">{label}</label><p class="hint" id="{name}-{value}-hint">{hint}</p></div></div>
        """);

    private static string Kept(IReadOnlyList<Schedule> schedules)
    {
        string Days(Ingest.Core.Retention.Kept what) => schedules.First(s => s.What == what).Days is var days && days == 0 ? "without end" : $"for {Words.Count(days, "day")}";
        return $"Spam is kept {Days(Ingest.Core.Retention.Kept.Spam)}, other kept-back mail {Days(Ingest.Core.Retention.Kept.Quarantine)}.";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Markup Said(string code) => code switch
    {
        "kept" => Markup.Of($"""<div class="notice good" role="status"><p>It was kept.</p></div>"""),
        "changed" => Markup.Of($"""<div class="notice warn" role="status"><p>Nothing was kept: somebody else changed it meanwhile. This is how it stands.</p></div>"""),
        _ => Markup.Empty,
    };
}
