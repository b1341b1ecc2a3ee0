using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Settings;

namespace Ingest.App.Console;

/// <summary>
/// The session behind a browser's cookie, and the proof that a form came from one of our own pages. The cookie is out of reach of scripts, of other hosts and
/// of plain http; only on this machine, under the development profile, it goes over http under another name.
/// </summary>
public sealed class ConsoleSession(Desk desk)
{
    /// <summary>The name of the form field that carries the session's CSRF token.</summary>
    public const string CsrfField = "csrf";

    private const int LargestForm = 64 * 1024;

    private bool IsHttps => desk.Settings.BaseUrl.Scheme == Uri.UriSchemeHttps;

    /// <summary>The cookie's name: browsers hold the prefix to https, this host alone and every path.</summary>
    public string CookieName => IsHttps ? "__Host-ingest" : "ingest";

    /// <summary>Who is signed in and the token that their forms carry; null when nobody is.</summary>
    public async Task<(Caller Caller, string CsrfToken)?> SessionAsync(HttpContext http, CancellationToken cancel = default)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancel, http.RequestAborted);
        return await desk.Sessions.LookAsync(CookieOf(http), either.Token) is { } session ? (session.Caller, session.CsrfToken) : null;
    }

    /// <summary>What the session cookie holds, or null.</summary>
    public string? CookieOf(HttpContext http) => http.Request.Cookies[CookieName];

    /// <summary>Hands the browser a cookie: of this session when none is named, else of another kind with the same protection.</summary>
    public void Give(HttpContext http, string value, string? name = null) => http.Response.Cookies.Append(name ?? CookieName, value, Options());

    /// <summary>Takes a cookie away from the browser.</summary>
    public void TakeBack(HttpContext http, string? name = null) => http.Response.Cookies.Delete(name ?? CookieName, Options());

    /// <summary>True when the request comes from a page of ours: a browser names the page's origin with every form.</summary>
    public bool IsFromHere(HttpContext http)
    {
        string origin = http.Request.Headers.Origin.ToString(), site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        return (origin.Length == 0 || string.Equals(origin, desk.Settings.BaseUrl.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase))
            && site is "" or "same-origin" or "none";
    }

    /// <summary>A small form posted from our own page with the session's CSRF token; null when it is anything else, and then nothing may be done.</summary>
    public async Task<IFormCollection?> FormAsync(HttpContext http, string csrfToken, CancellationToken cancel)
    {
        if (!IsFromHere(http) || !http.Request.HasFormContentType || http.Request.ContentLength is not <= LargestForm) return null;
        IFormCollection form = await http.Request.ReadFormAsync(cancel);
        return IsToken(form[CsrfField].ToString(), csrfToken) ? form : null;
    }

    /// <summary>True when a form's field holds the session's CSRF token.</summary>
    public static bool IsToken(string field, string csrfToken) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(field), Encoding.UTF8.GetBytes(csrfToken));

    // Lax, not Strict: the way back from a consent or sign-in page begins on another site.
    private CookieOptions Options() => new() { HttpOnly = true, Path = "/", SameSite = SameSiteMode.Lax, Secure = IsHttps };
}
