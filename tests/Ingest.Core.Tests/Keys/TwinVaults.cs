using Ingest.Core.Keys;

namespace Ingest.Core.Tests.Keys;

/// <summary>The stand-in for Key Vault with our keys, and processes that use it.</summary>
internal sealed class TwinVaults : IAsyncDisposable
{
    private readonly List<KeyClient> clients = [];

    private TwinVaults(FakeClock clock, KeyVaultTwin twin) => (Clock, Twin) = (clock, twin);

    public FakeClock Clock { get; }

    public KeyVaultTwin Twin { get; }

    public List<VaultCall> Calls { get; } = [];

    public static VaultAddress AddressOf(string host) => VaultAddress.TryParseHost(host, out VaultAddress? vault) ? vault : throw new ArgumentException("No vault.", nameof(host));

    public static async Task<TwinVaults> StartAsync(CancellationToken cancel)
    {
        FakeClock clock = new();
        return new TwinVaults(clock, (await KeyVaultTwin.StartAsync(clock, cancel)).WithOurKeys());
    }

    /// <summary>The vault as a new process of this identity opens it.</summary>
    public KeyVault Open(string identity)
    {
        TwinIdentity app = new(identity);
        VaultAddress house = AddressOf(KeyVaultTwin.Host);
        return new KeyVault(house, house, vault => Client(app, vault.Host), Clock);
    }

    public KeyClient Client(TwinIdentity identity, string host = KeyVaultTwin.Host)
    {
        KeyClientOptions options = new() { Time = Clock, Transport = Twin.Transport(), Observe = call => { lock (Calls) Calls.Add(call); } };
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        KeyClient client = new(AddressOf(host), identity, options);
        lock (clients) clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        await Twin.DisposeAsync();
    }
}
