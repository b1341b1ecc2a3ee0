using System.Diagnostics.CodeAnalysis;

namespace Ingest.Core.Keys;

/// <summary>
/// The id of a key in a vault, https://{vault}/keys/{name} or with /{version}, read strictly: only the exact text that a vault writes is one. Ids come from
/// tables too, and a forged one must not make us send a token elsewhere.
/// </summary>
public sealed record KeyVaultKeyIdentifier
{
    private const string Start = "https://";
    private const int VersionLength = 32;

    private KeyVaultKeyIdentifier(VaultAddress vault, string name, string version) => (Vault, Name, Version) = (vault, name, version);

    /// <summary>Where the key is.</summary>
    public VaultAddress Vault { get; }

    /// <summary>The key's name.</summary>
    public string Name { get; }

    /// <summary>The version, 32 hex digits; empty for whichever is the newest.</summary>
    public string Version { get; }

    /// <summary>The same key without a version.</summary>
    public KeyVaultKeyIdentifier Unversioned => Version.Length == 0 ? this : new(Vault, Name, "");

    /// <summary>The path of the key in its vault.</summary>
    internal string Path => Version.Length == 0 ? $"/keys/{Name}" : $"/keys/{Name}/{Version}";

    /// <summary>The id of a key in a vault; throws <see cref="ArgumentException"/> when none can have this name or version.</summary>
    public static KeyVaultKeyIdentifier Of(VaultAddress vault, string name, string version = "") => IsName(name) && (version.Length == 0 || IsVersion(version))
        ? new KeyVaultKeyIdentifier(vault, name, version)
        : throw new ArgumentException("A key's name is 1 to 127 letters, digits and hyphens, and its version 32 hex digits.");

    /// <summary>True for an id as a vault writes it.</summary>
    public static bool TryParse(string? kid, [NotNullWhen(true)] out KeyVaultKeyIdentifier? id)
    {
        id = null;
        if (kid is null || !kid.StartsWith(Start, StringComparison.Ordinal))
            return false;
        string[] parts = kid[Start.Length..].Split('/');
        bool whole = parts is [_, "keys", _] or [_, "keys", _, _] && IsName(parts[2]) && (parts.Length == 3 || IsVersion(parts[3]));
        if (whole && VaultAddress.TryParseHost(parts[0], out VaultAddress? vault))
            id = new KeyVaultKeyIdentifier(vault, parts[2], parts.Length == 4 ? parts[3] : "");
        return id is not null;
    }

    /// <summary>True when both name versions of one key.</summary>
    public bool IsSameKey(KeyVaultKeyIdentifier other) => Vault == other.Vault && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The id as the vault writes it.</summary>
    public override string ToString() => Start + Vault.Host + Path;

    private static bool IsName(string text) => text.Length is > 0 and <= 127 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static bool IsVersion(string text) => text.Length == VersionLength && text.All(char.IsAsciiHexDigitLower);
}
