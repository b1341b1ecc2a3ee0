namespace Ingest.Cli;

/// <summary>The clone that this program was built in.</summary>
internal static class Clone
{
    const string Mark = "Ingest.sln";

    /// <summary>The folder that holds the solution.</summary>
    public static string Root
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, Mark)))
                    return folder.FullName;
            throw new CannotRun("This program was moved out of its clone: run tools/ingest there.");
        }
    }

    /// <summary>What the App was built to, in the same configuration as this program; the folder that would be deployed.</summary>
    public static string AppOutput
    {
        get
        {
            string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            return Path.Combine(Root, "functions", "Ingest.App", "bin", configuration, "net10.0");
        }
    }
}
