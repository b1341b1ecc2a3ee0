using System.Buffers;
using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace Ingest.Core.Store;

/// <summary>
/// Put Blob by hand on the blob client's own pipeline, with its authentication, retries and counting: the client's upload calls
/// load System.IO.Hashing, which this build cannot restore, and may split one write into several.
/// </summary>
internal sealed class PutBlob(BlobServiceClient client)
{
    private const string ServiceVersion = "2021-12-02";
    private readonly HttpPipeline pipeline = PipelineOf.Client(client);

    /// <summary>False if the blob had to be absent and is not.</summary>
    public async Task<bool> SendAsync(Uri blob, ReadOnlySequence<byte> content, bool onlyIfAbsent, CancellationToken cancel)
    {
        using HttpMessage message = pipeline.CreateMessage();
        Request request = message.Request;
        request.Method = RequestMethod.Put;
        request.Uri.Reset(blob);
        request.Headers.Add("x-ms-version", ServiceVersion);
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        request.Headers.Add("Content-Type", "application/octet-stream");
        request.Headers.Add("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture));
        if (onlyIfAbsent)
            request.Headers.Add("If-None-Match", "*");
        request.Content = RequestContent.Create(content);
        await pipeline.SendAsync(message, cancel);
        Response response = message.Response;
        // Not IsError: the client's classifier takes "exists already" under If-None-Match for success.
        if (response.Status == 201)
            return true;
        string? code = response.Headers.TryGetValue("x-ms-error-code", out string? header) ? header : null;
        if (onlyIfAbsent && IsTaken(code))
            return false;
        throw new RequestFailedException(response.Status, string.Create(CultureInfo.InvariantCulture,
            $"The blob service answered {response.Status} {code ?? "without a code"} to request {response.ClientRequestId}."), code, null);
    }

    /// <summary>How the service says that a blob which had to be absent is not.</summary>
    public static bool IsTaken(string? code) => code is "BlobAlreadyExists" or "ConditionNotMet";

    /// <summary>The client gives its pipeline to derived types only.</summary>
    private sealed class PipelineOf : BlobServiceClient
    {
        public static HttpPipeline Client(BlobServiceClient client) => GetHttpPipeline(client);
    }
}
