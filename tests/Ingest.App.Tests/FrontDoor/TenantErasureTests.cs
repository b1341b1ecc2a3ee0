using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Retention;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>A tenant that is erased through the API: by an owner, who writes out whose it is.</summary>
[Collection(nameof(RunningSystem))]
public sealed class TenantErasureTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task Only_an_owner_who_names_the_tenant_erases_it_and_gets_the_receipt()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string owner = await house.TokenAsync(), admin = await house.TokenAsync([Permission.EraseData]), body = $"{{\"tenant\":\"{house.Tenant}\"}}";
        Assert.Equal(403, (await EraseAsync(admin, body)).Status);
        Assert.Equal("tenant-not-confirmed", (await EraseAsync(owner, "{\"tenant\":\"everything\"}")).Json["code"]!.GetValue<string>());
        Assert.Equal(400, (await EraseAsync(owner, $"{{\"tenant\":\"{house.Tenant}\",\"ticket\":\"{house.Ticket.Id}\"}}")).Status);
        Assert.NotNull((await system.Desk.Tickets.FindAsync(house.Tenant, house.Ticket.Id, Cancel))!.Document);

        ApiAnswer erased = await EraseAsync(owner, body);

        Assert.Equal((200, "Tenant", "Destroyed"), (erased.Status, erased.Json["kind"]!.GetValue<string>(), erased.Json["state"]!.GetValue<string>()));
        byte[] receipt = (await system.Desk.Erasures.FindLastAsync(house.Tenant, Cancel))!;
        Assert.Equal(System.Text.Encoding.UTF8.GetString(receipt), erased.Json["receipt"]!.GetValue<string>());
        Assert.True(Receipt.Check(receipt, await system.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(receipt), Cancel)).Genuine);
        Assert.Equal(401, (await ApiClient.SendAsync(system, "GET", "/api/tickets", owner)).Status);
        List<string> told = [];
        await foreach (string day in system.Desk.Audit.DaysAsync(house.Tenant, Cancel))
            await foreach (AuditEntry entry in system.Desk.Audit.EntriesAsync(house.Tenant, day, Cancel))
                if (entry.Event is { Action: AuditAction.Erased, Code: "tenant" }) told.Add(entry.Event.Result.ToString());
        Assert.Equal(["Begun", "Done"], told);
    }

    private Task<ApiAnswer> EraseAsync(string token, string body) => ApiClient.SendAsync(system, "POST", "/api/erasures", token, body);
}
