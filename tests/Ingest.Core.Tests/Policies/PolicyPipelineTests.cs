using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Screening;
using Ingest.Core.Store;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Policies;

/// <summary>Policies where they take effect: on mail that is taken in.</summary>
[Collection(nameof(StorageCollection))]
public sealed class PolicyPipelineTests(StorageFixture storage)
{
    // A program attached, shouting, and a link to a number: the filter has no doubt of it.
    private const string SpamBody = "FREE VIAGRA!!! CLICK HERE NOW http://192.0.2.1/x to get rich quick, 100% free, act now, limited time offer, no obligation, winner, million dollars\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<TestDesk> OpenAsync(Func<MailPolicy, MailPolicy> policy)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, policy, AuditActor.Command, Cancel);
        return test;
    }

    [Fact]
    public async Task A_denied_sender_is_held_with_the_number_of_the_rule_and_let_in_by_a_person()
    {
        TestDesk test = await OpenAsync(p => p with { Rules = [new(RuleEffect.Allow, RuleSubject.Domain, "friend.example"), new(RuleEffect.Deny, RuleSubject.Address, "*@nuisance.example")] });
        JournalLine line = await test.TakeInAsync(Mails.From("ann@nuisance.example", "Hello", "1@nuisance.example"), Cancel);
        Assert.Equal((OutcomeKind.Quarantined, OutcomeReason.DeniedByRule), (line.Outcome, line.Reason));
        Assert.Contains(" policy=Deny/DeniedByRule/2 ", line.Steps, StringComparison.Ordinal);
        Assert.Contains("Rule 2 of the mailbox holds it.", Explanation.Of(line));

        Assert.Equal(OutcomeKind.Ticketed, (await test.TakeInAsync(Mails.From("bob@other.example", "Hello", "1@other.example"), Cancel)).Outcome);
        await test.Desk.Review.ReleaseAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, AuditActor.Command, Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Assert.Equal(OutcomeKind.Ticketed, (await test.Desk.Journal.FindAsync(test.Tenant, test.Mailbox.Id, line.MessageKey, Cancel))!.Outcome);
    }

    [Fact]
    public async Task An_allowed_sender_is_taken_whatever_the_filter_says_unless_the_mail_fails_its_domains_check()
    {
        TestDesk test = await OpenAsync(p => p with { Rules = [new(RuleEffect.Allow, RuleSubject.Domain, "friend.example")] });
        JournalLine stranger = await test.TakeInAsync(Mails.From("ann@stranger.example", "WIN A MILLION DOLLARS!!!", "1@stranger.example", body: SpamBody, authenticated: false), Cancel);
        JournalLine friend = await test.TakeInAsync(Mails.From("ann@friend.example", "WIN A MILLION DOLLARS!!!", "1@friend.example", body: SpamBody), Cancel);
        JournalLine forged = await test.TakeInAsync(Mails.From("ann@friend.example", "WIN A MILLION DOLLARS!!!", "2@friend.example", body: SpamBody, authenticated: false), Cancel);
        Assert.Equal(OutcomeReason.Spam, stranger.Reason);
        Assert.Equal(OutcomeKind.Ticketed, friend.Outcome);
        Assert.Contains(" policy=Allow/None/1 ", friend.Steps, StringComparison.Ordinal);
        Assert.Equal(OutcomeReason.Spam, forged.Reason);
        Assert.Contains(" policy=AllowRefused/None/1 ", forged.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_mail_of_a_stranger_is_held_where_that_is_wanted_and_a_customers_second_is_not()
    {
        TestDesk test = await OpenAsync(p => p);
        await test.TakeInAsync(Mails.From("ann@customer.example", "Hello", "1@customer.example"), Cancel);
        await test.Desk.Policies.ChangeAsync(test.Tenant, test.Mailbox.Id, p => p with { FirstContact = FirstContactMail.Hold }, AuditActor.Command, Cancel);
        Assert.Equal(OutcomeKind.Ticketed, (await test.TakeInAsync(Mails.From("ann@customer.example", "Again", "2@customer.example"), Cancel)).Outcome);
        Assert.Equal(OutcomeReason.FirstContact, (await test.TakeInAsync(Mails.From("eve@new.example", "Hello", "1@new.example"), Cancel)).Reason);
    }

    [Fact]
    public async Task What_an_agent_should_beware_of_is_kept_with_the_message_and_in_the_journal()
    {
        TestDesk test = await OpenAsync(p => p);
        JournalLine line = await test.TakeInAsync(Mails.From("service@paypa1.example", "Your account", "1@paypa1.example"), Cancel);
        Assert.Equal(OutcomeKind.Ticketed, line.Outcome);
        Assert.Contains(" hints=LookAlikeDomain ", line.Steps, StringComparison.Ordinal);
        TicketMessage message = (await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel)).Single();
        Assert.Equal([PhishingHint.LookAlikeDomain], message.Document!.Hints);
        Assert.Contains("The sender's domain looks like a well-known one, and is another.", Explanation.Of(line));
    }

    [Fact]
    public async Task Beyond_the_limit_mail_is_held_and_never_lost_and_others_are_still_taken()
    {
        TestDesk test = await OpenAsync(p => p with { MostFromSenderPerHour = 3 });
        List<byte[]> mails = [.. Enumerable.Range(0, 6).Select(i => Mails.From("robot@machine.example", $"Alarm {i}", $"{i}@machine.example", body: $"Alarm number {i}\r\n")), Mails.From("ann@customer.example", "Hello", "1@customer.example")];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        List<JournalLine> lines = await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel);
        Assert.Equal((4, 3), (lines.Count(l => l.Outcome == OutcomeKind.Ticketed), lines.Count(l => l.Reason == OutcomeReason.RateLimited)));
    }

    [Fact]
    public async Task Failure_40_the_same_content_again_and_again_is_held()
    {
        TestDesk test = await OpenAsync(p => p with { MostSamePerHour = 2 });
        List<byte[]> mails = [.. Enumerable.Range(0, 5).Select(i => Mails.From("robot@machine.example", string.Concat(Enumerable.Repeat("Re: ", i)) + "Your ticket", $"{i}@machine.example", body: "Thank you for your mail.\r\n"))];
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        List<JournalLine> lines = await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel);
        Assert.Equal((2, 3), (lines.Count(l => l.Outcome == OutcomeKind.Ticketed), lines.Count(l => l.Reason == OutcomeReason.RepeatedContent)));
    }

    [Fact]
    public async Task Two_processes_and_any_number_of_retries_count_each_mail_once()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        using TenantKeys ids = await test.Desk.Keys.ForTenantAsync(test.Tenant, Cancel);
        MailRates[] processes = [new(test.Desk.Storage.Tables), new(test.Desk.Storage.Tables)];
        MailPolicy policy = new() { MostFromSenderPerHour = 10, MostFromDomainPerHour = 0, MostSamePerHour = 1000 };
        MailMessage message = MailMessage.Parse("From: ann@customer.example\r\nSubject: x\r\n\r\nhello"u8.ToArray());
        AuthVerdict auth = Authenticate.FromProvider(message, []);
        int within = 0;
        for (int number = 0; number < 40; number++)
            for (int tries = 0; tries < 3; tries++)
            {
                Work mail = Work.Sync(test.Tenant, test.Mailbox.Id) with { MessageKey = ids.AnchorKey(test.Mailbox.Id, $"{number}"), ReceivedUnixMs = 1_790_000_000_000 };
                RateExcess excess = await processes[(number + tries) % 2].CountAsync(mail, message, auth, policy, ids, Cancel);
                if (tries == 0 && excess == RateExcess.None) within++;
            }

        Assert.Equal(10, within);
    }

    [Fact]
    public async Task A_years_mail_that_is_read_at_once_is_beyond_no_limit_and_counting_costs_nothing()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        using TenantKeys ids = await test.Desk.Keys.ForTenantAsync(test.Tenant, Cancel);
        MailRates rates = new(test.Desk.Storage.Tables);
        MailPolicy policy = new() { MostFromSenderPerHour = 10, MostPerHour = 10 };
        MailMessage message = MailMessage.Parse("From: ann@customer.example\r\nSubject: x\r\n\r\nhello"u8.ToArray());
        AuthVerdict auth = Authenticate.FromProvider(message, []);
        using OperationCounter count = OperationCounter.Start();
        for (int number = 0; number < 300; number++)
        {
            Work mail = Work.Sync(test.Tenant, test.Mailbox.Id) with { MessageKey = $"{number}", ReceivedUnixMs = 1_700_000_000_000 + (number * 3_600_000L) };
            Assert.Equal(RateExcess.None, await rates.CountAsync(mail, message, auth, policy, ids, Cancel));
        }

        Assert.Equal(0, count.Tables);
    }

    [Fact]
    public async Task Who_forges_a_customer_does_not_use_up_the_customers_limit()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        using TenantKeys ids = await test.Desk.Keys.ForTenantAsync(test.Tenant, Cancel);
        MailRates rates = new(test.Desk.Storage.Tables);
        MailPolicy policy = new() { MostFromSenderPerHour = 2 };
        MailMessage message = MailMessage.Parse("From: ann@customer.example\r\nSubject: x\r\n\r\nhello"u8.ToArray());
        AuthVerdict forged = Authenticate.FromProvider(message, []), proven = forged with { Authenticated = true };
        for (int number = 0; number < 5; number++)
            await rates.CountAsync(Work.Sync(test.Tenant, test.Mailbox.Id) with { MessageKey = $"f{number}" }, message, forged, policy, ids, Cancel);
        Assert.Equal(RateExcess.Sender, await rates.CountAsync(Work.Sync(test.Tenant, test.Mailbox.Id) with { MessageKey = "f9" }, message, forged, policy, ids, Cancel));
        Assert.Equal(RateExcess.None, await rates.CountAsync(Work.Sync(test.Tenant, test.Mailbox.Id) with { MessageKey = "p1" }, message, proven, policy, ids, Cancel));
    }
}
