using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.App.Console;

/// <summary>Mail that was kept back or that we failed on: look at it, let it in, or delete it, which asks twice; one mail, a selection, or all that fit.</summary>
internal sealed class ReviewPages(ConsoleSession sessions)
{
    private const int SmallForm = 16 * 1024, SelectionForm = 64 * 1024, MostSelected = 200;

    public async Task<bool> TryAsync(Visit visit, string[] path)
    {
        if (!visit.Caller.MayAnywhere(Permission.ReviewMail)) return false;
        switch (path)
        {
            case [] when !visit.IsPost:
                await ReviewListPage.ShowAsync(visit, Asked(visit));
                return true;
            case ["search"] when visit.IsPost:
                await SearchAsync(visit);
                return true;
            case ["bulk"] when visit.IsPost:
                await BulkAsync(visit);
                return true;
            case ["search" or "bulk"]:
                Answer.SeeOther(visit.Http, Visit.Review);
                return true;
            case ["bulk", var id, .. var act]:
                return await ProgressAsync(visit, id, act);
            case [var inbox, var key, .. var rest] when InboxId.TryParse(inbox, out InboxId id) && visit.Caller.May(Permission.ReviewMail, id):
                return await MailAsync(visit, id, key, rest);
            default:
                return false;
        }
    }

    private static ReviewQuestion Asked(Visit visit) => ReviewQuestion.Of(visit.Asked);

    // A sender and words are what people wrote: they come by POST and stand in no address.
    private async Task SearchAsync(Visit visit)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Visit.Review);
            return;
        }

        await ReviewListPage.ShowAsync(visit, ReviewQuestion.Of(name => form[name].ToString()));
    }

    private async Task BulkAsync(Visit visit)
    {
        if (await visit.FormAsync(sessions, SelectionForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Visit.Review);
            return;
        }

        ReviewQuestion question = ReviewQuestion.Of(name => form[name].ToString());
        string act = form["act"].ToString();
        bool all = act.EndsWith("-all", StringComparison.Ordinal);
        BulkAction? action = act switch { "release" or "release-all" => BulkAction.Release, "delete" or "delete-all" => BulkAction.Delete, _ => null };
        InboxId[] mine = [.. (await TicketsPage.InboxesAsync(visit, Permission.ReviewMail)).Select(m => m.Id)];
        KeptRef[] named = all ? [] : [.. form["mail"].OfType<string>().Take(MostSelected).Select(RefOf).OfType<KeptRef>().Where(mail => mine.Contains(mail.Inbox)).Distinct()];
        if (all && question.Words.Length > 0) question = question.WithoutAll();
        if (question.Filter(visit.Desk.Time.GetUtcNow()) is not { } filter)
        {
            await ReviewListPage.ShowAsync(visit, question);
            return;
        }

        if (action is null || (!all && named.Length == 0) || mine.Length == 0 || (all && question.Among(mine).Length == 0))
        {
            Answer.SeeOther(visit.Http, question.Address(said: "none"));
            return;
        }

        InboxId[] inboxes = all ? question.Among(mine) : [.. named.Select(n => n.Inbox).Distinct()];
        BulkScope scope = new() { Inboxes = [.. inboxes.Select(i => i.Value)], Named = [.. named.Select(ReviewBulk.NameOf)], Filter = filter };
        if (form["sure"] != "yes" && (all || action == BulkAction.Delete))
        {
            await ReviewBulkPages.AskAsync(visit, question, action.Value, scope);
            return;
        }

        BulkDecision bulk = visit.Desk.ReviewBulk.New(action.Value, scope, AuditActor.Of(visit.Caller));
        visit.Trail.About = visit.Trail.About with { Subject = bulk.Id, Count = named.Length };
        await visit.Trail.TellAsync(action == BulkAction.Delete ? AuditAction.QuarantineDeleted : AuditAction.QuarantineReleased, "bulk");
        await visit.Desk.ReviewBulk.BeginAsync(visit.Tenant, bulk, visit.Cancel);
        Answer.SeeOther(visit.Http, $"{Visit.Review}/bulk/{bulk.Id}");
    }

    private static KeptRef? RefOf(string text) => text.Split(':') is [var inbox, var key] && InboxId.TryParse(inbox, out InboxId id) && IsKey(key) ? new KeptRef(id, key) : null;

    private static bool IsKey(string key) => key.Length is > 0 and <= 32 && key.All(char.IsAsciiLetterOrDigit);

    private async Task<bool> ProgressAsync(Visit visit, string id, string[] act)
    {
        if (!BulkDecision.IsId(id) || await visit.Desk.ReviewBulk.FindAsync(visit.Tenant, id, visit.Cancel) is not { } bulk) return false;
        if (!bulk.Scope.Inboxes.All(inbox => visit.Caller.May(Permission.ReviewMail, InboxId.Parse(inbox)))) return false;
        visit.Trail.About = visit.Trail.About with { Subject = bulk.Id };
        switch (act)
        {
            case [] when !visit.IsPost:
                await ReviewBulkPages.ShowAsync(visit, bulk);
                return true;
            case ["stop"] when visit.IsPost:
                if (await visit.FormAsync(sessions, SmallForm) is null)
                {
                    await ConsolePages.FormRefusedAsync(visit, $"{Visit.Review}/bulk/{id}");
                    return true;
                }

                await visit.Trail.TellAsync(bulk.Action == BulkAction.Delete ? AuditAction.QuarantineDeleted : AuditAction.QuarantineReleased, "bulk-stopped");
                await visit.Desk.ReviewBulk.StopAsync(visit.Tenant, id, visit.Cancel);
                Answer.SeeOther(visit.Http, $"{Visit.Review}/bulk/{id}");
                return true;
            default:
                return false;
        }
    }

    private async Task<bool> MailAsync(Visit visit, InboxId inbox, string key, string[] path)
    {
        if (!IsKey(key)) return false;
        JournalLine? line = await visit.Desk.Journal.FindAsync(visit.Tenant, inbox, key, visit.Cancel);
        if (line is not { Outcome: OutcomeKind.Quarantined or OutcomeKind.Parked })
        {
            // Whoever was quicker, or a second press of the same button: the list says what is left.
            if (visit.IsPost) Answer.SeeOther(visit.Http, $"{Visit.Review}?said={ReviewWords.CodeOf(line)}");
            return visit.IsPost;
        }

        visit.Trail.About = visit.Trail.About with { Inbox = inbox, Subject = line.MessageKey };
        switch (path)
        {
            case [] when !visit.IsPost:
                await ReviewMailPage.ShowAsync(visit, inbox, line);
                return true;
            case ["delete"] when !visit.IsPost:
                await ReviewMailPage.AskAsync(visit, inbox, line);
                return true;
            case ["release" or "delete"] when visit.IsPost:
                await DecideAsync(visit, inbox, line, path[0] == "delete");
                return true;
            default:
                return false;
        }
    }

    private async Task DecideAsync(Visit visit, InboxId inbox, JournalLine line, bool delete)
    {
        if (await visit.FormAsync(sessions, SmallForm) is null)
        {
            await ConsolePages.FormRefusedAsync(visit, ReviewMailPage.Address(inbox, line));
            return;
        }

        await visit.Trail.TellAsync(delete ? AuditAction.QuarantineDeleted : AuditAction.QuarantineReleased);
        ReviewEnd end = delete
            ? await visit.Desk.Review.DeleteAsync(visit.Tenant, inbox, line.MessageKey, visit.Cancel)
            : await visit.Desk.Review.ReleaseAsync(visit.Tenant, inbox, line.MessageKey, AuditActor.Of(visit.Caller), visit.Cancel);
        if (end != ReviewEnd.Done) await visit.Trail.TellFailedAsync();
        Answer.SeeOther(visit.Http, $"{Visit.Review}?kind={(line.Outcome == OutcomeKind.Parked ? "parked" : "quarantined")}&said={ReviewWords.CodeOf(end, delete)}");
    }
}
