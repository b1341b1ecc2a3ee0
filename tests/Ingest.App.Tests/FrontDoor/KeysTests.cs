using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Root keys as operators and owners see them.</summary>
[Collection(nameof(RunningSystem))]
public sealed class KeysTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task Who_manages_people_sees_what_the_root_keys_hang_from_and_nobody_else_does()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        ApiAnswer seen = await ApiClient.SendAsync(system, "GET", "/api/keys", await house.TokenAsync([Permission.ManagePeople]));
        Assert.Equal((200, "[]"), (seen.Status, seen.Json["own"]!.ToJsonString()));
        JsonNode data = seen.Json["roots"]!.AsArray().Single(root => root!["for"]!.GetValue<string>() == "Data")!;
        Assert.Equal((1, true), (data["epoch"]!.GetValue<int>(), data["newest"]!.GetValue<bool>()));
        Assert.StartsWith("local:kek-data/", data["kid"]!.GetValue<string>(), StringComparison.Ordinal);
        foreach (string token in new[] { await house.TokenAsync([Permission.ManageMailboxes]), await house.TokenAsync([Permission.ManagePeople], house.Inbox) })
        {
            Assert.Equal(403, (await ApiClient.SendAsync(system, "GET", "/api/keys", token)).Status);
            Assert.Equal(403, (await ApiClient.SendAsync(system, "PUT", "/api/keys/own", token, "{\"kids\":[]}")).Status);
        }
    }

    [Fact]
    public async Task The_command_lists_checks_and_wraps_anew_and_says_when_a_root_was_tampered_with()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        (int exit, string output, _) = await system.CommandAsync(house.Tenant, "keys", "list", "--json");
        Assert.Equal(0, exit);
        JsonNode data = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).Single(root => root["purpose"]!.GetValue<string>() == "data");
        Assert.Equal((1, true, ""), (data["epoch"]!.GetValue<int>(), data["newest"]!.GetValue<bool>(), data["fault"]!.GetValue<string>()));
        Assert.Equal(0, (await system.CommandAsync(house.Tenant, "keys", "check")).Exit);
        Assert.Contains("Wrapped anew: 0 root keys.", (await system.CommandAsync(house.Tenant, "keys", "rewrap")).Output, StringComparison.Ordinal);

        TableClient keys = system.Desk.Storage.Tables.GetTableClient(TableNames.Keys);
        await keys.UpsertEntityAsync(new TableEntity($"{house.Tenant}.root", "trk!000001") { ["created"] = DateTimeOffset.UnixEpoch.AddYears(50) }, TableUpdateMode.Merge, Cancel);
        (exit, output, string error) = await system.CommandAsync(house.Tenant, "keys", "check", "--json");
        Assert.Equal(1, exit);
        Assert.Contains("\"fault\":\"root-refused\"", output, StringComparison.Ordinal);
        Assert.Contains("Not every root key opens", error, StringComparison.Ordinal);
    }
}
