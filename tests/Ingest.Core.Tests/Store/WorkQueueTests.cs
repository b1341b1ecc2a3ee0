using System.Text;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

[Collection(nameof(StorageCollection))]
public sealed class WorkQueueTests(StorageFixture storage)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_send_makes_the_queue_and_later_ones_only_send()
    {
        WorkQueue queue = new(storage.Account, StorageFixture.NewName());
        using (OperationCounter first = OperationCounter.Start())
        {
            await queue.SendAsync("{\"a\":1}"u8.ToArray(), cancel: Cancel);
            Assert.Equal(3, first.Queues);
        }
        using OperationCounter second = OperationCounter.Start();
        await queue.SendAsync("{\"a\":2}"u8.ToArray(), cancel: Cancel);
        Assert.Equal(1, second.Queues);
    }

    [Fact]
    public async Task A_message_travels_as_base64_and_never_expires()
    {
        string name = StorageFixture.NewName();
        WorkQueue queue = new(storage.Account, name);
        byte[] json = Encoding.UTF8.GetBytes("{\"text\":\"Grüße 東京 >>>???\"}");
        await queue.SendAsync(json, cancel: Cancel);

        QueueClient wire = storage.Account.Queues.GetQueueClient(name);
        PeekedMessage peeked = (await wire.PeekMessageAsync(Cancel)).Value;
        Assert.Equal(Convert.ToBase64String(json), peeked.MessageText);
        Assert.True(peeked.ExpiresOn > peeked.InsertedOn + TimeSpan.FromDays(365 * 50));

        QueuedMessage received = Assert.Single(await queue.ReceiveAsync(32, Minute, Cancel));
        Assert.Equal(json, received.Body!.Value.ToArray());
        Assert.Equal(1, received.DequeueCount);
        Assert.DoesNotContain("text", received.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_received_message_is_hidden_until_it_is_deleted_once()
    {
        WorkQueue queue = new(storage.Account, StorageFixture.NewName());
        await queue.SendAsync("{}"u8.ToArray(), cancel: Cancel);
        QueuedMessage message = Assert.Single(await queue.ReceiveAsync(1, Minute, Cancel));
        Assert.Empty(await queue.ReceiveAsync(1, Minute, Cancel));
        Assert.Empty(await queue.PeekAsync(1, Cancel));
        Assert.Equal(1, await queue.ApproximateCountAsync(Cancel));
        Assert.True(await queue.DeleteAsync(message, Cancel));
        Assert.False(await queue.DeleteAsync(message, Cancel));
        Assert.Equal(0, await queue.ApproximateCountAsync(Cancel));
    }

    [Fact]
    public async Task Peeking_leaves_messages_where_they_are()
    {
        WorkQueue queue = new(storage.Account, StorageFixture.NewName());
        await queue.SendAsync("1"u8.ToArray(), cancel: Cancel);
        QueuedMessage peeked = Assert.Single(await queue.PeekAsync(32, Cancel));
        Assert.Equal(0, peeked.DequeueCount);
        await Assert.ThrowsAsync<ArgumentException>(() => queue.DeleteAsync(peeked, Cancel));
        Assert.Single(await queue.ReceiveAsync(1, Minute, Cancel));
    }

    [Fact]
    public async Task A_delayed_message_is_counted_but_not_seen()
    {
        WorkQueue queue = new(storage.Account, StorageFixture.NewName());
        await queue.SendAsync("{}"u8.ToArray(), TimeSpan.FromHours(1), Cancel);
        await queue.SendAsync("{}"u8.ToArray(), WorkQueue.MaxDelay, Cancel);
        Assert.Equal(2, await queue.ApproximateCountAsync(Cancel));
        Assert.Empty(await queue.ReceiveAsync(1, Minute, Cancel));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queue.SendAsync("{}"u8.ToArray(), WorkQueue.MaxDelay + TimeSpan.FromSeconds(1), Cancel));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => queue.SendAsync("{}"u8.ToArray(), TimeSpan.FromSeconds(-1), Cancel));
    }

    [Fact]
    public async Task A_missing_queue_is_an_empty_queue()
    {
        WorkQueue queue = new(storage.Account, StorageFixture.NewName());
        Assert.Empty(await queue.ReceiveAsync(1, Minute, Cancel));
        Assert.Empty(await queue.PeekAsync(1, Cancel));
        Assert.Equal(0, await queue.ApproximateCountAsync(Cancel));
        Assert.False(await queue.DeleteAsync(new QueuedMessage("id", "receipt", null, 1, null), Cancel));
    }

    [Theory]
    [InlineData("{\"plain\":\"json\"}")]
    [InlineData("====")]
    [InlineData("abc")]
    public async Task A_message_that_is_not_base64_has_no_body(string text)
    {
        string name = StorageFixture.NewName();
        QueueClient wire = storage.Account.Queues.GetQueueClient(name);
        await wire.CreateAsync(cancellationToken: Cancel);
        await wire.SendMessageAsync(text, Cancel);
        QueuedMessage message = Assert.Single(await new WorkQueue(storage.Account, name).ReceiveAsync(1, Minute, Cancel));
        Assert.Null(message.Body);
    }

    [Fact]
    public async Task The_largest_body_fits_and_one_more_byte_does_not()
    {
        WorkQueue queue = new(storage.Account, StorageFixture.NewName());
        byte[] body = new byte[WorkQueue.MaxBodyLength];
        await queue.SendAsync(body, cancel: Cancel);
        QueuedMessage message = Assert.Single(await queue.ReceiveAsync(1, Minute, Cancel));
        Assert.Equal(body, message.Body!.Value.ToArray());
        await Assert.ThrowsAsync<ArgumentException>(() => queue.SendAsync(new byte[WorkQueue.MaxBodyLength + 1], cancel: Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => queue.SendAsync(ReadOnlyMemory<byte>.Empty, cancel: Cancel));
    }
}
