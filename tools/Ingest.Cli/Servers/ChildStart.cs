namespace Ingest.Cli.Servers;

/// <summary>What to start, and where its output goes.</summary>
public sealed record ChildStart
{
    /// <summary>A short word for messages, such as <c>azurite</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The program: a path, or a name found on PATH.</summary>
    public required string Program { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Added to the environment this process has; a null value removes the variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingFolder { get; init; }

    /// <summary>Every output line is appended here; null keeps lines only in memory.</summary>
    public string? LogFile { get; init; }

    /// <summary>
    /// True when the program itself ends once its stdin closes. Otherwise a shell stands between on Unix, which sends it
    /// SIGTERM at that moment and SIGKILL five seconds later; its stdin is then empty.
    /// </summary>
    public bool EndsWithStdin { get; init; }

    /// <summary>How long a stop may take before the whole process tree is killed.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(10);
}
