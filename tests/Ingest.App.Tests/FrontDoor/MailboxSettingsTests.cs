using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What an admin sets of a mailbox, at every door, and what comes of it.</summary>
[Collection(nameof(RunningSystem))]
public sealed class MailboxSettingsTests(RunningSystem system)
{
    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task The_api_changes_what_is_sent_and_leaves_the_rest()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.ManageMailboxes]), path = $"/api/mailboxes/{house.Inbox}/settings";
        ApiAnswer first = await ApiClient.SendAsync(system, "PATCH", path, token, "{\"senderName\":\" Acme Support \",\"acknowledgement\":\"We have it: {number}.\\r\\n\",\"plusAddressing\":true,\"aliases\":[\"sales@acme.example\",\"SALES@acme.example\"]}");
        Assert.Equal(200, first.Status);
        ApiAnswer second = await ApiClient.SendAsync(system, "PATCH", path, token, "{\"aliases\":[]}");
        Assert.Equal(("Acme Support", "We have it: {number}.", true, "[]", "[\"mx.google.com\"]"), (Text(second, "senderName"), Text(second, "acknowledgement"), second.Json["plusAddressing"]!.GetValue<bool>(),
            second.Json["aliases"]!.ToJsonString(), second.Json["authservIds"]!.ToJsonString()));
        Assert.Equal(second.Body, (await ApiClient.SendAsync(system, "GET", path, token)).Body);
        foreach (string bad in new[] { "{\"aliases\":[\"nobody\"]}", $"{{\"aliases\":[\"{house.Address}\"]}}", "{\"senderName\":\"a\\nb\"}", "{\"authservIds\":[\"two words\"]}", $"{{\"acknowledgement\":\"{new string('x', 10_001)}\"}}" })
        {
            ApiAnswer refused = await ApiClient.SendAsync(system, "PATCH", path, token, bad);
            Assert.Equal((422, "setting-unusable"), (refused.Status, Text(refused, "code")));
        }

        Assert.Equal(400, (await ApiClient.SendAsync(system, "PATCH", path, token, "{\"aliases\":[null]}")).Status);
        Assert.Equal(second.Body, (await ApiClient.SendAsync(system, "GET", path, token)).Body);
        // The app may know the mailbox as it was for a minute; a new process does not.
        string key = (await system.NewProcess().Replies.QueueAsync(house.Tenant, house.Ticket.Id, new NewReply { Text = "Hello.", AuthorName = "Ann" }, Cancel))!.Key;
        TicketMessage sent = (await system.Desk.Tickets.FindMessageAsync(house.Tenant, house.Ticket.Id, key, Cancel))!;
        Assert.Equal(("Acme Support", "Ann", true), (sent.Document!.FromName, sent.Document.AuthorName, sent.Document.ReplyTo.StartsWith("house", StringComparison.Ordinal)));
        using Visitor agent = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Agent, null));
        Seen page = await agent.GetAsync("/console/tickets/" + house.Ticket.Id);
        Assert.Contains("Our reply by Ann", page.Text, StringComparison.Ordinal);
        Assert.Contains($"The customer sees Acme Support ({house.Address})", page.Text.Replace("<bdi>", "", StringComparison.Ordinal).Replace("</bdi>", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_made_listed_and_taken_away_and_another_mailboxs_domain_is_left_alone()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.ManageMailboxes]), one = await house.TokenAsync([Permission.ManageMailboxes], house.Inbox), path = $"/api/mailboxes/{house.Inbox}/signing";
        Assert.Equal(("", 1), (await ApiClient.SendAsync(system, "GET", path, token)).Json["domains"]!.AsArray() is var none ? (none[0]!["selector"]!.GetValue<string>(), none.Count) : default);
        // The other mailbox sends from the same domain, and this token does not manage it.
        Assert.Equal(403, (await ApiClient.SendAsync(system, "PUT", $"{path}/acme.example", one, "{\"selector\":\"s1\"}")).Status);
        Assert.Equal(404, (await ApiClient.SendAsync(system, "PUT", $"{path}/elsewhere.example", token, "{\"selector\":\"s1\"}")).Status);
        ApiAnswer made = await ApiClient.SendAsync(system, "PUT", $"{path}/Acme.example", token, "{\"selector\":\"s1\"}"), again = await ApiClient.SendAsync(system, "PUT", $"{path}/acme.example", token, "{\"selector\":\"s1\"}");
        Assert.Equal(("s1._domainkey.acme.example", made.Body), (Text(made, "recordName"), again.Body));
        Assert.StartsWith("v=DKIM1; k=rsa; p=", Text(made, "recordValue"), StringComparison.Ordinal);
        ApiAnswer next = await ApiClient.SendAsync(system, "PUT", $"{path}/acme.example", token, "{\"selector\":\"s2\"}");
        Assert.NotEqual(Text(made, "recordValue"), Text(next, "recordValue"));
        Assert.Equal(next.Body, (await ApiClient.SendAsync(system, "GET", path, one)).Json["domains"]![0]!.ToJsonString());
        Assert.Equal(403, (await ApiClient.SendAsync(system, "DELETE", $"{path}/acme.example", one)).Status);
        Assert.Equal(204, (await ApiClient.SendAsync(system, "DELETE", $"{path}/acme.example", token)).Status);
        Assert.Equal(404, (await ApiClient.SendAsync(system, "DELETE", $"{path}/acme.example", token)).Status);
    }

    [Fact]
    public async Task Two_who_make_a_key_at_once_learn_of_the_same_one()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string token = await house.TokenAsync([Permission.ManageMailboxes]), path = $"/api/mailboxes/{house.Inbox}/signing";
        ApiAnswer[] made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ApiClient.SendAsync(system, "PUT", $"{path}/acme.example", token, "{\"selector\":\"s1\"}")));
        Assert.Single(made.Select(answer => answer.Body).Distinct());
        Assert.Equal(made[0].Body, (await ApiClient.SendAsync(system, "GET", path, token)).Json["domains"]![0]!.ToJsonString());
    }

    [Fact]
    public async Task An_admin_keeps_settings_on_a_page_that_says_what_is_wrong()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        string page = $"/console/mailboxes/{house.Inbox}/settings";
        using Visitor admin = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Admin, house.Inbox)), owner = await Visitor.WithAsync(system, house.Tenant, new Grant(Role.Owner, null));
        Seen wrong = await admin.PostAsync(page, ("name", "Acme <Support>"), ("aliases", "sales@acme.example, nobody"), ("acknowledgement", "Thank you"));
        Assert.Equal(422, wrong.Status);
        Assert.Contains("One of the other addresses is none", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("Acme &lt;Support&gt;", wrong.Html, StringComparison.Ordinal);
        for (int i = 0; i < 2; i++)
            Assert.Equal(page + "?said=kept", (await admin.PostAsync(page, ("name", "Acme Support"), ("aliases", "sales@acme.example\r\nhelp@b.example"), ("acknowledgement", "Thank you:\r\n{number}"), ("checker", "mx.acme.example"), ("plus", "yes"))).Location);
        MailboxProfile profile = (await system.Desk.Mailboxes.FindAsync(house.Tenant, house.Inbox, Cancel))!.Mailbox.Profile;
        Assert.Equal(("Acme Support", "Thank you:\n{number}", true), (profile.SenderName, profile.Acknowledgement, profile.PlusAddressing));
        Assert.Equal(["sales@acme.example", "help@b.example"], profile.Aliases);
        Assert.Equal(["mx.acme.example"], profile.AuthservIds);
        Assert.NotNull(profile.Smtp);

        Assert.Contains("Mailboxes that you do not manage", (await admin.PostAsync(page + "/sign", ("domain", "acme.example"), ("selector", "s1"))).Text, StringComparison.Ordinal);
        Assert.Contains("does not send from that domain", (await admin.PostAsync(page + "/sign", ("domain", "evil.example"), ("selector", "s1"))).Text, StringComparison.Ordinal);
        Assert.Contains("Name the key with letters", (await owner.PostAsync(page + "/sign", ("domain", "acme.example"), ("selector", "Nö"))).Text, StringComparison.Ordinal);
        for (int i = 0; i < 2; i++) Assert.Equal(page + "?said=signed", (await owner.PostAsync(page + "/sign", ("domain", "acme.example"), ("selector", "S1"))).Location);
        Assert.Equal(page + "?said=signed", (await admin.PostAsync(page + "/sign", ("domain", "b.example"), ("selector", "s1"))).Location);
        Seen shown = await admin.GetAsync(page);
        Assert.Contains("s1._domainkey.acme.example", shown.Text, StringComparison.Ordinal);
        Assert.Contains("s1._domainkey.b.example", shown.Text, StringComparison.Ordinal);
        Assert.Equal(page + "?said=unsigned", (await owner.PostAsync(page + "/unsign", ("domain", "acme.example"))).Location);
        Assert.DoesNotContain("s1._domainkey.acme.example", (await admin.GetAsync(page)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_set_outlives_a_mailbox_that_is_connected_again()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        MailboxProfile profile = new() { Address = "s@acme.example", Imap = new ServerSettings { Host = "127.0.0.1", Port = 1, Tls = Ingest.Mail.Wire.TlsMode.None, UserName = "s" } };
        Mailbox mailbox = await system.Desk.Mailboxes.ConnectImapAsync(tenant, profile, "secret", Cancel);
        Assert.Equal(0, (await system.CommandAsync(tenant, "mailbox", "set", "s@acme.example", "--sender-name", "Acme", "--acknowledge", "Thank you.", "--alias", "a@acme.example", "--alias", "b@acme.example")).Exit);
        await system.Desk.Mailboxes.ConnectImapAsync(tenant, profile, "other", Cancel);
        MailboxProfile now = (await system.Desk.Mailboxes.FindAsync(tenant, mailbox.Id, Cancel))!.Mailbox.Profile;
        Assert.Equal(("Acme", "Thank you.", "a@acme.example b@acme.example"), (now.SenderName, now.Acknowledgement, string.Join(' ', now.Aliases)));
    }

    [Fact]
    public async Task The_command_line_sets_a_mailbox_and_prints_the_record_to_publish()
    {
        ApiHouse house = await ApiHouse.BuildAsync(system);
        Assert.Equal(1, (await system.CommandAsync(RunningSystem.NewTenant(), "mailbox", "set", house.Address, "--sender-name", "x")).Exit);
        (int exit, string output, _) = await system.CommandAsync(house.Tenant, "mailbox", "set", house.Address, "--plus-addressing", "true", "--acknowledge", "It is {number}.", "--alias", "sales@b.example");
        Assert.Equal(0, exit);
        Assert.Contains("acknowledgement:  It is {number}.", output, StringComparison.Ordinal);
        (exit, output, _) = await system.CommandAsync(house.Tenant, "mailbox", "set", house.Address, "--acknowledge", "", "--plus-addressing", "false");
        Assert.Contains("acknowledgement:  (none)", output, StringComparison.Ordinal);
        Assert.Contains("other addresses:  sales@b.example", output, StringComparison.Ordinal);
        Assert.Equal(1, (await system.CommandAsync(house.Tenant, "mailbox", "set", house.Address, "--alias", "nobody")).Exit);
        Assert.Contains("other addresses:  (none)", (await system.CommandAsync(house.Tenant, "mailbox", "set", house.Address, "--alias", "")).Output, StringComparison.Ordinal);

        (exit, string record, _) = await system.CommandAsync(house.Tenant, "mailbox", "dkim", "create", house.Address);
        Assert.Equal(0, exit);
        Assert.StartsWith("ingest1._domainkey.acme.example. IN TXT ( \"v=DKIM1; k=rsa; p=", record, StringComparison.Ordinal);
        Assert.All(record.Split('"').Where((_, i) => i % 2 == 1), piece => Assert.True(piece.Length <= 255));
        Assert.Equal(record, (await system.CommandAsync(house.Tenant, "mailbox", "dkim", "list", house.Address)).Output);
        Assert.Equal(1, (await system.CommandAsync(house.Tenant, "mailbox", "dkim", "create", house.Address, "--domain", "evil.example")).Exit);
        Assert.Equal(1, (await system.CommandAsync(house.Tenant, "mailbox", "dkim", "create", house.Address, "--selector", "no name")).Exit);
        Assert.Equal(0, (await system.CommandAsync(house.Tenant, "mailbox", "dkim", "remove", house.Address)).Exit);
        Assert.Equal(1, (await system.CommandAsync(house.Tenant, "mailbox", "dkim", "remove", house.Address)).Exit);
    }

    private static string Text(ApiAnswer answer, string name) => answer.Json[name]!.GetValue<string>();
}
