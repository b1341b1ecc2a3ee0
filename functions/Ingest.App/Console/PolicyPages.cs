using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;

namespace Ingest.App.Console;

/// <summary>What is done with mail: rules, what is held, limits, the filter's lines; for one mailbox, or for all that have no policy of their own. With a box to try it.</summary>
internal sealed class PolicyPages(ConsoleSession sessions)
{
    private const int LargeForm = 256 * 1024;

    /// <summary>Where the policy of a mailbox is, or the one for all with null.</summary>
    internal static string Address(Mailbox? mailbox) => mailbox is null ? $"{Visit.Mailboxes}/policy" : $"{Visit.Mailboxes}/{mailbox.Id}/policy";

    public async Task<bool> TryAsync(Visit visit, Mailbox? mailbox, string[] path)
    {
        switch (path)
        {
            case [] when !visit.IsPost:
                await ShowAsync(visit, mailbox, await HeldAsync(visit, mailbox), []);
                return true;
            case ["settings" or "add" or "remove" or "up" or "own" or "try"] when visit.IsPost:
                await TakeAsync(visit, mailbox, path[0]);
                return true;
            case ["settings" or "add" or "remove" or "up" or "own" or "try"]:
                Answer.SeeOther(visit.Http, Address(mailbox));
                return true;
            default:
                return false;
        }
    }

    private static Task<HeldPolicy<MailPolicy>> HeldAsync(Visit visit, Mailbox? mailbox) => visit.Desk.Policies.FindAsync(visit.Tenant, mailbox?.Id, visit.Cancel);

    private async Task TakeAsync(Visit visit, Mailbox? mailbox, string act)
    {
        if (await visit.FormAsync(sessions, LargeForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Address(mailbox));
            return;
        }

        HeldPolicy<MailPolicy> held = await HeldAsync(visit, mailbox);
        if (act == "try")
        {
            Supposition supposed = PolicyTryBox.Of(form);
            await ShowAsync(visit, mailbox, held, supposed.Fix() is { } fix ? [new Problem("from", fix)] : [], supposed);
            return;
        }

        string version = form["version"].ToString();
        if (act == "own" && mailbox is not null)
        {
            bool removed = await visit.Desk.Policies.RemoveAsync(visit.Tenant, mailbox.Id, version, AuditActor.Of(visit.Caller), visit.Cancel);
            if (removed) visit.Trail.LeaveToWork();
            Answer.SeeOther(visit.Http, Address(mailbox) + (removed ? "?said=removed" : "?said=changed"));
            return;
        }

        try
        {
            HeldPolicy<MailPolicy>? now = await visit.Desk.Policies.ChangeAsync(visit.Tenant, mailbox?.Id, p => Changed(p, act, form), AuditActor.Of(visit.Caller), visit.Cancel, version);
            if (now is not null) visit.Trail.LeaveToWork();
            Answer.SeeOther(visit.Http, Address(mailbox) + (now is null ? "?said=changed" : "?said=kept"));
        }
        catch (PolicyException e)
        {
            await ShowAsync(visit, mailbox, held with { Policy = act == "settings" ? Changed(held.Policy, act, form) : held.Policy }, [new Problem(PolicyForm.FieldOf(e.Problem.Setting), e.Problem.Fix)], draft: act == "add" ? RuleOf(form) : null);
        }
    }

    private static MailPolicy Changed(MailPolicy policy, string act, IFormCollection form)
    {
        if (act == "settings") return PolicyForm.Read(policy, form);
        List<MailRule> rules = [.. policy.Rules];
        int at = int.TryParse(form["rule"], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
        if (act == "add") rules.Insert(form["first"] == "yes" ? 0 : rules.Count, RuleOf(form));
        else if (act == "remove" && at >= 0 && at < rules.Count) rules.RemoveAt(at);
        else if (act == "up" && at > 0 && at < rules.Count) (rules[at - 1], rules[at]) = (rules[at], rules[at - 1]);
        return policy with { Rules = rules };
    }

    private static MailRule RuleOf(IFormCollection form) => new(
        Enum.TryParse(form["effect"], out RuleEffect effect) ? effect : RuleEffect.Deny, Enum.TryParse(form["subject"], out RuleSubject subject) ? subject : RuleSubject.Address, form["pattern"].ToString());

    private static async Task ShowAsync(Visit visit, Mailbox? mailbox, HeldPolicy<MailPolicy> held, IReadOnlyList<Problem> problems, Supposition? supposed = null, MailRule? draft = null)
    {
        HeldPolicy<MailPolicy>? all = mailbox is null ? null : await visit.Desk.Policies.FindAsync(visit.Tenant, null, visit.Cancel);
        // What holds until the mailbox gets a policy of its own.
        MailPolicy shown = mailbox is null || held.IsSet || problems.Count > 0 ? held.Policy : all!.Policy;
        PolicyDecision? tried = supposed is not null && problems.Count == 0 ? supposed.Ask(mailbox is not null && held.IsSet ? shown with { Rules = [.. shown.Rules, .. all!.Policy.Rules] } : shown) : null;
        const string Title = "What happens to mail";
        await visit.PageAsync(visit.Frame(Title, Visit.Mailboxes), (AuditAction.Listed, "policy"), Markup.Of($"""
            <p>{(mailbox is null ? Markup.Of($"""<a href="{Visit.Mailboxes}">Mailboxes</a>""") : Markup.Of($"""<a href="{Visit.Mailboxes}/{mailbox.Id.Value}">{mailbox.Profile.Address}</a>"""))}</p>
            {Form.Summary(problems)}
            <h1>{Title}</h1>
            {Said(visit.Asked("said"))}
            {Scope(visit, mailbox, held)}
            {PolicyRules.Section(visit, mailbox, held, shown, mailbox is not null && held.IsSet ? all!.Policy.Rules : [], problems, draft)}
            {PolicyTryBox.Section(visit, Address(mailbox), supposed, tried, problems)}
            {PolicyForm.Section(visit, Address(mailbox), held.Version, shown, problems)}
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static Markup Scope(Visit visit, Mailbox? mailbox, HeldPolicy<MailPolicy> held)
    {
        if (held.IsUnreadable && mailbox is null) return Markup.Of($"""<div class="notice bad" role="status"><p>What was set cannot be read, and mail waits. What is shown is the usual. Set it anew as a whole with "ingest policy set".</p></div>""");
        if (mailbox is null) return Markup.Of($"<p>This holds for every mailbox that has nothing of its own, and its rules are asked after a mailbox's own rules. Changes hold for new mail within two minutes.</p>");
        bool may = visit.Caller.MayEverywhere(Permission.ManageMailboxes);
        Markup all = may ? Markup.Of($"""<a href="{Address(null)}">what holds for all mailboxes</a>""") : Markup.Of($"what holds for all mailboxes");
        string own = held.IsUnreadable
            ? "This mailbox has a policy of its own that cannot be read, and its mail waits. What is shown is the usual. Go back to what holds for all, or set it anew as a whole with \"ingest policy set\"."
            : "This mailbox has a policy of its own. Changes hold for new mail within two minutes.";
        return held.IsSet
            ? Markup.Of($"""
                <p>{own}</p>
                {Form.Button(visit.Person, Address(mailbox) + "/own", "Go back to what holds for all mailboxes", "quiet", [("version", held.Version)])}
                """)
            : Markup.Of($"<p>This mailbox goes by {all}. Whatever you change here makes a policy of its own for it.</p>");
    }

    private static Markup Said(string code)
    {
        (string text, string look) = code switch
        {
            "kept" => ("Kept. It holds for new mail within two minutes.", "good"),
            "removed" => ("The mailbox's own policy is gone: what holds for all mailboxes holds for it, too.", "good"),
            "changed" => ("Somebody else changed it meanwhile, so nothing was kept of what you sent. Look at it as it is now, and decide anew.", "bad"),
            _ => ("", ""),
        };
        return Markup.If(text.Length > 0, $"""<div class="notice {look}" role="status"><p>{text}</p></div>""");
    }
}
