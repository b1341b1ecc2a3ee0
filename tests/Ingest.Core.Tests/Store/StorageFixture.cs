using Azure.Core.Pipeline;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

/// <summary>A storage emulator for the tests of a collection; every test takes names of its own.</summary>
public sealed class StorageFixture : IAsyncLifetime
{
    public string ConnectionString { get; private set; } = "";

    public StorageAccount Account { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        ConnectionString = Environment.GetEnvironmentVariable("INGEST_TEST_STORAGE") ?? "UseDevelopmentStorage=true";
        Account = new StorageAccount(ConnectionString);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

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
