using Ingest.App.Tests.FrontDoor;
using Ingest.Core.Access;
using Microsoft.Playwright;
using Xunit;

namespace Ingest.App.Tests.BrowserTests;

/// <summary>Every page in a real browser: it fits a telephone and a desk, breaks no policy of its own, and serves people who see, hear or move differently.</summary>
[Collection(nameof(RunningSystem))]
public sealed class PagesTests(RunningSystem system, Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Every_page_fits_its_window_and_has_no_serious_fault()
    {
        House house = await House.BuildAsync(system);
        (Person? person, _) = await system.Desk.People.AddAsync(house.Tenant, new Identity(Guid.NewGuid(), Guid.NewGuid()), "Zoë Müller", "zoe@acme.example",
            [new Grant(Role.Agent, house.Gmail.Id), new Grant(Role.Reviewer, null)], RunningSystem.Cancel);
        (string Name, string Path)[] pages =
        [
            ("tickets", "/console/tickets"), ("tickets-of-one-mailbox", $"/console/tickets?state=open&inbox={house.Import.Id}"), ("tickets-closed", "/console/tickets?state=closed"),
            ("tickets-no-more", $"/console/tickets?state=open&after=1-{new string('z', 26)}"),
            ("ticket-thread", $"/console/tickets/{house.Thread.Id}?said=noted"), ("ticket-formatted", $"/console/tickets/{house.Formatted.Id}"), ("ticket-plain", $"/console/tickets/{house.Plain.Number}"),
            ("review", "/console/review"), ("review-parked", "/console/review?kind=parked"), ("review-mail", $"/console/review/{house.Gmail.Id}/{house.Spam.MessageKey}"),
            ("review-delete", $"/console/review/{house.Gmail.Id}/{house.Spam.MessageKey}/delete"),
            ("mailboxes", "/console/mailboxes"), ("mailbox", $"/console/mailboxes/{house.Gmail.Id}"), ("books", $"/console/mailboxes/{house.Gmail.Id}/books"),
            ("mailbox-imap", $"/console/mailboxes/{house.Imap.Id}"), ("settings", $"/console/mailboxes/{house.Imap.Id}/settings?said=kept"), ("settings-gmail", $"/console/mailboxes/{house.Gmail.Id}/settings"),
            ("imap-change", $"/console/mailboxes/{house.Imap.Id}/server"), ("ticket-doubt", $"/console/tickets/{house.Doubted.Id}"),
            ("imap-form", "/console/mailboxes/new"), ("people", "/console/people"), ("person", "/console/people/" + person!.Id), ("person-remove", $"/console/people/{person.Id}/remove"), ("audit", "/console/audit"), ("person-data", "/console/person"), ("erasures", "/console/erasures"), ("lessons", "/console/lessons"), ("policy", $"/console/mailboxes/{house.Imap.Id}/policy"), ("policy-of-all", "/console/mailboxes/policy"), ("redaction", $"/console/mailboxes/{house.Gmail.Id}/redaction"), ("redaction-of-all", "/console/mailboxes/redaction"), ("not-found", "/console/nothing"), ("sign-out", "/console/sign-out"), ("connect", "/connect"),
        ];
        List<string> faults = [];
        foreach ((int width, bool dark) in new[] { (1440, false), (360, false), (1440, true), (360, true) })
        {
            await using Window window = await chromium.OpenAsync(system, width, dark: dark);
            await window.SignInAsync(system, house.Tenant);
            await FoundAsync(window);
            faults.AddRange(await JudgeAsync(window, $"found-{width}{(dark ? "-dark" : "")}"));
            await RefusedSettingsAsync(window, house);
            faults.AddRange(await JudgeAsync(window, $"settings-refused-{width}{(dark ? "-dark" : "")}"));
            await RefusedReplyAsync(window, house);
            faults.AddRange(await JudgeAsync(window, $"reply-refused-{width}{(dark ? "-dark" : "")}"));
            foreach ((string name, string path) in pages) faults.AddRange(await LookAsync(window, $"{name}-{width}{(dark ? "-dark" : "")}", path));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Before_anything_is_connected_every_page_says_what_to_do_next()
    {
        List<string> faults = [];
        foreach (int width in new[] { 1440, 360 })
        {
            await using Window window = await chromium.OpenAsync(system, width);
            await window.SignInAsync(system, RunningSystem.NewTenant());
            await Assertions.Expect(window.Page.GetByText("Connect a mailbox")).ToBeVisibleAsync();
            foreach ((string name, string path) in new[] { ("empty-tickets", "/console/tickets"), ("empty-review", "/console/review"), ("empty-mailboxes", "/console/mailboxes"), ("empty-people", "/console/people") })
                faults.AddRange(await LookAsync(window, $"{name}-{width}", path));
            await using Window stranger = await chromium.OpenAsync(system, width);
            foreach ((string name, string path) in new[] { ("sign-in", "/console/sign-in"), ("link-used", "/console/start?link=x"), ("sign-in-first", "/console/tickets") })
                faults.AddRange(await LookAsync(stranger, $"{name}-{width}", path));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static async Task<IReadOnlyList<string>> LookAsync(Window window, string name, string path)
    {
        await window.Page.GotoAsync(path);
        return await JudgeAsync(window, name);
    }

    // By keyboard alone.
    private static async Task FoundAsync(Window window)
    {
        await window.Page.GotoAsync("/console/tickets");
        await window.Page.GetByRole(AriaRole.Searchbox).FillAsync("customer.example");
        await window.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("found");
        Assert.DoesNotContain("customer", window.Page.Url, StringComparison.Ordinal);
    }

    private static async Task RefusedSettingsAsync(Window window, House house)
    {
        await window.Page.GotoAsync($"/console/mailboxes/{house.Imap.Id}");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).PressAsync("Enter");
        await window.Page.GetByLabel("Other addresses of this mailbox").FillAsync("nobody");
        await window.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("it looks like sales@example.com");
        await Assertions.Expect(window.Page.GetByLabel("Other addresses of this mailbox")).ToHaveAttributeAsync("aria-invalid", "true");
        await Assertions.Expect(window.Page.GetByLabel("Name that customers see")).ToHaveValueAsync("Some Company");
    }

    private static async Task RefusedReplyAsync(Window window, House house)
    {
        await window.Page.GotoAsync("/console/tickets/" + house.Plain.Id);
        await window.Page.GetByLabel("To", new() { Exact = true }).FillAsync("nobody");
        await window.Page.GetByLabel("Your reply").FillAsync("Typed once");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Send the reply" }).ClickAsync();
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("it looks like name@example.com");
        await Assertions.Expect(window.Page.GetByLabel("Your reply")).ToHaveValueAsync("Typed once");
        await Assertions.Expect(window.Page.GetByLabel("To", new() { Exact = true })).ToHaveAttributeAsync("aria-invalid", "true");
    }

    private static async Task<IReadOnlyList<string>> JudgeAsync(Window window, string name)
    {
        List<string> faults = [.. await window.AxeAsync()];
        // Folded parts count, too.
        await window.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
        await window.Page.WaitForLoadStateAsync(LoadState.Load);
        int wide = await window.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (wide > 0) faults.Add($"is {wide} px wider than the window");
        faults.AddRange(await window.AxeAsync());
        await window.PictureAsync(name);
        // A page that is not found is logged by the browser as a failed load.
        faults.AddRange(window.Faults.Where(fault => !fault.Contains("the server responded with a status of 4", StringComparison.Ordinal) && !fault.Contains("status of 503", StringComparison.Ordinal)));
        window.Faults.Clear();
        return [.. faults.Distinct().Select(fault => $"{name}: {fault}")];
    }
}
