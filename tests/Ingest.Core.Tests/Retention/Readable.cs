using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>
/// Everything that can be read of a tenant by whoever has its stores and may use the vault: every value in the clear, and every envelope whose key is still to be had.
/// An envelope whose key is there and that does not open is a fault of this test: it must know every place.
/// </summary>
internal sealed class Readable(Desk desk, TenantContext tenant)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private readonly List<(string Place, byte[] Plain)> _found = [];

    /// <summary>How many envelopes were opened, and how many have no key any more.</summary>
    public int Opened { get; private set; }
    public int Closed { get; private set; }

    public static async Task<Readable> OfAsync(Desk desk, TenantContext tenant)
    {
        Readable all = new(desk, tenant);
        foreach (string table in TableNames.All) await all.TableAsync(table);
        await all.BlobsAsync();
        foreach (string queue in Queues.All.SelectMany(q => new[] { q, Queues.PoisonOf(q) }))
            foreach (QueuedMessage message in await new WorkQueue(desk.Storage, queue).PeekAsync(32, Cancel))
                all._found.Add(($"queue {queue}", message.Body.GetValueOrDefault().ToArray()));
        return all;
    }

    /// <summary>Where a word stands, in any letter case.</summary>
    public IReadOnlyList<string> Holds(string word) =>
        [.. _found.Where(f => Encoding.UTF8.GetString(f.Plain).Contains(word, StringComparison.OrdinalIgnoreCase) || Encoding.Latin1.GetString(f.Plain).Contains(word, StringComparison.OrdinalIgnoreCase)
            || Encoding.UTF8.GetString(f.Plain).Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes(word))[..^4], StringComparison.Ordinal)).Select(f => f.Place).Distinct().Order(StringComparer.Ordinal)];

    private async Task TableAsync(string table)
    {
        await foreach (TableEntity row in desk.Storage.Tables.GetTableClient(table).QueryAsync(TableFilter.PartitionPrefix($"{tenant}"), cancel: Cancel))
        {
            if (row.PartitionKey != tenant.ToString() && !row.PartitionKey.StartsWith($"{tenant}.", StringComparison.Ordinal)) continue;
            _found.Add(($"{table} keys", Encoding.UTF8.GetBytes($"{row.PartitionKey} {row.RowKey}")));
            foreach ((string column, object value) in row)
            {
                if (value is byte[] bytes && IsEnvelope(bytes)) await EnvelopeAsync($"{table}.{column}", bytes, RolesOf(table, row));
                else _found.Add(($"{table}.{column}", value is byte[] raw ? raw : Encoding.UTF8.GetBytes(value.ToString()!)));
            }
        }
    }

    private static bool IsEnvelope(byte[] bytes) => bytes.Length > 28 && bytes.AsSpan(0, 4).SequenceEqual("TKE1"u8);

    private List<SealContext> RolesOf(string table, TableEntity row)
    {
        SealContext Of(KeyClass keyClass, string owner, string role) => new(tenant.Tenant, keyClass, owner, role);
        string second = row.PartitionKey.Split('.').ElementAtOrDefault(1) ?? "";
        return table switch
        {
            TableNames.Tickets => [.. Owners(second).SelectMany(o => new[] { Of(KeyClass.Ticket, o, $"ticket:{row["rev"]}"), Of(KeyClass.Ticket, o, $"message:{row["key"]}") })],
            TableNames.Lists => [.. Owners(row.RowKey.Split('!')[^1]).Select(o => Of(KeyClass.Ticket, o, "list"))],
            TableNames.Lessons => [.. Owners(row.RowKey.Split('!').ElementAtOrDefault(1) ?? "").SelectMany(o => new[] { Of(KeyClass.Ticket, o, "ordinary:" + row.RowKey.Split('!')[^1]), Of(KeyClass.Ticket, o, $"lesson:{string.Join(':', row.RowKey.Split('!')[2..])}") }), Of(KeyClass.Tenant, row.GetString("key") ?? "none", "model")],
            TableNames.Contacts => [Of(KeyClass.Contact, row.RowKey[2..], "contact")],
            TableNames.Mailboxes => [Of(KeyClass.Tenant, second, "mailbox-profile"), Of(KeyClass.Credential, second, "credential")],
            TableNames.Erasures => [Of(KeyClass.Tenant, "erasures", $"erasure:{row.RowKey[2..]}"), Of(KeyClass.Tenant, "erasures", $"receipt:{row.RowKey[2..]}")],
            TableNames.Holds => [Of(KeyClass.Tenant, "holds", $"hold:{row.RowKey}")],
            TableNames.Policies => [Of(KeyClass.Tenant, "dkim", "dkim:" + row.RowKey), Of(KeyClass.Tenant, row.RowKey == "mail!all" ? "policy" : row.RowKey[(row.RowKey.IndexOf('!', StringComparison.Ordinal) + 1)..], "mail-policy")],
            _ => throw new InvalidOperationException($"The table {table} holds an envelope that this test does not know."),
        };
    }

    // A ticket's key is turned over with each redaction.
    private static IEnumerable<string> Owners(string ticket) => Enumerable.Range(0, 6).Select(generation => generation == 0 ? ticket : $"{ticket}~{generation}");

    private async Task EnvelopeAsync(string place, byte[] box, List<SealContext> contexts)
    {
        foreach (SealContext context in contexts.Where(c => (byte)c.Class == box[6]))
        {
            using DataKey? key = context.Class == KeyClass.Raw ? null : await desk.Keys.FindAsync(tenant, context.Class, context.Owner, Cancel);
            if (key is null || key.Id != Envelope.ReadKeyId(box)) continue;
            try
            {
                _found.Add((place, Envelope.Open(box, key, context)));
                Opened++;
                return;
            }
            catch (SealBrokenException)
            {
            }
        }

        // No key, or another one: then nobody opens it. A key that is there and of this id opens it.
        Guid id = Envelope.ReadKeyId(box);
        foreach (SealContext context in contexts.Where(c => (byte)c.Class == box[6] && c.Class != KeyClass.Raw))
        {
            using DataKey? key = await desk.Keys.FindAsync(tenant, context.Class, context.Owner, Cancel);
            Assert.True(key is null || key.Id != id, $"An envelope in {place} has a key and does not open.");
        }

        Closed++;
    }

    private async Task BlobsAsync()
    {
        Dictionary<string, TableEntity> rows = await desk.Storage.Tables.GetTableClient(TableNames.Tickets).QueryAsync(TableFilter.PartitionPrefix($"{tenant}."), cancel: Cancel)
            .Where(row => row.GetString("blob") is { Length: > 0 }).ToDictionaryAsync(row => row.GetString("blob")!, cancellationToken: Cancel);
        await foreach (StoredBlob blob in desk.Blobs.ListAsync(TicketStore.Container, $"{tenant}/", Cancel))
        {
            string ticket = blob.Name.Split('/')[1], message = blob.Name.Split('/')[2].Split('.')[0];
            byte[] content = (await desk.Blobs.ReadRangeAsync(TicketStore.Container, blob.Name, 0, (int)blob.Size, Cancel))!;
            // Envelopes stand one behind the other; each begins with its mark.
            foreach (byte[] box in Boxes(content))
                await EnvelopeAsync("messages blobs", box, [.. Owners(ticket).SelectMany(o => Enumerable.Range(0, 20).Select(i => new SealContext(tenant.Tenant, KeyClass.Ticket, o, $"attachment:{message}:{i}")).Prepend(new(tenant.Tenant, KeyClass.Ticket, o, "message:" + message)))]);
            Assert.True(rows.ContainsKey(blob.Name) || Closed > 0, "A blob that no row names is left.");
        }

        await foreach (TableEntity row in desk.Storage.Tables.GetTableClient(TableNames.Packs).QueryAsync(TableFilter.PartitionPrefix($"{tenant}."), cancel: Cancel))
        {
            InboxId inbox = InboxId.Parse(row.PartitionKey.Split('.')[1]);
            foreach (string[] entry in row.GetString("entries")!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 5)).Where(e => e[2] != "-1"))
            {
                byte[]? box = await desk.Packs.ReadAsync(tenant, inbox, row.RowKey, long.Parse(entry[1], System.Globalization.CultureInfo.InvariantCulture), long.Parse(entry[2], System.Globalization.CultureInfo.InvariantCulture), Cancel);
                using DataKey? key = await desk.Keys.FindRawAsync(tenant, inbox, entry[0], Cancel);
                if (box is null || key is null)
                {
                    Closed++;
                    continue;
                }

                _found.Add(("packs blobs", Envelope.Open(box, key, new SealContext(tenant.Tenant, KeyClass.Raw, entry[0], "raw"))));
                Opened++;
            }
        }
    }

    private static IEnumerable<byte[]> Boxes(byte[] content)
    {
        List<int> starts = [];
        for (int at = 0; at < content.Length - 28; at++)
            if (content.AsSpan(at, 6).SequenceEqual((ReadOnlySpan<byte>)[(byte)'T', (byte)'K', (byte)'E', (byte)'1', 1, 1])) starts.Add(at);
        for (int i = 0; i < starts.Count; i++) yield return content[starts[i]..(i + 1 < starts.Count ? starts[i + 1] : content.Length)];
    }
}
