using System.Reflection;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Store;
using Ingest.Mail.Dns;

namespace Ingest.Core.Settings;

/// <summary>
/// Everything that is set from outside, read once at the start. The development profile is one positive switch: file keys, one-time links without
/// sign-in and other Google endpoints exist only under it, and it starts only where storage and the listening address are on this machine.
/// </summary>
public sealed record IngestSettings
{
    /// <summary>The setting that names the profile; anything but "development" is production.</summary>
    public const string ProfileName = "INGEST_PROFILE";

    /// <summary>True under the development profile.</summary>
    public required bool Development { get; init; }
    /// <summary>A storage connection string; only under the development profile.</summary>
    public string? StorageConnectionString { get; init; }
    /// <summary>The storage services' addresses, for access by identity.</summary>
    public Uri? TableServiceUri { get; init; }
    /// <inheritdoc cref="TableServiceUri"/>
    public Uri? QueueServiceUri { get; init; }
    /// <inheritdoc cref="TableServiceUri"/>
    public Uri? BlobServiceUri { get; init; }
    /// <summary>The user-assigned identity's client id; null for the system's own.</summary>
    public string? IdentityClientId { get; init; }
    /// <summary>The folder of the local key provider; only under the development profile.</summary>
    public string? KeyFolder { get; init; }
    /// <summary>The Key Vault with the data key and the seal; needed outside the development profile.</summary>
    public Uri? VaultUri { get; init; }
    /// <summary>The Key Vault with the key of mailbox credentials; <see cref="VaultUri"/> by default. One of its own lets the front have no right to unwrap there, by a role on the vault.</summary>
    public Uri? CredentialVaultUri { get; init; }
    /// <summary>The Key Vault with the DKIM keys of sending domains; without it none can be made outside the development profile.</summary>
    public Uri? SigningVaultUri { get; init; }
    /// <summary>The address under which browsers reach this app.</summary>
    public required Uri BaseUrl { get; init; }
    /// <summary>The OAuth client; null when no Gmail mailbox is to be connected.</summary>
    public string? GoogleClientId { get; init; }
    /// <summary>The OAuth client's secret.</summary>
    public Secret? GoogleClientSecret { get; init; }
    /// <summary>Where Google is; only under the development profile.</summary>
    public Uri? GoogleEndpoint { get; init; }
    /// <summary>A PEM file of certificates that mail servers on this machine may stand on; only under the development profile.</summary>
    public string? TrustedRootsFile { get; init; }
    /// <summary>What DNS says, instead of DNS itself; only under the development profile.</summary>
    public DnsTable? DnsTable { get; init; }
    /// <summary>The tenant that people sign in to, and that tools work for unless told otherwise.</summary>
    public required TenantId Tenant { get; init; }
    /// <summary>Who proves people and applications; null when nobody can sign in.</summary>
    public SignInSettings? SignIn { get; init; }
    /// <summary>
    /// How many entries, counted from the end of X-Forwarded-For, trusted proxies in front of the app wrote: the first of them names the caller's address. Null when
    /// nothing is known of what stands in front; then no address is believed, and tokens bound to addresses are refused.
    /// </summary>
    public int? ForwardedHops { get; init; }

    /// <summary>Reads the settings; on any problem returns null and all problems at once, each naming the setting and the fix.</summary>
    public static IngestSettings? Read(Func<string, string?> setting, out IReadOnlyList<string> problems)
    {
        List<string> found = [];
        bool development = string.Equals(setting(ProfileName), "development", StringComparison.Ordinal);
        if (development && IsPublishedPackage)
            found.Add($"{ProfileName}=development is not for the published package: remove the setting, or run from a clone with tools/up.");
        IngestSettings settings = new()
        {
            Development = development,
            StorageConnectionString = Text(setting, "IngestStorage"),
            TableServiceUri = Address(setting, "IngestStorage__tableServiceUri", found),
            QueueServiceUri = Address(setting, "IngestStorage__queueServiceUri", found),
            BlobServiceUri = Address(setting, "IngestStorage__blobServiceUri", found),
            IdentityClientId = Text(setting, "IngestStorage__clientId"),
            KeyFolder = Text(setting, "INGEST_KEY_DIR"),
            VaultUri = Address(setting, "INGEST_VAULT_URI", found),
            CredentialVaultUri = Address(setting, "INGEST_CREDENTIAL_VAULT_URI", found),
            SigningVaultUri = Address(setting, "INGEST_SIGNING_VAULT_URI", found),
            BaseUrl = Address(setting, "INGEST_BASE_URL", found) ?? Missing<Uri>("INGEST_BASE_URL", "the address under which browsers reach this app", found)!,
            GoogleClientId = Text(setting, "INGEST_GOOGLE_CLIENT_ID"),
            GoogleClientSecret = setting("INGEST_GOOGLE_CLIENT_SECRET") is { Length: > 0 } secret ? new Secret(secret) : null,
            GoogleEndpoint = Address(setting, "INGEST_GOOGLE_ENDPOINT", found),
            TrustedRootsFile = Text(setting, "INGEST_TRUSTED_ROOTS"),
            DnsTable = ReadDns(setting, development, found),
            Tenant = ReadTenant(setting, found),
            SignIn = SignInSettings.Read(setting, development, found),
            ForwardedHops = ReadHops(setting, found),
        };
        settings.Check(found);
        problems = found;
        return found.Count == 0 ? settings : null;
    }

    /// <summary>True in the package that tools/publish makes.</summary>
    internal static bool IsPublishedPackage { get; } = Assembly.GetEntryAssembly()?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Any(a => a is { Key: "IngestPackage", Value: "true" }) ?? false;

    private void Check(List<string> found)
    {
        if (Development) CheckDevelopment(found);
        else CheckProduction(found);
        if (GoogleClientId is not null && GoogleClientSecret is null) Missing<Secret>("INGEST_GOOGLE_CLIENT_SECRET", "the secret of the OAuth client", found);
    }

    private void CheckDevelopment(List<string> found)
    {
        if (StorageConnectionString is null) Missing<string>("IngestStorage", "Azurite's connection string (tools/up sets it)", found);
        else CheckStorage(StorageConnectionString, found);
        if (KeyFolder is null) Missing<string>("INGEST_KEY_DIR", "a folder for the local keys (tools/up sets it)", found);
        if (BaseUrl is { IsLoopback: false }) found.Add("INGEST_BASE_URL must be on this machine under the development profile: use http://127.0.0.1:PORT.");
        if (TrustedRootsFile is { } roots && !File.Exists(roots)) found.Add("INGEST_TRUSTED_ROOTS names no file: leave it out to believe only the system's roots.");
        if (GoogleEndpoint is { IsLoopback: false }) found.Add("INGEST_GOOGLE_ENDPOINT must be on this machine: leave it out to use Google itself.");
    }

    private static void CheckStorage(string connection, List<string> found)
    {
        try
        {
            if (!new StorageAccount(connection).IsLoopback) found.Add("IngestStorage must be on this machine under the development profile: use Azurite (tools/up sets it).");
        }
        catch (FormatException)
        {
            found.Add("IngestStorage is not a storage connection string: use Azurite's (tools/up sets it).");
        }
    }

    private void CheckProduction(List<string> found)
    {
        if (StorageConnectionString is not null) found.Add("IngestStorage holds a connection string, and keys do not belong in settings: set IngestStorage__tableServiceUri, __queueServiceUri and __blobServiceUri and give the app's identity the storage roles.");
        if (TableServiceUri is null) Missing<Uri>("IngestStorage__tableServiceUri", "https://ACCOUNT.table.core.windows.net", found);
        if (QueueServiceUri is null) Missing<Uri>("IngestStorage__queueServiceUri", "https://ACCOUNT.queue.core.windows.net", found);
        if (BlobServiceUri is null) Missing<Uri>("IngestStorage__blobServiceUri", "https://ACCOUNT.blob.core.windows.net", found);
        if (KeyFolder is not null) found.Add("INGEST_KEY_DIR is only for the development profile: remove it; production keys are in Key Vault (INGEST_VAULT_URI).");
        if (GoogleEndpoint is not null) found.Add("INGEST_GOOGLE_ENDPOINT is only for the development profile: remove it.");
        if (TrustedRootsFile is not null) found.Add("INGEST_TRUSTED_ROOTS is only for the development profile: remove it.");
        if (VaultUri is null) Missing<Uri>("INGEST_VAULT_URI", "https://VAULT.vault.azure.net", found);
        foreach ((string name, Uri? address) in new[]
        {
            ("IngestStorage__tableServiceUri", TableServiceUri), ("IngestStorage__queueServiceUri", QueueServiceUri), ("IngestStorage__blobServiceUri", BlobServiceUri),
            ("INGEST_VAULT_URI", VaultUri), ("INGEST_CREDENTIAL_VAULT_URI", CredentialVaultUri), ("INGEST_SIGNING_VAULT_URI", SigningVaultUri), ("INGEST_BASE_URL", BaseUrl),
        })
        {
            if (address is null) continue;
            if (address.Scheme != Uri.UriSchemeHttps) found.Add($"{name} must begin with https://.");
            // No token is drawn for any other host.
            else if (name.EndsWith("VAULT_URI", StringComparison.Ordinal) && !VaultAddress.TryParse(address, out _))
                found.Add($"{name} is not the address of a key vault: it looks like https://NAME.vault.azure.net, or ends in managedhsm.azure.net, vault.azure.cn or vault.usgovcloudapi.net.");
        }

        if (SigningVaultUri is not null && VaultUri is not null && SigningVaultUri == VaultUri)
            found.Add("INGEST_SIGNING_VAULT_URI is the same vault as INGEST_VAULT_URI: name another, because who manages DKIM keys must have no right to the keys that open mail.");
    }

    // An empty setting is how a portal or a script unsets one.
    private static string? Text(Func<string, string?> setting, string name) => setting(name) is { Length: > 0 } text ? text : null;

    private static Uri? Address(Func<string, string?> setting, string name, List<string> found)
    {
        if (setting(name) is not { Length: > 0 } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https") return uri;
        found.Add($"{name} is not a web address: it looks like https://name.example.");
        return null;
    }

    private static DnsTable? ReadDns(Func<string, string?> setting, bool development, List<string> found)
    {
        const string Name = "INGEST_DNS_FILE";
        if (Text(setting, Name) is not { } file) return null;
        if (!development)
        {
            found.Add($"{Name} is only for the development profile: remove it.");
            return null;
        }

        try
        {
            return DnsTable.Parse(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            found.Add($"{Name} names no file of DNS records, such as {{ \"name\": {{ \"TXT\": [\"…\"] }} }}: leave it out to ask DNS itself.");
            return null;
        }
    }

    private static TenantId ReadTenant(Func<string, string?> setting, List<string> found)
    {
        string text = setting("INGEST_TENANT") is { Length: > 0 } set ? set : "main";
        if (!TenantId.TryParse(text, out TenantId tenant)) found.Add("INGEST_TENANT must be 1 to 32 characters of a-z and 0-9.");
        return tenant;
    }

    private static int? ReadHops(Func<string, string?> setting, List<string> found)
    {
        if (Text(setting, "INGEST_FORWARDED_HOPS") is not { } text) return null;
        if (text is [>= '1' and <= '5']) return text[0] - '0';
        found.Add("INGEST_FORWARDED_HOPS must be a number from 1 to 5: how many trusted proxies, the Functions host's front end included, add to X-Forwarded-For.");
        return null;
    }

    private static T? Missing<T>(string name, string what, List<string> found) where T : class
    {
        // What is set and no address was said to be so already.
        if (!found.Exists(problem => problem.StartsWith(name + " is not ", StringComparison.Ordinal))) found.Add($"{name} is not set: it is {what}.");
        return null;
    }
}

/// <summary>A value that never shows itself: in a log, a message or a debugger's text it is three stars.</summary>
public sealed class Secret(string value)
{
    /// <summary>The value, for the one place that needs it.</summary>
    public string Reveal() => value;

    /// <inheritdoc />
    public override string ToString() => "***";
}
