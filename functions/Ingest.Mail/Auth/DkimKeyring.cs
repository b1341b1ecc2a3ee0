using System.Collections.Concurrent;
using Ingest.Mail.Dns;

namespace Ingest.Mail.Auth;

/// <summary>Fetches public keys; those read stay read, by their text, so that a key that changes in DNS is another key at once. Safe for use from several threads.</summary>
internal sealed class DkimKeyring(DnsLookup dns)
{
    // About 1 MB. Busy senders come back at once when all are forgotten.
    private const int MaxKeys = 500;
    private readonly ConcurrentDictionary<string, DkimPublicKey> keys = new(StringComparer.Ordinal);

    public async ValueTask<DkimPublicKey> FetchAsync(string domain, string selector, CancellationToken cancel)
    {
        var name = DnsName.Normal($"{selector}._domainkey.{domain}");
        if (!DnsName.CanBeAsked(name))
            return DkimPublicKey.Broken(DkimFault.NoKey);
        var answer = await dns(name, DnsType.Txt, cancel);
        if (answer.IsTrouble)
            return DkimPublicKey.Broken(DkimFault.DnsTrouble);
        if (answer.Texts.Count == 0)
            return DkimPublicKey.Broken(DkimFault.NoKey);
        // Several records are undefined (RFC 6376 section 3.6.2.2): the first that is a key.
        var text = answer.Texts.FirstOrDefault(static record => record.Contains("p=", StringComparison.Ordinal)) ?? answer.Texts[0];
        if (keys.TryGetValue(text, out var known))
            return known;
        if (keys.Count >= MaxKeys)
            keys.Clear();
        return keys.GetOrAdd(text, DkimPublicKey.Parse);
    }
}
