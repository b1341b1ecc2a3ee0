using Ingest.Core.Mailboxes;

namespace Ingest.Core.Tests.Replies;

/// <summary>A way out that keeps what was delivered, and fails as it is told.</summary>
internal sealed class FakeSender : IMailSender
{
    private readonly Queue<Func<CancellationToken, Task<SendResult>>> _next = new();

    /// <summary>What was really delivered, whatever the sender was told.</summary>
    public List<(OutgoingEnvelope Envelope, byte[] Message)> Delivered { get; } = [];

    /// <summary>What the Sent folder says: null when it cannot tell.</summary>
    public Func<string, bool?> Sent { get; set; } = _ => null;

    /// <summary>What opening the way out throws; null when it opens.</summary>
    public Exception? Shut { get; set; }

    /// <summary>How the next tries end; those after the last succeed.</summary>
    public FakeSender Then(SendOutcome outcome, string code = "", bool delivered = false)
    {
        Delivers.Enqueue(delivered || outcome == SendOutcome.Accepted);
        _next.Enqueue(_ => Task.FromResult(new SendResult(outcome, code)));
        return this;
    }

    /// <summary>The next try delivers, and then the process ends.</summary>
    public FakeSender ThenDies(bool delivered)
    {
        Delivers.Enqueue(delivered);
        _next.Enqueue(_ => throw new ProcessDiedException());
        return this;
    }

    private Queue<bool> Delivers { get; } = new();

    public async Task<SendResult> SendAsync(OutgoingEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        if (!Delivers.TryDequeue(out bool delivers) || delivers) Delivered.Add((envelope, message.ToArray()));
        return _next.TryDequeue(out Func<CancellationToken, Task<SendResult>>? end) ? await end(cancel) : new SendResult(SendOutcome.Accepted, "");
    }

    public Task<bool?> WasSentAsync(string messageId, CancellationToken cancel) => Task.FromResult(Sent(messageId));
}

/// <summary>kill -9, as far as a test can.</summary>
internal sealed class ProcessDiedException : Exception;
