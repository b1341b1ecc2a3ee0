using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Azure.Identity;
using Ingest.Core.Keys;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class KeyClientTests : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private readonly TwinIdentity identity = new("app");
    private TwinVaults vaults = null!;
    private KeyClient client = null!;

    private KeyVaultTwin Twin => vaults.Twin;

    public async ValueTask InitializeAsync()
    {
        vaults = await TwinVaults.StartAsync(Cancel);
        client = vaults.Client(identity);
    }

    public ValueTask DisposeAsync() => vaults.DisposeAsync();

    private CryptographyClient Kek() => client.GetCryptographyClient(IdOf(Twin.Newest("kek-data").Kid));

    private static KeyVaultKeyIdentifier IdOf(string kid) => KeyVaultKeyIdentifier.TryParse(kid, out KeyVaultKeyIdentifier? id) ? id : throw new ArgumentException("No key.", nameof(kid));

    private async Task<NotNowException> FailsAsync(string code)
    {
        NotNowException e = await Assert.ThrowsAsync<NotNowException>(() => client.GetKeyAsync("seal", "", Cancel));
        Assert.Equal(code, e.ReasonCode);
        return e;
    }

    [Fact]
    public async Task The_token_has_the_scope_of_the_vault_and_is_drawn_once()
    {
        await client.GetKeyAsync("seal", "", Cancel);
        await client.GetKeyAsync("kek-data", "", Cancel);
        Assert.Equal(["https://vault.azure.net/.default"], identity.Scopes);
        TwinIdentity hsm = new("app");
        Twin.AddRsaIn("pool.managedhsm.azure.net", "kek-data", 2048, "wrapKey");
        await vaults.Client(hsm, "pool.managedhsm.azure.net").GetKeyAsync("kek-data", "", Cancel);
        Assert.Equal(["https://managedhsm.azure.net/.default"], hsm.Scopes);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_drawn_anew_once_whatever_the_challenge_names()
    {
        Twin.Expired["app.1"] = true;
        await client.GetKeyAsync("seal", "", Cancel);
        Assert.Equal((2, 2), (identity.Drawn, Twin.Log.Count));
        Twin.Always = _ => TwinFault.Status(401);
        await FailsAsync("vault-unauthorized");
        Assert.All(identity.Scopes, scope => Assert.Equal("https://vault.azure.net/.default", scope));
        Assert.All(Twin.Connected, host => Assert.Equal(KeyVaultTwin.Host, host));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_sent()
    {
        identity.Failure = new AuthenticationFailedException("words of the identity");
        NotNowException e = await FailsAsync("vault-no-token");
        Assert.Equal("vault-no-token", e.Message);
        Assert.Empty(Twin.Log);
    }

    [Theory]
    [InlineData(403, "Forbidden", "KeyDisabled", "vault-disabled")]
    [InlineData(403, "KeyDisabled", null, "vault-disabled")]
    [InlineData(403, "Forbidden", "ForbiddenByRbac", "vault-forbidden")]
    [InlineData(403, "Forbidden", null, "vault-forbidden")]
    [InlineData(404, "KeyNotFound", null, "vault-key-missing")]
    [InlineData(409, "Conflict", "ObjectIsDeletedButRecoverable", "vault-conflict")]
    [InlineData(400, "BadParameter", null, "vault-refused")]
    public async Task A_refusal_is_not_tried_again_and_its_words_stay_outside(int status, string code, string? inner, string reason)
    {
        Twin.Faults.Enqueue(TwinFault.Status(status, code, inner));
        NotNowException e = await FailsAsync(reason);
        Assert.Equal(reason, e.Message);
        Assert.Null(e.InnerException);
        Assert.Single(Twin.Log);
    }

    [Theory]
    [InlineData(403, "vault-forbidden")]
    [InlineData(404, "vault-key-missing")]
    public async Task A_key_that_was_refused_or_missing_is_left_alone_for_a_minute_and_others_are_not(int status, string reason)
    {
        Twin.Faults.Enqueue(TwinFault.Status(status));
        await FailsAsync(reason);
        vaults.Clock.Advance(TimeSpan.FromSeconds(59));
        NotNowException e = await FailsAsync(reason);
        Assert.Equal(TimeSpan.FromSeconds(1), e.RetryAfter);
        Assert.Single(Twin.Log);
        await client.GetKeyAsync("kek-data", "", Cancel);
        await Assert.ThrowsAsync<SealBrokenException>(() => Kek().UnwrapKeyAsync("RSA-OAEP-256", new byte[256], Cancel));
        vaults.Clock.Advance(TimeSpan.FromSeconds(1));
        await client.GetKeyAsync("seal", "", Cancel);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task What_may_pass_is_tried_three_times_more(int status)
    {
        for (int i = 0; i < 3; i++) Twin.Faults.Enqueue(i == 1 ? TwinFault.Page(status) : TwinFault.Status(status));
        await client.GetKeyAsync("seal", "", Cancel);
        Assert.Equal(4, Twin.Log.Count);
        Twin.Always = _ => TwinFault.Page(status);
        await FailsAsync(status == 429 ? "vault-throttled" : "vault-unavailable");
        Assert.Equal(8, Twin.Log.Count);
    }

    [Fact]
    public async Task A_long_Retry_After_is_passed_on_and_holds_all_calls_until_then()
    {
        Twin.Faults.Enqueue(TwinFault.Status(429, retryAfter: 30));
        NotNowException e = await FailsAsync("vault-throttled");
        Assert.Equal(TimeSpan.FromSeconds(30), e.RetryAfter);
        vaults.Clock.Advance(TimeSpan.FromSeconds(10));
        e = await FailsAsync("vault-throttled");
        Assert.Equal(TimeSpan.FromSeconds(20), e.RetryAfter);
        Assert.Single(Twin.Log);
        vaults.Clock.Advance(TimeSpan.FromSeconds(20));
        await client.GetKeyAsync("seal", "", Cancel);
    }

    [Fact]
    public async Task A_vault_that_does_not_answer_ends_after_twenty_seconds_and_ones_own_cancellation_at_once()
    {
        TaskCompletionSource never = new();
        Twin.Always = _ => TwinFault.Slow(never.Task);
        Task<NotNowException> slow = FailsAsync("vault-unreachable");
        await UntilAsync(() => Twin.Log.Count == 1);
        Assert.False(slow.IsCompleted);
        vaults.Clock.Advance(TimeSpan.FromSeconds(20));
        await slow;

        using CancellationTokenSource own = new();
        Task asked = client.GetKeyAsync("seal", "", own.Token);
        await UntilAsync(() => Twin.Log.Count == 2);
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        never.SetResult();
    }

    [Fact]
    public async Task An_answer_that_is_cut_short_or_never_begins_is_tried_again()
    {
        Twin.Faults.Enqueue(TwinFault.Cut);
        Twin.Faults.Enqueue(TwinFault.HangUp);
        await client.GetKeyAsync("seal", "", Cancel);
        Assert.Equal(3, Twin.Log.Count);
        Twin.Always = _ => TwinFault.Cut;
        await FailsAsync("vault-unreachable");
        Assert.Equal(7, Twin.Log.Count);
    }

    [Fact]
    public async Task An_answer_over_64_KiB_is_not_read()
    {
        Twin.Always = _ => TwinFault.Oversized;
        await FailsAsync("vault-unreadable");
        Assert.Single(Twin.Log);
    }

    [Theory]
    [InlineData("https://elsewhere.vault.azure.net/keys/seal")]
    [InlineData("https://elsewhere.example/")]
    public async Task No_redirect_is_followed(string to)
    {
        Twin.Always = _ => TwinFault.Redirect(to);
        await FailsAsync("vault-refused");
        Assert.Single(Twin.Log);
        Assert.All(Twin.Connected, host => Assert.Equal(KeyVaultTwin.Host, host));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"key\":7}")]
    [InlineData("{\"key\":{\"kid\":7,\"kty\":[]}}")]
    [InlineData("{\"key\":{\"kid\":\"https://ingest-test.vault.azure.net/keys/seal/00000000000000000000000000000001\",\"kty\":\"RSA\",\"n\":\"*\",\"e\":\"AQAB\"}}")]
    [InlineData("not json")]
    public async Task What_cannot_be_read_is_no_key(string body)
    {
        Twin.Always = _ => TwinFault.Body(body);
        await FailsAsync("vault-unreadable");
    }

    [Fact]
    public async Task Only_strong_keys_are_taken_and_private_members_are_not_looked_at()
    {
        Twin.AddRsa("weak", 1024, "wrapKey");
        await Assert.ThrowsAsync<NotNowException>(() => client.GetKeyAsync("weak", "", Cancel));

        Twin.Rewrite = (_, bundle) => Changed(bundle, key => (key["d"], key["p"]) = ("AAAA", "AAAA"));
        Assert.False((await client.GetKeyAsync("seal", "", Cancel)).IsRsa);
        Twin.Rewrite = (_, bundle) => Changed(bundle, key => key["e"] = "Aw");
        await Assert.ThrowsAsync<NotNowException>(() => client.GetKeyAsync("kek-data", "", Cancel));
        Twin.Rewrite = (_, bundle) => Changed(bundle, key => key["crv"] = "P-384");
        await FailsAsync("vault-unreadable");
        Twin.Rewrite = (_, bundle) => Changed(bundle, key => key["x"] = key["y"]!.GetValue<string>());
        await FailsAsync("vault-unreadable");
        Twin.Rewrite = (_, bundle) => Changed(bundle, key => key["kid"] = Twin.Newest("kek-data").Kid);
        await FailsAsync("vault-unreadable");
    }

    private static JsonObject Changed(JsonObject bundle, Action<JsonObject> change)
    {
        change(bundle["key"]!.AsObject());
        return bundle;
    }

    [Fact]
    public async Task An_answer_by_another_key_is_not_believed()
    {
        KeyVaultKey kek = await client.GetKeyAsync("kek-data", "", Cancel);
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(kek.ExportSubjectPublicKeyInfo(), out _);
        byte[] wrapped = rsa.Encrypt(new byte[32], RSAEncryptionPadding.OaepSHA256);
        Assert.Equal(new byte[32], await Kek().UnwrapKeyAsync("RSA-OAEP-256", wrapped, Cancel));
        Twin.Rewrite = (_, answer) =>
        {
            answer["kid"] = "https://elsewhere.vault.azure.net/keys/kek-data/" + kek.Id.Version;
            return answer;
        };
        NotNowException e = await Assert.ThrowsAsync<NotNowException>(() => Kek().UnwrapKeyAsync("RSA-OAEP-256", wrapped, Cancel));
        Assert.Equal("vault-unreadable", e.ReasonCode);
    }

    [Fact]
    public async Task Versions_are_listed_page_by_page()
    {
        for (int i = 0; i < 59; i++) Twin.AddEc("seal", "sign");
        Twin.Newest("seal").Enabled = false;
        List<KeyProperties> versions = await client.GetPropertiesOfKeyVersionsAsync("seal", Cancel).ToListAsync(Cancel);
        Assert.Equal((60, 3), (versions.Count, Twin.Log.Count));
        Assert.Equal(60, versions.Select(version => version.Id).Distinct().Count());
        Assert.Equal(IdOf(Twin.Newest("seal").Kid), Assert.Single(versions, version => !version.Enabled).Id);
    }

    [Theory]
    [InlineData("https://elsewhere.vault.azure.net/keys/seal/versions?$skiptoken=25")]
    [InlineData("http://ingest-test.vault.azure.net/keys/seal/versions?$skiptoken=25")]
    [InlineData("https://ingest-test.vault.azure.net:8443/keys/seal/versions?$skiptoken=25")]
    [InlineData("https://ingest-test.vault.azure.net@elsewhere.example/keys/seal/versions")]
    [InlineData("https://ingest-test.vault.azure.net/secrets/seal/versions")]
    [InlineData("/keys/seal/versions")]
    public async Task A_next_page_anywhere_else_is_not_asked_for(string link)
    {
        Twin.Rewrite = (_, page) =>
        {
            page["nextLink"] = link;
            return page;
        };
        NotNowException e = await Assert.ThrowsAsync<NotNowException>(() => client.GetPropertiesOfKeyVersionsAsync("seal", Cancel).ToListAsync(Cancel).AsTask());
        Assert.Equal("vault-unreadable", e.ReasonCode);
        Assert.Single(Twin.Log);
        Assert.All(Twin.Connected, host => Assert.Equal(KeyVaultTwin.Host, host));
    }

    [Fact]
    public async Task A_key_is_made_used_and_deleted()
    {
        KeyVaultKey made = await client.CreateRsaKeyAsync("dkim-1", 2048, ["sign"], Cancel);
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        byte[] signature = await client.GetCryptographyClient(made.Id).SignAsync(SignatureAlgorithm.RS256, digest, Cancel);
        Assert.True(made.Verify(digest, signature));
        Assert.True(await client.DeleteKeyAsync("dkim-1", Cancel));
        Assert.False(await client.DeleteKeyAsync("dkim-1", Cancel));
    }

    [Fact]
    public async Task At_most_eight_calls_are_under_way()
    {
        TaskCompletionSource gate = new();
        Twin.Always = _ => TwinFault.Slow(gate.Task);
        Task<KeyVaultKey>[] calls = [.. Enumerable.Range(0, 24).Select(_ => Task.Run(() => client.GetKeyAsync("seal", "", Cancel)))];
        await UntilAsync(() => Twin.Log.Count == 8);
        await Task.Delay(50, Cancel);
        Assert.Equal(8, Twin.Log.Count);
        gate.SetResult();
        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task More_than_thirty_calls_a_second_wait_their_turn()
    {
        for (int i = 0; i < 60; i++) await client.GetKeyAsync("seal", "", Cancel);
        Task<KeyVaultKey> next = client.GetKeyAsync("seal", "", Cancel);
        Assert.False(next.IsCompleted);
        vaults.Clock.Advance(TimeSpan.FromSeconds(1));
        await next;
        Assert.Equal(61, Twin.Log.Count);
    }

    [Fact]
    public async Task Every_call_is_told_of_without_its_contents()
    {
        await client.GetKeyAsync("seal", "", Cancel);
        await Assert.ThrowsAsync<SealBrokenException>(() => Kek().UnwrapKeyAsync("RSA-OAEP-256", new byte[256], Cancel));
        Twin.Faults.Enqueue(TwinFault.Status(403));
        await FailsAsync("vault-forbidden");
        Assert.Equal([("GET", "seal", 200, "", "twin-request"), ("unwrapkey", "kek-data/" + Twin.Newest("kek-data").Version, 400, "", ""), ("GET", "seal", 403, "vault-forbidden", "")],
            vaults.Calls.Select(call => (call.Operation, call.Key, call.Status, call.Code, call.RequestId)));
    }

    private static async Task UntilAsync(Func<bool> state)
    {
        while (!state()) await Task.Delay(5, Cancel);
    }
}
