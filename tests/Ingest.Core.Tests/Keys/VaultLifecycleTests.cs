using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>What a vault does wrong while mail comes in: it stops what needs the key, loses nothing, decides no mail's fate, and mends by itself.</summary>
[Collection(nameof(StorageCollection))]
public sealed class VaultLifecycleTests(StorageFixture storage) : IAsyncLifetime
{
    private const string TheirHost = "customer.vault.azure.net";
    private const string TheirKey = "https://customer.vault.azure.net/keys/theirs";
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private TwinVaults vaults = null!;

    private KeyVaultTwin Twin => vaults.Twin;

    public async ValueTask InitializeAsync() => vaults = await TwinVaults.StartAsync(Cancel);

    public ValueTask DisposeAsync() => vaults.DisposeAsync();

    private TestDesk NewDesk() => new(storage, () => (vaults.Open("pipeline"), null));

    private Desk NewProcess(TestDesk test) => test.NewProcess(time: vaults.Clock);

    private static Task ListAsync(TestDesk test, Desk desk, int upTo) =>
        TestDesk.SyncAsync(desk, test.Tenant, test.Mailbox.Id, () => new ListSource(Mails.SmallBox.Take(upTo).ToList()), "w", Cancel);

    private static async Task<string> UndisturbedAsync(StorageFixture storage)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await ListAsync(test, test.Desk, Mails.SmallBox.Count);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        return await test.EndStateAsync(Cancel);
    }

    [Theory]
    [InlineData("switched off", "vault-disabled")]
    [InlineData("forbidden", "vault-forbidden")]
    [InlineData("deleted", "vault-key-missing")]
    [InlineData("throttled", "vault-throttled")]
    [InlineData("broken", "vault-unavailable")]
    [InlineData("vanished", "vault-unreachable")]
    public async Task Mail_before_during_and_after_ends_as_if_nothing_had_been(string trouble, string code)
    {
        string expected = await UndisturbedAsync(storage);
        TestDesk test = await NewDesk().OpenAsync(Cancel);
        Desk warm = NewProcess(test);
        await ListAsync(test, warm, 3);
        await TestDesk.DrainAsync(warm, Cancel);

        Begin(trouble);
        // Who has the key in hand goes on; who needs it waits, and says for what.
        await ListAsync(test, warm, 6);
        Desk cold = NewProcess(test);
        Assert.Equal(code, (await Assert.ThrowsAsync<NotNowException>(() => ListAsync(test, cold, 6))).ReasonCode);
        Assert.Equal(3, await TryAllAsync(cold, code));
        Assert.Contains(vaults.Calls, call => call.Code == code);
        Assert.Equal((3, 3), await CountAsync(test, warm));
        int asked = Twin.Log.Count;
        for (int i = 0; i < 50; i++) Assert.Equal(code, (await Assert.ThrowsAsync<NotNowException>(async () => await cold.Keys.ForTenantAsync(test.Tenant, Cancel))).ReasonCode);
        if (trouble is "switched off" or "forbidden" or "deleted" or "throttled") Assert.Equal(asked, Twin.Log.Count);

        End(trouble);
        vaults.Clock.Advance(TimeSpan.FromSeconds(60));
        await ListAsync(test, cold, Mails.SmallBox.Count);
        await TestDesk.DrainAsync(cold, Cancel);
        Assert.Equal(expected, await test.EndStateAsync(Cancel));
    }

    [Fact]
    public async Task A_key_in_hand_is_used_for_an_hour_after_it_was_switched_off_and_not_longer()
    {
        TestDesk test = await NewDesk().OpenAsync(Cancel);
        Desk warm = NewProcess(test);
        await ListAsync(test, warm, 1);
        Twin.Newest("kek-data").Enabled = false;
        for (int minute = 0; minute < 59; minute++)
        {
            vaults.Clock.Advance(TimeSpan.FromMinutes(1));
            (await warm.Keys.ForTenantAsync(test.Tenant, Cancel)).Dispose();
        }

        vaults.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("vault-disabled", (await Assert.ThrowsAsync<NotNowException>(async () => await warm.Keys.ForTenantAsync(test.Tenant, Cancel))).ReasonCode);
        Assert.Equal("vault-disabled", (await Assert.ThrowsAsync<NotNowException>(() => ListAsync(test, warm, 2))).ReasonCode);
    }

    [Fact]
    public async Task A_tenants_own_key_stops_that_tenant_and_no_other()
    {
        TwinKey theirs = Twin.AddRsaIn(TheirHost, "theirs", 2048, "wrapKey", "unwrapKey");
        TestDesk house = NewDesk(), own = NewDesk();
        await house.Desk.CreateStoresAsync(Cancel);
        await own.Desk.TenantKeks.SetAsync(own.Tenant, [TheirKey], Cancel);
        await house.OpenAsync(Cancel);
        await own.OpenAsync(Cancel);
        RootState root = await own.Desk.Keys.Roots.ListAsync(own.Tenant, open: true, Cancel).SingleAsync(state => state.Purpose == KeyPurpose.Data, Cancel);
        Assert.Equal((theirs.Kid, true, ""), (root.Kid, root.IsNewest, root.Fault));

        theirs.Enabled = false;
        Assert.Equal("vault-disabled", (await Assert.ThrowsAsync<NotNowException>(() => ListAsync(own, NewProcess(own), 2))).ReasonCode);
        await ListAsync(house, NewProcess(house), 2);
        await TestDesk.DrainAsync(NewProcess(house), Cancel);
        Assert.Equal((2, 2), await CountAsync(house, NewProcess(house)));

        theirs.Enabled = true;
        vaults.Clock.Advance(TimeSpan.FromSeconds(60));
        await ListAsync(own, NewProcess(own), 2);
        await TestDesk.DrainAsync(NewProcess(own), Cancel);
        Assert.Equal((2, 2), await CountAsync(own, NewProcess(own)));
    }

    [Fact]
    public async Task A_tenant_that_brings_its_key_later_moves_to_it_and_back_and_all_that_it_has_opens()
    {
        TwinKey theirs = Twin.AddRsaIn(TheirHost, "theirs", 2048, "wrapKey", "unwrapKey");
        TestDesk test = await NewDesk().OpenAsync(Cancel);
        await ListAsync(test, NewProcess(test), 3);
        await TestDesk.DrainAsync(NewProcess(test), Cancel);
        await test.Desk.TenantKeks.SetAsync(test.Tenant, [TheirKey], Cancel);
        Assert.Equal(1, (await NewProcess(test).Keys.Roots.RewrapAsync(test.Tenant, 10, Cancel)).Rewrapped);
        Twin.Newest("kek-data").Enabled = false;
        await ListAsync(test, NewProcess(test), Mails.SmallBox.Count);
        await TestDesk.DrainAsync(NewProcess(test), Cancel);
        string expected = await UndisturbedAsync(storage);
        Assert.Equal(expected, await test.EndStateAsync(Cancel));

        // Taken off the list, it is not asked any more, not even for what hangs from it.
        Twin.Newest("kek-data").Enabled = true;
        await test.Desk.TenantKeks.SetAsync(test.Tenant, [], Cancel);
        int asked = Twin.Count("/theirs");
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await NewProcess(test).Keys.ForTenantAsync(test.Tenant, Cancel));
        Assert.Equal(asked, Twin.Count("/theirs"));
        Assert.True(theirs.Enabled);
        await test.Desk.TenantKeks.SetAsync(test.Tenant, [TheirKey], Cancel);
        (await NewProcess(test).Keys.ForTenantAsync(test.Tenant, Cancel)).Dispose();
    }

    [Fact]
    public async Task A_list_of_own_keys_is_believed_only_with_our_seal_and_a_key_is_tried_before_it_is_listed()
    {
        TestDesk test = await NewDesk().OpenAsync(Cancel);
        TenantKeks keks = test.Desk.TenantKeks;
        foreach (string[] wrong in (string[][])[["https://elsewhere.example/keys/k"], [TheirKey + "/00000000000000000000000000000001"], [TheirKey, TheirKey], [.. Enumerable.Range(0, 5).Select(i => TheirKey + i)]])
            await Assert.ThrowsAsync<ArgumentException>(() => keks.SetAsync(test.Tenant, wrong, Cancel));
        Assert.Equal("vault-key-missing", (await Assert.ThrowsAsync<NotNowException>(() => keks.SetAsync(test.Tenant, [TheirKey], Cancel))).ReasonCode);
        Assert.Empty(await keks.FindAsync(test.Tenant.Tenant, Cancel));

        Twin.AddRsaIn(TheirHost, "theirs", 2048, "wrapKey", "unwrapKey");
        Twin.Deny("pipeline", "theirs", "unwrapkey");
        vaults.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("vault-forbidden", (await Assert.ThrowsAsync<NotNowException>(() => keks.SetAsync(test.Tenant, [TheirKey], Cancel))).ReasonCode);
        Twin.Allow("pipeline", "theirs", "unwrapkey");
        vaults.Clock.Advance(TimeSpan.FromSeconds(60));
        await keks.SetAsync(test.Tenant, [TheirKey], Cancel);
        Assert.Equal([TheirKey], await keks.FindAsync(test.Tenant.Tenant, Cancel));

        TableClient policies = test.Desk.Storage.Tables.GetTableClient(TableNames.Policies);
        await policies.UpsertEntityAsync(new TableEntity(test.Tenant.Tenant.Value, "kek") { ["kids"] = "https://evil.vault.azure.net/keys/k" }, TableUpdateMode.Merge, Cancel);
        await Assert.ThrowsAsync<RootKeyRefusedException>(() => keks.FindAsync(test.Tenant.Tenant, Cancel));
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await NewProcess(test).Keys.ForTenantAsync(test.Tenant, Cancel));
        Assert.DoesNotContain("evil.vault.azure.net", Twin.Connected);
    }

    [Fact]
    public async Task Whoever_may_only_read_lists_of_own_keys_is_not_locked_out_and_forged_ones_are_read_once()
    {
        Twin.AddRsaIn(TheirHost, "theirs", 2048, "wrapKey", "unwrapKey");
        TestDesk test = await NewDesk().OpenAsync(Cancel);
        await test.Desk.TenantKeks.SetAsync(test.Tenant, [TheirKey], Cancel);
        StoredBlob kept = await test.Desk.Blobs.ListAsync(TenantKeks.Container, $"{test.Tenant}/", Cancel).SingleAsync(Cancel);
        // As lists are from before they were kept.
        await test.Desk.Blobs.DeleteIfExistsAsync(TenantKeks.Container, kept.Name, Cancel);
        ReadingTransport reading = new();
        Desk front = test.NewProcess(reading, vaults.Clock);
        Assert.Equal([TheirKey], await front.TenantKeks.FindAsync(test.Tenant.Tenant, Cancel));
        Assert.True(reading.Refused > 0);
        Assert.Empty(await test.Desk.Blobs.ListAsync(TenantKeks.Container, $"{test.Tenant}/", Cancel).ToListAsync(Cancel));
        // The next that may puts it in.
        Assert.Equal([TheirKey], await NewProcess(test).TenantKeks.FindAsync(test.Tenant.Tenant, Cancel));
        Assert.Equal(kept.Name, (await test.Desk.Blobs.ListAsync(TenantKeks.Container, $"{test.Tenant}/", Cancel).SingleAsync(Cancel)).Name);

        for (int i = 0; i < 5; i++) await test.Desk.Blobs.PutAsync(TenantKeks.Container, $"{test.Tenant}/00999999999999{i}", "ingest-tenantkek 1 x 00 https://evil.vault.azure.net/keys/k"u8.ToArray(), onlyIfAbsent: true, Cancel);
        await test.Desk.Blobs.PutAsync(TenantKeks.Container, $"{test.Tenant}/009999999999999", new byte[100_000], onlyIfAbsent: true, Cancel);
        for (int i = 0; i < 3; i++) Assert.Equal([TheirKey], await front.TenantKeks.FindAsync(test.Tenant.Tenant, Cancel));
        Assert.Equal(5, reading.Reads);
    }

    /// <summary>The way to the stores of an identity that may not write lists of own keys.</summary>
    private sealed class ReadingTransport : Azure.Core.Pipeline.HttpPipelineTransport
    {
        private readonly Azure.Core.Pipeline.HttpClientTransport _inner = Azure.Core.Pipeline.HttpClientTransport.Shared;

        public int Refused { get; private set; }
        public int Reads { get; private set; }

        public override Azure.Core.Request CreateRequest() => _inner.CreateRequest();

        public override void Process(Azure.Core.HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

        public override async ValueTask ProcessAsync(Azure.Core.HttpMessage message)
        {
            string path = message.Request.Uri.ToUri().AbsolutePath;
            bool isList = path.Contains($"/{TenantKeks.Container}/", StringComparison.Ordinal);
            if (isList && message.Request.Method == Azure.Core.RequestMethod.Put)
            {
                Refused++;
                message.Response = new FakeResponse(403, "");
                return;
            }

            if (isList && message.Request.Method == Azure.Core.RequestMethod.Get) Reads++;
            await _inner.ProcessAsync(message);
        }
    }

    [Fact]
    public async Task An_older_list_of_own_keys_put_back_or_taken_away_changes_nothing_and_is_told()
    {
        const string Other = TheirKey + "2";
        Twin.AddRsaIn(TheirHost, "theirs", 2048, "wrapKey", "unwrapKey");
        Twin.AddRsaIn(TheirHost, "theirs2", 2048, "wrapKey", "unwrapKey");
        TestDesk test = await NewDesk().OpenAsync(Cancel);
        TenantKeks keks = test.Desk.TenantKeks;
        TableClient policies = test.Desk.Storage.Tables.GetTableClient(TableNames.Policies);
        async Task<TableEntity> RowAsync() => (await policies.GetEntityIfExistsAsync(test.Tenant.Tenant.Value, "kek", cancel: Cancel))!;
        await keks.SetAsync(test.Tenant, [TheirKey], Cancel);
        TableEntity old = await RowAsync();
        await keks.SetAsync(test.Tenant, [Other, TheirKey], Cancel);

        // In a process that knows nothing of before, and in one that has seen the newest.
        foreach (Func<Task> step in new Func<Task>[] { () => policies.UpsertEntityAsync(old, TableUpdateMode.Replace, Cancel), () => policies.DeleteEntityAsync(test.Tenant.Tenant.Value, "kek", cancel: Cancel) })
        {
            await step();
            foreach (Desk desk in new[] { NewProcess(test), test.Desk })
            {
                List<string> told = [];
                desk.OnKeyListSetBack = tenant => told.Add(tenant.ToString());
                Assert.Equal([Other, TheirKey], await desk.TenantKeks.FindAsync(test.Tenant.Tenant, Cancel));
                Assert.Equal([test.Tenant.ToString()], told);
            }
        }

        // Not even with the container emptied does a process that has seen the newest take an older one.
        Assert.Equal([Other, TheirKey], await keks.FindAsync(test.Tenant.Tenant, Cancel));
        await foreach (StoredBlob blob in test.Desk.Blobs.ListAsync(TenantKeks.Container, $"{test.Tenant}/", Cancel)) await test.Desk.Blobs.DeleteIfExistsAsync(TenantKeks.Container, blob.Name, Cancel);
        await Assert.ThrowsAsync<RootKeyRefusedException>(() => keks.FindAsync(test.Tenant.Tenant, Cancel));

        // Taken back by whoever may, the empty list is the newest; a blob that nobody signed says nothing.
        await keks.SetAsync(test.Tenant, [], Cancel);
        await test.Desk.Blobs.PutAsync(TenantKeks.Container, $"{test.Tenant}/009999999999999", "ingest-tenantkek 1 x 00 https://evil.vault.azure.net/keys/k"u8.ToArray(), onlyIfAbsent: true, Cancel);
        Assert.Empty(await NewProcess(test).TenantKeks.FindAsync(test.Tenant.Tenant, Cancel));
        await policies.UpsertEntityAsync(old, TableUpdateMode.Replace, Cancel);
        Assert.Empty(await NewProcess(test).TenantKeks.FindAsync(test.Tenant.Tenant, Cancel));
    }

    [Fact]
    public async Task A_rotation_in_the_middle_of_the_mail_is_not_noticed()
    {
        string expected = await UndisturbedAsync(storage);
        TestDesk test = await NewDesk().OpenAsync(Cancel);
        Desk warm = NewProcess(test);
        await ListAsync(test, warm, 3);
        // A tenant that has no mailbox, or none any more, and one that was erased as a whole.
        TestDesk bare = NewDesk(), gone = NewDesk();
        foreach (TestDesk one in (TestDesk[])[bare, gone]) using (await NewProcess(one).Keys.ForTenantAsync(one.Tenant, Cancel)) { }
        await NewProcess(gone).Keys.EraseRootsAsync(gone.Tenant, Cancel);
        TwinKey old = Twin.Newest("kek-data");
        Twin.AddRsa("kek-data", 2048, "wrapKey", "unwrapKey");
        Twin.AddRsa("kek-credential", 2048, "wrapKey", "unwrapKey");
        Twin.AddEc("seal", "sign");
        vaults.Clock.Advance(TimeSpan.FromMinutes(15));
        await TestDesk.DrainAsync(NewProcess(test), Cancel);
        HouseReport report = await NewProcess(test).KeepHouse.RunAsync(sweep: true, Cancel);
        Assert.True(report.Rewrapped >= 1, report.ToString());
        Assert.All(await NewProcess(bare).Keys.Roots.ListAsync(bare.Tenant, open: true, Cancel).ToListAsync(Cancel), root => Assert.Equal((true, ""), (root.IsNewest, root.Fault)));
        Assert.NotEmpty(await NewProcess(bare).Audit.DaysAsync(bare.Tenant, Cancel).ToListAsync(Cancel));
        Assert.Equal([(bare.Tenant, true), (gone.Tenant, false)], (await NewProcess(bare).Keys.Roots.TenantsAsync(Cancel).ToListAsync(Cancel)).Where(t => t.Tenant == bare.Tenant || t.Tenant == gone.Tenant).OrderBy(t => !t.Living));
        // Its log is signed day by day, and nothing is written into it any more.
        Assert.Empty(await NewProcess(gone).Audit.EntriesAsync(gone.Tenant, "20260301", Cancel).ToListAsync(Cancel));
        old.Enabled = false;
        await ListAsync(test, NewProcess(test), Mails.SmallBox.Count);
        await TestDesk.DrainAsync(warm, Cancel);
        Assert.Equal(expected, await test.EndStateAsync(Cancel));
    }

    [Fact]
    public async Task The_front_begins_to_erase_a_mailbox_and_the_pipeline_gives_its_grant_back_and_ends_it()
    {
        Twin.Deny("front", "kek-credential", "unwrapkey");
        TestDesk test = NewDesk();
        await test.Desk.CreateStoresAsync(Cancel);
        Desk front = test.NewProcess(time: vaults.Clock, vaults: (vaults.Open("front"), null));
        MailboxProfile profile = new() { Address = TestDesk.Address, Subject = "s1" };
        Mailbox mailbox = await front.Mailboxes.ConnectAsync(test.Tenant, MailboxKind.Google, profile, new MailboxCredential(MailboxCredential.Google, "refresh", "s1", TestDesk.Address, ["scope"]), Cancel);
        ErasureEnd begun = await front.Eraser.MailboxAsync(test.Tenant, mailbox.Id, AuditActor.Command, Cancel, Eraser.InRequest);
        Assert.Equal((ErasureOutcome.Begun, ErasureStage.Kept), (begun.Outcome, begun.Erasure!.Stage));
        Assert.Equal(MailboxState.Paused, (await NewProcess(test).Mailboxes.FindAsync(test.Tenant, mailbox.Id, Cancel))!.Mailbox.State);

        vaults.Clock.Advance(TimeSpan.FromMinutes(7));
        Desk pipeline = NewProcess(test);
        await pipeline.Eraser.SettleAsync(Cancel, only: test.Tenant);
        Erasure ended = (await pipeline.Erasures.FindAsync(test.Tenant, begun.Erasure.Id, Cancel))!;
        Assert.Equal(ErasureState.Destroyed, ended.State);
        // It was opened there, and Google would have been asked, had these settings a client.
        Assert.Equal("google-client-missing", Receipt.Check(ended.Receipt!, await pipeline.Vault.SealPublicKeyAsync(Receipt.KidOf(ended.Receipt!), Cancel)).Body!.Grant);
        Assert.Null(await NewProcess(test).Mailboxes.FindAsync(test.Tenant, mailbox.Id, Cancel));
    }

    [Fact]
    public async Task The_front_connects_a_mailbox_and_cannot_open_it_and_the_pipeline_can()
    {
        Twin.Deny("front", "kek-credential", "unwrapkey");
        TestDesk test = NewDesk();
        await test.Desk.CreateStoresAsync(Cancel);
        Desk front = test.NewProcess(time: vaults.Clock, vaults: (vaults.Open("front"), null)), pipeline = NewProcess(test);
        ServerSettings server = new() { Host = "mail.acme.example", Port = 993, Tls = Ingest.Mail.Wire.TlsMode.Implicit, UserName = "support" };
        MailboxProfile profile = new() { Address = TestDesk.Address, Imap = server, Smtp = server };
        Mailbox mailbox = await front.Mailboxes.ConnectImapAsync(test.Tenant, profile, "first", Cancel);
        Assert.DoesNotContain(Twin.Log, line => line.Contains("kek-credential/", StringComparison.Ordinal));
        Assert.Equal("first", await PasswordAsync(pipeline));
        Assert.Equal("vault-forbidden", (await Assert.ThrowsAsync<NotNowException>(() => PasswordAsync(front))).ReasonCode);

        // Connected again by a front that just started, with a new password; the pipeline's new process opens that one.
        Desk again = test.NewProcess(time: vaults.Clock, vaults: (vaults.Open("front"), null));
        await again.Mailboxes.ConnectImapAsync(test.Tenant, profile, "second", Cancel);
        Assert.Equal("second", await PasswordAsync(pipeline));
        Assert.Equal("second", await PasswordAsync(NewProcess(test)));
        await Assert.ThrowsAsync<NotNowException>(() => PasswordAsync(again));

        vaults.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, await pipeline.Mailboxes.SweepCredentialKeysAsync(test.Tenant, mailbox.Id, vaults.Clock.GetUtcNow().AddDays(-1), Cancel));
        Assert.Equal("second", await PasswordAsync(NewProcess(test)));

        async Task<string> PasswordAsync(Desk desk)
        {
            MailboxView view = (await desk.Mailboxes.FindAsync(test.Tenant, mailbox.Id, Cancel))!;
            return (await desk.Mailboxes.OpenCredentialAsync(test.Tenant, mailbox.Id, view.SealedCredential!, Cancel))!.RefreshToken;
        }
    }

    private void Begin(string trouble)
    {
        switch (trouble)
        {
            case "switched off": Twin.Newest("kek-data").Enabled = false; break;
            case "forbidden": Twin.Deny("pipeline", "kek-data", "unwrapkey"); break;
            case "deleted": Twin.Delete("kek-data"); break;
            case "throttled": Twin.Always = _ => TwinFault.Status(429, retryAfter: 60); break;
            case "broken": Twin.Always = _ => TwinFault.Page(503); break;
            case "vanished": Twin.Always = _ => TwinFault.HangUp; break;
            default: throw new ArgumentOutOfRangeException(nameof(trouble));
        }
    }

    private void End(string trouble)
    {
        switch (trouble)
        {
            case "switched off": Twin.Newest("kek-data").Enabled = true; break;
            case "forbidden": Twin.Allow("pipeline", "kek-data", "unwrapkey"); break;
            case "deleted": Twin.Recover("kek-data"); break;
            default: Twin.Always = _ => null; break;
        }
    }

    // Every piece of work that waits is tried once, and put off as the function does it.
    private static async Task<int> TryAllAsync(Desk desk, string code)
    {
        List<QueuedMessage> waiting = [];
        while (await desk.IngestQueue.ReceiveAsync(32, TimeSpan.FromSeconds(30), Cancel) is { Count: > 0 } some) waiting.AddRange(some);
        foreach (QueuedMessage message in waiting)
        {
            Work work = Work.FromJson(message.Body!.Value.Span)!;
            Assert.Equal(code, (await Assert.ThrowsAsync<NotNowException>(() => desk.IngestMail.RunAsync(work, Cancel))).ReasonCode);
            await desk.IngestQueue.SendAsync((work with { Attempt = work.Attempt + 1 }).ToJson(), delay: null, Cancel);
            await desk.IngestQueue.DeleteAsync(message, Cancel);
        }

        return waiting.Count;
    }

    // How many mails ended, and how many of them not parked.
    private static async Task<(int Ended, int Well)> CountAsync(TestDesk test, Desk desk)
    {
        List<JournalLine> lines = await desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel);
        return (lines.Count, lines.Count(line => line.Outcome != OutcomeKind.Parked));
    }
}
