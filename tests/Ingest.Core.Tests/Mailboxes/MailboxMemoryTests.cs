using System.Text;
using Ingest.Core.Mailboxes;
using Xunit;

namespace Ingest.Core.Tests.Mailboxes;

/// <summary>Counts what the whole process allocates, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(MailboxMemoryTests), DisableParallelization = true)]
[Collection(nameof(MailboxMemoryTests))]
public class MailboxMemoryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_mail_lives_in_memory_about_once()
    {
        byte[] mail = new byte[25_000_000];
        new Random(1).NextBytes(mail);
        using var json = new MemoryStream(Encoding.ASCII.GetBytes($$"""{"id":"m1","sizeEstimate":{{mail.Length}},"raw":"{{Convert.ToBase64String(mail).Replace('+', '-').Replace('/', '_')}}","internalDate":"5"}"""));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        RawMessage read = await new GmailRawReader(json, FetchedMail.MaxRawBytes).ReadAsync(Cancel);
        long used = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.True(mail.AsSpan().SequenceEqual(read.Raw!.Value.Span));
        Assert.Equal(5, read.InternalDate);
        Assert.InRange(used, 0, mail.Length + 1_000_000);
    }

    [Fact]
    public async Task A_large_mbox_is_walked_in_little_memory()
    {
        using var folder = new TempFolder();
        string body = string.Concat(Enumerable.Repeat(new string('x', 76) + "\n", 13_000));
        await using (StreamWriter mbox = File.CreateText(Path.Combine(folder.Path, "big.mbox")))
        {
            for (int at = 0; at < 60; at++)
                await mbox.WriteAsync($"From a Wed Aug 21 12:34:56 2002\nSubject: {at}\n\n{body}\n");
        }

        await using var source = new FolderSource(folder.Path);
        SourceCursor? cursor = null;
        int seen = 0;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (bool more = true; more;)
        {
            ListedPage page = await source.ListAsync(cursor, 10, Cancel);
            (seen, cursor, more) = (seen + page.Ids.Count, page.Next, page.More);
        }

        Assert.Equal(60, seen);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 2_000_000);
    }
}
