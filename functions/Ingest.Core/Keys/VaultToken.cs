using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>
/// The app's token for vaults of one scope, which is fixed: a challenge never names whom it is for. A token that is refused is drawn anew, once.
/// </summary>
internal sealed class VaultToken : BearerTokenAuthenticationPolicy
{
    private readonly TokenCredential drawer;
    private readonly string audience;

    public VaultToken(TokenCredential credential, string scope)
        : base(credential, scope) => (drawer, audience) = (credential, scope);

    protected override async ValueTask<bool> AuthorizeRequestOnChallengeAsync(HttpMessage message)
    {
        if (await base.AuthorizeRequestOnChallengeAsync(message))
            return true;
        AccessToken drawn = await drawer.GetTokenAsync(new TokenRequestContext([audience], message.Request.ClientRequestId), message.CancellationToken);
        message.Request.Headers.SetValue("Authorization", "Bearer " + drawn.Token);
        return true;
    }
}
