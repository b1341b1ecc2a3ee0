using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;
using Ingest.Core.Settings;

namespace Ingest.App.Api;

/// <summary>What is done with mail: the policy of a mailbox, and the one for all that have none.</summary>
internal sealed class PolicyRoutes(Desk desk)
{
    private const int LargePolicy = 1024 * 1024;

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/policy", Permission.ManageMailboxes, "Reads what is done with the mail of mailboxes that have no policy of their own.", ReadForAllAsync) { Audit = AuditAction.Listed, AuditCode = "policy", Response = AppJson.Default.PolicyView, IsTagged = true },
        new("PUT", "/policy", Permission.ManageMailboxes, "Sets it; what is not sent is as usual. It holds for new mail within two minutes.", WriteForAllAsync)
        {
            Audit = AuditAction.PolicyChanged, AuditCode = "policy", Request = AppJson.Default.PolicyDocument, Response = AppJson.Default.PolicyView, TakesIfMatch = true, LargestBody = LargePolicy, More = [Problems.Refused],
        },
        new("GET", "/mailboxes/{inbox}/policy", Permission.ManageMailboxes, "Reads what is done with a mailbox's mail.", ReadAsync) { Audit = AuditAction.Listed, AuditCode = "policy", Response = AppJson.Default.PolicyView, IsTagged = true },
        new("PUT", "/mailboxes/{inbox}/policy", Permission.ManageMailboxes, "Sets a mailbox's own policy; what is not sent is as usual. It holds for new mail within two minutes.", WriteAsync)
        {
            Audit = AuditAction.PolicyChanged, AuditCode = "policy", Request = AppJson.Default.PolicyDocument, Response = AppJson.Default.PolicyView, TakesIfMatch = true, LargestBody = LargePolicy, More = [Problems.Refused],
        },
        new("DELETE", "/mailboxes/{inbox}/policy", Permission.ManageMailboxes, "Takes a mailbox's own policy away: the one for all holds again.", RemoveAsync) { Audit = AuditAction.PolicyChanged, AuditCode = "mail-policy-removed", Success = StatusCodes.Status204NoContent },
        new("POST", "/mailboxes/{inbox}/policy/check", Permission.ManageMailboxes, "Says what the policy would do with a mail, before the filter is asked; changes nothing.", CheckAsync)
        {
            Audit = AuditAction.Listed, AuditCode = "policy-check", Request = AppJson.Default.PolicyQuestion, Response = AppJson.Default.PolicyAnswerView, More = [Problems.Refused],
        },
    ];

    private async Task<(Mailbox? Mailbox, Problem? Problem)> FindAsync(ApiCall call)
    {
        if (!InboxId.TryParse(call["inbox"], out InboxId inbox) || !call.Caller.Knows(inbox)) return (null, Problems.NotFound);
        if (await desk.Mailboxes.FindAsync(call.Tenant, inbox, call.Cancel) is not { Mailbox: { } mailbox }) return (null, Problems.NotFound);
        call.Trail.About = call.Trail.About with { Inbox = inbox };
        return call.May(inbox) ? (mailbox, null) : (null, Problems.NotAllowed);
    }

    private static bool MayForAll(ApiCall call) => call.Caller.MayEverywhere(Permission.ManageMailboxes);

    private async Task<Answer> ReadForAllAsync(ApiCall call) => MayForAll(call) ? Answer.Tagged(call.Http, await ViewAsync(call, null), AppJson.Default.PolicyView) : Problems.NotAllowed;

    private async Task<Answer> ReadAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        return mailbox is null ? problem! : Answer.Tagged(call.Http, await ViewAsync(call, mailbox.Id), AppJson.Default.PolicyView);
    }

    private async Task<PolicyView> ViewAsync(ApiCall call, InboxId? inbox) => View(await desk.Policies.FindAsync(call.Tenant, inbox, call.Cancel), inbox is null ? null : await desk.Policies.FindAsync(call.Tenant, null, call.Cancel));

    private static PolicyView View(HeldPolicy<MailPolicy> own, HeldPolicy<MailPolicy>? all)
    {
        PolicyDocument forAll = PolicyDocument.Of(all?.Policy ?? MailPolicy.Default);
        // Without a policy of its own the one for all holds, whose rules are then the mailbox's own.
        return own.IsSet || all is null ? new(own.IsSet, PolicyDocument.Of(own.Policy), forAll.Rules ?? []) : new(Set: false, forAll, []);
    }

    private async Task<Answer> WriteForAllAsync(ApiCall call) => MayForAll(call) ? await WriteAsync(call, null) : Problems.NotAllowed;

    private async Task<Answer> WriteAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        return mailbox is null ? problem! : await WriteAsync(call, mailbox.Id);
    }

    private async Task<Answer> WriteAsync(ApiCall call, InboxId? inbox)
    {
        (PolicyDocument? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.PolicyDocument);
        if (body is null) return problem!;
        if (body.ToPolicy() is not { } policy) return Problems.Invalid;
        HeldPolicy<MailPolicy> there = await desk.Policies.FindAsync(call.Tenant, inbox, call.Cancel);
        string wanted = call.Http.Request.Headers.IfMatch.ToString();
        if (wanted.Length > 0 && wanted != "*" && wanted != Answer.TagOf(await ViewAsync(call, inbox), AppJson.Default.PolicyView)) return Problems.Changed;
        try
        {
            HeldPolicy<MailPolicy>? held = await desk.Policies.ChangeAsync(call.Tenant, inbox, _ => policy, AuditActor.Of(call.Caller), call.Cancel, wanted.Length > 0 ? there.Version : null, whole: true);
            if (held is not null) call.Trail.LeaveToWork();
            return held is null ? Problems.Changed : Answer.Of(await ViewAsync(call, inbox), AppJson.Default.PolicyView);
        }
        catch (PolicyException e)
        {
            return Problems.RefusedFor("policy-unusable", e.Problem.Fix);
        }
    }

    private async Task<Answer> RemoveAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        if (mailbox is null) return problem!;
        // Changed at the same moment, it goes as it is then: whoever takes it away wants none.
        while (await desk.Policies.FindAsync(call.Tenant, mailbox.Id, call.Cancel) is { IsSet: true } there)
        {
            call.Trail.LeaveToWork();
            if (await desk.Policies.RemoveAsync(call.Tenant, mailbox.Id, there.Version, AuditActor.Of(call.Caller), call.Cancel)) return Answer.Done;
        }

        return Problems.NotFound;
    }

    private async Task<Answer> CheckAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        if (mailbox is null) return problem!;
        (PolicyQuestion? body, problem) = await JsonBody.ReadAsync(call, AppJson.Default.PolicyQuestion);
        if (body is null) return problem!;
        Supposition supposed = new(body.From) { Proven = body.Proven && !body.Failed, Failed = body.Failed, Known = body.Known, Ip = body.Ip ?? "", List = body.List ?? "", Header = body.Header ?? "" };
        if (supposed.Fix() is { } fix) return Problems.RefusedFor("question-unusable", fix);
        MailPolicy policy = await desk.Policies.InForceAsync(call.Tenant, mailbox.Id, call.Cancel);
        return Answer.Of(PolicyAnswerView.Of(supposed.Ask(policy)), AppJson.Default.PolicyAnswerView);
    }
}
