namespace Ingest.Mail.Smtp;

/// <summary>What to sign in with.</summary>
/// <param name="UserName">The user's name, most often an address.</param>
/// <param name="Secret">The password, or an access token.</param>
/// <param name="IsToken">True when the secret is an OAuth 2.0 access token.</param>
public sealed record SmtpLogin(string UserName, string Secret, bool IsToken = false)
{
    /// <inheritdoc />
    public override string ToString() => "***";
}
