using System.Security.Cryptography;
using System.Text;
using Ingest.LocalHost.Handlers;
using Ingest.LocalHost.Http;
using Ingest.LocalHost.Queues;
using Ingest.LocalHost.Script;
using Ingest.LocalHost.Timers;

namespace Ingest.LocalHost;

/// <summary>One handler as seen from outside; the index is its place in <see cref="LocalHost.Handlers"/>.</summary>
public readonly record struct HandlerInfo(int Index, string Name, string Group, HandlerState State, int? Pid, int Port, int Starts);

/// <summary>A running stand-in for the Azure Functions host: it starts handlers, feeds them from queues, timers and HTTP, and ends them with itself.</summary>
public sealed class LocalHost : IAsyncDisposable
{
    private readonly HostContext host;
    private readonly IReadOnlyList<HandlerPlace> places;
    private readonly CancellationTokenSource stop = new();
    private readonly HttpFront front;
    private Task running = Task.CompletedTask;

    private LocalHost(HostContext host, string masterKey)
    {
        this.host = host;
        MasterKey = masterKey;
        places = HandlerPlace.Lay(host);
        front = new HttpFront(host, places, masterKey);
    }

    /// <summary>Raised when an invocation begins, before the handler is called; several threads.</summary>
    public event Action<Invocation>? InvocationStarted
    {
        add => host.Ledger.Started += value;
        remove => host.Ledger.Started -= value;
    }

    public event Action<Invocation, InvocationOutcome>? InvocationEnded
    {
        add => host.Ledger.Ended += value;
        remove => host.Ledger.Ended -= value;
    }

    /// <summary>The public HTTP front, ending in a slash.</summary>
    public Uri Address => front.Address;

    public string MasterKey { get; }

    public IReadOnlyList<HandlerInfo> Handlers => [.. places.Select(place => place.Info)];

    /// <summary>By function name; a function that was never called is not in it.</summary>
    public IReadOnlyDictionary<string, InvocationCounts> Invocations => host.Ledger.Counts;

    /// <summary>How often a handler process was started again, over all handlers.</summary>
    public int Restarts => places.Sum(place => Math.Max(0, place.Starts - 1));

    /// <summary>How often a host instance that stopped itself (three strikes) was started again.</summary>
    public int HostRestarts => places.Sum(place => place.HostRestarts);

    /// <summary>Starts everything; ends when the front listens and, if so wanted, every handler is ready.</summary>
    /// <exception cref="LocalHostException">The script root, the port or a handler is unfit; the message says what to do.</exception>
    public static async Task<LocalHost> StartAsync(LocalHostOptions options, CancellationToken cancel)
    {
        ScriptRoot script = ScriptRoot.Load(options.ScriptRoot, options.Environment);
        string masterKey = options.MasterKey ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(20));
        LocalHost started = new(ContextOf(options, script), masterKey);
        try
        {
            await started.RunAsync(cancel);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL to the handler at this place; the host sees it die and acts by the exit-code table.</summary>
    public void KillHandler(int index) => places[index].Current?.Handler.Kill();

    /// <summary>Ends as if this host were killed: handlers die, leased messages stay leased, nothing is finished.</summary>
    public async Task CrashAsync()
    {
        await Task.WhenAll(places.Select(place => place.Current?.CrashAsync() ?? Task.CompletedTask));
        await DisposeAsync();
    }

    /// <summary>Starts a queue or timer function as POST /admin/functions/NAME does; false when there is no such function.</summary>
    public bool Trigger(string function, string input) => front.Admin.Trigger(function, input);

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
            return;
        await stop.CancelAsync();
        await front.DisposeAsync();
        await running;
        host.Clients.Dispose();
        stop.Dispose();
    }

    private static HostContext ContextOf(LocalHostOptions options, ScriptRoot script)
    {
        HandlerLaunch launch = new(script, options.Environment);
        string hostId = options.HostId ?? new Guid(MD5Of(script.Folder)).ToString("N");
        return new HostContext
        {
            Options = options,
            Script = script,
            Launch = launch,
            Clients = new HostClients(options.FunctionTimeout ?? script.Host.FunctionTimeout, script.Host.Handler.Forwarding),
            Ledger = new InvocationLedger(),
            Queues = new QueueStorage(script.Host.Queues.Base64),
            Timers = new TimerTurns(),
            TimerStatus = new TimerStatusStore(script.Settings.Connection(null), hostId),
            Report = options.Sink ?? (_ => { }),
        };
    }

    // The platform derives the id of a host this way; it is a name, not a secret.
#pragma warning disable CA5351
    private static byte[] MD5Of(string text) => MD5.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5351

    private async Task RunAsync(CancellationToken cancel)
    {
        foreach (string refused in host.Script.Refused)
            host.Fail(refused);
        if (host.Script.Functions.Count == 0)
            host.Warn($"no function was found in {host.Script.Folder}");
        await front.StartAsync(cancel);
        host.Say($"listening on {front.Address} with {host.Script.Functions.Count} functions");
        running = Task.WhenAll(places.Select(place => place.RunAsync(stop.Token)));
        if (host.Options.WaitForReady)
            await Task.WhenAll(places.Select(place => place.ReadyAsync(cancel)));
    }
}
