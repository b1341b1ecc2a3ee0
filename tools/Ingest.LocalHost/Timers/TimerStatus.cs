using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Azure;
using Azure.Storage.Blobs;
using Ingest.LocalHost.Queues;

namespace Ingest.LocalHost.Timers;

/// <summary>When a timer ran last and is due next; <see cref="Last"/> is the smallest date before the first run.</summary>
internal sealed record TimerStatus(DateTimeOffset Last, DateTimeOffset Next, DateTimeOffset Updated)
{
    public static DateTimeOffset Never => DateTimeOffset.MinValue;

    public string ToJson() => $$"""{"Last":"{{Text(Last)}}","Next":"{{Text(Next)}}","LastUpdated":"{{Text(Updated)}}"}""";

    /// <exception cref="FormatException">The text is no status.</exception>
    public static TimerStatus FromJson(string json)
    {
        JsonNode? node = JsonNode.Parse(json);
        return new TimerStatus(Read(node, "Last"), Read(node, "Next"), Read(node, "LastUpdated"));
    }

    private static DateTimeOffset Read(JsonNode? node, string name) => DateTimeOffset.Parse(
        node?[name]?.GetValue<string>() ?? throw new FormatException($"a timer status has no {name}"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Text(DateTimeOffset time) => time == Never
        ? "0001-01-01T00:00:00"
        : time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
}

/// <summary>Keeps the timers' states where the host keeps them, in a blob each; without a storage setting, in memory.</summary>
internal sealed class TimerStatusStore(string? connection, string hostId)
{
    private readonly ConcurrentDictionary<string, TimerStatus> memory = new(StringComparer.OrdinalIgnoreCase);
    private readonly BlobContainerClient? container = connection is null ? null : new BlobContainerClient(connection, "azure-webjobs-hosts", Options());

    public async Task<TimerStatus?> ReadAsync(string function, CancellationToken cancel)
    {
        if (container is null)
            return memory.GetValueOrDefault(function);
        try
        {
            BlobClient blob = Blob(container, function);
            return TimerStatus.FromJson((await blob.DownloadContentAsync(cancel)).Value.Content.ToString());
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
        catch (Exception broken) when (broken is FormatException or System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public async Task WriteAsync(string function, TimerStatus status, CancellationToken cancel)
    {
        memory[function] = status;
        if (container is null)
            return;
        BinaryData content = BinaryData.FromString(status.ToJson());
        try
        {
            await Blob(container, function).UploadAsync(content, overwrite: true, cancel);
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancel);
            await Blob(container, function).UploadAsync(content, overwrite: true, cancel);
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, but what this host wrote last when storage does not answer.</summary>
    public async Task<TimerStatus?> ReadOrRecallAsync(string function, CancellationToken cancel)
    {
        try
        {
            return await ReadAsync(function, cancel);
        }
        catch (Exception fault) when (QueueStorage.IsPassing(fault) && !cancel.IsCancellationRequested)
        {
            return memory.GetValueOrDefault(function);
        }
    }

    private BlobClient Blob(BlobContainerClient blobs, string function) => blobs.GetBlobClient($"timers/{hostId}/Host.Functions.{function}/status");

    private static BlobClientOptions Options()
    {
        BlobClientOptions options = new();
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(30);
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        return options;
    }
}
