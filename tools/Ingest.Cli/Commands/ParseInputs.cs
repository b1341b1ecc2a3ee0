using System.Runtime.CompilerServices;
using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary>Finds the mails that the arguments of a command name: files, folders, mboxes, stdin.</summary>
public static class ParseInputs
{
    /// <summary>Each mail with the name to show for it, in order; folders are read recursively, sorted by path.</summary>
    public static async IAsyncEnumerable<(string Name, ReadOnlyMemory<byte> Raw)> ReadAsync(IReadOnlyList<string> inputs, Stream stdin, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var input in inputs)
        {
            if (input == "-")
            {
                var mail = new MemoryStream();
                await stdin.CopyToAsync(mail, cancel);
                yield return (input, mail.ToArray());
                continue;
            }
            foreach (var file in Directory.Exists(input) ? MailFiles(input) : [input])
            {
                if (!file.EndsWith(".mbox", StringComparison.OrdinalIgnoreCase))
                {
                    yield return (file, await File.ReadAllBytesAsync(file, cancel));
                    continue;
                }
                await using var mbox = File.OpenRead(file);
                var number = 0;
                await foreach (var mail in MboxReader.ReadAsync(mbox, cancel))
                    yield return ($"{file}#{++number}", mail);
            }
        }
    }

    private static IEnumerable<string> MailFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(static file => Path.GetExtension(file) is "" or ".eml" or ".EML")
            .Order(StringComparer.Ordinal);
}
