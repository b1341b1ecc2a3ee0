using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Core.Pipeline;
using Ingest.Mail.Mime;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// Mail lying in files: single mails, folders of them, Maildirs and mboxes, in the order of their paths. Reads one mail at a time, so the size of the whole
/// does not matter; a source sees the files there were when it first listed. A set of files that changes before the position starts over: the ids stay the same, so the desk knows what it has.
/// </summary>
public sealed class FolderSource : IMailSource
{
    private readonly IReadOnlyList<string> roots;
    private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);
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
        Position start = position;
        List<ListedId> page = [];
        await foreach ((Place place, Position after) in WalkAsync(position, all, cancel))
        {
            if (page.Count == max)
                return Page(page, position, more: true, cursor);
            page.Add(Listed(place));
            position = after;
        }

        Position end = new(all.Count, 0, 0, all.Digest(all.Count));
        return Page(page, end, more: false, start == end ? cursor : null);
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

    private static FileStream Open(string path) =>
        new(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous, BufferSize = 0 });

    private static ListedPage Page(List<ListedId> ids, Position next, bool more, SourceCursor? unchanged) =>
        new(ids, ids.Count == 0 && unchanged is not null ? unchanged : new SourceCursor(JsonSerializer.Serialize(next, FolderJson.Default.Position)), more);

    private ListedId Listed(Place place)
    {
        string id = place.ProviderId;
        places[id] = place;
        return new ListedId(id, place.File.Written, place.Length);
    }

    /// <summary>A page's mail is fetched by the source that listed it; any other asks for a walk through the names.</summary>
    private async Task<Place?> FindAsync(string providerId, CancellationToken cancel)
    {
        if (places.Remove(providerId, out Place known))
            return known;
        await foreach ((Place place, Position _) in WalkAsync(Position.Start, FileSet.Find(roots), cancel))
        {
            if (place.ProviderId == providerId)
                return place;
        }

        return null;
    }

    private static async IAsyncEnumerable<(Place Place, Position After)> WalkAsync(Position from, FileSet all, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (int at = from.Files; at < all.Count; at++)
        {
            MailFile file = all[at];
            if (!file.IsMbox)
            {
                yield return (new Place(file, 0, 0, file.Length), new Position(at + 1, 0, 0, all.Digest(at + 1)));
                continue;
            }

            (int index, long offset) = at == from.Files ? (from.Index, from.Offset) : (0, 0);
            await foreach (MboxEntry entry in EntriesAsync(file, offset, cancel))
                yield return (new Place(file, index++, entry.Start, entry.Length), new Position(at, entry.End, index, all.Digest(at)));
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
        cursor is not null && Read(cursor) is { } position && position.Files <= all.Count && all.Digest(position.Files) == position.Digest
            ? position
            : Position.Start;

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

    /// <summary>Files done, and how far into the next one when it is an mbox; the digest names the files done.</summary>
    internal readonly record struct Position(int Files, long Offset, int Index, string Digest)
    {
        public static readonly Position Start = new(0, 0, 0, "");
    }

    private readonly record struct Place(MailFile File, int Index, long Start, long Length)
    {
        public string ProviderId => FileSet.Opaque($"{File.Name}\n{Index}\n{Length}");
    }
}

[JsonSerializable(typeof(FolderSource.Position))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class FolderJson : JsonSerializerContext;
