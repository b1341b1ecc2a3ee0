using Azure.Core;

namespace Ingest.Core.Store;

/// <summary>How the table client talks: three tries of at most ten seconds each, nothing of a request or an answer in any log.</summary>
public sealed class TableClientOptions : ClientOptions
{
    /// <summary>The defaults; policies and a transport may be added as with any Azure client.</summary>
    public TableClientOptions() => StoreRetry.Apply(this, TimeSpan.FromSeconds(10));

    /// <summary>The clock that requests are dated with.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;
}
