using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>The process ends, as by kill -9, before or after each single request that it makes to the outside; a new one takes over.</summary>
[Collection(nameof(StorageCollection))]
public sealed class CrashTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_crash_at_any_request_of_a_sync_loses_and_doubles_nothing()
    {
        string undisturbed = await RunAsync(crashAt: int.MaxValue, after: false, inSync: true);
        int requests = _requests;
        Assert.True(requests > 10);
        foreach (int at in CrashPoints.Of(requests, 12))
            foreach (bool after in new[] { false, true })
                Assert.True(undisturbed == await RunAsync(at, after, inSync: true), $"A crash {(after ? "after" : "before")} request {at} of the sync changed the end.");
    }

    [Fact]
    public async Task A_crash_at_any_request_of_an_intake_loses_and_doubles_nothing()
    {
        string undisturbed = await RunAsync(crashAt: int.MaxValue, after: false, inSync: false);
        int requests = _requests;
        Assert.True(requests > 50);
        foreach (int at in CrashPoints.Of(requests, 24))
            Assert.True(undisturbed == await RunAsync(at, after: true, inSync: false), $"A crash after request {at} of the intake changed the end.");
    }

    [Fact]
    public async Task An_answer_lost_after_any_single_request_changes_nothing()
    {
        string undisturbed = await LoseAsync(int.MaxValue);
        int requests = _requests;
        Assert.True(requests > 60);
        foreach (int at in CrashPoints.Of(requests, 24))
            Assert.True(undisturbed == await LoseAsync(at), $"Losing the answer to request {at} changed the end.");
    }

    private async Task<string> LoseAsync(int at)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        FaultTransport transport = new((index, _) => index == at ? Fault.AfterSend : Fault.None);
        Desk desk = test.NewProcess(transport);
        await TestDesk.SyncAsync(desk, test.Tenant, test.Mailbox.Id, Source, "worker", Cancel);
        Desk next = test.NewProcess();
        while (await next.IngestQueue.ReceiveAsync(32, TimeSpan.FromMinutes(5), Cancel) is { Count: > 0 } messages)
            foreach (QueuedMessage message in messages)
            {
                await desk.IngestMail.RunAsync(Work.FromJson(message.Body!.Value.Span)!, Cancel);
                await next.IngestQueue.DeleteAsync(message, Cancel);
            }

        // A lost answer while listing may leave the rest to the next sync.
        await TestDesk.SyncAsync(next, test.Tenant, test.Mailbox.Id, Source, "worker", Cancel);
        await TestDesk.DrainAsync(next, Cancel);
        _requests = transport.Tries;
        return await test.EndStateAsync(Cancel);
    }

    private int _requests;

    private async Task<string> RunAsync(int crashAt, bool after, bool inSync)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        CrashingTransport transport = new(crashAt, after);
        Desk doomed = test.NewProcess(transport);
        Desk next = test.NewProcess();
        await CrashingTransport.LiveAsync(() => TestDesk.SyncAsync(inSync ? doomed : next, test.Tenant, test.Mailbox.Id, Source, "worker", Cancel));
        if (inSync) await TestDesk.SyncAsync(next, test.Tenant, test.Mailbox.Id, Source, "worker", Cancel);
        if (!inSync) await WorkAsync(doomed, next);
        await TestDesk.DrainAsync(next, Cancel);
        _requests = transport.Requests;
        return await test.EndStateAsync(Cancel);
    }

    // What was in hand when the process ended is delivered again, as the host's lease would bring it back later.
    private static async Task WorkAsync(Desk doomed, Desk next)
    {
        while (await next.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel) is [QueuedMessage message])
        {
            Work work = Work.FromJson(message.Body!.Value.Span)!;
            try
            {
                await doomed.IngestMail.RunAsync(work, Cancel);
            }
            catch (Exception e) when (CrashingTransport.IsTheEnd(e))
            {
                await next.IngestQueue.SendAsync(work.ToJson(), delay: null, Cancel);
                await next.IngestQueue.DeleteAsync(message, Cancel);
                return;
            }

            await next.IngestQueue.DeleteAsync(message, Cancel);
        }
    }

    private static IMailSource Source() => new ListSource(Mails.SmallBox, pageSize: 3);
}
