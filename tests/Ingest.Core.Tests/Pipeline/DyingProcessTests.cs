using Azure.Core;
using Azure.Core.Pipeline;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Several processes take in the same mails at once, each delivered twice, and every one of them may die at any request.</summary>
[Collection(nameof(StorageCollection))]
public sealed class DyingProcessTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Two authors under one id, one mail that may be forged, and an answer to the id.
    private static readonly IReadOnlyList<byte[]> SharedId =
    [
        Mails.From("ann@ann.example", "ann 1", "same@ann.example", body: "One.\r\n"),
        Mails.From("ann@ann.example", "ann 2", "same@ann.example", body: "Two.\r\n"),
        Mails.From("ann@ann.example", "ann 3", "same@ann.example", body: "Three.\r\n"),
        Mails.From("bob@bob.example", "bob 1", "same@ann.example", body: "Bob.\r\n"),
        Mails.From("ann@ann.example", "forged", "same@ann.example", body: "Forged.\r\n", authenticated: false),
        Mails.From("ann@ann.example", "ann 4", "answer@ann.example", "same@ann.example", "same@ann.example", body: "Four.\r\n"),
    ];

    private const string Parted = "ticket: ann 1 + ann 2 + ann 3 + ann 4\nticket: bob 1\nticket: forged";

    [Fact]
    public async Task Mails_that_share_an_id_part_by_author_however_the_processes_die()
    {
        for (int round = 0; round < 5; round++)
        {
            Random random = new(round);
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(SharedId), "w", Cancel);
            List<Work> twice = [.. (await WorkAsync(test)).SelectMany(w => new[] { w, w })];
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(twice));
            await Task.WhenAll(twice.Select((work, i) => InsistAsync(test, work, new Random((round * 100) + i))));
            string end = await test.EndStateAsync(Cancel);
            Assert.True(end.EndsWith(Parted, StringComparison.Ordinal), $"round {round}:\n{end}");
        }
    }

    private static async Task<List<Work>> WorkAsync(TestDesk test)
    {
        List<Work> work = [];
        await foreach (Pack pack in test.Desk.Packs.ListAsync(test.Tenant, test.Mailbox.Id, openOnly: false, Cancel))
            work.AddRange(pack.Entries.Select(entry => SyncMailbox.WorkFor(test.Tenant, test.Mailbox.Id, pack.Id, entry)));
        return work;
    }

    private static async Task InsistAsync(TestDesk test, Work work, Random random)
    {
        for (int deaths = 0; ;)
        {
            Desk process = test.NewProcess(deaths < 8 ? new DyingTransport(random.Next(1, 25), random.Next(2) == 0) : null);
            try
            {
                await process.IngestMail.RunAsync(work, Cancel);
                return;
            }
            catch (NotNowException)
            {
                work = work with { Waits = work.Waits + 1 };
                await Task.Delay(random.Next(5, 60), Cancel);
            }
            catch (Exception e) when (DyingTransport.Ended(e))
            {
                deaths++;
            }
        }
    }

    private sealed class ProcessEndedException : Exception;

    private sealed class DyingTransport(int dieAt, bool after) : HttpPipelineTransport
    {
        private readonly HttpClientTransport _inner = HttpClientTransport.Shared;
        private int _requests;

        public static bool Ended(Exception e) =>
            e is ProcessEndedException || (e.InnerException is { } inner && Ended(inner)) || (e as AggregateException)?.Flatten().InnerExceptions.Any(i => i is ProcessEndedException) == true;

        public override Request CreateRequest() => _inner.CreateRequest();

        public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

        public override async ValueTask ProcessAsync(HttpMessage message)
        {
            int request = Interlocked.Increment(ref _requests);
            if (request > dieAt || (request == dieAt && !after)) throw new ProcessEndedException();
            await _inner.ProcessAsync(message);
            if (request == dieAt) throw new ProcessEndedException();
        }
    }
}
