using System.Threading.Channels;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest verify</c>: who is proven to have sent a mail, one JSON object per mail, in the order of the inputs; and <c>ingest spf</c>, its first part alone.</summary>
public static class VerifyCommand
{
    private const int MailsInFlight = 32;

    /// <summary>Reads files, folders, mboxes and "-" (stdin) and writes NDJSON; 0 unless an input cannot be read.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> inputs, MailVerifier verifier, SpfQuestion? envelope, Stream stdin, Stream stdout, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var lines = Channel.CreateBounded<Task<ReadOnlyMemory<byte>>>(MailsInFlight);
        var reading = ReadAsync(inputs, verifier, envelope, stdin, lines.Writer, stop.Token);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancel))
                await stdout.WriteAsync(await line, cancel);
            await stdout.FlushAsync(cancel);
            return await reading ? 0 : 1;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    /// <summary>Asks whether a client may send for a domain and writes one line of JSON.</summary>
    public static async Task<int> SpfAsync(SpfQuestion question, DnsLookup dns, TimeProvider time, Stream stdout, CancellationToken cancel)
    {
        await stdout.WriteAsync(VerifyOutput.Line(await new SpfVerifier(dns, time).CheckAsync(question, cancel)), cancel);
        await stdout.FlushAsync(cancel);
        return 0;
    }

    private static async Task<bool> ReadAsync(IReadOnlyList<string> inputs, MailVerifier verifier, SpfQuestion? envelope, Stream stdin, ChannelWriter<Task<ReadOnlyMemory<byte>>> lines, CancellationToken cancel)
    {
        try
        {
            await foreach (var (name, raw) in ParseInputs.ReadAsync(inputs, stdin, cancel))
                await lines.WriteAsync(Task.Run(() => OneAsync(name, raw, verifier, envelope, cancel), cancel), cancel);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"ingest verify: {e.Message}");
            return false;
        }
        finally
        {
            lines.Complete();
        }
    }

    private static async Task<ReadOnlyMemory<byte>> OneAsync(string name, ReadOnlyMemory<byte> raw, MailVerifier verifier, SpfQuestion? envelope, CancellationToken cancel) =>
        VerifyOutput.Line(name, await verifier.CheckAsync(MailMessage.Parse(raw), envelope, cancel));
}
