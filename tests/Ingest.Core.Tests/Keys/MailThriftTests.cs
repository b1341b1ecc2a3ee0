using System.Globalization;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>How little the vault is asked while mail goes its whole way, from a mailbox with a password to its ticket: 10,000 mails with INGEST_ENDURANCE=full, some hundred otherwise.</summary>
[Collection(nameof(StorageCollection))]
public sealed class MailThriftTests(StorageFixture storage) : IAsyncLifetime
{
    private const int Workers = 4;

    // So many that no process is idle for a quarter of an hour.
    private const int Rounds = 30;
    private static readonly int Count = Environment.GetEnvironmentVariable("INGEST_ENDURANCE") == "full" ? 10_000 : 300;
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private TwinVaults vaults = null!;

    public async ValueTask InitializeAsync() => vaults = await TwinVaults.StartAsync(Cancel);

    public ValueTask DisposeAsync() => vaults.DisposeAsync();

    private int Unwraps(string kek) => vaults.Twin.Log.Count(line => line.Contains($"/{kek}/", StringComparison.Ordinal) && line.Contains("/unwrapkey", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public async Task An_hour_of_mail_costs_each_process_one_unwrap_of_the_data_root_and_one_of_the_credential_root()
    {
        TestDesk test = await new TestDesk(storage, () => (vaults.Open("pipeline"), null)).OpenForRepliesAsync(Cancel);
        List<byte[]> mails = [.. Enumerable.Range(0, Count).Select(i => Mails.From($"c{i % 500}@customer.example", "Order " + i.ToString(CultureInfo.InvariantCulture), $"m{i}@customer.example", body: "Help.\r\n"))];
        // A new password hangs from the vault's key itself until the pipeline first opens it.
        await TakeInAsync(test, test.NewProcess(time: vaults.Clock), mails[..1]);
        Desk[] processes = [test.NewProcess(time: vaults.Clock), test.NewProcess(time: vaults.Clock)];
        vaults.Twin.Log.Clear();
        for (int round = 1; round <= Rounds; round++)
        {
            await TakeInAsync(test, processes[round % 2], mails[..(Count * round / Rounds)]);
            vaults.Clock.Advance(TimeSpan.FromMinutes(59) / Rounds);
        }

        Assert.Equal(Count, await processes[0].Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).CountAsync(line => line.Outcome == OutcomeKind.Ticketed, Cancel));
        Assert.Equal((2, 2), (Unwraps("kek-data"), Unwraps("kek-credential")));
        Assert.Equal(0, vaults.Twin.Count("/sign "));

        // What is not used for a quarter of an hour is not kept: then the next mail costs one more of each.
        vaults.Clock.Advance(TimeSpan.FromMinutes(16));
        await TakeInAsync(test, processes[0], [.. mails, Mails.From("ann@customer.example", "Later", "later@customer.example")]);
        Assert.Equal((3, 3), (Unwraps("kek-data"), Unwraps("kek-credential")));
    }

    // Reads the mailbox with its password, as the app does, and takes in what it found.
    private static async Task TakeInAsync(TestDesk test, Desk desk, IReadOnlyList<byte[]> mails)
    {
        SyncResult read = await desk.SyncMailbox.RunAsync(test.Tenant, test.Mailbox.Id, "w", async (view, stop) =>
        {
            MailboxCredential? password = await desk.Mailboxes.OpenCredentialAsync(test.Tenant, test.Mailbox.Id, view.SealedCredential!, stop);
            Assert.Equal("secret", password!.RefreshToken);
            return new ListSource(mails);
        }, evenIfBackingOff: true, Cancel);
        Assert.NotEqual(SyncEnd.More, read.End);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => TestDesk.DrainAsync(desk, Cancel)));
    }
}
