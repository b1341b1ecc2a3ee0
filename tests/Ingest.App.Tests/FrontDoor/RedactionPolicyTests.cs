using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What is masked in mail, set at every door.</summary>
[Collection(nameof(RunningSystem))]
public sealed class RedactionPolicyTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task The_api_sets_a_policy_as_people_write_it_and_says_when_it_was_changed_meanwhile()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.ManageMailboxes]), path = $"/api/mailboxes/{house.Inbox}/redaction";
        ApiAnswer usual = await ApiClient.SendAsync(system, "GET", path, token);
        Assert.Equal((200, false, "default", "lastFour"), (usual.Status, usual.Json["set"]!.GetValue<bool>(), usual.Json["policy"]!["preset"]!.GetValue<string>(), usual.Json["policy"]!["types"]!["card"]!["mask"]!.GetValue<string>()));
        string tag = usual.Headers.ETag!.ToString();

        const string Body = """{"preset":"pci","types":{"card":"full","phone":{"mask":"pseudonym","confidence":0.7}},"allow":["ORD-######"],"dryRun":true}""";
        ApiAnswer set = await ApiClient.SendAsync(system, "PUT", path, token, Body, "application/json", ("If-Match", tag));
        JsonNode policy = set.Json["policy"]!;
        Assert.Equal((200, true, "full", "pseudonym", 0.7), (set.Status, set.Json["set"]!.GetValue<bool>(), policy["types"]!["card"]!["mask"]!.GetValue<string>(), policy["types"]!["phone"]!["mask"]!.GetValue<string>(), policy["types"]!["phone"]!["confidence"]!.GetValue<double>()));
        Assert.Equal(("notKept", "none", true), (policy["original"]!.GetValue<string>(), policy["types"]!["iban"]!["mask"]!.GetValue<string>(), policy["dryRun"]!.GetValue<bool>()));
        Assert.Equal(412, (await ApiClient.SendAsync(system, "PUT", path, token, "{}", "application/json", ("If-Match", tag))).Status);
        Assert.Equal(set.Body, (await ApiClient.SendAsync(system, "GET", path, token)).Body);
        // What is read can be sent back as it is.
        Assert.Equal(set.Body, (await ApiClient.SendAsync(system, "PUT", path, token, policy.ToJsonString())).Body);

        Assert.Equal(204, (await ApiClient.SendAsync(system, "DELETE", path, token)).Status);
        Assert.Equal(404, (await ApiClient.SendAsync(system, "DELETE", path, token)).Status);
    }

    [Theory]
    [InlineData("{\"types\":{\"palmPrint\":\"full\"}}", "Known are: card, cardExpiry")]
    [InlineData("{\"types\":{\"card\":\"lastFive\"}}", "Known are: lastFour, firstSixLastFour")]
    [InlineData("{\"allow\":[\"*\"]}", "would allow too much")]
    [InlineData("{\"preset\":\"pci\",\"original\":\"kept\"}", "keeps no original")]
    public async Task What_cannot_be_kept_is_refused_with_its_fix_and_nothing_of_it_is_repeated(string body, string fix)
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.ManageMailboxes]), path = $"/api/mailboxes/{house.Inbox}/redaction";
        ApiAnswer answer = await ApiClient.SendAsync(system, "PUT", path, token, body);
        Assert.Equal((422, "policy-unusable"), (answer.Status, answer.Json["code"]!.GetValue<string>()));
        Assert.Contains(fix, answer.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(400, (await ApiClient.SendAsync(system, "PUT", path, token, "{\"typs\":{}}")).Status);
        Assert.DoesNotContain("palmPrint", answer.Body, StringComparison.Ordinal);
        Assert.False((await ApiClient.SendAsync(system, "GET", path, token)).Json["set"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Only_who_manages_all_mailboxes_sets_what_holds_for_all()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string all = await house.TokenAsync([Permission.ManageMailboxes]), one = await house.TokenAsync([Permission.ManageMailboxes], house.Inbox), agent = await house.TokenAsync([Permission.AnswerTickets]);
        Assert.Equal(200, (await ApiClient.SendAsync(system, "PUT", "/api/redaction", all, "{\"preset\":\"gdpr\"}")).Status);
        Assert.Equal("gdpr", (await ApiClient.SendAsync(system, "GET", $"/api/mailboxes/{house.Inbox}/redaction", one)).Json["policy"]!["preset"]!.GetValue<string>());
        Assert.Equal(403, (await ApiClient.SendAsync(system, "PUT", "/api/redaction", one, "{}")).Status);
        Assert.Equal(403, (await ApiClient.SendAsync(system, "GET", "/api/redaction", one)).Status);
        Assert.Equal(403, (await ApiClient.SendAsync(system, "GET", $"/api/mailboxes/{house.Inbox}/redaction/report", agent)).Status);
    }

    [Fact]
    public async Task The_report_counts_what_was_found_without_content()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.ManageMailboxes]), path = $"/api/mailboxes/{house.Inbox}/redaction/report";
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await EndAsync(house, "a", now, "redact=card:2,phone:1 rules=card.visa:2,us.phone:1");
        await EndAsync(house, "b", now.AddDays(-3), "found=card:3 rules=card.visa:3");
        await EndAsync(house, "c", now.AddDays(-3), "redact=0");
        await EndAsync(house, "d", now.AddDays(-40), "redact=secret:7");
        JsonNode report = (await ApiClient.SendAsync(system, "GET", path, token)).Json;
        Assert.Equal((3, 2), (report["mails"]!.GetValue<int>(), report["withFindings"]!.GetValue<int>()));
        Assert.Equal("""[{"name":"card","masked":2,"found":3},{"name":"phone","masked":1,"found":0}]""", report["types"]!.ToJsonString());
        Assert.Equal("""[{"name":"card.visa","masked":2,"found":3},{"name":"us.phone","masked":1,"found":0}]""", report["rules"]!.ToJsonString());
        Assert.Equal([2, 1], report["days"]!.AsArray().Select(day => day!["mails"]!.GetValue<int>()));
        Assert.Equal(4, (await ApiClient.SendAsync(system, "GET", path + "?days=60", token)).Json["mails"]!.GetValue<int>());

        using Visitor admin = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Admin, null));
        Seen page = await admin.GetAsync($"/console/mailboxes/{house.Inbox}/redaction");
        // The numbers cost a reading of the whole journal: they are asked for, and do not come with the settings.
        Assert.DoesNotContain("looked through", page.Text, StringComparison.Ordinal);
        Assert.Contains($"/console/mailboxes/{house.Inbox}/redaction/numbers", page.Html, StringComparison.Ordinal);
        Seen numbers = await admin.GetAsync($"/console/mailboxes/{house.Inbox}/redaction/numbers");
        Assert.Contains("3 mails looked through; something was found in 2.", numbers.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await ApiClient.SendAsync(system, "GET", path + "?days=0", token)).Status);
        Assert.Equal(400, (await ApiClient.SendAsync(system, "GET", path + "?days=367", token)).Status);
    }

    [Fact]
    public async Task An_admin_takes_a_preset_changes_it_and_goes_back_on_a_page_that_says_what_is_wrong()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string path = $"/console/mailboxes/{house.Inbox}/redaction";
        using Visitor admin = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Admin, null));
        Seen page = await admin.GetAsync(path);
        Assert.Contains("Whatever you change here makes settings of its own", page.Text, StringComparison.Ordinal);

        await admin.PostAsync(path + "/preset", Fields(page, ("preset", "Pci")));
        Assert.Equal(RedactionPreset.Pci, (await HeldAsync(house)).Preset);
        page = await admin.GetAsync(path);
        (string, string)[] settings = [("confidence", "0,45"), ("mask-card", "Full"), ("from-phone", "0.7"), ("mask-phone", "Pseudonym"), ("allow", "ORD-######\r\nINV-####"), ("countries", "us, gb"), ("out-card", "yes"), ("dry-run", "yes")];
        await admin.PostAsync(path + "/settings", Fields(page, settings));
        RedactionPolicy kept = await HeldAsync(house);
        Assert.Equal((0.45, MaskStyle.Full, true, OriginalMail.NotKept), (kept.Confidence, kept.Of(FindingType.Card).Mask, kept.DryRun, kept.Original));
        Assert.Equal(new TypePolicy(MaskStyle.Pseudonym, 0.7), kept.Of(FindingType.Phone));
        Assert.Equal(["ORD-######", "INV-####"], kept.Allow);
        Assert.Equal(["us", "gb"], kept.Countries);
        Assert.Equal([FindingType.Card], kept.Outgoing);

        page = await admin.GetAsync(path);
        Assert.Contains("Nothing is masked for now.", page.Text, StringComparison.Ordinal);
        foreach ((string Field, string Value, string Fix) wrong in new[] { ("allow", "*", "would allow too much"), ("original", "Kept", "keeps no original"), ("confidence", "high", "number from 0 to 1"), ("countries", "xx", "ISO 3166") })
        {
            Seen bad = await admin.PostAsync(path + "/settings", Fields(page, [.. settings.Where(field => field.Item1 != wrong.Field), (wrong.Field, wrong.Value)]));
            Assert.Contains(wrong.Fix, bad.Text, StringComparison.Ordinal);
        }

        Assert.Equal(kept.ToText(), (await HeldAsync(house)).ToText());
        await admin.PostAsync(path + "/own", Fields(page));
        Assert.False((await system.Desk.RedactionPolicies.FindAsync(house.Tenant, house.Inbox, Cancel)).IsSet);
    }

    private Task<JournalLine> EndAsync(ApiHouse house, string key, DateTimeOffset received, string steps) => system.Desk.Journal.CloseAsync(house.Tenant, house.Inbox, new JournalLine
    {
        MessageKey = key.PadLeft(32, '0'), Outcome = OutcomeKind.Ticketed, Reason = OutcomeReason.NewTicket, TicketId = new string('0', 26), Received = received, At = received,
        Steps = "auth=DmarcPass screen=Human/NoSign thread=New spam=Ham/0.02 " + steps,
    }, Cancel);

    private async Task<RedactionPolicy> HeldAsync(ApiHouse house) => (await system.Desk.RedactionPolicies.FindAsync(house.Tenant, house.Inbox, Cancel)).Policy;

    private static (string, string)[] Fields(Seen page, params (string, string)[] fields)
    {
        const string Mark = "name=\"version\" value=\"";
        int at = page.Html.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        return [.. fields, ("version", System.Net.WebUtility.HtmlDecode(page.Html[at..page.Html.IndexOf('"', at)]))];
    }
}
