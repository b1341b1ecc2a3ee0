using System.Net;
using System.Net.Sockets;

namespace Ingest.Mail.Dns;

/// <summary>
/// Asks recursive resolvers (a stub resolver: RFC 1034 section 5.3.1), follows CNAME chains and remembers what was said, "there is none" included (RFC 2308). Safe for
/// use from several threads.
/// </summary>
/// <param name="options">Whom to ask.</param>
/// <param name="time">For patience and memory.</param>
public sealed class DnsResolver(DnsResolverOptions options, TimeProvider time)
{
    private const int MaxAliases = 8;
    private const int NameError = 3;
    private readonly DnsCache cache = new(options.CacheEntries, time);
    private int preferred;

    /// <summary>Asks; a <see cref="DnsLookup"/>. Lasts servers times rounds times patience at most.</summary>
    public async ValueTask<DnsAnswer> LookupAsync(string name, DnsType type, CancellationToken cancel)
    {
        name = DnsName.Normal(name);
        if (!DnsName.CanBeAsked(name))
            return DnsAnswer.NxDomain;
        if (cache.Find(name, type) is { } known)
            return known;
        var answer = await FollowAsync(name, type, cancel);
        cache.Keep(name, type, answer);
        return answer;
    }

    private async Task<DnsAnswer> FollowAsync(string name, DnsType type, CancellationToken cancel)
    {
        var seconds = int.MaxValue;
        var target = name;
        for (var aliases = 0; aliases <= MaxAliases;)
        {
            var (reply, trouble) = await AskServersAsync(target, type, cancel);
            if (reply is null)
                return trouble;
            var before = aliases;
            while (type != DnsType.Cname && aliases <= MaxAliases && reply.Records.Find(record => record.Type == DnsType.Cname && record.Owner == target) is { } alias)
            {
                target = (string)alias.Data;
                seconds = Math.Min(seconds, alias.Seconds);
                aliases++;
            }
            var found = reply.Records.FindAll(record => record.Type == type && record.Owner == target);
            if (found.Count > 0)
                return Answer(type, found, Math.Min(seconds, found.Min(static record => record.Seconds)));
            if (reply.Code == NameError)
                return Negative(DnsAnswer.NxDomain, reply, seconds);
            // A server that only knows its own zones ends at the alias; a resolver says that there is nothing behind it.
            if (aliases == before || reply.NegativeSeconds is not null || !DnsName.CanBeAsked(target))
                return Negative(DnsAnswer.NoData, reply, seconds);
        }
        return DnsAnswer.ServFail;
    }

    private async Task<(DnsReply? Reply, DnsAnswer Trouble)> AskServersAsync(string name, DnsType type, CancellationToken cancel)
    {
        var trouble = DnsAnswer.TimeOut;
        for (var attempt = 0; attempt < options.Rounds * options.Servers.Count; attempt++)
        {
            var place = Volatile.Read(ref preferred);
            using var patience = new CancellationTokenSource(options.Patience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
            try
            {
                var reply = await DnsExchange.AskAsync(options.Servers[place], name, type, both.Token);
                if (reply is { Code: 0 or NameError, IsBroken: false })
                    return (reply, trouble);
                trouble = DnsAnswer.ServFail;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Too slow: the next one.
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Not there, or it hung up: the next one.
            }
            Interlocked.CompareExchange(ref preferred, (place + 1) % options.Servers.Count, place);
        }
        return (null, trouble);
    }

    private DnsAnswer Answer(DnsType type, List<DnsRecord> records, int seconds)
    {
        var answer = new DnsAnswer(DnsStatus.Answer) { TimeToLive = Least(seconds, options.LongestCached) };
        return type switch
        {
            DnsType.Txt => answer with { Texts = records.ConvertAll(static record => (string)record.Data) },
            DnsType.Mx => answer with { Exchanges = [.. records.Select(static record => (MailExchange)record.Data).OrderBy(static mx => mx.Preference)] },
            DnsType.A or DnsType.Aaaa => answer with { Addresses = records.ConvertAll(static record => (IPAddress)record.Data) },
            DnsType.Ptr or DnsType.Cname => answer with { Names = records.ConvertAll(static record => (string)record.Data) },
        };
    }

    private DnsAnswer Negative(DnsAnswer answer, DnsReply reply, int seconds) =>
        answer with { TimeToLive = Least(Math.Min(reply.NegativeSeconds ?? 0, seconds), options.LongestNegative) };

    private static TimeSpan Least(int seconds, TimeSpan most) => TimeSpan.FromSeconds(Math.Min(seconds, most.TotalSeconds));
}
