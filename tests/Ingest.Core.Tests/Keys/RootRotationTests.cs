using Ingest.Core.Access;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class RootRotationTests(LocalVaultFolder folder) : IDisposable
{
    private static readonly TenantContext Acme = new(TenantId.Parse("acme"));
    private static readonly TenantContext Other = new(TenantId.Parse("other"));
    private static readonly InboxId Inbox = InboxId.Parse("support");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly FakeClock clock = new();
    private readonly MemoryKeyRows rows = new();
    private readonly List<KeyRing> rings = [];

    public void Dispose() => rings.ForEach(ring => ring.Dispose());

    [Fact]
    public async Task After_a_rotation_everything_opens_under_the_new_root_and_the_old_is_gone()
    {
        Dictionary<string, byte[]> boxes = await SealAsync(Ring(), "t", 5);
        string name = await NameAsync(Ring());
        KeyRing ring = Ring();

        KeyRotation first = (await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: true, 1000, Cancel))!;
        Assert.Equal((2, 5 + 2, 0, 0, false), (first.Epoch, first.Rewrapped, first.Left, first.Broken, first.Done));
        await OpenAsync(Ring(), boxes);
        await OpenAsync(ring, boxes);
        Assert.Equal(name, await NameAsync(Ring()));

        // Nothing is destroyed before other processes can no longer use it.
        Assert.False((await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: false, 1000, Cancel))!.Done);
        clock.Advance(TimeSpan.FromHours(2));
        KeyRotation last = (await Ring().RotateRootAsync(Acme, KeyPurpose.Data, start: false, 1000, Cancel))!;
        Assert.Equal((0, true), (last.Rewrapped, last.Done));
        Assert.Null(await Ring().RotateRootAsync(Acme, KeyPurpose.Data, start: false, 1000, Cancel));

        Assert.Equal(["trk!000002"], await rows.ListAsync("acme.root", Cancel).Select(row => row.Row).Where(row => row.StartsWith("trk!", StringComparison.Ordinal)).ToListAsync(Cancel));
        Assert.All(await rows.ListAsync(Acme.Tenant, Cancel).ToListAsync(Cancel), row => Assert.Equal(2, row.Epoch));
        await OpenAsync(Ring(), boxes);
        Assert.Equal(name, await NameAsync(Ring()));
    }

    [Fact]
    public async Task A_process_that_still_holds_the_old_root_loses_nothing()
    {
        KeyRing slow = Ring();
        Dictionary<string, byte[]> boxes = await SealAsync(slow, "t", 2);
        KeyRing ring = Ring();
        await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: true, 1000, Cancel);

        // It wraps one more under the old root, which it has held since before.
        foreach ((string owner, byte[] box) in await SealAsync(slow, "late", 1))
            boxes.Add(owner, box);
        Assert.Contains(await rows.ListAsync(Acme.Tenant, Cancel).ToListAsync(Cancel), row => row.Epoch == 1 && row.Row.Contains("late", StringComparison.Ordinal));

        clock.Advance(TimeSpan.FromHours(2));
        KeyRotation again = (await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: false, 1000, Cancel))!;
        Assert.Equal((1, false), (again.Rewrapped, again.Done));
        Assert.True((await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: false, 1000, Cancel))!.Done);
        await OpenAsync(Ring(), boxes);
        await OpenAsync(slow, boxes);
    }

    [Fact]
    public async Task A_crash_between_any_two_steps_leaves_all_readable_and_the_rotation_goes_on()
    {
        Dictionary<string, byte[]> boxes = await SealAsync(Ring(), "t", 4);
        await SealAsync(Ring(), "r", 1, KeyClass.Credential);
        string name = await NameAsync(Ring());
        int crashes = 0;
        for (int writes = 0; ; writes++)
        {
            CrashingKeyRows crashing = new(rows, writes);
            bool started = await rows.GetAsync("acme.root", "trk!000002", Cancel) is not null;
            try
            {
                clock.Advance(TimeSpan.FromHours(3));
                KeyRotation? now = await Ring(crashing).RotateRootAsync(Acme, KeyPurpose.Data, start: !started, 1000, Cancel);
                if (now is { Done: true })
                    break;
            }
            catch (CrashingKeyRows.CrashException)
            {
                crashes++;
            }

            await OpenAsync(Ring(), boxes);
            Assert.Equal(name, await NameAsync(Ring()));
        }

        Assert.True(crashes >= 4);
        await OpenAsync(Ring(), boxes);
        Assert.Equal(name, await NameAsync(Ring()));
        Assert.Equal(1, (await rows.GetAsync("acme.root", "crk!000001", Cancel))!.Epoch);
    }

    [Fact]
    public async Task A_call_does_only_so_many_and_the_next_goes_on()
    {
        Dictionary<string, byte[]> boxes = await SealAsync(Ring(), "t", 10);
        KeyRing ring = Ring();
        KeyRotation some = (await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: true, 4, Cancel))!;
        Assert.Equal((4 + 2, 1), (some.Rewrapped, some.Left));
        Assert.Equal((4, 1), (await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: true, 4, Cancel)) is { } next ? (next.Rewrapped, next.Left) : default);
        await OpenAsync(Ring(), boxes);
    }

    [Fact]
    public async Task A_key_that_does_not_open_keeps_the_old_root_and_is_counted()
    {
        Dictionary<string, byte[]> boxes = await SealAsync(Ring(), "t", 2);
        KeyRow bad = await rows.ListAsync(Acme.Tenant, Cancel).FirstAsync(row => row.Row == "dek!ticket!t0", Cancel);
        bad.Wrapped[^1] ^= 1;
        await rows.TryUpdateAsync(bad, Cancel);
        KeyRing ring = Ring();
        await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: true, 1000, Cancel);
        clock.Advance(TimeSpan.FromHours(3));
        KeyRotation kept = (await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: false, 1000, Cancel))!;
        Assert.Equal((1, false), (kept.Broken, kept.Done));
        boxes.Remove("t0");
        await OpenAsync(Ring(), boxes);
    }

    [Fact]
    public async Task Erased_keys_stay_erased()
    {
        await SealAsync(Ring(), "t", 2);
        KeyRing ring = Ring();
        await ring.EraseAsync(Acme, KeyClass.Ticket, "t0", Cancel);
        await ring.RotateRootAsync(Acme, KeyPurpose.Data, start: true, 1000, Cancel);
        Assert.Null(await ring.FindAsync(Acme, KeyClass.Ticket, "t0", Cancel));
        await Assert.ThrowsAsync<KeyErasedException>(() => Ring().GetOrCreateAsync(Acme, KeyClass.Ticket, "t0", Cancel).AsTask());
    }

    [Fact]
    public async Task Housekeeping_turns_a_root_over_when_it_is_a_year_old_and_leaves_other_tenants_alone()
    {
        await SealAsync(Ring(), "t", 1);
        (await Ring().ForTenantAsync(Other, Cancel)).Dispose();
        Assert.Null(await Ring().RotateRootAsync(Acme, KeyPurpose.Data, start: false, 1000, Cancel));
        clock.Advance(TimeSpan.FromDays(366));
        Assert.Equal(2, (await Ring().RotateRootAsync(Acme, KeyPurpose.Data, start: false, 1000, Cancel))!.Epoch);
        Assert.Equal(1, await rows.ListAsync("other.root", Cancel).CountAsync(row => row.Row.StartsWith("trk!", StringComparison.Ordinal), Cancel));
        Assert.Null(await Ring().RotateRootAsync(new TenantContext(TenantId.Parse("nobody")), KeyPurpose.Data, start: true, 1000, Cancel));
    }

    [Fact]
    public async Task Credentials_have_a_root_of_their_own_that_is_turned_over_alone()
    {
        Dictionary<string, byte[]> boxes = await SealAsync(Ring(), "m", 2, KeyClass.Credential);
        await SealAsync(Ring(), "t", 2);
        KeyRing ring = Ring();
        Assert.Equal(2, (await ring.RotateRootAsync(Acme, KeyPurpose.Credential, start: true, 1000, Cancel))!.Rewrapped);
        clock.Advance(TimeSpan.FromHours(2));
        Assert.True((await ring.RotateRootAsync(Acme, KeyPurpose.Credential, start: false, 1000, Cancel))!.Done);
        await OpenAsync(Ring(), boxes, KeyClass.Credential);
        Assert.NotNull(await rows.GetAsync("acme.root", "trk!000001", Cancel));
    }

    private KeyRing Ring(IKeyRows? over = null)
    {
        KeyRing ring = new(over ?? rows, folder.Vault, clock);
        rings.Add(ring);
        return ring;
    }

    private static SealContext Context(KeyClass keyClass, string owner) => new(Acme.Tenant, keyClass, owner, "doc");

    private static async Task<Dictionary<string, byte[]>> SealAsync(KeyRing ring, string prefix, int count, KeyClass keyClass = KeyClass.Ticket)
    {
        Dictionary<string, byte[]> boxes = [];
        for (int i = 0; i < count; i++)
        {
            using DataKey key = await ring.GetOrCreateAsync(Acme, keyClass, $"{prefix}{i}", Cancel);
            boxes.Add(key.Owner, Envelope.Seal([1, 2, 3], key, Context(keyClass, key.Owner), SegmentLength.Row));
        }

        return boxes;
    }

    private static async Task OpenAsync(KeyRing ring, Dictionary<string, byte[]> boxes, KeyClass keyClass = KeyClass.Ticket)
    {
        foreach ((string owner, byte[] box) in boxes)
        {
            using DataKey? key = await ring.FindAsync(Acme, keyClass, owner, Cancel);
            Assert.Equal([1, 2, 3], Envelope.Open(box, key!, Context(keyClass, owner)));
        }
    }

    private static async Task<string> NameAsync(KeyRing ring)
    {
        using TenantKeys ids = await ring.ForTenantAsync(Acme, Cancel);
        return ids.MessageKey(Inbox, "1") + ids.BlindIndex("contact.email", "a@example.com");
    }
}
