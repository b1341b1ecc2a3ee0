using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>
/// Decisions on many kept-back mails, carried out in steps by the queue. Each step notes how far it came after it has done it, so that a crash repeats at most one step, and doing
/// the same to a mail twice does it once.
/// </summary>
public sealed class ReviewBulk(ReviewList list, Review review, KeptTimes times, BulkRows rows, People people, ApiTokens tokens, AuditLog audit, WorkQueue queue, TimeProvider time)
{
    /// <summary>The most mails of one step.</summary>
    public const int Step = 100;

    private const int AtOnce = 8, MostCounted = 10_000;
    private static readonly TimeSpan StepMayTake = TimeSpan.FromMinutes(10), Remembered = TimeSpan.FromDays(90);

    /// <summary>How many kept-back mails a scope means now: those named, or those that the filter lets through, counted up to 10,000; -1 for more.</summary>
    public async Task<long> CountAsync(TenantContext tenant, BulkScope scope, CancellationToken cancel)
    {
        if (scope.Named.Count > 0) return scope.Named.Count;
        long count = 0;
        string? after = null;
        do
        {
            KeptPart part = await list.PageAsync(tenant, InboxesOf(scope), scope.Filter, ReviewList.MostAtOnce, after, cancel);
            count += part.Mails.Count;
            after = part.Next;
        }
        while (after is not null && count < MostCounted);
        return after is null ? count : -1;
    }

    /// <summary>A decision that is not begun yet: its id is there to be told to the audit log first. What is kept back later than now is not meant.</summary>
    public BulkDecision New(BulkAction action, BulkScope scope, AuditActor by)
    {
        DateTimeOffset now = time.GetUtcNow();
        BulkScope meant = scope with { By = by.Kind, Filter = scope.Filter with { KeptBefore = scope.Filter.KeptBefore is { } before && before < now ? before : now } };
        return new BulkDecision { Id = Pack.NewId(now), Action = action, By = by.Id, Created = now, Moved = now, Scope = meant };
    }

    /// <summary>Begins one: it is counted unless it was just before (<paramref name="counted"/>), written and queued.</summary>
    public async Task<BulkDecision> BeginAsync(TenantContext tenant, BulkDecision bulk, CancellationToken cancel, long? counted = null)
    {
        bulk = bulk with { Meant = counted ?? await CountAsync(tenant, bulk.Scope, cancel) };
        await rows.AddAsync(tenant, bulk, cancel);
        await QueueAsync(tenant, bulk, cancel);
        return bulk;
    }

    /// <summary>How one stands; null when there is none of this id.</summary>
    public Task<BulkDecision?> FindAsync(TenantContext tenant, string id, CancellationToken cancel) => rows.FindAsync(tenant, id, cancel);

    /// <summary>Those that are being carried out.</summary>
    public async Task<IReadOnlyList<BulkDecision>> RunningAsync(TenantContext tenant, CancellationToken cancel)
    {
        List<BulkDecision> running = [];
        await foreach (BulkDecision bulk in rows.ListAsync(tenant, cancel))
            if (bulk.State == BulkState.Running) running.Add(bulk);
        return running;
    }

    /// <summary>Stops one; the step that is on its way is finished. Null when there is none of this id.</summary>
    public async Task<BulkDecision?> StopAsync(TenantContext tenant, string id, CancellationToken cancel)
    {
        while (await rows.FindAsync(tenant, id, cancel) is { } bulk)
        {
            if (bulk.State != BulkState.Running) return bulk;
            BulkDecision stopped = bulk with { State = BulkState.Stopped, Moved = time.GetUtcNow() };
            if (await rows.MoveAsync(tenant, stopped, cancel)) return stopped;
        }

        return null;
    }

    /// <summary>Does one step, and queues the next when there is more to do. What somebody else did meanwhile counts as passed.</summary>
    public async Task<BulkDecision?> RunAsync(TenantContext tenant, string id, CancellationToken cancel)
    {
        if (await rows.FindAsync(tenant, id, cancel) is not { State: BulkState.Running } bulk) return null;
        if (!await MayStillAsync(tenant, bulk, cancel)) return await EndAsync(tenant, bulk, bulk with { State = BulkState.Stopped, Moved = time.GetUtcNow() }, "bulk-not-allowed", cancel);
        (IReadOnlyList<KeptRef> mails, string place, bool more) = await NextAsync(tenant, bulk, cancel);
        long done = 0;
        foreach (KeptRef[] some in mails.Chunk(AtOnce))
        {
            // As they stand now: a hold that is placed meanwhile keeps what is left.
            Dictionary<InboxId, KeptTime> holds = [];
            foreach (InboxId inbox in some.Select(mail => mail.Inbox).Distinct()) holds[inbox] = await times.OfAsync(tenant, inbox, cancel);
            done += (await Task.WhenAll(some.Select(mail => DoAsync(tenant, bulk, mail, holds[mail.Inbox], cancel)))).Count(d => d);
        }

        BulkDecision next = bulk with { Place = place, Done = bulk.Done + done, Passed = bulk.Passed + mails.Count - done, Moved = time.GetUtcNow(), State = more ? BulkState.Running : BulkState.Done };
        if (!more) return await EndAsync(tenant, bulk, next, "bulk-done", cancel);
        // Stopped meanwhile, or done by another delivery of the same work.
        if (!await rows.MoveAsync(tenant, next, cancel)) return await rows.FindAsync(tenant, id, cancel);
        await QueueAsync(tenant, next, cancel);
        return next;
    }

    // Told before it is written: a crash between the two tells it twice, and never not at all.
    private async Task<BulkDecision?> EndAsync(TenantContext tenant, BulkDecision was, BulkDecision end, string code, CancellationToken cancel)
    {
        if (await rows.FindAsync(tenant, was.Id, cancel) is not { } now || now.Version != was.Version) return await rows.FindAsync(tenant, was.Id, cancel);
        await TellAsync(tenant, end, code, cancel);
        return await rows.MoveAsync(tenant, end, cancel) ? end : await rows.FindAsync(tenant, was.Id, cancel);
    }

    // Who lost the right decides nothing any more. An application's rights come with its directory's token and cannot be looked at here.
    private async Task<bool> MayStillAsync(TenantContext tenant, BulkDecision bulk, CancellationToken cancel)
    {
        if (bulk.Scope.By is not (AuditActorKind.Person or AuditActorKind.Token) || bulk.By == Caller.LocalOwnerId) return true;
        Caller? author = bulk.Scope.By == AuditActorKind.Token ? await tokens.FindAsync(tenant, bulk.By, cancel)
            : await people.FindAsync(tenant, bulk.By, cancel) is { Disabled: false } person ? Caller.Of(tenant, person) : null;
        return author is not null && InboxesOf(bulk.Scope).All(inbox => author.May(Permission.ReviewMail, inbox));
    }

    /// <summary>Queues those again that did not go on for a while, and forgets those that ended long ago; returns how many were queued.</summary>
    public async Task<int> KeepAsync(TenantContext tenant, CancellationToken cancel)
    {
        int queued = 0;
        DateTimeOffset now = time.GetUtcNow();
        await foreach (BulkDecision bulk in rows.ListAsync(tenant, cancel))
        {
            if (bulk.State != BulkState.Running && bulk.Moved + Remembered < now) await rows.RemoveAsync(tenant, bulk.Id, cancel);
            else if (bulk.State != BulkState.Running && bulk.Scope.SaysMore) await rows.MoveAsync(tenant, bulk, cancel);
            if (bulk.State != BulkState.Running || bulk.Moved + StepMayTake > now) continue;
            await QueueAsync(tenant, bulk, cancel);
            queued++;
        }

        return queued;
    }

    private async Task<(IReadOnlyList<KeptRef> Mails, string Place, bool More)> NextAsync(TenantContext tenant, BulkDecision bulk, CancellationToken cancel)
    {
        if (bulk.Scope.Named.Count > 0)
        {
            int from = int.TryParse(bulk.Place, NumberStyles.None, CultureInfo.InvariantCulture, out int at) ? at : 0;
            KeptRef[] some = [.. bulk.Scope.Named.Skip(from).Take(Step).Select(RefOf)];
            return (some, (from + some.Length).ToString(CultureInfo.InvariantCulture), from + some.Length < bulk.Scope.Named.Count);
        }

        KeptPart part = await list.PageAsync(tenant, InboxesOf(bulk.Scope), bulk.Scope.Filter, Step, bulk.Place.Length > 0 ? bulk.Place : null, cancel);
        return ([.. part.Mails.Select(mail => new KeptRef(mail.Inbox, mail.Line.MessageKey))], part.Next ?? bulk.Place, part.Next is not null);
    }

    private async Task<bool> DoAsync(TenantContext tenant, BulkDecision bulk, KeptRef mail, KeptTime known, CancellationToken cancel) => bulk.Action switch
    {
        BulkAction.Release => await review.ReleaseAsync(tenant, mail.Inbox, mail.MessageKey, new AuditActor(AuditActorKind.Person, bulk.By), cancel, bulk.Id) == ReviewEnd.Done,
        BulkAction.Delete => await review.DeleteAsync(tenant, mail.Inbox, mail.MessageKey, cancel, bulk.Id, known) == ReviewEnd.Done,
    };

    private Task TellAsync(TenantContext tenant, BulkDecision bulk, string code, CancellationToken cancel) => audit.AppendAsync(tenant, new AuditEvent(
        bulk.Action == BulkAction.Delete ? AuditAction.QuarantineDeleted : AuditAction.QuarantineReleased, AuditActor.System)
    { Subject = bulk.Id, Count = bulk.Done, Code = code }, cancel);

    private Task QueueAsync(TenantContext tenant, BulkDecision bulk, CancellationToken cancel) =>
        queue.SendAsync(Work.OfBulk(tenant, InboxesOf(bulk.Scope)[0], bulk.Id).ToJson(), delay: null, cancel);

    /// <summary>A mail as a scope names it.</summary>
    public static string NameOf(KeptRef mail) => $"{mail.Inbox}:{mail.MessageKey}";

    private static KeptRef RefOf(string name) => new(InboxId.Parse(name[..name.IndexOf(':', StringComparison.Ordinal)]), name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    private static InboxId[] InboxesOf(BulkScope scope) => [.. scope.Inboxes.Select(InboxId.Parse)];
}
