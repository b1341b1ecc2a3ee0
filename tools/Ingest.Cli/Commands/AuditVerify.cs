using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Audit;

namespace Ingest.Cli.Commands;

/// <summary>Checks the audit log: exported files with nothing but them and, when named, a key; or the log of the running system.</summary>
internal static class AuditVerify
{
    // An entry is below a kilobyte; what is longer is none of ours.
    const int LongestLine = 16 * 1024;

    static readonly Argument<FileInfo[]> Files = new("files") { Description = "Exported files, or folders of them, in any order; without any the log of the running system.", Arity = ArgumentArity.ZeroOrMore };
    static readonly Option<FileInfo?> Key = new("--key") { Description = "The public key to believe, in PEM; without it the files' own, whose fingerprint is shown for you to compare.", HelpName = "file" };

    public static Command Create()
    {
        ExampleCommand verify = new("verify", "Checks that the log is whole, and says where it breaks first. Exit code 0 only when it is whole; 3 when it is whole by the files' own key, which nobody vouched for.",
            "ingest audit verify audit/*.ndjson --key seal.pem", "ingest audit verify") { Files.AcceptExistingOnly() };
        verify.Add(Key);
        verify.SetAction(RunAsync);
        return verify;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        FileInfo[] files = line.GetValue(Files) ?? [];
        AuditCheck check = new();
        TextWriter output = line.InvocationConfiguration.Output;
        AuditFinding? finding;
        if (files.Length > 0)
        {
            finding = await FilesAsync(files, line.GetValue(Key), check, output, cancel);
        }
        else
        {
            LocalDesk desk = LocalDesk.Of(line);
            await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.AuditVerified, AuditActor.Command), cancel);
            finding = await StoresAsync(desk, check, cancel);
        }

        string span = files.Length > 0 && finding is null ? $", from {Date(check.FirstDay)} to {Date(check.LastDay)}" : "";
        bool vouched = files.Length == 0 || line.GetValue(Key) is not null;
        await output.WriteLineAsync(finding is null ? $"Whole{(vouched ? "" : ", by a key nobody vouched for")}: {check.Days:N0} days, {check.Entries:N0} entries{span}." : $"Broken: {Say(finding)} Whole up to there: {check.Entries:N0} entries.");
        if (span.Length > 0 && check.BeginsAfter.Length > 0) await output.WriteLineAsync($"It begins after {Date(check.BeginsAfter)}, which was not given.");
        if (finding is not null) return ExitCode.Failed;
        if (!vouched) await output.WriteLineAsync("Whoever made the files may have made the key, too: compare its fingerprint above with the one you know, or name that key with --key.");
        return vouched ? ExitCode.Ok : ExitCode.Unvouched;
    }

    // Days that ended while nothing ran are signed first, as housekeeping would: only today and yesterday may be without a signature.
    static async Task<AuditFinding?> StoresAsync(LocalDesk desk, AuditCheck check, CancellationToken cancel)
    {
        AuditFinding? notSigned = null;
        try
        {
            await desk.Desk.Audit.SignAsync(desk.Tenant, cancel);
        }
        catch (AuditBrokenException e)
        {
            notSigned = e.Finding;
        }

        return await desk.Desk.AuditExport.CheckAsync(desk.Tenant, check, cancel) ?? notSigned;
    }

    static async Task<AuditFinding?> FilesAsync(FileInfo[] files, FileInfo? keyFile, AuditCheck check, TextWriter output, CancellationToken cancel)
    {
        byte[]? pinned = keyFile is null ? null : await KeyAsync(keyFile, cancel);
        HashSet<string> keys = [];
        foreach (FileInfo file in files.SelectMany(InFolder).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            using StreamReader reader = new(file.FullName, Encoding.UTF8);
            while (await reader.ReadLineAsync(cancel) is { } text)
            {
                if (text.Length > LongestLine) return check.Unreadable();
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                if (await AuditLines.CheckAsync(check, bytes, pinned) is { } finding) return finding;
                if (pinned is null && AuditLines.KeyOf(bytes) is { } key && keys.Add(Convert.ToHexStringLower(SHA256.HashData(key))))
                    await output.WriteLineAsync($"Signed by the key with SHA-256 {keys.Last()}.");
            }
        }

        if (check.Finish() is { } unfinished) return unfinished;
        return check.Days == 0 ? check.Unreadable() : null;
    }

    static IEnumerable<FileInfo> InFolder(FileInfo file)
    {
        if (!Directory.Exists(file.FullName)) return [file];
        FileInfo[] inside = new DirectoryInfo(file.FullName).GetFiles("*.ndjson");
        return inside.Length > 0 ? inside : throw new CannotRunException($"There is no exported file (*.ndjson) in {file.FullName}.");
    }

    internal static async Task<byte[]> KeyAsync(FileInfo file, CancellationToken cancel)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(await File.ReadAllTextAsync(file.FullName, cancel));
            return key.ExportSubjectPublicKeyInfo();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CannotRunException($"{file.Name} is no public key in PEM.");
        }
    }

    static string Date(string day) => day.Length == 8 ? $"{day[..4]}-{day[4..6]}-{day[6..]}" : "the beginning";

    internal static string Say(AuditFinding finding)
    {
        string day = Date(finding.Day);
        return finding.Fault switch
        {
            AuditFault.Unreadable => $"{day}, number {finding.Number}: what stands here is no entry of an audit log.",
            AuditFault.ForeignTenant => $"{day}: from here on it is another tenant's log.",
            AuditFault.DayMissing => $"{day}: a day is missing before this one, or the days are not in order.",
            AuditFault.DayLinkBroken => $"{day}: it does not begin where the day before ended.",
            AuditFault.EntryMissing => $"{day}, number {finding.Number}: this entry is missing.",
            AuditFault.EntryChanged => $"{day}, number {finding.Number}: this entry was changed, or does not follow on the one before.",
            AuditFault.EntryTooMany => $"{day}, number {finding.Number}: this entry was put in.",
            AuditFault.EndChanged => $"{day}: the day's end is not how its entries end.",
            AuditFault.EndMissing => $"{day}: the day's end is missing.",
            AuditFault.NotSigned => $"{day}: the day's end is not signed.",
            AuditFault.EndNotKept => $"{day}: the copy of the day's signed end, which is kept once for all, is not there: it was taken away, or lost, or the day is older than such copies. If you know that nobody took it, \"ingest audit keep-ends\" keeps it again.",
            AuditFault.DayGone => $"{day}: this day was signed, and was taken away.",
            AuditFault.SpanCut => $"{day}: the export went as far as this day, whose file was not given.",
            AuditFault.SignatureWrong => $"{day}: the signature of the day's end is wrong, or made by another key.",
        };
    }
}
