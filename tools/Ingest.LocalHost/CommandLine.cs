using System.Globalization;
using System.Runtime.InteropServices;

namespace Ingest.LocalHost;

/// <summary>ingest-localhost: runs a script root until Ctrl-C; a second Ctrl-C does not wait for running invocations.</summary>
internal static class CommandLine
{
    private const string Usage = """
        ingest-localhost --root DIR [--port N] [--instances N] [--groups] [--lease SECONDS] [--timeout SECONDS]
                         [--data CONNECTION] [--set NAME=VALUE]... [--master-key KEY] [--quiet]

          --root DIR        folder with host.json and FUNCTION/function.json (what is deployed, or the app's build output)
          --port N          public port on 127.0.0.1 (7071; 0 picks a free one)
          --instances N     host instances (1)
          --groups          one handler for all HTTP functions, one for each other function
          --lease SECONDS   how long a received queue message stays invisible (600)
          --timeout SECONDS replaces functionTimeout
          --data CONNECTION storage connection string for AzureWebJobsStorage
          --set NAME=VALUE  an app setting; repeatable
          --master-key KEY  for POST /admin/functions/NAME; default $INGEST_LOCALHOST_KEY, else drawn at random
          --quiet           no lines of the handlers
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [] or ["--help"] or ["-h"])
        {
            Console.Error.WriteLine(Usage);
            return args.Length == 0 ? 2 : 0;
        }
        try
        {
            return await ServeAsync(Parse(args));
        }
        catch (Exception wrong) when (wrong is LocalHostException or FormatException)
        {
            Console.Error.WriteLine(wrong.Message);
            return 1;
        }
    }

    private static async Task<int> ServeAsync(LocalHostOptions options)
    {
        using CancellationTokenSource end = new();
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, end);
        using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM, end);
        LocalHost host;
        try
        {
            host = await LocalHost.StartAsync(options, end.Token);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        await using (host)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            Write(new HostLine(HostLineKind.Lifecycle, "host", "stopping; press Ctrl-C again to leave running invocations"));
        }
        return 0;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource end) => PosixSignalRegistration.Create(signal, context =>
    {
        // The second one is left to the system: this process dies, and the handlers with it.
        if (end.IsCancellationRequested)
            return;
        context.Cancel = true;
        end.Cancel();
    });

    private static LocalHostOptions Parse(string[] args)
    {
        Dictionary<string, string> settings = new(StringComparer.OrdinalIgnoreCase);
        LocalHostOptions options = new()
        {
            ScriptRoot = "",
            Environment = settings,
            MasterKey = Environment.GetEnvironmentVariable("INGEST_LOCALHOST_KEY"),
            WaitForReady = false,
            Sink = Write,
        };
        Queue<string> rest = new(args);
        while (rest.TryDequeue(out string? option))
        {
            switch (option)
            {
                case "--groups": options = options with { Groups = true }; break;
                case "--quiet": options = options with { Sink = WriteHostOnly }; break;
                case "--root": options = options with { ScriptRoot = Value(rest, option) }; break;
                case "--port": options = options with { Port = Whole(rest, option, 0, 65_535) }; break;
                case "--instances": options = options with { Instances = Whole(rest, option, 1, 64) }; break;
                case "--lease": options = options with { Lease = TimeSpan.FromSeconds(Whole(rest, option, 1, 604_800)) }; break;
                case "--timeout": options = options with { FunctionTimeout = TimeSpan.FromSeconds(Whole(rest, option, 1, 86_400)) }; break;
                case "--master-key": options = options with { MasterKey = Value(rest, option) }; break;
                case "--data": settings["AzureWebJobsStorage"] = Value(rest, option); break;
                case "--set": Set(settings, Value(rest, option)); break;
                default: throw new FormatException($"{option} is no option.\n{Usage}");
            }
        }
        return options.ScriptRoot.Length > 0 ? options : throw new FormatException("--root is missing: the folder that would be deployed.");
    }

    private static void Set(Dictionary<string, string> settings, string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw new FormatException("--set wants NAME=VALUE.");
        settings[pair[..equals]] = pair[(equals + 1)..];
    }

    private static string Value(Queue<string> rest, string option) =>
        rest.TryDequeue(out string? value) ? value : throw new FormatException($"{option} wants a value.");

    private static int Whole(Queue<string> rest, string option, int least, int most) =>
        int.TryParse(Value(rest, option), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw new FormatException($"{option} wants a whole number from {least} to {most}.");

    private static void Write(HostLine line) => Console.WriteLine(line.ToString());

    private static void WriteHostOnly(HostLine line)
    {
        if (line.Kind is HostLineKind.Lifecycle or HostLineKind.Warning or HostLineKind.Error)
            Write(line);
    }
}
