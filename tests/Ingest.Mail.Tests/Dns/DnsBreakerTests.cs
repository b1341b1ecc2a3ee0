using Ingest.Mail.Dns;
using Ingest.Mail.Tests.Wire;
using Xunit;

namespace Ingest.Mail.Tests.Dns;

public sealed class DnsBreakerTests
{
    private readonly ManualTime clock = new();
    private readonly List<string> asked = [];
    private Func<string, DnsAnswer> says = static _ => DnsAnswer.TimeOut;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DnsBreaker Breaker() => new((name, _, _) =>
    {
        asked.Add(name);
        return ValueTask.FromResult(says(name));
    }, clock);

    [Fact]
    public async Task A_resolver_that_is_away_is_left_alone_and_looked_for_now_and_then()
    {
        var breaker = Breaker();
        for (var i = 0; i < 50; i++)
            Assert.Equal(DnsStatus.TimeOut, (await breaker.LookupAsync($"{i}.example", DnsType.Txt, Cancel)).Status);
        Assert.Equal(["0.example", "1.example", "invalid"], asked);

        clock.Advance(DnsBreaker.Rest);
        for (var i = 0; i < 50; i++)
            await breaker.LookupAsync("a.example", DnsType.Txt, Cancel);
        Assert.Equal(["0.example", "1.example", "invalid", "invalid"], asked);

        says = static _ => DnsAnswer.NxDomain;
        clock.Advance(DnsBreaker.Rest);
        Assert.Equal(DnsStatus.NxDomain, (await breaker.LookupAsync("b.example", DnsType.Txt, Cancel)).Status);
        Assert.Equal(["invalid", "b.example"], asked.Skip(4));
    }

    [Fact]
    public async Task A_domain_with_slow_servers_does_not_shut_out_the_others()
    {
        var breaker = Breaker();
        says = static name => name == "slow.example" ? DnsAnswer.TimeOut : DnsAnswer.NoData;
        for (var i = 0; i < 20; i++)
            await breaker.LookupAsync("slow.example", DnsType.Txt, Cancel);
        Assert.Equal(DnsStatus.NoData, (await breaker.LookupAsync("a.example", DnsType.Txt, Cancel)).Status);
        Assert.Equal(20, asked.Count(static name => name == "slow.example"));
    }

    [Fact]
    public async Task Who_gives_up_while_looking_leaves_the_looking_to_the_next()
    {
        using var stop = new CancellationTokenSource();
        var breaker = new DnsBreaker(async (name, _, cancel) =>
        {
            if (name == "invalid" && !stop.IsCancellationRequested)
                await stop.CancelAsync();
            cancel.ThrowIfCancellationRequested();
            return name == "invalid" ? DnsAnswer.NxDomain : DnsAnswer.TimeOut;
        }, clock);
        await breaker.LookupAsync("a.example", DnsType.Txt, Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await breaker.LookupAsync("b.example", DnsType.Txt, stop.Token));
        Assert.Equal(DnsStatus.TimeOut, (await breaker.LookupAsync("c.example", DnsType.Txt, Cancel)).Status);
    }
}
