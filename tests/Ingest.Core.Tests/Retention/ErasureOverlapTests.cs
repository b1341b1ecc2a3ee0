using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Retention;
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

    private static byte[] Unproven(string id, string body) => Encoding.ASCII.GetBytes($"From: Ann Marigold <{Ann}>\r\nTo: {TestDesk.Address}\r\nSubject: Undelivered\r\nMessage-ID: <{id}>\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied\r\n\r\n{body}\r\n");

    private static async Task<string> PlacesAsync(TestDesk test, string word) =>
        string.Join(", ", (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(word).Where(place => place != "erasures.doc"));

    [Fact]
    public async Task A_copy_of_kept_back_mail_of_a_person_goes_with_it()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] mail = Encoding.ASCII.GetBytes($"From: MAILER-DAEMON@customer.example\r\nTo: {TestDesk.Address}\r\nCc: {Ann}\r\nSubject: Undelivered\r\nMessage-ID: <b9@relay.example>\r\nReturn-Path: <>\r\n\r\nThe keptcanary.\r\n");
        JournalLine first = await test.TakeInAsync(mail, Cancel), copy = await test.TakeInAsync(Again(mail), Cancel);
        Assert.Equal((OutcomeKind.Quarantined, OutcomeKind.Duplicate), (first.Outcome, copy.Outcome));
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.Command, Cancel)).Outcome);
        Assert.Equal("", await PlacesAsync(test, "keptcanary"));
    }

    [Fact]
    public async Task A_copy_of_mail_that_was_let_in_goes_with_its_ticket()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] mail = Encoding.ASCII.GetBytes($"From: MAILER-DAEMON@customer.example\r\nTo: {TestDesk.Address}\r\nCc: {Ann}\r\nSubject: Undelivered\r\nMessage-ID: <b9@relay.example>\r\nReturn-Path: <>\r\n\r\nThe keptcanary.\r\n");
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
}
