using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

/// <summary>The people on whom legal holds stand, by the digests under which their kept-back mail is found.</summary>
public sealed class HeldSenders
{
    private readonly ILookup<string, Hold> _holds;

    internal HeldSenders(IEnumerable<(string Digest, Hold Hold)> holds) => _holds = holds.ToLookup(one => one.Digest, one => one.Hold, StringComparer.Ordinal);

    internal static HeldSenders None { get; } = new([]);

    internal IEnumerable<string> Digests => _holds.Select(one => one.Key);

    /// <summary>The holds on whoever has this digest; none for an empty one, which is nobody's.</summary>
    public IReadOnlyList<Hold> Of(string digest) => digest.Length == 0 ? [] : [.. _holds[digest]];
}

/// <summary>Which holds on people keep kept-back mail: no ticket says whose that is, and nothing in the clear but a keyed digest of its sender.</summary>
public sealed class HeldPeople(Contacts contacts, KeyRing keys, KeptIndex index)
{
    /// <summary>The people on whom these holds stand. No operation where none is on a person.</summary>
    public async Task<HeldSenders> OfAsync(TenantContext tenant, IReadOnlyList<Hold> holds, CancellationToken cancel)
    {
        List<(string, Hold)> held = [];
        foreach (Hold hold in holds.Where(hold => hold.Kind == ErasureKind.Contact))
        {
            if (await contacts.OpenAsync(tenant, hold.Target, cancel) is not { Address.Length: > 0 } profile) continue;
            using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
            held.Add((KeptMark.Of(ids, profile.Address).Sender, hold));
        }

        return held.Count == 0 ? HeldSenders.None : new HeldSenders(held);
    }

    /// <summary>The holds that keep a kept-back mail for its sender's sake.</summary>
    public async Task<IReadOnlyList<Hold>> FindAsync(TenantContext tenant, InboxId inbox, JournalLine line, HeldSenders held, CancellationToken cancel) =>
        held.Digests.Any() && KeptIndex.IsKept(line.Outcome) && await index.SenderAsync(tenant, inbox, line, cancel) is { } sender ? held.Of(sender) : [];

    /// <summary>The holds on people of whom a mailbox has kept-back mail.</summary>
    internal async Task<IReadOnlyList<Hold>> FindAsync(TenantContext tenant, InboxId inbox, IReadOnlyList<Hold> holds, CancellationToken cancel)
    {
        HeldSenders held = await OfAsync(tenant, holds, cancel);
        List<Hold> found = [];
        foreach (string digest in held.Digests)
            foreach (OutcomeKind outcome in new[] { OutcomeKind.Quarantined, OutcomeKind.Parked })
                if (await index.ReadAsync(tenant, inbox, new KeptFilter { Outcome = outcome }, new KeptMark(digest, ""), after: null, 1, cancel).AnyAsync(cancel)) found.AddRange(held.Of(digest));
        return [.. found.Distinct()];
    }
}
