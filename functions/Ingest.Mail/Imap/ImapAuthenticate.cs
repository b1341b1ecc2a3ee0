using System.Text;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Imap;

/// <summary>AUTHENTICATE (RFC 3501 6.2.2), with an initial response where the server takes one (SASL-IR, RFC 4959).</summary>
public static class ImapAuthenticate
{
    private const int MostTurns = 4;

    /// <summary>PLAIN (RFC 4616).</summary>
    public static Task AuthenticatePlainAsync(this ImapConnection imap, string userName, string password, CancellationToken cancel) =>
        imap.AuthenticateAsync("PLAIN", Sasl.Plain(userName, password), "", cancel);

    /// <summary>XOAUTH2, as Google and Microsoft define it.</summary>
    public static Task AuthenticateXOAuth2Async(this ImapConnection imap, string userName, string accessToken, CancellationToken cancel) =>
        imap.AuthenticateAsync("XOAUTH2", Sasl.XOAuth2(userName, accessToken), "", cancel);

    /// <summary>OAUTHBEARER (RFC 7628).</summary>
    public static Task AuthenticateOAuthBearerAsync(this ImapConnection imap, string userName, string accessToken, CancellationToken cancel) =>
        imap.AuthenticateAsync("OAUTHBEARER", Sasl.OAuthBearer(userName, accessToken, imap.Server.Host, imap.Server.Port), "AQ==", cancel);

    /// <param name="imap">The connection.</param>
    /// <param name="mechanism">The mechanism's name.</param>
    /// <param name="response">The client's one message.</param>
    /// <param name="afterFailure">What a server that says no by a challenge wants to hear before it says so by its answer.</param>
    /// <param name="cancel">Ends the attempt.</param>
    private static async Task AuthenticateAsync(this ImapConnection imap, string mechanism, byte[] response, string afterFailure, CancellationToken cancel)
    {
        imap.ToldCapabilities = false;
        byte[] base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(response));
        ImapCommand command = new ImapCommand("AUTHENTICATE").Word(mechanism);
        bool isSaid = imap.Capabilities.Has("SASL-IR");
        if (isSaid) command.Secret().Word(Encoding.ASCII.GetString(base64));
        await imap.SendAsync(command, cancel);
        bool mayPass = false;
        for (int turns = 0; turns < MostTurns;)
        {
            ImapResponse answer = await imap.NextAsync(cancel);
            if (answer.EndsCommand)
            {
                ThrowIfRefused(imap, answer, mayPass);
                await imap.EnterAsync(cancel);
                return;
            }

            if (!answer.AsksToContinue) continue;
            if (isSaid) mayPass = IsTheirTrouble(imap.Reader.Rest);
            await imap.SendLineAsync(isSaid ? Encoding.ASCII.GetBytes(afterFailure) : base64, isSecret: !isSaid, cancel);
            isSaid = true;
            turns++;
        }

        throw imap.Broken(WireFault.Malformed);
    }

    private static void ThrowIfRefused(ImapConnection imap, ImapResponse answer, bool mayPass)
    {
        if (answer.Word == ImapWord.No && mayPass) throw new ImapRefusedException(ImapRefusal.Unavailable);
        if (answer.Word == ImapWord.Bad && imap.Status.Reason == ImapRefusal.Unspecified) throw new ImapRefusedException(ImapRefusal.NoMechanism, isBad: true);
        imap.Accepted(answer);
    }

    // The challenge of a failure is JSON with an HTTP status: 4xx speaks of the token, 5xx of the server.
    private static bool IsTheirTrouble(ReadOnlySpan<byte> challenge)
    {
        byte[] json = new byte[challenge.Length];
        return Convert.TryFromBase64String(Encoding.Latin1.GetString(challenge), json, out int length) && json.AsSpan(0, length).IndexOf("\"status\":\"5"u8) >= 0;
    }
}
