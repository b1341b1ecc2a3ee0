using System.Net;
using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Mail that is too large or makes no sense, and mailboxes that shut: each ends where a person sees it.</summary>
[Collection(nameof(RunningSystem))]
public sealed class OddMailTests(RunningSystem system)
{
    private readonly TenantContext _tenant = RunningSystem.NewTenant();

    private static CancellationToken Cancel => RunningSystem.Cancel;

    [Fact]
    public async Task A_mail_of_40_MB_is_a_ticket_with_its_file_and_holds_nobody_up()
    {
        string email = NewAddress();
        byte[] file = RandomNumberGenerator.GetBytes(30 * 1024 * 1024);
        byte[] mail = Mails.WithFile("ann@customer.example", "Large", file);
        Assert.True(mail.Length > 40 * 1024 * 1024);
        await system.Google.ImportAsync(email, Mails.From("bob@customer.example", "Before", email), Cancel);
        await system.Google.ImportAsync(email, mail, Cancel);
        await system.Google.ImportAsync(email, Mails.From("bob@customer.example", "Behind", email), Cancel);
        Mailbox mailbox = await Browser.ConnectAsync(system, _tenant, email);
        Assert.Equal(3, (await system.SettledAsync(_tenant, mailbox.Id, listed: 3)).Ticketed);

        Ticket ticket = (await TicketsAsync(mailbox)).Single(t => t.Document!.Subject == "Large");
        TicketMessage message = (await system.Desk.Tickets.MessagesAsync(_tenant, ticket.Id, Cancel)).Single();
        AttachmentDocument attachment = Assert.Single(message.Document!.Attachments);
        Assert.Equal((file.Length, Convert.ToHexStringLower(SHA256.HashData(file))), (attachment.Size, attachment.Sha256));
        byte[] kept = (await system.Desk.Tickets.ReadAttachmentAsync(_tenant, ticket.Id, message, 0, Cancel))!;
        Assert.True(file.AsSpan().SequenceEqual(kept));
        // Through the door it comes whole as well.
        using HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", await Api.TokenAsync(system, _tenant));
        byte[] download = await http.GetByteArrayAsync(new Uri(system.BaseUrl, $"/api/tickets/{ticket.Id}/messages/{message.Key}/attachments/0"), Cancel);
        Assert.True(file.AsSpan().SequenceEqual(download));
    }

    [Fact]
    public async Task Mail_that_no_parser_can_read_has_its_line_and_shows_itself()
    {
        byte[] random = new byte[5000];
#pragma warning disable CA5394 // The same bytes each time.
        new Random(7).NextBytes(random);
#pragma warning restore CA5394
        byte[][] odd = [random, [], new byte[3000], "\r\n\r\n"u8.ToArray(), ":::::"u8.ToArray(), [.. Enumerable.Repeat((byte)'(', 20_000)], "Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--"u8.ToArray()];
        Mailbox mailbox = await system.GiveAsync(_tenant, "support@acme.example", [.. odd, Mails.From("ann@customer.example", "Behind them")]);
        Books books = await system.SettledAsync(_tenant, mailbox.Id, listed: odd.Length + 1);
        Assert.Equal((0, 0, 0), (books.Parked, books.Rejected, books.InFlight));
        Assert.Contains(await TicketsAsync(mailbox), ticket => ticket.Document!.Subject == "Behind them");

        // Each is a ticket, a duplicate of one, or in quarantine; none is nowhere.
        string token = await Api.TokenAsync(system, _tenant);
        await foreach (JournalLine line in system.Desk.Journal.ListAsync(_tenant, mailbox.Id, Cancel))
        {
            Assert.Contains(line.Outcome, new[] { OutcomeKind.Ticketed, OutcomeKind.Duplicate, OutcomeKind.Quarantined });
            if (line.Outcome == OutcomeKind.Ticketed) Assert.Equal(200, (await Api.GetAsync(system, token, $"/api/tickets/{line.TicketId}")).Status);
        }

        Assert.Equal(0, (await system.CommandAsync(_tenant, "tickets", "list", "--table")).Exit);
        Assert.Equal(0, (await system.CommandAsync(_tenant, "journal", "--reconcile")).Exit);
    }

    [Fact]
    public async Task A_revoked_mailbox_says_so_and_how_to_mend_it_while_the_others_go_on()
    {
        string revoked = NewAddress(), other = NewAddress();
        await system.Google.ImportAsync(revoked, Mails.From("ann@customer.example", "First", revoked), Cancel);
        await system.Google.ImportAsync(other, Mails.From("ann@customer.example", "First of the other", other), Cancel);
        Mailbox shut = await Browser.ConnectAsync(system, _tenant, revoked), open = await Browser.ConnectAsync(system, _tenant, other);
        await system.SettledAsync(_tenant, shut.Id, listed: 1);
        await system.SettledAsync(_tenant, open.Id, listed: 1);

        await system.Google.RevokeAsync(revoked, Cancel);
        await system.Google.ImportAsync(revoked, Mails.From("ann@customer.example", "While it was shut", revoked), Cancel);
        await system.Google.ImportAsync(other, Mails.From("ann@customer.example", "Second of the other", other), Cancel);
        // One minute passes.
        await system.Desk.ScheduleSync.RunAsync(Cancel);
        await system.UntilAsync("the mailbox to shut", async () =>
            (await system.Desk.Mailboxes.FindAsync(_tenant, shut.Id, Cancel))!.Mailbox.State == MailboxState.NeedsReconnect ? "shut" : null);
        await system.SettledAsync(_tenant, open.Id, listed: 2);
        await SaysSoAsync(shut, revoked);

        // More minutes change nothing, and ask Google nothing.
        await system.PollAsync(_tenant, shut.Id);
        Assert.Equal(1, (await system.Desk.Reconcile.RunAsync(_tenant, shut.Id, Cancel)).Listed);

        Mailbox again = await Browser.ConnectAsync(system, _tenant, revoked);
        Assert.Equal(shut.Id, again.Id);
        Assert.Equal(2, (await system.SettledAsync(_tenant, shut.Id, listed: 2)).Ticketed);
        MailboxView healed = await system.UntilAsync("the mailbox to be well", async () =>
            await system.Desk.Mailboxes.FindAsync(_tenant, shut.Id, Cancel) is { Health: { Failures: 0, Fault: "" } } view ? view : null);
        Assert.Equal(MailboxState.Active, healed.Mailbox.State);
        using Browser browser = await Browser.SignedInAsync(system, _tenant);
        Assert.DoesNotContain("connected again", (await browser.GetAsync("/connect")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_that_comes_after_the_mailbox_was_connected_again_shuts_nothing()
    {
        string email = NewAddress();
        await system.Google.ImportAsync(email, Mails.From("ann@customer.example", "First", email), Cancel);
        Mailbox before = await Browser.ConnectAsync(system, _tenant, email);
        await system.SettledAsync(_tenant, before.Id, listed: 1);
        Mailbox after = await Browser.ConnectAsync(system, _tenant, email);
        Assert.NotEqual(before.Version, after.Version);
        Assert.False(await system.Desk.Mailboxes.SetStateAsync(_tenant, before.Id, MailboxState.NeedsReconnect, Cancel, before.Version));
        Assert.Equal(MailboxState.Active, (await system.Desk.Mailboxes.FindAsync(_tenant, before.Id, Cancel))!.Mailbox.State);
    }

    private async Task SaysSoAsync(Mailbox shut, string address)
    {
        using Browser browser = await Browser.SignedInAsync(system, _tenant);
        Page page = await browser.GetAsync("/connect");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("Needs to be connected again", page.Html, StringComparison.Ordinal);
        Assert.Contains("Press the button and choose the same account", page.Html, StringComparison.Ordinal);
        Assert.Contains("Mail waits at the provider; none is lost", page.Html, StringComparison.Ordinal);

        (int exit, string list, _) = await system.CommandAsync(_tenant, "mailbox", "list", "--table");
        string line = list.Split('\n').Single(row => row.Contains(shut.Id.Value, StringComparison.Ordinal));
        Assert.Equal(0, exit);
        Assert.Contains("needs reconnect", line, StringComparison.Ordinal);
        Assert.Contains("GrantRevoked", line, StringComparison.Ordinal);
        foreach (string verb in new[] { "sync", "resume" })
        {
            (exit, _, string error) = await system.CommandAsync(_tenant, "mailbox", verb, address);
            Assert.Equal(1, exit);
            Assert.Contains("has to be connected again: \"ingest mailbox connect\" prints a link", error, StringComparison.Ordinal);
        }

        (_, string body) = await Api.GetAsync(system, await Api.TokenAsync(system, _tenant), "/api/mailboxes");
        Assert.Contains("\"state\":\"NeedsReconnect\"", body, StringComparison.Ordinal);
        Assert.Contains("\"fault\":\"GrantRevoked\"", body, StringComparison.Ordinal);
    }

    private static string NewAddress() => $"support-{Guid.NewGuid().ToString("N")[..8]}@acme.example";

    private Task<IReadOnlyList<Ticket>> TicketsAsync(Mailbox mailbox) => system.Desk.Tickets.NewestAsync(_tenant, mailbox.Id, TicketState.Open, 100, Cancel);
}
