using System.Collections.Concurrent;
using System.Globalization;
using Ingest.App.Tests.Servers;
using Ingest.Cli;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.LocalHost;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.Endurance;

/// <summary>The whole system as "ingest up" runs it, with the real handler process, and the means to feed and to disturb it.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private const int Shallow = 60, BatchSize = 50;
    private const string User = "support@acme.example";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250), Patience = TimeSpan.FromMinutes(EnduranceSize.IsFull ? 6 : 2);

    private readonly TempFolder _mails = new();
    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly List<string> _batches = [];
    private int _files;

    private Rig(DataFolder data) => Data = data;

    public DataFolder Data { get; private init; }
    public Azurite Azurite { get; private set; } = null!;
    public GoogleEmulator Google { get; private set; } = null!;
    public Host Running { get; private set; } = null!;
    public Desk Desk { get; private set; } = null!;
    public TenantContext Tenant { get; private set; }
    public Mailbox Imports { get; private set; } = null!;
    public Mailbox Gmail { get; private set; } = null!;
    public IReadOnlyList<InboxId> Inboxes => [Imports.Id, Gmail.Id];

    /// <summary>What the host and the handlers complained of.</summary>
    public IEnumerable<string> Troubles => _troubles;

    /// <param name="instances">How many handlers work at once.</param>
    /// <param name="lease">How long a message stays hidden once its worker is gone; the platform's ten minutes would be waited for.</param>
    /// <param name="cancel">Stops the start.</param>
    public static async Task<Rig> StartAsync(int instances, TimeSpan lease, CancellationToken cancel)
    {
        TempFolder folder = new();
        Rig rig = new(new DataFolder(folder.Path));
        rig._parts.Push(new Folder(folder));
        try
        {
            await rig.OpenAsync(instances, lease, cancel);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    private async Task OpenAsync(int instances, TimeSpan lease, CancellationToken cancel)
    {
        Data.Create();
        _parts.Push(await Data.HoldAsync(cancel));
        Azurite = await Azurite.StartAsync(Data.Azurite, ports: null, cancel);
        _parts.Push(Azurite);
        Google = await GoogleEmulator.StartAsync(new GoogleEmulatorOptions { RedirectUris = [GoogleCaller.Callback] }, cancel);
        _parts.Push(Google);
        LocalSettings settings = new() { Ports = new LocalPorts { Host = 1, Blob = Azurite.Ports.Blob, Queue = Azurite.Ports.Queue, Table = Azurite.Ports.Table }, Environment = Settings() };
        settings.Write(Data);
        await File.WriteAllTextAsync(Data.Dns, "{}", cancel);
        LocalDesk local = LocalDesk.Of(settings);
        (Desk, Tenant) = (local.Desk, local.Tenant);
        await Desk.CreateStoresAsync(cancel);
        Imports = await Desk.Mailboxes.ConnectAsync(Tenant, MailboxKind.Import, new MailboxProfile { Address = "import@acme.example", AuthservIds = [MailCorpus.Provider] }, credential: null, cancel);
        Gmail = await ConnectAsync(cancel);
        Running = await Host.StartAsync(new LocalHostOptions
        {
            ScriptRoot = AppOutput, Port = 0, Environment = settings.Environment, Instances = instances, Lease = lease, Sink = Note, StopGrace = TimeSpan.FromSeconds(2),
        }, cancel);
        _parts.Push(Running);
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["INGEST_PROFILE"] = "development",
        ["INGEST_TENANT"] = "main",
        ["INGEST_BASE_URL"] = "http://127.0.0.1:1",
        ["INGEST_KEY_DIR"] = Data.Keys,
        ["INGEST_DNS_FILE"] = Data.Dns,
        ["IngestStorage"] = Azurite.ConnectionString,
        ["AzureWebJobsStorage"] = Azurite.ConnectionString,
        ["INGEST_GOOGLE_CLIENT_ID"] = Google.ClientId,
        ["INGEST_GOOGLE_CLIENT_SECRET"] = Google.ClientSecret,
        ["INGEST_GOOGLE_ENDPOINT"] = Google.BaseUrl,
    };

    private async Task<Mailbox> ConnectAsync(CancellationToken cancel)
    {
        using GoogleCaller caller = new(Google);
        await caller.SignInAsync(User, cancel);
        MailboxCredential credential = new(MailboxCredential.Google, caller.RefreshToken, "endurance", User, [GoogleConsent.MailScope]);
        return await Desk.Mailboxes.ConnectAsync(Tenant, MailboxKind.Google, new MailboxProfile { Address = User, Subject = "endurance", AuthservIds = [MailCorpus.Provider] }, credential, cancel);
    }

    /// <summary>Lets mails arrive at the Google emulator and asks for a sync, as a push does.</summary>
    public async Task ArriveAsync(IReadOnlyList<byte[]> mails, CancellationToken cancel)
    {
        foreach (byte[] mail in mails) await Google.ImportAsync(User, mail, cancel);
        await AskForSyncAsync(cancel);
    }

    public Task AskForSyncAsync(CancellationToken cancel) =>
        PersistAsync(() => Desk.SyncQueue.SendAsync((Work.Sync(Tenant, Gmail.Id) with { Attempt = 1 }).ToJson(), delay: null, cancel), cancel);

    /// <summary>Imports mails as "ingest import" does, in batches, so that the queue stays shallow: deep queues are slow in the storage emulator.</summary>
    public async Task ImportAsync(IReadOnlyList<byte[]> mails, CancellationToken cancel)
    {
        foreach (byte[][] batch in mails.Chunk(BatchSize))
        {
            await AddFolderAsync(batch, cancel);
            await PersistAsync(() => SyncAsync(cancel), cancel);
            while (await CountAsync(cancel) > Shallow) await Task.Delay(LookEvery, cancel);
        }
    }

    /// <summary>Lists mails and leaves them to somebody else.</summary>
    public async Task ListAsync(IReadOnlyList<byte[]> mails, CancellationToken cancel)
    {
        await AddFolderAsync([.. mails], cancel);
        await SyncAsync(cancel);
    }

    private async Task<int> CountAsync(CancellationToken cancel)
    {
        int count = 0;
        await PersistAsync(async () => count = await Desk.IngestQueue.ApproximateCountAsync(cancel), cancel);
        return count;
    }

    private async Task AddFolderAsync(byte[][] mails, CancellationToken cancel)
    {
        string folder = Directory.CreateDirectory(_mails.File(string.Create(CultureInfo.InvariantCulture, $"batch{_batches.Count:D4}"))).FullName;
        foreach (byte[] mail in mails)
            await File.WriteAllBytesAsync(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{_files++:D6}.eml")), mail, cancel);
        _batches.Add(folder);
    }

    private async Task SyncAsync(CancellationToken cancel)
    {
        SyncResult result;
        do result = await Desk.SyncMailbox.RunAsync(Tenant, Imports.Id, "import", (_, _) => Task.FromResult<IMailSource>(new FolderSource([_mails.Path])), evenIfBackingOff: true, cancel);
        while (result.End == SyncEnd.More);
        Assert.NotEqual(SyncEnd.Busy, result.End);
    }

    /// <summary>Tries again while storage is away, as a person at the command line would.</summary>
    public static async Task PersistAsync(Func<Task> act, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await act();
                return;
            }
            catch (Exception e) when (StoreFault.IsTransient(e, cancel))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
            }
        }
    }

    /// <summary>Queues every listed mail's work once more, in another order; returns how many.</summary>
    public async Task<int> RedeliverAsync(ISet<string> done, Random random, CancellationToken cancel)
    {
        List<Work> again = [];
        foreach (InboxId inbox in Inboxes)
            await foreach (Pack pack in Desk.Packs.ListAsync(Tenant, inbox, openOnly: false, cancel))
                if (done.Add(pack.Id)) again.AddRange(pack.Entries.Where(e => e.Length >= 0).Select(e => SyncMailbox.WorkFor(Tenant, inbox, pack.Id, e)));
        Work[] shuffled = [.. again];
        random.Shuffle(shuffled);
        foreach (Work work in shuffled) await Desk.IngestQueue.SendAsync(work.ToJson(), delay: null, cancel);
        return shuffled.Length;
    }

    /// <summary>Lists mails whose work is where it would be after ten kills of the handler and one of housekeeping.</summary>
    public async Task CondemnAsync(IReadOnlyList<byte[]> mails, CancellationToken cancel)
    {
        WorkQueue poison = new(Desk.Storage, Queues.PoisonOf(Queues.MailIngest));
        SyncMailbox sync = new(Desk.Mailboxes, Desk.Keys, Desk.Packs, Desk.Journal, poison, TimeProvider.System);
        await AddFolderAsync([.. mails], cancel);
        await sync.RunAsync(Tenant, Imports.Id, "import", (_, _) => Task.FromResult<IMailSource>(new FolderSource([_mails.Path])), evenIfBackingOff: true, cancel);
        await poison.ReceiveAsync(32, TimeSpan.FromSeconds(1), cancel);
    }

    /// <summary>Runs housekeeping until no poisoned work is left.</summary>
    public async Task KeepHouseAsync(CancellationToken cancel)
    {
        WorkQueue poison = new(Desk.Storage, Queues.PoisonOf(Queues.MailIngest));
        while (await poison.ApproximateCountAsync(cancel) > 0)
        {
            Running.Trigger("KeepHouse", "");
            await Task.Delay(TimeSpan.FromSeconds(2), cancel);
        }
    }

    public Task<Books> BooksAsync(InboxId inbox, CancellationToken cancel) => Desk.Reconcile.RunAsync(Tenant, inbox, cancel);

    /// <summary>Waits until so many imported mails have their line.</summary>
    public async Task HasEndedAsync(int mails, CancellationToken cancel)
    {
        while (await BooksAsync(Imports.Id, cancel) is var books && books.Listed - books.InFlight < mails) await Task.Delay(LookEvery, cancel);
    }

    /// <summary>Waits until so many mails are listed in both boxes and none is in flight or in a queue; fails when nothing has moved for long.</summary>
    public async Task SettleAsync(int imports, int gmail, CancellationToken cancel)
    {
        long since = TimeProvider.System.GetTimestamp();
        string last = "";
        while (true)
        {
            (string now, bool done) = await LookAsync(imports, gmail, cancel);
            if (done) return;
            if (now != last) (last, since) = (now, TimeProvider.System.GetTimestamp());
            if (TimeProvider.System.GetElapsedTime(since) > Patience) Assert.Fail($"Nothing moves any more: {now}\n{string.Join('\n', Troubles.TakeLast(30))}");
            await Task.Delay(LookEvery, cancel);
        }
    }

    private async Task<(string Now, bool Done)> LookAsync(int imports, int gmail, CancellationToken cancel)
    {
        try
        {
            int waiting = await Desk.IngestQueue.ApproximateCountAsync(cancel) + await Desk.SyncQueue.ApproximateCountAsync(cancel);
            if (waiting > 0) return ($"{waiting} messages wait", false);
            Books one = await BooksAsync(Imports.Id, cancel), two = await BooksAsync(Gmail.Id, cancel);
            return ($"{one} {two}", one.Listed >= imports && two.Listed >= gmail && one.InFlight + two.InFlight == 0);
        }
        catch (Exception e) when (StoreFault.IsTransient(e, cancel))
        {
            return ("storage is away", false);
        }
    }

    private void Note(HostLine line)
    {
        if (line.Kind is HostLineKind.Warning or HostLineKind.Error or HostLineKind.HandlerError or HostLineKind.HandlerOut) _troubles.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {line}");
    }

    public async ValueTask DisposeAsync()
    {
        if (EnduranceSize.IsFull) await File.WriteAllLinesAsync(Path.Combine(Path.GetTempPath(), $"endurance-{Path.GetFileName(Data.Root)}.log"), Troubles);
        while (_parts.TryPop(out IAsyncDisposable? part)) await part.DisposeAsync();
        _mails.Dispose();
    }

    // Built together with this program, in the same configuration.
    private static string AppOutput => Path.Combine(RepoFolder.Find(), "functions", "Ingest.App", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0");

    private sealed class Folder(TempFolder folder) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
