using System.Net;
using System.Text;
using Ingest.Mail.Dns;
using Xunit;

namespace Ingest.Mail.Tests.Dns;

public sealed class DnsTableTests
{
    private const string Zone = """
        { "a.example": { "TXT": ["one", ["tw", "o"]], "MX": [{"preference":20,"exchange":"MX2.example."},{"preference":10,"exchange":"mx1.example"}], "A": ["192.0.2.1"], "AAAA": [], "PTR": ["b.example."] },
          "Alias.example": { "CNAME": "Alias2.example." }, "alias2.example": { "CNAME": "a.example" }, "loop.example": { "CNAME": "loop.example" },
          "fails.example": "SERVFAIL", "late.example": "TIMEOUT" }
        """;

    [Theory]
    [InlineData("a.example", DnsType.Txt, DnsStatus.Answer)]
    [InlineData("A.EXAMPLE.", DnsType.Txt, DnsStatus.Answer)]
    [InlineData("a.example", DnsType.Aaaa, DnsStatus.NoData)]
    [InlineData("alias.example", DnsType.A, DnsStatus.Answer)]
    [InlineData("alias.example", DnsType.Aaaa, DnsStatus.NoData)]
    [InlineData("loop.example", DnsType.A, DnsStatus.ServFail)]
    [InlineData("fails.example", DnsType.A, DnsStatus.ServFail)]
    [InlineData("late.example", DnsType.Mx, DnsStatus.TimeOut)]
    [InlineData("other.example", DnsType.A, DnsStatus.NxDomain)]
    public async Task Kinds_of_answers_are_told_apart(string name, DnsType type, DnsStatus status) =>
        Assert.Equal(status, (await AskAsync(name, type)).Status);

    [Fact]
    public async Task Records_come_typed_and_in_order()
    {
        Assert.Equal(["one", "two"], (await AskAsync("a.example", DnsType.Txt)).Texts);
        Assert.Equal([new MailExchange(10, "mx1.example"), new MailExchange(20, "mx2.example")], (await AskAsync("a.example", DnsType.Mx)).Exchanges);
        Assert.Equal([IPAddress.Parse("192.0.2.1")], (await AskAsync("alias.example", DnsType.A)).Addresses);
        Assert.Equal(["b.example"], (await AskAsync("a.example", DnsType.Ptr)).Names);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{ \"a\": \"SOMETIMES\" }")]
    [InlineData("{ \"a\": { \"A\": [\"x\"] } }")]
    [InlineData("{ \"a\": { \"A\": [\"::1\"] } }")]
    [InlineData("{ \"a\": { \"SRV\": [\"x\"] } }")]
    [InlineData("{ \"a\": { \"MX\": [\"x\"] } }")]
    [InlineData("{ \"a\": { \"TXT\": [1] } }")]
    public void What_is_no_table_is_refused_in_words(string json) =>
        Assert.Contains("DNS table", Assert.Throws<FormatException>(() => DnsTable.Parse(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    private static ValueTask<DnsAnswer> AskAsync(string name, DnsType type) =>
        DnsTable.Parse(Encoding.UTF8.GetBytes(Zone)).LookupAsync(name, type, TestContext.Current.CancellationToken);
}
