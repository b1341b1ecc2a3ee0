using FsCheck;
using FsCheck.Fluent;
using Ingest.Core.Pipeline;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Web addresses that nobody can follow by mistake.</summary>
public sealed class DefangTests
{
    [Theory]
    [InlineData("no address here", "no address here")]
    [InlineData("See https://bank.example/login.", "See hxxps://bank[.]example/login.")]
    [InlineData("HTTP://1.2.3.4:80/a.b?c=d.e", "hxxp://1[.]2[.]3[.]4:80/a.b?c=d.e")]
    [InlineData("http://user@evil.example", "hxxp://user@evil[.]example")]
    [InlineData("http https: http:/ x", "http https: http:/ x")]
    [InlineData("http://a.b/?to=https://c.d/", "hxxp://a[.]b/?to=https[:]//c.d/")]
    [InlineData("a http://b.c http://d.e f", "a hxxp://b[.]c hxxp://d[.]e f")]
    public void An_address_is_still_readable_and_leads_nowhere(string text, string defanged) => Assert.Equal(defanged, Defang.Text(text));

    [Fact]
    public void Any_text_comes_out_without_an_address()
    {
        Arbitrary<string> texts = Gen.Elements("http", "https", "://", "s", ".", "/", "a", " ", "\n", "HTTP", "<", "\"", "hxxp", "é").ListOf().Select(string.Concat).ToArbitrary();
        Prop.ForAll(texts, text =>
        {
            string defanged = Defang.Text(text);
            return !defanged.Contains("http://", StringComparison.OrdinalIgnoreCase) && !defanged.Contains("https://", StringComparison.OrdinalIgnoreCase) && Defang.Links(text, text).Count <= 20;
        }).QuickCheckThrowOnFailure();
    }
}
