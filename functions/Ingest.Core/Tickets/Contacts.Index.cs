using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

public sealed partial class Contacts
{
    // Makes the newest place say what an older one says, and returns what it says then; null when the contact is being erased.
    private async Task<string?> LeadAsync(TenantContext tenant, Place newest, Place older, string contact, CancellationToken cancel)
    {
        TableEntity? profile = await _rows.GetEntityIfExistsAsync(older.Partition, ProfilePrefix + contact, cancel: cancel);
        if (!await TryAddAsync(newest, contact, profile?.GetBinary("doc"), cancel)) return await ContactAtAsync(newest, cancel);
        // Whoever erases a contact erases its key first and then its places: either they see this one, or it is seen here that they were at work.
        if (!await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Contact, contact), cancel)) return contact;
        await DropAsync(newest, contact, cancel);
        return null;
    }

    // Only if it still leads to this contact.
    private async Task DropAsync(Place place, string contact, CancellationToken cancel)
    {
        if (await _rows.GetEntityIfExistsAsync(place.Partition, place.Row, cancel: cancel) is { } row && row.GetString("contact") == contact)
            await _rows.DeleteEntityAsync(place.Partition, place.Row, row.ETag, cancel);
        await _rows.DeleteEntityAsync(place.Partition, ProfilePrefix + contact, ETag.All, cancel);
    }

    /// <summary>
    /// Moves contacts from their places under an older index key to those under the newest, some at most. Called when every process knows the newest; with
    /// <paramref name="destroyed"/> the older key is gone, and what no newest place leads to was never given to anybody.
    /// </summary>
    internal async Task<IndexMove> MoveIndexAsync(TenantContext tenant, int epoch, bool destroyed, int atMost, CancellationToken cancel)
    {
        IndexMove done = default;
        TableFilter old = TableFilter.PartitionPrefix(tenant + ".").And(TableFilter.RowPrefix(IndexPrefix + TenantKeys.BlindPrefix(epoch)));
        await foreach (TableEntity row in _rows.QueryAsync(old, cancel: cancel))
        {
            if (done.Moved == atMost) return done with { Left = done.Left + 1 };
            done = done.And(await MoveAsync(tenant, row, destroyed, cancel));
        }

        return done;
    }

    private async Task<IndexMoved> MoveAsync(TenantContext tenant, TableEntity row, bool destroyed, CancellationToken cancel)
    {
        (Place older, string contact) = (new Place(row.PartitionKey, row.RowKey), row.GetString("contact") ?? "");
        if (await AddressAsync(tenant, older, contact, cancel) is not { } address)
        {
            if (!destroyed) return await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Contact, contact), cancel) ? IndexMoved.Later : IndexMoved.Broken;
            await DropAsync(older, contact, cancel);
            return IndexMoved.Done;
        }

        IReadOnlyList<Place> places = await PlacesAsync(tenant, address, cancel);
        if (!destroyed && !places.Contains(older)) return IndexMoved.Broken;
        string? leads = destroyed ? await ContactAtAsync(places[0], cancel) : await LeadAsync(tenant, places[0], older, contact, cancel);
        // It is being erased.
        if (leads is null && !destroyed) return IndexMoved.Later;
        List<TableTransactionAction> gone = [new(TableTransactionActionType.Delete, new TableEntity(older.Partition, older.Row), row.ETag)];
        bool shared = leads == contact && places[0].Partition == older.Partition;
        if (!shared) gone.Add(new(TableTransactionActionType.Delete, new TableEntity(older.Partition, ProfilePrefix + contact), ETag.All));
        try
        {
            await _rows.SubmitTransactionAsync(gone, cancel);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // Somebody else moves them, too.
            return IndexMoved.Later;
        }

        if (leads != contact) await keys.DiscardAsync(tenant, new KeyName(KeyClass.Contact, contact), cancel);
        return IndexMoved.Done;
    }

    private async Task<string?> AddressAsync(TenantContext tenant, Place place, string contact, CancellationToken cancel)
    {
        try
        {
            return await _rows.GetEntityIfExistsAsync(place.Partition, ProfilePrefix + contact, cancel: cancel) is { } profile ? (await OpenAsync(tenant, contact, profile, cancel))?.Address : null;
        }
        catch (SealBrokenException)
        {
            return null;
        }
    }
}
