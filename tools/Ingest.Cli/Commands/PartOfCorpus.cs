using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Ingest.Cli.Commands;

/// <summary>The mails of a folder, or a fixed part of them: "mails/:0-6" is those whose SHA-256, taken as a number, leaves 0 to 6 when divided by 10.</summary>
internal static class PartOfCorpus
{
    const int Parts = 10;

    public static async IAsyncEnumerable<(string Name, ReadOnlyMemory<byte> Raw)> ReadAsync(string input, [EnumeratorCancellation] CancellationToken cancel)
    {
        (string path, int from, int to) = Split(input);
        if (!Path.Exists(path)) throw new CannotRunException($"{path} is not there: name a folder, a mail or an mbox.");
        await foreach ((string name, ReadOnlyMemory<byte> raw) in ParseInputs.ReadAsync([path], Stream.Null, cancel))
            if (PartOf(raw.Span) is var part && part >= from && part <= to) yield return (name, raw);
    }

    /// <summary>In which of ten parts a mail is.</summary>
    internal static int PartOf(ReadOnlySpan<byte> raw)
    {
        int rest = 0;
        foreach (byte b in SHA256.HashData(raw))
            rest = ((rest * 256) + b) % Parts;
        return rest;
    }

    static (string Path, int From, int To) Split(string input)
    {
        int colon = input.LastIndexOf(':');
        string[] ends = colon < 0 ? [] : input[(colon + 1)..].Split('-');
        return ends.Length is 1 or 2 && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int from) && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int to)
            ? (input[..colon], from, to)
            : (input, 0, Parts - 1);
    }
}
