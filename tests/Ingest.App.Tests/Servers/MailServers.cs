using System.Security.Cryptography.X509Certificates;
using Ingest.Cli.Servers;
using Xunit;

namespace Ingest.App.Tests.Servers;

/// <summary>
/// Dovecot and Postfix for the tests of a class (<c>IClassFixture&lt;MailServers&gt;</c>) or of one test
/// (<see cref="StartAsync"/>). Where they can be neither found nor installed, <see cref="Pair"/> skips the test and says why.
/// </summary>
public sealed class MailServers : IAsyncLifetime
{
    private readonly MailServerOptions options;
    private readonly TempFolder folder = new();
    private MailServerPair? pair;
    private string? missing;

    public MailServers() : this(new MailServerOptions())
    {
    }

    private MailServers(MailServerOptions options) => this.options = options;

    public MailServerPair Pair
    {
        get
        {
            Assert.SkipWhen(missing is not null, missing ?? "");
            return pair!;
        }
    }

    /// <summary>False where they could not be had, and tests are skipped.</summary>
    public bool IsThere => pair is not null;

    public MailPorts Ports => Pair.Ports;

    /// <summary>What a client must trust to talk TLS to them.</summary>
    public X509Certificate2Collection Roots => [Pair.Certificate];

    /// <summary>A pair of one's own.</summary>
    public static async Task<MailServers> StartAsync(MailServerOptions options)
    {
        var servers = new MailServers(options);
        await servers.InitializeAsync();
        return servers;
    }

    public async ValueTask InitializeAsync()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        missing = await MailServerPackages.EnsureAsync(options.Postfix, cancel);
        if (missing is not null || OperatingSystem.IsWindows())
            return;
        // Dovecot runs as nobody, and the folder of a test is closed to others.
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        pair = await MailServerPair.StartAsync(folder.Path, options, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref pair, null) is { } running)
            await running.DisposeAsync();
        if (Directory.Exists(folder.Path))
            folder.Dispose();
    }
}
