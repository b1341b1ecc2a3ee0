namespace Ingest.Cli.Servers;

/// <summary>The clone this program was built from.</summary>
public static class RepoFolder
{
    /// <summary>The nearest folder above the program that holds Ingest.sln.</summary>
    /// <exception cref="ServerException">The program runs outside a clone.</exception>
    public static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Ingest.sln")))
                return at.FullName;
        }

        throw new ServerException("The servers live in tools/emulators of a clone, and no folder above this program holds Ingest.sln.");
    }
}
