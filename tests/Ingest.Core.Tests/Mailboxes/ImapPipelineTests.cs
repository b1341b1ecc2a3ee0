using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Wire;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

/// <summary>IMAP mail through the real pipeline: what is listed again is known by its content.</summary>
[Collection(nameof(StorageCollection))]
public sealed class ImapPipelineTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static MailboxProfile ProfileOf(ServerSettings server) => new() { Address = "imap@acme.example", Imap = server, AuthservIds = ["mx.google.com"] };

    private static async Task<(TestDesk Test, InboxId Inbox)> ConnectAsync(TestDesk test, ServerSettings server, string password)
    {
        await test.OpenAsync(Cancel);
        return (test, (await test.Desk.Mailboxes.ConnectImapAsync(test.Tenant, ProfileOf(server), password, Cancel)).Id);
    }

    private static async Task<SyncResult> SyncAsync(TestDesk test, InboxId inbox)
    {
        SyncResult result = await test.Desk.SyncMailbox.RunAsync(test.Tenant, inbox, Guid.NewGuid().ToString(), (view, stop) => test.Desk.Sources.OpenAsync(test.Tenant, view, stop), evenIfBackingOff: true, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        return result;
    }

    private static async Task<Dictionary<OutcomeKind, int>> EndsAsync(TestDesk test, InboxId inbox)
    {
        Books books = await test.NewProcess().Reconcile.RunAsync(test.Tenant, inbox, Cancel);
        Assert.True(books.Balance, books.ToString());
        Assert.Equal(0, books.InFlight);
        return (await test.Desk.Journal.ListAsync(test.Tenant, inbox, Cancel).ToListAsync(Cancel)).GroupBy(line => line.Outcome).ToDictionary(group => group.Key, group => group.Count());
    }

    private static byte[] Mail(int i) => Mails.From($"ann{i}@customer.example", $"Question {i}", $"q{i}@customer.example");

    [Fact]
    public async Task Failure_07_a_new_generation_loses_nothing_and_doubles_nothing()
    {
        await using ImapTwin twin = new();
        for (int i = 0; i < 40; i++) twin.Inbox.Add(Mail(i));
        (TestDesk test, InboxId inbox) = await ConnectAsync(new TestDesk(storage), twin.Settings(), ImapTwin.Password);
        Assert.Equal(new(SyncEnd.Done, 40), await SyncAsync(test, inbox));
        Assert.Equal(40, (await EndsAsync(test, inbox))[OutcomeKind.Ticketed]);

        // Between the last poll and the new generation, 12 more come.
        for (int i = 40; i < 52; i++) twin.Inbox.Add(Mail(i));
        twin.Inbox.Renumber();
        Assert.Equal(52, (await SyncAsync(test, inbox)).Listed);
        Dictionary<OutcomeKind, int> ends = await EndsAsync(test, inbox);
        Assert.Equal((52, 40), (ends[OutcomeKind.Ticketed], ends[OutcomeKind.Duplicate]));
        Assert.Equal(52, (await test.Desk.Tickets.NewestAsync(test.Tenant, inbox, TicketState.Open, 100, Cancel)).Count);
        Assert.Equal(SyncEnd.Idle, (await SyncAsync(test, inbox)).End);
    }

    [Fact]
    public async Task A_wrong_password_waits_for_a_person_and_a_reconnect_goes_on_where_it_was()
    {
        await using ImapTwin twin = new();
        twin.Inbox.Add(Mail(1));
        (TestDesk test, InboxId inbox) = await ConnectAsync(new TestDesk(storage), twin.Settings(), ImapTwin.Password);
        await SyncAsync(test, inbox);
        Assert.Equal(inbox, (await test.Desk.Mailboxes.ConnectImapAsync(test.Tenant, ProfileOf(twin.Settings()), "changed", Cancel)).Id);
        Assert.Equal(MailboxFault.PasswordRefused, (await Assert.ThrowsAsync<MailboxRefusedException>(() => SyncAsync(test, inbox))).Fault);

        twin.Inbox.Add(Mail(2));
        Mailbox again = await test.Desk.Mailboxes.ConnectImapAsync(test.Tenant, ProfileOf(twin.Settings()), ImapTwin.Password, Cancel);
        Assert.Equal(inbox, again.Id);
        Assert.Equal(1, (await SyncAsync(test, inbox)).Listed);
        Assert.Equal(2, (await EndsAsync(test, inbox))[OutcomeKind.Ticketed]);
    }

    [Fact]
    public async Task A_mailbox_that_moves_to_another_server_keeps_its_tickets_and_mistakes_no_mail_for_another()
    {
        await using ImapTwin old = new(), moved = new();
        old.Inbox.Add(Mail(1));
        old.Inbox.Add(Mail(2));
        // The same generation and numbers, other mail: only one of the two came along.
        moved.Inbox.Add(Mail(3));
        moved.Inbox.Add(Mail(1));
        (TestDesk test, InboxId inbox) = await ConnectAsync(new TestDesk(storage), old.Settings(), ImapTwin.Password);
        await SyncAsync(test, inbox);
        Mailbox again = await test.Desk.Mailboxes.ConnectImapAsync(test.Tenant, ProfileOf(moved.Settings() with { Host = "127.0.0.1" }), ImapTwin.Password, Cancel);
        Assert.Equal((inbox, "|INBOX"), (again.Id, string.Join('|', again.Profile.Imap!.Folders)));
        await SyncAsync(test, inbox);
        Dictionary<OutcomeKind, int> ends = await EndsAsync(test, inbox);
        Assert.Equal((3, 1), (ends[OutcomeKind.Ticketed], ends[OutcomeKind.Duplicate]));
    }

    [Fact]
    public async Task Failure_20_a_message_that_the_server_cannot_tell_is_parked_and_the_rest_is_ticketed()
    {
        await using ImapTwin twin = new() { InsteadOfMail = uid => uid == 3 ? "* 3 FETCH (UID 3 BODY[] {{{\r\n" : null };
        for (int i = 0; i < 8; i++) twin.Inbox.Add(Mail(i));
        (TestDesk test, InboxId inbox) = await ConnectAsync(new TestDesk(storage), twin.Settings(), ImapTwin.Password);
        await SyncAsync(test, inbox);
        Dictionary<OutcomeKind, int> ends = await EndsAsync(test, inbox);
        Assert.Equal((7, 1), (ends[OutcomeKind.Ticketed], ends[OutcomeKind.Parked]));
    }

    [Theory]
    [InlineData("wrong", "imap-authentication-failed", "did not accept name and password")]
    [InlineData(ImapTwin.Password, "ok", "It works: 2 messages")]
    public async Task The_form_says_what_came_of_trying(string password, string code, string says)
    {
        await using ImapTwin twin = new();
        twin.Inbox.Add(Mail(1));
        twin.Inbox.Add(Mail(2));
        ProbeResult result = await new MailboxProbe(ImapTwin.Wire).TryImapAsync(twin.Settings(), password, Cancel);
        Assert.Equal((code == "ok", code), (result.Ok, result.Code));
        Assert.Contains(says, result.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_names_the_fix_for_each_failure_of_the_connection()
    {
        await using ImapTwin twin = new();
        ServerSettings good = twin.Settings();
        MailboxProbe probe = new(ImapTwin.Wire);
        await FailsAsync(good with { Host = "" }, "host-missing", "Enter the name");
        await FailsAsync(good with { Host = "no such host" }, "wire-host-not-found", "check the spelling", new MailboxProbe(ImapTwin.Wire with { Resolve = null }));
        await FailsAsync(good with { Port = 70_000 }, "port-wrong", "from 1 to 65535");
        await FailsAsync(good with { Tls = TlsMode.Implicit }, "wire-tls-not-spoken", "choose STARTTLS");
        await FailsAsync(good with { Tls = TlsMode.StartTls }, "wire-starttls-not-offered", "choose TLS and port 993");
        await FailsAsync(good, "wire-address-not-allowed", "private network", new MailboxProbe(ImapTwin.Wire with { MayConnect = AddressRules.IsPublic }));
        await FailsAsync(good with { Folders = ["INBOX", "Gone"] }, "imap-folder-missing", "no folder \"Gone\"");
        twin.Instead = command => command.StartsWith("LOGIN", StringComparison.Ordinal) ? "* BYE too many connections\r\n!" : null;
        await FailsAsync(good, "wire-busy", "too many connections");

        async Task FailsAsync(ServerSettings settings, string code, string says, MailboxProbe? other = null)
        {
            ProbeResult result = await (other ?? probe).TryImapAsync(settings, ImapTwin.Password, Cancel);
            Assert.Equal((false, code), (result.Ok, result.Code));
            Assert.Contains(says, result.Fix, StringComparison.Ordinal);
        }
    }
}
