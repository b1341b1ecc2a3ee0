using System.Globalization;
using System.Text;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

public class FolderSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_file_is_listed_once_in_pages_and_read_byte_for_byte()
    {
        using var folder = new TempFolder();
        for (int at = 0; at < 25; at++)
            folder.Write($"in/{at:00}.eml", $"Subject: {at}\r\n\r\nbody\r\n");
        folder.Write("in/noextension", "Subject: 25\n\nbody\n");
        folder.Write("in/readme.txt", "not a mail");

        List<(ListedId Id, string Text)> read = await ReadAllAsync(folder.Path, max: 7);

        Assert.Equal(26, read.Count);
        Assert.Equal(26, read.Select(r => r.Id.ProviderId).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 26), read.Select(r => int.Parse(r.Text.Split('\n')[0][8..], CultureInfo.InvariantCulture)));
        Assert.All(read, r => Assert.Equal(r.Text.Length, r.Id.Size));
    }

    [Fact]
    public async Task An_idle_folder_answers_with_an_equal_cursor()
    {
        using var folder = new TempFolder();
        folder.Write("a.eml", "Subject: a\n\na\n");
        await using var first = new FolderSource(folder.Path);
        ListedPage page = await first.ListAsync(null, 10, Cancel);
        await using var second = new FolderSource(folder.Path);
        ListedPage idle = await second.ListAsync(page.Next, 10, Cancel);

        Assert.False(page.More);
        Assert.Empty(idle.Ids);
        Assert.Equal(page.Next, idle.Next);
    }

    [Fact]
    public async Task A_new_file_before_the_position_is_not_missed_and_ids_stay_the_same()
    {
        using var folder = new TempFolder();
        folder.Write("b.eml", "Subject: b\n\nb\n");
        await using var first = new FolderSource(folder.Path);
        ListedPage before = await first.ListAsync(null, 10, Cancel);
        folder.Write("a.eml", "Subject: a\n\na\n");
        await using var second = new FolderSource(folder.Path);
        ListedPage after = await second.ListAsync(before.Next, 10, Cancel);

        Assert.Equal(2, after.Ids.Count);
        Assert.Contains(before.Ids[0].ProviderId, after.Ids.Select(i => i.ProviderId));
    }

    [Fact]
    public async Task A_maildir_mail_keeps_its_id_when_somebody_reads_it()
    {
        using var folder = new TempFolder();
        string fresh = folder.Write("box/new/1700000000.M1.host", "Subject: a\n\na\n");
        folder.Write("box/tmp/half", "Subject: half");
        folder.Write("box/cur/1600000000.M1.host:2,RS", "Subject: old\n\na\n");
        await using var first = new FolderSource(folder.Path);
        ListedPage before = await first.ListAsync(null, 10, Cancel);
        File.Move(fresh, Path.Combine(folder.Path, "box/cur/1700000000.M1.host:2,S"));
        await using var second = new FolderSource(folder.Path);
        ListedPage after = await second.ListAsync(null, 10, Cancel);

        Assert.Equal(2, before.Ids.Count);
        Assert.Equal(before.Ids.Select(i => i.ProviderId), after.Ids.Select(i => i.ProviderId));
        Assert.Equal(before.Next, after.Next);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task An_mbox_is_split_where_a_from_line_has_a_time_and_quoting_is_undone(string eol)
    {
        using var folder = new TempFolder();
        string[] lines =
        [
            "From a@example.org Wed Aug 21 12:34:56 2002", "Subject: 1", "", "From here on it is body", ">From was quoted", ">>From twice", "",
            "From b@example.org  Thu Aug  1 01:02:03 2002", "Subject: 2", "", "end", "",
            "From c@example.org Thu Aug 22 01:02:03 2002", "Subject: 3", "", "no blank line at the end",
        ];
        folder.Write("all.mbox", string.Join(eol, lines) + eol);

        List<(ListedId Id, string Text)> read = await ReadAllAsync(folder.Path, max: 1);

        Assert.Equal(3, read.Count);
        Assert.Equal(string.Join(eol, "Subject: 1", "", "From here on it is body", "From was quoted", ">From twice", ""), read[0].Text);
        Assert.Equal(string.Join(eol, "Subject: 2", "", "end", ""), read[1].Text);
        Assert.Equal(string.Join(eol, "Subject: 3", "", "no blank line at the end", ""), read[2].Text);
    }

    [Fact]
    public async Task An_mbox_mail_is_received_when_its_from_line_says()
    {
        using var folder = new TempFolder();
        folder.Write("all.mbox", "From b@example.org  Thu Aug  1 01:02:03 2002\nSubject: 2\n\nend\n");
        await using var source = new FolderSource(folder.Path);
        ListedPage page = await source.ListAsync(null, 10, Cancel);
        FetchedMail mail = await source.FetchAsync(page.Ids[0], Cancel);

        Assert.Equal(new DateTimeOffset(2002, 8, 1, 1, 2, 3, TimeSpan.Zero), mail.Received);
    }

    [Fact]
    public async Task A_source_that_did_not_list_the_id_still_finds_it()
    {
        using var folder = new TempFolder();
        folder.Write("all.mbox", "From a Wed Aug 21 12:34:56 2002\nSubject: 1\n\nx\n\nFrom a Wed Aug 21 12:34:56 2002\nSubject: 2\n\nx\n");
        folder.Write("one.eml", "Subject: 3\n\nx\n");
        await using var first = new FolderSource(folder.Path);
        ListedPage page = await first.ListAsync(null, 10, Cancel);
        await using var second = new FolderSource(folder.Path);

        foreach (ListedId id in page.Ids.Reverse())
            Assert.Equal(FetchKind.Fetched, (await second.FetchAsync(id, Cancel)).Kind);
        Assert.Equal(FetchKind.Vanished, (await second.FetchAsync(new ListedId("0123"), Cancel)).Kind);
    }

    [Fact]
    public async Task A_deleted_file_has_vanished_and_a_missing_folder_means_not_now()
    {
        using var folder = new TempFolder();
        string path = folder.Write("a.eml", "Subject: a\n\na\n");
        await using var source = new FolderSource(folder.Path);
        ListedPage page = await source.ListAsync(null, 10, Cancel);
        File.Delete(path);
        await using var nowhere = new FolderSource(Path.Combine(folder.Path, "secret-name"));
        NotNowException notNow = await Assert.ThrowsAsync<NotNowException>(() => nowhere.ListAsync(null, 10, Cancel));

        Assert.Equal(FetchKind.Vanished, (await source.FetchAsync(page.Ids[0], Cancel)).Kind);
        Assert.Equal("folder-unreadable", notNow.ToString().Split('\n')[0].Split(": ")[1].Trim());
    }

    [Fact]
    public async Task Different_mails_of_one_name_and_length_below_two_roots_are_two_mails()
    {
        using var folder = new TempFolder();
        folder.Write("jan/0001.eml", "Subject: a\n\na\n");
        folder.Write("feb/0001.eml", "Subject: b\n\nb\n");
        await using var january = new FolderSource(Path.Combine(folder.Path, "jan"));
        await using var february = new FolderSource(Path.Combine(folder.Path, "feb"));
        ListedPage first = await january.ListAsync(null, 10, Cancel);
        ListedPage second = await february.ListAsync(first.Next, 10, Cancel);

        Assert.NotEqual(first.Ids.Single().ProviderId, second.Ids.Single().ProviderId);
    }

    [Fact]
    public async Task Equal_mails_are_listed_each_and_keep_their_ids_when_read_from_elsewhere_or_after_a_break()
    {
        using var folder = new TempFolder();
        const string Mail = "From a Wed Aug 21 12:34:56 2002\nSubject: 1\n\nx\n\n";
        folder.Write("one/all.mbox", Mail + Mail + Mail);
        folder.Write("two/copy.mbox", Mail + Mail + Mail);
        string[] ids = [.. (await ReadAllAsync(Path.Combine(folder.Path, "one"), max: 1)).Select(r => r.Id.ProviderId)];

        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(ids, (await ReadAllAsync(Path.Combine(folder.Path, "two"), max: 2)).Select(r => r.Id.ProviderId));
    }

    [Fact]
    public async Task A_place_within_one_mbox_is_not_taken_for_a_place_within_another()
    {
        using var folder = new TempFolder();
        const string From = "From a Wed Aug 21 12:34:56 2002\n";
        folder.Write("b.mbox", From + "Subject: 1\n\nx\n\n" + From + "Subject: 2\n\nx\n\n");
        await using var first = new FolderSource(folder.Path);
        ListedPage begun = await first.ListAsync(null, 1, Cancel);
        folder.Write("a.mbox", From + "Subject: 3\n\nx\n\n");
        await using var second = new FolderSource(folder.Path);

        Assert.True(begun.More);
        Assert.Equal(3, (await second.ListAsync(begun.Next, 10, Cancel)).Ids.Count);
    }

    [Fact]
    public async Task No_file_name_is_in_ids_or_cursor()
    {
        using var folder = new TempFolder();
        folder.Write("jane.doe@example.org.eml", "Subject: a\n\na\n");
        await using var source = new FolderSource(folder.Path);
        ListedPage page = await source.ListAsync(null, 10, Cancel);

        Assert.Matches("^[0-9a-f]{32}$", page.Ids[0].ProviderId);
        Assert.DoesNotContain("jane", page.Next.Value, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("spam/spamassassin_ham.tar.gz", 2921)]
    [InlineData("mime/mikel_mail.zip", 105)] // its licence has no extension either
    public async Task A_real_corpus_is_read_whole(string archive, int mails)
    {
        using TempFolder folder = new TempFolder().Unpack(archive);
        List<(ListedId Id, string Text)> read = await ReadAllAsync(folder.Path, max: 100);

        Assert.Equal(mails, read.Select(r => r.Id.ProviderId).Distinct().Count());
        Assert.All(read, r => Assert.Equal(r.Id.Size, r.Text.Length));
    }

    private static async Task<List<(ListedId Id, string Text)>> ReadAllAsync(string root, int max)
    {
        List<(ListedId, string)> read = [];
        SourceCursor? cursor = null;
        for (bool more = true; more;)
        {
            await using var source = new FolderSource(root);
            ListedPage page = await source.ListAsync(cursor, max, Cancel);
            Assert.InRange(page.Ids.Count, 0, max);
            foreach (ListedId id in page.Ids)
            {
                FetchedMail mail = await source.FetchAsync(id, Cancel);
                Assert.Equal(FetchKind.Fetched, mail.Kind);
                read.Add((id, Encoding.Latin1.GetString(mail.Raw.Span)));
            }

            (cursor, more) = (page.Next, page.More);
        }

        return read;
    }
}
