using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Ingest.Mail.Wire;

/// <summary>
/// A connection to a mail server: lines in, exact reads in, buffered writes out, each under a deadline. Any <see cref="WireException"/> or cancellation leaves
/// it unusable: dispose of it. One operation at a time.
/// </summary>
public sealed class WireConnection : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024, BytesPerDeadline = 256 * 1024, LongestTraced = 2_000;
    private static readonly byte[] NewLine = "\r\n"u8.ToArray();

    private readonly WireOptions _options;
    private readonly bool _isPlaintextFine;
    private readonly Deadline _deadline;
    private Stream _stream;
    private byte[] _in = new byte[BufferBytes];
    private byte[] _out = new byte[4096];
    private int _head, _tail, _pending;
    private readonly StringBuilder _sentLine = new();

    internal WireConnection(MailServer server, WireOptions options, Stream stream)
    {
        (Server, _options, _stream) = (server, options, stream);
        _deadline = new Deadline(options.ReadTimeout, options.Time);
        _isPlaintextFine = server.Tls == TlsMode.None;
    }

    /// <summary>Whom it is connected to.</summary>
    public MailServer Server { get; }

    /// <summary>True when all that follows is encrypted and the server's certificate was found good.</summary>
    public bool IsEncrypted { get; private set; }

    /// <summary>True once an operation failed or was cancelled: what follows would be out of step, so every further operation fails.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Bytes received so far, as lines and reads see them.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Bytes sent so far.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Connects to the first of the host's addresses that is allowed and answers, and shakes hands for <see cref="TlsMode.Implicit"/>; throws <see cref="WireException"/>.</summary>
    public static async Task<WireConnection> ConnectAsync(MailServer server, WireOptions options, CancellationToken cancel)
    {
        WireConnection wire = new(server, options, new NetworkStream(await WireConnector.ConnectAsync(server, options, cancel), ownsSocket: true));
        try
        {
            if (server.Tls == TlsMode.Implicit) await EncryptAsync(wire, cancel);
            return wire;
        }
        catch
        {
            await wire.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Begins TLS after the server agreed to STARTTLS (RFC 3501 6.2.1, RFC 3207). Whatever it said beyond its agreement was said in plaintext and could be
    /// anyone's: then the connection is refused as <see cref="WireFault.PlaintextInjected"/>.
    /// </summary>
    public async Task UpgradeAsync(CancellationToken cancel)
    {
        if (IsEncrypted) throw new InvalidOperationException("The connection is encrypted already.");
        if (_head < _tail || _pending > 0)
        {
            await DisposeAsync();
            throw Fail(WireFault.PlaintextInjected);
        }

        await EncryptAsync(this, cancel);
    }

    private static async Task EncryptAsync(WireConnection wire, CancellationToken cancel)
    {
        // Until the handshake is done there is nothing to go on with.
        wire.IsBroken = true;
        wire._stream = await TlsHandshake.RunAsync(wire._stream, wire.Server, wire._options, cancel);
        (wire.IsEncrypted, wire.IsBroken) = (true, false);
    }

    /// <summary>Reads a line of at most <paramref name="limit"/> bytes, without its CRLF or LF. The memory holds until the next read.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ReadLineAsync(int limit, CancellationToken cancel)
    {
        CheckUsable();
        return TryTakeLine(0, limit, out ReadOnlyMemory<byte> line) ? new(line) : ReceiveLineAsync(limit, cancel);
    }

    /// <summary>Fills <paramref name="into"/> to its end.</summary>
    public ValueTask ReadExactAsync(Memory<byte> into, CancellationToken cancel)
    {
        int ready = TakeBuffered(into.Span);
        if (_options.Trace is { } trace && into.Length > 0) trace($"S: <{into.Length} bytes>");
        return ready == into.Length ? ValueTask.CompletedTask : ReceiveExactAsync(into[ready..], cancel);
    }

    /// <summary>Reads at least one byte and at most <paramref name="into"/> holds: for what is too long to be held at once.</summary>
    public async ValueTask<int> ReadSomeAsync(Memory<byte> into, CancellationToken cancel)
    {
        int read = TakeBuffered(into.Span);
        if (read == 0 && into.Length > 0)
        {
            _deadline.Begin(cancel);
            read = await ReceiveAsync(into, cancel);
            _deadline.End();
        }

        _options.Trace?.Invoke($"S: <{read} bytes>");
        return read;
    }

    /// <summary>Reads and forgets so many bytes.</summary>
    public async ValueTask SkipAsync(long count, CancellationToken cancel)
    {
        if (count > 0) _options.Trace?.Invoke($"S: <{count} bytes>");
        while (count > 0)
        {
            if (_head == _tail)
            {
                (_head, _tail) = (0, 0);
                _deadline.Begin(cancel);
                _tail = await ReceiveAsync(_in, cancel);
                _deadline.End();
            }

            int some = (int)Math.Min(count, _tail - _head);
            _head += some;
            count -= some;
        }
    }

    /// <summary>Adds to what <see cref="FlushAsync"/> sends; more than a few KiB are sent at once.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        TraceSent(bytes.Span, isSecret: false);
        return PutAsync(bytes, cancel);
    }

    /// <summary>As <see cref="WriteAsync"/>, for secrets: masked in the trace, and never sent over a connection that ought to be encrypted and is not.</summary>
    public ValueTask WriteSecretAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (!IsEncrypted && !_isPlaintextFine) throw Fail(WireFault.PlaintextRefused);
        TraceSent(bytes.Span, isSecret: true);
        return PutAsync(bytes, cancel);
    }

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        if (_pending == 0) return;
        int sent = _pending;
        _pending = 0;
        await SendAsync(_out.AsMemory(0, sent), cancel);
        // A password may have been in it.
        _out.AsSpan(0, sent).Clear();
    }

    /// <summary>Gives the connection up and returns what to throw: for a protocol that cannot make sense of the other side.</summary>
    public WireException Fail(WireFault fault)
    {
        IsBroken = true;
        return new WireException(fault);
    }

    /// <summary>Closes the connection at once.</summary>
    public async ValueTask DisposeAsync()
    {
        IsBroken = true;
        await _stream.DisposeAsync();
        _deadline.Dispose();
    }

    private async ValueTask PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (_pending + bytes.Length > _out.Length)
        {
            await FlushAsync(cancel);
            if (bytes.Length > _out.Length)
            {
                await SendAsync(bytes, cancel);
                return;
            }
        }

        bytes.CopyTo(_out.AsMemory(_pending));
        _pending += bytes.Length;
    }

    private bool TryTakeLine(int searched, int limit, out ReadOnlyMemory<byte> line)
    {
        int at = _in.AsSpan(_head + searched, _tail - _head - searched).IndexOf((byte)'\n');
        if (at < 0)
        {
            line = default;
            return _tail - _head > limit + NewLine.Length ? throw Fail(WireFault.LineTooLong) : false;
        }

        int length = searched + at;
        if (length > 0 && _in[_head + length - 1] == '\r') length--;
        if (length > limit) throw Fail(WireFault.LineTooLong);
        line = _in.AsMemory(_head, length);
        _head += searched + at + 1;
        if (_options.Trace is { } trace) trace("S: " + Encoding.UTF8.GetString(line.Span));
        return true;
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReceiveLineAsync(int limit, CancellationToken cancel)
    {
        // One deadline for the whole line: a byte a minute is silence, too.
        _deadline.Begin(cancel);
        while (true)
        {
            int searched = _tail - _head;
            MakeRoom();
            _tail += await ReceiveAsync(_in.AsMemory(_tail), cancel);
            if (!TryTakeLine(searched, limit, out ReadOnlyMemory<byte> line)) continue;
            _deadline.End();
            return line;
        }
    }

    private void MakeRoom()
    {
        int held = _tail - _head;
        byte[] old = _in;
        if (held == 0 && old.Length > BufferBytes) _in = new byte[BufferBytes];
        else if (held == old.Length) _in = new byte[2 * old.Length];
        else if (_head == 0) return;
        old.AsSpan(_head, held).CopyTo(_in);
        (_head, _tail) = (0, held);
    }

    private int TakeBuffered(Span<byte> into)
    {
        int some = Math.Min(into.Length, _tail - _head);
        _in.AsSpan(_head, some).CopyTo(into);
        _head += some;
        return some;
    }

    private async ValueTask ReceiveExactAsync(Memory<byte> into, CancellationToken cancel)
    {
        int got = 0, deadlineAt = 0;
        _deadline.Begin(cancel);
        while (got < into.Length)
        {
            // What is longer than the buffer goes where it belongs without a stop; what is shorter brings along what follows it.
            if (into.Length - got >= _in.Length) got += await ReceiveAsync(into[got..], cancel);
            else
            {
                (_head, _tail) = (0, 0);
                _tail = await ReceiveAsync(_in, cancel);
                got += TakeBuffered(into.Span[got..]);
            }

            if (got - deadlineAt < BytesPerDeadline) continue;
            deadlineAt = got;
            _deadline.End();
            _deadline.Begin(cancel);
        }

        _deadline.End();
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancel)
    {
        CheckUsable();
        try
        {
            int read = await _stream.ReadAsync(into, _deadline.Token);
            BytesRead += read;
            return read > 0 ? read : throw Fail(WireFault.Dropped);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            throw FaultOf(e, cancel);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        CheckUsable();
        try
        {
            _deadline.Begin(cancel);
            await _stream.WriteAsync(bytes, _deadline.Token);
            await _stream.FlushAsync(_deadline.Token);
            BytesWritten += bytes.Length;
            _deadline.End();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            throw FaultOf(e, cancel);
        }
    }

    private Exception FaultOf(Exception e, CancellationToken cancel)
    {
        IsBroken = true;
        return e is not OperationCanceledException ? new WireException(WireFault.Dropped)
            : cancel.IsCancellationRequested ? new OperationCanceledException(cancel)
            : new WireException(WireFault.Silent);
    }

    private void CheckUsable()
    {
        if (IsBroken) throw new WireException(WireFault.Dropped);
    }

    // A command is written in pieces and traced as the line that it is.
    private void TraceSent(ReadOnlySpan<byte> bytes, bool isSecret)
    {
        if (_options.Trace is not { } trace) return;
        bool ends = bytes.EndsWith(NewLine);
        ReadOnlySpan<byte> line = ends ? bytes[..^NewLine.Length] : bytes;
        if (isSecret) _sentLine.Append("***");
        else if (line.Length > LongestTraced || line.Contains((byte)'\n')) _sentLine.Append(CultureInfo.InvariantCulture, $"<{line.Length} bytes>");
        else _sentLine.Append(Encoding.UTF8.GetString(line));
        if (!ends) return;
        trace("C: " + _sentLine);
        _sentLine.Clear();
    }
}
