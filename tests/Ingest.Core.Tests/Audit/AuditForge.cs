using System.Globalization;
using Ingest.Core.Audit;
using Ingest.Core.Store;
using Ingest.Core.Tests.Access;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Audit;

/// <summary>What somebody can do to a log who writes every row and has no key.</summary>
internal static class AuditForge
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Three days that are over, of two entries each, and the open one; so many of them signed.</summary>
    public static async Task<AccessDesk> DaysAsync(StorageFixture storage, int signed)
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        for (int day = 0; day < 3; day++)
        {
            for (int i = 1; i <= 2; i++) await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command) { Count = i }, Cancel);
            desk.Clock.Advance(TimeSpan.FromDays(1));
            if (day < signed) Assert.Equal(1, await desk.Desk.Audit.SignAsync(desk.Tenant, Cancel));
        }

        return desk;
    }

    public static TableClient Rows(AccessDesk desk) => desk.Desk.Storage.Tables.GetTableClient(TableNames.Audit);

    public static async Task<AuditHead> HeadAsync(AccessDesk desk, string day) => (await desk.Desk.Audit.HeadAsync(desk.Tenant, day, Cancel))!;

    /// <summary>Takes the signature away and, with a count, makes the day anew with another last entry, as a chain that is whole in itself.</summary>
    public static async Task StripAsync(AccessDesk desk, string day, long? count = null, string? next = null, (string Day, byte[] Hash)? previous = null)
    {
        TableClient rows = Rows(desk);
        string partition = $"{desk.Tenant}.{day}";
        TableEntity head = (await rows.GetEntityIfExistsAsync(partition, "head", cancel: Cancel))!, bare = new(partition, "head");
        foreach ((string name, object value) in head)
            if (name is not ("sig" or "sigKid")) bare[name] = value;
        if (next is not null) bare["next"] = next;
        if (count is { } other)
        {
            AuditHead old = await HeadAsync(desk, day);
            byte[] hash = AuditHead.Beginning(desk.Tenant.ToString(), day, previous?.Day ?? old.PreviousDay, previous?.Hash ?? old.PreviousHash);
            await foreach (AuditEntry entry in desk.Desk.Audit.EntriesAsync(desk.Tenant, day, Cancel))
            {
                AuditEntry forged = entry.Number == 2 ? entry with { Event = entry.Event with { Count = other } } : entry;
                hash = forged.HashAfter(desk.Tenant.ToString(), hash);
                TableEntity row = (await rows.GetEntityIfExistsAsync(partition, $"e!{entry.Number:D10}", cancel: Cancel))!;
                (row["count"], row["hash"]) = (forged.Event.Count, hash);
                await rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Cancel);
            }

            (bare["hash"], bare["previousDay"], bare["previousHash"]) = (hash, previous?.Day ?? old.PreviousDay, previous?.Hash ?? old.PreviousHash);
        }

        await rows.UpsertEntityAsync(bare, TableUpdateMode.Replace, Cancel);
    }

    /// <summary>Takes whole days out of the tables.</summary>
    public static async Task CutAsync(AccessDesk desk, params string[] days)
    {
        foreach (string day in days)
        {
            await foreach (TableEntity row in Rows(desk).QueryAsync(TableFilter.PartitionIs($"{desk.Tenant}.{day}"), cancel: Cancel)) await Rows(desk).DeleteEntityAsync(row.PartitionKey, row.RowKey, cancel: Cancel);
            await Rows(desk).DeleteEntityAsync($"{desk.Tenant}.days", DayKey(day), cancel: Cancel);
        }
    }

    /// <summary>Names a day that has no head.</summary>
    public static Task NameAsync(AccessDesk desk, string day) => Rows(desk).AddEntityAsync(new TableEntity($"{desk.Tenant}.days", DayKey(day)), Cancel);

    /// <summary>Writes over parts of a day's head.</summary>
    public static async Task ChangeHeadAsync(AccessDesk desk, string day, params (string Name, object Value)[] values)
    {
        TableEntity head = (await Rows(desk).GetEntityIfExistsAsync($"{desk.Tenant}.{day}", "head", cancel: Cancel))!;
        foreach ((string name, object value) in values) head[name] = value;
        await Rows(desk).UpsertEntityAsync(head, TableUpdateMode.Replace, Cancel);
    }

    private static string DayKey(string day) => "d!" + (99999999 - int.Parse(day, CultureInfo.InvariantCulture)).ToString("D8", CultureInfo.InvariantCulture);
}
