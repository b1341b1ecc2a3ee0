using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Tests.Access;
using Ingest.Core.Tests.Audit;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>What housekeeping says of what went wrong.</summary>
[Collection(nameof(StorageCollection))]
public sealed class KeepHouseTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fault_that_stands_hides_no_other()
    {
        AccessDesk unsigned = await AuditForge.DaysAsync(storage, signed: 2), cut = await AuditForge.DaysAsync(storage, signed: 3);
        foreach (AccessDesk desk in (AccessDesk[])[unsigned, cut]) using (await desk.Desk.Keys.ForTenantAsync(desk.Tenant, Cancel)) { }
        // One log is broken where it would be signed, one at both ends.
        await AuditForge.Rows(unsigned).DeleteEntityAsync($"{unsigned.Tenant}.20260303", "e!0000000001", cancel: Cancel);
        await AuditForge.CutAsync(cut, "20260301");
        await AuditForge.NameAsync(cut, "20190101");
        await AuditForge.StripAsync(cut, "20260303", count: 99);

        HouseReport report = await cut.NewProcess().KeepHouse.RunAsync(sweep: true, Cancel);

        AuditBrokenException[] broken = [.. report.Faults!.OfType<AuditBrokenException>()];
        Assert.Equal([new AuditFinding("20260303", 1, AuditFault.EntryMissing)], broken.Where(b => b.Tenant == unsigned.Tenant).Select(b => b.Finding));
        Assert.Equal([new AuditFinding("20260303", 3, AuditFault.EndChanged), new AuditFinding("20190101", 0, AuditFault.EndMissing)], broken.Where(b => b.Tenant == cut.Tenant).Select(b => b.Finding));
    }
}
