namespace Ingest.App.Api;

/// <summary>A reply to be sent.</summary>
/// <param name="Text">What is said, in plain text.</param>
/// <param name="Html">The same as html; empty to have it made from the text.</param>
/// <param name="To">Whom it goes to; empty for whoever wrote last.</param>
/// <param name="Cc">Who gets a copy.</param>
/// <param name="Attachments">Files that go with it, 18 MB together.</param>
/// <param name="QuoteHistory">True to quote the mail that it answers.</param>
/// <param name="CloseTicket">True to close the ticket with it.</param>
/// <param name="AuthorName">The name that the customer sees, for callers that are programs; empty for the address alone.</param>
/// <param name="SendAnyway">Sorts of private data, such as nationalId, that may leave in this reply although the mailbox does not send them; what belongs to a card never does.</param>
/// <param name="SendUnread">True to send files that cannot be looked into, although the mailbox keeps none such.</param>
public sealed record ReplyBody(string Text, string Html = "", IReadOnlyList<string>? To = null, IReadOnlyList<string>? Cc = null, IReadOnlyList<AttachmentBody>? Attachments = null,
    bool QuoteHistory = false, bool CloseTicket = false, string AuthorName = "", IReadOnlyList<string>? SendAnyway = null, bool SendUnread = false);

/// <summary>A file of a reply.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Content">Its bytes, in base64.</param>
/// <param name="ContentType">Its media type.</param>
public sealed record AttachmentBody(string Name, byte[] Content, string ContentType = "application/octet-stream");

/// <summary>A note among agents.</summary>
/// <param name="Text">What it says.</param>
/// <param name="AuthorName">Who is shown as its author, for callers that are programs.</param>
public sealed record NoteBody(string Text, string AuthorName = "");

/// <summary>Where a ticket is to stand.</summary>
/// <param name="State">Open or Closed.</param>
public sealed record StateBody(string State);

/// <summary>Who is to have a ticket.</summary>
/// <param name="Person">A person's id; empty for nobody.</param>
public sealed record AssigneeBody(string Person);

/// <summary>What to search for: an address or a number, one of them.</summary>
/// <param name="Address">The e-mail address of somebody who has part in the tickets.</param>
/// <param name="Number">A ticket's display number.</param>
/// <param name="Cursor">"next" of the answer before, to go on searching; with the same address.</param>
public sealed record SearchBody(string? Address = null, string? Number = null, string? Cursor = null);

/// <summary>Whether a mailbox is to be read.</summary>
/// <param name="State">Active or Paused.</param>
public sealed record MailboxStateBody(string State);

/// <summary>A person's word on a reply in doubt.</summary>
/// <param name="Delivered">True when it arrived; false to have it sent once more.</param>
/// <param name="Attempt">Which try is meant: "attempts" of the delivery that was read. With it, the same request sent twice never sends twice; without it the last is meant.</param>
public sealed record ResolveBody(bool Delivered, int? Attempt = null);

/// <summary>What is to be changed of a mailbox; what is not sent stays.</summary>
/// <param name="SenderName">The name that customers see; empty for the name of whoever writes.</param>
/// <param name="Acknowledgement">The text of the automatic acknowledgement, with {number} for the ticket's number; empty for none.</param>
/// <param name="PlusAddressing">True when mail to name+anything@ reaches the mailbox.</param>
/// <param name="Aliases">Other addresses that lead to it, all of them.</param>
/// <param name="AuthservIds">Whose Authentication-Results are believed, all of them.</param>
/// <param name="TrustedSealers">The domains that may pass mail on and are believed about its author (ARC), all of them.</param>
/// <param name="ReceivingServers">The provider's own servers as they name themselves after "by" in Received lines, or domains above them, all of them.</param>
public sealed record SettingsBody(string? SenderName = null, string? Acknowledgement = null, bool? PlusAddressing = null, IReadOnlyList<string>? Aliases = null, IReadOnlyList<string>? AuthservIds = null,
    IReadOnlyList<string>? TrustedSealers = null, IReadOnlyList<string>? ReceivingServers = null);

/// <summary>A key to be made.</summary>
/// <param name="Selector">Its name, under which it is published; another than the one before makes a new key.</param>
public sealed record SigningBody(string Selector);

/// <summary>Whose data is asked for.</summary>
/// <param name="Address">Their e-mail address.</param>
/// <param name="Notes">True for the notes, too, that agents wrote among themselves in the person's own tickets.</param>
/// <param name="Redact">What is masked on the way out besides what is masked where it is kept: default, pci, gdpr or hipaa, for whoever else is to read it. Not sent, or off, for the form in which it is kept, which is what a person is owed of their own data.</param>
public sealed record ExportBody(string Address, bool Notes = false, string? Redact = null);

/// <summary>The Key Vault keys that a tenant brings.</summary>
/// <param name="Kids">Their ids, without versions; the first is the one that wraps. None for ours.</param>
public sealed record OwnKeysBody(IReadOnlyList<string> Kids);
