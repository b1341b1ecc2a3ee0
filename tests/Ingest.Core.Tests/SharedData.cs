using System.Formats.Tar;
using System.IO.Compression;
using Xunit;

namespace Ingest.Core.Tests;

/// <summary>The published samples and vectors that lie beside the repository and not in it; a test that needs one is skipped where it is absent.</summary>
internal static class SharedData
{
    private static readonly string? Root = Find();

    /// <summary>The folder, or null where it is absent.</summary>
    public static string? FindFolder(string path) => Root is not null && Path.Combine(Root, path) is var folder && Directory.Exists(folder) ? folder : null;

    public static string File(string path)
    {
        string file = Path.Combine(Root ?? "", path);
        if (Root is null || !System.IO.File.Exists(file))
            Assert.Skip($"shared/data/{path} is not beside the repository.");
        return file;
    }

    /// <summary>Name and bytes of every regular file of a tar.gz.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Tar(string path)
    {
        using var stream = new GZipStream(System.IO.File.OpenRead(File(path)), CompressionMode.Decompress);
        using var tar = new TarReader(stream);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.DataStream is null)
                continue;
            using var bytes = new MemoryStream();
            entry.DataStream.CopyTo(bytes);
            yield return (entry.Name, bytes.ToArray());
        }
    }

    private static string? Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string data = Path.Combine(at.FullName, "shared", "data");
            if (Directory.Exists(data))
                return data;
        }
        return null;
    }
}
