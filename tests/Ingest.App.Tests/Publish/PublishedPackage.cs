using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Ingest.App.Tests.Publish;
using Xunit;

[assembly: AssemblyFixture(typeof(PublishedPackage))]

namespace Ingest.App.Tests.Publish;

/// <summary>What tools/publish makes of this clone, made once for all tests that ask for it, with lock files locked as CI has them.</summary>
public sealed class PublishedPackage : IDisposable
{
    private const string First = "first";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly TempFolder temporary = new();
    private readonly Lazy<Task<IReadOnlyDictionary<string, string>>> publishing;

    public PublishedPackage() => publishing = new(PublishOnceAsync);

    public static string Repository { get; } = FindRepository();
    public string Folder => Path.Combine(temporary.File(First), "ingest");
    public string Zip => Path.Combine(temporary.File(First), "ingest.zip");
    public string Handler => Path.Combine(Folder, "Ingest.App");

    /// <summary>Publishes unless that was done; returns the hashes of the lock files as they were before.</summary>
    public Task<IReadOnlyDictionary<string, string>> ReadyAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The package is made and run on Linux.");
        return publishing.Value;
    }

    public static IReadOnlyDictionary<string, string> LockFiles() => new[] { "functions", "tests", "tools" }
        .SelectMany(room => Directory.EnumerateDirectories(Path.Combine(Repository, room)))
        .Select(project => Path.Combine(project, "packages.lock.json")).Where(File.Exists)
        .ToDictionary(file => file, file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));

    /// <summary>Publishes into a folder of this fixture; returns the zip.</summary>
    public async Task<string> PublishAsync(string name)
    {
        ProcessStartInfo info = new(Path.Combine(Repository, "tools", "publish"), ["--output", temporary.File(name)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["CI"] = "true";
        // A build server would outlive the test.
        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        using Process process = Process.Start(info)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"tools/publish ended with {process.ExitCode}:\n{await output}\n{await errors}");
            return Path.Combine(temporary.File(name), "ingest.zip");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => temporary.Dispose();

    private async Task<IReadOnlyDictionary<string, string>> PublishOnceAsync()
    {
        IReadOnlyDictionary<string, string> before = LockFiles();
        await PublishAsync(First);
        return before;
    }

    private static string FindRepository([CallerFilePath] string here = "")
    {
        // A deterministic build maps source paths away; the folder of the running tests leads to the same place.
        foreach (string start in (string[])[Path.GetDirectoryName(here) ?? "", AppContext.BaseDirectory])
            for (DirectoryInfo? folder = start.Length > 0 && Directory.Exists(start) ? new(start) : null; folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "Ingest.sln")))
                    return folder.FullName;
        throw new DirectoryNotFoundException("Ingest.sln is not above the tests; run them from a checkout.");
    }
}
