using System.Text;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Retention;
using Ingest.Core.Settings;
using Ingest.Core.Tests.Keys;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Xunit;

namespace Ingest.Core.Tests.Replies;

/// <summary>DKIM keys that are made in the signing vault, sign there, and never leave it.</summary>
[Collection(nameof(StorageCollection))]
public sealed class VaultSigningTests(StorageFixture storage) : IAsyncLifetime
{
    private const string SigningHost = "ingest-dkim.vault.azure.net";
    private static readonly byte[] Letter = Encoding.ASCII.GetBytes("From: a@acme.example\r\nTo: b@other.example\r\nSubject: Hello\r\n\r\nHello.\r\n");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private TwinVaults vaults = null!;
    private TestDesk test = null!;

    private KeyVaultTwin Twin => vaults.Twin;

    public async ValueTask InitializeAsync()
    {
        vaults = await TwinVaults.StartAsync(Cancel);
        test = new TestDesk(storage, Vaults);
        await test.Desk.CreateStoresAsync(Cancel);
    }

    public ValueTask DisposeAsync() => vaults.DisposeAsync();

    private (IKeyVault, KeyClient?) Vaults() => (vaults.Open("pipeline"), vaults.Client(new TwinIdentity("pipeline"), SigningHost));

    private IEnumerable<string> LiveKeys => Twin.Names.Where(name => name.StartsWith(SigningHost, StringComparison.Ordinal)).Select(name => name[(SigningHost.Length + 1)..]).Where(name => Twin.Has(name, SigningHost));

    private async Task<byte[]?> SignAsync(Desk desk)
    {
        using SigningKey? key = await desk.SigningKeys.FindAsync(test.Tenant, "acme.example", Cancel);
        return key is null ? null : await key.SignAsync(Letter, vaults.Clock.GetUtcNow(), Cancel);
    }

    [Fact]
    public async Task A_key_is_made_in_the_vault_and_its_signature_holds_against_the_published_record()
    {
        DkimRecord record = await test.Desk.SigningKeys.CreateAsync(test.Tenant, "acme.example", "s1", Cancel);
        string name = Assert.Single(LiveKeys);
        Assert.StartsWith($"dkim-{test.Tenant}-", name, StringComparison.Ordinal);
        Assert.DoesNotContain("acme", name[5..].Replace(test.Tenant.ToString(), "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
        Assert.Equal($"v=DKIM1; k=rsa; p={Convert.ToBase64String(Twin.Newest(name, SigningHost).Rsa!.ExportSubjectPublicKeyInfo())}", record.Value);
        Assert.Equal(record, (await test.NewProcess().SigningKeys.DescribeAsync(test.Tenant, "acme.example", Cancel))!.Value.Record);
        Assert.Equal(record, await test.NewProcess().SigningKeys.CreateAsync(test.Tenant, "acme.example", "s1", Cancel));
        Assert.Single(LiveKeys);

        string signed = Encoding.ASCII.GetString((await SignAsync(test.NewProcess()))!);
        Assert.StartsWith("DKIM-Signature: v=1; a=rsa-sha256;", signed, StringComparison.Ordinal);
        Assert.Single(Twin.Log, line => line.Contains("/dkim-", StringComparison.Ordinal) && line.EndsWith("/sign pipeline", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_key_throws_the_old_one_away_and_taking_it_away_ends_signing()
    {
        await test.Desk.SigningKeys.CreateAsync(test.Tenant, "acme.example", "s1", Cancel);
        string first = Assert.Single(LiveKeys);
        await test.Desk.SigningKeys.CreateAsync(test.Tenant, "acme.example", "s2", Cancel);
        Assert.NotEqual(first, Assert.Single(LiveKeys));
        Assert.True(await test.Desk.SigningKeys.DeleteAsync(test.Tenant, "acme.example", Cancel));
        Assert.Empty(LiveKeys);
        Assert.Null(await SignAsync(test.Desk));
        Assert.False(await test.Desk.SigningKeys.DeleteAsync(test.Tenant, "acme.example", Cancel));
    }

    [Fact]
    public async Task Two_who_make_a_key_at_once_learn_of_the_same_one_and_no_other_stays()
    {
        DkimRecord[] records = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => test.NewProcess().SigningKeys.CreateAsync(test.Tenant, "acme.example", "s1", Cancel))));
        Assert.Single(records.Distinct());
        Assert.Single(LiveKeys);
    }

    [Fact]
    public async Task A_vault_that_does_not_sign_puts_the_mail_off_and_a_wrong_signature_is_not_sent()
    {
        await test.Desk.SigningKeys.CreateAsync(test.Tenant, "acme.example", "s1", Cancel);
        TwinKey key = Twin.Newest(LiveKeys.Single(), SigningHost);
        key.Enabled = false;
        Assert.Equal("vault-disabled", (await Assert.ThrowsAsync<NotNowException>(() => SignAsync(test.NewProcess()))).ReasonCode);
        key.Enabled = true;
        Twin.Rewrite = (path, answer) =>
        {
            if (path.EndsWith("/sign", StringComparison.Ordinal)) answer["value"] = new string('A', 342);
            return answer;
        };
        Assert.Equal("vault-unreadable", (await Assert.ThrowsAsync<NotNowException>(() => SignAsync(test.NewProcess()))).ReasonCode);
        // A process whose settings no longer name the vault says so, and sends nothing unsigned.
        Desk without = test.NewProcess(vaults: (vaults.Open("pipeline"), null));
        Assert.Equal("signing-vault-missing", (await Assert.ThrowsAsync<NotNowException>(() => SignAsync(without))).ReasonCode);
    }

    [Fact]
    public async Task A_tenant_that_is_erased_leaves_no_signing_key_in_the_vault_not_even_one_that_no_row_names()
    {
        await test.Desk.SigningKeys.CreateAsync(test.Tenant, "acme.example", "s1", Cancel);
        // A key that was replaced while the vault did not answer; one of another tenant; more than a page of others.
        Twin.AddRsaIn(SigningHost, $"dkim-{test.Tenant}-lost", 2048, "sign");
        Twin.AddRsaIn(SigningHost, $"dkim-{test.Tenant}x-theirs", 2048, "sign");
        for (int i = 0; i < 30; i++) Twin.AddRsaIn(SigningHost, $"aaa-{i}", 512, "sign");
        string ours = Assert.Single(LiveKeys, name => name.StartsWith($"dkim-{test.Tenant}-", StringComparison.Ordinal) && !name.EndsWith("-lost", StringComparison.Ordinal));
        Twin.Deny("pipeline", ours, "delete");
        ErasureEnd begun = await test.NewProcess().Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel);
        Assert.Equal(ErasureOutcome.Begun, begun.Outcome);

        Twin.Allow("pipeline", ours, "delete");
        ErasureEnd end = await test.NewProcess().Eraser.TenantAsync(test.Tenant, AuditActor.Command, Cancel);
        ReceiptBody body = Receipt.Check(end.Receipt!, await test.Desk.Vault.SealPublicKeyAsync(Receipt.KidOf(end.Receipt!), Cancel)).Body!;
        Assert.Equal((begun.Erasure!.Id, "deleted", 2L), (body.Erasure, body.SigningKeys, body.Counts["signingKeys"]));
        Assert.Contains(body.NotRemoved, line => line.Contains("soft delete", StringComparison.Ordinal));
        Assert.Equal([$"dkim-{test.Tenant}x-theirs"], LiveKeys.Where(name => name.StartsWith("dkim-", StringComparison.Ordinal)));
    }
}
