using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;

namespace Ingest.App.Console;

/// <summary>Connects a mailbox by server, name and password, and changes them later. Everything is tried before it is kept; what fails names its fix.</summary>
internal sealed class ImapPages(ConsoleSession sessions)
{
    private const int SmallForm = 32 * 1024;
    private const string New = Visit.Mailboxes + "/new";

    /// <summary>The form for a mailbox that is not known yet; only for those who manage all.</summary>
    public async Task<bool> TryNewAsync(Visit visit)
    {
        if (!visit.Caller.MayEverywhere(Permission.ManageMailboxes)) return false;
        if (visit.IsPost) await TakeAsync(visit, known: null, New);
        else await ShowAsync(visit, null, New, new ImapForm { Older = visit.Desk.Settings.Development ? BackFillChoice.Everything : BackFillChoice.Month }, []);
        return true;
    }

    /// <summary>The form for one that is.</summary>
    public async Task ChangeAsync(Visit visit, Mailbox mailbox)
    {
        string address = $"{Visit.Mailboxes}/{mailbox.Id}/server";
        if (visit.IsPost) await TakeAsync(visit, mailbox, address);
        else await ShowAsync(visit, mailbox, address, ImapForm.Of(mailbox), []);
    }

    private async Task TakeAsync(Visit visit, Mailbox? known, string address)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } sent)
        {
            await ConsolePages.FormRefusedAsync(visit, address);
            return;
        }

        ImapForm form = ImapForm.Of(sent);
        // Whoever manages one mailbox changes that one, whatever the form says.
        if (known is not null) form = form with { Address = known.Profile.Address };
        IReadOnlyList<Problem> problems = form.Check();
        if (problems.Count == 0) problems = await TryAsync(visit, form);
        if (problems.Count > 0)
        {
            await ShowAsync(visit, known, address, form, problems);
            return;
        }

        visit.Trail.About = visit.Trail.About with { Inbox = known?.Id };
        await visit.Trail.TellAsync(AuditAction.MailboxConnected, known is null ? "imap" : "imap-again");
        Mailbox mailbox = await visit.Desk.Mailboxes.ConnectImapAsync(visit.Tenant, form.Profile, form.Password, visit.Cancel);
        await visit.Desk.SyncQueue.SendAsync(Work.Sync(visit.Tenant, mailbox.Id).ToJson(), delay: null, visit.Cancel);
        Answer.SeeOther(visit.Http, $"{Visit.Mailboxes}/{mailbox.Id}?said=connected");
    }

    private static async Task<IReadOnlyList<Problem>> TryAsync(Visit visit, ImapForm form)
    {
        MailboxProbe probe = visit.Desk.Probe;
        ProbeResult imap = await probe.TryImapAsync(form.Imap, form.Password, visit.Cancel);
        if (!imap.Ok) return [new Problem(ImapForm.FieldOf(imap.Code, "imap"), "Incoming mail: " + imap.Fix)];
        if (form.Smtp is not { } server) return [];
        ProbeResult smtp = await probe.TrySmtpAsync(server, form.Password, visit.Cancel);
        return smtp.Ok ? [] : [new Problem(ImapForm.FieldOf(smtp.Code, "smtp"), "Incoming mail works. Outgoing mail: " + smtp.Fix)];
    }

    private static Task ShowAsync(Visit visit, Mailbox? known, string address, ImapForm form, IReadOnlyList<Problem> problems)
    {
        string title = known is null ? "Add an IMAP mailbox" : "Server and password";
        return visit.PageAsync(visit.Frame(title, Visit.Mailboxes), shows: null, Markup.Of($"""
            <p><a href="{(known is null ? Visit.Mailboxes : $"{Visit.Mailboxes}/{known.Id}")}">{(known is null ? "All mailboxes" : known.Profile.Address)}</a></p>
            {Form.Summary(problems)}
            <h1>{title}</h1>
            <p>Server and password are tried before anything is kept. Mail is never deleted on the server, nor marked as read.</p>
            <form class="card" method="post" action="{address}">{Form.Token(visit.Person)}
            {form.Fields(known is null, visit.Desk.Settings.Development, problems)}
            <p class="row"><button>Test and connect</button> <span class="soft small">The test takes up to a minute.</span></p>
            </form>
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }
}
