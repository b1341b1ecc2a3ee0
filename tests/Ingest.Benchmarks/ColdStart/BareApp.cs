using System.Xml.Linq;

namespace Ingest.Benchmarks.ColdStart;

/// <summary>The least ASP.NET app that answers, in a folder of its own, with the packages that the product carries and the same build settings.</summary>
internal static class BareApp
{
    public const string Name = "Bare";

    private static readonly string[] Projects = ["functions/Ingest.Core/Ingest.Core.csproj", "functions/Ingest.Mail/Ingest.Mail.csproj", "functions/Ingest.App/Ingest.App.csproj"];
    private static readonly string[] SharedFiles = ["Directory.Build.props", "Directory.Packages.props", "global.json", ".banned-symbols.txt"];

    /// <summary>Writes its sources; returns the project file.</summary>
    public static string Write(string folder)
    {
        foreach (string file in SharedFiles)
            File.Copy(Path.Combine(Corpus.Repository, file), Path.Combine(folder, file));
        string references = string.Concat(Projects
            .SelectMany(project => XDocument.Load(Path.Combine(Corpus.Repository, project)).Descendants("PackageReference"))
            .Select(reference => reference.Attribute("Include")!.Value).Distinct()
            .Select(name => $"    <PackageReference Include=\"{name}\" />\n"));
        string project = Path.Combine(folder, Name + ".csproj");
        File.WriteAllText(project, $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <RuntimeIdentifiers>linux-x64</RuntimeIdentifiers>
                <PublishReadyToRun>true</PublishReadyToRun>
                <RestoreLockedMode>false</RestoreLockedMode>
              </PropertyGroup>
              <ItemGroup>
            {references}  </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), """
            using System.Globalization;
            using System.Net;

            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
            builder.WebHost.ConfigureKestrel(kestrel =>
                kestrel.Listen(IPAddress.Loopback, int.Parse(Environment.GetEnvironmentVariable("FUNCTIONS_CUSTOMHANDLER_PORT")!, CultureInfo.InvariantCulture)));
            WebApplication app = builder.Build();
            app.Run(http => http.Response.WriteAsync("bare"));
            app.Run();
            """);
        return project;
    }
}
