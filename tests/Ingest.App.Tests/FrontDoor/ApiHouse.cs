using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>A tenant with all that the API can show: two inboxes, a ticket with a file, kept-back mail, a person.</summary>
internal sealed class ApiHouse
{
    private ApiHouse(RunningSystem system) => System = system;

    public RunningSystem System { get; }
    public TenantContext Tenant { get; } = RunningSystem.NewTenant();
    public InboxId Inbox { get; private set; }
    public InboxId OtherInbox { get; private set; }
    public Ticket Ticket { get; private set; } = null!;
    public string Message { get; private set; } = "";
    /// <summary>A ticket with a reply in doubt.</summary>
    public Ticket Doubted { get; private set; } = null!;
    public string Doubt { get; private set; } = "";
    public string Domain => Address[(Address.IndexOf('@', StringComparison.Ordinal) + 1)..];
    public List<string> KeptBack { get; } = [];
    /// <summary>A decision on many that means nothing of what is here.</summary>
    public string Bulk { get; private set; } = "";
    public Person Person { get; private set; } = null!;
    public string Erasure { get; private set; } = "";
    public string Address { get; } = $"house-{Guid.NewGuid().ToString("N")[..8]}@acme.example";

    private static CancellationToken Cancel => RunningSystem.Cancel;

    public static async Task<ApiHouse> BuildAsync(RunningSystem system)
    {
        ApiHouse house = new(system);
        byte[][] bounces = [.. Enumerable.Range(0, 4).Select(i => Backscatter(house.Address, i))];
        // A way to send, of which nothing more is asked: replies are taken in, and what becomes of them is told elsewhere.
        MailboxProfile profile = new() { Address = house.Address, AuthservIds = ["mx.google.com"], Smtp = new ServerSettings { Host = "127.0.0.1", Port = 1, Tls = Ingest.Mail.Wire.TlsMode.None } };
        Mailbox mailbox = await system.Desk.Mailboxes.ConnectAsync(house.Tenant, MailboxKind.Import, profile, credential: null, Cancel);
        await system.Desk.SyncMailbox.RunAsync(house.Tenant, mailbox.Id, "test",
            (_, _) => Task.FromResult<IMailSource>(new MailList([Mails.WithFile("ann@customer.example", "Of the house", [1, 2, 3]), Mails.From("dora@customer.example", "In doubt"), .. bounces])), evenIfBackingOff: true, Cancel);
        await system.SettledAsync(house.Tenant, mailbox.Id, listed: 6);
        house.Inbox = mailbox.Id;
        house.OtherInbox = (await system.GiveAsync(house.Tenant, "other-" + house.Address)).Id;
        IReadOnlyList<Ticket> tickets = await system.Desk.Tickets.NewestAsync(house.Tenant, mailbox.Id, TicketState.Open, 2, Cancel);
        house.Ticket = tickets.Single(t => t.Document!.Subject == "Of the house");
        house.Doubted = tickets.Single(t => t.Id != house.Ticket.Id);
        house.Doubt = await DoubtAsync(system, house.Tenant, house.Doubted.Id);
        house.Message = (await system.Desk.Tickets.MessagesAsync(house.Tenant, house.Ticket.Id, Cancel)).Single().Key;
        foreach (JournalLine line in await system.Desk.ReviewList.ListAsync(house.Tenant, mailbox.Id, OutcomeKind.Quarantined, 10, Cancel)) house.KeptBack.Add(line.MessageKey);
        Assert.Equal(4, house.KeptBack.Count);
        BulkScope none = new() { Inboxes = [mailbox.Id.Value], Filter = new KeptFilter { Reasons = [OutcomeReason.Blank] } };
        house.Bulk = (await system.Desk.ReviewBulk.BeginAsync(house.Tenant, system.Desk.ReviewBulk.New(BulkAction.Delete, none, Ingest.Core.Audit.AuditActor.Command), Cancel)).Id;
        house.Person = (await system.Desk.People.AddAsync(house.Tenant, new Identity(Guid.NewGuid(), Guid.NewGuid()), "Ann Agent", "ann@acme.example", [new Grant(Role.Agent, null)], Cancel)).Person!;
        house.Erasure = (await system.Desk.Eraser.ContactAsync(house.Tenant, "gone@customer.example", AuditActor.Command, Cancel)).Erasure!.Id;
        return house;
    }

    /// <summary>Has a ticket answered, and the line break over it: a reply in doubt for which nobody looks any more; its key.</summary>
    public static async Task<string> DoubtAsync(RunningSystem system, TenantContext tenant, string ticket)
    {
        string key = (await system.Desk.Replies.QueueAsync(tenant, ticket, new NewReply { Text = "Nobody knows.", AuthorId = Caller.LocalOwnerId, AuthorName = "Ann" }, Cancel))!.Key;
        await BreakAsync(system, tenant, ticket, key);
        return key;
    }

    /// <summary>Has the line break over a reply that the app may be about to try.</summary>
    public static Task<OutboxEntry> BreakAsync(RunningSystem system, TenantContext tenant, string ticket, string key, bool automatic = false) => system.UntilAsync("a reply in doubt", async () =>
    {
        OutboxEntry entry = (await system.Desk.Outbox.FindAsync(tenant, ticket, key, Cancel))!;
        Delivery doubt = entry.Delivery with { State = DeliveryState.Uncertain, Code = "line-broke", Attempts = entry.Delivery.Attempts + 1 };
        return await system.Desk.Outbox.MoveAsync(tenant, ticket, entry with { Delivery = doubt, NotBefore = entry.Created, Looks = 9, Automatic = automatic }, Cancel);
    });

    public async Task<string> TokenAsync(IEnumerable<Permission>? permissions = null, params InboxId[] inboxes) =>
        "Bearer " + await System.Desk.Tokens.CreateAsync(Tenant, new NewToken { Name = "test", Permissions = [.. permissions ?? Enum.GetValues<Permission>()], Inboxes = inboxes, Life = TimeSpan.FromHours(1) }, Cancel);

    private static byte[] Backscatter(string address, int number) => Encoding.UTF8.GetBytes(
        $"From: mailer-daemon@mx.example\r\nTo: {address}\r\nSubject: Undelivered {number}\r\nMessage-ID: <b{number}-{Guid.NewGuid():N}@mx.example>\r\nAuto-Submitted: auto-replied\r\nReturn-Path: <>\r\n"
        + "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n--b\r\n"
        + "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; nobody@elsewhere.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n");
}

/// <summary>What the API answered.</summary>
internal sealed record ApiAnswer(int Status, string Body, HttpResponseHeaders Headers, string? Allow, string? ContentType)
{
    public JsonNode Json => JsonNode.Parse(Body)!;
}

/// <summary>A helpdesk's program.</summary>
internal static class ApiClient
{
    public static async Task<ApiAnswer> SendAsync(RunningSystem system, string method, string path, string? token = null, string? body = null, string? contentType = "application/json",
        params (string Name, string Value)[] headers)
    {
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(system.BaseUrl, path));
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", token);
        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        using HttpResponseMessage answer = await http.SendAsync(request, RunningSystem.Cancel);
        string? allow = answer.Content.Headers.TryGetValues("Allow", out IEnumerable<string>? methods) ? string.Join(", ", methods) : null;
        return new ApiAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(RunningSystem.Cancel), answer.Headers, allow, answer.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>The status of a request whose body is announced and begun and never goes on; asked of the app itself, which learns of it at once.</summary>
    public static async Task<int> StallAsync(RunningSystem system, string method, string path, string head, int length)
    {
        using TcpClient line = new();
        await line.ConnectAsync("127.0.0.1", system.HandlerPort, RunningSystem.Cancel);
        await using NetworkStream stream = line.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{{")), RunningSystem.Cancel);
        using StreamReader answer = new(stream);
        return int.Parse((await answer.ReadLineAsync(RunningSystem.Cancel) ?? throw new IOException("The app hung up without an answer.")).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The status of a request whose body is announced and, unless it is wanted, never sent.</summary>
    public static async Task<int> AnnounceAsync(RunningSystem system, string method, string path, string token, int length)
    {
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false, Expect100ContinueTimeout = TimeSpan.FromSeconds(30) }) { Timeout = TimeSpan.FromSeconds(60) };
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri($"http://127.0.0.1:{system.HandlerPort}{path}")) { Content = new ByteArrayContent(new byte[length]) };
        request.Headers.TryAddWithoutValidation("Authorization", token);
        request.Headers.ExpectContinue = true;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await http.SendAsync(request, RunningSystem.Cancel);
        return (int)answer.StatusCode;
    }
}
