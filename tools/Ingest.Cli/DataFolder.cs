using System.CommandLine;
using System.Globalization;
using Ingest.Cli.Servers;

namespace Ingest.Cli;

/// <summary>Where one local system keeps everything: stores, keys, logs, settings. Held by at most one "ingest up" at a time.</summary>
public sealed class DataFolder(string path)
{
    const string Variable = "INGEST_DATA";
    const int HoldAttempts = 3;
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    internal static readonly Option<string?> Option = new("--data")
    {
        Description = $"The folder of the running system. Default: {Variable}, or .ingest in the clone.",
        HelpName = "folder",
        Recursive = true,
    };

    public string Root { get; } = Path.GetFullPath(path);
    public string Azurite => Path.Combine(Root, "azurite");
    public string Keys => Path.Combine(Root, "keys");
    public string Logs => Path.Combine(Root, "logs");
    public string GoogleSnapshot => Path.Combine(Root, "google.json");
    public string Dns => Path.Combine(Root, "dns.json");
    public string Settings => Path.Combine(Root, "settings.json");

    /// <summary>True for the folder that commands use when none is named.</summary>
    public bool IsDefault => Root == Default;

    static string Default => Path.Combine(RepoFolder.Find(), ".ingest");
    string LockFile => Path.Combine(Root, "up.lock");

    // Beside the lock, not in it: a locked file cannot be read.
    string HolderFile => Path.Combine(Root, "up.pid");

    public override string ToString() => Root;

    internal static DataFolder Of(ParseResult line)
    {
        string? named = line.GetValue(Option) ?? Environment.GetEnvironmentVariable(Variable);
        return new DataFolder(string.IsNullOrEmpty(named) ? Default : named);
    }

    /// <summary>Creates what is missing, readable by its owner only: keys and mail rest here.</summary>
    public void Create()
    {
        foreach (string folder in new[] { Root, Azurite, Keys, Logs })
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, OwnerOnly);
    }

    /// <summary>
    /// Takes the folder for this process until the result is disposed; the kernel lets go of it when the process dies in any way.
    /// Fails with <see cref="CannotRunException"/> when another process has it.
    /// </summary>
    public async Task<IAsyncDisposable> HoldAsync(CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                FileStream held = new(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                await File.WriteAllTextAsync(HolderFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), cancel);
                return held;
            }
            catch (IOException) when (attempt < HoldAttempts)
            {
                // Another command that just looks whether the folder is held is gone in a moment.
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancel);
            }
            catch (IOException busy)
            {
                throw new CannotRunException($"The folder {Root} is in use by process {await HolderAsync(cancel)}: stop that \"up\" first, or give this one another --data folder.", busy);
            }
        }
    }

    /// <summary>True while an "ingest up" has the folder.</summary>
    public bool IsHeld
    {
        get
        {
            if (!File.Exists(LockFile))
                return false;
            try
            {
                using FileStream shared = new(LockFile, FileMode.Open, FileAccess.Read, FileShare.Read);
                return false;
            }
            catch (IOException)
            {
                return true;
            }
        }
    }

    async Task<string> HolderAsync(CancellationToken cancel) => File.Exists(HolderFile) ? await File.ReadAllTextAsync(HolderFile, cancel) : "?";
}
