using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class LocalKeyVaultContractTests(LocalVaultFolder shared) : KeyVaultContract, IDisposable
{
    private readonly List<LocalKeyVault> opened = [];

    private protected override Task<IKeyVault> OpenAsync()
    {
        opened.Add(new LocalKeyVault(shared.Path));
        return Task.FromResult<IKeyVault>(opened[^1]);
    }

    public void Dispose() => opened.ForEach(vault => vault.Dispose());
}

public sealed class RemoteKeyVaultContractTests : KeyVaultContract, IAsyncLifetime
{
    private TwinVaults vaults = null!;

    public async ValueTask InitializeAsync() => vaults = await TwinVaults.StartAsync(Cancel);

    public ValueTask DisposeAsync() => vaults.DisposeAsync();

    private protected override Task<IKeyVault> OpenAsync() => Task.FromResult<IKeyVault>(vaults.Open("pipeline"));
}
