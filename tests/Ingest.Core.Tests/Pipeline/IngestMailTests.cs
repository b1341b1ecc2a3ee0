using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Store;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

[Collection(nameof(StorageCollection))]
public sealed class IngestMailTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_small_mailbox_becomes_the_tickets_it_should()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TakeInAsync(test, Mails.SmallBox);
        Assert.Equal(
            """
            Duplicate: 1
            Ticketed: 7
            listed: 8, in flight: 0
            ticket: 
            ticket: A file
            ticket: Invoice 7 + Re: Invoice 7
            ticket: Printer is on fire + Re: Printer is on fire
            ticket: Re: Printer is on fire (let me in)
            """.ReplaceLineEndings("\n"), await test.EndStateAsync(Cancel));
    }

    [Fact]
    public async Task The_same_mailbox_read_again_from_the_start_changes_nothing()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TakeInAsync(test, Mails.SmallBox);
        string before = await test.EndStateAsync(Cancel);
        await TakeInAsync(test, Mails.SmallBox, fromTheStart: true);
        Assert.Equal(before, await test.EndStateAsync(Cancel));
    }

    [Fact]
    public async Task Failure_13_eight_workers_with_the_same_work_make_one_ticket()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(Mails.SmallBox), "w", Cancel);
        List<Work> work = await WaitingAsync(test.Desk);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            Desk worker = test.NewProcess();
            foreach (Work mail in work.OrderBy(_ => Random.Shared.Next())) await InsistAsync(worker, mail);
        }));
        Assert.Contains("Ticketed: 7", await test.EndStateAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_order_of_a_thread_gives_one_ticket()
    {
        IReadOnlyList<byte[]> thread =
        [
            Mails.From("ann@customer.example", "Root", "r@customer.example"),
            Mails.From("ann@customer.example", "Re: one", "1@customer.example", "r@customer.example", "r@customer.example"),
            Mails.From("ann@customer.example", "Re: two", "2@customer.example", "1@customer.example", "r@customer.example 1@customer.example"),
        ];
        foreach (int[] order in new[] { new[] { 0, 1, 2 }, [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] })
        {
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            await OneByOneAsync(test, [.. order.Select(i => thread[i])]);
            Assert.Contains("ticket: Re: one + Re: two + Root\n", await test.EndStateAsync(Cancel) + "\n", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_thread_taken_in_by_many_workers_at_once_ends_as_one_ticket_without_waiting_for_itself()
    {
        string[] ids = ["r@c.example", "1@c.example", "2@c.example", "3@c.example", "4@c.example"];
        IReadOnlyList<byte[]> thread = [.. ids.Select((id, i) =>
            Mails.From("ann@c.example", "Message " + i, id, i == 0 ? null : ids[i - 1], i == 0 ? null : string.Join(' ', ids.Take(i))))];
        for (int round = 0; round < 8; round++)
        {
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(thread), "w", Cancel);
            List<Work> work = await WaitingAsync(test.Desk);
            await Task.WhenAll(work.Select(mail => InsistAsync(test.NewProcess(), mail)));
            Assert.Contains("ticket: Message 0 + Message 1 + Message 2 + Message 3 + Message 4", await test.EndStateAsync(Cancel), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Failure_33_a_stranger_or_a_forger_never_joins_by_reference()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await OneByOneAsync(test,
        [
            Mails.From("ann@customer.example", "Mine", "m@customer.example"),
            Mails.From("eve@evil.example", "Stranger", "e@evil.example", "m@customer.example", "m@customer.example"),
            Mails.From("ann@customer.example", "Forged", "f@customer.example", "m@customer.example", "m@customer.example", authenticated: false),
        ]);
        string end = await test.EndStateAsync(Cancel);
        Assert.Contains("ticket: Mine\n", end, StringComparison.Ordinal);
        Assert.DoesNotContain("+", end, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whom_a_proven_sender_copied_in_may_join_and_whom_a_forger_copied_in_may_not()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await OneByOneAsync(test,
        [
            Mails.From("ann@c.example", "Real", "1@c.example", extra: "Cc: Sofia <Sofia@c.example>\r\n"),
            Mails.From("sofia@c.example", "Re: Real", "2@c.example", "1@c.example"),
            Mails.From("ann@c.example", "Forged", "3@c.example", authenticated: false, extra: "Cc: eve@evil.example\r\n"),
            Mails.From("eve@evil.example", "Re: Forged", "4@evil.example", "3@c.example"),
        ]);
        string end = await test.EndStateAsync(Cancel);
        Assert.Contains("ticket: Re: Real + Real", end, StringComparison.Ordinal);
        Assert.Contains("ticket: Forged\n", end + "\n", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_that_comes_late_joins_only_when_both_are_the_same_authenticated_contact()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await OneByOneAsync(test,
        [
            Mails.From("eve@evil.example", "Re: Root", "e@evil.example", "root@customer.example", "root@customer.example"),
            Mails.From("ann@customer.example", "Root", "root@customer.example"),
        ]);
        Assert.DoesNotContain("+", await test.EndStateAsync(Cancel), StringComparison.Ordinal);
        JournalLine root = await LineAsync(test, "Root");
        Assert.Equal(OutcomeReason.NewTicketLinked, root.Reason);
    }

    [Fact]
    public async Task Our_token_lets_an_authenticated_sender_in_and_leaves_the_requester_as_is()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TakeInAsync(test, [Mails.From("ann@customer.example", "Mine", "m@customer.example")]);
        JournalLine line = await LineAsync(test, "Mine");
        var ids = await test.Desk.Keys.ForTenantAsync(test.Tenant, Cancel);
        string token = ReplyToken.Create((domain, data) => ids.Mac(domain, data), test.Mailbox.Id, line.TicketId);
        await TakeInAsync(test, [Mails.From("ann@customer.example", "Mine", "m@customer.example"),
            Mails.From("dan@customer.example", "With token", "d@customer.example", $"r.{token}.x@acme.example")]);
        Ticket ticket = (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!;
        Assert.Equal(2, ticket.Messages);
        Assert.Equal("ann@customer.example", ticket.Document!.RequesterAddress);
        Assert.Equal(OutcomeReason.JoinedByToken, (await LineAsync(test, "With token")).Reason);
    }

    [Fact]
    public async Task A_subject_and_a_name_without_end_become_a_ticket_all_the_same()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        string endless = string.Concat(Enumerable.Repeat("印刷機", 30_000));
        await TakeInAsync(test, [Encoding.UTF8.GetBytes($"From: {endless} <ann@customer.example>\r\nTo: support@acme.example\r\nSubject: {endless}\r\nMessage-ID: <l@customer.example>\r\n\r\nHi\r\n")]);
        Ticket ticket = (await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Single();
        Assert.InRange(ticket.Document!.Subject.Length, 1, 998);
    }

    [Fact]
    public async Task What_answers_a_late_mail_goes_to_the_ticket_of_that_mail()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await OneByOneAsync(test,
        [
            Mails.From("sam@other.example", "Re: Mine", "s@other.example", "m@customer.example", extra: "Cc: ann@customer.example\r\n"),
            Mails.From("ann@customer.example", "Mine", "m@customer.example"),
            Mails.From("ann@customer.example", "Re: Mine again", "n@customer.example", "m@customer.example"),
        ]);
        Assert.Contains("ticket: Mine + Re: Mine again", await test.EndStateAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_id_with_other_content_is_not_dropped()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TakeInAsync(test, [Mails.From("ann@customer.example", "One", "same@x.example"), Mails.From("eve@evil.example", "Two", "same@x.example")]);
        string end = await test.EndStateAsync(Cancel);
        Assert.Contains("ticket: One", end, StringComparison.Ordinal);
        Assert.Contains("ticket: Two", end, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_03_a_mail_that_cannot_be_fetched_stops_nothing_and_is_accounted_for()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        ListSource source = new(Mails.SmallBox) { Missing = { [0] = FetchKind.Vanished, [3] = FetchKind.Refused } };
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => source, "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Books books = await test.Desk.Reconcile.RunAsync(test.Tenant, test.Mailbox.Id, Cancel);
        Assert.True(books.Balance);
        Assert.Equal((8, 1, 1, 0), (books.Listed, books.Rejected, books.Parked, books.InFlight));
    }

    [Fact]
    public async Task An_idle_poll_writes_nothing()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TakeInAsync(test, Mails.SmallBox);
        using OperationCounter count = OperationCounter.Start();
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(Mails.SmallBox), "w", Cancel);
        Assert.Equal((1, 0, 0), (count.Tables, count.Queues, count.BlobWrites));
    }

    [Fact]
    public async Task A_new_ticket_of_a_known_contact_costs_at_most_ten_operations_and_a_reply_twelve()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TakeInAsync(test, [Mails.From("ann@customer.example", "First", "1@customer.example")]);
        // One queue operation each to send, to receive and to delete.
        const int queueOperations = 3;
        Assert.InRange(queueOperations + await CostAsync(test, Mails.From("ann@customer.example", "Second", "2@customer.example")), 1, 10);
        Assert.InRange(queueOperations + await CostAsync(test, Mails.From("ann@customer.example", "Re: Second", "3@customer.example", "2@customer.example")), 1, 12);
    }

    [Fact]
    public async Task Cards_are_gone_before_the_ticket_is_written()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TakeInAsync(test, [Mails.From("ann@customer.example", "My card 4111 1111 1111 1111", "c@customer.example", body: "4111-1111-1111-1111 exp 12/27\r\n")]);
        Ticket ticket = (await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Single();
        TicketMessage message = (await test.Desk.Tickets.MessagesAsync(test.Tenant, ticket.Id, Cancel)).Single();
        Assert.DoesNotContain("4111", ticket.Document!.Subject + message.Document!.Text + message.Document.Subject, StringComparison.Ordinal);
        Assert.True(ticket.Flags.HasFlag(MessageMarks.Redacted));
    }

    [Fact]
    public async Task A_long_mail_and_its_attachments_come_back_byte_for_byte()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] file = new byte[300_000];
        new Random(1).NextBytes(file);
        string text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"Line {i} of a long mail.\r\n"));
        string mail = "From: ann@customer.example\r\nTo: support@acme.example\r\nSubject: Long\r\nMessage-ID: <long@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
            + "--q\r\nContent-Type: text/plain\r\n\r\n" + text + "\r\n--q\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"x.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Convert.ToBase64String(file, Base64FormattingOptions.InsertLineBreaks) + "\r\n--q--\r\n";
        await TakeInAsync(test, [Encoding.ASCII.GetBytes(mail)]);
        JournalLine line = await LineAsync(test, "Long");
        TicketMessage message = (await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel)).Single();
        Assert.Contains("Line 4999 of a long mail.", message.Document!.Text, StringComparison.Ordinal);
        Assert.Equal(file, await test.Desk.Tickets.ReadAttachmentAsync(test.Tenant, line.TicketId, message, 0, Cancel));
    }

    [Fact]
    public async Task Parked_mail_is_replayed_to_the_end_it_would_have_had()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(Mails.SmallBox), "w", Cancel);
        List<Work> work = await WaitingAsync(test.Desk);
        foreach (Work mail in work) await test.Desk.IngestMail.ParkAsync(mail, OutcomeReason.Fault, Cancel);
        foreach (Work mail in work) await InsistAsync(test.Desk, mail);
        Assert.Contains("Ticketed: 7", await test.EndStateAsync(Cancel), StringComparison.Ordinal);
    }

    private static async Task TakeInAsync(TestDesk test, IReadOnlyList<byte[]> mails, bool fromTheStart = false)
    {
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails) { FromTheStart = fromTheStart }, "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
    }

    private static async Task OneByOneAsync(TestDesk test, IReadOnlyList<byte[]> mails)
    {
        for (int i = 1; i <= mails.Count; i++) await TakeInAsync(test, [.. mails.Take(i)]);
    }

    private static async Task<List<Work>> WaitingAsync(Desk desk)
    {
        List<Work> work = [];
        while (await desk.IngestQueue.ReceiveAsync(32, TimeSpan.FromMinutes(1), Cancel) is { Count: > 0 } messages)
            foreach (QueuedMessage message in messages)
            {
                work.Add(Work.FromJson(message.Body!.Value.Span)!);
                await desk.IngestQueue.DeleteAsync(message, Cancel);
            }

        return work;
    }

    private static async Task InsistAsync(Desk desk, Work mail)
    {
        // Never so patient that it stops waiting: a wait in a circle would show.
        for (int tries = 0; ; tries++)
        {
            try
            {
                await desk.IngestMail.RunAsync(mail, Cancel);
                return;
            }
            catch (NotNowException) when (tries < 200)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20 * Random.Shared.Next(1, 10)), Cancel);
            }
        }
    }

    private static async Task<int> CostAsync(TestDesk test, byte[] mail)
    {
        // A mailbox that already holds one mail more each time: the source goes on where the cursor stands.
        MailboxView view = (await test.Desk.Mailboxes.FindAsync(test.Tenant, test.Mailbox.Id, Cancel))!;
        int at = int.Parse(view.Cursor!.Value, System.Globalization.CultureInfo.InvariantCulture);
        IReadOnlyList<byte[]> mails = [.. Enumerable.Repeat(mail, at + 1)];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
        Work work = (await WaitingAsync(test.Desk)).Single();
        using OperationCounter count = OperationCounter.Start();
        await test.Desk.IngestMail.RunAsync(work, Cancel);
        Assert.Equal(1, count.BlobReads);
        return count.Tables + count.Queues;
    }

    private static async Task<JournalLine> LineAsync(TestDesk test, string subject)
    {
        await foreach (JournalLine line in test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel))
        {
            if (line.TicketId.Length == 0) continue;
            IReadOnlyList<TicketMessage> messages = await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel);
            if (messages.Any(m => m.Key == line.MessageKey && m.Document!.Subject == subject)) return line;
        }

        throw new InvalidOperationException("No line for that subject.");
    }
}
