using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Core.Pipeline;
using Ingest.Mail.Mime;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// Mail lying in files: single mails, folders of them, Maildirs and mboxes, in the order of their paths. Reads one mail at a time, so the size of the whole
/// does not matter; a source sees the files there were when it first listed. An id is made of a mail's bytes and of how many
/// equal ones came before, not of its place: files that are moved, copied or imported again keep their ids, so a changed set can start over and the desk knows what it has.
/// </summary>
public sealed class FolderSource : IMailSource
{
    private readonly IReadOnlyList<string> roots;
    private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, int> seen = [];
    private Position? seenUpTo;
    private FileSet? files;

    /// <summary>Reads the given files and folders; a folder counts with all below it.</summary>
    public FolderSource(params IReadOnlyList<string> roots) => this.roots = roots;

    /// <inheritdoc />
    public Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        return WithoutNamesAsync(() => ListPageAsync(cursor, max, cancel));
    }

    /// <inheritdoc />
    public Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel) => WithoutNamesAsync(() => ReadAsync(id, cancel));

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        places.Clear();
        return ValueTask.CompletedTask;
    }

    private async Task<ListedPage> ListPageAsync(SourceCursor? cursor, int max, CancellationToken cancel)
    {
        FileSet all = files ??= FileSet.Find(roots);
        Position position = Resume(cursor, all);
        Position start = position, end = new(all.Count, 0, all.Digest(all.Count));
        if (start == end)
            return Page([], end, more: false, cursor);
        await SeeUpToAsync(position, all, cancel);
        List<ListedId> page = [];
        await foreach ((Place place, Position after) in WalkAsync(position, all, cancel))
        {
            if (page.Count == max)
                return Page(page, position, more: true, cursor);
            page.Add(await ListedAsync(place, cancel));
            seenUpTo = position = after;
        }

        seenUpTo = end;
        return Page(page, end, more: false, unchanged: null);
    }

    private async Task<FetchedMail> ReadAsync(ListedId id, CancellationToken cancel)
    {
        if (await FindAsync(id.ProviderId, cancel) is not { } place)
            return FetchedMail.Vanished;
        if (place.Length > FetchedMail.MaxRawBytes)
            return FetchedMail.Refused;
        try
        {
            await using FileStream file = Open(place.File.Path);
            byte[] raw = new byte[place.Length];
            file.Position = place.Start;
            if (await file.ReadAtLeastAsync(raw, raw.Length, throwOnEndOfStream: false, cancel) < raw.Length)
                return FetchedMail.Vanished;
            if (!place.File.IsMbox)
                return new FetchedMail(FetchKind.Fetched, raw, place.File.Written);
            ReadOnlyMemory<byte> mail = MboxReader.Unwrap(raw, out DateTimeOffset? delivered);
            return new FetchedMail(FetchKind.Fetched, mail, delivered ?? place.File.Written);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return FetchedMail.Vanished;
        }
        catch (UnauthorizedAccessException)
        {
            return FetchedMail.Refused;
        }
    }

    /// <summary>The framework puts file names into its messages.</summary>
    private static async Task<T> WithoutNamesAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (IOException)
        {
            throw new NotNowException("file-unreadable");
        }
    }

    internal static FileStream Open(string path) =>
        new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous, BufferSize = 0 });

    private static ListedPage Page(List<ListedId> ids, Position next, bool more, SourceCursor? unchanged) =>
        new(ids, ids.Count == 0 && unchanged is not null ? unchanged : new SourceCursor(JsonSerializer.Serialize(next, FolderJson.Default.Position)), more);

    private async Task<ListedId> ListedAsync(Place place, CancellationToken cancel)
    {
        string id = await IdAsync(place, seen, cancel);
        places[id] = place;
        return new ListedId(id, place.File.Written, place.Length);
    }

    /// <summary>A page's mail is fetched by the source that listed it; any other asks for a walk through the names.</summary>
    private async Task<Place?> FindAsync(string providerId, CancellationToken cancel)
    {
        if (places.Remove(providerId, out Place known))
            return known;
        Dictionary<UInt128, int> before = [];
        await foreach ((Place place, Position _) in WalkAsync(Position.Start, FileSet.Find(roots), cancel))
        {
            if (await IdAsync(place, before, cancel) == providerId)
                return place;
        }

        return null;
    }

    // A later run counts equal mails from the start, so that the same mail has the same id wherever a run was broken off.
    private async Task SeeUpToAsync(Position position, FileSet all, CancellationToken cancel)
    {
        if (seenUpTo == position)
            return;
        seen.Clear();
        if (position is { Files: 0, Offset: 0 })
            return;
        await foreach ((Place place, Position after) in WalkAsync(Position.Start, all, cancel))
        {
            if ((after.Files, after.Offset).CompareTo((position.Files, position.Offset)) > 0)
                return;
            await IdAsync(place, seen, cancel);
        }
    }

    private static async Task<string> IdAsync(Place place, Dictionary<UInt128, int> before, CancellationToken cancel)
    {
        UInt128 content = await ContentHash.OfAsync(place.File.Path, place.Start, place.Length, cancel);
        before.TryGetValue(content, out int equals);
        before[content] = equals + 1;
        return FileSet.Opaque($"{content:x32}\n{equals}");
    }

    private static async IAsyncEnumerable<(Place Place, Position After)> WalkAsync(Position from, FileSet all, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (int at = from.Files; at < all.Count; at++)
        {
            MailFile file = all[at];
            if (!file.IsMbox)
            {
                yield return (new Place(file, 0, file.Length), new Position(at + 1, 0, all.Digest(at + 1)));
                continue;
            }

            long offset = at == from.Files ? from.Offset : 0;
            await foreach (MboxEntry entry in EntriesAsync(file, offset, cancel))
                yield return (new Place(file, entry.Start, entry.Length), new Position(at, entry.End, all.DigestWithin(at)));
        }
    }

    private static async IAsyncEnumerable<MboxEntry> EntriesAsync(MailFile file, long offset, [EnumeratorCancellation] CancellationToken cancel)
    {
        FileStream? mbox = null;
        try
        {
            mbox = Open(file.Path);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
        }

        if (mbox is null)
        {
            // Listed as one mail, so that it ends in the journal as vanished or refused instead of silently.
            yield return new MboxEntry(0, file.Length);
            yield break;
        }

        await using (mbox)
        {
            await foreach (MboxEntry entry in MboxReader.FindAsync(mbox, offset, cancel))
                yield return entry;
        }
    }

    private static Position Resume(SourceCursor? cursor, FileSet all) =>
        cursor is not null && Read(cursor) is { } position && IsOf(all, position)
            ? position
            : Position.Start;

    private static bool IsOf(FileSet all, Position position) =>
        position.Files >= 0 && (position.Offset == 0
            ? position.Files <= all.Count && all.Digest(position.Files) == position.Digest
            : position.Offset > 0 && position.Files < all.Count && all.DigestWithin(position.Files) == position.Digest);

    private static Position? Read(SourceCursor cursor)
    {
        try
        {
            return JsonSerializer.Deserialize(cursor.Value, FolderJson.Default.Position);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Files done, and how far into the next one when it is an mbox; the digest names the files done, and that one.</summary>
    internal readonly record struct Position(int Files, long Offset, string Digest)
    {
        public static readonly Position Start = new(0, 0, "");
    }

    private readonly record struct Place(MailFile File, long Start, long Length);
}

[JsonSerializable(typeof(FolderSource.Position))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class FolderJson : JsonSerializerContext;
