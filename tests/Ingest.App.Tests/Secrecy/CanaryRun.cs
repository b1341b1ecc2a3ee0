using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ingest.Cli.Local;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Ingest.LocalHost;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.Secrecy;

/// <summary>
/// One life of the whole system, with canaries in all that people write and in every secret: connect, take in, answer, fail in every way that can be
/// ordered, stop. What rested on disk is looked through twice: in the middle of an outage, and at the end.
/// </summary>
public sealed class CanaryRun : IAsyncLifetime
{
    private const string ClientSecret = "canaryclientsecretpuffin", Foreign = "canaryforeignosprey", BrokenId = "00000000c0ffee00";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ingest-canary-");
    private readonly Dictionary<string, string> secrets = [];
    private readonly List<(string Table, TableEntity Row)> rows = [];
    private readonly List<byte[]> queued = [];
    private readonly List<(string What, string Text)> refusals = [];
    private readonly List<byte[]> opened = [];
    private readonly List<(string Container, string Name, byte[] Head)> blobs = [];
    private Azurite azurite = null!;
    private GoogleEmulator google = null!;
    private GoogleRecorder recorder = null!;
    private Host host = null!;
    private Desk desk = null!;
    private TenantContext tenant;
    private InboxId inbox;
    private HttpClient browser = null!, stranger = null!;
    private string token = "";

    internal IReadOnlyList<Sighting> Sightings { get; private set; } = [];
    internal long Scanned { get; private set; }
    internal int Unpacked { get; private set; }
    internal IReadOnlyList<Canary> Canaries { get; private set; } = [];
    internal IReadOnlyList<(string Table, TableEntity Row)> Rows => rows;
    internal IReadOnlyList<byte[]> Queued => queued;
    internal IReadOnlyList<(string Container, string Name, byte[] Head)> Blobs => blobs;
    internal IReadOnlyList<string> Tables { get; private set; } = [];
    internal IReadOnlyList<string> FoundWhenOpened { get; private set; } = [];
    internal string Log { get; private set; } = "";
    internal List<(string What, HttpStatusCode Status)> Answers { get; } = [];

    private string Logs => Path.Combine(folder.FullName, "logs");
    private string Storage => Path.Combine(folder.FullName, "azurite");

    public async ValueTask InitializeAsync()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        CancellationToken cancel = limit.Token;
        await StartAsync(cancel);
        await TakeInAsync(cancel);
        await BeRefusedAsync(cancel);
        await BreakSealsAsync(cancel);
        await LoseStorageAsync(cancel);
        await LoseTheGrantAsync(cancel);
        await StopAsync(cancel);
        LookThrough();
    }

    public async ValueTask DisposeAsync()
    {
        browser?.Dispose();
        stranger?.Dispose();
        if (host is not null) await host.DisposeAsync();
        if (recorder is not null) await recorder.DisposeAsync();
        if (google is not null) await google.DisposeAsync();
        if (azurite is not null) await azurite.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(Logs);
        azurite = await Azurite.StartAsync(Storage, ports: null, cancel, Path.Combine(Logs, "azurite.log"));
        google = await GoogleEmulator.StartAsync(new GoogleEmulatorOptions { ClientSecret = ClientSecret }, cancel);
        recorder = await GoogleRecorder.StartAsync(new Uri(google.BaseUrl), cancel);
        int port = FreePort();
        Dictionary<string, string> environment = new()
        {
            [IngestSettings.ProfileName] = "development",
            ["INGEST_TENANT"] = "main",
            ["INGEST_BASE_URL"] = $"http://127.0.0.1:{port}",
            ["INGEST_KEY_DIR"] = Path.Combine(folder.FullName, "keys"),
            ["IngestStorage"] = azurite.ConnectionString,
            ["AzureWebJobsStorage"] = azurite.ConnectionString,
            ["INGEST_GOOGLE_CLIENT_ID"] = google.ClientId,
            ["INGEST_GOOGLE_CLIENT_SECRET"] = ClientSecret,
            ["INGEST_GOOGLE_ENDPOINT"] = recorder.Address,
        };
        desk = new Desk(IngestSettings.Read(environment.GetValueOrDefault, out _)!);
        tenant = new TenantContext(desk.Settings.Tenant);
        await desk.CreateStoresAsync(cancel);
        HostLog log = new(Path.Combine(Logs, "host.log"), TimeProvider.System, _ => { });
        host = await Host.StartAsync(new LocalHostOptions { ScriptRoot = ScriptRoot(), Port = port, Environment = environment, Sink = log.Add, StopGrace = TimeSpan.FromSeconds(2) }, cancel);
        browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, CookieContainer = new CookieContainer() }) { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(60) };
        stranger = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(60) };
        await google.AllowRedirectAsync(new Uri(host.Address, "/connect/google/callback"), cancel);
        token = Secret("API token", await desk.Tokens.CreateAsync(tenant, TimeSpan.FromDays(1), cancel), '_');
    }

    // The real handler and the real functions; only the pause between two deliveries of the same message is taken out, and timers fire when they are told to.
    private string ScriptRoot()
    {
        string built = Path.Combine(RepoFolder.Find(), "functions", "Ingest.App", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0");
        string root = folder.CreateSubdirectory("root").FullName;
        JsonNode file = JsonNode.Parse(File.ReadAllText(Path.Combine(built, "host.json")))!;
        file["extensions"]!["queues"]!["visibilityTimeout"] = "00:00:00";
        file["customHandler"]!["description"]!["defaultExecutablePath"] = Path.Combine(built, "Ingest.App");
        File.WriteAllText(Path.Combine(root, "host.json"), file.ToJsonString());
        foreach (string path in Directory.EnumerateFiles(built, "function.json", SearchOption.AllDirectories))
        {
            JsonNode function = JsonNode.Parse(File.ReadAllText(path))!;
            foreach (JsonNode? binding in function["bindings"]!.AsArray().Where(binding => binding!["schedule"] is not null)) binding!["schedule"] = "0 0 0 29 2 *";
            string copy = Path.Combine(root, Path.GetFileName(Path.GetDirectoryName(path)!));
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(copy).FullName, "function.json"), function.ToJsonString());
        }

        return root;
    }

    private async Task TakeInAsync(CancellationToken cancel)
    {
        byte[] whole = CanaryMails.Whole(1);
        foreach (byte[] mail in (byte[][])[whole, whole, CanaryMails.Long(2), CanaryMails.Forged(3), CanaryMails.Malformed(4), CanaryMails.Bounce(5), CanaryMails.Answer(7, to: 6)])
            await google.ImportAsync(CanaryMails.Mailbox, mail, cancel);
        await ConnectAsync(cancel);
        await foreach (InboxId id in desk.Mailboxes.ListAsync(tenant, cancel)) inbox = id;
        await SettleAsync(listed: 7, cancel);

        await google.ExpireAccessAsync(CanaryMails.Mailbox, cancel);
        await RefuseAsync(cancel);
        foreach (byte[] mail in (byte[][])[CanaryMails.Answer(8, to: 1), CanaryMails.Stranger(9, to: 1), CanaryMails.Whole(6, "Auto-Submitted: auto-replied\r\n")])
            await google.ImportAsync(CanaryMails.Mailbox, mail, cancel);
        await SyncAsync(cancel);
        await SettleAsync(listed: 10, cancel);
        await ImportAsync(cancel);
        host.Trigger("KeepHouse", "");
    }

    // As "ingest import" does; the file's name is a canary too.
    private async Task ImportAsync(CancellationToken cancel)
    {
        using TempFolder mails = new();
        await File.WriteAllBytesAsync(mails.File(CanaryMails.ImportedFile), CanaryMails.Whole(20), cancel);
        MailboxProfile profile = new() { Address = "import@" + CanaryMails.SenderDomain };
        Mailbox filled = await desk.Mailboxes.ConnectAsync(tenant, MailboxKind.Import, profile, credential: null, cancel);
        await desk.SyncMailbox.RunAsync(tenant, filled.Id, "import-1", (_, _) => Task.FromResult<IMailSource>(new FolderSource(mails.Path)), evenIfBackingOff: true, cancel);
        await WaitAsync(async () => await desk.Reconcile.RunAsync(tenant, filled.Id, cancel) is { InFlight: 0, Listed: 1 }, "the import to end", cancel);
    }

    // Google's answer holds a reason that nobody knows: neither the log nor the health row may repeat it.
    private async Task RefuseAsync(CancellationToken cancel)
    {
        foreach (int status in (int[])[400, 403, 503]) await google.FaultAsync(new GoogleFault("/history", status) { Reason = Foreign }, cancel);
        for (int failures = 1; failures <= 3; failures++)
        {
            await SyncAsync(cancel);
            await WaitAsync(async () => (await desk.Mailboxes.FindAsync(tenant, inbox, cancel))!.Health.Failures >= failures, "a sync to fail", cancel);
            rows.AddRange(await MailboxRowsAsync(cancel));
        }
    }

    private async Task<List<(string, TableEntity)>> MailboxRowsAsync(CancellationToken cancel)
    {
        List<(string, TableEntity)> found = [];
        await foreach (TableEntity row in desk.Storage.Tables.GetTableClient(TableNames.Mailboxes).QueryAsync(TableFilter.All, cancel: cancel)) found.Add((TableNames.Mailboxes, row));
        return found;
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        string link = Secret("connect link", await desk.Flows.CreateLinkAsync(tenant, cancel), '.');
        using HttpResponseMessage opened = await browser.PostAsync($"/connect/open?link={link}", content: null, cancel);
        string cookie = opened.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        Secret("session", cookie, '.');
        Uri consent = await BeginAsync(cancel);
        Uri back = await GoogleEmulator.ConsentAsync(browser, consent, CanaryMails.Mailbox, cancel);
        Answers.Add(("connect", await StatusAsync(HttpMethod.Get, back.AbsoluteUri, cancel)));
        Answers.Add(("used twice", await StatusAsync(HttpMethod.Get, back.AbsoluteUri, cancel)));
    }

    private async Task<Uri> BeginAsync(CancellationToken cancel)
    {
        using HttpResponseMessage begun = await browser.PostAsync(new Uri("/connect/google", UriKind.Relative), new FormUrlEncodedContent([]), cancel);
        return begun.Headers.Location!;
    }

    // Whoever is refused put canaries into everything that a caller may choose.
    private async Task BeRefusedAsync(CancellationToken cancel)
    {
        await desk.Flows.CreateLinkAsync(tenant, cancel);
        Uri consent = await BeginAsync(cancel);
        string state = System.Web.HttpUtility.ParseQueryString(consent.Query)["state"]!;
        await BeginAsync(cancel);
        foreach ((string what, string path, string? bearer) in new (string, string, string?)[]
        {
            ("API", "/api/tickets", token),
            ("wrong token", "/api/tickets", "ing_main_" + Foreign + "_" + Foreign),
            ("no token of ours", $"/api/tickets/{Foreign}", Foreign),
            ("API, not found", $"/api/tickets/{Foreign}?q={Foreign}", token),
            ("wrong link", $"/connect/open?link=main.{Foreign}{Foreign}", null),
            ("wrong state", $"/connect/google/callback?state={Foreign}&code={Foreign}", null),
            ("wrong code", $"/connect/google/callback?state={state}&code={Foreign}", null),
            ("no such page", $"/{Foreign}", null),
        })
            Answers.Add((what, await StatusAsync(HttpMethod.Get, path, cancel, bearer)));
        Answers.Add(("forged envelope", await StatusAsync(HttpMethod.Post, "/IngestMail", cancel, body: "{\"Data\":{\"item\":\"" + Foreign + "\"}}")));
        Answers.Add(("wrong cookie", await StatusAsync(HttpMethod.Get, "/connect", cancel, cookie: $"ingest-session=main.{Foreign}{Foreign}")));
        // What is not ours is dropped, and nothing of it is told.
        host.Trigger("IngestMail", "{\"t\":\"" + Foreign + "!\",\"i\":\"" + Foreign + "\"}");
        host.Trigger("SyncMailbox", Foreign);
        host.Trigger("IngestMail", """{"v":99,"t":"main","i":"main"}""");
    }

    // One mail whose seal is broken, and one whose ticket's is: faults of ours, with the opened mail at hand, until the deliveries are used up.
    private async Task BreakSealsAsync(CancellationToken cancel)
    {
        TableClient tickets = desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        await foreach (TableEntity row in tickets.QueryAsync(TableFilter.RowIs("ticket"), cancel: cancel))
        {
            if ((await desk.Tickets.MessagesAsync(tenant, row.PartitionKey.Split('.')[1], cancel)).Count < 2) continue;
            row.GetBinary("doc")![^1] ^= 1;
            await tickets.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace, cancel);
        }

        await google.ImportAsync(CanaryMails.Mailbox, CanaryMails.Answer(10, to: 8), cancel);
        await SyncAsync(cancel);
        await BreakRawAsync(cancel);
        await SettleAsync(listed: 12, cancel);
    }

    // What a sync writes, but for one bit.
    private async Task BreakRawAsync(CancellationToken cancel)
    {
        using TenantKeys ids = await desk.Keys.ForTenantAsync(tenant, cancel);
        string key = ids.MessageKey(inbox, BrokenId), pack = Pack.NewId(desk.Time.GetUtcNow());
        IReadOnlyList<DataKey> raw = await desk.Keys.GetOrCreateRawAsync(tenant, inbox, [key], cancel);
        byte[] box = Envelope.Seal(CanaryMails.Whole(11), raw[0], RawMail.Seal(tenant, key), SegmentLength.Blob);
        raw[0].Dispose();
        box[box.Length / 2] ^= 1;
        PackEntry entry = new(key, BrokenId, 0, box.Length, desk.Time.GetUtcNow().ToUnixTimeMilliseconds());
        await desk.Packs.PutAsync(tenant, inbox, pack, box, cancel);
        await desk.Packs.WriteManifestAsync(tenant, inbox, new Pack(pack, [entry], desk.Time.GetUtcNow(), null), cancel);
        await desk.IngestQueue.SendAsync(SyncMailbox.WorkFor(tenant, inbox, pack, entry).ToJson(), cancel: cancel);
    }

    private async Task LoseStorageAsync(CancellationToken cancel)
    {
        Work? again = null;
        await foreach (Pack pack in desk.Packs.ListAsync(tenant, inbox, openOnly: false, cancel))
            again ??= SyncMailbox.WorkFor(tenant, inbox, pack.Id, pack.Entries[0]);
        for (int number = 12; number < 16; number++) await google.ImportAsync(CanaryMails.Mailbox, CanaryMails.Whole(number), cancel);
        await SyncAsync(cancel);
        await WaitAsync(async () => (await desk.Reconcile.RunAsync(tenant, inbox, cancel)).Listed >= 16, "four more mails to be listed", cancel);

        await azurite.StopAsync(cancel);
        host.Trigger("IngestMail", System.Text.Encoding.UTF8.GetString(again!.ToJson()));
        host.Trigger("SyncMailbox", System.Text.Encoding.UTF8.GetString(Work.Sync(tenant, inbox).ToJson()));
        host.Trigger("ScheduleSync", "");
        Task<HttpStatusCode>[] meanwhile =
        [
            StatusAsync(HttpMethod.Get, "/api/tickets", cancel, token),
            StatusAsync(HttpMethod.Get, $"/connect/google/callback?state={Foreign}&code={Foreign}", cancel),
        ];
        CopyStorage("outage");
        foreach (Task<HttpStatusCode> answer in meanwhile) Answers.Add(("outage", await answer));
        await azurite.StartAgainAsync(cancel);
        await SettleAsync(listed: 16, cancel);
    }

    private async Task LoseTheGrantAsync(CancellationToken cancel)
    {
        await google.RevokeAsync(CanaryMails.Mailbox, cancel);
        await SyncAsync(cancel);
        await WaitAsync(async () => (await desk.Mailboxes.FindAsync(tenant, inbox, cancel))!.Mailbox.State == MailboxState.NeedsReconnect, "the mailbox to need a new consent", cancel);
        CopyStorage("revoked");
        await ConnectAsync(cancel);
        await WaitAsync(async () => (await desk.Mailboxes.FindAsync(tenant, inbox, cancel))!.Mailbox.State == MailboxState.Active, "the mailbox to be active", cancel);
    }

    private async Task StopAsync(CancellationToken cancel)
    {
        MailboxView view = (await desk.Mailboxes.FindAsync(tenant, inbox, cancel))!;
        secrets["provider's id of the account"] = view.Mailbox.Profile.Subject;
        await host.DisposeAsync();
        // Nobody works any more: what is listed now stays in the queue.
        await google.ImportAsync(CanaryMails.Mailbox, CanaryMails.Whole(16), cancel);
        await SyncAsync(cancel);
        await desk.SyncMailbox.RunAsync(tenant, inbox, "canary", (mailbox, stop) => desk.Sources.OpenAsync(tenant, mailbox, stop), evenIfBackingOff: true, cancel);
        await ReadStoresAsync(cancel);
        await OpenAsync(cancel);
        await azurite.StopAsync(cancel);
        Log = await File.ReadAllTextAsync(Path.Combine(Logs, "host.log"), cancel);
        desk.Sources.Dispose();
    }

    private async Task ReadStoresAsync(CancellationToken cancel)
    {
        List<string> tables = [];
        await foreach (string table in desk.Storage.Tables.ListTablesAsync(cancel)) tables.Add(table);
        Tables = tables;
        // The state of the mailboxes at each failure is there already.
        foreach (string table in tables)
            await foreach (TableEntity row in desk.Storage.Tables.GetTableClient(table).QueryAsync(TableFilter.All, cancel: cancel)) rows.Add((table, row));
        foreach (string queue in Queues.All.SelectMany(name => (string[])[name, Queues.PoisonOf(name)]))
            queued.AddRange((await new WorkQueue(desk.Storage, queue).PeekAsync(32, cancel)).Select(message => message.Body!.Value.ToArray()));
        foreach (string container in (string[])[Packs.Container, TicketStore.Container])
            await foreach (StoredBlob blob in desk.Blobs.ListAsync(container, prefix: null, cancel))
                blobs.Add((container, blob.Name, (await desk.Blobs.ReadRangeAsync(container, blob.Name, 0, 16, cancel))!));
    }

    // With the keys, all of it is there.
    private async Task OpenAsync(CancellationToken cancel)
    {
        await foreach (InboxId each in desk.Mailboxes.ListAsync(tenant, cancel))
        {
            opened.Add(JsonSerializer.SerializeToUtf8Bytes((await desk.Mailboxes.FindAsync(tenant, each, cancel))!.Mailbox.Profile));
            await foreach (Pack pack in desk.Packs.ListAsync(tenant, each, openOnly: false, cancel))
                foreach (PackEntry entry in pack.Entries.Where(entry => entry.ProviderId != BrokenId))
                    opened.Add((await desk.RawMail.OpenAsync(SyncMailbox.WorkFor(tenant, each, pack.Id, entry), cancel)).Raw!);
        }

        foreach ((_, TableEntity row) in rows.Where(row => row is { Table: TableNames.Tickets, Row.RowKey: "ticket" }))
            foreach (TicketMessage message in await desk.Tickets.MessagesAsync(tenant, row.PartitionKey.Split('.')[1], cancel))
                opened.Add(JsonSerializer.SerializeToUtf8Bytes(message.Document!));
    }

    private void LookThrough()
    {
        Canaries =
        [
            new Canary("client secret", ClientSecret), new Canary("what a refused caller sent", Foreign), .. CanaryMails.Words,
            .. secrets.Select(secret => new Canary(secret.Key, secret.Value)), .. recorder.Secrets,
        ];
        CanaryScanner scanner = new(Canaries);
        List<Sighting> seen = [.. Directory.EnumerateDirectories(folder.FullName).Where(name => Path.GetFileName(name) is not ("root" or "keys")).SelectMany(scanner.Folder)];
        foreach ((string table, TableEntity row) in rows)
            foreach ((string column, object value) in row)
                seen.AddRange(value is byte[] bytes ? scanner.Bytes($"{table}.{column}", bytes) : scanner.Text($"{table}.{column}", $"{value}"));
        foreach (byte[] body in queued) seen.AddRange(scanner.Bytes("queue", body));
        foreach ((string what, string text) in refusals) seen.AddRange(scanner.Text(what, text));
        (Sightings, Scanned, Unpacked) = (seen, scanner.Scanned, scanner.Unpacked);
        FoundWhenOpened = [.. opened.SelectMany(bytes => scanner.Bytes("opened", bytes)).Select(found => found.Canary).Distinct()];
    }

    private void CopyStorage(string name)
    {
        string to = folder.CreateSubdirectory(name).FullName;
        foreach (string file in Directory.EnumerateFiles(Storage, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(Storage, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    // The part behind the last mark is the secret; tenant and id before it are not.
    private string Secret(string name, string whole, char mark)
    {
        secrets[$"{name} {secrets.Count}"] = whole[(whole.LastIndexOf(mark) + 1)..];
        return whole;
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, CancellationToken cancel, string? bearer = null, string? cookie = null, string? body = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        if (body is not null) request.Content = new StringContent(body);
        request.Headers.Add("X-Canary", Foreign);
        using HttpResponseMessage answer = await (cookie is null ? browser : stranger).SendAsync(request, cancel);
        if (!answer.IsSuccessStatusCode) refusals.Add(($"answer to {method} {path.Split('?')[0]}", $"{answer.Headers}{await answer.Content.ReadAsStringAsync(cancel)}"));
        return answer.StatusCode;
    }

    // Put off once, so that no back-off keeps it waiting.
    private Task SyncAsync(CancellationToken cancel) => desk.SyncQueue.SendAsync((Work.Sync(tenant, inbox) with { Attempt = 1 }).ToJson(), cancel: cancel);

    private Task SettleAsync(int listed, CancellationToken cancel) =>
        WaitAsync(async () => await desk.Reconcile.RunAsync(tenant, inbox, cancel) is { InFlight: 0 } books && books.Listed >= listed, $"{listed} mails to end", cancel);

    private async Task WaitAsync(Func<Task<bool>> done, string what, CancellationToken cancel)
    {
        for (long since = TimeProvider.System.GetTimestamp(); !await done(); await Task.Delay(200, cancel))
            Assert.False(TimeProvider.System.GetElapsedTime(since) > Patience, $"Waited in vain for {what}. The log ends:\n{string.Join('\n', File.ReadLines(Path.Combine(Logs, "host.log")).TakeLast(30))}");
    }

    private static int FreePort()
    {
        using System.Net.Sockets.TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
