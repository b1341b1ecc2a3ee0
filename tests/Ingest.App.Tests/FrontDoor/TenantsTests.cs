using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What belongs to another tenant is not found, in the same words as what never was.</summary>
[Collection(nameof(RunningSystem))]
public sealed class TenantsTests(RunningSystem system)
{
    private const string NoKey = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", NoTicket = "zzzzzzzzzzzzzzzzzzzzzzzzzz", NoNumber = "ZZZZZZZZ", NoInbox = "zzzzzzzzzzzzzzzz";

    private static CancellationToken Cancel => RunningSystem.Cancel;

    /// <summary>A tenant with a ticket that has a file: all the ids there are.</summary>
    private sealed record House(TenantContext Tenant, string Address, InboxId Inbox, Ticket Ticket, string MessageKey, string Token);

    [Fact]
    public async Task Another_tenants_ids_are_as_unknown_to_the_api_as_ids_that_never_were()
    {
        House ours = await BuildAsync("ours"), theirs = await BuildAsync("theirs");
        string ticket = ours.Ticket.Id, key = ours.MessageKey;
        Assert.Equal(200, (await Api.GetAsync(system, ours.Token, $"/api/tickets/{ticket}/messages/{key}/attachments/0")).Status);

        (string Theirs, string Nobodys)[] routes =
        [
            ($"tickets/{theirs.Ticket.Id}", $"tickets/{NoTicket}"),
            ($"tickets/{theirs.Ticket.Number}", $"tickets/{NoNumber}"),
            ($"tickets/{theirs.Ticket.Number.ToLowerInvariant()}", $"tickets/{NoNumber}"),
            ($"tickets/{theirs.Ticket.Id}/messages/{theirs.MessageKey}/attachments/0", $"tickets/{NoTicket}/messages/{NoKey}/attachments/0"),
            ($"tickets/{theirs.Ticket.Number}/messages/{theirs.MessageKey}/attachments/0", $"tickets/{NoNumber}/messages/{NoKey}/attachments/0"),
            ($"tickets/{ticket}/messages/{theirs.MessageKey}/attachments/0", $"tickets/{ticket}/messages/{NoKey}/attachments/0"),
            ($"tickets/{theirs.Ticket.Id}/messages/{key}/attachments/0", $"tickets/{NoTicket}/messages/{key}/attachments/0"),
            ($"tickets/{ticket}/messages/{key}/attachments/1", $"tickets/{ticket}/messages/{NoKey}/attachments/7"),
            ($"mailboxes/{theirs.Inbox}/journal/{theirs.MessageKey}", $"mailboxes/{NoInbox}/journal/{NoKey}"),
            ($"mailboxes/{ours.Inbox}/journal/{theirs.MessageKey}", $"mailboxes/{ours.Inbox}/journal/{NoKey}"),
            ($"mailboxes/{theirs.Inbox}/journal/{key}", $"mailboxes/{NoInbox}/journal/{key}"),
            ($"mailboxes/{theirs.Inbox}/books", $"mailboxes/{NoInbox}/books"),
            ($"tickets/{theirs.Tenant}.{theirs.Ticket.Id}", "tickets/x"),
            ($"mailboxes/{theirs.Tenant}.{theirs.Inbox}/books", "mailboxes/x.y/books"),
            ($"mailboxes/..%2f{theirs.Tenant}.{theirs.Inbox}/journal/{theirs.MessageKey}", $"mailboxes/..%2fx.{NoInbox}/journal/{NoKey}"),
            ($"mailboxes/{theirs.Inbox}/journal/{theirs.MessageKey}'%20or%20PartitionKey%20ne%20'", "mailboxes/x/journal/x"),
        ];
        foreach ((string foreign, string nobodys) in routes)
        {
            (int Status, string Body) expected = await Api.GetAsync(system, ours.Token, "/api/" + nobodys);
            Assert.Equal(404, expected.Status);
            Assert.Equal(expected, await Api.GetAsync(system, ours.Token, "/api/" + foreign));
        }

        foreach (string list in new[] { "/api/tickets?count=200", "/api/tickets?state=closed", "/api/mailboxes" })
        {
            (int status, string body) = await Api.GetAsync(system, ours.Token, list);
            Assert.Equal(200, status);
            foreach (string secret in new[] { theirs.Ticket.Id, theirs.Ticket.Number, theirs.MessageKey, theirs.Inbox.Value, theirs.Address, theirs.Tenant.ToString() })
                Assert.DoesNotContain(secret, body, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Another_tenants_ids_are_as_unknown_to_every_command_as_ids_that_never_were()
    {
        House ours = await BuildAsync("ours"), theirs = await BuildAsync("theirs");
        Assert.Equal(0, (await system.CommandAsync(ours.Tenant, "tickets", "show", ours.Ticket.Number)).Exit);
        (string[] Command, string Theirs, string Nobodys)[] commands =
        [
            (["spam", "mark"], theirs.Ticket.Id, NoTicket), (["spam", "unmark"], theirs.Ticket.Number, NoNumber),
            (["tickets", "show"], theirs.Ticket.Id, NoTicket), (["tickets", "show"], theirs.Ticket.Number, NoNumber),
            (["journal", "--mailbox"], theirs.Inbox.Value, NoInbox), (["journal", "--mailbox"], theirs.Address, "nobody@acme.example"),
            (["journal", "--reconcile", "--mailbox"], theirs.Inbox.Value, NoInbox),
            (["mailbox", "sync"], theirs.Inbox.Value, NoInbox), (["mailbox", "sync"], theirs.Address, "nobody@acme.example"),
            (["mailbox", "pause"], theirs.Inbox.Value, NoInbox), (["mailbox", "pause"], theirs.Address, "nobody@acme.example"),
            (["mailbox", "resume"], theirs.Inbox.Value, NoInbox), (["mailbox", "resume"], theirs.Address, "nobody@acme.example"),
            (["replay"], theirs.MessageKey, NoKey),
        ];
        foreach ((string[] command, string foreign, string nobodys) in commands)
        {
            (int exit, string output, string error) = await system.CommandAsync(ours.Tenant, [.. command, nobodys]);
            Assert.Equal((1, ""), (exit, output));
            Assert.Equal((exit, output, error.Replace(nobodys, foreign, StringComparison.Ordinal)), await system.CommandAsync(ours.Tenant, [.. command, foreign]));
        }

        string[][] lists = [["tickets", "list"], ["tickets", "list", "--state", "closed"], ["mailbox", "list"], ["journal"], ["journal", "--reconcile"], ["replay"], ["spam", "lessons"], ["spam", "export"]];
        foreach (string[] list in lists)
        {
            (int exit, string output, string error) = await system.CommandAsync(ours.Tenant, list);
            Assert.Equal((0, ""), (exit, error));
            foreach (string secret in new[] { theirs.Ticket.Id, theirs.Ticket.Number, theirs.MessageKey, theirs.Inbox.Value, theirs.Address })
                Assert.DoesNotContain(secret, output, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(MailboxState.Active, (await system.Desk.Mailboxes.FindAsync(theirs.Tenant, theirs.Inbox, Cancel))!.Mailbox.State);
    }

    [Fact]
    public async Task Importing_under_another_tenants_address_fills_a_mailbox_of_our_own()
    {
        House theirs = await BuildAsync("theirs");
        TenantContext ours = RunningSystem.NewTenant();
        using TemporaryMails mails = new(Mails.From("ann@customer.example", "Mine"));
        Assert.Equal(0, (await system.CommandAsync(ours, "import", mails.Folder, "--address", theirs.Address)).Exit);
        Assert.Equal(1, (await system.Desk.Reconcile.RunAsync(theirs.Tenant, theirs.Inbox, Cancel)).Listed);
        InboxId inbox = (await system.Desk.Mailboxes.ListAsync(ours, Cancel).ToListAsync(Cancel)).Single();
        Assert.NotEqual(theirs.Inbox, inbox);
    }

    [Fact]
    public async Task Without_a_valid_token_every_address_gives_the_same_answer()
    {
        House ours = await BuildAsync("ours"), theirs = await BuildAsync("theirs");
        string good = ours.Token["Bearer ".Length..];
        string[] parts = good.Split('_'), others = theirs.Token["Bearer ".Length..].Split('_');
        string?[] bad =
        [
            null, "", "Bearer", "Bearer ", "Bearer x", "Basic " + good, good, "Bearer ing_", "Bearer " + good[..^1], "Bearer " + good + "0", "Bearer " + good.ToUpperInvariant(),
            "Bearer " + new string('x', 5000), $"Bearer ing_{parts[1]}_{parts[2]}", $"Bearer ing_{parts[1]}_{parts[2]}_", $"Bearer ing_{parts[1]}_{parts[2]}_{parts[3]}_{parts[3]}",
            $"Bearer ing_{others[1]}_{parts[2]}_{parts[3]}", $"Bearer ing_{parts[1]}_{others[2]}_{parts[3]}", $"Bearer ing_{parts[1]}_{parts[2]}_{others[3]}",
            $"Bearer ing_{parts[1]}'_{parts[2]}_{parts[3]}", $"Bearer ing_.._{parts[2]}_{parts[3]}", $"Bearer {good},{good}",
            await Api.TokenAsync(system, ours.Tenant, TimeSpan.FromSeconds(-1)), await Api.TokenAsync(system, ours.Tenant, TimeSpan.Zero),
        ];
        (int Status, string Body) expected = await Api.GetAsync(system, null, "/api/nothing");
        Assert.Equal(401, expected.Status);
        foreach (string? header in bad)
            foreach (string path in new[] { "/api/tickets", $"/api/tickets/{ours.Ticket.Id}", "/api/mailboxes", $"/api/mailboxes/{ours.Inbox}/books", "/api/nothing" })
                Assert.Equal(expected, await Api.GetAsync(system, header, path));
        Assert.Equal(200, (await Api.GetAsync(system, "bearer " + good, "/api/tickets")).Status);
    }

    private async Task<House> BuildAsync(string name)
    {
        TenantContext tenant = RunningSystem.NewTenant();
        string address = $"{name}-{Guid.NewGuid().ToString("N")[..8]}@acme.example";
        Mailbox mailbox = await system.GiveAsync(tenant, address, Mails.WithFile("ann@customer.example", $"Of {name}", [1, 2, 3]));
        await system.SettledAsync(tenant, mailbox.Id, listed: 1);
        Ticket ticket = (await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 1, Cancel)).Single();
        TicketMessage message = (await system.Desk.Tickets.MessagesAsync(tenant, ticket.Id, Cancel)).Single();
        return new House(tenant, address, mailbox.Id, ticket, message.Key, await Api.TokenAsync(system, tenant));
    }
}

/// <summary>Mails as files, gone with the test.</summary>
internal sealed class TemporaryMails : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ingest-mails-");

    public TemporaryMails(params byte[][] mails)
    {
        for (int i = 0; i < mails.Length; i++) File.WriteAllBytes(Path.Combine(Folder, $"{i}.eml"), mails[i]);
    }

    public string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
