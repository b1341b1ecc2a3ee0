using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Policies;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What is done with mail, set at every door.</summary>
[Collection(nameof(RunningSystem))]
public sealed class PolicyTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task The_api_sets_a_policy_whole_and_says_when_it_was_changed_meanwhile()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.ManageMailboxes]), path = $"/api/mailboxes/{house.Inbox}/policy";
        ApiAnswer usual = await ApiClient.SendAsync(system, "GET", path, token);
        Assert.Equal((200, false, 2000), (usual.Status, usual.Json["set"]!.GetValue<bool>(), usual.Json["policy"]!["oneCustomerIn"]!.GetValue<int>()));
        string tag = usual.Headers.ETag!.ToString();

        const string Body = "{\"rules\":[{\"effect\":\"Deny\",\"subject\":\"Domain\",\"pattern\":\" @Nuisance.example \"}],\"unsure\":\"Quarantine\",\"hold\":[\"OutOfOffice\",\"Blank\"]}";
        ApiAnswer set = await ApiClient.SendAsync(system, "PUT", path, token, Body, "application/json", ("If-Match", tag));
        Assert.Equal((200, true, "nuisance.example", "Quarantine"), (set.Status, set.Json["set"]!.GetValue<bool>(), set.Json["policy"]!["rules"]![0]!["pattern"]!.GetValue<string>(), set.Json["policy"]!["unsure"]!.GetValue<string>()));
        Assert.Equal(412, (await ApiClient.SendAsync(system, "PUT", path, token, "{}", "application/json", ("If-Match", tag))).Status);
        Assert.Equal(set.Body, (await ApiClient.SendAsync(system, "GET", path, token)).Body);

        JsonNode asked = (await ApiClient.SendAsync(system, "POST", path + "/check", token, "{\"from\":\"ann@nuisance.example\"}")).Json;
        Assert.Equal(("Deny", "DeniedByRule", 1), (asked["effect"]!.GetValue<string>(), asked["reason"]!.GetValue<string>(), asked["rule"]!.GetValue<int>()));
        Assert.Equal(204, (await ApiClient.SendAsync(system, "DELETE", path, token)).Status);
        Assert.Equal(404, (await ApiClient.SendAsync(system, "DELETE", path, token)).Status);
    }

    [Theory]
    [InlineData("{\"unsure\":\"Sometimes\"}", 400)]
    [InlineData("{\"unsure\":\"1\"}", 400)]
    [InlineData("{\"hold\":[null]}", 400)]
    [InlineData("{\"rules\":[null]}", 400)]
    [InlineData("{\"rules\":[{\"effect\":\"Deny\",\"subject\":\"Domain\",\"pattern\":\"*\"}]}", 422)]
    [InlineData("{\"rules\":[{\"effect\":\"Suspend\",\"subject\":\"Domain\",\"pattern\":\"a.example\"}]}", 422)]
    [InlineData("{\"mostPerHour\":-1}", 422)]
    [InlineData("{\"oneCustomerIn\":1}", 422)]
    [InlineData("{\"unattended\":[\"nobody\"]}", 422)]
    public async Task What_cannot_be_kept_is_refused_and_changes_nothing(string body, int status)
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.ManageMailboxes]), path = $"/api/mailboxes/{house.Inbox}/policy";
        Assert.Equal(status, (await ApiClient.SendAsync(system, "PUT", path, token, body)).Status);
        Assert.False((await ApiClient.SendAsync(system, "GET", path, token)).Json["set"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Only_who_manages_all_mailboxes_sets_what_holds_for_all()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string all = await house.TokenAsync([Permission.ManageMailboxes]), one = await house.TokenAsync([Permission.ManageMailboxes], house.Inbox), agent = await house.TokenAsync([Permission.AnswerTickets]);
        Assert.Equal(200, (await ApiClient.SendAsync(system, "PUT", "/api/policy", all, "{\"oneCustomerIn\":500}")).Status);
        Assert.Equal(500, (await ApiClient.SendAsync(system, "GET", $"/api/mailboxes/{house.Inbox}/policy", one)).Json["policy"]!["oneCustomerIn"]!.GetValue<int>());
        Assert.Equal(403, (await ApiClient.SendAsync(system, "PUT", "/api/policy", one, "{}")).Status);
        Assert.Equal(403, (await ApiClient.SendAsync(system, "GET", "/api/policy", one)).Status);
        Assert.Equal(403, (await ApiClient.SendAsync(system, "GET", $"/api/mailboxes/{house.Inbox}/policy", agent)).Status);
    }

    [Fact]
    public async Task An_admin_adds_moves_tries_and_removes_rules_on_a_page_that_says_what_is_wrong()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string path = $"/console/mailboxes/{house.Inbox}/policy";
        using Visitor admin = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Admin, null));
        Seen page = await admin.GetAsync(path);
        Assert.Contains("There are no rules yet.", page.Text, StringComparison.Ordinal);
        await admin.PostAsync(path + "/add", Fields(page, ("effect", "Deny"), ("subject", "Domain"), ("pattern", "nuisance.example")));
        page = await admin.GetAsync(path);
        Seen bad = await admin.PostAsync(path + "/add", Fields(page, ("effect", "Deny"), ("subject", "IpAddress"), ("pattern", "somewhere")));
        Assert.Contains("a server looks like 192.0.2.1", bad.Text, StringComparison.Ordinal);
        await admin.PostAsync(path + "/add", Fields(page, ("effect", "Allow"), ("subject", "Address"), ("pattern", "ann@nuisance.example")));
        page = await admin.GetAsync(path);
        await admin.PostAsync(path + "/up", Fields(page, ("rule", "1")));
        page = await admin.GetAsync(path);
        Seen tried = await admin.PostAsync(path + "/try", ("from", "ann@nuisance.example"), ("proof", "proven"));
        Assert.Contains("Rule 1 allows it", tried.Text, StringComparison.Ordinal);
        tried = await admin.PostAsync(path + "/try", ("from", "bob@nuisance.example"), ("proof", "proven"));
        Assert.Contains("Rule 2 denies it: it is held.", tried.Text, StringComparison.Ordinal);
        await admin.PostAsync(path + "/remove", Fields(page, ("rule", "1")));
        MailPolicy kept = (await system.Desk.Policies.FindAsync(house.Tenant, house.Inbox, Cancel)).Policy;
        Assert.Equal(RuleEffect.Allow, Assert.Single(kept.Rules).Effect);
        // What was looked at before somebody else changed it is not obeyed.
        await admin.PostAsync(path + "/remove", Fields(page, ("rule", "0")));
        Assert.Single((await system.Desk.Policies.FindAsync(house.Tenant, house.Inbox, Cancel)).Policy.Rules);
    }

    private static (string, string)[] Fields(Seen page, params (string, string)[] fields)
    {
        const string Mark = "name=\"version\" value=\"";
        int at = page.Html.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        return [.. fields, ("version", System.Net.WebUtility.HtmlDecode(page.Html[at..page.Html.IndexOf('"', at)]))];
    }
}
