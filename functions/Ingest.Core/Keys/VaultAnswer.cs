using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>The bytes of one answer, at most 64 KiB, in memory that is never moved and is zeroed after use: an answer may be a plain key.</summary>
internal sealed class VaultAnswer : IDisposable
{
    private const int Most = 64 * 1024;

    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(Most + 1, pinned: true);
    private int length;

    public ReadOnlyMemory<byte> Body => buffer.AsMemory(0, length);

    public void Dispose() => CryptographicOperations.ZeroMemory(buffer);

    private async Task ReadAsync(Stream content, CancellationToken cancel)
    {
        length = 0;
        length = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        if (length <= Most)
            return;
        length = 0;
        throw new NotNowException("vault-unreadable");
    }

    /// <summary>Reads each try's answer inside the retries, so that one that is cut short is tried again.</summary>
    public sealed class Policy : HttpPipelinePolicy
    {
        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            await ProcessNextAsync(message, pipeline);
            if (message.TryGetProperty(typeof(VaultAnswer), out object? property) && property is VaultAnswer answer && message.Response.ContentStream is { } content)
                await answer.ReadAsync(content, message.CancellationToken);
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("Calls to a vault are asynchronous.");
    }
}
