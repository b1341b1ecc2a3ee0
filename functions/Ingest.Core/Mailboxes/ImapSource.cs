using Ingest.Core.Pipeline;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// A mailbox on an IMAP server, read without leaving a trace in it. Every folder has its own place: generation (UIDVALIDITY) and highest UID. When the generation
/// changes, all that was ever to be listed is listed again: the desk knows by its content what it has. One connection serves a whole sync.
/// </summary>
public sealed class ImapSource : IMailSource
{
    private const long MostBytesOfPage = 32 * 1024 * 1024;
    private readonly IReadOnlyList<string> _folders;
    private readonly TimeProvider _time;
    private readonly ImapSession _session;
    private readonly ImapListing?[] _listings;
    private readonly bool[] _isRead;
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>
    /// Reads the folders of <paramref name="settings"/>; <paramref name="since"/> counts where a folder is read for the first time.
    /// </summary>
    public ImapSource(ServerSettings settings, ImapLogin login, BackFill since, WireOptions wire, TimeProvider time)
    {
        (_folders, _time) = (settings.Folders.Count > 0 ? settings.Folders : ["INBOX"], time);
        _session = new ImapSession(new MailServer(settings.Host, settings.Port, settings.Tls), login, wire);
        _listings = [.. _folders.Select((name, place) => name.Length == 0 ? null : new ImapListing(_session, place, name, since, time))];
        _isRead = new bool[_folders.Count];
    }

    /// <inheritdoc />
    public int MostAtOnce => 100;

    /// <summary>Commands sent so far.</summary>
    public int CommandsSent => _session.CommandsSent;

    /// <summary>Bytes received so far.</summary>
    public long BytesRead => _session.BytesRead;

    /// <inheritdoc />
    public async Task<ListedPage> ListAsync(SourceCursor? cursor, int max, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        await _turn.WaitAsync(cancel);
        try
        {
            return await ListFoldersAsync(cursor, max, cancel);
        }
        catch (Exception e) when (e is WireException or ImapRefusedException)
        {
            throw ImapSession.NotNow(e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ListedPage> ListFoldersAsync(SourceCursor? cursor, int max, CancellationToken cancel)
    {
        ImapCursor at = ImapCursor.Read(cursor);
        List<ListedId> ids = [];
        long bytes = 0;
        bool resynced = false;
        NotNowException? missing = null;
        for (int folder = 0; folder < _listings.Length; folder++)
        {
            if (_isRead[folder] || _listings[folder] is not { } listing) continue;
            try
            {
                (List<ListedId> found, ImapPlace place, bool more) = await listing.ListAsync(at.Find(folder), max - ids.Count, MostBytesOfPage - bytes, cancel);
                ids.AddRange(found);
                bytes += found.Sum(id => id.Size ?? 0);
                at = at.With(place);
                resynced |= listing.Resynced;
                if (more) return Page(more: true);
                _isRead[folder] = true;
                if (ids.Count == max || bytes >= MostBytesOfPage) return Page(more: Array.Exists(_isRead, read => !read));
            }
            catch (ImapRefusedException refused) when (!refused.MayPass)
            {
                // Mail in the other folders is brought all the same; when there is none, it is said that this one cannot be read.
                missing = ImapSession.NotNow(refused);
            }
        }

        return ids.Count == 0 && missing is not null ? throw missing : Page(more: false);

        ListedPage Page(bool more)
        {
            SourceCursor next = at.Write();
            return new ListedPage(ids, cursor is not null && next.Value == cursor.Value ? cursor : next, more, resynced);
        }
    }

    /// <inheritdoc />
    public async Task<FetchedMail> FetchAsync(ListedId id, CancellationToken cancel) => (await FetchManyAsync([id], cancel))[0].Mail;

    /// <inheritdoc />
    public async Task<IReadOnlyList<(ListedId Id, FetchedMail Mail)>> FetchManyAsync(IReadOnlyList<ListedId> ids, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            Dictionary<ImapMailId, FetchedMail> fetched = [];
            foreach (IGrouping<(int Folder, uint Validity), (ImapMailId Id, long? Size)> group in ids.Select(id => (Id: ImapMailId.Parse(id.ProviderId), id.Size)).GroupBy(id => (id.Id.Folder, id.Id.Validity)))
                foreach ((uint uid, FetchedMail mail) in await FetchGroupAsync(group.Key.Folder, group.Key.Validity, [.. group.Select(id => (id.Id.Uid, id.Size))], cancel))
                    fetched[new ImapMailId(group.Key.Folder, group.Key.Validity, uid)] = mail;
            return [.. ids.Select(id => (id, fetched.GetValueOrDefault(ImapMailId.Parse(id.ProviderId), FetchedMail.Vanished)))];
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IReadOnlyDictionary<uint, FetchedMail>> FetchGroupAsync(int folder, uint validity, IReadOnlyList<(uint Uid, long? Size)> wanted, CancellationToken cancel)
    {
        // A folder that is no longer read.
        if (folder >= _folders.Count || _folders[folder].Length == 0) return new Dictionary<uint, FetchedMail>();
        try
        {
            return await new ImapFetching(_session, _folders[folder], validity, _time).RunAsync(wanted, cancel);
        }
        catch (GenerationOverException)
        {
            return new Dictionary<uint, FetchedMail>();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _turn.Dispose();
    }
}
