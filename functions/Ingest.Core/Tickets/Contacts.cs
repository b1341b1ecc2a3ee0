using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>
/// People by blind index of their address. Index row and sealed profile share a partition and are inserted together, so that no
/// index leads to nobody. Contact ids are random: what is erased cannot be derived again. While the index key is turned over an address
/// has a place under each key; they are taken oldest first, and what the newest says counts.
/// </summary>
public sealed partial class Contacts(TableServiceClient tables, KeyRing keys)
{
    private const string IndexPrefix = "ix!", ProfilePrefix = "c!";
    private const int MostTries = 6;
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Contacts);

    private readonly record struct Place(string Partition, string Row);

    private static SealContext Seal(TenantContext tenant, string contact) => new(tenant.Tenant, KeyClass.Contact, contact, "contact");

    /// <summary>The contact with this address, or null.</summary>
    public async Task<string?> FindAsync(TenantContext tenant, string address, CancellationToken cancel) =>
        await FindAsync(tenant, await PlacesAsync(tenant, Indexed(address), cancel), cancel);

    private async Task<string?> FindAsync(TenantContext tenant, IReadOnlyList<Place> places, CancellationToken cancel)
    {
        foreach (Place place in places)
            if (await ContactAtAsync(place, cancel) is { } contact)
                return place == places[0] ? contact : await LeadAsync(tenant, places[0], place, contact, cancel);
        return null;
    }

    /// <summary>The name and address of a contact, or null when there is none or it is erased.</summary>
    public async Task<ContactDocument?> OpenAsync(TenantContext tenant, string address, string contact, CancellationToken cancel)
    {
        foreach (Place place in await PlacesAsync(tenant, Indexed(address), cancel))
            if (await _rows.GetEntityIfExistsAsync(place.Partition, ProfilePrefix + contact, cancel: cancel) is { } row) return await OpenAsync(tenant, contact, row, cancel);
        return null;
    }

    /// <summary>A contact's profile by random id, or null when there is none or its key was erased. The partition follows from the address and not from the id, so all are looked through.</summary>
    public async Task<ContactDocument?> OpenAsync(TenantContext tenant, string contact, CancellationToken cancel)
    {
        TableFilter filter = TableFilter.PartitionPrefix(tenant + ".").And(TableFilter.RowIs(ProfilePrefix + contact));
        await foreach (TableEntity row in _rows.QueryAsync(filter, cancel: cancel)) return await OpenAsync(tenant, contact, row, cancel);
        return null;
    }

    private async Task<ContactDocument?> OpenAsync(TenantContext tenant, string contact, TableEntity row, CancellationToken cancel)
    {
        using DataKey? key = await keys.FindAsync(tenant, KeyClass.Contact, contact, cancel);
        return key is null || row.GetBinary("doc") is not { } box ? null : JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, contact)), TicketJson.Default.ContactDocument);
    }

    /// <summary>Takes a contact's rows away, where the address still leads to that contact; the key was erased by the caller, so that nobody puts a row back.</summary>
    internal async Task RemoveAsync(TenantContext tenant, string address, string contact, CancellationToken cancel)
    {
        // A place under a key of which this process has not heard yet would be left.
        keys.ForgetNames(tenant);
        foreach (Place place in (await PlacesAsync(tenant, Indexed(address), cancel)).Reverse())
        {
            await _rows.DeleteEntityAsync(place.Partition, ProfilePrefix + contact, ETag.All, cancel);
            if (await _rows.GetEntityIfExistsAsync(place.Partition, place.Row, cancel: cancel) is { } row && row.GetString("contact") == contact) await _rows.DeleteEntityAsync(place.Partition, place.Row, row.ETag, cancel);
        }
    }

    /// <summary>Makes the contact with this address, after <see cref="FindAsync(TenantContext, string, CancellationToken)"/> found none; whoever was quicker wins, and the winner's id is returned.</summary>
    public async Task<string> CreateAsync(TenantContext tenant, string address, string name, CancellationToken cancel)
    {
        string indexed = Indexed(address);
        IReadOnlyList<Place> places = await PlacesAsync(tenant, indexed, cancel);
        string contact = Crockford32.Encode(Guid.NewGuid().ToByteArray());
        using DataKey key = await keys.GetOrCreateAsync(tenant, KeyClass.Contact, contact, cancel);
        ContactDocument profile = new() { Name = Cut.To(name, Cut.Name), Address = indexed };
        byte[] box = Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(profile, TicketJson.Default.ContactDocument), key, Seal(tenant, contact), SegmentLength.Row);
        for (int tries = 0; tries < MostTries; tries++)
        {
            if (await TryClaimAsync(tenant, places, contact, box, cancel) is not { } winner) continue;
            if (winner != contact) await keys.DiscardAsync(tenant, new KeyName(KeyClass.Contact, contact), cancel);
            return winner;
        }

        throw new NotNowException("contact-contended");
    }

    // Whom the places lead to then; null when whoever was quicker at one of them gave it up meanwhile.
    private async Task<string?> TryClaimAsync(TenantContext tenant, IReadOnlyList<Place> places, string contact, byte[] box, CancellationToken cancel)
    {
        foreach (Place place in places.Reverse())
        {
            if (await TryAddAsync(place, contact, box, cancel)) continue;
            string? winner = await ContactAtAsync(place, cancel);
            // The winner may be this very write, its answer lost.
            if (winner == contact) continue;
            foreach (Place own in places.Reverse().TakeWhile(own => own != place)) await DropAsync(own, contact, cancel);
            return winner is null || place == places[0] ? winner : await LeadAsync(tenant, places[0], place, winner, cancel);
        }

        return contact;
    }

    private async Task<bool> TryAddAsync(Place place, string contact, byte[]? box, CancellationToken cancel)
    {
        List<TableTransactionAction> rows = [new(TableTransactionActionType.Add, new TableEntity(place.Partition, place.Row) { ["contact"] = contact })];
        // The places of one address may share a partition, and then the profile.
        if (box is not null) rows.Add(new(TableTransactionActionType.UpsertReplace, new TableEntity(place.Partition, ProfilePrefix + contact) { ["doc"] = box }));
        try
        {
            await _rows.SubmitTransactionAsync(rows, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return false;
        }
    }

    private async Task<string?> ContactAtAsync(Place place, CancellationToken cancel) => (await _rows.GetEntityIfExistsAsync(place.Partition, place.Row, cancel: cancel))?.GetString("contact");

    private async Task<IReadOnlyList<Place>> PlacesAsync(TenantContext tenant, string indexed, CancellationToken cancel)
    {
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        return [.. ids.BlindIndexes("contact.email", indexed).Select(index => new Place($"{tenant}.{index[^2..]}", IndexPrefix + index))];
    }

    // What is kept in the profile is what was indexed: from it the place under another key follows. An endless address is told apart by its digest.
    private static string Indexed(string address)
    {
        string normal = EmailIdentity.Normalise(address);
        return normal.Length <= Cut.Name ? normal : $"{Cut.To(normal, Cut.Name - 65)}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(normal)))}";
    }
}
