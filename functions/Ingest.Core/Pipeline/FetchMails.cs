using System.Runtime.CompilerServices;
using Ingest.Core.Mailboxes;

namespace Ingest.Core.Pipeline;

/// <summary>
/// Fetches a page of mails, a few at a time and no more at once in this process than there is memory for. Only a property of a mail decides its fate:
/// a fetch that fails is trouble of the moment, unless it fails alone between two fetches of another mail that succeed.
/// </summary>
public sealed class FetchMails(TimeProvider time)
{
    // Listings rarely tell a size; few mails are larger than this.
    private const long LikelyBytes = 8 * 1024 * 1024;
    private const long MemoryForFetching = 256L * 1024 * 1024;
    private const long WindowBytes = 16L * 1024 * 1024;
    private const int TriesAlone = 3;
    private static readonly TimeSpan WaitForRoom = TimeSpan.FromMinutes(1);
    private readonly ByteGate _gate = new(MemoryForFetching);

    /// <summary>
    /// Fetches a page, in its order but for the mails found to be to blame, which come last as <see cref="FetchKind.Refused"/>. The room that a chunk takes is
    /// given back when the next one is asked for. Throws <see cref="NotNowException"/> when the moment is to blame, or nobody knows;
    /// without <paramref name="findWhoIsToBlame"/> at the first fetch that fails.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<(ListedId Id, FetchedMail Mail)>> RunAsync(IMailSource source, IReadOnlyList<ListedId> ids, bool findWhoIsToBlame,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        List<(ListedId Id, NotNowException Fault)> suspects = [];
        (ListedId Id, int Length)? witness = null;
        foreach (IReadOnlyList<ListedId> window in Windows(ids, source.MostAtOnce))
        {
            using IDisposable room = await EnterAsync(window.Sum(Weight), cancel);
            IReadOnlyList<(ListedId Id, FetchedMail Mail, NotNowException? Fault)> answers = findWhoIsToBlame
                ? await TryEachAsync(source, window, cancel)
                : [.. (await source.FetchManyAsync(window, cancel)).Select(Taken)];
            foreach ((ListedId id, FetchedMail mail, NotNowException? fault) in answers)
            {
                if (fault is not null) suspects.Add((id, fault));
                else if (mail.Kind == FetchKind.Fetched && (witness is null || mail.Raw.Length < witness.Value.Length)) witness = (id, mail.Raw.Length);
            }

            yield return [.. answers.Where(a => a.Fault is null).Select(a => (a.Id, a.Mail))];
        }

        foreach ((ListedId id, NotNowException fault) in suspects)
        {
            if (witness is not { } good) throw new NotNowException(fault.ReasonCode, fault.RetryAfter);
            using IDisposable room = await EnterAsync(Weight(id), cancel);
            yield return [(id, await JudgeAsync(source, id, good.Id, cancel))];
        }
    }

    private async Task<IDisposable> EnterAsync(long weight, CancellationToken cancel)
    {
        using CancellationTokenSource patience = new(WaitForRoom, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            return await _gate.EnterAsync(weight, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NotNowException("no-room");
        }
    }

    private static long Weight(ListedId id) => Math.Max(0, id.Size ?? LikelyBytes);

    // As many as the source likes while they are small; a few, however large they are.
    private static IEnumerable<IReadOnlyList<ListedId>> Windows(IReadOnlyList<ListedId> ids, int most)
    {
        List<ListedId> window = [];
        long bytes = 0;
        foreach (ListedId id in ids)
        {
            if (window.Count == most || (window.Count >= Math.Min(most, SyncMailbox.FetchesAtOnce) && bytes + Weight(id) > WindowBytes))
            {
                yield return window;
                (window, bytes) = ([], 0);
            }

            window.Add(id);
            bytes += Weight(id);
        }

        if (window.Count > 0) yield return window;
    }

    private static (ListedId Id, FetchedMail Mail, NotNowException? Fault) Taken((ListedId Id, FetchedMail Mail) answer) =>
        (answer.Id, answer.Mail with { Received = ReceivedAt.Storable(answer.Mail.Received) }, null);

    private static async Task<IReadOnlyList<(ListedId Id, FetchedMail Mail, NotNowException? Fault)>> TryEachAsync(IMailSource source, IReadOnlyList<ListedId> window, CancellationToken cancel)
    {
        List<(ListedId Id, FetchedMail Mail, NotNowException? Fault)> answers = [];
        foreach (ListedId[] few in window.Chunk(SyncMailbox.FetchesAtOnce)) answers.AddRange(await Task.WhenAll(few.Select(id => TryAsync(source, id, cancel))));
        return answers;
    }

    private static async Task<(ListedId Id, FetchedMail Mail, NotNowException? Fault)> TryAsync(IMailSource source, ListedId id, CancellationToken cancel)
    {
        try
        {
            return Taken((id, await source.FetchAsync(id, cancel)));
        }
        catch (NotNowException fault) when (!IsTheMoments(fault))
        {
            return (id, FetchedMail.Refused, fault);
        }
    }

    // A fault that comes and goes hits the witness, too, or leaves the suspect out: the verdict takes several rounds.
    private static async Task<FetchedMail> JudgeAsync(IMailSource source, ListedId suspect, ListedId witness, CancellationToken cancel)
    {
        for (int tries = 0; tries < TriesAlone; tries++)
        {
            (_, FetchedMail mail, NotNowException? fault) = await TryAsync(source, suspect, cancel);
            if (fault is null) return mail;
            if ((await source.FetchAsync(witness, cancel)).Kind != FetchKind.Fetched) throw new NotNowException(fault.ReasonCode, fault.RetryAfter);
            // Each one takes minutes, and more of them would outlast the deadline: the mail would be in the way for ever.
            if (IsTimeout(fault)) break;
        }

        return FetchedMail.Refused;
    }

    private static bool IsTimeout(NotNowException fault) => fault.ReasonCode.EndsWith("-timeout", StringComparison.Ordinal);

    // What speaks of the account, of our registration or of the way there is never said of one mail.
    private static bool IsTheMoments(NotNowException fault) =>
        fault.RetryAfter is not null || fault.ReasonCode is "gmail-quota" or "gmail-401" or "gmail-api-disabled" or "google-unreachable" or "google-not-connected"
        || fault.ReasonCode.StartsWith("google-token-", StringComparison.Ordinal) || fault.ReasonCode.StartsWith("google-client-", StringComparison.Ordinal)
        || (IsOfMailServer(fault.ReasonCode) && fault.ReasonCode is not ("wire-dropped" or "wire-malformed" or "wire-line-too-long" or "wire-timeout" or "imap-no-body" or "imap-refused" or "imap-unavailable"));

    private static bool IsOfMailServer(string code) => code.StartsWith("wire-", StringComparison.Ordinal) || code.StartsWith("imap-", StringComparison.Ordinal);
}
