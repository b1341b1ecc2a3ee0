using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Mail that is kept back whatever the filter thinks of it, and the process that ends over it.</summary>
internal static class KeptBack
{
    /// <summary>A bounce of a mail that was not ours.</summary>
    public static byte[] Bounce(string from, string subject, string id, string body = "Your mail could not be delivered.\r\n") => Encoding.UTF8.GetBytes(
        $"From: {from}\r\nTo: support@acme.example\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\nReturn-Path: <>\r\n\r\n{body}");

    /// <summary>So many bounces of one relay, taken in.</summary>
    public static async Task<IReadOnlyList<JournalLine>> FillAsync(TestDesk test, int count, CancellationToken cancel, string relay = "relay.example")
    {
        List<byte[]> mails = [.. Enumerable.Range(0, count).Select(i => Bounce($"MAILER-DAEMON@{(i % 3 == 0 ? "other-" : "")}{relay}", $"Undelivered: order {i}", $"b{i}@{relay}"))];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", cancel);
        await TestDesk.DrainAsync(test.Desk, cancel);
        return await test.Desk.ReviewList.ListAsync(test.Tenant, test.Mailbox.Id, OutcomeKind.Quarantined, 1000, cancel);
    }

    public static async Task<IReadOnlyList<string>> ListedAsync(TestDesk test, Desk desk, CancellationToken cancel) =>
        [.. (await desk.ReviewList.ListAsync(test.Tenant, test.Mailbox.Id, OutcomeKind.Quarantined, 1000, cancel)).Select(line => line.MessageKey)];

    /// <summary>Does something in a process that ends before or after its given request, and says how many there were.</summary>
    public static async Task<int> DieAsync(TestDesk test, int at, bool after, Func<Desk, Task> life)
    {
        DyingTransport transport = new(at, after);
        try
        {
            await life(test.NewProcess(transport));
        }
        catch (Exception e) when (IsTheEnd(e))
        {
        }

        return transport.Requests;
    }

    private static bool IsTheEnd(Exception e) => e is ProcessEnded || e.InnerException is ProcessEnded || (e as AggregateException)?.Flatten().InnerExceptions.Any(i => i is ProcessEnded) == true;

    private sealed class ProcessEnded : Exception;

    private sealed class DyingTransport(int crashAt, bool after) : HttpPipelineTransport
    {
        private readonly HttpClientTransport _inner = HttpClientTransport.Shared;
        private int _requests;

        public int Requests => Volatile.Read(ref _requests);

        public override Request CreateRequest() => _inner.CreateRequest();

        public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

        public override async ValueTask ProcessAsync(HttpMessage message)
        {
            int request = Interlocked.Increment(ref _requests) - 1;
            if (request > crashAt || (request == crashAt && !after)) throw new ProcessEnded();
            await _inner.ProcessAsync(message);
            if (request == crashAt) throw new ProcessEnded();
        }
    }
}
