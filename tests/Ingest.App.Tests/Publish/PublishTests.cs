using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text.Json;
using Xunit;

namespace Ingest.App.Tests.Publish;

public sealed class PublishTests(PublishedPackage package)
{
    private const int ModeShift = 16;
    private static readonly string[] Functions = ["HttpApi", "HttpConnect", "IngestMail", "KeepHouse", "ScheduleSync", "SyncMailbox"];

    [Fact]
    public async Task The_folder_is_what_the_host_lists()
    {
        await package.ReadyAsync();

        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(PublishedPackage.Repository, "functions", "Ingest.App", "Functions"), "function.json", SearchOption.AllDirectories)
                .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal),
            Directory.EnumerateDirectories(package.Folder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal));
        Assert.Superset(Functions.ToHashSet(), Directory.EnumerateDirectories(package.Folder).Select(folder => Path.GetFileName(folder)).ToHashSet());
        // Any other file beside function.json would be taken for a script.
        Assert.All(Directory.EnumerateDirectories(package.Folder), folder => Assert.Equal(
            [Path.Combine(folder, "function.json")], Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)));
        using JsonDocument host = JsonDocument.Parse(File.ReadAllText(Path.Combine(package.Folder, "host.json")));
        Assert.Equal("Ingest.App", host.RootElement.GetProperty("customHandler").GetProperty("description").GetProperty("defaultExecutablePath").GetString());
        Assert.DoesNotContain(Directory.EnumerateFiles(package.Folder).Select(file => Path.GetExtension(file)), extension => extension is ".pdb" or ".xml" or ".config");
    }

    [Fact]
    public async Task The_handler_carries_its_runtime_and_is_compiled_ahead()
    {
        await package.ReadyAsync();

        foreach (string runtime in (string[])["libcoreclr.so", "libhostfxr.so", "System.Private.CoreLib.dll", "Microsoft.AspNetCore.Server.Kestrel.Core.dll"])
            Assert.True(File.Exists(Path.Combine(package.Folder, runtime)), $"{runtime} is missing: the package is not self-contained.");
        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(package.Handler).HasFlag(UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));
        foreach (string assembly in (string[])["Ingest.App.dll", "Ingest.Core.dll", "Ingest.Mail.dll", "Azure.Core.dll"])
            Assert.True(IsReadyToRun(Path.Combine(package.Folder, assembly)), $"{assembly} holds no native code: PublishReadyToRun did not reach it.");
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(package.Folder, "Ingest.App.runtimeconfig.json")));
        JsonElement properties = settings.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        Assert.False(properties.GetProperty("System.Runtime.TieredPGO").GetBoolean());
        Assert.False(properties.TryGetProperty("System.Globalization.Invariant", out JsonElement invariant) && invariant.GetBoolean());
    }

    [Fact]
    public async Task The_zip_holds_the_folder_and_only_the_handler_is_executable()
    {
        await package.ReadyAsync();

        using ZipArchive zip = ZipFile.OpenRead(package.Zip);
        Assert.Equal(
            Directory.EnumerateFiles(package.Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(package.Folder, file)).Order(StringComparer.Ordinal),
            zip.Entries.Select(entry => entry.FullName));
        Assert.All(zip.Entries, entry => Assert.Equal(
            Convert.ToInt32(entry.FullName == "Ingest.App" ? "100755" : "100644", 8), (entry.ExternalAttributes >> ModeShift) & 0xFFFF));
    }

    [Fact]
    public async Task Publishing_again_makes_the_same_zip_and_leaves_the_lock_files()
    {
        IReadOnlyDictionary<string, string> before = await package.ReadyAsync();

        string again = Hash(await package.PublishAsync("again"));
        // Once more, over what is there already.
        string over = Hash(await package.PublishAsync("again"));

        Assert.Equal([Hash(package.Zip), Hash(package.Zip)], [again, over]);
        Assert.NotEmpty(before);
        Assert.Equal(before, PublishedPackage.LockFiles());
    }

    private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));

    private static bool IsReadyToRun(string assembly)
    {
        using PEReader reader = new(File.OpenRead(assembly));
        return reader.HasMetadata && reader.GetMetadataReader().IsAssembly && reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
