using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.App.Tests.Endurance;

/// <summary>Numbers beside the endurance runs: what a mail costs, and what the storage emulator gives on this machine. Nothing is asserted of time.</summary>
[Collection(nameof(EnduranceCollection))]
public sealed class MeasureTests(ITestOutputHelper output)
{
    private const int Mails = 300, InFlight = 16, Repeats = 400;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_mail_costs_and_what_the_emulator_gives()
    {
        Assert.SkipUnless(EnduranceSize.IsFull, "Numbers are taken with INGEST_ENDURANCE=full.");
        await using Rig rig = await Rig.StartAsync(instances: 0, TimeSpan.FromSeconds(15), Cancel);
        using (OperationCounter listing = OperationCounter.Start())
        {
            await rig.ListAsync(MailCorpus.Take(Mails, 0).Folder, Cancel);
            Say($"listing {Mails} mails: {listing}");
        }

        List<Work> work = await WorkAsync(rig);
        long start = TimeProvider.System.GetTimestamp();
        using (OperationCounter intake = OperationCounter.Start())
        {
            await InsistAsync(rig, work);
            Say($"intake of {work.Count} mails in process: {intake}; {work.Count / TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} mails/s");
        }

        await EmulatorAsync(rig);
    }

    private static async Task<List<Work>> WorkAsync(Rig rig)
    {
        List<Work> work = [];
        await foreach (Pack pack in rig.Desk.Packs.ListAsync(rig.Tenant, rig.Imports.Id, openOnly: false, Cancel))
            work.AddRange(pack.Entries.Select(e => SyncMailbox.WorkFor(rig.Tenant, rig.Imports.Id, pack.Id, e)));
        return work;
    }

    private static async Task InsistAsync(Rig rig, IReadOnlyList<Work> work)
    {
        ConcurrentQueue<Work> waiting = new(work);
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(async _ =>
        {
            while (waiting.TryDequeue(out Work? mail))
            {
                try
                {
                    await rig.Desk.IngestMail.RunAsync(mail, Cancel);
                }
                catch (NotNowException)
                {
                    waiting.Enqueue(mail);
                    await Task.Delay(50, Cancel);
                }
            }
        }));
    }

    private async Task EmulatorAsync(Rig rig)
    {
        await rig.Desk.Storage.Tables.CreateTableIfNotExistsAsync("measure", Cancel);
        TableClient table = rig.Desk.Storage.Tables.GetTableClient("measure");
        WorkQueue queue = new(rig.Desk.Storage, "measure");
        await RateAsync("table insert", i => table.AddEntityAsync(Row(i), Cancel));
        await RateAsync("table get", i => table.GetEntityIfExistsAsync("p", Row(i).RowKey, cancel: Cancel));
        await RateAsync("table transaction of 2", i => table.SubmitTransactionAsync([new(TableTransactionActionType.Add, Row(i + Repeats)), new(TableTransactionActionType.Add, Row(i + (2 * Repeats)))], Cancel));
        byte[] content = RandomNumberGenerator.GetBytes(10_000);
        await RateAsync("blob put of 10 KB", i => rig.Desk.Blobs.PutAsync("measure", Row(i).RowKey, content, onlyIfAbsent: true, Cancel));
        await RateAsync("blob get of 10 KB", i => rig.Desk.Blobs.ReadRangeAsync("measure", Row(i).RowKey, 0, content.Length, Cancel));
        await RateAsync("queue send, receive, delete in a shallow queue", async _ =>
        {
            await queue.SendAsync(content.AsMemory(0, 300), delay: null, Cancel);
            foreach (QueuedMessage message in await queue.ReceiveAsync(1, TimeSpan.FromMinutes(1), Cancel)) await queue.DeleteAsync(message, Cancel);
        });
    }

    private static TableEntity Row(int index) => new("p", index.ToString("D6", CultureInfo.InvariantCulture)) { ["text"] = "some text of a row" };

    private async Task RateAsync(string what, Func<int, Task> act)
    {
        long start = TimeProvider.System.GetTimestamp();
        await Parallel.ForAsync(0, Repeats, new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = Cancel }, async (i, _) => await act(i));
        Say($"{what}: {Repeats / TimeProvider.System.GetElapsedTime(start).TotalSeconds:0}/s, {InFlight} in flight");
    }

    private void Say(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
