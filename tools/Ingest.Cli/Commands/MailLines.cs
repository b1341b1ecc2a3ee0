using System.Threading.Channels;

namespace Ingest.Cli.Commands;

/// <summary>Finds what the arguments of a command name: each input with the name to show for it, in order; "-" is the stream given.</summary>
internal delegate IAsyncEnumerable<(string Name, ReadOnlyMemory<byte> Raw)> InputReader(IReadOnlyList<string> inputs, Stream stdin, CancellationToken cancel);

/// <summary>One line of JSON for each mail of some inputs: worked on in parallel, written in the order of the inputs. The bound keeps memory flat however many there are.</summary>
internal sealed class MailLines(string command, int inFlight, Func<string, ReadOnlyMemory<byte>, CancellationToken, Task<ReadOnlyMemory<byte>>> line, InputReader? read = null)
{
    /// <summary>Reads files, folders, mboxes and "-" (stdin) and writes NDJSON; 0 unless an input cannot be read.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> inputs, Stream stdin, Stream stdout, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var lines = Channel.CreateBounded<Task<ReadOnlyMemory<byte>>>(inFlight);
        var reading = ReadAsync(inputs, stdin, lines.Writer, stop.Token);
        try
        {
            await foreach (var one in lines.Reader.ReadAllAsync(cancel))
                await stdout.WriteAsync(await one, cancel);
            await stdout.FlushAsync(cancel);
            return await reading ? 0 : 1;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private async Task<bool> ReadAsync(IReadOnlyList<string> inputs, Stream stdin, ChannelWriter<Task<ReadOnlyMemory<byte>>> lines, CancellationToken cancel)
    {
        try
        {
            await foreach (var (name, raw) in (read ?? ParseInputs.ReadAsync)(inputs, stdin, cancel))
                await lines.WriteAsync(Task.Run(() => line(name, raw, cancel), cancel), cancel);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"ingest {command}: {e.Message}");
            return false;
        }
        finally
        {
            lines.Complete();
        }
    }
}
