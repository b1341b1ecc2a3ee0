using System.Globalization;
using System.Net;
using System.Text;
using Ingest.App.Console;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;

namespace Ingest.App.Connect;

/// <summary>The connect pages' html: plain, readable without scripts, every value encoded.</summary>
public static class Html
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6673;--line:#d9dee5;--paper:#fff;--back:#f5f7f9;--accent:#1f5fbf}
        @media(prefers-color-scheme:dark){:root{--ink:#e8ecf1;--soft:#9aa6b4;--line:#313b47;--paper:#1a212a;--back:#12171d;--accent:#6fa8ff}}
        *{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}
        main{max-width:44rem;margin:0 auto;padding:2rem 1rem}h1{font-size:1.5rem;margin:0 0 .5rem}p{margin:.5rem 0;color:var(--soft)}
        ul{list-style:none;margin:1.5rem 0;padding:0}li{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:1rem;margin:.75rem 0}
        li strong{display:block;overflow-wrap:anywhere}small{color:var(--soft)}.bad{color:#b3261e}@media(prefers-color-scheme:dark){.bad{color:#ff8a80}}
        button,a.button{display:inline-block;font:inherit;border:0;border-radius:8px;padding:.65rem 1.1rem;background:var(--accent);color:#fff;cursor:pointer;text-decoration:none}
        @media(prefers-color-scheme:dark){button,a.button{color:#10151b}}button.quiet{background:transparent;color:var(--soft);border:1px solid var(--line);margin-top:1.5rem}button:focus-visible,a:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
        """;

    /// <summary>The mailboxes and the button that connects one.</summary>
    public static string Mailboxes(Caller caller, string csrf, IReadOnlyList<MailboxView> views, bool canConnectGoogle)
    {
        StringBuilder body = new($"<h1>Mailboxes</h1><p>of tenant {Encode(caller.Tenant.ToString())}</p>");
        if (views.Count == 0) body.Append("<p>No mailbox is connected yet. Connect the one that your customers write to; its mail becomes tickets within a minute.</p>");
        else body.Append("<ul>");
        foreach (MailboxView view in views) body.Append(Line(view));
        if (views.Count > 0) body.Append("</ul>");
        body.Append(canConnectGoogle
            ? $"<form method=\"post\" action=\"/connect/google\">{Hidden(csrf)}<button>Connect a Gmail mailbox</button></form>"
              + "<p><small>You will be asked to let Ingest read, label and send mail. It never deletes mail, and you can withdraw it at any time.</small></p>"
            : "<p class=\"bad\">Gmail mailboxes cannot be connected yet: set INGEST_GOOGLE_CLIENT_ID and INGEST_GOOGLE_CLIENT_SECRET.</p>");
        body.Append(SignOutForm(csrf));
        return Page("Mailboxes", body.ToString());
    }

    /// <summary>The button that ends the session.</summary>
    internal static string SignOutForm(string csrf) => $"<form method=\"post\" action=\"/console/sign-out\">{Hidden(csrf)}<button class=\"quiet\">Sign out</button></form>";

    private static string Hidden(string csrf) => $"<input type=\"hidden\" name=\"{ConsoleSession.CsrfField}\" value=\"{Encode(csrf)}\">";

    /// <summary>A page that says one thing and leads back to the mailboxes.</summary>
    public static string Note(string title, string text) =>
        Page(title, $"<h1>{Encode(title)}</h1><p>{Encode(text)}</p><p><a class=\"button\" href=\"/connect\">Back to the mailboxes</a></p>");

    /// <summary>What is shown to a browser that is not signed in.</summary>
    public static string SignInFirst() =>
        Page("Sign in", $"<h1>Sign in first</h1><p>Mailboxes are connected by people who are signed in.</p><p><a class=\"button\" href=\"{Encode(SignInPages.AddressFor("/connect"))}\">Sign in</a></p>");

    private static string Line(MailboxView view)
    {
        (string text, bool bad) = (view.Mailbox.State, view.Health.Failures) switch
        {
            (MailboxState.NeedsReconnect, _) => ("Needs to be connected again. " + Why(view.Health.Fault) + " Mail waits at the provider; none is lost.", true),
            (MailboxState.Paused, _) => ("Paused.", false),
            (MailboxState.Active, > 0) => ("Cannot be read right now; we keep trying.", true),
            (MailboxState.Active, _) => ("Connected.", false),
            _ => ("", false),
        };
        string last = view.Health.LastMail is { } at ? "Newest mail " + at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC" : "No mail yet";
        return $"<li><strong>{Encode(view.Mailbox.Profile.Address)}</strong><span{(bad ? " class=\"bad\"" : "")}>{Encode(text)}</span><br><small>{last}</small></li>";
    }

    // The health row keeps the name of the fault that shut the mailbox.
    private static string Why(string fault) =>
        ConnectPages.Say(Enum.TryParse(fault, out MailboxFault known) && Enum.IsDefined(known) ? known : MailboxFault.GrantRevoked);

    internal static string Page(string title, string body) =>
        $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{Encode(title)} · Ingest</title><style>{Style}</style></head><body><main>{body}</main></body></html>";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
