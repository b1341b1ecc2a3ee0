using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>
/// Cursors: opaque to callers, with a keyed MAC over place, filters and tenant, so that only ours are taken and only for the list they came from. A cursor only says
/// where to go on; what may be seen is asked anew for each page.
/// </summary>
internal sealed class Cursors(KeyRing keys)
{
    private const int MacLength = 16, TicketIdLength = 26;

    /// <summary>The cursor behind a place in a list of tickets.</summary>
    public Task<string> WriteAsync(TenantContext tenant, string list, TicketState state, TicketPlace place, CancellationToken cancel)
    {
        byte[] bytes = new byte[9 + TicketIdLength];
        bytes[0] = (byte)state;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), place.Updated.UtcTicks);
        Encoding.ASCII.GetBytes(place.Ticket, bytes.AsSpan(9));
        return SealAsync(tenant, list, bytes, cancel);
    }

    /// <summary>The place and state of a cursor of that list; null when it is none.</summary>
    public async Task<(TicketState State, TicketPlace Place)?> ReadAsync(TenantContext tenant, string list, string cursor, CancellationToken cancel)
    {
        if (await OpenAsync(tenant, list, cursor, cancel) is not { Length: 9 + TicketIdLength } bytes) return null;
        return ((TicketState)bytes[0], new TicketPlace(new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1)), TimeSpan.Zero), Encoding.ASCII.GetString(bytes, 9, TicketIdLength)));
    }

    /// <summary>The cursor behind a key in a list that is sorted by keys.</summary>
    public Task<string> WriteAsync(TenantContext tenant, string list, string key, CancellationToken cancel) => SealAsync(tenant, list, Encoding.ASCII.GetBytes(key), cancel);

    /// <summary>The key of a cursor of that list; null when it is none.</summary>
    public async Task<string?> ReadKeyAsync(TenantContext tenant, string list, string cursor, CancellationToken cancel) =>
        await OpenAsync(tenant, list, cursor, cancel) is { } bytes ? Encoding.ASCII.GetString(bytes) : null;

    private async Task<string> SealAsync(TenantContext tenant, string list, byte[] place, CancellationToken cancel)
    {
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        return Base64Url.EncodeToString([.. Mac(ids, list, place), .. place]);
    }

    private async Task<byte[]?> OpenAsync(TenantContext tenant, string list, string cursor, CancellationToken cancel)
    {
        if (cursor.Length > 200 || !Base64Url.IsValid(cursor)) return null;
        byte[] bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length <= MacLength) return null;
        using TenantKeys ids = await keys.ForTenantAsync(tenant, cancel);
        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, MacLength), Mac(ids, list, bytes.AsSpan(MacLength))) ? bytes[MacLength..] : null;
    }

    private static byte[] Mac(TenantKeys ids, string list, ReadOnlySpan<byte> place) => ids.Mac("api.cursor", [.. Encoding.UTF8.GetBytes(list), 0, .. place])[..MacLength];
}
