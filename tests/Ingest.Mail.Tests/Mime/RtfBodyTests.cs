using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Mail.Tests.Mime;

public sealed class RtfBodyTests
{
    [Theory]
    [InlineData("{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 Hello\\par world}", "Hello\nworld\n")]
    [InlineData("{\\rtf1\\ansicpg1251 \\'cf\\'f0\\'e8\\'e2\\'e5\\'f2}", "Привет\n")]
    [InlineData("{\\rtf1\\ansicpg932 \\'93\\'fa\\'96\\'7b}", "日本\n")]
    [InlineData("{\\rtf1 caf\\u233? \\u-10179?\\u-9138? \\{x\\}}", "café 👎 {x}\n")]
    [InlineData("{\\rtf1 a{\\*\\generator Riched20 5;}b{\\pict 00ff}c\\bin3 }}}d", "abcd\n")]
    [InlineData("{\\rtf1}", "")]
    public void Text_is_what_a_reader_sees(string rtf, string text) => Assert.Equal((text, null), RtfBody.Read(Encoding.ASCII.GetBytes(rtf)));

    [Fact]
    public void Html_in_rtf_is_html() => Assert.Equal(
        (null, "<p>Hello <b>you &amp; me</b></p>"),
        RtfBody.Read(Encoding.ASCII.GetBytes("{\\rtf1\\ansi\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Hello {\\*\\htmltag84 <b>}\\htmlrtf {\\b\\htmlrtf0 you {\\*\\htmltag84 &amp;}\\htmlrtf &\\htmlrtf0  me\\htmlrtf }\\htmlrtf0 {\\*\\htmltag92 </b>}\\htmlrtf\\par}\\htmlrtf0\n{\\*\\htmltag72 </p>}}")));

    [Theory]
    [InlineData("")]
    [InlineData("plain text")]
    public void What_is_no_rtf_has_no_body(string text) => Assert.Equal((null, null), RtfBody.Read(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Any_rtf_has_a_body_no_longer_than_itself() =>
        Prop.ForAll(Gen.Elements("{", "}", "\\par", "\\'e9", "\\'", "\\u233?", "\\u-", "\\uc9", "\\*", "\\htmltag", "\\htmlrtf", "\\fromhtml1", "\\bin9", "\\bin-9", "\\", " ", "x", "é", "\\ansicpg65001", "\\ansicpg99999999999").ListOf().ToArbitrary(), static pieces =>
        {
            var rtf = "{\\rtf1" + string.Concat(pieces);
            var (text, html) = RtfBody.Read(Encoding.UTF8.GetBytes(rtf));
            Assert.True((text ?? html)!.Length <= Encoding.UTF8.GetByteCount(rtf));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
