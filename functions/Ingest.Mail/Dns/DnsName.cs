using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ingest.Mail.Dns;

/// <summary>Names in the one form that is compared and sent: lower case, without the dot at the end.</summary>
internal static class DnsName
{
    public const int MaxLength = 253;
    public const int MaxLabel = 63;
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>The name in lower case without its last dot; whether DNS can hold it is another question.</summary>
    public static string Normal(string name) => (name.EndsWith('.') ? name[..^1] : name).ToLowerInvariant();

    /// <summary>True when a query can be made of it: labels of 1 to 63 bytes, 253 in all.</summary>
    public static bool CanBeAsked(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxLength)
            return false;
        foreach (var label in name.Split('.'))
        {
            var (_, length) = label.GetOffsetAndLength(name.Length);
            if (length is 0 or > MaxLabel)
                return false;
        }
        return !name.ContainsAnyExceptInRange('\0', '\xFF');
    }

    /// <summary>The domain with its Unicode labels as A-labels (RFC 5891), normal; null when it is no domain with at least two labels that mail could come from.</summary>
    public static string? Domain(string name)
    {
        var normal = Normal(name);
        if (!Ascii.IsValid(normal))
        {
            try
            {
                normal = Normal(Idn.GetAscii(normal));
            }
            catch (ArgumentException)
            {
                return null;
            }
        }
        return normal.Contains('.') && !normal.StartsWith('[') && CanBeAsked(normal) ? normal : null;
    }

    /// <summary>True for the name itself and every name below it; both normal.</summary>
    public static bool IsWithin(string name, string parent) =>
        name.EndsWith(parent, StringComparison.Ordinal) && (name.Length == parent.Length || name[^(parent.Length + 1)] == '.');

    /// <summary>The name under which the PTR records of an address are.</summary>
    public static string OfAddress(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return $"{bytes[3]}.{bytes[2]}.{bytes[1]}.{bytes[0]}.in-addr.arpa";
        var name = new StringBuilder(72);
        for (var i = bytes.Length - 1; i >= 0; i--)
            name.Append(CultureInfo.InvariantCulture, $"{bytes[i] & 15:x}.{bytes[i] >> 4:x}.");
        return name.Append("ip6.arpa").ToString();
    }
}
