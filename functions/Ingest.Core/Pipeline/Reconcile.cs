using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>The books of an inbox: what was listed, and how it ended.</summary>
/// <param name="Listed">Distinct mails in the pack manifests.</param>
/// <param name="Ticketed">Ended as messages of tickets.</param>
/// <param name="Duplicate">Ended as duplicates.</param>
/// <param name="Quarantined">Kept back.</param>
/// <param name="Rejected">Not taken in.</param>
/// <param name="Parked">Waiting for a replay.</param>
/// <param name="InFlight">Listed, and no line yet.</param>
/// <param name="Unlisted">Lines without a listing: always 0 unless a manifest was lost.</param>
public sealed record Books(int Listed, int Ticketed, int Duplicate, int Quarantined, int Rejected, int Parked, int InFlight, int Unlisted)
{
    /// <summary>True when every listed mail is accounted for exactly once.</summary>
    public bool Balance => Unlisted == 0 && Listed == Ticketed + Duplicate + Quarantined + Rejected + Parked + InFlight;
}

/// <summary>Answers "did we lose any?" with numbers, from the manifests and the journal.</summary>
public sealed class Reconcile(Packs packs, Journal journal)
{
    /// <summary>Draws up the books of an inbox.</summary>
    public async Task<Books> RunAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        // The journal first: a mail is listed before it ends, so what has a line by now has a manifest when the manifests are read.
        Dictionary<OutcomeKind, int> ends = [];
        HashSet<string> ended = [];
        await foreach (JournalLine line in journal.ListAsync(tenant, inbox, cancel))
        {
            ends[line.Outcome] = ends.GetValueOrDefault(line.Outcome) + 1;
            ended.Add(line.MessageKey);
        }

        HashSet<string> listed = [];
        await foreach (Pack pack in packs.ListAsync(tenant, inbox, openOnly: false, cancel))
            foreach (PackEntry entry in pack.Entries) listed.Add(entry.MessageKey);

        int known = ended.Count(listed.Contains);
        return new Books(listed.Count, ends.GetValueOrDefault(OutcomeKind.Ticketed), ends.GetValueOrDefault(OutcomeKind.Duplicate),
            ends.GetValueOrDefault(OutcomeKind.Quarantined), ends.GetValueOrDefault(OutcomeKind.Rejected), ends.GetValueOrDefault(OutcomeKind.Parked),
            listed.Count - known, ended.Count - known);
    }
}
