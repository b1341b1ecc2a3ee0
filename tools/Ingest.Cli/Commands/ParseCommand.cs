using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest parse</c>: what the post office sees in a mail, one JSON object per mail, in the order of the inputs.</summary>
public static class ParseCommand
{
    private const int MailsInFlight = 64;

    /// <summary>Reads files, folders, mboxes and "-" (stdin) and writes NDJSON; 0 unless an input cannot be read.</summary>
    public static Task<int> RunAsync(IReadOnlyList<string> inputs, Stream stdin, Stream stdout, CancellationToken cancel) =>
        new MailLines("parse", MailsInFlight, (name, raw, _) => Task.FromResult(ParseOutput.Line(name, MailMessage.Parse(raw)))).RunAsync(inputs, stdin, stdout, cancel);
}
