using System.Globalization;
using System.Text;
using Azure.Core.Pipeline;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Dns;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>A desk of its own on the shared storage emulator: a fresh tenant, and workers made anew as a restarted process would be.</summary>
public sealed class TestDesk
{
    private readonly StorageFixture _storage;

    private readonly Func<(IKeyVault, KeyClient?)>? _vaults;

    /// <param name="storage">The emulator.</param>
    /// <param name="vaults">The vaults as each new process opens them; files by default.</param>
    public TestDesk(StorageFixture storage, Func<(IKeyVault, KeyClient?)>? vaults = null)
    {
        _storage = storage;
        _vaults = vaults;
        Tenant = new TenantContext(TenantId.Parse(StorageFixture.NewName()));
        Desk = NewProcess();
    }

    public TenantContext Tenant { get; }
    public Desk Desk { get; private set; }
    public Mailbox Mailbox { get; private set; } = null!;

    public static string Address => "support@acme.example";

    /// <summary>What a new process has: nothing cached, the same stores.</summary>
    public Desk NewProcess(
        HttpPipelineTransport? transport = null, TimeProvider? time = null, IMailSender? sender = null, DnsLookup? dns = null, (IKeyVault, KeyClient?)? vaults = null) => new(new IngestSettings
        {
            Development = true,
            StorageConnectionString = _storage.ConnectionString,
            KeyFolder = _storage.KeyFolder,
            BaseUrl = new Uri("http://127.0.0.1:1"),
            Tenant = Tenant.Tenant,
        }, time, transport, sender is null ? null : (_, _, _) => sender is Replies.FakeSender { Shut: { } shut } ? Task.FromException<IMailSender>(shut) : Task.FromResult(sender), dns ?? Dns, vaults ?? _vaults?.Invoke(),
        inForce => (tenant, inbox, cancel) => Redaction is { } said ? ValueTask.FromResult(new MailboxRedaction(said, RedactionTools.None)) : inForce(tenant, inbox, cancel));

    /// <summary>What is masked from now on, in processes that are there as well; null for what the mailbox's policy says.</summary>
    public RedactionPolicy? Redaction { get; set; }

    /// <summary>What DNS says to processes made from now on; at first no name exists.</summary>
    public DnsLookup Dns { get; set; } = DnsTable.Parse("{}"u8.ToArray()).LookupAsync;

    /// <summary>Goes on with another DNS, as a new process.</summary>
    public void UseDns(string table) => UseDns(DnsTable.Parse(Encoding.UTF8.GetBytes(table)).LookupAsync);

    public void UseDns(DnsLookup dns)
    {
        Dns = dns;
        Desk = NewProcess();
    }

    public async Task<TestDesk> OpenAsync(CancellationToken cancel)
    {
        if (_storage.IsFirst()) await Desk.CreateStoresAsync(cancel);
        await EmptyQueuesAsync(cancel);
        Mailbox = await Desk.Mailboxes.ConnectAsync(Tenant, MailboxKind.Import,
            new MailboxProfile { Address = Address, AuthservIds = ["mx.google.com"] }, credential: null, cancel);
        return this;
    }

    /// <summary>A mailbox that can send, and knows plus addresses.</summary>
    public async Task<TestDesk> OpenForRepliesAsync(CancellationToken cancel, string acknowledgement = "")
    {
        if (_storage.IsFirst()) await Desk.CreateStoresAsync(cancel);
        await EmptyQueuesAsync(cancel);
        ServerSettings server = new() { Host = "mail.acme.example", Port = 465, Tls = Ingest.Mail.Wire.TlsMode.Implicit, UserName = Address };
        MailboxProfile profile = new() { Address = Address, AuthservIds = ["mx.google.com"], Imap = server, Smtp = server, PlusAddressing = true, Acknowledgement = acknowledgement };
        Mailbox = await Desk.Mailboxes.ConnectImapAsync(Tenant, profile, "secret", cancel);
        await Desk.Mailboxes.ChangeProfileAsync(Tenant, Mailbox.Id, p => p with { Aliases = ["sales@acme.example"] }, cancel);
        return this;
    }

    /// <summary>Takes in one mail, as if the provider had listed it.</summary>
    public async Task<JournalLine> TakeInAsync(byte[] mail, CancellationToken cancel)
    {
        HashSet<string> before = [];
        await foreach (JournalLine line in Desk.Journal.ListAsync(Tenant, Mailbox.Id, cancel)) before.Add(line.MessageKey);
        _taken.Add(mail);
        await SyncAsync(Desk, Tenant, Mailbox.Id, () => new ListSource(_taken), "w", cancel);
        await DrainAsync(Desk, cancel);
        await foreach (JournalLine line in Desk.Journal.ListAsync(Tenant, Mailbox.Id, cancel))
            if (!before.Contains(line.MessageKey)) return line;
        throw new InvalidOperationException("The mail has no line.");
    }

    private readonly List<byte[]> _taken = [];

    /// <summary>Reads the source to its end, as this process would.</summary>
    public static async Task SyncAsync(Desk desk, TenantContext tenant, InboxId inbox, Func<IMailSource> source, string worker, CancellationToken cancel)
    {
        SyncResult result = await desk.SyncMailbox.RunAsync(tenant, inbox, worker, (_, _) => Task.FromResult(source()), evenIfBackingOff: true, cancel);
        Assert.NotEqual(SyncEnd.More, result.End);
    }

    /// <summary>Takes in everything that waits in the queue and returns how many pieces of work were done; what is put off is done again at once.</summary>
    public static async Task<int> DrainAsync(Desk desk, CancellationToken cancel)
    {
        int done = 0;
        while (true)
        {
            IReadOnlyList<QueuedMessage> messages = await desk.IngestQueue.ReceiveAsync(32, TimeSpan.FromSeconds(30), cancel);
            if (messages.Count == 0) return done;
            foreach (QueuedMessage message in messages)
            {
                Work work = Work.FromJson(message.Body!.Value.Span)!;
                // Housekeeping may have queued what another test left; that hangs from another vault.
                if (desk.Vault is KeyVault && work.TenantText != desk.Settings.Tenant.Value)
                {
                    await desk.IngestQueue.DeleteAsync(message, cancel);
                    continue;
                }

                try
                {
                    if (work.NamesBulk) await desk.ReviewBulk.RunAsync(work.Tenant, work.Bulk!, cancel);
                    else await desk.IngestMail.RunAsync(work, cancel);
                }
                catch (NotNowException e)
                {
                    await desk.IngestQueue.SendAsync(work.PutOff(e.ReasonCode, desk.Time.GetUtcNow()).ToJson(), delay: null, cancel);
                }

                await desk.IngestQueue.DeleteAsync(message, cancel);
                done++;
            }
        }
    }

    public async Task EmptyQueuesAsync(CancellationToken cancel)
    {
        foreach (string queue in Queues.All) await Desk.Storage.Queues.GetQueueClient(queue).ClearMessagesAsync(cancel);
    }

    /// <summary>
    /// The end state in words that do not depend on random ids or on which of several workers came first: every ticket as the sorted
    /// subjects of its messages, and the number of lines per outcome.
    /// </summary>
    public async Task<string> EndStateAsync(CancellationToken cancel)
    {
        Desk reader = NewProcess();
        List<string> lines = [];
        HashSet<string> tickets = [];
        Dictionary<OutcomeKind, int> ends = [];
        await foreach (JournalLine line in reader.Journal.ListAsync(Tenant, Mailbox.Id, cancel))
        {
            ends[line.Outcome] = ends.GetValueOrDefault(line.Outcome) + 1;
            if (line.Outcome == OutcomeKind.Ticketed) tickets.Add(line.TicketId);
        }

        foreach (string id in tickets)
        {
            Ticket ticket = (await reader.Tickets.FindAsync(Tenant, id, cancel))!;
            IReadOnlyList<TicketMessage> messages = await reader.Tickets.MessagesAsync(Tenant, id, cancel);
            Assert.Equal(messages.Count, ticket.Messages);
            foreach (TicketMessage message in messages)
                for (int i = 0; i < message.Document!.Attachments.Count; i++)
                    Assert.Equal(message.Document.Attachments[i].Size, (await reader.Tickets.ReadAttachmentAsync(Tenant, id, message, i, cancel))!.Length);
            lines.Add("ticket: " + string.Join(" + ", messages.Select(m => m.Document!.Subject).Order(StringComparer.Ordinal)));
        }

        IReadOnlyList<Ticket> listed = await reader.Tickets.NewestAsync(Tenant, Mailbox.Id, TicketState.Open, 1000, cancel);
        Assert.Equal(tickets.Order(StringComparer.Ordinal), listed.Select(t => t.Id).Order(StringComparer.Ordinal));
        Books books = await reader.Reconcile.RunAsync(Tenant, Mailbox.Id, cancel);
        Assert.True(books.Balance, books.ToString());
        lines.AddRange(ends.Select(e => $"{e.Key}: {e.Value}"));
        lines.Add($"listed: {books.Listed}, in flight: {books.InFlight}");
        lines.Sort(StringComparer.Ordinal);
        return string.Join("\n", lines);
    }

}

/// <summary>Mail that stands in a list: a mailbox that needs no provider.</summary>
public sealed class ListSource(IReadOnlyList<byte[]> mails, int pageSize = 100) : IMailSource
{
    /// <summary>Ids whose fetch fails this way instead of bringing the mail.</summary>
    public Dictionary<int, FetchKind> Missing { get; init; } = [];

    /// <summary>Forgets the cursor, as after a change that makes a provider list everything again.</summary>
    public bool FromTheStart { get; init; }

    private bool _begun;

    public Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel)
    {
        int from = cursor is null || (FromTheStart && !_begun) ? 0 : int.Parse(cursor.Value, CultureInfo.InvariantCulture);
        _begun = true;
        int to = Math.Min(mails.Count, from + Math.Min(max, pageSize));
        IReadOnlyList<ListedId> ids = [.. Enumerable.Range(from, to - from).Select(i => new ListedId("id-" + i))];
        return Task.FromResult(new ListedPage(ids, new SourceCursor(to.ToString(CultureInfo.InvariantCulture)), to < mails.Count));
    }

    public Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel)
    {
        int index = int.Parse(id.ProviderId[3..], CultureInfo.InvariantCulture);
        if (Missing.TryGetValue(index, out FetchKind kind)) return Task.FromResult(kind == FetchKind.Vanished ? FetchedMail.Vanished : FetchedMail.Refused);
        return Task.FromResult(new FetchedMail(FetchKind.Fetched, mails[index], DateTimeOffset.UnixEpoch.AddYears(56).AddMinutes(index)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Short mails for the tests, written as bytes.</summary>
public static class Mails
{
    /// <summary>A mail whose sender is proven by the provider.</summary>
    public static byte[] From(string from, string subject, string id, string? inReplyTo = null, string? references = null, string body = "Hello,\r\nplease help.\r\n",
        bool authenticated = true, string extra = "")
    {
        string domain = from[(from.IndexOf('@', StringComparison.Ordinal) + 1)..];
        string verdict = authenticated ? "pass" : "fail";
        StringBuilder mail = new();
        mail.Append(CultureInfo.InvariantCulture, $"Authentication-Results: mx.google.com; dkim={verdict} header.d={domain}; spf={verdict} smtp.mailfrom={from}; dmarc={verdict} header.from={domain}\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"From: {from}\r\nTo: {TestDesk.Address}\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n");
        if (inReplyTo is not null) mail.Append(CultureInfo.InvariantCulture, $"In-Reply-To: <{inReplyTo}>\r\n");
        if (references is not null) mail.Append(CultureInfo.InvariantCulture, $"References: {string.Join(' ', references.Split(' ').Select(r => $"<{r}>"))}\r\n");
        mail.Append(extra).Append("Content-Type: text/plain; charset=utf-8\r\n\r\n").Append(body);
        return Encoding.UTF8.GetBytes(mail.ToString());
    }

    /// <summary>A small mailbox with everything that exactly-once is about: threads in and out of order, a duplicate, a stranger, an attachment, nothing to hold on to.</summary>
    public static IReadOnlyList<byte[]> SmallBox { get; } =
    [
        From("ann@customer.example", "Printer is on fire", "a1@customer.example"),
        From("ann@customer.example", "Re: Printer is on fire", "a2@customer.example", "a1@customer.example", "a1@customer.example", body: "It still burns.\r\n"),
        From("bob@other.example", "Re: Invoice 7", "b2@other.example", "b1@other.example", "b1@other.example", body: "As I wrote.\r\n"),
        From("bob@other.example", "Invoice 7", "b1@other.example", body: "Where is invoice 7?\r\n"),
        From("ann@customer.example", "Printer is on fire", "a1@customer.example", extra: "X-Trace: another way\r\n"),
        From("eve@evil.example", "Re: Printer is on fire (let me in)", "e1@evil.example", "a1@customer.example", "a1@customer.example"),
        Encoding.UTF8.GetBytes("Authentication-Results: mx.google.com; dkim=pass header.d=files.example; dmarc=pass header.from=files.example\r\n"
            + "From: carl@files.example\r\nTo: support@acme.example\r\nSubject: A file\r\nMessage-ID: <c1@files.example>\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--xyz\r\n"
            + "Content-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiCjEsMgo=\r\n--xyz--\r\n"),
        Encoding.UTF8.GetBytes("no header at all, and no sense\r\n"),
    ];
}
