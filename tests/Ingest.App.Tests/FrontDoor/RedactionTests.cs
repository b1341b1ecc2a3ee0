using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Words go for good and originals are opened for a reason: at the console and by the API, by who may.</summary>
[Collection(nameof(RunningSystem))]
public sealed class RedactionTests(RunningSystem system)
{
    private const string Card = "4111 1111 1111 1111";

    private static CancellationToken Cancel => RunningSystem.Cancel;

    private async Task<(TenantContext Tenant, Mailbox Mailbox, Ticket Ticket, string Message)> BuildAsync()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        Mailbox mailbox = await system.GiveAsync(tenant, $"redaction-{Guid.NewGuid().ToString("N")[..8]}@acme.example", Mails.WithFile("ann@customer.example", "About the canary cage", [1, 2, 3]));
        await system.SettledAsync(tenant, mailbox.Id, 1);
        Ticket ticket = Assert.Single(await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 5, Cancel));
        return (tenant, mailbox, ticket, ticket.Document!.LastKey);
    }

    private async Task<List<AuditEvent>> ToldAsync(TenantContext tenant, string ticket) =>
        [.. (await system.Desk.AuditPages.ReadAsync(tenant, new AuditFilter { TicketId = ticket }, 100, null, Cancel)).Entries.Select(e => e.Event)];

    [Fact]
    public async Task An_agent_redacts_words_after_a_page_that_says_what_will_go_and_the_ticket_says_who_did()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, string message) = await BuildAsync();
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, mailbox.Id));
        string page = $"/console/tickets/{ticket.Id}";
        Assert.Contains("canary cage", (await agent.GetAsync(page)).Text, StringComparison.Ordinal);

        Seen asked = await agent.PostAsync(page + "/redact", ("part", "Text"), ("message", message), ("words", "Canary  CAGE"), ("everywhere", "yes"));
        Assert.Equal(200, asked.Status);
        Assert.Contains("These words go from 1 place in 1 message", asked.Text, StringComparison.Ordinal);
        Assert.Contains("canary cage", (await agent.GetAsync(page)).Text, StringComparison.Ordinal);
        Ticket now = (await system.Desk.Tickets.FindAsync(tenant, ticket.Id, Cancel))!;
        Assert.Equal(0, now.Generation);

        Seen late = await agent.PostAsync(page + "/redact/confirmed", ("part", "Text"), ("message", message), ("words", "Canary  CAGE"), ("everywhere", "yes"), ("version", "W/\"old\""));
        Assert.EndsWith("said=redact-changed", late.Location, StringComparison.Ordinal);
        Seen done = await agent.PostAsync(page + "/redact/confirmed", ("part", "Text"), ("message", message), ("words", "Canary  CAGE"), ("everywhere", "yes"), ("version", now.Version));
        Assert.EndsWith("said=redacted", done.Location, StringComparison.Ordinal);
        string text = (await agent.GetAsync(page)).Text;
        Assert.DoesNotContain("canary", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("About the [redacted]", text, StringComparison.Ordinal);
        Assert.Contains("1 place redacted by", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", (await agent.GetAsync("/console/tickets")).Text, StringComparison.OrdinalIgnoreCase);
        AuditEvent told = Assert.Single(await ToldAsync(tenant, ticket.Id), e => e is { Action: AuditAction.Redacted, Result: AuditResult.Done });
        Assert.Equal((agent.PersonId, 1L, "text", mailbox.Id), (told.Actor.Id, told.Count, told.Code, told.Inbox!.Value));

        foreach ((string what, string said) in new[] { ("ab", "redact-short"), ("nobody wrote this", "redact-nothing") })
            Assert.EndsWith("said=" + said, (await agent.PostAsync(page + "/redact", ("part", "Text"), ("message", message), ("words", what))).Location, StringComparison.Ordinal);
        await system.Desk.Holds.PlaceAsync(tenant, ErasureKind.Ticket, ticket.Id, "matter 7", AuditActor.Command, Cancel);
        Assert.EndsWith("said=redact-held", (await agent.PostAsync(page + "/redact", ("part", "Message"), ("message", message))).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_only_read_redacts_nothing_and_an_agent_opens_no_original()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, string message) = await BuildAsync();
        string page = $"/console/tickets/{ticket.Id}", original = $"{page}/messages/{message}/original";
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, mailbox.Id)), stranger = await Visitor.WithAsync(system, tenant, new Grant(Role.Reviewer, null));
        Assert.Equal(404, (await stranger.PostAsync(page + "/redact/confirmed", ("part", "Message"), ("message", message))).Status);
        Assert.DoesNotContain("The mail as it came", (await agent.GetAsync(page)).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await agent.GetAsync(original)).Status);
        Assert.Equal(404, (await agent.PostAsync(original, ("reason", "Legal"))).Status);
        Assert.Equal(0, (await system.Desk.Tickets.FindAsync(tenant, ticket.Id, Cancel))!.Generation);
    }

    [Fact]
    public async Task An_admin_opens_the_mail_as_it_came_for_a_reason_that_the_log_knows_first()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, string message) = await BuildAsync();
        using Visitor admin = await Visitor.WithAsync(system, tenant, new Grant(Role.Admin, mailbox.Id));
        string page = $"/console/tickets/{ticket.Id}", original = $"{page}/messages/{message}/original";
        Assert.Contains(original, (await admin.GetAsync(page)).Html, StringComparison.Ordinal);
        Assert.Contains("Why do you open it?", (await admin.GetAsync(original)).Text, StringComparison.Ordinal);
        Assert.Equal(422, (await admin.PostAsync(original, ("reason", ""))).Status);
        Assert.Equal(422, (await admin.PostAsync(original, ("reason", "because I can"))).Status);
        Assert.DoesNotContain(await ToldAsync(tenant, ticket.Id), e => e.Code.StartsWith("original", StringComparison.Ordinal));

        Seen mail = await admin.PostAsync(original, ("reason", "Legal"));
        Assert.Equal(200, mail.Status);
        Assert.Contains("Content-Type: multipart/mixed", mail.Html, StringComparison.Ordinal);
        AuditEvent told = Assert.Single(await ToldAsync(tenant, ticket.Id), e => e.Code == "original-legal");
        Assert.Equal((AuditAction.ContentRead, admin.PersonId, message), (told.Action, told.Actor.Id, told.Subject));

        // Once something is redacted, the original that held it is gone.
        await system.Desk.RedactByHand.RunAsync(tenant, ticket.Id, new RedactionWish(RedactedPart.Attachment) { MessageKey = message }, AuditActor.Command, "", Cancel);
        Assert.Contains("The original was not kept", (await admin.GetAsync(original)).Text, StringComparison.Ordinal);
        Assert.Contains("The original was not kept", (await admin.PostAsync(original, ("reason", "Legal"))).Text, StringComparison.Ordinal);
        Assert.Contains("A file was redacted by an operator", (await admin.GetAsync(page)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_says_of_each_message_what_was_taken_out_and_refuses_a_held_ticket()
    {
        (TenantContext tenant, _, Ticket ticket, string message) = await BuildAsync();
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "t", Permissions = [Permission.ReadTickets, Permission.RedactTickets], Life = TimeSpan.FromHours(1) }, Cancel);
        ApiAnswer done = await ApiClient.SendAsync(system, "POST", $"/api/tickets/{ticket.Number}/redactions", token, $"{{\"part\":\"Text\",\"message\":\"{message}\",\"start\":4,\"length\":8}}");
        Assert.Equal((200, 1, 1), (done.Status, done.Json["messages"]!.GetValue<int>(), done.Json["places"]!.GetValue<int>()));
        ApiAnswer read = await ApiClient.SendAsync(system, "GET", $"/api/tickets/{ticket.Id}", token);
        Assert.Equal("See [redacted].", read.Json["messages"]![0]!["text"]!.GetValue<string>().Trim());
        Assert.Equal(("Text", 1), (read.Json["messages"]![0]!["laterRedactions"]![0]!["part"]!.GetValue<string>(), read.Json["messages"]![0]!["laterRedactions"]![0]!["places"]!.GetValue<int>()));
        await system.Desk.Holds.PlaceAsync(tenant, ErasureKind.Ticket, ticket.Id, "matter 7", AuditActor.Command, Cancel);
        ApiAnswer held = await ApiClient.SendAsync(system, "POST", $"/api/tickets/{ticket.Id}/redactions", token, $"{{\"part\":\"Message\",\"message\":\"{message}\"}}");
        Assert.Equal((422, "legal-hold"), (held.Status, held.Json["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_reply_with_a_card_is_refused_by_name_at_the_console_and_by_the_api()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync(), replies = $"/api/tickets/{house.Ticket.Id}/replies";
        ApiAnswer refused = await ApiClient.SendAsync(system, "POST", replies, token, $"{{\"text\":\"Your card is {Card}.\",\"sendAnyway\":[\"card\"]}}");
        Assert.Equal((422, "reply-holds-private-data"), (refused.Status, refused.Json["code"]!.GetValue<string>()));
        Assert.DoesNotContain("1111", refused.Body, StringComparison.Ordinal);
        Assert.Equal(400, (await ApiClient.SendAsync(system, "POST", replies, token, "{\"text\":\"Hello.\",\"sendAnyway\":[\"everything\"]}")).Status);

        using Visitor agent = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Agent, house.Inbox));
        Seen page = await agent.PostAsync($"/console/tickets/{house.Ticket.Id}/reply", ("text", $"Your card is {Card}."), ("to", "ann@customer.example"));
        Assert.Equal(422, page.Status);
        Assert.Contains("what belongs to a card is never sent", page.Text, StringComparison.Ordinal);
        Assert.Single(await system.Desk.Tickets.MessagesAsync(house.Tenant, house.Ticket.Id, Cancel));
        Assert.Equal(2, (await ToldAsync(house.Tenant, house.Ticket.Id)).Count(e => e is { Action: AuditAction.ReplySent, Result: AuditResult.Failed, Code: "holds-card" }));
    }

    [Fact]
    public async Task The_audit_log_knows_what_left_because_somebody_said_so()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        await system.Desk.RedactionPolicies.ChangeAsync(house.Tenant, house.Inbox, p => p with { Outgoing = [FindingType.Email] }, AuditActor.Command, Cancel);
        string token = await house.TokenAsync(), replies = $"/api/tickets/{house.Ticket.Id}/replies";
        ApiAnswer sent = await ApiClient.SendAsync(system, "POST", replies, token, "{\"text\":\"Write to ann.private@customer.example.\",\"sendAnyway\":[\"email\",\"bankAccount\",\"card\"]}");
        Assert.Equal(202, sent.Status);
        AuditEvent told = Assert.Single(await ToldAsync(house.Tenant, house.Ticket.Id), e => e.Action == AuditAction.ReplySent);
        Assert.Equal(("sent-anyway-bankaccount-email", AuditResult.Done), (told.Code, told.Result));
    }
}
