using System.Text;
using Azure;
using Azure.Core;
using Ingest.Core.Store;
using Xunit;

namespace Ingest.Core.Tests.Store;

public sealed class StorageAccountTests
{
    private static readonly string Key = Convert.ToBase64String(Encoding.UTF8.GetBytes("canary-key"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_emulator_is_on_its_published_ports()
    {
        StorageAccount account = new("UseDevelopmentStorage=true");
        Assert.Equal("http://127.0.0.1:10000/devstoreaccount1", account.BlobEndpoint.AbsoluteUri);
        Assert.Equal("http://127.0.0.1:10001/devstoreaccount1", account.QueueEndpoint.AbsoluteUri);
        Assert.Equal("http://127.0.0.1:10002/devstoreaccount1", account.TableEndpoint.AbsoluteUri);
        Assert.True(account.IsLoopback);
    }

    [Fact]
    public void A_name_and_a_key_are_enough_in_any_order_and_case()
    {
        StorageAccount account = new($" accountkey={Key}; AccountName=mail ;EndpointSuffix=core.example;DefaultEndpointsProtocol=https;");
        Assert.Equal("https://mail.table.core.example/", account.TableEndpoint.AbsoluteUri);
        Assert.Equal("https://mail.queue.core.example/", account.QueueEndpoint.AbsoluteUri);
        Assert.Equal("https://mail.blob.core.example/", account.BlobEndpoint.AbsoluteUri);
        Assert.False(account.IsLoopback);
        Assert.Equal("mail", account.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("=x")]
    [InlineData("AccountName=canary")]
    [InlineData("AccountName=a;AccountKey=")]
    [InlineData("AccountName=a;AccountKey=canary!")]
    [InlineData("UseDevelopmentStorage=true;TableEndpoint=canary")]
    [InlineData("UseDevelopmentStorage=true;BlobEndpoint=file:///canary")]
    public void A_bad_connection_string_is_a_format_error_that_repeats_nothing_of_it(string text)
    {
        FormatException e = Assert.Throws<FormatException>(() => new StorageAccount(text));
        Assert.DoesNotContain("canary", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_sends_its_token_to_all_three_services()
    {
        FakeTransport wire = new(request => request.Uri.Host!.Contains(".blob.", StringComparison.Ordinal) || request.Uri.Host.Contains(".queue.", StringComparison.Ordinal)
            ? new FakeResponse(201, "")
            : new FakeResponse(204, "", ("ETag", "W/\"datetime'x'\"")));
        FakeCredential credential = new();
        StorageAccount account = new(
            new Uri("https://mail.table.core.windows.net/"), new Uri("https://mail.queue.core.windows.net/"), new Uri("https://mail.blob.core.windows.net/"), credential, wire);

        ETag version = await account.Tables.GetTableClient("tickets").AddEntityAsync(new TableEntity("p", "r"), Cancel);
        await new BlobStore(account).PutAsync("packs", "a", new byte[] { 1 }, onlyIfAbsent: true, Cancel);
        await account.Queues.GetQueueClient("mail-ingest").CreateAsync(cancellationToken: Cancel);

        Assert.Equal("W/\"datetime'x'\"", version.ToString("H"));
        Assert.Equal("https://mail.table.core.windows.net/tickets", wire.Sent[0].Uri.AbsoluteUri);
        Assert.Equal("https://mail.blob.core.windows.net/packs/a", wire.Sent[1].Uri.AbsoluteUri);
        Assert.Equal(3, wire.Sent.Count);
        Assert.All(wire.Sent, sent => Assert.Equal("Bearer canary-token", sent.Headers["Authorization"]));
        Assert.All(wire.Sent, sent => Assert.True(sent.Headers.ContainsKey("x-ms-version")));
        Assert.Contains("https://storage.azure.com/.default", credential.Scopes);
        Assert.Equal("mail", account.AccountName);
    }

    [Fact]
    public void A_token_is_never_sent_over_http() =>
        Assert.Throws<ArgumentException>(() => new TableServiceClient(new Uri("http://127.0.0.1:10002/devstoreaccount1"), new FakeCredential()));

    [Fact]
    public async Task An_error_in_another_shape_keeps_its_status_and_hides_its_text()
    {
        FakeTransport wire = new(_ => new FakeResponse(400, "<html>canary</html>", ("x-ms-error-code", "OutOfRangeInput")));
        StorageAccount account = new($"AccountName=mail;AccountKey={Key}", wire);
        RequestFailedException e = await Assert.ThrowsAsync<RequestFailedException>(
            () => account.Tables.GetTableClient("tickets").AddEntityAsync(new TableEntity("canary", "canary") { ["A"] = "canary" }, Cancel));
        Assert.Equal((400, "OutOfRangeInput"), (e.Status, e.ErrorCode));
        Assert.DoesNotContain("canary", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_pages_before_the_last_are_read_over()
    {
        int page = 0;
        FakeTransport wire = new(_ => (page++) switch
        {
            0 => new FakeResponse(200, "{\"value\":[]}", ("x-ms-continuation-NextPartitionKey", "1!4!cA--"), ("x-ms-continuation-NextRowKey", "1!4!cg--")),
            1 => new FakeResponse(200, "{\"value\":[{\"PartitionKey\":\"p\",\"RowKey\":\"r\",\"D\":1.5,\"Big\":3000000000}]}", ("x-ms-continuation-NextPartitionKey", "x y")),
            _ => new FakeResponse(200, "{\"value\":[]}"),
        });
        TableClient table = new StorageAccount($"AccountName=mail;AccountKey={Key}", wire).Tables.GetTableClient("tickets");
        TableEntity row = Assert.Single(await table.QueryAsync(TableFilter.PartitionIs("p"), cancel: Cancel).ToListAsync(Cancel));
        Assert.Equal((1.5, 3e9), (row.GetDouble("D"), row.GetDouble("Big")));
        Assert.Equal(3, wire.Sent.Count);
        Assert.Contains("NextPartitionKey=1%214%21cA--&NextRowKey=1%214%21cg--", wire.Sent[1].Uri.Query, StringComparison.Ordinal);
        Assert.EndsWith("NextPartitionKey=x%20y", wire.Sent[2].Uri.Query, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hashing_library_of_the_storage_client_is_where_the_build_took_it_from()
    {
        // The package cannot be restored where this is built: Directory.Build.props takes the .NET SDK's own copy. If this fails, that copy has moved.
        Type hash = Type.GetType("System.IO.Hashing.Crc64, System.IO.Hashing", throwOnError: false)
            ?? throw new InvalidOperationException("System.IO.Hashing.dll is not beside the tests: look for SdkHashing in Directory.Build.props.");
        Assert.True(hash.Assembly.GetName().Version >= new Version(6, 0));
    }

    private sealed class FakeCredential : TokenCredential
    {
        public List<string> Scopes { get; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nothing here is synchronous.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            lock (Scopes)
                Scopes.AddRange(requestContext.Scopes);
            return ValueTask.FromResult(new AccessToken("canary-token", TimeProvider.System.GetUtcNow().AddHours(1)));
        }
    }
}
