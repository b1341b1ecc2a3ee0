using System.Formats.Tar;
using System.IO.Compression;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

/// <summary>A folder that goes when the test goes.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ingest-mailboxes-").FullName;

    public string Write(string name, string content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Unpacks an archive of the shared corpora, or skips the test where they are absent.</summary>
    public TempFolder Unpack(string archive)
    {
        string path = System.IO.Path.Combine(SharedData.Folder(), archive);
        Assert.SkipUnless(File.Exists(path), "The corpus is not here.");
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            ZipFile.ExtractToDirectory(path, Path);
            return this;
        }

        using FileStream file = File.OpenRead(path);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(gzip, Path, overwriteFiles: true);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>The corpora that lie beside the repository.</summary>
internal static class SharedData
{
    public static string Folder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string data = Path.Combine(at.FullName, "shared", "data");
            if (Directory.Exists(data))
                return data;
        }

        Assert.Skip("No folder shared/data beside the repository.");
        return "";
    }
}
