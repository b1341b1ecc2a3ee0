using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Ingest.Cli;
using Ingest.Cli.Commands;
using Ingest.Core.Audit;
using Xunit;

namespace Ingest.App.Tests.Cli;

/// <summary>No command reads or changes anything that the audit log is not told of; and the log is checked without the system that wrote it.</summary>
public sealed class CommandTrailTests
{
    [Fact]
    public void Every_command_is_told_or_says_why_not()
    {
        string[] all = [.. Leaves(IngestCommand.Create()).Select(Examples.Path).Order(StringComparer.Ordinal)];
        Assert.Equal(all, CommandTrail.Told.Keys.Concat(CommandTrail.Silent).Order(StringComparer.Ordinal));

        static IEnumerable<Command> Leaves(Command command) => (command.Action is not null && command is not RootCommand ? [command] : Array.Empty<Command>()).Concat(command.Subcommands.SelectMany(Leaves));
    }

    [Theory]
    [InlineData("tickets list", AuditAction.Listed)]
    [InlineData("tickets show ABCD1234", AuditAction.ContentRead)]
    [InlineData("explain ABCD1234", AuditAction.ContentRead)]
    [InlineData("token list", AuditAction.Listed)]
    [InlineData("tickets show --help", null)]
    [InlineData("journal", null)]
    [InlineData("parse -", null)]
    public void A_line_is_told_when_it_runs_a_command_and_not_when_it_asks_for_help(string line, AuditAction? told) =>
        Assert.Equal(told, CommandTrail.WhatToTell(IngestCommand.Create().Parse(line))?.Action);

    private static string[] Day(ECDsa key, string tenant = "acme", string previousDay = "")
    {
        AuditHead head = AuditHead.First(tenant, "20260301", previousDay, new byte[32]);
        List<byte[]> lines = [AuditLines.Begin(tenant, head)];
        for (int i = 1; i <= 3; i++)
        {
            AuditEntry entry = new("20260301", i, "0123456789abcdefghjkmnpqrs", DateTimeOffset.UnixEpoch.AddYears(56), new AuditEvent(AuditAction.Searched, AuditActor.Command) { Count = i });
            byte[] hash = entry.HashAfter(tenant, head.Hash);
            lines.Add(AuditLines.Entry(entry with { Hash = hash }));
            head = head with { Count = i, Hash = hash };
        }

        byte[] signature = key.SignHash(head.Digest(tenant), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        lines.Add(AuditLines.End(head with { SignedBy = "local:seal/0123456789abcdef", Signature = signature }, key.ExportSubjectPublicKeyInfo()));
        return [.. lines.Select(Encoding.UTF8.GetString)];
    }

    [Fact]
    public async Task Files_are_checked_offline_and_the_exit_code_says_whether_they_are_whole()
    {
        using TempFolder folder = new();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256), other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string log = Path.Combine(folder.Path, "audit.ndjson"), own = Path.Combine(folder.Path, "own.pem"), wrong = Path.Combine(folder.Path, "wrong.pem");
        string[] lines = Day(key);
        await File.WriteAllTextAsync(log, string.Concat(lines), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(own, key.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(wrong, other.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Ok, "Whole: 1 days, 3 entries, from 2026-03-01 to 2026-03-01."), await RunAsync("audit", "verify", log, "--key", own));
        Assert.Equal((ExitCode.Ok, "Whole: 1 days, 3 entries, from 2026-03-01 to 2026-03-01."), await RunAsync("audit", "verify", folder.Path, "--key", own));
        (int code, string said) = await RunAsync("audit", "verify", log);
        Assert.Equal(ExitCode.Unvouched, code);
        Assert.Contains("Whole, by a key nobody vouched for: 1 days, 3 entries, from 2026-03-01 to 2026-03-01.", said, StringComparison.Ordinal);
        Assert.Contains("compare its fingerprint", said, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), said, StringComparison.Ordinal);
        (code, said) = await RunAsync("audit", "verify", log, "--key", wrong);
        Assert.Equal((ExitCode.Failed, "Broken: 2026-03-01: the signature of the day's end is wrong, or made by another key. Whole up to there: 3 entries."), (code, said));
        await File.WriteAllTextAsync(log, string.Concat(lines.Where((_, i) => i != 2)), TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.Failed, "Broken: 2026-03-01, number 2: this entry is missing. Whole up to there: 1 entries."), await RunAsync("audit", "verify", log, "--key", own));
        await File.WriteAllTextAsync(log, "", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Failed, (await RunAsync("audit", "verify", log)).Code);
        (code, _) = await RunAsync("audit", "verify", log, "--key", log);
        Assert.Equal(ExitCode.Failed, code);
    }

    [Fact]
    public async Task Files_that_begin_in_the_middle_of_a_log_are_said_to()
    {
        using TempFolder folder = new();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string log = Path.Combine(folder.Path, "audit.ndjson"), own = Path.Combine(folder.Path, "own.pem");
        await File.WriteAllTextAsync(log, string.Concat(Day(key, previousDay: "20260227")), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(own, key.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);
        (int code, string said) = await RunAsync("audit", "verify", log, "--key", own);
        Assert.Equal((ExitCode.Ok, "Whole: 1 days, 3 entries, from 2026-03-01 to 2026-03-01.\nIt begins after 2026-02-27, which was not given."), (code, said.ReplaceLineEndings("\n")));
    }

    [Theory]
    [InlineData("audit", "list", "--day", "yesterday")]
    [InlineData("audit", "list", "--action", "Nonsense")]
    [InlineData("audit", "export")]
    [InlineData("audit", "export", "--day", "2026-11-22", "--from", "2026-11-01")]
    [InlineData("person", "export", "ann@customer.example")]
    public async Task A_wrong_command_line_is_refused(params string[] args) => Assert.Equal(ExitCode.Usage, (await RunAsync(args)).Code);

    private static async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int code = await IngestCommand.RunAsync(args, output, error);
        return (code, output.ToString().TrimEnd());
    }
}
