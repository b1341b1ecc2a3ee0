using Ingest.Core.Pipeline;
using Ingest.Mail.Imap;
using Ingest.Mail.Wire;

namespace Ingest.Core.Mailboxes;

/// <summary>
/// Brings messages of one folder and generation. An answer that makes no sense, or a connection that breaks at one message, does not keep from the others:
/// it is asked for again, alone, and when it fails each time while another message comes, it is refused. Silence and limits are never one message's fault.
/// </summary>
internal sealed class ImapFetching(ImapSession session, string folder, uint validity, TimeProvider time)
{
    /// <summary>Longer messages are fetched in pieces.</summary>
    private const long Large = 8 * 1024 * 1024;

    private const int MostSuspects = 3, TriesAlone = 2;
    private readonly Dictionary<uint, FetchedMail> _done = [];
    private readonly List<uint> _suspects = [];
    private NotNowException? _trouble;

    /// <summary>The messages, or why there are none; throws <see cref="NotNowException"/> when the moment is to blame or nobody knows.</summary>
    public async Task<IReadOnlyDictionary<uint, FetchedMail>> RunAsync(IReadOnlyList<(uint Uid, long? Size)> wanted, CancellationToken cancel)
    {
        List<uint> left = [];
        foreach ((uint uid, long? size) in wanted)
        {
            if (size > Large) await TakeLargeOrSuspectAsync(uid, size.Value, cancel);
            else left.Add(uid);
        }

        // Answers come in order: when the connection breaks, the first that is missing is the one to look at.
        while (left.Count > 0)
        {
            bool ended = await TryAsync(imap => TakeAsync(imap, left, cancel), cancel);
            left.RemoveAll(_done.ContainsKey);
            if (ended)
            {
                await TakeMissingAsync(left, cancel);
                break;
            }

            if (left.Count == 0) break;
            if (!await TakeAloneAsync(left[0], cancel)) Suspect(left[0]);
            left.RemoveAt(0);
        }

        foreach (uint suspect in _suspects) await JudgeAsync(suspect, cancel);
        return _done;
    }

    private async Task TakeLargeOrSuspectAsync(uint uid, long size, CancellationToken cancel)
    {
        bool taken = await TryAsync(async imap =>
        {
            if (await imap.FetchLargeMailAsync(uid, size, FetchedMail.MaxRawBytes, cancel) is { } mail) Note(mail);
        }, cancel);
        if (!taken) Suspect(uid);
        else if (!_done.ContainsKey(uid)) await TakeMissingAsync([uid], cancel);
    }

    // What the server left out is gone, or could not be told.
    private async Task TakeMissingAsync(List<uint> left, CancellationToken cancel)
    {
        if (left.Count == 0) return;
        HashSet<uint> there = [];
        await OrNotNowAsync(async imap => there = [.. await imap.SearchUidsAmongAsync(left, cancel)], cancel);
        foreach (uint uid in left)
        {
            if (!there.Contains(uid)) _done[uid] = FetchedMail.Vanished;
            else if (!await TakeAloneAsync(uid, cancel)) Suspect(uid);
        }
    }

    private async Task<bool> TakeAloneAsync(uint uid, CancellationToken cancel) =>
        await TryAsync(imap => TakeAsync(imap, [uid], cancel), cancel) && _done.ContainsKey(uid);

    private void Suspect(uint uid)
    {
        _suspects.Add(uid);
        if (_suspects.Count > MostSuspects) throw _trouble ?? new NotNowException("imap-no-body");
    }

    // A fault that comes and goes hits the witness, too, or leaves the suspect out.
    private async Task JudgeAsync(uint suspect, CancellationToken cancel)
    {
        for (int tries = 0; tries < TriesAlone; tries++)
        {
            if (await TakeAloneAsync(suspect, cancel)) return;
            if (await FindWitnessAsync(suspect, cancel) is not { } witness) throw _trouble ?? new NotNowException("imap-no-body");
            bool speaks = false;
            await OrNotNowAsync(async imap =>
            {
                await foreach (ImapMail mail in imap.FetchMailAsync([witness], FetchedMail.MaxRawBytes, cancel)) speaks |= mail.Body == ImapBody.Complete;
            }, cancel);
            if (!speaks) throw _trouble ?? new NotNowException("imap-no-body");
        }

        _done[suspect] = FetchedMail.Refused;
    }

    // The smallest that came, or else one from either end of the folder.
    private async Task<uint?> FindWitnessAsync(uint suspect, CancellationToken cancel)
    {
        if (_done.Where(mail => mail.Value.Kind == FetchKind.Fetched).OrderBy(mail => mail.Value.Raw.Length).Select(mail => (uint?)mail.Key).FirstOrDefault() is { } known) return known;
        uint? found = null;
        await OrNotNowAsync(async imap =>
        {
            found = await imap.FetchEdgeUidAsync(last: false, cancel);
            if (found == suspect) found = await imap.FetchEdgeUidAsync(last: true, cancel);
        }, cancel);
        return found == suspect ? null : found;
    }

    private async Task TakeAsync(ImapConnection imap, IReadOnlyList<uint> uids, CancellationToken cancel)
    {
        await foreach (ImapMail mail in imap.FetchMailAsync(uids, FetchedMail.MaxRawBytes, cancel)) Note(mail);
    }

    private void Note(ImapMail mail)
    {
        if (mail.Body == ImapBody.Missing) return;
        _done[mail.Uid] = mail.Body == ImapBody.TooLarge ? FetchedMail.Refused : new FetchedMail(FetchKind.Fetched, mail.Raw, mail.Received ?? time.GetUtcNow());
    }

    /// <summary>False when the server refused or the connection broke in a way that one message may be the cause of.</summary>
    private async Task<bool> TryAsync(Func<ImapConnection, Task> work, CancellationToken cancel)
    {
        ImapConnection imap = await OpenAsync(cancel);
        try
        {
            await work(imap);
            return true;
        }
        catch (Exception e) when (e is WireException { Fault: WireFault.Dropped or WireFault.Malformed or WireFault.LineTooLong } or ImapRefusedException { Reason: not ImapRefusal.Limit })
        {
            _trouble = ImapSession.NotNow(e);
            return false;
        }
        catch (Exception e) when (e is WireException or ImapRefusedException)
        {
            throw ImapSession.NotNow(e);
        }
    }

    private async Task OrNotNowAsync(Func<ImapConnection, Task> work, CancellationToken cancel)
    {
        if (!await TryAsync(work, cancel)) throw _trouble!;
    }

    private async Task<ImapConnection> OpenAsync(CancellationToken cancel)
    {
        try
        {
            (ImapConnection imap, ImapFolderState state) = await session.OpenAsync(folder, anew: false, cancel);
            return state.UidValidity == validity ? imap : throw new GenerationOverException();
        }
        catch (Exception e) when (e is WireException or ImapRefusedException)
        {
            throw ImapSession.NotNow(e);
        }
    }
}

/// <summary>The folder's UIDs mean other messages now; those that were asked for are listed again under new ones.</summary>
internal sealed class GenerationOverException : Exception;
