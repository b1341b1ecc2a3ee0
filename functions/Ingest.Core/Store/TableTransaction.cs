using System.Buffers;
using System.Globalization;
using System.Text;
using Azure;
using Azure.Core;

namespace Ingest.Core.Store;

/// <summary>An entity group transaction on the wire: one changeset in one multipart batch, answered 202 outside and by one status per action inside.</summary>
internal static class TableTransaction
{
    /// <summary>Throws on what the service refuses, and on two partitions, which the emulator would accept.</summary>
    public static void Check(IReadOnlyList<TableTransactionAction> actions)
    {
        if (actions.Count is 0 or > TableRules.MaxTransactionRows)
            throw new ArgumentException($"A transaction holds 1 to {TableRules.MaxTransactionRows} actions.", nameof(actions));
        HashSet<string> rows = new(StringComparer.Ordinal);
        foreach (TableTransactionAction action in actions)
        {
            if (action.Entity.PartitionKey != actions[0].Entity.PartitionKey)
                throw new ArgumentException("A transaction stays in one partition.", nameof(actions));
            if (!rows.Add(action.Entity.RowKey))
                throw new ArgumentException("A transaction touches a row once.", nameof(actions));
            bool updates = action.ActionType is TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpdateReplace;
            if (updates && action.ETag == default)
                throw new ArgumentException("An update names the version it replaces, or ETag.All.", nameof(actions));
        }
    }

    public static (string ContentType, ReadOnlyMemory<byte> Body) Write(string root, string table, IReadOnlyList<TableTransactionAction> actions)
    {
        string batch = "batch_" + Guid.NewGuid().ToString("D");
        string changeset = "changeset_" + Guid.NewGuid().ToString("D");
        ArrayBufferWriter<byte> body = new(1024 * actions.Count);
        Line(body, $"--{batch}\r\nContent-Type: multipart/mixed; boundary={changeset}\r\n");
        foreach (TableTransactionAction action in actions)
        {
            Line(body, $"--{changeset}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
            WriteAction(body, root, table, action);
        }
        Line(body, $"--{changeset}--\r\n--{batch}--");
        if (body.WrittenCount > TableRules.MaxTransactionBytes)
            throw new ArgumentException("A transaction holds at most 4 MiB.", nameof(actions));
        return ("multipart/mixed; boundary=" + batch, body.WrittenMemory);
    }

    public static IReadOnlyList<ETag> Read(Response response, int actions)
    {
        string text = Encoding.UTF8.GetString(response.Content.ToMemory().Span);
        List<ETag> versions = new(actions);
        foreach ((int status, string? etag, string body) in ReadParts(text))
        {
            if (status >= 400)
                throw Failure(response, status, body);
            versions.Add(etag is null ? default : new ETag(etag));
        }
        return versions.Count == actions
            ? versions
            : throw new RequestFailedException(502, "The table service answered a transaction with a wrong number of parts.");
    }

    private static void WriteAction(ArrayBufferWriter<byte> body, string root, string table, TableTransactionAction action)
    {
        TableEntity entity = action.Entity;
        (RequestMethod method, string path) = action.ActionType switch
        {
            TableTransactionActionType.Add => (RequestMethod.Post, "/" + table),
            TableTransactionActionType.Delete => (RequestMethod.Delete, OfRow()),
            TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpsertMerge => (TableUrl.MethodOf(TableUpdateMode.Merge), OfRow()),
            TableTransactionActionType.UpdateReplace or TableTransactionActionType.UpsertReplace => (TableUrl.MethodOf(TableUpdateMode.Replace), OfRow()),
        };
        string? ifMatch = action.ActionType switch
        {
            TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpdateReplace => action.ETag.ToString("H"),
            TableTransactionActionType.Delete => (action.ETag == default ? ETag.All : action.ETag).ToString("H"),
            TableTransactionActionType.Add or TableTransactionActionType.UpsertMerge or TableTransactionActionType.UpsertReplace => null,
        };
        Line(body, $"{method} {root}{path} HTTP/1.1");
        Line(body, "Accept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0");
        if (ifMatch is not null)
            Line(body, "If-Match: " + ifMatch);
        if (action.ActionType == TableTransactionActionType.Delete)
        {
            Line(body, "\r\n");
            return;
        }
        Line(body, "Prefer: return-no-content\r\nContent-Type: application/json\r\n");
        TableEntityJson.Write(body, entity);
        Line(body, "");

        string OfRow() => TableUrl.OfRow(table, entity.PartitionKey, entity.RowKey);
    }

    private static IEnumerable<(int Status, string? ETag, string Body)> ReadParts(string text)
    {
        const string start = "HTTP/1.1 ";
        string[] lines = text.Split('\n');
        for (int at = 0; at < lines.Length; at++)
        {
            if (!lines[at].StartsWith(start, StringComparison.Ordinal) || lines[at].Length < start.Length + 3
                || !int.TryParse(lines[at].AsSpan(start.Length, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            {
                continue;
            }
            string? etag = null;
            for (at++; at < lines.Length && lines[at].TrimEnd().Length > 0; at++)
            {
                if (lines[at].StartsWith("ETag:", StringComparison.OrdinalIgnoreCase))
                    etag = lines[at]["ETag:".Length..].Trim();
            }
            StringBuilder body = new();
            for (at++; at < lines.Length && !lines[at].StartsWith("--", StringComparison.Ordinal); at++)
                body.Append(lines[at]).Append('\n');
            yield return (status, etag, body.ToString());
        }
    }

    private static TableTransactionFailedException Failure(Response response, int status, string body)
    {
        (string? code, string? message) = TableFailure.ReadError(Encoding.UTF8.GetBytes(body));
        int colon = message?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        int? index = colon > 0 && int.TryParse(message.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : null;
        return new TableTransactionFailedException(status, code, index, response.ClientRequestId);
    }

    private static void Line(ArrayBufferWriter<byte> output, string text)
    {
        Encoding.UTF8.GetBytes(text, output);
        output.Write("\r\n"u8);
    }
}
