using System.Globalization;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

[Collection(nameof(StorageCollection))]
public sealed class SyncMailboxTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_that_fails_alone_among_others_is_parked_after_many_failed_runs_and_no_other()
    {
        TestDesk test = await OpenAsync(failures: 8);
        FaultySource source = new(12) { Fault = (id, _) => id == 5 ? "gmail-500" : null };
        await SyncAsync(test, source);
        Books books = await BooksAsync(test);
        Assert.Equal((12, 1, 11), (books.Listed, books.Parked, books.InFlight));
        JournalLine line = (await test.Desk.Journal.ListAsync(test.Tenant, test.Mailbox.Id, Cancel).ToListAsync(Cancel)).Single();
        Assert.Equal(OutcomeReason.Unfetchable, line.Reason);
        Assert.Equal(0, (await test.Desk.Mailboxes.FindAsync(test.Tenant, test.Mailbox.Id, Cancel))!.Health.Failures);
    }

    [Fact]
    public async Task Before_that_many_failed_runs_the_same_mail_stops_the_run()
    {
        TestDesk test = await OpenAsync(failures: 7);
        await Assert.ThrowsAsync<NotNowException>(() => SyncAsync(test, new FaultySource(12) { Fault = (id, _) => id == 5 ? "gmail-500" : null }));
        Assert.Equal(0, (await BooksAsync(test)).Parked);
    }

    [Theory]
    [InlineData("gmail-quota")]
    [InlineData("google-unreachable")]
    [InlineData("gmail-401")]
    [InlineData("google-token-503")]
    [InlineData("google-client-refused")]
    public async Task Trouble_that_is_never_one_mails_parks_none_however_often_it_comes(string code)
    {
        TestDesk test = await OpenAsync(failures: 100);
        NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => SyncAsync(test, new FaultySource(12) { Fault = (id, _) => id % 4 != 0 ? code : null }));
        Assert.Equal(code, notNow.ReasonCode);
        Assert.Equal(0, (await BooksAsync(test)).Parked);
    }

    [Theory]
    [InlineData("gmail-503")]
    [InlineData("google-timeout")]
    public async Task An_outage_that_begins_in_mid_page_parks_none(string code)
    {
        TestDesk test = await OpenAsync(failures: 100);
        await Assert.ThrowsAsync<NotNowException>(() => SyncAsync(test, new FaultySource(12) { Fault = (_, fetches) => fetches > 6 ? code : null }));
        Books books = await BooksAsync(test);
        Assert.Equal(0, books.Parked);
        await SyncAsync(test, new FaultySource(12));
        Assert.Equal((12, 0), ((await BooksAsync(test)).Listed, (await BooksAsync(test)).Parked));
    }

    [Fact]
    public async Task An_outage_of_everything_parks_none()
    {
        TestDesk test = await OpenAsync(failures: 100);
        await Assert.ThrowsAsync<NotNowException>(() => SyncAsync(test, new FaultySource(12) { Fault = (_, _) => "gmail-503" }));
        Assert.Equal(0, (await BooksAsync(test)).Listed);
    }

    [Fact]
    public async Task A_mail_that_fails_in_a_crowd_and_comes_alone_is_taken()
    {
        TestDesk test = await OpenAsync(failures: 8);
        Dictionary<int, int> tries = [];
        FaultySource source = new(12)
        {
            Fault = (id, _) => (tries[id] = tries.GetValueOrDefault(id) + 1) == 1 && id % 4 == 1 ? "gmail-500" : null,
        };
        await SyncAsync(test, source);
        Books books = await BooksAsync(test);
        Assert.Equal((12, 0, 12), (books.Listed, books.Parked, books.InFlight));
    }

    [Fact]
    public async Task A_mail_that_always_times_out_is_tried_alone_once_and_parked()
    {
        TestDesk test = await OpenAsync(failures: 8);
        int tries = 0;
        await SyncAsync(test, new FaultySource(3) { Fault = (id, _) => id == 1 && ++tries > 0 ? "google-timeout" : null });
        Assert.Equal((1, 2), ((await BooksAsync(test)).Parked, tries));
    }

    [Fact]
    public async Task A_run_cut_short_keeps_the_pages_before_and_goes_on_there_in_smaller_steps()
    {
        TestDesk test = await OpenAsync(failures: 0);
        using CancellationTokenSource deadline = new();
        FaultySource source = new(60) { Fault = (id, _) => id == 30 ? Cut(deadline) : null };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SyncAsync(test, source, deadline.Token));
        MailboxView view = (await test.Desk.Mailboxes.FindAsync(test.Tenant, test.Mailbox.Id, Cancel))!;
        Assert.Equal("25", view.Cursor!.Value);

        await test.Desk.Mailboxes.WriteHealthAsync(test.Tenant, test.Mailbox.Id, new MailboxHealth { Failures = 1 }, Cancel);
        using CancellationTokenSource second = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SyncAsync(test, new FaultySource(60) { Fault = (id, _) => id == 30 ? Cut(second) : null }, second.Token));
        Assert.Equal("29", (await test.Desk.Mailboxes.FindAsync(test.Tenant, test.Mailbox.Id, Cancel))!.Cursor!.Value);

        await SyncAsync(test, new FaultySource(60));
        Books books = await BooksAsync(test);
        Assert.Equal((60, 60), (books.Listed, books.InFlight));
    }

    [Fact]
    public async Task A_large_mail_gets_a_pack_of_its_own()
    {
        TestDesk test = await OpenAsync(failures: 0);
        byte[] small = Mails.From("ann@customer.example", "Small", "s@x.example"), large = new byte[9 * 1024 * 1024];
        Encoding.ASCII.GetBytes("Subject: large\r\n\r\n").CopyTo(large, 0);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource([small, large, small]), "w", Cancel);
        List<Pack> packs = await test.Desk.Packs.ListAsync(test.Tenant, test.Mailbox.Id, openOnly: false, Cancel).ToListAsync(Cancel);
        Assert.Equal([1, 2], packs.Select(p => p.Entries.Count).Order());
        Pack own = packs.Single(p => p.Entries.Count == 1);
        (byte[]? raw, _) = await test.Desk.RawMail.OpenAsync(SyncMailbox.WorkFor(test.Tenant, test.Mailbox.Id, own.Id, own.Entries[0]), Cancel);
        Assert.Equal(large, raw);
    }

    [Fact]
    public async Task No_more_is_fetched_at_once_in_a_process_than_there_is_room_for()
    {
        FetchMails fetch = new(TimeProvider.System);
        int inside = 0, most = 0;
        const long Each = 32L * 1024 * 1024;
        ScriptedSource source = new(async (id, cancel) =>
        {
            int now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            await Task.Delay(5, cancel);
            Interlocked.Decrement(ref inside);
            return new FetchedMail(FetchKind.Fetched, new byte[1], DateTimeOffset.UnixEpoch);
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            List<ListedId> ids = [.. Enumerable.Range(0, 12).Select(i => new ListedId($"{n}-{i}", Size: Each))];
            int fetched = 0;
            await foreach (var chunk in fetch.RunAsync(source, ids, findWhoIsToBlame: false, Cancel)) fetched += chunk.Count;
            Assert.Equal(12, fetched);
        }));
        Assert.InRange(most, 1, 8);
    }

    [Fact]
    public async Task Who_waits_too_long_for_room_is_told_not_now()
    {
        FakeClock clock = new();
        FetchMails fetch = new(clock);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedSource slow = new(async (_, _) =>
        {
            begun.TrySetResult();
            await end.Task;
            return FetchedMail.Vanished;
        });
        Task first = DrainAsync(fetch, slow);
        await begun.Task;
        Task second = DrainAsync(fetch, slow);
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("no-room", (await Assert.ThrowsAsync<NotNowException>(() => second)).ReasonCode);
        end.SetResult();
        await first;
    }

    [Fact]
    public async Task Mail_that_is_taken_in_while_the_books_are_drawn_up_is_not_called_unlisted()
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource([.. Mails.SmallBox.Take(2)]), "w", Cancel);
        await TestDesk.DrainAsync(test.Desk, Cancel);
        MeanwhileTransport transport = new(async () =>
        {
            await TestDesk.SyncAsync(test.Desk, test.Tenant, test.Mailbox.Id, () => new ListSource(Mails.SmallBox), "w", Cancel);
            await TestDesk.DrainAsync(test.Desk, Cancel);
        });
        Books books = await test.NewProcess(transport).Reconcile.RunAsync(test.Tenant, test.Mailbox.Id, Cancel);
        Assert.True(transport.Ran);
        Assert.True(books.Balance, books.ToString());
        Assert.Equal(8, books.Listed);
    }

    private static async Task DrainAsync(FetchMails fetch, IMailSource source)
    {
        await foreach (var _ in fetch.RunAsync(source, [new ListedId("a", Size: 1L << 40)], findWhoIsToBlame: false, Cancel))
        {
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); seen < value;)
        {
            int was = Interlocked.CompareExchange(ref most, value, seen);
            if (was == seen) return;
            seen = was;
        }
    }

    private static string? Cut(CancellationTokenSource deadline)
    {
        deadline.Cancel();
        deadline.Token.ThrowIfCancellationRequested();
        return null;
    }

    private async Task<TestDesk> OpenAsync(int failures)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        await test.Desk.Mailboxes.WriteHealthAsync(test.Tenant, test.Mailbox.Id, new MailboxHealth { Failures = failures, Fault = "gmail-500" }, Cancel);
        return test;
    }

    private static Task<SyncResult> SyncAsync(TestDesk test, IMailSource source, CancellationToken? cancel = null) =>
        test.Desk.SyncMailbox.RunAsync(test.Tenant, test.Mailbox.Id, "w", (_, _) => Task.FromResult(source), evenIfBackingOff: true, cancel ?? Cancel);

    private static Task<Books> BooksAsync(TestDesk test) => test.Desk.Reconcile.RunAsync(test.Tenant, test.Mailbox.Id, Cancel);

    /// <summary>A list of mails some of whose fetches fail; asked one at a time with the mail's number and how many fetches there were.</summary>
    private sealed class FaultySource(int count) : IMailSource
    {
        private readonly ListSource _mails = new([.. Enumerable.Range(0, count).Select(i => Mails.From("ann@customer.example", "Mail " + i, $"m{i}@customer.example"))]);
        private readonly Lock _lock = new();
        private int _fetches;

        public Func<int, int, string?> Fault { get; init; } = (_, _) => null;

        public Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel) => _mails.ListAsync(cursor, max, cancel);

        public async Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel)
        {
            await Task.Yield();
            lock (_lock)
            {
                if (Fault(int.Parse(id.ProviderId[3..], CultureInfo.InvariantCulture), ++_fetches) is { } code) throw new NotNowException(code);
            }

            return await _mails.FetchAsync(id, cancel);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ScriptedSource(Func<ListedId, CancellationToken, Task<FetchedMail>> fetch) : IMailSource
    {
        public Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel) => throw new NotSupportedException();

        public Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel) => fetch(id, cancel);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Lets something happen after the first request is answered.</summary>
    private sealed class MeanwhileTransport(Func<Task> meanwhile) : HttpPipelineTransport
    {
        private int _requests;

        public bool Ran { get; private set; }

        public override Request CreateRequest() => HttpClientTransport.Shared.CreateRequest();

        public override void Process(HttpMessage message) => throw new NotSupportedException("Nothing here is synchronous.");

        public override async ValueTask ProcessAsync(HttpMessage message)
        {
            await HttpClientTransport.Shared.ProcessAsync(message);
            if (Interlocked.Increment(ref _requests) != 1) return;
            await meanwhile();
            Ran = true;
        }
    }
}
