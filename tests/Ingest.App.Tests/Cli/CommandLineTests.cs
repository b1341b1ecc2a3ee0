using Ingest.Cli;
using Xunit;

namespace Ingest.App.Tests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("up", "--port", "0")]
    [InlineData("up", "--azurite-ports", "1,2")]
    [InlineData("up", "--instances", "none")]
    [InlineData("up", "--no-google", "--demo")]
    [InlineData("up", "--dns", "no-such-file.json")]
    [InlineData("tickets", "list", "--count", "0")]
    [InlineData("tickets", "list", "--json", "--table")]
    [InlineData("tickets", "show")]
    [InlineData("import")]
    public async Task A_wrong_command_line_ends_with_2_and_points_to_the_help(params string[] args)
    {
        (int code, string output, string error) = await RunAsync(args);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Empty(output);
        Assert.StartsWith("ingest: ", error, StringComparison.Ordinal);
        Assert.Contains("--help\" shows how it is used.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tickets", "list")]
    [InlineData("tickets", "show", "4K7QZ2MX")]
    [InlineData("mailbox", "list")]
    [InlineData("mailbox", "sync", "a@b.example")]
    [InlineData("journal", "--reconcile")]
    [InlineData("explain", "4K7QZ2MX")]
    [InlineData("reports")]
    [InlineData("replay")]
    public async Task A_command_without_a_running_system_says_how_to_start_one(params string[] args)
    {
        using TempFolder folder = new();

        (int code, string output, string error) = await RunAsync([.. args, "--data", folder.Path]);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Empty(output);
        Assert.Equal($"ingest: Nothing is running on {folder.Path}: start it with tools/up (or give --data).", error.Trim());
    }

    [Fact]
    public async Task A_word_that_is_none_of_those_asked_for_is_refused_with_those_and_no_name_of_a_type()
    {
        (int code, _, string error) = await RunAsync(["hold", "place", "Foo", "a", "--reason", "b"]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("'Foo'", error, StringComparison.Ordinal);
        Assert.Contains("Mailbox", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Ingest.Core", error, StringComparison.Ordinal);
    }

    // Asked a second time, a person who is erased is somebody of whom nothing is found: the first receipt is the one to keep.
    [Fact]
    public async Task Nothing_is_erased_while_its_receipt_has_no_place()
    {
        using TempFolder folder = new();
        string there = Path.Combine(folder.Path, "r.json"), nowhere = Path.Combine(folder.Path, "no", "r.json");
        await File.WriteAllTextAsync(there, "an older receipt", TestContext.Current.CancellationToken);
        foreach ((string file, string why) in new[] { (there, "r.json exists already"), (nowhere, "there is no folder") })
            foreach (string[] what in new string[][] { ["contact", "ann@customer.example"], ["tenant"] })
            {
                (int code, string output, string error) = await RunAsync(["erase", .. what, "--yes", "--receipt", file, "--data", folder.Path]);
                Assert.Equal((ExitCode.Failed, ""), (code, output));
                Assert.StartsWith("ingest: Nothing was erased: ", error, StringComparison.Ordinal);
                Assert.Contains(why, error, StringComparison.Ordinal);
            }

        Assert.Equal("an older receipt", await File.ReadAllTextAsync(there, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_no_receipt_no_key_and_no_log_is_said_to_be_none()
    {
        using TempFolder folder = new();
        string mail = Path.Combine(folder.Path, "1.eml"), receipt = Path.Combine(folder.Path, "r.json");
        await File.WriteAllTextAsync(mail, "Subject: One\r\n\r\nHello\r\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(receipt, """{"receipt":{"version":1,"erasure":"e","tenant":"t","kind":"Ticket","target":"x","begun":"b","destroyed":"d","cachesGone":"c","finalEverywhere":"f","counts":{},"keysDestroyed":0,"keysDigest":"","keys":[],"notRemoved":[]},"signature":{"alg":"ES256","kid":"local:seal/0","value":""}}""", TestContext.Current.CancellationToken);

        Assert.Equal("ingest: 1.eml is no receipt of an erasure.", (await RunAsync(["erase", "verify", mail])).Error.Trim());
        Assert.Equal("ingest: 1.eml is no public key in PEM.", (await RunAsync(["erase", "verify", receipt, "--key", mail])).Error.Trim());
        Assert.Equal($"ingest: There is no exported file (*.ndjson) in {folder.Path}.", (await RunAsync(["audit", "verify", folder.Path])).Error.Trim());
    }

    [Theory]
    [InlineData("up", "tools/up --demo")]
    [InlineData("journal", "ingest journal --reconcile")]
    [InlineData("import", "ingest import mails/")]
    public async Task Help_ends_with_examples(string command, string example)
    {
        (int code, string output, _) = await RunAsync([command, "--help"]);

        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains(example, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bare_command_shows_the_commands()
    {
        (int code, string output, _) = await RunAsync([]);

        Assert.Equal(ExitCode.Ok, code);
        foreach (string command in new[] { "up", "parse", "import", "mailbox", "tickets", "journal", "replay" })
            Assert.Contains("  " + command + " ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("publish-zip", output, StringComparison.Ordinal);
    }

    internal static async Task<(int Code, string Output, string Error)> RunAsync(IReadOnlyList<string> args)
    {
        StringWriter output = new(), error = new();
        int code = await IngestCommand.RunAsync(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
