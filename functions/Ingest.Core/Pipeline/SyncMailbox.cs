using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Store;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>How a sync ended.</summary>
public enum SyncEnd
{
    /// <summary>No such mailbox, or it is paused, waits for reconnection or is backing off.</summary>
    NotDue,
    /// <summary>Nothing new; nothing was written.</summary>
    Idle,
    /// <summary>Someone else reads this mailbox now, or took it over.</summary>
    Busy,
    /// <summary>Read to the end.</summary>
    Done,
    /// <summary>Time ran out; more is waiting.</summary>
    More,
}

/// <summary>What a sync did.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Listed">How many mails it listed.</param>
public readonly record struct SyncResult(SyncEnd End, int Listed);

/// <summary>
/// Lists what is new in a mailbox and makes it durable. Failure contract: keys → pack → manifest → work → cursor, in this order and each before the next,
/// so that a crash anywhere only makes the same mails be listed again, under the same keys. The cursor moves in one transaction with the lease.
/// </summary>
public sealed class SyncMailbox(MailboxStore mailboxes, KeyRing keys, Packs packs, Journal journal, WorkQueue ingestQueue, TimeProvider time)
{
    // The cursor moves after each page, and a deadline loses at most the page at hand: so pages are small, and after a failure as small as can be.
    private const int PageSize = 25, PageAfterFailure = FetchesAtOnce, SendsAtOnce = 8;
    private const long PackBytes = 8 * 1024 * 1024;

    // One mail that the provider never manages to hand out must not stop the mail behind it; after so many failed runs it may be parked.
    private const int PatienceFailures = 8;
    private static readonly TimeSpan LeaseLength = TimeSpan.FromMinutes(5);

    /// <summary>How many mails of one mailbox are fetched at the same time.</summary>
    public const int FetchesAtOnce = 4;

    /// <summary>Longest reading before the rest is left to the next run, so that one mailbox cannot hold a worker.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromMinutes(2);

    private readonly FetchMails _fetch = new(time);

    /// <summary>
    /// Reads a mailbox from its cursor. <paramref name="worker"/> names the holder of the lease: the same work delivered again takes its own lease back.
    /// </summary>
    public async Task<SyncResult> RunAsync(TenantContext tenant, InboxId inbox, string worker,
        Func<MailboxView, CancellationToken, Task<IMailSource>> open, bool evenIfBackingOff, CancellationToken cancel)
    {
        if (await mailboxes.FindAsync(tenant, inbox, cancel) is not { } view || view.Mailbox.State != MailboxState.Active) return new(SyncEnd.NotDue, 0);
        if (!evenIfBackingOff && view.Health.NotBefore > time.GetUtcNow()) return new(SyncEnd.NotDue, 0);

        await using IMailSource source = await open(view, cancel);
        // Finding out which mail is to blame takes others of its page as witnesses.
        bool findWhoIsToBlame = view.Health.Failures >= PatienceFailures;
        int size = view.Health.Failures == 0 || findWhoIsToBlame ? Math.Max(PageSize, source.MostAtOnce) : PageAfterFailure;
        ListedPage page = await source.ListAsync(view.Cursor, size, cancel);
        if (page is { Ids.Count: 0, More: false } && !IsWorthWriting(view, page)) return new(SyncEnd.Idle, 0);
        if (await mailboxes.TakeLeaseAsync(tenant, inbox, view.Lease, worker, LeaseLength, cancel) is not { } lease) return new(SyncEnd.Busy, 0);

        long started = time.GetTimestamp();
        int listed = 0;
        while (true)
        {
            DateTimeOffset? newest = await StoreAsync(tenant, inbox, source, page.Ids, findWhoIsToBlame, cancel);
            listed += page.Ids.Count;
            bool last = !page.More || time.GetElapsedTime(started) > Budget;
            if (await mailboxes.MoveCursorAsync(tenant, inbox, page.Next, lease, last ? TimeSpan.Zero : LeaseLength, newest, cancel) is not { } held)
                return new(SyncEnd.Busy, listed);
            if (last) return new(page.More ? SyncEnd.More : SyncEnd.Done, listed);
            lease = held;
            page = await source.ListAsync(page.Next, size, cancel);
        }
    }

    /// <summary>Fetches again what could not be fetched before, and queues it; false when it is still not to be had.</summary>
    public async Task<bool> FetchAgainAsync(TenantContext tenant, InboxId inbox, IMailSource source, PackEntry entry, CancellationToken cancel)
    {
        FetchedMail fetched = await source.FetchAsync(new ListedId(entry.ProviderId), cancel);
        if (fetched.Kind != FetchKind.Fetched) return false;
        await PackAsync(tenant, inbox, [new(new ListedId(entry.ProviderId), entry.MessageKey, fetched)], cancel);
        return true;
    }

    // The position of an idle mailbox still moves with every label that changes; it is stored now and then, before the provider forgets it.
    private bool IsWorthWriting(MailboxView view, ListedPage page) =>
        view.Health.Failures > 0 || (page.Next != view.Cursor && (view.Cursor is null || view.Health.At is not { } at || time.GetUtcNow() - at > TimeSpan.FromHours(12)));

    private async Task<DateTimeOffset?> StoreAsync(TenantContext tenant, InboxId inbox, IMailSource source, IReadOnlyList<ListedId> ids, bool findWhoIsToBlame,
        CancellationToken cancel)
    {
        using TenantKeys secrets = await keys.ForTenantAsync(tenant, cancel);
        DateTimeOffset? newest = null;
        List<Listed> batch = [];
        long bytes = 0;
        await foreach (IReadOnlyList<(ListedId Id, FetchedMail Mail)> chunk in _fetch.RunAsync(source, ids, findWhoIsToBlame, cancel))
        {
            foreach ((ListedId id, FetchedMail mail) in chunk)
            {
                Listed listed = new(id, secrets.MessageKey(inbox, id.ProviderId), mail);
                if (mail.Kind == FetchKind.Fetched && (newest is null || mail.Received > newest)) newest = mail.Received;
                if (mail.Raw.Length > PackBytes)
                {
                    await PackAsync(tenant, inbox, [listed], cancel);
                    continue;
                }

                if (bytes + mail.Raw.Length > PackBytes) await FlushAsync();
                batch.Add(listed);
                bytes += mail.Raw.Length;
            }
        }

        await FlushAsync();
        return newest;

        async Task FlushAsync()
        {
            if (batch.Count > 0) await PackAsync(tenant, inbox, batch, cancel);
            batch.Clear();
            bytes = 0;
        }
    }

    private readonly record struct Listed(ListedId Id, string Key, FetchedMail Mail);

    private async Task PackAsync(TenantContext tenant, InboxId inbox, IReadOnlyList<Listed> batch, CancellationToken cancel)
    {
        List<Listed> fetched = [.. batch.Where(b => b.Mail.Kind == FetchKind.Fetched).DistinctBy(b => b.Key)];
        List<Listed> unfetched = [.. batch.Where(b => b.Mail.Kind != FetchKind.Fetched).DistinctBy(b => b.Key)];
        string id = Pack.NewId(time.GetUtcNow());
        List<PackEntry> entries = [];
        while (fetched.Count > 0 && entries.Count == 0)
        {
            try
            {
                entries = await SealAsync(tenant, inbox, id, fetched, cancel);
            }
            catch (KeyErasedException erased)
            {
                // Erased mail that is listed once more is not kept: there is no key for it, and never will be.
                unfetched.AddRange(fetched.Where(b => erased.Owners.Contains(b.Key)).Select(b => b with { Mail = FetchedMail.Erased }));
                fetched.RemoveAll(b => erased.Owners.Contains(b.Key));
            }
        }

        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        entries.AddRange(unfetched.Select(b => new PackEntry(b.Key, b.Id.ProviderId, 0, -1, b.Id.Received?.ToUnixTimeMilliseconds() ?? now)));
        await packs.WriteManifestAsync(tenant, inbox, new Pack(id, entries, time.GetUtcNow(), null), cancel);
        foreach (Listed gone in unfetched)
            await CloseUnfetchedAsync(tenant, inbox, id, gone.Key, gone.Mail.Kind, ReceivedAt.Storable(gone.Id.Received ?? time.GetUtcNow()), cancel);
        await EnqueueAsync(tenant, inbox, id, entries, cancel);
    }

    private async Task<List<PackEntry>> SealAsync(TenantContext tenant, InboxId inbox, string id, List<Listed> fetched, CancellationToken cancel)
    {
        IReadOnlyList<DataKey> rawKeys = await keys.GetOrCreateRawAsync(tenant, inbox, [.. fetched.Select(b => b.Key)], cancel);
        try
        {
            List<PackEntry> entries = [];
            using MemoryStream content = new(checked(fetched.Sum(b => Envelope.SealedLength(b.Mail.Raw.Length, SegmentLength.Blob))));
            for (int i = 0; i < fetched.Count; i++)
            {
                (ListedId listed, string key, FetchedMail mail) = fetched[i];
                byte[] box = Envelope.Seal(mail.Raw.Span, rawKeys[i], RawMail.Seal(tenant, key), SegmentLength.Blob);
                entries.Add(new PackEntry(key, listed.ProviderId, content.Length, box.Length, mail.Received.ToUnixTimeMilliseconds()));
                content.Write(box);
            }

            await packs.PutAsync(tenant, inbox, id, content.GetBuffer().AsMemory(0, (int)content.Length), cancel);
            return entries;
        }
        finally
        {
            foreach (DataKey key in rawKeys) key.Dispose();
        }
    }

    private async Task CloseUnfetchedAsync(TenantContext tenant, InboxId inbox, string pack, string key, FetchKind kind, DateTimeOffset received,
        CancellationToken cancel) =>
        await journal.CloseAsync(tenant, inbox, new JournalLine
        {
            MessageKey = key,
            Outcome = kind == FetchKind.Refused ? OutcomeKind.Parked : OutcomeKind.Rejected,
            Reason = kind switch
            {
                FetchKind.Erased => OutcomeReason.OriginalErased,
                FetchKind.Vanished => OutcomeReason.Vanished,
                FetchKind.Refused or FetchKind.Fetched => OutcomeReason.Unfetchable,
            },
            Pack = pack,
            Length = -1,
            Received = received,
            At = time.GetUtcNow(),
        }, cancel);

    private Task EnqueueAsync(TenantContext tenant, InboxId inbox, string pack, IReadOnlyList<PackEntry> entries, CancellationToken cancel) =>
        Parallel.ForEachAsync(entries.Where(e => e.Length >= 0), new ParallelOptions { MaxDegreeOfParallelism = SendsAtOnce, CancellationToken = cancel },
            async (entry, stop) => await ingestQueue.SendAsync(WorkFor(tenant, inbox, pack, entry).ToJson(), delay: null, stop));

    /// <summary>The work of taking in one entry of a pack.</summary>
    public static Work WorkFor(TenantContext tenant, InboxId inbox, string pack, PackEntry entry) => new()
    {
        TenantText = tenant.Tenant.Value,
        InboxText = inbox.Value,
        Pack = pack,
        MessageKey = entry.MessageKey,
        Offset = entry.Offset,
        Length = entry.Length,
        ReceivedUnixMs = entry.ReceivedUnixMs,
    };
}
