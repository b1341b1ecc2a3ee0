using Ingest.Core.Policies;
using Xunit;

namespace Ingest.Core.Tests.Policies;

public sealed class SenderListTests
{
    [Theory]
    [InlineData("ada@example.com")]
    [InlineData("ADA@EXAMPLE.COM")]
    [InlineData("example.com")]
    [InlineData("*@example.com")]
    [InlineData("a*a@example.com")]
    [InlineData("*.com")]
    [InlineData("exam*.com")]
    public void Lists_name_senders_by_address_domain_or_wildcard(string entry) => Assert.True(SenderList.Matches([entry], "ada@example.com"));

    [Theory]
    [InlineData("example.co")]
    [InlineData("*.example.com")]
    [InlineData("da@example.com")]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("evil-example.com")]
    public void Other_entries_name_someone_else(string entry) => Assert.False(SenderList.Matches([entry], "ada@example.com"));
}
