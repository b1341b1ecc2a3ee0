using System.Globalization;
using Ingest.App.Tests.Servers;
using Ingest.Cli.Servers;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;
using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.App.Tests.Mail;

/// <summary>A customer and an agent write to each other through Postfix and Dovecot, and stay in one thread on both sides.</summary>
public sealed class ConversationTests
{
    private const string Support = "support@example.test", Customer = "alice@example.test";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_replies_and_five_answers_are_one_thread_and_one_ticket()
    {
        await using MailServers servers = await MailServers.StartAsync(new MailServerOptions { PostfixSettings = ["recipient_delimiter = +"], DovecotSettings = ["recipient_delimiter = +"] });
        await using Azurite azurite = await Azurite.StartAsync(folder: null, ports: null, Cancel);
        using TempFolder folder = new();
        Desk desk = await OpenAsync(azurite, folder, servers.Pair);
        TenantContext tenant = new(desk.Settings.Tenant);
        ServerSettings imap = new() { Host = "localhost", Port = servers.Ports.Imaps, Tls = TlsMode.Implicit, UserName = Support };
        ServerSettings smtp = imap with { Port = servers.Ports.Submission, Tls = TlsMode.StartTls };
        InboxId inbox = (await desk.Mailboxes.ConnectImapAsync(tenant, new MailboxProfile { Address = Support, Imap = imap, Smtp = smtp, PlusAddressing = true }, servers.Pair.Password, Cancel)).Id;

        await SayAsync(servers, Mail(0, Support, "The grinder jams"));
        Ticket ticket = await UntilAsync(async () => { await SyncAsync(desk, tenant, inbox); return (await desk.Tickets.NewestAsync(tenant, inbox, TicketState.Open, 2, Cancel)).SingleOrDefault(); });
        List<string> chain = ["0@customer.example.test"];
        for (int round = 1; round <= 5; round++)
        {
            string key = (await desk.Replies.QueueAsync(tenant, ticket.Id, new NewReply { Text = Text("answer", round), QuoteHistory = round % 2 == 0 }, Cancel))!.Key;
            ReplyWork work = new() { TenantText = tenant.Tenant.Value, InboxText = inbox.Value, TicketId = ticket.Id, Key = key, FirstSeenUnixMs = desk.Time.GetUtcNow().ToUnixTimeMilliseconds() };
            Assert.Equal(DeliveryState.Sent, (await desk.SendReply.RunAsync(work, Cancel)).Delivery!.State);
            MailMessage answer = await UntilAsync(() => Task.FromResult(Arrived(servers, Customer, Text("answer", round))));

            // What Thunderbird and Gmail thread by: the ids so far, oldest first, and the same subject but for its prefix.
            Assert.Equal(chain, answer.References);
            Assert.Equal([chain[^1]], answer.InReplyTo);
            Assert.Equal("Re: The grinder jams", answer.Subject);
            Assert.Empty(answer.Defects);
            chain.Add(answer.MessageId!);

            string id = Number(round) + "@customer.example.test";
            await SayAsync(servers, Way(round, answer, [.. chain]));
            await UntilAsync(async () => { await SyncAsync(desk, tenant, inbox); return (await desk.Tickets.FindAsync(tenant, ticket.Id, Cancel))!.Messages == 1 + (2 * round) ? ticket : null; });
            chain.Add(id);
        }

        Assert.Single(await desk.Tickets.NewestAsync(tenant, inbox, TicketState.Open, 10, Cancel));
        Books books = await desk.Reconcile.RunAsync(tenant, inbox, Cancel);
        Assert.Equal((6, 6, true), (books.Listed, books.Ticketed, books.Balance));
    }

    // With all there is; with In-Reply-To alone, to the plain address; with References alone; by the token alone; by the token alone under the same subject without prefix.
    private static byte[] Way(int round, MailMessage answer, IReadOnlyList<string> chain) => round switch
    {
        1 => Mail(1, answer.ReplyTo[0].Address, "Re: The grinder jams", chain[^1], chain),
        2 => Mail(2, Support, "RE: The grinder jams", chain[^1]),
        3 => Mail(3, answer.ReplyTo[0].Address, "AW: The grinder jams", null, chain),
        4 => Mail(4, answer.ReplyTo[0].Address, "Re: The grinder jams"),
        _ => Mail(5, answer.ReplyTo[0].Address, "The grinder jams"),
    };

    private static string Number(int round) => round.ToString(CultureInfo.InvariantCulture);

    private static string Text(string what, int round) => $"This is {what} number {Number(round)}.";

    private static byte[] Mail(int round, string to, string subject, string? inReplyTo = null, IReadOnlyList<string>? references = null) => MessageWriter.Write(new OutgoingMail
    {
        From = new MailAddress("Alice", Customer),
        To = [new MailAddress("", to)],
        Subject = subject,
        Date = DateTimeOffset.UnixEpoch.AddYears(56).AddMinutes(round),
        MessageId = Number(round) + "@customer.example.test",
        InReplyTo = inReplyTo,
        References = references ?? [],
        Text = Text("question", round),
    });

    private static async Task SayAsync(MailServers servers, byte[] mail)
    {
        WireOptions options = new() { MayConnect = AddressRules.IsPublicOrLoopback, TrustedRoots = servers.Roots };
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(new MailServer("localhost", servers.Ports.Submission, TlsMode.StartTls), options, Cancel);
        await smtp.AuthenticateAsync(new SmtpLogin(Customer, servers.Pair.Password), Cancel);
        SmtpResult result = await smtp.SendAsync(new SmtpEnvelope(Customer, [MailMessage.Parse(mail).To[0].Address]), mail, Cancel);
        Assert.Equal(SmtpOutcome.Accepted, result.Outcome);
        await smtp.QuitAsync(Cancel);
    }

    private static MailMessage? Arrived(MailServers servers, string user, string text)
    {
        string box = servers.Pair.MaildirOf(user);
        if (!Directory.Exists(box)) return null;
        return Directory.EnumerateFiles(box, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(Path.GetDirectoryName(f)) is "new" or "cur")
            .Select(f => MailMessage.Parse(File.ReadAllBytes(f))).FirstOrDefault(m => m.Text?.StartsWith(text, StringComparison.Ordinal) == true);
    }

    private static async Task SyncAsync(Desk desk, TenantContext tenant, InboxId inbox)
    {
        await desk.SyncMailbox.RunAsync(tenant, inbox, "worker", (view, stop) => desk.Sources.OpenAsync(tenant, view, stop), evenIfBackingOff: true, Cancel);
        while (await desk.IngestQueue.ReceiveAsync(32, TimeSpan.FromMinutes(2), Cancel) is { Count: > 0 } messages)
        {
            foreach (QueuedMessage message in messages)
            {
                await desk.IngestMail.RunAsync(Work.FromJson(message.Body!.Value.Span)!, Cancel);
                await desk.IngestQueue.DeleteAsync(message, Cancel);
            }
        }
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T?>> look) where T : class
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (await look() is { } found) return found;
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
        }
    }

    private static async Task<Desk> OpenAsync(Azurite azurite, TempFolder folder, MailServerPair pair)
    {
        string roots = folder.File("roots.pem");
        await File.WriteAllTextAsync(roots, pair.Certificate.ExportCertificatePem(), Cancel);
        Desk desk = new(new IngestSettings
        {
            Development = true,
            StorageConnectionString = azurite.ConnectionString,
            KeyFolder = folder.File("keys"),
            BaseUrl = new Uri("http://127.0.0.1:1"),
            Tenant = TenantId.Parse("main"),
            TrustedRootsFile = roots,
            DnsTable = Ingest.Mail.Dns.DnsTable.Empty,
        });
        await desk.CreateStoresAsync(Cancel);
        return desk;
    }
}
