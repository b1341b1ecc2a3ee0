using Ingest.Core.Pipeline;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// What is new in one folder, from its place on. Nothing new costs one command however large the folder is. New UIDs are asked for once a run and handed out page
/// by page; UIDNEXT only tells whether to ask, never how far was read.
/// </summary>
internal sealed class ImapListing(ImapSession session, int ordinal, string folder, BackFill since, TimeProvider time)
{
    // A folder with more messages is searched in stretches, so that no answer is longer than a few MiB.
    private const int MostInOneSearch = 100_000;
    private static readonly TimeSpan ClockMargin = TimeSpan.FromHours(1), DayMargin = TimeSpan.FromDays(1);
    private Queue<uint> _found = new();
    private ImapFolderState? _state;
    private uint _searchedTo;
    private bool _isAtEnd;

    /// <summary>True when this folder began anew, since its UIDs have changed their meaning.</summary>
    public bool Resynced { get; private set; }

    /// <summary>Lists at most so many ids and bytes behind a place (null: never read), and says where that leaves the folder and whether more waits.</summary>
    public async Task<(List<ListedId> Ids, ImapPlace Place, bool More)> ListAsync(ImapPlace? at, int max, long maxBytes, CancellationToken cancel)
    {
        (ImapConnection imap, ImapFolderState state) = await session.OpenAsync(folder, anew: _state is null, cancel);
        ImapPlace place = at is null ? await BeginAsync(imap, state, since.Days is { } days ? time.GetUtcNow().AddDays(-days) : null, cancel)
            : at.Validity == state.UidValidity ? at
            : await BeginAgainAsync(imap, state, at, cancel);
        if (_state?.UidValidity != state.UidValidity) (_state, _found, _searchedTo, _isAtEnd) = (state, new(), place.Uid, false);
        if (_found.Count == 0 && !_isAtEnd && IsIdle(place, _state)) _isAtEnd = true;
        if (_found.Count == 0 && !_isAtEnd) await SearchAsync(imap, place, cancel);
        List<uint> uids = Take(max);
        List<ListedId> ids = uids.Count == 0 ? [] : await FactsAsync(imap, place, uids, maxBytes, cancel);
        place = place with { Uid = uids.Count > 0 ? uids[^1] : place.Uid, Next = 0 };
        bool more = _found.Count > 0 || !_isAtEnd;
        return (ids, more ? place : place with { Next = _state.UidNext }, more);
    }

    private static bool IsIdle(ImapPlace place, ImapFolderState state) => state.UidNext > 0 && state.UidNext == place.Next;

    private async Task<ImapPlace> BeginAsync(ImapConnection imap, ImapFolderState state, DateTimeOffset? from, CancellationToken cancel)
    {
        if (from is not { } begin) return new ImapPlace(ordinal, state.UidValidity, 0);
        uint next = state.UidNext > 0 ? state.UidNext : (await imap.FetchEdgeUidAsync(last: true, cancel) ?? 0) + 1;
        return new ImapPlace(ordinal, state.UidValidity, since == BackFill.FromNow && !Resynced ? next - 1 : 0, 0, next, begin.ToUnixTimeSeconds());
    }

    // All is listed again that was ever to be; what the desk has it knows by its content.
    private Task<ImapPlace> BeginAgainAsync(ImapConnection imap, ImapFolderState state, ImapPlace at, CancellationToken cancel)
    {
        // A server that now and then forgets to name its generation must not make us read everything each time.
        if (state.UidValidity == 0) throw new NotNowException("imap-no-uidvalidity");
        Resynced = true;
        return BeginAsync(imap, state, at.Since == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(at.Since), cancel);
    }

    private async Task SearchAsync(ImapConnection imap, ImapPlace place, CancellationToken cancel)
    {
        uint from = Math.Max(_searchedTo, place.Uid) + 1;
        uint last = _state!.UidNext > 0 ? _state.UidNext - 1 : uint.MaxValue;
        if (place.Uid == 0 && _state.Exists > MostInOneSearch) from = Math.Max(from, await imap.FetchEdgeUidAsync(last: false, cancel) ?? 0);
        for (ulong width = MostInOneSearch; _found.Count == 0 && !_isAtEnd; width *= 4)
        {
            // Mail from before the mailbox was connected is asked for by its date.
            bool isOld = from < place.Old;
            ulong end = _state.Exists <= MostInOneSearch || last == uint.MaxValue ? uint.MaxValue : Math.Min(last, from + width - 1);
            if (isOld) end = Math.Min(end, place.Old - 1);
            // Mail that comes while we read has a number beyond the last that is known.
            uint? to = end >= last ? null : (uint)end;
            DateTimeOffset? day = isOld ? DateTimeOffset.FromUnixTimeSeconds(place.Since) - DayMargin : null;
            _found = new(await imap.SearchUidsAsync(from, to, day, cancel));
            _isAtEnd = to is null;
            _searchedTo = to ?? uint.MaxValue - 1;
            from = _searchedTo + 1;
        }
    }

    private List<uint> Take(int max)
    {
        List<uint> uids = new(Math.Min(max, _found.Count));
        while (uids.Count < max && _found.TryDequeue(out uint uid)) uids.Add(uid);
        return uids;
    }

    /// <summary>Sizes and times of a page, which ends early where it would grow too large; <paramref name="uids"/> are what it covers.</summary>
    private async Task<List<ListedId>> FactsAsync(ImapConnection imap, ImapPlace place, List<uint> uids, long maxBytes, CancellationToken cancel)
    {
        Dictionary<uint, ImapMessageFacts> facts = await TryFactsAsync(imap, uids, cancel);
        List<ListedId> ids = [];
        long bytes = 0;
        for (int i = 0; i < uids.Count; i++)
        {
            // Without an answer it is listed all the same: gone or not, it has to end in the journal.
            ImapMessageFacts known = facts.GetValueOrDefault(uids[i]);
            bytes += known.Size ?? 0;
            if (i > 0 && bytes > maxBytes)
            {
                _found = new([.. uids.Skip(i), .. _found]);
                uids.RemoveRange(i, uids.Count - i);
                break;
            }

            if (uids[i] < place.Old && known.Received < DateTimeOffset.FromUnixTimeSeconds(place.Since) - ClockMargin) continue;
            ids.Add(new ListedId(new ImapMailId(ordinal, place.Validity, uids[i]).ToString(), known.Received, known.Size));
        }

        return ids;
    }

    // One message that the server cannot even speak of must not hide the others: then they are listed without sizes.
    private static async Task<Dictionary<uint, ImapMessageFacts>> TryFactsAsync(ImapConnection imap, List<uint> uids, CancellationToken cancel)
    {
        Dictionary<uint, ImapMessageFacts> facts = [];
        try
        {
            foreach (ImapMessageFacts one in await imap.FetchFactsAsync(uids, cancel)) facts[one.Uid] = one;
        }
        catch (Exception e) when (e is WireException { Fault: WireFault.Malformed or WireFault.Dropped or WireFault.LineTooLong } or ImapRefusedException { MayPass: false })
        {
            facts.Clear();
        }

        return facts;
    }
}
