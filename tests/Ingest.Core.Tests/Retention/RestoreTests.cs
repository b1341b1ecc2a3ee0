using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>What was erased stays closed, although blobs, tables and keys come back as they were before; and what was not erased opens.</summary>
[Collection(nameof(RestoreStorage))]
public sealed class RestoreTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Ann => Mails.From("ann@customer.example", "The erasedcanary", "a1@customer.example", body: "An erasedcanary text.\r\n");
    private static byte[] Bob => Mails.From("bob@other.example", "The keptcanary", "b1@other.example", body: "A keptcanary text.\r\n");

    [Fact]
    public async Task Copies_of_blobs_tables_and_keys_from_before_an_erasure_open_nothing_that_was_erased()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine erased = await test.TakeInAsync(Ann, Cancel), kept = await test.TakeInAsync(Bob, Cancel);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        Dictionary<string, List<TableEntity>> tables = await CopyAsync(test);
        List<(string Container, string Name, byte[] Content)> blobs = await BlobsAsync(test);
        await test.Desk.Eraser.ContactAsync(test.Tenant, "ann@customer.example", AuditActor.System, Cancel);

        // Everything is lost, the table of keys and the ledger's table included, and put back from the copies; keys from the backup.
        await PutBackAsync(test, tables.Where(t => t.Key != TableNames.Keys).ToDictionary());
        foreach ((string container, string name, byte[] content) in blobs) await test.Desk.Blobs.PutAsync(container, name, content, onlyIfAbsent: false, Cancel);
        await WipeAsync(test, TableNames.Keys);
        KeysRestore done = (await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value;

        Assert.True(done.Restored > 0 && done.KeptErased >= 3);
        Readable after = await Readable.OfAsync(test.NewProcess(), test.Tenant);
        Assert.Empty(after.Holds("erasedcanary"));
        Assert.Empty(after.Holds("ann@customer.example"));
        Assert.NotEmpty(after.Holds("keptcanary"));
        Assert.Equal("The keptcanary", (await test.NewProcess().Tickets.FindAsync(test.Tenant, kept.TicketId, Cancel))!.Document!.Subject);
        Assert.Null((await test.NewProcess().Tickets.FindAsync(test.Tenant, erased.TicketId, Cancel))!.Document);
    }

    [Fact]
    public async Task A_backup_whose_time_is_over_is_not_restored_though_its_key_could_not_be_destroyed_yet()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = await test.TakeInAsync(Bob, Cancel);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        await test.Desk.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Ticket, kept.TicketId), Cancel);
        LaterClock clock = new() { Ahead = KeysBackup.Life + TimeSpan.FromMinutes(1) };
        Assert.Null(await test.NewProcess(time: clock).KeysBackup.RestoreAsync(backup.Id, Cancel));
        Assert.Equal(Guid.Empty, (await test.Desk.Keys.NameAsync(test.Tenant, new KeyName(KeyClass.Ticket, kept.TicketId), Cancel)).Id);
        clock.Ahead = KeysBackup.Life - TimeSpan.FromMinutes(1);
        Assert.Equal(1, (await test.NewProcess(time: clock).KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.Restored);
    }

    [Fact]
    public async Task A_tenant_that_was_erased_after_the_copies_were_made_stays_closed()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(Ann, Cancel);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        Dictionary<string, List<TableEntity>> tables = await CopyAsync(test);
        byte[] receipt = (await test.Desk.Eraser.TenantAsync(test.Tenant, AuditActor.System, Cancel)).Receipt!;

        // The ledger's table is put back as it was, too: only the container knows of the erasure.
        await PutBackAsync(test, tables.Where(t => t.Key != TableNames.Keys).ToDictionary());
        await WipeAsync(test, TableNames.Keys);
        await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel);
        Assert.Equal(receipt, await test.NewProcess().Erasures.FindLastAsync(test.Tenant, Cancel));
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await test.NewProcess().Keys.ForTenantAsync(test.Tenant, Cancel));
        Assert.Equal(0, await test.NewProcess().Erasures.ReplayAsync(test.Tenant, Cancel));

        // Even the table of keys comes back from a raw copy: replaying the ledger closes the tenant again, and whoever erases it again gets the receipt of then.
        await PutBackAsync(test, tables);
        (await test.NewProcess().Keys.ForTenantAsync(test.Tenant, Cancel)).Dispose();
        Assert.True(await test.NewProcess().Erasures.ReplayAsync(test.Tenant, Cancel) > 0);
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await test.NewProcess().Keys.ForTenantAsync(test.Tenant, Cancel));
        Assert.Equal(receipt, (await test.NewProcess().Eraser.TenantAsync(test.Tenant, AuditActor.System, Cancel)).Receipt);
        Assert.Empty(await Mine(test, TableNames.Tickets).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_raw_copy_of_the_table_of_keys_is_closed_again_by_replaying_the_ledger()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine erased = await test.TakeInAsync(Ann, Cancel);
        Dictionary<string, List<TableEntity>> tables = await CopyAsync(test);
        await test.Desk.Eraser.TicketAsync(test.Tenant, erased.TicketId, AuditActor.System, Cancel);
        await PutBackAsync(test, tables);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, erased.TicketId, Cancel))!.Document);

        Assert.Equal(2, (await test.NewProcess().Erasures.ReadAllKeysAsync(test.Tenant, Cancel).ToListAsync(Cancel)).Count);
        Assert.Equal(2, await test.NewProcess().Erasures.ReplayAsync(test.Tenant, Cancel));
        Assert.Null((await test.NewProcess().Tickets.FindAsync(test.Tenant, erased.TicketId, Cancel))!.Document);
        Assert.Equal(0, await test.NewProcess().Erasures.ReplayAsync(test.Tenant, Cancel));
    }

    [Fact]
    public async Task A_backup_brings_back_lost_keys_overwrites_none_and_cannot_be_read_after_thirty_days()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = await test.TakeInAsync(Bob, Cancel);
        LaterClock clock = new();
        Desk desk = test.NewProcess(time: clock);
        KeysBackupInfo backup = await desk.KeysBackup.RunAsync(Cancel);
        Assert.Null(await desk.KeysBackup.RunDailyAsync(Cancel));
        Assert.Null(await desk.KeysBackup.RestoreAsync("no-such", Cancel));
        await desk.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Ticket, kept.TicketId), Cancel);
        Assert.Equal(1, (await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.Restored);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, kept.TicketId, Cancel))!.Document);

        clock.Ahead = TimeSpan.FromDays(30) + TimeSpan.FromMinutes(1);
        Assert.True(await desk.KeysBackup.ExpireAsync(Cancel) >= 1);
        Assert.Null(await desk.KeysBackup.RestoreAsync(backup.Id, Cancel));
        Assert.DoesNotContain(await desk.KeysBackup.ListAsync(Cancel), b => b.Id == backup.Id);
        Assert.Empty(await desk.Blobs.ListAsync(KeysBackup.Container, backup.Id, Cancel).ToListAsync(Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_tenants_broken_ledger_is_told_and_brings_nothing_of_theirs_back_and_keeps_no_other_from_theirs(bool isBrokenInTable)
    {
        TestDesk broken = await new TestDesk(storage).OpenAsync(Cancel), whole = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine theirs = await broken.TakeInAsync(Bob, Cancel), ours = await whole.TakeInAsync(Bob, Cancel);
        KeysBackupInfo backup = await broken.Desk.KeysBackup.RunAsync(Cancel);
        foreach ((TestDesk test, JournalLine line) in new[] { (broken, theirs), (whole, ours) }) await test.Desk.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Ticket, line.TicketId), Cancel);
        TableClient rows = broken.Desk.Storage.Tables.GetTableClient(TableNames.Erasures);
        string blob = $"{broken.Tenant}/x/1";
        if (isBrokenInTable) await rows.UpsertEntityAsync(new TableEntity(broken.Tenant.ToString(), "k!x!p!1") { ["keys"] = "nonsense" }, TableUpdateMode.Replace, Cancel);
        else await broken.Desk.Blobs.PutAsync(ErasureLedger.Container, blob, "nonsense"u8.ToArray(), onlyIfAbsent: false, Cancel);
        KeysRestore done = (await whole.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value;
        Assert.Contains(new RestoreFault(broken.Tenant.ToString(), nameof(FormatException)), done.NotDone!);
        Assert.DoesNotContain(done.NotDone!, fault => fault.Tenant == whole.Tenant.ToString());
        Assert.NotNull((await whole.NewProcess().Tickets.FindAsync(whole.Tenant, ours.TicketId, Cancel))!.Document);
        Assert.Null((await broken.NewProcess().Tickets.FindAsync(broken.Tenant, theirs.TicketId, Cancel))!.Document);

        await rows.DeleteEntityAsync(broken.Tenant.ToString(), "k!x!p!1", Azure.ETag.All, Cancel);
        await broken.Desk.Blobs.DeleteIfExistsAsync(ErasureLedger.Container, blob, Cancel);
        Assert.DoesNotContain((await whole.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.NotDone ?? [], fault => fault.Tenant == broken.Tenant.ToString());
        Assert.NotNull((await broken.NewProcess().Tickets.FindAsync(broken.Tenant, theirs.TicketId, Cancel))!.Document);
    }

    [Fact]
    public async Task A_root_that_was_turned_over_and_destroyed_since_comes_back_only_for_what_hangs_from_it()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = await test.TakeInAsync(Bob, Cancel);
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow());
        Desk desk = test.NewProcess(time: clock);
        KeysBackupInfo backup = await desk.KeysBackup.RunAsync(Cancel);
        await RotateAsync(test, desk, clock);
        await RotateIndexAsync(test, desk, clock);
        Assert.Equal(["idk", "ixk!000002", "trk!000002"], await RootsAsync(test));

        // Nothing is missing: nothing comes back.
        KeysRestore none = (await desk.KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value;
        Assert.True(none.KeptDestroyed >= 2, none.ToString());
        Assert.Equal(["idk", "ixk!000002", "trk!000002"], await RootsAsync(test));

        // A key is lost: it comes back as it was then, and with it what opens it, until that is turned over again.
        await desk.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Ticket, kept.TicketId), Cancel);
        Assert.Null((await test.NewProcess().Tickets.FindAsync(test.Tenant, kept.TicketId, Cancel))!.Document);
        await desk.KeysBackup.RestoreAsync(backup.Id, Cancel);
        Assert.Equal(["idk", "ixk!000002", "trk!000001", "trk!000002"], await RootsAsync(test));
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, kept.TicketId, Cancel))!.Document);
        await RotateAsync(test, test.NewProcess(time: clock), clock);
        Assert.Equal(["idk", "ixk!000002", "trk!000002"], await RootsAsync(test));
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, kept.TicketId, Cancel))!.Document);

        // All is lost: all comes back, roots first.
        await WipeAsync(test, TableNames.Keys);
        await desk.KeysBackup.RestoreAsync(backup.Id, Cancel);
        Assert.Equal(["idk", "ixk!000001", "trk!000001"], await RootsAsync(test));
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, kept.TicketId, Cancel))!.Document);
    }

    [Fact]
    public async Task A_root_that_was_made_anew_after_it_was_lost_is_noticed_and_nothing_is_brought_back_beneath_it()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine lost = await test.TakeInAsync(Bob, Cancel), kept = await other.TakeInAsync(Bob, Cancel);
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        await WipeAsync(test, TableNames.Keys);
        await WipeAsync(other, TableNames.Keys);
        // A process that finds no root takes the tenant for a new one.
        (await test.NewProcess().Keys.GetOrCreateAsync(test.Tenant, KeyClass.Ticket, "new", Cancel)).Dispose();
        int rows = await Mine(test, TableNames.Keys).CountAsync(Cancel);

        Assert.Equal([test.Tenant.ToString()], (await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.MadeAnew);
        Assert.Equal(rows, await Mine(test, TableNames.Keys).CountAsync(Cancel));
        Assert.NotNull((await other.NewProcess().Tickets.FindAsync(other.Tenant, kept.TicketId, Cancel))!.Document);

        // As the command says: the new root goes, and all that was lost is back.
        await foreach (TableEntity row in Mine(test, TableNames.Keys).Where(row => row.PartitionKey == test.Tenant + ".root"))
            await test.Desk.Storage.Tables.GetTableClient(TableNames.Keys).DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: Cancel);
        Assert.Null((await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel))!.Value.MadeAnew);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, lost.TicketId, Cancel))!.Document);
    }

    [Fact]
    public async Task A_backup_that_is_cut_off_at_any_request_is_gone_on_with_and_is_whole()
    {
        // A backup holds every tenant's keys: beside other tests it would be of any size.
        await using StorageFixture alone = new();
        await alone.InitializeAsync();
        TestDesk test = await new TestDesk(alone).OpenAsync(Cancel);
        JournalLine kept = await test.TakeInAsync(Bob, Cancel);
        // More than a page of rows, so that there is more than one part.
        for (int batch = 0; batch < 11; batch++)
            foreach (DataKey key in await test.Desk.Keys.GetOrCreateRawAsync(test.Tenant, test.Mailbox.Id, [.. Enumerable.Range(0, 100).Select(i => $"m{batch}-{i}")], Cancel)) key.Dispose();
        // Days of their own, on which nobody else makes one.
        FakeClock clock = new();
        clock.Advance(TimeSpan.FromDays(400 + Random.Shared.Next(100_000)));
        for (int at = 0; ; at++)
        {
            clock.Advance(TimeSpan.FromDays(1));
            Pipeline.CrashingTransport transport = new(at, after: true);
            KeysBackupInfo? made = null;
            await Pipeline.CrashingTransport.LiveAsync(async () => made = await Backup(test.NewProcess(transport, clock)).RunDailyAsync(Cancel));
            Desk next = test.NewProcess(time: clock);
            if (made is null) await Backup(next).RunDailyAsync(Cancel);
            string day = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
            KeysBackupInfo today = Assert.Single(await next.KeysBackup.ListAsync(Cancel), b => b.Id.StartsWith(day, StringComparison.Ordinal));
            await next.Keys.DiscardAsync(test.Tenant, new KeyName(KeyClass.Ticket, kept.TicketId), Cancel);
            Assert.True((await next.KeysBackup.RestoreAsync(today.Id, Cancel))!.Value is { Restored: >= 1, There: >= 1100 });
            Assert.True(await test.Desk.Blobs.ListAsync(KeysBackup.Container, today.Id, Cancel).CountAsync(Cancel) > 1);
            Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, kept.TicketId, Cancel))!.Document);
            if (made is not null) break;
            Assert.True(at < 60);
        }

        KeysBackup Backup(Desk desk) => new(desk.Storage.Tables, desk.Blobs, desk.Vault, desk.Erasures, desk.Journal, desk.Time, desk.Eraser.LookAtUnreadAsync) { PartBytes = 1000 };
    }

    private static async Task RotateAsync(TestDesk test, Desk desk, FakeClock clock)
    {
        bool begun = (await RootsAsync(test)).Count(row => row.StartsWith("trk!", StringComparison.Ordinal)) > 1;
        await desk.Keys.RotateRootAsync(test.Tenant, KeyPurpose.Data, start: !begun, 1000, Cancel);
        clock.Advance(TimeSpan.FromHours(3));
        Assert.True((await desk.Keys.RotateRootAsync(test.Tenant, KeyPurpose.Data, start: false, 1000, Cancel))!.Done);
    }

    private static async Task RotateIndexAsync(TestDesk test, Desk desk, FakeClock clock)
    {
        for (int step = 0; step < 3; step++)
        {
            await desk.RotateIndex.RunAsync(test.Tenant, start: step == 0, 1000, Cancel);
            clock.Advance(TimeSpan.FromHours(3));
            if (step == 0) await desk.KeysBackup.RunAsync(Cancel);
        }
    }

    private static async Task<IReadOnlyList<string>> RootsAsync(TestDesk test) => await test.Desk.Storage.Tables.GetTableClient(TableNames.Keys)
        .QueryAsync(TableFilter.PartitionIs(test.Tenant + ".root"), cancel: Cancel).Select(row => row.RowKey).Where(row => !row.StartsWith("crk!", StringComparison.Ordinal)).ToListAsync(Cancel);

    private static async Task<Dictionary<string, List<TableEntity>>> CopyAsync(TestDesk test)
    {
        Dictionary<string, List<TableEntity>> all = [];
        foreach (string table in TableNames.All.Except([TableNames.KeyBackups]))
            all[table] = await Mine(test, table).ToListAsync(Cancel);
        return all;
    }

    private static IAsyncEnumerable<TableEntity> Mine(TestDesk test, string table) => test.Desk.Storage.Tables.GetTableClient(table)
        .QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").Or(TableFilter.PartitionIs(test.Tenant.ToString())), cancel: Cancel);

    private static async Task WipeAsync(TestDesk test, string table)
    {
        await foreach (TableEntity row in Mine(test, table)) await test.Desk.Storage.Tables.GetTableClient(table).DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: Cancel);
    }

    private static async Task PutBackAsync(TestDesk test, Dictionary<string, List<TableEntity>> tables)
    {
        foreach ((string table, List<TableEntity> rows) in tables)
        {
            await WipeAsync(test, table);
            foreach (TableEntity row in rows) await test.Desk.Storage.Tables.GetTableClient(table).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        }
    }

    private static async Task<List<(string, string, byte[])>> BlobsAsync(TestDesk test)
    {
        List<(string, string, byte[])> all = [];
        foreach (string container in new[] { Mailboxes(), TicketStore.Container })
            await foreach (StoredBlob blob in test.Desk.Blobs.ListAsync(container, $"{test.Tenant}/", Cancel))
                all.Add((container, blob.Name, (await test.Desk.Blobs.ReadRangeAsync(container, blob.Name, 0, (int)blob.Size, Cancel))!));
        return all;

        static string Mailboxes() => Core.Mailboxes.Packs.Container;
    }
}

/// <summary>The true clock, so far ahead.</summary>
internal sealed class LaterClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
}
