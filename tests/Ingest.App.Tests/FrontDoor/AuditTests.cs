using System.IO.Compression;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Whoever reads or changes something at a front door stands in the audit log, before they see it; and the log is for few.</summary>
[Collection(nameof(RunningSystem))]
public sealed class AuditTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    private async Task<string[]> ToldAsync(TenantContext tenant)
    {
        List<string> told = [];
        await foreach (string day in system.Desk.Audit.DaysAsync(tenant, Cancel))
            await foreach (AuditEntry entry in system.Desk.Audit.EntriesAsync(tenant, day, Cancel))
                told.Add($"{entry.Event.Action} {entry.Event.Code} {(entry.Event.Result == AuditResult.Done ? "" : entry.Event.Result)}".Trim().Replace("  ", " ", StringComparison.Ordinal));
        return [.. told];
    }

    private async Task<(TenantContext Tenant, Mailbox Box, Ticket Ticket, string Message, string[] KeptBack)> BuildAsync()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        string address = $"audit-{Guid.NewGuid().ToString("N")[..8]}@acme.example";
        Mailbox box = await system.GiveAsync(tenant, address, Mails.WithFile("ann@customer.example", "To be read", [1, 2, 3]), Mails.Report(address));
        await system.SettledAsync(tenant, box.Id, 2);
        Ticket ticket = Assert.Single(await system.Desk.Tickets.NewestAsync(tenant, box.Id, TicketState.Open, 5, Cancel));
        string[] kept = [.. (await system.Desk.ReviewList.ListAsync(tenant, box.Id, OutcomeKind.Quarantined, 5, Cancel)).Select(line => line.MessageKey)];
        return (tenant, box, ticket, (await system.Desk.Tickets.MessagesAsync(tenant, ticket.Id, Cancel))[0].Key, kept);
    }

    [Fact]
    public async Task Every_page_that_shows_or_changes_something_is_told()
    {
        (TenantContext tenant, Mailbox box, Ticket ticket, string message, string[] kept) = await BuildAsync();
        using Visitor owner = await Visitor.WithAsync(system, tenant, new Grant(Role.Owner, null));
        (string Path, string Told)[] pages =
        [
            ("tickets", "Listed tickets"), ($"tickets/{ticket.Id}", "ContentRead ticket"), ($"tickets/{ticket.Id}/messages/{message}/text", "Exported text"),
            ($"tickets/{ticket.Id}/messages/{message}/attachments/0", "Exported attachment"), ("review", "Listed kept-back"), ($"review/{box.Id}/{kept[0]}", "ContentRead kept-back"),
            ($"review/{box.Id}/{kept[0]}/delete", "ContentRead kept-back"), ($"mailboxes/{box.Id}/settings", "Listed settings"), ("people", "Listed people"), ($"people/{owner.PersonId}", "Listed people"),
            ($"people/{owner.PersonId}/remove", "Listed people"), ("audit", "AuditRead console"), ("audit?kind=transfers", "AuditRead transfers"),
        ];
        int before = 0;
        foreach ((string path, string told) in pages)
        {
            Assert.Equal(200, (await owner.GetAsync("/console/" + path)).Status);
            string[] now = await ToldAsync(tenant);
            Assert.Equal([told], now[before..]);
            before = now.Length;
        }

        (string Path, (string, string)[] Fields, string[] Told)[] acts =
        [
            ("tickets/search", [("words", "nobody-there")], ["Searched"]), ($"tickets/{ticket.Id}/note", [("text", "Note"), ("once", "n1")], ["TicketChanged note"]), ($"tickets/{ticket.Id}/state", [("state", "closed")], ["TicketChanged closed"]),
            ($"tickets/{ticket.Id}/assign", [("person", owner.PersonId)], ["TicketChanged assigned"]), ($"mailboxes/{box.Id}/pause", [], ["MailboxChanged paused"]), ($"mailboxes/{box.Id}/resume", [], ["MailboxChanged resumed"]),
            ($"mailboxes/{box.Id}/settings", [("name", "Acme")], ["MailboxChanged settings"]), ($"people/{owner.PersonId}/disable", [], ["GrantChanged disable", "GrantChanged disable Failed"]), ($"review/{box.Id}/{kept[0]}/delete", [], ["QuarantineDeleted"]),
        ];
        foreach ((string path, (string, string)[] fields, string[] told) in acts)
        {
            Seen seen = await owner.PostAsync("/console/" + path, fields);
            Assert.True(seen.Status is 200 or 303, $"{path}: {seen.Status}");
            string[] now = await ToldAsync(tenant);
            Assert.Equal(path + ": " + string.Join(", ", told), path + ": " + string.Join(", ", now[before..]));
            before = now.Length;
        }

        // What was refused was neither shown nor told as done.
        Assert.Equal(404, (await owner.GetAsync("/console/tickets/zzzzzzzzzzzzzzzzzzzzzzzzzz")).Status);
        Assert.Equal(before, (await ToldAsync(tenant)).Length);
        Assert.Null(await system.Desk.AuditExport.CheckAsync(tenant, new AuditCheck(), Cancel));
    }

    [Fact]
    public async Task What_the_log_does_not_take_is_neither_shown_nor_done()
    {
        (TenantContext tenant, Mailbox box, Ticket ticket, _, _) = await BuildAsync();
        using Visitor owner = await Visitor.WithAsync(system, tenant, new Grant(Role.Owner, null));
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "t", Permissions = [.. Enum.GetValues<Permission>()], Life = TimeSpan.FromHours(1) }, Cancel);
        Assert.Equal(200, (await owner.GetAsync("/console/tickets")).Status);
        // A row where the next entry would stand: nothing can be appended any more.
        TableClient rows = system.Desk.Storage.Tables.GetTableClient(TableNames.Audit);
        string day = await system.Desk.Audit.DaysAsync(tenant, Cancel).FirstAsync(Cancel);
        AuditHead head = (await system.Desk.Audit.HeadAsync(tenant, day, Cancel))!;
        string next = "e!" + (head.Count + 1).ToString("D10", System.Globalization.CultureInfo.InvariantCulture);
        await rows.AddEntityAsync(new TableEntity($"{tenant}.{day}", next), Cancel);

        Seen page = await owner.GetAsync($"/console/tickets/{ticket.Id}");
        Assert.Equal(503, page.Status);
        Assert.DoesNotContain("To be read", page.Text, StringComparison.Ordinal);
        ApiAnswer answer = await ApiClient.SendAsync(system, "GET", $"/api/tickets/{ticket.Id}", token);
        Assert.Equal(503, answer.Status);
        Assert.DoesNotContain("To be read", answer.Body, StringComparison.Ordinal);
        Assert.Equal(503, (await ApiClient.SendAsync(system, "PUT", $"/api/tickets/{ticket.Id}/state", token, "{\"state\":\"Closed\"}")).Status);
        Assert.Equal(503, (await owner.PostAsync($"/console/mailboxes/{box.Id}/pause")).Status);
        Assert.Equal(TicketState.Open, (await system.Desk.Tickets.FindAsync(tenant, ticket.Id, Cancel))!.State);
        Assert.Equal(MailboxState.Active, (await system.Desk.Mailboxes.FindAsync(tenant, box.Id, Cancel))!.Mailbox.State);
        // Mail comes in all the same.
        await system.GiveAsync(tenant, box.Profile.Address, Mails.From("ann@customer.example", "Another one"));
        await rows.DeleteEntityAsync($"{tenant}.{day}", next, cancel: Cancel);
        Assert.Equal(200, (await owner.GetAsync($"/console/tickets/{ticket.Id}")).Status);
    }

    [Fact]
    public async Task The_log_is_for_auditors_of_all_mailboxes_and_of_their_own_tenant()
    {
        (TenantContext tenant, Mailbox box, Ticket ticket, _, _) = await BuildAsync();
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, null)), auditor = await Visitor.WithAsync(system, tenant, new Grant(Role.Auditor, null)), one = await Visitor.WithAsync(system, tenant, new Grant(Role.Auditor, box.Id));
        Assert.Equal(200, (await agent.GetAsync($"/console/tickets/{ticket.Id}")).Status);
        Assert.Equal(404, (await agent.GetAsync("/console/audit")).Status);
        Assert.Equal(404, (await one.GetAsync("/console/audit")).Status);
        Seen log = await auditor.GetAsync("/console/audit?action=ContentRead");
        Assert.Contains(ticket.Id, log.Text, StringComparison.Ordinal);
        Assert.Contains(agent.PersonId, log.Text, StringComparison.Ordinal);
        foreach (string content in new[] { "To be read", "ann@", box.Profile.Address }) Assert.DoesNotContain(content, log.Text, StringComparison.Ordinal);
        using Visitor stranger = await Visitor.WithAsync(system, RunningSystem.NewTenant(), new Grant(Role.Owner, null));
        Assert.DoesNotContain(ticket.Id, (await stranger.GetAsync("/console/audit")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await auditor.GetAsync("/console/person")).Status);
        Assert.Equal(404, (await agent.GetAsync("/console/person")).Status);
    }

    [Fact]
    public async Task The_log_is_paged_and_filtered_by_the_api()
    {
        (TenantContext tenant, Mailbox box, Ticket ticket, _, _) = await BuildAsync();
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "t", Permissions = [Permission.ReadJournal], Life = TimeSpan.FromHours(1) }, Cancel);
        for (int i = 0; i < 120; i++)
            await system.Desk.Audit.AppendAsync(tenant, new AuditEvent(i % 2 == 0 ? AuditAction.ContentRead : AuditAction.Exported, AuditActor.Command) { Inbox = box.Id, TicketId = ticket.Id, Count = i, Code = "test" }, Cancel);
        List<long> counts = [];
        for (string? cursor = ""; cursor is not null;)
        {
            ApiAnswer page = await ApiClient.SendAsync(system, "GET", $"/api/audit?inbox={box.Id}{(cursor.Length > 0 ? "&cursor=" + cursor : "")}", token);
            Assert.Equal(200, page.Status);
            counts.AddRange(page.Json["entries"]!.AsArray().Where(e => e!["code"]!.GetValue<string>() == "test").Select(e => e!["count"]!.GetValue<long>()));
            cursor = page.Json["next"]?.GetValue<string>();
        }

        Assert.Equal(Enumerable.Range(0, 120).Reverse().Select(i => (long)i), counts);
        ApiAnswer transfers = await ApiClient.SendAsync(system, "GET", "/api/audit?kind=transfers", token);
        Assert.All(transfers.Json["entries"]!.AsArray(), entry => Assert.Equal("Exported", entry!["action"]!.GetValue<string>()));
        Assert.Equal(60, transfers.Json["entries"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_person_is_given_what_is_held_of_them_and_that_is_told_with_a_count()
    {
        (TenantContext tenant, _, _, _, _) = await BuildAsync();
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "t", Permissions = [.. Enum.GetValues<Permission>()], Life = TimeSpan.FromHours(1) }, Cancel);
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(system.BaseUrl, "/api/contacts/export")) { Content = new StringContent("{\"address\":\"ANN@customer.example\"}", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", token);
        using HttpResponseMessage answer = await http.SendAsync(request, Cancel);
        using ZipArchive zip = new(new MemoryStream(await answer.Content.ReadAsByteArrayAsync(Cancel)));
        Assert.Contains(zip.Entries, entry => entry.FullName == "index.html");
        Assert.Contains(zip.Entries, entry => entry.FullName.EndsWith("0001.txt", StringComparison.Ordinal));
        Assert.DoesNotContain("ann", answer.Content.Headers.ContentDisposition!.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["Exported person-begun", "Exported person"], await ToldAsync(tenant));
        AuditPart part = await system.Desk.AuditPages.ReadAsync(tenant, new AuditFilter { Actions = AuditFilter.Transfers }, 10, after: null, Cancel);
        Assert.Equal((1, 26), (part.Entries[0].Event.Count, part.Entries[0].Event.ContactId.Length));

        foreach ((string level, int status) in new[] { ("hipaa", 200), ("strict", 400) })
        {
            using HttpRequestMessage more = new(HttpMethod.Post, new Uri(system.BaseUrl, "/api/contacts/export")) { Content = new StringContent($$"""{"address":"ann@customer.example","redact":"{{level}}"}""", Encoding.UTF8, "application/json") };
            more.Headers.TryAddWithoutValidation("Authorization", token);
            using HttpResponseMessage end = await http.SendAsync(more, Cancel);
            Assert.Equal(status, (int)end.StatusCode);
            if (status != 200) continue;
            using ZipArchive masked = new(new MemoryStream(await end.Content.ReadAsByteArrayAsync(Cancel)));
            using StreamReader page = new(masked.GetEntry("index.html")!.Open());
            Assert.Contains("more was masked", await page.ReadToEndAsync(Cancel), StringComparison.Ordinal);
        }

        using Visitor owner = await Visitor.WithAsync(system, tenant, new Grant(Role.Owner, null));
        Assert.Equal(422, (await owner.PostAsync("/console/person", ("address", "nobody@customer.example"))).Status);
        Assert.Equal(200, (await owner.PostAsync("/console/person", ("address", "ann@customer.example"))).Status);
    }
}
