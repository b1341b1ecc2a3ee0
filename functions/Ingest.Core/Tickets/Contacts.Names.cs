using System.Text.Json;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;

namespace Ingest.Core.Tickets;

/// <summary>How changing a contact's name ended.</summary>
internal enum NameEnd
{
    /// <summary>It stays as it is, or there is no such contact any more.</summary>
    Same,
    /// <summary>It was changed, or would be.</summary>
    Renamed,
    /// <summary>It does not open, although nobody erased it.</summary>
    Closed,
}

public sealed partial class Contacts
{
    /// <summary>
    /// Writes a contact's name as <paramref name="rename"/> says, in every place where their profile lies; with <paramref name="isDry"/> nothing is written. The address, and with it who they are and
    /// where they are found, stays. Done twice it is done once. Throws <see cref="NotNowException"/> when somebody else writes there again and again.
    /// </summary>
    internal async Task<NameEnd> RenameAsync(TenantContext tenant, string address, string contact, Func<string, string> rename, bool isDry, CancellationToken cancel)
    {
        string indexed = Indexed(address);
        // The newest place is there from now on: nobody copies to it what is read of an older one before it is changed.
        if (!isDry && await FindAsync(tenant, indexed, cancel) != contact) return NameEnd.Same;
        NameEnd all = NameEnd.Same;
        foreach (string partition in (await PlacesAsync(tenant, indexed, cancel)).Select(place => place.Partition).Distinct().Reverse())
        {
            NameEnd end = await RenameAtAsync(tenant, partition, contact, rename, isDry, cancel);
            if (end != NameEnd.Same) all = end;
            if (end == NameEnd.Closed) return end;
        }

        return all;
    }

    private async Task<NameEnd> RenameAtAsync(TenantContext tenant, string partition, string contact, Func<string, string> rename, bool isDry, CancellationToken cancel)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            if (await _rows.GetEntityIfExistsAsync(partition, ProfilePrefix + contact, cancel: cancel) is not { } row) return NameEnd.Same;
            using DataKey? key = await keys.FindAsync(tenant, KeyClass.Contact, contact, cancel);
            if (key is null) return await keys.IsErasedAsync(tenant, new KeyName(KeyClass.Contact, contact), cancel) ? NameEnd.Same : NameEnd.Closed;
            if (TryOpen(tenant, contact, row, key) is not { } profile) return NameEnd.Closed;
            string name = Cut.To(rename(profile.Name), Cut.Name);
            if (name == profile.Name) return NameEnd.Same;
            if (isDry) return NameEnd.Renamed;
            byte[] box = Envelope.Seal(JsonSerializer.SerializeToUtf8Bytes(profile with { Name = name }, TicketJson.Default.ContactDocument), key, Seal(tenant, contact), SegmentLength.Row);
            try
            {
                await _rows.UpdateEntityAsync(new TableEntity(partition, ProfilePrefix + contact) { ["doc"] = box }, row.ETag, TableUpdateMode.Replace, cancel);
                return NameEnd.Renamed;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 412)
            {
                // Moved, erased, or changed by somebody else: the next look tells.
            }
        }

        throw new NotNowException("contact-contended");
    }

    /// <summary>A contact's address as their profile tells it; null when there is none, or it does not open.</summary>
    internal async Task<string?> AddressOfAsync(TenantContext tenant, string contact, CancellationToken cancel)
    {
        try
        {
            return (await OpenAsync(tenant, contact, cancel))?.Address;
        }
        catch (SealBrokenException)
        {
            return null;
        }
    }

    private static ContactDocument? TryOpen(TenantContext tenant, string contact, TableEntity row, DataKey key)
    {
        try
        {
            return row.GetBinary("doc") is { } box ? JsonSerializer.Deserialize(Envelope.Open(box, key, Seal(tenant, contact)), TicketJson.Default.ContactDocument) : null;
        }
        catch (SealBrokenException)
        {
            return null;
        }
    }
}
