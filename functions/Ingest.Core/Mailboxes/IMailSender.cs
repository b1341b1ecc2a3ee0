namespace Ingest.Core.Mailboxes;

/// <summary>Hands finished messages to whoever delivers them: a submission server or Gmail.</summary>
public interface IMailSender
{
    /// <summary>
    /// Tries to send the message once, byte for byte, and says what is known about it afterwards. Never tries twice: a caller may send again only what was not
    /// sent or was refused for now. Being cancelled is an outcome, too: <see cref="SendOutcome.NotSent"/> before the end of the message had left, else
    /// <see cref="SendOutcome.Uncertain"/>. Throws <see cref="MailboxRefusedException"/> only, when the mailbox needs an administrator and nothing was sent.
    /// </summary>
    Task<SendResult> SendAsync(OutgoingEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancel);

    /// <summary>
    /// Whether the mailbox holds a sent mail of that Message-ID (without angle brackets); null when this provider cannot tell. Indexes are late: a no is to be
    /// believed after minutes only. Throws <see cref="MailboxRefusedException"/> or <see cref="Pipeline.NotNowException"/> when it could not be looked.
    /// </summary>
    Task<bool?> WasSentAsync(string messageId, CancellationToken cancel);
}

/// <summary>Who a message is from and who gets it, whatever its header says (RFC 5321 section 2.3.1).</summary>
/// <param name="From">Where bounces go; empty for automatic mail that must never be answered.</param>
/// <param name="To">Every recipient, Cc and blind ones included.</param>
public sealed record OutgoingEnvelope(string From, IReadOnlyList<string> To);

/// <summary>What became of a message.</summary>
/// <param name="Outcome">What is known.</param>
/// <param name="Code">Why: an enhanced status code such as 4.2.2, or a word of ours; never the server's text.</param>
public sealed record SendResult(SendOutcome Outcome, string Code)
{
    /// <summary>Recipients that were refused by themselves, as places in <see cref="OutgoingEnvelope.To"/>.</summary>
    public IReadOnlyList<int> RefusedRecipients { get; init; } = [];
}

/// <summary>What is known about a message after an attempt to send it.</summary>
public enum SendOutcome
{
    /// <summary>Taken over for delivery to everyone but <see cref="SendResult.RefusedRecipients"/>, whom it will never be taken for.</summary>
    Accepted = 1,

    /// <summary>Not taken over for anybody, and trying again later may help (4yz); one recipient that must wait makes all wait.</summary>
    TemporarilyRefused = 2,

    /// <summary>Not taken over, and it never will be as it is (5yz, or an address that cannot be sent to).</summary>
    PermanentlyRefused = 3,

    /// <summary>Not taken over by anybody: the connection, the sign-in or the permission failed before the message had gone.</summary>
    NotSent = 4,

    /// <summary>The message had, or may have, gone when the connection failed: it may be delivered or not, and nobody may send it again unasked.</summary>
    Uncertain = 5,
}
