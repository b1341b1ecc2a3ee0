using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>What is to be erased for good: one of the three.</summary>
/// <param name="Ticket">A ticket's id or number.</param>
/// <param name="Address">A person's e-mail address.</param>
/// <param name="Inbox">A mailbox's id.</param>
public sealed record ErasureBody(string? Ticket = null, string? Address = null, string? Inbox = null);

/// <summary>What is to be held: one of the three, or everything when none is named.</summary>
/// <param name="Reason">Why, such as the matter's number.</param>
/// <param name="Ticket">A ticket's id.</param>
/// <param name="Address">A person's e-mail address.</param>
/// <param name="Inbox">A mailbox's id.</param>
public sealed record HoldBody(string Reason, string? Ticket = null, string? Address = null, string? Inbox = null);

/// <summary>A hold that is to be lifted.</summary>
/// <param name="Hold">Its id.</param>
public sealed record LiftBody(string Hold);

/// <summary>Whether a hold was lifted.</summary>
/// <param name="Lifted">False when none of that id stood.</param>
public sealed record LiftedView(bool Lifted);

/// <summary>What was erased.</summary>
public sealed record ErasureView(string Id, string Kind, string Target, string State, DateTimeOffset Begun, DateTimeOffset? Destroyed, string Receipt)
{
    internal static ErasureView Of(Erasure e) => new(e.Id, e.Kind.ToString(), e.Target, e.State.ToString(), e.Begun, e.Destroyed, e.Receipt is { } receipt ? Encoding.UTF8.GetString(receipt) : "");
}

/// <summary>Everything that was erased, oldest first.</summary>
public sealed record ErasurePage(IReadOnlyList<ErasureView> Erasures);

/// <summary>A legal hold.</summary>
public sealed record HoldView(string Id, string Kind, string Target, string Reason, string PlacedBy, DateTimeOffset Placed)
{
    internal static HoldView Of(Hold h) => new(h.Id, h.Kind.ToString(), h.Target, h.Reason, h.PlacedBy, h.Placed);
}

/// <summary>The holds that stand, oldest first.</summary>
public sealed record HoldPage(IReadOnlyList<HoldView> Holds);

/// <summary>Erasure with receipts, and legal holds. What is erased may lie in any inbox, so a right in one inbox is not enough.</summary>
internal sealed class ErasureRoutes(Desk desk)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/erasures", Permission.EraseData, "Lists what was erased, with the signed receipts.", ListAsync) { Audit = AuditAction.Listed, AuditCode = "erasures", Response = AppJson.Default.ErasurePage },
        new("POST", "/erasures", Permission.EraseData, "Erases a ticket, a person or a mailbox for good, and answers with the signed receipt. Asked again it answers with the same.", EraseAsync)
        {
            Audit = AuditAction.Erased, Request = AppJson.Default.ErasureBody, Response = AppJson.Default.ErasureView, More = [Problems.Refused],
        },
        new("GET", "/holds", Permission.EraseData, "Lists the legal holds that stand.", HoldsAsync) { Audit = AuditAction.Listed, AuditCode = "holds", Response = AppJson.Default.HoldPage },
        new("POST", "/holds", Permission.EraseData, "Places a legal hold: what it covers is neither erased nor let go by any schedule while it stands.", PlaceAsync)
        {
            Audit = AuditAction.HoldPlaced, Request = AppJson.Default.HoldBody, Response = AppJson.Default.HoldView, Success = StatusCodes.Status201Created, More = [Problems.Refused],
        },
        new("POST", "/holds/lift", Permission.EraseData, "Lifts a legal hold.", LiftAsync) { Audit = AuditAction.HoldLifted, Request = AppJson.Default.LiftBody, Response = AppJson.Default.LiftedView },
    ];

    private async Task<Answer> ListAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.EraseData)) return Problems.NotAllowed;
        List<ErasureView> all = [];
        await foreach (Erasure erasure in desk.Erasures.ListAsync(call.Tenant, call.Cancel)) all.Add(ErasureView.Of(erasure));
        return Answer.Of(new ErasurePage(all), AppJson.Default.ErasurePage);
    }

    private async Task<Answer> EraseAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.EraseData)) return Problems.NotAllowed;
        call.Trail.LeaveToWork();
        (ErasureBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.ErasureBody);
        if (body is null) return problem!;
        if (new[] { body.Ticket, body.Address, body.Inbox }.Count(name => !string.IsNullOrWhiteSpace(name)) != 1 || body.Address is { Length: > 320 }) return Problems.Invalid;
        AuditActor actor = AuditActor.Of(call.Caller);
        ErasureEnd? end = body switch
        {
            { Ticket: { Length: > 0 } ticket } => await TicketAsync(call, ticket) is { } id ? await desk.Eraser.TicketAsync(call.Tenant, id, actor, call.Cancel) : null,
            { Address: { Length: > 0 } address } => await desk.Eraser.ContactAsync(call.Tenant, address, actor, call.Cancel),
            _ => InboxId.TryParse(body.Inbox, out InboxId inbox) ? await desk.Eraser.MailboxAsync(call.Tenant, inbox, actor, call.Cancel) : null,
        };
        return end switch
        {
            { Erasure: { } erasure } => Answer.Of(ErasureView.Of(erasure), AppJson.Default.ErasureView),
            { Outcome: ErasureOutcome.Held } => Problems.RefusedFor("legal-hold", $"Nothing was erased: a legal hold stands above it ({string.Join(", ", end.Holds.Select(h => h.Id))}). Lift it first, if it may be lifted."),
            _ => Problems.RefusedFor("nothing-to-erase", "There is nothing of that name to erase."),
        };
    }

    private async Task<string?> TicketAsync(ApiCall call, string name) => TicketStore.IsTicketId(name) ? name : (await desk.Tickets.FindByNumberAsync(call.Tenant, name, call.Cancel))?.Id;

    private async Task<Answer> HoldsAsync(ApiCall call) => call.Caller.MayEverywhere(Permission.EraseData)
        ? Answer.Of(new HoldPage([.. (await desk.Holds.ListAsync(call.Tenant, call.Cancel)).Select(HoldView.Of)]), AppJson.Default.HoldPage)
        : Problems.NotAllowed;

    private async Task<Answer> PlaceAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.EraseData)) return Problems.NotAllowed;
        call.Trail.LeaveToWork();
        (HoldBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.HoldBody);
        if (body is null) return problem!;
        string[] named = [.. new[] { body.Ticket, body.Address, body.Inbox }.Where(name => !string.IsNullOrWhiteSpace(name)).Select(name => name!)];
        if (named.Length > 1 || string.IsNullOrWhiteSpace(body.Reason) || body.Reason.Length > Holds.LongestReason || body.Address is { Length: > 320 }) return Problems.Invalid;
        (ErasureKind kind, string? target) = body switch
        {
            { Ticket: { Length: > 0 } ticket } => (ErasureKind.Ticket, await TicketAsync(call, ticket)),
            { Address: { Length: > 0 } address } => (ErasureKind.Contact, await desk.Contacts.FindAsync(call.Tenant, address, call.Cancel)),
            { Inbox: { Length: > 0 } inbox } => (ErasureKind.Mailbox, InboxId.TryParse(inbox, out InboxId id) && await desk.Mailboxes.FindAsync(call.Tenant, id, call.Cancel) is not null ? id.Value : null),
            _ => (ErasureKind.Tenant, call.Tenant.ToString()),
        };
        return target is null
            ? Problems.RefusedFor("nothing-to-hold", "There is nothing of that name to hold.")
            : Answer.Of(HoldView.Of(await desk.Holds.PlaceAsync(call.Tenant, kind, target, body.Reason, AuditActor.Of(call.Caller), call.Cancel)), AppJson.Default.HoldView, StatusCodes.Status201Created);
    }

    private async Task<Answer> LiftAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.EraseData)) return Problems.NotAllowed;
        call.Trail.LeaveToWork();
        (LiftBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.LiftBody);
        if (body is null) return problem!;
        return Answer.Of(new LiftedView(await desk.Holds.LiftAsync(call.Tenant, body.Hold, AuditActor.Of(call.Caller), call.Cancel)), AppJson.Default.LiftedView);
    }
}
