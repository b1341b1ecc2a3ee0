using System.Formats.Tar;
using System.IO.Compression;

namespace Ingest.Core.Tests;

/// <summary>A folder that goes when the test goes.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ingest-core-").FullName;

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
        string path = SharedData.File(archive);
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
