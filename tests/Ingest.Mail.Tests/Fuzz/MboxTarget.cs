using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Fuzz;

/// <summary>Mboxes: the mails found lie one after the other and cover the file.</summary>
internal static class MboxTarget
{
    public static void Read(byte[] mbox)
    {
        var found = FindAsync(new MemoryStream(mbox));
        Assert.True(found.IsCompleted);
        long end = 0;
        foreach (var entry in found.GetAwaiter().GetResult())
        {
            Assert.Equal(end, entry.Start);
            end = entry.End;
            Assert.True(MboxReader.Unwrap(mbox[(int)entry.Start..(int)entry.End], out _).Length <= entry.Length);
        }
        Assert.Equal(mbox.Length, end);
    }

    private static async Task<List<MboxEntry>> FindAsync(Stream mbox)
    {
        var found = new List<MboxEntry>();
        await foreach (var entry in MboxReader.FindAsync(mbox, 0, CancellationToken.None))
            found.Add(entry);
        return found;
    }
}
