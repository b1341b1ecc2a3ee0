using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Ingest.Core.Store;

/// <summary>
/// Reads a storage connection from settings as the Functions host does, so that one set of settings serves both: <c>NAME</c> holds a connection
/// string, or <c>NAME__accountName</c> or <c>NAME__blobServiceUri</c>, <c>NAME__queueServiceUri</c> and <c>NAME__tableServiceUri</c> say where, and
/// <c>NAME__credential</c> = managedidentity with an optional <c>NAME__clientId</c> says who.
/// </summary>
public static class StorageConnection
{
    private static readonly TimeSpan TokenTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The account that the settings name; throws <see cref="FormatException"/>, which names the setting and never its value, if they do not.</summary>
    /// <param name="setting">Looks a setting up; null if there is none.</param>
    /// <param name="name">The connection's name, such as AzureWebJobsStorage.</param>
    /// <param name="transport">What carries every request; the default is Azure.Core's own.</param>
    public static StorageAccount Open(Func<string, string?> setting, string name, HttpPipelineTransport? transport = null)
    {
        if (setting(name) is { Length: > 0 } connectionString)
            return new StorageAccount(connectionString, transport);
        string? account = setting(name + "__accountName");
        if (account is { Length: > 0 } && !account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            throw new FormatException($"{name}__accountName is not a storage account's name.");
        return new StorageAccount(Endpoint("table"), Endpoint("queue"), Endpoint("blob"), Credential(setting, name), transport);

        Uri Endpoint(string service)
        {
            string key = $"{name}__{service}ServiceUri";
            string? text = setting(key) is { Length: > 0 } given
                ? given
                : account is { Length: > 0 } ? $"https://{account}.{service}.core.windows.net" : null;
            if (text is null)
                throw new FormatException($"None of {name}, {name}__accountName and {key} is set.");
            return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps
                ? uri
                : throw new FormatException($"{key} is not an https address.");
        }
    }

    private static TokenCredential Credential(Func<string, string?> setting, string name)
    {
        string? kind = setting(name + "__credential");
        if (string.IsNullOrEmpty(kind))
        {
            DefaultAzureCredentialOptions any = new();
            any.Retry.NetworkTimeout = TokenTimeout;
            return new DefaultAzureCredential(any);
        }
        if (!kind.Equals("managedidentity", StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"{name}__credential is neither empty nor managedidentity.");
        ManagedIdentityId identity = setting(name + "__clientId") is { Length: > 0 } client
            ? ManagedIdentityId.FromUserAssignedClientId(client)
            : setting(name + "__managedIdentityResourceId") is { Length: > 0 } resource
                ? ManagedIdentityId.FromUserAssignedResourceId(new ResourceIdentifier(resource))
                : ManagedIdentityId.SystemAssigned;
        ManagedIdentityCredentialOptions options = new(identity);
        options.Retry.NetworkTimeout = TokenTimeout;
        return new ManagedIdentityCredential(options);
    }
}
