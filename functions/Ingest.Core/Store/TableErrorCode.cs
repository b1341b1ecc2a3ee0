namespace Ingest.Core.Store;

/// <summary>The table service's error codes that callers tell apart, as found in <see cref="Azure.RequestFailedException.ErrorCode"/>.</summary>
public static class TableErrorCode
{
    /// <summary>409: an insert met a row of the same keys, possibly the caller's own whose reply was lost.</summary>
    public const string EntityAlreadyExists = "EntityAlreadyExists";
    /// <summary>412: the row has another version than the one asked for, possibly the caller's own write whose reply was lost.</summary>
    public const string UpdateConditionNotSatisfied = "UpdateConditionNotSatisfied";
    /// <summary>404: the row does not exist.</summary>
    public const string ResourceNotFound = "ResourceNotFound";
    /// <summary>404: the row does not exist (said by some operations instead of <see cref="ResourceNotFound"/>).</summary>
    public const string EntityNotFound = "EntityNotFound";
    /// <summary>404: the table does not exist: a fault of the set-up, not of the data.</summary>
    public const string TableNotFound = "TableNotFound";
    /// <summary>409: the table exists.</summary>
    public const string TableAlreadyExists = "TableAlreadyExists";
    /// <summary>409: the table is being deleted; its name is free again within a minute or so.</summary>
    public const string TableBeingDeleted = "TableBeingDeleted";
    /// <summary>400: a property over 64 KiB.</summary>
    public const string PropertyValueTooLarge = "PropertyValueTooLarge";
    /// <summary>400: a row over 1 MiB.</summary>
    public const string EntityTooLarge = "EntityTooLarge";
    /// <summary>400: the request is not understood.</summary>
    public const string InvalidInput = "InvalidInput";
    /// <summary>413: a request over 4 MiB.</summary>
    public const string RequestBodyTooLarge = "RequestBodyTooLarge";
}
