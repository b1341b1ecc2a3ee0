using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Imap;

/// <summary>
/// Reads responses in the words of the grammar (RFC 3501 9, RFC 9051 9). Strict where the frame of the protocol is at stake, since a mail's own text must never
/// be taken for an answer; tolerant within a response: a method that does not find its word says so and moves nothing.
/// </summary>
internal sealed class ImapReader(WireConnection wire)
{
    public const int UsualLine = 1024 * 1024;
    public const int LongestString = 256 * 1024;
    private const int MostSegments = 10_000;

    private ReadOnlyMemory<byte> _segment;
    private int _at, _end, _segments;
    private long _literal = -1;
    private bool _isDone = true;
    private ReadOnlyMemory<byte>? _kept;

    /// <summary>The longest line that is taken, in bytes.</summary>
    public int LineLimit { get; set; } = UsualLine;

    /// <summary>What of the line is not yet read, up to a literal.</summary>
    public ReadOnlySpan<byte> Rest => _segment.Span[_at.._end];

    /// <summary>True when nothing of the response is left.</summary>
    public bool IsAtEnd => _at == _end && _literal < 0;

    /// <summary>Goes to the next response, over whatever is left of this one.</summary>
    public ValueTask NextAsync(CancellationToken cancel)
    {
        if (_kept is { } kept)
        {
            (_kept, _isDone, _segments) = (null, false, 0);
            Load(kept);
            return ValueTask.CompletedTask;
        }

        ValueTask<ReadOnlyMemory<byte>> line = _isDone || _literal < 0 ? wire.ReadLineAsync(LineLimit, cancel) : SkipAndReadAsync(cancel);
        if (!line.IsCompletedSuccessfully) return LoadNextAsync(line);
        (_isDone, _segments) = (false, 0);
        Load(line.GetAwaiter().GetResult());
        return ValueTask.CompletedTask;
    }

    /// <summary>From here on the line is text for people: what looks like a literal in it is none.</summary>
    public void IsText() => (_end, _literal) = (_segment.Length, -1);

    /// <summary>The byte that comes next, or 0 at the end of a line and before a literal.</summary>
    public byte Peek() => _at < _end ? _segment.Span[_at] : (byte)0;

    /// <summary>Takes a byte if it is the next.</summary>
    public bool Take(byte wanted)
    {
        if (_at == _end || _segment.Span[_at] != wanted) return false;
        _at++;
        return true;
    }

    /// <summary>Takes any spaces there are.</summary>
    public void Spaces()
    {
        while (_at < _end && _segment.Span[_at] == ' ') _at++;
    }

    private static readonly SearchValues<byte> AtomEnds = SearchValues.Create(" ()[]<>{\"\r\n"u8);
    private static readonly SearchValues<byte> StringEnds = SearchValues.Create(" ()\"\r\n"u8);

    /// <summary>Takes a word up to a space, bracket or quote; empty when there is none.</summary>
    public ReadOnlySpan<byte> Word()
    {
        ReadOnlySpan<byte> rest = Rest;
        int length = rest.IndexOfAny(AtomEnds);
        if (length < 0) length = rest.Length;
        _at += length;
        return rest[..length];
    }

    /// <summary>Takes all before one of two bytes, which stays; empty when it does not come.</summary>
    public ReadOnlySpan<byte> Until(byte end)
    {
        int length = Rest.IndexOf(end);
        if (length < 0) return default;
        ReadOnlySpan<byte> found = Rest[..length];
        _at += length;
        return found;
    }

    /// <summary>Takes a number; what servers write as 1.86931e+06 is one, too, and what they write as -1 is 0.</summary>
    public bool TryNumber(out long number)
    {
        if (!Utf8Parser.TryParse(Rest, out number, out int used))
        {
            number = 0;
            return false;
        }

        _at += used;
        if (_at < _end && _segment.Span[_at] is (byte)'.' or (byte)'e' or (byte)'E')
        {
            _at -= used;
            if (!Utf8Parser.TryParse(Rest, out double real, out used)) return false;
            _at += used;
            number = double.IsFinite(real) && real is > -1e15 and < 1e15 ? (long)real : 0;
        }

        number = Math.Max(0, number);
        return true;
    }

    /// <summary>Takes a string in any form: quoted, literal, or an atom where a string is due; null for NIL.</summary>
    public ValueTask<byte[]?> StringAsync(CancellationToken cancel)
    {
        if (_at == _end && _literal >= 0) return LiteralStringAsync(cancel);
        if (Peek() == '"') return new(Quoted());
        ReadOnlySpan<byte> rest = Rest;
        int length = rest.IndexOfAny(StringEnds);
        ReadOnlySpan<byte> word = length < 0 ? rest : rest[..length];
        _at += word.Length;
        return new(Ascii.EqualsIgnoreCase(word, "NIL"u8) ? null : word.ToArray());
    }

    /// <summary>Takes a value of any shape, with all that is nested in it.</summary>
    public async ValueTask SkipValueAsync(CancellationToken cancel)
    {
        int depth = 0;
        do
        {
            Spaces();
            if (_at == _end)
            {
                if (_literal < 0) return;
                await SkipLiteralAsync(cancel);
            }
            else if (Take((byte)'(')) depth++;
            else if (Take((byte)')')) depth--;
            else if (Peek() == '"') SkipQuoted();
            else if (Word().IsEmpty) _at++;
        }
        while (depth > 0);
    }

    /// <summary>True when a literal comes next.</summary>
    public bool IsAtLiteral => _at == _end && _literal >= 0;

    /// <summary>
    /// Takes a mail: a literal whose announced size may be a byte or two off, as some servers have it, or a quoted string. Null when it is neither, or
    /// longer than <paramref name="limit"/> bytes; <paramref name="limit"/> also bounds what is allocated.
    /// </summary>
    public ValueTask<byte[]?> MailAsync(int limit, CancellationToken cancel)
    {
        if (!IsAtLiteral) return new(QuotedMail());
        return _literal > limit ? SkipMailAsync(cancel) : MailLiteralAsync(cancel);
    }

    // What is neither a literal nor quoted to its end is not taken for a mail, however tolerant one is elsewhere.
    private byte[]? QuotedMail()
    {
        if (Peek() != '"')
        {
            Word();
            return null;
        }

        int start = _at;
        byte[]? mail = Quoted();
        return _at > start + 1 && _segment.Span[_at - 1] == '"' ? mail : null;
    }

    private async ValueTask<byte[]?> SkipMailAsync(CancellationToken cancel)
    {
        await SkipLiteralAsync(cancel);
        return null;
    }

    private async ValueTask<byte[]?> MailLiteralAsync(CancellationToken cancel)
    {
        byte[] mail = GC.AllocateUninitializedArray<byte>((int)_literal);
        await wire.ReadExactAsync(mail, cancel);
        await NextSegmentAsync(cancel);
        return Peek() is (byte)')' or (byte)' ' ? mail : await MendAsync(mail, cancel);
    }

    // The frame is off by what is told here, or by something that we do not know; the latter ends the connection.
    private async ValueTask<byte[]> MendAsync(byte[] mail, CancellationToken cancel)
    {
        bool hadRest = _segment.Length == 0;
        if (hadRest) await NextSegmentAsync(cancel);
        if (hadRest && Peek() == (byte)')') return [.. mail, .. mail is [.., (byte)'\r'] ? "\n"u8 : "\r\n"u8];
        if (!hadRest && Rest is [_, (byte)')'] or [_, _, (byte)')'] && Rest[0] != '*')
        {
            byte[] longer = [.. mail, .. Rest[..^1]];
            _at = _end - 1;
            return longer;
        }

        byte[]? shorter = mail switch
        {
            [.. var head, (byte)')'] when hadRest => head,
            [.. var head, (byte)')', (byte)'\r'] when hadRest => head,
            [.. var head, (byte)')', (byte)'\r', (byte)'\n'] when !hadRest => head,
            _ => null,
        };
        if (shorter is null || Peek() is not ((byte)'*' or (byte)'+') && !IsTagLike()) throw wire.Fail(WireFault.Malformed);
        // What stands here is the next response already.
        _kept = _segment;
        Load(default);
        return shorter;
    }

    // What a tag and its word look like: "a1 OK".
    private bool IsTagLike() => Rest.IndexOf((byte)' ') is > 0 and < 24;

    private byte[]? Quoted()
    {
        int start = _at;
        SkipQuoted();
        ReadOnlySpan<byte> inner = _segment.Span[(start + 1)..Math.Max(start + 1, _at - 1)];
        if (inner.IndexOf((byte)'\\') < 0) return inner.ToArray();
        byte[] text = new byte[inner.Length];
        int length = 0;
        for (int i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length) i++;
            text[length++] = inner[i];
        }

        return text[..length];
    }

    // A quote that nothing fitting follows was not escaped by its server, and belongs to the text.
    private void SkipQuoted()
    {
        ReadOnlySpan<byte> line = _segment.Span[.._end];
        for (_at++; _at < _end; _at++)
        {
            if (line[_at] == '\\') _at++;
            else if (line[_at] == '"' && (_at + 1 == _end || line[_at + 1] is (byte)' ' or (byte)')' or (byte)']' or (byte)'(')) break;
        }

        _at = Math.Min(_end, _at + 1);
    }

    private async ValueTask<byte[]?> LiteralStringAsync(CancellationToken cancel)
    {
        if (_literal > LongestString) throw wire.Fail(WireFault.Malformed);
        byte[] text = new byte[_literal];
        await wire.ReadExactAsync(text, cancel);
        await NextSegmentAsync(cancel);
        return text;
    }

    private async ValueTask SkipLiteralAsync(CancellationToken cancel)
    {
        await wire.SkipAsync(_literal, cancel);
        await NextSegmentAsync(cancel);
    }

    private async ValueTask NextSegmentAsync(CancellationToken cancel)
    {
        if (++_segments > MostSegments) throw wire.Fail(WireFault.Malformed);
        Load(await wire.ReadLineAsync(LineLimit, cancel));
    }

    private async ValueTask<ReadOnlyMemory<byte>> SkipAndReadAsync(CancellationToken cancel)
    {
        while (_literal >= 0) await SkipLiteralAsync(cancel);
        return await wire.ReadLineAsync(LineLimit, cancel);
    }

    private async ValueTask LoadNextAsync(ValueTask<ReadOnlyMemory<byte>> line)
    {
        ReadOnlyMemory<byte> read = await line;
        (_isDone, _segments) = (false, 0);
        Load(read);
    }

    private void Load(ReadOnlyMemory<byte> line)
    {
        (_segment, _at, _end, _literal) = (line, 0, line.Length, -1);
        ReadOnlySpan<byte> text = line.Span;
        if (text is not [.., (byte)'}'] || text.LastIndexOf((byte)'{') is not (>= 0 and var open)) return;
        ReadOnlySpan<byte> size = text[(open + 1)..^1].TrimEnd((byte)'+');
        if (!Utf8Parser.TryParse(size, out uint length, out int used) || used != size.Length) return;
        (_literal, _end) = (length, open > 0 && text[open - 1] == '~' ? open - 1 : open);
    }
}
