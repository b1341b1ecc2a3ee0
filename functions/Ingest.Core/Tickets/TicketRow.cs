using System.Text.Json;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>A ticket as a row: facts in the clear, the document sealed together with its revision.</summary>
internal static class TicketRow
{
    private static SealContext Seal(TenantContext tenant, DataKey key, int revision) => new(tenant.Tenant, KeyClass.Ticket, key.Owner, $"ticket:{revision}");

    public static TableEntity Write(TenantContext tenant, Ticket ticket, DataKey key) => new(TicketKeys.Partition(tenant, ticket.Id), TicketKeys.TicketRow)
    {
        ["inbox"] = ticket.Inbox,
        ["number"] = ticket.Number,
        ["state"] = ticket.State.ToString(),
        ["created"] = ticket.Created,
        ["updated"] = ticket.Updated,
        ["messages"] = ticket.Messages,
        ["flags"] = (int)ticket.Flags,
        ["mergedInto"] = ticket.MergedInto,
        ["rev"] = ticket.Revision,
        ["gen"] = ticket.Generation > 0 ? ticket.Generation : null,
        ["doc"] = Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(ticket.Document!, TicketJson.Default.TicketDocument), key,
            Seal(tenant, key, ticket.Revision), SegmentLength.Row),
    };

    /// <summary>What stays of an erased ticket: ids and times, and the ticket that what others wrote went to, if any.</summary>
    public static TableEntity Tombstone(TenantContext tenant, Ticket ticket, string mergedInto, DateTimeOffset at) => new(TicketKeys.Partition(tenant, ticket.Id), TicketKeys.TicketRow)
    {
        ["inbox"] = ticket.Inbox,
        ["number"] = ticket.Number,
        ["state"] = nameof(TicketState.Closed),
        ["mergedInto"] = mergedInto,
        ["rev"] = ticket.Revision + 1,
        ["gen"] = ticket.Generation > 0 ? ticket.Generation : null,
        ["erased"] = at,
    };

    public static int Generation(TableEntity row) => row.GetInt32("gen") ?? 0;

    public static Ticket Read(TenantContext tenant, string id, TableEntity row, DataKey? key)
    {
        int revision = row.GetInt32("rev") ?? 0;
        TicketDocument? document = key is null || row.GetBinary("doc") is not { } box
            ? null
            : JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, key, revision)), TicketJson.Default.TicketDocument);
        return new Ticket
        {
            Id = id,
            Number = row.GetString("number") ?? "",
            Inbox = row.GetString("inbox") ?? "",
            State = Enum.Parse<TicketState>(row.GetString("state")!),
            Created = row.GetDateTimeOffset("created") ?? default,
            Updated = row.GetDateTimeOffset("updated") ?? default,
            Messages = row.GetInt32("messages") ?? 0,
            Flags = (MessageMarks)(row.GetInt32("flags") ?? 0),
            MergedInto = row.GetString("mergedInto") ?? "",
            Erased = row.GetDateTimeOffset("erased"),
            Revision = revision,
            Generation = Generation(row),
            Document = document,
            Version = row.ETag.ToString(),
        };
    }
}
