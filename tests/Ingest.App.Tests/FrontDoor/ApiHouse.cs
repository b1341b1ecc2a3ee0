using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
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
    public List<string> KeptBack { get; } = [];
    public Person Person { get; private set; } = null!;
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
            (_, _) => Task.FromResult<IMailSource>(new MailList([Mails.WithFile("ann@customer.example", "Of the house", [1, 2, 3]), .. bounces])), evenIfBackingOff: true, Cancel);
        await system.SettledAsync(house.Tenant, mailbox.Id, listed: 5);
        house.Inbox = mailbox.Id;
        house.OtherInbox = (await system.GiveAsync(house.Tenant, "other-" + house.Address)).Id;
        house.Ticket = (await system.Desk.Tickets.NewestAsync(house.Tenant, mailbox.Id, TicketState.Open, 1, Cancel)).Single();
        house.Message = (await system.Desk.Tickets.MessagesAsync(house.Tenant, house.Ticket.Id, Cancel)).Single().Key;
        foreach (JournalLine line in await system.Desk.Review.ListAsync(house.Tenant, mailbox.Id, OutcomeKind.Quarantined, 10, Cancel)) house.KeptBack.Add(line.MessageKey);
        Assert.Equal(4, house.KeptBack.Count);
        house.Person = (await system.Desk.People.AddAsync(house.Tenant, new Identity(Guid.NewGuid(), Guid.NewGuid()), "Ann Agent", "ann@acme.example", [new Grant(Role.Agent, null)], Cancel)).Person!;
        return house;
    }

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
