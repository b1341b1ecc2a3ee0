using System.Formats.Tar;
using System.IO.Compression;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

/// <summary>Public sample mail beside the repository; tests skip where it is not there.</summary>
internal static class Corpus
{
    public static string? Folder { get; } = Find();

    public static IEnumerable<(string Name, byte[] Bytes)> Zip(string path, Func<string, bool>? wanted = null)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(Required(), path));
        foreach (var entry in zip.Entries)
        {
            if (entry.FullName.EndsWith('/') || wanted?.Invoke(entry.FullName) == false)
                continue;
            using var stream = entry.Open();
            var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            yield return (entry.FullName, bytes.ToArray());
        }
    }

    public static IEnumerable<(string Name, byte[] Bytes)> Tar(string path)
    {
        using var file = File.OpenRead(Path.Combine(Required(), path));
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null)
                continue;
            var bytes = new MemoryStream();
            entry.DataStream.CopyTo(bytes);
            yield return (entry.Name, bytes.ToArray());
        }
    }

    public static bool IsMail(string name) =>
        (name.EndsWith(".eml", StringComparison.Ordinal) || name.EndsWith(".raw", StringComparison.Ordinal) || !Path.GetFileName(name).Contains('.'))
        && !name.Contains("LICENSE", StringComparison.Ordinal) && !name.Contains("COPYING", StringComparison.Ordinal);

    private static string Required()
    {
        if (Folder is null)
            Assert.Skip("The sample mail of ../shared/data is not here.");
        return Folder;
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data))
                return data;
        }
        return null;
    }
}
