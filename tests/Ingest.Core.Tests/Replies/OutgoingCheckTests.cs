using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Replies;

/// <summary>What must not leave does not leave: masked where it is quoted, refused where somebody wrote it.</summary>
[Collection(nameof(StorageCollection))]
public sealed class OutgoingCheckTests(StorageFixture storage)
{
    private const string Card = "4111 1111 1111 1111", Iban = "DE89 3704 0044 0532 0130 00", Private = "ann.private@customer.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<(TestDesk Test, string Ticket)> HouseAsync(string body = $"Please take it from {Card}.\r\n")
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Off;
        JournalLine line = await test.TakeInAsync(Mails.From("ann@customer.example", $"Payment by {Card}", "a1@customer.example", body: body), Cancel);
        test.Redaction = RedactionPolicy.Default;
        return (test, line.TicketId);
    }

    private static Task<ReplyRefusedException> RefusedAsync(TestDesk test, string ticket, NewReply reply) => Assert.ThrowsAsync<ReplyRefusedException>(() => test.Desk.Replies.QueueAsync(test.Tenant, ticket, reply, Cancel));

    [Fact]
    public async Task What_is_quoted_is_masked_in_text_html_and_subject()
    {
        (TestDesk test, string ticket) = await HouseAsync();
        ReplyAccepted accepted = (await test.Desk.Replies.QueueAsync(test.Tenant, ticket, new NewReply { Text = "Thank you.", QuoteHistory = true }, Cancel))!;
        MessageDocument sent = (await test.Desk.Tickets.FindMessageAsync(test.Tenant, ticket, accepted.Key, Cancel))!.Document!;
        Assert.Equal("Re: Payment by •••• •••• •••• 1111", sent.Subject);
        Assert.Contains("> Please take it from •••• •••• •••• 1111.", sent.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("1111 1111", sent.Text + sent.Html + sent.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_leave_is_masked_in_notes_before_they_are_kept_and_is_readable_nowhere_at_rest()
    {
        (TestDesk test, string ticket) = await HouseAsync(body: "Hello.\r\n");
        NewNote note = new($"She read out {Card}, exp 12/29, cvv 737. Password: hunter2!Xz9. SSN 536-90-4399. Call her at +1 415 555 0132, {Iban} is on file.", "p1", $"Bea {Card}", "n1");

        NoteAccepted kept = (await test.Desk.Replies.AddNoteAsync(test.Tenant, ticket, note, Cancel))!;

        Assert.Equal([(FindingType.Card, 2), (FindingType.CardExpiry, 1), (FindingType.CardCode, 1), (FindingType.NationalId, 1), (FindingType.Secret, 1)], kept.Masked.OrderBy(m => m.Key).Select(m => (m.Key, m.Value)));
        TicketMessage written = (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, ticket, kept.Key, Cancel))!;
        // What somebody noted on purpose and may send as well stays.
        Assert.Contains("Call her at +1 415 555 0132", written.Document!.Text, StringComparison.Ordinal);
        Assert.Contains(Iban, written.Document.Text, StringComparison.Ordinal);
        Assert.Equal(("Bea •••• •••• •••• 1111", 6, true), (written.Document.FromName, written.Document.Redactions, written.Flags.HasFlag(MessageMarks.Redacted)));
        Retention.Readable all = await Retention.Readable.OfAsync(test.NewProcess(), test.Tenant);
        foreach (string canary in new[] { "She read out 4111", "Bea 4111", "cvv 737", "hunter2!Xz9", "536-90-4399", "exp 12/29" }) Assert.Empty(all.Holds(canary));
        // Handed in again it is the same note, and another text another.
        Assert.Equal(kept.Key, (await test.Desk.Replies.AddNoteAsync(test.Tenant, ticket, note, Cancel))!.Key);
        await Assert.ThrowsAsync<ReplyRefusedException>(() => test.Desk.Replies.AddNoteAsync(test.Tenant, ticket, note with { Text = "Another." }, Cancel));
    }

    [Fact]
    public async Task A_dry_run_masks_no_note_and_neither_does_a_mailbox_that_looks_for_nothing()
    {
        (TestDesk test, string ticket) = await HouseAsync();
        foreach (RedactionPolicy policy in (RedactionPolicy[])[RedactionPolicy.Default with { DryRun = true }, RedactionPolicy.Off])
        {
            test.Redaction = policy;
            NoteAccepted kept = (await test.Desk.Replies.AddNoteAsync(test.Tenant, ticket, new NewNote($"It is {Card}.", "p1", "Bea"), Cancel))!;
            Assert.Empty(kept.Masked);
            Assert.Equal($"It is {Card}.", (await test.Desk.Tickets.FindMessageAsync(test.Tenant, ticket, kept.Key, Cancel))!.Document!.Text);
        }
    }

    [Fact]
    public async Task A_card_in_the_name_beside_an_address_is_readable_in_no_profile_list_or_ticket()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        test.Redaction = RedactionPolicy.Default with { Original = OriginalMail.NotKept };
        byte[] mail = System.Text.Encoding.UTF8.GetBytes($"""
            Authentication-Results: mx.google.com; dkim=pass header.d=customer.example; dmarc=pass header.from=customer.example
            From: "Ann {Card}" <ann@customer.example>
            Reply-To: "Ann {Card}" <home@customer.example>
            To: "Desk {Card}" <support@acme.example>
            Cc: "Carl {Card}" <carl@customer.example>
            Subject: Hello
            Message-ID: <a1@customer.example>

            Hello.

            """.ReplaceLineEndings("\r\n"));
        JournalLine line = await test.TakeInAsync(mail, Cancel);
        Assert.Equal("Ann •••• •••• •••• 1111", (await test.NewProcess().Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!.Document!.RequesterName);
        string contact = (await test.Desk.Contacts.FindAsync(test.Tenant, "ann@customer.example", Cancel))!;
        Assert.Equal("Ann •••• •••• •••• 1111", (await test.NewProcess().Contacts.OpenAsync(test.Tenant, contact, Cancel))!.Name);
        Assert.Empty((await Retention.Readable.OfAsync(test.NewProcess(), test.Tenant)).Holds("4111 1111"));
    }

    [Fact]
    public async Task An_agents_own_words_and_files_are_refused_by_name_and_without_content()
    {
        (TestDesk test, string ticket) = await HouseAsync();
        foreach (NewReply reply in (NewReply[])[
            new() { Text = $"Your card is {Card}." }, new() { Text = "See below.", Html = "<p>4111 <b>1111 1111</b> 1111</p>" },
            new() { Text = "See the file.", Attachments = [new NewAttachment("list.txt", "text/plain", System.Text.Encoding.UTF8.GetBytes($"card {Card}"))] },
            new() { Text = "See the file.", Attachments = [new NewAttachment($"{Card}.bin", "application/octet-stream", new byte[3])] }])
        {
            ReplyRefusedException refused = await RefusedAsync(test, ticket, reply);
            Assert.Equal((OutgoingCheck.Code, true), (refused.Code, refused.Fix.Contains(": card.", StringComparison.Ordinal)));
            Assert.Equal([FindingType.Card], refused.Found);
            Assert.DoesNotContain("1111", refused.Fix, StringComparison.Ordinal);
            // Whatever is said, a card is never sent.
            await RefusedAsync(test, ticket, reply with { SendAnyway = [FindingType.Card] });
        }

        Assert.Single(await test.Desk.Tickets.MessagesAsync(test.Tenant, ticket, Cancel));
    }

    [Fact]
    public async Task An_agent_may_send_an_account_a_telephone_number_or_an_address_on_purpose()
    {
        (TestDesk test, string ticket) = await HouseAsync();
        string text = $"Pay to {Iban}, call +49 30 901820, or write to pay@acme.example.";
        ReplyAccepted accepted = (await test.Desk.Replies.QueueAsync(test.Tenant, ticket, new NewReply { Text = text }, Cancel))!;
        Assert.Equal(text, (await test.Desk.Tickets.FindMessageAsync(test.Tenant, ticket, accepted.Key, Cancel))!.Document!.Text);
    }

    [Fact]
    public async Task What_the_mailbox_does_not_send_leaves_when_a_person_says_so()
    {
        (TestDesk test, string ticket) = await HouseAsync();
        test.Redaction = RedactionPolicy.Default with { Outgoing = [FindingType.Email, FindingType.Card] };
        NewReply reply = new() { Text = $"Write to {Private}." };
        ReplyRefusedException refused = await RefusedAsync(test, ticket, reply);
        Assert.Equal([FindingType.Email], refused.Found);
        Assert.Contains("say that it is to be sent anyway", refused.Fix, StringComparison.Ordinal);
        Assert.NotNull(await test.Desk.Replies.QueueAsync(test.Tenant, ticket, reply with { SendAnyway = [FindingType.Email] }, Cancel));
        // One more sort that was not named is refused.
        Assert.Equal([FindingType.Card], (await RefusedAsync(test, ticket, new NewReply { Text = $"{Private} and {Card}", SendAnyway = [FindingType.Email] })).Found);
    }

    [Fact]
    public async Task A_file_that_nobody_can_look_into_leaves_on_a_persons_word_where_the_mailbox_keeps_none_such()
    {
        (TestDesk test, string ticket) = await HouseAsync();
        NewReply reply = new() { Text = "See the file.", Attachments = [new NewAttachment("talk.mp3", "audio/mpeg", "ID3\u0004"u8.ToArray())] };
        test.Redaction = RedactionPolicy.Default with { Unreadable = UnreadFile.Withhold };
        ReplyRefusedException refused = await RefusedAsync(test, ticket, reply);
        Assert.Equal((OutgoingCheck.UnreadCode, true), (refused.Code, refused.HasUnread));
        Assert.Empty(refused.Found);
        // The word on the file is none on a card in the text.
        Assert.Equal((OutgoingCheck.Code, false), (await RefusedAsync(test, ticket, reply with { Text = Card, SendUnread = true })) is var both ? (both.Code, both.HasUnread) : default);
        Assert.NotNull(await test.Desk.Replies.QueueAsync(test.Tenant, ticket, reply with { SendUnread = true }, Cancel));

        test.Redaction = RedactionPolicy.Default;
        Assert.NotNull(await test.Desk.Replies.QueueAsync(test.Tenant, ticket, reply, Cancel));
    }

    [Fact]
    public async Task The_kind_of_a_file_is_known_by_its_name_and_a_card_as_author_is_refused()
    {
        (TestDesk test, string ticket) = await HouseAsync();
        byte[] table = System.Text.Encoding.UTF8.GetBytes($"name;card\r\nAnn;{Card}\r\n");
        Assert.Equal([FindingType.Card], (await RefusedAsync(test, ticket, new NewReply { Text = "See the file.", Attachments = [new NewAttachment("list.csv", "application/octet-stream", table)] })).Found);
        Assert.Equal([FindingType.Card], (await RefusedAsync(test, ticket, new NewReply { Text = "Hello.", AuthorName = $"Ann {Card}" })).Found);
    }

    [Fact]
    public async Task Nothing_is_looked_for_where_the_policy_lets_everything_leave()
    {
        (TestDesk test, string ticket) = await HouseAsync();
        foreach (RedactionPolicy policy in new[] { RedactionPolicy.Off, RedactionPolicy.Default with { Outgoing = [] } })
        {
            test.Redaction = policy;
            Assert.NotNull(await test.Desk.Replies.QueueAsync(test.Tenant, ticket, new NewReply { Text = $"Your card is {Card}.", QuoteHistory = true }, Cancel));
        }
    }

    [Fact]
    public void An_acknowledgement_is_masked_in_its_words_and_its_subject()
    {
        MailboxRedaction usual = MailboxRedaction.Usual;
        Assert.Equal("We have your card •••• •••• •••• 1111.", OutgoingCheck.Masked($"We have your card {Card}.", usual));
        Assert.Equal($"Ours is {Iban}.", OutgoingCheck.Masked($"Ours is {Iban}.", usual));
    }
}
