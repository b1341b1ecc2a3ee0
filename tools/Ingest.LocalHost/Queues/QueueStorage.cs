using System.Collections.Concurrent;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Storage.Queues;

namespace Ingest.LocalHost.Queues;

/// <summary>The queues of an app: one client each, texts as they lie in storage, encoding done here so that a broken body can be seen.</summary>
internal sealed class QueueStorage(bool base64)
{
    private readonly ConcurrentDictionary<(string Connection, string Queue), QueueClient> clients = new();

    public QueueClient Client(string connection, string queue) => clients.GetOrAdd((connection, queue), key =>
    {
        QueueClientOptions options = new() { MessageEncoding = QueueMessageEncoding.None };
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(30);
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        return new QueueClient(key.Connection, key.Queue, options);
    });

    public string Encode(byte[] body) => base64 ? Convert.ToBase64String(body) : Encoding.UTF8.GetString(body);

    /// <summary>Null when the text is not what the message encoding says.</summary>
    public byte[]? Decode(string text)
    {
        if (!base64)
            return Encoding.UTF8.GetBytes(text);
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Sends a text, creating the queue when it is missing.</summary>
    public static async Task SendAsync(QueueClient queue, string text, CancellationToken cancel)
    {
        try
        {
            await queue.SendMessageAsync(text, cancel);
        }
        catch (RequestFailedException fault) when (fault.Status == 404)
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancel);
            await queue.SendMessageAsync(text, cancel);
        }
    }

    /// <summary>True for what passes by itself: no connection, 404, 409, 5xx. Anything else stops a host.</summary>
    public static bool IsPassing(Exception fault) => fault switch
    {
        RequestFailedException failed => failed.Status is 0 or 404 or 409 or >= 500,
        AggregateException many => many.InnerExceptions.All(IsPassing),
        HttpRequestException or IOException or OperationCanceledException => true,
        _ => false,
    };
}
