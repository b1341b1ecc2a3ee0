using Ingest.Mail.Tests.Imap;
using Xunit;

namespace Ingest.Mail.Tests.Smtp;

/// <summary>Conversations in tests/fixtures/smtp: adding a case is adding a file.</summary>
public sealed class TranscriptTests
{
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(Mime.Fixtures.Folder)!, "smtp");

    public static TheoryData<string> Cases => [.. Directory.EnumerateFiles(Folder, "*.txt").Select(static file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_conversation_goes_as_written(string name)
    {
        var (expected, actual) = await Transcript.Read(Path.Combine(Folder, name + ".txt"))
            .RunAsync(static (server, options) => new Client(server, options), TestContext.Current.CancellationToken);
        Assert.Equal(expected, actual);
    }
}
