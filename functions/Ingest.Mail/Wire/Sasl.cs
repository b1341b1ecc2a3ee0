using System.Globalization;
using System.Text;

namespace Ingest.Mail.Wire;

/// <summary>The client's words in the SASL mechanisms that mail servers use, before Base64.</summary>
public static class Sasl
{
    /// <summary>PLAIN (RFC 4616), for no other identity than the user's own; throws <see cref="ArgumentException"/> when a part holds a NUL.</summary>
    public static byte[] Plain(string userName, string password)
    {
        if (userName.Contains('\0') || password.Contains('\0')) throw new ArgumentException("A user name or password cannot hold a NUL.");
        return Encoding.UTF8.GetBytes($"\0{userName}\0{password}");
    }

    /// <summary>XOAUTH2, as Google and Microsoft define it.</summary>
    public static byte[] XOAuth2(string userName, string accessToken) =>
        Encoding.UTF8.GetBytes($"user={Whole(userName)}\u0001auth=Bearer {Whole(accessToken)}\u0001\u0001");

    /// <summary>OAUTHBEARER (RFC 7628).</summary>
    public static byte[] OAuthBearer(string userName, string accessToken, string host, int port) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"n,a={Escaped(Whole(userName))},\u0001host={Whole(host)}\u0001port={port}\u0001auth=Bearer {Whole(accessToken)}\u0001\u0001"));

    // RFC 5801: the name stands between commas.
    private static string Escaped(string name) => name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    private static string Whole(string part) =>
        part.AsSpan().ContainsAny('\0', '\u0001') ? throw new ArgumentException("A name or token cannot hold a control character.") : part;
}
