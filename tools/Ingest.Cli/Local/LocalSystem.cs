using System.Globalization;
using Ingest.Cli.Servers;
using Ingest.LocalHost;

namespace Ingest.Cli.Local;

/// <summary>The whole system on this machine: storage, Google's stand-in, and the host with the app. Stops all of it when disposed.</summary>
internal sealed class LocalSystem : IAsyncDisposable
{
    /// <summary>The user of the Google emulator whose mailbox holds the sample mails.</summary>
    public const string SampleUser = "support@acme.example";

    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500), TryAgainAfter = TimeSpan.FromSeconds(5);

    readonly LocalOptions options;
    readonly Action<string> say;
    readonly Stack<IAsyncDisposable> parts = new();
    readonly CancellationTokenSource stop = new();
    readonly List<Task> watches = [];

    LocalSystem(LocalOptions options, Action<string> say) => (this.options, this.say) = (options, say);

    public LocalSettings Settings { get; private set; } = null!;

    /// <summary>Starts everything and returns when the app answers; when anything fails, what was started is stopped again.</summary>
    public static async Task<LocalSystem> StartAsync(LocalOptions options, Action<string> say, CancellationToken cancel)
    {
        LocalSystem system = new(options, say);
        try
        {
            await system.StartAsync(cancel);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(watches);
        while (parts.TryPop(out IAsyncDisposable? part))
            await part.DisposeAsync();
        stop.Dispose();
    }

    async Task StartAsync(CancellationToken cancel)
    {
        DataFolder data = options.Data;
        data.Create();
        parts.Push(await data.HoldAsync(cancel));
        await NodeTools.EnsureInstalledAsync(cancel, say);
        LocalPorts ports = options.ChoosePorts(LocalSettings.Read(data)?.Ports, say);

        AzuritePorts storage = new(ports.Blob, ports.Queue, ports.Table);
        Azurite azurite = await Azurite.StartAsync(data.Azurite, storage, cancel, Path.Combine(data.Logs, "azurite.log"));
        parts.Push(azurite);
        watches.Add(KeepAsync("Azurite", () => azurite.IsRunning, azurite.StartAgainAsync));

        string baseUrl = Address(ports.Host);
        GoogleEmulator? google = ports.Google is { } port ? await StartGoogleAsync(port, baseUrl, cancel) : null;
        Settings = new LocalSettings { Ports = ports, Environment = EnvironmentOf(baseUrl, azurite, google) };
        if (await LocalDns.ChooseAsync(options.Dns, data, say, cancel) is { } records)
            Settings = Settings with { Environment = new Dictionary<string, string>(Settings.Environment) { ["INGEST_DNS_FILE"] = records } };
        Settings.Write(data);
        await LocalDesk.Of(Settings).Desk.CreateStoresAsync(cancel);
        await StartHostAsync(cancel);
    }

    async Task<GoogleEmulator> StartGoogleAsync(int port, string baseUrl, CancellationToken cancel)
    {
        GoogleEmulator google = await GoogleEmulator.StartAsync(new GoogleEmulatorOptions
        {
            Port = port,
            RedirectUris = [new Uri(baseUrl + "/connect/google/callback")],
            SeedFolder = GoogleEmulatorOptions.Samples,
            SeedUser = SampleUser,
            DataFile = options.Data.GoogleSnapshot,
            LogFile = Path.Combine(options.Data.Logs, "google.log"),
        }, cancel);
        parts.Push(google);
        watches.Add(KeepAsync("The Google emulator", () => google.IsRunning, google.StartAgainAsync));
        return google;
    }

    async Task StartHostAsync(CancellationToken cancel)
    {
        string root = AppOutput;
        if (!File.Exists(Path.Combine(root, "host.json")))
            throw new CannotRunException($"The app is not built: {root} holds no host.json. Start with tools/up, which builds it.");
        HostLog log = new(Path.Combine(options.Data.Logs, "host.log"), TimeProvider.System, say);
        parts.Push(log);
        parts.Push(await LocalHost.LocalHost.StartAsync(new LocalHostOptions
        {
            ScriptRoot = root,
            Port = Settings.Ports.Host,
            Environment = Settings.Environment,
            Instances = options.Instances,
            Sink = log.Add,
        }, cancel));
    }

    Dictionary<string, string> EnvironmentOf(string baseUrl, Azurite azurite, GoogleEmulator? google)
    {
        Dictionary<string, string> environment = new()
        {
            ["INGEST_PROFILE"] = "development",
            ["INGEST_TENANT"] = "main",
            ["INGEST_BASE_URL"] = baseUrl,
            ["INGEST_KEY_DIR"] = options.Data.Keys,
            ["IngestStorage"] = azurite.ConnectionString,
            ["AzureWebJobsStorage"] = azurite.ConnectionString,
        };
        if (google is not null)
        {
            environment["INGEST_GOOGLE_CLIENT_ID"] = google.ClientId;
            environment["INGEST_GOOGLE_CLIENT_SECRET"] = google.ClientSecret;
            environment["INGEST_GOOGLE_ENDPOINT"] = google.BaseUrl;
        }
        else
        {
            // A real OAuth client, set by whoever started this.
            foreach (string name in new[] { "INGEST_GOOGLE_CLIENT_ID", "INGEST_GOOGLE_CLIENT_SECRET" })
                if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                    environment[name] = value;
        }

        if ((options.TrustedRoots ?? Environment.GetEnvironmentVariable("INGEST_TRUSTED_ROOTS")) is { Length: > 0 } roots)
            environment["INGEST_TRUSTED_ROOTS"] = Path.GetFullPath(roots);
        return environment;
    }

    // A server that died is started again on the same port and files: what it had acknowledged is still there.
    async Task KeepAsync(string name, Func<bool> isRunning, Func<CancellationToken, Task> startAgain)
    {
        try
        {
            while (true)
            {
                await Task.Delay(LookEvery, stop.Token);
                if (isRunning())
                    continue;
                // Ctrl-C reaches every process of the terminal at once: what looks like a crash may be the end.
                await Task.Delay(LookEvery, stop.Token);
                say($"{name} ended; starting it again.");
                try
                {
                    await startAgain(stop.Token);
                    say($"{name} runs again.");
                }
                catch (ServerException fault)
                {
                    say(fault.Message);
                    await Task.Delay(TryAgainAfter, stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    // Built together with this program, in the same configuration.
    static string AppOutput
    {
        get
        {
            string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            return Path.Combine(RepoFolder.Find(), "functions", "Ingest.App", "bin", configuration, "net10.0");
        }
    }

    static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
}
