using Ingest.Core.Audit;
using Ingest.Core.Store;
using Ingest.Core.Tests.Access;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Audit;

/// <summary>Where a log begins is signed only when what goes is what was written: nobody without a key has the log's old end cut by our signature.</summary>
[Collection(nameof(StorageCollection))]
public sealed class AuditFloorTests(StorageFixture storage)
{
    private const string First = "20260301", Second = "20260302", Third = "20260303", Open = "20260304";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<AuditFinding?> VerifyAsync(AccessDesk desk) => desk.NewProcess().AuditExport.CheckAsync(desk.Tenant, new AuditCheck(), Cancel);

    private static Task<long> DeleteBeforeAsync(AccessDesk desk, int dayOfMarch) => desk.NewProcess().Audit.DeleteBeforeAsync(desk.Tenant, new DateOnly(2026, 3, dayOfMarch), Cancel);

    private static async Task RefusedAsync(AccessDesk desk, Func<Task> delete, AuditFinding finding)
    {
        string? floor = (await desk.Desk.Audit.FloorAsync(desk.Tenant, Cancel))?.Day;
        string[] days = await desk.Desk.Audit.DaysAsync(desk.Tenant, Cancel).ToArrayAsync(Cancel);
        Assert.Equal(finding, (await Assert.ThrowsAsync<AuditBrokenException>(delete)).Finding);
        Assert.Equal(floor, (await desk.Desk.Audit.FloorAsync(desk.Tenant, Cancel))?.Day);
        Assert.Equal(days.Except([Open]), (await desk.Desk.Audit.DaysAsync(desk.Tenant, Cancel).ToArrayAsync(Cancel)).Except([Open]));
        AuditEntry told = await desk.Desk.Audit.EntriesAsync(desk.Tenant, Open, Cancel).LastAsync(Cancel);
        Assert.Equal((AuditAction.AuditVerified, AuditResult.Failed, finding.Day, finding.Number, "not-deleted"), (told.Event.Action, told.Event.Result, told.Event.Subject, told.Event.Count, told.Event.Code));
        Assert.NotNull(await VerifyAsync(desk));
    }

    // A day without a head was once taken for one that is over, and the oldest day left for the log's beginning.
    [Fact]
    public async Task Housekeeping_does_not_sign_a_cut_for_a_bare_row_that_names_an_old_day()
    {
        AccessDesk desk = await AuditForge.DaysAsync(storage, signed: 3);
        await AuditForge.CutAsync(desk, First, Second);
        Assert.Equal(new AuditFinding(Third, 0, AuditFault.DayMissing), await VerifyAsync(desk));
        await AuditForge.NameAsync(desk, "20190101");
        await RefusedAsync(desk, () => desk.NewProcess().Audit.DeleteOldAsync(desk.Tenant, Cancel), new AuditFinding("20190101", 0, AuditFault.EndMissing));
        Assert.Null(await desk.Desk.Audit.FloorAsync(desk.Tenant, Cancel));
    }

    [Theory]
    [InlineData("oldest cut", Third, 0, AuditFault.DayMissing)]
    [InlineData("oldest cut and said to be first", Second, 1, AuditFault.EntryChanged)]
    [InlineData("oldest cut and made anew as first", Second, 3, AuditFault.EndChanged)]
    [InlineData("middle cut", Third, 0, AuditFault.DayLinkBroken)]
    [InlineData("middle cut and next made anew", Third, 3, AuditFault.EndChanged)]
    [InlineData("entry cut", First, 1, AuditFault.EntryMissing)]
    [InlineData("signature of another day", First, 3, AuditFault.SignatureWrong)]
    [InlineData("key of nobody", First, 3, AuditFault.SignatureWrong)]
    [InlineData("head cut", Second, 0, AuditFault.EndMissing)]
    [InlineData("forged and unsigned", Second, 3, AuditFault.EndChanged)]
    public async Task No_floor_is_signed_over_a_forged_old_end(string how, string day, long number, AuditFault fault)
    {
        AccessDesk desk = await AuditForge.DaysAsync(storage, signed: 3);
        AuditHead first = await AuditForge.HeadAsync(desk, First), second = await AuditForge.HeadAsync(desk, Second);
        switch (how)
        {
            case "oldest cut": await AuditForge.CutAsync(desk, First, Second); break;
            case "oldest cut and said to be first":
                await AuditForge.CutAsync(desk, First);
                await AuditForge.ChangeHeadAsync(desk, Second, ("previousDay", ""), ("previousHash", new byte[32]));
                break;
            case "oldest cut and made anew as first":
                await AuditForge.CutAsync(desk, First);
                await AuditForge.StripAsync(desk, Second, count: 2, previous: ("", new byte[32]));
                await AuditForge.ChangeHeadAsync(desk, Second, ("sigKid", second.SignedBy), ("sig", second.Signature));
                (day, number, fault) = (Second, 3, AuditFault.SignatureWrong);
                break;
            case "middle cut": await AuditForge.CutAsync(desk, Second); break;
            case "middle cut and next made anew":
                await AuditForge.CutAsync(desk, Second);
                await AuditForge.StripAsync(desk, Third, count: 2, previous: (First, first.Hash));
                break;
            case "entry cut": await AuditForge.Rows(desk).DeleteEntityAsync($"{desk.Tenant}.{First}", "e!0000000001", cancel: Cancel); break;
            case "signature of another day": await AuditForge.ChangeHeadAsync(desk, First, ("sigKid", second.SignedBy), ("sig", second.Signature)); break;
            case "key of nobody": await AuditForge.ChangeHeadAsync(desk, First, ("sigKid", "nobody")); break;
            case "head cut": await AuditForge.Rows(desk).DeleteEntityAsync($"{desk.Tenant}.{Second}", "head", cancel: Cancel); break;
            case "forged and unsigned": await AuditForge.StripAsync(desk, Second, count: 99); break;
        }

        await RefusedAsync(desk, () => DeleteBeforeAsync(desk, 4), new AuditFinding(day, number, fault));
    }

    // The day that stays is not signed yet, so that it can be made to follow on any: what was kept of the days between speaks against it.
    [Fact]
    public async Task No_floor_is_signed_at_an_open_day_that_was_made_to_follow_on_an_old_one()
    {
        AccessDesk desk = await AuditForge.DaysAsync(storage, signed: 3);
        for (int i = 1; i <= 2; i++) await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.ContentRead, AuditActor.Command), Cancel);
        AuditHead first = await AuditForge.HeadAsync(desk, First);
        await AuditForge.CutAsync(desk, Second, Third);
        await AuditForge.StripAsync(desk, Open, count: 2, previous: (First, first.Hash));
        await AuditForge.ChangeHeadAsync(desk, First, ("next", Open));
        await RefusedAsync(desk, () => DeleteBeforeAsync(desk, 2), new AuditFinding(Second, 0, AuditFault.DayGone));
    }

    [Theory]
    [InlineData("moved", AuditFault.SignatureWrong, "20270101")]
    [InlineData("taken away", AuditFault.DayMissing, Second)]
    [InlineData("older", AuditFault.DayMissing, Third)]
    public async Task A_floor_that_was_tampered_with_is_not_moved_on(string how, AuditFault fault, string day)
    {
        AccessDesk desk = await AuditForge.DaysAsync(storage, signed: 3);
        TableClient rows = AuditForge.Rows(desk);
        Assert.Equal(2, await DeleteBeforeAsync(desk, 2));
        TableEntity floor = (await rows.GetEntityIfExistsAsync($"{desk.Tenant}.days", "floor", cancel: Cancel))!;
        if (how == "older") Assert.Equal(2, await DeleteBeforeAsync(desk, 3));
        if (how == "moved") floor["day"] = "20270101";
        if (how == "taken away") await rows.DeleteEntityAsync(floor.PartitionKey, floor.RowKey, cancel: Cancel);
        else await rows.UpsertEntityAsync(floor, TableUpdateMode.Replace, Cancel);
        await RefusedAsync(desk, () => DeleteBeforeAsync(desk, 4), new AuditFinding(day, 0, fault));
    }

    [Fact]
    public async Task What_a_deletion_that_was_broken_off_left_goes_with_the_next()
    {
        AccessDesk desk = await AuditForge.DaysAsync(storage, signed: 3);
        List<TableEntity> left = await AuditForge.Rows(desk).QueryAsync(TableFilter.PartitionIs($"{desk.Tenant}.{First}").And(TableFilter.RowPrefix("e!")), cancel: Cancel).ToListAsync(Cancel);
        Assert.Equal(2, await DeleteBeforeAsync(desk, 2));
        // Without its head, which goes before the row that names the day.
        await AuditForge.NameAsync(desk, First);
        await AuditForge.Rows(desk).AddEntityAsync(Copy(left[1]), Cancel);
        Assert.Null(await VerifyAsync(desk));
        Assert.Equal(1, await DeleteBeforeAsync(desk, 2));
        Assert.Equal([Open, Third, Second], await desk.Desk.Audit.DaysAsync(desk.Tenant, Cancel).ToArrayAsync(Cancel));
        Assert.Equal(4, await DeleteBeforeAsync(desk, 4));
        Assert.Null(await VerifyAsync(desk));
        Assert.Equal(Open, (await desk.Desk.Audit.FloorAsync(desk.Tenant, Cancel))!.Day);
    }

    private static TableEntity Copy(TableEntity row)
    {
        TableEntity copy = new(row.PartitionKey, row.RowKey);
        foreach ((string name, object value) in row)
            if (name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag")) copy[name] = value;
        return copy;
    }
}
