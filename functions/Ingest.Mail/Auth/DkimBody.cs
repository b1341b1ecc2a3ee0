using System.Security.Cryptography;

namespace Ingest.Mail.Auth;

/// <summary>
/// Hashes a body in one canonical form in a single pass, however many signatures are about it. Most bodies are in their canonical form already but for the end,
/// so what needs a change is searched for and all between goes to the hash as it is.
/// </summary>
internal sealed class DkimBody : IDisposable
{
    private const int Chunk = 16 * 1024;
    private readonly byte[] buffer = new byte[Chunk];
    private readonly List<(IncrementalHash Hash, long Limit)> hashes = [];
    private int buffered;

    private DkimBody(IEnumerable<long> limits)
    {
        foreach (var limit in limits)
            hashes.Add((IncrementalHash.CreateHash(HashAlgorithmName.SHA256), limit));
    }

    /// <summary>The number of bytes of the canonical form so far.</summary>
    public long Length { get; private set; }

    /// <summary>The SHA-256 over as many leading bytes as each limit says, and the length of the whole.</summary>
    /// <param name="body">All after the empty line that ends the header.</param>
    /// <param name="form">Which form.</param>
    /// <param name="newLine">What ends a line in these bytes; canonical lines end in CRLF.</param>
    /// <param name="limits">The l= of each signature, <see cref="long.MaxValue"/> without.</param>
    public static (List<byte[]> Hashes, long Length) Hash(ReadOnlySpan<byte> body, DkimForm form, ReadOnlySpan<byte> newLine, IEnumerable<long> limits)
    {
        using var hash = new DkimBody(limits);
        body = WithoutEmptyLines(body, form, newLine);
        if (!body.IsEmpty)
        {
            if (newLine.Length == 1)
                hash.Lines(body, form);
            else if (form == DkimForm.Simple)
                hash.Add(body);
            else
                hash.Relaxed(body);
        }
        if (!body.IsEmpty || form == DkimForm.Simple)
            hash.Add("\r\n"u8);
        hash.Flush();
        return (hash.hashes.ConvertAll(static one => one.Hash.GetHashAndReset()), hash.Length);
    }

    public void Dispose()
    {
        foreach (var (hash, _) in hashes)
            hash.Dispose();
    }

    // Without the empty lines at the end, and without the last line's end.
    private static ReadOnlySpan<byte> WithoutEmptyLines(ReadOnlySpan<byte> body, DkimForm form, ReadOnlySpan<byte> newLine)
    {
        while (true)
        {
            if (form == DkimForm.Relaxed)
                body = body.TrimEnd(" \t"u8);
            if (!body.EndsWith(newLine))
                return body;
            body = body[..^newLine.Length];
        }
    }

    private void Relaxed(ReadOnlySpan<byte> body)
    {
        var at = 0;
        int tab = -1, pair = -1, lineEnd = -1;
        while (true)
        {
            tab = Next(body, "\t"u8, tab, at);
            pair = Next(body, "  "u8, pair, at);
            lineEnd = Next(body, " \r\n"u8, lineEnd, at);
            var blank = Math.Min(tab, Math.Min(pair, lineEnd));
            if (blank == int.MaxValue)
            {
                Add(body[at..]);
                return;
            }
            // A tab may have a space before it.
            var start = blank > at && body[blank - 1] == (byte)' ' ? blank - 1 : blank;
            var run = body[blank..].IndexOfAnyExcept((byte)' ', (byte)'\t');
            var end = run < 0 ? body.Length : blank + run;
            Add(body[at..start]);
            if (!body[end..].IsEmpty && !body[end..].StartsWith("\r\n"u8))
                Add(" "u8);
            at = end;
        }
    }

    // Each pattern is searched for once over the whole body: what was found beyond stays found.
    private static int Next(ReadOnlySpan<byte> body, ReadOnlySpan<byte> pattern, int known, int from)
    {
        if (known >= from)
            return known;
        var found = body[from..].IndexOf(pattern);
        return found < 0 ? int.MaxValue : from + found;
    }

    private void Lines(ReadOnlySpan<byte> body, DkimForm form)
    {
        while (true)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            if (form == DkimForm.Relaxed)
                Relaxed(line.TrimEnd(" \t"u8));
            else
                Add(line);
            if (end < 0)
                return;
            Add("\r\n"u8);
            body = body[(end + 1)..];
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Chunk - buffered)
            Flush();
        if (bytes.Length >= Chunk)
        {
            Take(bytes);
            return;
        }
        bytes.CopyTo(buffer.AsSpan(buffered));
        buffered += bytes.Length;
    }

    private void Flush()
    {
        Take(buffer.AsSpan(0, buffered));
        buffered = 0;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (var (hash, limit) in hashes)
        {
            if (limit > Length)
                hash.AppendData(bytes[..(int)Math.Min(bytes.Length, limit - Length)]);
        }
        Length += bytes.Length;
    }
}
