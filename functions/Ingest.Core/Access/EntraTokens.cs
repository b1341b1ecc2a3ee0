using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Keys;
using Ingest.Core.Settings;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Ingest.Core.Access;

/// <summary>
/// Callers of the API with an access token of the directory. Whoever is one of the tenant's people, a person or an application's service principal, may do what
/// their grants say and nothing else; an application that is not may do what the app roles assigned to it say, in all inboxes, and is never an owner.
/// </summary>
public sealed class EntraTokens(SignInSettings settings, OpenIdIssuer issuer, People people)
{
    /// <summary>The scope that a token must carry when an application calls for a person.</summary>
    public const string Scope = "Ingest.Access";

    private static readonly Dictionary<string, Role> AppRoles = new(StringComparer.Ordinal)
    {
        ["Ingest.Agent"] = Role.Agent, ["Ingest.Reviewer"] = Role.Reviewer, ["Ingest.Auditor"] = Role.Auditor, ["Ingest.Admin"] = Role.Admin,
    };

    /// <summary>Who holds this token; null when it proves nobody, or nobody who may do anything in the tenant.</summary>
    public async Task<Caller?> FindAsync(TenantContext tenant, string token, CancellationToken cancel)
    {
        if (settings.ApiAudience is not { } audience || await issuer.VerifyAsync(token, audience, cancel) is not { } proven) return null;
        if (SignIn.IdentityOf(proven, settings.Directory) is not { } identity || IsIdToken(proven)) return null;
        string[] scopes = SignIn.Claim(proven, "scp").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // A token that an application got for itself is about itself; one for a person names the scopes that they agreed to.
        bool forItself = scopes.Length == 0 && proven.Subject == identity.ObjectId.ToString("D");
        if (!forItself && !scopes.Contains(Scope)) return null;
        if (await people.FindAsync(tenant, identity, cancel) is { } person) return person.Disabled ? null : Caller.Of(tenant, person);
        return forItself ? OfApplication(tenant, identity, proven) : null;
    }

    // Both are signed by the same keys, and for a registration that is client and API at once they have the same audience.
    private static bool IsIdToken(JsonWebToken token) => token.TryGetPayloadValue("nonce", out object? _) || token.TryGetPayloadValue("c_hash", out object? _);

    private static Caller? OfApplication(TenantContext tenant, Identity identity, JsonWebToken token)
    {
        Grant[] grants = [.. token.Claims.Where(c => c.Type == "roles" && AppRoles.ContainsKey(c.Value)).Select(c => new Grant(AppRoles[c.Value], null))];
        return grants.Length == 0 ? null : new Caller { Tenant = tenant, Id = IdOf(identity), Name = "Application", Kind = CallerKind.Application, Rights = Caller.RightsOf(grants) };
    }

    // The same form as a person's id, and the same at each call.
    private static string IdOf(Identity identity) => Crockford32.Encode(SHA256.HashData(Encoding.ASCII.GetBytes("app " + identity)).AsSpan(0, 10));
}
