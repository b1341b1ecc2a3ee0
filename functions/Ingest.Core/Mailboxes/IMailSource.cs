using Ingest.Core.Pipeline;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// A mailbox as the desk sees it: ids first, bytes later. Trouble with the mailbox as a whole is <see cref="MailboxRefusedException"/> (a person must act)
/// or <see cref="NotNowException"/> (try again later); trouble with one mail is a value, so that it cannot stop the mail behind it.
/// </summary>
public interface IMailSource : IAsyncDisposable
{
    /// <summary>
    /// Lists at most <paramref name="max"/> ids that are new since the cursor (null: never connected), oldest first within the page, without reading a body.
    /// An id may be listed again after a crash or a resync, never left out. An idle mailbox answers with a cursor equal to the one given.
    /// </summary>
    Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel);

    /// <summary>Reads one mail's bytes as they were delivered; a mail that is gone or can never be had is a value, not an exception.</summary>
    Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel);

    /// <summary>How many mails are best listed and fetched together, as long as they are small.</summary>
    int MostAtOnce => SyncMailbox.FetchesAtOnce;

    /// <summary>Reads several mails, in the order asked for: each at the same time, unless the provider has a way to hand out many at once.</summary>
    async Task<IReadOnlyList<(ListedId Id, FetchedMail Mail)>> FetchManyAsync(IReadOnlyList<ListedId> ids, CancellationToken cancel) =>
        await Task.WhenAll(ids.Select(async id => (id, await FetchAsync(id, cancel))));
}

/// <summary>One page of new ids.</summary>
/// <param name="Ids">The ids, oldest first as far as the provider tells.</param>
/// <param name="Next">The position after this page; to be stored only once the page's mail is durable.</param>
/// <param name="More">True when another page can be had at once.</param>
/// <param name="Resynced">True when the provider no longer knew the old position: this page begins a bounded resync, which may list known mail again.</param>
public sealed record ListedPage(IReadOnlyList<ListedId> Ids, SourceCursor Next, bool More, bool Resynced = false);

/// <summary>A mail the provider has told us of.</summary>
/// <param name="ProviderId">The provider's id: stable, unique within the mailbox, no file name and no address.</param>
/// <param name="Received">When the provider took the mail, where a listing tells it.</param>
/// <param name="Size">The mail's size in bytes, where a listing tells it.</param>
public readonly record struct ListedId(string ProviderId, DateTimeOffset? Received = null, long? Size = null);

/// <summary>A position in a mailbox: JSON that only its source reads, at most 8 KiB, without personal data. Equal when nothing has changed.</summary>
public sealed record SourceCursor
{
    /// <summary>The longest cursor in characters (they are ASCII).</summary>
    public const int MaxLength = 8 * 1024;

    /// <summary>Wraps a source's own text; throws <see cref="ArgumentException"/> above <see cref="MaxLength"/>.</summary>
    public SourceCursor(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxLength, nameof(value));
        Value = value;
    }

    /// <summary>The text to store and to hand back unchanged.</summary>
    public string Value { get; }
}

/// <summary>How a fetch ended.</summary>
public enum FetchKind
{
    /// <summary>The bytes are here.</summary>
    Fetched = 1,
    /// <summary>The provider says that the mail is gone.</summary>
    Vanished = 2,
    /// <summary>The provider will never hand out this one mail, or it is larger than any mail we take.</summary>
    Refused = 3,
    /// <summary>It was erased here: whatever a source hands out of it is not kept. No source says so.</summary>
    Erased = 4,
}

/// <summary>A mail's bytes, or why there are none.</summary>
/// <param name="Kind">How the fetch ended.</param>
/// <param name="Raw">The bytes as delivered; empty unless fetched.</param>
/// <param name="Received">When the provider took the mail; the default value unless fetched.</param>
public readonly record struct FetchedMail(FetchKind Kind, ReadOnlyMemory<byte> Raw, DateTimeOffset Received)
{
    /// <summary>The largest mail that is read, in bytes; providers take 150 MB at most.</summary>
    public const int MaxRawBytes = 160 * 1024 * 1024;

    /// <summary>The mail is gone.</summary>
    public static readonly FetchedMail Vanished = new(FetchKind.Vanished, default, default);

    /// <summary>The mail can never be had.</summary>
    public static readonly FetchedMail Refused = new(FetchKind.Refused, default, default);

    /// <summary>The mail was erased here.</summary>
    public static readonly FetchedMail Erased = new(FetchKind.Erased, default, default);
}
