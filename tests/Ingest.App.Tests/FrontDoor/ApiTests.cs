using System.Net;
using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What a helpdesk's program does with the API.</summary>
[Collection(nameof(RunningSystem))]
public sealed class ApiTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task Pages_show_every_ticket_once_while_new_ones_come_in()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        Mailbox first = await system.GiveAsync(tenant, "a@acme.example", [.. Enumerable.Range(0, 5).Select(i => Mails.From($"c{i}@customer.example", $"A{i}"))]);
        Mailbox second = await system.GiveAsync(tenant, "b@acme.example", [.. Enumerable.Range(0, 4).Select(i => Mails.From($"d{i}@customer.example", $"B{i}"))]);
        await system.SettledAsync(tenant, first.Id, listed: 5);
        await system.SettledAsync(tenant, second.Id, listed: 4);
        string token = await Api.TokenAsync(system, tenant);
        List<string> seen = [];
        string? cursor = null;
        int pages = 0;
        do
        {
            JsonNode page = (await GetAsync($"/api/tickets?count=2{(cursor is null ? "" : "&cursor=" + cursor)}", token)).Json;
            seen.AddRange(page["tickets"]!.AsArray().Select(t => t!["subject"]!.GetValue<string>()));
            cursor = page["next"]?.GetValue<string>();
            if (pages++ == 1)
            {
                Mailbox late = await system.GiveAsync(tenant, "c@acme.example", Mails.From("late@customer.example", "Late"));
                await system.SettledAsync(tenant, late.Id, listed: 1);
            }
        }
        while (cursor is not null && pages < 20);
        // Tickets of one minute come in a fixed order, and those that came later are before the place or behind it, never twice.
        Assert.Equal(seen.Distinct(), seen);
        Assert.Equal(["A0", "A1", "A2", "A3", "A4", "B0", "B1", "B2", "B3"], seen.Except(["Late"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_own_list_and_tenant()
    {
        TenantContext tenant = RunningSystem.NewTenant(), other = RunningSystem.NewTenant();
        Mailbox mailbox = await system.GiveAsync(tenant, "a@acme.example", Mails.From("a@customer.example", "A"), Mails.From("b@customer.example", "B"));
        await system.SettledAsync(tenant, mailbox.Id, listed: 2);
        string token = await Api.TokenAsync(system, tenant), theirs = await Api.TokenAsync(system, other);
        string cursor = (await GetAsync("/api/tickets?count=1", token)).Json["next"]!.GetValue<string>();
        Assert.Equal(200, (await GetAsync($"/api/tickets?count=1&cursor={cursor}", token)).Status);
        string flipped = (cursor[0] == 'A' ? "B" : "A") + cursor[1..];
        foreach (string bad in new[] { $"?state=closed&cursor={cursor}", $"?inbox={mailbox.Id}&cursor={cursor}", $"?cursor={flipped}", $"?cursor={cursor}x", $"?cursor={cursor[..20]}", "?cursor=%00", $"?cursor={cursor}&cursor={cursor}" })
            Assert.Equal("invalid-cursor", (await GetAsync("/api/tickets" + bad, token)).Json["code"]!.GetValue<string>());
        Assert.Equal("invalid-cursor", (await GetAsync($"/api/tickets?cursor={cursor}", theirs)).Json["code"]!.GetValue<string>());
        Assert.Equal("invalid-cursor", (await GetAsync($"/api/mailboxes/{mailbox.Id}/journal?cursor={cursor}", token)).Json["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task People_are_found_by_address_in_open_and_closed_tickets()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync();
        async Task<string[]> FindAsync(string body)
        {
            List<string> found = [];
            JsonNode? cursor = null;
            do
            {
                JsonObject asked = JsonNode.Parse(body)!.AsObject();
                if (cursor is not null) asked["cursor"] = cursor.GetValue<string>();
                JsonNode page = (await ApiClient.SendAsync(system, "POST", "/api/tickets/search", token, asked.ToJsonString())).Json;
                found.AddRange(page["tickets"]!.AsArray().Select(t => t!["number"]!.GetValue<string>()));
                cursor = page["next"];
            }
            while (cursor is not null);
            return [.. found];
        }

        Assert.Equal([house.Ticket.Number], await FindAsync("{\"address\":\" Ann@Customer.Example \"}"));
        await system.Desk.Tickets.SetStateAsync(house.Tenant, house.Ticket.Id, Ingest.Core.Tickets.TicketState.Closed, Cancel);
        Assert.Equal([house.Ticket.Number], await FindAsync("{\"address\":\"ann@customer.example\"}"));
        Assert.Equal([house.Ticket.Number], await FindAsync($"{{\"number\":\"{house.Ticket.Number.ToLowerInvariant()}\"}}"));
        Assert.Empty(await FindAsync("{\"address\":\"nobody@customer.example\"}"));
        Assert.Empty(await FindAsync("{\"number\":\"ZZZZZZZZ\"}"));
        foreach (string bad in new[] { "{}", "{\"address\":\"a@b.example\",\"number\":\"X\"}", "{\"address\":\"\"}" })
            Assert.Equal(400, (await ApiClient.SendAsync(system, "POST", "/api/tickets/search", token, bad)).Status);
    }

    [Fact]
    public async Task An_agents_day_can_be_done_by_a_program()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync(), ticket = $"/api/tickets/{house.Ticket.Number}";
        string before = (await GetAsync(ticket, token)).Headers.ETag!.Tag;
        Assert.Equal(201, (await ApiClient.SendAsync(system, "POST", ticket + "/notes", token, "{\"text\":\"Between us.\"}")).Status);
        Assert.Equal(200, (await ApiClient.SendAsync(system, "PUT", ticket + "/assignee", token, $"{{\"person\":\"{house.Person.Id}\"}}")).Status);
        ApiAnswer reply = await ApiClient.SendAsync(system, "POST", ticket + "/replies", token,
            "{\"text\":\"Thank you.\",\"authorName\":\"Ann of Acme\",\"closeTicket\":true,\"attachments\":[{\"name\":\"a.txt\",\"content\":\"aGVsbG8=\",\"contentType\":\"text/plain\"}]}");
        Assert.Equal(202, reply.Status);

        ApiAnswer now = await GetAsync(ticket, token);
        Assert.NotEqual(before, now.Headers.ETag!.Tag);
        Assert.Equal((house.Person.Id, "Closed"), (now.Json["ticket"]!["assignee"]!.GetValue<string>(), now.Json["ticket"]!["state"]!.GetValue<string>()));
        JsonNode[] messages = [.. now.Json["messages"]!.AsArray().Select(m => m!)];
        Assert.Equal(["In", "Note", "Out"], messages.Select(m => m["direction"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        JsonNode sent = messages.Single(m => m["direction"]!.GetValue<string>() == "Out");
        Assert.Equal((reply.Json["key"]!.GetValue<string>(), "Ann of Acme", "ann@customer.example"), (sent["key"]!.GetValue<string>(), sent["fromName"]!.GetValue<string>(), sent["to"]![0]!.GetValue<string>()));
        Assert.NotNull(sent["delivery"]!["state"]);
        Assert.Equal("hello", (await GetAsync($"{ticket}/messages/{sent["key"]!.GetValue<string>()}/attachments/0", token)).Body);
        Assert.Equal("Open", (await ApiClient.SendAsync(system, "PUT", ticket + "/state", token, "{\"state\":\"Open\"}")).Json["state"]!.GetValue<string>());
        Assert.Equal("", (await ApiClient.SendAsync(system, "PUT", ticket + "/assignee", token, "{\"person\":\"\"}")).Json["assignee"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_person_with_a_token_of_the_directory_may_do_what_their_grants_say()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        TenantContext main = new(system.Desk.Settings.Tenant);
        Mailbox mailbox = await system.GiveAsync(main, house.Address, Mails.From("ann@customer.example", "Of main"));
        await system.SettledAsync(main, mailbox.Id, listed: 1);
        string ticket = (await system.Desk.Tickets.NewestAsync(main, mailbox.Id, Ingest.Core.Tickets.TicketState.Open, 1, Cancel)).Single().Id;
        Guid user = Guid.NewGuid();
        Identity identity = new(Ingest.Core.Tests.Access.LocalIssuer.Directory, user);
        string Token()
        {
            JsonObject claims = system.Directory.AccessClaims(RunningSystem.ApiAudience);
            (claims["oid"], claims["sub"]) = (user.ToString("D"), "pairwise");
            return "Bearer " + system.Directory.Sign(claims);
        }

        Assert.Equal(401, (await GetAsync("/api/tickets/" + ticket, Token())).Status);
        (Person? person, _) = await system.Desk.People.AddAsync(main, identity, "Ann", "", [new Grant(Role.Agent, InboxId.Parse("0000000000000001"))], Cancel);
        Assert.Equal(404, (await GetAsync("/api/tickets/" + ticket, Token())).Status);
        await system.Desk.People.SetGrantsAsync(main, person!.Id, [new Grant(Role.Agent, mailbox.Id)], Cancel);
        Assert.Equal(200, (await GetAsync("/api/tickets/" + ticket, Token())).Status);
        Assert.Equal(201, (await ApiClient.SendAsync(system, "POST", $"/api/tickets/{ticket}/notes", Token(), "{\"text\":\"Mine.\",\"authorName\":\"Somebody Else\"}")).Status);
        JsonNode note = (await GetAsync("/api/tickets/" + ticket, Token())).Json["messages"]!.AsArray().Single(m => m!["direction"]!.GetValue<string>() == "Note")!;
        Assert.Equal((person.Id, "Ann"), (note["author"]!.GetValue<string>(), note["fromName"]!.GetValue<string>()));
        Assert.Equal(403, (await GetAsync($"/api/mailboxes/{mailbox.Id}/books", Token())).Status);
        await system.Desk.People.DisableAsync(main, person.Id, Cancel);
        Assert.Equal(401, (await GetAsync("/api/tickets/" + ticket, Token())).Status);
    }

    [Fact]
    public async Task A_token_bound_to_addresses_is_good_only_from_there_whatever_the_caller_writes()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        async Task<string> BoundAsync(string network) => "Bearer " + await system.Desk.Tokens.CreateAsync(tenant,
            new NewToken { Name = "bound", Permissions = [Permission.ReadTickets], Networks = [IPNetwork.Parse(network)], Life = TimeSpan.FromHours(1) }, Cancel);
        string here = await BoundAsync("127.0.0.0/8"), there = await BoundAsync("203.0.113.0/24");
        Assert.Equal(200, (await GetAsync("/api/tickets", here)).Status);
        Assert.Equal(401, (await GetAsync("/api/tickets", there)).Status);
        foreach (string forged in new[] { "203.0.113.7", "203.0.113.7, 203.0.113.8", "203.0.113.7:1" })
        {
            Assert.Equal(401, (await ApiClient.SendAsync(system, "GET", "/api/tickets", there, null, null, ("X-Forwarded-For", forged), ("X-Azure-ClientIP", forged), ("Forwarded", "for=" + forged))).Status);
            Assert.Equal(200, (await ApiClient.SendAsync(system, "GET", "/api/tickets", here, null, null, ("X-Forwarded-For", forged))).Status);
        }
    }

    [Theory]
    [InlineData("1", "203.0.113.7", "203.0.113.7")]
    [InlineData("1", "203.0.113.7:50123", "203.0.113.7")]
    [InlineData("1", "6.6.6.6, 203.0.113.7:50123", "203.0.113.7")]
    [InlineData("2", "6.6.6.6, 203.0.113.7, 10.0.0.1", "203.0.113.7")]
    [InlineData("1", "[2001:db8::1]:50123", "2001:db8::1")]
    [InlineData("1", "2001:db8::1", "2001:db8::1")]
    [InlineData("1", "::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2", "203.0.113.7", null)]
    [InlineData("1", "", null)]
    [InlineData("1", "unknown", null)]
    [InlineData("1", "203.0.113.7, nonsense", null)]
    [InlineData("", "203.0.113.7", null)]
    public void The_callers_address_is_the_one_that_the_trusted_proxies_saw(string hops, string field, string? address)
    {
        Microsoft.AspNetCore.Http.HeaderDictionary headers = new() { ["X-Forwarded-For"] = field };
        Assert.Equal(address is null ? null : IPAddress.Parse(address), Ingest.App.Api.ClientAddress.Of(headers, hops.Length == 0 ? null : int.Parse(hops, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked_on_the_command_line()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        (int exit, string output, string error) = await system.CommandAsync(house.Tenant, "token", "create", "--name", "helpdesk", "--allow", "read-tickets", "--mailbox", house.Address, "--from", "127.0.0.0/8", "--days", "7");
        Assert.Equal((0, ""), (exit, error));
        string token = "Bearer " + output.Trim();
        Assert.Equal(200, (await GetAsync("/api/tickets/" + house.Ticket.Id, token)).Status);
        Assert.Equal(403, (await GetAsync($"/api/mailboxes/{house.Inbox}/books", token)).Status);
        (_, string list, _) = await system.CommandAsync(house.Tenant, "token", "list");
        JsonNode line = JsonNode.Parse(list.Trim())!;
        Assert.Equal(("helpdesk", "read-tickets", house.Inbox.Value, "127.0.0.0/8"), (line["name"]!.GetValue<string>(), line["allows"]![0]!.GetValue<string>(), line["mailboxes"]![0]!.GetValue<string>(), line["networks"]![0]!.GetValue<string>()));
        Assert.DoesNotContain(token.Split('_')[^1], list, StringComparison.Ordinal);
        string id = line["id"]!.GetValue<string>();
        Assert.Equal(1, (await system.CommandAsync(RunningSystem.NewTenant(), "token", "revoke", id)).Exit);
        Assert.Equal(0, (await system.CommandAsync(house.Tenant, "token", "revoke", id)).Exit);
        Assert.Equal(401, (await GetAsync("/api/tickets/" + house.Ticket.Id, token)).Status);
        Assert.Equal(1, (await system.CommandAsync(house.Tenant, "token", "revoke", id)).Exit);
        foreach (string[] wrong in new string[][] { ["--allow", "everything"], ["--from", "somewhere"], ["--days", "0"] })
            Assert.Equal(2, (await system.CommandAsync(house.Tenant, ["token", "create", .. wrong])).Exit);
    }

    private Task<ApiAnswer> GetAsync(string path, string token) => ApiClient.SendAsync(system, "GET", path, token);
}
