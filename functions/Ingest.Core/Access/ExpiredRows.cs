using Azure;
using Ingest.Core.Store;

namespace Ingest.Core.Access;

/// <summary>
/// Takes away what has ended by itself: flows and links nobody came back for, sessions, and tokens a month after their end, so that until then their list can say why a
/// program is refused; and counts of mail in hours that are over. None of them lets anybody in any more; they only take room.
/// </summary>
public sealed class ExpiredRows(TableServiceClient tables)
{
    private const int MostAtOnce = 2000;
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1), TokensStay = TimeSpan.FromDays(30), CountsStay = TimeSpan.FromDays(1);

    /// <summary>Removes what ended before <paramref name="now"/>, some thousands at most; returns how many.</summary>
    public async Task<int> SweepAsync(DateTimeOffset now, CancellationToken cancel) =>
        await SweepAsync(TableNames.Flows, "expires", now - Slack, cancel)
        + await SweepAsync(TableNames.Sessions, "idle", now - Slack, cancel)
        + await SweepAsync(TableNames.Tokens, "expires", now - TokensStay, cancel)
        + await SweepAsync(TableNames.Suppressions, "hour", now - CountsStay, cancel);

    private async Task<int> SweepAsync(string table, string column, DateTimeOffset before, CancellationToken cancel)
    {
        TableClient rows = tables.GetTableClient(table);
        int swept = 0;
        await foreach (TableEntity row in rows.QueryAsync(TableFilter.Where(column, TableComparison.Below, before), select: ["PartitionKey", "RowKey"], cancel: cancel))
        {
            // A session that was used again since it was read has another version and stays.
            if (await TryDeleteAsync(rows, row, cancel)) swept++;
            if (swept == MostAtOnce) break;
        }

        return swept;
    }

    private static async Task<bool> TryDeleteAsync(TableClient rows, TableEntity row, CancellationToken cancel)
    {
        try
        {
            return await rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancel);
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return false;
        }
    }
}
