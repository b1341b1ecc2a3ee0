using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Spam;

namespace Ingest.App.Console;

/// <summary>The part of a policy's form that says how strict the filter is, in customers; where doubtful mail goes; and when kept-back mail calls for somebody.</summary>
internal static class FilterForm
{
    private static readonly int[] Choices = [200, 1000, 2000, 10_000, 50_000];

    public static Markup Section(MailPolicy policy, IReadOnlyList<Problem> problems)
    {
        // What was set by other means than this form stays a choice.
        int[] choices = [.. Choices.Append(policy.OneCustomerIn).Where(n => n > 0).Distinct().Order()];
        return Markup.Of($"""
            <h2>The spam filter</h2>
            <fieldset id="one-in">
            <legend>How many customers may it hold back?</legend>
            <p class="hint">A customer whose mail is held gets no answer until somebody looks. The stricter the filter, the more of them; the milder, the more spam among the tickets.</p>
            {Markup.Each(choices, n => Line(n, policy.OneCustomerIn))}
            </fieldset>
            <fieldset>
            <legend>When it is not sure</legend>
            {Radio("unsure", nameof(UnsureMail.Ticket), "A ticket, with the remark “may be spam”", "No customer waits. It is not acknowledged by itself.", policy.Unsure == UnsureMail.Ticket)}
            {Radio("unsure", nameof(UnsureMail.Quarantine), "Kept back for review", "Somebody should look several times a day.", policy.Unsure == UnsureMail.Quarantine)}
            </fieldset>
            <fieldset>
            <legend>When somebody should look at kept-back mail</legend>
            <div class="pair">
            {Form.Text("alarm-count", "From so many on", Text(policy.AlarmFromCount), "0 for no alarm.", problems: problems)}
            {Form.Text("alarm-days", "When one waits unopened for so many days", Text(policy.AlarmFromDays), "0 for no alarm.", problems: problems)}
            </div>
            <p class="hint">{KeptCounts.NoticeDays} days before mail that nobody opened is deleted, there is always an alarm.</p>
            </fieldset>
            """);
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
        return Radio("one-in", Text(n), $"At most one customer in {n.ToString("N0", CultureInfo.InvariantCulture)}", string.Create(CultureInfo.InvariantCulture, $"{what} Mail is held from a score of {lines.SpamFrom:0.####} on, and doubtful from {lines.UnsureFrom:0.####} on."), n == chosen);
    }

    private static Markup Radio(string name, string value, string label, string hint, bool chosen) => Markup.Of($"""
        <div class="field tick"><input type="radio" id="{name}-{value}" name="{name}" value="{value}" aria-describedby="{name}-{value}-hint"{Attr.If(chosen, "checked")}><div><label for="{name}-{value}">{label}</label><p class="hint" id="{name}-{value}-hint">{hint}</p></div></div>
        """);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
