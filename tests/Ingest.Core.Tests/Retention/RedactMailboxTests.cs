using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>A mailbox whose policy comes after its mail: what its tickets hold already is masked, and the originals concerned are gone.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class RedactMailboxTests(StorageFixture storage)
{
    private const string Card = "4111 1111 1111 1111", Iban = "DE89 3704 0044 0532 0130 00";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] WithFile => Encoding.UTF8.GetBytes($"""
        Authentication-Results: mx.google.com; dkim=pass header.d=files.example; dmarc=pass header.from=files.example
        From: Carl <carl@files.example>
        To: support@acme.example
        Subject: My card {Card}
        Message-ID: <c1@files.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=mixed

        --mixed
        Content-Type: text/html; charset=utf-8

        <p>It is 4111 <b>1111</b> 1111 1111.</p>
        --mixed
        Content-Type: text/csv; name="cards.csv"
        Content-Disposition: attachment; filename="cards.csv"

        card,name
        {Card},Carl
        --mixed--

        """.ReplaceLineEndings("\r\n"));

    private static byte[] WithText => Mails.From("ann@customer.example", "Payment", "a1@customer.example", body: $"Please take it from {Card}.\r\n");

    private async Task<(TestDesk Test, JournalLine File, JournalLine Text, JournalLine Clean)> HouseAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        JournalLine file = await test.TakeInAsync(WithFile, Cancel), text = await test.TakeInAsync(WithText, Cancel), clean = await test.TakeInAsync(Mails.From("bob@other.example", "Hello", "b1@other.example"), Cancel);
        test.Redaction = RedactionPolicy.Default;
        return (test, file, text, clean);
    }

    // As digits, since the places where a text is wrapped differ.
    private static async Task<IReadOnlyList<string>> WhereAsync(TestDesk test) => [.. (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("1111 1111 1111")];

    private static async Task<bool> HasOriginalAsync(TestDesk test, JournalLine line) => await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel) is not null;

    private static async Task<string> OriginalsAsync(TestDesk test, params JournalLine[] lines)
    {
        List<string> said = [];
        foreach (JournalLine line in lines) said.Add(await HasOriginalAsync(test, line) ? "yes" : "no");
        return string.Join(' ', said);
    }

    [Fact]
    public async Task What_the_policy_masks_is_masked_in_what_is_there_and_counted_and_a_second_run_finds_nothing()
    {
        (TestDesk test, JournalLine file, JournalLine text, JournalLine clean) = await HouseAsync();
        JournalLine twin = await test.TakeInAsync([.. "X-Trace: another way\r\n"u8, .. WithText], Cancel);
        Assert.Equal(OutcomeKind.Duplicate, twin.Outcome);
        Assert.NotEmpty(await WhereAsync(test));

        MailboxRun dry = await test.Desk.RedactMailbox.TryAsync(test.Tenant, test.Mailbox.Id, null, Cancel);
        Assert.Equal((3L, 2L, 3L), (dry.Looked, dry.Changed, dry.Counts[FindingType.Card] - 1));
        Assert.NotEmpty(await WhereAsync(test));

        MailboxRun run = (await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel))!;
        Assert.Equal((false, 3L, 2L, dry.Counts[FindingType.Card], 0L), (run.Running, run.Looked, run.Changed, run.Counts[FindingType.Card], run.Failed));
        Assert.Empty(await WhereAsync(test));
        Assert.Equal("no no yes no", await OriginalsAsync(test, file, text, clean, twin));
        Ticket ticket = (await test.NewProcess().Tickets.FindAsync(test.Tenant, file.TicketId, Cancel))!;
        Assert.Equal("My card •••• •••• •••• 1111", ticket.Document!.Subject);
        TicketMessage message = (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, file.TicketId, file.MessageKey, Cancel))!;
        Assert.Equal(RedactedPart.Policy, Assert.Single(message.Document!.LaterRedactions).Part);
        Assert.Equal("card,name\r\n•••• •••• •••• 1111,Carl", Encoding.UTF8.GetString((await test.NewProcess().Tickets.ReadAttachmentAsync(test.Tenant, file.TicketId, message, 0, Cancel))!).Trim());
        Assert.Equal(0, (await test.NewProcess().Tickets.FindAsync(test.Tenant, clean.TicketId, Cancel))!.Generation);

        MailboxRun again = (await test.NewProcess().RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel))!;
        Assert.Equal((3L, 0L, 0), (again.Looked, again.Changed, again.Counts.Count));
        Assert.Equal(["mailbox-begun", "mailbox-done", "mailbox-begun", "mailbox-done"], (await EventsAsync(test)).Select(e => e.Code));
        Assert.Null(await test.Desk.RedactMailbox.RunAsync(new(TestDeskTenant()), test.Mailbox.Id, AuditActor.Command, Cancel));
    }

    [Fact]
    public async Task Where_no_originals_are_kept_all_of_what_has_ended_go()
    {
        (TestDesk test, JournalLine file, JournalLine text, JournalLine clean) = await HouseAsync();
        JournalLine kept = await test.TakeInAsync(Pipeline.KeptBack.Bounce("MAILER-DAEMON@relay.example", "Undelivered", "k1@relay.example"), Cancel);
        test.Redaction = RedactionPolicy.Default with { Original = OriginalMail.NotKept };
        MailboxRun run = (await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel))!;
        Assert.Equal(1, run.Originals);
        Assert.Equal("no no no yes", await OriginalsAsync(test, file, text, clean, kept));
        // Of each it is said why: by the policy, and not that its time was over.
        foreach (JournalLine line in new[] { file, text, clean })
        {
            TicketMessage message = (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, line.TicketId, line.MessageKey, Cancel))!;
            Assert.Equal(OriginalState.NotKept, (await test.NewProcess().Originals.FindAsync(test.Tenant, test.Mailbox.Id, message, Cancel)).State);
        }

        Assert.True((await test.NewProcess().Journal.FindAsync(test.Tenant, test.Mailbox.Id, clean.MessageKey, Cancel))!.IsOriginalNotKept);
    }

    [Fact]
    public async Task A_policy_that_only_tries_things_out_changes_no_ticket_and_destroys_no_original()
    {
        (TestDesk test, JournalLine file, JournalLine text, JournalLine clean) = await HouseAsync();
        test.Redaction = RedactionPolicy.Default with { Original = OriginalMail.NotKept, DryRun = true };
        NotNowException refused = await Assert.ThrowsAsync<NotNowException>(() => test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel));
        Assert.Equal(RedactMailbox.DryRunCode, refused.ReasonCode);

        // Begun before the policy became a dry run, it waits until that is over.
        RedactionPolicy dry = test.Redaction;
        test.Redaction = dry with { DryRun = false };
        await test.NewProcess().RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel, within: TimeSpan.Zero);
        string before = await OriginalsAsync(test, file, text, clean);
        test.Redaction = dry;
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        await test.NewProcess(time: clock).KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.True((await test.NewProcess().RedactMailbox.FindAsync(test.Tenant, test.Mailbox.Id, Cancel))!.Running);
        Assert.Equal(before, await OriginalsAsync(test, file, text, clean));
        Assert.Contains("yes", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_sent_keeps_what_may_leave()
    {
        (TestDesk test, _, JournalLine text, _) = await HouseAsync();
        test.Redaction = RedactionPolicy.Off;
        ReplyAccepted sent = (await test.Desk.Replies.QueueAsync(test.Tenant, text.TicketId, new NewReply { Text = $"Pay to {Iban}, not from {Card}." }, Cancel))!;
        test.Redaction = RedactionPolicy.Default;
        await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel);
        MessageDocument document = (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, text.TicketId, sent.Key, Cancel))!.Document!;
        Assert.Equal($"Pay to {Iban}, not from •••• •••• •••• 1111.", document.Text);
        Assert.Empty(await WhereAsync(test));
    }

    [Fact]
    public async Task A_held_ticket_stays_as_it_is_and_is_counted()
    {
        (TestDesk test, JournalLine file, _, _) = await HouseAsync();
        await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, file.TicketId, "A case", AuditActor.Command, Cancel);
        test.Redaction = RedactionPolicy.Default with { Original = OriginalMail.NotKept };
        MailboxRun run = (await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel))!;
        Assert.Equal((1L, 1L), (run.Held, run.Changed));
        Assert.True(await HasOriginalAsync(test, file));
        Assert.NotEmpty(await WhereAsync(test));
    }

    [Fact]
    public async Task A_hold_that_is_put_on_while_a_page_of_originals_is_read_keeps_that_one()
    {
        (TestDesk test, JournalLine file, JournalLine text, JournalLine clean) = await HouseAsync();
        test.Redaction = RedactionPolicy.Off with { Original = OriginalMail.NotKept };
        int reads = 0;
        MeanwhileTransport transport = new(request => request.Uri.ToString().Contains("/journal", StringComparison.Ordinal) && Interlocked.Increment(ref reads) == 3,
            () => test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, clean.TicketId, "A case", AuditActor.Command, Cancel));
        MailboxRun run = (await test.NewProcess(transport).RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel))!;
        Assert.True(transport.Happened);
        Assert.Equal((false, 2L), (run.Running, run.Originals));
        Assert.Equal("no no yes", await OriginalsAsync(test, file, text, clean));
    }

    [Fact]
    public async Task The_original_of_a_duplicate_stays_while_the_first_waits_for_a_person()
    {
        (TestDesk test, _, _, _) = await HouseAsync();
        byte[] mail = Mails.From("zoe@customer.example", "Twice", "z1@customer.example");
        JournalLine first = await test.TakeInAsync(mail, Cancel), twin = await test.TakeInAsync([.. "X-Trace: another way\r\n"u8, .. mail], Cancel);
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Journal);
        TableEntity row = (await rows.GetEntityIfExistsAsync($"{test.Tenant}.{test.Mailbox.Id}.{first.MessageKey[0]}", first.MessageKey, cancel: Cancel))!;
        row["outcome"] = nameof(OutcomeKind.Parked);
        await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        test.Redaction = RedactionPolicy.Off with { Original = OriginalMail.NotKept };
        await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel);
        Assert.Equal("yes yes", await OriginalsAsync(test, first, twin));
        row["outcome"] = nameof(OutcomeKind.Ticketed);
        await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel);
        Assert.Equal("no no", await OriginalsAsync(test, first, twin));
    }

    [Fact]
    public async Task A_policy_that_is_given_holds_for_that_run()
    {
        (TestDesk test, JournalLine file, _, _) = await HouseAsync();
        test.Redaction = RedactionPolicy.Off;
        Assert.Equal(0, (await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel))!.Changed);
        MailboxRun run = (await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel, RedactionPolicy.Default, new string('0', 64)))!;
        Assert.Equal(2, run.Changed);
        Assert.Empty(await WhereAsync(test));
        Assert.False(await HasOriginalAsync(test, file));
    }

    [Fact]
    public async Task A_policy_that_is_given_has_its_pseudonyms_though_the_mailboxs_own_makes_none()
    {
        (TestDesk test, JournalLine file, _, _) = await HouseAsync();
        RedactionPolicy given = RedactionPolicy.Off with { Types = new Dictionary<FindingType, TypePolicy> { [FindingType.Card] = new(MaskStyle.Pseudonym) } };
        await test.Desk.RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel, given, new string('0', 64));
        Assert.Matches(@"^My card \[card [0-9A-Z]{7}\]$", (await test.NewProcess().Tickets.FindAsync(test.Tenant, file.TicketId, Cancel))!.Document!.Subject);
    }

    [Fact]
    public async Task A_run_that_was_cut_off_anywhere_is_ended_by_housekeeping()
    {
        int resumed = 0;
        for (int at = 0; at < 90; at += 2)
        {
            (TestDesk test, _, _, _) = await HouseAsync();
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(transport).RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel));
            bool crashed = transport.Requests > at;
            FakeClock clock = new();
            clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10));
            Desk later = test.NewProcess(time: clock);
            await later.KeepHouse.RunAsync(sweep: false, Cancel);
            if (await later.RedactMailbox.FindAsync(test.Tenant, test.Mailbox.Id, Cancel) is { } run)
            {
                resumed++;
                Assert.False(run.Running);
                Assert.True((await WhereAsync(test)) is [], $"After a crash at write {at} something is left.");
            }
            else
            {
                Assert.NotEmpty(await WhereAsync(test));
            }

            if (!crashed) break;
        }

        Assert.True(resumed > 5, $"{resumed}");
    }

    [Fact]
    public async Task In_little_time_a_run_does_a_part_and_the_next_goes_on_there()
    {
        (TestDesk test, _, _, _) = await HouseAsync();
        MailboxRun run;
        int parts = 0;
        do
        {
            run = (await test.NewProcess().RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel, within: TimeSpan.Zero))!;
            Assert.True(++parts < 20);
        }
        while (run.Running);
        Assert.True(parts > 2);
        Assert.Equal((3L, 2L), (run.Looked, run.Changed));
        Assert.Single(await EventsAsync(test), e => e.Code == "mailbox-begun");
        Assert.Empty(await WhereAsync(test));
    }

    [Fact]
    public async Task A_ticket_in_which_processes_end_again_and_again_is_passed_over_and_counted_as_failed()
    {
        (TestDesk test, _, _, _) = await HouseAsync();
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Erasures);
        TableEntity? left = null;
        // Processes that end a little later each time, until one ends in its first ticket.
        for (int at = 0; left?.GetString("now") is not { Length: > 0 } && at < 20; at++)
        {
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(transport).RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel));
            left = await rows.GetEntityIfExistsAsync("-mailbox-redactions", $"{test.Tenant}!{test.Mailbox.Id}", cancel: Cancel);
        }

        Assert.True(TicketStore.IsTicketId(left!.GetString("now")!));
        Assert.Equal(1, left.GetInt32("tries"));
        left["tries"] = 2;
        await rows.UpsertEntityAsync(left, TableUpdateMode.Replace, Cancel);

        MailboxRun run = (await test.NewProcess().RedactMailbox.RunAsync(test.Tenant, test.Mailbox.Id, AuditActor.Command, Cancel))!;
        Assert.Equal((false, 3L, 1L), (run.Running, run.Looked, run.Failed));
        Assert.Equal(AuditResult.Failed, (await EventsAsync(test))[^1].Result);
    }

    private static Core.Access.TenantId TestDeskTenant() => Core.Access.TenantId.Parse(StorageFixture.NewName());

    private static async Task<List<AuditEvent>> EventsAsync(TestDesk test) =>
        [.. (await test.NewProcess().AuditPages.ReadAsync(test.Tenant, new AuditFilter(), 100, null, Cancel)).Entries.Select(e => e.Event).Where(e => e.Action == AuditAction.Redacted).Reverse()];
}
