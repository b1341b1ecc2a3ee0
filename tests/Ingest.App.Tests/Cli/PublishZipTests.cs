using System.IO.Compression;
using Ingest.Cli;
using Xunit;

namespace Ingest.App.Tests.Cli;

public sealed class PublishZipTests : IDisposable
{
    const int ModeShift = 16;
    readonly TempFolder temporary = new();

    [Fact]
    public async Task The_handler_stays_executable_and_the_same_folder_gives_the_same_bytes()
    {
        string folder = Published();
        string first = temporary.File("first.zip"), second = temporary.File("second.zip");

        (int code, string output, _) = await CommandLineTests.RunAsync(["publish-zip", folder, first]);
        await CommandLineTests.RunAsync(["publish-zip", folder, second]);

        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("sha256 ", output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        using ZipArchive zip = ZipFile.OpenRead(first);
        Assert.Equal(["Ingest.App", "IngestMail/function.json", "host.json"], zip.Entries.Select(entry => entry.FullName));
        Assert.Equal([Convert.ToInt32("100755", 8), Convert.ToInt32("100644", 8), Convert.ToInt32("100644", 8)],
            zip.Entries.Select(entry => (entry.ExternalAttributes >> ModeShift) & 0xFFFF));
    }

    [Fact]
    public async Task A_folder_that_was_not_published_is_refused()
    {
        (int code, _, string error) = await CommandLineTests.RunAsync(["publish-zip", temporary.Path, temporary.File("x.zip")]);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("There is no host.json in ", error, StringComparison.Ordinal);
    }

    public void Dispose() => temporary.Dispose();

    string Published()
    {
        string folder = temporary.File("ingest");
        Directory.CreateDirectory(Path.Combine(folder, "IngestMail"));
        File.WriteAllText(Path.Combine(folder, "host.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "IngestMail", "function.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "Ingest.App"), "program");
        return folder;
    }
}
