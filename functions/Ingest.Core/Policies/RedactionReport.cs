using Ingest.Core.Access;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;

namespace Ingest.Core.Policies;

/// <summary>How many of one sort or by one rule: masked, and only counted in dry runs.</summary>
/// <param name="Masked">How many were masked.</param>
/// <param name="Found">How many would have been.</param>
public readonly record struct RedactionCount(int Masked, int Found)
{
    internal RedactionCount Plus(int count, bool dryRun) => dryRun ? this with { Found = Found + count } : this with { Masked = Masked + count };
}

/// <summary>What was found in the mail of one day.</summary>
/// <param name="Day">The day in UTC on which it was received.</param>
/// <param name="Mails">How many mails became messages of tickets.</param>
/// <param name="WithFindings">In how many of them something was found.</param>
/// <param name="Types">How many of each sort.</param>
public sealed record RedactionDay(DateOnly Day, int Mails, int WithFindings, IReadOnlyDictionary<FindingType, RedactionCount> Types);

/// <summary>What was masked in a mailbox's mail, and what would have been, by day, sort and rule; no content.</summary>
/// <param name="Asked">The first day that was asked for.</param>
/// <param name="Since">The first day that was counted to its end: a later one where the time was over, and the day after today where not even today was.</param>
/// <param name="Days">The days with mail, oldest first.</param>
/// <param name="Rules">How many by each rule.</param>
public sealed record RedactionReport(DateOnly Asked, DateOnly Since, IReadOnlyList<RedactionDay> Days, IReadOnlyDictionary<string, RedactionCount> Rules)
{
    /// <summary>How long whoever waits for a page or an answer is to wait for it.</summary>
    public static readonly TimeSpan WithinRequest = TimeSpan.FromSeconds(10);

    // Days that are counted together, from today back. Each part goes through the journal once, and takes the longer the more mail is in it.
    private static readonly int[] Parts = [1, 7, 30, 120, MostDays];

    /// <summary>The most days that a report looks back.</summary>
    public const int MostDays = 366;

    /// <summary>How many of each sort, in all.</summary>
    public IReadOnlyDictionary<FindingType, RedactionCount> Types => Days.SelectMany(day => day.Types).GroupBy(type => type.Key)
        .ToDictionary(type => type.Key, type => new RedactionCount(type.Sum(one => one.Value.Masked), type.Sum(one => one.Value.Found)));

    /// <summary>How many mails became messages of tickets.</summary>
    public int Mails => Days.Sum(day => day.Mails);

    /// <summary>In how many of them something was found.</summary>
    public int WithFindings => Days.Sum(day => day.WithFindings);

    /// <summary>True when the time was over before all days were counted.</summary>
    public bool IsPartial => Since > Asked;

    /// <summary>
    /// Reads the journal of a mailbox for mail received within so many days. All of it is gone through, which takes minutes where it is long: with <paramref name="within"/> the newest days are counted first,
    /// and none that was not counted to its end is told of.
    /// </summary>
    public static async Task<RedactionReport> OfAsync(Journal journal, TenantContext tenant, InboxId inbox, int days, TimeProvider time, CancellationToken cancel, TimeSpan? within = null)
    {
        DateTimeOffset tomorrow = new(time.GetUtcNow().UtcDateTime.Date.AddDays(1), TimeSpan.Zero), until = tomorrow;
        int most = Math.Clamp(days, 1, MostDays);
        DateOnly asked = DateOnly.FromDateTime(tomorrow.AddDays(-most).UtcDateTime);
        Counted all = new();
        using CancellationTokenSource limit = new(within ?? Timeout.InfiniteTimeSpan, time), both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        foreach (int back in within is null ? [most] : Parts.Where(part => part < most).Append(most))
        {
            DateTimeOffset since = tomorrow.AddDays(-back);
            Counted part = new(all);
            try
            {
                // What the future is said to have sent belongs to today.
                await foreach (JournalLine line in journal.ListTicketedAsync(tenant, inbox, since, until == tomorrow ? DateTimeOffset.MaxValue : until, both.Token)) part.Add(line);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                break;
            }

            (all, until) = (part, since);
        }

        return new RedactionReport(asked, DateOnly.FromDateTime(until.UtcDateTime), [.. all.Days.Values], all.Rules);
    }

    private sealed class Counted(Counted? before = null)
    {
        public SortedDictionary<DateOnly, RedactionDay> Days { get; } = before is null ? [] : new(before.Days);

        public Dictionary<string, RedactionCount> Rules { get; } = before is null ? [] : new(before.Rules);

        public void Add(JournalLine line)
        {
            // Lines of former versions, and of mail that was let in without: nothing is known of it.
            if (RedactionTally.Read(line.Steps) is not { } tally) return;
            DateOnly on = DateOnly.FromDateTime(line.Received.UtcDateTime);
            RedactionDay day = Days.GetValueOrDefault(on) ?? new RedactionDay(on, 0, 0, new Dictionary<FindingType, RedactionCount>());
            Dictionary<FindingType, RedactionCount> types = new(day.Types);
            foreach ((FindingType type, int count) in tally.Types) types[type] = types.GetValueOrDefault(type).Plus(count, tally.DryRun);
            foreach ((string rule, int count) in tally.Rules) Rules[rule] = Rules.GetValueOrDefault(rule).Plus(count, tally.DryRun);
            Days[on] = day with { Mails = day.Mails + 1, WithFindings = day.WithFindings + (tally.Total > 0 ? 1 : 0), Types = types };
        }
    }
}
