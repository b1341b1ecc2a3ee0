using System.Net;

namespace Ingest.App.Api;

/// <summary>
/// The address that a caller calls from. The handler itself only ever sees the Functions host, so the address is what the trusted proxies in front wrote into
/// X-Forwarded-For, of which anything further to the left may be the caller's invention.
/// </summary>
internal static class ClientAddress
{
    /// <summary>The address, or null when nothing is known of the proxies or the field is not as they write it.</summary>
    public static IPAddress? Of(IHeaderDictionary headers, int? trustedHops)
    {
        if (trustedHops is not { } hops) return null;
        string[] entries = string.Join(',', headers["X-Forwarded-For"].ToArray()).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return entries.Length >= hops ? Parse(entries[^hops]) : null;
    }

    // App Service's front end writes a port behind the address: 203.0.113.7:50123, [2001:db8::1]:50123.
    private static IPAddress? Parse(string entry)
    {
        if (IPEndPoint.TryParse(entry, out IPEndPoint? place) && (entry[0] == '[' || entry.Contains('.', StringComparison.Ordinal))) return Plain(place.Address);
        return IPAddress.TryParse(entry, out IPAddress? address) ? Plain(address) : null;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
