using Ingest.Mail.Mime;

namespace Ingest.Core.Redaction;

/// <summary>Something that was masked.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Start">Where it began in the input, in UTF-16 code units.</param>
/// <param name="Length">Its length in the input, in UTF-16 code units.</param>
/// <param name="Rule">The rule that found it, such as "card.visa"; one that begins with two letters and a dot is its country's, such as "us.ssn".</param>
/// <param name="Confidence">0 to 1.</param>
public readonly record struct Finding(FindingType Type, int Start, int Length, string Rule, double Confidence)
{
    // A long text may have a million of them.
    private readonly byte hundredths = Hundredths(Confidence);

    /// <summary>How sure it is, 0 to 1, to the hundredth.</summary>
    public double Confidence { get => hundredths / 100.0; init => hundredths = Hundredths(value); }

    /// <summary>Which part of a mail <see cref="Start"/> counts in.</summary>
    public FindingPlace Place { get; init; }

    private Finding(Scan.Hit hit, int start, int length) : this(hit.Type, start, length, hit.Rule, 0) => hundredths = hit.Hundredths;

    /// <summary>What was found, at its place in the input.</summary>
    internal static Finding Of(in Scan.Hit hit, int start, int length) => new(hit, start, length);

    private static byte Hundredths(double confidence) => (byte)Math.Round(Math.Clamp(confidence, 0, 1) * 100);
}

/// <summary>Parts of a mail.</summary>
public enum FindingPlace : byte
{
    /// <summary>The text body, or the text given.</summary>
    Text,
    /// <summary>The html body, or the html given.</summary>
    Html,
    /// <summary>The subject.</summary>
    Subject,
    /// <summary>What the author wrote now.</summary>
    Reply,
    /// <summary>Quoted text.</summary>
    Elided,
    /// <summary>The signature.</summary>
    Signature,
    /// <summary>A display name.</summary>
    DisplayName,
    /// <summary>An attachment's file name.</summary>
    AttachmentName,
    /// <summary>An attachment's content.</summary>
    Attachment,
}

/// <summary>A text and what was masked in it.</summary>
/// <param name="Text">The text, masked.</param>
/// <param name="Findings">What was masked, in order.</param>
public readonly record struct RedactedText(string Text, IReadOnlyList<Finding> Findings);

/// <summary>An attachment and what was masked in it.</summary>
/// <param name="Content">The content; the very bytes given when nothing was masked, none when it is withheld.</param>
/// <param name="Findings">What was masked; offsets count in the decoded text of the piece in which it was found.</param>
public sealed record RedactedAttachment(byte[] Content, IReadOnlyList<Finding> Findings)
{
    /// <summary>Its media type, another one when a text copy lies in its place.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>Its file name, masked.</summary>
    public string Name { get; init; } = "";

    /// <summary>What became of it.</summary>
    public FileState State { get; init; }

    /// <summary>Why it, or a part of it, was not looked into; none when all of it was.</summary>
    public UnreadReason Unread { get; init; }

    /// <summary>Names of the files in it when it is an archive, masked, the first ones only.</summary>
    public IReadOnlyList<string> Entries { get; init; } = [];

    /// <summary>True when all of it was looked into.</summary>
    public bool LookedInto => Unread == UnreadReason.None;
}

/// <summary>Everything of a mail that a person may read, masked.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Text">The text body.</param>
/// <param name="Html">The html body.</param>
/// <param name="Reply">What the author wrote now.</param>
/// <param name="Elided">Quoted text.</param>
/// <param name="Signature">The signature.</param>
/// <param name="Findings">What was masked, in order of the places.</param>
public sealed record RedactedMail(
    string Subject, string? Text, string? Html, string Reply, string Elided, string Signature, IReadOnlyList<Finding> Findings)
{
    /// <summary>Authors, display names masked.</summary>
    public IReadOnlyList<MailAddress> From { get; init; } = [];

    /// <summary>The Sender field, display name masked.</summary>
    public MailAddress? Sender { get; init; }

    /// <summary>Reply-To addresses, display names masked.</summary>
    public IReadOnlyList<MailAddress> ReplyTo { get; init; } = [];

    /// <summary>To addresses, display names masked.</summary>
    public IReadOnlyList<MailAddress> To { get; init; } = [];

    /// <summary>Cc addresses, display names masked.</summary>
    public IReadOnlyList<MailAddress> Cc { get; init; } = [];

    /// <summary>Safe file names of the attachments in order, masked.</summary>
    public IReadOnlyList<string> AttachmentNames { get; init; } = [];
}
