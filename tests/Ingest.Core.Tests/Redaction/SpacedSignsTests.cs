using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

/// <summary>Addresses and telephone numbers written sign by sign with blanks between are masked; rows of single digits and letters that are none stay. Adding a case is adding a line.</summary>
public sealed class SpacedSignsTests
{
    private static string Spaced(string value, string blank) => string.Join(blank, value.Select(c => c.ToString()));

    [Theory]
    [InlineData("a d a @ e x a m p l e . o r g", "email")]
    [InlineData("j o h n . s m i t h @ g m a i l . c o m", "email")]
    [InlineData("+ 4 4 2 0 7 9 4 6 0 9 5 8", "phone")]
    [InlineData("+ 1 4 1 5 5 5 5 2 6 7 1", "phone")]
    [InlineData("2 0 3 . 0 . 1 1 3 . 7 7", "IP address")]
    [InlineData("8 4 . 2 3 . 1 1 9 . 7", "IP address")]
    [InlineData("2 0 0 1 : 4 8 6 0 : 4 8 6 0 : : 8 8 8 8", "IP address")]
    public void What_is_written_sign_by_sign_is_masked_whole(string value, string label)
    {
        foreach (string blank in new[] { " ", "  ", "\u00A0", "\t" })
            foreach ((string before, string after) in new[] { ("", ""), ("Mine is ", "."), ("Mine is: ", " and more"), ("(", ")"), ("one line\n", "\nanother"), ("> ", "\n") })
            {
                string text = before + value.Replace(" ", blank, StringComparison.Ordinal) + after;
                // A sign that another one touches stands not alone.
                if (before == "(") text = "( " + value.Replace(" ", blank, StringComparison.Ordinal) + " )";
                string masked = Redact.Text(text, RedactionPolicy.Default).Text;
                Assert.Contains($"[{label}]", masked, StringComparison.Ordinal);
                Assert.False(masked.Any(char.IsDigit) || masked.Contains('@'), $"{text} became {masked}");
                Assert.Equal(masked, Redact.Text(masked, RedactionPolicy.Default).Text);
            }
    }

    [Theory]
    [InlineData("&nbsp;", "")]
    [InlineData("</b> <b>", "b")]
    public void In_html_too(string between, string tag)
    {
        (string open, string close) = tag.Length == 0 ? ("", "") : ($"<{tag}>", $"</{tag}>");
        foreach (string value in new[] { "ada@example.org", "+442079460958", "203.0.113.77" })
        {
            string masked = Redact.Html($"<p>Mine: {open}{Spaced(value, between)}{close}</p>", RedactionPolicy.Default).Text;
            Assert.False(masked.Any(char.IsDigit) || masked.Contains('@'), masked);
        }
    }

    [Theory]
    [InlineData("0 2 0 7 9 4 6 0 9 5 8", "call me at ")]
    [InlineData("4 1 5 5 5 5 2 6 7 1", "my phone: ")]
    public void A_number_without_a_plus_needs_a_word(string value, string words)
    {
        Assert.Contains("[phone]", Redact.Text(words + value, RedactionPolicy.Default).Text, StringComparison.Ordinal);
        string alone = $"The row {value} of the table";
        Assert.Equal(alone, Redact.Text(alone, RedactionPolicy.Default).Text);
    }

    [Theory]
    [InlineData("1 2 3 4 5 6 7 8 9 10 11 12")]
    [InlineData("0 1 1 0 1 0 0 1 0 1 1 0 1 0 1 0")]
    [InlineData("3 . 1 4 1 5 9 2 6 5")]
    [InlineData("a b c d e f g h i j k l m n o p")]
    [InlineData("H e l l o   t h e r e , how are you?")]
    [InlineData("| 1 | 2 | 3 | 4 | 5 | 6 | 7 |")]
    [InlineData("x @ y or z @ w")]
    [InlineData("Team A 3 : 1 Team B, 2 : 2, 0 : 4")]
    [InlineData("1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9")]
    public void Rows_that_mean_nothing_of_anybody_stay(string text) => Assert.Equal(text, Redact.Text(text, RedactionPolicy.Default).Text);

    [Fact]
    public void Our_own_address_stays_and_what_was_masked_is_told_without_blanks()
    {
        List<string> told = [];
        RedactionTools tools = new() { IsOwnAddress = address => address == "us@example.org", OnMasked = (_, value) => told.Add(value) };
        string text = "u s @ e x a m p l e . o r g and a d a @ e x a m p l e . o r g";
        Assert.Equal("u s @ e x a m p l e . o r g and [email]", Redact.Text(text, RedactionPolicy.Default, tools).Text);
        Assert.Equal(["ada@example.org"], told);
    }

    [Fact]
    public void A_long_text_of_such_rows_is_read_in_pieces_like_any_other()
    {
        string text = string.Concat(Enumerable.Repeat("Write to a d a @ e x a m p l e . o r g or call + 4 4 2 0 7 9 4 6 0 9 5 8 now.\n", 40_000));
        string masked = Redact.Text(text, RedactionPolicy.Default).Text;
        Assert.DoesNotContain('@', masked);
        Assert.Equal(40_000, masked.Split("[phone]").Length - 1);
    }
}
