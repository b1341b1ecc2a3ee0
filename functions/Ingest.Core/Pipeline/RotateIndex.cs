using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>How turning an index key over goes on.</summary>
/// <param name="Epoch">The epoch under which all is looked up in the end.</param>
/// <param name="Moved">Rows that this call moved, or cleared away.</param>
/// <param name="Left">Rows that other work or the call's bound left for the next time.</param>
/// <param name="Broken">Rows whose value cannot be read, which keep the older key from being destroyed.</param>
/// <param name="Done">True when the older key is destroyed and nothing of it is left.</param>
/// <param name="NotBefore">When every process knows what this step needs it to know, so that the next can be taken.</param>
public sealed record IndexRotation(int Epoch, int Moved, int Left, int Broken, bool Done, DateTimeOffset NotBefore)
{
    /// <summary>Set when all is moved and the older key waits for a backup of keys begun after this, which is when the newest was made; null otherwise.</summary>
    public DateTimeOffset? WaitsForBackupAfter { get; init; }
}

/// <summary>
/// Turns a tenant's index key over. A new key is made beside the old; for two hours everything is looked up and written under both, until no process knows only the old; then
/// each row is moved, and the old key destroyed, once a backup of keys holds the new one; two hours later, when no process knows it, what was still written under it is cleared away. Every step can be repeated after a
/// crash at any point, and at no time does a value belong to two.
/// </summary>
public sealed class RotateIndex(KeyRing keys, Contacts contacts, People people, MailboxStore mailboxes, SigningKeys signing, KeysBackup backup, TimeProvider time)
{
    /// <summary>Begins, with <paramref name="start"/>, or goes on with what was begun; moves some rows at most. Null when there is nothing to do. <paramref name="tell"/> is asked before a key is made or destroyed; what it throws ends it.</summary>
    public async Task<IndexRotation?> RunAsync(TenantContext tenant, bool start, int atMost, CancellationToken cancel, Func<KeyAct, Task>? tell = null)
    {
        if (start && tell is not null) await tell(KeyAct.Make);
        if (await keys.BeginIndexRotationAsync(tenant, start, cancel) is not { } at || (at.Older.Count == 0 && at.Gone.Count == 0)) return null;
        IndexMove done = default;
        DateTimeOffset notBefore = at.Since + KeyRing.KnownToAll, now = time.GetUtcNow();
        foreach (int epoch in at.Older)
        {
            if (now < notBefore) return new IndexRotation(at.Newest, done.Moved, 0, 0, Done: false, notBefore);
            IndexMove moved = await MoveAsync(tenant, epoch, destroyed: false, atMost - done.Moved, cancel);
            done = done.And(moved);
            if (moved is not { Left: 0, Broken: 0 }) return Going();
            // Until then an old backup would bring back the older key alone, with which nothing that was moved is found.
            if (!await IsBackedUpAsync(at.Since, cancel)) return Going() with { WaitsForBackupAfter = at.Since };
            if (tell is not null) await tell(KeyAct.Destroy);
            await keys.DestroyIndexKeyAsync(tenant, epoch, cancel);
            notBefore = now + KeyRing.KnownToAll;
        }

        foreach ((int epoch, DateTimeOffset gone) in at.Gone)
        {
            notBefore = gone + KeyRing.KnownToAll;
            if (now < notBefore) return Going();
            IndexMove cleared = await MoveAsync(tenant, epoch, destroyed: true, atMost - done.Moved, cancel);
            done = done.And(cleared);
            if (cleared.Left > 0) return Going();
            await keys.ForgetIndexKeyAsync(tenant, epoch, cancel);
        }

        return Going() with { Done = at.Older.Count == 0 };

        IndexRotation Going() => new(at.Newest, done.Moved, done.Left, done.Broken, Done: false, notBefore);
    }

    /// <summary>When the newest index key was made, if the turning over waits for a backup of keys begun after that or will; null when it does not.</summary>
    public async Task<DateTimeOffset?> WaitsForBackupAfterAsync(TenantContext tenant, CancellationToken cancel) =>
        await keys.BeginIndexRotationAsync(tenant, start: false, cancel) is { Older.Count: > 0 } at && !await IsBackedUpAsync(at.Since, cancel) ? at.Since : null;

    private async Task<bool> IsBackedUpAsync(DateTimeOffset since, CancellationToken cancel) => (await backup.ListAsync(cancel)).Any(made => made.Made > since);

    private async Task<IndexMove> MoveAsync(TenantContext tenant, int epoch, bool destroyed, int atMost, CancellationToken cancel)
    {
        IndexMove done = default;
        foreach (Func<TenantContext, int, bool, int, CancellationToken, Task<IndexMove>> move in
            new Func<TenantContext, int, bool, int, CancellationToken, Task<IndexMove>>[] { people.MoveIndexAsync, mailboxes.MoveIndexAsync, signing.MoveIndexAsync, contacts.MoveIndexAsync })
            done = done.And(await move(tenant, epoch, destroyed, Math.Max(0, atMost - done.Moved), cancel));
        return done;
    }
}
