using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>
/// People by blind index of their address. Index row and sealed profile share a partition and are inserted together, so that no
/// index leads to nobody. Contact ids are random: what is erased cannot be derived again.
/// </summary>
public sealed class Contacts(TableServiceClient tables, KeyRing keys)
{
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Contacts);

    private static SealContext Seal(TenantContext tenant, string contact) => new(tenant.Tenant, KeyClass.Contact, contact, "contact");

    /// <summary>The contact with this address, or null.</summary>
    public async Task<string?> FindAsync(TenantContext tenant, string address, CancellationToken cancel)
    {
        (string partition, string row) = await IndexAsync(tenant, address, cancel);
        return (await _rows.GetEntityIfExistsAsync(partition, row, cancel: cancel))?.GetString("contact");
    }

    /// <summary>Makes the contact with this address, after <see cref="FindAsync"/> found none; whoever was quicker wins, and the winner's id is returned.</summary>
    public async Task<string> CreateAsync(TenantContext tenant, string address, string name, CancellationToken cancel)
    {
        (string partition, string index) = await IndexAsync(tenant, address, cancel);
        string contact = Crockford32.Encode(Guid.NewGuid().ToByteArray());
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Contact, contact, cancel);
        ContactDocument profile = new() { Name = Cut.To(name, Cut.Name), Address = Cut.To(EmailIdentity.Normalise(address), Cut.Name) };
        byte[] box = Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(profile, TicketJson.Default.ContactDocument), key, Seal(tenant, contact), SegmentLength.Row);
        try
        {
            await _rows.SubmitTransactionAsync(
            [
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(partition, index) { ["contact"] = contact }),
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(partition, "c!" + contact) { ["doc"] = box }),
            ], cancel);
            return contact;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // The winner may be this very write, its answer lost: then the key is in use.
            string winner = await FindAsync(tenant, address, cancel) ?? throw new NotNowException("contact-contended");
            if (winner != contact) await keys.DiscardAsync(tenant, new KeyName(KeyClass.Contact, contact), cancel);
            return winner;
        }
    }

    /// <summary>A contact's profile by random id, or null when there is none or its key was erased. The partition follows from the address and not from the id, so all are looked through.</summary>
    public async Task<ContactDocument?> OpenAsync(TenantContext tenant, string contact, CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionPrefix(tenant + ".").And(TableFilter.RowIs("c!" + contact));
        await foreach (TableEntity row in _rows.QueryAsync(filter, cancel: cancel))
        {
            using DataKey? key = await keys.FindAsync(tenant, KeyClass.Contact, contact, cancel);
            return key is null || row.GetBinary("doc") is not { } box ? null : JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, contact)), TicketJson.Default.ContactDocument);
        }

        return null;
    }

    private async Task<(string Partition, string Row)> IndexAsync(TenantContext tenant, string address, CancellationToken cancel)
    {
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        string index = ids.BlindIndex("contact.email", EmailIdentity.Normalise(address));
        return ($"{tenant}.{index[^2..]}", "ix!" + index);
    }
}
