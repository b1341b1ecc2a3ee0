using System.Collections.Concurrent;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>
/// The models of tenants as the pipeline uses them: read once in a while, and built anew when lessons came or went since, or a day has passed, by which all lessons count a little less. Whoever
/// finds a model out of date builds it: a crash after a lesson is healed by the next mail. Two who build at once build the same.
/// </summary>
public sealed class TenantModels(Lessons lessons, LessonMails mails, MailboxStore mailboxes, TicketPages pages, TicketStore tickets, TimeProvider time)
{
    /// <summary>How long a process goes on with a model that it has read: after that a lesson counts everywhere.</summary>
    public static readonly TimeSpan CacheAge = TimeSpan.FromMinutes(2);

    /// <summary>More lessons than this are not kept: of whoever taught the most, the oldest go.</summary>
    public const int MostLessons = 1000;

    /// <summary>So many mails hold a model in place.</summary>
    public const int MostOrdinary = 128;

    private const int Tries = 4, GatheredAtOnce = 64, TicketsLookedAt = 60, OpenedAtOnce = 8, MostHeld = 500;
    private static readonly TimeSpan BuiltAnewAfter = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<TenantContext, (TenantModel? Model, int Version, DateTimeOffset Read)> _held = new();

    /// <summary>The tenant's model as it was within the last two minutes; null when nobody taught anything that counts. No operation when held, else one or two, and more when it is to be built.</summary>
    public async ValueTask<TenantModel?> FindAsync(TenantContext tenant, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_held.TryGetValue(tenant, out (TenantModel? Model, int Version, DateTimeOffset Read) held) && now - held.Read < CacheAge) return held.Model;
        ModelState? state = await lessons.FindStateAsync(tenant, cancel);
        if (state is not null && (state.Built != state.Revision || (state.Lessons > 0 && now - state.At > BuiltAnewAfter)) && await TryRebuildAsync(tenant, cancel) is { } built) return built.Model;
        TenantModel? model = state is null ? null : state.Version == held.Version && held.Model is not null ? held.Model : await lessons.OpenAsync(tenant, state, cancel);
        if (model is null && state?.Box is not null) return (await RebuildAsync(tenant, cancel)).Model;
        return Hold(tenant, model, state?.Version ?? 0).Model;
    }

    // No mail waits for a better model: while it cannot be built, the one that was built last will do, or none.
    private async Task<(TenantModel? Model, ModelState? State)?> TryRebuildAsync(TenantContext tenant, CancellationToken cancel)
    {
        try
        {
            return await RebuildAsync(tenant, cancel);
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return null;
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
        try
        {
            foreach (TicketState state in Enum.GetValues<TicketState>())
                found.AddRange((await pages.ReadAsync(tenant, inboxes, state, TicketsLookedAt, after: null, cancel)).Tickets);
        }
        catch (SealBrokenException)
        {
            // Of tickets that somebody tampered with nothing is learned, nor of those that stand on one page with them.
        }

        foreach (Ticket[] some in found.Where(t => (t.Flags & (MessageMarks.MarkedSpam | MessageMarks.Unsure)) == 0 && known.Add(t.Id)).Take(wanted).Chunk(OpenedAtOnce))
            added.AddRange((await Task.WhenAll(some.Select(ticket => OrdinaryAsync(tenant, ticket, cancel)))).OfType<OrdinaryMail>());
        await lessons.PutAsync(tenant, added, cancel);
        return [.. book.Ordinary, .. added];
    }

    private async Task<OrdinaryMail?> OrdinaryAsync(TenantContext tenant, Ticket ticket, CancellationToken cancel)
    {
        try
        {
            if (ticket.Document is not { LastKey.Length: > 0 } document || await tickets.FindMessageAsync(tenant, ticket.Id, document.LastKey, cancel) is not { } message) return null;
            LessonMail? mail = await mails.OpenAsync(tenant, InboxId.Parse(ticket.Inbox), message, cancel);
            return mail is { Teaches: true } ? new OrdinaryMail(ticket.Id, message.Key, mail.Features) : null;
        }
        catch (SealBrokenException)
        {
            return null;
        }
    }
}
