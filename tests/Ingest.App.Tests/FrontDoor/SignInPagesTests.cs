using System.Net;
using Ingest.App.Console;
using Ingest.Core.Access;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>A person signs in with the directory in a browser, works, and is signed out: by themselves, by time, or because their access was ended.</summary>
[Collection(nameof(RunningSystem))]
public sealed class SignInPagesTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    private TenantContext Main => new(system.Desk.Settings.Tenant);

    [Fact]
    public async Task The_first_owner_signs_in_and_comes_back_to_where_they_were_going()
    {
        using Browser browser = new(system);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/connect")).Status);
        Assert.Equal("/connect", (await SignInAsync(browser, system.FirstOwner, "/connect")).Location?.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/connect")).Status);
        Cookie cookie = Assert.Single(browser.Cookies.GetAllCookies());
        Assert.Equal(("ingest", "/", true), (cookie.Name, cookie.Path, cookie.HttpOnly));
    }

    [Fact]
    public async Task Who_was_not_let_in_is_shown_the_id_to_give_to_an_owner()
    {
        using Browser browser = new(system);
        Guid stranger = Guid.NewGuid();
        Page page = await SignInAsync(browser, stranger);
        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Contains($"{Ingest.Core.Tests.Access.LocalIssuer.Directory}/{stranger}", page.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/connect")).Status);
    }

    [Fact]
    public async Task Signing_out_and_ending_access_close_every_page_at_once()
    {
        (Guid user, Person person) = await PersonAsync(new Grant(Role.Admin, null));
        using Browser first = new(system), second = new(system);
        await SignInAsync(first, user);
        await SignInAsync(second, user);
        string cookie = first.Cookies.GetAllCookies().Single().Value;
        Assert.Contains("You are signed out", (await first.SignOutAsync()).Html, StringComparison.Ordinal);
        Assert.Empty(first.Cookies.GetAllCookies());
        first.Cookies.Add(new Cookie("ingest", cookie, "/", "127.0.0.1"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await first.GetAsync("/connect")).Status);
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/connect")).Status);
        await system.Desk.People.DisableAsync(Main, person.Id, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync("/connect")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SignInAsync(second, user)).Status);
    }

    [Fact]
    public async Task An_agent_is_signed_in_and_connects_no_mailbox()
    {
        (Guid user, _) = await PersonAsync(new Grant(Role.Agent, null));
        using Browser browser = new(system);
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(browser, user, "/connect")).Status);
        Page page = await browser.GetAsync("/connect");
        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PressAsync("/connect/google")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/connect/google/callback?code=x&state=y")).Status);
    }

    [Fact]
    public async Task An_admin_of_one_mailbox_connects_that_one_again_and_no_other()
    {
        string mine = $"mine-{Guid.NewGuid().ToString("N")[..8]}@acme.example", other = "other-" + mine;
        foreach (string email in new[] { mine, other }) await system.Google.ImportAsync(email, Mails.From("ann@customer.example", "Hello", email), Cancel);
        Ingest.Core.Mailboxes.Mailbox mailbox = await Browser.ConnectAsync(system, Main, mine);
        (Guid user, _) = await PersonAsync(new Grant(Role.Admin, mailbox.Id));
        using Browser browser = new(system);
        await SignInAsync(browser, user);
        Page list = await browser.GetAsync("/connect");
        Assert.Contains(mine, list.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync((await browser.ConsentAsync(mine)).PathAndQuery)).Status);
        Page refused = await browser.GetAsync((await browser.ConsentAsync(other)).PathAndQuery);
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        await foreach (InboxId inbox in system.Desk.Mailboxes.ListAsync(Main, Cancel))
            Assert.NotEqual(other, (await system.Desk.Mailboxes.FindAsync(Main, inbox, Cancel))!.Mailbox.Profile.Address);
    }

    [Fact]
    public async Task The_way_back_works_once_and_only_in_the_browser_that_began()
    {
        using Browser browser = new(system), other = new(system);
        Uri back = await BackAsync(browser, system.FirstOwner);
        Assert.Equal(HttpStatusCode.BadRequest, (await other.GetAsync(back.PathAndQuery)).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync(back.PathAndQuery)).Status);
        Page again = await browser.GetAsync(back.PathAndQuery);
        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Contains("was not asked for here", again.Html, StringComparison.Ordinal);
        foreach (string nonsense in new[] { "", "?state=x&code=y", "?error=access_denied&state=x" })
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync("/console/sign-in/callback" + nonsense)).Status);
    }

    [Fact]
    public async Task Signing_in_gives_a_fresh_session_and_ends_the_one_before()
    {
        using Browser browser = new(system);
        await SignInAsync(browser, system.FirstOwner);
        string before = browser.Cookies.GetAllCookies().Single().Value;
        await SignInAsync(browser, system.FirstOwner);
        Assert.NotEqual(before, browser.Cookies.GetAllCookies().Single().Value);
        Assert.Null(await system.Desk.Sessions.FindAsync(before, Cancel));
    }

    [Fact]
    public async Task A_button_on_another_site_signs_nobody_in_or_out()
    {
        using Browser browser = new(system);
        Page begun = await browser.PressAsync("/console/sign-in", "https://evil.example", ("to", "/connect"));
        Assert.Equal((HttpStatusCode.OK, null), (begun.Status, begun.Location));
        await SignInAsync(browser, system.FirstOwner);
        await browser.PressAsync("/console/sign-out", "https://evil.example", ("csrf", (await browser.GetAsync("/console/sign-out")).Csrf));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/connect")).Status);
        await browser.GetAsync("/console/sign-out");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/connect")).Status);
    }

    [Fact]
    public async Task A_directory_that_does_not_answer_is_said_so()
    {
        using Browser browser = new(system);
        Uri back = await BackAsync(browser, system.FirstOwner);
        system.Directory.Down = 503;
        try
        {
            Page page = await browser.GetAsync(back.PathAndQuery);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.Status);
            Assert.Contains("try again", page.Html, StringComparison.Ordinal);
        }
        finally
        {
            system.Directory.Down = null;
        }
    }

    [Fact]
    public async Task Forwarded_headers_change_nothing()
    {
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(system.BaseUrl, "/console/sign-in")) { Content = new FormUrlEncodedContent([new("to", "/connect")]) };
        foreach (string name in new[] { "X-Forwarded-Host", "X-Original-Host", "X-MS-CLIENT-PRINCIPAL-NAME", "X-MS-CLIENT-PRINCIPAL-ID" }) request.Headers.TryAddWithoutValidation(name, "evil.example");
        request.Headers.TryAddWithoutValidation("X-MS-CLIENT-PRINCIPAL", Convert.ToBase64String("{\"auth_typ\":\"aad\",\"claims\":[]}"u8));
        using HttpResponseMessage begun = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.SeeOther, begun.StatusCode);
        Assert.Contains(Uri.EscapeDataString(new Uri(system.BaseUrl, SignIn.CallbackPath).AbsoluteUri), begun.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", begun.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/console/tickets/4K7QZ2MX", "/console/tickets/4K7QZ2MX")]
    [InlineData("/connect", "/connect")]
    [InlineData("", "/console")]
    [InlineData("//evil.example", "/console")]
    [InlineData("/\\evil.example", "/console")]
    [InlineData("https://evil.example", "/console")]
    [InlineData("/console/../api", "/console")]
    [InlineData("/console//evil.example", "/console")]
    [InlineData("/console?x=y", "/console")]
    [InlineData("/console/x\r\nSet-Cookie: a=b", "/console")]
    [InlineData("/api/tickets", "/console")]
    [InlineData("/console/sign-out", "/console")]
    [InlineData("/console/start", "/console")]
    [InlineData("console", "/console")]
    public void Nobody_is_sent_elsewhere_by_signing_in(string asked, string sent) => Assert.Equal(sent, SignInPages.SafePath(asked));

    private async Task<(Guid User, Person Person)> PersonAsync(params Grant[] grants)
    {
        Guid user = Guid.NewGuid();
        (Person? person, _) = await system.Desk.People.AddAsync(Main, new Identity(Ingest.Core.Tests.Access.LocalIssuer.Directory, user), "", "", grants, Cancel);
        return (user, person!);
    }

    private static async Task<Page> SignInAsync(Browser browser, Guid user, string to = "/connect") => await browser.GetAsync((await BackAsync(browser, user, to)).PathAndQuery);

    // What the directory's page does for whoever presses its button.
    private static async Task<Uri> BackAsync(Browser browser, Guid user, string to = "/connect")
    {
        Page offer = await browser.GetAsync("/console/sign-in?to=" + Uri.EscapeDataString(to));
        Assert.Equal(HttpStatusCode.OK, offer.Status);
        Page begun = await browser.PressAsync("/console/sign-in", null, ("to", to));
        Assert.Equal(HttpStatusCode.SeeOther, begun.Status);
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        using HttpResponseMessage page = await http.GetAsync(begun.Location + "&test_user=" + user.ToString("D"), Cancel);
        return page.Headers.Location!;
    }
}
