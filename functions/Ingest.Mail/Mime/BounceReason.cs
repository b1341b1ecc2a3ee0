namespace Ingest.Mail.Mime;

/// <summary>Why a mail was not delivered, from the words and codes of the servers; the grouping is that of public bounce collections.</summary>
public enum BounceReason
{
    /// <summary>The notice does not say.</summary>
    Undefined,
    /// <summary>Nothing failed: the mail was delivered or handed on.</summary>
    Delivered,
    /// <summary>There is no such mailbox.</summary>
    UserUnknown,
    /// <summary>There is no such domain or host.</summary>
    HostUnknown,
    /// <summary>The recipient has another address now.</summary>
    HasMoved,
    /// <summary>The domain accepts no mail at all (RFC 7505).</summary>
    NotAccept,
    /// <summary>The mailbox is full.</summary>
    MailboxFull,
    /// <summary>The message is larger than the server takes.</summary>
    MessageTooBig,
    /// <summary>The message is larger than this recipient may get.</summary>
    ExceedLimit,
    /// <summary>The server has no room left.</summary>
    SystemFull,
    /// <summary>The mailbox is disabled or suspended.</summary>
    Suspended,
    /// <summary>The recipient's filter or rule refused the message.</summary>
    Filtered,
    /// <summary>The sender or its domain was refused.</summary>
    Rejected,
    /// <summary>The sending host was refused: block list, reputation, reverse DNS.</summary>
    Blocked,
    /// <summary>Taken for spam.</summary>
    SpamDetected,
    /// <summary>Taken for a virus.</summary>
    VirusDetected,
    /// <summary>Authentication, encryption or policy was not satisfied.</summary>
    SecurityError,
    /// <summary>The server would not relay.</summary>
    NoRelaying,
    /// <summary>The message's form or content was refused.</summary>
    ContentError,
    /// <summary>A command was not understood.</summary>
    SyntaxError,
    /// <summary>Too many connections, recipients or messages.</summary>
    TooManyConnections,
    /// <summary>It took too long.</summary>
    Expired,
    /// <summary>DNS, routing or the connection failed.</summary>
    NetworkError,
    /// <summary>A program that should have delivered the message failed.</summary>
    MailerError,
    /// <summary>The server itself failed.</summary>
    SystemError,
    /// <summary>The notice gives a reason in words that are not known.</summary>
    OnHold,
}
