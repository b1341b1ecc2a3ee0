using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Ingest.Core.Store;

/// <summary>
/// The tables of one account, in the vocabulary of Azure.Data.Tables, which stands in for it. Refusals are <see cref="RequestFailedException"/>
/// with a <see cref="TableErrorCode"/>; their messages hold no keys and no values.
/// </summary>
public sealed class TableServiceClient
{
    private const string Scope = "https://storage.azure.com/.default";
    private readonly TableWire wire;

    /// <summary>Signs with the account's key.</summary>
    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions? options = null)
    {
        options ??= new TableClientOptions();
        wire = new TableWire(endpoint, new SharedKeyPolicy(credential, options.Time), options);
    }

    /// <summary>Sends the identity's token; the endpoint must be https.</summary>
    public TableServiceClient(Uri endpoint, TokenCredential credential, TableClientOptions? options = null)
    {
        if (endpoint.Scheme != Uri.UriSchemeHttps)
            throw new ArgumentException("Tokens travel over https only.", nameof(endpoint));
        wire = new TableWire(endpoint, new BearerTokenAuthenticationPolicy(credential, Scope), options ?? new TableClientOptions());
    }

    /// <summary>The table of that name, whether it exists or not; throws <see cref="ArgumentException"/> if no table can have the name.</summary>
    public TableClient GetTableClient(string name)
    {
        TableRules.CheckTableName(name);
        return new TableClient(wire, name);
    }

    /// <summary>True if the table was made, false if it was there.</summary>
    public Task<bool> CreateTableIfNotExistsAsync(string name, CancellationToken cancel = default)
    {
        TableRules.CheckTableName(name);
        ArrayBufferWriter<byte> body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("TableName", name);
            json.WriteEndObject();
        }
        HttpMessage message = wire.Create(RequestMethod.Post, "/Tables");
        message.Request.Headers.Add("Prefer", "return-no-content");
        TableWire.SetBody(message, body.WrittenMemory);
        return wire.SendAsync(message, response => !response.IsError, cancel,
            response => response.Status == 409 && TableFailure.CodeOf(response) == TableErrorCode.TableAlreadyExists);
    }

    /// <summary>True if the table was deleted, with every row in it; false if it was not there.</summary>
    public Task<bool> DeleteTableAsync(string name, CancellationToken cancel = default)
    {
        TableRules.CheckTableName(name);
        HttpMessage message = wire.Create(RequestMethod.Delete, $"/Tables('{name}')");
        return wire.SendAsync(message, response => !response.IsError, cancel, response => response.Status == 404);
    }

    /// <summary>The names of all tables, in the service's order.</summary>
    public async IAsyncEnumerable<string> ListTablesAsync([EnumeratorCancellation] CancellationToken cancel = default)
    {
        string? next = null;
        do
        {
            string query = next is null ? "" : "?NextTableName=" + Uri.EscapeDataString(next);
            (List<string> names, next) = await wire.SendAsync(wire.Create(RequestMethod.Get, "/Tables" + query), ReadNames, cancel);
            foreach (string name in names)
                yield return name;
        }
        while (next is not null);
    }

    private static (List<string> Names, string? Next) ReadNames(Response response)
    {
        using JsonDocument json = JsonDocument.Parse(response.Content.ToMemory());
        List<string> names = [.. json.RootElement.GetProperty("value").EnumerateArray().Select(table => table.GetProperty("TableName").GetString()!)];
        return (names, response.Headers.TryGetValue("x-ms-continuation-NextTableName", out string? next) ? next : null);
    }
}
