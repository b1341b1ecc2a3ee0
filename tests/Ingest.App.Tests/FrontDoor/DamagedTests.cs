using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What somebody wrote over is said to be damaged, at the console and by the API, and stands in nobody's way.</summary>
[Collection(nameof(RunningSystem))]
public sealed class DamagedTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    private async Task<(TenantContext Tenant, Mailbox Mailbox, Ticket Ticket, string Mail, string Note)> BuildAsync()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        Mailbox mailbox = await system.GiveAsync(tenant, $"damaged-{Guid.NewGuid().ToString("N")[..8]}@acme.example", Mails.WithFile("ann@customer.example", "About the canary cage", [1, 2, 3]));
        await system.SettledAsync(tenant, mailbox.Id, 1);
        Ticket ticket = Assert.Single(await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 5, Cancel));
        string note = (await system.Desk.Replies.AddNoteAsync(tenant, ticket.Id, new NewNote("Ring her back on Tuesday", "p1", "Bea", Guid.NewGuid().ToString("N")), Cancel))!.Key;
        return (tenant, mailbox, ticket, ticket.Document!.LastKey, note);
    }

    private async Task WriteOverAsync(TenantContext tenant, string ticket, string rowKey)
    {
        TableClient rows = system.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        TableEntity row = (await rows.GetEntityIfExistsAsync($"{tenant}.{ticket}", rowKey, cancel: Cancel))!;
        if (row.GetBinary("doc") is { } box)
        {
            box[^1] ^= 1;
            await rows.UpsertEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["doc"] = box }, TableUpdateMode.Merge, Cancel);
            return;
        }

        // The document lies first in the blob; what follows are the files.
        string blob = row.GetString("blob")!;
        using MemoryStream content = new();
        await system.Desk.Blobs.CopyToAsync(TicketStore.Container, blob, content, cancel: Cancel);
        byte[] bytes = content.ToArray();
        bytes[(int)row.GetInt64("docLength")! - 1] ^= 1;
        await system.Desk.Blobs.DeleteIfExistsAsync(TicketStore.Container, blob, Cancel);
        await system.Desk.Blobs.PutAsync(TicketStore.Container, blob, bytes, onlyIfAbsent: false, Cancel);
    }

    private async Task<string> TokenAsync(TenantContext tenant) =>
        "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "t", Permissions = [Permission.ReadTickets, Permission.AnswerTickets, Permission.RedactTickets], Life = TimeSpan.FromHours(1) }, Cancel);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_message_says_so_and_the_others_are_read_and_redacted_as_before(bool note)
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, string mailKey, string noteKey) = await BuildAsync();
        (string torn, _, string left, string gone) = note ? (noteKey, mailKey, "canary cage", "Tuesday") : (mailKey, noteKey, "Tuesday", "See the file");
        await WriteOverAsync(tenant, ticket.Id, "m!" + torn);
        List<string> told = [];
        Core.Settings.Desk later = system.NewProcess();
        later.OnDamagedTicket = (_, damaged) => told.Add(damaged);
        await later.Tickets.NewestMessagesAsync(tenant, ticket.Id, 10, Cancel);
        Assert.Equal([ticket.Id], told);

        using Visitor admin = await Visitor.WithAsync(system, tenant, new Grant(Role.Admin, mailbox.Id), new Grant(Role.Agent, mailbox.Id));
        Seen page = await admin.GetAsync($"/console/tickets/{ticket.Id}");
        Assert.Equal(200, page.Status);
        Assert.Contains("Damaged message", page.Text, StringComparison.Ordinal);
        Assert.Contains("does not open, because somebody wrote over it", page.Text, StringComparison.Ordinal);
        Assert.Contains(left, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(gone, page.Text, StringComparison.Ordinal);
        // The original of a mail is another thing, and may still be whole.
        Assert.Equal(!note, page.Html.Contains($"/messages/{torn}/original", StringComparison.Ordinal));
        if (!note) Assert.Equal(200, (await admin.PostAsync($"/console/tickets/{ticket.Id}/messages/{torn}/original", ("reason", "Support"))).Status);

        string token = await TokenAsync(tenant);
        ApiAnswer read = await ApiClient.SendAsync(system, "GET", $"/api/tickets/{ticket.Id}", token);
        Assert.Equal(200, read.Status);
        Assert.Contains(left, read.Body, StringComparison.Ordinal);
        var message = read.Json["messages"]!.AsArray().Single(m => m!["key"]!.GetValue<string>() == torn)!;
        Assert.Contains("Damaged", message["flags"]!.AsArray().Select(flag => flag!.GetValue<string>()));
        Assert.False(message["erased"]!.GetValue<bool>());
        Assert.Equal(200, (await ApiClient.SendAsync(system, "GET", $"/api/tickets/{ticket.Id}/messages/{torn}", token)).Status);
        Assert.Equal(404, (await ApiClient.SendAsync(system, "GET", $"/api/tickets/{ticket.Id}/messages/{torn}/attachments/0", token)).Status);

        RedactionEnd end = await system.Desk.RedactByHand.RunAsync(tenant, ticket.Id, new RedactionWish(RedactedPart.Text) { Text = left }, Core.Audit.AuditActor.Command, "", Cancel);
        Assert.Equal((RedactionOutcome.Done, note ? 0 : 1), (end.Outcome, end.Unread));
        // Once more, and it still says that it is damaged, and leads to its original.
        ApiAnswer second = await ApiClient.SendAsync(system, "POST", $"/api/tickets/{ticket.Id}/redactions", token, note ? "{\"part\":\"Text\",\"text\":\"See the file\"}" : "{\"part\":\"Text\",\"text\":\"Ring her back\"}");
        Assert.Equal((200, note ? 0 : 1), (second.Status, second.Json["unread"]!.GetValue<int>()));
        page = await admin.GetAsync($"/console/tickets/{ticket.Id}");
        Assert.Contains("Damaged message", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Erased message", page.Text, StringComparison.Ordinal);
        Assert.Equal(!note, page.Html.Contains($"/messages/{torn}/original/destroy", StringComparison.Ordinal));
        Assert.DoesNotContain(left, (await admin.GetAsync($"/console/tickets/{ticket.Id}")).Text, StringComparison.Ordinal);
        Assert.Equal(201, (await ApiClient.SendAsync(system, "POST", $"/api/tickets/{ticket.Id}/notes", token, "{\"text\":\"Hello.\"}")).Status);
    }

    [Fact]
    public async Task A_damaged_file_leaves_its_message_readable_and_says_so_when_something_else_is_redacted()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, string mail, _) = await BuildAsync();
        TableClient rows = system.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        TableEntity row = (await rows.GetEntityIfExistsAsync($"{tenant}.{ticket.Id}", "m!" + mail, cancel: Cancel))!;
        using MemoryStream content = new();
        await system.Desk.Blobs.CopyToAsync(TicketStore.Container, row.GetString("blob")!, content, cancel: Cancel);
        byte[] bytes = content.ToArray();
        bytes[^1] ^= 1;
        await system.Desk.Blobs.DeleteIfExistsAsync(TicketStore.Container, row.GetString("blob")!, Cancel);
        await system.Desk.Blobs.PutAsync(TicketStore.Container, row.GetString("blob")!, bytes, onlyIfAbsent: false, Cancel);

        string token = await TokenAsync(tenant);
        ApiAnswer file = await ApiClient.SendAsync(system, "GET", $"/api/tickets/{ticket.Id}/messages/{mail}/attachments/0", token);
        Assert.Equal((409, "damaged"), (file.Status, file.Json["code"]!.GetValue<string>()));
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, mailbox.Id));
        Seen page = await agent.GetAsync($"/console/tickets/{ticket.Id}/messages/{mail}/attachments/0");
        Assert.Equal(409, page.Status);
        Assert.Contains("does not open", page.Text, StringComparison.Ordinal);

        ApiAnswer done = await ApiClient.SendAsync(system, "POST", $"/api/tickets/{ticket.Id}/redactions", token, "{\"part\":\"Text\",\"text\":\"Tuesday\"}");
        Assert.Equal(200, done.Status);
        TicketMessage now = (await system.Desk.Tickets.FindMessageAsync(tenant, ticket.Id, mail, Cancel))!;
        Assert.Contains("canary", now.Document!.Text + now.Document.Subject, StringComparison.Ordinal);
        Assert.Equal((FileState.Withheld, UnreadReason.Damaged), (now.Document.Attachments[0].State, now.Document.Attachments[0].Unread));
    }

    [Fact]
    public async Task A_damaged_ticket_is_shown_as_such_is_not_written_to_and_can_be_erased()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, _, _) = await BuildAsync();
        await WriteOverAsync(tenant, ticket.Id, "ticket");
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, mailbox.Id));
        Seen page = await agent.GetAsync($"/console/tickets/{ticket.Number}");
        Assert.Equal(200, page.Status);
        Assert.Contains("Damaged ticket", page.Text, StringComparison.Ordinal);
        Assert.Contains("Tuesday", page.Text, StringComparison.Ordinal);
        Assert.Equal(409, (await agent.PostAsync($"/console/tickets/{ticket.Id}/note", ("text", "Hello"), ("once", Guid.NewGuid().ToString("N")))).Status);

        string token = await TokenAsync(tenant);
        ApiAnswer read = await ApiClient.SendAsync(system, "GET", $"/api/tickets/{ticket.Id}", token);
        Assert.Equal(200, read.Status);
        Assert.Contains("Damaged", read.Json["ticket"]!["flags"]!.AsArray().Select(flag => flag!.GetValue<string>()));
        ApiAnswer refused = await ApiClient.SendAsync(system, "POST", $"/api/tickets/{ticket.Id}/replies", token, "{\"text\":\"Hello.\",\"to\":[\"ann@customer.example\"]}", headers: ("Idempotency-Key", "k1"));
        Assert.Equal((409, "damaged"), (refused.Status, refused.Json["code"]!.GetValue<string>()));
        Assert.Equal(ErasureOutcome.Done, (await system.Desk.Eraser.TicketAsync(tenant, ticket.Id, Core.Audit.AuditActor.Command, Cancel)).Outcome);
        Assert.Contains("Erased ticket", (await agent.GetAsync($"/console/tickets/{ticket.Id}")).Text, StringComparison.Ordinal);
    }
}
