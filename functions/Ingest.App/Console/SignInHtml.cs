using Ingest.App.Pages;
using Ingest.Core.Access;

namespace Ingest.App.Console;

/// <summary>The pages on which people sign in and out: a title, which is the page's first heading, and what stands below it.</summary>
internal static class SignInHtml
{
    public static (string Title, Markup Content) Offer(string to) => ("Sign in", Markup.Of($"""
        <p>With the account that your organisation gave you.</p>
        <form method="post" action="/console/sign-in"><input type="hidden" name="to" value="{to}"><button>Sign in</button></form>
        """));

    public static (string Title, Markup Content) SignOut(Caller caller, string csrf) => ("Sign out", Markup.Of($"""
        <p>This browser is signed in as <b><bdi>{caller.Name}</bdi></b>.</p>
        {SignOutForm(csrf)}
        """));

    /// <summary>What a link leads to: whose desk it opens, and the button that uses the link.</summary>
    public static (string Title, Markup Content) Start(TenantContext tenant, string link, string to) => ("Sign in by link", Markup.Of($"""
        <p>This link signs this browser in as an owner of tenant <b>{tenant.ToString()}</b>. Go on only if that is yours.</p>
        <form method="post" action="/console/start?link={Uri.EscapeDataString(link)}&amp;to={Uri.EscapeDataString(to)}"><button>Go on</button></form>
        """));

    /// <summary>What is shown when a browser that works for one tenant opens the link of another.</summary>
    public static (string Title, Markup Content) OtherTenant(Caller caller, string csrf, TenantContext to) => ("This link is for another tenant", Markup.Of($"""
        <p>This browser is signed in to <b>{caller.Tenant.ToString()}</b>, the link is for <b>{to.ToString()}</b>. Sign out first, then open the link again.</p>
        {SignOutForm(csrf)}
        """));

    public static (string Title, Markup Content) Note(string title, string text) => (title, Markup.Of($"""
        <p>{text}</p>
        <p><a class="button" href="/console/sign-in">Sign in</a></p>
        """));

    private static Markup SignOutForm(string csrf) => Markup.Of($"""
        <form method="post" action="/console/sign-out"><input type="hidden" name="{ConsoleSession.CsrfField}" value="{csrf}"><button class="quiet">Sign out</button></form>
        """);
}
