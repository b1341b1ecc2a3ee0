namespace Ingest.Mail.Smtp;

/// <summary>What is known about a message after an attempt to send it.</summary>
public enum SmtpOutcome
{
    /// <summary>The server took it over for every recipient.</summary>
    Accepted = 1,
    /// <summary>It took it over, but not for <see cref="SmtpResult.Refused"/>, which it will never take it for.</summary>
    PartlyAccepted = 2,
    /// <summary>It did not take it over for anybody; later it might (4yz). One recipient that must wait makes all wait: a second attempt then doubles nothing.</summary>
    TemporarilyRefused = 3,
    /// <summary>It did not take it over and never will, or it cannot be sent as it is.</summary>
    PermanentlyRefused = 4,
    /// <summary>The connection or the permission to send was lost before the end of the message had left.</summary>
    NotSent = 5,
    /// <summary>The end of the message had, or may have, left, and no answer came that says what became of it: it may be delivered or not.</summary>
    Uncertain = 6,
}

/// <summary>The outcome and the reason.</summary>
/// <param name="Outcome">What is known.</param>
/// <param name="Code">Why: an enhanced status code such as 4.2.2, three digits where the server gave no more, or a word of ours; never the server's text.</param>
/// <param name="Refused">The recipients that were refused, as places in the envelope, each with its code.</param>
public sealed record SmtpResult(SmtpOutcome Outcome, string Code, IReadOnlyList<(int Place, string Code)> Refused)
{
    internal SmtpResult(SmtpOutcome outcome, string code)
        : this(outcome, code, [])
    {
    }
}
