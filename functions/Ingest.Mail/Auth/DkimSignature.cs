namespace Ingest.Mail.Auth;

/// <summary>How a message is signed (RFC 6376 section 3.5).</summary>
public sealed record DkimSignature
{
    /// <summary>The signing domain (d=); a DMARC pass needs it to be the From domain or its organisational domain.</summary>
    public required string Domain { get; init; }

    /// <summary>The selector (s=) under which the public key is published.</summary>
    public required string Selector { get; init; }

    /// <summary>The private key; null when another signs (<see cref="DkimSigner.SignAsync"/>).</summary>
    public DkimKey? Key { get; init; }

    /// <summary>When the signature was made (t=); null leaves the tag out.</summary>
    public DateTimeOffset? SignedAt { get; init; }

    /// <summary>When the signature stops counting (x=); null leaves the tag out.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>How header fields are made comparable.</summary>
    public DkimForm HeaderForm { get; init; } = DkimForm.Relaxed;

    /// <summary>How the body is made comparable.</summary>
    public DkimForm BodyForm { get; init; } = DkimForm.Relaxed;

    /// <summary>Fields that are signed as often as the message has them.</summary>
    public IReadOnlyList<string> Fields { get; init; } =
    [
        "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        "Auto-Submitted", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID",
    ];

    /// <summary>Fields that are signed once more than the message has them, so that one added on the way breaks the signature (section 8.15).</summary>
    public IReadOnlyList<string> Oversigned { get; init; } =
    [
        "From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    ];
}

/// <summary>A canonical form (RFC 6376 section 3.4).</summary>
public enum DkimForm
{
    /// <summary>Nothing may change.</summary>
    Simple = 1,
    /// <summary>White space and the case of field names may change.</summary>
    Relaxed = 2,
}
