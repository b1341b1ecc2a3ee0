using System.Globalization;
using System.Text;
using Ingest.App.Tests.FrontDoor;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;
using Microsoft.Playwright;
using Xunit;

namespace Ingest.App.Tests.BrowserTests;

/// <summary>Mail that wants to run, load or pretend, shown in a browser that would let it.</summary>
[Collection(nameof(RunningSystem))]
public sealed class HostileMailTests(RunningSystem system, Chromium chromium) : IClassFixture<Chromium>
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task Failure_39_nothing_of_a_mail_runs_or_loads()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(RepoFolder.Find(), "tests", "fixtures", "html"), "*.html").Order(StringComparer.Ordinal)];
        byte[][] mails = [.. files.Select(file => Mail(Path.GetFileName(file), File.ReadAllText(file)))];
        Mailbox mailbox = await system.GiveAsync(tenant, $"h-{Guid.NewGuid().ToString("N")[..8]}@acme.example", mails);
        await system.SettledAsync(tenant, mailbox.Id, mails.Length);

        await using Window window = await chromium.OpenAsync(system);
        await window.SignInAsync(system, tenant);
        await window.Page.GotoAsync("/console/tickets");
        await QuietAsync(window);
        IReadOnlyList<Ticket> tickets = await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 100, Cancel);
        Assert.Equal(mails.Length, tickets.Count + (await system.Desk.ReviewList.ListAsync(tenant, mailbox.Id, Ingest.Core.Pipeline.OutcomeKind.Quarantined, 100, Cancel)).Count);
        foreach (Ticket ticket in tickets)
        {
            await window.Page.GotoAsync("/console/tickets/" + ticket.Id);
            await window.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
            ILocator frame = window.Page.Locator("iframe.mail").First;
            await frame.ScrollIntoViewIfNeededAsync();
            await window.Page.WaitForFunctionAsync("() => performance.getEntriesByType('resource').some(r => r.name.endsWith('/html'))");
            await window.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            // Whoever hovers and clicks meets nothing either.
            await frame.HoverAsync();
            await QuietAsync(window);
        }

        foreach (var kept in await system.Desk.ReviewList.ListAsync(tenant, mailbox.Id, Ingest.Core.Pipeline.OutcomeKind.Quarantined, 100, Cancel))
        {
            await window.Page.GotoAsync($"/console/review/{mailbox.Id}/{kept.MessageKey}");
            await QuietAsync(window);
        }
    }

    [Fact]
    public async Task A_link_opens_in_a_window_of_its_own_that_knows_nothing_of_us()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        Mailbox mailbox = await system.GiveAsync(tenant, $"l-{Guid.NewGuid().ToString("N")[..8]}@acme.example", Mail("link", $"<a href=\"{system.BaseUrl}console/sign-in\">Open</a>"));
        await system.SettledAsync(tenant, mailbox.Id, 1);
        await using Window window = await chromium.OpenAsync(system);
        await window.SignInAsync(system, tenant);
        await window.Page.GotoAsync("/console/tickets/" + (await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 1, Cancel))[0].Id);
        await window.Page.GetByText("Show with formatting").ClickAsync();
        IPage opened = await window.Page.Context.RunAndWaitForPageAsync(() => window.Page.FrameLocator("iframe.mail").GetByText("Open", new() { Exact = true }).ClickAsync());
        await opened.WaitForLoadStateAsync();
        Assert.EndsWith("/console/sign-in", opened.Url, StringComparison.Ordinal);
        Assert.True(await opened.EvaluateAsync<bool>("() => window.opener === null && document.referrer === ''"));
    }

    private async Task QuietAsync(Window window)
    {
        Assert.Equal([], window.Faults);
        Assert.All(window.Asked.Where(url => !url.StartsWith("data:image/", StringComparison.Ordinal)), url => Assert.StartsWith(system.BaseUrl.AbsoluteUri, url, StringComparison.Ordinal));
        foreach (IFrame frame in window.Page.Frames) Assert.StartsWith(system.BaseUrl.AbsoluteUri, frame.Url == "about:blank" ? system.BaseUrl.AbsoluteUri : frame.Url, StringComparison.Ordinal);
        await Assertions.Expect(window.Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(" · Ingest$"));
    }

    private static byte[] Mail(string name, string html)
    {
        const string Evil = "\"><img src=x onerror=alert(1)><script>alert(2)</script>";
        StringBuilder mail = new();
        mail.Append(CultureInfo.InvariantCulture, $"Authentication-Results: mx.google.com; dmarc=pass header.from=customer.example\r\nFrom: \"{Evil.Replace("\"", "\\\"", StringComparison.Ordinal)}\" <ann@customer.example>\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"To: support@acme.example\r\nSubject: {name} {Evil}\r\nMessage-ID: <{Guid.NewGuid():N}@customer.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=mix\r\n\r\n");
        mail.Append("--mix\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n").Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(html), Base64FormattingOptions.InsertLineBreaks));
        mail.Append("\r\n--mix\r\nContent-Type: image/svg+xml; name=\"x<script>alert(3)</script>.svg\"\r\nContent-Disposition: inline; filename=\"x<script>alert(3)</script>.svg\"\r\nContent-ID: <logo@x>\r\n\r\n"
            + "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(4)\"/>\r\n--mix--\r\n");
        return Encoding.UTF8.GetBytes(mail.ToString());
    }
}
