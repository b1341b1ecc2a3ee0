namespace Ingest.Mail.Mime;

/// <summary>A mail that was passed on, as its forwarder's program describes it: anybody can write this, so it proves nothing.</summary>
/// <param name="From">Its author, null when that cannot be told; the address is empty when only a name was left.</param>
/// <param name="Date">When it was sent, null when it cannot be read; taken for UTC when it names no zone.</param>
/// <param name="DateText">Its date as written.</param>
/// <param name="Subject">Its subject, empty when not given.</param>
/// <param name="To">Whom it was sent to, as far as given.</param>
/// <param name="Text">Its text without quote marks; empty when it has none.</param>
/// <param name="Attached">True when it came whole, as a message/rfc822 part.</param>
public sealed record ForwardedMail(MailAddress? From, DateTimeOffset? Date, string DateText, string Subject, IReadOnlyList<MailAddress> To, string Text, bool Attached);
