using System.Collections.Concurrent;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>
/// The models of tenants as the pipeline uses them. Mail only reads the one that is stored, and neither waits for a model nor fails by one. Models are built by housekeeping, in every round, when lessons came
/// or went since, or a day has passed, by which all lessons count a little less; and at once when lessons are taken out. Two who build at once build the same.
/// </summary>
public sealed class TenantModels(Lessons lessons, LessonMails mails, MailboxStore mailboxes, TicketPages pages, TicketStore tickets, TimeProvider time)
{
    /// <summary>How long a process goes on with a model that it has read: after that a new one counts everywhere.</summary>
    public static readonly TimeSpan CacheAge = TimeSpan.FromMinutes(2);

    /// <summary>More lessons than this are not kept: of whoever taught the most, the oldest go.</summary>
    public const int MostLessons = 1000;

    /// <summary>So many mails hold a model in place.</summary>
    public const int MostOrdinary = 128;

    private const int Tries = 4, GatheredAtOnce = 64, TicketsLookedAt = 60, OpenedAtOnce = 8, MostHeld = 500;
    private static readonly TimeSpan BuiltAnewAfter = TimeSpan.FromDays(1), ReadingMayTake = TimeSpan.FromSeconds(5), BuildingMayTake = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<TenantContext, byte> _building = new();
    private readonly ConcurrentDictionary<TenantContext, (TenantModel? Model, int Version, DateTimeOffset Read)> _held = new();

    /// <summary>
    /// The tenant's model as it was stored within the last two minutes; null when nobody taught anything that counts. No operation when held, else one or two. Never fails but by
    /// <paramref name="cancel"/>: where it cannot be read, the one that was read last goes on for as long again, or none.
    /// </summary>
    public async ValueTask<TenantModel?> FindAsync(TenantContext tenant, CancellationToken cancel)
    {
        if (_held.TryGetValue(tenant, out (TenantModel? Model, int Version, DateTimeOffset Read) held) && time.GetUtcNow() - held.Read < CacheAge) return held.Model;
        using CancellationTokenSource limit = new(ReadingMayTake, time), both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            ModelState? state = await lessons.FindStateAsync(tenant, both.Token);
            TenantModel? model = state is null ? null : state.Version == held.Version && held.Model is not null ? held.Model : await lessons.OpenAsync(tenant, state, both.Token);
            return Hold(tenant, model, state?.Version ?? 0).Model;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return Hold(tenant, held.Model, held.Version).Model;
        }
    }

    /// <summary>
    /// Builds the tenant's model when the stored one is behind its lessons, a day old, or does not open; one at a time in a process. One operation when there is nothing to build, two where
    /// there is a model. Throws what keeps it from being built; the stored one stays meanwhile.
    /// </summary>
    public async Task KeepAsync(TenantContext tenant, CancellationToken cancel)
    {
        if (!_building.TryAdd(tenant, 0)) return;
        using CancellationTokenSource limit = new(BuildingMayTake, time), both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            if (await lessons.FindStateAsync(tenant, both.Token) is not { } state) return;
            bool behind = state.Built != state.Revision || (state.Lessons > 0 && time.GetUtcNow() - state.At > BuiltAnewAfter);
            if (behind || (state.Box is not null && await lessons.OpenAsync(tenant, state, both.Token) is null)) await RebuildAsync(tenant, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException("The model was not built in time.");
        }
        finally
        {
            _building.TryRemove(tenant, out _);
        }
    }

    /// <summary>Builds the model from the lessons that live now, whatever stood before; nothing happens where nobody ever taught anything.</summary>
    public async Task<(TenantModel? Model, ModelState? State)> RebuildAsync(TenantContext tenant, CancellationToken cancel)
    {
        for (int tries = 0; tries < Tries; tries++)
        {
            if (await lessons.FindStateAsync(tenant, cancel) is not { } state) return (Hold(tenant, null, 0).Model, null);
            LessonBook book = await lessons.ReadAsync(tenant, cancel);
            DateTimeOffset now = time.GetUtcNow();
            List<Lesson> over = Over(book.Lessons, now);
            if (book.Gone.Count > 0) await lessons.ForgetAsync(tenant, book.Gone, cancel);
            if (over.Count > 0) await lessons.RemoveAsync(tenant, [.. over.Select(LineOf)], cancel);
            if (book.Gone.Count + over.Count > 0) continue;
            IReadOnlyList<OrdinaryMail> ordinary = await OrdinaryAsync(tenant, book, cancel);
            TenantModel? model = LearnLessons.Build(book.Lessons, [.. ordinary.Select(o => o.Features)], now);
            if (await lessons.PutAsync(tenant, state, model, book.Lessons.Count, now, cancel) is { } built) return (Hold(tenant, model, built.Version).Model, built);
        }

        // Others teach or build at this very moment; what they leave is read soon.
        ModelState? last = await lessons.FindStateAsync(tenant, cancel);
        return (Hold(tenant, last is null ? null : await lessons.OpenAsync(tenant, last, cancel), last?.Version ?? 0).Model, last);
    }

    private (TenantModel? Model, int Version, DateTimeOffset Read) Hold(TenantContext tenant, TenantModel? model, int version)
    {
        if (_held.Count > MostHeld) _held.Clear();
        return _held[tenant] = (model, version, time.GetUtcNow());
    }

    private static LessonLine LineOf(Lesson l) => new(l.TicketId, l.MessageKey, l.By, l.At, l.Verdict, l.Source);

    // Whoever floods the book pushes out their own lessons and nobody else's.
    private static List<Lesson> Over(IReadOnlyList<Lesson> all, DateTimeOffset now)
    {
        List<Lesson> forgotten = [.. all.Where(l => LearnLessons.IsForgotten(l, now))];
        Dictionary<string, Queue<Lesson>> ofEach = all.Except(forgotten).GroupBy(l => l.By).ToDictionary(g => g.Key, g => new Queue<Lesson>(g.OrderBy(l => l.At).ThenBy(l => l.Id, StringComparer.Ordinal)));
        for (int count = all.Count - forgotten.Count; count > MostLessons; count--) forgotten.Add(ofEach.MaxBy(one => one.Value.Count).Value.Dequeue());
        return forgotten;
    }

    // Mail of which nobody said anything, out of the newest tickets: what it is about, its language and its form are ordinary here.
    private async Task<IReadOnlyList<OrdinaryMail>> OrdinaryAsync(TenantContext tenant, LessonBook book, CancellationToken cancel)
    {
        int wanted = Math.Min(GatheredAtOnce, MostOrdinary - book.Ordinary.Count);
        if (wanted <= 0 || book.Lessons.Count == 0) return book.Ordinary;
        HashSet<string> known = [.. book.Lessons.Select(l => l.TicketId), .. book.Ordinary.Select(o => o.TicketId)];
        List<InboxId> inboxes = await mailboxes.ListAsync(tenant, cancel).ToListAsync(cancel);
        List<Ticket> found = [];
        List<OrdinaryMail> added = [];
        foreach (TicketState state in Enum.GetValues<TicketState>())
            found.AddRange((await pages.ReadAsync(tenant, inboxes, state, TicketsLookedAt, after: null, cancel)).Tickets);
        foreach (Ticket[] some in found.Where(t => (t.Flags & (MessageMarks.MarkedSpam | MessageMarks.Unsure)) == 0 && known.Add(t.Id)).Take(wanted).Chunk(OpenedAtOnce))
            added.AddRange((await Task.WhenAll(some.Select(ticket => OrdinaryAsync(tenant, ticket, cancel)))).OfType<OrdinaryMail>());
        await lessons.PutAsync(tenant, added, cancel);
        // As they are read later: a model is the same whoever builds it.
        return [.. book.Ordinary.Concat(added).OrderBy(o => o.TicketId, StringComparer.Ordinal).ThenBy(o => o.MessageKey, StringComparer.Ordinal)];
    }

    private async Task<OrdinaryMail?> OrdinaryAsync(TenantContext tenant, Ticket ticket, CancellationToken cancel)
    {
        try
        {
            if (ticket.Document is not { LastKey.Length: > 0 } document || await tickets.FindMessageAsync(tenant, ticket.Id, document.LastKey, cancel) is not { } message) return null;
            LessonMail? mail = await mails.OpenAsync(tenant, InboxId.Parse(ticket.Inbox), message, cancel);
            return mail is { Teaches: true } ? new OrdinaryMail(ticket.Id, message.Key, mail.Features) : null;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // One mail more or less is nothing; one that can never be read must not keep the model from being built.
            return null;
        }
    }
}
