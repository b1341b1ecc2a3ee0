using Ingest.Core.Audit;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Access;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Audit;

/// <summary>How entries are written: one chain per day, whoever writes.</summary>
[Collection(nameof(StorageCollection))]
public sealed class AuditLogTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static AuditEvent Read(int number) => new(AuditAction.ContentRead, AuditActor.Command) { Count = number, Code = "ticket" };

    [Fact]
    public async Task Entries_stand_in_the_order_they_were_written_and_each_holds_the_hash_of_the_one_before()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        for (int i = 1; i <= 3; i++) await desk.Desk.Audit.AppendAsync(desk.Tenant, Read(i), Cancel);
        AuditEntry[] entries = await desk.Desk.Audit.EntriesAsync(desk.Tenant, "20260301", Cancel).ToArrayAsync(Cancel);
        Assert.Equal([1, 2, 3], entries.Select(e => e.Number));
        Assert.Equal([1, 2, 3], entries.Select(e => e.Event.Count));
        await AssertWholeAsync(desk, "20260301", 3);
    }

    [Fact]
    public async Task Many_writers_in_several_processes_make_one_chain()
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        Desk[] processes = [.. Enumerable.Range(0, 4).Select(_ => desk.NewProcess())];
        await Task.WhenAll(Enumerable.Range(1, 120).Select(i => processes[i % 4].Audit.AppendAsync(desk.Tenant, Read(i), Cancel)));
        AuditEntry[] entries = await desk.Desk.Audit.EntriesAsync(desk.Tenant, "20260301", Cancel).ToArrayAsync(Cancel);
        Assert.Equal(Enumerable.Range(1, 120).Select(i => (long)i), entries.Select(e => e.Event.Count).Order());
        await AssertWholeAsync(desk, "20260301", 120);
    }

    [Theory]
    [InlineData("ann@customer.example")]
    [InlineData("Ann Example")]
    [InlineData("zoë")]
    public async Task Text_of_people_is_refused(string text)
    {
        AccessDesk desk = await AccessDesk.OpenAsync(storage);
        AuditEvent[] bad = [Read(1) with { Subject = text }, Read(1) with { ContactId = text }, Read(1) with { Code = text }, Read(1) with { Actor = new AuditActor(AuditActorKind.Person, text) }];
        foreach (AuditEvent one in bad)
        {
            ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => desk.Desk.Audit.AppendAsync(desk.Tenant, one, Cancel));
            Assert.DoesNotContain(text, refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task AssertWholeAsync(AccessDesk desk, string day, int count)
    {
        AuditHead head = (await desk.Desk.Audit.HeadAsync(desk.Tenant, day, Cancel))!;
        byte[] hash = AuditHead.Beginning(desk.Tenant.ToString(), day, head.PreviousDay, head.PreviousHash);
        await foreach (AuditEntry entry in desk.Desk.Audit.EntriesAsync(desk.Tenant, day, Cancel)) hash = entry.HashAfter(desk.Tenant.ToString(), hash);
        Assert.Equal((count, Convert.ToHexString(hash)), (head.Count, Convert.ToHexString(head.Hash)));
    }
}
