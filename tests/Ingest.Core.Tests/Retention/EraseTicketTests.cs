using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Replies;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>A ticket that is erased stays erased, whatever is on its way, comes again, or crashes.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class EraseTicketTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] First => Mails.From("ann@customer.example", "Printer is on fire", "a1@customer.example");
    private static byte[] Answer => Mails.From("ann@customer.example", "Re: Printer is on fire", "a2@customer.example", "a1@customer.example", body: "It still burns.\r\n");

    [Fact]
    public async Task An_erased_ticket_leaves_emptied_rows_no_blob_no_list_row_and_no_key()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine first = await test.TakeInAsync(Mails.SmallBox[6], Cancel);
        Assert.NotNull((await test.Desk.Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!.Document);

        ErasureEnd end = await test.Desk.Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.System, Cancel);

        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        Desk later = test.NewProcess();
        Ticket stone = (await later.Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!;
        Assert.Null(stone.Document);
        Assert.NotNull(stone.Erased);
        TicketMessage message = Assert.Single(await later.Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel));
        Assert.Equal((null, ""), (message.Document, message.Blob));
        Assert.Empty(await later.Blobs.ListAsync(TicketStore.Container, $"{test.Tenant}/{first.TicketId}/", Cancel).ToListAsync(Cancel));
        Assert.Empty(await later.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
        Assert.Empty(await Rows(later, test, TableNames.Lists).ToListAsync(Cancel));
        Assert.Null(await later.Keys.FindAsync(test.Tenant, KeyClass.Ticket, first.TicketId, Cancel));
        Assert.Null(await later.Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, Cancel));
        await Assert.ThrowsAsync<KeyErasedException>(async () => await later.Keys.GetOrCreateAsync(test.Tenant, KeyClass.Ticket, first.TicketId, Cancel));
    }

    [Fact]
    public async Task The_receipt_names_the_keys_is_signed_and_checks_offline()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine first = await test.TakeInAsync(First, Cancel), second = await test.TakeInAsync(Answer, Cancel);
        KeyName ticketKey = await test.Desk.Keys.NameAsync(test.Tenant, new KeyName(KeyClass.Ticket, first.TicketId), Cancel);

        byte[] receipt = (await test.Desk.Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.System, Cancel)).Erasure!.Receipt!;

        byte[] publicKey = await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(receipt), Cancel);
        ReceiptCheck check = Receipt.Check(receipt, publicKey);
        Assert.True(check.Genuine);
        Assert.Equal(first.TicketId, check.Body!.Target);
        Assert.Equal((2L, 2L, 3), (check.Body.Counts["messages"], check.Body.Counts["originals"], check.Body.KeysDestroyed));
        Assert.Contains($"ticket - {first.TicketId} {ticketKey.Id:D}", check.Body.Keys);
        Assert.Contains(check.Body.Keys, line => line.StartsWith($"raw {test.Mailbox.Id} {second.MessageKey} ", StringComparison.Ordinal));
        Assert.DoesNotContain("customer", Encoding.UTF8.GetString(receipt), StringComparison.Ordinal);
        // Spaces and order do not count; every word does.
        string text = Encoding.UTF8.GetString(receipt);
        Assert.True(Receipt.Check(Encoding.UTF8.GetBytes(text.Replace("\n", " ", StringComparison.Ordinal)), publicKey).Genuine);
        Assert.False(Receipt.Check(Encoding.UTF8.GetBytes(text.Replace("\"messages\": 2", "\"messages\": 3", StringComparison.Ordinal)), publicKey).Genuine);
        Assert.False(Receipt.Check("{}"u8.ToArray(), publicKey).Genuine);
    }

    [Fact]
    public async Task Asked_again_nothing_happens_and_the_receipt_is_the_one_of_then()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine first = await test.TakeInAsync(First, Cancel);
        Erasure done = (await test.Desk.Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.System, Cancel)).Erasure!;
        ErasureEnd again = await test.NewProcess().Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.System, Cancel);
        Assert.Equal(ErasureOutcome.DoneBefore, again.Outcome);
        Assert.Equal(done.Receipt, again.Erasure!.Receipt);
        Assert.Equal(done.Id, Assert.Single(await test.Desk.Erasures.ListAsync(test.Tenant, Cancel).ToListAsync(Cancel)).Id);
        TestDesk other = await new TestDesk(storage).OpenAsync(Cancel);
        Assert.Equal(ErasureOutcome.NotThere, (await other.Desk.Eraser.TicketAsync(other.Tenant, first.TicketId, AuditActor.System, Cancel)).Outcome);
        Assert.Equal(ErasureOutcome.NotThere, (await other.Desk.Eraser.TicketAsync(other.Tenant, "no ticket", AuditActor.System, Cancel)).Outcome);
    }

    [Fact]
    public async Task Mail_on_its_way_into_an_erased_ticket_goes_with_it_and_later_mail_is_a_ticket_of_its_own()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        List<byte[]> box = [First, Answer];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(box[..1]), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        string ticket = Assert.Single(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Id;
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(box), "w", Cancel);

        await test.Desk.Eraser.TicketAsync(test.Tenant, ticket, AuditActor.System, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);

        Assert.Empty(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
        Assert.Single((await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel)), line => line.Reason == OutcomeReason.OriginalErased);
        // The test's mails were received in 2026; what comes after the erasure is new, whatever it refers to.
        JournalLine fresh = await TakeInLaterAsync(test, Mails.From("ann@customer.example", "Re: Printer is on fire", "a3@customer.example", "a1@customer.example"));
        Assert.Equal((OutcomeKind.Ticketed, OutcomeReason.NewTicket), (fresh.Outcome, fresh.Reason));
        Assert.NotEqual(ticket, fresh.TicketId);
        Assert.True((await test.Desk.Reconcile.RunAsync(test.Tenant, test.Mailbox.Id, Cancel)).Balance);
    }

    [Fact]
    public async Task Erased_mail_that_is_listed_again_is_not_taken_in_again()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        List<byte[]> box = [First, Answer];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(box), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        string ticket = Assert.Single(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Id;
        await test.Desk.Eraser.TicketAsync(test.Tenant, ticket, AuditActor.System, Cancel);

        // The same ids, by another process; then the same mails under other ids.
        Desk later = test.NewProcess();
        await TestDesk.SyncAsync(later, test.Tenant, test.Mailbox.Id, () => new ListSource(box) { FromTheStart = true }, "w", Cancel);
        await TestDesk.SyncAsync(later, test.Tenant, test.Mailbox.Id, () => new ListSource([.. box, .. box]), "w", Cancel);
        await TestDesk.DrainAsync(later, Cancel);

        Assert.Empty(await later.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
        List<JournalLine> lines = await later.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel);
        Assert.Equal(2, lines.Count(line => line.Reason == OutcomeReason.OriginalErased));
        foreach (JournalLine line in lines) Assert.Null(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
        Assert.True((await later.Reconcile.RunAsync(test.Tenant, test.Mailbox.Id, Cancel)).Balance);
    }

    [Fact]
    public async Task A_reply_that_waits_is_never_sent()
    {
        FakeSender way = new();
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        Desk desk = test.NewProcess(sender: way);
        JournalLine first = await test.TakeInAsync(First, Cancel);
        ReplyAccepted reply = (await desk.Replies.QueueAsync(test.Tenant, first.TicketId, new NewReply { Text = "Use water." }, Cancel))!;

        Erasure erasure = (await desk.Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.System, Cancel)).Erasure!;
        // The very process that approved it, with the ticket's key at hand.
        ReplyWork work = new() { TenantText = test.Tenant.ToString(), InboxText = test.Mailbox.Id.Value, TicketId = first.TicketId, Key = reply.Key, FirstSeenUnixMs = desk.Time.GetUtcNow().ToUnixTimeMilliseconds() };
        SendEnd end = await desk.SendReply.RunAsync(work, Cancel);

        Assert.Empty(way.Delivered);
        Assert.Equal((DeliveryState.Failed, "erased"), (end.Delivery!.State, end.Delivery.Code));
        Assert.Equal(1L, Receipt.Check(erasure.Receipt!, await desk.Vault.SealPublicKeyAsync(Receipt.KidOf(erasure.Receipt!), Cancel)).Body!.Counts["repliesStopped"]);
        await Assert.ThrowsAsync<ReplyRefusedException>(() => desk.Replies.QueueAsync(test.Tenant, first.TicketId, new NewReply { Text = "And sand." }, Cancel));
    }

    [Fact]
    public async Task A_crash_at_any_request_of_an_erasure_ends_the_same_once_it_is_asked_again()
    {
        int requests = await CrashAsync(int.MaxValue);
        Assert.True(requests > 20);
        foreach (int at in CrashPoints.Of(requests, 16)) await CrashAsync(at);
    }

    [Fact]
    public async Task Housekeeping_goes_on_with_an_erasure_that_nobody_asks_about_again()
    {
        int resumed = 0;
        for (int at = 16; at < 32; at += 3)
        {
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            JournalLine first = await test.TakeInAsync(Mails.SmallBox[6], Cancel);
            await Record.ExceptionAsync(() => test.NewProcess(new CrashingTransport(at)).Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.System, Cancel));
            if (await test.NewProcess().Erasures.ListAsync(test.Tenant, Cancel).SingleOrDefaultAsync(Cancel) is not { State: ErasureState.Begun }) continue;

            // Not while whoever began may still be at it.
            await test.NewProcess().Eraser.SettleAsync(Cancel, only: test.Tenant);
            Assert.Equal(ErasureState.Begun, (await test.NewProcess().Erasures.ListAsync(test.Tenant, Cancel).SingleAsync(Cancel)).State);

            Desk later = test.NewProcess(time: new LaterClock { Ahead = TimeSpan.FromMinutes(7) });
            await later.Eraser.SettleAsync(Cancel, only: test.Tenant);
            Erasure done = await later.Erasures.ListAsync(test.Tenant, Cancel).SingleAsync(Cancel);
            Assert.Equal(ErasureState.Destroyed, done.State);
            Assert.NotNull(done.Receipt);
            Assert.Null(await later.Keys.FindAsync(test.Tenant, KeyClass.Ticket, first.TicketId, Cancel));
            Assert.Null(await later.Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, Cancel));
            resumed++;
        }

        Assert.True(resumed >= 2, $"{resumed}");
    }

    private async Task<int> CrashAsync(int at)
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        JournalLine first = await test.TakeInAsync(Mails.SmallBox[6], Cancel);
        await test.Desk.Replies.QueueAsync(test.Tenant, first.TicketId, new NewReply { Text = "Use water." }, Cancel);
        CrashingTransport transport = new(at);
        try
        {
            await test.NewProcess(transport).Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.System, Cancel);
        }
        catch (Exception e) when (e is CrashingTransport.ProcessEnded || e.InnerException is CrashingTransport.ProcessEnded)
        {
        }

        Desk next = test.NewProcess();
        ErasureEnd end = await next.Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.System, Cancel);
        ReceiptBody body = Receipt.Check(end.Erasure!.Receipt!, await next.Vault.SealPublicKeyAsync(Receipt.KidOf(end.Erasure.Receipt!), Cancel)).Body!;
        Assert.Equal((2L, 1L, 1L, 2), (body.Counts["messages"], body.Counts["originals"], body.Counts["repliesStopped"], body.KeysDestroyed));
        Assert.Empty(await Rows(next, test, TableNames.Lists).ToListAsync(Cancel));
        Assert.Empty(await next.Blobs.ListAsync(TicketStore.Container, $"{test.Tenant}/", Cancel).ToListAsync(Cancel));
        Assert.Null(await next.Keys.FindAsync(test.Tenant, KeyClass.Ticket, first.TicketId, Cancel));
        Assert.Null(await next.Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, Cancel));
        Assert.All(await next.Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel), m => Assert.Null(m.Document));
        Assert.Empty(await next.Storage.Tables.GetTableClient(TableNames.Lists).QueryAsync(TableFilter.PartitionIs("outbox").And(TableFilter.RowPrefix($"{test.Tenant}!")), cancel: Cancel).ToListAsync(Cancel));
        return transport.Requests;
    }

    private static async Task<JournalLine> TakeInLaterAsync(TestDesk test, byte[] mail)
    {
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new LaterSource(mail, test.Desk.Time.GetUtcNow().AddMinutes(1)), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        return (await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel)).MaxBy(line => line.Received)!;
    }

    private static IAsyncEnumerable<TableEntity> Rows(Desk desk, TestDesk test, string table) =>
        desk.Storage.Tables.GetTableClient(table).QueryAsync(TableFilter.PartitionPrefix($"{test.Tenant}."), cancel: Cancel);
}

/// <summary>One mail that was received at a given time.</summary>
internal sealed class LaterSource(byte[] mail, DateTimeOffset received) : IMailSource
{
    public Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel) =>
        Task.FromResult(new ListedPage([new ListedId("late-" + received.Ticks)], new SourceCursor("99"), More: false));

    public Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel) => Task.FromResult(new FetchedMail(FetchKind.Fetched, mail, received));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The process ends, as by kill -9, after one of its requests.</summary>
internal sealed class CrashingTransport(int crashAt) : HttpPipelineTransport
{
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    public override Request CreateRequest() => HttpClientTransport.Shared.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        int request = Interlocked.Increment(ref _requests) - 1;
        if (request > crashAt) throw new ProcessEnded();
        await HttpClientTransport.Shared.ProcessAsync(message);
        if (request == crashAt) throw new ProcessEnded();
    }

    internal sealed class ProcessEnded : Exception;
}
