using Ingest.Core.Access;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>How the delivery of a reply stands.</summary>
public enum DeliveryState
{
    /// <summary>Will be sent.</summary>
    Queued = 1,
    /// <summary>Being sent, or the sender died over it.</summary>
    Sending = 2,
    /// <summary>The mail server took it.</summary>
    Sent = 3,
    /// <summary>The line broke at the one moment at which nobody can say whether it was taken; not sent again unless that is disproved.</summary>
    Uncertain = 4,
    /// <summary>Refused for good, or given up.</summary>
    Failed = 5,
}

/// <summary>How the delivery of a reply stands, for people.</summary>
/// <param name="State">The state.</param>
/// <param name="Code">Why, as a code; empty when all is well.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="At">When the state changed last.</param>
public sealed record Delivery(DeliveryState State, string Code, int Attempts, DateTimeOffset At);

/// <summary>A reply on its way out: states, times and codes only; what is sent lies sealed in the message of the same key.</summary>
public sealed record OutboxEntry
{
    /// <summary>The reply's message key.</summary>
    public required string Key { get; init; }
    /// <summary>How it stands.</summary>
    public required Delivery Delivery { get; init; }
    /// <summary>When it was approved; given up after some days.</summary>
    public required DateTimeOffset Created { get; init; }
    /// <summary>Not tried before this time; while sending, when the sender's right ends.</summary>
    public DateTimeOffset NotBefore { get; init; }
    /// <summary>Sent by a machine: never sent again when uncertain.</summary>
    public bool Automatic { get; init; }
    /// <summary>How often it was looked for in the Sent folder.</summary>
    public int Looks { get; init; }
    /// <summary>Who changed it last: drawn at random for each change.</summary>
    public string Owner { get; init; } = "";
    /// <summary>The row's version.</summary>
    public string Version { get; init; } = "";
}

/// <summary>An outbox entry as a row beside its ticket and message.</summary>
internal static class OutboxRow
{
    public static TableEntity Write(TenantContext tenant, string ticket, OutboxEntry entry) => new(TicketKeys.Partition(tenant, ticket), TicketKeys.OutboxRow(entry.Key))
    {
        ["delivery"] = entry.Delivery.State.ToString(),
        ["code"] = entry.Delivery.Code,
        ["attempts"] = entry.Delivery.Attempts,
        ["at"] = entry.Delivery.At,
        ["created"] = entry.Created,
        ["notBefore"] = entry.NotBefore,
        ["automatic"] = entry.Automatic,
        ["looks"] = entry.Looks,
        ["owner"] = entry.Owner,
    };

    public static OutboxEntry Read(TableEntity row) => new()
    {
        Key = row.RowKey[TicketKeys.OutboxPrefix.Length..],
        Delivery = new Delivery(Enum.Parse<DeliveryState>(row.GetString("delivery")!), row.GetString("code") ?? "", row.GetInt32("attempts") ?? 0, row.GetDateTimeOffset("at") ?? default),
        Created = row.GetDateTimeOffset("created") ?? default,
        NotBefore = row.GetDateTimeOffset("notBefore") ?? default,
        Automatic = row.GetBoolean("automatic") ?? false,
        Looks = row.GetInt32("looks") ?? 0,
        Owner = row.GetString("owner") ?? "",
        Version = row.ETag.ToString(),
    };
}
