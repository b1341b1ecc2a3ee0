using System.Globalization;
using System.Net;

namespace Ingest.Cli.Servers;

/// <summary>The ports of the three services; 0 lets Azurite pick a free one.</summary>
public sealed record AzuritePorts(int Blob = 0, int Queue = 0, int Table = 0);

/// <summary>Azure Storage on this machine: Azurite from npm, on the loopback address only.</summary>
public sealed class Azurite : IAsyncDisposable
{
    // Published with every Azure storage emulator; it opens nothing else.
    private const string Account = "devstoreaccount1";
    private const string WellKnownKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(90);

    private readonly NodeTools tools;
    private readonly string? folder;
    private readonly string? logFile;
    private ChildProcess? child;

    private Azurite(NodeTools tools, string? folder, string? logFile)
    {
        this.tools = tools;
        this.folder = folder;
        this.logFile = logFile;
    }

    /// <summary>The ports it listens on; the same after a restart.</summary>
    public AzuritePorts Ports { get; private set; } = new();

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture,
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={WellKnownKey};BlobEndpoint={Endpoint(Ports.Blob)};QueueEndpoint={Endpoint(Ports.Queue)};TableEndpoint={Endpoint(Ports.Table)};");

    public bool IsRunning => child is { HasExited: false };

    /// <summary>Its last output lines, oldest first.</summary>
    public IReadOnlyList<string> LastLines => child?.LastLines ?? [];

    /// <summary>Starts it and returns once blob, queue and table answer.</summary>
    /// <param name="folder">Where data is kept over restarts; null keeps it in memory until it stops.</param>
    /// <param name="ports">Ports to use; null picks free ones.</param>
    /// <param name="cancel">Stops waiting, and Azurite with it.</param>
    /// <param name="logFile">Where its output goes; null keeps the last lines in memory only.</param>
    /// <exception cref="ServerException">Node.js is missing, a port is taken, or it did not come up.</exception>
    public static async Task<Azurite> StartAsync(string? folder, AzuritePorts? ports, CancellationToken cancel, string? logFile = null)
    {
        NodeTools tools = await NodeTools.EnsureInstalledAsync(cancel);
        var azurite = new Azurite(tools, folder, logFile) { Ports = ports ?? new AzuritePorts() };
        await azurite.StartAgainAsync(cancel);
        return azurite;
    }

    /// <summary>Starts it on the same ports and folder after a stop or a kill.</summary>
    public async Task StartAgainAsync(CancellationToken cancel)
    {
        if (IsRunning)
            return;
        FreePort.Require(Ports.Blob, "Azurite's blob service", "--blob-port");
        FreePort.Require(Ports.Queue, "Azurite's queue service", "--queue-port");
        FreePort.Require(Ports.Table, "Azurite's table service", "--table-port");

        ChildProcess started = ChildProcess.Start(tools.Script("azurite", "azurite.mjs", Arguments(), logFile));
        try
        {
            Ports = new AzuritePorts(
                await ListeningAsync(started, "Blob", cancel),
                await ListeningAsync(started, "Queue", cancel),
                await ListeningAsync(started, "Table", cancel));
            await AnswersAsync(cancel);
            child = started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it in order: everything it holds is on disk afterwards.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        if (child is { } running)
            await running.StopAsync(cancel);
        await DisposeAsync();
    }

    /// <summary>Kills it, as a power cut would: tables and queues of the last seconds may be gone.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        if (child is { } running)
            await running.KillAsync(cancel);
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref child, null) is { } running)
            await running.DisposeAsync();
    }

    private static string Endpoint(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{Account}");

    private List<string> Arguments()
    {
        List<string> arguments = ["--silent", "--skipApiVersionCheck", "--disableTelemetry"];
        (string Service, int Port)[] services = [("blob", Ports.Blob), ("queue", Ports.Queue), ("table", Ports.Table)];
        foreach ((string service, int port) in services)
            arguments.AddRange([$"--{service}Host", "127.0.0.1", $"--{service}Port", port.ToString(CultureInfo.InvariantCulture)]);
        if (folder is null)
        {
            arguments.Add("--inMemoryPersistence");
            return arguments;
        }

        Directory.CreateDirectory(folder);
        arguments.AddRange(["--location", Path.GetFullPath(folder)]);
        return arguments;
    }

    private static async Task<int> ListeningAsync(ChildProcess process, string service, CancellationToken cancel)
    {
        string mark = $"Azurite {service} service is successfully listening at ";
        Uri at = await process.WaitForAsync(
            line => line.StartsWith(mark, StringComparison.Ordinal) ? new Uri(line[mark.Length..]) : null, ReadyWithin, cancel);
        return at.Port;
    }

    private async Task AnswersAsync(CancellationToken cancel)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = false }) { Timeout = TimeSpan.FromSeconds(20) };
        foreach (int port in (int[])[Ports.Blob, Ports.Queue, Ports.Table])
        {
            // Unsigned, so it is refused; that it is refused by Azurite is the answer.
            using HttpResponseMessage answer = await http.GetAsync(new Uri(Endpoint(port) + "?comp=list"), cancel);
            if (answer.StatusCode >= HttpStatusCode.InternalServerError)
                throw new ServerException($"Azurite answers {(int)answer.StatusCode} on port {port}.");
        }
    }
}
