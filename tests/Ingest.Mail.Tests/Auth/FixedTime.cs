namespace Ingest.Mail.Tests.Auth;

/// <summary>It is always that second; timers run as ever.</summary>
internal sealed class FixedTime(long seconds) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
