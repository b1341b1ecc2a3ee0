using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ingest.Cli;

/// <summary>The ports of one local system, all on 127.0.0.1.</summary>
public sealed record LocalPorts
{
    public required int Host { get; init; }
    public required int Blob { get; init; }
    public required int Queue { get; init; }
    public required int Table { get; init; }

    /// <summary>The Google emulator's; null when the system runs without it.</summary>
    public int? Google { get; init; }
}

/// <summary>
/// What "ingest up" wrote down for the other commands and for its next start: the ports, and the app's settings as environment variables.
/// Holds the emulators' secrets, so the file is its owner's only.
/// </summary>
public sealed record LocalSettings
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;
    public required LocalPorts Ports { get; init; }
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The address of the running system's front.</summary>
    [JsonIgnore]
    public string BaseUrl => Environment["INGEST_BASE_URL"];

    /// <summary>The settings of the system that runs on the folder; fails with <see cref="CannotRunException"/> when none does.</summary>
    public static LocalSettings OfRunning(DataFolder data)
    {
        LocalSettings? settings = data.IsHeld ? Read(data) : null;
        return settings ?? throw new CannotRunException($"Nothing is running on {data}: start it with tools/up (or give --data).");
    }

    /// <summary>What the last start wrote; null when there is nothing usable, for then a start chooses anew.</summary>
    public static LocalSettings? Read(DataFolder data)
    {
        try
        {
            using FileStream file = File.OpenRead(data.Settings);
            return JsonSerializer.Deserialize(file, LocalJson.Default.LocalSettings) is { Version: CurrentVersion } settings ? settings : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file in one step, so that a reader never sees half of it.</summary>
    public void Write(DataFolder data)
    {
        string unfinished = data.Settings + ".part";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(unfinished);                             // the mode applies to a new file only
        using (FileStream file = new(unfinished, options))
        {
            JsonSerializer.Serialize(file, this, LocalJson.Default.LocalSettings);
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, data.Settings, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LocalSettings))]
internal sealed partial class LocalJson : JsonSerializerContext;
