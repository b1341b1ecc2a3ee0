using Ingest.Cli;
using Ingest.Core.Spam;
using Xunit;

namespace Ingest.App.Tests.Cli;

public sealed class SpamCommandTests
{
    private const string Examples = "== ham a\nsubject: Broken lamp\n\nMy lamp does not shine, please send me a new one.\n\n== spam b\nsubject: You have won\n\nClaim your prize of $1,000,000 now, dear winner, act today.\n";

    private static async Task<(int Code, string Error)> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int code = await IngestCommand.RunAsync(args, output, error);
        return (code, error.ToString());
    }

    [Fact]
    public async Task Training_writes_the_same_model_from_the_same_mails_and_it_can_be_used()
    {
        using TempFolder folder = new();
        string written = Directory.CreateDirectory(folder.File("written")).FullName, mails = Directory.CreateDirectory(folder.File("mails")).FullName;
        await File.WriteAllTextAsync(Path.Combine(written, "x.txt"), Examples, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(mails, "one.eml"), "From: Ada <ada@example.com>\nSubject: Broken lamp\n\nMy lamp does not shine.\n", TestContext.Current.CancellationToken);
        string one = folder.File("one.model"), two = folder.File("two.model");

        Assert.Equal((ExitCode.Ok, ""), await RunAsync("train", "--written", written, "--ham", mails, "--out", one));
        Assert.Equal((ExitCode.Ok, ""), await RunAsync("train", "--ham", mails, "--written", written, "--out", two));
        byte[] model = await File.ReadAllBytesAsync(one, TestContext.Current.CancellationToken);
        Assert.Equal(model, await File.ReadAllBytesAsync(two, TestContext.Current.CancellationToken));
        Assert.True(SpamModel.FromBytes(model).Count > 0);
        Assert.Equal((ExitCode.Ok, ""), await RunAsync("classify", "--model", one, mails));
        Assert.Equal((ExitCode.Ok, ""), await RunAsync("spam", "evaluate", mails, mails + ":0-9", "--model", one));
    }

    [Fact]
    public async Task What_cannot_be_run_names_what_is_wrong()
    {
        using TempFolder folder = new();
        string file = folder.File("no.model"), mail = folder.File("one.eml");
        await File.WriteAllTextAsync(file, "this is no model", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(mail, "Subject: x\n\nhello\n", TestContext.Current.CancellationToken);

        (int code, string error) = await RunAsync("classify", "--model", file, mail);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("train it again", error, StringComparison.Ordinal);
        (code, error) = await RunAsync("train", "--ham", mail, "--out", folder.File("x.model"));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("both kinds", error, StringComparison.Ordinal);
        (code, error) = await RunAsync("spam", "evaluate", folder.File("nothing"), mail);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("is not there", error, StringComparison.Ordinal);
        (code, error) = await RunAsync("classify", "--one-customer-in", "0", mail);
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("above 0", error, StringComparison.Ordinal);
    }
}
