using System.Formats.Tar;
using System.IO.Compression;
using Xunit;

namespace Ingest.Core.Tests.Spam;

/// <summary>Shared test data beside the repository; a test that needs it is skipped where it is absent.</summary>
internal static class Corpus
{
    internal static string File(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, "shared", "data", path);
            if (System.IO.File.Exists(file))
                return file;
        }
        Assert.Skip($"shared/data/{path} is not beside this repository");
        return "";
    }

    /// <summary>Name and bytes of every regular file of a tar.gz.</summary>
    internal static IEnumerable<(string Name, byte[] Bytes)> Tar(string path)
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
}
