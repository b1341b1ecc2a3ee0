namespace Ingest.Core.Pipeline;

/// <summary>The world is not ready: the same work is to be tried again later. Says nothing about the mail at hand, so it never decides a mail's fate.</summary>
public sealed class NotNowException : Exception
{
    /// <summary>Says why, as a code of a-z, 0-9 and hyphens (never text from outside), and how long the other side asked us to wait.</summary>
    public NotNowException(string reasonCode, TimeSpan? retryAfter = null)
        : base(reasonCode) => (ReasonCode, RetryAfter) = (reasonCode, retryAfter);

    /// <summary>Why, fit for logs and metrics.</summary>
    public string ReasonCode { get; }

    /// <summary>The wait the other side asked for; null when it named none.</summary>
    public TimeSpan? RetryAfter { get; }
}
