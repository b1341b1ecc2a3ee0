using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Core;

namespace Ingest.Core.Store;

/// <summary>What a write does to the properties that the given row does not name.</summary>
public enum TableUpdateMode
{
    /// <summary>Keeps them.</summary>
    Merge = 0,
    /// <summary>Removes them.</summary>
    Replace = 1,
}

/// <summary>
/// One table. A write whose reply was lost is sent again: an insert may then meet its own row (409 <see cref="TableErrorCode.EntityAlreadyExists"/>),
/// a conditional write its own version (412) and a delete nothing (false). Whoever needs to know reads the row and looks whether it is theirs.
/// </summary>
public sealed class TableClient
{
    private readonly TableWire wire;

    internal TableClient(TableWire wire, string name)
    {
        this.wire = wire;
        Name = name;
    }

    /// <summary>The table's name.</summary>
    public string Name { get; }

    /// <summary>Inserts a row and returns its version; 409 if the keys are taken.</summary>
    public Task<ETag> AddEntityAsync(TableEntity entity, CancellationToken cancel = default)
    {
        HttpMessage message = wire.Create(RequestMethod.Post, "/" + Name);
        message.Request.Headers.Add("Prefer", "return-no-content");
        return WriteAsync(message, entity, cancel);
    }

    /// <summary>Writes a row whether it exists or not and returns its version.</summary>
    public Task<ETag> UpsertEntityAsync(TableEntity entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancel = default) =>
        WriteAsync(wire.Create(TableUrl.MethodOf(mode), TableUrl.OfRow(Name, entity.PartitionKey, entity.RowKey)), entity, cancel);

    /// <summary>Writes a row that exists in the version given (<see cref="ETag.All"/>: in any) and returns its new version; 412 if it has another, 404 if it is gone.</summary>
    public Task<ETag> UpdateEntityAsync(TableEntity entity, ETag ifMatch, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancel = default)
    {
        if (ifMatch == default)
            throw new ArgumentException("An update names the version it replaces, or ETag.All.", nameof(ifMatch));
        HttpMessage message = wire.Create(TableUrl.MethodOf(mode), TableUrl.OfRow(Name, entity.PartitionKey, entity.RowKey));
        message.Request.Headers.Add("If-Match", ifMatch.ToString("H"));
        return WriteAsync(message, entity, cancel);
    }

    /// <summary>True if the row was deleted, false if it was not there; 412 if it has another version than the one given.</summary>
    public Task<bool> DeleteEntityAsync(string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancel = default)
    {
        HttpMessage message = wire.Create(RequestMethod.Delete, TableUrl.OfRow(Name, partitionKey, rowKey));
        message.Request.Headers.Add("If-Match", (ifMatch == default ? ETag.All : ifMatch).ToString("H"));
        return wire.SendAsync(message, response => !response.IsError, cancel, TableWire.IsRowMissing);
    }

    /// <summary>The row, or null if there is none. <paramref name="select"/> limits the properties that are read; the keys always are.</summary>
    public Task<TableEntity?> GetEntityIfExistsAsync(string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancel = default)
    {
        string query = TableUrl.Query([("$select", TableUrl.Select(select))]);
        HttpMessage message = wire.Create(RequestMethod.Get, TableUrl.OfRow(Name, partitionKey, rowKey) + query);
        return wire.SendAsync(message, ReadRow, cancel, TableWire.IsRowMissing);
    }

    /// <summary>Every row the filter lets through, in key order, read page by page. <paramref name="maxPerPage"/> is 1 to 1,000.</summary>
    public async IAsyncEnumerable<TableEntity> QueryAsync(
        TableFilter filter, int? maxPerPage = null, IEnumerable<string>? select = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (TablePage page in QueryPagesAsync(filter, maxPerPage, select, continuationToken: null, cancel))
        {
            foreach (TableEntity entity in page.Values)
                yield return entity;
        }
    }

    /// <summary>
    /// The rows in pages, from the start or from an earlier page's token. A page may hold fewer rows than asked for, or none, and still not be the last.
    /// The token only says where to go on: it never widens the filter, which must be given again. Throws <see cref="FormatException"/> on a token not ours.
    /// </summary>
    public async IAsyncEnumerable<TablePage> QueryPagesAsync(
        TableFilter filter, int? maxPerPage = null, IEnumerable<string>? select = null, string? continuationToken = null,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        if (maxPerPage is < 1 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(maxPerPage), "A page holds 1 to 1,000 rows.");
        string? columns = TableUrl.Select(select);
        string? next = continuationToken;
        do
        {
            string query = TableUrl.Query([("$filter", filter.ToString()), ("$top", TableUrl.Number(maxPerPage)), ("$select", columns), .. TableUrl.ReadToken(next)]);
            TablePage page = await wire.SendAsync(wire.Create(RequestMethod.Get, $"/{Name}(){query}"), ReadPage, cancel);
            next = page.ContinuationToken;
            yield return page;
        }
        while (next is not null);
    }

    /// <summary>
    /// Does all actions or none and returns the version of each row (<c>default</c> for deletes). All rows are of one partition, each at most
    /// once, at most 100 and 4 MiB together: <see cref="ArgumentException"/> otherwise. A refusal is a <see cref="TableTransactionFailedException"/>.
    /// </summary>
    public Task<IReadOnlyList<ETag>> SubmitTransactionAsync(IReadOnlyList<TableTransactionAction> actions, CancellationToken cancel = default)
    {
        TableTransaction.Check(actions);
        (string contentType, ReadOnlyMemory<byte> body) = TableTransaction.Write(wire.Root, Name, actions);
        HttpMessage message = wire.Create(RequestMethod.Post, "/$batch");
        message.Request.Headers.Add("Content-Type", contentType);
        message.Request.Content = RequestContent.Create(body);
        return wire.SendAsync(message, response => TableTransaction.Read(response, actions.Count), cancel);
    }

    private Task<ETag> WriteAsync(HttpMessage message, TableEntity entity, CancellationToken cancel)
    {
        ArrayBufferWriter<byte> body = new(1024);
        TableEntityJson.Write(body, entity);
        TableWire.SetBody(message, body.WrittenMemory);
        return wire.SendAsync(message, TableWire.ETagOf, cancel);
    }

    private static TableEntity? ReadRow(Response response)
    {
        if (response.IsError)
            return null;
        using JsonDocument json = JsonDocument.Parse(response.Content.ToMemory());
        TableEntity entity = TableEntityJson.Read(json.RootElement);
        if (response.Headers.ETag is { } etag)
            entity.ETag = etag;
        return entity;
    }

    private static TablePage ReadPage(Response response)
    {
        using JsonDocument json = JsonDocument.Parse(response.Content.ToMemory());
        List<TableEntity> rows = [.. json.RootElement.GetProperty("value").EnumerateArray().Select(TableEntityJson.Read)];
        response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out string? partition);
        response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out string? row);
        return new TablePage(rows, TableUrl.WriteToken(partition, row));
    }
}

/// <summary>Some rows of a query.</summary>
/// <param name="Values">The rows, possibly none.</param>
/// <param name="ContinuationToken">Where the next page starts, url-safe; null after the last page.</param>
public sealed record TablePage(IReadOnlyList<TableEntity> Values, string? ContinuationToken);
