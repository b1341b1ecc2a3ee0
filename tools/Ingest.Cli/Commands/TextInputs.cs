using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Ingest.Cli.Commands;

/// <summary>Finds the texts that the arguments of a command name: files, folders of *.txt, stdin.</summary>
internal static class TextInputs
{
    static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>Each text with the name to show for it, in order; folders are read recursively, sorted by path.</summary>
    public static async IAsyncEnumerable<(string Name, ReadOnlyMemory<byte> Raw)> ReadAsync(IReadOnlyList<string> inputs, Stream stdin, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (string name in Names(inputs))
        {
            if (name != "-")
            {
                yield return (name, await File.ReadAllBytesAsync(name, cancel));
                continue;
            }

            MemoryStream text = new();
            await stdin.CopyToAsync(text, cancel);
            yield return (name, text.ToArray());
        }
    }

    /// <summary>The files that are named, and "-".</summary>
    public static IEnumerable<string> Names(IReadOnlyList<string> inputs) => inputs.SelectMany(input => input != "-" && Directory.Exists(input) ? TextFiles(input) : [input]);

    /// <summary>The text of some bytes: UTF-16 where a byte order mark says so, UTF-8 where it is valid, else Windows-1252, of which every byte is one character. A mark stays, as U+FEFF.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith<byte>([0xFF, 0xFE])) return Encoding.Unicode.GetString(bytes);
        if (bytes.StartsWith<byte>([0xFE, 0xFF])) return Encoding.BigEndianUnicode.GetString(bytes);
        return OfLine(bytes);
    }

    /// <summary>The same for a line, which has no mark.</summary>
    public static string OfLine(ReadOnlySpan<byte> bytes) => (Utf8.IsValid(bytes) ? Encoding.UTF8 : Windows1252).GetString(bytes);

    static IEnumerable<string> TextFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(static file => Path.GetExtension(file).Equals(".txt", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal);
}
