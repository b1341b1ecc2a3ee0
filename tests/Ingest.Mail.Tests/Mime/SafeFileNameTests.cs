using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class SafeFileNameTests
{
    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Temp\\a.doc", "a.doc")]
    [InlineData("con", "_con")]
    [InlineData("CON.txt", "_CON.txt")]
    [InlineData("con .tar.gz", "_con .tar.gz")]
    [InlineData("lpt\u00B9.txt", "_lpt\u00B9.txt")]
    [InlineData("CONOUT$", "_CONOUT$")]
    [InlineData("contract.pdf", "contract.pdf")]
    [InlineData("a\u202efdp.exe", "afdp.exe")]
    [InlineData("a\u2066b\u2069\u200f.txt", "ab.txt")]
    [InlineData("a\r\nb\0c\u0085d.txt", "abcd.txt")]
    [InlineData("...", "attachment.pdf")]
    [InlineData("", "attachment.pdf")]
    [InlineData("..", "attachment.pdf")]
    [InlineData("name. . .", "name")]
    [InlineData("invoice.pdf                                   .exe", "invoice.pdf .exe")]
    [InlineData("invoice.pdf.exe", "invoice.pdf.exe")]
    [InlineData("-rf.txt", "_-rf.txt")]
    [InlineData("a<b>|c?:\"*.pdf", "a_b__c____.pdf")]
    [InlineData("cafe\u0301.txt", "café.txt")]
    [InlineData("日本語 👍.pdf", "日本語 👍.pdf")]
    [InlineData(".htaccess", "htaccess")]
    public void Names_are_made_safe_and_keep_what_is_harmless(string name, string safe) => Assert.Equal(safe, SafeFileName.Of(name, "application/pdf"));

    [Fact]
    public void Long_names_are_cut_by_bytes_and_keep_their_extension()
    {
        var name = SafeFileName.Of(string.Concat(Enumerable.Repeat("日本👍", 100)) + ".pdf", "application/pdf");
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 190, 200);
        Assert.EndsWith(".pdf", name, StringComparison.Ordinal);
        Assert.DoesNotContain('\ufffd', name);
    }

    [Fact]
    public void Any_name_is_safe_and_stays_the_same_when_made_safe_again() =>
        Prop.ForAll(Gen.Elements("a", ".", " ", "/", "\\", "con", "com1", "nul", "\u202e", "\r\n", "\0", "\u0301", "e", "é", "日", "👍", "\ud83d", "\udc4d", "\u212b", "-", ":", "\u00a0", "\u3000", "\ufdfa", "\u2126", new string('x', 90), "%", "$", "\u037e").ListOf().ToArbitrary(), static pieces =>
        {
            var safe = SafeFileName.Of(string.Concat(pieces), "image/png");
            Assert.Equal(safe, SafeFileName.Of(safe, "image/png"));
            Assert.InRange(Encoding.UTF8.GetByteCount(safe), 1, 200);
            Assert.True(safe.IsNormalized(NormalizationForm.FormC));
            Assert.Equal(safe, safe.Trim(' ', '.'));
            Assert.DoesNotContain(safe, static c => "/\\:*?\"<>|\r\n\0".Contains(c));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
