using System.Net;
using System.Text.RegularExpressions;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Retention;
using Ingest.Core.Screening;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;
using Ingest.Mail.Wire;
using Xunit;
using Host = Ingest.LocalHost.LocalHost;

namespace Ingest.App.Tests.Secrecy;

/// <summary>
/// One life of the whole system, with canaries in all that people write and in every secret: connect, take in, answer, fail in every way that can be
/// ordered, stop. What rested on disk is looked through twice: in the middle of an outage, and at the end.
/// </summary>
public sealed partial class CanaryRun : IAsyncLifetime
{
    private const string ClientSecret = "canaryclientsecretpuffin", Foreign = "canaryforeignosprey", BrokenId = "00000000c0ffee00";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ingest-canary-");
    private readonly Dictionary<string, string> secrets = [];
    private Azurite azurite = null!;
    private GoogleEmulator google = null!;
    private GoogleRecorder recorder = null!;
    private Host host = null!;
    private Desk desk = null!;
    private TenantContext tenant;
    private InboxId inbox;
    private HttpClient browser = null!, stranger = null!;
    private string token = "";

    private string Logs => Path.Combine(folder.FullName, "logs");
    private string Storage => Path.Combine(folder.FullName, "azurite");

    public async ValueTask InitializeAsync()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        CancellationToken cancel = limit.Token;
        await StartAsync(cancel);
        await TakeInAsync(cancel);
        await AnswerAsync(cancel);
        await BeRefusedAsync(cancel);
        await BreakSealsAsync(cancel);
        await LoseStorageAsync(cancel);
        await LoseTheGrantAsync(cancel);
        await MissTheServerAsync(cancel);
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

    private async Task TakeInAsync(CancellationToken cancel)
    {
        byte[] whole = CanaryMails.Whole(1);
        foreach (byte[] mail in (byte[][])[whole, whole, CanaryMails.Long(2), CanaryMails.Forged(3), CanaryMails.Malformed(4), CanaryMails.Bounce(5), CanaryMails.Answer(7, to: 6)])
            await google.ImportAsync(CanaryMails.Mailbox, mail, cancel);
        await ConnectAsync(cancel);
        await foreach (InboxId id in desk.Mailboxes.ListAsync(tenant, cancel)) inbox = id;
        await SettleAsync(listed: 7, cancel);
        await desk.Mailboxes.ChangeProfileAsync(tenant, inbox, profile => profile with { Acknowledgement = CanaryMails.Acknowledgement, SenderName = CanaryMails.SenderName }, cancel);
        // A process keeps what it knows of a mailbox for a minute; the next one asks.
        host.KillHandler(0);

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
        await OpenLinkAsync($"/console/start?link={link}&to=/connect", cancel);
        Uri consent = await BeginAsync(cancel);
        Uri back = await GoogleEmulator.ConsentAsync(browser, consent, CanaryMails.Mailbox, cancel);
        Answers.Add(("connect", await StatusAsync(HttpMethod.Get, back.AbsoluteUri, cancel)));
        Answers.Add(("used twice", await StatusAsync(HttpMethod.Get, back.AbsoluteUri, cancel)));
    }

    // Where the link leads to a page with a button, the button is pressed; a browser that has a session keeps it.
    private async Task OpenLinkAsync(string link, CancellationToken cancel)
    {
        using HttpResponseMessage page = await browser.GetAsync(link, cancel);
        using HttpResponseMessage pressed = page.StatusCode == HttpStatusCode.OK ? await browser.PostAsync(link, new FormUrlEncodedContent([]), cancel) : page;
        if (pressed.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies)) Secret("session", cookies.Single().Split(';')[0], '.');
    }

    [GeneratedRegex("name=\"csrf\" value=\"([^\"]+)\"")]
    private static partial Regex HiddenField();

    private async Task<Uri> BeginAsync(CancellationToken cancel)
    {
        string page = await browser.GetStringAsync(new Uri("/connect", UriKind.Relative), cancel);
        string csrf = HiddenField().Match(page).Groups[1].Value;
        secrets[$"CSRF token {secrets.Count}"] = csrf;
        using FormUrlEncodedContent form = new([new("csrf", csrf)]);
        using HttpResponseMessage begun = await browser.PostAsync(new Uri("/connect/google", UriKind.Relative), form, cancel);
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
            ("wrong link", $"/console/start?link=main.{Foreign}{Foreign}", null),
            ("wrong state", $"/connect/google/callback?state={Foreign}&code={Foreign}", null),
            ("wrong code", $"/connect/google/callback?state={state}&code={Foreign}", null),
            ("no such page", $"/{Foreign}", null),
        })
            Answers.Add((what, await StatusAsync(HttpMethod.Get, path, cancel, bearer)));
        Answers.Add(("forged envelope", await StatusAsync(HttpMethod.Post, "/IngestMail", cancel, body: "{\"Data\":{\"item\":\"" + Foreign + "\"}}")));
        Answers.Add(("wrong cookie", await StatusAsync(HttpMethod.Get, "/connect", cancel, cookie: $"ingest=main.{Foreign}{Foreign}")));
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
        foreach (int patience in (int[])[50, 400, 900, 1500]) await HangUpAsync(TimeSpan.FromMilliseconds(patience), cancel);
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

    // A mailbox on a server that does not answer: its settings and its password are canaries.
    private async Task MissTheServerAsync(CancellationToken cancel)
    {
        (string user, string password, string place) = ("canaryimapuserlinnet", "canaryimappasswordlinnet", "canaryimapfolderlinnet");
        foreach (string secret in (string[])[user, password, place]) secrets[secret] = secret;
        ServerSettings server = new() { Host = "localhost", Port = FreePort(), Tls = TlsMode.Implicit, UserName = user, Folders = [place] };
        InboxId away = (await desk.Mailboxes.ConnectImapAsync(tenant, new MailboxProfile { Address = "imap@" + CanaryMails.SenderDomain, Imap = server }, password, cancel)).Id;
        host.Trigger("SyncMailbox", System.Text.Encoding.UTF8.GetString(Work.Sync(tenant, away).ToJson()));
        await WaitAsync(async () => (await desk.Mailboxes.FindAsync(tenant, away, cancel))!.Health.Fault == "wire-port-closed", "the server to be missed", cancel);
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
        await EraseAsync(cancel);
        await AuditAsync(cancel);
        await ReadStoresAsync(cancel);
        await OpenAsync(cancel);
        await azurite.StopAsync(cancel);
        Log = await File.ReadAllTextAsync(Path.Combine(Logs, "host.log"), cancel);
        desk.Sources.Dispose();
    }

    // A mailbox of its own, so that all else can still be opened and compared.
    private async Task EraseAsync(CancellationToken cancel)
    {
        using TempFolder mails = new();
        // So many of one content in an hour that the process tells others.
        for (int i = 0; i < 5; i++) await File.WriteAllBytesAsync(mails.File(i + CanaryMails.ImportedFile), CanaryMails.Whole(21 + i), cancel);
        Mailbox erased = await desk.Mailboxes.ConnectAsync(tenant, MailboxKind.Import, new MailboxProfile { Address = "erased@" + CanaryMails.SenderDomain }, credential: null, cancel);
        await desk.SyncMailbox.RunAsync(tenant, erased.Id, "erased-1", (_, _) => Task.FromResult<IMailSource>(new FolderSource(mails.Path)), evenIfBackingOff: true, cancel);
        string ticket = "";
        await foreach (Pack pack in desk.Packs.ListAsync(tenant, erased.Id, openOnly: true, cancel))
            foreach (PackEntry entry in pack.Entries) ticket = (await desk.IngestMail.RunAsync(SyncMailbox.WorkFor(tenant, erased.Id, pack.Id, entry), cancel)).TicketId!;
        // Words go by hand, and then by the policy what is there already.
        RedactionWish wish = new(RedactedPart.Text) { Text = (await desk.Tickets.MessagesAsync(tenant, ticket, cancel))[0].Document!.Subject };
        Assert.Equal(RedactionOutcome.Done, (await desk.RedactByHand.RunAsync(tenant, ticket, wish, AuditActor.Command, "", cancel)).Outcome);
        Assert.Equal(0, (await desk.RedactMailbox.RunAsync(tenant, erased.Id, AuditActor.Command, cancel))!.Failed);
        Assert.Equal(ErasureOutcome.Done, (await desk.Eraser.TicketAsync(tenant, ticket, AuditActor.Command, cancel)).Outcome);
        Assert.Equal(ErasureOutcome.Done, (await desk.Eraser.MailboxAsync(tenant, erased.Id, AuditActor.Command, cancel)).Outcome);
        Assert.Equal(ErasureOutcome.Done, (await desk.Eraser.ContactAsync(tenant, "nobody@" + CanaryMails.SenderDomain, AuditActor.Command, cancel)).Outcome);
        // One that has only begun to look, so that what it notes meanwhile is seen, too.
        Assert.Equal(ErasureOutcome.Begun, (await desk.Eraser.ContactAsync(tenant, CanaryMails.Sender, AuditActor.Command, cancel, TimeSpan.Zero)).Outcome);
        await desk.Holds.PlaceAsync(tenant, ErasureKind.Mailbox, inbox.Value, CanaryMails.Acknowledgement, AuditActor.Command, cancel);
        await desk.Schedules.ChangeAsync(tenant, inbox, new Schedule(Kept.ClosedTickets, 365), AuditActor.Command, cancel);
        await desk.Policies.ChangeAsync(tenant, null, policy => policy with { Rules = [new MailRule(RuleEffect.Deny, RuleSubject.Address, CanaryMails.Sender)] }, AuditActor.Command, cancel);
        await desk.RedactionPolicies.ChangeAsync(tenant, null, policy => policy with { Allow = [CanaryMails.Sender] }, AuditActor.Command, cancel);
        await desk.RedactionPolicies.ChangeAsync(tenant, inbox, policy => policy with { Allow = [CanaryMails.Sender] }, AuditActor.Command, cancel);
        await desk.Policies.ChangeAsync(tenant, inbox, policy => policy with { Unattended = [CanaryMails.Sender] }, AuditActor.Command, cancel);
        await CountAsync(cancel);
        await desk.KeysBackup.RunAsync(cancel);
    }

    // So many mails of one sender that processes tell each other of them.
    private async Task CountAsync(CancellationToken cancel)
    {
        MailRates rates = new(desk.Storage.Tables);
        using TenantKeys ids = await desk.Keys.ForTenantAsync(tenant, cancel);
        MailMessage message = MailMessage.Parse(CanaryMails.Whole(21));
        AuthVerdict auth = Authenticate.FromProvider(message, []);
        for (int number = 0; number < 8; number++)
            await rates.CountAsync(Work.Sync(tenant, inbox) with { MessageKey = ids.AnchorKey(inbox, $"{number}") }, message, auth, new MailPolicy { MostFromSenderPerHour = 8 }, ids, cancel);
    }

    // A person's file goes out, and the day ends and is signed.
    private async Task AuditAsync(CancellationToken cancel)
    {
        string contact = (await desk.Contacts.FindAsync(tenant, CanaryMails.Sender, cancel))!, ticket = await desk.ContactTickets.TicketsOfAsync(tenant, contact, cancel).FirstAsync(cancel);
        Assert.NotNull(await desk.PersonExport.WriteAsync(tenant, new PersonWish(contact, WithNotes: true), Stream.Null, cancel));
        AuditEvent told = new(AuditAction.Exported, AuditActor.Command) { Inbox = inbox, TicketId = ticket, ContactId = contact, Subject = ticket, Count = 1, Code = "person" };
        await desk.Audit.AppendAsync(tenant, told, cancel);
        AuditLog tomorrow = new(desk.Storage.Tables, desk.Blobs, desk.Vault, new FrontDoor.ShiftedClock(TimeSpan.FromDays(1)));
        Assert.True(await tomorrow.SignAsync(tenant, cancel) > 0);
        Assert.Null(await desk.AuditExport.CheckAsync(tenant, new AuditCheck(), cancel));
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
