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
        int found = await _lessons.CountAsync(tenant, tickets, cancel);
        // Counted before they go: nothing of them is left to count after a crash.
        if (found > erasure.Notes.Counts.GetValueOrDefault(LessonCount))
        {
            SortedDictionary<string, long> counts = new(erasure.Notes.Counts, StringComparer.Ordinal) { [LessonCount] = found };
            erasure = await _ledger.SaveAsync(tenant, erasure with { Notes = erasure.Notes with { Counts = counts } }, cancel);
        }

        await _lessons.ForgetAsync(tenant, tickets, cancel);
        // A crash in between leaves a model that is behind: so whenever it is, it goes.
        await _lessons.VoidAsync(tenant, cancel);
        return erasure;
    }
}
