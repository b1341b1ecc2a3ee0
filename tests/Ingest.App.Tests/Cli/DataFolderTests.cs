using System.Globalization;
using Ingest.Cli;
using Xunit;

namespace Ingest.App.Tests.Cli;

public sealed class DataFolderTests : IDisposable
{
    readonly TempFolder temporary = new();
    readonly DataFolder data;

    public DataFolderTests()
    {
        data = new DataFolder(temporary.File("data"));
        data.Create();
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_is_held_by_one_at_a_time_and_the_message_names_who_has_it()
    {
        await using IAsyncDisposable held = await data.HoldAsync(Cancel);

        CannotRunException fault = await Assert.ThrowsAsync<CannotRunException>(() => data.HoldAsync(Cancel));

        Assert.Contains(data.Root, fault.Message, StringComparison.Ordinal);
        Assert.Contains("process " + Environment.ProcessId.ToString(CultureInfo.InvariantCulture), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_can_be_held_again_after_it_was_let_go()
    {
        Assert.False(data.IsHeld);
        await using (await data.HoldAsync(Cancel))
            Assert.True(data.IsHeld);
        Assert.False(data.IsHeld);
        await using IAsyncDisposable again = await data.HoldAsync(Cancel);
        Assert.True(data.IsHeld);
    }

    [Fact]
    public void What_rests_in_it_is_for_its_owner_only()
    {
        Settings().Write(data);
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes");
            return;
        }

        UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(data.Root) & others);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(data.Settings));
    }

    [Fact]
    public async Task Settings_of_a_running_system_are_what_was_written()
    {
        Settings().Write(data);
        Settings().Write(data);
        await using IAsyncDisposable held = await data.HoldAsync(Cancel);

        LocalSettings read = LocalSettings.OfRunning(data);

        Assert.Equal(Settings().Ports, read.Ports);
        Assert.Equal("http://127.0.0.1:1", read.BaseUrl);
        Assert.False(File.Exists(data.Settings + ".part"));
    }

    [Fact]
    public void Settings_without_a_running_system_say_how_to_start_one()
    {
        Settings().Write(data);

        CannotRunException fault = Assert.Throws<CannotRunException>(() => LocalSettings.OfRunning(data));

        Assert.Equal($"Nothing is running on {data.Root}: start it with tools/up (or give --data).", fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"version":99,"ports":{"host":1,"blob":2,"queue":3,"table":4},"environment":{}}""")]
    [InlineData("""{"version":1}""")]
    public void Settings_that_cannot_be_used_are_none(string text)
    {
        File.WriteAllText(data.Settings, text);

        Assert.Null(LocalSettings.Read(data));
    }

    public void Dispose() => temporary.Dispose();

    static LocalSettings Settings() => new()
    {
        Ports = new LocalPorts { Host = 1, Blob = 2, Queue = 3, Table = 4, Google = 5 },
        Environment = new Dictionary<string, string> { ["INGEST_BASE_URL"] = "http://127.0.0.1:1" },
    };
}
