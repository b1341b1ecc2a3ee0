using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Store;

/// <summary>
/// Counts the storage operations that are started inside its scope, once each however often they are retried; a transaction is one. Scopes
/// nest (an inner operation counts in the outer too), follow awaits and started tasks, and may be counted into from many threads.
/// </summary>
public sealed class OperationCounter : IDisposable
{
    private static readonly AsyncLocal<OperationCounter?> Current = new();

    private readonly OperationCounter? outer;
    private int tables;
    private int queues;
    private int blobReads;
    private int blobWrites;
    private int blobLists;

    private OperationCounter(OperationCounter? outer) => this.outer = outer;

    /// <summary>Table operations.</summary>
    public int Tables => Volatile.Read(ref tables);

    /// <summary>Queue operations.</summary>
    public int Queues => Volatile.Read(ref queues);

    /// <summary>Blob reads: content and properties.</summary>
    public int BlobReads => Volatile.Read(ref blobReads);

    /// <summary>Blob writes: uploads, each block and its commit, metadata, deletes, containers.</summary>
    public int BlobWrites => Volatile.Read(ref blobWrites);

    /// <summary>Pages of blob listings, which are billed as writes.</summary>
    public int BlobLists => Volatile.Read(ref blobLists);

    /// <summary>Opens a scope until it is disposed; call it where the operations are awaited, not inside another async method.</summary>
    public static OperationCounter Start()
    {
        OperationCounter counter = new(Current.Value);
        Current.Value = counter;
        return counter;
    }

    /// <summary>Closes the scope; the numbers stay readable.</summary>
    public void Dispose() => Current.Value = outer;

    /// <inheritdoc />
    public override string ToString() => $"{Tables} tables, {Queues} queues, {BlobReads} blob reads, {BlobWrites} blob writes, {BlobLists} blob lists";

    private static void Count(StoreKind kind, Request request)
    {
        for (OperationCounter? counter = Current.Value; counter is not null; counter = counter.outer)
            Interlocked.Increment(ref counter.Of(kind, request));
    }

    private ref int Of(StoreKind kind, Request request)
    {
        if (kind == StoreKind.Tables)
            return ref tables;
        if (kind == StoreKind.Queues)
            return ref queues;
        if (request.Method != RequestMethod.Get && request.Method != RequestMethod.Head)
            return ref blobWrites;
        if (request.Uri.Query.Contains("comp=list", StringComparison.Ordinal))
            return ref blobLists;
        return ref blobReads;
    }

    /// <summary>Sits before the retry policy, so that it sees an operation once.</summary>
    internal sealed class Policy(StoreKind kind) : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message) => Count(kind, message.Request);
    }
}

/// <summary>Which of the three stores an operation goes to.</summary>
internal enum StoreKind
{
    Tables,
    Queues,
    Blobs,
}
