using System.Globalization;
using System.Text;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Imap;

/// <summary>
/// A conversation with an IMAP server (RFC 3501, RFC 9051), one command at a time; the commands are extension methods, a file each. Two things can go wrong:
/// <see cref="ImapRefusedException"/>, after which the conversation goes on, and <see cref="WireException"/>, after which it is over.
/// </summary>
public sealed class ImapConnection : IAsyncDisposable
{
    private const int MostResponses = 2_000_000, MostEmptyLines = 8;
    private readonly WireConnection _wire;
    private readonly string _tagPrefix;
    private byte[] _tag = [];
    private int _tags, _responses;

    private ImapConnection(WireConnection wire, string tagPrefix) => (_wire, Reader, _tagPrefix) = (wire, new ImapReader(wire), tagPrefix);

    /// <summary>What the server can do, as it last said; it is asked anew after STARTTLS and after signing in.</summary>
    public ImapCapabilities Capabilities { get; internal set; } = ImapCapabilities.None;

    /// <summary>True once signed in.</summary>
    public bool IsAuthenticated { get; internal set; }

    /// <summary>The folder that is open; null when none is.</summary>
    public ImapFolderState? Selected { get; internal set; }

    /// <summary>Whom it is connected to.</summary>
    public MailServer Server => _wire.Server;

    /// <summary>Commands sent so far.</summary>
    public int CommandsSent => _tags;

    /// <summary>Bytes received so far.</summary>
    public long BytesRead => _wire.BytesRead;

    /// <summary>Bytes sent so far.</summary>
    public long BytesWritten => _wire.BytesWritten;

    internal ImapReader Reader { get; }

    /// <summary>The last status response.</summary>
    internal ImapStatus Status { get; private set; }

    /// <summary>True when the server told its capabilities since this was last set to false.</summary>
    internal bool ToldCapabilities { get; set; }

    /// <summary>
    /// Connects, reads the greeting, upgrades to TLS where <paramref name="server"/> says so, and learns what the server can do. Throws
    /// <see cref="WireException"/>; a server that dismisses us at once is <see cref="WireFault.Dismissed"/>.
    /// </summary>
    public static Task<ImapConnection> ConnectAsync(MailServer server, WireOptions options, CancellationToken cancel) =>
        // A tag that nobody can guess: what stands in a mail never passes for the end of our command.
        ConnectAsync(server, options, Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 4)) + "-", cancel);

    internal static async Task<ImapConnection> ConnectAsync(MailServer server, WireOptions options, string tagPrefix, CancellationToken cancel) =>
        await BeginAsync(await WireConnection.ConnectAsync(server, options, cancel), tagPrefix, cancel);

    internal static async Task<ImapConnection> BeginAsync(WireConnection wire, string tagPrefix, CancellationToken cancel)
    {
        ImapConnection imap = new(wire, tagPrefix);
        try
        {
            await imap.GreetAsync(cancel);
            if (wire.Server.Tls == TlsMode.StartTls) await imap.StartTlsAsync(cancel);
            if (imap.Capabilities == ImapCapabilities.None) await imap.CapabilityAsync(cancel);
            return imap;
        }
        catch
        {
            await imap.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the connection at once; <see cref="ImapLogout"/> takes leave first.</summary>
    public ValueTask DisposeAsync() => _wire.DisposeAsync();

    /// <summary>True once the conversation is over and every further command would fail.</summary>
    public bool IsOver => _wire.IsBroken;

    private async Task GreetAsync(CancellationToken cancel)
    {
        ImapResponse greeting = await NextAsync(cancel);
        if (greeting is not { Kind: '*', Word: ImapWord.Ok or ImapWord.PreAuth or ImapWord.Bye }) throw Broken(WireFault.Malformed);
        // A server that has us signed in before TLS leaves no way to STARTTLS: whoever stands between could say so, too.
        if (greeting.Word == ImapWord.PreAuth && Server.Tls == TlsMode.StartTls) throw Broken(WireFault.StartTlsNotOffered);
        IsAuthenticated = greeting.Word == ImapWord.PreAuth;
    }

    internal async Task UpgradeAsync(CancellationToken cancel)
    {
        await _wire.UpgradeAsync(cancel);
        Capabilities = ImapCapabilities.None;
    }

    /// <summary>Sends a command whole; where the server has to ask for a literal, waits until it does.</summary>
    internal async ValueTask SendAsync(ImapCommand command, CancellationToken cancel)
    {
        string tag = string.Create(CultureInfo.InvariantCulture, $"{_tagPrefix}{++_tags}");
        (_tag, _responses) = (Encoding.ASCII.GetBytes(tag), 0);
        await WriteAsync(Encoding.ASCII.GetBytes(tag + " "), isSecret: false, cancel);
        foreach (ImapPart part in command.Finish())
        {
            if (part.IsLiteral) await AnnounceAsync(part.Bytes.Length, cancel);
            await WriteAsync(part.Bytes, part.IsSecret, cancel);
        }

        await SendLineAsync(default, isSecret: false, cancel);
    }

    /// <summary>Sends a line outside of any command, as an answer to a request to continue.</summary>
    internal async ValueTask SendLineAsync(ReadOnlyMemory<byte> line, bool isSecret, CancellationToken cancel)
    {
        if (!line.IsEmpty) await WriteAsync(line, isSecret, cancel);
        await WriteAsync("\r\n"u8.ToArray(), isSecret: false, cancel);
        await _wire.FlushAsync(cancel);
    }

    private async ValueTask AnnounceAsync(int length, CancellationToken cancel)
    {
        bool atOnce = Capabilities.AllowsLiteralAtOnce(length);
        await WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{{length}{(atOnce ? "+" : "")}}}\r\n")), isSecret: false, cancel);
        if (atOnce) return;
        await _wire.FlushAsync(cancel);
        while (await NextAsync(cancel) is var response && !response.AsksToContinue)
            if (response.EndsCommand) throw response.Word == ImapWord.Ok ? Broken(WireFault.Malformed) : Refused(response);
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isSecret, CancellationToken cancel) =>
        isSecret ? _wire.WriteSecretAsync(bytes, cancel) : _wire.WriteAsync(bytes, cancel);

    /// <summary>Sends a command and reads to its end; what comes before is handed out, and understood as far as it concerns everyone. Throws <see cref="ImapRefusedException"/>.</summary>
    internal async ValueTask<ImapStatus> RunAsync(ImapCommand command, Func<ImapResponse, ValueTask>? untagged, CancellationToken cancel)
    {
        await SendAsync(command, cancel);
        while (true)
        {
            ImapResponse response = await NextAsync(cancel);
            if (response.EndsCommand) return Accepted(response);
            if (response.Kind == '*' && untagged is not null) await untagged(response);
        }
    }

    /// <summary>The status of a command that was accepted; throws <see cref="ImapRefusedException"/> for one that was not.</summary>
    internal ImapStatus Accepted(ImapResponse response) => response.Word == ImapWord.Ok ? Status : throw Refused(response);

    internal ImapRefusedException Refused(ImapResponse response) => new(Status.Reason, response.Word == ImapWord.Bad);

    /// <summary>The next response of any kind. A farewell that was not asked for ends the connection as <see cref="WireFault.Dismissed"/>.</summary>
    internal async ValueTask<ImapResponse> NextAsync(CancellationToken cancel)
    {
        for (int empty = 0; empty < MostEmptyLines; empty++)
        {
            if (++_responses > MostResponses) break;
            await Reader.NextAsync(cancel);
            if (Reader.IsAtEnd) continue;
            ImapResponse response = ReadHead();
            if (response.Word == ImapWord.Bye && !IsLeaving) throw Broken(Status.Reason == ImapRefusal.Limit ? WireFault.Busy : WireFault.Dismissed);
            return response;
        }

        throw Broken(WireFault.Malformed);
    }

    /// <summary>True when a farewell is what we asked for.</summary>
    internal bool IsLeaving { get; set; }

    private ImapResponse ReadHead()
    {
        if (Reader.Take((byte)'+'))
        {
            Reader.IsText();
            Reader.Spaces();
            return new ImapResponse('+', ImapWord.Other, 0);
        }

        char kind = 'T';
        if (Reader.Take((byte)'*')) kind = '*';
        else if (_tag.Length == 0 || !Reader.Word().SequenceEqual(_tag)) throw Broken(WireFault.Malformed);
        if (Reader.Peek() != ' ') throw Broken(WireFault.Malformed);
        Reader.Spaces();
        bool isNumbered = Reader.TryNumber(out long number);
        if (isNumbered) Reader.Spaces();
        ImapResponse response = new(kind, ImapResponse.WordOf(Reader.Word()), number);
        if (kind == 'T' && response.Word is not (ImapWord.Ok or ImapWord.No or ImapWord.Bad)) throw Broken(WireFault.Malformed);
        return Absorb(response);
    }

    private ImapResponse Absorb(ImapResponse response)
    {
        switch (response.Word)
        {
            case ImapWord.Ok or ImapWord.No or ImapWord.Bad or ImapWord.Bye or ImapWord.PreAuth:
                Status = ImapStatus.Read(Reader);
                if (Status.Code == "CAPABILITY") Learn(Encoding.Latin1.GetBytes(Status.Arguments));
                break;
            case ImapWord.Capability:
                Learn(Reader.Rest);
                break;
            case ImapWord.Exists when Selected is not null:
                Selected = Selected with { Exists = response.Number };
                break;
            case ImapWord.Expunge when Selected is { Exists: > 0 } folder:
                Selected = folder with { Exists = folder.Exists - 1 };
                break;
            default:
                break;
        }

        return response;
    }

    private void Learn(ReadOnlySpan<byte> list) => (Capabilities, ToldCapabilities) = (ImapCapabilities.Parse(list), true);

    /// <summary>Gives the connection up and returns what to throw.</summary>
    internal WireException Broken(WireFault fault) => _wire.Fail(fault);
}
