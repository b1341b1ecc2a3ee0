using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>What people do with mail that was kept back.</summary>
[Collection(nameof(StorageCollection))]
public sealed class ReviewTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Backscatter => System.Text.Encoding.ASCII.GetBytes("From: MAILER-DAEMON@relay.example\r\nTo: support@acme.example\r\nSubject: Undelivered: order 4111 1111 1111 1111\r\n"
        + "Message-ID: <b1@relay.example>\r\nReturn-Path: <>\r\n\r\nYour mail could not be delivered.\r\n");

    [Fact]
    public async Task A_kept_back_mail_is_listed_opened_redacted_and_let_in_as_a_ticket()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Backscatter, Cancel);
        Assert.Equal(OutcomeKind.Quarantined, line.Outcome);
        JournalLine listed = Assert.Single(await test.Desk.ReviewList.ListAsync(test.Tenant, test.Mailbox.Id, OutcomeKind.Quarantined, 10, Cancel));
        ReviewedMail opened = (await test.Desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, listed.MessageKey, Cancel))!;
        Assert.DoesNotContain("4111 1111", opened.Subject, StringComparison.Ordinal);
        Assert.Equal("Your mail could not be delivered.", opened.Text.Trim());

        // Said twice, and delivered twice: one ticket.
        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, AuditActor.Command, Cancel));
        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, AuditActor.Command, Cancel));
        await TestDesk.DrainAsync(test.Desk, Cancel);
        JournalLine end = (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!;
        Assert.Equal(OutcomeKind.Ticketed, end.Outcome);
        Assert.Contains("released=person", end.Steps, StringComparison.Ordinal);
        Assert.Equal(end.TicketId, Assert.Single(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Id);
        Assert.Equal(ReviewEnd.LetInBefore, await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, AuditActor.Command, Cancel));
    }

    [Fact]
    public async Task A_mail_that_became_a_ticket_while_it_was_thrown_away_has_a_line_that_says_so()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine kept = await test.TakeInAsync(Backscatter, Cancel);
        JournalLine deleted = kept with { Outcome = OutcomeKind.Rejected, Reason = OutcomeReason.DeletedByPerson }, ticketed = kept with { Outcome = OutcomeKind.Ticketed, TicketId = new string('0', 26) };
        Assert.Equal(deleted, await test.Desk.Journal.CloseAsync(test.Tenant, test.Mailbox.Id, deleted, Cancel));
        Assert.Equal(ticketed, await test.Desk.Journal.CloseAsync(test.Tenant, test.Mailbox.Id, ticketed, Cancel));
        Assert.Equal(ticketed, await test.Desk.Journal.CloseAsync(test.Tenant, test.Mailbox.Id, deleted, Cancel));
    }

    [Fact]
    public async Task A_kept_back_mail_that_is_thrown_away_cannot_be_opened_again()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Backscatter, Cancel);
        Assert.Equal(ReviewEnd.Done, await test.Desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
        Assert.Equal(OutcomeReason.DeletedByPerson, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!.Reason);
        Assert.Null(await test.Desk.Review.OpenAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
        Assert.Equal(ReviewEnd.DeletedBefore, await test.Desk.Review.DeleteAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
        Assert.Null(await test.Desk.Keys.FindRawAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
    }

    [Fact]
    public async Task Nobody_reviews_another_tenants_mail()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Backscatter, Cancel);
        Assert.Null(await other.Desk.Review.OpenAsync(other.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
        Assert.Equal(ReviewEnd.NotThere, await other.Desk.Review.ReleaseAsync(other.Tenant, test.Mailbox.Id, line.MessageKey, AuditActor.Command, Cancel));
        Assert.Equal(ReviewEnd.NotThere, await other.Desk.Review.DeleteAsync(other.Tenant, test.Mailbox.Id, line.MessageKey, Cancel));
    }

    [Fact]
    public async Task A_ticket_that_was_let_in_is_met_again_by_its_author()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] spam = Mails.From("win@lottery.example", "YOU ARE A WINNER!!! claim your prize money now", "s1@lottery.example",
            body: "Dear beneficiary, you have won 5,000,000 USD. Wire transfer. Act now! Click here http://1.2.3.4/claim Viagra cheap pills casino bonus 100% free!!!\r\n");
        JournalLine line = await test.TakeInAsync(spam, Cancel);
        Assert.SkipUnless(line.Outcome == OutcomeKind.Quarantined, "The filter lets this one through now.");
        await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, AuditActor.Command, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        JournalLine answer = await test.TakeInAsync(Mails.From("win@lottery.example", "Re: prize", "s2@lottery.example", "s1@lottery.example"), Cancel);
        Assert.Equal((OutcomeReason.JoinedAsParticipant, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!.TicketId), (answer.Reason, answer.TicketId));
    }
}
