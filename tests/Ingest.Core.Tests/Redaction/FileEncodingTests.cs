using System.Text;
using Ingest.Core.Redaction;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Text that is stored otherwise than it is seen.</summary>
public sealed class FileEncodingTests
{
    private const string Card = "4556737586899855";

    private static RedactedAttachment Masked(string name, byte[] content, string type = "") => Redact.Attachment(type, content, RedactionPolicy.Default, null, name);

    [Theory]
    [InlineData("IBM037")]
    [InlineData("IBM500")]
    [InlineData("IBM273")]
    public void Text_of_mainframes_is_read_and_stays_what_it_is(string charset)
    {
        Encoding ebcdic = PartEdit.FindEncoding(charset)!;
        byte[] content = ebcdic.GetBytes($"Dear Sir or Madam\u0085please charge my card {Card} for the order of last week\u0085Thank you very much"), masked = Masked("a.txt", content).Content;
        Assert.Equal(content.Length, masked.Length);
        Assert.DoesNotContain(Card, ebcdic.GetString(masked), StringComparison.Ordinal);
        Assert.Contains("please charge my card", ebcdic.GetString(masked), StringComparison.Ordinal);
        byte[] clean = ebcdic.GetBytes("Dear Sir or Madam, nothing is to be found here, thank you very much");
        Assert.Same(clean, Masked("a.txt", clean).Content);
    }

    [Fact]
    public void A_million_plus_signs_hide_no_shifted_letters_and_are_read_to_their_end()
    {
        string text = new string('+', 1_000_000) + " my card +ADQANQA1ADYANwAzADcANQA4ADYAOAA5ADkAOAA1ADU- ok";
        Assert.DoesNotContain("ADQANQA1", Encoding.UTF8.GetString(Masked("a.txt", Encoding.ASCII.GetBytes(text)).Content), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("my card +ADQANQA1ADYANwAzADcANQA4ADYAOAA5ADkAOAA1ADU- ok")]
    [InlineData("my card 4556+AC0-7375+AC0-8689+AC0-9855 ok")]
    [InlineData("my card +ADQ-556+ADc-375+ADg-689+ADk-855 ok")]
    public void Letters_shifted_as_in_utf_7_are_read(string text)
    {
        byte[] masked = Masked("a.txt", Encoding.ASCII.GetBytes(text)).Content;
        Assert.StartsWith("my card ", Encoding.UTF8.GetString(masked), StringComparison.Ordinal);
        Assert.DoesNotContain("556", Encoding.UTF8.GetString(masked), StringComparison.Ordinal);
        Assert.DoesNotContain("ADQANQA1", Encoding.UTF8.GetString(masked), StringComparison.Ordinal);
        MailMessage mail = MailMessage.Parse(Encoding.ASCII.GetBytes($"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n{text}\r\n"));
        Assert.Contains(Redact.Apply(mail, RedactionPolicy.Default).Findings, f => f.Type == FindingType.Card);
    }

    [Theory]
    [InlineData("C++abc, 1+1, a+bcd, +49-30-1, x+AAA- and +")]
    [InlineData("see https://example.com/?q=a+bcd+efg+hij")]
    public void Plus_signs_are_plus_signs(string text) => Assert.Equal(text, Redact.Text(text, RedactionPolicy.Default).Text);

    [Fact]
    public void Letters_that_are_drawn_backwards_are_read_as_they_are_seen()
    {
        string turned = string.Concat(Card.Reverse());
        Assert.DoesNotContain(turned, Redact.Text($"card \u202E{turned}\u202C ok", RedactionPolicy.Default).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(turned, Redact.Html($"<p>card <bdo dir=\"rtl\">{turned}</bdo> ok</p>", RedactionPolicy.Default).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("gro.elpmaxe@ada", Redact.Html("<p>mail <bdo dir=rtl>gro.elpmaxe@ada</bdo> ok</p>", RedactionPolicy.Default).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Web_archives_are_mails_also_within_a_document()
    {
        byte[] archive = Encoding.ASCII.GetBytes("Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>4556<b>7375</b>86899855</p>\r\n--x--\r\n");
        Assert.Single(Masked("a.mht", archive).Findings);
        Assert.Single(Masked("a.docx", OfficeFixtures.Zip([("[Content_Types].xml", "<Types/>"u8.ToArray()), ("word/document.xml", "<w:p/>"u8.ToArray()), ("word/afchunk.mht", archive)])).Findings);
    }

    [Theory]
    [InlineData("CONCATENATE(\"4556\",\"7375\",\"8689\",\"9855\")")]
    [InlineData("\"4556\"&amp;\"7375\"&amp;\"86899855\"")]
    public void What_a_formula_puts_together_is_read(string formula)
    {
        RedactedAttachment masked = Masked("a.xlsx", OfficeFixtures.Excel($"<c r=\"A1\" t=\"str\"><f>{formula}</f><v></v></c>"));
        Assert.Equal(FileState.Masked, masked.State);
    }
}
