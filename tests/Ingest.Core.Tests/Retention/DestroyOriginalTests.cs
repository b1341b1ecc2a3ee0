using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>What was masked in the ticket when it came in stands in the original still, until somebody destroys that: for good, with its duplicates, whatever crashes.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class DestroyOriginalTests(StorageFixture storage)
{
    private const string Card = "4111 1111 1111 1111";
    private static readonly AuditActor Agent = new(AuditActorKind.Person, "agent1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Mail => Mails.From("ann@customer.example", "Payment", "a1@customer.example", body: $"Please take it from {Card}.\r\n");

    private async Task<(TestDesk Test, JournalLine First, JournalLine Twin)> HouseAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Default;
        JournalLine first = await test.TakeInAsync(Mail, Cancel), twin = await test.TakeInAsync([.. "X-Trace: another way\r\n"u8, .. Mail], Cancel);
        Assert.Equal((OutcomeKind.Duplicate, first.MessageKey), (twin.Outcome, twin.Owner));
        return (test, first, twin);
    }

    private static async Task<IReadOnlyList<string>> WhereAsync(TestDesk test) => (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(Card);

    private static Task<RedactionEnd> DestroyAsync(Desk desk, TestDesk test, JournalLine line) => desk.RedactByHand.DestroyOriginalAsync(test.Tenant, line.TicketId, line.MessageKey, DestroyReason.HoldsMasked, Agent, Cancel);

    private static Desk Later(TestDesk test)
    {
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        return test.NewProcess(time: clock);
    }

    private static async Task<List<AuditEvent>> EventsAsync(TestDesk test) =>
        [.. (await test.NewProcess().AuditPages.ReadAsync(test.Tenant, new AuditFilter(), 100, null, Cancel)).Entries.Select(e => e.Event).Where(e => e.Action == AuditAction.Redacted).Reverse()];

    private static ValueTask<List<TableEntity>> OpenAsync(TestDesk test) =>
        test.Desk.Storage.Tables.GetTableClient(TableNames.Erasures).QueryAsync(TableFilter.PartitionIs("-redactions").And(TableFilter.RowPrefix(test.Tenant + "!")), cancel: Cancel).ToListAsync(Cancel);

    [Fact]
    public async Task What_was_masked_before_goes_with_the_original_and_its_duplicates_and_the_ticket_stays()
    {
        (TestDesk test, JournalLine first, JournalLine twin) = await HouseAsync();
        Assert.Equal(["packs blobs"], await WhereAsync(test));
        await test.Desk.TeachSpam.MarkAsync(test.Tenant, first.TicketId, first.MessageKey, LessonVerdict.Ham, Agent, Cancel);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        // By hand there is nothing to take out of the ticket: only the original holds it.
        Assert.Equal(RedactionOutcome.NothingFound, (await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Card }, Agent, "Bea", Cancel)).Outcome);

        Assert.Equal(RedactionOutcome.Done, (await DestroyAsync(test.Desk, test, first)).Outcome);
        await Later(test).KeepHouse.RunAsync(sweep: false, Cancel);

        Assert.Empty(await WhereAsync(test));
        Assert.Empty(await OpenAsync(test));
        Desk later = test.NewProcess();
        foreach (JournalLine line in new[] { first, twin }) Assert.Null(await later.Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
        TicketMessage message = Assert.Single(await later.Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel));
        Assert.Contains("•••• •••• •••• 1111", message.Document!.Text, StringComparison.Ordinal);
        Assert.Equal(OriginalState.NotKept, (await later.Originals.FindAsync(test.Tenant, test.Mailbox.Id, message, Cancel)).State);
        Assert.Contains(Explanation.OriginalDestroyed, Explanation.Of((await later.Journal.FindAsync(test.Tenant, test.Mailbox.Id, twin.MessageKey, Cancel))!));
        Assert.Equal(Explanation.OriginalDestroyed, (await later.Retention.ExplainMailAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, Cancel))!.Reasons[0]);
        Assert.Empty((await later.Lessons.ReadAsync(test.Tenant, Cancel)).Lessons);
        Assert.Equal([("text", AuditResult.Done, ""), ("original-destroyed-holds-masked", AuditResult.Begun, first.MessageKey), ("original-destroyed-holds-masked", AuditResult.Done, first.MessageKey)], (await EventsAsync(test)).Select(e => (e.Code, e.Result, e.Subject)));

        // Asked again there is none, and a backup of keys from before brings none back.
        Assert.Equal(RedactionOutcome.NothingFound, (await DestroyAsync(test.Desk, test, first)).Outcome);
        await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel);
        Assert.Empty(await WhereAsync(test));
    }

    [Fact]
    public async Task A_legal_hold_forbids_it_and_who_has_no_such_mail_is_told_so()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        foreach ((ErasureKind kind, string target) in new[] { (ErasureKind.Tenant, test.Tenant.ToString()), (ErasureKind.Mailbox, test.Mailbox.Id.Value), (ErasureKind.Ticket, first.TicketId), (ErasureKind.Contact, (await test.Desk.Contacts.FindAsync(test.Tenant, "ann@customer.example", Cancel))!) })
        {
            Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, kind, target, "A case", AuditActor.Command, Cancel);
            RedactionEnd end = await DestroyAsync(test.Desk, test, first);
            Assert.Equal((RedactionOutcome.Held, hold.Id), (end.Outcome, Assert.Single(end.Holds).Id));
            await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        }

        Assert.All(await EventsAsync(test), e => Assert.Equal(AuditResult.Refused, e.Result));
        Assert.NotEmpty(await WhereAsync(test));
        Assert.Equal(RedactionOutcome.NotThere, (await test.Desk.RedactByHand.DestroyOriginalAsync(test.Tenant, first.TicketId, new string('0', 32), DestroyReason.Legal, Agent, Cancel)).Outcome);
        TestDesk other = await new TestDesk(storage).OpenAsync(Cancel);
        Assert.Equal(RedactionOutcome.NotThere, (await DestroyAsync(other.Desk, other, first)).Outcome);
        Assert.NotEmpty(await WhereAsync(test));
    }

    [Fact]
    public async Task A_crash_after_any_write_is_finished_by_housekeeping_or_has_destroyed_nothing()
    {
        int begun = 0, step = CrashPoints.Step(2);
        for (int at = CrashPoints.First(step); at < 60; at += step)
        {
            (TestDesk test, JournalLine first, _) = await HouseAsync();
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            await Pipeline.CrashingTransport.LiveAsync(() => DestroyAsync(test.NewProcess(transport), test, first));
            bool crashed = transport.Requests > at, opened = (await OpenAsync(test)).Count > 0;
            bool asked = opened || await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, Cancel) is null;
            for (int rounds = 0; rounds < 2; rounds++) await Later(test).KeepHouse.RunAsync(sweep: false, Cancel);
            if (asked) begun++;
            Assert.True(asked == (await WhereAsync(test)) is [], $"After a crash at write {at} the end is another.");
            Assert.Empty(await OpenAsync(test));
            if (!crashed) break;
        }

        Assert.True(begun > 2, $"{begun}");
    }
}
