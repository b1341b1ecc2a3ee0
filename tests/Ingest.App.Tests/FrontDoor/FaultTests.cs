using System.Collections.Concurrent;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Ingest.LocalHost;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Messages that are none, faults of ours, work that was lost: nothing is lost, and what failed says so.</summary>
[Collection(nameof(RunningSystem))]
public sealed class FaultTests(RunningSystem system)
{
    private readonly TenantContext _tenant = RunningSystem.NewTenant();

    private static CancellationToken Cancel => RunningSystem.Cancel;
    private WorkQueue Poison => new(system.Desk.Storage, Queues.PoisonOf(Queues.MailIngest));

    /// <summary>Messages that no sender of ours writes.</summary>
    private string[] Garbage() =>
    [
        "\0\u0001\u0002", "x", "{", "{}", "[]", "null", "7", "\"text\"", """{"v":"x"}""", """{"t":null,"i":null}""", """{"t":"../x","i":"a"}""",
        $$"""{"t":"{{_tenant}}","i":"box"}""",
        $$"""{"t":"{{_tenant}}","i":"box","k":null,"p":null}""",
        $$"""{"t":"{{_tenant}}","i":"box","k":"","p":"p"}""",
        $$"""{"t":"{{_tenant}}","i":"box","k":"a/b#c?d","p":"p"}""",
        $$"""{"t":"{{_tenant}}","i":"box","k":"abc","p":"../../other/pack"}""",
        $$"""{"t":"{{_tenant}}","i":"box","k":"abc","p":"p","o":-1}""",
        $$"""{"t":"{{_tenant}}","i":"box","k":"abc","p":"p","l":9223372036854775807}""",
        $$"""{"t":"{{_tenant}}","i":"box","k":"abc","p":"p","r":9223372036854775807}""",
        $$"""{"t":"{{_tenant}}","i":"box","k":"abc","p":"p","a":-5}""",
    ];

    [Fact]
    public async Task Garbage_in_the_queues_hurts_nobody()
    {
        foreach (string text in Garbage())
            foreach (WorkQueue queue in new[] { system.Desk.IngestQueue, system.Desk.SyncQueue })
                await queue.SendAsync(Encoding.UTF8.GetBytes(text), delay: null, Cancel);
        await system.Desk.Storage.Queues.GetQueueClient(Queues.MailIngest).SendMessageAsync("not base64!", Cancel);
        Mailbox mailbox = await system.GiveAsync(_tenant, "support@acme.example", Mails.From("ann@customer.example", "After the garbage"));
        Assert.Equal(1, (await system.SettledAsync(_tenant, mailbox.Id, listed: 1)).Ticketed);
        await EmptyAsync(system.Desk.IngestQueue);
        await EmptyAsync(system.Desk.SyncQueue);

        await system.Desk.KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.Equal(0, await Poison.ApproximateCountAsync(Cancel));
        Assert.Equal("1 0", await LinesAsync(mailbox));
    }

    [Fact]
    public async Task Garbage_in_the_poison_queue_stops_no_housekeeping()
    {
        (Mailbox mailbox, List<Work> works) = await HoldAsync(Mails.From("ann@customer.example", "Behind the garbage"));
        foreach (string text in Garbage()) await Poison.SendAsync(Encoding.UTF8.GetBytes(text), delay: null, Cancel);
        await Poison.SendAsync(works[0].ToJson(), delay: null, Cancel);
        HouseReport report = await system.Desk.KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.Equal((1, 0), (report.Replayed, report.Parked));
        Assert.Equal(0, await Poison.ApproximateCountAsync(Cancel));
        Assert.Equal(1, (await system.SettledAsync(_tenant, mailbox.Id, listed: 1)).Ticketed);
    }

    [Fact]
    public async Task A_message_of_a_newer_version_waits_for_a_newer_app()
    {
        byte[] newer = Encoding.UTF8.GetBytes($$"""{"v":{{Work.CurrentVersion + 1}},"tenant":"{{_tenant}}","something":"else"}""");
        TaskCompletionSource<InvocationOutcome> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note(Invocation invocation, InvocationOutcome outcome)
        {
            if (invocation.Function == "IngestMail") ended.TrySetResult(outcome);
        }

        system.Host.InvocationEnded += Note;
        try
        {
            await system.Desk.IngestQueue.SendAsync(newer, delay: null, Cancel);
            Assert.Equal(InvocationOutcome.Succeeded, await ended.Task.WaitAsync(TimeSpan.FromMinutes(2), Cancel));
        }
        finally
        {
            system.Host.InvocationEnded -= Note;
        }

        // The copy was sent before the call ended; the message itself goes after that.
        await system.UntilAsync("the copy alone to wait", async () => await system.Desk.IngestQueue.ApproximateCountAsync(Cancel) == 1 ? "yes" : null);
        Assert.Empty(await system.Desk.IngestQueue.PeekAsync(32, Cancel));
        await system.UntilAsync("the log to say so", () => Task.FromResult(system.Said.Contains($"message of version {Work.CurrentVersion + 1} put off by IngestMail", StringComparison.Ordinal) ? "yes" : null));

        await Poison.SendAsync(newer, delay: null, Cancel);
        HouseReport report = await system.Desk.KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.Equal((0, 0), (report.Replayed, report.Parked));
        Assert.Equal((2, 0), (await system.Desk.IngestQueue.ApproximateCountAsync(Cancel), await Poison.ApproximateCountAsync(Cancel)));
        await system.Desk.Storage.Queues.GetQueueClient(Queues.MailIngest).ClearMessagesAsync(Cancel);
    }

    [Fact]
    public async Task A_fault_of_ours_is_tried_ten_times_then_parked_and_replayed_when_mended()
    {
        (Mailbox mailbox, List<Work> works) = await HoldAsync(Mails.From("ann@customer.example", "Sealed and broken"), Mails.From("bob@customer.example", "Whole"));
        byte[] whole = await BreakSealAsync(works[0]);
        ConcurrentQueue<(long Delivery, InvocationOutcome Outcome)> deliveries = new();
        void Note(Invocation invocation, InvocationOutcome outcome) => deliveries.Enqueue((invocation.DequeueCount, outcome));
        system.Host.InvocationEnded += Note;
        try
        {
            await system.Desk.IngestQueue.SendAsync(works[0].ToJson(), delay: null, Cancel);
            JournalLine parked = await system.LineAsync(_tenant, mailbox.Id, works[0].MessageKey);
            Assert.Equal((OutcomeKind.Parked, OutcomeReason.Fault), (parked.Outcome, parked.Reason));
            Assert.Equal((works[0].Pack, works[0].Offset, works[0].Length), (parked.Pack, parked.Offset, parked.Length));
            await EmptyAsync(system.Desk.IngestQueue);
        }
        finally
        {
            system.Host.InvocationEnded -= Note;
        }

        // A first delivery may have been put off, when storage was slow to answer: that is a success of its own and none of the ten.
        Assert.Equal(Enumerable.Range(1, 9).Select(n => (long)n), deliveries.Where(d => d.Item2 == InvocationOutcome.Failed).Select(d => d.Item1).Order());
        Assert.Contains((10L, InvocationOutcome.Succeeded), deliveries);
        Assert.Equal(0, await Poison.ApproximateCountAsync(Cancel));
        Assert.DoesNotContain("Sealed and broken", system.Said, StringComparison.Ordinal);

        // The other mail of the pack goes its way meanwhile; the first one does as soon as its bytes are as they were.
        await system.Desk.IngestQueue.SendAsync(works[1].ToJson(), delay: null, Cancel);
        Assert.Equal(OutcomeKind.Ticketed, (await system.LineAsync(_tenant, mailbox.Id, works[1].MessageKey)).Outcome);
        await WriteAsync(works[0], whole);
        (int exit, string output, _) = await system.CommandAsync(_tenant, "replay", works[0].MessageKey);
        Assert.Equal((0, "1 mail put back to work."), (exit, output.Trim()));
        JournalLine mended = await system.LineAsync(_tenant, mailbox.Id, works[0].MessageKey, line => line.Outcome != OutcomeKind.Parked);
        Assert.Equal("Sealed and broken", (await system.Desk.Tickets.FindAsync(_tenant, mended.TicketId, Cancel))!.Document!.Subject);
        Assert.Equal("2 0", await LinesAsync(mailbox));
    }

    [Fact]
    public async Task Poisoned_mail_is_replayed_once_alone_and_parked_when_it_fails_again()
    {
        (Mailbox mailbox, List<Work> works) = await HoldAsync(Mails.From("ann@customer.example", "Broken"));
        byte[] whole = await BreakSealAsync(works[0]);
        await Poison.SendAsync(works[0].ToJson(), delay: null, Cancel);
        HouseReport report = await system.Desk.KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.Equal((0, 1), (report.Replayed, report.Parked));
        Assert.Equal(OutcomeReason.Crashed, (await system.LineAsync(_tenant, mailbox.Id, works[0].MessageKey)).Reason);

        await WriteAsync(works[0], whole);
        await Poison.SendAsync(works[0].ToJson(), delay: null, Cancel);
        Assert.Equal(1, (await system.Desk.KeepHouse.RunAsync(sweep: false, Cancel)).Replayed);
        Assert.Equal(OutcomeKind.Ticketed, (await system.LineAsync(_tenant, mailbox.Id, works[0].MessageKey)).Outcome);
    }

    [Fact]
    public async Task Poisoned_mail_that_ended_the_housekeeper_before_is_parked_unseen()
    {
        (Mailbox mailbox, List<Work> works) = await HoldAsync(Mails.From("ann@customer.example", "Innocent, but found at the scene"));
        await Poison.SendAsync(works[0].ToJson(), delay: null, Cancel);
        // A housekeeper takes it and is never heard of again.
        Assert.Single(await Poison.ReceiveAsync(1, TimeSpan.FromSeconds(1), Cancel));
        await system.UntilAsync("the message to come back", async () =>
            (await system.Desk.KeepHouse.RunAsync(sweep: false, Cancel)) is { Parked: 1, Replayed: 0 } ? "parked" : null);
        Assert.Equal(OutcomeReason.Crashed, (await system.LineAsync(_tenant, mailbox.Id, works[0].MessageKey)).Reason);
        Assert.Equal(0, (await system.CommandAsync(_tenant, "replay")).Exit);
        Assert.Equal(OutcomeKind.Ticketed, (await system.LineAsync(_tenant, mailbox.Id, works[0].MessageKey, line => line.Outcome != OutcomeKind.Parked)).Outcome);
    }

    [Fact]
    public async Task Listed_mail_whose_work_was_lost_is_queued_again_after_a_quarter_of_an_hour()
    {
        (Mailbox mailbox, List<Work> works) = await HoldAsync(Mails.From("ann@customer.example", "Lost"), Mails.From("bob@customer.example", "Taken in"));
        await system.Desk.IngestMail.RunAsync(works[1], Cancel);
        await system.NewProcess(TimeSpan.FromMinutes(14)).KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.Equal(1, (await system.Desk.Reconcile.RunAsync(_tenant, mailbox.Id, Cancel)).InFlight);
        Assert.Equal(0, await system.Desk.IngestQueue.ApproximateCountAsync(Cancel));

        Desk later = system.NewProcess(TimeSpan.FromMinutes(16));
        await later.KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.Equal(2, (await system.SettledAsync(_tenant, mailbox.Id, listed: 2)).Ticketed);
        Assert.NotEmpty(await later.Packs.ListAsync(_tenant, mailbox.Id, openOnly: true, Cancel).ToListAsync(Cancel));
        await later.KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.Empty(await later.Packs.ListAsync(_tenant, mailbox.Id, openOnly: true, Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Work_that_waits_out_a_long_outage_is_not_queued_again_at_every_round()
    {
        (Mailbox mailbox, _) = await HoldAsync(Mails.From("ann@customer.example", "Patient"));
        string prefix = "k" + Guid.NewGuid().ToString("N")[..8] + "-";
        WorkQueue queue = new(system.Desk.Storage, prefix + Queues.MailIngest);
        foreach ((int minutes, int copies) in new[] { (16, 1), (21, 0), (70, 0), (77, 1), (82, 0) })
        {
            Desk later = system.NewProcess(TimeSpan.FromMinutes(minutes));
            KeepReplies replies = new(later.Outbox, later.SendReply, name => new WorkQueue(later.Storage, prefix + name), later.Time);
            KeepHouse house = new(
                later.Mailboxes, later.Packs, later.Journal, later.Tickets, later.IngestMail, replies, new ExpiredRows(later.Storage.Tables), later.Promises,
                new KeepKeys(later.Mailboxes, later.Keys, later.RotateIndex, later.Audit, later.Time), later.Audit, later.ReviewWatch, later.ReviewBulk, later.TenantModels, name => new WorkQueue(later.Storage, prefix + name), later.Time);
            await house.RunAsync(sweep: false, Cancel);
            IReadOnlyList<QueuedMessage> messages = await queue.ReceiveAsync(32, TimeSpan.FromHours(1), Cancel);
            Assert.Equal((minutes, copies), (minutes, messages.Count(message => Work.FromJson(message.Body!.Value.Span)!.InboxText == mailbox.Id.Value)));
        }
    }

    [Fact]
    public async Task Failure_15_blobs_that_a_crash_left_behind_are_swept_and_no_others()
    {
        byte[] mail = Mails.WithFile("ann@customer.example", "A file", [1, 2, 3]);
        Mailbox mailbox = await system.GiveAsync(_tenant, "support@acme.example", mail, mail, mail, mail);
        Books books = await system.SettledAsync(_tenant, mailbox.Id, listed: 4);
        Assert.Equal((1, 3), (books.Ticketed, books.Duplicate));
        Ticket ticket = (await system.Desk.Tickets.NewestAsync(_tenant, mailbox.Id, TicketState.Open, 9, Cancel)).Single();
        List<string> packs = await NamesAsync(Packs.Container), blobs = await NamesAsync(TicketStore.Container);
        Assert.Single(blobs);

        string lostPack = Packs.BlobName(_tenant, mailbox.Id, Pack.NewId(DateTimeOffset.UnixEpoch)), lostBlob = $"{_tenant}/{ticket.Id}/{new string('a', 32)}.000000000000";
        await system.Desk.Blobs.PutAsync(Packs.Container, lostPack, new byte[100], onlyIfAbsent: true, Cancel);
        await system.Desk.Blobs.PutAsync(TicketStore.Container, lostBlob, new byte[100], onlyIfAbsent: true, Cancel);
        await system.Desk.KeepHouse.RunAsync(sweep: true, Cancel);
        Assert.Contains(lostPack, await NamesAsync(Packs.Container));
        Assert.Contains(lostBlob, await NamesAsync(TicketStore.Container));

        HouseReport report = await system.NewProcess(TimeSpan.FromHours(3)).KeepHouse.RunAsync(sweep: true, Cancel);
        Assert.True(report.Swept >= 2);
        Assert.Equal(packs, await NamesAsync(Packs.Container));
        Assert.Equal(blobs, await NamesAsync(TicketStore.Container));
        TicketMessage message = (await system.Desk.Tickets.MessagesAsync(_tenant, ticket.Id, Cancel)).Single();
        Assert.Equal([1, 2, 3], await system.Desk.Tickets.ReadAttachmentAsync(_tenant, ticket.Id, message, 0, Cancel));
    }

    [Fact]
    public async Task Eight_workers_on_the_same_mail_make_one_ticket()
    {
        byte[] mail = Mails.WithFile("ann@customer.example", "Once", [1, 2, 3]);
        (Mailbox mailbox, List<Work> works) = await HoldAsync(mail, mail, mail);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            Desk worker = system.NewProcess();
            foreach (Work work in works.Select((_, i) => works[(i + n) % works.Count])) await TakeInAsync(worker, work);
        }, Cancel)));
        Books books = await system.Desk.Reconcile.RunAsync(_tenant, mailbox.Id, Cancel);
        Assert.Equal(new Books(3, 1, 2, 0, 0, 0, 0, 0), books);
        Ticket ticket = (await system.Desk.Tickets.NewestAsync(_tenant, mailbox.Id, TicketState.Open, 9, Cancel)).Single();
        Assert.Equal(1, ticket.Messages);
        Assert.Single(await system.Desk.Tickets.MessagesAsync(_tenant, ticket.Id, Cancel));
        Assert.Single(await NamesAsync(TicketStore.Container));
    }

    // As the queue would bring it back.
    private static async Task TakeInAsync(Desk worker, Work work)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await worker.IngestMail.RunAsync(work with { Attempt = attempt }, Cancel);
                return;
            }
            catch (NotNowException) when (attempt < 50)
            {
                await Task.Delay(20, Cancel);
            }
        }
    }

    /// <summary>Lists the mails and holds their work back, as a queue would that lost it.</summary>
    private async Task<(Mailbox Mailbox, List<Work> Works)> HoldAsync(params byte[][] mails)
    {
        Desk desk = system.Desk;
        WorkQueue held = new(desk.Storage, "held-" + Guid.NewGuid().ToString("N"));
        SyncMailbox sync = new(desk.Mailboxes, desk.Keys, desk.Packs, desk.Journal, held, desk.Time);
        Mailbox mailbox = await desk.Mailboxes.ConnectAsync(_tenant, MailboxKind.Import,
            new MailboxProfile { Address = "support@acme.example", AuthservIds = ["mx.google.com"] }, credential: null, Cancel);
        await sync.RunAsync(_tenant, mailbox.Id, "test", (_, _) => Task.FromResult<IMailSource>(new MailList(mails)), evenIfBackingOff: true, Cancel);
        IReadOnlyList<QueuedMessage> messages = await held.ReceiveAsync(32, TimeSpan.FromMinutes(5), Cancel);
        Assert.Equal(mails.Length, messages.Count);
        return (mailbox, [.. messages.Select(message => Work.FromJson(message.Body!.Value.Span)!).OrderBy(work => work.Offset)]);
    }

    /// <summary>Spoils the sealed bytes of a mail and returns the pack as it was.</summary>
    private async Task<byte[]> BreakSealAsync(Work work)
    {
        string name = Packs.BlobName(_tenant, work.Inbox, work.Pack);
        StoredBlob blob = (await system.Desk.Blobs.ListAsync(Packs.Container, name, Cancel).ToListAsync(Cancel)).Single();
        byte[] whole = (await system.Desk.Blobs.ReadRangeAsync(Packs.Container, name, 0, (int)blob.Size, Cancel))!;
        byte[] broken = [.. whole];
        broken[work.Offset + work.Length - 1] ^= 1;
        await WriteAsync(work, broken);
        return whole;
    }

    private async Task WriteAsync(Work work, byte[] pack) =>
        await system.Desk.Blobs.PutAsync(Packs.Container, Packs.BlobName(_tenant, work.Inbox, work.Pack), pack, onlyIfAbsent: false, Cancel);

    private async Task<List<string>> NamesAsync(string container) =>
        [.. (await system.Desk.Blobs.ListAsync(container, $"{_tenant}/", Cancel).ToListAsync(Cancel)).Select(blob => blob.Name)];

    private Task<string> EmptyAsync(WorkQueue queue) => system.UntilAsync($"{queue.Name} to be empty", async () =>
        await queue.ApproximateCountAsync(Cancel) == 0 ? "empty" : null);

    private async Task<string> LinesAsync(Mailbox mailbox)
    {
        Books books = await system.Desk.Reconcile.RunAsync(_tenant, mailbox.Id, Cancel);
        return $"{books.Ticketed} {books.Parked}";
    }
}
