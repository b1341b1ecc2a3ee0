using System.Diagnostics;
using System.Globalization;
using Ingest.LocalHost.Script;

namespace Ingest.LocalHost.Handlers;

/// <summary>How the handler of a script root is started: resolved once, so that a missing executable is told before anything runs.</summary>
internal sealed class HandlerLaunch
{
    private readonly string file;
    private readonly string arguments;
    private readonly string workingDirectory;
    private readonly string root;
    private readonly IReadOnlyDictionary<string, string> environment;

    public HandlerLaunch(ScriptRoot script, IReadOnlyDictionary<string, string> environment)
    {
        HandlerSettings settings = script.Host.Handler;
        root = script.Folder;
        this.environment = environment;
        workingDirectory = Path.GetFullPath(Path.Combine(root, settings.WorkingDirectory));
        string executable = Resolve(settings, script.Settings["PATH"]);
        // The handler must not outlive this process, also when that is killed: only the kernel can promise it.
        if (FindOnPath("setpriv", script.Settings["PATH"]) is { } setpriv && OperatingSystem.IsLinux())
        {
            file = setpriv;
            arguments = $"--pdeathsig KILL -- \"{executable.Replace("\"", "\\\"", StringComparison.Ordinal)}\" {settings.Arguments}";
        }
        else
        {
            file = executable;
            arguments = settings.Arguments;
        }
    }

    public ProcessStartInfo ForPort(int port, string workerId)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        string text = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = text;
        start.Environment["FUNCTIONS_HTTPWORKER_PORT"] = text;
        start.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = workerId;
        start.Environment["FUNCTIONS_HTTPWORKER_ID"] = workerId;
        start.Environment["FUNCTIONS_APP_ROOT_PATH"] = root;
        return start;
    }

    private string Resolve(HandlerSettings settings, string? path)
    {
        string local = Path.GetFullPath(Path.Combine(root, settings.WorkerDirectory, settings.Executable));
        if (File.Exists(local))
        {
            AllowExecution(local);
            return local;
        }
        return FindOnPath(settings.Executable, path) ?? throw new LocalHostException(
            $"host.json starts '{settings.Executable}', which is neither in {root} nor on the PATH: build the app, or name the folder with its output.");
    }

    // As the host does on Linux: the file it launches gets its execute bits, nothing else does.
    private static void AllowExecution(string executable)
    {
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(executable) & Execute) == Execute)
            return;
        File.SetUnixFileMode(executable, File.GetUnixFileMode(executable) | Execute);
    }

    private static string? FindOnPath(string name, string? path) => (path ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => OperatingSystem.IsWindows()
            ? [Path.Combine(folder, name), Path.Combine(folder, name + ".exe")]
            : new[] { Path.Combine(folder, name) })
        .FirstOrDefault(File.Exists);
}
