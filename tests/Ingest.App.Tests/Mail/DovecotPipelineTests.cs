using System.Globalization;
using System.Text;
using Ingest.App.Functions;
using Ingest.App.Tests.Endurance;
using Ingest.App.Tests.Servers;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.App.Tests.Mail;

/// <summary>A Dovecot mailbox through the whole pipeline: nothing lost, nothing doubled, and an idle poll whose cost does not grow with the mailbox.</summary>
public sealed class DovecotPipelineTests
{
    private const string User = "support@example.test";
    private const int Workers = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A thousand mails; with INGEST_ENDURANCE=full twenty thousand.</summary>
    private static int Many => EnduranceSize.IsFull ? 20_000 : 1_000;

    [Fact]
    public async Task A_whole_mailbox_is_ingested_and_reconciled_and_then_costs_little()
    {
        await using MailServers servers = await MailServers.StartAsync(new MailServerOptions { Postfix = false });
        await using Azurite azurite = await Azurite.StartAsync(folder: null, ports: null, Cancel);
        using TempFolder folder = new();
        await FillAsync(servers.Pair, 0, Many);
        Desk desk = await OpenAsync(azurite, folder, servers.Pair);
        ServerSettings server = new() { Host = "localhost", Port = servers.Ports.Imaps, Tls = TlsMode.Implicit, UserName = User };
        TenantContext tenant = new(desk.Settings.Tenant);
        InboxId inbox = (await desk.Mailboxes.ConnectImapAsync(tenant, new MailboxProfile { Address = User, Imap = server }, servers.Pair.Password, Cancel)).Id;

        await SyncAsync(desk, tenant, inbox);
        await AssertBooksAsync(desk, tenant, inbox, Many);
        (int commands, long bytes) = await PollIdlyAsync(desk, tenant, inbox, server, servers.Pair.Password);
        Assert.InRange(commands, 3, 6);
        Assert.InRange(bytes, 1, 4_000);

        // Ten more: what is read now is their size, not the mailbox's.
        await FillAsync(servers.Pair, Many, 10);
        await SyncAsync(desk, tenant, inbox);
        await AssertBooksAsync(desk, tenant, inbox, Many + 10);
        (int commandsLater, long bytesLater) = await PollIdlyAsync(desk, tenant, inbox, server, servers.Pair.Password);
        Assert.Equal(commands, commandsLater);
        Assert.InRange(bytesLater, bytes - 50, bytes + 50);
    }

    [Fact]
    public async Task An_idle_poll_of_20_000_mails_costs_what_one_of_20_does()
    {
        await using MailServers servers = await MailServers.StartAsync(new MailServerOptions { Postfix = false });
        ServerSettings server = new() { Host = "localhost", Port = servers.Ports.Imap, Tls = TlsMode.None, UserName = User };
        List<(int Commands, long Bytes)> costs = [];
        foreach ((int from, int count) in ((int, int)[])[(0, 20), (20, 19_980)])
        {
            await FillAsync(servers.Pair, from, count, byFile: true);
            SourceCursor? cursor = null;
            int listed = 0;
            await using (ImapSource source = Open())
            {
                for (bool more = true; more;)
                {
                    ListedPage page = await source.ListAsync(cursor, 1_000, Cancel);
                    (cursor, more, listed) = (page.Next, page.More, listed + page.Ids.Count);
                }
            }

            Assert.Equal(from + count, listed);
            await using ImapSource idle = Open();
            Assert.Same(cursor, (await idle.ListAsync(cursor, 100, Cancel)).Next);
            costs.Add((idle.CommandsSent, idle.BytesRead));
        }

        Assert.Equal(costs[0].Commands, costs[1].Commands);
        Assert.InRange(costs[1].Bytes - costs[0].Bytes, -20, 20);

        ImapSource Open() => new(server, new ImapLogin(User, servers.Pair.Password), BackFill.All, new WireOptions { MayConnect = AddressRules.IsPublicOrLoopback }, TimeProvider.System);
    }

    /// <summary>Syncs until there is no more, and takes in all that was listed; what the storage is too slow for is done again, as the app would.</summary>
    private static async Task SyncAsync(Desk desk, TenantContext tenant, InboxId inbox)
    {
        SyncResult result = new(SyncEnd.More, 0);
        do
        {
            await TryAsync(async () => result = await desk.SyncMailbox.RunAsync(tenant, inbox, "worker", (view, stop) => desk.Sources.OpenAsync(tenant, view, stop), evenIfBackingOff: true, Cancel));
            await Parallel.ForEachAsync(Enumerable.Range(0, Workers), new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = Cancel }, async (_, stop) => await DrainAsync(desk, stop));
        }
        while (result.End == SyncEnd.More);
        Assert.NotEqual(SyncEnd.Busy, result.End);
        while ((await desk.Reconcile.RunAsync(tenant, inbox, Cancel)).InFlight > 0)
        {
            await DrainAsync(desk, Cancel);
            await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
        }
    }

    // What is not done stays in the queue and comes again.
    private static async Task DrainAsync(Desk desk, CancellationToken cancel)
    {
        IReadOnlyList<QueuedMessage> messages = [];
        do
        {
            if (!await TryAsync(async () => messages = await desk.IngestQueue.ReceiveAsync(32, TimeSpan.FromSeconds(60), cancel))) continue;
            foreach (QueuedMessage message in messages)
            {
                await TryAsync(async () =>
                {
                    await desk.IngestMail.RunAsync(Work.FromJson(message.Body!.Value.Span)!, cancel);
                    await desk.IngestQueue.DeleteAsync(message, cancel);
                });
            }
        }
        while (messages.Count > 0);
    }

    private static async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e) when (Faults.IsNotNow(e, Cancel))
        {
            return false;
        }
    }

    private static async Task AssertBooksAsync(Desk desk, TenantContext tenant, InboxId inbox, int mails)
    {
        Books books = await desk.Reconcile.RunAsync(tenant, inbox, Cancel);
        Assert.True(books.Balance, books.ToString());
        Assert.Equal((mails, mails, 0), (books.Listed, books.Ticketed, books.InFlight));
    }

    private static async Task<(int Commands, long Bytes)> PollIdlyAsync(Desk desk, TenantContext tenant, InboxId inbox, ServerSettings server, string password)
    {
        MailboxView view = (await desk.Mailboxes.FindAsync(tenant, inbox, Cancel))!;
        await using ImapSource source = new(server, new ImapLogin(User, password), BackFill.All, desk.Sources.Wire, TimeProvider.System);
        ListedPage page = await source.ListAsync(view.Cursor, 100, Cancel);
        Assert.Equal((0, false), (page.Ids.Count, page.More));
        Assert.Same(view.Cursor, page.Next);
        return (source.CommandsSent, source.BytesRead);
    }

    private static async Task<Desk> OpenAsync(Azurite azurite, TempFolder folder, MailServerPair pair)
    {
        string roots = Path.Combine(folder.Path, "roots.pem");
        await File.WriteAllTextAsync(roots, pair.Certificate.ExportCertificatePem(), Cancel);
        Desk desk = new(new IngestSettings
        {
            Development = true,
            StorageConnectionString = azurite.ConnectionString,
            KeyFolder = Path.Combine(folder.Path, "keys"),
            BaseUrl = new Uri("http://127.0.0.1:1"),
            Tenant = TenantId.Parse("main"),
            TrustedRootsFile = roots,
            DnsTable = Ingest.Mail.Dns.DnsTable.Empty,
        });
        await desk.CreateStoresAsync(Cancel);
        return desk;
    }

    // Into the Maildir, as an import on the server would.
    private static async Task FillAsync(MailServerPair pair, int from, int count, bool byFile = false)
    {
        // The first sign-in makes the folder, under the user that Dovecot runs as.
        await using (ImapConnection imap = await ImapConnection.ConnectAsync(new MailServer("localhost", pair.Ports.Imap, TlsMode.None), new WireOptions { MayConnect = AddressRules.IsPublicOrLoopback }, Cancel))
        {
            await imap.SignInAsync(new ImapLogin(User, pair.Password), Cancel);
            if (from > 0 && !byFile)
            {
                for (int i = from; i < from + count; i++) await imap.AppendAsync("INBOX", Mail(i), DateTimeOffset.UnixEpoch.AddYears(56), Cancel);
                return;
            }

            await imap.ExamineAsync("INBOX", Cancel);
        }

        for (int i = from; i < from + count; i++)
        {
            string file = Path.Combine(pair.MaildirOf(User), "new", string.Create(CultureInfo.InvariantCulture, $"{1_790_000_000 + i}.M{i:000000}P1.test"));
            await File.WriteAllBytesAsync(file, Mail(i), Cancel);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
        }
    }

    private static byte[] Mail(int i) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"From: Customer {i} <customer{i}@shop{i % 97}.example>\r\nTo: {User}\r\nSubject: Order {i}\r\nMessage-ID: <order-{i}@shop.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
        + $"Content-Type: text/plain; charset=utf-8\r\n\r\nHello,\r\nwhere is my order {i}?\r\nRegards\r\n"));
}
