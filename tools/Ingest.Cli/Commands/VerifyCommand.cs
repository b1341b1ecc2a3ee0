using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Ingest.Mail.Mime;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest verify</c>: who is proven to have sent a mail, one JSON object per mail, in the order of the inputs; and <c>ingest spf</c>, its first part alone.</summary>
public static class VerifyCommand
{
    private const int MailsInFlight = 32;

    /// <summary>Reads files, folders, mboxes and "-" (stdin) and writes NDJSON; 0 unless an input cannot be read.</summary>
    public static Task<int> RunAsync(IReadOnlyList<string> inputs, MailVerifier verifier, SpfQuestion? envelope, Stream stdin, Stream stdout, CancellationToken cancel) =>
        new MailLines("verify", MailsInFlight, async (name, raw, stop) => VerifyOutput.Line(name, await verifier.CheckAsync(MailMessage.Parse(raw), envelope, stop))).RunAsync(inputs, stdin, stdout, cancel);

    /// <summary>Asks whether a client may send for a domain and writes one line of JSON.</summary>
    public static async Task<int> SpfAsync(SpfQuestion question, DnsLookup dns, TimeProvider time, Stream stdout, CancellationToken cancel)
    {
        await stdout.WriteAsync(VerifyOutput.Line(await new SpfVerifier(dns, time).CheckAsync(question, cancel)), cancel);
        await stdout.FlushAsync(cancel);
        return 0;
    }
}
