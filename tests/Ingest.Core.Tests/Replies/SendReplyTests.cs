using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Replies;

/// <summary>Replies go out once, to whom they were meant for, and what nobody can know is said.</summary>
[Collection(nameof(StorageCollection))]
public sealed class SendReplyTests(StorageFixture storage)
{
    private readonly FakeClock _clock = new();
    private readonly FakeSender _sender = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reply_answers_the_customers_mail_in_its_thread()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        await ReplyAsync(test, desk, ticket, new NewReply { Text = "Try it off and on.", AuthorName = "Maria", Cc = ["boss@ann.example"], QuoteHistory = true });
        Assert.Equal(DeliveryState.Sent, await StepAsync(test, desk));

        (OutgoingEnvelope envelope, byte[] bytes) = Assert.Single(_sender.Delivered);
        Assert.Equal(TestDesk.Address, envelope.From);
        Assert.Equal(["ann@ann.example", "boss@ann.example"], envelope.To);
        MailMessage mail = MailMessage.Parse(bytes);
        Assert.Equal(("Maria", TestDesk.Address), (mail.From[0].Name, mail.From[0].Address));
        Assert.Equal("Re: Printer", mail.Subject);
        Assert.Equal(["a1@ann.example"], mail.InReplyTo);
        Assert.Equal(["a0@ann.example", "a1@ann.example"], mail.References);
        Assert.StartsWith("support+r.", mail.ReplyTo[0].Address, StringComparison.Ordinal);
        Assert.StartsWith("Try it off and on.", mail.Text, StringComparison.Ordinal);
        Assert.Contains("> please help.", mail.Text, StringComparison.Ordinal);
        Assert.Empty(mail.Defects);
    }

    [Fact]
    public async Task A_reply_goes_out_from_the_alias_that_the_customer_wrote_to()
    {
        (TestDesk test, Desk desk, _) = await AskedAsync();
        JournalLine line = await test.TakeInAsync(System.Text.Encoding.ASCII.GetBytes("Authentication-Results: mx.google.com; dmarc=pass header.from=bob.example\r\nFrom: bob@bob.example\r\nTo: Sales@acme.example\r\nSubject: Price\r\nMessage-ID: <p@bob.example>\r\n\r\nHow much?\r\n"), Cancel);
        await ReplyAsync(test, desk, line.TicketId, new NewReply { Text = "Nine." });
        await StepAsync(test, desk);
        Assert.Equal("sales@acme.example", _sender.Delivered.Single().Envelope.From);
    }

    [Fact]
    public async Task Failure_18_Accepted_and_then_silent_is_uncertain_and_found_in_sent()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        _sender.Then(SendOutcome.Uncertain, "line-broke", delivered: true).Sent = _ => true;
        string key = await ReplyAsync(test, desk, ticket);
        Assert.Equal(DeliveryState.Uncertain, await StepAsync(test, desk));
        Delivery end = await AfterAsync(test, desk, ticket, key);
        Assert.Equal((DeliveryState.Sent, "found-in-sent", 1), (end.State, end.Code, end.Attempts));
        Assert.Single(_sender.Delivered);
    }

    [Fact]
    public async Task Failure_18_Nobody_can_say_stays_uncertain_and_is_never_sent_again_by_itself()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        _sender.Then(SendOutcome.Uncertain, "line-broke", delivered: true).Sent = _ => null;
        string key = await ReplyAsync(test, desk, ticket);
        Assert.Equal(DeliveryState.Uncertain, (await AfterAsync(test, desk, ticket, key)).State);
        Assert.Single(_sender.Delivered);

        Assert.Equal(DoubtEnd.Settled, await desk.Replies.ResolveAsync(test.Tenant, ticket, key, delivered: false, Cancel, attempt: 1));
        Assert.Equal(DoubtEnd.SettledBefore, await desk.Replies.ResolveAsync(test.Tenant, ticket, key, delivered: false, Cancel, attempt: 1));
        Assert.Equal(DeliveryState.Sent, (await AfterAsync(test, desk, ticket, key)).State);
        Assert.Equal(2, _sender.Delivered.Count);
        Assert.Equal(DoubtEnd.NotInDoubt, await desk.Replies.ResolveAsync(test.Tenant, ticket, key, delivered: false, Cancel));
        Assert.Equal(DoubtEnd.SettledBefore, await desk.Replies.ResolveAsync(test.Tenant, ticket, key, delivered: false, Cancel, attempt: 1));
        Assert.Equal(DoubtEnd.NotInDoubt, await desk.Replies.ResolveAsync(test.Tenant, ticket, key, delivered: true, Cancel, attempt: 1));
        Assert.Equal(2, _sender.Delivered.Count);
    }

    [Fact]
    public async Task Failure_18_What_sent_disproves_more_than_once_is_sent_again_as_the_same_mail()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        _sender.Then(SendOutcome.Uncertain, "line-broke", delivered: false).Sent = _ => false;
        string key = await ReplyAsync(test, desk, ticket);
        Assert.Equal(DeliveryState.Sent, (await AfterAsync(test, desk, ticket, key)).State);
        Assert.Single(_sender.Delivered);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sender_that_dies_over_a_reply_leaves_one_delivery_at_most(bool delivered)
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        _sender.ThenDies(delivered).Sent = _ => null;
        string key = await ReplyAsync(test, desk, ticket);
        await Assert.ThrowsAsync<ProcessDiedException>(() => StepAsync(test, desk));
        Assert.Equal(DeliveryState.Uncertain, (await AfterAsync(test, desk, ticket, key)).State);
        Assert.Equal(delivered ? 1 : 0, _sender.Delivered.Count);
    }

    [Fact]
    public async Task Failure_19_Many_senders_at_once_deliver_once()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        await ReplyAsync(test, desk, ticket);
        ReplyWork work = (await WaitingAsync(test, desk)).Single();
        Desk[] processes = [.. Enumerable.Range(0, 8).Select(_ => test.NewProcess(time: _clock, sender: _sender))];
        await Task.WhenAll(processes.Select(process => process.SendReply.RunAsync(work, Cancel)));
        Assert.Single(_sender.Delivered);
    }

    [Fact]
    public async Task Failure_36_Recipients_are_frozen_when_a_reply_is_approved()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        _sender.Then(SendOutcome.TemporarilyRefused, "4.2.1");
        string key = await ReplyAsync(test, desk, ticket);
        Assert.Equal(DeliveryState.Queued, await StepAsync(test, desk));
        await test.TakeInAsync(Mails.From("ann@ann.example", "Re: Printer", "a2@ann.example", "a1@ann.example", extra: "Cc: eve@evil.example\r\nReply-To: eve@evil.example\r\n"), Cancel);
        Assert.Equal(DeliveryState.Sent, (await AfterAsync(test, desk, ticket, key)).State);
        Assert.Equal(["ann@ann.example"], _sender.Delivered.Single().Envelope.To);
    }

    [Fact]
    public async Task A_refusal_for_good_stands_on_the_ticket_and_one_for_now_is_tried_again()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        _sender.Then(SendOutcome.TemporarilyRefused, "4.3.1").Then(SendOutcome.NotSent, "wire-timeout").Then(SendOutcome.PermanentlyRefused, "5.1.1");
        string key = await ReplyAsync(test, desk, ticket);
        Delivery end = await AfterAsync(test, desk, ticket, key);
        Assert.Equal((DeliveryState.Failed, "5.1.1", 3), (end.State, end.Code, end.Attempts));
        Assert.Empty(_sender.Delivered);
    }

    [Fact]
    public async Task A_reply_whose_bytes_are_away_for_now_waits_for_them()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        string key = await ReplyAsync(test, desk, ticket, new NewReply { Text = new string('x', 60_000) });
        string blob = (await test.Desk.Storage.Tables.GetTableClient(TableNames.Tickets).GetEntityIfExistsAsync($"{test.Tenant}.{ticket}", "m!" + key, cancel: Cancel))!.GetString("blob")!;
        using MemoryStream content = new();
        await test.Desk.Blobs.CopyToAsync(TicketStore.Container, blob, content, cancel: Cancel);
        await test.Desk.Blobs.DeleteIfExistsAsync(TicketStore.Container, blob, Cancel);
        Assert.Equal(DeliveryState.Queued, await StepAsync(test, desk));
        await test.Desk.Blobs.PutAsync(TicketStore.Container, blob, content.ToArray(), onlyIfAbsent: false, Cancel);
        Assert.Equal(DeliveryState.Sent, (await AfterAsync(test, desk, ticket, key)).State);
    }

    [Fact]
    public async Task After_three_days_without_a_server_a_reply_has_failed()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        for (int i = 0; i < 400; i++) _sender.Then(SendOutcome.NotSent, "no-route");
        string key = await ReplyAsync(test, desk, ticket);
        Assert.Equal((DeliveryState.Failed, "gave-up-after-3-days"), (await AfterAsync(test, desk, ticket, key)) is var end ? (end.State, end.Code) : default);
    }

    [Fact]
    public async Task A_queue_message_without_a_reply_is_dropped_after_a_quarter_of_an_hour()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        ReplyWork work = new() { TenantText = test.Tenant.Tenant.Value, InboxText = test.Mailbox.Id.Value, TicketId = ticket, Key = "k", FirstSeenUnixMs = _clock.GetUtcNow().ToUnixTimeMilliseconds() };
        Assert.NotNull((await desk.SendReply.RunAsync(work, Cancel)).Again);
        _clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Null((await desk.SendReply.RunAsync(work, Cancel)).Again);
    }

    [Fact]
    public async Task A_reply_whose_queue_message_was_lost_is_queued_again_by_housekeeping()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        string key = await ReplyAsync(test, desk, ticket);
        await test.EmptyQueuesAsync(Cancel);
        Assert.Equal(0, (await desk.KeepHouse.RunAsync(sweep: false, Cancel)).Requeued);
        _clock.Advance(TimeSpan.FromHours(2));
        await desk.KeepHouse.RunAsync(sweep: false, Cancel);
        Assert.Equal(DeliveryState.Sent, (await AfterAsync(test, desk, ticket, key)).State);
    }

    [Fact]
    public async Task A_reply_handed_in_twice_under_one_key_is_sent_once_and_another_text_is_refused()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        NewReply reply = new() { Text = "Once.", IdempotencyKey = "order-7" };
        ReplyAccepted first = (await desk.Replies.QueueAsync(test.Tenant, ticket, reply, Cancel))!;
        ReplyAccepted second = (await desk.Replies.QueueAsync(test.Tenant, ticket, reply, Cancel))!;
        Assert.Equal((first.Key, false, true), (second.Key, first.Repeated, second.Repeated));
        await StepAsync(test, desk);
        Assert.Single(_sender.Delivered);
        ReplyRefusedException refused = await Assert.ThrowsAsync<ReplyRefusedException>(() => desk.Replies.QueueAsync(test.Tenant, ticket, reply with { Text = "Twice." }, Cancel));
        Assert.Equal("idempotency-key-reused", refused.Code);
    }

    [Theory]
    [InlineData("", "x@y.example", "text-missing")]
    [InlineData("Hi", "not an address", "address-unusable")]
    [InlineData("Hi", "a@b.example\r\nBcc: eve@evil.example", "address-unusable")]
    [InlineData("Hi", "Sales+x@ACME.example", "address-is-ours")]
    public async Task What_cannot_be_sent_is_refused_with_its_reason(string text, string to, string code)
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        ReplyRefusedException refused = await Assert.ThrowsAsync<ReplyRefusedException>(() => desk.Replies.QueueAsync(test.Tenant, ticket, new NewReply { Text = text, To = [to] }, Cancel));
        Assert.Equal(code, refused.Code);
        Assert.Empty(await WaitingAsync(test, desk));
    }

    [Fact]
    public async Task A_reply_with_a_file_brings_its_bytes_and_may_close_the_ticket()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        byte[] file = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];
        await ReplyAsync(test, desk, ticket, new NewReply { Text = "See the file.", Attachments = [new NewAttachment("Größe.pdf", "application/pdf", file)], CloseTicket = true });
        await StepAsync(test, desk);
        MailAttachment sent = Assert.Single(MailMessage.Parse(_sender.Delivered.Single().Message).Attachments);
        Assert.Equal("Größe.pdf", sent.Name);
        Assert.Equal(file, sent.Decode());
        Assert.Equal(TicketState.Closed, (await desk.Tickets.FindAsync(test.Tenant, ticket, Cancel))!.State);
        Assert.Empty(await desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
        Assert.Single(await desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Closed, 10, Cancel));
    }

    [Fact]
    public async Task Failure_34_Who_came_in_with_a_forwarded_mail_of_ours_is_seen_and_not_answered_by_default()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        await ReplyAsync(test, desk, ticket);
        await StepAsync(test, desk);
        string token = MailMessage.Parse(_sender.Delivered.Single().Message).MessageId!;
        JournalLine line = await test.TakeInAsync(Mails.From("eve@evil.example", "Re: Printer", "e1@evil.example", token, extra: "Cc: mallory@evil.example\r\n"), Cancel);
        Assert.Equal(ticket, line.TicketId);
        TicketMessage message = (await desk.Tickets.MessagesAsync(test.Tenant, ticket, Cancel)).Single(m => m.Key == line.MessageKey);
        Assert.True(message.Flags.HasFlag(MessageMarks.Newcomer));
        string key = await ReplyAsync(test, desk, ticket, new NewReply { Text = "For Ann." });
        Assert.Equal(DeliveryState.Sent, (await AfterAsync(test, desk, ticket, key)).State);
        Assert.Equal(["ann@ann.example"], _sender.Delivered[^1].Envelope.To);
        Assert.NotEqual(ticket, (await test.TakeInAsync(Mails.From("mallory@evil.example", "Re: Printer", "m1@evil.example", "a1@ann.example"), Cancel)).TicketId);
    }

    [Fact]
    public async Task A_mailbox_that_cannot_be_opened_puts_its_reply_off_and_housekeeping_adds_no_copy()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        string key = await ReplyAsync(test, desk, ticket);
        foreach (Exception shut in new Exception[] { new NotNowException("token-503"), new MailboxRefusedException(MailboxFault.GrantRevoked) })
        {
            _sender.Shut = shut;
            ReplyWork work = (await WaitingAsync(test, desk)).Single();
            SendEnd end = await desk.SendReply.RunAsync(work, Cancel);
            Assert.Equal((DeliveryState.Queued, 0), (end.Delivery!.State, end.Delivery.Attempts));
            Assert.NotEmpty(end.Delivery.Code);
            Assert.True((await desk.Outbox.FindAsync(test.Tenant, ticket, key, Cancel))!.NotBefore > _clock.GetUtcNow());
            _clock.Advance(end.Again!.Value);
        }

        _sender.Shut = null;
        Assert.Equal(DeliveryState.Sent, (await AfterAsync(test, desk, ticket, key)).State);
        Assert.Single(_sender.Delivered);
    }

    [Fact]
    public async Task A_mailbox_that_stays_shut_is_asked_less_and_less_often()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        await ReplyAsync(test, desk, ticket);
        ReplyWork work = (await WaitingAsync(test, desk)).Single();
        List<TimeSpan> waits = [];
        _sender.Shut = new NotNowException("token-503");
        for (int i = 0; i < 12; i++)
        {
            waits.Add((await desk.SendReply.RunAsync(work with { Attempt = i }, Cancel)).Again!.Value);
            _clock.Advance(waits[^1]);
        }

        Assert.InRange(waits[0], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        Assert.InRange(waits[^1], TimeSpan.FromMinutes(12), TimeSpan.FromMinutes(18));

        _sender.Shut = new NotNowException("quota", TimeSpan.FromHours(1));
        Assert.InRange((await desk.SendReply.RunAsync(work, Cancel)).Again!.Value, TimeSpan.FromHours(1), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_sent_folder_that_cannot_be_opened_is_no_answer()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        _sender.Then(SendOutcome.Uncertain, "line-broke", delivered: true).Sent = _ => true;
        string key = await ReplyAsync(test, desk, ticket);
        Assert.Equal(DeliveryState.Uncertain, await StepAsync(test, desk));
        _sender.Shut = new NotNowException("imap-timeout");
        for (int i = 0; i < 10; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(6));
            Assert.Equal(DeliveryState.Uncertain, await StepAsync(test, desk));
        }

        _sender.Shut = null;
        Assert.Equal(DeliveryState.Sent, (await AfterAsync(test, desk, ticket, key)).State);
        Assert.Single(_sender.Delivered);
    }

    [Fact]
    public async Task A_run_that_comes_late_does_not_forget_a_reply_that_is_sent_once_more()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        _sender.Then(SendOutcome.Uncertain, "line-broke");
        string key = await ReplyAsync(test, desk, ticket);
        ReplyWork late = (await WaitingAsync(test, desk)).Single();
        Assert.Equal(DeliveryState.Uncertain, (await AfterAsync(test, desk, ticket, key)).State);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(DoubtEnd.Settled, await desk.Replies.ResolveAsync(test.Tenant, ticket, key, delivered: false, Cancel));
        await desk.Outbox.ForgetAsync(late, Cancel);
        ReplyWork again = Assert.Single(await WaitingAsync(test, desk));
        await desk.SendReply.RunAsync(again, Cancel);
        Assert.Empty(await WaitingAsync(test, desk));
        Assert.Single(_sender.Delivered);
    }

    [Fact]
    public async Task A_reply_is_signed_with_the_key_of_its_authors_domain()
    {
        (TestDesk test, Desk desk, string ticket) = await AskedAsync();
        DkimRecord record = await desk.SigningKeys.CreateAsync(test.Tenant, "acme.example", "s1", Cancel);
        Assert.Equal("s1._domainkey.acme.example", record.Name);
        await ReplyAsync(test, desk, ticket);
        await StepAsync(test, desk);
        string signature = MailMessage.Parse(_sender.Delivered.Single().Message).Headers.First("DKIM-Signature")!;
        Assert.Contains("d=acme.example", signature, StringComparison.Ordinal);
        Assert.Contains("s=s1", signature, StringComparison.Ordinal);
    }

    private async Task<(TestDesk Test, Desk Desk, string Ticket)> AskedAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example", references: "a0@ann.example"), Cancel);
        return (test, test.NewProcess(time: _clock, sender: _sender), line.TicketId);
    }

    private static async Task<string> ReplyAsync(TestDesk test, Desk desk, string ticket, NewReply? reply = null) =>
        (await desk.Replies.QueueAsync(test.Tenant, ticket, reply ?? new NewReply { Text = "Hello Ann." }, Cancel))!.Key;

    // What was approved and has no end yet, as housekeeping finds it: the queue hands it out only after its head start.
    private async Task<List<ReplyWork>> WaitingAsync(TestDesk test, Desk desk)
    {
        List<ReplyWork> work = [];
        await foreach (ReplyWork one in desk.Outbox.PendingAsync(_clock.GetUtcNow() + TimeSpan.FromSeconds(1), Cancel))
            if (one.Tenant == test.Tenant) work.Add(one);
        return work;
    }

    private async Task<DeliveryState> StepAsync(TestDesk test, Desk desk) =>
        (await desk.SendReply.RunAsync((await WaitingAsync(test, desk)).Single(), Cancel)).Delivery!.State;

    // As the function does, but without waiting: the clock jumps to when the work wants to run again.
    private async Task<Delivery> AfterAsync(TestDesk test, Desk desk, string ticket, string key)
    {
        ReplyWork work = new() { TenantText = test.Tenant.Tenant.Value, InboxText = test.Mailbox.Id.Value, TicketId = ticket, Key = key, FirstSeenUnixMs = _clock.GetUtcNow().ToUnixTimeMilliseconds() };
        for (int i = 0; i < 500; i++)
        {
            SendEnd end = await desk.SendReply.RunAsync(work, Cancel);
            if (end.Again is not { } wait) break;
            _clock.Advance(wait);
        }

        return (await desk.Tickets.MessagesAsync(test.Tenant, ticket, Cancel)).Single(m => m.Key == key).Delivery!;
    }
}
