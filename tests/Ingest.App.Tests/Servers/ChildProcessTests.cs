using System.Diagnostics;
using System.Globalization;
using Ingest.Cli.Servers;
using Xunit;

namespace Ingest.App.Tests.Servers;

public sealed class ChildProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispose_ends_the_child_and_what_it_started()
    {
        SkipOnWindows();
        ChildProcess child = Sh("sleep 600 & echo $!; exec sleep 600");
        int grandchild = await ReadIdAsync(child);

        await child.KillAsync(Cancel);
        await child.DisposeAsync();

        await WaitUntilGoneAsync(grandchild);
    }

    [Fact]
    public async Task A_stop_lets_the_child_clean_up()
    {
        SkipOnWindows();
        await using ChildProcess child = Sh("trap 'echo cleaned; exit 7' TERM; echo $$; while :; do sleep 0.05; done");
        await ReadIdAsync(child);

        await child.StopAsync(Cancel);

        Assert.Equal(7, child.ExitCode);
        Assert.Contains("cleaned", child.LastLines);
    }

    [Fact]
    public async Task A_child_that_ends_early_is_told_with_its_last_words()
    {
        SkipOnWindows();
        await using ChildProcess child = Sh("echo no such luck; exit 3");

        ServerException e = await Assert.ThrowsAsync<ServerException>(
            () => child.WaitForAsync(line => line == "ready" ? line : null, TimeSpan.FromMinutes(1), Cancel));

        Assert.Contains("exit code 3", e.Message, StringComparison.Ordinal);
        Assert.Contains("no such luck", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_is_named()
    {
        ServerException e = Assert.Throws<ServerException>(
            () => ChildProcess.Start(new ChildStart { Name = "ghost", Program = "no-such-program-here", EndsWithStdin = true }));

        Assert.Contains("no-such-program-here", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DoomedParent.WatchesStdin)]
    [InlineData(DoomedParent.Sleeps)]
    [InlineData(DoomedParent.GroupOfItsOwn)]
    public async Task Children_die_when_their_parent_is_killed(string kind)
    {
        SkipOnWindows();
        using Process parent = StartDoomed(Program, kind);
        int child = await ReadIdAsync(parent);

        parent.Kill();

        await parent.WaitForExitAsync(Cancel);
        await WaitUntilGoneAsync(child);
    }

    [Theory]
    [InlineData(DoomedParent.Sleeps)]
    [InlineData(DoomedParent.GroupOfItsOwn)]
    public async Task Children_die_when_the_whole_group_of_their_parent_is_ended(string kind)
    {
        SkipOnWindows();
        using Process parent = StartDoomed("setsid", kind, Program);
        int child = await ReadIdAsync(parent);
        using Process kill = Process.Start("kill", ["-TERM", "--", $"-{parent.Id}"]);

        await kill.WaitForExitAsync(Cancel);
        await WaitUntilGoneAsync(child);
        await parent.WaitForExitAsync(Cancel);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Ingest.App.Tests");

    private static Process StartDoomed(string program, string kind, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        info.Environment[DoomedParent.Variable] = kind;
        return Process.Start(info)!;
    }

    private static async Task<int> ReadIdAsync(Process parent) => int.Parse((await parent.StandardOutput.ReadLineAsync(Cancel))!, CultureInfo.InvariantCulture);

    private static void SkipOnWindows()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Speaks to /bin/sh.");
    }

    private static ChildProcess Sh(string script) =>
        ChildProcess.Start(new ChildStart { Name = "script", Program = "/bin/sh", Arguments = ["-c", script] });

    private static async Task<int> ReadIdAsync(ChildProcess child) =>
        int.Parse(await child.WaitForAsync(line => line, TimeSpan.FromMinutes(1), Cancel), CultureInfo.InvariantCulture);

    // A zombie nobody has reaped yet is gone too. The limit is only there to end a failing test.
    private static async Task WaitUntilGoneAsync(int id)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        string stat = $"/proc/{id}/stat";
        while (File.Exists(stat) && !(await ReadAsync(stat)).Contains(") Z ", StringComparison.Ordinal))
            await Task.Delay(50, patience.Token);
    }

    private static async Task<string> ReadAsync(string path)
    {
        try
        {
            return await File.ReadAllTextAsync(path, Cancel);
        }
        catch (IOException)
        {
            return ") Z ";
        }
    }
}
