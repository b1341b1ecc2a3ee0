using System.IO.Compression;
using System.Text.Json;

namespace Ingest.Core.Tests.Keys;

/// <summary>The published test vectors.</summary>
internal static class CryptoVectors
{
    public static JsonElement Wycheproof(string file)
    {
        string path = SharedData.File("crypto/wycheproof/" + file);
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
