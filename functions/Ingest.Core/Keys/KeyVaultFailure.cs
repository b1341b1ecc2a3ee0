using System.Globalization;
using System.Text.Json;
using Azure;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Keys;

/// <summary>What a vault's refusal means to us: a code of our own, and how long it asks to be left alone. The vault's text never leaves this type.</summary>
internal static class KeyVaultFailure
{
    private static readonly TimeSpan LongestWaitToBelieve = TimeSpan.FromHours(1);

    /// <summary>The refusal as the one exception callers see.</summary>
    public static NotNowException From(int status, ReadOnlyMemory<byte> body, TimeSpan? retryAfter) => new(CodeOf(status, body), retryAfter);

    /// <summary>The wait that an answer asks for, within reason; null when it asks for none.</summary>
    public static TimeSpan? RetryAfterOf(Response response, TimeProvider time)
    {
        TimeSpan? wait = null;
        if (response.Headers.TryGetValue("x-ms-retry-after-ms", out string? milliseconds) || response.Headers.TryGetValue("retry-after-ms", out milliseconds))
            wait = int.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out int ms) ? TimeSpan.FromMilliseconds(ms) : null;
        else if (response.Headers.TryGetValue("Retry-After", out string? after))
            wait = int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
                ? TimeSpan.FromSeconds(seconds)
                : DateTimeOffset.TryParseExact(after, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) ? date - time.GetUtcNow() : null;
        return wait is { } some && some > TimeSpan.Zero ? (some < LongestWaitToBelieve ? some : LongestWaitToBelieve) : null;
    }

    private static string CodeOf(int status, ReadOnlyMemory<byte> body) => status switch
    {
        401 => "vault-unauthorized",
        403 => Says(body, "KeyDisabled") ? "vault-disabled" : "vault-forbidden",
        404 => "vault-key-missing",
        409 => "vault-conflict",
        429 => "vault-throttled",
        408 or >= 500 => "vault-unavailable",
        _ => "vault-refused",
    };

    // Errors of a front end before the vault are no JSON; then the status has to do.
    private static bool Says(ReadOnlyMemory<byte> body, string code)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out JsonElement error)
                && error.ValueKind == JsonValueKind.Object && (Is(error, code) || (error.TryGetProperty("innererror", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object && Is(inner, code)));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Is(JsonElement error, string code) => error.TryGetProperty("code", out JsonElement value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(code);
}
