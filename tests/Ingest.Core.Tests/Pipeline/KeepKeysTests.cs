using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>What the log is told of keys that housekeeping cares for: before anything is done to them.</summary>
[Collection(nameof(StorageCollection))]
public sealed class KeepKeysTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turning_a_root_over_and_sweeping_a_credential_are_told_before_they_happen()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        // A credential that was sealed and never stored.
        await test.Desk.Mailboxes.WriteCredentialAsync(test.Tenant, test.Mailbox.Id, new MailboxCredential(MailboxCredential.Google, "refresh", "s1", "box@gmail.example", ["scope"]), Cancel);
        FakeClock clock = new();
        clock.Advance(DateTimeOffset.UtcNow - clock.GetUtcNow() + KeyRing.RootMaxAge + TimeSpan.FromDays(1));
        List<Exception> failed = [];
        for (int round = 0; round < 3; round++)
        {
            Desk desk = test.NewProcess(time: clock);
            await new KeepKeys(desk.Mailboxes, desk.Keys, desk.RotateIndex, desk.Audit, clock).RunAsync([test.Tenant], [(test.Tenant, test.Mailbox.Id)], failed.Add, Cancel);
            clock.Advance(TimeSpan.FromHours(3));
        }

        Assert.Empty(failed);
        List<string> told = [];
        foreach (string day in (await test.Desk.Audit.DaysAsync(test.Tenant, Cancel).ToListAsync(Cancel)).Order(StringComparer.Ordinal))
            await foreach (AuditEntry entry in test.Desk.Audit.EntriesAsync(test.Tenant, day, Cancel)) told.Add($"{entry.Event.Action} {entry.Event.Code} {entry.Event.Result}{(entry.Event.Count > 0 ? " counted" : "")}");
        string[] ofRoot = [.. told.Where(t => t.Contains(" data ", StringComparison.Ordinal))];
        Assert.True(ofRoot is ["KeyRotated data Begun", .., "KeyRotated data Done counted", "KeyDeleted data Done"], string.Join(", ", told));
        Assert.Equal(1, told.Count(t => t == "KeyDeleted credential-unused Done"));
        Assert.Single(await test.NewProcess().Keys.Credentials.ListAsync(test.Tenant, test.Mailbox.Id, Cancel));
    }
}
