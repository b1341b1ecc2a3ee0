using Azure.Core.Pipeline;
using Ingest.Cli.Servers;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

/// <summary>A storage emulator for the tests of a collection; every test takes names of its own.</summary>
public sealed class StorageFixture : IAsyncLifetime
{
    private readonly TempFolder keys = new();
    private Azurite? azurite;
    private int storesMade;

    public string ConnectionString { get; private set; } = "";

    /// <summary>One for all desks: making RSA keys takes seconds, and tenants keep apart all that is below them.</summary>
    public string KeyFolder => keys.Path;

    public StorageAccount Account { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        azurite = await Azurite.StartAsync(folder: null, ports: null, TestContext.Current.CancellationToken);
        ConnectionString = azurite.ConnectionString;
        Account = new StorageAccount(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (azurite is not null)
            await azurite.DisposeAsync();
        keys.Dispose();
    }

    /// <summary>True once, for whoever is to make the stores.</summary>
    public bool IsFirst() => Interlocked.Exchange(ref storesMade, 1) == 0;

    public StorageAccount AccountOver(HttpPipelineTransport transport) => new(ConnectionString, transport);

    /// <summary>A new name that a table, a queue and a container can all have.</summary>
    public static string NewName() => "t" + Guid.NewGuid().ToString("N")[..20];

    public async Task<TableClient> NewTableAsync()
    {
        string name = NewName();
        await Account.Tables.CreateTableIfNotExistsAsync(name, TestContext.Current.CancellationToken);
        return Account.Tables.GetTableClient(name);
    }
}

[CollectionDefinition(nameof(StorageCollection))]
public sealed class StorageCollection : ICollectionFixture<StorageFixture>;

/// <summary>A store of its own for what goes through all that a store holds, as erasures do: beside the others, and not slower for what they leave.</summary>
[CollectionDefinition(nameof(RetentionStorage))]
public sealed class RetentionStorage : ICollectionFixture<StorageFixture>;

/// <summary>A store of its own for restores, which keep house for months over all that a store holds: among the other tests' tenants they took fifteen times as long.</summary>
[CollectionDefinition(nameof(RestoreStorage))]
public sealed class RestoreStorage : ICollectionFixture<StorageFixture>;
