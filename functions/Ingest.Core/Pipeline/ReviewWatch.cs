using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Policies;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;

namespace Ingest.Core.Pipeline;

/// <summary>What a mailbox's kept-back mail is alarming for.</summary>
public enum KeptAlarm
{
    /// <summary>More is kept back than the mailbox's policy wants.</summary>
    TooMany = 1,
    /// <summary>A mail that nobody opened waits for longer than the policy wants.</summary>
    TooOld = 2,
    /// <summary>Mail that nobody opened is deleted within three days.</summary>
    DeletedSoon = 3,
}

/// <summary>A mailbox's kept-back mail in numbers.</summary>
/// <param name="At">When it was counted.</param>
/// <param name="Total">How many mails are quarantined.</param>
/// <param name="Unseen">How many of them no person opened.</param>
/// <param name="Parked">How many mails are parked.</param>
/// <param name="Oldest">When the longest waiting of those that nobody opened was kept back; null when there is none.</param>
/// <param name="Soon">How many that nobody opened are deleted within <see cref="NoticeDays"/> days.</param>
/// <param name="NextExpiry">When the first quarantined mail is deleted; null when none is.</param>
/// <param name="Reasons">How many for each reason, the most first.</param>
public sealed record KeptCounts(DateTimeOffset At, long Total, long Unseen, long Parked, DateTimeOffset? Oldest, long Soon, DateTimeOffset? NextExpiry, IReadOnlyList<(OutcomeReason Reason, long Count)> Reasons)
{
    /// <summary>Days before its deletion from which a mail that nobody opened is told of.</summary>
    public const int NoticeDays = 3;

    /// <summary>What is alarming about it under a policy.</summary>
    public IReadOnlyList<KeptAlarm> Alarms(MailPolicy policy, DateTimeOffset now)
    {
        List<KeptAlarm> alarms = [];
        if (policy.AlarmFromCount > 0 && Total >= policy.AlarmFromCount) alarms.Add(KeptAlarm.TooMany);
        if (policy.AlarmFromDays > 0 && Oldest is { } oldest && now - oldest >= TimeSpan.FromDays(policy.AlarmFromDays)) alarms.Add(KeptAlarm.TooOld);
        if (Soon > 0) alarms.Add(KeptAlarm.DeletedSoon);
        return alarms;
    }

    internal string ToText() => string.Create(CultureInfo.InvariantCulture,
        $"at={At.ToUnixTimeMilliseconds()} total={Total} unseen={Unseen} parked={Parked} oldest={Oldest?.ToUnixTimeMilliseconds() ?? 0} soon={Soon} next={NextExpiry?.ToUnixTimeMilliseconds() ?? 0}{string.Concat(Reasons.Select(r => $" {r.Reason}={r.Count}"))}");

    internal static KeptCounts? FromText(string text)
    {
        Dictionary<string, long> said = [];
        foreach (string part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            if (part.Split('=') is [var name, var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value)) said[name] = value;
        if (!said.TryGetValue("at", out long at)) return null;
        return new KeptCounts(DateTimeOffset.FromUnixTimeMilliseconds(at), Number("total"), Number("unseen"), Number("parked"), Time("oldest"), Number("soon"), Time("next"),
            [.. said.Where(s => char.IsAsciiLetterUpper(s.Key[0]) && Enum.TryParse(s.Key, out OutcomeReason _)).Select(s => (Enum.Parse<OutcomeReason>(s.Key), s.Value)).OrderByDescending(r => r.Value)]);

        long Number(string name) => said.GetValueOrDefault(name);
        DateTimeOffset? Time(string name) => Number(name) is > 0 and var ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    }
}

/// <summary>A mailbox whose kept-back mail is alarming.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Inbox">Which mailbox.</param>
/// <param name="Alarms">What for.</param>
/// <param name="Counts">The numbers.</param>
public sealed record KeptWarning(TenantContext Tenant, InboxId Inbox, IReadOnlyList<KeptAlarm> Alarms, KeptCounts Counts);

/// <summary>Counts kept-back mail, says what is alarming about it, and puts right what crashes left over.</summary>
public sealed class ReviewWatch(ReviewList list, Review review, KeptIndex index, KeptTimes times, Func<TenantContext, InboxId, CancellationToken, Task<MailPolicy>> policyOf, TimeProvider time)
{
    // Counting reads a thousand rows a request: up to here while somebody waits, beyond it by housekeeping.
    private static readonly TimeSpan CountIsGood = TimeSpan.FromHours(3);
    private const int MostWhileWaiting = 5000, MostChecked = 2000, ChecksAtOnce = 16;

    /// <summary>A mailbox's kept-back mail in numbers: counted now while it is not much, else as housekeeping counted it within the hour or two.</summary>
    public async Task<KeptCounts> CountAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        await list.MakeWholeAsync(tenant, inbox, again: false, cancel);
        KeptCounts? last = await index.CountedAsync(tenant, inbox, cancel) is { } text ? KeptCounts.FromText(text) : null;
        if (last is { } known && known.Total + known.Parked > MostWhileWaiting && known.At + CountIsGood > time.GetUtcNow()) return known;
        (KeptCounts counts, bool all) = await CountAsync(tenant, inbox, MostWhileWaiting, null, cancel);
        return all ? counts : last ?? counts;
    }

    /// <summary>What is alarming about a mailbox as housekeeping last counted it: one row read.</summary>
    public async Task<(IReadOnlyList<KeptAlarm> Alarms, KeptCounts? Counts)> LastAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        if (await index.CountedAsync(tenant, inbox, cancel) is not { } text || KeptCounts.FromText(text) is not { } counts) return ([], null);
        return (counts.Alarms(await policyOf(tenant, inbox, cancel), time.GetUtcNow()), counts);
    }

    /// <summary>What is alarming about numbers that were counted just now.</summary>
    public async Task<IReadOnlyList<KeptAlarm>> AlarmsAsync(TenantContext tenant, InboxId inbox, KeptCounts counts, CancellationToken cancel) =>
        counts.Alarms(await policyOf(tenant, inbox, cancel), time.GetUtcNow());

    /// <summary>Housekeeping's part, once an hour: everything is counted, and what should be gone is looked at one by one. Null when nothing is alarming.</summary>
    public async Task<KeptWarning?> KeepAsync(TenantContext tenant, InboxId inbox, CancellationToken cancel)
    {
        await list.MakeWholeAsync(tenant, inbox, again: true, cancel);
        List<KeptRow> doubtful = [];
        (KeptCounts counts, _) = await CountAsync(tenant, inbox, int.MaxValue, doubtful, cancel);
        foreach (KeptRow[] some in doubtful.Chunk(ChecksAtOnce))
        {
            JournalLine?[] lines = await Task.WhenAll(some.Select(row => review.CheckAsync(tenant, inbox, row, cancel)));
            foreach (JournalLine line in lines.OfType<JournalLine>()) await review.SettleAsync(tenant, inbox, line, cancel);
        }

        string now = counts.ToText(), before = await index.CountedAsync(tenant, inbox, cancel) ?? "";
        // A mailbox that keeps nothing back costs no write.
        if (counts.Total + counts.Parked > 0 || before.Length > 0) await index.NoteCountedAsync(tenant, inbox, now, cancel);
        IReadOnlyList<KeptAlarm> alarms = counts.Alarms(await policyOf(tenant, inbox, cancel), counts.At);
        return alarms.Count > 0 ? new KeptWarning(tenant, inbox, alarms, counts) : null;
    }

    private async Task<(KeptCounts Counts, bool All)> CountAsync(TenantContext tenant, InboxId inbox, int most, List<KeptRow>? doubtful, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        KeptTime kept = await times.OfAsync(tenant, inbox, cancel);
        Dictionary<OutcomeReason, long> reasons = [];
        long total = 0, unseen = 0, soon = 0, parked = 0;
        DateTimeOffset? oldest = null, next = null;
        bool all = true;
        // Which of those that should still be here are looked at changes from round to round.
        int turn = Random.Shared.Next(20);
        foreach (OutcomeKind kind in new[] { OutcomeKind.Quarantined, OutcomeKind.Parked })
        {
            await foreach (KeptRow row in index.ReadAsync(tenant, inbox, new KeptFilter { Outcome = kind }, default, null, 1000, cancel))
            {
                if (total + parked >= most)
                {
                    all = false;
                    break;
                }

                DateTimeOffset? expires = kept.Expires(row);
                bool over = expires <= now;
                if (doubtful is not null && doubtful.Count < MostChecked && (over || (total + parked) % 20 == turn)) doubtful.Add(row);
                if (kind == OutcomeKind.Parked)
                {
                    parked++;
                    continue;
                }

                total++;
                reasons[row.Reason] = reasons.GetValueOrDefault(row.Reason) + 1;
                if (expires is { } at && (next is null || at < next)) next = at;
                if (row.Seen is not null) continue;
                unseen++;
                if (oldest is null || row.At < oldest) oldest = row.At;
                if (expires <= now.AddDays(KeptCounts.NoticeDays)) soon++;
            }
        }

        return (new KeptCounts(now, total, unseen, parked, oldest, soon, next, [.. reasons.OrderByDescending(r => r.Value).ThenBy(r => r.Key).Select(r => (r.Key, r.Value))]), all);
    }
}
