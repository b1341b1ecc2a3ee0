using System.Net;
using System.Text.Json;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>How an admin connects a mailbox in a browser, and everything that must not connect one.</summary>
[Collection(nameof(RunningSystem))]
public sealed class ConnectTests(RunningSystem system)
{
    private readonly TenantContext _tenant = RunningSystem.NewTenant();
    private readonly string _email = $"support-{Guid.NewGuid().ToString("N")[..8]}@acme.example";

    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task The_mail_of_a_connected_mailbox_can_be_read_with_a_token()
    {
        await system.Google.ImportAsync(_email, Mails.From("ann@customer.example", "Printer is on fire", _email), Cancel);
        await system.Google.ImportAsync(_email, Mails.WithFile("bob@customer.example", "A file", [1, 2, 3]), Cancel);
        Mailbox mailbox = await Browser.ConnectAsync(system, _tenant, _email);
        await system.SettledAsync(_tenant, mailbox.Id, listed: 2);

        string token = await Api.TokenAsync(system, _tenant);
        JsonElement tickets = await ReadAsync(token, "/api/tickets");
        Assert.Equal(["A file", "Printer is on fire"], tickets.GetProperty("tickets").EnumerateArray().Select(t => t.GetProperty("subject").GetString()!).Order(StringComparer.Ordinal));
        JsonElement line = tickets.GetProperty("tickets").EnumerateArray().Single(t => t.GetProperty("subject").GetString() == "A file");
        foreach (string name in new[] { line.GetProperty("id").GetString()!, line.GetProperty("number").GetString()! })
        {
            JsonElement message = (await ReadAsync(token, "/api/tickets/" + name)).GetProperty("messages").EnumerateArray().Single();
            Assert.Equal("bob@customer.example", message.GetProperty("from").GetString());
            (int status, string file) = await Api.GetAsync(system, token, $"/api/tickets/{name}/messages/{message.GetProperty("key").GetString()}/attachments/0");
            Assert.Equal((200, "\u0001\u0002\u0003"), (status, file));
            JsonElement end = await ReadAsync(token, $"/api/mailboxes/{mailbox.Id}/journal/{message.GetProperty("key").GetString()}");
            Assert.Equal(("Ticketed", "NewTicket"), (end.GetProperty("outcome").GetString(), end.GetProperty("reason").GetString()));
        }

        JsonElement box = (await ReadAsync(token, "/api/mailboxes")).GetProperty("mailboxes").EnumerateArray().Single();
        Assert.Equal((_email, "Active"), (box.GetProperty("address").GetString(), box.GetProperty("state").GetString()));
        Assert.True((await ReadAsync(token, $"/api/mailboxes/{mailbox.Id}/books")).GetProperty("balance").GetBoolean());
    }

    [Fact]
    public async Task A_mailbox_is_connected_where_getProfile_is_absent()
    {
        await system.Google.FaultAsync(new GoogleFault("/profile", 404) { Times = 50 }, Cancel);
        try
        {
            await system.Google.ImportAsync(_email, Mails.From("ann@customer.example", "Hello", _email), Cancel);
            Mailbox mailbox = await Browser.ConnectAsync(system, _tenant, _email);
            Assert.Equal(1, (await system.SettledAsync(_tenant, mailbox.Id, listed: 1)).Ticketed);
        }
        finally
        {
            await system.Google.ClearAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_link_opens_one_session()
    {
        string link = await Browser.LinkAsync(system, _tenant);
        using Browser first = new(system), second = new(system);
        Assert.Contains("Go on", (await first.GetAsync(link)).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await first.OpenAsync(link)).Status);
        Assert.Equal(HttpStatusCode.OK, (await first.GetAsync("/connect")).Status);
        Refused(await second.OpenAsync(link), HttpStatusCode.Unauthorized, "used or is too old");
        Refused(await second.GetAsync("/connect"), HttpStatusCode.Unauthorized, "Sign in first");
        Refused(await second.GetAsync("/console/start"), HttpStatusCode.Unauthorized, "used or is too old");
        Refused(await second.GetAsync("/console/start?link=" + RunningSystem.NewTenant() + link[link.IndexOf('.', StringComparison.Ordinal)..]), HttpStatusCode.Unauthorized, "used or is too old");
    }

    [Fact]
    public async Task A_link_of_another_tenant_never_takes_over_a_browser()
    {
        using Browser browser = await Browser.SignedInAsync(system, _tenant);
        string link = await Browser.LinkAsync(system, RunningSystem.NewTenant());
        Refused(await browser.OpenAsync(link), HttpStatusCode.Conflict, "another tenant");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/connect")).Status);
        Assert.Contains("You are signed out", (await browser.SignOutAsync()).Html, StringComparison.Ordinal);
        Refused(await browser.GetAsync("/connect"), HttpStatusCode.Unauthorized, "Sign in first");
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.OpenAsync(link)).Status);
    }

    [Fact]
    public async Task A_link_pressed_by_many_at_once_opens_one_session()
    {
        string link = await Browser.LinkAsync(system, _tenant);
        Page[] pages = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using Browser browser = new(system);
            return await browser.OpenAsync(link);
        }));
        Assert.Single(pages, page => page.Status == HttpStatusCode.SeeOther);
    }

    [Fact]
    public async Task What_is_too_old_is_refused()
    {
        using Browser browser = new(system);
        Flows halfAnHourAgo = system.NewProcess(-TimeSpan.FromMinutes(31)).Flows;
        Refused(await browser.GetAsync("/console/start?link=" + await halfAnHourAgo.CreateLinkAsync(_tenant, Cancel)), HttpStatusCode.Unauthorized, "too old");

        string session = await system.NewProcess(-TimeSpan.FromMinutes(61)).Sessions.OpenAsync(_tenant, Caller.LocalOwnerId, Cancel);
        browser.Cookies.Add(new Cookie("ingest", session, "/", "127.0.0.1"));
        Refused(await browser.GetAsync("/connect"), HttpStatusCode.Unauthorized, "Sign in first");

        using Browser fresh = await Browser.SignedInAsync(system, _tenant);
        string cookie = fresh.Cookies.GetAllCookies().Single().Value;
        string state = await system.NewProcess(-TimeSpan.FromMinutes(11)).Flows.BeginAsync(_tenant, FlowKind.Consent, cookie, new string('v', 43), Cancel);
        Refused(await fresh.GetAsync($"/connect/google/callback?code=anything&state={state}"), HttpStatusCode.BadRequest, "older than ten minutes");
    }

    [Fact]
    public async Task A_consent_ends_once()
    {
        await system.Google.ImportAsync(_email, Mails.From("ann@customer.example", "Hello", _email), Cancel);
        using Browser browser = await Browser.SignedInAsync(system, _tenant);
        Uri back = await browser.ConsentAsync(_email);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync(back.PathAndQuery)).Status);
        Refused(await browser.GetAsync(back.PathAndQuery), HttpStatusCode.BadRequest, "was used before");
        Assert.Single(await InboxesAsync(_tenant));
    }

    [Fact]
    public async Task A_consent_ends_only_in_the_browser_that_began_it()
    {
        TenantContext other = RunningSystem.NewTenant();
        await system.Google.ImportAsync(_email, Mails.From("ann@customer.example", "Hello", _email), Cancel);
        using Browser mine = await Browser.SignedInAsync(system, _tenant), colleague = await Browser.SignedInAsync(system, _tenant), stranger = await Browser.SignedInAsync(system, other);
        using Browser nobody = new(system);
        Uri back = await mine.ConsentAsync(_email);
        Refused(await colleague.GetAsync(back.PathAndQuery), HttpStatusCode.BadRequest, "another browser");
        Refused(await stranger.GetAsync(back.PathAndQuery), HttpStatusCode.BadRequest, "another browser");
        Refused(await nobody.GetAsync(back.PathAndQuery), HttpStatusCode.Unauthorized, "Sign in first");
        Assert.Empty(await InboxesAsync(_tenant));
        Assert.Empty(await InboxesAsync(other));
        Assert.Equal(HttpStatusCode.SeeOther, (await mine.GetAsync(back.PathAndQuery)).Status);
    }

    [Fact]
    public async Task A_consent_that_was_not_given_connects_nothing()
    {
        using Browser browser = await Browser.SignedInAsync(system, _tenant);
        string state = Query((await browser.PressConnectAsync()).Location!, "state");
        Refused(await browser.GetAsync($"/connect/google/callback?error=access_denied&state={state}"), HttpStatusCode.BadRequest, "Consent was not given");
        Refused(await browser.GetAsync($"/connect/google/callback?code=late&state={state}"), HttpStatusCode.BadRequest, "was used before");
        string next = Query((await browser.PressConnectAsync()).Location!, "state");
        Refused(await browser.GetAsync($"/connect/google/callback?code=invented&state={next}"), HttpStatusCode.BadRequest, "Begin again");
        Refused(await browser.GetAsync("/connect/google/callback"), HttpStatusCode.BadRequest, "not asked for here");
        Assert.Empty(await InboxesAsync(_tenant));
    }

    [Fact]
    public async Task Connecting_again_keeps_the_mailbox_and_makes_no_second_ticket()
    {
        await system.Google.ImportAsync(_email, Mails.From("ann@customer.example", "Hello", _email), Cancel);
        Mailbox first = await Browser.ConnectAsync(system, _tenant, _email);
        await system.SettledAsync(_tenant, first.Id, listed: 1);
        Mailbox again = await Browser.ConnectAsync(system, _tenant, _email);
        Assert.Equal((first.Id, first.Created), (again.Id, again.Created));
        await system.Google.ImportAsync(_email, Mails.From("bob@customer.example", "Second", _email), Cancel);
        await system.PollAsync(_tenant, again.Id);
        Assert.Equal(2, (await system.SettledAsync(_tenant, again.Id, listed: 2)).Ticketed);
        IReadOnlyList<Ticket> tickets = await system.Desk.Tickets.NewestAsync(_tenant, again.Id, TicketState.Open, 10, Cancel);
        Assert.Equal(["Hello", "Second"], tickets.Select(t => t.Document!.Subject).Order(StringComparer.Ordinal));
        Assert.All(tickets, t => Assert.Equal(1, t.Messages));
    }

    [Fact]
    public async Task Connecting_again_ends_the_back_off()
    {
        await system.Google.ImportAsync(_email, Mails.From("ann@customer.example", "Hello", _email), Cancel);
        Mailbox mailbox = await Browser.ConnectAsync(system, _tenant, _email);
        await system.SettledAsync(_tenant, mailbox.Id, listed: 1);
        await system.Desk.Mailboxes.WriteHealthAsync(_tenant, mailbox.Id,
            new MailboxHealth { Failures = 7, Fault = "503", NotBefore = DateTimeOffset.UnixEpoch.AddYears(200) }, Cancel);
        await system.Google.ImportAsync(_email, Mails.From("bob@customer.example", "Second", _email), Cancel);
        await Browser.ConnectAsync(system, _tenant, _email);
        await system.SettledAsync(_tenant, mailbox.Id, listed: 2);
    }

    [Fact]
    public async Task Another_account_behind_a_known_address_is_refused()
    {
        await system.Google.ImportAsync(_email, Mails.From("ann@customer.example", "Hello", _email), Cancel);
        MailboxCredential theirs = new("google", "their-token", "another-account", _email, []);
        Mailbox there = await system.Desk.Mailboxes.ConnectAsync(_tenant, MailboxKind.Google, new MailboxProfile { Address = _email, Subject = "another-account" }, theirs, Cancel);
        using Browser browser = await Browser.SignedInAsync(system, _tenant);
        Uri back = await browser.ConsentAsync(_email);
        Refused(await browser.GetAsync(back.PathAndQuery), HttpStatusCode.BadRequest, "belonged to another account");
        MailboxView view = (await system.Desk.Mailboxes.FindAsync(_tenant, there.Id, Cancel))!;
        Assert.Equal("another-account", view.Mailbox.Profile.Subject);
        Assert.Equal("their-token", (await system.Desk.Mailboxes.OpenCredentialAsync(_tenant, there.Id, view.SealedCredential!, Cancel))!.RefreshToken);
        Assert.Single(await InboxesAsync(_tenant));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://localhost")]
    [InlineData("null")]
    public async Task A_form_on_another_site_begins_nothing(string origin)
    {
        using Browser browser = await Browser.SignedInAsync(system, _tenant);
        Page answer = await browser.PressConnectAsync(origin);
        Assert.Equal((HttpStatusCode.NotFound, null), (answer.Status, answer.Location));
    }

    [Theory]
    [InlineData("")]
    [InlineData("another session's")]
    public async Task A_form_without_the_sessions_own_token_begins_nothing(string token)
    {
        using Browser browser = await Browser.SignedInAsync(system, _tenant), other = await Browser.SignedInAsync(system, _tenant);
        string csrf = token.Length == 0 ? "" : (await other.GetAsync("/connect")).Csrf;
        Assert.Equal((HttpStatusCode.NotFound, null), ((await browser.PressAsync("/connect/google", null, ("csrf", csrf))) is var page ? (page.Status, page.Location) : default));
        Assert.Equal((HttpStatusCode.NotFound, null), ((await browser.PressAsync("/connect/google")) is var bare ? (bare.Status, bare.Location) : default));
        Assert.Contains("This browser is signed in as", (await browser.PressAsync("/console/sign-out", null, ("csrf", csrf))).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/connect")).Status);
    }

    [Fact]
    public async Task The_session_cookie_is_out_of_reach_of_scripts_and_other_pages()
    {
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });
        using HttpResponseMessage opened = await http.PostAsync(new Uri(system.BaseUrl, await Browser.LinkAsync(system, _tenant)), content: null, Cancel);
        string cookie = opened.Headers.GetValues("Set-Cookie").Single().ToLowerInvariant();
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Contains("path=/;", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("domain", cookie, StringComparison.Ordinal);
    }

    private static void Refused(Page page, HttpStatusCode status, string words)
    {
        Assert.Equal(status, page.Status);
        Assert.Contains(words, page.Html, StringComparison.Ordinal);
    }

    private static string Query(Uri url, string name) =>
        url.Query[1..].Split('&').Select(pair => pair.Split('=')).Where(pair => pair[0] == name).Select(pair => Uri.UnescapeDataString(pair[1])).Single();

    private async Task<List<InboxId>> InboxesAsync(TenantContext tenant) => await system.Desk.Mailboxes.ListAsync(tenant, Cancel).ToListAsync(Cancel);

    private async Task<JsonElement> ReadAsync(string token, string path)
    {
        (int status, string body) = await Api.GetAsync(system, token, path);
        Assert.True(status == 200, $"{path} was answered {status} {body}");
        return JsonDocument.Parse(body).RootElement;
    }
}
