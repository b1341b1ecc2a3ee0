using Ingest.Core.Audit;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Tickets;

/// <summary>What agents do with a ticket.</summary>
[Collection(nameof(StorageCollection))]
public sealed class TicketChangeTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ticket_closes_opens_and_is_in_one_list_at_a_time()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        foreach (TicketState state in new[] { TicketState.Closed, TicketState.Closed, TicketState.Open, TicketState.Closed })
        {
            Assert.True(await test.Desk.Tickets.SetStateAsync(test.Tenant, line.TicketId, state, Cancel));
            Assert.Equal(state == TicketState.Open ? 1 : 0, (await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel)).Count);
            Assert.Equal(state == TicketState.Closed ? 1 : 0, (await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Closed, 10, Cancel)).Count);
        }

        await test.TakeInAsync(Mails.From("ann@ann.example", "Re: Printer", "a2@ann.example", "a1@ann.example"), Cancel);
        Assert.Single(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
        Assert.Empty(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Closed, 10, Cancel));
    }

    [Fact]
    public async Task Many_changes_at_once_all_hold()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        await Task.WhenAll(
            test.NewProcess().Tickets.AssignAsync(test.Tenant, line.TicketId, "p1", Cancel),
            test.NewProcess().Replies.AddNoteAsync(test.Tenant, line.TicketId, new NewNote("Look here.", "p1", "Maria", "n1"), Cancel),
            test.NewProcess().Replies.AddNoteAsync(test.Tenant, line.TicketId, new NewNote("Look here.", "p1", "Maria", "n1"), Cancel),
            test.NewProcess().Tickets.SetStateAsync(test.Tenant, line.TicketId, TicketState.Closed, Cancel));
        Ticket ticket = (await test.Desk.Tickets.FindAsync(test.Tenant, line.TicketId, Cancel))!;
        Assert.Equal((TicketState.Closed, "p1", 2), (ticket.State, ticket.Document!.Assignee, ticket.Messages));
        TicketMessage note = (await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel)).Single(m => m.Direction == MessageDirection.Note);
        Assert.Equal(("Look here.", "Maria", "p1"), (note.Document!.Text, note.Document.FromName, note.Document.Author));
        Assert.Equal(MessageMarks.None, ticket.Flags & (MessageMarks.Note | MessageMarks.Outbound));
    }

    [Fact]
    public async Task A_long_ticket_is_read_in_parts()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        for (int i = 1; i <= 30; i++) await test.Desk.Replies.AddNoteAsync(test.Tenant, line.TicketId, new NewNote($"Note {i}.", "p1", "Maria", $"n{i}"), Cancel);

        string[] all = [.. (await test.Desk.Tickets.MessagesAsync(test.Tenant, line.TicketId, Cancel)).Select(m => m.Key)];
        List<string> read = [];
        MessagePart part = await test.Desk.Tickets.NewestMessagesAsync(test.Tenant, line.TicketId, 12, Cancel);
        while (part.Messages.Count > 0)
        {
            Assert.Equal(all.Length - read.Count - part.Messages.Count, part.Earlier);
            read.InsertRange(0, part.Messages.Select(m => m.Key));
            part = await test.Desk.Tickets.NewestMessagesAsync(test.Tenant, line.TicketId, 12, Cancel, read[0]);
        }

        Assert.Equal(31, all.Length);
        Assert.Equal(all, read);
        Assert.Empty((await test.Desk.Tickets.NewestMessagesAsync(test.Tenant, line.TicketId, 12, Cancel, "nosuchkey")).Messages);
    }

    [Fact]
    public async Task A_notes_key_is_good_for_one_text()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        string? key = (await test.Desk.Replies.AddNoteAsync(test.Tenant, line.TicketId, new NewNote("Look here.", "p1", "Maria", "n1"), Cancel))?.Key;
        Assert.Equal(key, (await test.Desk.Replies.AddNoteAsync(test.Tenant, line.TicketId, new NewNote("Look here.", "p1", "Maria", "n1"), Cancel))?.Key);
        Assert.Equal("idempotency-key-reused", (await Assert.ThrowsAsync<ReplyRefusedException>(
            () => test.Desk.Replies.AddNoteAsync(test.Tenant, line.TicketId, new NewNote("Look there.", "p1", "Maria", "n1"), Cancel))).Code);
    }

    [Fact]
    public async Task A_note_handed_in_again_is_the_same_whatever_is_masked_by_now()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        Task<NoteAccepted?> AddAsync(string text, string key) => test.Desk.Replies.AddNoteAsync(test.Tenant, line.TicketId, new NewNote(text, "p1", "Maria", key), Cancel);
        RedactionPolicy off = RedactionPolicy.Off, masks = RedactionPolicy.Default;
        const string Text = "Her card is 4111 1111 1111 1111, she says.";

        // Kept as it was given, then masked from now on; kept masked, then no longer.
        test.Redaction = off;
        string before = (await AddAsync(Text, "n1"))!.Key;
        test.Redaction = masks;
        Assert.Equal(before, (await AddAsync(Text, "n1"))!.Key);
        string masked = (await AddAsync(Text, "n2"))!.Key;
        Assert.DoesNotContain("4111", (await test.NewProcess().Tickets.FindMessageAsync(test.Tenant, line.TicketId, masked, Cancel))!.Document!.Text, StringComparison.Ordinal);
        test.Redaction = off;
        Assert.Equal(masked, (await AddAsync(Text, "n2"))!.Key);

        // Redacted by hand since.
        string whole = (await AddAsync("The blue word stays out.", "n3"))!.Key;
        Assert.Equal(RedactionOutcome.Done, (await test.Desk.RedactByHand.RunAsync(test.Tenant, line.TicketId, new RedactionWish(RedactedPart.Text) { Text = "blue" }, AuditActor.Command, "", Cancel)).Outcome);
        Assert.Equal(whole, (await AddAsync("The blue word stays out.", "n3"))!.Key);

        foreach ((string other, string key) in new[] { ("Her card is gone, he says.", "n2"), ("His card is 4111 1111 1111 1111, she says.", "n2"), ("Her card is 4111 1111 1111 1112, she says.", "n1"), ("The blue word stays in.", "n3") })
            Assert.Equal("idempotency-key-reused", (await Assert.ThrowsAsync<ReplyRefusedException>(() => AddAsync(other, key))).Code);
    }

    [Theory]
    [InlineData("a [card] b", "a 4111 b", true)]
    [InlineData("a •••• •111 b", "a 4111 1112 b", false)]
    [InlineData("a •••• •111 b", "a 4111 2111 b", true)]
    [InlineData("[card]", "4111", true)]
    [InlineData("[card] [open", "4111 [open", true)]
    [InlineData("•••", "", true)]
    [InlineData("a [card] b", "a b", false)]
    [InlineData("ab[card]ba", "aba", false)]
    [InlineData("whole", "whole and more", false)]
    public void A_masked_text_is_the_same_when_all_beside_the_marks_is(string kept, string given, bool isSame) => Assert.Equal(isSame, RepeatedText.IsSame(kept, isMasked: true, given));

    [Fact]
    public async Task A_text_too_long_for_a_page_is_cut_and_lies_whole_in_an_attachment()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        string line = "All work and no play, card 4111 1111 1111 1111, makes it long.\r\n", body = string.Concat(Enumerable.Repeat(line, 12_000));
        JournalLine end = await test.TakeInAsync(System.Text.Encoding.ASCII.GetBytes("From: ann@ann.example\r\nSubject: Long\r\nMessage-ID: <l@ann.example>\r\n\r\n" + body + "The end.\r\n"), Cancel);
        TicketMessage message = (await test.Desk.Tickets.MessagesAsync(test.Tenant, end.TicketId, Cancel)).Single();
        Assert.InRange(message.Document!.Text.Length, 500_000, 500_200);
        Assert.EndsWith("[This message is very long. All of it is in the attachment message.txt.]", message.Document.Text, StringComparison.Ordinal);
        string whole = System.Text.Encoding.UTF8.GetString((await test.Desk.Tickets.ReadAttachmentAsync(test.Tenant, end.TicketId, message, 0, Cancel))!);
        Assert.EndsWith("The end.", whole.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("4111 1111 1111 1111", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_changes_another_tenants_ticket()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel), other = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        JournalLine line = await test.TakeInAsync(Mails.From("ann@ann.example", "Printer", "a1@ann.example"), Cancel);
        Assert.False(await other.Desk.Tickets.SetStateAsync(other.Tenant, line.TicketId, TicketState.Closed, Cancel));
        Assert.False(await other.Desk.Tickets.AssignAsync(other.Tenant, line.TicketId, "p1", Cancel));
        Assert.Null(await other.Desk.Replies.AddNoteAsync(other.Tenant, line.TicketId, new NewNote("x", "p", "n"), Cancel));
        Assert.Null(await other.Desk.Replies.QueueAsync(other.Tenant, line.TicketId, new NewReply { Text = "x" }, Cancel));
        Assert.Equal(DoubtEnd.NotThere, await other.Desk.Replies.ResolveAsync(other.Tenant, line.TicketId, "k", delivered: true, Cancel));
    }
}
