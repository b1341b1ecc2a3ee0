using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Ingest.Core.Store;

/// <summary>
/// The storage account everything is made from: tables, queues and blobs under one retry rule (three tries; ten seconds each, thirty for blobs),
/// one transport and one <see cref="OperationCounter"/>. Safe to share between threads; make one per process.
/// </summary>
public sealed class StorageAccount
{
    /// <summary>The emulator's account, as published for everybody; it opens nothing but an emulator.</summary>
    private const string DevelopmentAccount = "devstoreaccount1";
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BlobTimeout = TimeSpan.FromSeconds(30);

    /// <summary>From a connection string (emulator, tests); throws <see cref="FormatException"/>, whose message holds nothing of it, if it is incomplete.</summary>
    /// <param name="connectionString"><c>UseDevelopmentStorage=true</c>, or AccountName and AccountKey with EndpointSuffix or the three endpoints.</param>
    /// <param name="transport">What carries every request; the default is Azure.Core's own.</param>
    public StorageAccount(string connectionString, HttpPipelineTransport? transport = null)
    {
        Dictionary<string, string> parts = Parse(connectionString);
        bool development = parts.GetValueOrDefault("UseDevelopmentStorage") is { } use && bool.TryParse(use, out bool yes) && yes;
        AccountName = development ? DevelopmentAccount : Required(parts, "AccountName");
        string key = development ? DevelopmentKey : Required(parts, "AccountKey");
        TableEndpoint = Endpoint("TableEndpoint", "table", 10002);
        QueueEndpoint = Endpoint("QueueEndpoint", "queue", 10001);
        BlobEndpoint = Endpoint("BlobEndpoint", "blob", 10000);

        StorageSharedKeyCredential shared = new(AccountName, key);
        Tables = new TableServiceClient(TableEndpoint, new TableSharedKeyCredential(AccountName, key), TableOptions(transport));
        Queues = new QueueServiceClient(QueueEndpoint, shared, QueueOptions(transport));
        Blobs = new BlobServiceClient(BlobEndpoint, shared, BlobOptions(transport));

        Uri Endpoint(string name, string service, int developmentPort) => parts.GetValueOrDefault(name) is { } given
            ? ReadUri(given)
            : development
                ? new Uri($"http://127.0.0.1:{developmentPort}/{DevelopmentAccount}")
                : ReadUri($"https://{AccountName}.{service}.{parts.GetValueOrDefault("EndpointSuffix") ?? "core.windows.net"}");
    }

    /// <summary>From the three services' https endpoints and the identity of the app.</summary>
    public StorageAccount(Uri tables, Uri queues, Uri blobs, TokenCredential credential, HttpPipelineTransport? transport = null)
    {
        AccountName = tables.Host.Split('.')[0];
        (TableEndpoint, QueueEndpoint, BlobEndpoint) = (tables, queues, blobs);
        Tables = new TableServiceClient(tables, credential, TableOptions(transport));
        Queues = new QueueServiceClient(queues, credential, QueueOptions(transport));
        Blobs = new BlobServiceClient(blobs, credential, BlobOptions(transport));
    }

    /// <summary>The account's name.</summary>
    public string AccountName { get; }

    /// <summary>Where the tables are.</summary>
    public Uri TableEndpoint { get; }

    /// <summary>Where the queues are.</summary>
    public Uri QueueEndpoint { get; }

    /// <summary>Where the blobs are.</summary>
    public Uri BlobEndpoint { get; }

    /// <summary>The tables.</summary>
    public TableServiceClient Tables { get; }

    /// <summary>The queues; see <see cref="WorkQueue"/>.</summary>
    public QueueServiceClient Queues { get; }

    /// <summary>The blobs; see <see cref="BlobStore"/>.</summary>
    public BlobServiceClient Blobs { get; }

    /// <summary>Whether all three services are on this machine.</summary>
    public bool IsLoopback => TableEndpoint.IsLoopback && QueueEndpoint.IsLoopback && BlobEndpoint.IsLoopback;

    /// <summary>The account's name: a key is never shown.</summary>
    public override string ToString() => AccountName;

    private static TableClientOptions TableOptions(HttpPipelineTransport? transport) =>
        With(new TableClientOptions(), StoreKind.Tables, transport);

    private static QueueClientOptions QueueOptions(HttpPipelineTransport? transport)
    {
        // The text on the wire is ours: a body that is not base64 must reach us, not throw inside the client.
        QueueClientOptions options = new() { MessageEncoding = QueueMessageEncoding.None };
        StoreRetry.Apply(options, RequestTimeout);
        return With(options, StoreKind.Queues, transport);
    }

    private static BlobClientOptions BlobOptions(HttpPipelineTransport? transport)
    {
        BlobClientOptions options = new();
        StoreRetry.Apply(options, BlobTimeout);
        return With(options, StoreKind.Blobs, transport);
    }

    private static T With<T>(T options, StoreKind kind, HttpPipelineTransport? transport)
        where T : ClientOptions
    {
        options.AddPolicy(new OperationCounter.Policy(kind), HttpPipelinePosition.PerCall);
        if (transport is not null)
            options.Transport = transport;
        return options;
    }

    private static Dictionary<string, string> Parse(string connectionString)
    {
        Dictionary<string, string> parts = new(StringComparer.OrdinalIgnoreCase);
        foreach (string part in connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FormatException("A storage connection string is a list of Name=Value, separated by semicolons.");
            parts[part[..equals].Trim()] = part[(equals + 1)..].Trim();
        }
        return parts;
    }

    private static string Required(Dictionary<string, string> parts, string name) => parts.TryGetValue(name, out string? value) && value.Length > 0
        ? value
        : throw new FormatException($"The storage connection string has no {name}.");

    private static Uri ReadUri(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
        ? uri
        : throw new FormatException("The storage connection string has an endpoint that is not an http address.");
}
