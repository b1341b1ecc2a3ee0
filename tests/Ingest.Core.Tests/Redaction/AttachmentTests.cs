using System.Text;
using System.Text.Json;
using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

public sealed class AttachmentTests
{
    private static (string Text, RedactedAttachment Result) Masked(string contentType, string content, Encoding? encoding = null)
    {
        encoding ??= Encoding.UTF8;
        RedactedAttachment result = Redact.Attachment(contentType, encoding.GetBytes(content), RedactionPolicy.Default);
        return (encoding.GetString(result.Content), result);
    }

    [Fact]
    public void Text_and_csv_are_masked()
    {
        Assert.Equal("name;card\nAda;••••••••••••1111\n", Masked("text/csv; charset=utf-8", "name;card\nAda;4111111111111111\n").Text);
        Assert.Equal("•••• •••• •••• 1111", Masked("text/plain", "4111 1111 1111 1111").Text);
        Assert.Equal("••••••••••••1111", Masked("application/octet-stream", "4111111111111111").Text);
    }

    [Fact]
    public void Json_stays_json()
    {
        (string text, RedactedAttachment result) = Masked("application/json", """{"a":4111111111111111,"b":"x \" 4111 1111 1111 1111","c":[5555555555554444,1]}""");
        using JsonDocument json = JsonDocument.Parse(text);
        Assert.Equal("••••••••••••1111", json.RootElement.GetProperty("a").GetString());
        Assert.Equal("x \" •••• •••• •••• 1111", json.RootElement.GetProperty("b").GetString());
        Assert.Equal("••••••••••••4444", json.RootElement.GetProperty("c")[0].GetString());
        Assert.Equal(3, result.Findings.Count);
        Assert.True(result.LookedInto);
    }

    [Fact]
    public void Html_keeps_its_tags() => Assert.Equal("<p>••••<b>••••</b>••••1111</p>", Masked("text/html", "<p>4111<b>1111</b>11111111</p>").Text);

    [Fact]
    public void A_mail_is_masked_across_soft_line_breaks()
    {
        (string text, RedactedAttachment result) = Masked("message/rfc822", "Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCard 4111=20111=\r\n111111111 or 411111=\r\n1111111111\r\n");
        Assert.Contains("Card XXXX XXXXXXXX1111 or XXXXXXXXXXXX1111", text, StringComparison.Ordinal);
        Assert.True(result.LookedInto);
        Assert.True(Masked("message/rfc822", "Content-Transfer-Encoding: base64\r\n\r\nNDExMQ==").Result.LookedInto);
    }

    [Fact]
    public void Encodings_are_kept()
    {
        Assert.Equal("\uFEFF••••••••••••1111", Masked("text/plain", "\uFEFF4111111111111111", Encoding.Unicode).Text);
        byte[] latin = Encoding.Latin1.GetBytes("Müller 4111111111111111");
        Assert.Equal("Müller XXXXXXXXXXXX1111", Encoding.Latin1.GetString(Redact.Attachment("text/plain", latin, RedactionPolicy.Default).Content));
    }

    [Fact]
    public void What_cannot_be_read_is_said_not_to_be_looked_into()
    {
        byte[] pdf = [.. "%PDF-1.7 4111111111111111"u8];
        RedactedAttachment result = Redact.Attachment("application/pdf", pdf, RedactionPolicy.Default);
        Assert.Equal(UnreadReason.Damaged, result.Unread);
        Assert.Same(pdf, result.Content);
        Assert.False(Redact.Attachment("application/octet-stream", [0, 1, 2], RedactionPolicy.Default).LookedInto);
    }

    [Fact]
    public void Content_without_findings_is_returned_as_it_is()
    {
        byte[] content = [.. "hello"u8];
        RedactedAttachment result = Redact.Attachment("text/plain", content, RedactionPolicy.Default);
        Assert.Same(content, result.Content);
        Assert.True(result.LookedInto);
    }
}
