using Ingest.Core.Keys;

namespace Ingest.Core.Policies;

/// <summary>Matches senders against a tenant's lists.</summary>
internal static class SenderList
{
    /// <summary>True when an entry names the address: as an address, a domain, "*.domain" (all below it) or an address with * in it.</summary>
    internal static bool Matches(IReadOnlyList<string> entries, string address)
    {
        int at = address.LastIndexOf('@');
        if (at <= 0)
            return false;
        string local = address[..at].ToLowerInvariant(), domain = EmailIdentity.Domain(address[(at + 1)..]);
        foreach (string entry in entries)
            if (Matches(entry.Trim(), local, domain))
                return true;
        return false;
    }

    private static bool Matches(string entry, string local, string domain)
    {
        int at = entry.LastIndexOf('@');
        string wanted = EmailIdentity.Domain(entry[(at + 1)..]);
        bool sameDomain = wanted.StartsWith("*.", StringComparison.Ordinal) ? domain.EndsWith(wanted[1..], StringComparison.Ordinal) : wanted.Length > 0 && Wild(wanted, domain);
        return sameDomain && (at <= 0 || Wild(entry[..at].ToLowerInvariant(), local));
    }

    // One pass with one place to return to: linear for one star, never worse than pattern × text.
    private static bool Wild(string pattern, string text)
    {
        int p = 0, star = -1, mark = 0;
        for (int t = 0; t < text.Length;)
        {
            if (p < pattern.Length && pattern[p] != '*' && pattern[p] == text[t])
                (p, t) = (p + 1, t + 1);
            else if (p < pattern.Length && pattern[p] == '*')
                (star, mark, p) = (p, t, p + 1);
            else if (star >= 0)
                (p, mark, t) = (star + 1, mark + 1, mark + 1);
            else
                return false;
        }
        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
