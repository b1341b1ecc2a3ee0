using System.Text.Json;
using Ingest.App.Tests.FrontDoor;
using Ingest.Cli.Servers;
using Microsoft.Playwright;
using Xunit;

namespace Ingest.App.Tests.BrowserTests;

/// <summary>
/// A real browser, the machine's own Chromium, for the tests of a class. Nothing is downloaded: where it is missing and may be installed, tools/prerequisites.sh
/// does so; else the tests are skipped and say why.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _missing;

    /// <summary>Where the pictures of pages go; git ignores it.</summary>
    public static string Pictures { get; } = Directory.CreateDirectory(Path.Combine(RepoFolder.Find(), "artifacts", "screens")).FullName;

    public async ValueTask InitializeAsync()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        if (!Places.Any(File.Exists)) _missing = await InstallAsync(cancel);
        if (Places.FirstOrDefault(File.Exists) is not { } path) return;
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            // Chromium refuses its own sandbox to root, as which containers run tests.
            Args = Environment.IsPrivilegedProcess ? ["--no-sandbox", "--disable-dev-shm-usage"] : ["--disable-dev-shm-usage"],
            Timeout = 120_000,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A window of its own, with no cookies, that reaches this machine and nothing else.</summary>
    public async Task<Window> OpenAsync(RunningSystem system, int width = 1440, bool scripts = true, bool dark = false)
    {
        Assert.SkipWhen(_browser is null, _missing ?? "");
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = system.BaseUrl.AbsoluteUri, JavaScriptEnabled = scripts, ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = width, Height = 900 }, Locale = "en-GB", TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(60_000);
        return new Window(context, await context.NewPageAsync(), system.BaseUrl);
    }

    private static async Task<string> InstallAsync(CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux()) return "The browser tests look for Chromium in Linux's places only.";
        ChildStart start = new()
        {
            Name = "installing Chromium", Program = "/bin/bash", Arguments = ["-c", "repo=$PWD; . tools/prerequisites.sh; require_browser"], WorkingFolder = RepoFolder.Find(),
        };
        await using ChildProcess shell = ChildProcess.Start(start);
        await shell.Exited.WaitAsync(TimeSpan.FromMinutes(10), cancel);
        return string.Join(' ', shell.LastLines.TakeLast(3).Prepend("Chromium is missing."));
    }
}

/// <summary>One window of the browser, with what it asked for and what went wrong in it.</summary>
public sealed class Window : IAsyncDisposable
{
    private static readonly string Axe = File.ReadAllText(Path.Combine(RepoFolder.Find(), "tools", "emulators", "node_modules", "axe-core", "axe.min.js"));
    private readonly IBrowserContext _context;

    public Window(IBrowserContext context, IPage page, Uri home)
    {
        (_context, Page) = (context, page);
        page.Request += (_, request) => Asked.Add(request.Url);
        page.Console += (_, message) =>
        {
            // Pages of others, such as Google's stand-in, have faults of their own.
            if (message.Type == "error" && (message.Location.Length == 0 || message.Location.StartsWith(home.AbsoluteUri, StringComparison.Ordinal))) Faults.Add(message.Text);
        };
        page.Dialog += async (_, dialog) =>
        {
            Faults.Add("dialog: " + dialog.Message);
            await dialog.DismissAsync();
        };
        page.PageError += (_, error) => Faults.Add(error);
    }

    public IPage Page { get; }

    /// <summary>Every address that was asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Errors, refusals by policy among them, and dialogs.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Signs in by a link of the tenant and lands on a page.</summary>
    public async Task SignInAsync(RunningSystem system, Ingest.Core.Access.TenantContext tenant, string to = "/console")
    {
        await Page.GotoAsync($"/console/start?link={await system.Desk.Flows.CreateLinkAsync(tenant, RunningSystem.Cancel)}&to={to}");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
    }

    /// <summary>Serious faults for people who see, hear or move differently, as sentences.</summary>
    public async Task<IReadOnlyList<string>> AxeAsync()
    {
        await Page.EvaluateAsync(Axe);
        JsonElement result = await Page.EvaluateAsync<JsonElement>("() => axe.run(document, { resultTypes: ['violations'], iframes: false })");
        return [.. result.GetProperty("violations").EnumerateArray().Where(v => v.GetProperty("impact").GetString() is "serious" or "critical")
            .Select(v => $"{v.GetProperty("id").GetString()}: {v.GetProperty("help").GetString()} at {string.Join(", ", v.GetProperty("nodes").EnumerateArray().Take(3).Select(n => n.GetProperty("html").GetString()))}")];
    }

    /// <summary>A picture of the whole page.</summary>
    public Task PictureAsync(string name) => Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Chromium.Pictures, name + ".png"), FullPage = true });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
