namespace Ingest.Mail.Imap;

/// <summary>Who signs in, and with what.</summary>
/// <param name="UserName">The name.</param>
/// <param name="Secret">The password, or the access token.</param>
/// <param name="IsToken">True for an OAuth access token.</param>
public sealed record ImapLogin(string UserName, string Secret, bool IsToken = false)
{
    /// <inheritdoc />
    public override string ToString() => "***";
}

/// <summary>Signing in: LOGIN (RFC 3501 6.2.3), or AUTHENTICATE with the best mechanism that both sides know.</summary>
public static class ImapSignIn
{
    /// <summary>
    /// Signs in by PLAIN, else LOGIN; with a token by OAUTHBEARER, else XOAUTH2. Throws <see cref="ImapRefusedException"/>: one that
    /// <see cref="ImapRefusedException.MayPass"/> says nothing about the secret. Learns anew what the server can do.
    /// </summary>
    public static async Task SignInAsync(this ImapConnection imap, ImapLogin login, CancellationToken cancel)
    {
        if (imap.IsAuthenticated) return;
        ImapCapabilities can = imap.Capabilities;
        if (login.IsToken && can.Has("AUTH=OAUTHBEARER")) await imap.AuthenticateOAuthBearerAsync(login.UserName, login.Secret, cancel);
        else if (login.IsToken && can.Has("AUTH=XOAUTH2")) await imap.AuthenticateXOAuth2Async(login.UserName, login.Secret, cancel);
        else if (login.IsToken) throw new ImapRefusedException(ImapRefusal.NoMechanism);
        else if (!can.Has("AUTH=PLAIN") || !await TryPlainAsync(imap, login, cancel))
        {
            if (can.Has("LOGINDISABLED")) throw new ImapRefusedException(ImapRefusal.NoMechanism);
            await imap.LoginAsync(login.UserName, login.Secret, cancel);
        }
    }

    private static async Task<bool> TryPlainAsync(ImapConnection imap, ImapLogin login, CancellationToken cancel)
    {
        try
        {
            await imap.AuthenticatePlainAsync(login.UserName, login.Secret, cancel);
            return true;
        }
        catch (ImapRefusedException refused) when (refused is { IsBad: true, Reason: ImapRefusal.NoMechanism })
        {
            return false;
        }
    }

    /// <summary>LOGIN (RFC 3501 6.2.3).</summary>
    public static async Task LoginAsync(this ImapConnection imap, string userName, string password, CancellationToken cancel)
    {
        imap.ToldCapabilities = false;
        await imap.RunAsync(new ImapCommand("LOGIN").Secret().String(userName).String(password), untagged: null, cancel);
        await imap.EnterAsync(cancel);
    }

    internal static Task EnterAsync(this ImapConnection imap, CancellationToken cancel)
    {
        imap.IsAuthenticated = true;
        return imap.RenewCapabilitiesAsync(cancel);
    }
}
