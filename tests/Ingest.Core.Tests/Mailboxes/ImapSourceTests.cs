using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

public sealed class ImapSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Mail(int number) => Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\nText of {number}\r\n");

    private static ImapTwin Twin(int mails)
    {
        ImapTwin twin = new();
        for (int i = 1; i <= mails; i++) twin.Inbox.Add(Mail(i));
        return twin;
    }

    /// <summary>Lists to the end and fetches all.</summary>
    private static async Task<(List<(string Id, FetchedMail Mail)> Mails, SourceCursor Cursor, bool Resynced)> ReadAsync(ImapSource source, SourceCursor? from = null, int page = 25)
    {
        List<(string Id, FetchedMail Mail)> mails = [];
        bool resynced = false;
        while (true)
        {
            ListedPage listed = await source.ListAsync(from, page, Cancel);
            Assert.InRange(listed.Ids.Count, 0, page);
            mails.AddRange((await source.FetchManyAsync(listed.Ids, Cancel)).Select(mail => (mail.Id.ProviderId, mail.Mail)));
            from = listed.Next;
            resynced |= listed.Resynced;
            if (!listed.More) return (mails, from, resynced);
        }
    }

    private static string[] Subjects(IEnumerable<(string Id, FetchedMail Mail)> mails) => [.. mails.Select(mail => Encoding.ASCII.GetString(mail.Mail.Raw.Span).Split('\r')[0]["Subject: ".Length..])];

    [Fact]
    public async Task All_mail_is_read_in_order_by_one_connection_with_few_commands()
    {
        await using ImapTwin twin = Twin(250);
        await using (ImapSource source = twin.Open())
        {
            (List<(string Id, FetchedMail Mail)> mails, _, bool resynced) = await ReadAsync(source, page: 100);
            Assert.Equal(Enumerable.Range(1, 250).Select(i => $"{i}"), Subjects(mails));
            Assert.Equal("0.1700000000.1", mails[0].Id);
            Assert.Equal(DateTimeOffset.UnixEpoch.AddYears(56).AddMinutes(1), mails[0].Mail.Received);
            Assert.False(resynced);
        }

        // LOGIN, CAPABILITY, EXAMINE, SEARCH; twice three pages; LOGOUT.
        Assert.Equal((1, 11), (twin.Connections, twin.Commands.Count));
    }

    [Fact]
    public async Task An_idle_poll_costs_the_same_however_much_mail_there_is_and_leaves_the_cursor_equal()
    {
        List<(int Commands, long Bytes)> costs = [];
        foreach (int size in (int[])[10, 1000])
        {
            await using ImapTwin twin = Twin(size);
            SourceCursor cursor;
            await using (ImapSource first = twin.Open()) cursor = (await ReadAsync(first)).Cursor;
            twin.Commands.Clear();
            long before = twin.BytesSent;
            await using (ImapSource idle = twin.Open())
            {
                ListedPage page = await idle.ListAsync(cursor, 25, Cancel);
                Assert.Equal((0, false), (page.Ids.Count, page.More));
                Assert.Same(cursor, page.Next);
            }

            Assert.Equal(["LOGIN", "CAPABILITY", "EXAMINE", "LOGOUT"], twin.Commands.Select(command => command.Split(' ')[0]));
            costs.Add((twin.Commands.Count, twin.BytesSent - before));
        }

        Assert.Equal(costs[0].Commands, costs[1].Commands);
        Assert.InRange(costs[1].Bytes - costs[0].Bytes, 0, 8);
    }

    [Fact]
    public async Task New_mail_is_listed_from_the_cursor_on_and_what_was_expunged_in_between_is_no_matter()
    {
        await using ImapTwin twin = Twin(5);
        SourceCursor cursor;
        await using (ImapSource source = twin.Open()) cursor = (await ReadAsync(source)).Cursor;
        twin.Inbox.Mails.Remove(5);
        twin.Inbox.Mails.Remove(2);
        twin.Inbox.Add(Mail(6));
        twin.Inbox.Mails.Remove(twin.Inbox.Add(Mail(7)));
        twin.Inbox.Add(Mail(8));
        await using ImapSource later = twin.Open();
        Assert.Equal(["6", "8"], Subjects((await ReadAsync(later, cursor)).Mails));
    }

    [Fact]
    public async Task The_last_message_is_not_listed_again_where_nothing_is_new()
    {
        await using ImapTwin twin = Twin(3);
        twin.Inbox.HidesNext = true;
        SourceCursor cursor;
        await using (ImapSource source = twin.Open()) cursor = (await ReadAsync(source)).Cursor;
        await using ImapSource later = twin.Open();
        ListedPage page = await later.ListAsync(cursor, 25, Cancel);
        Assert.Empty(page.Ids);
        Assert.Same(cursor, page.Next);
    }

    [Fact]
    public async Task Failure_07_a_new_generation_lists_everything_again_under_new_ids()
    {
        await using ImapTwin twin = Twin(1200);
        SourceCursor cursor;
        await using (ImapSource source = twin.Open()) cursor = (await ReadAsync(source)).Cursor;
        twin.Inbox.Renumber();
        twin.Inbox.Add(Mail(1201));
        await using ImapSource later = twin.Open();
        (List<(string Id, FetchedMail Mail)> mails, SourceCursor next, bool resynced) = await ReadAsync(later, cursor);
        Assert.True(resynced);
        Assert.Equal(Enumerable.Range(1, 1201).Select(i => $"{i}"), Subjects(mails));
        Assert.All(mails, mail => Assert.StartsWith("0.1700000001.", mail.Id, StringComparison.Ordinal));
        await using ImapSource idle = twin.Open();
        Assert.Same(next, (await idle.ListAsync(next, 25, Cancel)).Next);
    }

    [Fact]
    public async Task A_generation_that_changes_between_listing_and_fetching_makes_the_old_ids_vanish_and_lists_the_mail_anew()
    {
        await using ImapTwin twin = Twin(3);
        ListedPage page;
        await using (ImapSource source = twin.Open()) page = await source.ListAsync(null, 2, Cancel);
        twin.Inbox.Renumber();
        await using ImapSource later = twin.Open();
        Assert.All(await later.FetchManyAsync(page.Ids, Cancel), mail => Assert.Equal(FetchKind.Vanished, mail.Mail.Kind));
        Assert.Equal(["1", "2", "3"], Subjects((await ReadAsync(later, page.Next)).Mails));
    }

    [Fact]
    public async Task A_server_that_forgets_to_name_its_generation_is_not_read_anew()
    {
        await using ImapTwin twin = Twin(3);
        SourceCursor cursor;
        await using (ImapSource source = twin.Open()) cursor = (await ReadAsync(source)).Cursor;
        twin.Inbox.Validity = 0;
        await using ImapSource later = twin.Open();
        Assert.Equal("imap-no-uidvalidity", (await Assert.ThrowsAsync<NotNowException>(() => later.ListAsync(cursor, 25, Cancel))).ReasonCode);
    }

    [Fact]
    public async Task Failure_08_every_folder_has_its_own_place()
    {
        await using ImapTwin twin = Twin(0);
        twin.Inbox.Next = 9000;
        twin.Folders["Support"] = new TwinFolder { Next = 12 };
        twin.Inbox.Add(Mail(1));
        twin.Folders["Support"].Add(Mail(2));
        SourceCursor cursor;
        await using (ImapSource source = twin.Open(folders: ["INBOX", "Support"]))
        {
            (List<(string Id, FetchedMail Mail)> mails, cursor, _) = await ReadAsync(source);
            Assert.Equal(["0.1700000000.9000", "1.1700000000.12"], mails.Select(mail => mail.Id));
        }

        twin.Inbox.Add(Mail(3));
        twin.Folders["Support"].Add(Mail(4));
        await using (ImapSource source = twin.Open(folders: ["INBOX", "Support"])) Assert.Equal(["3", "4"], Subjects((await ReadAsync(source, cursor)).Mails));
        await using (ImapSource source = twin.Open(folders: ["INBOX", "Support"])) Assert.Equal(["3", "4"], Subjects((await ReadAsync(source, cursor, page: 1)).Mails));
    }

    [Fact]
    public async Task A_missing_folder_does_not_keep_from_the_mail_of_the_others()
    {
        await using ImapTwin twin = Twin(2);
        await using ImapSource source = twin.Open(folders: ["Gone", "INBOX"]);
        (List<(string Id, FetchedMail Mail)> mails, SourceCursor cursor, _) = await ReadAsync(source);
        Assert.Equal(["1", "2"], Subjects(mails));
        await using ImapSource later = twin.Open(folders: ["Gone", "INBOX"]);
        Assert.Equal("imap-folder-missing", (await Assert.ThrowsAsync<NotNowException>(() => later.ListAsync(cursor, 25, Cancel))).ReasonCode);
    }

    [Fact]
    public async Task Only_mail_from_now_on_is_listed_where_that_was_chosen_and_after_a_new_generation_too()
    {
        FakeClock clock = new();
        await using ImapTwin twin = new();
        twin.Inbox.Add(Mail(1), clock.GetUtcNow().AddDays(-40));
        twin.Inbox.Add(Mail(2), clock.GetUtcNow().AddHours(-2));
        SourceCursor cursor;
        await using (ImapSource source = twin.Open(BackFill.FromNow, time: clock))
        {
            (List<(string Id, FetchedMail Mail)> mails, cursor, _) = await ReadAsync(source);
            Assert.Empty(mails);
        }

        clock.Advance(TimeSpan.FromDays(3));
        twin.Inbox.Add(Mail(3), clock.GetUtcNow());
        twin.Inbox.Renumber();
        twin.Inbox.Add(Mail(4), clock.GetUtcNow());
        await using ImapSource later = twin.Open(BackFill.FromNow, time: clock);
        Assert.Equal(["3", "4"], Subjects((await ReadAsync(later, cursor)).Mails));
    }

    [Fact]
    public async Task The_last_days_are_counted_by_when_the_server_took_the_mail()
    {
        FakeClock clock = new();
        await using ImapTwin twin = new();
        double[] daysAgo = [30, 7.5, 6.5, 8, 0.1];
        for (int i = 0; i < daysAgo.Length; i++) twin.Inbox.Add(Mail(i), clock.GetUtcNow().AddDays(-daysAgo[i]));
        await using ImapSource source = twin.Open(BackFill.LastDays(7), time: clock);
        (List<(string Id, FetchedMail Mail)> mails, SourceCursor cursor, _) = await ReadAsync(source, page: 1);
        Assert.Equal(["2", "4"], Subjects(mails));
        // What comes later is taken whatever its date is: moved here, or imported.
        twin.Inbox.Add(Mail(9), clock.GetUtcNow().AddYears(-3));
        await using ImapSource later = twin.Open(BackFill.LastDays(7), time: clock);
        Assert.Equal(["9"], Subjects((await ReadAsync(later, cursor)).Mails));
    }

    [Theory]
    [InlineData("* 1 FETCH ((( UID ] 7 } BODY[ \"x\" {{ } ) ((\r\n")]
    [InlineData("* 1 FETCH (UID 7 BODY[] NIL)\r\n")]
    [InlineData("")]
    [InlineData("rubbish that is no answer at all\r\n")]
    [InlineData("* 1 FETCH (UID 7 BODY[] {3}\r\nab\r\n\r\n out of step\r\n")]
    [InlineData("* 1 FETCH (UID 7 BODY[] {9999}\r\nthe connection ends here!")]
    public async Task Failure_20_garbage_for_one_message_does_not_keep_from_the_others(string garbage)
    {
        await using ImapTwin twin = Twin(12);
        twin.InsteadOfMail = uid => uid == 7 ? garbage : null;
        await using ImapSource source = twin.Open();
        (List<(string Id, FetchedMail Mail)> mails, _, _) = await ReadAsync(source);
        Assert.Equal(FetchKind.Refused, mails[6].Mail.Kind);
        Assert.All(mails.Where((_, i) => i != 6), mail => Assert.Equal(FetchKind.Fetched, mail.Mail.Kind));
        Assert.InRange(twin.Connections, 1, 5);
    }

    [Fact]
    public async Task Garbage_that_passes_costs_no_mail()
    {
        await using ImapTwin twin = Twin(12);
        int bad = 2;
        twin.InsteadOfMail = uid => uid == 7 && bad-- > 0 ? "what?\r\n" : null;
        await using ImapSource source = twin.Open();
        Assert.Equal(Enumerable.Range(1, 12).Select(i => $"{i}"), Subjects((await ReadAsync(source)).Mails));
    }

    [Fact]
    public async Task Garbage_for_all_is_put_off_and_no_mail_is_blamed()
    {
        await using ImapTwin twin = Twin(12);
        twin.InsteadOfMail = _ => "what?\r\n";
        await using ImapSource source = twin.Open();
        Assert.Equal("wire-malformed", (await Assert.ThrowsAsync<NotNowException>(() => ReadAsync(source))).ReasonCode);
        Assert.InRange(twin.Connections, 1, 9);
    }

    [Fact]
    public async Task A_message_that_is_gone_before_it_is_fetched_has_vanished()
    {
        await using ImapTwin twin = Twin(3);
        await using ImapSource source = twin.Open();
        ListedPage page = await source.ListAsync(null, 25, Cancel);
        twin.Inbox.Mails.Remove(2);
        Assert.Equal([FetchKind.Fetched, FetchKind.Vanished, FetchKind.Fetched], (await source.FetchManyAsync(page.Ids, Cancel)).Select(mail => mail.Mail.Kind));
    }

    [Theory]
    [InlineData("greeting")]
    [InlineData("LOGIN")]
    [InlineData("CAPABILITY")]
    [InlineData("EXAMINE")]
    [InlineData("UID SEARCH")]
    [InlineData("UID FETCH")]
    public async Task Failure_22_silence_at_any_step_ends_in_bounded_time_and_the_next_poll_works(string step)
    {
        await using ImapTwin twin = Twin(3);
        twin.Instead = command => command.StartsWith(step, StringComparison.Ordinal) ? "* OK still here?" : null;
        await using (ImapSource source = twin.Open(wire: ImapTwin.Hasty))
            Assert.Equal("wire-timeout", (await Assert.ThrowsAsync<NotNowException>(() => ReadAsync(source))).ReasonCode);
        twin.Instead = _ => null;
        await using ImapSource later = twin.Open();
        Assert.Equal(3, (await ReadAsync(later)).Mails.Count);
    }

    [Theory]
    [InlineData("greeting", "* BYE [ALERT] too many connections\r\n!", "wire-busy")]
    [InlineData("greeting", "!", "wire-dropped")]
    [InlineData("EXAMINE", "* BYE idle too long\r\n!", "wire-dismissed")]
    [InlineData("UID SEARCH", "!", "wire-dropped")]
    public async Task Failure_23_a_server_that_hangs_up_is_put_off_without_a_spin(string step, string said, string code)
    {
        await using ImapTwin twin = Twin(3);
        twin.Instead = command => command.StartsWith(step, StringComparison.Ordinal) ? said : null;
        await using ImapSource source = twin.Open();
        Assert.Equal(code, (await Assert.ThrowsAsync<NotNowException>(() => ReadAsync(source))).ReasonCode);
        Assert.Equal(1, twin.Connections);
    }

    [Fact]
    public async Task A_wrong_password_needs_a_person_and_is_tried_once()
    {
        await using ImapTwin twin = Twin(3);
        await using ImapSource source = twin.Open(password: "wrong");
        Assert.Equal(MailboxFault.PasswordRefused, (await Assert.ThrowsAsync<MailboxRefusedException>(() => source.ListAsync(null, 25, Cancel))).Fault);
        Assert.Single(twin.Commands, command => command.StartsWith("LOGIN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sign_in_that_is_refused_after_one_that_was_not_is_put_off()
    {
        await using ImapTwin twin = Twin(12);
        int logins = 0;
        twin.Instead = command => command.StartsWith("LOGIN", StringComparison.Ordinal) && ++logins > 1 ? "%NO LOGIN failed." : null;
        twin.InsteadOfMail = uid => uid == 7 ? "what?\r\n" : null;
        await using ImapSource source = twin.Open();
        Assert.Equal("imap-refused", (await Assert.ThrowsAsync<NotNowException>(() => ReadAsync(source))).ReasonCode);
    }

    [Fact]
    public async Task A_page_ends_where_it_would_grow_too_large()
    {
        await using ImapTwin twin = new();
        for (int i = 0; i < 7; i++) twin.Inbox.Add(new byte[7 * 1024 * 1024]);
        await using ImapSource source = twin.Open();
        ListedPage first = await source.ListAsync(null, 100, Cancel);
        Assert.Equal((4, true), (first.Ids.Count, first.More));
        ListedPage second = await source.ListAsync(first.Next, 100, Cancel);
        Assert.Equal((3, false), (second.Ids.Count, second.More));
    }

    [Fact]
    public void A_folder_keeps_its_place_and_another_server_gets_places_of_its_own()
    {
        ServerSettings old = new() { Host = "imap.acme.example", Port = 993, Tls = Ingest.Mail.Wire.TlsMode.Implicit, UserName = "ann" };
        Assert.Equal(["INBOX", "Support"], (old with { Folders = ["Support", "INBOX"] }).After(old).Folders);
        ServerSettings two = old with { Folders = ["INBOX", "Support"] };
        Assert.Equal(["", "Support", "Sales"], (old with { Folders = ["Sales", "Support"] }).After(two).Folders);
        Assert.Equal(["", "", "INBOX"], (old with { Host = "mail.acme.example", Folders = [] }).After(two).Folders);
        Assert.Equal(["", "", "INBOX", "Support"], (two with { UserName = "bob" }).After(two).Folders);
        Assert.Equal(["INBOX", "Support"], (two with { Host = "IMAP.acme.example" }).After(two).Folders);
    }
}
