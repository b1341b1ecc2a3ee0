namespace Ingest.Core.Mailboxes;

/// <summary>How an attempt to send ended.</summary>
public enum SendOutcome
{
    /// <summary>The server took it.</summary>
    Accepted = 1,
    /// <summary>The server refused it for now; nothing was delivered.</summary>
    TemporarilyRefused = 2,
    /// <summary>The server refused it for good; nothing was delivered.</summary>
    PermanentlyRefused = 3,
    /// <summary>The line broke when the server may have taken it.</summary>
    Uncertain = 4,
    /// <summary>It never got so far that the server could have taken it.</summary>
    NotSent = 5,
}

/// <summary>How an attempt to send ended, and why.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Code">An enhanced status code (RFC 3463) or a word of ours; never text of the server. Empty when accepted.</param>
public sealed record SendResult(SendOutcome Outcome, string Code = "");

/// <summary>The envelope of a mail (RFC 5321 section 2.3.1).</summary>
/// <param name="From">Where failures are reported to.</param>
/// <param name="To">Who gets it.</param>
public sealed record OutgoingEnvelope(string From, IReadOnlyList<string> To);

/// <summary>
/// The way out of a mailbox. Trouble with the mailbox as a whole is <see cref="MailboxRefusedException"/> or <see cref="Pipeline.NotNowException"/>, thrown only
/// while nothing can have been delivered; everything later is a <see cref="SendResult"/>.
/// </summary>
public interface IMailSender : IAsyncDisposable
{
    /// <summary>Sends these exact bytes once.</summary>
    Task<SendResult> SendAsync(OutgoingEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancel);

    /// <summary>
    /// Whether the mail of this Message-ID (without angle brackets) was sent, as the Sent folder tells: true when it is there, false when the provider keeps
    /// everything that it sends and it is not, null when nobody can say.
    /// </summary>
    Task<bool?> WasSentAsync(string messageId, CancellationToken cancel);
}
