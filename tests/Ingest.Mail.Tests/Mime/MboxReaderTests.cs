using System.Globalization;
using System.Text;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class MboxReaderTests
{
    private const string Mbox = "From a@example.com Tue Mar  3 10:00:00 2026\nSubject: one\n\n>From here on.\n>>From there.\n\nFrom now on it is prose.\n\nFrom b@example.com Tue Mar  3 11:00:00 2026\nSubject: two\n\nBye.\n";

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Mails_are_split_at_From_lines_and_unquoted(string lineEnd)
    {
        var mails = await ReadAsync(Mbox.Replace("\n", lineEnd, StringComparison.Ordinal));
        Assert.Equal(2, mails.Count);
        Assert.Equal("Subject: one\n\nFrom here on.\n>From there.\n\nFrom now on it is prose.\n", mails[0].Replace("\r", "", StringComparison.Ordinal));
        Assert.Equal("Subject: two\n\nBye.\n", mails[1].Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_without_From_lines_is_one_mail() => Assert.Equal(["Subject: x\n\ny"], await ReadAsync("Subject: x\n\ny"));

    [Fact]
    public async Task Nothing_holds_no_mail() => Assert.Empty(await ReadAsync(""));

    [Fact]
    public async Task A_mail_larger_than_the_buffer_is_whole()
    {
        var body = string.Concat(Enumerable.Repeat("0123456789 From 12:34\n", 20_000));
        var mails = await ReadAsync($"From a Tue Mar  3 10:00:00 2026\n\n{body}\nFrom b Tue Mar  3 10:00:00 2026\n\n{body}\n");
        Assert.Equal(["\n" + body, "\n" + body], mails);
    }

    [Theory]
    [InlineData("From a@example.com Tue Mar  3 10:00:00 2026", "2026-03-03T10:00:00Z")]
    [InlineData("From a@example.com Tue Mar  3 10:00:00 2026 +0200", "2026-03-03T08:00:00Z")]
    [InlineData("From MAILER-DAEMON Tue Mar  3 10:00:00 CET 2026\r", "2026-03-03T09:00:00Z")]
    [InlineData("From 1234@xxx Sat Jan 03 01:05:34 +0000 2026", "2026-01-03T01:05:34Z")]
    [InlineData("From 1234@xxx Sat Jan 03 01:05:34 -0530 2026\r", "2026-01-03T06:35:34Z")]
    [InlineData("From 12:34", null)]
    [InlineData("From a 12:34", null)]
    public void A_From_line_tells_when_the_mail_came(string line, string? time)
    {
        Assert.Equal("x", Encoding.ASCII.GetString(MboxReader.Unwrap(Encoding.ASCII.GetBytes(line + "\nx"), out var delivered).Span));
        Assert.Equal(time is null ? null : DateTimeOffset.Parse(time, CultureInfo.InvariantCulture), delivered);
    }

    [Theory]
    [InlineData("Received: by b;\n Tue, 3 Mar 2026 10:00:00 +0000\nReceived: by a; Tue, 3 Mar 2026 09:00:00 +0000\nDate: Mon, 2 Mar 2026 08:00:00 +0000\n\nx", "2026-03-03T10:00:00Z")]
    [InlineData("Received: by b\nDATE : Mon, 2 Mar 2026 08:00:00 +0000\n\nx", "2026-03-02T08:00:00Z")]
    [InlineData("Subject: x\n\nDate: Mon, 2 Mar 2026 08:00:00 +0000\n", null)]
    [InlineData("Date: never", null)]
    [InlineData("", null)]
    public void Without_a_From_time_the_mail_itself_tells_when_it_came(string mail, string? time)
    {
        MboxReader.Unwrap(Encoding.ASCII.GetBytes("From a 12:34\n" + mail), out var delivered);
        Assert.Equal(time is null ? null : DateTimeOffset.Parse(time, CultureInfo.InvariantCulture), delivered);
    }

    private static async Task<List<string>> ReadAsync(string mbox)
    {
        List<string> mails = [];
        await foreach (var mail in MboxReader.ReadAsync(new MemoryStream(Encoding.ASCII.GetBytes(mbox)), TestContext.Current.CancellationToken))
            mails.Add(Encoding.ASCII.GetString(mail.Span));
        return mails;
    }
}
