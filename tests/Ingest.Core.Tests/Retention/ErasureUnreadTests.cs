using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>What does not open just then is neither passed over by an erasure nor lost sight of: it waits, it is named, and it is erased when it can be read again.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class ErasureUnreadTests(StorageFixture storage)
{
    private const string Ann = "ann@customer.example", Bob = "bob@other.example", Canary = "erasedcanary";
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] FromAnn => Mails.From(Ann, "The erasedcanary", "a1@customer.example", body: "An erasedcanary text.\r\n");

    private static byte[] Backscatter(string extra = "") =>
        Encoding.ASCII.GetBytes($"From: MAILER-DAEMON@relay.example\r\nTo: support@acme.example\r\n{extra}Subject: Undelivered\r\nMessage-ID: <b1@relay.example>\r\nReturn-Path: <>\r\n\r\nNo.\r\n");

    [Fact]
    public async Task A_ticket_of_theirs_with_a_broken_message_goes_as_a_whole_and_stays_closed_when_the_message_comes_back()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(FromAnn, Cancel);
        TableEntity whole = await BreakAsync(test, line.TicketId, TicketKeys.MessageRow(line.MessageKey));

        ErasureEnd end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        ReceiptBody body = Receipt.Read(end.Receipt!)!;
        Assert.Equal((1, 1, 1), (body.Counts["tickets"], body.Counts["messages"], body.Counts["originals"]));
        Assert.Empty(body.Unreadable);

        await test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets).UpsertEntityAsync(whole, TableUpdateMode.Replace, Cancel);
        Assert.Equal(0, await test.NewProcess().Erasures.ReplayAsync(test.Tenant, Cancel));
        await NothingOfAnnIsLeftAsync(test);
    }

    [Fact]
    public async Task In_a_shared_ticket_the_readable_messages_of_others_move_on_and_the_broken_one_becomes_a_gap()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine first = await test.TakeInAsync(Mails.From(Ann, "The erasedcanary", "a1@customer.example", body: "An erasedcanary text.\r\n", extra: $"Cc: {Bob}\r\n"), Cancel);
        JournalLine second = await test.TakeInAsync(Mails.From(Bob, "Re: The erasedcanary", "b1@other.example", body: "Mine is a keptcanary.\r\n", inReplyTo: "a1@customer.example"), Cancel);
        Assert.Equal(first.TicketId, second.TicketId);
        await BreakAsync(test, first.TicketId, TicketKeys.MessageRow(first.MessageKey));

        ErasureEnd end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        Assert.Equal(1, Receipt.Read(end.Receipt!)!.Counts["messagesUnreadable"]);
        await NothingOfAnnIsLeftAsync(test);
        string successor = (await test.NewProcess().Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!.MergedInto;
        IReadOnlyList<TicketMessage> messages = await test.NewProcess().Tickets.MessagesAsync(test.Tenant, successor, Cancel);
        Assert.Equal([true, false], messages.Select(m => m.IsEmptied));
        Assert.Contains("keptcanary", messages[1].Document!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_keys_are_lost_the_erasure_waits_and_does_its_work_when_they_are_back()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(FromAnn, Cancel);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        Assert.Equal(2, await LoseKeysAsync(test));

        ErasureEnd end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        Assert.Equal((ErasureOutcome.Begun, ErasureState.Begun), (end.Outcome, end.Erasure!.State));
        // Asked again at once it waits on, and looks through nothing.
        Assert.Equal(ErasureOutcome.Begun, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel)).Outcome);

        Assert.Equal(2, (await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.Restored);
        Erasure done = (await test.NewProcess().Erasures.FindAsync(test.Tenant, end.Erasure.Id, Cancel))!;
        Assert.Equal(ErasureState.Destroyed, done.State);
        ReceiptBody body = Receipt.Read(done.Receipt!)!;
        Assert.Equal((1, 1), (body.Counts["tickets"], body.Counts["originals"]));
        Assert.Empty(body.Unreadable);
        await NothingOfAnnIsLeftAsync(test);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_lost_for_too_long_is_named_and_erased_by_the_restore_that_brings_it_back(bool isSettled)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(FromAnn, Cancel), bobs = await test.TakeInAsync(Mails.From(Bob, "The keptcanary", "b1@other.example", body: "A keptcanary text.\r\n"), Cancel);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        await LoseKeysAsync(test);
        LaterClock clock = new();
        string id = (await test.NewProcess(time: clock).Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel)).Erasure!.Id;
        clock.Ahead = Eraser.LostMayTake + TimeSpan.FromMinutes(1);
        await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant);
        Erasure done = (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!;
        Assert.Equal(ErasureState.Destroyed, done.State);
        ReceiptBody body = Receipt.Read(done.Receipt!)!;
        Assert.Equal(2, body.Counts["ticketsUnreadable"]);
        Assert.Equal(new[] { $"ticket {line.TicketId}", $"ticket {bobs.TicketId}" }.Order(StringComparer.Ordinal), body.Unreadable);
        Assert.Contains(body.NotRemoved, text => text.Contains("could not be read", StringComparison.Ordinal));
        if (isSettled)
        {
            clock.Ahead += TimeSpan.FromMinutes(40);
            Assert.Equal(1, await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant));
            Erasure rest = (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!;
            Assert.Equal((ErasureState.Settled, "", true), (rest.State, rest.Notes.Address, rest.Notes.Digest.Length > 0));
        }

        KeysRestore restore = (await test.NewProcess(time: clock).KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value;
        Assert.Equal(4, restore.Restored);
        Assert.Equal(2, restore.Awaited);
        await NothingOfAnnIsLeftAsync(test);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, bobs.TicketId, Cancel))!.Document);
        Assert.Empty(await test.NewProcess().Erasures.UnreadAsync(test.Tenant, id, Cancel).ToListAsync(Cancel));
        if (isSettled) Assert.Equal("", (await test.NewProcess().Erasures.FindAsync(test.Tenant, id, Cancel))!.Notes.Digest);
        // The old keys are in the ledger now: what comes back another time is closed again.
        Assert.Equal(0, (await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.Restored);
    }

    [Fact]
    public async Task A_ticket_nobody_can_read_is_named_and_housekeeping_erases_it_when_its_rows_come_back()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(FromAnn, Cancel);
        TableEntity ticket = await BreakAsync(test, line.TicketId, TicketKeys.TicketRow), message = await BreakAsync(test, line.TicketId, TicketKeys.MessageRow(line.MessageKey));
        ErasureEnd end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        Assert.Equal([$"ticket {line.TicketId}"], Receipt.Read(end.Receipt!)!.Unreadable);

        foreach (TableEntity row in new[] { ticket, message }) await test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        await test.NewProcess().Eraser.SettleAsync(Cancel, only: test.Tenant);
        await NothingOfAnnIsLeftAsync(test);
        Assert.Empty(await test.NewProcess().Erasures.WithUnreadAsync(Cancel, test.Tenant).ToListAsync(Cancel));
    }

    [Fact]
    public async Task What_another_is_in_the_way_of_again_and_again_is_told_as_begun_once()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From(Ann, "The erasedcanary", "a1@customer.example", body: "An erasedcanary text.\r\n", extra: $"Cc: {Bob}\r\n"), Cancel);
        JournalLine answer = await test.TakeInAsync(Mails.From(Bob, "Re: The erasedcanary", "b1@other.example", body: "Mine is a keptcanary.\r\n", inReplyTo: "a1@customer.example"), Cancel);
        (string Ticket, string Row)[] places = [(line.TicketId, TicketKeys.TicketRow), (line.TicketId, TicketKeys.MessageRow(line.MessageKey)), (line.TicketId, TicketKeys.MessageRow(answer.MessageKey))];
        List<TableEntity> whole = [];
        foreach ((string ticket, string row) in places) whole.Add(await BreakAsync(test, ticket, row));
        string id = (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel)).Erasure!.Id;
        foreach (TableEntity row in whole) await test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);

        // Somebody writes into the ticket whenever it was written anew, three times.
        for (int i = 0; i < 3; i++)
        {
            ChangingTransport changing = new(TicketKeys.Partition(test.Tenant, line.TicketId), () => test.Desk.Tickets.SetStateAsync(test.Tenant, line.TicketId, i % 2 == 0 ? TicketState.Closed : TicketState.Open, Cancel));
            await test.NewProcess(changing).Eraser.SettleAsync(Cancel, only: test.Tenant);
            Assert.True(changing.HasChanged);
            Assert.NotEmpty(await test.NewProcess().Erasures.UnreadAsync(test.Tenant, id, Cancel).ToListAsync(Cancel));
        }

        await test.NewProcess().Eraser.SettleAsync(Cancel, only: test.Tenant);
        await NothingOfAnnIsLeftAsync(test);
        List<AuditEntry> told = await test.Desk.Audit.DaysAsync(test.Tenant, Cancel).SelectMany(day => test.Desk.Audit.EntriesAsync(test.Tenant, day, Cancel))
            .Where(entry => entry.Event.Action == AuditAction.Erased && entry.Event.Subject == id).ToListAsync(Cancel);
        Assert.Single(told, entry => entry.Event.Result == AuditResult.Begun);
    }

    /// <summary>Lets somebody change a ticket just before it is handed over.</summary>
    private sealed class ChangingTransport(string partition, Func<Task> change) : Azure.Core.Pipeline.HttpPipelineTransport
    {
        private readonly Azure.Core.Pipeline.HttpClientTransport _inner = Azure.Core.Pipeline.HttpClientTransport.Shared;

        public bool HasChanged { get; private set; }

        public override Azure.Core.Request CreateRequest() => _inner.CreateRequest();

        public override void Process(Azure.Core.HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

        public override async ValueTask ProcessAsync(Azure.Core.HttpMessage message)
        {
            string path = Uri.UnescapeDataString(message.Request.Uri.ToUri().AbsolutePath);
            if (!HasChanged && message.Request.Method == Azure.Core.RequestMethod.Put && path.Contains(partition, StringComparison.Ordinal) && path.Contains($"RowKey='{TicketKeys.TicketRow}'", StringComparison.Ordinal))
            {
                HasChanged = true;
                await change();
            }

            await _inner.ProcessAsync(message);
        }
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("key lost")]
    [InlineData("bytes lost")]
    public async Task Kept_back_mail_that_does_not_open_is_found_by_its_sender_or_named_and_erased_when_it_opens(string how)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = await test.TakeInAsync(Backscatter($"Cc: {Ann}\r\n"), Cancel);
        Assert.Equal(OutcomeKind.Quarantined, kept.Outcome);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        byte[] pack = await PackAsync(test, kept);
        bool isBroken = how == "broken";
        if (isBroken) await PutPackAsync(test, kept, [.. pack[..^1], (byte)(pack[^1] ^ 1)]);
        else if (how == "key lost") await LoseKeysAsync(test);
        else await test.Desk.Blobs.DeleteIfExistsAsync(Packs.Container, Packs.BlobName(test.Tenant, test.Mailbox.Id, kept.Pack), Cancel);

        LaterClock clock = new();
        ErasureEnd end = await test.NewProcess(time: clock).Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        Assert.Equal(isBroken ? ErasureOutcome.Done : ErasureOutcome.Begun, end.Outcome);
        clock.Ahead = Eraser.LostMayTake + TimeSpan.FromMinutes(1);
        if (!isBroken) await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant);
        Erasure done = (await test.NewProcess().Erasures.FindAsync(test.Tenant, end.Erasure!.Id, Cancel))!;
        Assert.Equal(1, Receipt.Read(done.Receipt!)!.Counts["mailsUnreadable"]);
        Assert.Equal([$"mail {test.Mailbox.Id} {kept.MessageKey}"], Receipt.Read(done.Receipt!)!.Unreadable);

        if (how != "key lost") await PutPackAsync(test, kept, pack);
        else Assert.Equal(1, (await test.NewProcess(time: clock).KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.Awaited);
        await test.NewProcess(time: clock).Eraser.SettleAsync(Cancel, only: test.Tenant);
        Assert.True(await test.NewProcess().Keys.IsErasedAsync(test.Tenant, new KeyName(KeyClass.Raw, kept.MessageKey, test.Mailbox.Id), Cancel));
        Assert.Equal(OutcomeReason.OriginalErased, (await test.NewProcess().Journal.FindAsync(test.Tenant, test.Mailbox.Id, kept.MessageKey, Cancel))!.Reason);
    }

    [Fact]
    public async Task Kept_back_mail_from_the_person_goes_at_once_though_its_key_is_lost()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = await test.TakeInAsync(Backscatter(), Cancel);
        Assert.Equal(OutcomeKind.Quarantined, kept.Outcome);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        await LoseKeysAsync(test);
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, "mailer-daemon@relay.example", AuditActor.System, Cancel)).Outcome);
        await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel);
        Assert.True(await test.NewProcess().Keys.IsErasedAsync(test.Tenant, new KeyName(KeyClass.Raw, kept.MessageKey, test.Mailbox.Id), Cancel));
    }

    [Fact]
    public async Task A_damaged_ticket_can_be_erased_by_its_number_like_any_other()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(FromAnn, Cancel);
        await BreakAsync(test, line.TicketId, TicketKeys.TicketRow);
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.TicketAsync(test.Tenant, line.TicketId, AuditActor.System, Cancel)).Outcome);
        Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(Canary));
    }

    private static async Task NothingOfAnnIsLeftAsync(TestDesk test)
    {
        Readable after = await Readable.OfAsync(test.NewProcess(), test.Tenant);
        Assert.Empty(after.Holds(Canary));
        // Until it has settled the ledger knows the address, sealed.
        Assert.Empty(after.Holds(Ann).Except(["erasures.doc"]));
    }

    // Returns the row as it was.
    private static async Task<TableEntity> BreakAsync(TestDesk test, string ticket, string rowKey)
    {
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        TableEntity row = (await rows.GetEntityIfExistsAsync(TicketKeys.Partition(test.Tenant, ticket), rowKey, cancel: Cancel))!, copy = new(row.PartitionKey, row.RowKey);
        foreach ((string name, object value) in row) if (name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag")) copy[name] = value;
        byte[] doc = [.. row.GetBinary("doc")!];
        doc[^1] ^= 1;
        row["doc"] = doc;
        await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        return copy;
    }

    private static async Task<int> LoseKeysAsync(TestDesk test)
    {
        TableClient keys = test.Desk.Storage.Tables.GetTableClient(TableNames.Keys);
        List<TableEntity> lost = await keys.QueryAsync(TableFilter.PartitionPrefix(test.Tenant + "."), cancel: Cancel)
            .Where(row => row.RowKey.Contains("!ticket!", StringComparison.Ordinal) || row.RowKey.Contains("!raw!", StringComparison.Ordinal)).ToListAsync(Cancel);
        foreach (TableEntity row in lost) await keys.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: Cancel);
        return lost.Count;
    }

    private static async Task<byte[]> PackAsync(TestDesk test, JournalLine line)
    {
        using MemoryStream pack = new();
        Assert.True(await test.Desk.Blobs.CopyToAsync(Packs.Container, Packs.BlobName(test.Tenant, test.Mailbox.Id, line.Pack), pack, cancel: Cancel));
        return pack.ToArray();
    }

    private static Task<bool> PutPackAsync(TestDesk test, JournalLine line, byte[] content) =>
        test.Desk.Blobs.PutAsync(Packs.Container, Packs.BlobName(test.Tenant, test.Mailbox.Id, line.Pack), content, onlyIfAbsent: false, Cancel);
}
