using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>What is to be erased for good: one of the four.</summary>
/// <param name="Ticket">A ticket's id or number.</param>
/// <param name="Address">A person's e-mail address.</param>
/// <param name="Inbox">A mailbox's id.</param>
/// <param name="Tenant">Everything of the tenant: its own id, written out, so that nobody does it by a slip. Only an owner may.</param>
public sealed record ErasureBody(string? Ticket = null, string? Address = null, string? Inbox = null, string? Tenant = null);

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

/// <summary>What was erased, or is being erased.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Ticket, Contact, Mailbox or Tenant.</param>
/// <param name="Target">The id of what is erased.</param>
/// <param name="State">Begun, Destroyed (and the receipt signed), Settled, or Held.</param>
/// <param name="Stage">Which part of its work it is at: Look, Kept, Share, Shred, Last, Count, Sign; Twice when it is looked at once more; Rest when there is none.</param>
/// <param name="Looked">How many tickets and kept-back mails it has looked at.</param>
/// <param name="Begun">When it was asked for.</param>
/// <param name="Destroyed">When all was destroyed; null before that.</param>
/// <param name="Receipt">The signed receipt; empty before that.</param>
public sealed record ErasureView(string Id, string Kind, string Target, string State, string Stage, long Looked, DateTimeOffset Begun, DateTimeOffset? Destroyed, string Receipt)
{
    internal static ErasureView Of(Erasure e) =>
        new(e.Id, e.Kind.ToString(), e.Target, e.State.ToString(), e.Stage.ToString(), e.Looked, e.Begun, e.Destroyed, e.Receipt is { } receipt ? Encoding.UTF8.GetString(receipt) : "");
}

/// <summary>A page of what was erased, newest first.</summary>
/// <param name="Erasures">The page.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record ErasurePage(IReadOnlyList<ErasureView> Erasures, string? Next);

/// <summary>A legal hold.</summary>
public sealed record HoldView(string Id, string Kind, string Target, string Reason, string PlacedBy, DateTimeOffset Placed)
{
    /// <summary>Of one that was just placed: the erasures, by id, that were under way then. What they had destroyed by then is gone; what the hold covers of the rest stays while it stands.</summary>
    public IReadOnlyList<string> UnderWay { get; init; } = [];

    internal static HoldView Of(Hold h) => new(h.Id, h.Kind.ToString(), h.Target, h.Reason, h.PlacedBy, h.Placed) { UnderWay = h.UnderWay };
}

/// <summary>The holds that stand, oldest first.</summary>
public sealed record HoldPage(IReadOnlyList<HoldView> Holds);

/// <summary>Erasure with receipts, and legal holds. What is erased may lie in any inbox, so a right in one inbox is not enough.</summary>
internal sealed class ErasureRoutes(Desk desk, Cursors cursors)
{
    private const int PageSize = 50;

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/erasures", Permission.EraseData, "Lists what was erased and is being erased, newest first, with the signed receipts.", ListAsync)
        {
            Audit = AuditAction.Listed, AuditCode = "erasures", Query = [new("cursor", "\"next\" of the page before.")], Response = AppJson.Default.ErasurePage, More = [Problems.InvalidCursor],
        },
        new("GET", "/erasures/{erasure}", Permission.EraseData, "Shows how far an erasure is, and its signed receipt once all is destroyed.", ShowAsync) { Audit = AuditAction.Listed, AuditCode = "erasure", Response = AppJson.Default.ErasureView },
        new("POST", "/erasures", Permission.EraseData, "Erases a ticket, a person, a mailbox or, by an owner, the tenant as a whole for good, and answers with the signed receipt; or, where that takes longer than a request, with 202 and the id under which it goes on by itself. Asked again it answers with the same. Once a tenant is erased its tokens are, too: its receipt is then the operator's to hand out.", EraseAsync)
        {
            Audit = AuditAction.Erased, Request = AppJson.Default.ErasureBody, Response = AppJson.Default.ErasureView, AlsoSuccess = StatusCodes.Status202Accepted, More = [Problems.Refused],
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
        string? after = null;
        if (call.Query("cursor") is { } cursor && (after = await cursors.ReadKeyAsync(call.Tenant, "erasures", cursor, call.Cancel)) is null) return Problems.InvalidCursor;
        (IReadOnlyList<Erasure> erasures, string? next) = await desk.Erasures.PageAsync(call.Tenant, PageSize, after, call.Cancel);
        string? behind = next is null ? null : await cursors.WriteAsync(call.Tenant, "erasures", next, call.Cancel);
        return Answer.Of(new ErasurePage([.. erasures.Select(ErasureView.Of)], behind), AppJson.Default.ErasurePage);
    }

    private async Task<Answer> ShowAsync(ApiCall call)
    {
        return call.Caller.MayEverywhere(Permission.EraseData) && await desk.Erasures.FindAsync(call.Tenant, call["erasure"], call.Cancel) is { } erasure ? Answer.Of(ErasureView.Of(erasure), AppJson.Default.ErasureView) : Problems.NotFound;
    }

    private async Task<Answer> EraseAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.EraseData)) return Problems.NotAllowed;
        call.Trail.LeaveToWork();
        (ErasureBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.ErasureBody);
        if (body is null) return problem!;
        if (new[] { body.Ticket, body.Address, body.Inbox, body.Tenant }.Count(name => !string.IsNullOrWhiteSpace(name)) != 1 || body.Address is { Length: > 320 }) return Problems.Invalid;
        AuditActor actor = AuditActor.Of(call.Caller);
        if (body.Tenant is { Length: > 0 } tenant)
        {
            if (!call.Caller.MayEverywhere(Permission.ManagePeople)) return Problems.NotAllowed;
            if (tenant != call.Tenant.ToString()) return Problems.RefusedFor("tenant-not-confirmed", "Nothing was erased. To erase everything of the tenant, write the tenant's own id, as every receipt and export names it.");
        }

        ErasureEnd? end = body switch
        {
            { Tenant.Length: > 0 } => await desk.Eraser.TenantAsync(call.Tenant, actor, call.Cancel, Eraser.InRequest),
            { Ticket: { Length: > 0 } ticket } => await TicketAsync(call, ticket) is { } there ? await desk.Eraser.TicketAsync(call.Tenant, there.Id, actor, call.Cancel, Eraser.InRequest) : null,
            { Address: { Length: > 0 } address } => await desk.Eraser.ContactAsync(call.Tenant, address, actor, call.Cancel, Eraser.InRequest),
            _ => InboxId.TryParse(body.Inbox, out InboxId inbox) ? await desk.Eraser.MailboxAsync(call.Tenant, inbox, actor, call.Cancel, Eraser.InRequest) : null,
        };
        return end switch
        {
            { Outcome: ErasureOutcome.Begun, Erasure: { } begun } => Answer.Of(ErasureView.Of(begun), AppJson.Default.ErasureView, StatusCodes.Status202Accepted),
            { Erasure: { } erasure } => Answer.Of(ErasureView.Of(erasure), AppJson.Default.ErasureView),
            { Outcome: ErasureOutcome.Held } => Problems.RefusedFor("legal-hold", $"Nothing was erased: a legal hold stands above it ({string.Join(", ", end.Holds.Select(h => h.Id))}). Lift it first, if it may be lifted."),
            _ => Problems.RefusedFor("nothing-to-erase", "There is nothing of that name to erase."),
        };
    }

    private async Task<Ticket?> TicketAsync(ApiCall call, string name) => await desk.Tickets.FindStandingAsync(call.Tenant, name, call.Cancel);

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
            { Ticket: { Length: > 0 } ticket } => (ErasureKind.Ticket, await TicketAsync(call, ticket) is { Erased: null } there ? there.Id : null),
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
