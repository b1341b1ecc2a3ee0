using System.Text.Json.Nodes;
using Ingest.App.Api;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>The API's description is true: every address in it is asked in every way, and what comes back is what it says, no more and no less.</summary>
[Collection(nameof(RunningSystem))]
public sealed class ApiDescriptionTests(RunningSystem system)
{
    private const string NoKey = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", NoTicket = "zzzzzzzzzzzzzzzzzzzzzzzzzz", NoInbox = "zzzzzzzzzzzzzzzz", NoBulk = "20260101000000000-000000000000";
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "PATCH"];
    private readonly List<(string Operation, int Status)> _seen = [];
    private readonly List<(string Operation, Task<int> Status)> _stalled = [];
    private JsonObject _document = null!;

    /// <summary>One address of the description.</summary>
    private sealed record Operation(string Method, string Template, JsonObject What)
    {
        public string Name => $"{Method} {Template}";
        public Permission? Permission => Enum.TryParse(What["x-permission"]!.GetValue<string>(), out Permission permission) ? permission : null;
        public bool HasIds => Template.Contains('{', StringComparison.Ordinal);
        public string? Body => What["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"]?.GetValue<string>().Split('/')[^1];
        public IEnumerable<int> Statuses => What["responses"]!.AsObject().Select(r => r.Key).Where(status => status != "default").Select(int.Parse);

        public string Path(string ticket, string message, string inbox, string person, string domain = "nowhere.example", string index = "0", string erasure = "20260301120000000-0123456789ab", string bulk = NoBulk) => Template.Replace("{bulk}", bulk, StringComparison.Ordinal).Replace("{domain}", domain, StringComparison.Ordinal).Replace("{erasure}", erasure, StringComparison.Ordinal)
            .Replace("{ticket}", ticket, StringComparison.Ordinal)
            .Replace("{message}", message, StringComparison.Ordinal).Replace("{inbox}", inbox, StringComparison.Ordinal).Replace("{person}", person, StringComparison.Ordinal).Replace("{index}", index, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_address_refuses_every_stranger_alike()
    {
        ApiHouse ours = await ApiHouse.BuildAsync(system), theirs = await ApiHouse.BuildAsync(system);
        string nobody = (await AskAsync("GET", "/api/nothing")).Body;
        string all = await ours.TokenAsync(), foreign = await theirs.TokenAsync(), elsewhere = await ours.TokenAsync(null, ours.OtherInbox);
        foreach (Operation operation in await OperationsAsync())
        {
            string path = Here(operation, ours);
            foreach (string? token in new[] { null, "Bearer x", "Bearer ing_" + ours.Tenant + "_0123456789abcdef_x", "Bearer eyJhbGciOiJub25lIn0.e30." })
            {
                ApiAnswer refused = await SendAsync(operation, path, token);
                Assert.Equal((401, nobody), (refused.Status, refused.Body));
            }

            if (operation.Permission is { } permission)
            {
                ApiAnswer lacking = await SendAsync(operation, path, await ours.TokenAsync(Enum.GetValues<Permission>().Except([permission])));
                Assert.Equal((403, "permission-missing"), (lacking.Status, lacking.Json["code"]!.GetValue<string>()));
                ApiAnswer never = await SendAsync(operation, Nowhere(operation), await ours.TokenAsync(Enum.GetValues<Permission>().Except([permission])));
                Assert.Equal(lacking.Body, never.Body);
            }

            if (operation.HasIds && operation.Permission != Permission.ManagePeople)
            {
                ApiAnswer never = await SendAsync(operation, Nowhere(operation), all);
                Assert.Equal(404, never.Status);
                foreach (string token in new[] { foreign, elsewhere })
                {
                    ApiAnswer hidden = await SendAsync(operation, path, token);
                    Assert.Equal((404, never.Body), (hidden.Status, hidden.Body));
                    Assert.Equal(never.Headers.Select(h => h.Key).Where(k => k != "Date"), hidden.Headers.Select(h => h.Key).Where(k => k != "Date"));
                }

                // Ids of a stranger's within a path of our own.
                if (!operation.Template.Contains("{message}", StringComparison.Ordinal)) continue;
                ApiAnswer mixed = await SendAsync(operation, operation.Path(ours.Ticket.Id, theirs.Message, ours.Inbox.Value, theirs.Person.Id), all);
                Assert.Equal((404, never.Body), (mixed.Status, mixed.Body));
            }
        }

        ApiAnswer person = await AskAsync("GET", "/api/people/" + theirs.Person.Id, all);
        Assert.Equal((404, (await AskAsync("GET", "/api/people/zzzzzzzzzzzzzzzz", all)).Body), (person.Status, person.Body));
        await NothingWasChangedAsync(ours);
    }

    [Fact]
    public async Task Lists_and_searches_show_what_is_ones_own()
    {
        ApiHouse ours = await ApiHouse.BuildAsync(system), theirs = await ApiHouse.BuildAsync(system);
        string all = await ours.TokenAsync(), elsewhere = await ours.TokenAsync(null, ours.OtherInbox);
        string[] secrets = [theirs.Ticket.Id, theirs.Ticket.Number, theirs.Message, theirs.Inbox.Value, theirs.Address, theirs.Person.Id, theirs.Tenant.ToString()];
        string[] ourSecrets = [ours.Ticket.Id, ours.Ticket.Number, ours.Message, ours.Inbox.Value + "\"", "\"" + ours.Address];
        (string Method, string Path, string? Body)[] lists =
        [
            ("GET", "/api/tickets?count=200", null), ("GET", "/api/tickets?state=closed", null), ("GET", "/api/mailboxes", null), ("GET", "/api/people", null), ("GET", "/api/keys", null), ("GET", "/api/quarantine", null), ("GET", "/api/quarantine/summary", null), ("POST", "/api/quarantine/search", "{\"words\":\"undelivered\"}"),
            ("POST", "/api/tickets/search", "{\"address\":\"ann@customer.example\"}"), ("POST", "/api/tickets/search", $"{{\"number\":\"{theirs.Ticket.Number}\"}}"),
        ];
        foreach ((string method, string path, string? body) in lists)
        {
            ApiAnswer answer = await AskAsync(method, path, all, body);
            Assert.Equal(200, answer.Status);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, answer.Body, StringComparison.OrdinalIgnoreCase));
            answer = await AskAsync(method, path, elsewhere, body);
            if (!path.EndsWith("people", StringComparison.Ordinal)) Assert.All(ourSecrets, secret => Assert.DoesNotContain(secret, answer.Body, StringComparison.OrdinalIgnoreCase));
        }

        Assert.Equal(403, (await AskAsync("GET", "/api/people", elsewhere)).Status);
        ApiAnswer never = await AskAsync("GET", "/api/tickets?inbox=" + NoInbox, all);
        Assert.Equal(404, never.Status);
        Assert.Equal(never.Body, (await AskAsync("GET", $"/api/tickets?inbox={theirs.Inbox}", all)).Body);
        Assert.Equal(never.Body, (await AskAsync("GET", $"/api/tickets?inbox={ours.Inbox}", elsewhere)).Body);
        Assert.Contains(ours.Ticket.Id, (await AskAsync("GET", $"/api/tickets?inbox={ours.Inbox}", all)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_address_takes_the_methods_that_are_described_and_names_them()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync();
        foreach (IGrouping<string, Operation> address in (await OperationsAsync()).GroupBy(o => o.Template))
        {
            string path = Here(address.First(), house);
            foreach (string method in Methods.Except(address.Select(o => o.Method)).Append("HEAD").Append("OPTIONS"))
            {
                ApiAnswer answer = await AskAsync(method, path, token, method is "GET" or "HEAD" or "OPTIONS" ? null : "{}");
                Assert.Equal((405, string.Join(", ", address.Select(o => o.Method).Order(StringComparer.Ordinal))), (answer.Status, answer.Allow));
            }
        }

        Assert.Equal((405, "GET"), (await AskAsync("POST", "/api/openapi.json", token, "{}")) is var wrong ? (wrong.Status, wrong.Allow) : default);
        foreach (string path in new[] { "/api", "/api/", "/api/nothing", "/api/tickets/", "/api/tickets/x/y", "/api/Tickets", "/api/tickets/x/messages/y/attachments/0/z" })
            Assert.Equal(404, (await AskAsync("GET", path, token)).Status);
        await NothingWasChangedAsync(house);
    }

    [Fact]
    public async Task Every_status_that_is_described_comes_and_no_other_does()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string all = await house.TokenAsync();
        IReadOnlyList<Operation> operations = await OperationsAsync();
        foreach (Operation operation in operations)
        {
            string path = Here(operation, house);
            await SendAsync(operation, path, null);
            if (operation.Permission is { } permission) await SendAsync(operation, path, await house.TokenAsync(Enum.GetValues<Permission>().Except([permission])));
            if (operation.HasIds) await SendAsync(operation, Nowhere(operation), all);
            foreach (JsonNode? parameter in operation.What["parameters"] as JsonArray ?? []) await MisuseAsync(operation, path, all, parameter!);
            if (operation.Body is not null) await SendBadBodiesAsync(operation, path, all);
            ApiAnswer good = await SendAsync(operation, path, all);
            Assert.True(good.Status is 200 or 201 or 202 or 204, $"{operation.Name}: {good.Status} {good.Body}");
            if (good.Headers.ETag is { } tag) Assert.Equal((304, ""), (await SendAsync(operation, path, all, null, ("If-None-Match", tag.Tag))) is var same ? (same.Status, same.Body) : default);
        }

        await RefusedForTheirOwnReasonsAsync(house, operations, all);
        await EveryAddressIsToldAsync(house.Tenant);
        foreach ((string operation, Task<int> status) in _stalled) _seen.Add((operation, await status));
        foreach (Operation operation in operations)
            Assert.Equal(operation.Name + " " + string.Join(' ', operation.Statuses.Where(status => !TakesTooMuch.Contains($"{operation.Name} {status}")).Order()), operation.Name + " " + string.Join(' ', _seen.Where(s => s.Operation == operation.Name).Select(s => s.Status).Distinct().Order()));
    }

    // More tickets than a house has: tested where they are looked through.
    private static readonly string[] TakesTooMuch = ["POST /api/erasures 202", "POST /api/contacts/export 422"];

    // The routes were all asked, with success and without: the audit log knows of each that shows or changes something.
    private async Task EveryAddressIsToldAsync(TenantContext tenant)
    {
        HashSet<AuditAction> told = [];
        await foreach (string day in system.Desk.Audit.DaysAsync(tenant, RunningSystem.Cancel))
            await foreach (AuditEntry entry in system.Desk.Audit.EntriesAsync(tenant, day, RunningSystem.Cancel)) told.Add(entry.Event.Action);
        ApiFront front = new(system.Desk, new Admission(), Microsoft.Extensions.Logging.Abstractions.NullLogger<ApiFront>.Instance);
        string[] untold = [.. front.Routes.Where(route => route.Audit is null).Select(route => $"{route.Method} {route.Template}")];
        // How mailboxes fare and how each mail ended: ids, codes, counts, and the addresses of our own mailboxes.
        Assert.Equal(["GET /mailboxes", "GET /mailboxes/{inbox}", "GET /mailboxes/{inbox}/books", "GET /mailboxes/{inbox}/journal", "GET /mailboxes/{inbox}/journal/{message}", "GET /mailboxes/{inbox}/signing",
            "GET /quarantine", "GET /quarantine/bulk/{bulk}", "GET /quarantine/summary"],
            untold.Order(StringComparer.Ordinal));
        Assert.Empty(front.Routes.Select(route => route.Audit).OfType<AuditAction>().Except(told));
        Assert.Null(await system.Desk.AuditExport.CheckAsync(tenant, new AuditCheck(), RunningSystem.Cancel));
    }

    [Fact]
    public async Task The_description_is_open_to_all_and_leads_from_every_problem_to_its_fix()
    {
        await OperationsAsync();
        Assert.Equal("3.1.0", _document["openapi"]!.GetValue<string>());
        ApiAnswer problem = await AskAsync("GET", "/api/tickets");
        Assert.Equal("application/problem+json", problem.ContentType);
        string[] type = problem.Json["type"]!.GetValue<string>().Split('#');
        Assert.Equal("/api/openapi.json", type[0]);
        JsonNode? there = type[1].Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate((JsonNode?)_document, (node, name) => node?[name]);
        Assert.Equal((401, problem.Json["detail"]!.GetValue<string>()), (there!["status"]!.GetValue<int>(), there["fix"]!.GetValue<string>()));
        string[] ids = [.. (await OperationsAsync()).Select(o => o.What["operationId"]!.GetValue<string>())];
        Assert.Equal(ids.Distinct(), ids);
    }

    private async Task SendBadBodiesAsync(Operation operation, string path, string token)
    {
        async Task ExpectAsync(int status, string? body, string? contentType = "application/json")
        {
            ApiAnswer answer = await AskAsync(operation.Method, path, token, body, contentType);
            Assert.True(answer.Status == status, $"{operation.Name} with {body}: {answer.Status} {answer.Body}");
            See(operation, answer);
        }

        await ExpectAsync(400, null);
        await ExpectAsync(400, "");
        foreach (string bad in new[] { "{", "[]", "null", "\"x\"", "{\"nothing\":1}", "{\"text\":7,\"state\":7,\"person\":7,\"address\":7,\"delivered\":7,\"selector\":7}", "{\"text\":null,\"state\":null,\"person\":null}", "{} {}", new string('[', 200) })
            await ExpectAsync(400, bad);
        await ExpectAsync(415, Sample(operation), "text/plain");
        await ExpectAsync(415, Sample(operation), null);
        int limit = operation.Body switch { "ReplyBody" => 28 * 1024 * 1024, "NoteBody" => 4 * 1024 * 1024, "BulkBody" => 128 * 1024, "PolicyDocument" => 1024 * 1024, _ => 64 * 1024 };
        Assert.Contains($"{limit / 1024} KiB", operation.What["requestBody"]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(413, await ApiClient.AnnounceAsync(system, operation.Method, path, token, limit + 1));
        _seen.Add((operation.Name, 413));
        // Several at a time, so that they are waited for together.
        _stalled.Add((operation.Name, ApiClient.StallAsync(system, operation.Method, path, $"Content-Type: application/json\r\nAuthorization: {token}", 100)));
    }

    private async Task MisuseAsync(Operation operation, string path, string token, JsonNode parameter)
    {
        string name = parameter["name"]!.GetValue<string>(), wrong = name switch { "inbox" => NoInbox, "count" => "0", "cursor" => "bm9uc2Vuc2U", _ => "nonsense" };
        switch (parameter["in"]!.GetValue<string>())
        {
            case "query":
                ApiAnswer refused = await SendAsync(operation, $"{path}?{name}={wrong}", token);
                Assert.Equal(name == "inbox" ? 404 : 400, refused.Status);
                break;
            case "header" when name == "Idempotency-Key":
                foreach (string key in new[] { new string('k', 201), "two words", "" })
                    Assert.Equal("invalid-idempotency-key", (await SendAsync(operation, path, token, Sample(operation), (name, key))).Json["code"]!.GetValue<string>());
                break;
            case "header" when name == "If-Match":
                Assert.Equal(412, (await SendAsync(operation, path, token, Sample(operation), (name, "\"old\""))).Status);
                Assert.Equal(200, (await SendAsync(operation, path, token, Sample(operation), (name, (await AskAsync("GET", operation.Body is "PolicyDocument" or "RedactionDocument" ? path : path[..path.LastIndexOf('/')], token)).Headers.ETag!.Tag))).Status);
                break;
        }
    }

    // What only one address can say.
    private async Task RefusedForTheirOwnReasonsAsync(ApiHouse house, IReadOnlyList<Operation> operations, string token)
    {
        async Task<ApiAnswer> OnAsync(string name, string body, params (string, string)[] headers)
        {
            Operation operation = operations.Single(o => o.Name == name);
            return await SendAsync(operation, Here(operation, house), token, body, headers);
        }

        (string, string) key = ("Idempotency-Key", "k-1");
        ApiAnswer first = await OnAsync("POST /api/tickets/{ticket}/replies", "{\"text\":\"One\"}", key);
        ApiAnswer again = await OnAsync("POST /api/tickets/{ticket}/replies", "{\"text\":\"One\"}", key);
        Assert.Equal((202, 202, false, true), (first.Status, again.Status, first.Json["repeated"]!.GetValue<bool>(), again.Json["repeated"]!.GetValue<bool>()));
        Assert.Equal(first.Json["key"]!.GetValue<string>(), again.Json["key"]!.GetValue<string>());
        Assert.Equal(409, (await OnAsync("POST /api/tickets/{ticket}/replies", "{\"text\":\"Two\"}", key)).Status);
        ApiAnswer empty = await OnAsync("POST /api/tickets/{ticket}/replies", "{\"text\":\" \"}");
        Assert.Equal((422, "text-missing"), (empty.Status, empty.Json["code"]!.GetValue<string>()));
        Assert.Equal(422, (await OnAsync("POST /api/tickets/{ticket}/notes", "{\"text\":\"\"}")).Status);
        Assert.Equal(201, (await OnAsync("POST /api/tickets/{ticket}/notes", "{\"text\":\"One\"}", key)).Status);
        Assert.Equal(409, (await OnAsync("POST /api/tickets/{ticket}/notes", "{\"text\":\"Two\"}", key)).Status);
        Assert.Equal(422, (await OnAsync("PUT /api/tickets/{ticket}/assignee", "{\"person\":\"zzzzzzzzzzzzzzzz\"}")).Status);
        Assert.Equal(400, (await OnAsync("PUT /api/tickets/{ticket}/state", "{\"state\":\"Ajar\"}")).Status);
        Assert.Equal(409, (await OnAsync("POST /api/tickets/{ticket}/replies/{message}/resolve", "{\"delivered\":false}")).Status);
        await ApiHouse.BreakAsync(system, house.Tenant, house.Doubted.Id, house.Doubt, automatic: true);
        Assert.Equal(422, (await OnAsync("POST /api/tickets/{ticket}/replies/{message}/resolve", "{\"delivered\":false}")).Status);
        Assert.Equal(404, (await OnAsync("POST /api/contacts/export", "{\"address\":\"nobody@customer.example\"}")).Status);
        foreach (string policy in new[] { "PUT /api/policy", "PUT /api/mailboxes/{inbox}/policy" }) Assert.Equal(422, (await OnAsync(policy, "{\"oneCustomerIn\":1}")).Status);
        foreach (string policy in new[] { "PUT /api/redaction", "PUT /api/mailboxes/{inbox}/redaction" }) Assert.Equal(422, (await OnAsync(policy, "{\"confidence\":2}")).Status);
        Assert.Equal(422, (await OnAsync("POST /api/mailboxes/{inbox}/policy/check", "{\"from\":\"nobody\"}")).Status);
        Assert.Equal(422, (await OnAsync("PATCH /api/mailboxes/{inbox}/settings", "{\"aliases\":[\"nobody\"]}")).Status);
        Assert.Equal(400, (await OnAsync("PUT /api/mailboxes/{inbox}/signing/{domain}", "{\"selector\":\"no name\"}")).Status);
        foreach ((string kid, string code) in new[] { ("https://elsewhere.example/keys/k", "key-unusable"), ("https://acme.vault.azure.net/keys/k", "vault-key-elsewhere") })
        {
            ApiAnswer refused = await OnAsync("PUT /api/keys/own", $"{{\"kids\":[\"{kid}\"]}}");
            Assert.Equal((422, code), (refused.Status, refused.Json["code"]!.GetValue<string>()));
        }

        await QuarantineRefusesAsync(house, operations, token);
        Assert.Equal(400, (await OnAsync("PUT /api/mailboxes/{inbox}/state", "{\"state\":\"NeedsReconnect\"}")).Status);
        await system.Desk.Mailboxes.SetStateAsync(house.Tenant, house.Inbox, MailboxState.NeedsReconnect, RunningSystem.Cancel);
        Assert.Equal(422, (await OnAsync("PUT /api/mailboxes/{inbox}/state", "{\"state\":\"Active\"}")).Status);

        await RedactionRefusesAsync(house, operations, token);
        ApiAnswer hold = await OnAsync("POST /api/holds", $"{{\"reason\":\"matter 7\",\"ticket\":\"{house.Ticket.Id}\"}}");
        ApiAnswer held = await OnAsync("POST /api/erasures", $"{{\"ticket\":\"{house.Ticket.Id}\"}}");
        Assert.Equal((201, 422, "legal-hold"), (hold.Status, held.Status, held.Json["code"]!.GetValue<string>()));
        Assert.Equal(422, (await OnAsync("POST /api/holds", "{\"reason\":\"matter 7\",\"inbox\":\"0000000000000000\"}")).Status);
        Assert.True((await OnAsync("POST /api/holds/lift", $"{{\"hold\":\"{hold.Json["id"]!.GetValue<string>()}\"}}")).Json["lifted"]!.GetValue<bool>());

        // The key is the caller's own: another's is another.
        string other = await house.TokenAsync();
        ApiAnswer theirs = await AskAsync("POST", $"/api/tickets/{house.Ticket.Id}/replies", other, "{\"text\":\"One\"}", "application/json", key);
        Assert.NotEqual(first.Json["key"]!.GetValue<string>(), theirs.Json["key"]!.GetValue<string>());
    }

    private async Task RedactionRefusesAsync(ApiHouse house, IReadOnlyList<Operation> operations, string token)
    {
        Operation redact = operations.Single(o => o.Name == "POST /api/tickets/{ticket}/redactions"), original = operations.Single(o => o.Name == "POST /api/tickets/{ticket}/messages/{message}/original");
        string mail = (await system.Desk.Tickets.MessagesAsync(house.Tenant, house.Doubted.Id, RunningSystem.Cancel)).First(m => m.Direction == MessageDirection.In).Key;
        string At(Operation operation) => operation.Path(house.Doubted.Id, mail, house.Inbox.Value, house.Person.Id);
        foreach (string bad in new[] { "{\"part\":\"All\"}", "{\"part\":\"Policy\"}", "{\"part\":\"Text\"}", "{\"part\":\"Message\"}", $"{{\"part\":\"Text\",\"text\":\"x y z\",\"message\":\"{mail}\",\"length\":3}}" })
            Assert.Equal(400, (await SendAsync(redact, At(redact), token, bad)).Status);
        Assert.Equal("text-too-short", (await SendAsync(redact, At(redact), token, "{\"part\":\"Text\",\"text\":\"a b\"}")).Json["code"]!.GetValue<string>());
        Assert.Equal("nothing-there", (await SendAsync(redact, At(redact), token, $"{{\"part\":\"Attachment\",\"message\":\"{mail}\",\"attachment\":7}}")).Json["code"]!.GetValue<string>());
        Assert.Equal(200, (await SendAsync(original, At(original), token)).Status);
        Assert.Equal(400, (await SendAsync(original, At(original), token, "{\"reason\":\"Curiosity\"}")).Status);
        Operation destroy = operations.Single(o => o.Name == "POST /api/tickets/{ticket}/messages/{message}/original/destruction");
        Hold hold = await system.Desk.Holds.PlaceAsync(house.Tenant, ErasureKind.Ticket, house.Doubted.Id, "matter 8", Ingest.Core.Audit.AuditActor.Command, RunningSystem.Cancel);
        Assert.Equal("legal-hold", (await SendAsync(destroy, At(destroy), token)).Json["code"]!.GetValue<string>());
        await system.Desk.Holds.LiftAsync(house.Tenant, hold.Id, Ingest.Core.Audit.AuditActor.Command, RunningSystem.Cancel);
        ApiAnswer done = await SendAsync(redact, At(redact), token, $"{{\"part\":\"Message\",\"message\":\"{mail}\"}}");
        Assert.Equal((200, 1), (done.Status, done.Json["messages"]!.GetValue<int>()));
        Assert.Equal("original-not-kept", (await SendAsync(original, At(original), token)).Json["code"]!.GetValue<string>());
    }

    private async Task QuarantineRefusesAsync(ApiHouse house, IReadOnlyList<Operation> operations, string token)
    {
        Operation Of(string name) => operations.Single(o => o.Name == name);
        Operation search = Of("POST /api/quarantine/search"), bulk = Of("POST /api/quarantine/bulk"), release = Of("POST /api/quarantine/{inbox}/{message}/release"), delete = Of("DELETE /api/quarantine/{inbox}/{message}");
        Assert.Equal(404, (await SendAsync(search, search.Template, token, $"{{\"filter\":{{\"inbox\":\"{NoInbox}\"}}}}")).Status);
        Assert.Equal("invalid-cursor", (await SendAsync(search, search.Template, token, "{\"words\":\"x\",\"cursor\":\"bm9uc2Vuc2U\"}")).Json["code"]!.GetValue<string>());
        foreach (string bad in new[] { "{\"action\":\"Shred\",\"filter\":{}}", "{\"action\":\"Delete\"}", "{\"action\":\"Delete\",\"mails\":[]}", "{\"action\":\"Delete\",\"filter\":{\"reasons\":[\"NewTicket\"]}}" })
            Assert.Equal(400, (await SendAsync(bulk, bulk.Template, token, bad)).Status);
        Assert.Equal(404, (await SendAsync(bulk, bulk.Template, token, $"{{\"action\":\"Delete\",\"mails\":[{{\"inbox\":\"{NoInbox}\",\"messageKey\":\"{NoKey}\"}}]}}")).Status);
        ApiAnswer dry = await SendAsync(bulk, bulk.Template, token, "{\"action\":\"Delete\",\"filter\":{},\"dryRun\":true}");
        Assert.Equal("", dry.Json["id"]!.GetValue<string>());
        // One was deleted; another may be let in still.
        Assert.InRange(dry.Json["meant"]!.GetValue<int>(), 2, 3);

        string Mail(Operation operation, int which) => operation.Path(house.Ticket.Id, house.KeptBack[which], house.Inbox.Value, house.Person.Id);
        foreach (Operation operation in new[] { release, delete })
        {
            ApiAnswer decided = await SendAsync(operation, Mail(operation, 1), token);
            Assert.Equal((409, "decided-before"), (decided.Status, decided.Json["code"]!.GetValue<string>()));
        }

        string hold = (await system.Desk.Holds.PlaceAsync(house.Tenant, Ingest.Core.Retention.ErasureKind.Mailbox, house.Inbox.Value, "matter 8", AuditActor.Command, RunningSystem.Cancel)).Id;
        Assert.Equal("legal-hold", (await SendAsync(delete, Mail(delete, 2), token)).Json["code"]!.GetValue<string>());
        await system.Desk.Holds.LiftAsync(house.Tenant, hold, AuditActor.Command, RunningSystem.Cancel);
        JournalLine over = (await system.Desk.Journal.FindAsync(house.Tenant, house.Inbox, house.KeptBack[2], RunningSystem.Cancel))!;
        await system.Desk.Journal.CloseAsync(house.Tenant, house.Inbox, over with { Outcome = Ingest.Core.Pipeline.OutcomeKind.Rejected, Reason = Ingest.Core.Pipeline.OutcomeReason.ExpiredUnreviewed }, RunningSystem.Cancel);
        Assert.Equal("original-gone", (await SendAsync(release, Mail(release, 2), token)).Json["code"]!.GetValue<string>());
        Assert.Equal("original-gone", (await SendAsync(delete, Mail(delete, 2), token)).Json["code"]!.GetValue<string>());
    }

    private async Task NothingWasChangedAsync(ApiHouse house)
    {
        Ingest.Core.Tickets.Ticket now = (await system.Desk.Tickets.FindAsync(house.Tenant, house.Ticket.Id, RunningSystem.Cancel))!;
        Assert.Equal((house.Ticket.Revision, house.Ticket.State, 1), (now.Revision, now.State, now.Messages));
        Assert.Equal(MailboxState.Active, (await system.Desk.Mailboxes.FindAsync(house.Tenant, house.Inbox, RunningSystem.Cancel))!.Mailbox.State);
        Assert.Equal(DeliveryState.Uncertain, (await system.Desk.Outbox.FindAsync(house.Tenant, house.Doubted.Id, house.Doubt, RunningSystem.Cancel))!.Delivery.State);
        Assert.Equal("", (await system.Desk.Mailboxes.FindAsync(house.Tenant, house.Inbox, RunningSystem.Cancel))!.Mailbox.Profile.SenderName);
        Assert.Null(await system.Desk.SigningKeys.DescribeAsync(house.Tenant, house.Domain, RunningSystem.Cancel));
        Assert.Equal(4, (await system.Desk.ReviewList.ListAsync(house.Tenant, house.Inbox, Ingest.Core.Pipeline.OutcomeKind.Quarantined, 10, RunningSystem.Cancel)).Count);
    }

    // Releasing and deleting use a mail up.
    private static string Here(Operation operation, ApiHouse house)
    {
        bool resolves = operation.Template.EndsWith("/resolve", StringComparison.Ordinal), reviews = operation.Template.Contains("/quarantine/", StringComparison.Ordinal);
        string message = resolves ? house.Doubt : reviews ? house.KeptBack[operation.Method switch { "POST" => 0, "DELETE" => 1, _ => 3 }] : house.Message;
        return operation.Path((resolves ? house.Doubted : house.Ticket).Id, message, house.Inbox.Value, house.Person.Id, house.Domain, erasure: house.Erasure, bulk: house.Bulk);
    }

    private static string Nowhere(Operation operation) => operation.Path(NoTicket, NoKey, NoInbox, NoInbox);

    private static string? Sample(Operation operation) => operation.Body switch
    {
        null => null,
        "ReplyBody" => "{\"text\":\"Thank you.\",\"attachments\":[{\"name\":\"a.txt\",\"content\":\"aGVsbG8=\"}]}",
        "NoteBody" => "{\"text\":\"Between us.\"}",
        "StateBody" => "{\"state\":\"Open\"}",
        "AssigneeBody" => "{\"person\":\"\"}",
        "SearchBody" => "{\"address\":\"ann@customer.example\"}",
        "MailboxStateBody" => "{\"state\":\"Active\"}",
        "ResolveBody" => "{\"delivered\":true}",
        "SettingsBody" => "{\"senderName\":\"Acme Support\"}",
        "PolicyDocument" => "{\"oneCustomerIn\":1000}",
        "RedactionDocument" => "{\"confidence\":0.6}",
        "PolicyQuestion" => "{\"from\":\"ann@customer.example\"}",
        // Somebody who never wrote: erased at once, and nothing of anybody's is gone.
        "ErasureBody" => "{\"address\":\"nobody@nowhere.example\"}",
        "HoldBody" => "{\"reason\":\"matter 7\",\"address\":\"ann@customer.example\"}",
        "LiftBody" => "{\"hold\":\"none\"}",
        "SigningBody" => "{\"selector\":\"s1\"}",
        "ExportBody" => "{\"address\":\"ann@customer.example\"}",
        "UndoBody" => "{\"since\":\"2026-01-01T00:00:00Z\"}",
        "KeptSearchBody" => "{\"words\":\"undelivered\",\"filter\":{\"sender\":\"mx.example\",\"olderThanDays\":0}}",
        // Of nobody, so that nothing is done.
        "BulkBody" => "{\"action\":\"Delete\",\"filter\":{\"sender\":\"nobody@nowhere.example\"}}",
        "OwnKeysBody" => "{\"kids\":[]}",
        // What nobody wrote, so that nothing is gone.
        "RedactionBody" => "{\"part\":\"Text\",\"text\":\"nobody ever wrote this\"}",
        "OriginalBody" or "DestroyOriginalBody" => "{\"reason\":\"Legal\"}",
        var other => throw new InvalidOperationException($"Say how a {other} looks."),
    };

    private async Task<ApiAnswer> SendAsync(Operation operation, string path, string? token, string? body = null, params (string, string)[] headers)
    {
        ApiAnswer answer = await AskAsync(operation.Method, path, token, body ?? Sample(operation), "application/json", headers);
        See(operation, answer);
        return answer;
    }

    private void See(Operation operation, ApiAnswer answer)
    {
        _seen.Add((operation.Name, answer.Status));
        JsonObject response = operation.What["responses"]![answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)]?.AsObject()
            ?? throw new InvalidOperationException($"{operation.Name} answered {answer.Status}, which is not described: {answer.Body}");
        if (response["content"] is not JsonObject content)
        {
            Assert.Empty(answer.Body);
            return;
        }

        (string type, JsonNode? media) = content.Single();
        Assert.Equal(type, answer.ContentType);
        if (media!["schema"]!["$ref"] is not { } reference) return;
        JsonObject schema = _document["components"]!["schemas"]![reference.GetValue<string>().Split('/')[^1]]!.AsObject();
        string[] faults = [.. ApiSchema.Faults(answer.Json, schema)];
        Assert.True(faults.Length == 0, $"{operation.Name} {answer.Status}: {string.Join(' ', faults)}");
    }

    private Task<ApiAnswer> AskAsync(string method, string path, string? token = null, string? body = null, string? contentType = "application/json", params (string, string)[] headers) =>
        ApiClient.SendAsync(system, method, path, token, body, contentType, headers);

    private async Task<IReadOnlyList<Operation>> OperationsAsync()
    {
        _document = (await AskAsync("GET", "/api/openapi.json")).Json.AsObject();
        return [.. _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(o => new Operation(o.Key.ToUpperInvariant(), path.Key, o.Value!.AsObject())))];
    }
}
