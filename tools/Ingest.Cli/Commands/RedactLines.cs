using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Ingest.Cli.Commands;

/// <summary>
/// Every line of some texts as an input of its own. What has come is worked on at once, on all cores, and written before more is waited for: so a pipe gets its answers
/// line by line, and a file in large pieces.
/// </summary>
internal sealed class RedactLines(RedactOutput output)
{
    const int PieceBytes = 1 << 18, FewestLines = 64;

    /// <summary>Reads files, folders and "-" (stdin) and writes NDJSON. A line ends with LF or CR LF.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> inputs, Stream stdin, Stream stdout, CancellationToken cancel)
    {
        foreach (string name in TextInputs.Names(inputs))
        {
            await using FileStream? file = name == "-" ? null : File.OpenRead(name);
            await OneAsync(name, file ?? stdin, stdout, cancel);
        }

        return ExitCode.Ok;
    }

    async Task OneAsync(string name, Stream text, Stream stdout, CancellationToken cancel)
    {
        PipeReader reader = PipeReader.Create(text, new StreamPipeReaderOptions(bufferSize: PieceBytes, leaveOpen: true));
        List<string> lines = [];
        for (long before = 0; ; before += lines.Count)
        {
            ReadResult read = await reader.ReadAsync(cancel);
            lines.Clear();
            SequencePosition rest = Split(read.Buffer, lines, read.IsCompleted);
            reader.AdvanceTo(rest, read.Buffer.End);
            foreach (ArrayBufferWriter<byte> piece in Work(name, lines, before))
                await stdout.WriteAsync(piece.WrittenMemory, cancel);
            await stdout.FlushAsync(cancel);
            if (read.IsCompleted) return;
        }
    }

    static SequencePosition Split(ReadOnlySequence<byte> buffer, List<string> lines, bool last)
    {
        SequenceReader<byte> reader = new(buffer);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
            lines.Add(Text(line));
        if (!last || reader.End) return reader.Position;
        lines.Add(Text(reader.UnreadSequence));
        return buffer.End;
    }

    static string Text(ReadOnlySequence<byte> line)
    {
        ReadOnlySpan<byte> bytes = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        return TextInputs.OfLine(bytes is [.. var rest, (byte)'\r'] ? rest : bytes);
    }

    ArrayBufferWriter<byte>[] Work(string name, List<string> lines, long before)
    {
        int parts = Math.Clamp(lines.Count / FewestLines, 1, Environment.ProcessorCount);
        ArrayBufferWriter<byte>[] pieces = new ArrayBufferWriter<byte>[parts];
        Parallel.For(0, parts, part =>
        {
            ArrayBufferWriter<byte> piece = new(PieceBytes / parts);
            using Utf8JsonWriter json = new(piece, RedactOutput.Options);
            for (int i = Share(part); i < Share(part + 1); i++)
            {
                output.Text(json, name, lines[i], before + i + 1);
                json.Flush();
                piece.Write("\n"u8);
                json.Reset();
            }

            pieces[part] = piece;
        });
        return pieces;

        int Share(int part) => (int)((long)lines.Count * part / parts);
    }
}
