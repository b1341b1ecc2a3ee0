using System.Diagnostics.Metrics;
using Ingest.Core.Redaction;

namespace Ingest.Core.Telemetry;

/// <summary>Every metric there is. Tags are names of sorts and yes or no: never an id, an address or content.</summary>
public static class Meters
{
    /// <summary>The name under which a collector finds them.</summary>
    public const string Name = "Ingest";

    private static readonly Meter Ours = new(Name);
    private static readonly Counter<long> Redactions = Ours.CreateCounter<long>("ingest.redactions", "{finding}", "What was masked in mail before it was kept, or only counted in a dry run, by sort.");
    private static readonly Counter<long> Mails = Ours.CreateCounter<long>("ingest.redacted_mails", "{mail}", "Mails that were looked through for what is masked.");
    private static readonly Counter<long> HouseFaults = Ours.CreateCounter<long>("ingest.house_faults", "{fault}", "What went wrong in housekeeping, by the fault's type or code; put off when it may pass by itself.");

    /// <summary>Counts a fault of housekeeping: its type's name, or the code of what is not ready.</summary>
    public static void CountHouseFault(string fault, bool putOff) => HouseFaults.Add(1, new KeyValuePair<string, object?>("fault", fault), new KeyValuePair<string, object?>("put_off", putOff));

    private static readonly Counter<long> Unreadable = Ours.CreateCounter<long>("ingest.damaged_reads", "{read}", "Tickets and messages that were asked for and did not open although their key is there: somebody wrote over them.");

    /// <summary>Counts a ticket, or a message, that somebody wrote over, each time it is met.</summary>
    public static void CountDamaged() => Unreadable.Add(1);

    /// <summary>Counts what was found in one mail.</summary>
    public static void Count(RedactionTally tally)
    {
        KeyValuePair<string, object?> dryRun = new("dry_run", tally.DryRun);
        Mails.Add(1, dryRun);
        foreach ((FindingType type, int count) in tally.Types) Redactions.Add(count, new KeyValuePair<string, object?>("type", type.ToWord()), dryRun);
    }
}
