using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ingest.Core.Pipeline;

namespace Ingest.Core.Mailboxes;

/// <summary>Gmail said no to this one request: neither the mailbox nor the moment is to blame. The message holds status and reason code only.</summary>
public sealed class GmailRefusedException : Exception
{
    /// <summary>Says what was answered, in words of ours: a reason that the other side made up would reach the log and the health row.</summary>
    public GmailRefusedException(HttpStatusCode status, string reason)
        : this(status, GmailErrors.Known(reason), code: $"gmail-{(int)status}-{GmailErrors.Known(reason).ToLowerInvariant()}")
    {
    }

    private GmailRefusedException(HttpStatusCode status, string reason, string code)
        : base(code) => (Status, Reason, Code) = (status, reason, code);

    /// <summary>Status and reason as one code, fit for logs.</summary>
    public string Code { get; }

    /// <summary>The answer's status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Google's reason code; "none" when there was none, "other" when it is not one that we know.</summary>
    public string Reason { get; }
}

internal sealed record GmailFault(GmailFaultBody? Error);

internal sealed record GmailFaultBody(string? Message, string? Status, IReadOnlyList<GmailFaultReason>? Errors, IReadOnlyList<GmailFaultReason>? Details);

internal sealed record GmailFaultReason(string? Reason);

/// <summary>Sorts Gmail's error answers: the mailbox is shut, not now, or this request is refused. What is not known is "not now".</summary>
internal static partial class GmailErrors
{
    /// <summary>Error bodies are a few hundred bytes; more is not from Gmail.</summary>
    private const int MaxBody = 64 * 1024;

    private static readonly FrozenSet<string> Reasons = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "none", "failedPrecondition", "invalidArgument", "invalid", "invalidParameter", "badRequest", "required", "parseError", "notFound", "conflict", "duplicate",
        "aborted", "deleted", "gone", "conditionNotMet", "uploadTooLarge", "requestTooLarge", "backendError");

    /// <summary>The reason when it is one of those we know, as we spell it; else "other".</summary>
    public static string Known(string reason) => Reasons.TryGetValue(reason, out string? known) ? known : "other";

    public static async Task<Exception> ReadAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancel)
    {
        GmailFaultBody? fault = await BodyAsync(response, cancel);
        TimeSpan? wait = GoogleTransport.RetryAfter(response.Headers, time) ?? WaitIn(fault?.Message, time);
        string[] reasons = [.. (fault?.Errors ?? []).Concat(fault?.Details ?? []).Select(r => r.Reason ?? "").Append(fault?.Status ?? "").Where(r => r.Length > 0)];
        return Sort(response.StatusCode, reasons, wait);
    }

    /// <summary>
    /// The table. 401 is "not now": the grant was good a moment ago, as the token endpoint gave a token for it; a revoked one shows there.
    /// </summary>
    internal static Exception Sort(HttpStatusCode status, string[] reasons, TimeSpan? wait)
    {
        bool Said(params ReadOnlySpan<string> known)
        {
            foreach (string code in known)
            {
                if (reasons.Contains(code, StringComparer.OrdinalIgnoreCase))
                    return true;
            }

            return false;
        }

        return status switch
        {
            HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests when Said("userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED") =>
                new NotNowException("gmail-quota", wait),
            // Our project's switch, which the operator left off: every mailbox waits for it, and none needs a person of its own.
            HttpStatusCode.Forbidden when Said("accessNotConfigured", "SERVICE_DISABLED") => new NotNowException("gmail-api-disabled", wait),
            HttpStatusCode.Forbidden when Said("domainPolicy") => new MailboxRefusedException(MailboxFault.ApiDisabled),
            HttpStatusCode.Forbidden when Said("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "forbidden") => new MailboxRefusedException(MailboxFault.NoPermission),
            HttpStatusCode.TooManyRequests => new NotNowException("gmail-quota", wait),
            HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.Gone or HttpStatusCode.PreconditionFailed or HttpStatusCode.RequestEntityTooLarge =>
                new GmailRefusedException(status, reasons.FirstOrDefault(Reasons.Contains) ?? reasons.FirstOrDefault() ?? "none"),
            _ => new NotNowException($"gmail-{(int)status}", wait),
        };
    }

    private static async Task<GmailFaultBody?> BodyAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(cancel);
            byte[] body = new byte[MaxBody];
            int read = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancel);
            return JsonSerializer.Deserialize(body.AsSpan(0, read), GmailJson.Default.GmailFault)?.Error;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Gmail names the time in the text of a per-user quota error.</summary>
    private static TimeSpan? WaitIn(string? message, TimeProvider time) =>
        message is not null && RetryAfterTime().Match(message) is { Success: true } match
        && DateTimeOffset.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset until)
            ? GoogleTransport.Believable(until - time.GetUtcNow())
            : null;

    [GeneratedRegex(@"Retry after (\d{4}-\d\d-\d\dT[\d:.]{8,16}Z)", RegexOptions.CultureInvariant)]
    private static partial Regex RetryAfterTime();
}
