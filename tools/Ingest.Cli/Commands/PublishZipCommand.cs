using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Ingest.Cli.Commands;

/// <summary>Packs a published folder so that the Functions host can start what is in it; used by tools/publish.</summary>
internal static class PublishZipCommand
{
    const string Handler = "Ingest.App";
    const int RegularFile = 0x8000 << 16;

    // The same folder gives the same bytes, so that two builds can be compared by their hash.
    static readonly DateTimeOffset Stamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Command Create()
    {
        Argument<DirectoryInfo> folder = new("folder") { Description = "The published folder, with host.json at its root." };
        Argument<FileInfo> zip = new("zip") { Description = "The file to write; replaced when it exists." };
        Command command = new("publish-zip", "Packs a published folder, keeping the handler executable.") { Hidden = true };
        command.Add(folder.AcceptExistingOnly());
        command.Add(zip);
        command.SetAction((line, cancel) => RunAsync(line.GetRequiredValue(folder), line.GetRequiredValue(zip), line.InvocationConfiguration.Output, cancel));
        return command;
    }

    static async Task<int> RunAsync(DirectoryInfo folder, FileInfo zip, TextWriter output, CancellationToken cancel)
    {
        foreach (string needed in new[] { "host.json", Handler })
            if (!File.Exists(Path.Combine(folder.FullName, needed)))
                throw new CannotRunException($"There is no {needed} in {folder.FullName}: name the folder that tools/publish wrote.");

        string unfinished = zip.FullName + ".part";
        await using (FileStream file = new(unfinished, FileMode.Create))
            await PackAsync(folder.FullName, file, cancel);
        File.Move(unfinished, zip.FullName, overwrite: true);

        await using FileStream written = zip.OpenRead();
        string hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, cancel));
        await output.WriteLineAsync($"{zip.FullName}");
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"size   {written.Length:N0} bytes"));
        await output.WriteLineAsync($"sha256 {hash}");
        return ExitCode.Ok;
    }

    static async Task PackAsync(string folder, FileStream file, CancellationToken cancel)
    {
        await using ZipArchive archive = await ZipArchive.CreateAsync(file, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancel);
        IEnumerable<string> names = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);
        foreach (string name in names)
        {
            ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.Optimal);
            entry.LastWriteTime = Stamp;
            entry.ExternalAttributes = RegularFile | (name == Handler ? 0b111_101_101 : 0b110_100_100) << 16;
            await using Stream target = await entry.OpenAsync(cancel);
            await using FileStream source = File.OpenRead(Path.Combine(folder, name));
            await source.CopyToAsync(target, cancel);
        }
    }
}
