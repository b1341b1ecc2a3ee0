namespace Ingest.Mail.Dns;

/// <summary>Bounds the time that many questions may take together: when it is over, each is answered with a time-out at once.</summary>
internal sealed class DnsBudget(DnsLookup dns, TimeSpan length, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource over = new(length, time);

    public async ValueTask<DnsAnswer> LookupAsync(string name, DnsType type, CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
        try
        {
            return await dns(name, type, both.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return DnsAnswer.TimeOut;
        }
    }

    public void Dispose() => over.Dispose();
}
