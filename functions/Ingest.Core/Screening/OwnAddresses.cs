using System.Globalization;

namespace Ingest.Core.Screening;

/// <summary>The addresses that are the mailbox itself: its own and its aliases, compared so that no spelling of them passes as a stranger.</summary>
public sealed class OwnAddresses
{
    private static readonly IdnMapping Idn = new();
    private readonly HashSet<string> known;

    /// <summary>Takes the addresses in any spelling.</summary>
    public OwnAddresses(IEnumerable<string> addresses) =>
        known = addresses.Select(Normalise).Where(a => a.Contains('@', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    /// <summary>True when the address is one of ours, whatever its case, plus form, Gmail dots or IDN form.</summary>
    public bool Contains(string address) => known.Contains(Normalise(address));

    /// <summary>The one spelling of an address that all its spellings share: lower case, ASCII domain, no plus form, no dots for Gmail.</summary>
    public static string Normalise(string address)
    {
        address = address.Trim().Trim('<', '>');
        int at = address.LastIndexOf('@');
        if (at <= 0)
            return address.ToLowerInvariant();
        string domain = AsciiDomain(address[(at + 1)..]);
        string local = address[..at].Trim('"').ToLowerInvariant();
        int plus = local.IndexOf('+', StringComparison.Ordinal);
        if (plus > 0)
            local = local[..plus];
        if (domain is "gmail.com" or "googlemail.com")
            (local, domain) = (local.Replace(".", "", StringComparison.Ordinal), "gmail.com");
        return local + "@" + domain;
    }

    /// <summary>A domain in lower-case ASCII (RFC 5891); one that has no such form is only lower-cased.</summary>
    public static string AsciiDomain(string domain)
    {
        domain = domain.Trim().TrimEnd('.').ToLowerInvariant();
        if (domain.Length is 0 or > 255 || System.Text.Ascii.IsValid(domain))
            return domain;
        try
        {
            return Idn.GetAscii(domain);
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }
}
