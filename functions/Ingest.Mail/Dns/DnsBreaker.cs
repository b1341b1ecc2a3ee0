namespace Ingest.Mail.Dns;

/// <summary>
/// Spares those who ask a resolver that is away the wait: once it is known to be silent, every question is answered with a time-out at once, and one in a while looks
/// whether it is back. A domain whose servers are slow does not count, however often somebody asks for it. Safe for use from several threads.
/// </summary>
/// <param name="dns">Whom to ask.</param>
/// <param name="time">For the rest.</param>
public sealed class DnsBreaker(DnsLookup dns, TimeProvider time)
{
    /// <summary>So many time-outs in a row raise the suspicion.</summary>
    public const int Suspicious = 2;

    /// <summary>How long a silent resolver is left alone.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    // Every resolver answers for this one by itself (RFC 6761 section 6.4): if it does not, it is the resolver that is away.
    private const string KnownToAll = "invalid";

    private readonly Lock gate = new();
    private int silent;
    private bool isLooking;
    private DateTimeOffset until;

    /// <summary>Asks; a <see cref="DnsLookup"/>.</summary>
    public async ValueTask<DnsAnswer> LookupAsync(string name, DnsType type, CancellationToken cancel)
    {
        if (time.GetUtcNow() < Until)
            return DnsAnswer.TimeOut;
        if (silent >= Suspicious && !await IsThereAsync(cancel))
            return DnsAnswer.TimeOut;
        var answer = await dns(name, type, cancel);
        if (answer.Status != DnsStatus.TimeOut)
            Interlocked.Exchange(ref silent, 0);
        else if (Interlocked.Increment(ref silent) >= Suspicious)
            await IsThereAsync(cancel);
        return answer;
    }

    private DateTimeOffset Until
    {
        get
        {
            lock (gate)
                return until;
        }
    }

    // One looks; whoever comes meanwhile does not wait for what it will find.
    private async Task<bool> IsThereAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            if (isLooking || time.GetUtcNow() < until)
                return false;
            isLooking = true;
        }
        var isThere = false;
        try
        {
            isThere = (await dns(KnownToAll, DnsType.A, cancel)).Status != DnsStatus.TimeOut;
            Interlocked.Exchange(ref silent, isThere ? 0 : Suspicious);
        }
        finally
        {
            lock (gate)
            {
                isLooking = false;
                until = isThere || cancel.IsCancellationRequested ? until : time.GetUtcNow() + Rest;
            }
        }
        return isThere;
    }
}
