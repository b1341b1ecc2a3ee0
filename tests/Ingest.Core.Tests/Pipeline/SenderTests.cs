using System.Globalization;
using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Screening;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Auth;
using Ingest.Mail.Dns;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Who really sent it, from the bytes and a table of DNS records to the ticket.</summary>
[Collection(nameof(StorageCollection))]
public sealed class SenderTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signature_of_the_authors_domain_that_we_checked_ourselves_proves_the_author()
    {
        TestDesk test = await OpenAsync();
        (JournalLine line, TicketMessage message) = await TakeInAsync(test, SenderKeys.Customer.Sign(Plain("ann@customer.example", "a1")));
        Assert.Contains("auth=DmarcPass ", line.Steps, StringComparison.Ordinal);
        Assert.False(message.Flags.HasFlag(MessageMarks.Unverified));
    }

    [Fact]
    public async Task Failure_33_results_that_a_stranger_wrote_into_the_mail_prove_nothing()
    {
        TestDesk test = await OpenAsync();
        string forged = "Authentication-Results: mx.google.com; dkim=pass header.d=customer.example; dmarc=pass header.from=customer.example\r\n";
        string top = "Authentication-Results: mx.evil.example; dmarc=pass header.from=customer.example\r\n";
        (JournalLine line, TicketMessage message) = await TakeInAsync(test, Encoding.ASCII.GetBytes(top + forged + Plain("ann@customer.example", "f1")));
        Assert.Contains("auth=OriginUnknown ", line.Steps, StringComparison.Ordinal);
        Assert.True(message.Flags.HasFlag(MessageMarks.Unverified));
    }

    [Fact]
    public async Task A_mail_that_a_trusted_list_changed_is_believed_and_not_from_a_list_that_nobody_trusts()
    {
        byte[] forwarded = SenderKeys.Lists.Seal(Plain("ann@customer.example", "l1"), "lists.example; dmarc=pass header.from=customer.example");
        TestDesk test = await OpenAsync();
        (JournalLine line, _) = await TakeInAsync(test, forwarded);
        Assert.Contains("auth=OriginUnknown ", line.Steps, StringComparison.Ordinal);

        TestDesk trusting = await OpenAsync(p => p with { TrustedSealers = ["lists.example"] });
        (line, _) = await TakeInAsync(trusting, forwarded);
        Assert.Contains("auth=TrustedArc ", line.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_33_a_reply_joins_its_thread_only_when_its_author_is_proven()
    {
        TestDesk test = await OpenAsync();
        JournalLine root = await test.TakeInAsync(SenderKeys.Customer.Sign(Plain("ann@customer.example", "r1")), Cancel);
        JournalLine forged = await test.TakeInAsync(Encoding.ASCII.GetBytes(Plain("ann@customer.example", "r2", "In-Reply-To: <r1@customer.example>\r\n")), Cancel);
        JournalLine stranger = await test.TakeInAsync(SenderKeys.Lists.Sign(Plain("eve@lists.example", "r3", "In-Reply-To: <r1@customer.example>\r\n")), Cancel);
        JournalLine reply = await test.TakeInAsync(SenderKeys.Customer.Sign(Plain("ann@customer.example", "r4", "In-Reply-To: <r1@customer.example>\r\n")), Cancel);
        Assert.Equal((OutcomeReason.NewTicketLinked, OutcomeReason.NewTicketLinked), (forged.Reason, stranger.Reason));
        Assert.Equal((OutcomeReason.JoinedAsParticipant, root.TicketId), (reply.Reason, reply.TicketId));
    }

    [Fact]
    public async Task A_mail_waits_while_DNS_is_down_and_is_proven_when_it_is_back()
    {
        TestDesk test = await OpenAsync();
        int asked = 0;
        DnsLookup zone = test.Dns;
        test.UseDns((name, type, cancel) => Interlocked.Increment(ref asked) <= 6 ? ValueTask.FromResult(DnsAnswer.TimeOut) : zone(name, type, cancel));
        JournalLine line = await test.TakeInAsync(SenderKeys.Customer.Sign(Plain("ann@customer.example", "w1")), Cancel);
        Assert.Contains("auth=DmarcPass ", line.Steps, StringComparison.Ordinal);
        Assert.InRange(line.Attempt, 1, 3);
    }

    [Fact]
    public async Task A_mail_goes_on_as_not_authenticated_when_DNS_stays_down()
    {
        TestDesk test = await OpenAsync();
        test.UseDns((_, _, _) => ValueTask.FromResult(DnsAnswer.ServFail));
        (JournalLine line, TicketMessage message) = await TakeInAsync(test, SenderKeys.Customer.Sign(Plain("ann@customer.example", "d1")));
        Assert.Contains("auth=TempError ", line.Steps, StringComparison.Ordinal);
        Assert.Equal(Authenticate.MostDnsWaits, line.Attempt);
        Assert.True(message.Flags.HasFlag(MessageMarks.Unverified));
    }

    [Theory]
    [InlineData("Return-Path: <ann@customer.example>\r\nReceived: from mail.customer.example (mail.customer.example [192.0.2.1]) by mx.acme.example with ESMTPS; Sun, 22 Nov 2026 10:00:00 +0000\r\n", "DmarcPass")]
    [InlineData("Return-Path: <ann@customer.example>\r\nReceived: from mail.customer.example (evil.example [192.0.2.66]) by mx.acme.example with ESMTPS; Sun, 22 Nov 2026 10:00:00 +0000\r\n", "DmarcFail")]
    // What a stranger writes below his own line.
    [InlineData("Return-Path: <ann@customer.example>\r\nReceived: from evil.example (evil.example [192.0.2.66]) by mx.acme.example; Sun, 22 Nov 2026 10:00:00 +0000\r\nReceived: from mail.customer.example (mail.customer.example [192.0.2.1]) by mx.acme.example; Sun, 22 Nov 2026 10:00:00 +0000\r\n", "DmarcFail")]
    // A line that no server of the provider wrote.
    [InlineData("Return-Path: <ann@customer.example>\r\nReceived: from mail.customer.example (mail.customer.example [192.0.2.1]) by mx.evil.example; Sun, 22 Nov 2026 10:00:00 +0000\r\n", "OriginUnknown")]
    [InlineData("", "OriginUnknown")]
    public async Task SPF_is_asked_about_the_client_of_the_providers_own_line_and_not_at_all_when_it_cannot_be_known(string trace, string code)
    {
        TestDesk test = await OpenAsync(p => p with { ReceivingServers = ["mx.acme.example"] });
        (JournalLine line, _) = await TakeInAsync(test, Encoding.ASCII.GetBytes(trace + Plain("ann@customer.example", "s1")));
        Assert.Contains($"auth={code} ", line.Steps, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "OriginUnknown", AuthResult.None)]
    [InlineData(false, "DmarcPass", AuthResult.Pass)]
    public async Task Whose_checks_are_believed_says_nothing_of_the_servers_of_an_IMAP_mailbox(bool imap, string code, AuthResult spf)
    {
        TestDesk test = imap ? await new TestDesk(storage).OpenForRepliesAsync(Cancel) : await OpenAsync();
        test.UseDns(SenderKeys.Zone);
        string trace = "Return-Path: <ann@customer.example>\r\nReceived: from mail.customer.example (mail.customer.example [192.0.2.1]) by mx.google.com with ESMTPS; Sun, 22 Nov 2026 10:00:00 +0000\r\n";
        (JournalLine line, TicketMessage message) = await TakeInAsync(test, Encoding.ASCII.GetBytes(trace + Plain("ann@customer.example", "i1")));
        Assert.Contains($"auth={code} ", line.Steps, StringComparison.Ordinal);
        Assert.Equal(spf, message.Document!.Sender!.Spf);
    }

    [Fact]
    public async Task Failure_35_a_stranger_who_wants_answers_at_a_customers_or_our_address_is_a_stranger()
    {
        TestDesk test = await OpenAsync();
        JournalLine root = await test.TakeInAsync(SenderKeys.Customer.Sign(Plain("ann@customer.example", "p1")), Cancel);
        foreach ((string answers, string id) in new[] { ("ann@customer.example", "p2"), (TestDesk.Address, "p3") })
        {
            (JournalLine line, TicketMessage message) = await TakeInAsync(test, SenderKeys.Lists.Sign(Plain("eve@lists.example", id, $"Reply-To: {answers}\r\nIn-Reply-To: <p1@customer.example>\r\n")));
            Ticket ticket = (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!;
            Assert.NotEqual(root.TicketId, line.TicketId);
            Assert.Equal(("eve@lists.example", "eve@lists.example", answers), (ticket.Document!.RequesterAddress, message.Document!.FromAddress, message.Document.ReplyTo));
            Assert.NotEqual((await test.Desk.Tickets.FindAsync(test.Tenant, root.TicketId, Cancel))!.Document!.Requester, ticket.Document.Requester);
            Assert.Equal("lists.example", message.Document.Sender!.Domain);
        }
    }

    [Fact]
    public async Task What_the_provider_left_out_is_checked_here_beside_what_it_found()
    {
        TestDesk test = await OpenAsync();
        string spf = "Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=bounces@lists.example\r\n";
        (JournalLine line, TicketMessage message) = await TakeInAsync(test, [.. Encoding.ASCII.GetBytes(spf), .. SenderKeys.Customer.Sign(Plain("ann@customer.example", "b1"))]);
        Assert.Contains("auth=DmarcPass ", line.Steps, StringComparison.Ordinal);
        Assert.Equal((AuthChecker.Both, AuthResult.Pass, AuthResult.Pass, "customer.example"), (message.Document!.Sender!.Checker, message.Document.Sender.Spf, message.Document.Sender.Dkim, message.Document.Sender.Signer));
        Assert.Equal("Verified: customer.example sent it. Its signature holds (DKIM), as the mail provider and we found.", message.Document.Sender.ToSentence());

        (line, message) = await TakeInAsync(test, Encoding.ASCII.GetBytes(spf + Plain("ann@customer.example", "b2")));
        Assert.Contains("auth=DmarcFail ", line.Steps, StringComparison.Ordinal);
        Assert.Equal("Not verified: customer.example says that mail like this is not its own; it asks to refuse mail that is not proven.", message.Document!.Sender!.ToSentence());
    }

    [Fact]
    public async Task The_providers_own_word_is_not_asked_of_DNS_again()
    {
        TestDesk test = await OpenAsync();
        test.UseDns((_, _, _) => throw new InvalidOperationException("DNS was asked."));
        JournalLine line = await test.TakeInAsync(Mails.From("ann@customer.example", "x", "q1@customer.example"), Cancel);
        Assert.Contains("auth=DmarcPass ", line.Steps, StringComparison.Ordinal);
        line = await test.TakeInAsync(Mails.From("ann@customer.example", "x", "q2@customer.example", authenticated: false), Cancel);
        Assert.Contains("auth=DmarcFail ", line.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_seal_that_does_not_cover_the_author_is_not_believed()
    {
        TestDesk test = await OpenAsync(p => p with { TrustedSealers = ["lists.example"] });
        (JournalLine line, _) = await TakeInAsync(test, SenderKeys.Lists.Seal(Plain("ann@customer.example", "c1"), "lists.example; dmarc=pass header.from=customer.example", "subject"));
        Assert.Contains("auth=OriginUnknown ", line.Steps, StringComparison.Ordinal);
        // What the list found is about another author than the one shown.
        (line, _) = await TakeInAsync(test, SenderKeys.Lists.Seal(Plain("ann@customer.example", "c2"), "lists.example; dmarc=pass header.from=eve.example"));
        Assert.Contains("auth=OriginUnknown ", line.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trusted_list_is_believed_where_the_provider_found_that_DMARC_failed()
    {
        TestDesk test = await OpenAsync(p => p with { TrustedSealers = ["lists.example"] });
        string provider = "Authentication-Results: mx.google.com; dkim=none; spf=pass smtp.mailfrom=lists.example; dmarc=fail (p=REJECT) header.from=customer.example\r\n";
        (JournalLine line, TicketMessage message) = await TakeInAsync(test, [.. Encoding.ASCII.GetBytes(provider), .. SenderKeys.Lists.Seal(Plain("ann@customer.example", "g1"), "lists.example; dmarc=pass header.from=customer.example")]);
        Assert.Contains("auth=TrustedArc ", line.Steps, StringComparison.Ordinal);
        Assert.Equal("Verified: customer.example sent it, as lists.example found, which passed it on and is trusted with that.", message.Document!.Sender!.ToSentence());
        Assert.False(message.Flags.HasFlag(MessageMarks.Unverified));
    }

    [Theory]
    [InlineData("ann@mail.nodmarc.example", "AlignedDkim")]
    [InlineData("ann@nodmarc.example", "AlignedDkim")]
    [InlineData("ann@example", "NotAligned")]
    [InlineData("ann@other.example", "NotAligned")]
    public async Task Without_a_DMARC_record_a_domain_speaks_for_itself_and_for_those_below_it(string from, string code)
    {
        SendingDomain signer = new("nodmarc.example");
        TestDesk test = await OpenAsync();
        test.UseDns(SenderKeys.Table(new() { ["s._domainkey.nodmarc.example"] = new { TXT = new[] { signer.Record } } }).LookupAsync);
        (JournalLine line, _) = await TakeInAsync(test, signer.Sign(Plain(from, "n1")));
        Assert.Contains($"auth={code} ", line.Steps, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_DMARC_record_a_name_below_does_not_speak_for_the_one_above()
    {
        SendingDomain signer = new("shop.uk.example");
        TestDesk test = await OpenAsync();
        test.UseDns(SenderKeys.Table(new() { ["s._domainkey.shop.uk.example"] = new { TXT = new[] { signer.Record } } }).LookupAsync);
        (JournalLine line, _) = await TakeInAsync(test, signer.Sign(Plain("ann@uk.example", "u1")));
        Assert.Contains("auth=NotAligned ", line.Steps, StringComparison.Ordinal);
    }

    private async Task<TestDesk> OpenAsync(Func<MailboxProfile, MailboxProfile>? change = null)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        if (change is not null) await test.Desk.Mailboxes.ChangeProfileAsync(test.Tenant, test.Mailbox.Id, change, Cancel);
        test.UseDns(SenderKeys.Zone);
        return test;
    }

    private static async Task<(JournalLine Line, TicketMessage Message)> TakeInAsync(TestDesk test, byte[] mail)
    {
        JournalLine line = await test.TakeInAsync(mail, Cancel);
        Assert.Equal(OutcomeKind.Ticketed, line.Outcome);
        return (line, (await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel))[^1]);
    }

    private static string Plain(string from, string id, string extra = "") => string.Create(CultureInfo.InvariantCulture,
        $"From: {from}\r\nTo: {TestDesk.Address}\r\nSubject: Printer {id}\r\nMessage-ID: <{id}@customer.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n{extra}\r\nHello,\r\nplease help.\r\n");
}
