using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Keys;

/// <summary>How little the vault is asked: the cost and the limits of Key Vault allow no more.</summary>
public sealed class VaultThriftTests : IAsyncLifetime
{
    private static readonly InboxId Inbox = InboxId.Parse("support");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private readonly MemoryKeyRows rows = new();
    private TwinVaults vaults = null!;

    private KeyVaultTwin Twin => vaults.Twin;

    public async ValueTask InitializeAsync() => vaults = await TwinVaults.StartAsync(Cancel);

    public ValueTask DisposeAsync() => vaults.DisposeAsync();

    private KeyRing Ring() => new(rows, vaults.Open("pipeline"), vaults.Clock);

    [Fact]
    public async Task Ten_thousand_mails_cost_one_unwrap_per_tenant_process_and_hour()
    {
        const int Mails = 10_000, Hours = 2, Processes = 3;
        TenantContext[] tenants = [new(TenantId.Parse("acme")), new(TenantId.Parse("other"))];
        using (KeyRing first = Ring())
            foreach (TenantContext tenant in tenants) (await first.ForTenantAsync(tenant, Cancel)).Dispose();
        KeyRing[] processes = [.. Enumerable.Range(0, Processes).Select(_ => Ring())];
        Twin.Log.Clear();
        for (int i = 0; i < Mails; i++)
        {
            KeyRing ring = processes[i % Processes];
            TenantContext tenant = tenants[i / Processes % 2];
            string mail = "m" + i;
            using TenantKeys ids = await ring.ForTenantAsync(tenant, Cancel);
            foreach (DataKey raw in await ring.GetOrCreateRawAsync(tenant, Inbox, [mail], Cancel)) raw.Dispose();
            using DataKey? found = await processes[(i + 1) % Processes].FindRawAsync(tenant, Inbox, mail, Cancel);
            using DataKey ticket = await ring.GetOrCreateAsync(tenant, KeyClass.Ticket, "t" + (i / 3), Cancel);
            using DataKey contact = await ring.GetOrCreateAsync(tenant, KeyClass.Contact, "c" + (i % 500), Cancel);
            vaults.Clock.Advance(TimeSpan.FromHours(Hours) / Mails);
        }

        int most = tenants.Length * Processes * Hours;
        Assert.InRange(Twin.Count("unwrapkey"), tenants.Length * Processes, most);
        Assert.Equal(0, Twin.Count("wrapkey") - Twin.Count("unwrapkey"));
        Assert.Equal(0, Twin.Count("/sign "));
        Assert.True(Twin.Log.Count <= most + Processes, $"{Twin.Log.Count} calls");
        foreach (KeyRing ring in processes) ring.Dispose();
    }

    [Fact]
    public async Task A_hundred_readers_at_once_cost_one_unwrap()
    {
        TenantContext tenant = new(TenantId.Parse("acme"));
        using (KeyRing first = Ring()) (await first.ForTenantAsync(tenant, Cancel)).Dispose();
        using KeyRing ring = Ring();
        TaskCompletionSource gate = new();
        Twin.Always = path => path.EndsWith("/unwrapkey", StringComparison.Ordinal) ? TwinFault.Slow(gate.Task) : null;
        Task[] readers = [.. Enumerable.Range(0, 100).Select(_ => Task.Run(async () => (await ring.ForTenantAsync(tenant, Cancel)).Dispose()))];
        while (Twin.Count("unwrapkey") == 0) await Task.Delay(5, Cancel);
        gate.SetResult();
        await Task.WhenAll(readers);
        Assert.Equal(1, Twin.Count("unwrapkey"));
    }

    [Fact]
    public async Task A_root_is_asked_for_again_after_an_hour_or_a_quarter_of_an_hour_unused()
    {
        TenantContext tenant = new(TenantId.Parse("acme"));
        using KeyRing ring = Ring();
        (await ring.ForTenantAsync(tenant, Cancel)).Dispose();
        vaults.Clock.Advance(TimeSpan.FromMinutes(14.9));
        (await ring.ForTenantAsync(tenant, Cancel)).Dispose();
        Assert.Equal(0, Twin.Count("unwrapkey"));
        vaults.Clock.Advance(TimeSpan.FromMinutes(15));
        (await ring.ForTenantAsync(tenant, Cancel)).Dispose();
        Assert.Equal(1, Twin.Count("unwrapkey"));
    }

    [Fact]
    public async Task A_vault_that_asks_for_rest_gets_it_and_is_asked_once_when_it_is_over()
    {
        TenantContext tenant = new(TenantId.Parse("acme"));
        using (KeyRing first = Ring()) (await first.ForTenantAsync(tenant, Cancel)).Dispose();
        using KeyRing ring = Ring();
        Twin.Always = path => path.EndsWith("/unwrapkey", StringComparison.Ordinal) ? TwinFault.Status(429, retryAfter: 40) : null;
        for (int i = 0; i < 20; i++)
        {
            NotNowException e = await Assert.ThrowsAsync<NotNowException>(async () => await ring.ForTenantAsync(tenant, Cancel));
            Assert.Equal(("vault-throttled", TimeSpan.FromSeconds(40 - i)), (e.ReasonCode, e.RetryAfter));
            vaults.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, Twin.Count("unwrapkey"));
        Twin.Always = _ => null;
        vaults.Clock.Advance(TimeSpan.FromSeconds(20));
        (await ring.ForTenantAsync(tenant, Cancel)).Dispose();
        Assert.Equal(2, Twin.Count("unwrapkey"));
    }
}
