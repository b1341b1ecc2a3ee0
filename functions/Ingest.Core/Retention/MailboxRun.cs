using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Redaction;
using Ingest.Core.Store;

namespace Ingest.Core.Retention;

/// <summary>How far the redaction of a mailbox's stored tickets is: numbers and codes only.</summary>
public sealed record MailboxRun
{
    /// <summary>Its id: time-ordered.</summary>
    public required string Id { get; init; }
    /// <summary>The mailbox.</summary>
    public required InboxId Inbox { get; init; }
    /// <summary>True while there is more to do.</summary>
    public bool Running { get; init; } = true;
    /// <summary>By which policy: empty for the mailbox's own, else the digest of the one that was given.</summary>
    public string Policy { get; init; } = "";
    /// <summary>Who began it: a random id; empty for the command line.</summary>
    public string By { get; init; } = "";
    /// <summary>When it was begun.</summary>
    public DateTimeOffset Begun { get; init; }
    /// <summary>When it last moved.</summary>
    public DateTimeOffset Moved { get; init; }
    /// <summary>The ticket up to which all is done; behind the last ticket the mail, with "!" before its key.</summary>
    public string Place { get; init; } = "";
    /// <summary>The ticket that is being done, written down before it is touched; and how often it was begun. One in which processes end again and again is passed over, as one that failed.</summary>
    internal string Now { get; init; } = "";
    internal int Tries { get; init; }
    /// <summary>Tickets looked at.</summary>
    public long Looked { get; init; }
    /// <summary>Tickets in which something was masked, or would be.</summary>
    public long Changed { get; init; }
    /// <summary>Originals destroyed because the policy keeps none; those of changed messages go with them and are not counted.</summary>
    public long Originals { get; init; }
    /// <summary>People whose name, as it is kept apart from tickets, was masked, or would be; of those no legal hold stands on.</summary>
    public long Names { get; init; }
    /// <summary>Tickets that a legal hold keeps as they are.</summary>
    public long Held { get; init; }
    /// <summary>Tickets that could not be done now: another run will.</summary>
    public long Failed { get; init; }
    /// <summary>Mails in tickets, and files of messages, that do not open and were passed over, while what is to be masked may stand in them or in the originals that are kept.</summary>
    public long Unread { get; init; }
    /// <summary>Tickets, and names of people, that do not open as their seal is broken or their key lost: nobody looked into them. Another run does, once they open.</summary>
    public long Closed { get; init; }
    /// <summary>True when all was looked into that no legal hold stands above.</summary>
    public bool IsWhole => Failed + Unread + Closed == 0;
    /// <summary>How much was found, by sort.</summary>
    public SortedDictionary<FindingType, long> Counts { get; init; } = [];
    /// <summary>The row's version.</summary>
    internal string Version { get; init; } = "";

    /// <summary>The row of the run that was begun over a mailbox of a tenant.</summary>
    internal TableEntity ToRow(string partition, string row, DateTimeOffset now) => new(partition, row)
    {
        ["id"] = Id, ["running"] = Running, ["policy"] = Policy, ["by"] = By, ["begun"] = Begun, ["moved"] = now, ["place"] = Place, ["looked"] = Looked, ["changed"] = Changed,
        ["originals"] = Originals, ["names"] = Names, ["held"] = Held, ["failed"] = Failed, ["unread"] = Unread, ["closed"] = Closed, ["now"] = Now, ["tries"] = Tries,
        ["counts"] = string.Join(' ', Counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key}={count.Value}"))),
    };

    /// <summary>The run in a row; throws what a row that none of us wrote gives rise to.</summary>
    internal static MailboxRun Read(TableEntity row, InboxId inbox) => new()
    {
        Id = row.GetString("id")!,
        Inbox = inbox,
        Running = row.GetBoolean("running") ?? false,
        Policy = row.GetString("policy") ?? "",
        By = row.GetString("by") ?? "",
        Begun = row.GetDateTimeOffset("begun") ?? default,
        Moved = row.GetDateTimeOffset("moved") ?? default,
        Place = row.GetString("place") ?? "",
        Now = row.GetString("now") ?? "",
        Tries = row.GetInt32("tries") ?? 0,
        Looked = row.GetInt64("looked") ?? 0,
        Changed = row.GetInt64("changed") ?? 0,
        Originals = row.GetInt64("originals") ?? 0,
        Names = row.GetInt64("names") ?? 0,
        Held = row.GetInt64("held") ?? 0,
        Failed = row.GetInt64("failed") ?? 0,
        Unread = row.GetInt64("unread") ?? 0,
        Closed = row.GetInt64("closed") ?? 0,
        Counts = new SortedDictionary<FindingType, long>((row.GetString("counts") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .ToDictionary(pair => Enum.Parse<FindingType>(pair[0]), pair => long.Parse(pair[1], CultureInfo.InvariantCulture))),
        Version = row.ETag.ToString(),
    };
}
