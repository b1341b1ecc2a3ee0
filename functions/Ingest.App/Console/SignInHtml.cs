using System.Net;
using Ingest.App.Connect;
using Ingest.Core.Access;

namespace Ingest.App.Console;

/// <summary>The html of the pages on which people sign in and out; every value encoded.</summary>
internal static class SignInHtml
{
    public static string Offer(string to) => Html.Page("Sign in",
        "<h1>Sign in</h1><p>With the account that your organisation gave you.</p>"
        + $"<form method=\"post\" action=\"/console/sign-in\"><input type=\"hidden\" name=\"to\" value=\"{Encode(to)}\"><button>Sign in</button></form>");

    public static string SignOut(Caller caller, string csrf) => Html.Page("Sign out",
        $"<h1>Sign out</h1><p>This browser is signed in as <b>{Encode(caller.Name)}</b>.</p>{Html.SignOutForm(csrf)}");

    /// <summary>What a link leads to: whose desk it opens, and the button that uses the link.</summary>
    public static string Start(TenantContext tenant, string link, string to) => Html.Page("Sign in",
        $"<h1>Sign in by link</h1><p>This link signs this browser in as an owner of tenant <b>{Encode(tenant.ToString())}</b>. Go on only if that is yours.</p>"
        + $"<form method=\"post\" action=\"/console/start?link={Encode(Uri.EscapeDataString(link))}&amp;to={Encode(Uri.EscapeDataString(to))}\"><button>Go on</button></form>");

    /// <summary>What is shown when a browser that works for one tenant opens the link of another.</summary>
    public static string OtherTenant(Caller caller, string csrf, TenantContext to) => Html.Page("Another tenant",
        $"<h1>This link is for another tenant</h1><p>This browser is signed in to <b>{Encode(caller.Tenant.ToString())}</b>, the link is for <b>{Encode(to.ToString())}</b>. "
        + $"Sign out first, then open the link again.</p>{Html.SignOutForm(csrf)}");

    public static string Note(string title, string text) =>
        Html.Page(title, $"<h1>{Encode(title)}</h1><p>{Encode(text)}</p><p><a class=\"button\" href=\"/console/sign-in\">Sign in</a></p>");

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
