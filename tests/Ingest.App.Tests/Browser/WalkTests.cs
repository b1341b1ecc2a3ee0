using Ingest.App.Tests.FrontDoor;
using Ingest.App.Tests.Servers;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;
using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;
using Microsoft.Playwright;
using Xunit;

namespace Ingest.App.Tests.BrowserTests;

/// <summary>What people come for, from the first click to the customer's answer, in a browser that runs no scripts.</summary>
[Collection(nameof(RunningSystem))]
public sealed class WalkTests(RunningSystem system, Chromium chromium) : IClassFixture<Chromium>
{
    private const string Fire = "The printer is on fire", Secret = "secret", Support = "support@example.test", Alice = "alice@example.test";
    private readonly TenantContext _tenant = RunningSystem.NewTenant();

    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task From_consent_to_ticket_to_reply_to_the_answer()
    {
        string email = $"support-{Guid.NewGuid().ToString("N")[..8]}@acme.example";
        await system.Google.ImportAsync(email, Mails.From("ann@customer.example", Fire, email), Cancel);
        await using Window window = await chromium.OpenAsync(system, scripts: false);
        IPage page = window.Page;
        await window.SignInAsync(system, _tenant);
        await page.GetByRole(AriaRole.Link, new() { Name = "Connect a mailbox" }).ClickAsync();
        await page.GetByLabel("Older mail").SelectOptionAsync("All mail that is there");
        await page.GetByRole(AriaRole.Button, new() { Name = "Connect a Gmail mailbox" }).ClickAsync();
        await page.Locator($"form:has(input[name=email][value=\"{email}\"])").Locator("button, input[type=submit]").First.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = email })).ToBeVisibleAsync();
        Mailbox mailbox = await MailboxAsync(email);

        await OpenTicketAsync(page, Fire);
        await page.GetByLabel("Your reply").FillAsync("Please pour water on it.\n\nKind regards");
        await page.GetByLabel("Quote the mail that this answers").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the reply" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Your reply will be sent in a moment")).ToBeVisibleAsync();
        await UntilShownAsync(page, "Sent: the mail server took it");
        TicketMessage reply = await ReplyAsync(mailbox);
        Assert.Equal(["ann@customer.example"], reply.Document!.To);

        await system.Google.ImportAsync(email, Mails.Answer("ann@customer.example", "Re: " + Fire, email, reply.Document.MessageId, "Thank you, it is out.\r\n"), Cancel);
        await system.PollAsync(_tenant, mailbox.Id);
        await UntilShownAsync(page, "Thank you, it is out.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("The ticket is closed.")).ToBeVisibleAsync();
        Assert.Empty(window.Faults);
        Assert.All(window.Asked, url => Assert.True(new Uri(url).IsLoopback, url));
    }

    [Fact]
    public async Task From_a_wrong_password_to_the_fix_to_mail_that_goes_both_ways()
    {
        await using MailServers servers = await MailServers.StartAsync(new MailServerOptions());
        await system.TrustAsync(servers.Pair.Certificate);
        await using Window window = await chromium.OpenAsync(system, scripts: false);
        IPage page = window.Page;
        await window.SignInAsync(system, _tenant, "/console/mailboxes");
        await page.GetByRole(AriaRole.Link, new() { Name = "Add an IMAP mailbox" }).ClickAsync();
        await FillAsync(page, servers, "wrong");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test and connect" }).ClickAsync();

        ILocator alert = page.GetByRole(AriaRole.Alert);
        await Assertions.Expect(alert).ToContainTextAsync("The server did not accept name and password: check both.");
        Assert.Equal((Support, "localhost", ""), (await page.GetByLabel("Address", new() { Exact = true }).InputValueAsync(), await page.Locator("#imap-host").InputValueAsync(), await page.GetByLabel("Password").InputValueAsync()));
        Assert.DoesNotContain("wrong\"", await page.ContentAsync(), StringComparison.Ordinal);
        await alert.GetByRole(AriaRole.Link).ClickAsync();
        Assert.EndsWith("#password", page.Url, StringComparison.Ordinal);
        await window.PictureAsync("imap-wrong-password-1440");

        await page.GetByLabel("Password").FillAsync(Secret);
        await page.GetByRole(AriaRole.Button, new() { Name = "Test and connect" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The mailbox is connected.")).ToBeVisibleAsync();
        await window.PictureAsync("imap-connected-1440");

        await SendAsync(servers, Letter("first@example.test", Fire, "Help!\n", inReplyTo: null));
        Mailbox mailbox = await MailboxAsync(Support);
        await page.GetByRole(AriaRole.Button, new() { Name = "Read it now" }).ClickAsync();
        await OpenTicketAsync(page, Fire);
        await Assertions.Expect(page.GetByText("sender not verified").First).ToBeVisibleAsync();
        await page.GetByLabel("Your reply").FillAsync("Please pour water on it.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the reply" }).ClickAsync();
        await UntilShownAsync(page, "Sent: the mail server took it");
        TicketMessage reply = await ReplyAsync(mailbox);
        await system.UntilAsync("the reply in the customer's mailbox", () => Task.FromResult(Directory.Exists(servers.Pair.MaildirOf(Alice) + "/new")
            && Directory.EnumerateFiles(servers.Pair.MaildirOf(Alice) + "/new").Any(f => File.ReadAllText(f).Contains(reply.Document!.MessageId, StringComparison.Ordinal)) ? "there" : null));

        await SendAsync(servers, Letter("second@example.test", "Re: " + Fire, "Thank you, it is out.\n", reply.Document!.MessageId));
        await system.PollAsync(_tenant, mailbox.Id);
        await UntilShownAsync(page, "Thank you, it is out.");
        // The browser tells of the form that was refused.
        Assert.DoesNotContain(window.Faults, fault => !fault.Contains("status of 422", StringComparison.Ordinal));
    }

    private static async Task FillAsync(IPage page, MailServers servers, string password)
    {
        await page.GetByLabel("Address", new() { Exact = true }).FillAsync(Support);
        await page.GetByLabel("Password").FillAsync(password);
        await page.Locator("#imap-host").FillAsync("localhost");
        await page.Locator("#imap-port").FillAsync(servers.Ports.Imaps.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await page.Locator("#smtp-host").FillAsync("localhost");
        await page.Locator("#smtp-port").FillAsync(servers.Ports.Submission.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await page.Locator("#smtp-tls").SelectOptionAsync("STARTTLS");
    }

    private static OutgoingMail Letter(string id, string subject, string text, string? inReplyTo) => new()
    {
        From = new MailAddress("Alice", Alice), To = [new MailAddress("", Support)], Subject = subject, Text = text, MessageId = id, InReplyTo = inReplyTo,
        References = inReplyTo is null ? [] : [inReplyTo], Date = TimeProvider.System.GetUtcNow(),
    };

    private static async Task SendAsync(MailServers servers, OutgoingMail mail)
    {
        WireOptions wire = new() { MayConnect = AddressRules.IsPublicOrLoopback, TrustedRoots = servers.Roots };
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(new MailServer("localhost", servers.Ports.Submission, TlsMode.StartTls), wire, Cancel);
        await smtp.AuthenticateAsync(new SmtpLogin(Alice, Secret), Cancel);
        Assert.Equal(SmtpOutcome.Accepted, (await smtp.SendAsync(new SmtpEnvelope(Alice, [Support]), MessageWriter.Write(mail), Cancel)).Outcome);
    }

    private async Task OpenTicketAsync(IPage page, string subject)
    {
        await page.GotoAsync("/console/tickets");
        await UntilShownAsync(page, subject);
        await page.GetByRole(AriaRole.Link, new() { Name = subject }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = subject, Level = 1 })).ToBeVisibleAsync();
    }

    // Loads the page again, as a person without scripts does.
    private Task<string> UntilShownAsync(IPage page, string text) => system.UntilAsync(text, async () =>
    {
        await page.GotoAsync(page.Url.Split('?', '#')[0]);
        return await page.GetByText(text).CountAsync() > 0 ? "shown" : null;
    });

    private async Task<Mailbox> MailboxAsync(string address)
    {
        await foreach (InboxId inbox in system.Desk.Mailboxes.ListAsync(_tenant, Cancel))
            if (await system.Desk.Mailboxes.FindAsync(_tenant, inbox, Cancel) is { } view && view.Mailbox.Profile.Address == address) return view.Mailbox;
        throw new InvalidOperationException("The mailbox is not there.");
    }

    private async Task<TicketMessage> ReplyAsync(Mailbox mailbox)
    {
        Ticket ticket = Assert.Single(await system.Desk.Tickets.NewestAsync(_tenant, mailbox.Id, TicketState.Open, 5, Cancel));
        return Assert.Single(await system.Desk.Tickets.MessagesAsync(_tenant, ticket.Id, Cancel), m => m.Direction == MessageDirection.Out);
    }
}
