namespace Ingest.Mail.Tests.Wire;

/// <summary>Does what a transcript tells it to, and tells in a line each what came of it.</summary>
internal interface ITranscriptClient : IAsyncDisposable
{
    IAsyncEnumerable<string> DoAsync(string action, CancellationToken cancel);
}
