using System.Globalization;
using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Settings;

namespace Ingest.App.Api;

/// <summary>What is masked in mail: the policy of a mailbox, the one for all that have none, and what they masked.</summary>
internal sealed class RedactionPolicyRoutes(Desk desk)
{
    private const int UsualDays = 30;
    private static readonly QueryParameter Days = new("days", "How many days to look back, 1 to 366; 30 unless said.");

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/redaction", Permission.ManageMailboxes, "Reads what is masked in the mail of mailboxes that have no redaction policy of their own.", ReadForAllAsync)
        {
            Audit = AuditAction.Listed, AuditCode = "redaction", Response = AppJson.Default.RedactionView, IsTagged = true,
        },
        new("PUT", "/redaction", Permission.ManageMailboxes, "Sets it; what is not sent is as its preset has it. It holds for new mail within two minutes.", WriteForAllAsync)
        {
            Audit = AuditAction.PolicyChanged, AuditCode = "redaction", Request = AppJson.Default.RedactionDocument, Response = AppJson.Default.RedactionView, TakesIfMatch = true, More = [Problems.Refused],
        },
        new("GET", "/mailboxes/{inbox}/redaction", Permission.ManageMailboxes, "Reads what is masked in a mailbox's mail.", ReadAsync) { Audit = AuditAction.Listed, AuditCode = "redaction", Response = AppJson.Default.RedactionView, IsTagged = true },
        new("PUT", "/mailboxes/{inbox}/redaction", Permission.ManageMailboxes, "Sets a mailbox's own redaction policy; what is not sent is as its preset has it. It holds for new mail within two minutes.", WriteAsync)
        {
            Audit = AuditAction.PolicyChanged, AuditCode = "redaction", Request = AppJson.Default.RedactionDocument, Response = AppJson.Default.RedactionView, TakesIfMatch = true, More = [Problems.Refused],
        },
        new("DELETE", "/mailboxes/{inbox}/redaction", Permission.ManageMailboxes, "Takes a mailbox's own redaction policy away: the one for all holds again.", RemoveAsync)
        {
            Audit = AuditAction.PolicyChanged, AuditCode = "redaction-policy-removed", Success = StatusCodes.Status204NoContent,
        },
        new("GET", "/mailboxes/{inbox}/redaction/report", Permission.ManageMailboxes, "Counts what was masked in a mailbox's mail, and what would have been in dry runs, by day, sort and rule; no content.", ReportAsync)
        {
            Audit = AuditAction.Listed, AuditCode = "redaction-report", Response = AppJson.Default.RedactionReportView, Query = [Days], More = [Problems.Invalid],
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

    private async Task<Answer> ReadForAllAsync(ApiCall call) => MayForAll(call) ? Answer.Tagged(call.Http, await ViewAsync(call, null), AppJson.Default.RedactionView) : Problems.NotAllowed;

    private async Task<Answer> ReadAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        return mailbox is null ? problem! : Answer.Tagged(call.Http, await ViewAsync(call, mailbox.Id), AppJson.Default.RedactionView);
    }

    private async Task<RedactionView> ViewAsync(ApiCall call, InboxId? inbox)
    {
        HeldPolicy<RedactionPolicy> own = await desk.RedactionPolicies.FindAsync(call.Tenant, inbox, call.Cancel);
        HeldPolicy<RedactionPolicy> holds = own.IsSet || inbox is null ? own : await desk.RedactionPolicies.FindAsync(call.Tenant, null, call.Cancel);
        return new RedactionView(own.IsSet, RedactionDocument.Of(holds.Policy));
    }

    private async Task<Answer> WriteForAllAsync(ApiCall call) => MayForAll(call) ? await WriteAsync(call, null) : Problems.NotAllowed;

    private async Task<Answer> WriteAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        return mailbox is null ? problem! : await WriteAsync(call, mailbox.Id);
    }

    private async Task<Answer> WriteAsync(ApiCall call, InboxId? inbox)
    {
        // Read as people write it: a sort may be its mask alone, and what is wrong is said with its fix.
        (JsonDocument? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.JsonDocument);
        if (body is null) return problem!;
        if (body.RootElement.ValueKind != JsonValueKind.Object || !body.RootElement.EnumerateObject().All(member => RedactionPolicy.Settings.Contains(member.Name))) return Problems.Invalid;
        try
        {
            using (body)
            {
                RedactionPolicy policy = RedactionPolicy.FromJson(JsonSerializer.SerializeToUtf8Bytes(body, AppJson.Default.JsonDocument), quotes: false);
                HeldPolicy<RedactionPolicy> there = await desk.RedactionPolicies.FindAsync(call.Tenant, inbox, call.Cancel);
                string wanted = call.Http.Request.Headers.IfMatch.ToString();
                if (wanted.Length > 0 && wanted != "*" && wanted != Answer.TagOf(await ViewAsync(call, inbox), AppJson.Default.RedactionView)) return Problems.Changed;
                HeldPolicy<RedactionPolicy>? held = await desk.RedactionPolicies.ChangeAsync(call.Tenant, inbox, _ => policy, AuditActor.Of(call.Caller), call.Cancel, wanted.Length > 0 ? there.Version : null, whole: true);
                if (held is null) return Problems.Changed;
                call.Trail.LeaveToWork();
                return Answer.Of(await ViewAsync(call, inbox), AppJson.Default.RedactionView);
            }
        }
        catch (RedactionPolicyException e)
        {
            return Problems.RefusedFor("policy-unusable", e.Problem.Fix);
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
        while (await desk.RedactionPolicies.FindAsync(call.Tenant, mailbox.Id, call.Cancel) is { IsSet: true } there)
        {
            call.Trail.LeaveToWork();
            if (await desk.RedactionPolicies.RemoveAsync(call.Tenant, mailbox.Id, there.Version, AuditActor.Of(call.Caller), call.Cancel)) return Answer.Done;
        }

        return Problems.NotFound;
    }

    private async Task<Answer> ReportAsync(ApiCall call)
    {
        (Mailbox? mailbox, Problem? problem) = await FindAsync(call);
        if (mailbox is null) return problem!;
        int days = UsualDays;
        if (call.Query("days") is { } asked && !(int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out days) && days is >= 1 and <= RedactionReport.MostDays)) return Problems.Invalid;
        return Answer.Of(RedactionReportView.Of(await RedactionReport.OfAsync(desk.Journal, call.Tenant, mailbox.Id, days, desk.Time, call.Cancel, RedactionReport.WithinRequest)), AppJson.Default.RedactionReportView);
    }
}
