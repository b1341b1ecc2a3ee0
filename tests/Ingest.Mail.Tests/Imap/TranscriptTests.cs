using Xunit;

namespace Ingest.Mail.Tests.Imap;

/// <summary>Conversations in tests/fixtures/imap: adding a case is adding a file.</summary>
public sealed class TranscriptTests
{
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(Mime.Fixtures.Folder)!, "imap");

    public static string FileOf(string name) => Path.Combine(Folder, name + ".txt");

    public static IEnumerable<string> Names => [.. Directory.EnumerateFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Cases => [.. Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_conversation_goes_as_written(string name)
    {
        (string expected, string actual) = await Transcript.Read(FileOf(name)).RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(expected, actual);
    }
}
