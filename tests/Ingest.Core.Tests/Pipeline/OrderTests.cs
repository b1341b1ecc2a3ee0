using System.Globalization;
using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Store;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Which mails share a ticket does not depend on which of them was taken in first.</summary>
[Collection(nameof(StorageCollection))]
public sealed class OrderTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Three people in one thread; each answers the last mail and names the whole thread, as mail programs do. Eve is never proven.
    private static readonly List<byte[]> Thread = MakeThread(["ann", "bob", "ann", "eve", "bob", "ann", "bob", "ann"]);

    private const string Parted = "ticket: ann 0 + ann 2 + ann 5 + ann 7\nticket: bob 1 + bob 4 + bob 6\nticket: eve 3";

    [Fact]
    public async Task A_thread_of_three_people_taken_in_in_any_order_makes_a_ticket_for_each()
    {
        Random random = new(7);
        for (int round = 0; round < 20; round++)
        {
            int[] order = [.. Enumerable.Range(0, Thread.Count)];
            if (round > 0) random.Shuffle(order);
            TestDesk test = await ListedAsync();
            List<Work> work = await WaitingAsync(test.Desk);
            foreach (int i in order) await test.Desk.IngestMail.RunAsync(work[i], Cancel);
            Assert.True((await test.EndStateAsync(Cancel)).Contains(Parted, StringComparison.Ordinal), $"{string.Join(' ', order)}:\n{await test.EndStateAsync(Cancel)}");
        }
    }

    [Fact]
    public async Task A_thread_of_three_people_taken_in_at_once_makes_a_ticket_for_each()
    {
        for (int round = 0; round < 10; round++)
        {
            TestDesk test = await ListedAsync();
            await Task.WhenAll((await WaitingAsync(test.Desk)).Select(work => InsistAsync(test.NewProcess(), work)));
            Assert.Contains(Parted, await test.EndStateAsync(Cancel), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_mail_that_may_be_forged_never_shares_a_ticket_with_its_true_author_whichever_came_first()
    {
        IReadOnlyList<byte[]> mails =
        [
            Mails.From("ann@ann.example", "Forged", "1@ann.example", authenticated: false),
            Mails.From("ann@ann.example", "Answer", "2@ann.example", "1@ann.example", "1@ann.example"),
            Mails.From("ann@ann.example", "Same id", "1@ann.example", body: "Another text.\r\n"),
        ];
        foreach (int[] order in new[] { new[] { 0, 1, 2 }, [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] })
        {
            TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
            await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(mails), "w", Cancel);
            List<Work> work = await WaitingAsync(test.Desk);
            foreach (int i in order) await test.Desk.IngestMail.RunAsync(work[i], Cancel);
            string end = await test.EndStateAsync(Cancel);
            Assert.True(end.EndsWith("ticket: Answer + Same id\nticket: Forged", StringComparison.Ordinal), $"{string.Join(' ', order)}:\n{end}");
        }
    }

    [Fact]
    public async Task A_mail_that_is_told_another_time_of_receipt_when_it_comes_again_stays_one_message()
    {
        TestDesk test = await ListedAsync();
        List<Work> work = await WaitingAsync(test.Desk);
        foreach (Work mail in work) await InsistAsync(test.Desk, mail);
        foreach (Work mail in work) await InsistAsync(test.Desk, mail with { ReceivedUnixMs = mail.ReceivedUnixMs + 60_000 });
        Assert.Contains(Parted, await test.EndStateAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_of_the_year_102_and_one_of_no_year_at_all_become_tickets()
    {
        TestDesk test = await ListedAsync();
        List<Work> work = await WaitingAsync(test.Desk);
        await test.Desk.IngestMail.RunAsync(work[0] with { ReceivedUnixMs = -58928241145000 }, Cancel);
        await test.Desk.IngestMail.RunAsync(work[1] with { ReceivedUnixMs = long.MaxValue }, Cancel);
        IReadOnlyList<Ticket> tickets = await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel);
        Assert.Equal([9999, 1970], tickets.Select(t => t.Created.Year));
    }

    [Fact]
    public async Task A_box_whose_only_mail_is_of_the_year_102_is_read_to_its_end()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new OldSource(), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Assert.Contains("listed: 1, in flight: 0", await test.EndStateAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_with_an_empty_attachment_can_be_read()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        byte[] mail = Encoding.ASCII.GetBytes("From: ann@x.example\r\nSubject: Empty\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nSee below.\r\n"
            + "--q\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=empty.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\r\n--q--\r\n");
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource([mail]), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        Ticket ticket = Assert.Single(await test.Desk.Tickets.NewestAsync(test.Tenant, test.Mailbox.Id, TicketState.Open, 10, Cancel));
        TicketMessage message = Assert.Single(await test.Desk.Tickets.MessagesAsync(test.Tenant, ticket.Id, Cancel));
        Assert.Equal(0, Assert.Single(message.Document!.Attachments).Size);
        Assert.Empty((await test.Desk.Tickets.ReadAttachmentAsync(test.Tenant, ticket.Id, message, 0, Cancel))!);
    }

    private static List<byte[]> MakeThread(string[] authors)
    {
        List<byte[]> mails = [];
        for (int i = 0; i < authors.Length; i++)
        {
            string all = string.Join(' ', Enumerable.Range(0, i).Select(Id));
            mails.Add(Mails.From(authors[i] + "@" + authors[i] + ".example", string.Create(CultureInfo.InvariantCulture, $"{authors[i]} {i}"), Id(i), i == 0 ? null : Id(i - 1), i == 0 ? null : all,
                authenticated: authors[i] != "eve"));
        }

        return mails;

        static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"m{i}@thread.example");
    }

    private async Task<TestDesk> ListedAsync()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(Thread), "w", Cancel);
        return test;
    }

    private static async Task<List<Work>> WaitingAsync(Desk desk)
    {
        List<Work> work = [];
        while (await desk.IngestQueue.ReceiveAsync(32, TimeSpan.FromMinutes(5), Cancel) is { Count: > 0 } messages)
            foreach (QueuedMessage message in messages)
            {
                work.Add(Work.FromJson(message.Body!.Value.Span)!);
                await desk.IngestQueue.DeleteAsync(message, Cancel);
            }

        return [.. work.OrderBy(w => w.ReceivedUnixMs)];
    }

    private static async Task InsistAsync(Desk desk, Work work)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                await desk.IngestMail.RunAsync(work, Cancel);
                return;
            }
            catch (NotNowException) when (tries < 40)
            {
                await Task.Delay(50, Cancel);
            }
        }
    }

    private sealed class OldSource : IMailSource
    {
        public Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel) =>
            Task.FromResult(new ListedPage(cursor is null ? [new ListedId("old")] : [], new SourceCursor("end"), More: false));

        public Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel) =>
            Task.FromResult(new FetchedMail(FetchKind.Fetched, Thread[0], new DateTimeOffset(102, 8, 27, 0, 0, 0, TimeSpan.Zero)));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
