namespace Ingest.Mail.Mime;

/// <summary>A mail asks for something that cannot be written; the message never quotes it.</summary>
public sealed class UnwritableMailException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public UnwritableMailException(UnwritableReason reason)
        : base(reason switch
        {
            UnwritableReason.Address => "An address of the mail cannot be written: it has no @, an impossible domain, or control characters.",
            UnwritableReason.MessageId => "The Message-ID must be printable ASCII with an @, without blanks and angle brackets.",
            UnwritableReason.ContentId => "A Content-ID must be printable ASCII with an @, without blanks and angle brackets, and no two files may have the same.",
            UnwritableReason.Field => "A further field has an impossible name, or one that the mail writes itself, or a word that is too long.",
        })
    {
        Reason = reason;
    }

    /// <summary>What is wrong.</summary>
    public UnwritableReason Reason { get; }
}

/// <summary>What of a mail cannot be written.</summary>
public enum UnwritableReason
{
    /// <summary>An address in From, Reply-To, To or Cc, or of the envelope.</summary>
    Address,
    /// <summary>The mail's own Message-ID.</summary>
    MessageId,
    /// <summary>One of the further fields.</summary>
    Field,
    /// <summary>The Content-ID of a file.</summary>
    ContentId,
}
