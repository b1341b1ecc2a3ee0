using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>A kept-back mail in a list.</summary>
/// <param name="Inbox">The mailbox it came to.</param>
/// <param name="Line">Its journal line.</param>
/// <param name="Expires">When it is deleted unless somebody decides before; null when never.</param>
/// <param name="Seen">When a person last opened it; null when nobody did.</param>
public sealed record KeptMailLine(InboxId Inbox, JournalLine Line, DateTimeOffset? Expires, DateTimeOffset? Seen);

/// <summary>A part of a list of kept-back mail.</summary>
/// <param name="Mails">The mails, newest first.</param>
/// <param name="Next">The place behind which the list goes on; null at its end.</param>
public sealed record KeptPart(IReadOnlyList<KeptMailLine> Mails, string? Next);

/// <summary>What a search through kept-back mail found so far.</summary>
/// <param name="Mails">Those that fit, opened.</param>
/// <param name="Opened">How many were opened for it.</param>
/// <param name="Next">The place behind which the search goes on; null when all were looked through.</param>
public sealed record KeptFound(IReadOnlyList<(KeptMailLine Line, ReviewedMail Mail)> Mails, int Opened, string? Next);

/// <summary>Lists and searches kept-back mail, of one mailbox or of several together, newest first, a page at a time however many there are.</summary>
public sealed class ReviewList(KeyRing keys, Journal journal, KeptIndex index, KeptTimes times, Review review, TimeProvider time)
{
    /// <summary>The most mails that one search opens: content is sealed, so that words are only found by opening.</summary>
    public const int MostOpened = 200;

    /// <summary>The longest page.</summary>
    public const int MostAtOnce = 1000;

    private const int LooksAtOnce = 16, OpensAtOnce = 4;

    /// <summary>The newest kept-back mails of an inbox, at most <paramref name="count"/>; <paramref name="outcome"/> is quarantined or parked.</summary>
    public async Task<IReadOnlyList<JournalLine>> ListAsync(TenantContext tenant, InboxId inbox, OutcomeKind outcome, int count, CancellationToken cancel)
    {
        List<JournalLine> lines = [];
        string? after = null;
        do
        {
            KeptPart part = await PageAsync(tenant, [inbox], new KeptFilter { Outcome = outcome }, Math.Min(count - lines.Count, MostAtOnce), after, cancel);
            lines.AddRange(part.Mails.Select(m => m.Line));
            after = part.Next;
        }
        while (after is not null && lines.Count < count);
        return lines;
    }

    /// <summary>A page of the mails that a filter lets through, behind a place or from the start. Each is checked against the journal; what a crash left over is put right on the way.</summary>
    public async Task<KeptPart> PageAsync(TenantContext tenant, IReadOnlyList<InboxId> inboxes, KeptFilter filter, int count, string? after, CancellationToken cancel)
    {
        foreach (InboxId inbox in inboxes) await MakeWholeAsync(tenant, inbox, again: false, cancel);
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        KeptMark mark = filter.Mark(ids);
        Dictionary<InboxId, KeptTime> expiry = [];
        List<KeptMailLine> mails = [];
        string? place = after;
        while (true)
        {
            int wanted = Math.Min(count, MostAtOnce) - mails.Count;
            (InboxId Inbox, KeptRow Row)[] rows = await MergeAsync(tenant, inboxes, filter, mark, place, wanted + 1, cancel);
            foreach ((InboxId Inbox, KeptRow Row)[] some in rows.Take(wanted).ToArray().Chunk(LooksAtOnce))
            {
                JournalLine?[] lines = await Task.WhenAll(some.Select(r => review.CheckAsync(tenant, r.Inbox, r.Row, cancel)));
                for (int i = 0; i < some.Length; i++)
                {
                    if (lines[i] is not { } line) continue;
                    if (!expiry.TryGetValue(some[i].Inbox, out KeptTime? when)) expiry[some[i].Inbox] = when = await times.OfAsync(tenant, some[i].Inbox, cancel);
                    mails.Add(new KeptMailLine(some[i].Inbox, line, when.Held.Of(some[i].Row.Sender).Count > 0 ? null : when.Expires(line), some[i].Row.Seen));
                }
            }

            bool more = rows.Length > wanted;
            if (rows.Length > 0) place = rows[Math.Min(wanted, rows.Length) - 1].Row.Place;
            if (!more || mails.Count >= count) return new KeptPart(mails, more ? place : null);
        }
    }

    /// <summary>
    /// Looks for words in subjects and senders' names and addresses: all of them, in any order, upper and lower case alike. At most <see cref="MostOpened"/> mails are opened, newest first;
    /// with <see cref="KeptFound.Next"/> it goes on. Who is looked for by address or domain is found by the filter, without opening anything.
    /// </summary>
    public async Task<KeptFound> SearchAsync(TenantContext tenant, IReadOnlyList<InboxId> inboxes, KeptFilter filter, string words, int count, string? after, CancellationToken cancel)
    {
        string[] all = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        List<(KeptMailLine, ReviewedMail)> found = [];
        int opened = 0;
        string? place = after;
        do
        {
            KeptPart part = await PageAsync(tenant, inboxes, filter, OpensAtOnce * 4, place, cancel);
            foreach (KeptMailLine[] some in part.Mails.Chunk(OpensAtOnce))
            {
                ReviewedMail?[] mails = await Task.WhenAll(some.Select(m => review.OpenAsync(tenant, m.Inbox, m.Line, cancel)));
                opened += some.Length;
                for (int i = 0; i < some.Length; i++)
                {
                    place = KeptIndex.PlaceOf(some[i].Line.Received, some[i].Line.MessageKey);
                    if (mails[i] is not { } mail || !Fits(mail, all)) continue;
                    found.Add((some[i], mail));
                    if (found.Count == count) return new KeptFound(found, opened - some.Length + i + 1, place);
                }
            }

            place = part.Next;
        }
        while (place is not null && opened < MostOpened);
        return new KeptFound(found, opened, place);
    }

    /// <summary>Opens the mails of a page, some at a time; null in the place of each whose original is gone or damaged.</summary>
    public async Task<IReadOnlyList<ReviewedMail?>> OpenAllAsync(TenantContext tenant, IReadOnlyList<KeptMailLine> lines, CancellationToken cancel)
    {
        List<ReviewedMail?> mails = [];
        foreach (KeptMailLine[] some in lines.Chunk(OpensAtOnce)) mails.AddRange(await Task.WhenAll(some.Select(m => review.OpenAsync(tenant, m.Inbox, m.Line, cancel))));
        return mails;
    }

    internal Task MakeWholeAsync(TenantContext tenant, InboxId inbox, bool again, CancellationToken cancel) =>
        index.MakeWholeAsync(tenant, inbox, (outcome, after, count) => journal.PageAsync(tenant, inbox, outcome, count, after, cancel), time.GetUtcNow(), again, cancel);

    private static bool Fits(ReviewedMail mail, string[] words) => words.All(word =>
        mail.Subject.Contains(word, StringComparison.OrdinalIgnoreCase) || mail.FromName.Contains(word, StringComparison.OrdinalIgnoreCase) || mail.FromAddress.Contains(word, StringComparison.OrdinalIgnoreCase));

    // The first of each inbox, together in one order: places mean the same in all.
    private async Task<(InboxId Inbox, KeptRow Row)[]> MergeAsync(TenantContext tenant, IReadOnlyList<InboxId> inboxes, KeptFilter filter, KeptMark mark, string? after, int count, CancellationToken cancel)
    {
        List<(InboxId, KeptRow Row)> rows = [];
        foreach (InboxId inbox in inboxes)
        {
            int taken = 0;
            await foreach (KeptRow row in index.ReadAsync(tenant, inbox, filter, mark, after, count, cancel))
            {
                rows.Add((inbox, row));
                if (++taken == count) break;
            }
        }

        return [.. rows.OrderBy(r => r.Row.Place, StringComparer.Ordinal).Take(count)];
    }
}
