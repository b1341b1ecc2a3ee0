using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What the command line says and does about redaction, against a system that runs.</summary>
[Collection(nameof(RunningSystem))]
public sealed class RedactionCommandTests(RunningSystem system)
{
    private const string Card = "4111 1111 1111 1111";

    private static CancellationToken Cancel => RunningSystem.Cancel;

    private static byte[] Mail => System.Text.Encoding.UTF8.GetBytes($"From: ann@customer.example\r\nTo: support@acme.example\r\nSubject: Payment\r\nMessage-ID: <{Guid.NewGuid():N}@customer.example>\r\n\r\nTake it from {Card}. The canary cage is rusty.\r\n");

    // What came in before anybody set a policy that masks, unless it says so.
    private async Task<(TenantContext Tenant, Mailbox Mailbox, Ticket Ticket, string Message)> BuildAsync(RedactionPolicy? policy = null)
    {
        TenantContext tenant = RunningSystem.NewTenant();
        await system.Desk.RedactionPolicies.ChangeAsync(tenant, null, _ => policy ?? RedactionPolicy.Off, AuditActor.Command, Cancel);
        Mailbox mailbox = await system.GiveAsync(tenant, $"cli-{Guid.NewGuid().ToString("N")[..8]}@acme.example", Mail);
        await system.SettledAsync(tenant, mailbox.Id, 1);
        Ticket ticket = Assert.Single(await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 5, Cancel));
        return (tenant, mailbox, ticket, ticket.Document!.LastKey);
    }

    private async Task<string> SaidAsync(TenantContext tenant, int exit, params string[] words)
    {
        (int code, string output, string error) = await system.CommandAsync(tenant, words);
        TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', words)}\n  {code}: {output}{error}");
        Assert.Equal((exit, exit == 0), (code, error.Length == 0));
        return (output + error).ReplaceLineEndings("\n").Trim();
    }

    private async Task<string> TextAsync(TenantContext tenant, string ticket) => Assert.Single(await system.NewProcess().Tickets.MessagesAsync(tenant, ticket, Cancel)).Document!.Text;

    [Fact]
    public async Task Words_messages_and_files_are_counted_first_and_go_for_good_with_yes()
    {
        (TenantContext tenant, _, Ticket ticket, string message) = await BuildAsync();
        Assert.Contains(message, await SaidAsync(tenant, 0, "tickets", "show", ticket.Number, "--json"), StringComparison.Ordinal);
        Assert.Equal("Nothing was changed. With --yes this would go for good: 1 place in 1 message.", await SaidAsync(tenant, 0, "tickets", "redact", ticket.Number, "--text", "canary CAGE"));
        Assert.Contains("canary cage", await TextAsync(tenant, ticket.Id), StringComparison.Ordinal);
        Assert.Equal("Redacted, for good: 1 place in 1 message.", await SaidAsync(tenant, 0, "tickets", "redact", ticket.Number, "--text", "canary CAGE", "--yes"));
        Assert.Contains("The [redacted] is rusty", await TextAsync(tenant, ticket.Id), StringComparison.Ordinal);
        foreach ((string[] more, string said) in new (string[], string)[]
        {
            (["--text", "canary cage"], "Nothing of it is in the ticket"), (["--text", "ab"], "at least three letters"), (["--text", new string('a', 10_001)], "at most 10,000 characters"),
            (["--message", message, "--file", "1"], "no such message or file"), (["--message", new string('0', 32)], "no such message or file"), ([], "Say what is to go"), (["--text", "rusty", "--file", "1"], "Say what is to go"),
        })
            Assert.Contains(said, await SaidAsync(tenant, 1, ["tickets", "redact", ticket.Number, .. more, "--yes"]), StringComparison.Ordinal);

        Hold hold = await system.Desk.Holds.PlaceAsync(tenant, ErasureKind.Ticket, ticket.Id, "matter 7", AuditActor.Command, Cancel);
        Assert.Contains($"a legal hold stands above it ({hold.Id})", await SaidAsync(tenant, 1, "tickets", "redact", ticket.Number, "--message", message, "--yes"), StringComparison.Ordinal);
        await system.Desk.Holds.LiftAsync(tenant, hold.Id, AuditActor.Command, Cancel);
        Assert.Equal("Redacted, for good: 1 place in 1 message.", await SaidAsync(tenant, 0, "tickets", "redact", ticket.Number, "--message", message, "--yes"));
        Assert.Equal("[redacted]", await TextAsync(tenant, ticket.Id));
        Assert.Contains("There is no ticket ABCD1234", await SaidAsync(tenant, 1, "tickets", "redact", "ABCD1234", "--text", "abc"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_original_is_written_for_a_reason_and_destroyed_for_one()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, string message) = await BuildAsync(RedactionPolicy.Default);
        using TempFolder folder = new();
        string file = Path.Combine(folder.Path, "mail.eml");
        string[] original = ["tickets", "original", ticket.Number, message];
        foreach (string[] more in (string[][])[[], ["--reason", "legal"], ["--to", file], ["--destroy", "legal", "--reason", "legal", "--to", file]])
            Assert.Contains("with --reason and --to; or with --destroy alone", await SaidAsync(tenant, 1, [.. original, .. more]), StringComparison.Ordinal);
        Assert.Contains("bytes are in mail.eml. Nothing in it is masked", await SaidAsync(tenant, 0, [.. original, "--reason", "legal", "--to", file]), StringComparison.Ordinal);
        Assert.Contains(Card, await File.ReadAllTextAsync(file, Cancel), StringComparison.Ordinal);
        Assert.Contains("exists already", await SaidAsync(tenant, 1, [.. original, "--reason", "legal", "--to", file]), StringComparison.Ordinal);
        Assert.Contains("no such mail from outside", await SaidAsync(tenant, 1, "tickets", "original", ticket.Number, new string('0', 32), "--reason", "legal", "--to", file + "2"), StringComparison.Ordinal);

        Assert.Contains("say --yes", await SaidAsync(tenant, 1, [.. original, "--destroy", "holdsMasked"]), StringComparison.Ordinal);
        Assert.Equal("The original is destroyed, for good. The ticket holds what is left.", await SaidAsync(tenant, 0, [.. original, "--destroy", "holdsMasked", "--yes"]));
        Assert.Null(await system.NewProcess().Keys.FindRawAsync(tenant, mailbox.Id, message, Cancel));
        Assert.Equal("There is no original of this mail any more: nothing was to be done.", await SaidAsync(tenant, 0, [.. original, "--destroy", "holdsMasked", "--yes"]));
        Assert.Contains("somebody destroyed it", await SaidAsync(tenant, 1, [.. original, "--reason", "legal", "--to", file + "2"]), StringComparison.Ordinal);
        Assert.Contains("•••• 1111", await TextAsync(tenant, ticket.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mailbox_is_redacted_afterwards_by_its_policy_after_a_dry_run_and_a_report_counts()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, _) = await BuildAsync();
        string address = mailbox.Profile.Address;
        Assert.Contains("\"preset\": \"off\"", await SaidAsync(tenant, 0, "policy", "redaction", "show"), StringComparison.Ordinal);
        Assert.Equal("Nothing was changed. 1 ticket looked at, 0 would be changed: nothing found.", await SaidAsync(tenant, 0, "redact", "--existing", address, "--dry-run"));
        Assert.Contains("no redaction settings of its own", await SaidAsync(tenant, 1, "policy", "redaction", "remove", "--mailbox", address), StringComparison.Ordinal);
        Assert.Contains("There is no mailbox nobody@acme.example", await SaidAsync(tenant, 1, "redact", "--existing", "nobody@acme.example", "--dry-run"), StringComparison.Ordinal);
        (int exit, _, string error) = await system.CommandAsync(tenant, "policy", "redaction", "set", "strict", "--mailbox", address);
        Assert.Equal(2, exit);
        Assert.Contains("default, pci, gdpr, hipaa", error, StringComparison.Ordinal);

        string policy = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".json");
        await File.WriteAllTextAsync(policy, "{ \"preset\": \"default\", \"dryRun\": true }", Cancel);
        Assert.Equal("Kept. It holds for new mail within two minutes.", await SaidAsync(tenant, 0, "policy", "redaction", "set", policy, "--mailbox", address));
        File.Delete(policy);
        Assert.Contains("the policy is a dry run", await SaidAsync(tenant, 1, "redact", "--existing", address, "--yes"), StringComparison.Ordinal);
        Assert.Equal("Kept. It holds for new mail within two minutes.", await SaidAsync(tenant, 0, "policy", "redaction", "set", "default", "--mailbox", address));
        Assert.Equal("Nothing was changed. 1 ticket looked at, 1 would be changed: 1 card number.", await SaidAsync(tenant, 0, "redact", "--existing", address, "--dry-run"));
        Assert.Contains("say --yes if that is meant", await SaidAsync(tenant, 1, "redact", "--existing", address), StringComparison.Ordinal);
        Assert.Contains(Card, await TextAsync(tenant, ticket.Id), StringComparison.Ordinal);

        string done = await SaidAsync(tenant, 0, "redact", "--existing", address, "--yes");
        Assert.StartsWith("1 ticket looked at, 1 was changed: 1 card number.", done, StringComparison.Ordinal);
        Assert.Contains("run \"ingest keys backup\" now", done, StringComparison.Ordinal);
        Assert.Contains("•••• 1111", await TextAsync(tenant, ticket.Id), StringComparison.Ordinal);
        Assert.Equal("1 ticket looked at, 0 were changed: nothing found.", await SaidAsync(tenant, 0, "redact", "--existing", address, "--yes"));

        await system.Desk.RedactionPolicies.ChangeAsync(tenant, mailbox.Id, p => p with { Original = OriginalMail.NotKept }, AuditActor.Command, Cancel);
        Hold hold = await system.Desk.Holds.PlaceAsync(tenant, ErasureKind.Ticket, ticket.Id, "matter 7", AuditActor.Command, Cancel);
        Assert.Equal("1 ticket looked at, 0 were changed: nothing found. 1 stays as it is under a legal hold.", await SaidAsync(tenant, 0, "redact", "--existing", address, "--yes"));
        await system.Desk.Holds.LiftAsync(tenant, hold.Id, AuditActor.Command, Cancel);
        Assert.Equal("The mailbox's own settings are gone: what holds for all mailboxes holds for it again.", await SaidAsync(tenant, 0, "policy", "redaction", "remove", "--mailbox", address));
    }

    [Fact]
    public async Task What_a_mailboxs_redaction_could_not_open_is_said_and_ends_it_with_a_1()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, string message) = await BuildAsync();
        await system.Desk.RedactionPolicies.ChangeAsync(tenant, mailbox.Id, _ => RedactionPolicy.Default, AuditActor.Command, Cancel);
        TableClient rows = system.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        TableEntity row = await rows.QueryAsync(TableFilter.PartitionIs($"{tenant}.{ticket.Id}").And(TableFilter.RowPrefix("m!")), cancel: Cancel).SingleAsync(Cancel);
        byte[] whole = row.GetBinary("doc")!, broken = [.. whole];
        broken[^1] ^= 1;
        await rows.UpdateEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["doc"] = broken }, row.ETag, TableUpdateMode.Merge, Cancel);
        const string Told = "1 message or a file of it does not open, and the original may hold what was to be masked";
        Assert.Contains(Told, await SaidAsync(tenant, 0, "redact", "--existing", mailbox.Profile.Address, "--dry-run"), StringComparison.Ordinal);
        (int exit, string output, _) = await system.CommandAsync(tenant, "redact", "--existing", mailbox.Profile.Address, "--yes");
        Assert.Equal((1, true), (exit, output.Contains(Told, StringComparison.Ordinal)));
        Assert.Contains("destroyed, for good", await SaidAsync(tenant, 0, "tickets", "original", ticket.Number, message, "--destroy", "holdsMasked", "--yes"), StringComparison.Ordinal);
        Assert.Equal("1 ticket looked at, 0 were changed: nothing found.", await SaidAsync(tenant, 0, "redact", "--existing", mailbox.Profile.Address, "--yes"));
    }

    [Fact]
    public async Task A_persons_file_is_masked_further_when_a_level_is_named()
    {
        (TenantContext tenant, _, Ticket ticket, _) = await BuildAsync();
        using TempFolder folder = new();
        string address = ticket.Document!.RequesterAddress, plain = Path.Combine(folder.Path, "plain.zip"), masked = Path.Combine(folder.Path, "masked.zip");
        Assert.Contains("say default, pci, gdpr or hipaa", await SaidAsync(tenant, 1, "person", "export", address, "--redact", "strict", "--to", masked), StringComparison.Ordinal);
        await SaidAsync(tenant, 0, "person", "export", address, "--to", plain);
        await SaidAsync(tenant, 0, "person", "export", address, "--redact", "pci", "--to", masked);
        Assert.Contains(Card, await InAsync(plain), StringComparison.Ordinal);
        Assert.DoesNotContain(Card, await InAsync(masked), StringComparison.Ordinal);
        Assert.Contains("•••• 1111", await InAsync(masked), StringComparison.Ordinal);

        static async Task<string> InAsync(string file)
        {
            using System.IO.Compression.ZipArchive zip = System.IO.Compression.ZipFile.OpenRead(file);
            using StreamReader text = new(zip.Entries.Single(entry => entry.FullName.EndsWith("0001.txt", StringComparison.Ordinal)).Open());
            return await text.ReadToEndAsync(Cancel);
        }
    }

    [Fact]
    public async Task The_report_of_a_mailbox_counts_by_sort_rule_and_day()
    {
        (TenantContext tenant, Mailbox mailbox, _, _) = await BuildAsync(RedactionPolicy.Default);
        // Received a while ago.
        Assert.Contains("\"mails\":0,", await SaidAsync(tenant, 0, "redact", "--report", mailbox.Profile.Address, "--days", "7", "--json"), StringComparison.Ordinal);
        await system.Desk.Journal.CloseAsync(tenant, mailbox.Id, new JournalLine
        {
            MessageKey = "a" + new string('0', 31), Outcome = Core.Pipeline.OutcomeKind.Ticketed, Reason = Core.Pipeline.OutcomeReason.None, TicketId = "x", Steps = "redact=card:1 rules=card.visa:1", Received = TimeProvider.System.GetUtcNow(), At = TimeProvider.System.GetUtcNow(),
        }, Cancel);
        string report = await SaidAsync(tenant, 0, "redact", "--report", mailbox.Profile.Address, "--days", "7", "--json");
        Assert.Contains("\"mails\":1,\"withFindings\":1", report, StringComparison.Ordinal);
        Assert.Contains("{\"name\":\"card\",\"masked\":1,\"found\":0}", report, StringComparison.Ordinal);
        Assert.DoesNotContain("1111", report, StringComparison.Ordinal);
        string table = await SaidAsync(tenant, 0, "redact", "--report", mailbox.Profile.Address, "--table");
        Assert.Contains("1 mail since", table, StringComparison.Ordinal);
        Assert.Contains("something was found in 1.", table, StringComparison.Ordinal);
        (int exit, _, string error) = await system.CommandAsync(tenant, "redact", "--report", mailbox.Profile.Address, "--days", "400");
        Assert.Equal(2, exit);
        Assert.Contains("--days takes a number from 1 to 366.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_and_the_console_destroy_an_original_for_a_reason_and_tell_the_log()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, string message) = await BuildAsync(RedactionPolicy.Default);
        string path = $"/api/tickets/{ticket.Id}/messages/{message}/original/destruction", page = $"/console/tickets/{ticket.Id}", destroy = $"{page}/messages/{message}/original/destroy";
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "t", Permissions = [Permission.ReadTickets, Permission.RedactTickets], Life = TimeSpan.FromHours(1) }, Cancel);
        string reader = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "r", Permissions = [Permission.ReadTickets], Life = TimeSpan.FromHours(1) }, Cancel);
        Assert.Equal(403, (await ApiClient.SendAsync(system, "POST", path, reader, "{\"reason\":\"Legal\"}")).Status);
        Assert.Equal(400, (await ApiClient.SendAsync(system, "POST", path, token, "{\"reason\":\"because I can\"}")).Status);
        Assert.Equal(404, (await ApiClient.SendAsync(system, "POST", path.Replace(message, new string('0', 32), StringComparison.Ordinal), token, "{\"reason\":\"Legal\"}")).Status);
        Hold hold = await system.Desk.Holds.PlaceAsync(tenant, ErasureKind.Mailbox, mailbox.Id.Value, "matter 7", AuditActor.Command, Cancel);
        ApiAnswer held = await ApiClient.SendAsync(system, "POST", path, token, "{\"reason\":\"Legal\"}");
        Assert.Equal((422, "legal-hold"), (held.Status, held.Json["code"]!.GetValue<string>()));
        Assert.Contains("Nothing was destroyed: a legal hold stands above it", held.Body, StringComparison.Ordinal);

        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, mailbox.Id)), reviewer = await Visitor.WithAsync(system, tenant, new Grant(Role.Reviewer, null));
        Assert.Contains(destroy, (await agent.GetAsync(page)).Html, StringComparison.Ordinal);
        Assert.Equal(404, (await reviewer.GetAsync(destroy)).Status);
        Assert.Contains("nobody can open it again", (await agent.GetAsync(destroy)).Text, StringComparison.Ordinal);
        Assert.Equal(422, (await agent.PostAsync(destroy, ("reason", ""))).Status);
        Assert.EndsWith("said=destroy-held", (await agent.PostAsync(destroy, ("reason", "CustomerAsked"))).Location, StringComparison.Ordinal);
        await system.Desk.Holds.LiftAsync(tenant, hold.Id, AuditActor.Command, Cancel);
        Assert.NotNull(await system.NewProcess().Keys.FindRawAsync(tenant, mailbox.Id, message, Cancel));

        Seen done = await agent.PostAsync(destroy, ("reason", "CustomerAsked"));
        Assert.EndsWith("said=original-destroyed", done.Location, StringComparison.Ordinal);
        Assert.Contains("The mail as it came is destroyed.", (await agent.GetAsync(done.Location)).Text, StringComparison.Ordinal);
        Assert.Null(await system.NewProcess().Keys.FindRawAsync(tenant, mailbox.Id, message, Cancel));
        Assert.Contains("The original was not kept", (await agent.GetAsync(destroy)).Text, StringComparison.Ordinal);
        ApiAnswer again = await ApiClient.SendAsync(system, "POST", path, token, "{\"reason\":\"Legal\"}");
        Assert.Equal((200, false), (again.Status, again.Json["destroyed"]!.GetValue<bool>()));
        AuditEvent told = Assert.Single((await system.Desk.AuditPages.ReadAsync(tenant, new AuditFilter { TicketId = ticket.Id }, 100, null, Cancel)).Entries.Select(e => e.Event), e => e is { Action: AuditAction.Redacted, Result: AuditResult.Done, Count: > 0 });
        Assert.Equal((agent.PersonId, "original-destroyed-customer-asked", message), (told.Actor.Id, told.Code, told.Subject));
    }

    [Fact]
    public async Task An_agent_is_told_what_was_masked_in_a_note()
    {
        (TenantContext tenant, Mailbox mailbox, Ticket ticket, _) = await BuildAsync(RedactionPolicy.Default);
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, mailbox.Id));
        Seen noted = await agent.PostAsync($"/console/tickets/{ticket.Id}/note", ("text", $"She read out {Card}. Call +1 415 555 0132."), ("once", Guid.NewGuid().ToString("N")));
        Assert.EndsWith("said=noted-masked", noted.Location, StringComparison.Ordinal);
        string page = (await agent.GetAsync(noted.Location)).Text;
        Assert.Contains("was masked in it first", page, StringComparison.Ordinal);
        Assert.Contains("She read out •••• •••• •••• 1111. Call +1 415 555 0132.", page, StringComparison.Ordinal);
        string token = "Bearer " + await system.Desk.Tokens.CreateAsync(tenant, new NewToken { Name = "t", Permissions = [Permission.ReadTickets, Permission.AnswerTickets], Life = TimeSpan.FromHours(1) }, Cancel);
        ApiAnswer kept = await ApiClient.SendAsync(system, "POST", $"/api/tickets/{ticket.Id}/notes", token, $"{{\"text\":\"It is {Card}\"}}", headers: ("Idempotency-Key", "n1"));
        Assert.Equal((201, "card", 1), (kept.Status, kept.Json["masked"]![0]!["type"]!.GetValue<string>(), kept.Json["masked"]![0]!["count"]!.GetValue<int>()));
    }
}
