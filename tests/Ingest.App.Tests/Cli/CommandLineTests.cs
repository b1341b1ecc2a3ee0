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
