using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class KeyVaultKeyIdentifierTests
{
    private const string Version = "78deebed173b48e48f55abf87ed4cf71";

    [Theory]
    [InlineData("https://v.vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://my-vault-1.vault.azure.net/keys/KEK-1/" + Version)]
    [InlineData("https://pool.managedhsm.azure.net/keys/kek/" + Version)]
    [InlineData("https://v.vault.azure.cn/keys/kek/" + Version)]
    [InlineData("https://v.vault.usgovcloudapi.net/keys/kek")]
    public void What_a_vault_writes_is_an_id_and_is_written_the_same_again(string kid)
    {
        Assert.True(KeyVaultKeyIdentifier.TryParse(kid, out KeyVaultKeyIdentifier? id));
        Assert.Equal(kid, id.ToString());
        Assert.Equal(kid.EndsWith(Version, StringComparison.Ordinal) ? Version : "", id.Version);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("kek")]
    [InlineData("http://v.vault.azure.net/keys/kek/" + Version)]
    [InlineData("HTTPS://v.vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://V.vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://v.vault.azure.net:443/keys/kek/" + Version)]
    [InlineData("https://v.vault.azure.net./keys/kek/" + Version)]
    [InlineData("https://user@v.vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://v.vault.azure.net@elsewhere.example/keys/kek/" + Version)]
    [InlineData("https://elsewhere.example/keys/kek/" + Version)]
    [InlineData("https://v.vault.azure.net.elsewhere.example/keys/kek/" + Version)]
    [InlineData("https://elsewhere.example#.vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://evil-vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://.vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://-v.vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://a.v.vault.azure.net/keys/kek/" + Version)]
    [InlineData("https://v.vault.azure.net\\keys\\kek/" + Version)]
    [InlineData("https://v.vault.azure.net/secrets/kek/" + Version)]
    [InlineData("https://v.vault.azure.net/keys/kek/" + Version + "/")]
    [InlineData("https://v.vault.azure.net/keys/kek/" + Version + "?x")]
    [InlineData("https://v.vault.azure.net/keys/kek/" + Version + "/unwrapkey")]
    [InlineData("https://v.vault.azure.net/keys/../" + Version)]
    [InlineData("https://v.vault.azure.net/keys//" + Version)]
    [InlineData("https://v.vault.azure.net/keys/kek/")]
    [InlineData("https://v.vault.azure.net/keys/kek/78DEEBED173b48e48f55abf87ed4cf71")]
    [InlineData("https://v.vault.azure.net/keys/kek/78deebed-173b-48e4-8f55-abf87ed4cf71")]
    [InlineData("https://v.vault.azure.net/keys/k%65k/" + Version)]
    public void Anything_else_is_none(string? kid) => Assert.False(KeyVaultKeyIdentifier.TryParse(kid, out _));

    [Theory]
    [InlineData("https://v.vault.azure.net", "https://vault.azure.net/.default")]
    [InlineData("https://V.vault.azure.net/", "https://vault.azure.net/.default")]
    [InlineData("https://v.vault.azure.cn/", "https://vault.azure.cn/.default")]
    [InlineData("https://v.vault.usgovcloudapi.net/", "https://vault.usgovcloudapi.net/.default")]
    [InlineData("https://v.managedhsm.azure.net/", "https://managedhsm.azure.net/.default")]
    [InlineData("http://v.vault.azure.net/", null)]
    [InlineData("https://v.vault.azure.net:8443/", null)]
    [InlineData("https://v.vault.azure.net/keys", null)]
    [InlineData("https://v.example.net/", null)]
    [InlineData("https://127.0.0.1/", null)]
    public void The_suffix_of_a_vault_says_for_whom_tokens_are_drawn(string address, string? scope)
    {
        Assert.Equal(scope is not null, VaultAddress.TryParse(new Uri(address), out VaultAddress? vault));
        Assert.Equal(scope, vault?.Scope);
    }
}
