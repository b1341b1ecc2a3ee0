using System.Text.Json.Nodes;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Agents say what is spam, admins take it back: at the console, by the API and on the command line.</summary>
[Collection(nameof(RunningSystem))]
public sealed class LessonsTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    private async Task<(TenantContext Tenant, Mailbox Mailbox, Ticket Ticket)> BuildAsync()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        Mailbox mailbox = await system.GiveAsync(tenant, $"lessons-{Guid.NewGuid().ToString("N")[..8]}@acme.example", Mails.From("kim@growth.example", "A quick question about your racks"));
        await system.SettledAsync(tenant, mailbox.Id, 1);
        return (tenant, mailbox, Assert.Single(await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 5, Cancel)));
    }

    private async Task<Ticket> NowAsync(TenantContext tenant, Ticket ticket) => (await system.Desk.Tickets.FindAsync(tenant, ticket.Id, Cancel))!;

    [Fact]
    public async Task An_agent_sets_a_ticket_aside_as_spam_at_the_console_and_takes_that_back()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket) = await BuildAsync();
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, mailbox.Id));
        string page = $"/console/tickets/{ticket.Id}", key = ticket.Document!.LastKey;
        Assert.Contains("name=\"spam\" value=\"yes\"", (await agent.GetAsync(page)).Html, StringComparison.Ordinal);

        Seen done = await agent.PostAsync(page + "/spam", ("message", key), ("spam", "yes"));
        Assert.EndsWith("said=spam", done.Location, StringComparison.Ordinal);
        Ticket aside = await NowAsync(tenant, ticket);
        Assert.Equal((TicketState.Closed, true), (aside.State, aside.Flags.HasFlag(MessageMarks.MarkedSpam)));
        LessonLine lesson = Assert.Single(await system.Desk.Lessons.ListAsync(tenant, Cancel).ToListAsync(Cancel));
        Assert.Equal((agent.PersonId, LessonVerdict.Spam), (lesson.By, lesson.Verdict));

        await agent.PostAsync(page + "/spam", ("message", key), ("spam", "no"));
        Assert.Equal(TicketState.Open, (await NowAsync(tenant, ticket)).State);
        Assert.EndsWith("said=spam-gone", (await agent.PostAsync(page + "/spam", ("message", new string('z', 32)), ("spam", "yes"))).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_admins_of_all_mailboxes_see_lessons_and_one_press_takes_an_accounts_out()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket) = await BuildAsync();
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, null)), local = await Visitor.WithAsync(system, tenant, new Grant(Role.Admin, mailbox.Id)), admin = await Visitor.WithAsync(system, tenant, new Grant(Role.Admin, null));
        await agent.PostAsync($"/console/tickets/{ticket.Id}/spam", ("message", ticket.Document!.LastKey), ("spam", "yes"));
        foreach (Visitor other in new[] { agent, local })
        {
            Assert.Equal(404, (await other.GetAsync("/console/lessons")).Status);
            Assert.Equal(404, (await other.PostAsync("/console/lessons/undo", ("by", agent.PersonId))).Status);
        }

        Seen page = await admin.GetAsync("/console/lessons");
        Assert.Equal(200, page.Status);
        Assert.Contains(ticket.Number, page.Text, StringComparison.Ordinal);
        Assert.Equal(422, (await admin.PostAsync("/console/lessons/undo", ("by", agent.PersonId), ("since", "yesterday-ish"))).Status);
        Assert.Single(await system.Desk.Lessons.ListAsync(tenant, Cancel).ToListAsync(Cancel));

        Seen undone = await admin.PostAsync("/console/lessons/undo", ("by", agent.PersonId), ("since", "2026-01-01 00:00"));

        Assert.EndsWith("lessons=1&tickets=1", undone.Location, StringComparison.Ordinal);
        Assert.Empty(await system.Desk.Lessons.ListAsync(tenant, Cancel).ToListAsync(Cancel));
        Assert.Equal(TicketState.Open, (await NowAsync(tenant, ticket)).State);
    }

    [Fact]
    public async Task The_api_marks_lists_exports_and_undoes_and_the_log_knows_of_each()
    {
        (TenantContext tenant, _, Ticket ticket) = await BuildAsync();
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "t", Permissions = Enum.GetValues<Permission>(), Life = TimeSpan.FromHours(1) }, Cancel);
        string message = $"/api/tickets/{ticket.Number}/messages/{ticket.Document!.LastKey}/spam";

        JsonNode marked = (await ApiClient.SendAsync(system, "POST", message, token)).Json;
        Assert.True(marked["learned"]!.GetValue<bool>());
        Assert.Equal("Closed", marked["ticket"]!["state"]!.GetValue<string>());
        JsonNode list = (await ApiClient.SendAsync(system, "GET", "/api/spam/lessons?since=2026-01-01T00:00:00Z", token)).Json;
        Assert.Equal("Spam", list["lessons"]![0]!["verdict"]!.GetValue<string>());
        JsonNode model = (await ApiClient.SendAsync(system, "GET", "/api/spam/model", token)).Json;
        Assert.NotEmpty(model["weights"]!.AsObject());
        Assert.DoesNotContain("growth", model.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(400, (await ApiClient.SendAsync(system, "POST", "/api/spam/lessons/undo", token, "{}")).Status);

        JsonNode undone = (await ApiClient.SendAsync(system, "POST", "/api/spam/lessons/undo", token, $"{{\"ids\":[\"{list["lessons"]![0]!["id"]!.GetValue<string>()}\"]}}")).Json;

        Assert.Equal((1, 1), (undone["lessons"]!.GetValue<int>(), undone["tickets"]!.GetValue<int>()));
        Assert.Equal("Open", (await ApiClient.SendAsync(system, "DELETE", message, token)).Json["ticket"]!["state"]!.GetValue<string>());
        List<(AuditAction, string)> told = [];
        await foreach (string day in system.Desk.Audit.DaysAsync(tenant, Cancel))
            await foreach (AuditEntry entry in system.Desk.Audit.EntriesAsync(tenant, day, Cancel)) told.Add((entry.Event.Action, entry.Event.Code));
        foreach ((AuditAction, string) wanted in new[] { (AuditAction.TicketChanged, "spam"), (AuditAction.TicketChanged, "not-spam"), (AuditAction.Listed, "lessons"), (AuditAction.Exported, "spam-model"), (AuditAction.PolicyChanged, "unlearned") })
            Assert.Contains(wanted, told);
    }

    [Fact]
    public async Task One_command_takes_back_what_an_account_taught()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket) = await BuildAsync();
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, mailbox.Id));
        await agent.PostAsync($"/console/tickets/{ticket.Id}/spam", ("message", ticket.Document!.LastKey), ("spam", "yes"));
        (int exit, string output, _) = await system.CommandAsync(tenant, "spam", "lessons");
        Assert.Equal((0, agent.PersonId), (exit, JsonNode.Parse(output.Split('\n')[0])!["by"]!.GetValue<string>()));
        Assert.Equal(1, (await system.CommandAsync(tenant, "spam", "undo")).Exit);

        (exit, output, _) = await system.CommandAsync(tenant, "spam", "undo", "--by", agent.PersonId, "--since", "2026-01-01T00:00:00Z");

        Assert.Equal((0, "1 lessons were taken out and the model was built without them; 1 tickets are open again."), (exit, output.Trim()));
        Assert.Equal(0, (await system.CommandAsync(tenant, "spam", "mark", ticket.Number)).Exit);
        Assert.Equal(TicketState.Closed, (await NowAsync(tenant, ticket)).State);
        Assert.Equal(0, (await system.CommandAsync(tenant, "spam", "unmark", ticket.Number)).Exit);
        Assert.Equal(TicketState.Open, (await NowAsync(tenant, ticket)).State);
    }
}
