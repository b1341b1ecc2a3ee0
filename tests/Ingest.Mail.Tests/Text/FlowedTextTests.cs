using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ingest.Mail.Mime;
using Ingest.Mail.Text;
using Xunit;

namespace Ingest.Mail.Tests.Text;

/// <summary>RFC 3676, rule by rule.</summary>
public sealed class FlowedTextTests
{
    [Theory]
    [InlineData("one \ntwo \nthree\nfour", "one two three\nfour")]
    [InlineData("one\n two\n  three", "one\ntwo\n three")]
    [InlineData("> one \n> two\n>> three \n>> four\nfive", "> one two\n>> three four\nfive")]
    [InlineData(">one \n>two", "> one two")]
    [InlineData("one \n> two \nthree", "one \n> two \nthree")]
    [InlineData("> one \n>> two \n> three", "> one \n>> two \n> three")]
    [InlineData("one \n-- \nAda \nLovelace", "one \n-- \nAda Lovelace")]
    [InlineData("> one \n> -- \n> Bob", "> one \n> -- \n> Bob")]
    [InlineData(" From here\n >no quote\n> quote", "From here\n >no quote\n> quote")]
    [InlineData("one \n\ntwo", "one \n\ntwo")]
    [InlineData("one \n \ntwo", "one \n\ntwo")]
    [InlineData(">\n> \n>> ", ">\n>\n>>")]
    [InlineData("one ", "one ")]
    [InlineData("", "")]
    [InlineData("one  \n two", "one  two")]
    public void Soft_line_breaks_are_joined(string flowed, string text) => Assert.Equal(text, FlowedText.Join(flowed, false));

    [Theory]
    [InlineData("one  \ntwo \nthree", "one twothree")]
    [InlineData("\u65e5\u672c \n\u8a9e\u3067 \n\u3059", "\u65e5\u672c\u8a9e\u3067\u3059")]
    [InlineData("> \u65e5 \n> \u672c\n-- \nAda", "> \u65e5\u672c\n-- \nAda")]
    public void With_DelSp_the_space_before_a_soft_break_goes(string flowed, string text) => Assert.Equal(text, FlowedText.Join(flowed, true));

    [Theory]
    [InlineData("format=flowed; delsp=yes", "ab", "ab")]
    [InlineData("Format=\"Flowed\"", "a b", "a b")]
    [InlineData("format=fixed", "a \nb", "a\nb")]
    public void The_parameters_of_the_part_decide(string parameters, string text, string reply)
    {
        var message = MailMessage.Parse(Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset=us-ascii; {parameters}\r\n\r\na \r\nb"));
        Assert.Equal(text, message.Text);
        Assert.Equal(reply, message.Reply);
    }

    [Fact]
    public void No_text_is_lost_and_every_quoted_line_stays_quoted() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements("a ", "b", "> c ", "> d", ">> e ", ">> f", "", " ", "-- ", " >g", "> ", ">")).ToArbitrary(), static lines =>
        {
            var flowed = string.Join('\n', lines);
            foreach (var deletes in (bool[])[false, true])
            {
                var text = FlowedText.Join(flowed, deletes);
                Assert.Equal(flowed.Where(char.IsLetter), text.Where(char.IsLetter));
                Assert.All(text.Split('\n').Where(static l => l.AsSpan().ContainsAny("cdef")), static l => Assert.StartsWith(l.AsSpan().ContainsAny("ef") ? ">> " : "> ", l, StringComparison.Ordinal));
                Assert.All(text.Split('\n').Where(static l => l.AsSpan().ContainsAny("abg")), static l => Assert.False(l.StartsWith('>')));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(30));
}
