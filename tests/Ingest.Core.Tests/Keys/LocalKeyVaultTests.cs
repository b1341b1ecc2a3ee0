using System.Runtime.Versioning;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class LocalKeyVaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_that_begin_at_once_agree_on_the_keys()
    {
        // Once is seldom enough for two to meet.
        for (int round = 0; round < 50; round++)
        {
            using TempFolder folder = new();
            string path = Path.Combine(folder.Path, "deep", "keys");
            KeySignature[] signatures = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                using LocalKeyVault vault = new(path);
                return await vault.SignAsync(new byte[32], Cancel);
            })));
            Assert.Single(signatures.Select(signature => signature.Kid).Distinct());
            Assert.Equal(["seal.pem"], Directory.GetFiles(path).Select(Path.GetFileName));
        }
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_can_read_the_files_and_anything_else_is_refused_with_the_remedy()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no file modes.");
        using TempFolder folder = new();
        string path = Path.Combine(folder.Path, "keys");
        using LocalKeyVault first = new(path);
        await first.SignAsync(new byte[32], Cancel);
        string file = Path.Combine(path, "seal.pem");
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(path));

        File.SetUnixFileMode(file, OwnerOnly | UnixFileMode.GroupRead);
        using LocalKeyVault second = new(path);
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => second.SignAsync(new byte[32], Cancel));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);

        File.SetUnixFileMode(file, OwnerOnly);
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherWrite);
        refused = await Assert.ThrowsAsync<InvalidOperationException>(() => second.SignAsync(new byte[32], Cancel));
        Assert.Contains("chmod 700", refused.Message, StringComparison.Ordinal);
    }
}
