using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Core;

namespace Ingest.Core.Store;

/// <summary>
/// Makes the exception for a refused table call. Its message is the status, the code and the request's id: the service's own text may
/// repeat parts of the row, so it never leaves this type.
/// </summary>
internal sealed class TableFailure : RequestFailedDetailsParser
{
    public override bool TryParse(Response response, out ResponseError? error, out IDictionary<string, string>? data)
    {
        (string? code, _) = ReadError(response.Content.ToMemory());
        error = code is null ? null : new ResponseError(code, "The table service refused the request.");
        data = null;
        return error is not null;
    }

    public static RequestFailedException From(Response response)
    {
        string? code = CodeOf(response);
        return new RequestFailedException(response.Status, Describe(response.Status, code, response.ClientRequestId), code, null);
    }

    public static string? CodeOf(Response response)
    {
        (string? code, _) = ReadError(response.Content.ToMemory());
        return code ?? (response.Headers.TryGetValue("x-ms-error-code", out string? header) ? header : null);
    }

    public static string Describe(int status, string? code, string? requestId) =>
        string.Create(CultureInfo.InvariantCulture, $"The table service answered {status} {code ?? "without a code"} to request {requestId}.");

    /// <summary>The code and the message of an OData error body; nulls if it is none.</summary>
    public static (string? Code, string? Message) ReadError(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return (null, null);
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("odata.error", out JsonElement error))
                return (null, null);
            string? code = error.TryGetProperty("code", out JsonElement c) ? c.GetString() : null;
            string? message = error.TryGetProperty("message", out JsonElement m) && m.TryGetProperty("value", out JsonElement v) ? v.GetString() : null;
            return (code, message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A proxy's html page, or an error in another shape: the status has to do.
            return (null, null);
        }
    }
}
