using Ingest.Core.Access;
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

namespace Ingest.Core.Tests.Retention;

/// <summary>The process ends after any one of the writes of an erasure: housekeeping brings it to its end.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class ErasureCrashTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static FakeClock Ahead(TimeSpan by)
    {
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + by);
        return clock;
    }

    private async Task<(TestDesk Test, JournalLine Line)> HouseAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@customer.example", "A canary subject", "a1@customer.example", body: "A canary text.\r\n"), Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new OneSource(Mails.From("bob@other.example", "A canary on its way", "f1@other.example"), "flight"), "w", Cancel);
        return (test, line);
    }

    [Fact]
    public async Task A_mailbox_whose_erasure_was_cut_off_anywhere_is_erased_by_housekeeping()
    {
        int begun = 0;
        int step = CrashPoints.Step(3);
        for (int at = CrashPoints.First(step); ; at += step)
        {
            (TestDesk test, JournalLine line) = await HouseAsync();
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(transport).Eraser.MailboxAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel));
            bool crashed = transport.Requests > at;
            Assert.True(at < 80);
            await test.EmptyQueuesAsync(Cancel);
            await test.NewProcess(time: Ahead(TimeSpan.FromMinutes(10))).Eraser.SettleAsync(Cancel, only: test.Tenant);
            if (await test.NewProcess().Erasures.FindAsync(test.Tenant, ErasureKind.Mailbox, test.Mailbox.Id.Value, Cancel) is not { } erasure)
            {
                // It never came into the ledger: then nothing was destroyed either.
                Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.Document);
                continue;
            }

            begun++;
            Assert.Equal(ErasureState.Destroyed, erasure.State);
            await NothingOpensAsync(test, at);
            Assert.Equal("none", await GrantAsync(test, erasure));
            Assert.Equal(1, await test.NewProcess(time: Ahead(TimeSpan.FromMinutes(60))).Eraser.SettleAsync(Cancel, only: test.Tenant));
            Assert.Equal(0, await OpenAsync(test));
            await NothingOpensAsync(test, at);
            if (!crashed) break;
        }

        Assert.True(begun > 4, $"{begun}");
    }

    [Fact]
    public async Task A_tenant_whose_erasure_was_cut_off_anywhere_is_erased_by_housekeeping()
    {
        int begun = 0;
        int step = CrashPoints.Step(3);
        for (int at = CrashPoints.First(step); ; at += step)
        {
            (TestDesk test, JournalLine line) = await HouseAsync();
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(transport).Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel));
            bool crashed = transport.Requests > at;
            Assert.True(at < 150);
            await test.EmptyQueuesAsync(Cancel);
            await test.NewProcess(time: Ahead(TimeSpan.FromMinutes(10))).Eraser.SettleAsync(Cancel, only: test.Tenant);
            Desk later = test.NewProcess();
            if (await later.Erasures.FindLastAsync(test.Tenant, Cancel) is null)
            {
                Assert.NotNull((await later.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.Document);
                continue;
            }

            begun++;
            await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await later.Keys.ForTenantAsync(test.Tenant, Cancel));
            foreach (string table in TableNames.All.Except([TableNames.Erasures, TableNames.Audit, TableNames.Keys]))
                Assert.True(await RowsAsync(test, table) == 0, $"Rows are left in {table} after a crash at write {at}.");
            Assert.Empty(await later.Blobs.ListAsync(Packs.Container, $"{test.Tenant}/", Cancel).ToListAsync(Cancel));
            Assert.Equal(0, await OpenAsync(test));
            if (!crashed) break;
            // Fewer are enough of those that delete rows one by one.
            if (begun > 6) at += step * 3;
        }

        Assert.True(begun > 4, $"{begun}");
    }

    [Fact]
    public async Task A_grant_that_cannot_be_given_back_does_not_stop_the_erasure_and_stands_in_the_receipt()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        MailboxProfile profile = new() { Address = "box@gmail.example", Subject = "s1" };
        Mailbox google = await test.Desk.Mailboxes.ConnectAsync(test.Tenant, MailboxKind.Google, profile, new MailboxCredential(MailboxCredential.Google, "refresh", "s1", "box@gmail.example", ["scope"]), Cancel);
        // Another mailbox that lives on the same grant keeps it.
        Mailbox twin = await test.Desk.Mailboxes.ConnectAsync(test.Tenant, MailboxKind.Google, profile with { Address = "alias@gmail.example" }, new MailboxCredential(MailboxCredential.Google, "refresh", "s1", "box@gmail.example", ["scope"]), Cancel);
        Assert.Equal("shared", await GrantAsync(test, (await test.Desk.Eraser.MailboxAsync(test.Tenant, twin.Id, AuditActor.Command, Cancel)).Erasure!));

        // The settings of this desk name no client: Google cannot be asked.
        ErasureEnd end = await test.Desk.Eraser.MailboxAsync(test.Tenant, google.Id, AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        Assert.Equal("google-client-missing", await GrantAsync(test, end.Erasure!));
        Assert.Null(await test.NewProcess().Mailboxes.FindAsync(test.Tenant, google.Id, Cancel));
    }

    [Theory]
    [InlineData(1, "revoked", "revoked")]
    [InlineData(7, "google-revoke-503", "google-revoke-503")]
    public async Task A_grant_that_cannot_be_given_back_yet_keeps_the_credential_for_some_hours_and_nothing_else(int hours, string answer, string grant)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        Mailbox google = await GoogleAsync(test, "box@gmail.example");
        ErasureEnd begun = await EraserOf(test, "google-revoke-503").MailboxAsync(test.Tenant, google.Id, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Begun, ErasureStage.Last), (begun.Outcome, begun.Erasure!.Stage));
        Assert.Equal(1, await CredentialsAsync(test, google));
        await EraserOf(test, "google-revoke-503", Ahead(TimeSpan.FromMinutes(30))).SettleAsync(Cancel, only: test.Tenant);
        Assert.Equal(1, await CredentialsAsync(test, google));

        await EraserOf(test, answer, Ahead(TimeSpan.FromHours(hours))).SettleAsync(Cancel, only: test.Tenant);
        Erasure ended = (await test.NewProcess().Erasures.FindAsync(test.Tenant, begun.Erasure.Id, Cancel))!;
        Assert.Equal((ErasureState.Destroyed, grant), (ended.State, await GrantAsync(test, ended)));
        Assert.Equal(0, await CredentialsAsync(test, google));
        Assert.Null(await test.NewProcess().Mailboxes.FindAsync(test.Tenant, google.Id, Cancel));
    }

    [Fact]
    public async Task A_mailbox_that_is_being_erased_keeps_no_grant_for_another()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        Mailbox first = await GoogleAsync(test, "box@gmail.example"), second = await GoogleAsync(test, "alias@gmail.example");
        Assert.Equal(ErasureOutcome.Begun, (await EraserOf(test, "google-revoke-503").MailboxAsync(test.Tenant, first.Id, AuditActor.Command, Cancel)).Outcome);
        // Its keys are gone and its rows are not yet.
        await test.Desk.Keys.EraseAsync(test.Tenant, KeyClass.Tenant, first.Id.Value, Cancel);
        ErasureEnd end = await test.NewProcess().Eraser.MailboxAsync(test.Tenant, second.Id, AuditActor.Command, Cancel);
        Assert.Equal("google-client-missing", await GrantAsync(test, end.Erasure!));
    }

    [Fact]
    public async Task A_tenant_gives_the_grants_of_all_its_mailboxes_back_before_its_end_is_signed()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        Mailbox first = await GoogleAsync(test, "box@gmail.example"), second = await GoogleAsync(test, "alias@gmail.example"), other = await GoogleAsync(test, "other@gmail.example", "s2");
        List<InboxId> asked = [];
        Eraser Eraser(string ofOther, TimeProvider? time = null)
        {
            Desk desk = test.NewProcess(time: time);
            return EraserOf(desk, async (_, view, isLeaving, _) =>
            {
                // As it is at Google: one grant for both, and nobody else's answer.
                asked.Add(view.Mailbox.Id);
                if (view.Mailbox.Kind != MailboxKind.Google) return "none";
                if (view.Mailbox.Id == other.Id) return ofOther;
                return await isLeaving(view.Mailbox.Id == first.Id ? second.Id : first.Id) ? "revoked" : "shared";
            });
        }

        ErasureEnd begun = await Eraser("google-revoke-503").TenantAsync(test.Tenant, AuditActor.Command, Cancel);
        Assert.Equal((ErasureOutcome.Begun, null), (begun.Outcome, begun.Receipt));
        Assert.Equal(4, asked.Count);
        Assert.Equal(MailboxState.Paused, (await test.NewProcess().Mailboxes.FindAsync(test.Tenant, other.Id, Cancel))!.Mailbox.State);
        Assert.Null(await test.NewProcess().Erasures.FindLastAsync(test.Tenant, Cancel));

        // Only the one that is left is asked about again.
        Assert.Equal(0, await Eraser("google-revoke-503", Ahead(TimeSpan.FromMinutes(20))).SettleAsync(Cancel, only: test.Tenant));
        Assert.Equal(1, await Eraser("revoked", Ahead(TimeSpan.FromMinutes(40))).SettleAsync(Cancel, only: test.Tenant));
        Assert.Equal([other.Id, other.Id], asked[4..]);
        ReceiptBody body = await LastAsync(test);
        Assert.Equal(("none,revoked,shared", 2L, "none"), (body.Grant, body.Counts["grantsGivenBack"], body.SigningKeys));
        Assert.Equal(0, await OpenAsync(test));
        Assert.Equal(ErasureOutcome.DoneBefore, (await test.NewProcess().Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel)).Outcome);
        Assert.Equal(["Begun ", "Done " + body.Erasure], await ErasedEntriesAsync(test));
    }

    [Fact]
    public async Task A_tenant_whose_grant_nobody_takes_back_is_erased_after_six_hours_and_the_receipt_says_why()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await GoogleAsync(test, "box@gmail.example");
        Eraser.RevokeGrant forbidden = (_, view, _, _) => view.Mailbox.Kind == MailboxKind.Google ? throw new NotNowException("vault-forbidden") : Task.FromResult("none");
        // The front may not open credentials: it leaves that to housekeeping.
        Assert.Equal(ErasureOutcome.Begun, (await EraserOf(test.NewProcess(), forbidden).TenantAsync(test.Tenant, AuditActor.Command, Cancel, TimeSpan.FromSeconds(40))).Outcome);
        Assert.Equal(0, await EraserOf(test.NewProcess(time: Ahead(TimeSpan.FromHours(5))), forbidden).SettleAsync(Cancel, only: test.Tenant, within: TimeSpan.FromMinutes(2)));
        Assert.Equal(1, await EraserOf(test.NewProcess(time: Ahead(TimeSpan.FromHours(7))), forbidden).SettleAsync(Cancel, only: test.Tenant, within: TimeSpan.FromMinutes(2)));
        ReceiptBody body = await LastAsync(test);
        Assert.Equal(("none,vault-forbidden", 0L), (body.Grant, body.Counts["grantsGivenBack"]));
    }

    [Fact]
    public async Task A_tenant_is_wiped_in_steps_and_its_receipt_is_signed_before_the_first()
    {
        (TestDesk test, _) = await HouseAsync();
        ErasureEnd end = await test.NewProcess().Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel, TimeSpan.Zero);
        for (int steps = 0; end.Outcome == ErasureOutcome.Begun; steps++)
        {
            Assert.True(steps < 20);
            end = await test.NewProcess().Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel, TimeSpan.Zero);
        }

        Assert.NotNull(end.Receipt);
        Assert.Equal(1, await OpenAsync(test));
        Assert.True(await RowsAsync(test, TableNames.Journal) > 0);
        await Assert.ThrowsAsync<RootKeyRefusedException>(async () => await test.NewProcess().Keys.ForTenantAsync(test.Tenant, Cancel));
        Assert.Equal(1, await test.NewProcess(time: Ahead(TimeSpan.FromMinutes(10))).Eraser.SettleAsync(Cancel, only: test.Tenant));
        Assert.Equal((0, 0), (await OpenAsync(test), await RowsAsync(test, TableNames.Journal)));
    }

    private static async Task<ReceiptBody> LastAsync(TestDesk test)
    {
        byte[] receipt = (await test.NewProcess().Erasures.FindLastAsync(test.Tenant, Cancel))!;
        return Receipt.Check(receipt, await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(receipt), Cancel)).Body!;
    }

    private static Task<List<string>> ErasedEntriesAsync(TestDesk test) => ErasedAsync(test.NewProcess(), test.Tenant);

    /// <summary>What the log says of erasures: how, and which.</summary>
    internal static async Task<List<string>> ErasedAsync(Desk desk, TenantContext tenant)
    {
        List<string> told = [];
        await foreach (string day in desk.Audit.DaysAsync(tenant, Cancel))
            await foreach (AuditEntry entry in desk.Audit.EntriesAsync(tenant, day, Cancel))
                if (entry.Event.Action == AuditAction.Erased) told.Add($"{entry.Event.Result} {entry.Event.Subject}");
        return told;
    }

    private static Task<Mailbox> GoogleAsync(TestDesk test, string address, string subject = "s1") => test.Desk.Mailboxes.ConnectAsync(
        test.Tenant, MailboxKind.Google, new MailboxProfile { Address = address, Subject = subject }, new MailboxCredential(MailboxCredential.Google, "refresh", subject, "box@gmail.example", ["scope"]), Cancel);

    private static async Task<int> CredentialsAsync(TestDesk test, Mailbox mailbox) => (await test.NewProcess().Keys.Credentials.ListAsync(test.Tenant, mailbox.Id, Cancel)).Count;

    private static Eraser EraserOf(TestDesk test, string answer, TimeProvider? time = null) => EraserOf(test.NewProcess(time: time), (_, _, _, _) => Task.FromResult(answer));

    private static Eraser EraserOf(Desk desk, Eraser.RevokeGrant revoke)
    {
        return new Eraser(desk.Storage.Tables, desk.Blobs, desk.Tickets, desk.Mailboxes, desk.Contacts, desk.Packs, desk.Journal, desk.Outbox, desk.Keys, desk.Vault, desk.Erasures, desk.Holds, desk.Audit,
            desk.Lessons, desk.SigningKeys, desk.Policies, new HeldPeople(desk.Contacts, desk.Keys, new KeptIndex(desk.Storage.Tables)), desk.Time, revoke);
    }

    private static async Task<string> GrantAsync(TestDesk test, Erasure erasure) =>
        Receipt.Check(erasure.Receipt!, await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(erasure.Receipt!), Cancel)).Body!.Grant;

    private static async Task NothingOpensAsync(TestDesk test, int at)
    {
        IReadOnlyList<string> places = (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("canary");
        Assert.True(places.Count == 0, $"After a crash at write {at}: {string.Join(", ", places)}.");
    }

    private static async Task<int> RowsAsync(TestDesk test, string table) => await test.Desk.Storage.Tables.GetTableClient(table)
        .QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").Or(TableFilter.PartitionIs(test.Tenant.ToString())), cancel: Cancel).CountAsync(Cancel);

    private static async Task<int> OpenAsync(TestDesk test) => await test.Desk.Storage.Tables.GetTableClient(TableNames.Erasures)
        .QueryAsync(TableFilter.PartitionIs("-open").And(TableFilter.RowPrefix(test.Tenant + "!")), cancel: Cancel).CountAsync(Cancel);
}
