using Ingest.App.Pages;
using Ingest.Core.Pipeline;

namespace Ingest.App.Console;

/// <summary>Decisions on many kept-back mails: asked for once more, and watched while they are carried out.</summary>
internal static class ReviewBulkPages
{
    /// <summary>Asks before many mails are let in, or any are deleted.</summary>
    public static async Task AskAsync(Visit visit, ReviewQuestion question, BulkAction action, BulkScope scope)
    {
        long meant = await visit.Desk.ReviewBulk.CountAsync(visit.Tenant, scope, visit.Cancel);
        string many = meant < 0 ? "more than 10,000 mails" : meant == 1 ? "1 mail" : $"{ReviewWords.Number(meant)} mails";
        string title = action == BulkAction.Delete ? $"Delete {many}?" : $"Let {many} in?";
        bool all = scope.Named.Count == 0;
        await visit.PageAsync(visit.Frame(title, Visit.Review), shows: null, Markup.Of($"""
            <h1>{title}</h1>
            {Markup.If(all, $"<p>Meant is every mail that fits and is kept back by now{Which(question)}.</p>")}
            <p>{(action == BulkAction.Delete
                ? "Their originals become unreadable at once, and nobody can bring them back. That they came, and that a person deleted them, stays in the journal."
                : "Each becomes a ticket as if it had just arrived, whatever the filter says, and the filter learns from it. Who is verified gets the mailbox's acknowledgement, if it has one, within the usual limits.")}</p>
            <form method="post" action="/console/review/bulk">
            {Form.Token(visit.Person)}{question.Fields()}
            <input type="hidden" name="sure" value="yes">
            {Markup.Each(scope.Named, name => Markup.Of($"""<input type="hidden" name="mail" value="{name}">"""))}
            <div class="row"><button{Attr.If(action == BulkAction.Delete, "class", "danger")} name="act" value="{(action == BulkAction.Delete ? "delete" : "release")}{(all ? "-all" : "")}">{(action == BulkAction.Delete ? "Delete them" : "Let them in")}</button><a class="button quiet" href="{question.Address()}">Go back</a></div>
            </form>
            """));
    }

    private static string Which(ReviewQuestion question)
    {
        List<string> parts = [];
        if (question.Reason is { } reason) parts.Add($"reason: {ReviewWords.Short(reason)}");
        if (question.Sender.Length > 0) parts.Add($"sender: {question.Sender}");
        if (question.Days is { } days) parts.Add($"received {Words.Count(days, "day")} ago or earlier");
        if (question.Inbox.Length > 0) parts.Add("of one mailbox");
        return parts.Count == 0 ? "" : $" ({string.Join("; ", parts)})";
    }

    /// <summary>How one stands.</summary>
    public static async Task ShowAsync(Visit visit, BulkDecision bulk)
    {
        bool delete = bulk.Action == BulkAction.Delete, running = bulk.State == BulkState.Running;
        string title = (delete, bulk.State) switch
        {
            (true, BulkState.Running) => "Mails are being deleted",
            (false, BulkState.Running) => "Mails are being let in",
            (true, _) => "Mails were deleted",
            (false, _) => "Mails were let in",
        };
        // Without a script, the browser asks again by itself.
        if (running) visit.Http.Response.Headers["Refresh"] = "3";
        await visit.PageAsync(visit.Frame(title, Visit.Review), shows: null, Markup.Of($"""
            <p><a href="/console/review">All mail for review</a></p>
            <h1>{title}</h1>
            <div class="{(bulk.State == BulkState.Done ? "notice good" : "notice")}" role="status">
            <p><strong>{ReviewWords.Number(bulk.Done)}{(bulk.Meant >= 0 ? " of " + ReviewWords.Number(bulk.Meant) : "")} {(delete ? "deleted" : "let in")}{(bulk.State == BulkState.Stopped ? "; then it was stopped" : running ? " so far" : "")}.</strong></p>
            {Markup.If(bulk.Meant > 0, $"""<progress max="{bulk.Meant.ToString(System.Globalization.CultureInfo.InvariantCulture)}" value="{Math.Min(bulk.Meant, bulk.Done + bulk.Passed).ToString(System.Globalization.CultureInfo.InvariantCulture)}" aria-label="Progress"></progress>""")}
            {Markup.If(bulk.Passed > 0, $"<p>{ReviewWords.Number(bulk.Passed)} {(bulk.Passed == 1 ? "was" : "were")} decided on by somebody else before, gone already, kept by a legal hold, or cannot be opened.</p>")}
            {Markup.If(!delete && bulk.Done > 0, $"<p>They become tickets one after the other.</p>")}
            </div>
            <p class="soft">Decided on {Moments.At(bulk.Created)}. It goes on by itself: this page need not stay open.</p>
            {Markup.If(running, $"""<div class="row">{Form.Button(visit.Person, $"/console/review/bulk/{bulk.Id}/stop", "Stop", "quiet")}</div>""")}
            """));
    }
}
