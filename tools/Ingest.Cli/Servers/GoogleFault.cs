using System.Text.Json.Serialization;

namespace Ingest.Cli.Servers;

/// <summary>When the connection breaks off without an answer.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GoogleDrop>))]
public enum GoogleDrop
{
    [JsonStringEnumMemberName("never")]
    Never,

    /// <summary>The request has no effect.</summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>The request takes effect and its answer is lost.</summary>
    [JsonStringEnumMemberName("after")]
    After,
}

/// <summary>A fault the Google emulator shows on order.</summary>
/// <param name="Path">Part of the path it strikes: <c>/history</c>, <c>/oauth2/token</c>; <c>/</c> is every request.</param>
/// <param name="Status">The HTTP status it answers; null answers as usual (after the delay, or into a broken connection).</param>
public sealed record GoogleFault(string Path, int? Status = null)
{
    public int Times { get; init; } = 1;

    /// <summary>Null strikes every method.</summary>
    public string? Method { get; init; }

    /// <summary>Google's reason (<c>userRateLimitExceeded</c>) or, at the token endpoint, its error (<c>invalid_grant</c>); null is the usual one.</summary>
    public string? Reason { get; init; }

    /// <summary>Seconds for a Retry-After header.</summary>
    public int? RetryAfter { get; init; }

    public int? DelayMs { get; init; }

    public GoogleDrop Drop { get; init; }
}
