using System.Text;
using Ingest.App.Tests.FrontDoor;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Tickets;
using Microsoft.Playwright;
using Xunit;

namespace Ingest.App.Tests.BrowserTests;

/// <summary>A reviewer's morning in a real browser, without scripts: look, narrow down, let in what was ticked, delete all of one sender.</summary>
[Collection(nameof(RunningSystem))]
public sealed class ReviewTests(RunningSystem system, Chromium chromium) : IClassFixture<Chromium>
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task A_reviewer_finds_lets_in_and_deletes_many_without_a_script()
    {
        (TenantContext tenant, Mailbox box) = await BuildAsync();
        await using Window window = await chromium.OpenAsync(system, scripts: false);
        await window.SignInAsync(system, tenant, "/console/review");
        IPage page = window.Page;
        await Assertions.Expect(page.Locator(".picks > li")).ToHaveCountAsync(9);
        await Assertions.Expect(page.GetByText("not verified").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Report of a mail system") }).ClickAsync();
        await Assertions.Expect(page.Locator(".picks > li")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "Every reason" }).ClickAsync();

        foreach (string subject in new[] { "Undelivered: order 1", "Undelivered: order 2" }) await page.GetByLabel(subject, new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Let in", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("2 of 2 let in", new() { Timeout = 60_000 });
        await system.UntilAsync("two tickets", async () => (await system.Desk.Tickets.NewestAsync(tenant, box.Id, TicketState.Open, 10, Cancel)).Count == 2);

        // A sender stands in no address.
        await page.GotoAsync("/console/review");
        await page.GetByText("Search and narrow down").ClickAsync();
        await page.GetByLabel("Sender").FillAsync("spamhaus.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        await Assertions.Expect(page.Locator(".picks > li")).ToHaveCountAsync(6);
        Assert.DoesNotContain("spamhaus", page.Url, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete all" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Delete 6 mails?");
        Assert.Equal(7, (await system.Desk.ReviewList.ListAsync(tenant, box.Id, OutcomeKind.Quarantined, 20, Cancel)).Count);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete them" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Mails were deleted", new() { Timeout = 60_000 });
        Assert.Equal(OutcomeReason.Report, Assert.Single(await system.Desk.ReviewList.ListAsync(tenant, box.Id, OutcomeKind.Quarantined, 20, Cancel)).Reason);

        await page.GotoAsync("/console/review");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("no mail was chosen");
        await page.GotoAsync("/console/review?reason=Spam");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Nothing fits" })).ToBeVisibleAsync();
        Assert.Empty(window.Faults);
    }

    [Fact]
    public async Task An_admin_says_how_many_customers_the_filter_may_hold_back()
    {
        (TenantContext tenant, Mailbox box) = await BuildAsync();
        await using Window window = await chromium.OpenAsync(system, scripts: false);
        await window.SignInAsync(system, tenant, $"/console/mailboxes/{box.Id}");
        IPage page = window.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "What happens to mail" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("At most one customer in 2,000")).ToBeCheckedAsync();
        await page.GetByLabel("At most one customer in 10,000").CheckAsync();
        await page.GetByLabel("Kept back for review").CheckAsync();
        await page.GetByLabel("From so many on").FillAsync("9");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep these settings" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Kept");
        MailPolicy policy = (await system.Desk.Policies.FindAsync(tenant, box.Id, Cancel)).Policy;
        Assert.Equal((10_000, UnsureMail.Quarantine, 9, 7), (policy.OneCustomerIn, policy.Unsure, policy.AlarmFromCount, policy.AlarmFromDays));
        Assert.Equal([KeptAlarm.TooMany], (await system.NewProcess(TimeSpan.Zero).ReviewWatch.KeepAsync(tenant, box.Id, Cancel))!.Alarms);
        await page.GotoAsync("/console/mailboxes");
        await Assertions.Expect(page.GetByText("which is enough for the mailbox's policy to give an alarm")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Every_page_of_the_review_fits_its_window_and_has_no_serious_fault()
    {
        (TenantContext tenant, Mailbox box) = await BuildAsync();
        IReadOnlyList<JournalLine> lines = await system.Desk.ReviewList.ListAsync(tenant, box.Id, OutcomeKind.Quarantined, 20, Cancel);
        JournalLine phish = lines.First(line => line.Reason == OutcomeReason.Backscatter);
        BulkScope scope = new() { Inboxes = [box.Id.Value], Filter = new KeptFilter { Reasons = [OutcomeReason.Blank] } };
        string bulk = (await system.Desk.ReviewBulk.BeginAsync(tenant, system.Desk.ReviewBulk.New(BulkAction.Delete, scope, Core.Audit.AuditActor.Command), Cancel)).Id;
        List<string> faults = [];
        foreach ((int width, bool dark) in new[] { (1440, false), (360, false), (1440, true), (360, true) })
        {
            await using Window window = await chromium.OpenAsync(system, width, dark: dark);
            await window.SignInAsync(system, tenant);
            string look = $"{width}{(dark ? "-dark" : "")}";
            foreach ((string name, string path) in new[]
            {
                ("quarantine", "/console/review"), ("quarantine-reason", "/console/review?reason=Report&days=0"), ("quarantine-none", "/console/review?reason=Spam"), ("quarantine-parked", "/console/review?kind=parked"),
                ("quarantine-mail", $"/console/review/{box.Id}/{phish.MessageKey}"), ("quarantine-delete", $"/console/review/{box.Id}/{phish.MessageKey}/delete"), ("quarantine-bulk", $"/console/review/bulk/{bulk}"),
                ("filter", $"/console/mailboxes/{box.Id}/policy"),
            })
            {
                await window.Page.GotoAsync(path);
                faults.AddRange(await JudgeAsync(window, $"{name}-{look}"));
            }

            await window.Page.GotoAsync("/console/review");
            await window.Page.Locator(".picks input").Nth(1).CheckAsync();
            await window.Page.Locator(".picks input").Nth(2).CheckAsync();
            faults.AddRange(await JudgeAsync(window, $"quarantine-ticked-{look}"));
            await window.Page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
            faults.AddRange(await JudgeAsync(window, $"quarantine-sure-{look}"));
            await window.Page.GotoAsync("/console/review");
            await window.Page.GetByText("Search and narrow down").ClickAsync();
            await window.Page.GetByLabel("Sender").FillAsync("no body");
            await window.Page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
            faults.AddRange(await JudgeAsync(window, $"quarantine-refused-{look}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task<IReadOnlyList<string>> JudgeAsync(Window window, string name)
    {
        await window.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
        int wide = await window.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        List<string> faults = [.. await window.AxeAsync()];
        if (wide > 0) faults.Add($"is {wide} px wider than the window");
        await window.PictureAsync(name);
        faults.AddRange(window.Faults.Where(fault => !fault.Contains("the server responded with a status of 4", StringComparison.Ordinal)));
        window.Faults.Clear();
        return [.. faults.Distinct().Select(fault => $"{name}: {fault}")];
    }

    private async Task<(TenantContext Tenant, Mailbox Box)> BuildAsync()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        string address = $"review-{Guid.NewGuid().ToString("N")[..6]}@acme.example";
        byte[] Bounce(string from, string subject) => Encoding.UTF8.GetBytes(
            $"From: \"Mail Delivery\" <MAILER-DAEMON@{from}>\r\nReply-To: refunds@{from}\r\nTo: {address}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@{from}>\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
            + "--m\r\nContent-Type: text/html\r\n\r\n<p>Your mail could not be delivered. Sign in at <a href=\"https://evil.example/login\">https://bank.example/</a> to send it again.</p>\r\n"
            + "--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=statement.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAwQ=\r\n--m--\r\n");
        Mailbox box = await system.GiveAsync(tenant, address,
            [Mails.Report(address), .. Enumerable.Range(1, 2).Select(i => Bounce("relay.example", $"Undelivered: order {i}")), .. Enumerable.Range(1, 6).Select(i => Bounce("spamhaus.example", $"Cheap watches, offer {i}"))]);
        await system.SettledAsync(tenant, box.Id, 9);
        return (tenant, box);
    }
}
