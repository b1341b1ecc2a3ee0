using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>An erasure that is too large for one request is done in steps, each of which goes on where the last one stopped.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class ErasureStepsTests(StorageFixture storage)
{
    private const string Ann = "ann@customer.example", Bob = "bob@other.example";
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_is_erased_in_steps_of_no_time_each_by_another_process()
    {
        (TestDesk test, string shared) = await HouseAsync();
        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero);
        Assert.Equal((ErasureOutcome.Begun, ErasureState.Begun), (end.Outcome, end.Erasure!.State));
        string id = end.Erasure.Id;
        HashSet<ErasureStage> stages = [];
        int steps = 0;
        for (long looked = -1; end.Outcome == ErasureOutcome.Begun; steps++)
        {
            Erasure now = (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!;
            stages.Add(now.Stage);
            Assert.True(now.Looked >= looked && steps < 60, $"{now.Stage} {now.Looked}");
            looked = now.Looked;
            end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero);
        }

        Assert.Superset(new HashSet<ErasureStage> { ErasureStage.Look, ErasureStage.Kept, ErasureStage.Share, ErasureStage.Shred }, stages);
        Assert.Equal((ErasureOutcome.Done, id), (end.Outcome, end.Erasure!.Id));
        await NothingOfAnnIsLeftAsync(test);
        Ticket stone = (await test.NewProcess().Tickets.FindAsync(test.Tenant, shared, Cancel))!;
        Assert.Equal(Bob, (await test.NewProcess().Tickets.FindAsync(test.Tenant, stone.MergedInto, Cancel))!.Document!.RequesterAddress);
        ReceiptBody body = Receipt.Check(end.Erasure.Receipt!, await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(end.Erasure.Receipt!), Cancel)).Body!;
        Assert.Equal(1, body.Counts["contacts"]);
        Assert.Equal(4, body.Counts["tickets"]);
    }

    [Fact]
    public async Task What_a_request_began_housekeeping_ends()
    {
        (TestDesk test, _) = await HouseAsync();
        string id = (await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero)).Erasure!.Id;
        await test.NewProcess().Eraser.SettleAsync(Cancel, only: test.Tenant);
        Assert.Equal(ErasureState.Begun, (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.State);
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant);
        Assert.Equal(ErasureState.Destroyed, (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.State);
        clock.Advance(TimeSpan.FromMinutes(40));
        Assert.Equal(1, await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant));
        Assert.Equal(ErasureState.Settled, (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.State);
        Assert.Equal(0, await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant));
        await NothingOfAnnIsLeftAsync(test);
    }

    [Theory]
    [InlineData(ErasureKind.Ticket)]
    [InlineData(ErasureKind.Contact)]
    public async Task A_hold_that_is_placed_while_a_person_is_erased_keeps_what_is_left_and_its_placer_is_told(ErasureKind kind)
    {
        (TestDesk test, string shared) = await HouseAsync();
        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero);
        string contact = end.Erasure!.Target, id = end.Erasure.Id;
        // So far that kept-back mail is destroyed, and no ticket.
        while ((await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.Stage != ErasureStage.Share) await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero);
        Assert.True(await test.Desk.Erasures.ReadKeysAsync(test.Tenant, id, part: null, Cancel).AnyAsync(Cancel));
        Hold hold = await test.NewProcess().Holds.PlaceAsync(test.Tenant, kind, kind == ErasureKind.Ticket ? shared : contact, "matter 9", AuditActor.Command, Cancel);
        Assert.Equal([id], hold.UnderWay);

        end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Begun, hold.Id), (end.Outcome, Assert.Single(end.Holds).Id));
        Ticket ticket = (await test.NewProcess().Tickets.FindAsync(test.Tenant, shared, Cancel))!;
        Assert.Null(ticket.Erased);
        Assert.Contains(ticket.Document!.Participants.Append(ticket.Document.Requester), one => one == contact);
        Assert.All(await test.NewProcess().Tickets.MessagesAsync(test.Tenant, shared, Cancel), message => Assert.NotNull(message.Document));

        await test.NewProcess().Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome);
        await NothingOfAnnIsLeftAsync(test);
    }

    [Fact]
    public async Task A_hold_that_is_placed_while_a_mailbox_is_erased_keeps_the_tickets_that_are_left()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        foreach (int i in Enumerable.Range(1, 3)) await test.TakeInAsync(Mails.From($"p{i}@customer.example", $"Case {i}", $"c{i}@customer.example"), Cancel);
        string id = (await test.Desk.Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel, TimeSpan.Zero)).Erasure!.Id;
        while ((await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.Notes is not { Stage: ErasureStage.Shred, Position.Length: > 0 })
            Assert.Equal(ErasureOutcome.Begun, (await test.NewProcess().Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel, TimeSpan.Zero)).Outcome);
        // Two of three are left: a hold on whoever wrote one of these.
        List<Ticket> left = [];
        await foreach (TableEntity row in test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets).QueryAsync(TableFilter.PartitionPrefix($"{test.Tenant}.").And(TableFilter.RowIs("ticket")), cancel: Cancel))
            if (row.GetDateTimeOffset("erased") is null) left.Add((await test.NewProcess().Tickets.FindAsync(test.Tenant, row.PartitionKey.Split('.')[1], Cancel))!);
        Assert.Equal(2, left.Count);
        Ticket last = left.OrderBy(t => t.Id, StringComparer.Ordinal).Last();
        Hold hold = await test.NewProcess().Holds.PlaceAsync(test.Tenant, ErasureKind.Contact, last.Document!.Requester, "matter 9", AuditActor.Command, Cancel);
        Assert.Equal([id], hold.UnderWay);

        ErasureEnd end = await test.NewProcess().Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Begun, hold.Id), (end.Outcome, Assert.Single(end.Holds).Id));
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, last.Id, Cancel))!.Document);

        await test.NewProcess().Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel)).Outcome);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, last.Id, Cancel))!.Erased);
    }

    [Fact]
    public async Task A_hold_on_what_is_destroyed_already_keeps_nothing_of_a_mailbox_that_is_left()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        foreach (int i in Enumerable.Range(1, 3)) await test.TakeInAsync(Mails.From($"p{i}@customer.example", $"Case {i}", $"c{i}@customer.example"), Cancel);
        string id = (await test.Desk.Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel, TimeSpan.Zero)).Erasure!.Id;
        while ((await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.Notes is not { Stage: ErasureStage.Shred, Position.Length: > 0 })
            Assert.Equal(ErasureOutcome.Begun, (await test.NewProcess().Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel, TimeSpan.Zero)).Outcome);
        string gone = (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.Notes.Position;
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, gone, Cancel))!.Erased);
        await test.NewProcess().Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, gone, "matter 9", AuditActor.Command, Cancel);

        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel)).Outcome);
        LaterClock clock = new() { Ahead = Eraser.SettleAfter + TimeSpan.FromMinutes(1) };
        await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant);
        Assert.Equal(ErasureState.Settled, (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.State);
    }

    [Fact]
    public async Task A_long_erasure_of_one_tenant_takes_its_share_of_a_round_and_leaves_another_tenants_theirs()
    {
        // Which of them is begun with is left to chance: whatever it is, both get their share.
        for (int round = 0; round < 4; round++)
        {
            (TestDesk slow, _) = await HouseAsync();
            TestDesk quick = await new TestDesk(storage).OpenAsync(Cancel);
            string ticket = (await quick.TakeInAsync(Mails.From(Bob, "Printer", "p1@other.example"), Cancel)).TicketId;
            TableClient rows = slow.Desk.Storage.Tables.GetTableClient(TableNames.Erasures);
            await foreach (TableEntity left in rows.QueryAsync(TableFilter.PartitionIs("-open"), cancel: Cancel)) await rows.DeleteEntityAsync(left.PartitionKey, left.RowKey, Azure.ETag.All, Cancel);
            string longer = (await slow.Desk.Eraser.ContactAsync(slow.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero)).Erasure!.Id, shorter = (await quick.Desk.Eraser.TicketAsync(quick.Tenant, ticket, AuditActor.Command, Cancel, TimeSpan.Zero)).Erasure!.Id;
            FakeClock clock = new();
            clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10));
            TimeSpan most = TimeSpan.FromSeconds(80);
            int asked = 0;
            // Whatever is asked for the one takes a second, and what time there is is not enough for it.
            FaultTransport transport = new((_, request) =>
            {
                if (!request.Uri.ToString().Contains(slow.Tenant.ToString(), StringComparison.Ordinal)) return Fault.None;
                Interlocked.Increment(ref asked);
                clock.Advance(TimeSpan.FromSeconds(1));
                return Fault.None;
            });

            await slow.NewProcess(transport, clock).Eraser.SettleAsync(Cancel, within: most);

            Assert.Equal(ErasureState.Destroyed, (await quick.NewProcess().Erasures.FindAsync(quick.Tenant, shorter, Cancel))!.State);
            // Round by round it comes to its end, too.
            for (int rounds = 0; (await slow.NewProcess().Erasures.FindAsync(slow.Tenant, longer, Cancel))!.State == ErasureState.Begun; rounds++)
            {
                Assert.True(rounds < 40);
                await slow.NewProcess(transport, clock).Eraser.SettleAsync(Cancel, within: most);
            }

            Assert.True(asked > most.TotalSeconds, $"{asked}");
        }
    }

    [Fact]
    public async Task A_hold_that_is_found_while_looking_ends_it_before_anything_is_destroyed_and_it_can_be_asked_again()
    {
        (TestDesk test, string shared) = await HouseAsync();
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, shared, "matter 7", AuditActor.Command, Cancel);
        ErasureEnd held = await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Held, hold.Id), (held.Outcome, Assert.Single(held.Holds).Id));
        (IReadOnlyList<Erasure> ledger, _) = await test.Desk.Erasures.PageAsync(test.Tenant, 10, after: null, Cancel);
        Assert.Equal((ErasureState.Held, 0L), (Assert.Single(ledger).State, ledger[0].Looked));
        Assert.True((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("first canary").Count > 0);
        Assert.Equal(0, await test.NewProcess().Eraser.SettleAsync(Cancel, only: test.Tenant));

        await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Done, ledger[0].Id), (end.Outcome, end.Erasure!.Id));
        await NothingOfAnnIsLeftAsync(test);
    }

    [Fact]
    public async Task Somebody_who_writes_in_every_round_is_erased_all_the_same()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(Mails.From(Ann, "One", "a1@customer.example", body: "The first canary of hers.\r\n"), Cancel);
        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero);
        string id = end.Erasure!.Id;
        ErasureStage before = ErasureStage.Look;
        int written = 0;
        for (int steps = 0; end.Outcome == ErasureOutcome.Begun && steps < 100; steps++)
        {
            ErasureStage now = (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.Stage;
            if (now == ErasureStage.Shred && before != now) await test.TakeInAsync(Mails.From(Ann, $"More {++written}", $"more{written}@customer.example", body: "Another of hers.\r\n"), Cancel);
            before = now;
            end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero);
        }

        Assert.Equal((ErasureOutcome.Done, id), (end.Outcome, end.Erasure!.Id));
        Assert.True(written >= 6, $"{written}");
        Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("first canary"));
    }

    [Fact]
    public async Task A_receipt_names_the_hold_for_which_kept_back_mail_was_not_touched()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(System.Text.Encoding.ASCII.GetBytes($"From: MAILER-DAEMON@relay.example\r\nTo: {TestDesk.Address}\r\nSubject: Undelivered\r\n"
            + $"Message-ID: <b9@relay.example>\r\nReturn-Path: <>\r\n\r\nYour spamcanary mail to <{Ann}> could not be delivered.\r\n"), Cancel);
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Mailbox, test.Mailbox.Id.Value, "matter 8", AuditActor.Command, Cancel);
        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        ReceiptBody body = Receipt.Check(end.Erasure!.Receipt!, await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(end.Erasure.Receipt!), Cancel)).Body!;
        Assert.Equal([hold.Id], body.KeptByHold);
        Assert.NotEmpty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("spamcanary"));
    }

    [Fact]
    public async Task The_ledger_is_read_from_new_to_old_page_by_page()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        List<string> made = [];
        for (int i = 0; i < 5; i++)
        {
            JournalLine line = await test.TakeInAsync(Mails.From(Bob, $"Matter {i}", $"m{i}@other.example"), Cancel);
            made.Add((await test.Desk.Eraser.TicketAsync(test.Tenant, line.TicketId, AuditActor.Command, Cancel)).Erasure!.Id);
        }

        List<string> read = [];
        string? after = null;
        do
        {
            (IReadOnlyList<Erasure> page, after) = await test.Desk.Erasures.PageAsync(test.Tenant, 2, after, Cancel);
            Assert.True(page.Count is 1 or 2);
            read.AddRange(page.Select(e => e.Id));
        }
        while (after is not null);
        Assert.Equal(Enumerable.Reverse(made), read);
    }

    [Fact]
    public async Task A_person_erased_between_any_two_requests_of_an_intake_leaves_nothing_and_what_they_write_later_stays()
    {
        int requests = await InterruptAsync(int.MaxValue);
        Assert.True(requests > 10);
        foreach (int at in CrashPoints.Of(requests, 16)) await InterruptAsync(at);
    }

    // Ann, to whom Bob has forwarded our answer, writes into his ticket, in which she had no part. Before one of the requests that this takes, another process erases her.
    private async Task<int> InterruptAsync(int at)
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        await test.TakeInAsync(Mails.From(Ann, "One", "a1@customer.example", body: "The first canary of hers.\r\n"), Cancel);
        string ticket = (await test.TakeInAsync(Mails.From(Bob, "Invoice 7", "bob1@other.example", body: "Where is invoice seven of ours?\r\n"), Cancel)).TicketId;
        await test.Desk.Replies.QueueAsync(test.Tenant, ticket, new NewReply { Text = "It is on its way." }, Cancel);
        string sent = (await test.Desk.Tickets.MessagesAsync(test.Tenant, ticket, Cancel)).Single(m => m.Direction == MessageDirection.Out).Document!.MessageId.Trim('<', '>');
        byte[] answer = Mails.From(Ann, "Re: Invoice 7", "a9@customer.example", sent, sent, body: "The late canary of hers.\r\n");
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new OneSource(answer, "late"), "w", Cancel);
        Work work = Work.FromJson((await test.Desk.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel))[0].Body!.Value.Span)!;
        InterruptedTransport transport = new(at, async () => Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome));
        Desk busy = test.NewProcess(transport);
        if (await Record.ExceptionAsync(() => busy.IngestMail.RunAsync(work, Cancel)) is { } thrown)
        {
            Assert.IsType<NotNowException>(thrown);
            await busy.IngestMail.RunAsync(work, Cancel);
        }

        await test.EmptyQueuesAsync(Cancel);
        if (!transport.Interrupted)
        {
            // It is not only that she could not have joined.
            Assert.Equal(ticket, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, work.MessageKey, Cancel))!.TicketId);
            return transport.Requests;
        }

        JournalLine later = await LaterAsync(test);
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(40));
        Assert.Equal(1, await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant));
        IReadOnlyList<string> places = (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("late canary");
        Assert.True(places.Count == 0, $"Erased before request {at}: {string.Join(", ", places)}.");
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, later.TicketId, Cancel))!.Document);
        return transport.Requests;
    }

    private static async Task<JournalLine> LaterAsync(TestDesk test)
    {
        byte[] mail = Mails.From(Ann, "Hello again", "new1@customer.example", body: "It is me.\r\n");
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new LaterSource(mail, test.Desk.Time.GetUtcNow().AddMinutes(1)), "w", Cancel);
        await TestDesk.DrainAsync(test.NewProcess(), Cancel);
        return (await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel)).MaxBy(l => l.Received)!;
    }

    // Two tickets of Ann's own, one of Bob's in which both wrote, one of Bob's that only names her, mail of hers that is kept back.
    private async Task<(TestDesk Test, string Shared)> HouseAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(Mails.From(Ann, "One", "a1@customer.example", body: "The first canary of hers.\r\n"), Cancel);
        JournalLine shared = await test.TakeInAsync(Mails.From(Bob, "Invoice 7", "bob1@other.example", body: "Where is invoice seven of ours?\r\n", extra: $"Cc: {Ann}\r\n"), Cancel);
        await test.TakeInAsync(Mails.From(Ann, "Two", "a2@customer.example", body: "The second canary of hers.\r\n"), Cancel);
        await test.TakeInAsync(Mails.From(Ann, "Re: Invoice 7", "a3@customer.example", "bob1@other.example", body: "The third canary of hers.\r\n"), Cancel);
        await test.TakeInAsync(Mails.From(Bob, "Something else", "bob2@other.example", body: $"I heard of it from {Ann} herself.\r\n"), Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new OneSource(Mails.From(Ann, "On its way", "a4@customer.example", body: "The fourth canary of hers.\r\n"), "flight"), "w", Cancel);
        return (test, shared.TicketId);
    }

    private static async Task NothingOfAnnIsLeftAsync(TestDesk test)
    {
        await TestDesk.DrainAsync(test.NewProcess(), Cancel);
        Readable after = await Readable.OfAsync(test.NewProcess(), test.Tenant);
        foreach (string word in (string[])[Ann, "first canary", "second canary", "third canary", "fourth canary"])
            Assert.True(after.Holds(word).All(place => place == "erasures.doc"), $"{word}: {string.Join(", ", after.Holds(word))}");
    }
}
