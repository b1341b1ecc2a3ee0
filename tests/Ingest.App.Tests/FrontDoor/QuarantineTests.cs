using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Kept-back mail through the API and the command line.</summary>
[Collection(nameof(RunningSystem))]
public sealed class QuarantineTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    private async Task<(TenantContext Tenant, Mailbox Box, JsonNode[] Lines)> BuildAsync(int count)
    {
        TenantContext tenant = RunningSystem.NewTenant();
        string address = $"q-{Guid.NewGuid().ToString("N")[..8]}@acme.example";
        Mailbox box = await system.GiveAsync(tenant, address, [.. Enumerable.Range(0, count).Select(_ => Mails.Report(address))]);
        await system.SettledAsync(tenant, box.Id, count);
        return (tenant, box, await ListAsync(tenant));
    }

    private async Task<JsonNode[]> ListAsync(TenantContext tenant, params string[] more) => await LinesAsync(tenant, ["quarantine", "list", .. more]);

    private async Task<JsonNode[]> LinesAsync(TenantContext tenant, params string[] words)
    {
        (int exit, string output, string error) = await system.CommandAsync(tenant, [.. words, "--json"]);
        Assert.Equal((0, ""), (exit, error));
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    [Fact]
    public async Task The_command_line_lists_shows_lets_in_and_deletes()
    {
        (TenantContext tenant, Mailbox box, JsonNode[] lines) = await BuildAsync(4);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.Equal(("Report", "Report", box.Profile.Address), (line["reason"]!.GetValue<string>(), line["subject"]!.GetValue<string>(), line["mailbox"]!.GetValue<string>())));
        Assert.All(lines, line => Assert.True(line["expiresAt"]!.GetValue<DateTimeOffset>() > line["keptAt"]!.GetValue<DateTimeOffset>()));
        string Key(int i) => lines[i]["messageKey"]!.GetValue<string>();

        JsonNode shown = Assert.Single(await LinesAsync(tenant, "quarantine", "show", Key(0)));
        Assert.Contains("It was kept back: it is a report of a mail system.", shown["why"]!.AsArray().Last()!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull((await ListAsync(tenant))[0]["seenAt"]);

        Assert.Empty(await ListAsync(tenant, "--sender", "nobody.example"));
        Assert.Empty(await ListAsync(tenant, "--reason", "Spam"));
        Assert.Equal(4, (await ListAsync(tenant, "--words", "report", "--reason", "report", "--older-than", "0")).Length);
        JsonNode dry = Assert.Single(await LinesAsync(tenant, "quarantine", "delete", "--all", "--sender", "isp.example", "--dry-run"));
        Assert.Equal((4L, 0L), (dry["meant"]!.GetValue<long>(), dry["done"]!.GetValue<long>()));

        Assert.Equal("let in; its ticket is there in a moment", Assert.Single(await LinesAsync(tenant, "quarantine", "release", Key(0)))["end"]!.GetValue<string>());
        Assert.Equal(OutcomeKind.Ticketed, (await system.LineAsync(tenant, box.Id, Key(0), line => line.Outcome == OutcomeKind.Ticketed)).Outcome);
        Assert.Equal("deleted", Assert.Single(await LinesAsync(tenant, "quarantine", "delete", Key(1)))["end"]!.GetValue<string>());
        (int exit, string output, _) = await system.CommandAsync(tenant, "quarantine", "release", Key(1), "--json");
        Assert.Equal((1, "somebody deleted it before"), (exit, JsonNode.Parse(output)!["end"]!.GetValue<string>()));

        JsonNode bulk = Assert.Single(await LinesAsync(tenant, "quarantine", "delete", "--all", "--sender", "reports@isp.example"));
        JsonNode end = await system.UntilAsync("the decision", async () => (await LinesAsync(tenant, "quarantine", "progress", bulk["id"]!.GetValue<string>()))[0] is var now && now["state"]!.GetValue<string>() == "Done" ? now : null);
        Assert.Equal(2, end["done"]!.GetValue<long>());
        Assert.Empty(await ListAsync(tenant));
        Assert.Equal((0L, box.Profile.Address), Assert.Single(await LinesAsync(tenant, "quarantine", "summary")) is var sum ? (sum["total"]!.GetValue<long>(), sum["mailbox"]!.GetValue<string>()) : default);
        foreach (string[] wrong in new[] { new[] { "quarantine", "delete" }, ["quarantine", "release", "--all", "--sender", "a b"], ["quarantine", "list", "--reason", "Rain"], ["quarantine", "show", "nothing"], ["quarantine", "progress", "nothing"] })
            Assert.Equal(1, (await system.CommandAsync(tenant, wrong)).Exit);
    }

    [Fact]
    public async Task A_filter_that_cannot_be_read_deletes_nothing_and_no_filter_must_be_said()
    {
        (TenantContext tenant, _, _) = await BuildAsync(2);
        foreach (string[] wrong in new[] { new[] { "--older-than", "-1" }, ["--older-than", "36501"], ["--older-than", "36501", "--everything"], ["--sender", ""], ["--sender", "", "--everything"], [] })
        {
            (int exit, _, string error) = await system.CommandAsync(tenant, ["quarantine", "delete", "--all", .. wrong]);
            Assert.Equal(1, exit);
            Assert.Contains(wrong is [] ? "--everything" : wrong[0], error, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await system.CommandAsync(tenant, "quarantine", "list", "--older-than", "36501")).Exit);
        Assert.Equal(2L, Assert.Single(await LinesAsync(tenant, "quarantine", "delete", "--all", "--dry-run"))["meant"]!.GetValue<long>());
        Assert.Equal(2, (await ListAsync(tenant)).Length);
        Assert.Single(await LinesAsync(tenant, "quarantine", "delete", "--all", "--everything"));
        await system.UntilAsync("the decision", async () => (await ListAsync(tenant)).Length == 0 ? "done" : null);
    }

    [Fact]
    public async Task Pages_of_the_api_follow_on_one_another_and_a_cursor_fits_its_own_question_alone()
    {
        (TenantContext tenant, Mailbox box, _) = await BuildAsync(60);
        string other = $"q-{Guid.NewGuid().ToString("N")[..8]}@acme.example";
        Mailbox second = await system.GiveAsync(tenant, other, [.. Enumerable.Range(0, 43).Select(_ => Mails.Report(other))]);
        await system.SettledAsync(tenant, second.Id, 43);
        JsonNode[] lines = await ListAsync(tenant, "--limit", "103");
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "reviewer", Permissions = [Permission.ReviewMail], Inboxes = [], Life = TimeSpan.FromHours(1) }, Cancel);
        ApiAnswer first = await ApiClient.SendAsync(system, "GET", "/api/quarantine", token);
        string next = first.Json["next"]!.GetValue<string>();
        ApiAnswer rest = await ApiClient.SendAsync(system, "GET", $"/api/quarantine?cursor={next}", token);
        string[] keys = [.. first.Json["mails"]!.AsArray().Concat(rest.Json["mails"]!.AsArray()).Select(m => m!["messageKey"]!.GetValue<string>())];
        Assert.Equal((103, 103, true), (keys.Length, keys.Distinct().Count(), rest.Json["next"] is null));
        Assert.Equal(lines.Select(line => line["messageKey"]!.GetValue<string>()), keys);
        Assert.Equal(43, (await ApiClient.SendAsync(system, "GET", $"/api/quarantine?inbox={second.Id}", token)).Json["mails"]!.AsArray().Count);
        Assert.Equal(400, (await ApiClient.SendAsync(system, "GET", $"/api/quarantine?reason=Report&cursor={next}", token)).Status);
        JsonArray summaries = (await ApiClient.SendAsync(system, "GET", "/api/quarantine/summary", token)).Json["mailboxes"]!.AsArray();
        Assert.Equal([43L, 60L], summaries.Select(s => s!["total"]!.GetValue<long>()).Order());
        Assert.Equal([43L, 60L], summaries.Select(s => s!["reasons"]![0]!["count"]!.GetValue<long>()).Order());

        // Many by name; who decided stands in the audit log, beside the decision that each line names.
        string[] chosen = [.. (await ApiClient.SendAsync(system, "GET", $"/api/quarantine?inbox={box.Id}", token)).Json["mails"]!.AsArray().Take(3).Select(m => m!["messageKey"]!.GetValue<string>())];
        string body = $"{{\"action\":\"Delete\",\"mails\":[{string.Join(',', chosen.Select(key => $"{{\"inbox\":\"{box.Id}\",\"messageKey\":\"{key}\"}}"))}]}}";
        ApiAnswer begun = await ApiClient.SendAsync(system, "POST", "/api/quarantine/bulk", token, body);
        Assert.Equal((202, 3L), (begun.Status, begun.Json["meant"]!.GetValue<long>()));
        string id = begun.Json["id"]!.GetValue<string>();
        foreach (string key in chosen) Assert.Equal(id, (await system.LineAsync(tenant, box.Id, key, line => line.Reason == OutcomeReason.DeletedByPerson)).Bulk);
        List<AuditEntry> told = [];
        await foreach (string day in system.Desk.Audit.DaysAsync(tenant, Cancel))
            await foreach (AuditEntry entry in system.Desk.Audit.EntriesAsync(tenant, day, Cancel)) told.Add(entry);
        Assert.Contains(told, entry => entry.Event is { Action: AuditAction.QuarantineDeleted, Code: "bulk", Count: 3, Actor.Kind: AuditActorKind.Token } e && e.Subject == id);
    }
}
