using System.Text.Json;
using Azure.Core.Pipeline;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>What a redaction left to housekeeping is ended as it was meant: under no hold, not lost for faults of the moment, and not waiting for what is gone.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class RedactionLeftTests(StorageFixture storage)
{
    private const string Word = "gamma stays";
    private static readonly AuditActor Agent = new(AuditActorKind.Person, "agent1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Mail => Mails.From("ann@customer.example", "Where is it", "a1@customer.example", extra: "Cc: bob@customer.example\r\n", body: "See the door.\r\n");

    private async Task<(TestDesk Test, JournalLine First, JournalLine Twin)> HouseAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        JournalLine first = await test.TakeInAsync(Mail, Cancel), twin = await test.TakeInAsync([.. "X-Trace: another way\r\n"u8, .. Mail], Cancel);
        Assert.Equal((OutcomeKind.Duplicate, first.MessageKey), (twin.Outcome, twin.Owner));
        return (test, first, twin);
    }

    private static TableClient Erasures(TestDesk test) => test.Desk.Storage.Tables.GetTableClient(TableNames.Erasures);

    private static ValueTask<List<TableEntity>> OpenAsync(TestDesk test) =>
        Erasures(test).QueryAsync(TableFilter.PartitionIs("-redactions").And(TableFilter.RowPrefix(test.Tenant + "!")), cancel: Cancel).ToListAsync(Cancel);

    private static Task<Azure.ETag> PutAsync(TestDesk test, string ticket, string id, TableUpdateMode mode, params (string Name, object Value)[] columns)
    {
        TableEntity row = new("-redactions", $"{test.Tenant}!{ticket}!{id}");
        foreach ((string name, object value) in columns) row[name] = value;
        return Erasures(test).UpsertEntityAsync(row, mode, Cancel);
    }

    // The n-th round of housekeeping, each some minutes after the one before. What it was told failed.
    private static async Task<List<Exception>> RoundAsync(TestDesk test, int round = 1, HttpPipelineTransport? transport = null)
    {
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10 * round));
        List<Exception> failed = [];
        await test.NewProcess(transport, time: clock).Promises.GoOnAsync(failed.Add, Cancel);
        return failed;
    }

    private static async Task<string> LastCodeAsync(TestDesk test) =>
        (await test.NewProcess().AuditPages.ReadAsync(test.Tenant, new AuditFilter(), 100, null, Cancel)).Entries.Select(e => e.Event).First(e => e.Action == AuditAction.Redacted).Code;

    private static Task<bool> IsGoneAsync(TestDesk test, JournalLine line) => test.NewProcess().Keys.IsErasedAsync(test.Tenant, new KeyName(KeyClass.Raw, line.MessageKey, test.Mailbox.Id), Cancel);

    private static async Task<string> NoteAsync(TestDesk test, JournalLine first, string text) =>
        (await test.Desk.Replies.AddNoteAsync(test.Tenant, first.TicketId, new NewNote(text, "p1", "Bea", Guid.NewGuid().ToString("N")), Cancel))!.Key;

    private static Task<RedactionEnd> RedactAsync(TestDesk test, JournalLine first, string words) =>
        test.NewProcess().RedactByHand.RunAsync(test.Tenant, first.TicketId, new RedactionWish(RedactedPart.Text) { Text = words }, Agent, "Bea", Cancel);

    private static async Task<TicketMessage> ReadAsync(TestDesk test, JournalLine first, string key) => (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, first.TicketId, key, Cancel))!;

    // A redaction of which one message was written and another not yet, as a crash leaves it.
    private static async Task<string> HalfDoneAsync(TestDesk test, JournalLine first)
    {
        await NoteAsync(test, first, Word + " to be taken out");
        Desk desk = test.NewProcess();
        await RedactAsync(test, first, "See the");
        LaterRedaction mark = (await ReadAsync(test, first, first.MessageKey)).Document!.LaterRedactions[0];
        string owner = TicketKeys.WishOwner(first.TicketId, mark.Id);
        foreach (KeyName key in new[] { new KeyName(KeyClass.Ticket, owner), new KeyName(KeyClass.Raw, first.MessageKey, test.Mailbox.Id) }) await desk.Keys.DiscardAsync(test.Tenant, key, Cancel);
        (await desk.Keys.GetOrCreateRawAsync(test.Tenant, test.Mailbox.Id, [first.MessageKey], Cancel))[0].Dispose();
        await OpenWishAsync(test, first, mark);
        return mark.Id;
    }

    private static async Task OpenWishAsync(TestDesk test, JournalLine first, LaterRedaction mark)
    {
        string owner = TicketKeys.WishOwner(first.TicketId, mark.Id);
        using DataKey key = await test.NewProcess().Keys.GetOrCreateAsync(test.Tenant, KeyClass.Ticket, owner, Cancel);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new AskedRedaction(new SettledWish(RedactedPart.Text, "", Word), mark, null), RetentionJson.Default.AskedRedaction);
        byte[] box = Envelope.Seal(json, key, new SealContext(test.Tenant.Tenant, KeyClass.Ticket, owner, "redaction"), SegmentLength.Row);
        await PutAsync(test, first.TicketId, mark.Id, TableUpdateMode.Replace, ("duplicates", true), ("since", DateTimeOffset.UtcNow), ("messages", first.MessageKey), ("tries", 0), ("wish", box));
    }

    private static LaterRedaction NewMark() => new(Pack.NewId(DateTimeOffset.UtcNow), DateTimeOffset.UtcNow, "agent1", "Bea", RedactedPart.Text, 0);

    private static Task<bool> IsWishGoneAsync(TestDesk test, JournalLine first, string id) =>
        test.NewProcess().Keys.IsErasedAsync(test.Tenant, new KeyName(KeyClass.Ticket, TicketKeys.WishOwner(first.TicketId, id)), Cancel);

    [Fact]
    public async Task A_redaction_done_in_part_waits_under_a_hold_however_long_and_is_ended_when_it_is_lifted()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        string id = await HalfDoneAsync(test, first);
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, first.TicketId, "A case", AuditActor.Command, Cancel);
        for (int round = 1; round <= 5; round++) await RoundAsync(test, round);
        Assert.Single(await OpenAsync(test));
        Assert.False(await IsGoneAsync(test, first));
        Assert.False(await IsWishGoneAsync(test, first, id));

        // Nor is it given up under the hold where its keepers ended before.
        await PutAsync(test, first.TicketId, id, TableUpdateMode.Merge, ("tries", 3));
        await RoundAsync(test, 6);
        Assert.Single(await OpenAsync(test));
        Assert.False(await IsGoneAsync(test, first));

        await PutAsync(test, first.TicketId, id, TableUpdateMode.Merge, ("tries", 0));
        await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        await RoundAsync(test, 7);
        Assert.Empty(await OpenAsync(test));
        Assert.Equal("cut-off-finished", await LastCodeAsync(test));
        Assert.True(await IsGoneAsync(test, first));
        Assert.DoesNotContain(await test.NewProcess().Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel), m => m.Document!.Text.Contains(Word, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Faults_of_the_moment_do_not_cost_a_wish()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        string note = await NoteAsync(test, first, Word + " to be taken out");
        LaterRedaction mark = NewMark();
        await OpenWishAsync(test, first, mark);
        for (int round = 1; round <= 4; round++)
        {
            FaultTransport breaks = new((_, request) => request.Method != Azure.Core.RequestMethod.Get && request.Uri.ToString().Contains("batch", StringComparison.Ordinal) ? Fault.BeforeSend : Fault.None);
            Assert.NotEmpty(await RoundAsync(test, round, breaks));
        }

        await RoundAsync(test, 5);
        Assert.Equal("cut-off-finished", await LastCodeAsync(test));
        Assert.DoesNotContain(Word, (await ReadAsync(test, first, note)).Document!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hold_placed_meanwhile_keeps_the_originals_that_are_left(bool fromTheStart)
    {
        (TestDesk test, JournalLine first, JournalLine twin) = await HouseAsync();
        await PutAsync(test, first.TicketId, Pack.NewId(DateTimeOffset.UtcNow), TableUpdateMode.Replace, fromTheStart
            ? [("original", true), ("duplicates", true), ("since", DateTimeOffset.UtcNow), ("messages", first.MessageKey), ("tries", 0)]
            : [("duplicates", true), ("since", DateTimeOffset.UtcNow), ("messages", first.MessageKey), ("place", "!")]);
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Mailbox, test.Mailbox.Id.Value, "A case", AuditActor.Command, Cancel);
        await RoundAsync(test);
        Assert.False(await IsGoneAsync(test, first));
        Assert.False(await IsGoneAsync(test, twin));
        if (fromTheStart) Assert.Equal("cut-off-held", await LastCodeAsync(test));
        Assert.Equal(fromTheStart ? 0 : 1, (await OpenAsync(test)).Count);

        await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        await RoundAsync(test, 2);
        Assert.Equal(!fromTheStart, await IsGoneAsync(test, twin));
        Assert.Empty(await OpenAsync(test));
    }

    private static async Task TearAsync(TestDesk test, JournalLine first, string key)
    {
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        TableEntity row = (await rows.GetEntityIfExistsAsync($"{test.Tenant}.{first.TicketId}", key.Length > 0 ? "m!" + key : "ticket", cancel: Cancel))!;
        byte[] box = row.GetBinary("doc")!;
        box[^1] ^= 1;
        await rows.UpsertEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["doc"] = box }, TableUpdateMode.Merge, Cancel);
    }

    [Fact]
    public async Task A_ticket_with_a_damaged_message_can_be_redacted_again_and_again_and_shows_it_as_damaged()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        await NoteAsync(test, first, "alpha beta gamma words");
        await TearAsync(test, first, first.MessageKey);
        foreach (string words in new[] { "alpha", "beta", "gamma" })
        {
            // What was to go may stand in the original of what does not open.
            Assert.Equal(1, (await test.NewProcess().RedactByHand.CountAsync(test.Tenant, first.TicketId, new RedactionWish(RedactedPart.Text) { Text = words }, Cancel)).Unread);
            Assert.Equal((RedactionOutcome.Done, 1), await RedactAsync(test, first, words) is var end ? (end.Outcome, end.Unread) : default);
            TicketMessage torn = await ReadAsync(test, first, first.MessageKey);
            Assert.Equal((true, false), (torn.IsDamaged, torn.IsEmptied));
        }

        Assert.False(await IsGoneAsync(test, first));
        MailboxRun run = (await test.NewProcess().RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, Agent, Cancel))!;
        Assert.Equal((false, 0), (run.Running, run.Failed));
        await test.NewProcess().RedactByHand.DestroyOriginalAsync(test.Tenant, first.TicketId, first.MessageKey, DestroyReason.HoldsMasked, Agent, Cancel);
        Assert.Equal((RedactionOutcome.NothingFound, 0), await RedactAsync(test, first, "alpha") is var last ? (last.Outcome, last.Unread) : default);
    }

    [Fact]
    public async Task A_message_whose_key_went_without_it_before_does_not_stop_a_redaction()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        await NoteAsync(test, first, "alpha beta gamma words");
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        TableEntity before = (await rows.GetEntityIfExistsAsync($"{test.Tenant}.{first.TicketId}", "m!" + first.MessageKey, cancel: Cancel))!;
        await RedactAsync(test, first, "alpha");
        // As a version before this one left it.
        await rows.UpsertEntityAsync(before, TableUpdateMode.Replace, Cancel);
        Assert.Equal(RedactionOutcome.Done, (await RedactAsync(test, first, "gamma")).Outcome);
    }

    [Fact]
    public async Task A_message_whose_bytes_are_only_lost_for_now_keeps_its_key_and_is_waited_for()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        string large = await NoteAsync(test, first, "delta " + new string('x', 60_000)), small = await NoteAsync(test, first, "alpha words");
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        string blob = (await rows.GetEntityIfExistsAsync($"{test.Tenant}.{first.TicketId}", "m!" + large, cancel: Cancel))!.GetString("blob")!;
        using MemoryStream content = new();
        await test.Desk.Blobs.CopyToAsync(TicketStore.Container, blob, content, cancel: Cancel);
        await test.Desk.Blobs.DeleteIfExistsAsync(TicketStore.Container, blob, Cancel);
        Assert.True((await ReadAsync(test, first, large)).IsDamaged);
        Assert.Equal("message-missing", (await Assert.ThrowsAsync<NotNowException>(() => RedactAsync(test, first, "alpha"))).ReasonCode);

        await test.Desk.Blobs.PutAsync(TicketStore.Container, blob, content.ToArray(), onlyIfAbsent: false, Cancel);
        Assert.Equal(RedactionOutcome.Done, (await RedactAsync(test, first, "alpha")).Outcome);
        Assert.StartsWith("delta", (await ReadAsync(test, first, large)).Document!.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("alpha", (await ReadAsync(test, first, small)).Document!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wish_of_a_tenant_that_is_gone_or_of_a_ticket_that_does_not_open_is_closed()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        LaterRedaction mark = NewMark();
        await OpenWishAsync(test, first, mark);
        await TearAsync(test, first, "");
        await RoundAsync(test);
        Assert.Empty(await OpenAsync(test));
        Assert.Equal("cut-off-nothing-done", await LastCodeAsync(test));
        Assert.True(await IsWishGoneAsync(test, first, mark.Id));

        (test, first, _) = await HouseAsync();
        await OpenWishAsync(test, first, NewMark());
        await test.Desk.Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel);
        await RoundAsync(test, 2);
        Assert.Empty(await OpenAsync(test));
    }

    [Fact]
    public async Task An_erasure_destroys_what_was_asked_for_too_and_who_asked_in_vain_is_told()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        LaterRedaction mark = NewMark();
        await OpenWishAsync(test, first, mark);
        Assert.Equal(ErasureOutcome.Done, (await test.Desk.Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.Command, Cancel)).Outcome);
        Assert.True(await IsWishGoneAsync(test, first, mark.Id));
        await RoundAsync(test);
        Assert.Empty(await OpenAsync(test));

        // Of a ticket that lives on without the person, what was asked for is not done.
        (test, first, _) = await HouseAsync();
        await test.TakeInAsync(Mails.From("bob@customer.example", "Re: Where is it", "b1@customer.example", "a1@customer.example", body: Word + " there.\r\n"), Cancel);
        await NoteAsync(test, first, Word + " to be taken out");
        mark = NewMark();
        await OpenWishAsync(test, first, mark);
        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, "ann@customer.example", AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        Assert.True(await IsWishGoneAsync(test, first, mark.Id));
        string successor = (await test.NewProcess().Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!.MergedInto;
        Assert.NotEmpty(successor);
        await RoundAsync(test);
        Assert.Empty(await OpenAsync(test));
        AuditEvent told = (await test.NewProcess().AuditPages.ReadAsync(test.Tenant, new AuditFilter(), 100, null, Cancel)).Entries.Select(e => e.Event).First(e => e.Action == AuditAction.Redacted);
        Assert.Equal(("cut-off-nothing-done", successor, mark.Id), (told.Code, told.TicketId, told.Subject));
    }

    [Fact]
    public async Task Copies_of_a_mail_whose_first_original_went_before_are_destroyed_when_asked_for()
    {
        (TestDesk test, JournalLine first, JournalLine twin) = await HouseAsync();
        await test.Desk.Journal.LetOriginalGoAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, JournalLine.OriginalDestroyed, Cancel);
        await test.Desk.Keys.EraseAsync(test.Tenant, [new KeyName(KeyClass.Raw, first.MessageKey, test.Mailbox.Id)], Cancel);
        Task<RedactionEnd> AskAsync() => test.NewProcess().RedactByHand.DestroyOriginalAsync(test.Tenant, first.TicketId, first.MessageKey, DestroyReason.Legal, Agent, Cancel);
        Assert.Equal(RedactionOutcome.Done, (await AskAsync()).Outcome);
        await RoundAsync(test);
        Assert.True(await IsGoneAsync(test, twin));
        Assert.Empty(await OpenAsync(test));
        Assert.Equal(RedactionOutcome.NothingFound, (await AskAsync()).Outcome);
    }
}
