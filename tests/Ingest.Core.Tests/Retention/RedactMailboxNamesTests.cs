using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>The names of people, which are kept apart from tickets, are masked when a mailbox that they wrote to is redacted afterwards; and whoever was masked in a text is found when they are to be erased.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class RedactMailboxNamesTests(StorageFixture storage)
{
    private const string Phone = "+44 20 7946 0958", Digits = "7946 0958", Ann = "ann@customer.example", Bob = "bob@other.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Who is not proven is no participant.
    private static byte[] By(string from, string id, string name, bool proven = false)
    {
        string domain = from.Split('@')[1], proof = proven ? $"Authentication-Results: mx.google.com; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={from}; dmarc=pass header.from={domain}\r\n" : "";
        return Encoding.UTF8.GetBytes($"{proof}From: \"{name}\" <{from}>\r\nTo: support@acme.example\r\nSubject: Hello\r\nMessage-ID: <{id}>\r\n\r\nA question.\r\n");
    }

    private async Task<(TestDesk Test, JournalLine Line)> HouseAsync(string from = Ann)
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        JournalLine line = await test.TakeInAsync(By(from, "n1@customer.example", $"Ann {Phone}", proven: true), Cancel);
        test.Redaction = RedactionPolicy.Default;
        return (test, line);
    }

    private static async Task<ContactDocument?> ProfileAsync(TestDesk test, string address = Ann)
    {
        Desk desk = test.NewProcess();
        return await desk.Contacts.FindAsync(test.Tenant, address, Cancel) is { } contact ? await desk.Contacts.OpenAsync(test.Tenant, address, contact, Cancel) : null;
    }

    private static async Task<MailboxRun> RunAsync(TestDesk test, InboxId? inbox = null, RedactionPolicy? given = null) =>
        (await test.NewProcess().RedactMailbox.RunAsync(test.Tenant, inbox ?? test.Mailbox.Id, AuditActor.Command, Cancel, given, given is null ? "" : new string('0', 64)))!;

    private static async Task<List<AuditEvent>> EventsAsync(TestDesk test) =>
        [.. (await test.NewProcess().AuditPages.ReadAsync(test.Tenant, new AuditFilter(), 100, null, Cancel)).Entries.Select(e => e.Event).Where(e => e.Action == AuditAction.Redacted).Reverse()];

    [Fact]
    public async Task The_name_of_who_wrote_is_masked_wherever_it_is_kept_and_they_are_found_as_before()
    {
        (TestDesk test, JournalLine line) = await HouseAsync();
        Assert.Equal($"Ann {Phone}", (await ProfileAsync(test))!.Name);
        Assert.Contains("contacts.doc", (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(Digits));

        MailboxRun dry = await test.NewProcess().RedactMailbox.TryAsync(test.Tenant, test.Mailbox.Id, null, Cancel);
        Assert.Equal((1L, 1L), (dry.Changed, dry.Names));
        Assert.Equal($"Ann {Phone}", (await ProfileAsync(test))!.Name);

        MailboxRun run = await RunAsync(test);
        Assert.Equal((false, 1L, 1L, true), (run.Running, run.Changed, run.Names, run.IsWhole));
        Assert.Equal(new ContactDocument { Name = "Ann [phone]", Address = Ann }, await ProfileAsync(test));
        Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(Digits));
        AuditEvent told = Assert.Single(await EventsAsync(test), e => e.Code == "mailbox-names");
        Assert.Equal((1L, test.Mailbox.Id, run.Id), (told.Count, told.Inbox, told.Subject));

        // Found by their address as before, by what was masked never.
        TicketPages pages = test.NewProcess().TicketPages;
        Assert.Single((await pages.SearchAsync(test.Tenant, [test.Mailbox.Id], TicketState.Open, Ann, null, Cancel)).Tickets);
        Assert.Empty((await pages.SearchAsync(test.Tenant, [test.Mailbox.Id], TicketState.Open, Phone, null, Cancel)).Tickets);
        JournalLine next = await test.TakeInAsync(Mails.From(Ann, "Re: Hello", "n2@customer.example", inReplyTo: "n1@customer.example"), Cancel);
        Assert.Equal(line.TicketId, next.TicketId);

        MailboxRun again = await RunAsync(test);
        Assert.Equal((0L, 0L), (again.Changed, again.Names));
        Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel)).Outcome);
        Assert.Null(await ProfileAsync(test));
    }

    [Fact]
    public async Task Who_wrote_without_proof_and_several_times_is_masked_and_counted_once()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        foreach (string id in new[] { "u1@x.example", "u2@x.example", "u3@x.example" }) await test.TakeInAsync(By(Bob, id, $"Bob {Phone}"), Cancel);
        test.Redaction = RedactionPolicy.Default;
        Assert.Equal(1, (await test.NewProcess().RedactMailbox.TryAsync(test.Tenant, test.Mailbox.Id, null, Cancel)).Names);
        MailboxRun run = await RunAsync(test);
        Assert.Equal((3L, 1L), (run.Changed, run.Names));
        Assert.Equal("Bob [phone]", (await ProfileAsync(test, Bob))!.Name);
    }

    [Fact]
    public async Task Where_messages_were_masked_before_the_name_alone_is_masked_now()
    {
        (TestDesk test, _) = await HouseAsync();
        await RunAsync(test);
        string contact = (await test.Desk.Contacts.FindAsync(test.Tenant, Ann, Cancel))!;
        Assert.Equal(NameEnd.Renamed, await test.NewProcess().Contacts.RenameAsync(test.Tenant, Ann, contact, _ => $"Ann {Phone}", isDry: false, Cancel));
        MailboxRun run = await RunAsync(test);
        Assert.Equal((0L, 1L), (run.Changed, run.Names));
        Assert.Equal("Ann [phone]", (await ProfileAsync(test))!.Name);
    }

    [Fact]
    public async Task While_the_index_key_is_turned_over_the_name_is_masked_in_every_place()
    {
        (TestDesk test, _) = await HouseAsync();
        await test.NewProcess().RotateIndex.RunAsync(test.Tenant, start: true, 1000, Cancel);
        string contact = (await test.NewProcess().Contacts.FindAsync(test.Tenant, Ann, Cancel))!;
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Contacts);
        string[] places = await rows.QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").And(TableFilter.RowIs("c!" + contact)), cancel: Cancel).Select(row => row.PartitionKey).ToArrayAsync(Cancel);
        int indexed = await rows.QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").And(TableFilter.RowPrefix("ix!")), cancel: Cancel).CountAsync(Cancel);
        Assert.Equal(2, indexed);
        Assert.InRange(places.Length, 1, 2);
        Assert.Equal(1, (await RunAsync(test)).Names);
        Assert.Empty((await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(Digits));
        Assert.Equal("Ann [phone]", (await ProfileAsync(test))!.Name);
    }

    [Fact]
    public async Task A_person_who_never_wrote_to_the_mailbox_keeps_their_name()
    {
        (TestDesk test, _) = await HouseAsync();
        Mailbox other = await test.Desk.Mailboxes.ConnectAsync(test.Tenant, MailboxKind.Import, new MailboxProfile { Address = "other@acme.example" }, credential: null, Cancel);
        Assert.Equal(0, (await RunAsync(test, other.Id)).Names);
        Assert.Equal($"Ann {Phone}", (await ProfileAsync(test))!.Name);
        Assert.Equal(0, (await RunAsync(test, given: RedactionPolicy.Named(RedactionPreset.Pci))).Names);
        Assert.Equal($"Ann {Phone}", (await ProfileAsync(test))!.Name);
    }

    [Fact]
    public async Task A_legal_hold_on_the_person_keeps_their_name_also_where_it_does_not_keep_the_ticket()
    {
        (TestDesk test, _) = await HouseAsync();
        string ann = (await test.Desk.Contacts.FindAsync(test.Tenant, Ann, Cancel))!;
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Contact, ann, "A case", AuditActor.Command, Cancel);
        PeopleOfTicket people = new() { Addresses = { Ann } };
        MaskNames names = new(test.Desk.Contacts, test.Desk.Holds);
        Assert.Equal((0, 0), await names.RunAsync(test.Tenant, people, _ => "Ann", new SeenPeople(), isDry: false, Cancel));
        Assert.Equal(0, (await RunAsync(test)).Names);
        Assert.Equal($"Ann {Phone}", (await ProfileAsync(test))!.Name);
        await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);
        Assert.Equal(1, (await RunAsync(test)).Names);
    }

    [Fact]
    public async Task A_run_that_was_cut_off_anywhere_masks_the_name_when_it_goes_on()
    {
        for (int at = 0; ; at += 2)
        {
            (TestDesk test, _) = await HouseAsync();
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(transport).RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel));
            await RunAsync(test);
            Assert.Equal("Ann [phone]", (await ProfileAsync(test))!.Name);
            if (transport.Requests <= at) break;
            Assert.True(at < 100);
        }
    }

    [Fact]
    public async Task A_profile_that_does_not_open_is_told_and_masked_by_a_run_after_it_opens_again()
    {
        (TestDesk test, _) = await HouseAsync();
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Contacts);
        TableEntity row = await rows.QueryAsync(TableFilter.PartitionPrefix(test.Tenant + ".").And(TableFilter.RowPrefix("c!")), cancel: Cancel).SingleAsync(Cancel);
        byte[] whole = row.GetBinary("doc")!, broken = [.. whole];
        broken[^1] ^= 1;
        await rows.UpsertEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["doc"] = broken }, TableUpdateMode.Replace, Cancel);
        MailboxRun run = await RunAsync(test);
        Assert.Equal((1L, 0L, 1L, false), (run.Changed, run.Names, run.Closed, run.IsWhole));
        await rows.UpsertEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { ["doc"] = whole }, TableUpdateMode.Replace, Cancel);
        run = await RunAsync(test);
        Assert.Equal((0L, 1L, 0L, true), (run.Changed, run.Names, run.Closed, run.IsWhole));
    }

    [Fact]
    public async Task Whoever_was_masked_in_what_others_wrote_is_found_when_they_are_erased()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        JournalLine line = await test.TakeInAsync(Mails.From(Bob, "A colleague", "m1@other.example", body: $"Ask {Ann} about it.\r\n"), Cancel);
        test.Redaction = RedactionPolicy.Default;
        await RunAsync(test);
        MessageDocument message = (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, line.TicketId, line.MessageKey, Cancel))!.Document!;
        Assert.Equal("Ask [email] about it.", message.Text.Trim());
        Assert.Single(message.Named);

        ErasureEnd end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        Assert.NotEmpty((await test.NewProcess().Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.MergedInto);
    }
}
