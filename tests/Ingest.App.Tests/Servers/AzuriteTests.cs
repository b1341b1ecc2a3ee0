using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Ingest.Cli.Servers;
using Xunit;

namespace Ingest.App.Tests.Servers;

public sealed class AzuriteTests : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Data_and_ports_survive_a_stop_and_a_start()
    {
        await using Azurite azurite = await Azurite.StartAsync(folder.Path, ports: null, Cancel);
        AzuritePorts ports = azurite.Ports;
        string connection = azurite.ConnectionString;
        await new QueueClient(connection, "kept").CreateAsync(cancellationToken: Cancel);
        await new QueueClient(connection, "kept").SendMessageAsync("one", Cancel);
        await new BlobServiceClient(connection).CreateBlobContainerAsync("kept", cancellationToken: Cancel);

        await azurite.StopAsync(Cancel);
        Assert.False(azurite.IsRunning);
        await azurite.StartAgainAsync(Cancel);

        Assert.Equal(ports, azurite.Ports);
        Assert.Equal(connection, azurite.ConnectionString);
        var message = await new QueueClient(connection, "kept").PeekMessageAsync(Cancel);
        Assert.Equal("one", message.Value.MessageText);
        Assert.True(await new BlobContainerClient(connection, "kept").ExistsAsync(Cancel));
    }

    [Fact]
    public async Task Messages_taken_from_a_long_queue_are_gone_and_the_others_stay()
    {
        await using Azurite azurite = await Azurite.StartAsync(folder: null, ports: null, Cancel);
        QueueClient queue = new(azurite.ConnectionString, "long");
        await queue.CreateAsync(cancellationToken: Cancel);
        for (int i = 0; i < 300; i++) await queue.SendMessageAsync($"{i}", timeToLive: i % 50 == 7 ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(-1), cancellationToken: Cancel);
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancel);

        HashSet<string> taken = [];
        while ((await queue.ReceiveMessagesAsync(7, TimeSpan.FromMinutes(5), Cancel)).Value is { Length: > 0 } messages)
        {
            foreach (var message in messages)
            {
                Assert.True(taken.Add(message.MessageText));
                await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancel);
            }
        }

        Assert.Equal(294, taken.Count);
        Assert.Equal(0, (await queue.GetPropertiesAsync(Cancel)).Value.ApproximateMessagesCount);
    }

    [Fact]
    public async Task A_killed_azurite_starts_again_and_dispose_ends_it()
    {
        Azurite azurite = await Azurite.StartAsync(folder: null, ports: null, Cancel);
        AzuritePorts ports = azurite.Ports;
        await azurite.KillAsync(Cancel);
        await azurite.StartAgainAsync(Cancel);
        Assert.Equal(ports, azurite.Ports);

        await azurite.DisposeAsync();

        FreePort.Require(ports.Blob, "the test", "none");
        FreePort.Require(ports.Queue, "the test", "none");
        FreePort.Require(ports.Table, "the test", "none");
    }

    [Fact]
    public async Task A_taken_port_is_named_with_the_option_that_changes_it()
    {
        using var taken = new TakenPort();

        ServerException e = await Assert.ThrowsAsync<ServerException>(
            () => Azurite.StartAsync(folder: null, new AzuritePorts(Queue: taken.Port), Cancel));

        Assert.Contains($"Port {taken.Port} is taken", e.Message, StringComparison.Ordinal);
        Assert.Contains("--queue-port", e.Message, StringComparison.Ordinal);
    }
}
