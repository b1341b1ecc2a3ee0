using Ingest.Core.Redaction;

namespace Ingest.Core.Replies;

/// <summary>A reply as an agent or a program hands it in.</summary>
public sealed record NewReply
{
    /// <summary>What is said, in plain text.</summary>
    public required string Text { get; init; }
    /// <summary>The same as html; empty to have it made from the text.</summary>
    public string Html { get; init; } = "";
    /// <summary>Whom it goes to; empty for whoever wrote last.</summary>
    public IReadOnlyList<string> To { get; init; } = [];
    /// <summary>Who gets a copy.</summary>
    public IReadOnlyList<string> Cc { get; init; } = [];
    /// <summary>Files that go with it.</summary>
    public IReadOnlyList<NewAttachment> Attachments { get; init; } = [];
    /// <summary>True to quote the mail that it answers.</summary>
    public bool QuoteHistory { get; init; }
    /// <summary>True to close the ticket with it.</summary>
    public bool CloseTicket { get; init; }
    /// <summary>Who of us wrote it: a person's id.</summary>
    public string AuthorId { get; init; } = "";
    /// <summary>The name that the customer sees; empty for the address alone.</summary>
    public string AuthorName { get; init; } = "";
    /// <summary>Sorts of findings that may leave in this reply all the same, because a person said so.</summary>
    public IReadOnlyList<FindingType> SendAnyway { get; init; } = [];
    /// <summary>True when files that cannot be looked into may leave, although the mailbox keeps none such, because a person said so.</summary>
    public bool SendUnread { get; init; }
    /// <summary>The caller's own id of this reply: handed in twice, it is sent once. Empty for a fresh one.</summary>
    public string IdempotencyKey { get; init; } = "";
}

/// <summary>A file that goes with a reply.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ContentType">Its media type, such as "application/pdf".</param>
/// <param name="Content">Its bytes.</param>
public sealed record NewAttachment(string Name, string ContentType, ReadOnlyMemory<byte> Content);

/// <summary>A note among agents.</summary>
/// <param name="Text">What it says.</param>
/// <param name="AuthorId">Who wrote it: a person's id.</param>
/// <param name="AuthorName">The name that is shown.</param>
/// <param name="IdempotencyKey">The caller's own id of this note: handed in twice, it is kept once. Empty for a fresh one.</param>
public sealed record NewNote(string Text, string AuthorId, string AuthorName, string IdempotencyKey = "");

/// <summary>A note that was taken in.</summary>
/// <param name="Key">Its message key within the ticket.</param>
/// <param name="Masked">What was masked in it before it was kept, and how often, by sort: what the mailbox does not send, agents do not keep in its notes either.</param>
public sealed record NoteAccepted(string Key, IReadOnlyDictionary<FindingType, int> Masked);

/// <summary>A reply that will be sent.</summary>
/// <param name="Key">Its message key within the ticket.</param>
/// <param name="Repeated">True when it had been handed in before under the same idempotency key.</param>
public sealed record ReplyAccepted(string Key, bool Repeated);

/// <summary>How a person's word on a reply in doubt was taken.</summary>
public enum DoubtEnd
{
    /// <summary>The doubt is settled as they said.</summary>
    Settled = 1,
    /// <summary>It had been settled so before; nothing was done.</summary>
    SettledBefore = 2,
    /// <summary>The reply is not in doubt, or no longer; nothing was done.</summary>
    NotInDoubt = 3,
    /// <summary>What a machine sent is never sent twice; nothing was done.</summary>
    NeverTwice = 4,
    /// <summary>There is no such reply.</summary>
    NotThere = 5,
}

/// <summary>A reply that cannot be sent as it stands: nothing was written. The message is fit for the person who wrote it.</summary>
/// <param name="code">Which problem, as a code of a-z and hyphens.</param>
/// <param name="fix">What is wrong and what to do about it, without content.</param>
public sealed class ReplyRefusedException(string code, string fix) : Exception(fix)
{
    /// <summary>Which problem.</summary>
    public string Code { get; } = code;

    /// <summary>What is wrong and what to do about it.</summary>
    public string Fix => Message;

    /// <summary>What may not leave, where that is why; empty else.</summary>
    public IReadOnlyList<FindingType> Found { get; init; } = [];

    /// <summary>True where a file that cannot be looked into is a reason, alone or besides.</summary>
    public bool HasUnread { get; init; }
}
