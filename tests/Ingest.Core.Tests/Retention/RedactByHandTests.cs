using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>What a person takes out of a ticket is out: of rows, lists, blobs, lessons and originals, whatever crashes, and whatever old copies are put back.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class RedactByHandTests(StorageFixture storage)
{
    private const string Canary = "Canary Wharf nineteen";
    private static readonly AuditActor Agent = new(AuditActorKind.Person, "agent1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // The words stand in the subject, wrapped in the text, across tags in the html, in a quote, in a file, and in a file's name.
    private static byte[] First => Encoding.UTF8.GetBytes($"""
        Authentication-Results: mx.google.com; dkim=pass header.d=customer.example; dmarc=pass header.from=customer.example
        From: Ann <ann@customer.example>
        To: support@acme.example
        Subject: About {Canary} again
        Message-ID: <a1@customer.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=mixed

        --mixed
        Content-Type: multipart/alternative; boundary=parts

        --parts
        Content-Type: text/plain; charset=utf-8

        I live at Canary
        Wharf nineteen, the blue door.
        --parts
        Content-Type: text/html; charset=utf-8

        <p>I live at <b>Canary</b> Wharf&nbsp;nine<i>teen</i>, the blue door.</p>
        --parts--
        --mixed
        Content-Type: text/csv; name="{Canary}.csv"
        Content-Disposition: attachment; filename="{Canary}.csv"

        place,door
        {Canary},blue
        --mixed--

        """.ReplaceLineEndings("\r\n"));

    private static byte[] Answer => Mails.From("ann@customer.example", "Re: About it", "a2@customer.example", "a1@customer.example", body: $"And the bell?\r\n\r\n> I live at Canary\r\n> Wharf nineteen, the blue door.\r\n");

    private async Task<(TestDesk Test, JournalLine First, JournalLine Second)> HouseAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        // A policy that masks nothing: what is taken out here is taken out by hand.
        test.Redaction = RedactionPolicy.Off;
        JournalLine first = await test.TakeInAsync(First, Cancel), second = await test.TakeInAsync(Answer, Cancel);
        Assert.Equal(first.TicketId, second.TicketId);
        return (test, first, second);
    }

    private static async Task<IReadOnlyList<string>> WhereAsync(TestDesk test, string word = "wharf") => (await Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds(word);

    [Fact]
    public async Task Words_are_taken_out_wherever_they_stand_in_the_ticket()
    {
        (TestDesk test, JournalLine first, JournalLine second) = await HouseAsync();
        Assert.Contains("packs blobs", await WhereAsync(test));
        RedactionWish wish = new(RedactedPart.Text) { Text = Canary };
        Assert.Equal((RedactionOutcome.Done, 2), await test.Desk.RedactByHand.CountAsync(test.Tenant, first.TicketId, wish, Cancel) is var counted ? (counted.Outcome, counted.Messages) : default);

        RedactionEnd end = await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, wish, Agent, "Bea", Cancel);

        Assert.Equal((RedactionOutcome.Done, 2), (end.Outcome, end.Messages));
        Assert.Empty(await WhereAsync(test));
        Desk later = test.NewProcess();
        Ticket ticket = (await later.Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!;
        Assert.Equal("About [redacted] again", ticket.Document!.Subject);
        Assert.True(ticket.Flags.HasFlag(MessageMarks.Redacted));
        IReadOnlyList<TicketMessage> messages = await later.Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel);
        MessageDocument document = messages[0].Document!;
        Assert.Equal("I live at [redacted], the blue door.", document.Text.Trim());
        Assert.Equal("<p>I live at <b>[redacted]</b><i></i>, the blue door.</p>", document.Html.Trim());
        Assert.Equal("[redacted].csv", document.Attachments[0].Name);
        Assert.Equal("place,door\r\n[redacted],blue", Encoding.UTF8.GetString((await later.Tickets.ReadAttachmentAsync(test.Tenant, first.TicketId, messages[0], 0, Cancel))!).Trim());
        LaterRedaction mark = Assert.Single(document.LaterRedactions);
        Assert.Equal(("agent1", "Bea", RedactedPart.Text), (mark.By, mark.ByName, mark.Part));
        Assert.Equal("And the bell?", messages[1].Document!.Reply.Trim());
        // Both originals hold the words, and are gone.
        foreach (JournalLine line in new[] { first, second }) Assert.Null(await later.Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));

        // The newest first: begun before anything is changed, done when it is.
        List<AuditEvent> events = await EventsAsync(test);
        Assert.Equal([AuditResult.Done, AuditResult.Begun], events.Select(e => e.Result));
        AuditEvent told = events[0];
        Assert.Equal((AuditAction.Redacted, Agent, first.TicketId, "", end.Count, "text", AuditResult.Done), (told.Action, told.Actor, told.TicketId, told.Subject, (int)told.Count, told.Code, told.Result));
        Assert.Equal(RedactionOutcome.NothingFound, (await later.RedactByHand.RunAsync(test.Tenant, first.TicketId, wish, Agent, "Bea", Cancel)).Outcome);
        // Who looks for words and finds none is told of, too.
        Assert.Equal([(AuditResult.Done, 0L), (AuditResult.Done, (long)told.Count), (AuditResult.Begun, (long)told.Count)], (await EventsAsync(test)).Select(e => (e.Result, (long)e.Count)));
    }

    [Fact]
    public async Task A_span_of_a_message_goes_from_that_message_alone_and_only_its_original()
    {
        (TestDesk test, JournalLine first, JournalLine second) = await HouseAsync();
        MessageDocument document = (await test.Desk.Tickets.FindMessageAsync(test.Tenant, first.TicketId, first.MessageKey, Cancel))!.Document!;
        RedactionWish wish = new(RedactedPart.Text) { MessageKey = first.MessageKey, Start = document.Text.IndexOf("Canary", StringComparison.Ordinal), Length = "Canary\r\nWharf nineteen".Length - (document.Text.Contains('\r') ? 0 : 1) };
        Assert.Equal(RedactionOutcome.Done, (await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, wish, Agent, "Bea", Cancel)).Outcome);
        IReadOnlyList<TicketMessage> messages = await test.NewProcess().Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel);
        Assert.DoesNotContain("harf", messages[0].Document!.Text + messages[0].Document!.Html + messages[0].Document!.Subject, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Wharf", messages[1].Document!.Text, StringComparison.Ordinal);
        Assert.Null(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, first.MessageKey, Cancel));
        Assert.NotNull(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, second.MessageKey, Cancel));
    }

    [Fact]
    public async Task A_whole_message_and_a_file_go()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        Assert.Equal(RedactionOutcome.Done, (await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Attachment) { MessageKey = first.MessageKey }, Agent, "Bea", Cancel)).Outcome);
        Assert.Equal(RedactionOutcome.Done, (await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Message) { MessageKey = first.MessageKey }, Agent, "Bea", Cancel)).Outcome);
        TicketMessage message = (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, first.TicketId, first.MessageKey, Cancel))!;
        MessageDocument document = message.Document!;
        Assert.Equal((RedactByHand.Mark, "", RedactByHand.Mark, "", ""), (document.Text, document.Html, document.Reply, document.Elided, document.Signature));
        Assert.Equal((RedactByHand.Mark, 0L), (document.Attachments[0].Name, document.Attachments[0].Size));
        Assert.Empty((await test.NewProcess().Tickets.ReadAttachmentAsync(test.Tenant, first.TicketId, message, 0, Cancel))!);
        Assert.Equal([RedactedPart.Attachment, RedactedPart.Message], document.LaterRedactions.Select(r => r.Part));
        Assert.Empty(await WhereAsync(test, "blue,"));
        // Once more there is nothing to do.
        Assert.Equal(RedactionOutcome.NothingFound, (await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Message) { MessageKey = first.MessageKey }, Agent, "Bea", Cancel)).Outcome);
        Assert.Equal(RedactionOutcome.NothingFound, (await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Attachment) { MessageKey = first.MessageKey }, Agent, "Bea", Cancel)).Outcome);
    }

    [Fact]
    public async Task A_customers_own_file_stays_when_a_message_goes_whatever_its_name()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        byte[] mail = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(First).Replace($"{Canary}.csv", "message.txt", StringComparison.Ordinal).Replace("text/csv", "text/plain; charset=utf-8", StringComparison.Ordinal));
        JournalLine line = await test.TakeInAsync(mail, Cancel);
        await test.Desk.RedactByHand.RunAsync(test.Tenant, line.TicketId, new(RedactedPart.Message) { MessageKey = line.MessageKey }, Agent, "Bea", Cancel);
        TicketMessage message = (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, line.TicketId, line.MessageKey, Cancel))!;
        Assert.Equal("message.txt", Assert.Single(message.Document!.Attachments).Name);
        Assert.Contains("place,door", Encoding.UTF8.GetString((await test.NewProcess().Tickets.ReadAttachmentAsync(test.Tenant, line.TicketId, message, 0, Cancel))!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_too_short_or_of_another_tenant_is_refused_plainly()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        async Task<RedactionOutcome> AskAsync(RedactionWish wish, TestDesk? by = null) => (await (by ?? test).Desk.RedactByHand.RunAsync((by ?? test).Tenant, first.TicketId, wish, Agent, "Bea", Cancel)).Outcome;
        Assert.Equal(RedactionOutcome.TooShort, await AskAsync(new(RedactedPart.Text) { Text = " a b " }));
        Assert.Equal(RedactionOutcome.TooLong, await AskAsync(new(RedactedPart.Text) { Text = new string('a', RedactByHand.LongestText + 1) }));
        Assert.Equal(RedactionOutcome.NotThere, await AskAsync(new(RedactedPart.Message) { MessageKey = new string('0', 32) }));
        Assert.Equal(RedactionOutcome.NotThere, await AskAsync(new(RedactedPart.Attachment) { MessageKey = first.MessageKey, Attachment = 7 }));
        Assert.Equal(RedactionOutcome.NotThere, await AskAsync(new(RedactedPart.Text) { MessageKey = first.MessageKey, Start = 5, Length = int.MaxValue }));
        Assert.Equal(RedactionOutcome.NothingFound, await AskAsync(new(RedactedPart.Text) { Text = "nobody wrote this" }));
        Assert.Equal(RedactionOutcome.NotThere, await AskAsync(new(RedactedPart.Text) { Text = Canary }, await new TestDesk(storage).OpenAsync(Cancel)));
        Assert.Equal(RedactionOutcome.Changed, (await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel, ifVersion: "W/\"old\"")).Outcome);
        AuditEvent told = Assert.Single(await EventsAsync(test));
        Assert.Equal((AuditResult.Done, 0), (told.Result, (int)told.Count));
        Assert.NotEmpty(await WhereAsync(test));
    }

    [Fact]
    public async Task A_legal_hold_forbids_it()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, first.TicketId, "A case", AuditActor.Command, Cancel);
        RedactionEnd end = await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel);
        Assert.Equal((RedactionOutcome.Held, hold.Id), (end.Outcome, Assert.Single(end.Holds).Id));
        Assert.NotEmpty(await WhereAsync(test));
        Assert.Equal(AuditResult.Refused, Assert.Single(await EventsAsync(test)).Result);
    }

    [Fact]
    public async Task The_ticket_lives_on_under_its_id_and_takes_mail_replies_lessons_and_an_erasure()
    {
        (TestDesk test, JournalLine first, JournalLine second) = await HouseAsync();
        await test.Desk.TeachSpam.MarkAsync(test.Tenant, first.TicketId, first.MessageKey, LessonVerdict.Ham, Agent, Cancel);
        await test.Desk.TeachSpam.MarkAsync(test.Tenant, first.TicketId, second.MessageKey, LessonVerdict.Ham, Agent, Cancel);
        await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Message) { MessageKey = first.MessageKey }, Agent, "Bea", Cancel);
        // The lesson on the redacted mail is gone, the other one opens.
        LessonBook book = await test.NewProcess().Lessons.ReadAsync(test.Tenant, Cancel);
        Assert.Equal((second.MessageKey, 0), (Assert.Single(book.Lessons).MessageKey, book.Gone.Count));

        JournalLine third = await test.TakeInAsync(Mails.From("ann@customer.example", "Re: About it", "a3@customer.example", "a2@customer.example"), Cancel);
        Assert.Equal(first.TicketId, third.TicketId);
        await test.Desk.TeachSpam.MarkAsync(test.Tenant, first.TicketId, third.MessageKey, LessonVerdict.Ham, Agent, Cancel);
        Assert.Equal(2, (await test.NewProcess().Lessons.ReadAsync(test.Tenant, Cancel)).Lessons.Count);
        Assert.Equal(RedactionOutcome.Done, (await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel)).Outcome);
        Ticket ticket = (await test.NewProcess().Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!;
        Assert.Equal((2, 3), (ticket.Generation, ticket.Messages));
        Assert.Equal(first.TicketId, Assert.Single(await test.NewProcess().Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Id);
        // Its first mail once more, as by a queue: nothing is written twice.
        Work again = new() { TenantText = test.Tenant.Tenant.Value, InboxText = test.Mailbox.Id.Value, Pack = first.Pack, MessageKey = first.MessageKey, Offset = first.Offset, Length = first.Length };
        Assert.Equal(OutcomeKind.Ticketed, (await test.NewProcess().IngestMail.RunAsync(again, Cancel)).Kind);

        await test.Desk.Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.Command, Cancel);
        Assert.Empty(await WhereAsync(test, "bell"));
        foreach (int generation in Enumerable.Range(0, 4))
            Assert.Null(await test.NewProcess().Keys.FindAsync(test.Tenant, KeyClass.Ticket, generation == 0 ? first.TicketId : $"{first.TicketId}~{generation}", Cancel));
    }

    [Fact]
    public async Task The_original_of_a_duplicate_goes_with_that_of_the_first()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        JournalLine twin = await test.TakeInAsync([.. "X-Trace: another way\r\n"u8, .. First], Cancel);
        Assert.Equal((OutcomeKind.Duplicate, first.MessageKey), (twin.Outcome, twin.Owner));
        await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel);
        // On a slow machine housekeeping does what is left of it.
        await KeepAsync(test);
        Assert.Empty(await OpenAsync(test));
        Assert.Null(await test.NewProcess().Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, twin.MessageKey, Cancel));
        Assert.Empty(await WhereAsync(test));
    }

    // More than one transaction holds.
    private const int Many = 130;

    private static async Task<Ticket> WithManyNotesAsync(TestDesk test, string ticketId)
    {
        TableClient rows = test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets);
        MessageRows messages = new(rows, test.Desk.Blobs, test.Desk.Keys);
        using DataKey key = (await test.Desk.Keys.FindAsync(test.Tenant, KeyClass.Ticket, ticketId, Cancel))!;
        foreach (int[] some in Enumerable.Range(0, Many).Chunk(90))
        {
            List<TableTransactionAction> added = [];
            foreach (int i in some)
            {
                string name = i.ToString("D32", System.Globalization.CultureInfo.InvariantCulture), text = i == 7 ? "Nothing of it" : $"Note {name} on {Canary}";
                NewMessage note = new(name, DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i), MessageMarks.Note, new MessageDocument { Text = text, Reply = text }, []);
                added.Add(new(TableTransactionActionType.Add, await messages.SealAsync(test.Tenant, ticketId, key, note, i + 3, Cancel)));
            }

            await rows.SubmitTransactionAsync(added, Cancel);
        }

        return (await test.NewProcess().Tickets.FindAsync(test.Tenant, ticketId, Cancel))!;
    }

    private static async Task KeepAsync(TestDesk test) => await LaterAsync(test).KeepHouse.RunAsync(sweep: false, Cancel);

    private static Desk LaterAsync(TestDesk test)
    {
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10));
        return test.NewProcess(time: clock);
    }

    private static ValueTask<List<TableEntity>> OpenAsync(TestDesk test) =>
        test.Desk.Storage.Tables.GetTableClient(TableNames.Erasures).QueryAsync(TableFilter.PartitionIs("-redactions").And(TableFilter.RowPrefix(test.Tenant + "!")), cancel: Cancel).ToListAsync(Cancel);

    [Fact]
    public async Task Words_in_more_messages_than_one_transaction_holds_are_all_taken_out_by_housekeeping_whatever_write_a_crash_came_after()
    {
        int unasked = 0, between = 0, step = CrashPoints.Step(3);
        for (int at = CrashPoints.First(step); at < 90; at += step)
        {
            (TestDesk test, JournalLine first, _) = await HouseAsync();
            Ticket before = await WithManyNotesAsync(test, first.TicketId);
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            RedactionWish wish = new(RedactedPart.Text) { Text = Canary };
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(transport).RedactByHand.RunAsync(test.Tenant, first.TicketId, wish, Agent, "Bea", Cancel, before.Version));
            bool crashed = transport.Requests > at, opened = (await OpenAsync(test)).Count > 0;
            bool asked = opened || (await test.NewProcess().Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!.Generation > 0;
            int left = (await test.NewProcess().Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel)).Count(m => m.Document!.Text.Contains("Wharf", StringComparison.Ordinal));
            if (left > 0 && left < Many - 1) between++;
            // What is to go lies nowhere readable while it waits.
            foreach (TableEntity row in await OpenAsync(test)) Assert.DoesNotContain("harf", string.Join(' ', row.Select(v => v.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : v.Value?.ToString())), StringComparison.OrdinalIgnoreCase);

            await KeepAsync(test);

            if (!asked)
            {
                unasked++;
                Assert.Contains("packs blobs", await WhereAsync(test));
            }
            else
            {
                Assert.True((await WhereAsync(test)) is [], $"After a crash at write {at} something is left.");
                IReadOnlyList<TicketMessage> messages = await test.NewProcess().Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel);
                Assert.Equal(Many + 2, messages.Count(m => m.Document is not null));
                Assert.All(messages.Where(m => m.Key != "7".PadLeft(32, '0')), m => Assert.Equal("Bea", Assert.Single(m.Document!.LaterRedactions).ByName));
                if (crashed && opened) Assert.Equal(("cut-off-finished", AuditResult.Done), (await EventsAsync(test))[0] is var told ? (told.Code, told.Result) : default);
            }

            Assert.Empty(await OpenAsync(test));
            if (!crashed) break;
        }

        Assert.True(between > 0 && unasked < 9, $"{between} {unasked}");
    }

    [Fact]
    public async Task What_was_meant_for_a_ticket_as_it_was_is_not_done_by_housekeeping_to_another_and_a_hold_stands_above_it()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        Ticket before = (await test.Desk.Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!;
        RedactionWish wish = new(RedactedPart.Text) { Text = Canary };
        async Task CutOffAsync(string? ifVersion)
        {
            for (int at = 0; (await OpenAsync(test)).Count == 0; at++)
                await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(new Pipeline.CrashingTransport(at, after: true, writesOnly: true)).RedactByHand.RunAsync(test.Tenant, first.TicketId, wish, Agent, "Bea", Cancel, ifVersion));
        }

        await CutOffAsync(before.Version);
        await test.TakeInAsync(Mails.From("ann@customer.example", "Re: About it", "a3@customer.example", "a2@customer.example"), Cancel);
        await KeepAsync(test);
        Assert.Equal((0, "cut-off-nothing-done", AuditResult.Failed), ((await test.NewProcess().Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!.Generation, (await EventsAsync(test))[0].Code, (await EventsAsync(test))[0].Result));
        Assert.Empty(await OpenAsync(test));

        await CutOffAsync(null);
        Hold hold = await test.Desk.Holds.PlaceAsync(test.Tenant, ErasureKind.Ticket, first.TicketId, "A case", AuditActor.Command, Cancel);
        await KeepAsync(test);
        Assert.Equal(("cut-off-held", AuditResult.Refused), ((await EventsAsync(test))[0].Code, (await EventsAsync(test))[0].Result));
        Assert.Empty(await OpenAsync(test));
        Assert.NotEmpty(await WhereAsync(test));
        await test.Desk.Holds.LiftAsync(test.Tenant, hold.Id, AuditActor.Command, Cancel);

        await CutOffAsync(null);
        await KeepAsync(test);
        Assert.Equal("cut-off-finished", (await EventsAsync(test))[0].Code);
        Assert.Empty(await WhereAsync(test));
    }

    [Fact]
    public async Task A_redaction_whose_keeper_ends_again_and_again_is_closed_as_failed()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        for (int at = 0; (await OpenAsync(test)).Count == 0; at++)
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(new Pipeline.CrashingTransport(at, after: true, writesOnly: true)).RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel));
        TableEntity row = Assert.Single(await OpenAsync(test));
        row["tries"] = 3;
        await test.Desk.Storage.Tables.GetTableClient(TableNames.Erasures).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        await KeepAsync(test);
        Assert.Empty(await OpenAsync(test));
        Assert.Equal("cut-off-nothing-done", (await EventsAsync(test))[0].Code);
    }

    [Fact]
    public async Task A_crash_after_any_write_is_finished_by_housekeeping_or_has_changed_nothing()
    {
        int begun = 0;
        for (int at = 0; at < 80; at++)
        {
            (TestDesk test, JournalLine first, _) = await HouseAsync();
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            RedactionWish wish = new(RedactedPart.Text) { Text = Canary };
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(transport).RedactByHand.RunAsync(test.Tenant, first.TicketId, wish, Agent, "Bea", Cancel));
            bool crashed = transport.Requests > at;
            FakeClock clock = new();
            clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10));
            await test.NewProcess(time: clock).KeepHouse.RunAsync(sweep: false, Cancel);
            Ticket ticket = (await test.NewProcess().Tickets.FindAsync(test.Tenant, first.TicketId, Cancel))!;
            if (ticket.Generation == 0)
            {
                Assert.Contains("packs blobs", await WhereAsync(test));
                Assert.Equal(RedactionOutcome.Done, (await test.NewProcess().RedactByHand.RunAsync(test.Tenant, first.TicketId, wish, Agent, "Bea", Cancel)).Outcome);
            }
            else
            {
                begun++;
            }

            Assert.True((await WhereAsync(test)) is [], $"After a crash at write {at} something is left.");
            Assert.Equal(2, (await test.NewProcess().Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel)).Count(m => m.Document is not null));
            Assert.False(await test.Desk.Storage.Tables.GetTableClient(TableNames.Erasures).QueryAsync(TableFilter.PartitionIs("-redactions").And(TableFilter.RowPrefix(test.Tenant + "!")), cancel: Cancel).AnyAsync(Cancel));
            if (!crashed) break;
        }

        Assert.True(begun > 5, $"{begun}");
    }

    [Fact]
    public async Task An_answer_lost_at_any_request_is_done_all_the_same()
    {
        int requests = int.MaxValue;
        for (int at = 0; at < requests; at += 3)
        {
            (TestDesk test, JournalLine first, _) = await HouseAsync();
            FaultTransport transport = new((index, _) => index == at ? Fault.AfterSend : Fault.None);
            RedactionEnd end = await test.NewProcess(transport).RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel);
            if (transport.Tries <= at) requests = at;
            Assert.Equal(RedactionOutcome.Done, end.Outcome);
            Assert.True((await WhereAsync(test)) is [], $"After the answer to request {at} was lost something is left.");
        }
    }

    [Fact]
    public async Task Old_copies_of_rows_blobs_and_keys_open_nothing_after_the_ledger_is_replayed()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        KeysBackupInfo backup = await test.Desk.KeysBackup.RunAsync(Cancel);
        Dictionary<string, List<TableEntity>> rows = [];
        foreach (string table in TableNames.All.Except([TableNames.Erasures]))
            rows[table] = await test.Desk.Storage.Tables.GetTableClient(table).QueryAsync(TableFilter.PartitionPrefix(test.Tenant.ToString()), cancel: Cancel).ToListAsync(Cancel);
        List<(string Name, byte[] Content)> blobs = [];
        await foreach (StoredBlob blob in test.Desk.Blobs.ListAsync(TicketStore.Container, $"{test.Tenant}/", Cancel)) blobs.Add((blob.Name, (await test.Desk.Blobs.ReadRangeAsync(TicketStore.Container, blob.Name, 0, (int)blob.Size, Cancel))!));
        Assert.NotEmpty(blobs);

        await test.Desk.RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel);
        foreach ((string name, byte[] content) in blobs) await test.Desk.Blobs.PutAsync(TicketStore.Container, name, content, onlyIfAbsent: true, Cancel);
        Assert.Empty(await WhereAsync(test));

        // The backup of keys does not bring them back.
        await test.NewProcess().KeysBackup.RestoreAsync(backup.Id, Cancel);
        Assert.Empty(await WhereAsync(test));

        // A raw copy of everything does, until the ledger is replayed.
        foreach ((string table, List<TableEntity> copy) in rows)
            foreach (TableEntity row in copy) await test.Desk.Storage.Tables.GetTableClient(table).UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
        Assert.NotEmpty(await WhereAsync(test));
        Assert.True(await test.NewProcess().Erasures.ReplayAsync(test.Tenant, Cancel) > 0);
        Assert.Empty(await WhereAsync(test));
    }

    [Fact]
    public async Task A_ticket_that_is_erased_while_it_is_redacted_is_erased_with_all_its_keys()
    {
        int both = 0;
        for (int at = 0; at < 30; at += 2)
        {
            (TestDesk test, JournalLine first, _) = await HouseAsync();
            Pipeline.CrashingTransport transport = new(at, after: true, writesOnly: true);
            await Pipeline.CrashingTransport.LiveAsync(() => test.NewProcess(transport).RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel));
            bool crashed = transport.Requests > at;
            Assert.Equal(ErasureOutcome.Done, (await test.NewProcess().Eraser.TicketAsync(test.Tenant, first.TicketId, AuditActor.Command, Cancel)).Outcome);
            FakeClock clock = new();
            clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + TimeSpan.FromMinutes(10));
            await test.NewProcess(time: clock).KeepHouse.RunAsync(sweep: false, Cancel);
            Assert.Empty(await WhereAsync(test));
            for (int generation = 0; generation < 3; generation++)
            {
                using DataKey? key = await test.NewProcess().Keys.FindAsync(test.Tenant, KeyClass.Ticket, generation == 0 ? first.TicketId : $"{first.TicketId}~{generation}", Cancel);
                Assert.True(key is null, $"After a crash at write {at} the key {generation} lives.");
            }

            both++;
            if (!crashed) break;
        }

        Assert.True(both > 5, $"{both}");
    }

    [Fact]
    public async Task Two_at_once_and_mail_that_comes_in_between_all_end_in_the_ticket()
    {
        (TestDesk test, JournalLine first, _) = await HouseAsync();
        Task<RedactionEnd> words = test.NewProcess().RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = Canary }, Agent, "Bea", Cancel);
        Task<RedactionEnd> door = test.NewProcess().RedactByHand.RunAsync(test.Tenant, first.TicketId, new(RedactedPart.Text) { Text = "blue door" }, Agent, "Cat", Cancel);
        Task<JournalLine> mail = test.TakeInAsync(Mails.From("ann@customer.example", "Re: About it", "a3@customer.example", "a2@customer.example", body: "One more thing.\r\n"), Cancel);
        await Task.WhenAll(words, door, mail);
        Assert.Equal((RedactionOutcome.Done, RedactionOutcome.Done), ((await words).Outcome, (await door).Outcome));
        Assert.Empty(await WhereAsync(test));
        Assert.Empty(await WhereAsync(test, "blue door"));
        IReadOnlyList<TicketMessage> messages = await test.NewProcess().Tickets.MessagesAsync(test.Tenant, first.TicketId, Cancel);
        Assert.Equal(3, messages.Count(m => m.Document is not null));
        Assert.Contains("One more thing.", messages[2].Document!.Text, StringComparison.Ordinal);
    }

    private static async Task<List<AuditEvent>> EventsAsync(TestDesk test) =>
        [.. (await test.NewProcess().AuditPages.ReadAsync(test.Tenant, new AuditFilter(), 100, null, Cancel)).Entries.Select(e => e.Event).Where(e => e.Action == AuditAction.Redacted)];
}
