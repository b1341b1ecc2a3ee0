using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Dns;
using Ingest.Mail.Tests.Wire;
using Xunit;

namespace Ingest.Mail.Tests.Dns;

public sealed class DnsResolverTests
{
    [Fact]
    public async Task Answers_that_are_not_to_the_question_are_not_listened_to()
    {
        await using var server = new NameServer(static question =>
        {
            var right = Answer(question, 60, 192, 0, 2, 1);
            byte[] wrongId = [(byte)~right[0], .. right[1..]];
            byte[] wrongName = [.. right[..13], (byte)'z', .. right[14..]];
            return [[], right[..11], wrongId, wrongName, question, right];
        });
        Assert.Equal([IPAddress.Parse("192.0.2.1")], (await AskAsync(Resolver([server.EndPoint]), "a.example", DnsType.A)).Addresses);
    }

    [Fact]
    public async Task A_cut_answer_is_fetched_whole_by_TCP()
    {
        await using var server = new NameServer(static question => [Header(question, flags: 0x8380, answers: 0)], static question => Answer(question, 60, 192, 0, 2, 7));
        Assert.Equal([IPAddress.Parse("192.0.2.7")], (await AskAsync(Resolver([server.EndPoint]), "a.example", DnsType.A)).Addresses);
    }

    [Fact]
    public async Task A_server_without_EDNS_is_asked_without_it()
    {
        await using var server = new NameServer(static question => question[11] == 1 ? [Header(question, flags: 0x8181, answers: 0)] : [Answer(question, 60, 192, 0, 2, 8)]);
        Assert.Equal(DnsStatus.Answer, (await AskAsync(Resolver([server.EndPoint]), "a.example", DnsType.A)).Status);
    }

    [Fact]
    public async Task The_next_server_is_asked_when_one_fails_or_talks_nonsense_and_is_kept()
    {
        await using var failing = new NameServer(static question => [Header(question, flags: 0x8182, answers: 0)]);
        await using var broken = new NameServer(static question => [Header(question, flags: 0x8180, answers: 9)]);
        await using var good = new NameServer(static question => [Answer(question, 0, 192, 0, 2, 9)]);
        var resolver = Resolver([failing.EndPoint, broken.EndPoint, good.EndPoint]);
        Assert.Equal(DnsStatus.Answer, (await AskAsync(resolver, "a.example", DnsType.A)).Status);
        Assert.Equal(DnsStatus.Answer, (await AskAsync(resolver, "a.example", DnsType.A)).Status);
        Assert.Equal((1, 1, 2), (failing.Questions, broken.Questions, good.Questions));
    }

    [Fact]
    public async Task Failure_and_silence_are_told_apart()
    {
        await using var failing = new NameServer(static question => [Header(question, flags: 0x8182, answers: 0)]);
        await using var silent = new NameServer(static _ => []);
        Assert.Equal(DnsStatus.ServFail, (await AskAsync(Resolver([failing.EndPoint]), "a.example", DnsType.A)).Status);
        Assert.Equal(DnsStatus.TimeOut, (await AskAsync(Resolver([silent.EndPoint], TimeSpan.FromMilliseconds(50)), "a.example", DnsType.A)).Status);
        // What was sent last may still be on its way to the server's count.
        while (silent.Questions < 2)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        Assert.Equal(2, silent.Questions);
    }

    [Fact]
    public async Task Answers_are_remembered_as_long_as_they_say_and_trouble_is_not()
    {
        var clock = new ManualTime();
        await using var server = new NameServer(static question => [question[12] == 1 ? Answer(question, 60, 192, 0, 2, 1) : Header(question, flags: 0x8183, answers: 0)]);
        var resolver = new DnsResolver(new DnsResolverOptions { Servers = [server.EndPoint], Patience = TimeSpan.FromDays(1) }, clock);
        await AskAsync(resolver, "a.example", DnsType.A);
        await AskAsync(resolver, "A.example.", DnsType.A);
        Assert.Equal(1, server.Questions);
        clock.Advance(TimeSpan.FromSeconds(61));
        await AskAsync(resolver, "a.example", DnsType.A);
        Assert.Equal(2, server.Questions);
        // Without a SOA, nobody said for how long there is none.
        await AskAsync(resolver, "none.example", DnsType.A);
        Assert.Equal(DnsStatus.NxDomain, (await AskAsync(resolver, "none.example", DnsType.A)).Status);
        Assert.Equal(4, server.Questions);
    }

    [Fact]
    public void Memory_has_a_size()
    {
        var cache = new DnsCache(100, new ManualTime());
        for (var i = 0; i < 1000; i++)
            cache.Keep($"{i}.example", DnsType.A, new DnsAnswer(DnsStatus.Answer) { TimeToLive = TimeSpan.FromSeconds(10 + i) });
        var kept = Enumerable.Range(0, 1000).Where(i => cache.Find($"{i}.example", DnsType.A) is not null).ToList();
        Assert.InRange(kept.Count, 50, 100);
        Assert.Contains(999, kept);
    }

    [Fact]
    public void Resolv_conf_is_read()
    {
        var options = DnsResolverOptions.FromResolvConf(["# comment", "nameserver 192.0.2.53", "nameserver nonsense", "  nameserver\t2001:db8::53 ", "options ndots:1 timeout:9 attempts:4", "search example"]);
        Assert.Equal(["192.0.2.53:53", "[2001:db8::53]:53"], options.Servers.Select(static server => server.ToString()));
        Assert.Equal((TimeSpan.FromSeconds(9), 4), (options.Patience, options.Rounds));
        Assert.NotEmpty(DnsResolverOptions.FromSystem().Servers);
    }

    [Fact]
    public void Any_bytes_after_a_header_are_read_to_an_end()
    {
        var pieces = Gen.Elements<byte[]>([0xC0, 0x0C], [0xC0, 0x0D], [0xC0, 0x20], [0xFF, 0xFF], [0], [1, (byte)'a'], [7, .. "example"u8], [63], [64], [0x80], [0, 1, 0, 1], [0, 5, 0, 1], [0, 15, 0, 1], [0, 16, 0, 1], [0, 6, 0, 1], [0, 0, 0, 60], [0, 4], [0, 2], [0xFF, 0xFF], [192, 0, 2, 1], [0xFF]);
        Prop.ForAll(Gen.ArrayOf(pieces).ToArbitrary(), Gen.Choose(0, 5).ToArbitrary(), Gen.Elements(DnsType.A, DnsType.Txt, DnsType.Mx, DnsType.Ptr, DnsType.Cname, DnsType.Aaaa).ToArbitrary(), static (parts, counts, type) =>
        {
            var question = DnsMessage.Question(7, "a.example", type, withEdns: false);
            byte[] message = [.. Header(question, 0x8180, (byte)counts), .. parts.SelectMany(static part => part)];
            var reply = DnsMessage.Read(message, 7, "a.example", type);
            Assert.NotNull(reply);
            Assert.True(reply.Records.Count <= counts);
            Assert.All(reply.Records, static record => Assert.True(record.Owner.Length <= 320));
            for (var at = 0; at < message.Length; at++)
            {
                var place = at;
                DnsMessage.Name(message, ref place);
                Assert.InRange(place, at, message.Length);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Truncated_and_mutated_answers_are_read_to_an_end()
    {
        var whole = Answer(DnsMessage.Question(7, "a.example", DnsType.A, withEdns: true), 60, 192, 0, 2, 1);
        for (var length = 0; length < whole.Length; length++)
            DnsMessage.Read(whole.AsSpan(0, length), 7, "a.example", DnsType.A);
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var message = whole.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            DnsMessage.Read(message, 7, "a.example", DnsType.A);
        }
    }

    [Fact]
    public void A_name_cannot_lead_back_into_itself()
    {
        byte[] loop = [1, (byte)'a', 0xC0, 0, 0xC0, 4, 0xC0, 2];
        foreach (var start in new[] { 0, 4, 6 })
        {
            var at = start;
            Assert.Null(DnsMessage.Name(loop, ref at));
        }
    }

    private static DnsResolver Resolver(IReadOnlyList<IPEndPoint> servers, TimeSpan? patience = null) =>
        new(new DnsResolverOptions { Servers = servers, Patience = patience ?? TimeSpan.FromSeconds(30) }, TimeProvider.System);

    private static ValueTask<DnsAnswer> AskAsync(DnsResolver resolver, string name, DnsType type) => resolver.LookupAsync(name, type, TestContext.Current.CancellationToken);

    // The question given back, with no EDNS.
    private static byte[] Header(byte[] question, ushort flags, byte answers)
    {
        var end = 12;
        while (question[end] != 0)
            end += 1 + question[end];
        return [.. question[..2], (byte)(flags >> 8), (byte)flags, 0, 1, 0, answers, 0, 0, 0, 0, .. question[12..(end + 5)]];
    }

    private static byte[] Answer(byte[] question, byte seconds, params byte[] address) =>
        [.. Header(question, 0x8180, 1), 0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, seconds, 0, (byte)address.Length, .. address];
}
