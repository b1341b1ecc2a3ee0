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
    public void Mails_are_split_at_From_lines_and_unquoted(string lineEnd)
    {
        var mails = Read(Mbox.Replace("\n", lineEnd, StringComparison.Ordinal));
        Assert.Equal(2, mails.Count);
        Assert.Equal("Subject: one\n\nFrom here on.\n>From there.\n\nFrom now on it is prose.\n", mails[0].Replace("\r", "", StringComparison.Ordinal));
        Assert.Equal("Subject: two\n\nBye.\n", mails[1].Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_without_From_lines_is_one_mail() => Assert.Equal(["Subject: x\n\ny"], Read("Subject: x\n\ny"));

    [Fact]
    public void Nothing_holds_no_mail() => Assert.Empty(Read(""));

    private static List<string> Read(string mbox) => [.. MboxReader.Read(Encoding.ASCII.GetBytes(mbox)).Select(static mail => Encoding.ASCII.GetString(mail.Span))];
}
