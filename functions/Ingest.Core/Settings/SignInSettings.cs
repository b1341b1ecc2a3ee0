using Ingest.Core.Access;

namespace Ingest.Core.Settings;

/// <summary>
/// Who proves people and applications: one directory, by OpenID Connect. In production it is Entra ID and nobody else; under the development profile it may
/// be an issuer on this machine.
/// </summary>
public sealed record SignInSettings
{
    private const string EntraOrigin = "https://login.microsoftonline.com";

    /// <summary>The issuer, letter by letter as its tokens name it: {origin}/{directory}/v2.0.</summary>
    public required string Issuer { get; init; }
    /// <summary>The directory's id, which the issuer's address names and every token must repeat.</summary>
    public required Guid Directory { get; init; }
    /// <summary>Our registration there; null when only API tokens are verified.</summary>
    public string? ClientId { get; init; }
    /// <summary>The registration's secret; null to prove ourselves by the app's managed identity, or on this machine not at all.</summary>
    public Secret? ClientSecret { get; init; }
    /// <summary>Whose tokens the API takes: the audience that they name; null for none.</summary>
    public string? ApiAudience { get; init; }
    /// <summary>Who becomes the owner of a tenant that has none, by signing in.</summary>
    public Identity? FirstOwner { get; init; }

    /// <summary>True when people can sign in.</summary>
    public bool CanSignIn => ClientId is not null;

    /// <summary>Reads the settings of sign-in; null when there are none, or when they are wrong, which is then said.</summary>
    internal static SignInSettings? Read(Func<string, string?> setting, bool development, List<string> found)
    {
        string? Text(string name) => setting(name) is { Length: > 0 } text ? text : null;
        string? owner = Text("INGEST_FIRST_OWNER"), client = Text("INGEST_OIDC_CLIENT_ID"), audience = Text("INGEST_API_AUDIENCE"), secret = Text("INGEST_OIDC_CLIENT_SECRET");
        int before = found.Count;
        string? issuer = ReadIssuer(Text("INGEST_OIDC_ISSUER"), Text("INGEST_ENTRA_TENANT"), development, found, out Guid directory);
        if (issuer is null)
        {
            foreach ((string name, string? value) in new[] { ("INGEST_FIRST_OWNER", owner), ("INGEST_OIDC_CLIENT_ID", client), ("INGEST_API_AUDIENCE", audience), ("INGEST_OIDC_CLIENT_SECRET", secret) })
                if (value is not null && found.Count == before) found.Add($"{name} is set without a directory: set INGEST_ENTRA_TENANT to the directory's (tenant) id.");
            return null;
        }

        if (client is null && audience is null) found.Add("INGEST_OIDC_CLIENT_ID is not set: it is the application (client) id of the registration with which people sign in.");
        if (client is null && secret is not null) found.Add("INGEST_OIDC_CLIENT_SECRET is set without INGEST_OIDC_CLIENT_ID: set both, or neither.");
        Identity? first = owner is null ? null : ReadOwner(owner, directory, found);
        return found.Count > before ? null : new SignInSettings
        {
            Issuer = issuer, Directory = directory, ClientId = client, ClientSecret = secret is null ? null : new Secret(secret), ApiAudience = audience, FirstOwner = first,
        };
    }

    private static string? ReadIssuer(string? issuer, string? tenant, bool development, List<string> found, out Guid directory)
    {
        directory = default;
        if (tenant is not null && !Guid.TryParseExact(tenant, "D", out directory))
        {
            found.Add("INGEST_ENTRA_TENANT must be the directory's (tenant) id: 32 hexadecimal digits in five groups. Names and \"common\" would let other directories in.");
            return null;
        }

        issuer ??= tenant is null ? null : $"{EntraOrigin}/{directory:D}/v2.0";
        if (issuer is null) return null;
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out Uri? uri) || uri.AbsolutePath.Split('/') is not ["", var id, "v2.0"] || !Guid.TryParseExact(id, "D", out Guid named)
            || issuer != uri.GetLeftPart(UriPartial.Authority) + uri.AbsolutePath)
        {
            found.Add($"INGEST_OIDC_ISSUER must be {EntraOrigin}/TENANT/v2.0 with the directory's id; set INGEST_ENTRA_TENANT instead and leave it out.");
            return null;
        }

        bool entra = uri.GetLeftPart(UriPartial.Authority) == EntraOrigin;
        if (!entra && !(development && uri.IsLoopback))
        {
            found.Add($"INGEST_OIDC_ISSUER must be {EntraOrigin}/TENANT/v2.0; another issuer is only for the development profile, on this machine.");
            return null;
        }

        if (tenant is not null && directory != named)
        {
            found.Add("INGEST_ENTRA_TENANT and INGEST_OIDC_ISSUER name different directories: leave INGEST_OIDC_ISSUER out.");
            return null;
        }

        directory = named;
        return issuer;
    }

    private static Identity? ReadOwner(string text, Guid directory, List<string> found)
    {
        string[] parts = text.Split('/');
        if (parts.Length > 2 || !Guid.TryParseExact(parts[^1], "D", out Guid owner) || (parts.Length == 2 && !Guid.TryParseExact(parts[0], "D", out _)))
            found.Add("INGEST_FIRST_OWNER must be a person's object id, or directory/object id, as the Entra portal shows them.");
        else if (parts.Length == 2 && Guid.Parse(parts[0]) != directory)
            found.Add("INGEST_FIRST_OWNER names another directory than the one that people sign in with.");
        else return new Identity(directory, owner);
        return null;
    }
}
