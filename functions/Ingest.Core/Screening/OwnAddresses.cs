using Ingest.Core.Keys;

namespace Ingest.Core.Screening;

/// <summary>The addresses that are the mailbox itself: its own and its aliases, compared so that no spelling of them passes as a stranger.</summary>
public sealed class OwnAddresses
{
    private readonly HashSet<string> known;

    /// <summary>Takes the addresses in any spelling.</summary>
    public OwnAddresses(IEnumerable<string> addresses) =>
        known = addresses.Select(Normalise).Where(a => a.Contains('@', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    /// <summary>True when the address is one of ours, whatever its case, plus form, Gmail dots or IDN form.</summary>
    public bool Contains(string address) => known.Contains(Normalise(address));

    /// <summary>The domains of the addresses, without those of public providers, at which strangers have addresses too.</summary>
    public IReadOnlyList<string> Domains() => [.. known.Select(a => a[(a.LastIndexOf('@') + 1)..]).Where(d => !Replies.PublicMail.IsProvider(d)).Distinct()];

    /// <summary>The one spelling of an address that all its spellings share: lower case, ASCII domain, no plus form, no dots for Gmail.</summary>
    public static string Normalise(string address)
    {
        string form = EmailIdentity.Normalise(address.Trim().Trim('<', '>'));
        int at = form.LastIndexOf('@');
        if (at <= 0)
            return form;
        (string local, string domain) = (form[..at].Trim('"'), form[(at + 1)..]);
        int plus = local.IndexOf('+', StringComparison.Ordinal);
        if (plus > 0)
            local = local[..plus];
        if (domain is "gmail.com" or "googlemail.com")
            (local, domain) = (local.Replace(".", "", StringComparison.Ordinal), "gmail.com");
        return local + "@" + domain;
    }
}
