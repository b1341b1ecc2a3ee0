using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Ingest.App.Tests.Secrecy;

/// <summary>
/// Looks for canaries in bytes, in every form of <see cref="CanaryForms"/>, and again in whatever the bytes hold packed: base64 runs, gzip, zlib and
/// zip members, to a depth of four. Line breaks within base64 and quoted-printable, also as a JSON string writes them, do not hide a word.
/// </summary>
internal sealed partial class CanaryScanner
{
    private const int MostLayers = 4, LargestInflated = 64 * 1024 * 1024, ShortestBase64 = 24, ShortestInflated = 8;

    private readonly Dictionary<string, (string Canary, string Form)> anyCase = [], exactCase = [];
    private readonly SearchValues<string> anyCaseSearch, exactCaseSearch;

    public CanaryScanner(IEnumerable<Canary> canaries)
    {
        foreach (Canary canary in canaries)
        {
            // Shorter ones could turn up in ciphertext by chance.
            ArgumentOutOfRangeException.ThrowIfLessThan(Encoding.UTF8.GetByteCount(canary.Word), 12, canary.Name);
            foreach ((string form, string pattern) in CanaryForms.AnyCase(canary)) anyCase.TryAdd(pattern.ToLowerInvariant(), (canary.Name, form));
            foreach ((string form, string pattern) in CanaryForms.ExactCase(canary)) exactCase.TryAdd(pattern, (canary.Name, form));
        }

        anyCaseSearch = SearchValues.Create([.. anyCase.Keys], StringComparison.Ordinal);
        exactCaseSearch = SearchValues.Create([.. exactCase.Keys], StringComparison.Ordinal);
    }

    /// <summary>How many bytes were looked at, unpacked ones included.</summary>
    public long Scanned { get; private set; }

    /// <summary>How many base64 runs and compressed streams were opened on the way.</summary>
    public int Unpacked { get; private set; }

    /// <summary>Every file below a folder: its path and its bytes.</summary>
    public IEnumerable<Sighting> Folder(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string place = Path.GetRelativePath(Path.GetDirectoryName(folder)!, file);
            foreach (Sighting seen in Text(place, place).Concat(Bytes(place, File.ReadAllBytes(file)))) yield return seen;
        }
    }

    public IReadOnlyCollection<Sighting> Text(string place, string text) => Bytes(place, Encoding.UTF8.GetBytes(text));

    public IReadOnlyCollection<Sighting> Bytes(string place, byte[] bytes)
    {
        HashSet<Sighting> seen = [];
        Look(place, bytes, layer: 0, seen);
        return seen;
    }

    private void Look(string place, byte[] bytes, int layer, HashSet<Sighting> seen)
    {
        Scanned += bytes.Length;
        string text = Encoding.Latin1.GetString(bytes), joined = LineBreak().Replace(text, "");
        Match(place, text, seen);
        if (joined.Length != text.Length) Match(place, joined, seen);
        if (layer == MostLayers) return;
        foreach ((string kind, byte[] inner) in Inflated(bytes).Concat(Decoded(joined)))
        {
            Unpacked++;
            Look($"{place} > {kind}", inner, layer + 1, seen);
        }
    }

    private void Match(string place, string text, HashSet<Sighting> seen)
    {
        Match(place, text, exactCase, exactCaseSearch, seen);
        Match(place, text.ToLowerInvariant(), anyCase, anyCaseSearch, seen);
    }

    private static void Match(string place, string text, Dictionary<string, (string Canary, string Form)> forms, SearchValues<string> search, HashSet<Sighting> seen)
    {
        for (int at = 0, next; (next = text.AsSpan(at).IndexOfAny(search)) >= 0; at += next + 1)
            foreach ((string pattern, (string canary, string form)) in forms)
                if (text.AsSpan(at + next).StartsWith(pattern, StringComparison.Ordinal)) seen.Add(new Sighting(place, canary, form));
    }

    private static IEnumerable<(string, byte[])> Decoded(string text)
    {
        foreach (Match run in Base64Run().Matches(text))
        {
            string standard = run.Value.Replace('-', '+').Replace('_', '/');
            byte[] decoded = new byte[standard.Length];
            if (Convert.TryFromBase64String(standard[..(standard.Length / 4 * 4)], decoded, out int length) && length >= ShortestBase64 / 4 * 3)
                yield return ("base64", decoded[..length]);
        }
    }

    private static IEnumerable<(string, byte[])> Inflated(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length - 4; at++)
        {
            ReadOnlySpan<byte> here = bytes.AsSpan(at);
            (string Kind, int Skip)? packed = here switch
            {
                [0x1f, 0x8b, 0x08, ..] => ("gzip", 0),
                [0x78, 0x01 or 0x5e or 0x9c or 0xda, ..] => ("zlib", 0),
                [0x50, 0x4b, 0x03, 0x04, ..] when here.Length > 30 => ("zip", 30 + here[26] + here[27] * 256 + here[28] + here[29] * 256),
                _ => null,
            };
            if (packed is { } found && at + found.Skip < bytes.Length && Inflate(found.Kind, bytes, at + found.Skip) is { Length: >= ShortestInflated } inner)
                yield return (found.Kind, inner);
        }
    }

    // What was cut short or damaged further on still shows what came before.
    private static byte[] Inflate(string kind, byte[] bytes, int start)
    {
        using MemoryStream from = new(bytes, start, bytes.Length - start), to = new();
        using Stream packed = kind switch
        {
            "gzip" => new GZipStream(from, CompressionMode.Decompress),
            "zlib" => new ZLibStream(from, CompressionMode.Decompress),
            _ => new DeflateStream(from, CompressionMode.Decompress),
        };
        byte[] buffer = new byte[16 * 1024];
        try
        {
            for (int read; to.Length < LargestInflated && (read = packed.Read(buffer)) > 0;) to.Write(buffer, 0, read);
        }
        catch (InvalidDataException)
        {
        }

        return to.ToArray();
    }

    [GeneratedRegex(@"=?(\r\n|\n|\\r\\n|\\n|\\u000d\\u000a|\\u000a)[ \t]*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LineBreak();

    [GeneratedRegex(@"[A-Za-z0-9+/_-]{24,}")]
    private static partial Regex Base64Run();
}
