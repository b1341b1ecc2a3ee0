using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ingest.App.Api;

/// <summary>Reads what callers send.</summary>
internal static class JsonBody
{
    private const int LongestKey = 200;

    /// <summary>The body as its schema describes it, or the problem with it. Nothing of what was sent is repeated in the problem.</summary>
    public static async Task<(T? Body, Problem? Problem)> ReadAsync<T>(ApiCall call, JsonTypeInfo<T> type) where T : class
    {
        HttpRequest request = call.Http.Request;
        if (request.ContentLength is 0 || (request.ContentLength is null && !request.Headers.ContainsKey("Transfer-Encoding"))) return (null, Problems.BodyMissing);
        if (!request.HasJsonContentType()) return (null, Problems.WrongType);
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, type, call.Cancel) is { } body ? (body, null) : (null, Problems.Invalid);
        }
        catch (JsonException)
        {
            return (null, Problems.Invalid);
        }
        catch (BadHttpRequestException e)
        {
            return (null, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? Problems.TooLarge : Problems.Invalid);
        }
    }

    /// <summary>The caller's own id of what they ask for, made theirs alone; empty when they sent none, and null when it is unusable.</summary>
    public static string? IdempotencyKey(ApiCall call)
    {
        if (!call.Http.Request.Headers.TryGetValue("Idempotency-Key", out Microsoft.Extensions.Primitives.StringValues values)) return "";
        return values is [{ Length: >= 1 and <= LongestKey } key] && key.All(c => c is > ' ' and < '\x7f') ? $"{call.Caller.Id}:{key}" : null;
    }
}
