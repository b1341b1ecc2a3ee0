using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Tickets;

namespace Ingest.Core.Retention;

public sealed partial class Eraser
{
    private const string LessonCount = "lessons";

    // What the filter was taught on erased mail was sealed under the tickets' keys, which are gone by now, and the model that was built from it goes, too. Housekeeping builds the next: no erasure waits
    // for that, or fails by it.
    private async Task<Erasure> ForgetLessonsAsync(TenantContext tenant, Erasure erasure, IEnumerable<KeyName> destroyed, CancellationToken cancel)
    {
        HashSet<string> tickets = [.. destroyed.Where(k => k.Class == KeyClass.Ticket).Select(k => TicketKeys.TicketOf(k.Owner))];
        if (tickets.Count == 0 || await _lessons.FindStateAsync(tenant, cancel) is null) return erasure;
        (int found, int ordinary) = await _lessons.CountAsync(tenant, tickets, cancel);
        // Counted before they go: nothing of them is left to count after a crash.
        if (found > erasure.Notes.Counts.GetValueOrDefault(LessonCount))
        {
            SortedDictionary<string, long> counts = new(erasure.Notes.Counts, StringComparer.Ordinal) { [LessonCount] = found };
            erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Counts = counts } }, cancel);
        }

        // In the ledger, so that no old copy of tables and keys brings a model back that their mail is in. Before their rows go, which is when another may be built in its place.
        if (found + ordinary > 0 || await _lessons.FindStateAsync(tenant, cancel) is { } state && state.Built != state.Revision)
            if (await _lessons.ModelKeysAsync(tenant, cancel) is { Count: > 0 } models) await _keys.EraseAsync(tenant, await _ledger.NameKeysAsync(tenant, erasure, "model", models, cancel), cancel);
        await _lessons.ForgetAsync(tenant, tickets, cancel);
        // A crash in between leaves a model that is behind: so whenever it is, it goes.
        await _lessons.VoidAsync(tenant, cancel);
        return erasure;
    }
}
