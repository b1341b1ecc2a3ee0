namespace Ingest.Mail.Tests.Mime;

/// <summary>The folder of our own sample mails: adding a case is adding a file.</summary>
internal static class Fixtures
{
    public static string Folder { get; } = Find();

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.eml").Select(static file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);

    public static byte[] Mail(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".eml"));

    public static string Expected(string name) => File.ReadAllText(Path.Combine(Folder, name + ".json"));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var mime = Path.Combine(folder.FullName, "tests", "fixtures", "mime");
            if (Directory.Exists(mime))
                return mime;
        }
        throw new DirectoryNotFoundException("tests/fixtures/mime");
    }
}
