using System.Text;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Ingest.Cli.Servers;
using Xunit;

namespace Ingest.App.Tests.LocalHost;

/// <summary>One Azurite for the tests of a class; every test takes queues of its own.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private Azurite? azurite;

    public Azurite Azurite => azurite!;
    public string ConnectionString => Azurite.ConnectionString;

    public async ValueTask InitializeAsync() => azurite = await Azurite.StartAsync(folder: null, ports: null, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => azurite?.DisposeAsync() ?? ValueTask.CompletedTask;

    public QueueClient Client(string queue) => new(ConnectionString, queue);

    public async Task<string> NewQueueAsync(params string[] bodies)
    {
        string name = "q" + Guid.NewGuid().ToString("N");
        await Client(name).CreateAsync();
        foreach (string body in bodies)
            await SendAsync(name, body);
        return name;
    }

    public async Task SendAsync(string queue, string body) => await Client(queue).SendMessageAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(body)));

    /// <summary>How many messages there are, invisible ones included; -1 when there is no such queue.</summary>
    public async Task<int> CountAsync(string queue)
    {
        try
        {
            QueueProperties properties = await Client(queue).GetPropertiesAsync();
            return properties.ApproximateMessagesCount;
        }
        catch (Azure.RequestFailedException missing) when (missing.Status == 404)
        {
            return -1;
        }
    }

    public async Task WaitForCountAsync(string queue, int count)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        for (int now = await CountAsync(queue); now != count; now = await CountAsync(queue))
        {
            Assert.False(limit.IsCancellationRequested, $"the queue holds {now} messages, not {count}");
            await Task.Delay(30);
        }
    }

    /// <summary>The texts that can be seen, as they lie in the queue.</summary>
    public async Task<List<string>> TextsAsync(string queue) =>
        [.. (await Client(queue).PeekMessagesAsync(32)).Value.Select(message => message.MessageText)];
}
