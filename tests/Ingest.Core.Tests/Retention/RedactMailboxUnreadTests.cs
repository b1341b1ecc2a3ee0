using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>What a mailbox's redaction cannot open keeps nothing else from it, is told, and is masked by a run after it opens again.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class RedactMailboxUnreadTests(StorageFixture storage)
{
    private const string Card = "4111 1111 1111 1111", Masked = "•••• 1111";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Mail(string id) => Mails.From("ann@customer.example", "Payment " + id, id + "@customer.example", body: $"Please take it from {Card}.\r\n");

    private async Task<(TestDesk Test, JournalLine[] Lines)> HouseAsync(int mails = 2)
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        List<JournalLine> lines = [];
        for (int i = 0; i < mails; i++) lines.Add(await test.TakeInAsync(Mail("m" + i), Cancel));
        test.Redaction = RedactionPolicy.Default;
        return (test, [.. lines]);
    }

    private static async Task<MailboxRun> RunAsync(TestDesk test) => (await test.NewProcess().RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel))!;

    private static Task<MailboxRun> TryAsync(TestDesk test) => test.NewProcess().RedactMailbox.TryAsync(test.Tenant, test.Mailbox.Id, null, Cancel);

    private static async Task<string> TextAsync(TestDesk test, JournalLine line) => (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, line.TicketId, line.MessageKey, Cancel))!.Document!.Text;

    private static TableClient Rows(TestDesk test, string table) => test.Desk.Storage.Tables.GetTableClient(table);

    // Returns the row as it was.
    private static async Task<TableEntity> BreakAsync(TestDesk test, JournalLine line, string rowKey)
    {
        TableEntity row = (await Rows(test, TableNames.Tickets).GetEntityIfExistsAsync(TicketKeys.Partition(test.Tenant, line.TicketId), rowKey, cancel: Cancel))!, whole = Copy(row);
        byte[] doc = [.. row.GetBinary("doc")!];
        doc[^1] ^= 1;
        row["doc"] = doc;
        await Rows(test, TableNames.Tickets).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        return whole;
    }

    private static TableEntity Copy(TableEntity row)
    {
        TableEntity copy = new(row.PartitionKey, row.RowKey);
        foreach ((string name, object value) in row) if (name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag")) copy[name] = value;
        return copy;
    }

    private static Task<Azure.ETag> PutBackAsync(TestDesk test, TableEntity row, string table = TableNames.Tickets) => Rows(test, table).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);

    private static async Task<string> LastToldAsync(TestDesk test) =>
        string.Join(' ', (await test.NewProcess().AuditPages.ReadAsync(test.Tenant, new AuditFilter(), 100, null, Cancel)).Entries.Select(e => e.Event).Where(e => e.Action == AuditAction.Redacted)
            .TakeWhile(e => e.Code != "mailbox-begun").Reverse().Select(e => $"{e.Code}:{e.Count}:{e.Result}"));

    [Fact]
    public async Task A_damaged_message_is_told_while_its_original_is_kept_and_masked_once_it_opens_again()
    {
        (TestDesk test, JournalLine[] lines) = await HouseAsync();
        TableEntity whole = await BreakAsync(test, lines[0], TicketKeys.MessageRow(lines[0].MessageKey));
        Assert.Equal((2L, 1L, 1L, 0L), await TryAsync(test) is var dry ? (dry.Looked, dry.Changed, dry.Unread, dry.Closed) : default);

        MailboxRun run = await RunAsync(test);
        Assert.Equal((false, 2L, 1L, 1L, 0L, 0L, false), (run.Running, run.Looked, run.Changed, run.Unread, run.Closed, run.Failed, run.IsWhole));
        Assert.Contains(Masked, await TextAsync(test, lines[1]), StringComparison.Ordinal);
        Assert.Equal("mailbox-unread:1:Failed mailbox-done:1:Failed", await LastToldAsync(test));
        Assert.Equal(1, (await test.NewProcess().RedactMailbox.FindAsync(test.Tenant, test.Mailbox.Id, Cancel))!.Unread);

        await PutBackAsync(test, whole);
        run = await RunAsync(test);
        Assert.Equal((1L, 0L, true), (run.Changed, run.Unread, run.IsWhole));
        Assert.Contains(Masked, await TextAsync(test, lines[0]), StringComparison.Ordinal);
        Assert.Equal("mailbox-done:1:Done", await LastToldAsync(test));
    }

    [Fact]
    public async Task A_damaged_message_whose_original_is_destroyed_is_nothing_to_tell()
    {
        (TestDesk test, JournalLine[] lines) = await HouseAsync(1);
        await BreakAsync(test, lines[0], TicketKeys.MessageRow(lines[0].MessageKey));
        Assert.Equal(1, (await RunAsync(test)).Unread);
        Assert.Equal(RedactionOutcome.Done, (await test.NewProcess().RedactByHand.DestroyOriginalAsync(test.Tenant, lines[0].TicketId, lines[0].MessageKey, DestroyReason.HoldsMasked, AuditActor.Command, Cancel)).Outcome);
        Assert.True((await RunAsync(test)).IsWhole);
    }

    [Fact]
    public async Task A_damaged_ticket_neither_ends_the_run_nor_a_count_and_is_masked_once_it_opens_again()
    {
        (TestDesk test, JournalLine[] lines) = await HouseAsync();
        TableEntity whole = await BreakAsync(test, lines[0], TicketKeys.TicketRow);
        Assert.Equal((2L, 1L, 1L), await TryAsync(test) is var dry ? (dry.Looked, dry.Changed, dry.Closed) : default);
        MailboxRun run = await RunAsync(test);
        Assert.Equal((2L, 1L, 1L, 0L, false), (run.Looked, run.Changed, run.Closed, run.Failed, run.IsWhole));
        Assert.Equal("mailbox-unread:1:Failed mailbox-done:1:Failed", await LastToldAsync(test));
        await PutBackAsync(test, whole);
        run = await RunAsync(test);
        Assert.Equal((1L, 0L, true), (run.Changed, run.Closed, run.IsWhole));
        Assert.Contains(Masked, await TextAsync(test, lines[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tickets_whose_keys_are_lost_are_told_however_many_and_masked_once_the_keys_are_back()
    {
        (TestDesk test, JournalLine[] lines) = await HouseAsync(7);
        TableClient keys = Rows(test, TableNames.Keys);
        List<TableEntity> lost = [];
        await foreach (TableEntity row in keys.QueryAsync(TableFilter.PartitionPrefix(test.Tenant + "."), cancel: Cancel))
            if (row.RowKey.Contains("!ticket!", StringComparison.Ordinal) && !row.RowKey.Contains(lines[^1].TicketId, StringComparison.Ordinal)) lost.Add(Copy(row));
        Assert.Equal(6, lost.Count);
        foreach (TableEntity row in lost) await keys.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: Cancel);
        Assert.Equal((7L, 1L, 6L), await TryAsync(test) is var dry ? (dry.Looked, dry.Changed, dry.Closed) : default);
        MailboxRun run = await RunAsync(test);
        Assert.Equal((false, 7L, 1L, 6L, 0L), (run.Running, run.Looked, run.Changed, run.Closed, run.Failed));
        foreach (TableEntity row in lost) await PutBackAsync(test, row, TableNames.Keys);
        run = await RunAsync(test);
        Assert.Equal((6L, 0L, true), (run.Changed, run.Closed, run.IsWhole));
        foreach (JournalLine line in lines) Assert.Contains(Masked, await TextAsync(test, line), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_no_originals_are_kept_that_of_what_does_not_open_stays_until_it_does(bool ticket)
    {
        (TestDesk test, JournalLine[] lines) = await HouseAsync();
        test.Redaction = RedactionPolicy.Default with { Original = OriginalMail.NotKept };
        TableEntity whole = await BreakAsync(test, lines[0], ticket ? TicketKeys.TicketRow : TicketKeys.MessageRow(lines[0].MessageKey));
        MailboxRun run = await RunAsync(test);
        Assert.Equal((1L, 1L), (run.Changed, run.Unread + run.Closed));
        Assert.Equal((true, false), (await HasOriginalAsync(test, lines[0]), await HasOriginalAsync(test, lines[1])));
        await PutBackAsync(test, whole);
        Assert.True((await RunAsync(test)).IsWhole);
        Assert.False(await HasOriginalAsync(test, lines[0]));
        Assert.Contains(Masked, await TextAsync(test, lines[0]), StringComparison.Ordinal);
    }

    private static async Task<bool> HasOriginalAsync(TestDesk test, JournalLine line) => await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel) is not null;

    [Fact]
    public async Task An_erased_ticket_is_nothing_to_tell()
    {
        (TestDesk test, JournalLine[] lines) = await HouseAsync();
        await test.NewProcess().Eraser.TicketAsync(test.Tenant, lines[0].TicketId, AuditActor.System, Cancel);
        MailboxRun run = await RunAsync(test);
        Assert.Equal((1L, 1L, true), (run.Looked, run.Changed, run.IsWhole));
    }

    [Fact]
    public async Task A_file_that_does_not_open_is_told_while_its_original_is_kept()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        byte[] mail = Encoding.UTF8.GetBytes($"""
            From: Carl <carl@files.example>
            To: support@acme.example
            Subject: A list
            Message-ID: <c1@files.example>
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=mixed

            --mixed
            Content-Type: text/plain

            See the file.
            --mixed
            Content-Type: text/csv; name="cards.csv"
            Content-Disposition: attachment; filename="cards.csv"

            card,name
            {Card},Carl
            --mixed--

            """.ReplaceLineEndings("\r\n"));
        JournalLine line = await test.TakeInAsync(mail, Cancel);
        test.Redaction = RedactionPolicy.Default;
        string blob = (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, line.TicketId, line.MessageKey, Cancel))!.Blob;
        using MemoryStream read = new();
        await test.Desk.Blobs.CopyToAsync(TicketStore.Container, blob, read, cancel: Cancel);
        byte[] whole = read.ToArray(), broken = [.. whole];
        broken[^1] ^= 1;
        await test.Desk.Blobs.PutAsync(TicketStore.Container, blob, broken, onlyIfAbsent: false, Cancel);
        Assert.Equal(1, (await TryAsync(test)).Unread);
        MailboxRun run = await RunAsync(test);
        Assert.Equal((0L, 1L, false), (run.Changed, run.Unread, run.IsWhole));

        // A blob that is not there at all may come back: the ticket is told as one that does not open.
        await test.Desk.Blobs.DeleteIfExistsAsync(TicketStore.Container, blob, Cancel);
        Assert.Equal(1, (await TryAsync(test)).Closed + (await TryAsync(test)).Unread);
        Assert.Equal((0L, 1L), await RunAsync(test) is var gone ? (gone.Unread, gone.Closed) : default);

        await test.Desk.Blobs.PutAsync(TicketStore.Container, blob, whole, onlyIfAbsent: false, Cancel);
        run = await RunAsync(test);
        Assert.Equal((1L, true), (run.Changed, run.IsWhole));
    }
}
