using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ingest.Cli.Commands;
using Ingest.Cli.Servers;
using Ingest.Cli.Views;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;
using Ingest.Mail.Auth;
using Ingest.Mail.Mime;
using Ingest.Mail.Smtp;
using Ingest.Mail.Wire;

namespace Ingest.Cli.Local;

/// <summary>
/// The demonstration on mail servers of its own, Dovecot and Postfix: a customer's mail comes in by IMAP, the answer goes out by SMTP into the customer's
/// mailbox, and what the customer answers lands on the ticket.
/// </summary>
internal sealed class MailDemo : IAsyncDisposable
{
    const string Support = "support@example.test", Customer = "alice@example.test";
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500), Patience = TimeSpan.FromMinutes(2);

    readonly DirectoryInfo folder;
    readonly MailServerPair servers;
    readonly DkimKey key = NewKey();

    MailDemo(DirectoryInfo folder, MailServerPair servers) => (this.folder, this.servers) = (folder, servers);

    /// <summary>The servers' certificate, which the app must trust before it starts.</summary>
    public string Certificate => Path.Combine(folder.FullName, "root.pem");

    /// <summary>The DNS records with which the customer's mail is proven.</summary>
    public byte[] Zone => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["demo._domainkey.example.test"] = new JsonObject { ["TXT"] = new JsonArray(key.PublicRecord) },
        ["_dmarc.example.test"] = new JsonObject { ["TXT"] = new JsonArray("v=DMARC1; p=reject") },
    });

    /// <summary>Starts the servers; null, having said why, where they can be neither found nor installed.</summary>
    public static async Task<MailDemo?> StartAsync(TextWriter output, CancellationToken cancel)
    {
        if (await MailServerPackages.EnsureAsync(postfix: true, cancel) is { } missing)
        {
            await output.WriteLineAsync($"The part of the demonstration with IMAP is left out. {missing}");
            return null;
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("ingest-demo-");
        try
        {
            // Dovecot runs as nobody, who must get in.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
            MailDemo demo = new(folder, await MailServerPair.StartAsync(folder.FullName, new MailServerOptions { DovecotSettings = ["recipient_delimiter = +"], PostfixSettings = ["recipient_delimiter = +"] }, cancel));
            await File.WriteAllTextAsync(demo.Certificate, demo.servers.Certificate.ExportCertificatePem(), cancel);
            return demo;
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await servers.DisposeAsync();
        key.Dispose();
        folder.Delete(recursive: true);
    }

    /// <summary>Mail in, answer out, answer in.</summary>
    public async Task RunAsync(LocalDesk desk, Page page, TextWriter output, CancellationToken cancel)
    {
        string stamp = desk.Desk.Time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        await output.WriteLineAsync($"Connecting {Support} by IMAP (Dovecot), with SMTP (Postfix) for replies ...");
        await SendAsync(Mail(stamp, "first", "The grinder jams", "Hello,\n\nour grinder jams at setting 4. What can we do?\n\nAlice"), cancel);
        Mailbox mailbox = await ConnectAsync(desk, cancel);

        Ticket ticket = await UntilAsync(async () => (await desk.Desk.Tickets.NewestAsync(desk.Tenant, mailbox.Id, TicketState.Open, 50, cancel)).FirstOrDefault(t => t.Document?.Subject.EndsWith(stamp, StringComparison.Ordinal) == true), "the mail by IMAP", cancel);
        await desk.Desk.Replies.QueueAsync(desk.Tenant, ticket.Id, new NewReply { Text = "Hello Alice,\n\nplease clean the burrs with the brush from the box.\n\nMaria", AuthorName = "Maria from support", QuoteHistory = true }, cancel);
        byte[] arrived = await UntilAsync(() => Task.FromResult(ArrivedAt(Customer, stamp)), "the answer in the customer's mailbox", cancel);
        MailMessage answer = MailMessage.Parse(arrived);
        await output.WriteLineAsync($"In {Customer}'s mailbox: \"{answer.Subject}\" from {answer.From[0].Name} <{answer.From[0].Address}>.");

        // By the token in the address alone: some mail programs drop all that tells which mail is answered.
        await SendAsync(Mail(stamp, "second", "Thanks", "That did it. Thank you!\n\nAlice", answer.ReplyTo is [var token, ..] ? token.Address : Support), cancel);
        await desk.Desk.SyncQueue.SendAsync((Work.Sync(desk.Tenant, mailbox.Id) with { Attempt = 1 }).ToJson(), delay: null, cancel);
        await UntilAsync(async () => await desk.Desk.Tickets.FindAsync(desk.Tenant, ticket.Id, cancel) is { Messages: >= 3 } full ? full : null, "the customer's second mail", cancel);
        page.Show(await TicketsCommand.FindAsync(desk, ticket.Number, cancel), TicketView.Render);

        // Its servers end with the demonstration.
        await desk.Desk.Mailboxes.SetStateAsync(desk.Tenant, mailbox.Id, MailboxState.Paused, cancel);
    }

    async Task<Mailbox> ConnectAsync(LocalDesk desk, CancellationToken cancel)
    {
        ServerSettings imap = new() { Host = "localhost", Port = servers.Ports.Imaps, Tls = TlsMode.Implicit, UserName = Support };
        ServerSettings smtp = new() { Host = "localhost", Port = servers.Ports.Submission, Tls = TlsMode.StartTls, UserName = Support };
        MailboxProfile profile = new() { Address = Support, Imap = imap, Smtp = smtp, PlusAddressing = true };
        Mailbox mailbox = await desk.Desk.Mailboxes.ConnectImapAsync(desk.Tenant, profile, servers.Password, cancel);
        await desk.Desk.SyncQueue.SendAsync((Work.Sync(desk.Tenant, mailbox.Id) with { Attempt = 1 }).ToJson(), delay: null, cancel);
        return mailbox;
    }

    byte[] Mail(string stamp, string id, string subject, string text, string to = Support) => DkimSigner.Sign(MessageWriter.Write(new OutgoingMail
    {
        From = new MailAddress("Alice", Customer),
        To = [new MailAddress("", to)],
        Subject = $"{subject} {stamp}",
        Date = DateTimeOffset.FromUnixTimeSeconds(long.Parse(stamp, CultureInfo.InvariantCulture)),
        MessageId = $"{id}.{stamp}@example.test",
        Text = text,
    }), new DkimSignature { Domain = "example.test", Selector = "demo", Key = key });

    static DkimKey NewKey()
    {
        using RSA rsa = RSA.Create(2048);
        return DkimKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
    }

    async Task SendAsync(byte[] mail, CancellationToken cancel)
    {
        WireOptions options = new() { MayConnect = AddressRules.IsPublicOrLoopback, TrustedRoots = [servers.Certificate] };
        await using SmtpClient smtp = await SmtpClient.ConnectAsync(new MailServer("localhost", servers.Ports.Submission, TlsMode.StartTls), options, cancel);
        await smtp.AuthenticateAsync(new SmtpLogin(Customer, servers.Password), cancel);
        string to = MailMessage.Parse(mail).To[0].Address;
        SmtpResult result = await smtp.SendAsync(new SmtpEnvelope(Customer, [to]), mail, cancel);
        if (result.Outcome != SmtpOutcome.Accepted)
            throw new CannotRunException($"Postfix did not take the customer's mail ({result.Code}); its log is in {servers.LogFolder}.");
        await smtp.QuitAsync(cancel);
    }

    byte[]? ArrivedAt(string user, string stamp)
    {
        string box = servers.MaildirOf(user);
        if (!Directory.Exists(box))
            return null;
        foreach (string file in Directory.EnumerateFiles(box, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(Path.GetDirectoryName(f)) is "new" or "cur"))
            if (File.ReadAllBytes(file) is var mail && MailMessage.Parse(mail).Subject?.EndsWith(stamp, StringComparison.Ordinal) == true)
                return mail;
        return null;
    }

    static async Task<T> UntilAsync<T>(Func<Task<T?>> look, string what, CancellationToken cancel) where T : class
    {
        long since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } found)
                return found;
            if (TimeProvider.System.GetElapsedTime(since) > Patience)
                throw new CannotRunException($"Waited {Patience.TotalMinutes} minutes for {what}. The logs in the data folder say more.");
            await Task.Delay(LookEvery, cancel);
        }
    }
}
