using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Ingest.Cli;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Access;
using Ingest.Core.Tickets;
using Ingest.LocalHost;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>
/// The whole product on this machine: storage, Google's stand-in, and the host with the built app. Tests take tenants of their own. The clockwork is off,
/// so that a test decides when a minute has passed; all else is as it is deployed, but that it looks at its queues more often.
/// </summary>
public sealed class RunningSystem : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40), LookEvery = TimeSpan.FromMilliseconds(100);
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("ingest-front-");
    private readonly ConcurrentQueue<HostLine> _lines = new();
    private Dictionary<string, string> _environment = [];
    private Azurite? _azurite;
    private GoogleEmulator? _google;
    private LocalIssuer? _issuer;
    private Ingest.LocalHost.LocalHost? _host;
    private Desk? _desk;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The folder that would be deployed, built in the same configuration as this test.</summary>
    public static string AppOutput
    {
        get
        {
            string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            return Path.Combine(RepoFolder.Find(), "functions", "Ingest.App", "bin", configuration, "net10.0");
        }
    }

    public GoogleEmulator Google => _google!;

    /// <summary>The directory with which people sign in to the tenant "main"; whoever it names at the start becomes the first owner.</summary>
    public LocalIssuer Directory => _issuer!;
    public Guid FirstOwner { get; } = Guid.NewGuid();
    public const string ApiAudience = "api://ingest-tests";

    public Ingest.LocalHost.LocalHost Host => _host!;
    public int HandlerPort => Host.Handlers[0].Port;
    public Uri BaseUrl => new(_environment["INGEST_BASE_URL"]);

    /// <summary>A process of our own beside the app, on the same stores and keys.</summary>
    public Desk Desk => _desk!;

    // No test leaves this machine to ask DNS: here no name exists.
    private string DnsFile => Path.Combine(_folder.FullName, "dns.json");

    private string RootsFile => Path.Combine(_folder.FullName, "roots.pem");

    /// <summary>Has the app believe this certificate of a mail server on this machine; before the app first speaks to one, since it reads them once.</summary>
    public async Task TrustAsync(X509Certificate2 certificate)
    {
        // Put in its place whole, as the app may read it at any moment.
        await File.WriteAllTextAsync(RootsFile + ".new", certificate.ExportCertificatePem(), Cancel);
        File.Move(RootsFile + ".new", RootsFile, overwrite: true);
    }

    /// <summary>What the host and the app have said.</summary>
    public string Said => string.Join('\n', _lines.Select(line => line.ToString()));

    public async ValueTask InitializeAsync()
    {
        Task<Azurite> azurite = Azurite.StartAsync(folder: null, ports: null, Cancel);
        int port = FreePort.Pick();
        string baseUrl = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        Task<GoogleEmulator> google = GoogleEmulator.StartAsync(new GoogleEmulatorOptions { RedirectUris = [new Uri(baseUrl + "/connect/google/callback")] }, Cancel);
        _issuer = await LocalIssuer.StartAsync(Cancel);
        _azurite = await azurite;
        _google = await google;
        _environment = new Dictionary<string, string>
        {
            ["INGEST_PROFILE"] = "development",
            ["INGEST_BASE_URL"] = baseUrl,
            ["INGEST_KEY_DIR"] = Path.Combine(_folder.FullName, "keys"),
            ["IngestStorage"] = _azurite.ConnectionString,
            ["AzureWebJobsStorage"] = _azurite.ConnectionString,
            ["INGEST_GOOGLE_CLIENT_ID"] = _google.ClientId,
            ["INGEST_GOOGLE_CLIENT_SECRET"] = _google.ClientSecret,
            ["INGEST_GOOGLE_ENDPOINT"] = _google.BaseUrl,
            ["INGEST_TRUSTED_ROOTS"] = RootsFile,
            ["INGEST_DNS_FILE"] = DnsFile,
            ["INGEST_OIDC_ISSUER"] = _issuer.Issuer,
            ["INGEST_OIDC_CLIENT_ID"] = _issuer.ClientId,
            ["INGEST_OIDC_CLIENT_SECRET"] = _issuer.ClientSecret,
            ["INGEST_FIRST_OWNER"] = FirstOwner.ToString("D"),
            ["INGEST_API_AUDIENCE"] = ApiAudience,
            ["INGEST_FORWARDED_HOPS"] = "1",
        };
        System.IO.Directory.CreateDirectory(_environment["INGEST_KEY_DIR"]);
        await File.WriteAllTextAsync(RootsFile, "", Cancel);
        await File.WriteAllTextAsync(DnsFile, "{}", Cancel);
        _desk = NewProcess();
        await _desk.CreateStoresAsync(Cancel);
        // The key files are made once, before two processes would make them at the same time.
        using (await _desk.Keys.ForTenantAsync(NewTenant(), Cancel))
            _host = await Ingest.LocalHost.LocalHost.StartAsync(new LocalHostOptions
            {
                ScriptRoot = AppOutput,
                Port = port,
                Environment = new Dictionary<string, string>(_environment)
                {
                    ["AzureFunctionsJobHost__extensions__queues__visibilityTimeout"] = "00:00:00",
                    ["AzureFunctionsJobHost__extensions__queues__maxPollingInterval"] = "00:00:00.2500000",
                    ["AzureWebJobs.KeepHouse.Disabled"] = "true",
                    ["AzureWebJobs.ScheduleSync.Disabled"] = "true",
                },
                Lease = TimeSpan.FromSeconds(30),
                Sink = _lines.Enqueue,
            }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        if (_google is not null) await _google.DisposeAsync();
        if (_issuer is not null) await _issuer.DisposeAsync();
        if (_azurite is not null) await _azurite.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>A tenant that nobody else uses.</summary>
    public static TenantContext NewTenant() => new(TenantId.Parse("t" + Guid.NewGuid().ToString("N")[..12]));

    /// <summary>What a new process has: nothing cached, the same stores; its clock may be ahead of ours or behind.</summary>
    public Desk NewProcess(TimeSpan ahead = default)
    {
        IngestSettings? settings = IngestSettings.Read(name => _environment.GetValueOrDefault(name), out IReadOnlyList<string> problems);
        Assert.True(settings is not null, string.Join(' ', problems));
        return new Desk(settings, new ShiftedClock(ahead));
    }

    /// <summary>Runs the command line for a tenant, as on a data folder on which this system runs.</summary>
    public async Task<(int Exit, string Output, string Error)> CommandAsync(TenantContext tenant, params string[] words)
    {
        DataFolder data = new(Path.Combine(_folder.FullName, "data-" + tenant));
        data.Create();
        new LocalSettings
        {
            Ports = new LocalPorts { Host = BaseUrl.Port, Blob = _azurite!.Ports.Blob, Queue = _azurite.Ports.Queue, Table = _azurite.Ports.Table },
            Environment = new Dictionary<string, string>(_environment) { ["INGEST_TENANT"] = tenant.ToString() },
        }.Write(data);
        await using IAsyncDisposable held = await data.HoldAsync(Cancel);
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        int exit = await IngestCommand.RunAsync([.. words, "--data", data.Root], output, error);
        return (exit, output.ToString(), error.ToString());
    }

    /// <summary>Waits until there is something to return.</summary>
    public async Task<T> UntilAsync<T>(string what, Func<Task<T?>> look)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await look() is { } found) return found;
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"Still waiting for {what}. The host said:\n{Said}");
            await Task.Delay(LookEvery, Cancel);
        }
    }

    /// <summary>Waits until so many mails are listed and each has its line, and returns the books.</summary>
    public async Task<Books> SettledAsync(TenantContext tenant, InboxId inbox, int listed)
    {
        Books settled = await UntilAsync($"{listed} mails taken in", async () =>
            await Desk.Reconcile.RunAsync(tenant, inbox, Cancel) is { InFlight: 0 } books && books.Listed >= listed ? books : null);
        Assert.True(settled.Balance, settled.ToString());
        return settled;
    }

    /// <summary>Waits for the line of a mail that satisfies.</summary>
    public Task<JournalLine> LineAsync(TenantContext tenant, InboxId inbox, string messageKey, Func<JournalLine, bool>? wanted = null) =>
        UntilAsync("a journal line", async () =>
            await Desk.Journal.FindAsync(tenant, inbox, messageKey, Cancel) is { } line && (wanted is null || wanted(line)) ? line : null);

    /// <summary>Has the app read a mailbox now.</summary>
    public Task PollAsync(TenantContext tenant, InboxId inbox) => Desk.SyncQueue.SendAsync(Work.Sync(tenant, inbox).ToJson(), delay: null, Cancel);

    /// <summary>An import mailbox of the tenant in which these mails were just found; the app takes them in.</summary>
    public async Task<Mailbox> GiveAsync(TenantContext tenant, string address, params byte[][] mails)
    {
        Mailbox mailbox = await Desk.Mailboxes.ConnectAsync(tenant, MailboxKind.Import,
            new MailboxProfile { Address = address, AuthservIds = ["mx.google.com"] }, credential: null, Cancel);
        await Desk.SyncMailbox.RunAsync(tenant, mailbox.Id, "test", (_, _) => Task.FromResult<IMailSource>(new MailList(mails)), evenIfBackingOff: true, Cancel);
        return mailbox;
    }
}

/// <summary>One running system for all tests of the front door.</summary>
[CollectionDefinition(nameof(RunningSystem))]
public sealed class RunningSystemCollection : ICollectionFixture<RunningSystem>;

/// <summary>The machine's clock, so much ahead.</summary>
public sealed class ShiftedClock(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
}

/// <summary>A mailbox that is a list of mails.</summary>
public sealed class MailList(IReadOnlyList<byte[]> mails) : IMailSource
{
    public Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel) => Task.FromResult(cursor is null
        ? new ListedPage([.. mails.Select((_, i) => new ListedId("id-" + i.ToString(CultureInfo.InvariantCulture)))], new SourceCursor("end"), More: false)
        : new ListedPage([], cursor, More: false));

    public Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel)
    {
        int index = int.Parse(id.ProviderId[3..], CultureInfo.InvariantCulture);
        return Task.FromResult(new FetchedMail(FetchKind.Fetched, mails[index], DateTimeOffset.UnixEpoch.AddYears(55).AddMinutes(index)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
