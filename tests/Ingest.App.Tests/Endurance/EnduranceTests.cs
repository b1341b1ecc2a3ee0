using System.Globalization;
using Ingest.App.Tests.Cli;
using Ingest.Core.Access;
using Xunit;

namespace Ingest.App.Tests.Endurance;

[CollectionDefinition(nameof(EnduranceCollection), DisableParallelization = true)]
public sealed class EnduranceCollection;

/// <summary>Promises 1 and 2 on the running system: nothing is lost, and twice in makes one ticket, whatever happens to the processes.</summary>
[Collection(nameof(EnduranceCollection))]
public sealed class EnduranceTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    // So many mails end each process that takes them in, the housekeeping's too.
    private const int Condemned = 5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static EnduranceSize Size => EnduranceSize.Now;

    [Fact]
    public async Task Kills_redeliveries_and_two_handlers_change_nothing_in_the_end()
    {
        var (folder, google) = MailCorpus.Take(Size.FolderMails, Size.GoogleMails);
        IReadOnlyList<string> undisturbed = await UndisturbedAsync(folder, google);
        IReadOnlyList<string> disturbed = await DisturbedAsync(folder, google);
        Compare(undisturbed, disturbed);
    }

    [Fact]
    public async Task Storage_that_is_away_parks_nothing_loses_nothing_and_needs_nobody()
    {
        var (folder, google) = MailCorpus.Take(Size.OutageMails, Size.OutageMails / 5);
        await using Rig rig = await Rig.StartAsync(instances: 2, Lease, Cancel);
        Task import = ImportAllAsync(rig, folder, google);
        await Rig.PersistAsync(() => rig.HasEndedAsync(folder.Count / 3, Cancel), Cancel);
        await rig.Azurite.StopAsync(Cancel);
        await Task.Delay(Size.Outage, Cancel);
        await rig.Azurite.StartAgainAsync(Cancel);
        long start = TimeProvider.System.GetTimestamp();
        await import;
        await rig.SettleAsync(folder.Count, google.Count, Cancel);
        Say($"outage: {Size.Outage.TotalSeconds} s away, {folder.Count} + {google.Count} mails, settled {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s after its return, host {rig.Running.Invocations["IngestMail"]}, {rig.Running.Restarts} restarts");
        await NothingIsParkedAsync(rig);
        await LinesAreExactlyAsync(rig, folder.Count, google.Count);
        await EndState.ReadAsync(rig, Cancel);
    }

    private static async Task ImportAllAsync(Rig rig, IReadOnlyList<byte[]> folder, IReadOnlyList<byte[]> google)
    {
        await rig.ArriveAsync(google, Cancel);
        await rig.ImportAsync(folder, Cancel);
    }

    private async Task<IReadOnlyList<string>> UndisturbedAsync(IReadOnlyList<byte[]> folder, IReadOnlyList<byte[]> google)
    {
        await using Rig rig = await Rig.StartAsync(instances: 1, Lease, Cancel);
        long start = TimeProvider.System.GetTimestamp();
        await rig.ArriveAsync(google, Cancel);
        await rig.ImportAsync(folder, Cancel);
        await rig.SettleAsync(folder.Count, google.Count, Cancel);
        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Say($"undisturbed: {folder.Count} + {google.Count} mails in {seconds:0.0} s, {(folder.Count + google.Count) / seconds:0.0} mails/s, host {rig.Running.Invocations["IngestMail"]}");
        IReadOnlyList<string> end = await EndState.ReadAsync(rig, Cancel);
        await NothingIsParkedAsync(rig);
        await LinesAreExactlyAsync(rig, folder.Count, google.Count);
        return end;
    }

    private async Task<IReadOnlyList<string>> DisturbedAsync(IReadOnlyList<byte[]> folder, IReadOnlyList<byte[]> google)
    {
        int seed = Random.Shared.Next();
        await using Rig rig = await Rig.StartAsync(instances: 2, Lease, Cancel);
        long start = TimeProvider.System.GetTimestamp();
        Chaos chaos = new(rig, new Random(seed), Size.LongestPauseBetweenKills);
        Task killing = chaos.RunAsync(Size.Kills, Cancel);
        await rig.ArriveAsync(google, Cancel);
        HashSet<string> redelivered = [];
        int again = 0;
        Random random = new(seed + 1);
        foreach (byte[][] part in folder.SkipLast(Condemned).Chunk(100))
        {
            await rig.ImportAsync(part, Cancel);
            again += await rig.RedeliverAsync(redelivered, random, Cancel);
        }

        await killing;
        await rig.AskForSyncAsync(Cancel);
        await rig.SettleAsync(0, 0, Cancel);
        again += await rig.RedeliverAsync(redelivered, random, Cancel);
        int parked = await ParkAndReplayAsync(rig, [.. folder.TakeLast(Condemned)]);
        await rig.SettleAsync(folder.Count, google.Count, Cancel);
        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Say($"disturbed (seed {seed}): {chaos.Kills} kills, {again} redelivered, {rig.Running.Restarts} restarts, {rig.Running.HostRestarts} host restarts, {parked} parked and replayed, {seconds:0.0} s, host {rig.Running.Invocations["IngestMail"]}");
        await NothingIsParkedAsync(rig);
        await LinesAreExactlyAsync(rig, folder.Count, google.Count);
        return await EndState.ReadAsync(rig, Cancel);
    }

    // What the kills drove out of the queue comes back by housekeeping; what housekeeping gave up, by "ingest replay".
    private static async Task<int> ParkAndReplayAsync(Rig rig, byte[][] condemned)
    {
        await rig.KeepHouseAsync(Cancel);
        await rig.CondemnAsync(condemned, Cancel);
        await rig.KeepHouseAsync(Cancel);
        int parked = await ParkedAsync(rig);
        Assert.True(parked > 0, "Nothing was parked, so nothing is shown of a replay.");
        (int code, string said, string error) = await CommandLineTests.RunAsync(["replay", "--data", rig.Data.Root]);
        Assert.True(code == 0, said + error);
        return parked;
    }

    private static async Task<int> ParkedAsync(Rig rig)
    {
        int parked = 0;
        foreach (InboxId inbox in rig.Inboxes) parked += (await rig.BooksAsync(inbox, Cancel)).Parked;
        return parked;
    }

    private static async Task NothingIsParkedAsync(Rig rig) => Assert.Equal(0, await ParkedAsync(rig));

    private static async Task LinesAreExactlyAsync(Rig rig, int imports, int gmail)
    {
        Assert.Equal(imports, (await rig.BooksAsync(rig.Imports.Id, Cancel)).Listed);
        Assert.Equal(gmail, (await rig.BooksAsync(rig.Gmail.Id, Cancel)).Listed);
    }

    private static void Compare(IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        List<string> missing = Without(expected, actual), extra = Without(actual, expected);
        if (missing.Count + extra.Count == 0) return;
        Assert.Fail($"The ends differ in {missing.Count} and {extra.Count} lines.\nOnly undisturbed:\n{string.Join('\n', missing)}\nOnly disturbed:\n{string.Join('\n', extra)}");
    }

    private static List<string> Without(IReadOnlyList<string> from, IReadOnlyList<string> what)
    {
        List<string> left = [.. from];
        foreach (string line in what) left.Remove(line);
        return left;
    }

    private void Say(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
