using System.Net;
using System.Net.Sockets;

namespace Ingest.Mail.Wire;

/// <summary>Which addresses belong to the public internet (RFC 6890 and the registries that it began).</summary>
public static class AddressRules
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
            "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            // Azure's platform answers here on every virtual machine, though the address looks public.
            "168.63.129.16/32",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    // All that is allotted to hosts is in here; what is taken out below carries an IPv4 address or is set aside.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork[] NotPublicIn6 = [.. new[] { "2001::/23", "2001:db8::/32", "3fff::/20" }.Select(text => IPNetwork.Parse(text))];

    /// <summary>True for an address of the public internet: no private, loopback, link-local, shared, multicast, documentation or reserved one, nor one of these in IPv6 clothes.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork) return !Array.Exists(NotPublic, network => network.Contains(address));
        byte[] bytes = address.GetAddressBytes();
        if (Nat64.Contains(address)) return IsPublic(new IPAddress(bytes.AsSpan(12, 4)));
        if (SixToFour.Contains(address)) return IsPublic(new IPAddress(bytes.AsSpan(2, 4)));
        return GlobalUnicast.Contains(address) && !Array.Exists(NotPublicIn6, network => network.Contains(address));
    }

    /// <summary>As <see cref="IsPublic"/>, and this machine itself: for the development profile.</summary>
    public static bool IsPublicOrLoopback(IPAddress address) => IsLoopback(address) || IsPublic(address);

    internal static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
