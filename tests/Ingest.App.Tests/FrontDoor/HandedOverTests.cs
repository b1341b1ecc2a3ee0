using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>A ticket that was written anew when somebody in it was erased is found by its number, and by its id of before, as the ticket that stands.</summary>
[Collection(nameof(RunningSystem))]
public sealed class HandedOverTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task A_hold_on_its_number_or_its_old_id_keeps_it_and_an_erasure_erases_it()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        string ann = "ann@customer.example", address = $"over-{Guid.NewGuid().ToString("N")[..8]}@acme.example";
        Mailbox mailbox = await system.GiveAsync(tenant, address, Mails.From("bob@other.example", "Invoice 7", address, $"I heard of it from {ann} herself.\r\n"));
        await system.SettledAsync(tenant, mailbox.Id, listed: 1);
        Ticket before = (await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 1, Cancel)).Single();
        await system.Desk.Eraser.ContactAsync(tenant, ann, AuditActor.Command, Cancel);
        Ticket stands = (await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 1, Cancel)).Single();
        Assert.Equal((true, before.Number), (before.Id != stands.Id, stands.Number));
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "test", Permissions = [.. Enum.GetValues<Permission>()], Inboxes = [], Life = TimeSpan.FromHours(1) }, Cancel);

        foreach (string name in new[] { before.Number, before.Id })
        {
            Assert.Equal(stands.Id, (await SendAsync(token, "GET", $"/api/tickets/{name}")).Json["ticket"]!["id"]!.GetValue<string>());
            ApiAnswer held = await SendAsync(token, "POST", "/api/holds", new JsonObject { ["ticket"] = name, ["reason"] = "matter 7" });
            Assert.Equal((201, stands.Id), (held.Status, held.Json["target"]!.GetValue<string>()));
            Assert.Equal("legal-hold", (await SendAsync(token, "POST", "/api/erasures", new JsonObject { ["ticket"] = stands.Id })).Json["code"]!.GetValue<string>());
            await system.Desk.Holds.LiftAsync(tenant, held.Json["id"]!.GetValue<string>(), AuditActor.Command, Cancel);
        }

        Assert.Equal("nothing-to-hold", (await SendAsync(token, "POST", "/api/holds", new JsonObject { ["ticket"] = new string('0', 26), ["reason"] = "matter 7" })).Json["code"]!.GetValue<string>());
        Assert.Equal((200, stands.Id), await SendAsync(token, "POST", "/api/erasures", new JsonObject { ["ticket"] = before.Number }) is var erased ? (erased.Status, erased.Json["target"]!.GetValue<string>()) : default);
        Assert.NotNull((await system.Desk.Tickets.FindAsync(tenant, stands.Id, Cancel))!.Erased);
        Assert.Equal("nothing-to-hold", (await SendAsync(token, "POST", "/api/holds", new JsonObject { ["ticket"] = before.Number, ["reason"] = "matter 7" })).Json["code"]!.GetValue<string>());
    }

    private Task<ApiAnswer> SendAsync(string token, string method, string path, JsonObject? body = null) => ApiClient.SendAsync(system, method, path, token, body?.ToJsonString());
}
