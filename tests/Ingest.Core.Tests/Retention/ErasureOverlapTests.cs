using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>Erasures that meet other mail of the person, other erasures and holds while they are at work.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class ErasureOverlapTests(StorageFixture storage)
{
    private const string Ann = "ann@customer.example", Bob = "bob@other.example";
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Again(byte[] mail) => [.. "X-Trace: another way\r\n"u8, .. mail];

    // A mail of others that is kept back and went to Ann, too.
    private static byte[] Named(string id, string word) =>
        Encoding.ASCII.GetBytes($"From: MAILER-DAEMON@relay.example\r\nTo: {TestDesk.Address}\r\nCc: {Ann}\r\nSubject: Undelivered\r\nMessage-ID: <{id}>\r\nReturn-Path: <>\r\n\r\nThe {word}.\r\n");

    private static async Task<string> PlacesAsync(TestDesk test, string word) =>
        string.Join(", ", (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(word).Where(place => place != "erasures.doc"));

    [Fact]
    public async Task A_copy_of_kept_back_mail_of_a_person_goes_with_it()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] mail = Named("b9@relay.example", "keptcanary");
        JournalLine first = await test.TakeInAsync(mail, Cancel), copy = await test.TakeInAsync(Again(mail), Cancel);
        Assert.Equal((OutcomeKind.Quarantined, OutcomeKind.Duplicate), (first.Outcome, copy.Outcome));
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome);
        Assert.Equal("", await PlacesAsync(test, "keptcanary"));
    }

    [Fact]
    public async Task A_copy_of_mail_that_was_let_in_goes_with_its_ticket()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] mail = Named("b9@relay.example", "keptcanary");
        JournalLine first = await test.TakeInAsync(mail, Cancel), copy = await test.TakeInAsync(Again(mail), Cancel);
        Assert.Equal((OutcomeKind.Quarantined, OutcomeKind.Duplicate), (first.Outcome, copy.Outcome));
        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, AuditActor.Command, Cancel));
        await TestDesk.DrainAsync(test.Desk, Cancel);
        JournalLine let = (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, Cancel))!;
        Assert.Equal(OutcomeKind.Ticketed, let.Outcome);
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.TicketAsync(test.Tenant, let.TicketId, AuditActor.Command, Cancel)).Outcome);
        Assert.Equal("", await PlacesAsync(test, "keptcanary"));
    }

    [Fact]
    public async Task Kept_back_mail_that_names_a_person_in_its_text_goes()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] mail = Encoding.ASCII.GetBytes($"From: MAILER-DAEMON@relay.example\r\nTo: {TestDesk.Address}\r\nSubject: Automatic answer\r\nMessage-ID: <b9@relay.example>\r\nReturn-Path: <>\r\n\r\nI am away, write to {Ann}, the keptcanary.\r\n");
        JournalLine first = await test.TakeInAsync(mail, Cancel);
        Assert.Equal(OutcomeKind.Quarantined, first.Outcome);
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome);
        Assert.Equal("", await PlacesAsync(test, Ann));
    }

    [Fact]
    public async Task Whoever_becomes_a_contact_while_they_are_erased_is_none_afterwards()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(Mails.From(Bob, "Invoice 7", "bob1@other.example", extra: $"Cc: {Ann}\r\n"), Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new OneSource(Mails.From(Ann, "On its way", "a4@customer.example", body: "The flightcanary of hers.\r\n"), "flight"), "w", Cancel);
        Assert.Equal(ErasureOutcome.Begun, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero)).Outcome);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Assert.NotNull(await test.NewProcess().Contacts.FindAsync(test.Tenant, Ann, Cancel));
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome);
        Assert.Null(await test.NewProcess().Contacts.FindAsync(test.Tenant, Ann, Cancel));
        Assert.Equal("", await PlacesAsync(test, Ann));
        Assert.Equal("", await PlacesAsync(test, "flightcanary"));
    }

    [Fact]
    public async Task Long_names_and_ids_in_a_persons_mail_do_not_keep_them_from_being_erased()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        string ticket = "";
        for (int i = 0; i < 60; i++)
        {
            byte[] mail = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Mails.From(Ann, $"One {i}", $"{i}{new string('+', 170)}@customer.example", body: "The namecanary.\r\n"))
                .Replace($"From: {Ann}", $"From: =?utf-8?q?{i:D2}{string.Concat(Enumerable.Repeat("=E2=98=83", 15))}?= {string.Join(" ", Enumerable.Repeat($"=?utf-8?q?{string.Concat(Enumerable.Repeat("=E2=98=83", 15))}?=", 20))} <{Ann}>", StringComparison.Ordinal));
            ticket = (await test.TakeInAsync(mail, Cancel)).TicketId;
        }

        Assert.True((await test.Desk.Tickets.MessagesAsync(test.Tenant, ticket, Cancel))[0].Document!.FromName.Length > 300);
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome);
        Assert.Equal("", await PlacesAsync(test, "namecanary"));
    }

    [Fact]
    public async Task A_ticket_that_is_erased_while_a_person_in_it_is_erased_leaves_no_copy()
    {
        int requests = await EraseBothAsync(int.MaxValue);
        Assert.True(requests > 30);
        for (int at = 0; at < requests; at++) await EraseBothAsync(at);
    }

    private async Task<int> EraseBothAsync(int at)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        string ticket = (await test.TakeInAsync(Mails.From(Bob, "Invoice 7", "bob1@other.example", body: "The bobcanary is of others.\r\n", extra: $"Cc: {Ann}\r\n"), Cancel)).TicketId;
        CrashingTransport transport = new(at);
        await Record.ExceptionAsync(() => test.NewProcess(transport).Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel));
        ErasureEnd end = await test.NewProcess().Eraser.TicketAsync(test.Tenant, ticket, AuditActor.Command, Cancel);
        await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel);
        Ticket stone = (await test.NewProcess().Tickets.FindAsync(test.Tenant, ticket, Cancel))!;
        string left = await PlacesAsync(test, "bobcanary");
        // What Bob wrote lives on where the ticket was handed over before; where the whole ticket was erased, it is gone.
        Assert.True(left.Length == 0 || stone.MergedInto.Length > 0, $"After a crash at request {at}, {end.Outcome}: {left}");
        Assert.True((await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Count == (left.Length > 0 ? 1 : 0), $"{at}");
        return transport.Requests;
    }

    [Fact]
    public async Task A_person_erased_between_any_two_requests_of_their_first_mail_is_no_contact_once_it_has_settled()
    {
        int requests = await FirstMailAsync(int.MaxValue);
        Assert.True(requests > 10);
        foreach (int at in CrashPoints.Of(requests, 16)) await FirstMailAsync(at);
    }

    private async Task<int> FirstMailAsync(int at)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new OneSource(Mails.From(Ann, "First", "a1@customer.example", body: "The first canary of hers.\r\n"), "first"), "w", Cancel);
        Work work = Work.FromJson((await test.Desk.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel))[0].Body!.Value.Span)!;
        InterruptedTransport transport = new(at, async () => Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome));
        await test.NewProcess(transport).IngestMail.RunAsync(work, Cancel);
        await test.EmptyQueuesAsync(Cancel);
        if (!transport.Interrupted) return transport.Requests;
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(40));
        Assert.Equal(1, await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant));
        foreach (string word in (string[])[Ann, "first canary"]) Assert.True((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(word) is [], $"Erased before request {at}: {word} in {string.Join(", ", (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(word))}");
        Assert.Null(await test.NewProcess().Contacts.FindAsync(test.Tenant, Ann, Cancel));
        return transport.Requests;
    }

    [Fact]
    public async Task No_count_is_left_that_is_kept_by_a_persons_address()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, acknowledgement: "We have it.");
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { MostFromSenderPerHour = 8 }, AuditActor.Command, Cancel);
        for (int i = 0; i < 6; i++) await test.TakeInAsync(Mails.From(Ann, $"Matter {i}", $"a{i}@customer.example"), Cancel);
        JournalLine zoe = await test.TakeInAsync(Mails.From("zoe@customer.example", "Hello", "z1@customer.example"), Cancel);
        HashSet<string> anns = [.. (await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel)).Where(line => line.MessageKey != zoe.MessageKey).Select(line => line.MessageKey)];
        Assert.Equal((4, 2), ((await CountsAsync(test)).Count, (await CountsAsync(test)).Count(row => anns.Any(key => (row.GetString("sent") ?? "").Contains(key, StringComparison.Ordinal)))));

        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome);
        List<TableEntity> after = await CountsAsync(test);
        Assert.Equal(["acknowledged", "acknowledged"], after.Select(row => row.RowKey));
        Assert.All(after, row => Assert.EndsWith(":" + zoe.MessageKey, Assert.Single(row.GetString("sent")!.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    private static async Task<List<TableEntity>> CountsAsync(TestDesk test) =>
        await test.Desk.Storage.Tables.GetTableClient(TableNames.Suppressions).QueryAsync(TableFilter.PartitionPrefix(test.Tenant + "."), cancel: Cancel).ToListAsync(Cancel);

    [Theory]
    [InlineData(ErasureKind.Mailbox)]
    [InlineData(ErasureKind.Tenant)]
    public async Task A_hold_that_is_placed_while_kept_back_mail_is_looked_through_keeps_it(ErasureKind kind)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(Named("b9@relay.example", "keptcanary"), Cancel);
        MeanwhileTransport transport = new(request => request.Method == Azure.Core.RequestMethod.Get && request.Uri.ToString().Contains("/packs/", StringComparison.Ordinal),
            () => test.Desk.Holds.PlaceAsync(test.Tenant, kind, kind == ErasureKind.Mailbox ? test.Mailbox.Id.Value : test.Tenant.ToString(), "matter 7", AuditActor.Command, Cancel));
        ErasureEnd end = await test.NewProcess(transport).Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel);
        Assert.True(transport.Happened);
        Assert.Equal(kind == ErasureKind.Mailbox ? ErasureOutcome.Done : ErasureOutcome.Held, end.Outcome);
        Assert.NotEqual("", await PlacesAsync(test, "keptcanary"));
    }

    [Fact]
    public async Task A_hold_that_is_placed_while_many_kept_back_mails_are_deleted_keeps_what_is_left()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        List<string> named = [];
        for (int i = 0; i < 12; i++) named.Add($"{test.Mailbox.Id}:{(await test.TakeInAsync(Named($"b{i}@relay.example", $"keptcanary{i}"), Cancel)).MessageKey}");
        BulkDecision bulk = test.Desk.ReviewBulk.New(BulkAction.Delete, new BulkScope { Inboxes = [test.Mailbox.Id.Value], Named = named }, AuditActor.Command);
        await test.Desk.ReviewBulk.BeginAsync(test.Tenant, bulk, Cancel);
        MeanwhileTransport transport = new(request => request.Method == Azure.Core.RequestMethod.Put && request.Uri.ToString().Contains("/journal(", StringComparison.Ordinal),
            () => test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Mailbox, test.Mailbox.Id.Value, "matter 7", AuditActor.Command, Cancel));
        BulkDecision end = (await test.NewProcess(transport).ReviewBulk.RunAsync(test.Tenant, bulk.Id, Cancel))!;
        Assert.True(transport.Happened);
        // Of those that were under way at that moment.
        Assert.Equal((8L, 4L), (end.Done, end.Passed));
        Assert.Equal(4, await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, OutcomeKind.Quarantined, Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task A_hold_on_the_ticket_that_took_over_keeps_what_is_left_of_the_one_before()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        string ticket = (await test.TakeInAsync(Mails.From(Bob, "Invoice 7", "bob1@other.example", body: "The bobcanary is of others.\r\n", extra: $"Cc: {Ann}\r\n"), Cancel)).TicketId;
        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero);
        while ((await test.NewProcess().Erasures.FindAsync(test.Tenant, end.Erasure!.Id, Cancel))!.Stage != ErasureStage.Shred) await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel, TimeSpan.Zero);
        string stands = (await test.NewProcess().Tickets.FindStandingAsync(test.Tenant, ticket, Cancel))!.Id;
        Assert.NotEqual(ticket, stands);
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, stands, "matter 7", AuditActor.Command, Cancel);

        end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Begun, hold.Id), (end.Outcome, end.Holds.SingleOrDefault()?.Id));
        Assert.Equal("packs blobs, tickets.doc", await PlacesAsync(test, Ann));
        await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome);
        Assert.Equal("", await PlacesAsync(test, Ann));
    }

    [Fact]
    public async Task A_hold_placed_after_a_broken_off_takeover_leaves_one_ticket_in_the_lists()
    {
        int requests = await HoldAfterAsync(int.MaxValue);
        foreach (int at in CrashPoints.Of(requests, 20)) await HoldAfterAsync(at);
    }

    private async Task<int> HoldAfterAsync(int at)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        string ticket = (await test.TakeInAsync(Mails.From(Bob, "Invoice 7", "bob1@other.example", body: "The bobcanary is of others.\r\n", extra: $"Cc: {Ann}\r\n"), Cancel)).TicketId;
        CrashingTransport transport = new(at);
        await Record.ExceptionAsync(() => test.NewProcess(transport).Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel));
        string held = (await test.NewProcess().Tickets.FindStandingAsync(test.Tenant, ticket, Cancel))!.Id;
        await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, held, "matter 7", AuditActor.Command, Cancel);
        await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel);
        Assert.True((await test.NewProcess().Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Select(t => t.Id).SequenceEqual([held]), $"After a crash at request {at}.");
        Assert.Contains("tickets.doc", await PlacesAsync(test, "bobcanary"), StringComparison.Ordinal);
        return transport.Requests;
    }
}
