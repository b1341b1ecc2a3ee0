using System.Diagnostics;

namespace Ingest.Benchmarks.ColdStart;

/// <summary>Makes the two programs that are compared.</summary>
internal static class Publishing
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>The product as tools/publish makes it; returns the folder.</summary>
    public static async Task<string> PackageAsync(string folder)
    {
        await RunAsync(Path.Combine(Corpus.Repository, "tools", "publish"), ["--output", folder]);
        return Path.Combine(folder, "ingest");
    }

    /// <summary>The bare app, published with the same options; returns the folder.</summary>
    public static async Task<string> BareAsync(string folder)
    {
        string sources = Directory.CreateDirectory(Path.Combine(folder, "bare-source")).FullName, output = Path.Combine(folder, "bare");
        string project = BareApp.Write(sources);
        await RunAsync("dotnet", ["publish", project, "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", output, "-v", "q", "--nologo"]);
        return output;
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using CancellationTokenSource limit = new(Patience);
        ProcessStartInfo info = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(info)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{program} failed: {await output} {await errors}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
