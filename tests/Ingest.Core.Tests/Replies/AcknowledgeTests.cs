using System.Globalization;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Replies;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Replies;

/// <summary>No automatic mail without a fuse.</summary>
[Collection(nameof(StorageCollection))]
public sealed class AcknowledgeTests(StorageFixture storage)
{
    private readonly FakeSender _sender = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_ticket_of_a_proven_person_is_acknowledged_once_as_a_machine_would()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you. Your request is {number}.");
        JournalLine line = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        await SendAsync(test);
        MailMessage mail = MailMessage.Parse(Assert.Single(_sender.Delivered).Message);
        Ticket ticket = (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!;
        Assert.Equal($"Thank you. Your request is {ticket.Number}.", mail.Text!.Trim());
        Assert.Equal("auto-replied", mail.Headers.First("Auto-Submitted"));
        Assert.Equal(["a1@ann.example"], mail.InReplyTo);
        Assert.Equal(2, ticket.Messages);
        await SendAsync(test);
        Assert.Single(_sender.Delivered);
    }

    [Fact]
    public async Task Nobody_is_acknowledged_unless_the_mailbox_has_a_text_for_it()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        await SendAsync(test);
        Assert.Empty(_sender.Delivered);
    }

    [Fact]
    public async Task Mail_that_a_person_let_in_is_acknowledged_on_the_same_terms_once()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { Rules = [new MailRule(RuleEffect.Deny, RuleSubject.Domain, "ann.example"), new MailRule(RuleEffect.Deny, RuleSubject.Domain, "eve.example")] }, AuditActor.Command, Cancel);
        JournalLine proven = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        JournalLine unproven = await test.TakeInAsync(Mails.From("eve@eve.example", "Printer", "e1@eve.example", authenticated: false), Cancel);
        Assert.Equal((OutcomeReason.DeniedByRule, OutcomeReason.DeniedByRule), (proven.Reason, unproven.Reason));
        await SendAsync(test);
        Assert.Empty(_sender.Delivered);
        foreach (JournalLine line in new[] { proven, unproven, proven })
            Assert.Equal(ReviewEnd.Done, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, AuditActor.Command, Cancel));
        await TestDesk.DrainAsync(test.Desk, Cancel);
        await SendAsync(test);
        Assert.Equal(["a1@ann.example"], MailMessage.Parse(Assert.Single(_sender.Delivered).Message).InReplyTo);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("Auto-Submitted: auto-replied\r\n", true)]
    [InlineData("Precedence: bulk\r\n", true)]
    [InlineData("List-Id: <news.ann.example>\r\n", true)]
    [InlineData("Return-Path: <>\r\n", true)]
    [InlineData("X-Auto-Response-Suppress: All\r\n", true)]
    [InlineData("Reply-To: noreply@ann.example\r\n", true)]
    public async Task Failure_40_Machines_the_silent_and_the_unproven_get_no_answer(string field, bool authenticated)
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example", authenticated: authenticated, extra: field), Cancel);
        await SendAsync(test);
        Assert.Empty(_sender.Delivered);
    }

    [Fact]
    public async Task Failure_40_A_sender_who_writes_all_the_time_is_acknowledged_a_few_times()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        for (int i = 0; i < Acknowledge.MostAnHour + 4; i++)
            await test.TakeInAsync(Mails.From("ann@ann.example", string.Create(CultureInfo.InvariantCulture, $"Printer {i}"), string.Create(CultureInfo.InvariantCulture, $"a{i}@ann.example")), Cancel);
        await SendAsync(test);
        Assert.Equal(Acknowledge.MostAnHour, _sender.Delivered.Count);
    }

    [Fact]
    public async Task Failure_40_A_machine_with_another_address_each_time_is_acknowledged_so_many_times_an_hour_and_people_are_still_taken_in()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        List<byte[]> mails = [.. Enumerable.Range(0, Acknowledge.MostOfDomainAnHour + 5).Select(i => Mails.From(string.Create(CultureInfo.InvariantCulture, $"case-{i}@crm.example"), "Your case", string.Create(CultureInfo.InvariantCulture, $"c{i}@crm.example")))];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        await SendAsync(test);
        Assert.Equal(Acknowledge.MostOfDomainAnHour, _sender.Delivered.Count);

        mails.Add(Mails.From("ann@ann.example", "Printer", "a1@ann.example"));
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        await SendAsync(test);
        Assert.Equal(Acknowledge.MostOfDomainAnHour + 1, _sender.Delivered.Count);
        Assert.Contains("Ticketed: 36", await test.EndStateAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_who_write_from_the_same_public_provider_do_not_use_up_one_anothers_acknowledgements()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        List<byte[]> mails = [.. Enumerable.Range(0, Acknowledge.MostOfDomainAnHour + 2).Select(i => Mails.From(string.Create(CultureInfo.InvariantCulture, $"ann-{i}@gmail.com"), "Printer", string.Create(CultureInfo.InvariantCulture, $"g{i}@gmail.com")))];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        await SendAsync(test);
        Assert.Equal(mails.Count, _sender.Delivered.Count);
    }

    [Theory]
    [InlineData("gmail.com", true)]
    [InlineData("yahoo.fr", true)]
    [InlineData("hotmail.co.uk", true)]
    [InlineData("yahoo.com.br", true)]
    [InlineData("crm.gmail.com", false)]
    [InlineData("yahoo.shop.example", false)]
    [InlineData("live.example", false)]
    [InlineData("notyahoo.fr", false)]
    [InlineData("", false)]
    public void A_name_that_only_looks_like_a_public_provider_is_none(string domain, bool isProvider) => Assert.Equal(isProvider, PublicMail.IsProvider(domain));

    // An automatic answer of theirs to ours, without a mark of a machine, from a mailbox that is full, and our own mail that a relay gave another id.
    [Fact]
    public async Task Failure_41_Whatever_comes_back_upon_an_automatic_mail_of_ours_is_never_answered_automatically()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        await SendAsync(test);
        byte[] ours = _sender.Delivered.Single().Message;
        MailMessage sent = MailMessage.Parse(ours);
        string id = sent.MessageId!, text = System.Text.Encoding.UTF8.GetString(ours);
        string stripped = string.Join("\r\n", text.Split("\r\n").Where(l => !l.StartsWith("X-Ingest", StringComparison.OrdinalIgnoreCase) && !l.StartsWith("Message-ID", StringComparison.OrdinalIgnoreCase)));
        string[] back =
        [
            text.Replace(id, "relay-1@relay.example", StringComparison.Ordinal),
            "Message-ID: <relay-2@relay.example>\r\n" + stripped + "\r\n-- \r\nScanned by relay.example\r\n",
        ];
        foreach (string mail in back) await test.TakeInAsync(System.Text.Encoding.UTF8.GetBytes(mail), Cancel);
        for (int i = 0; i < 5; i++)
            await test.TakeInAsync(Mails.From("ann@ann.example", "I am away", string.Create(CultureInfo.InvariantCulture, $"auto{i}@ann.example"), id, id), Cancel);
        await SendAsync(test);
        Assert.Single(_sender.Delivered);
    }

    [Fact]
    public async Task Our_own_acknowledgement_that_comes_back_makes_no_ticket()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        await SendAsync(test);
        JournalLine back = await test.TakeInAsync(_sender.Delivered.Single().Message, Cancel);
        Assert.Equal((Ingest.Core.Pipeline.OutcomeKind.Rejected, Ingest.Core.Pipeline.OutcomeReason.OwnMail), (back.Outcome, back.Reason));
    }

    // A group that passes a customer's mail on under its own name, or a form on a web page.
    [Fact]
    public async Task Mail_that_others_write_in_our_name_becomes_a_ticket_that_is_not_acknowledged_and_is_answered_to_its_author()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        JournalLine line = await test.TakeInAsync(Mails.From(TestDesk.Address, "Printer", "g1@groups.example", extra: "Reply-To: ann@ann.example\r\nCc: eve@evil.example\r\n"), Cancel);
        Assert.Equal(Ingest.Core.Pipeline.OutcomeReason.NewTicket, line.Reason);
        await SendAsync(test);
        Assert.Empty(_sender.Delivered);
        Ticket ticket = (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!;
        // Everybody whose mail is written in our name would be this participant.
        Assert.Empty(ticket.Document!.Participants);
        Assert.Empty(ticket.Document.Copied);
        Assert.Equal("ann@ann.example", QueueReply.Recipient(test.Mailbox, ticket, await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel)));
    }

    [Fact]
    public async Task Mail_that_names_nobody_but_us_is_kept_back_until_a_person_lets_it_in_unacknowledged()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel, "Thank you.");
        JournalLine line = await test.TakeInAsync(Mails.From(TestDesk.Address, "Form", "f1@acme.example"), Cancel);
        Assert.Equal((Ingest.Core.Pipeline.OutcomeKind.Quarantined, Ingest.Core.Pipeline.OutcomeReason.OwnMail), (line.Outcome, line.Reason));
        await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, AuditActor.Command, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Assert.Equal(Ingest.Core.Pipeline.OutcomeKind.Ticketed, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!.Outcome);
        await SendAsync(test);
        Assert.Empty(_sender.Delivered);
    }

    private async Task SendAsync(TestDesk test)
    {
        Desk desk = test.NewProcess(sender: _sender);
        List<ReplyWork> waiting = [];
        await foreach (ReplyWork work in desk.Outbox.PendingAsync(DateTimeOffset.MaxValue, Cancel))
            if (work.Tenant == test.Tenant) waiting.Add(work);
        foreach (ReplyWork work in waiting) await desk.SendReply.RunAsync(work, Cancel);
    }
}
