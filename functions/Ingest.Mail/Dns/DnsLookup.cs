namespace Ingest.Mail.Dns;

/// <summary>
/// Asks DNS for the records of one type; CNAME chains are followed. What DNS says, trouble included, is the answer: only cancellation throws. An implementation
/// bounds its own time.
/// </summary>
public delegate ValueTask<DnsAnswer> DnsLookup(string name, DnsType type, CancellationToken cancel);
