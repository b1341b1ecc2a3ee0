using FsCheck;
using FsCheck.Fluent;
using Ingest.Core.Keys;
using Xunit;

namespace Ingest.Core.Tests.Keys;

public sealed class EmailIdentityTests
{
    [Theory]
    [InlineData("Jane.Doe+Bills@Example.COM", "jane.doe+bills@example.com")]
    [InlineData("  jane@example.com. ", "jane@example.com")]
    [InlineData("jane@example.com . .", "jane@example.com")]
    [InlineData("jane@bücher.example\u3002", "jane@xn--bcher-kva.example")]
    [InlineData("jane@BÜCHER.example", "jane@xn--bcher-kva.example")]
    [InlineData("jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example")]
    [InlineData("jane@bu\u0308cher.example", "jane@xn--bcher-kva.example")]
    [InlineData("JOSE\u0301@example.com", "jos\u00e9@example.com")]
    [InlineData("\"a@b\"@example.com", "\"a@b\"@example.com")]
    [InlineData("no address", "no address")]
    [InlineData("@", "@")]
    [InlineData("", "")]
    public void An_address_has_one_form(string address, string form) => Assert.Equal(form, EmailIdentity.Normalise(address));

    [Theory]
    [InlineData("a@\uD800")]
    [InlineData("\uDC00@example.com")]
    [InlineData("a@..ü..")]
    [InlineData("a@\u200Fü.example")]
    public void Odd_text_never_throws(string address) => Assert.NotNull(EmailIdentity.Normalise(address));

    [Fact]
    public void Any_text_has_a_form_that_is_its_own_form() =>
        Prop.ForAll<string>(text =>
        {
            string form = EmailIdentity.Normalise(text ?? "");
            return EmailIdentity.Normalise(form) == form;
        }).QuickCheckThrowOnFailure();
}
