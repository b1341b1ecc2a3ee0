namespace Ingest.Cli.Local;

/// <summary>What a person reads when everything runs: where it is, and what to do next.</summary>
internal static class Welcome
{
    public static async Task WriteAsync(DataFolder data, LocalSettings settings, TextWriter output, CancellationToken cancel)
    {
        LocalPorts ports = settings.Ports;
        await output.WriteLineAsync($"  app       {settings.BaseUrl}");
        await output.WriteLineAsync($"  storage   http://127.0.0.1:{ports.Blob} (blobs), :{ports.Queue} (queues), :{ports.Table} (tables)");
        if (ports.Google is { } google)
            await output.WriteLineAsync($"  Google    http://127.0.0.1:{google} (a stand-in, with sample mails for {LocalSystem.SampleUser})");
        Uri link = await LocalDesk.Of(settings).LinkAsync("/console", cancel);
        await output.WriteLineAsync($"""

            The console, where mailboxes are connected, read and answered; the link signs a browser in, once, within half an hour:
              {link.AbsoluteUri}
            """);
        string option = data.IsDefault ? "" : $" --data {data}";
        await output.WriteLineAsync($"""

            In another terminal:
              tools/ingest tickets list{option}
              tools/ingest journal --reconcile{option}
              tools/ingest import FILES{option}
              tools/ingest mailbox connect{option}     a fresh link
            Logs are in {data.Logs}. Ctrl-C stops everything; what came in is kept.
            """);
    }
}
