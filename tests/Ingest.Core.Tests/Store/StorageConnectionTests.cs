using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

public sealed class StorageConnectionTests
{
    [Fact]
    public void A_plain_value_wins()
    {
        StorageAccount account = Open(("C", "UseDevelopmentStorage=true"), ("C__accountName", "mail"));
        Assert.True(account.IsLoopback);
    }

    [Fact]
    public void A_name_stands_for_the_public_cloud()
    {
        StorageAccount account = Open(("C__accountName", "mail"), ("C__credential", "managedidentity"));
        Assert.Equal("https://mail.table.core.windows.net/", account.TableEndpoint.AbsoluteUri);
        Assert.Equal("https://mail.queue.core.windows.net/", account.QueueEndpoint.AbsoluteUri);
        Assert.Equal("https://mail.blob.core.windows.net/", account.BlobEndpoint.AbsoluteUri);
    }

    [Fact]
    public void Addresses_of_the_services_are_taken_as_they_are()
    {
        StorageAccount account = Open(
            ("C__tableServiceUri", "https://t.example/"), ("C__queueServiceUri", "https://q.example/"), ("C__blobServiceUri", "https://b.example/"),
            ("C__credential", "ManagedIdentity"), ("C__clientId", "00000000-0000-0000-0000-000000000001"));
        Assert.Equal(("t.example", "q.example", "b.example"), (account.TableEndpoint.Host, account.QueueEndpoint.Host, account.BlobEndpoint.Host));
    }

    [Theory]
    [InlineData("C__blobServiceUri", "https://canary.example/")]
    [InlineData("C__accountName", "canary/../x")]
    [InlineData("C__tableServiceUri", "http://canary.example/")]
    [InlineData("C", "canary")]
    public void What_is_missing_or_wrong_is_named_without_its_value(string name, string value)
    {
        FormatException e = Assert.Throws<FormatException>(() => Open((name, value)));
        Assert.DoesNotContain("canary", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_of_another_kind_is_refused() =>
        Assert.Throws<FormatException>(() => Open(("C__accountName", "mail"), ("C__credential", "secret")));

    private static StorageAccount Open(params (string Name, string Value)[] settings) =>
        StorageConnection.Open(name => settings.FirstOrDefault(s => s.Name == name).Value, "C");
}
