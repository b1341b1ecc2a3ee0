using System.Text;
using Ingest.Core.Keys;
using Ingest.Core.Redaction;

namespace Ingest.Core.Tickets;

/// <summary>
/// Remembers which addresses were masked in a mail, so that whoever has one is still found when they are to be erased: as keyed digests, which tell nothing without the
/// tenant's keys and rest sealed with the message.
/// </summary>
public sealed class NamedAddresses(TenantKeys keys)
{
    private const int Bytes = 10, Most = 1000;
    private readonly HashSet<string> digests = new(StringComparer.Ordinal);

    /// <summary>The digests so far, in order.</summary>
    public IReadOnlyList<string> Digests => [.. digests.Order(StringComparer.Ordinal)];

    /// <summary>The digest of an address, 16 letters of Crockford's base32.</summary>
    public static string Of(TenantKeys keys, string address) =>
        Crockford32.Encode(keys.Mac("named-address", Encoding.UTF8.GetBytes(EmailIdentity.Normalise(address))).AsSpan(0, Bytes));

    /// <summary>What was masked before and what was masked now, each once and not more than a message keeps.</summary>
    public static IReadOnlyList<string> Both(IReadOnlyList<string> before, IReadOnlyList<string> now) => now.Count == 0 ? before : [.. before.Union(now, StringComparer.Ordinal).Take(Most).Order(StringComparer.Ordinal)];

    /// <summary>Takes what was masked; see <see cref="RedactionTools.OnMasked"/>.</summary>
    public void Take(FindingType type, string value)
    {
        if (type == FindingType.Email && digests.Count < Most) digests.Add(Of(keys, value));
    }
}
