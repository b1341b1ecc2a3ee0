using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ingest.Benchmarks.ColdStart;

/// <summary>One start of a handler.</summary>
/// <param name="Answered">Milliseconds from process start to the status line.</param>
/// <param name="Cpu">Milliseconds of processor time it had taken by then.</param>
/// <param name="Memory">MiB resident by then.</param>
internal sealed record Start(double Answered, double Cpu, double Memory)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(1);

    /// <summary>Starts the program as the Functions host would, asks until it answers, and kills it.</summary>
    public static async Task<Start> MeasureAsync(string program)
    {
        int port = FreePort();
        using CancellationTokenSource limit = new(Patience);
        ProcessStartInfo info = new(program) { WorkingDirectory = Path.GetDirectoryName(program), RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in info.Environment.Keys.Where(k => k.StartsWith("DOTNET_", StringComparison.Ordinal) || k.StartsWith("Ingest", StringComparison.OrdinalIgnoreCase)).ToArray())
            info.Environment.Remove(name);
        foreach ((string name, string value) in Settings(port))
            info.Environment[name] = value;

        long started = Stopwatch.GetTimestamp();
        using Process process = Process.Start(info)!;
        try
        {
            Task<string> output = process.StandardError.ReadToEndAsync(limit.Token);
            while (!await AnswersAsync(port, limit.Token))
            {
                if (process.HasExited)
                    throw new InvalidOperationException($"{program} ended with code {process.ExitCode}: {await output}");
                await Task.Delay(BetweenCalls, limit.Token);
            }

            double answered = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            process.Refresh();
            return new Start(answered, process.TotalProcessorTime.TotalMilliseconds, process.WorkingSet64 / 1024.0 / 1024.0);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    // Production settings of an account that does not exist: nothing is contacted before a function runs.
    private static IEnumerable<(string Name, string Value)> Settings(int port) =>
    [
        ("FUNCTIONS_CUSTOMHANDLER_PORT", port.ToString(CultureInfo.InvariantCulture)),
        ("IngestStorage__tableServiceUri", "https://bench.table.core.windows.net"),
        ("IngestStorage__queueServiceUri", "https://bench.queue.core.windows.net"),
        ("IngestStorage__blobServiceUri", "https://bench.blob.core.windows.net"),
        ("INGEST_VAULT_URI", "https://bench.vault.azure.net"),
        ("INGEST_BASE_URL", "https://bench.example"),
    ];

    private static async Task<bool> AnswersAsync(int port, CancellationToken cancel)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancel);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), cancel);
            byte[] answer = new byte[512];
            int length = await socket.ReceiveAsync(answer, cancel);
            return answer.AsSpan(0, length).StartsWith("HTTP/1.1 200 "u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
