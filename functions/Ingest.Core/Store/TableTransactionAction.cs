using Azure;

namespace Ingest.Core.Store;

/// <summary>What one action of a transaction does.</summary>
public enum TableTransactionActionType
{
    /// <summary>Inserts; refused if the row exists.</summary>
    Add = 0,
    /// <summary>Merges into a row that exists in the version given.</summary>
    UpdateMerge = 1,
    /// <summary>Replaces a row that exists in the version given.</summary>
    UpdateReplace = 2,
    /// <summary>Deletes a row that exists in the version given, or in any.</summary>
    Delete = 3,
    /// <summary>Merges or inserts.</summary>
    UpsertMerge = 4,
    /// <summary>Replaces or inserts.</summary>
    UpsertReplace = 5,
}

/// <summary>One action of a transaction.</summary>
/// <param name="ActionType">What is done.</param>
/// <param name="Entity">The row; for a delete only its keys matter.</param>
/// <param name="ETag">The version an update or a delete asks for; required for updates (<see cref="ETag.All"/>: any), any version for a delete without it.</param>
public sealed record TableTransactionAction(TableTransactionActionType ActionType, TableEntity Entity, ETag ETag = default);

/// <summary>
/// A transaction that was refused as a whole; nothing of it is written. After a lost reply an insert may have met itself, see <see cref="TableClient"/>.
/// </summary>
public sealed class TableTransactionFailedException : RequestFailedException
{
    internal TableTransactionFailedException(int status, string? errorCode, int? failedIndex, string? requestId)
        : base(status, TableFailure.Describe(status, errorCode, requestId), errorCode, null)
    {
        FailedTransactionActionIndex = failedIndex;
    }

    /// <summary>Which action was refused, from 0; null if the service did not say.</summary>
    public int? FailedTransactionActionIndex { get; }
}
