using Azure;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

/// <summary>Rows under a key that nobody else can have drawn.</summary>
internal static class FreshRow
{
    /// <summary>Adds a row whose key was drawn at random just now; one that is there already is ours, and only the reply to it was lost.</summary>
    public static async Task AddFreshAsync(this TableClient table, TableEntity row, CancellationToken cancel)
    {
        try
        {
            await table.AddEntityAsync(row, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 409 && e.ErrorCode == "EntityAlreadyExists")
        {
        }
    }
}
