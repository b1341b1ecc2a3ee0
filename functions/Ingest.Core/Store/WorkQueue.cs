using System.Diagnostics.CodeAnalysis;
using System.Text;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Ingest.Core.Store;

/// <summary>A message as it was received or peeked.</summary>
/// <param name="Id">The queue's id of the message.</param>
/// <param name="PopReceipt">What deletes this delivery; null when peeked.</param>
/// <param name="Body">The bytes that were sent; null if the text on the wire is not base64, which no sender of ours writes.</param>
/// <param name="DequeueCount">How often it was received, this time included.</param>
/// <param name="InsertedAt">When it was sent.</param>
public sealed record QueuedMessage(string Id, string? PopReceipt, ReadOnlyMemory<byte>? Body, long DequeueCount, DateTimeOffset? InsertedAt)
{
    /// <summary>The id and the count: a body is never shown.</summary>
    public override string ToString() => $"{Id} ({DequeueCount})";
}

/// <summary>
/// One queue. Bodies travel as base64 text, as the Functions host expects them, and never expire. A send whose reply was lost is sent again:
/// every handler must bear the same message twice.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue, only not in memory.")]
public sealed class WorkQueue
{
    /// <summary>Bytes in a body: 64 KiB of base64 text.</summary>
    public const int MaxBodyLength = 48 * 1024;

    /// <summary>The longest delay the service takes.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7);

    private static readonly TimeSpan Never = TimeSpan.FromSeconds(-1);
    private readonly QueueClient queue;

    /// <summary>The queue of that name, whether it exists or not.</summary>
    public WorkQueue(StorageAccount account, string name)
    {
        queue = account.Queues.GetQueueClient(name);
        Name = name;
    }

    /// <summary>The queue's name.</summary>
    public string Name { get; }

    /// <summary>
    /// Sends a body of at most <see cref="MaxBodyLength"/> bytes, to be seen after the delay (at most seven days, whole seconds), and makes the queue
    /// if it is missing. Throws <see cref="ArgumentException"/> beyond these limits.
    /// </summary>
    public async Task SendAsync(ReadOnlyMemory<byte> json, TimeSpan? delay = null, CancellationToken cancel = default)
    {
        if (json.Length is 0 or > MaxBodyLength)
            throw new ArgumentException($"A queue message holds 1 to {MaxBodyLength} bytes.", nameof(json));
        if (delay is { } wait && (wait < TimeSpan.Zero || wait > MaxDelay))
            throw new ArgumentOutOfRangeException(nameof(delay), "A queue message is delayed by 0 to 7 days.");
        string text = Convert.ToBase64String(json.Span);
        try
        {
            await queue.SendMessageAsync(text, delay, Never, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancel);
            await queue.SendMessageAsync(text, delay, Never, cancel);
        }
    }

    /// <summary>Up to <paramref name="max"/> (1 to 32) messages, hidden from others for that long; none if the queue is empty or missing.</summary>
    public async Task<IReadOnlyList<QueuedMessage>> ReceiveAsync(int max, TimeSpan visibility, CancellationToken cancel = default)
    {
        try
        {
            QueueMessage[] messages = await queue.ReceiveMessagesAsync(max, visibility, cancel);
            return [.. messages.Select(m => new QueuedMessage(m.MessageId, m.PopReceipt, Decode(m.Body), m.DequeueCount, m.InsertedOn))];
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return [];
        }
    }

    /// <summary>Up to <paramref name="max"/> (1 to 32) visible messages, left as they are; none if the queue is empty or missing.</summary>
    public async Task<IReadOnlyList<QueuedMessage>> PeekAsync(int max, CancellationToken cancel = default)
    {
        try
        {
            PeekedMessage[] messages = await queue.PeekMessagesAsync(max, cancel);
            return [.. messages.Select(m => new QueuedMessage(m.MessageId, null, Decode(m.Body), m.DequeueCount, m.InsertedOn))];
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return [];
        }
    }

    /// <summary>True if this delivery was deleted; false if the message is gone or was received again since.</summary>
    public async Task<bool> DeleteAsync(QueuedMessage message, CancellationToken cancel = default)
    {
        string receipt = message.PopReceipt ?? throw new ArgumentException("A peeked message cannot be deleted.", nameof(message));
        try
        {
            await queue.DeleteMessageAsync(message.Id, receipt, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 404 || e.ErrorCode == QueueErrorCode.PopReceiptMismatch)
        {
            return false;
        }
    }

    /// <summary>About how many messages there are, hidden ones included; 0 if the queue is missing.</summary>
    public async Task<int> ApproximateCountAsync(CancellationToken cancel = default)
    {
        try
        {
            QueueProperties properties = await queue.GetPropertiesAsync(cancel);
            return properties.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return 0;
        }
    }

    private static ReadOnlyMemory<byte>? Decode(BinaryData body)
    {
        string text = Encoding.UTF8.GetString(body.ToMemory().Span);
        byte[] bytes = new byte[text.Length / 4 * 3];
        if (text.Length == 0 || !Convert.TryFromBase64String(text, bytes, out int length))
            return null;
        return bytes.AsMemory(0, length);
    }
}
