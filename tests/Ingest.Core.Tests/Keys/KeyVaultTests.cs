using System.Security.Cryptography;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class KeyVaultTests : IAsyncLifetime
{
    private static readonly byte[] Plain = RandomNumberGenerator.GetBytes(32);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private TwinVaults vaults = null!;
    private KeyVault vault = null!;

    private KeyVaultTwin Twin => vaults.Twin;

    public async ValueTask InitializeAsync()
    {
        vaults = await TwinVaults.StartAsync(Cancel);
        vault = vaults.Open("pipeline");
    }

    public ValueTask DisposeAsync() => vaults.DisposeAsync();

    private Task<WrappedKey> WrapAsync() => vault.WrapAsync(KeyPurpose.Data, Plain, Cancel);

    private static async Task FailsAsync(string code, Func<Task> call) => Assert.Equal(code, (await Assert.ThrowsAsync<NotNowException>(call)).ReasonCode);

    [Fact]
    public async Task Wrapping_asks_for_the_public_key_once_in_a_quarter_of_an_hour_and_never_for_a_wrap()
    {
        for (int minute = 0; minute < 15; minute++)
        {
            await WrapAsync();
            vaults.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Single(Twin.Log);
        await WrapAsync();
        Assert.Equal(["GET /keys/kek-data pipeline", "GET /keys/kek-data pipeline"], Twin.Log);
    }

    [Fact]
    public async Task A_new_version_wraps_within_a_quarter_of_an_hour_and_the_old_one_still_unwraps()
    {
        WrappedKey before = await WrapAsync();
        TwinKey next = Twin.AddRsa("kek-data", 2048, "wrapKey", "unwrapKey");
        Assert.Equal(before.Kid, (await WrapAsync()).Kid);
        vaults.Clock.Advance(TimeSpan.FromMinutes(15));
        WrappedKey after = await WrapAsync();
        Assert.Equal(next.Kid, after.Kid);
        Assert.Equal(Plain, await vault.UnwrapAsync(KeyPurpose.Data, before, Cancel));
        Assert.Equal(Plain, await vault.UnwrapAsync(KeyPurpose.Data, after, Cancel));
        Assert.Equal(1, Twin.Count($"/{before.Kid[^32..]}/unwrapkey"));
    }

    [Fact]
    public async Task A_key_that_is_switched_off_or_out_of_its_time_wraps_nothing_here_either()
    {
        TwinKey kek = Twin.Newest("kek-data");
        kek.Enabled = false;
        await FailsAsync("vault-disabled", WrapAsync);
        (kek.Enabled, kek.NotBefore) = (true, vaults.Clock.GetUtcNow().AddHours(1));
        await FailsAsync("vault-key-expired", WrapAsync);
        vaults.Clock.Advance(TimeSpan.FromHours(1));
        WrappedKey wrapped = await WrapAsync();
        kek.ExpiresOn = vaults.Clock.GetUtcNow().AddMinutes(20);
        vaults.Clock.Advance(TimeSpan.FromMinutes(16));
        await WrapAsync();
        vaults.Clock.Advance(TimeSpan.FromMinutes(4));
        await FailsAsync("vault-key-expired", WrapAsync);
        Assert.Equal(Plain, await vault.UnwrapAsync(KeyPurpose.Data, wrapped, Cancel));
    }

    [Fact]
    public async Task A_key_for_another_use_is_refused()
    {
        Twin.AddEc("kek-data", "sign");
        await FailsAsync("vault-key-wrong-use", WrapAsync);
        Twin.AddRsa("kek-data", 2048, "unwrapKey");
        await FailsAsync("vault-key-wrong-use", WrapAsync);
    }

    [Fact]
    public async Task A_key_that_is_switched_off_unwraps_nothing_and_unwraps_again_a_minute_after_it_is_on()
    {
        WrappedKey wrapped = await WrapAsync();
        Twin.Newest("kek-data").Enabled = false;
        await FailsAsync("vault-disabled", () => vault.UnwrapAsync(KeyPurpose.Data, wrapped, Cancel));
        Twin.Newest("kek-data").Enabled = true;
        await FailsAsync("vault-disabled", () => vault.UnwrapAsync(KeyPurpose.Data, wrapped, Cancel));
        Assert.Equal(1, Twin.Count("unwrapkey"));
        vaults.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(Plain, await vault.UnwrapAsync(KeyPurpose.Data, wrapped, Cancel));
    }

    [Theory]
    [InlineData("https://elsewhere.vault.azure.net/keys/kek-data/00000000000000000000000000000001")]
    [InlineData("https://ingest-test.vault.azure.net/keys/kek-other/00000000000000000000000000000001")]
    [InlineData("https://ingest-test.vault.azure.net/keys/kek-data")]
    [InlineData("https://elsewhere.example/keys/kek-data/00000000000000000000000000000001")]
    [InlineData("local:kek-data/0011223344556677")]
    public async Task A_wrapped_key_that_names_another_key_is_refused_without_asking_anyone(string kid)
    {
        WrappedKey wrapped = await WrapAsync();
        Twin.Log.Clear();
        await Assert.ThrowsAsync<SealBrokenException>(() => vault.UnwrapAsync(KeyPurpose.Data, wrapped with { Kid = kid }, Cancel));
        Assert.Empty(Twin.Log);
        Assert.All(Twin.Connected, host => Assert.Equal(KeyVaultTwin.Host, host));
    }

    [Fact]
    public async Task Seals_of_an_old_version_hold_and_are_checked_by_one_question_per_version()
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        KeySignature before = await vault.SignAsync(digest, Cancel);
        Twin.Newest("seal").Enabled = false;
        Twin.AddEc("seal", "sign");
        vaults.Clock.Advance(TimeSpan.FromMinutes(15));
        KeySignature after = await vault.SignAsync(digest, Cancel);
        Assert.NotEqual(before.Kid, after.Kid);

        KeyVault other = vaults.Open("front");
        Twin.Log.Clear();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(await other.VerifyAsync(digest, before, Cancel));
            Assert.True(await other.VerifyAsync(digest, after, Cancel));
            Assert.False(await other.VerifyAsync(digest, before with { Kid = after.Kid }, Cancel));
        }

        Assert.Equal(2, Twin.Log.Count);
    }

    [Fact]
    public async Task A_seal_that_would_not_hold_is_not_given_out()
    {
        Twin.Rewrite = (path, answer) =>
        {
            if (path.EndsWith("/sign", StringComparison.Ordinal)) answer["value"] = new string('A', 86);
            return answer;
        };
        await FailsAsync("vault-unreadable", () => vault.SignAsync(new byte[32], Cancel));
        Twin.Rewrite = (_, answer) => answer;
        await vault.SignAsync(new byte[32], Cancel);
    }

    [Fact]
    public async Task Many_who_need_the_same_public_key_ask_once()
    {
        TaskCompletionSource gate = new();
        Twin.Always = _ => TwinFault.Slow(gate.Task);
        Task<WrappedKey>[] wraps = [.. Enumerable.Range(0, 100).Select(_ => Task.Run(WrapAsync))];
        while (Twin.Log.IsEmpty) await Task.Delay(5, Cancel);
        gate.SetResult();
        await Task.WhenAll(wraps);
        Assert.Single(Twin.Log);
    }

    [Fact]
    public async Task A_ring_over_the_vault_makes_keys_and_another_process_opens_them()
    {
        MemoryKeyRows rows = new();
        TenantContext tenant = new(TenantId.Parse("acme"));
        using KeyRing one = new(rows, vault, vaults.Clock), other = new(rows, vaults.Open("other"), vaults.Clock);
        SealContext context = new(tenant.Tenant, KeyClass.Ticket, "t1", "ticket");
        using DataKey made = await one.GetOrCreateAsync(tenant, KeyClass.Ticket, "t1", Cancel);
        byte[] box = Envelope.Seal([1, 2, 3], made, context, SegmentLength.Row);
        using DataKey? found = await other.FindAsync(tenant, KeyClass.Ticket, "t1", Cancel);
        Assert.Equal([1, 2, 3], Envelope.Open(box, found!, context));
        Assert.Equal((1, 1), (Twin.Count("unwrapkey"), Twin.Count("/sign ")));
    }
}
