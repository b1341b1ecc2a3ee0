using System.Text.Json;

namespace Ingest.Cli.Servers;

/// <summary>Node.js and the packages of tools/emulators, installed as the lock file says.</summary>
public sealed class NodeTools
{
    private const int OldestNode = 20;
    private const string Fix =
        "Node.js 20 or newer with npm is needed: apt-get install nodejs npm (Debian, Ubuntu), brew install node (macOS), winget install OpenJS.NodeJS.LTS (Windows).";

    private NodeTools(string folder) => Folder = folder;

    /// <summary>The folder tools/emulators.</summary>
    public string Folder { get; }

    /// <summary>
    /// Checks Node.js and runs <c>npm ci</c> unless node_modules is what the lock file says. Two processes at once are safe:
    /// the second waits for the first.
    /// </summary>
    /// <exception cref="ServerException">Node.js is missing or too old, or npm failed; the message names the fix.</exception>
    public static async Task<NodeTools> EnsureInstalledAsync(CancellationToken cancel, Action<string>? say = null)
    {
        var tools = new NodeTools(Path.Combine(RepoFolder.Find(), "tools", "emulators"));
        await CheckNodeAsync(cancel);
        if (tools.IsInstalled())
            return tools;

        using FileStream _ = await tools.LockAsync(cancel);
        if (!tools.IsInstalled())
            await tools.InstallAsync(say, cancel);
        return tools;
    }

    /// <summary>How to start a script of the folder that ends when its stdin closes.</summary>
    public ChildStart Script(string name, string script, IEnumerable<string> arguments, string? logFile) => new()
    {
        Name = name,
        Program = "node",
        Arguments = ["--import", new Uri(Path.Combine(Folder, "exit-with-stdin.mjs")).AbsoluteUri, Path.Combine(Folder, script), .. arguments],
        WorkingFolder = Folder,
        LogFile = logFile,
        EndsWithStdin = true,
    };

    private static async Task CheckNodeAsync(CancellationToken cancel)
    {
        string version;
        try
        {
            var start = new ChildStart { Name = "node", Program = "node", Arguments = ["--version"], EndsWithStdin = true };
            await using ChildProcess node = ChildProcess.Start(start);
            version = await node.WaitForAsync(line => line, TimeSpan.FromSeconds(30), cancel);
        }
        catch (ServerException e)
        {
            throw new ServerException(Fix, e);
        }

        if (!int.TryParse(version.TrimStart('v').Split('.')[0], out int major) || major < OldestNode)
            throw new ServerException($"{Fix} Found {version}.");
    }

    // npm writes node_modules/.package-lock.json last, so a broken install never looks like a whole one.
    private bool IsInstalled()
    {
        string installed = Path.Combine(Folder, "node_modules", ".package-lock.json");
        if (!File.Exists(installed))
            return false;
        try
        {
            using JsonDocument wanted = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "package-lock.json")));
            using JsonDocument found = JsonDocument.Parse(File.ReadAllBytes(installed));
            JsonElement packages = found.RootElement.GetProperty("packages");
            return wanted.RootElement.GetProperty("packages").EnumerateObject().All(package => Matches(package, packages));
        }
        catch (Exception e) when (e is JsonException or IOException or KeyNotFoundException)
        {
            return false;
        }
    }

    private static bool Matches(JsonProperty wanted, JsonElement installed)
    {
        if (wanted.Name.Length == 0)
            return true;
        // Packages for other platforms are in the lock and not on the disk.
        if (!installed.TryGetProperty(wanted.Name, out JsonElement found))
            return wanted.Value.TryGetProperty("optional", out JsonElement optional) && optional.GetBoolean();
        return Text(wanted.Value, "version") == Text(found, "version") && Text(wanted.Value, "integrity") == Text(found, "integrity");
    }

    private static string? Text(JsonElement package, string name) =>
        package.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private async Task<FileStream> LockAsync(CancellationToken cancel)
    {
        string path = Path.Combine(Folder, ".ingest", "install.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(12));
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), patience.Token);
            }
        }
    }

    private async Task InstallAsync(Action<string>? say, CancellationToken cancel)
    {
        say?.Invoke("Installing the servers of tools/emulators with npm, once; this takes about a minute.");
        var start = new ChildStart
        {
            Name = "npm ci",
            Program = OperatingSystem.IsWindows() ? "npm.cmd" : "npm",
            Arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            WorkingFolder = Folder,
        };
        try
        {
            await using ChildProcess npm = StartNpm(start);
            await npm.Exited.WaitAsync(TimeSpan.FromMinutes(10), cancel);
            if (npm.ExitCode != 0)
                throw new ServerException($"npm ci in tools/emulators ended with exit code {npm.ExitCode}:{Environment.NewLine}{string.Join(Environment.NewLine, npm.LastLines.TakeLast(12))}");
        }
        catch (TimeoutException e)
        {
            throw new ServerException("npm ci in tools/emulators took more than 10 minutes. Is the package registry within reach?", e);
        }
    }

    // Debian packs npm apart from nodejs; the shell that supervises it answers 127 for a program it cannot find.
    private static ChildProcess StartNpm(ChildStart start)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, start.Program))))
            throw new ServerException($"npm was not found. {Fix}");
        return ChildProcess.Start(start);
    }
}
