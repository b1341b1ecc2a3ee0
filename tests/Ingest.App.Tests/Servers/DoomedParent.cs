using System.Globalization;
using System.Runtime.CompilerServices;
using Ingest.Cli.Servers;

namespace Ingest.App.Tests.Servers;

/// <summary>
/// When the variable is set, this test program does nothing but start one child, print the child's id and wait to be
/// killed: only a real SIGKILL shows what the children of a killed parent do.
/// </summary>
internal static class DoomedParent
{
    public const string Variable = "INGEST_TESTS_DOOMED_PARENT";

    public const string Sleeps = "sleeps", WatchesStdin = "watches-stdin", GroupOfItsOwn = "group-of-its-own";

    private const string Watcher =
        "process.stdin.on('end', () => process.exit()).resume(); setInterval(() => {}, 1000); console.log(process.pid)";

    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } wanted)
            return;
        ChildStart start = wanted switch
        {
            WatchesStdin => new() { Name = "watcher", Program = "node", Arguments = ["-e", Watcher], EndsWithStdin = true },
            GroupOfItsOwn => new() { Name = "loner", Program = "setsid", Arguments = ["sh", "-c", "echo $$; exec sleep 600"] },
            _ => new() { Name = "sleeper", Program = "/bin/sh", Arguments = ["-c", "echo $$; exec sleep 600"] },
        };
        using var forever = new ManualResetEvent(false);
        ChildProcess child = ChildProcess.Start(start);
        child.Exited.ContinueWith(_ => forever.Set(), TaskScheduler.Default);
        string id = child.WaitForAsync(line => line, TimeSpan.FromMinutes(1), CancellationToken.None).GetAwaiter().GetResult();
        System.Console.WriteLine(int.Parse(id, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
        forever.WaitOne();
        Environment.Exit(0);
    }
}
