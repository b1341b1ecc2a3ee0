using System.Net;
using System.Text.RegularExpressions;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>A browser with its cookies, that goes only where it is told to.</summary>
internal sealed class Browser : IDisposable
{
    private readonly RunningSystem _system;
    private readonly HttpClient _http;

    public Browser(RunningSystem system)
    {
        _system = system;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, CookieContainer = Cookies }) { Timeout = TimeSpan.FromSeconds(60) };
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>A browser whose session a fresh link of the tenant has opened.</summary>
    public static async Task<Browser> SignedInAsync(RunningSystem system, TenantContext tenant)
    {
        Browser browser = new(system);
        Page opened = await browser.OpenAsync(await LinkAsync(system, tenant));
        Assert.Equal("/connect", opened.Location?.OriginalString);
        return browser;
    }

    /// <summary>A fresh link of the tenant that leads to the mailboxes.</summary>
    public static async Task<string> LinkAsync(RunningSystem system, TenantContext tenant) =>
        $"/console/start?link={await system.Desk.Flows.CreateLinkAsync(tenant, RunningSystem.Cancel)}&to=/connect";

    public async Task<Page> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(_system.BaseUrl, path), RunningSystem.Cancel);
        return await Page.OfAsync(answer);
    }

    /// <summary>Opens a link and goes on.</summary>
    public Task<Page> OpenAsync(string link) => PressAsync(link);

    /// <summary>Presses the button that connects a mailbox; on a page of that origin, our own if none is named.</summary>
    public async Task<Page> PressConnectAsync(string? origin = null) => await PressAsync("/connect/google", origin, ("csrf", (await GetAsync("/connect")).Csrf));

    /// <summary>Presses the button that ends the session.</summary>
    public async Task<Page> SignOutAsync() => await PressAsync("/console/sign-out", null, ("csrf", (await GetAsync("/console/sign-out")).Csrf));

    public async Task<Page> PressAsync(string path, string? origin = null, params (string Name, string Value)[] fields)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(_system.BaseUrl, path))
        {
            Content = new FormUrlEncodedContent(fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value))),
        };
        request.Headers.TryAddWithoutValidation("Origin", origin ?? _system.BaseUrl.GetLeftPart(UriPartial.Authority));
        using HttpResponseMessage answer = await _http.SendAsync(request, RunningSystem.Cancel);
        return await Page.OfAsync(answer);
    }

    /// <summary>Begins a consent and gives it; returns where Google sends the browser back to, which it has not yet followed.</summary>
    public async Task<Uri> ConsentAsync(string email)
    {
        Page begun = await PressConnectAsync();
        Assert.Equal(HttpStatusCode.SeeOther, begun.Status);
        return await GoogleEmulator.ConsentAsync(_http, begun.Location!, email, RunningSystem.Cancel);
    }

    /// <summary>Connects a mailbox as a person does, and returns it.</summary>
    public static async Task<Mailbox> ConnectAsync(RunningSystem system, TenantContext tenant, string email)
    {
        using Browser browser = await SignedInAsync(system, tenant);
        Uri back = await browser.ConsentAsync(email);
        Page ended = await browser.GetAsync(back.PathAndQuery);
        Assert.True(ended.Status == HttpStatusCode.SeeOther, ended.Html);
        Assert.Equal("/connect", ended.Location?.OriginalString);
        await foreach (InboxId inbox in system.Desk.Mailboxes.ListAsync(tenant, RunningSystem.Cancel))
            if (await system.Desk.Mailboxes.FindAsync(tenant, inbox, RunningSystem.Cancel) is { } view && view.Mailbox.Profile.Address == email) return view.Mailbox;
        throw new InvalidOperationException("The mailbox is not there.");
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What a browser was shown.</summary>
internal sealed partial record Page(HttpStatusCode Status, Uri? Location, string Html)
{
    /// <summary>The token that the page's forms carry; empty when there is none.</summary>
    public string Csrf => HiddenField().Match(Html).Groups[1].Value;

    [GeneratedRegex("name=\"csrf\" value=\"([^\"]+)\"")]
    private static partial Regex HiddenField();

    public static async Task<Page> OfAsync(HttpResponseMessage answer)
    {
        string html = await answer.Content.ReadAsStringAsync(RunningSystem.Cancel);
        Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        return new Page(answer.StatusCode, answer.Headers.Location, WebUtility.HtmlDecode(html));
    }
}

/// <summary>A helpdesk with its token.</summary>
internal static class Api
{
    public static async Task<(int Status, string Body)> GetAsync(RunningSystem system, string? authorization, string path)
    {
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(system.BaseUrl, path));
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using HttpResponseMessage answer = await http.SendAsync(request, RunningSystem.Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(RunningSystem.Cancel));
    }

    /// <summary>What goes into the Authorization header for a fresh token of the tenant.</summary>
    public static async Task<string> TokenAsync(RunningSystem system, TenantContext tenant, TimeSpan? life = null) =>
        "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, life ?? TimeSpan.FromHours(1), RunningSystem.Cancel);
}
