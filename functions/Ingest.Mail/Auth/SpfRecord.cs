using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ingest.Mail.Auth;

/// <summary>An SPF record, read (RFC 7208 section 4.6 and 12).</summary>
/// <param name="Directives">The mechanisms with their qualifiers, in order.</param>
/// <param name="Redirect">Where redirect= points to.</param>
/// <param name="Explain">Where exp= points to.</param>
internal sealed record SpfRecord(IReadOnlyList<SpfDirective> Directives, string? Redirect, string? Explain)
{
    /// <summary>True when the text is of the version that we know.</summary>
    public static bool IsOne(string text) =>
        text.StartsWith("v=spf1", StringComparison.OrdinalIgnoreCase) && (text.Length == 6 || text[6] == ' ');

    /// <summary>Reads all terms; null with the term that cannot be read.</summary>
    public static SpfRecord? Parse(string text, out string badTerm)
    {
        var directives = new List<SpfDirective>();
        string? redirect = null;
        string? explain = null;
        badTerm = "";
        foreach (var term in text[6..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            badTerm = term;
            if (ModifierName(term) is not { } name)
            {
                if (SpfDirective.Parse(term) is not { } directive)
                    return null;
                directives.Add(directive);
                continue;
            }
            var value = term[(name.Length + 1)..];
            if (name.Equals("redirect", StringComparison.OrdinalIgnoreCase))
            {
                if (redirect is not null || !SpfMacro.IsDomain(value))
                    return null;
                redirect = value;
            }
            else if (name.Equals("exp", StringComparison.OrdinalIgnoreCase))
            {
                if (explain is not null || !SpfMacro.IsDomain(value))
                    return null;
                explain = value;
            }
            else if (!SpfMacro.IsText(value, explanation: false))
            {
                return null;
            }
        }
        badTerm = "";
        return new SpfRecord(directives, redirect, explain);
    }

    // name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ), at once followed by "=".
    private static string? ModifierName(string term)
    {
        var end = term.AsSpan().IndexOf('=');
        if (end < 1 || !char.IsAsciiLetter(term[0]))
            return null;
        foreach (var character in term.AsSpan(0, end))
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
                return null;
        }
        return term[..end];
    }
}

/// <summary>A mechanism and what it means when it matches.</summary>
/// <param name="Result">By its qualifier.</param>
/// <param name="Kind">Which mechanism.</param>
/// <param name="Domain">Its domain-spec, empty for the current domain.</param>
/// <param name="Network">The address of ip4 and ip6.</param>
/// <param name="Prefix4">Bits of an IPv4 address that must agree.</param>
/// <param name="Prefix6">Bits of an IPv6 address that must agree.</param>
internal sealed record SpfDirective(AuthResult Result, SpfKind Kind, string Domain, IPAddress? Network, int Prefix4, int Prefix6)
{
    private static readonly SearchValues<char> Ip6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    public static SpfDirective? Parse(string term)
    {
        var result = term[0] switch { '-' => AuthResult.Fail, '~' => AuthResult.SoftFail, '?' => AuthResult.Neutral, _ => AuthResult.Pass };
        var rest = term[0] is '+' or '-' or '~' or '?' ? term[1..] : term;
        var nameEnd = rest.AsSpan().IndexOfAny(':', '/');
        var name = nameEnd < 0 ? rest : rest[..nameEnd];
        var arguments = nameEnd < 0 ? "" : rest[nameEnd..];
        return name.ToLowerInvariant() switch
        {
            "all" => arguments.Length == 0 ? new SpfDirective(result, SpfKind.All, "", null, 32, 128) : null,
            "include" => Named(result, SpfKind.Include, arguments, required: true),
            "exists" => Named(result, SpfKind.Exists, arguments, required: true),
            "ptr" => Named(result, SpfKind.Ptr, arguments, required: false),
            "a" => Hosts(result, SpfKind.A, arguments),
            "mx" => Hosts(result, SpfKind.Mx, arguments),
            "ip4" => Address(result, SpfKind.Ip4, arguments),
            "ip6" => Address(result, SpfKind.Ip6, arguments),
            _ => null,
        };
    }

    /// <summary>True when the address agrees with the client's in as many leading bits as the directive asks for.</summary>
    public bool Covers(IPAddress client, IPAddress address)
    {
        if (client.AddressFamily != address.AddressFamily)
            return false;
        var bits = client.AddressFamily == AddressFamily.InterNetwork ? Prefix4 : Prefix6;
        Span<byte> one = stackalloc byte[16];
        Span<byte> other = stackalloc byte[16];
        client.TryWriteBytes(one, out _);
        address.TryWriteBytes(other, out _);
        var whole = bits / 8;
        return one[..whole].SequenceEqual(other[..whole]) && (bits % 8 == 0 || (one[whole] ^ other[whole]) >> (8 - bits % 8) == 0);
    }

    private static SpfDirective? Named(AuthResult result, SpfKind kind, string arguments, bool required)
    {
        if (arguments.Length == 0)
            return required ? null : new SpfDirective(result, kind, "", null, 32, 128);
        return arguments[0] == ':' && SpfMacro.IsDomain(arguments[1..]) ? new SpfDirective(result, kind, arguments[1..], null, 32, 128) : null;
    }

    // [ ":" domain-spec ] [ "/" bits4 ] [ "//" bits6 ]; a domain-spec may hold slashes itself.
    private static SpfDirective? Hosts(AuthResult result, SpfKind kind, string arguments)
    {
        if (!TakePrefix(ref arguments, "//", 128, out var prefix6) || !TakePrefix(ref arguments, "/", 32, out var prefix4))
            return null;
        var directive = Named(result, kind, arguments, required: false);
        return directive is null ? null : directive with { Prefix4 = prefix4, Prefix6 = prefix6 };
    }

    private static SpfDirective? Address(AuthResult result, SpfKind kind, string arguments)
    {
        var (family, most) = kind == SpfKind.Ip4 ? (AddressFamily.InterNetwork, 32) : (AddressFamily.InterNetworkV6, 128);
        if (!arguments.StartsWith(':') || !TakePrefix(ref arguments, "/", most, out var prefix))
            return null;
        var text = arguments[1..];
        var isWritten = family == AddressFamily.InterNetwork ? IsDottedQuad(text) : !text.AsSpan().ContainsAnyExcept(Ip6Characters);
        if (!isWritten || !IPAddress.TryParse(text, out var address) || address.AddressFamily != family)
            return null;
        return new SpfDirective(result, kind, "", address, family == AddressFamily.InterNetwork ? prefix : 32, family == AddressFamily.InterNetwork ? 128 : prefix);
    }

    private static bool IsDottedQuad(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4 && Array.TrueForAll(parts, static part => IsNumber(part, 3) && int.Parse(part, CultureInfo.InvariantCulture) <= 255);
    }

    // Takes "/nn" from the end; false when there is one that is too large or has a leading zero.
    private static bool TakePrefix(ref string text, string mark, int most, out int bits)
    {
        bits = most;
        var at = text.LastIndexOf(mark, StringComparison.Ordinal);
        if (at < 0 || (mark == "/" && at > 0 && text[at - 1] == '/'))
            return true;
        var digits = text[(at + mark.Length)..];
        if (digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return true;
        if (!IsNumber(digits, 3) || int.Parse(digits, CultureInfo.InvariantCulture) > most)
            return false;
        bits = int.Parse(digits, CultureInfo.InvariantCulture);
        text = text[..at];
        return true;
    }

    private static bool IsNumber(string text, int longest) =>
        text.Length > 0 && text.Length <= longest && !text.AsSpan().ContainsAnyExceptInRange('0', '9') && (text.Length == 1 || text[0] != '0');
}

/// <summary>The mechanisms of RFC 7208 section 5.</summary>
internal enum SpfKind
{
    All = 1,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}
