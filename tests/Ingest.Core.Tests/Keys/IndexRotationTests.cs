using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Keys;

[Collection(nameof(StorageCollection))]
public sealed class IndexRotationTests(StorageFixture storage)
{
    private static readonly TimeSpan Wait = TimeSpan.FromHours(2) + TimeSpan.FromSeconds(1);
    private static readonly Identity Ann = new(Guid.Parse("11111111-1111-1111-1111-111111111111"), Guid.Parse("22222222-2222-2222-2222-222222222222"));
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly FakeClock clock = new();

    [Fact]
    public async Task Everything_is_found_as_itself_before_while_and_after_the_index_key_is_turned_over()
    {
        TestDesk test = await OpenAsync();
        Known known = await FillAsync(test, Process(test));
        Desk desk = Process(test);

        IndexRotation begun = (await desk.RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel))!;
        Assert.Equal((2, 0, false), (begun.Epoch, begun.Moved, begun.Done));
        await AssertKnownAsync(test, Process(test), known);
        Assert.Equal(["1.", "2."], (await EpochsAsync(test)).Distinct().Order());

        await WaitAsync(test);
        IndexRotation moved = (await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel))!;
        Assert.Equal((0, 0, false), (moved.Left, moved.Broken, moved.Done));
        Assert.True(moved.Moved >= 3 + 1 + 1 + 1, moved.ToString());
        Assert.All(await EpochsAsync(test), epoch => Assert.Equal("2.", epoch));
        await AssertKnownAsync(test, Process(test), known);

        await WaitAsync(test);
        Assert.True((await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel))!.Done);
        Assert.Null(await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel));
        Assert.Equal(["ixk!000002"], await IndexKeyRowsAsync(test));
        await AssertKnownAsync(test, Process(test), known);
    }

    [Fact]
    public async Task A_key_is_turned_over_again_and_again()
    {
        TestDesk test = await OpenAsync();
        Known known = await FillAsync(test, Process(test));
        for (int turn = 2; turn <= 4; turn++)
        {
            await TurnAsync(test);
            Assert.Equal([$"{turn}."], (await EpochsAsync(test)).Distinct());
            await AssertKnownAsync(test, Process(test), known);
        }
    }

    [Fact]
    public async Task Processes_that_know_only_the_old_key_and_such_that_know_both_make_one_contact_and_one_claim()
    {
        TestDesk test = await OpenAsync();
        Desk old = await WarmAsync(test);
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        Desk both = await WarmAsync(test);
        await AssertAgreeAsync(test, old, both, "a");
    }

    [Fact]
    public async Task Processes_that_know_both_keys_and_such_that_know_only_the_new_make_one_contact_and_one_claim()
    {
        TestDesk test = await OpenAsync();
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        await WaitAsync(test);
        Desk both = await WarmAsync(test);
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel);
        Desk onlyNew = await WarmAsync(test);
        await AssertAgreeAsync(test, both, onlyNew, "b");

        // What the first still wrote under the old key is cleared away, and takes nobody along.
        string[] made = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Find(onlyNew, $"b{i}@x.example")));
        await WaitAsync(test);
        Assert.True((await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel))!.Done);
        Assert.All(await EpochsAsync(test), epoch => Assert.Equal("2.", epoch));
        Desk last = Process(test);
        for (int i = 0; i < made.Length; i++)
        {
            Assert.Equal(made[i], await Find(last, $"b{i}@x.example"));
            Assert.Equal($"b{i}@x.example", (await last.Contacts.OpenAsync(test.Tenant, made[i], Cancel))!.Address);
        }

        async Task<string> Find(Desk desk, string address) => (await desk.Contacts.FindAsync(test.Tenant, address, Cancel))!;
    }

    [Fact]
    public async Task A_crash_after_any_write_loses_nobody_and_makes_nobody_twice()
    {
        // One tenant is turned over again and again, each time with a crash one write later, until none comes.
        TestDesk test = await OpenAsync();
        Known known = await FillAsync(test, Process(test));
        int crashes = 0;
        while (await CrashAsync(test, known, crashes)) crashes++;
        Assert.True(crashes > 12, $"{crashes}");
    }

    private async Task<bool> CrashAsync(TestDesk test, Known known, int at)
    {
        CrashingTransport transport = new(at, after: true, writesOnly: true);
        bool crashed = false;
        for (int step = 0; step < 3 && !crashed; step++)
        {
            await CrashingTransport.LiveAsync(() => test.NewProcess(transport, clock).RotateIndex.RunAsync(test.Tenant, start: step == 0, 1000, Cancel));
            crashed = transport.Requests > at;
            if (crashed) await AssertKnownAsync(test, Process(test), known);
            await WaitAsync(test);
        }

        Desk next = Process(test);
        for (int rounds = 0; rounds < 4 && await next.RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel) is not null; rounds++) await WaitAsync(test);
        Assert.Null(await next.RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel));
        await AssertKnownAsync(test, next, known);
        Assert.Single((await EpochsAsync(test)).Distinct());
        Assert.Equal(known.Contacts.Count, await ProfilesAsync(test));
        return crashed;
    }

    [Fact]
    public async Task A_contact_made_while_the_process_dies_between_its_two_places_is_made_by_the_next()
    {
        TestDesk test = await OpenAsync();
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        for (int at = 0; at < 30; at++)
        {
            CrashingTransport transport = new(at, after: true);
            string address = $"c{at}@x.example";
            await CrashingTransport.LiveAsync(() => test.NewProcess(transport, clock).Contacts.CreateAsync(test.Tenant, address, "", Cancel));
            string one = await MakeAsync(Process(test), test.Tenant, address), two = await MakeAsync(Process(test), test.Tenant, address);
            Assert.Equal(one, two);
            Assert.NotNull(await Process(test).Contacts.OpenAsync(test.Tenant, address, one, Cancel));
            if (transport.Requests <= at) return;
        }

        Assert.Fail("It never ended.");
    }

    [Fact]
    public async Task Who_is_erased_meanwhile_by_a_process_that_knows_only_the_old_key_leaves_no_index_behind()
    {
        TestDesk test = await OpenAsync();
        Desk old = await WarmAsync(test);
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        string contact = await Process(test).Contacts.CreateAsync(test.Tenant, "gone@x.example", "Gone", Cancel);
        Assert.Equal(2, await RowsOfAsync(test, contact));
        Assert.Equal(ErasureOutcome.Done, (await old.Eraser.ContactAsync(test.Tenant, "gone@x.example", AuditActor.Command, Cancel)).Outcome);
        Assert.Equal(0, await RowsOfAsync(test, contact));
        Assert.NotEqual(contact, await MakeAsync(Process(test), test.Tenant, "gone@x.example"));
    }

    [Fact]
    public async Task A_profile_that_does_not_open_keeps_the_old_key_and_is_counted()
    {
        TestDesk test = await OpenAsync();
        string contact = await Process(test).Contacts.CreateAsync(test.Tenant, "torn@x.example", "", Cancel);
        TableClient contacts = test.Desk.Storage.Tables.GetTableClient(TableNames.Contacts);
        TableEntity row = await contacts.QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").And(TableFilter.RowIs("c!" + contact)), cancel: Cancel).FirstAsync(Cancel);
        byte[] box = row.GetBinary("doc")!;
        box[^1] ^= 1;
        await contacts.UpsertEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["doc"] = box }, TableUpdateMode.Replace, Cancel);

        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        await WaitAsync(test);
        Assert.Equal((1, false), (await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel)) is { } kept ? (kept.Broken, kept.Done) : default);
        Assert.Equal(["ixk!000001", "ixk!000002"], await IndexKeyRowsAsync(test));
        Assert.Equal(contact, await Process(test).Contacts.FindAsync(test.Tenant, "torn@x.example", Cancel));
    }

    [Fact]
    public async Task A_call_moves_only_so_many_and_the_next_goes_on()
    {
        TestDesk test = await OpenAsync();
        Known known = await FillAsync(test, Process(test));
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 2, Cancel);
        await WaitAsync(test);
        IndexRotation some = (await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 2, Cancel))!;
        Assert.Equal((2, false), (some.Moved, some.Done));
        Assert.True(some.Left > 0);
        await AssertKnownAsync(test, Process(test), known);
        int calls = 0;
        while (await EpochsAsync(test) is var epochs && epochs.Contains("1.")) Assert.True(calls++ < 20 && (await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 2, Cancel))!.Moved <= 2);
        await AssertKnownAsync(test, Process(test), known);
    }

    [Fact]
    public async Task An_older_index_key_put_back_alone_is_refused_by_whoever_knew_the_newer()
    {
        TestDesk test = await OpenAsync();
        await Process(test).Contacts.CreateAsync(test.Tenant, "one@x.example", "", Cancel);
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        Desk knows = await WarmAsync(test);
        await test.Desk.Storage.Tables.GetTableClient(TableNames.Keys).DeleteEntityAsync($"{test.Tenant}.root", "ixk!000002", cancel: Cancel);
        await WaitAsync(test);
        await Assert.ThrowsAsync<RootKeyRefusedException>(() => knows.Contacts.FindAsync(test.Tenant, "one@x.example", Cancel));
    }

    [Fact]
    public async Task The_older_key_stays_until_a_backup_of_keys_was_begun_after_the_newest_was_made()
    {
        TestDesk test = await OpenAsync();
        // Days of their own, on which nobody else makes a backup.
        clock.Advance(TimeSpan.FromDays(200_000 + Random.Shared.Next(100_000)));
        Known known = await FillAsync(test, Process(test));
        await Process(test).KeysBackup.RunAsync(Cancel);
        clock.Advance(TimeSpan.FromMinutes(1));
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        DateTimeOffset made = clock.GetUtcNow();
        clock.Advance(Wait);
        List<KeyAct> told = [];
        Task Tell(KeyAct act)
        {
            told.Add(act);
            return Task.CompletedTask;
        }

        IndexRotation waits = (await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel, Tell))!;
        Assert.Equal((made, false), (waits.WaitsForBackupAfter, waits.Done));
        Assert.Equal(made, await Process(test).RotateIndex.WaitsForBackupAfterAsync(test.Tenant, Cancel));
        Assert.Equal(["ixk!000001", "ixk!000002"], await IndexKeyRowsAsync(test));
        await AssertKnownAsync(test, Process(test), known);
        Assert.Empty(told);

        // Housekeeping says so once that takes too long, and goes on when it is over.
        clock.Advance(TimeSpan.FromHours(30));
        List<Exception> failed = [];
        KeepKeys keep = new(Process(test).Mailboxes, Process(test).Keys, Process(test).RotateIndex, Process(test).Audit, clock);
        await keep.RunAsync([test.Tenant], [], failed.Add, Cancel);
        Assert.Equal("index-waits-for-backup", Assert.IsType<NotNowException>(Assert.Single(failed)).ReasonCode);
        await Process(test).KeysBackup.RunAsync(Cancel);
        Assert.Null(await Process(test).RotateIndex.WaitsForBackupAfterAsync(test.Tenant, Cancel));
        await keep.RunAsync([test.Tenant], [], failed.Add, Cancel);
        Assert.Single(failed);
        await AssertKnownAsync(test, Process(test), known);
        List<string> entries = [];
        await foreach (string day in Process(test).Audit.DaysAsync(test.Tenant, Cancel))
            await foreach (AuditEntry entry in Process(test).Audit.EntriesAsync(test.Tenant, day, Cancel)) entries.Add($"{entry.Event.Action} {entry.Event.Code} {entry.Event.Result}");
        Assert.Equal(["KeyDeleted index Done"], entries.Where(entry => entry.Contains(" index ", StringComparison.Ordinal)));
    }

    private sealed record Known(IReadOnlyDictionary<string, string> Contacts, string Person, InboxId Inbox, DkimRecord Dkim);

    private async Task<TestDesk> OpenAsync() => await new TestDesk(storage).OpenAsync(Cancel);

    // Two hours, in which a backup of keys was made; no more of it than that it was, since it would hold the keys of all tests.
    private async Task WaitAsync(TestDesk test)
    {
        clock.Advance(TimeSpan.FromSeconds(1));
        TableEntity row = new("backup", $"19700101-{Guid.NewGuid():N}") { ["made"] = clock.GetUtcNow(), ["rows"] = 0, ["parts"] = 0 };
        await test.Desk.Storage.Tables.GetTableClient(TableNames.KeyBackups).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        clock.Advance(Wait);
    }

    private Desk Process(TestDesk test) => test.NewProcess(time: clock);

    // A process that has opened the tenant's keys, and does not look at them again for an hour.
    private async Task<Desk> WarmAsync(TestDesk test)
    {
        Desk desk = Process(test);
        (await desk.Keys.ForTenantAsync(test.Tenant, Cancel)).Dispose();
        return desk;
    }

    private static async Task<Known> FillAsync(TestDesk test, Desk desk)
    {
        Dictionary<string, string> contacts = [];
        foreach (string address in new[] { "ann@x.example", "bob@x.example", new string('a', 400) + "@x.example" })
            contacts[address] = await desk.Contacts.CreateAsync(test.Tenant, address, "Somebody", Cancel);
        Person person = (await desk.People.AddAsync(test.Tenant, Ann, "Ann", "ann@acme.example", [new Grant(Role.Owner, null)], Cancel)).Person!;
        DkimRecord record = await desk.SigningKeys.CreateAsync(test.Tenant, "acme.example", "s1", Cancel);
        return new Known(contacts, person.Id, test.Mailbox.Id, record);
    }

    private static async Task AssertKnownAsync(TestDesk test, Desk desk, Known known)
    {
        foreach ((string address, string contact) in known.Contacts)
        {
            Assert.Equal(contact, await desk.Contacts.FindAsync(test.Tenant, address, Cancel));
            Assert.Equal("Somebody", (await desk.Contacts.OpenAsync(test.Tenant, address, contact, Cancel))!.Name);
        }

        Assert.Equal(known.Person, (await desk.People.FindAsync(test.Tenant, Ann, Cancel))!.Id);
        Assert.Equal(known.Dkim, (await desk.SigningKeys.DescribeAsync(test.Tenant, "acme.example", Cancel))!.Value.Record);
        Mailbox again = await desk.Mailboxes.ConnectAsync(test.Tenant, MailboxKind.Import, new MailboxProfile { Address = TestDesk.Address.ToUpperInvariant() }, credential: null, Cancel);
        Assert.Equal(known.Inbox, again.Id);
    }

    private async Task TurnAsync(TestDesk test)
    {
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        await WaitAsync(test);
        await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel);
        await WaitAsync(test);
        Assert.True((await Process(test).RotateIndex.RunAsync(test.Tenant, start: false, 1000, Cancel))!.Done);
    }

    private static async Task<string> MakeAsync(Desk desk, TenantContext tenant, string address) =>
        await desk.Contacts.FindAsync(tenant, address, Cancel) ?? await desk.Contacts.CreateAsync(tenant, address, "", Cancel);

    // Both at once, many times, and each once more after that: one answer for each address.
    private static async Task AssertAgreeAsync(TestDesk test, Desk one, Desk other, string prefix)
    {
        for (int i = 0; i < 6; i++)
        {
            string address = $"{prefix}{i}@x.example";
            Desk[] all = i % 2 == 0 ? [one, other, one, other] : [other, one, other, one];
            string[] made = await Task.WhenAll(all.Select(desk => Task.Run(() => MakeAsync(desk, test.Tenant, address))));
            made = [.. made, await MakeAsync(one, test.Tenant, address), await MakeAsync(other, test.Tenant, address)];
            Assert.Single(made.Distinct());
            MailboxProfile profile = new() { Address = $"{prefix}{i}@box.example" };
            Mailbox[] boxes = await Task.WhenAll(all.Select(desk => Task.Run(() => desk.Mailboxes.ConnectAsync(test.Tenant, MailboxKind.Import, profile, credential: null, Cancel))));
            Assert.Single(boxes.Select(box => box.Id).Distinct());
            DkimRecord[] records = i > 1 ? [] : await Task.WhenAll(all.Select(desk => Task.Run(() => desk.SigningKeys.CreateAsync(test.Tenant, $"{prefix}{i}.example", "s1", Cancel))));
            Assert.True(records.Distinct().Count() <= 1);
            Identity identity = new(Ann.Directory, Guid.NewGuid());
            (Person? Person, PeopleChange)[] people = await Task.WhenAll(all.Select(desk => Task.Run(() => desk.People.AddAsync(test.Tenant, identity, "P", "p@x.example", [new Grant(Role.Agent, null)], Cancel))));
            Assert.Single(people.Select(p => p.Person!.Id).Distinct());
        }
    }

    // The epoch of every blind index there is.
    private static async Task<List<string>> EpochsAsync(TestDesk test)
    {
        List<string> epochs = [];
        async Task ReadAsync(string table, TableFilter filter, int at)
        {
            await foreach (TableEntity row in test.Desk.Storage.Tables.GetTableClient(table).QueryAsync(filter, cancel: Cancel)) epochs.Add(row.RowKey[at..(row.RowKey.IndexOf('.', StringComparison.Ordinal) + 1)]);
        }

        await ReadAsync(TableNames.Contacts, TableFilter.PartitionPrefix(test.Tenant + ".").And(TableFilter.RowPrefix("ix!")), 3);
        await ReadAsync(TableNames.People, TableFilter.PartitionIs(test.Tenant.Tenant.Value).And(TableFilter.RowPrefix("ix!")), 3);
        await ReadAsync(TableNames.Mailboxes, TableFilter.PartitionIs($"{test.Tenant}.ix"), 0);
        await ReadAsync(TableNames.Policies, TableFilter.PartitionIs(test.Tenant.Tenant.Value).And(TableFilter.RowPrefix("dkim!")), 5);
        return epochs;
    }

    private static async Task<List<string>> IndexKeyRowsAsync(TestDesk test) =>
        await test.Desk.Storage.Tables.GetTableClient(TableNames.Keys).QueryAsync(TableFilter.PartitionIs($"{test.Tenant}.root").And(TableFilter.RowPrefix("ixk!")), cancel: Cancel).Select(row => row.RowKey).ToListAsync(Cancel);

    private static async Task<int> ProfilesAsync(TestDesk test) =>
        await test.Desk.Storage.Tables.GetTableClient(TableNames.Contacts).QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").And(TableFilter.RowPrefix("c!")), cancel: Cancel).CountAsync(Cancel);

    private static async Task<int> RowsOfAsync(TestDesk test, string contact) =>
        await test.Desk.Storage.Tables.GetTableClient(TableNames.Contacts).QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").And(TableFilter.Where("contact", TableComparison.Equal, contact)), cancel: Cancel).CountAsync(Cancel);
}
