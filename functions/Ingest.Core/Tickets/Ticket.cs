using System.Globalization;
using Ingest.Core.Access;

namespace Ingest.Core.Tickets;

/// <summary>A ticket with the row facts that stand in the clear: state, times, counts, number.</summary>
public sealed record Ticket
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }
    /// <summary>The number that people use: the first eight letters of the id, in upper case.</summary>
    public required string Number { get; init; }
    /// <summary>Its inbox.</summary>
    public required string Inbox { get; init; }
    /// <summary>Where it stands.</summary>
    public required TicketState State { get; init; }
    /// <summary>When the first mail was received.</summary>
    public required DateTimeOffset Created { get; init; }
    /// <summary>When the newest mail was received.</summary>
    public required DateTimeOffset Updated { get; init; }
    /// <summary>How many messages it has.</summary>
    public required int Messages { get; init; }
    /// <summary>The flags of all its messages together.</summary>
    public required MessageMarks Flags { get; init; }
    /// <summary>The ticket that this one was merged into; empty when not.</summary>
    public string MergedInto { get; init; } = "";
    /// <summary>When it was erased: all that is left is that it was there, so that late mail knows. Null for every other.</summary>
    public DateTimeOffset? Erased { get; init; }
    /// <summary>Which of the ticket's keys seals it now: the first is 0, and each redaction turns it over.</summary>
    public int Generation { get; init; }
    /// <summary>Grows with each change, also inside the sealed document, so that an old document cannot be put back unseen.</summary>
    public required int Revision { get; init; }
    /// <summary>The opened document; null when its key was erased.</summary>
    public TicketDocument? Document { get; init; }
    /// <summary>True in a list when its document does not open although its key is there: somebody wrote over it.</summary>
    public bool IsDamaged { get; init; }
    /// <summary>The row's version, for a conditional write.</summary>
    public string Version { get; init; } = "";
}

/// <summary>A message with its row facts.</summary>
/// <param name="Key">The message key.</param>
/// <param name="Received">When the provider received it.</param>
/// <param name="Flags">What to see at once.</param>
/// <param name="Blob">The blob with what does not fit in the row; empty when none.</param>
/// <param name="DocumentLength">How many bytes of that blob the sealed document takes; the attachments follow.</param>
/// <param name="Document">The opened document; null when its key was erased, or it is damaged.</param>
public sealed record TicketMessage(string Key, DateTimeOffset Received, MessageMarks Flags, string Blob, long DocumentLength, MessageDocument? Document)
{
    /// <summary>Whether it came in, went out, or stays among agents.</summary>
    public MessageDirection Direction => (Flags & MessageMarks.Outbound) != 0 ? MessageDirection.Out : (Flags & MessageMarks.Note) != 0 ? MessageDirection.Note : MessageDirection.In;

    /// <summary>Which message of its ticket it is, by when it was written into it, from 1.</summary>
    public int Order { get; init; }

    /// <summary>How its delivery stands; null for what does not go out.</summary>
    public Delivery? Delivery { get; init; }

    /// <summary>Which of the ticket's keys seals it.</summary>
    public int Generation { get; init; }

    /// <summary>True when it does not open although its key is there: somebody wrote over it, or took a part of it away.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>True for one of those whose bytes are not there at all: they may come back, and are waited for.</summary>
    internal bool IsLost { get; init; }

    /// <summary>True when its row says that it was erased: that it does not open is no matter of the moment.</summary>
    internal bool IsEmptied { get; init; }

    /// <summary>The row's version, for a conditional write.</summary>
    internal string Version { get; init; } = "";
}

/// <summary>Some messages of a ticket that follow on one another, oldest first.</summary>
/// <param name="Messages">They.</param>
/// <param name="Earlier">How many stand before them.</param>
public sealed record MessagePart(IReadOnlyList<TicketMessage> Messages, int Earlier);

/// <summary>Which way a message goes.</summary>
public enum MessageDirection
{
    /// <summary>Mail from outside.</summary>
    In,
    /// <summary>A reply of ours.</summary>
    Out,
    /// <summary>A note that only agents see.</summary>
    Note,
}

/// <summary>The row keys that sort as they should.</summary>
internal static class TicketKeys
{
    public const string TicketRow = "ticket", MessagePrefix = "m!", OutboxPrefix = "o!";

    /// <summary>The owner of a ticket's key: the ticket, and from the second key on which one.</summary>
    public static string KeyOwner(string ticket, int generation) => generation == 0 ? ticket : string.Create(CultureInfo.InvariantCulture, $"{ticket}~{generation}");

    /// <summary>The owner of the key that seals what is to be taken out of a ticket, while it is: it goes with the redaction.</summary>
    public static string WishOwner(string ticket, string redaction) => $"{ticket}~{redaction}";

    /// <summary>The ticket whose key an owner names.</summary>
    public static string TicketOf(string keyOwner) => keyOwner.Split('~')[0];

    public static int GenerationOf(string keyOwner) => keyOwner.Split('~') is [_, var generation] ? int.Parse(generation, CultureInfo.InvariantCulture) : 0;

    public static string Partition(TenantContext tenant, string ticket) => $"{tenant}.{ticket}";

    // The key alone: a time that is told differently the next time must not make a second message of the same mail.
    public static string MessageRow(string messageKey) => MessagePrefix + messageKey;

    public static string OutboxRow(string messageKey) => OutboxPrefix + messageKey;

    public static string ListRow(TicketState state, DateTimeOffset updated, string ticket) =>
        $"{state}!{(DateTimeOffset.MaxValue.Ticks - updated.UtcTicks).ToString("D19", CultureInfo.InvariantCulture)}!{ticket}";

    // Sixteen shards, frozen: a row's place never changes. The last letter of an id holds three bits only, so the one before it decides.
    public static int Shard(string ticket) => "0123456789abcdefghjkmnpqrstvwxyz".IndexOf(ticket[^2], StringComparison.Ordinal) & 15;
}
