using System.Globalization;

namespace Ingest.Cli.Servers;

/// <summary>How the Google emulator starts; as it is, it takes a free port, has three users and no mail.</summary>
public sealed record GoogleEmulatorOptions
{
    /// <summary>0 lets it pick a free one.</summary>
    public int Port { get; init; }

    public string ClientId { get; init; } = "ingest-local.apps.example";

    public string ClientSecret { get; init; } = "ingest-local-secret";

    /// <summary>Where the app may have the browser sent back to; compared by origin and path.</summary>
    public IReadOnlyList<Uri> RedirectUris { get; init; } = [];

    /// <summary>Its *.eml files arrive at start in order of name; <see cref="Samples"/> are ours. Null brings no mail.</summary>
    public string? SeedFolder { get; init; }

    /// <summary>Whose mailbox the seed goes to.</summary>
    public string SeedUser { get; init; } = "support@acme.example";

    /// <summary>Where mails, ids, history and grants are kept over restarts; null keeps them in memory.</summary>
    public string? DataFile { get; init; }

    public string? LogFile { get; init; }

    /// <summary>The sample mails that come with the repository.</summary>
    public static string Samples => Path.Combine(RepoFolder.Find(), "tools", "emulators", "samples");

    internal IEnumerable<string> Arguments(int port)
    {
        List<string> arguments = ["--port", port.ToString(CultureInfo.InvariantCulture), "--client-id", ClientId, "--client-secret", ClientSecret];
        foreach (Uri uri in RedirectUris)
            arguments.AddRange(["--redirect-uri", uri.AbsoluteUri]);
        if (SeedFolder is not null)
            arguments.AddRange(["--samples", Path.GetFullPath(SeedFolder), "--samples-to", SeedUser]);
        if (DataFile is not null)
            arguments.AddRange(["--data", Path.GetFullPath(DataFile)]);
        return arguments;
    }
}
