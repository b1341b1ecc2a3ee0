using System.Threading.Channels;
using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest parse</c>: what the post office sees in a mail, one JSON object per mail, in the order of the inputs.</summary>
public static class ParseCommand
{
    private const int MailsInFlight = 64;

    /// <summary>Reads files, folders, mboxes and "-" (stdin) and writes NDJSON; 0 unless an input cannot be read.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> inputs, Stream stdin, Stream stdout, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // Mails are read in parallel and written in order; the bound keeps memory flat however many there are.
        var lines = Channel.CreateBounded<Task<ReadOnlyMemory<byte>>>(MailsInFlight);
        var reading = ReadAsync(inputs, stdin, lines.Writer, stop.Token);
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

    private static async Task<bool> ReadAsync(IReadOnlyList<string> inputs, Stream stdin, ChannelWriter<Task<ReadOnlyMemory<byte>>> lines, CancellationToken cancel)
    {
        try
        {
            await foreach (var (name, raw) in ParseInputs.ReadAsync(inputs, stdin, cancel))
                await lines.WriteAsync(Task.Run(() => ParseOutput.Line(name, MailMessage.Parse(raw)), cancel), cancel);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"ingest parse: {e.Message}");
            return false;
        }
        finally
        {
            lines.Complete();
        }
    }
}
