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
/// <param name="Since">The first day that is looked at.</param>
/// <param name="Days">The days with mail, oldest first.</param>
/// <param name="Rules">How many by each rule.</param>
public sealed record RedactionReport(DateOnly Since, IReadOnlyList<RedactionDay> Days, IReadOnlyDictionary<string, RedactionCount> Rules)
{
    /// <summary>The most days that a report looks back.</summary>
    public const int MostDays = 366;

    /// <summary>How many of each sort, in all.</summary>
    public IReadOnlyDictionary<FindingType, RedactionCount> Types => Days.SelectMany(day => day.Types).GroupBy(type => type.Key)
        .ToDictionary(type => type.Key, type => new RedactionCount(type.Sum(one => one.Value.Masked), type.Sum(one => one.Value.Found)));

    /// <summary>How many mails became messages of tickets.</summary>
    public int Mails => Days.Sum(day => day.Mails);

    /// <summary>In how many of them something was found.</summary>
    public int WithFindings => Days.Sum(day => day.WithFindings);

    /// <summary>Reads the journal of a mailbox for mail received within so many days; all of it is gone through once.</summary>
    public static async Task<RedactionReport> OfAsync(Journal journal, TenantContext tenant, InboxId inbox, int days, TimeProvider time, CancellationToken cancel)
    {
        DateTimeOffset since = time.GetUtcNow().UtcDateTime.Date.AddDays(1 - Math.Clamp(days, 1, MostDays));
        SortedDictionary<DateOnly, RedactionDay> byDay = [];
        Dictionary<string, RedactionCount> rules = [];
        await foreach (JournalLine line in journal.ListTicketedAsync(tenant, inbox, since, cancel))
        {
            // Lines of former versions, and of mail that was let in without: nothing is known of it.
            if (RedactionTally.Read(line.Steps) is not { } tally) continue;
            DateOnly on = DateOnly.FromDateTime(line.Received.UtcDateTime);
            RedactionDay day = byDay.GetValueOrDefault(on) ?? new RedactionDay(on, 0, 0, new Dictionary<FindingType, RedactionCount>());
            Dictionary<FindingType, RedactionCount> types = new(day.Types);
            foreach ((FindingType type, int count) in tally.Types) types[type] = types.GetValueOrDefault(type).Plus(count, tally.DryRun);
            foreach ((string rule, int count) in tally.Rules) rules[rule] = rules.GetValueOrDefault(rule).Plus(count, tally.DryRun);
            byDay[on] = day with { Mails = day.Mails + 1, WithFindings = day.WithFindings + (tally.Total > 0 ? 1 : 0), Types = types };
        }

        return new RedactionReport(DateOnly.FromDateTime(since.UtcDateTime), [.. byDay.Values], rules);
    }
}
