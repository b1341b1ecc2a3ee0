using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Ingest.Core.Keys;

/// <summary>
/// The address of a vault, proven to be one: https, one name under a suffix that belongs to Azure Key Vault or its managed HSM, and nothing else. No
/// token is ever drawn for, and no request sent to, any other host.
/// </summary>
public sealed record VaultAddress
{
    private const int LongestName = 63;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    // The suffix also says for whom tokens are drawn.
    private static readonly string[] Suffixes =
    [
        "vault.azure.net", "managedhsm.azure.net", "vault.azure.cn", "managedhsm.azure.cn", "vault.usgovcloudapi.net", "managedhsm.usgovcloudapi.net",
    ];

    private VaultAddress(string host, string suffix) => (Host, Scope) = (host, $"https://{suffix}/.default");

    /// <summary>The host, in lower case.</summary>
    public string Host { get; }

    /// <summary>The scope of the token that this vault takes.</summary>
    public string Scope { get; }

    /// <summary>The vault's root.</summary>
    public Uri Uri => new($"https://{Host}/");

    /// <summary>True for the address of a vault, with or without a slash at its end.</summary>
    public static bool TryParse(Uri address, [NotNullWhen(true)] out VaultAddress? vault)
    {
        vault = null;
        return address is { IsAbsoluteUri: true, Scheme: "https", IsDefaultPort: true, UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" } && TryParseHost(address.Host, out vault);
    }

    /// <summary>True for the host of a vault, written in lower case.</summary>
    public static bool TryParseHost(string host, [NotNullWhen(true)] out VaultAddress? vault)
    {
        int dot = host.IndexOf('.', StringComparison.Ordinal);
        string? suffix = dot is > 0 and <= LongestName ? Array.Find(Suffixes, s => host.AsSpan(dot + 1).SequenceEqual(s)) : null;
        bool named = suffix is not null && host.AsSpan(0, dot).IndexOfAnyExcept(NameCharacters) < 0 && host[0] != '-' && host[dot - 1] != '-';
        vault = named ? new VaultAddress(host, suffix!) : null;
        return named;
    }

    /// <inheritdoc />
    public override string ToString() => Host;
}
