using System.IO.Compression;
using System.Text.Json;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>The published vectors, which lie beside the repository and not in it.</summary>
internal static class CryptoVectors
{
    public static string FolderOf(string name) => TryFolderOf(name) is { } found
        ? found
        : throw new InvalidOperationException("Ask TryFolderOf first.");

    public static string? TryFolderOf(string name)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "shared", "data", "crypto", name);
            if (Directory.Exists(path))
                return path;
        }

        return null;
    }

    public static JsonElement Wycheproof(string file)
    {
        string path = Path.Combine(TryFolderOf("wycheproof") ?? "", file);
        if (!File.Exists(path))
            Assert.Skip("shared/data/crypto/wycheproof is not beside the repository.");
        using Stream raw = File.OpenRead(path);
        using Stream json = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        return JsonDocument.Parse(json).RootElement;
    }

    public static IEnumerable<(JsonElement Group, JsonElement Test)> Tests(JsonElement root) =>
        from g in root.GetProperty("testGroups").EnumerateArray()
        from t in g.GetProperty("tests").EnumerateArray()
        select (g, t);

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static bool IsValid(this JsonElement test) => test.GetProperty("result").GetString() == "valid";
}
