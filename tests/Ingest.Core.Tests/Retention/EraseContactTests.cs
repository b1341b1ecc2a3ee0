using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Retention;

/// <summary>After a person is erased nothing of theirs can be read from any store; what others wrote stays.</summary>
[Collection(nameof(RetentionStorage))]
public sealed class EraseContactTests(StorageFixture storage)
{
    private const string Ann = "ann.marigold@customer.example", Bob = "bob@other.example";

    // Words that stand nowhere but in what Ann is, wrote, sent or is called.
    private static readonly string[] Canaries =
        [Ann, "marigold", "subjectcanary", "textcanary", "filecanary", "contentcanary", "parkedcanary", "spamcanary", "flightcanary", "sharedcanary", "quotedcanary", "notecanary", "replycanary", "unprovencanary"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] FromAnn(string subject, string id, string body, string? inReplyTo = null, bool authenticated = true, string extra = "") =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Mails.From(Ann, subject, id, inReplyTo, body: body, authenticated: authenticated, extra: extra))
            .Replace($"From: {Ann}", $"From: Ann Marigold <{Ann}>", StringComparison.Ordinal));

    private static byte[] WithFile => Encoding.UTF8.GetBytes("Authentication-Results: mx.google.com; dkim=pass header.d=customer.example; dmarc=pass header.from=customer.example\r\n"
        + $"From: Ann Marigold <{Ann}>\r\nTo: {TestDesk.Address}\r\nSubject: My subjectcanary one\r\nMessage-ID: <own1@customer.example>\r\nMIME-Version: 1.0\r\n"
        + "Content-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nThis is the textcanary of my letter.\r\n--xyz\r\n"
        + "Content-Type: text/csv; name=filecanary.csv\r\nContent-Disposition: attachment; filename=filecanary.csv\r\n\r\nsome contentcanary in the file\r\n--xyz--\r\n");

    private static readonly byte[] Backscatter = Encoding.ASCII.GetBytes($"From: MAILER-DAEMON@relay.example\r\nTo: {TestDesk.Address}\r\nSubject: Undelivered\r\n"
        + $"Message-ID: <b9@relay.example>\r\nReturn-Path: <>\r\n\r\nYour spamcanary mail to <{Ann}> could not be delivered.\r\n");

    // One mail of every sort that Ann can have anywhere, and what others said to her.
    private async Task<(TestDesk Test, JournalLine Own, JournalLine Shared)> HouseAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, acknowledgement: "We have it.");
        JournalLine own = await test.TakeInAsync(WithFile, Cancel);
        JournalLine shared = await test.TakeInAsync(Mails.From(Bob, "Invoice 7", "bob1@other.example", body: "Where is invoice seven of ours?\r\n", extra: $"Cc: {Ann}\r\n"), Cancel);
        await test.TakeInAsync(FromAnn("Re: Invoice 7 sharedcanary", "ann2@customer.example", "I have the quotedcanary paper right here with me today.\r\n", "bob1@other.example"), Cancel);
        await test.TakeInAsync(Mails.From(Bob, "Re: Invoice 7 sharedcanary", "bob2@other.example", "ann2@customer.example",
            body: $"Great, please scan it.\r\n\r\nOn Monday Ann Marigold <{Ann}> wrote:\r\n> I have the quotedcanary paper right\r\n> here with me today.\r\n"), Cancel);
        await test.Desk.Replies.QueueAsync(test.Tenant, shared.TicketId, new NewReply { Text = "Dear Ann Marigold, keep the replycanary for us.", To = [Ann], QuoteHistory = true, AuthorName = "Gus" }, Cancel);
        await test.Desk.Replies.AddNoteAsync(test.Tenant, shared.TicketId, new NewNote($"Call {Ann} about it, says Marigold.", "person", "Gus", ""), Cancel);
        await test.Desk.Replies.QueueAsync(test.Tenant, own.TicketId, new NewReply { Text = "The notecanary will do, Ann." }, Cancel);
        // A duplicate, one kept back, one forged in her name, one parked, one on its way.
        await test.TakeInAsync(WithFile, Cancel);
        await test.TakeInAsync(Backscatter, Cancel);
        await test.TakeInAsync(FromAnn("Another matter", "u1@customer.example", "An unprovencanary of mine or of somebody else.\r\n", authenticated: false), Cancel);
        await SyncOnlyAsync(test, FromAnn("Parked", "p1@customer.example", "This parkedcanary never made it.\r\n"), "parked");
        Work parked = Work.FromJson((await test.Desk.IngestQueue.ReceiveAsync(1, TimeSpan.FromMinutes(5), Cancel))[0].Body!.Value.Span)!;
        await test.Desk.IngestMail.ParkAsync(parked, OutcomeReason.Fault, Cancel);
        await test.EmptyQueuesAsync(Cancel);
        await SyncOnlyAsync(test, FromAnn("On its way", "f1@customer.example", "This flightcanary is still on its way.\r\n"), "flight");
        return (test, own, shared);
    }

    private static Task SyncOnlyAsync(TestDesk test, byte[] mail, string id) =>
        TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new OneSource(mail, id), "w", Cancel);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_of_an_erased_person_can_be_read_from_any_store(bool otherProcess)
    {
        (TestDesk test, _, _) = await HouseAsync();
        Readable before = await Readable.OfAsync(test.NewProcess(), test.Tenant);
        foreach (string canary in Canaries) Assert.True(before.Holds(canary).Count > 0, $"{canary} was nowhere to begin with.");

        // By another process: the one that then takes in what is on its way still holds every key.
        ErasureEnd end = await (otherProcess ? test.NewProcess() : test.Desk).Eraser.ContactAsync(test.Tenant, "Ann.Marigold@Customer.example ", AuditActor.System, Cancel);
        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        await NothingIsLeftAsync(test, untilSettled: true);

        await TestDesk.DrainAsync(test.Desk, Cancel);
        await NothingIsLeftAsync(test, untilSettled: true);
        Assert.True((await test.Desk.Reconcile.RunAsync(test.Tenant, test.Mailbox.Id, Cancel)).Balance);
    }

    // The address itself stays, sealed, in the ledger until the erasure has settled.
    private static async Task NothingIsLeftAsync(TestDesk test, bool untilSettled)
    {
        Readable after = await Readable.OfAsync(test.NewProcess(), test.Tenant);
        foreach (string canary in Canaries)
        {
            IEnumerable<string> places = after.Holds(canary).Where(place => !untilSettled || place != "erasures.doc");
            Assert.True(!places.Any(), $"{canary} can still be read in {string.Join(", ", places)}.");
        }

        Assert.True(after.Closed > 0 && after.Opened > 0);
    }

    [Fact]
    public async Task What_others_wrote_in_a_shared_ticket_stays_under_the_same_number()
    {
        (TestDesk test, JournalLine own, JournalLine shared) = await HouseAsync();
        Ticket old = (await test.Desk.Tickets.FindAsync(test.Tenant, shared.TicketId, Cancel))!;
        await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);

        Desk later = test.NewProcess();
        Ticket stone = (await later.Tickets.FindByNumberAsync(test.Tenant, old.Number, Cancel))!;
        Ticket fresh = (await later.Tickets.FindAsync(test.Tenant, stone.MergedInto, Cancel))!;
        Assert.Equal((old.Number, Bob), (fresh.Number, fresh.Document!.RequesterAddress));
        IReadOnlyList<TicketMessage> messages = await later.Tickets.MessagesAsync(test.Tenant, fresh.Id, Cancel);
        Assert.Equal(["Where is invoice seven of ours?", "(erased)", "Great, please scan it."], messages.Where(m => m.Direction == MessageDirection.In).Select(m => m.Document?.Reply.Trim() ?? "(erased)"));
        Assert.Contains(messages, m => m.Document?.Reply == "Call [erased] about it, says [erased].");
        Assert.Single(messages, m => m.Direction == MessageDirection.Out && m.Document is null);
        Assert.Equal([fresh.Id], (await later.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Select(t => t.Id));
        Assert.NotNull((await later.Tickets.FindAsync(test.Tenant, own.TicketId, Cancel))!.Erased);

        // Bob answers, and finds his ticket.
        await TestDesk.DrainAsync(test.Desk, Cancel);
        JournalLine answer = await test.TakeInAsync(Mails.From(Bob, "Re: Invoice 7", "bob3@other.example", "bob1@other.example"), Cancel);
        Assert.Equal((OutcomeReason.JoinedAsParticipant, fresh.Id), (answer.Reason, answer.TicketId));
    }

    [Fact]
    public async Task What_an_erased_person_writes_afterwards_is_a_new_contacts()
    {
        (TestDesk test, _, JournalLine shared) = await HouseAsync();
        string contact = (await test.Desk.Contacts.FindAsync(test.Tenant, Ann, Cancel))!;
        await test.Desk.Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Assert.Null(await test.NewProcess().Contacts.FindAsync(test.Tenant, Ann, Cancel));

        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new LaterSource(FromAnn("Hello again", "new1@customer.example", "It is me.\r\n"), test.Desk.Time.GetUtcNow().AddMinutes(1)), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        JournalLine line = (await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel)).MaxBy(l => l.Received)!;
        Assert.Equal((OutcomeKind.Ticketed, OutcomeReason.NewTicket), (line.Outcome, line.Reason));
        Assert.NotEqual(contact, await test.Desk.Contacts.FindAsync(test.Tenant, Ann, Cancel));
        Assert.NotEqual(shared.TicketId, line.TicketId);
    }

    [Fact]
    public async Task A_crash_at_any_request_of_an_erasure_ends_the_same_once_it_is_asked_again()
    {
        int requests = await CrashAsync(int.MaxValue);
        Assert.True(requests > 60);
        // Every second request keeps this within minutes.
        foreach (int at in CrashPoints.Of(requests, 16)) await CrashAsync(at);
    }

    private async Task<int> CrashAsync(int at)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(FromAnn("My subjectcanary", "own1@customer.example", "This is the textcanary of my letter.\r\n"), Cancel);
        await test.TakeInAsync(Mails.From(Bob, "Invoice 7", "bob1@other.example", extra: $"Cc: {Ann}\r\n"), Cancel);
        await test.TakeInAsync(FromAnn("Re: Invoice 7 sharedcanary", "ann2@customer.example", "I have the quotedcanary paper right here with me today.\r\n", "bob1@other.example"), Cancel);
        await SyncOnlyAsync(test, FromAnn("On its way", "f1@customer.example", "This flightcanary is still on its way.\r\n"), "flight");
        CrashingTransport transport = new(at);
        try
        {
            await test.NewProcess(transport).Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        }
        catch (Exception e) when (e is CrashingTransport.ProcessEnded || e.InnerException is CrashingTransport.ProcessEnded || (e as AggregateException)?.Flatten().InnerExceptions.Any(i => i is CrashingTransport.ProcessEnded) == true)
        {
        }

        int requests = transport.Requests;
        ErasureEnd end = await test.NewProcess().Eraser.ContactAsync(test.Tenant, Ann, AuditActor.System, Cancel);
        Assert.True(end.Outcome is ErasureOutcome.Done or ErasureOutcome.NotThere, $"After a crash at request {at}: {end.Outcome}.");
        await TestDesk.DrainAsync(test.NewProcess(), Cancel);
        Readable after = await Readable.OfAsync(test.NewProcess(), test.Tenant);
        foreach (string canary in Canaries)
            Assert.True(!after.Holds(canary).Any(place => place != "erasures.doc"), $"After a crash at request {at} {canary} can still be read in {string.Join(", ", after.Holds(canary))}.");
        Assert.Single(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
        return requests;
    }

    [Fact]
    public async Task Contact_rows_that_come_back_alone_do_not_lead_to_the_receipt_of_then()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.TakeInAsync(Mails.From("ann@customer.example", "One", "a1@customer.example"), Cancel);
        TableClient contacts = test.Desk.Storage.Tables.GetTableClient(TableNames.Contacts);
        List<TableEntity> copy = await contacts.QueryAsync(TableFilter.PartitionPrefix(test.Tenant + "."), cancel: Cancel).ToListAsync(Cancel);
        Erasure then = (await test.Desk.Eraser.ContactAsync(test.Tenant, "ann@customer.example", AuditActor.Command, Cancel)).Erasure!;
        foreach (TableEntity row in copy) await contacts.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);

        Erasure now = (await test.NewProcess().Eraser.ContactAsync(test.Tenant, "ann@customer.example", AuditActor.Command, Cancel)).Erasure!;
        Assert.Equal(ErasureState.Destroyed, now.State);
        Assert.NotEqual((then.Id, then.Target), (now.Id, now.Target));
        Assert.NotEqual(then.Receipt, now.Receipt);
        Assert.Null(await test.NewProcess().Contacts.FindAsync(test.Tenant, "ann@customer.example", Cancel));
    }

    [Fact]
    public async Task The_receipt_counts_rules_that_name_the_person_and_files_of_others_that_nobody_can_open()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.SmallBox[6], Cancel);
        await test.TakeInAsync(Mails.From("ann@customer.example", "Mine", "a1@customer.example"), Cancel);
        // Carl's ticket with a file, in which Ann is copied.
        TestDesk shared = test;
        byte[] withFile = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(Mails.SmallBox[6]).Replace("c1@files", "c2@files", StringComparison.Ordinal).Replace("Subject: A file", "Cc: ann@customer.example\r\nSubject: Another file", StringComparison.Ordinal));
        JournalLine ours = await shared.TakeInAsync(withFile, Cancel);
        TicketMessage message = Assert.Single(await test.Desk.Tickets.MessagesAsync(test.Tenant, ours.TicketId, Cancel));
        byte[] blob = (await test.Desk.Blobs.ReadRangeAsync(TicketStore.Container, message.Blob, 0, (int)(message.DocumentLength + message.Document!.Attachments[0].Offset + message.Document.Attachments[0].Length), Cancel))!;
        blob[^1] ^= 1;
        await test.Desk.Blobs.PutAsync(TicketStore.Container, message.Blob, blob, onlyIfAbsent: false, Cancel);
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Rules = [new MailRule(RuleEffect.Allow, RuleSubject.Address, "Ann@customer.example"), new MailRule(RuleEffect.Deny, RuleSubject.Address, "bob@other.example")] }, AuditActor.Command, Cancel);
        await test.Desk.Policies.ChangeAsync(test.Tenant, null, p => p with { Rules = [new MailRule(RuleEffect.Deny, RuleSubject.Address, "ann@customer.example")] }, AuditActor.Command, Cancel);

        ErasureEnd end = await test.Desk.Eraser.ContactAsync(test.Tenant, "ann@customer.example", AuditActor.Command, Cancel);

        Assert.Equal(ErasureOutcome.Done, end.Outcome);
        ReceiptBody body = Receipt.Read(end.Receipt!)!;
        Assert.Equal(1L, body.Counts["filesUnreadable"]);
        Assert.Contains(body.NotRemoved, text => text.Contains("name their address: 2.", StringComparison.Ordinal));
        Assert.DoesNotContain("ann@", System.Text.Encoding.UTF8.GetString(end.Receipt!), StringComparison.OrdinalIgnoreCase);
        Ticket stone = (await test.NewProcess().Tickets.FindAsync(test.Tenant, ours.TicketId, Cancel))!;
        Assert.Empty(Assert.Single(await test.NewProcess().Tickets.MessagesAsync(test.Tenant, stone.MergedInto, Cancel)).Document!.Attachments);
        Assert.NotNull((await test.NewProcess().Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.Document);
    }
}

/// <summary>One mail under one id.</summary>
internal sealed class OneSource(byte[] mail, string id) : IMailSource
{
    public Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel) =>
        Task.FromResult(new ListedPage([new ListedId(id)], cursor is null ? new SourceCursor("0") : cursor, More: false));

    public Task<FetchedMail> FetchAsync(ListedId listed, CancellationToken cancel) => Task.FromResult(new FetchedMail(FetchKind.Fetched, mail, DateTimeOffset.UnixEpoch.AddYears(56)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
