using System.Text;
using Ingest.Mail.Wire;

namespace Ingest.Mail.Smtp;

/// <summary>
/// A conversation with a submission server (RFC 5321, RFC 6409): connect, sign in, send, as often as wanted, one at a time. A message is never offered twice,
/// and what became of it is said as exactly as can be known: see <see cref="SmtpOutcome"/>.
/// </summary>
public sealed class SmtpClient : IAsyncDisposable
{
    // We are behind somebody's address translation and know no name for ourselves that means anything outside.
    private const string OurName = "[127.0.0.1]";

    private SmtpClient(WireConnection wire) => Wire = wire;

    /// <summary>True when the conversation cannot go on; a further message needs a new one.</summary>
    public bool IsOver { get; internal set; }

    /// <summary>The largest message the server takes in bytes; null when it does not say.</summary>
    public long? LargestMessage => Features.LargestMessage;

    internal WireConnection Wire { get; }

    internal SmtpFeatures Features { get; private set; } = SmtpFeatures.None;

    /// <summary>Connects, greets, and begins TLS where it is to be begun; after that nothing is said in plaintext.</summary>
    /// <exception cref="WireException">The connection failed, or is not one that may be used.</exception>
    /// <exception cref="SmtpRefusedException">The server wants nothing to do with us, or not now.</exception>
    public static async Task<SmtpClient> ConnectAsync(MailServer server, WireOptions options, CancellationToken cancel)
    {
        var client = new SmtpClient(await WireConnection.ConnectAsync(server, options, cancel));
        try
        {
            var greeting = await client.ReadAsync(cancel);
            if (!greeting.IsYes)
                throw new SmtpRefusedException(SmtpClassify.OfGreeting(greeting));
            await client.GreetAsync(cancel);
            if (server.Tls == TlsMode.StartTls)
                await client.StartTlsAsync(cancel);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Signs in with the best way that both sides know (RFC 4954).</summary>
    /// <exception cref="WireException">The connection failed.</exception>
    /// <exception cref="SmtpRefusedException">The server does not let us in.</exception>
    public Task AuthenticateAsync(SmtpLogin login, CancellationToken cancel) => SmtpAuthenticate.RunAsync(this, login, cancel);

    /// <summary>
    /// Sends a message, byte for byte, to all recipients at once; bare CR or LF, NUL and lines over 998 bytes are refused, as they would mean something else to the next server.
    /// Never throws for what the server or the network does; only <see cref="OperationCanceledException"/>, and that only while nothing can have been delivered.
    /// </summary>
    public Task<SmtpResult> SendAsync(SmtpEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancel) =>
        new SmtpTransaction(this, envelope, message).RunAsync(cancel);

    /// <summary>Takes leave (QUIT); however that goes, what was accepted stays accepted.</summary>
    public async Task QuitAsync(CancellationToken cancel)
    {
        if (IsOver)
            return;
        IsOver = true;
        try
        {
            await SayAsync("QUIT", cancel);
            await SmtpReplyReader.ReadAsync(Wire, cancel);
        }
        catch (WireException)
        {
            // Many servers hang up at once.
        }
    }

    /// <summary>Closes the connection at once.</summary>
    public ValueTask DisposeAsync()
    {
        IsOver = true;
        return Wire.DisposeAsync();
    }

    internal async Task<SmtpReply> AskAsync(string command, CancellationToken cancel)
    {
        await SayAsync(command, cancel);
        return await ReadAsync(cancel);
    }

    internal async Task SayAsync(string command, CancellationToken cancel)
    {
        await WriteAsync(command, cancel);
        await Wire.FlushAsync(cancel);
    }

    internal ValueTask WriteAsync(string command, CancellationToken cancel) => Wire.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancel);

    internal async Task<SmtpReply> ReadAsync(CancellationToken cancel)
    {
        var reply = await SmtpReplyReader.ReadAsync(Wire, cancel);
        IsOver |= reply.IsGoodbye;
        return reply;
    }

    private async Task GreetAsync(CancellationToken cancel)
    {
        var reply = await AskAsync("EHLO " + OurName, cancel);
        if (reply.IsYes)
        {
            Features = SmtpFeatures.Of(reply);
            return;
        }
        // Only a server that does not know the word gets the old one.
        if (reply.Code is 500 or 502 or 504)
            reply = await AskAsync("HELO " + OurName, cancel);
        if (!reply.IsYes)
            throw new SmtpRefusedException(SmtpClassify.OfGreeting(reply));
        Features = SmtpFeatures.None;
    }

    private async Task StartTlsAsync(CancellationToken cancel)
    {
        if (!Features.StartTls)
            throw new WireException(WireFault.StartTlsNotOffered);
        var reply = await AskAsync("STARTTLS", cancel);
        if (reply.IsNotNow)
            throw new SmtpRefusedException(SmtpClassify.OfGreeting(reply));
        if (!reply.IsYes)
            throw new WireException(WireFault.StartTlsNotOffered);
        await Wire.UpgradeAsync(cancel);
        // What was said in plaintext counts for nothing (RFC 3207 section 4.2).
        Features = SmtpFeatures.None;
        await GreetAsync(cancel);
    }
}
