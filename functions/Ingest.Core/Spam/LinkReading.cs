using System.Buffers;

namespace Ingest.Core.Spam;

/// <summary>What the links of a mail have in common.</summary>
internal struct LinkFacts
{
    /// <summary>Links that were looked at; of them to the sender's organisation, elsewhere, and without TLS.</summary>
    public int Count, Own, Elsewhere, Plain;
    /// <summary>Links whose text is a web address of another organisation; to bare addresses; with a host behind user information or odd encodings.</summary>
    public int Mismatch, ToIpAddress, Obscured;
    /// <summary>Links through shorteners, to pages that anyone may put up, to machine-made names, to names in cheap top-level domains, to international names.</summary>
    public int Shortened, OpenHosts, Random, Cheap, International;
    /// <summary>Links that carry a whole address in their query, that name a recipient, or whose path speaks of signing in.</summary>
    public int Redirecting, NamesRecipient, SignIn;
    /// <summary>Hosts that differ, as far as they were counted.</summary>
    public int Hosts;
}

/// <summary>Looks at web addresses one by one. Nothing is kept of them but counts, and the hosts as features of identity.</summary>
internal sealed class LinkReading(FeatureBuilder features, string senderDomain, string recipient)
{
    private const int MostLinks = 200, MostHosts = 16, LongestHost = 255, LongestAddress = 2048;

    private static readonly SearchValues<char> s_authorityEnds = SearchValues.Create("/?#\\ \t\r\n\"'<>");
    private static readonly SearchValues<string> s_signInWords = SearchValues.Create(
        ["login", "log-in", "signin", "sign-in", "verify", "verif", "secure", "account", "update", "confirm", "webscr", "wallet", "password", "auth", "validate", "unlock", "billing", "webmail", "owa"], StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<char> s_digitsAndDots = SearchValues.Create("0123456789."), s_hexAndDots = SearchValues.Create("0123456789abcdefx.");

    private readonly string _sender = Spam.Hosts.Owner(senderDomain).ToString();
    private uint _lastHost;

    public LinkFacts Facts;

    /// <summary>Looks at a link and the text that is shown for it.</summary>
    public void Add(ReadOnlySpan<char> target, ReadOnlySpan<char> label)
    {
        target = target[..Math.Min(target.Length, LongestAddress)].Trim();
        Span<char> buffer = stackalloc char[LongestHost];
        ReadOnlySpan<char> authority = Authority(target);
        if (authority.IsEmpty || Facts.Count >= MostLinks) return;
        Facts.Count++;
        Facts.Plain += target.StartsWith("http:", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        Facts.Obscured += authority.ContainsAny('@', '%') || authority.Contains("&#", StringComparison.Ordinal) ? 1 : 0;
        ReadOnlySpan<char> host = Host(authority, buffer);
        if (host.IsEmpty) return;
        Look(host);

        ReadOnlySpan<char> rest = target[(target.IndexOf(authority) + authority.Length)..];
        Facts.Redirecting += rest.Contains("=http", StringComparison.OrdinalIgnoreCase) || rest.Contains("%3A%2F%2F", StringComparison.OrdinalIgnoreCase) || rest.Contains("/http", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        Facts.NamesRecipient += recipient.Length > 3 && rest.Contains(recipient, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        Facts.SignIn += rest.IndexOfAny(s_signInWords) >= 0 ? 1 : 0;
        // Only a label that is itself a web address makes a promise about where the link leads.
        Span<char> shown = stackalloc char[LongestHost];
        if (LooksLikeAddress(label) && Host(Authority(label), shown) is { IsEmpty: false } promised)
            Facts.Mismatch += Spam.Hosts.Owner(promised).SequenceEqual(Spam.Hosts.Owner(host)) ? 0 : 1;
    }

    private void Look(ReadOnlySpan<char> host)
    {
        ReadOnlySpan<char> owner = Spam.Hosts.Owner(host);
        bool own = _sender.Length > 0 && owner.SequenceEqual(_sender);
        Facts.Own += own ? 1 : 0;
        Facts.Elsewhere += own ? 0 : 1;
        uint hash = FeatureBuilder.Hash(owner);
        if (hash == _lastHost) return;
        _lastHost = hash;
        if (Facts.Hosts < MostHosts)
        {
            Facts.Hosts++;
            features.Add(FeatureGroup.Identity, FeatureBuilder.Mix(hash, 'l'));
            features.Add(FeatureGroup.Trace, FeatureBuilder.Mix(hash, 'l'));
        }

        if (IsNumeric(host)) Facts.ToIpAddress++;
        else
        {
            Facts.Shortened += Spam.Hosts.IsShortener(host) ? 1 : 0;
            Facts.OpenHosts += Spam.Hosts.IsOpenHost(host) ? 1 : 0;
            Facts.Random += !own && Spam.Hosts.LooksRandom(host) ? 1 : 0;
            Facts.Cheap += !own && Spam.Hosts.HasCheapEnd(host) ? 1 : 0;
            Facts.International += host.Contains("xn--", StringComparison.Ordinal) || host.IndexOfAnyExceptInRange('\0', '\x7F') >= 0 ? 1 : 0;
        }
    }

    private static bool IsNumeric(ReadOnlySpan<char> host) => host[0] == '[' || host.IndexOfAnyExcept(s_digitsAndDots) < 0 || (host.StartsWith("0x") && host.IndexOfAnyExcept(s_hexAndDots) < 0);

    private static bool LooksLikeAddress(ReadOnlySpan<char> label) =>
        !label.Contains(' ') && (label.StartsWith("http", StringComparison.OrdinalIgnoreCase) || label.StartsWith("www.", StringComparison.OrdinalIgnoreCase));

    private static ReadOnlySpan<char> Authority(ReadOnlySpan<char> address)
    {
        if (address.StartsWith("www.", StringComparison.OrdinalIgnoreCase)) return Cut(address);
        int start = address.StartsWith("//") ? 0 : address.IndexOf("://");
        if (start < 0 || (start > 0 && !address.StartsWith("http", StringComparison.OrdinalIgnoreCase))) return [];
        return Cut(address[(start + (start == 0 ? 2 : 3))..]);
    }

    private static ReadOnlySpan<char> Cut(ReadOnlySpan<char> address)
    {
        int end = address.IndexOfAny(s_authorityEnds);
        return end < 0 ? address : address[..end];
    }

    private static ReadOnlySpan<char> Host(ReadOnlySpan<char> authority, Span<char> buffer)
    {
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        int port = authority.LastIndexOf(':');
        if (port > 0 && authority[(port + 1)..].IndexOfAnyExceptInRange('0', '9') < 0) authority = authority[..port];
        authority = authority.TrimEnd('.');
        if (authority.Length == 0 || authority.Length > buffer.Length) return [];
        return buffer[..authority.ToLowerInvariant(buffer)];
    }
}
