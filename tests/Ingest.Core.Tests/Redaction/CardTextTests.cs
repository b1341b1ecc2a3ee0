using System.Text.Json;
using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

public sealed class CardTextTests
{
    // What stands beside a card, and accounts, are masked too where they are wanted; here only cards are.
    private static readonly RedactionPolicy CardsOnly = new()
    {
        Types = Enum.GetValues<FindingType>().ToDictionary(type => type, type => type == FindingType.Card ? TypePolicy.Usual(type) : new TypePolicy(MaskStyle.None)),
    };

    private static string Masked(string text) => Redact.Text(text, CardsOnly).Text;

    [Theory]
    [InlineData("4111111111111111", "••••••••••••1111")]
    [InlineData("My card is 4111 1111 1111 1111, thanks", "My card is •••• •••• •••• 1111, thanks")]
    [InlineData("4111-1111-1111-1111", "••••-••••-••••-1111")]
    [InlineData("4111.1111.1111.1111", "••••.••••.••••.1111")]
    [InlineData("4111_1111_1111_1111.pdf", "••••_••••_••••_1111.pdf")]
    [InlineData("4111–1111–1111–1111", "••••–••••–••••–1111")]
    [InlineData("4111 - 1111 - 1111 - 1111", "•••• - •••• - •••• - 1111")]
    [InlineData("4111\u00A01111\u00A01111\u00A01111", "••••\u00A0••••\u00A0••••\u00A01111")]
    [InlineData("4111\u200B11111111\u20601111", "••••\u200B••••••••\u20601111")]
    [InlineData("４１１１１１１１１１１１１１１１", "••••••••••••１１１１")]
    [InlineData("٤١١١١١١١١١١١١١١١", "••••••••••••١١١١")]
    [InlineData("𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏", "••••••••••••𝟏𝟏𝟏𝟏")]
    [InlineData("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "• • • • • • • • • • • • 1 1 1 1")]
    [InlineData("3782 822463 10005", "•••• •••••• •0005")]
    [InlineData("3056 930902 5904", "•••• •••••• 5904")]
    [InlineData("card: 4111 1111\n1111 1111 exp 12/27", "card: •••• ••••\n•••• 1111 exp 12/27")]
    [InlineData("card: 411111111111\r\n1111", "card: ••••••••••••\r\n1111")]
    [InlineData("> 4111 1111\n> 1111 1111", "> •••• ••••\n> •••• 1111")]
    [InlineData("4111 1111 11\n11 1111 12/27", "•••• •••• ••\n•• 1111 12/27")]
    [InlineData("4111\n1111\n1111\n1111", "••••\n••••\n••••\n1111")]
    [InlineData("4111 1111 1111 1111 12/27 123", "•••• •••• •••• 1111 12/27 123")]
    [InlineData("4111 1111 1111 1111 123", "•••• •••• •••• 1111 123")]
    [InlineData("4111 1111 1111 1111 5555 5555 5555 4444", "•••• •••• •••• 1111 •••• •••• •••• 4444")]
    [InlineData("2024 4111 1111 1111 1111", "2024 •••• •••• •••• 1111")]
    [InlineData("4111111111111111 5555555555554444", "••••••••••••1111 ••••••••••••4444")]
    [InlineData("Visa4111111111111111", "Visa••••••••••••1111")]
    [InlineData("(4111111111111111)", "(••••••••••••1111)")]
    [InlineData("https://example.com/pay?card=4111111111111111&x=1", "https://example.com/pay?card=••••••••••••1111&x=1")]
    [InlineData("4556/7375/8689/9855", "••••/••••/••••/9855")]
    [InlineData("4556|7375|8689|9855", "••••|••••|••••|9855")]
    [InlineData("4556*7375*8689*9855", "••••*••••*••••*9855")]
    [InlineData("4556+7375+8689+9855", "••••+••••+••••+9855")]
    [InlineData("4556\\7375\\8689\\9855", "••••\\••••\\••••\\9855")]
    [InlineData("4556'7375'8689'9855", "••••'••••'••••'9855")]
    [InlineData("4556, 7375, 8689, 9855", "••••, ••••, ••••, 9855")]
    [InlineData("4556\",\"7375\",\"8689\",\"9855", "••••\",\"••••\",\"••••\",\"9855")]
    [InlineData("4556; 7375; 8689; 9855", "••••; ••••; ••••; 9855")]
    [InlineData("4556~~7375~~8689~~9855", "••••~~••••~~••••~~9855")]
    [InlineData("4556·7375·8689·9855", "••••·••••·••••·9855")]
    [InlineData("4556* *7375* *8689* *9855", "••••* *••••* *••••* *9855")]
    [InlineData("4556/ 7375/ 8689/ 9855", "••••/ ••••/ ••••/ 9855")]
    [InlineData("**4556** 7375 8689 9855", "**••••** •••• •••• 9855")]
    [InlineData("(4532)(4595)(7117)(7770)", "(••••)(••••)(••••)(7770)")]
    [InlineData("3782,822463,10005", "••••,••••••,•0005")]
    [InlineData("0 4111 1111 1111 1111", "0 •••• •••• •••• 1111")]
    [InlineData("0 4111111111111111", "0 ••••••••••••1111")]
    [InlineData("4111,1111,1111,1111", "••••,••••,••••,1111")]
    [InlineData("4556\U0001D17373758689\U0001BCA09855", "••••\U0001D173••••••••\U0001BCA09855")]
    [InlineData("4556\u180B7375\uFFFC8689\uFFFD9855", "••••\u180B••••\uFFFC••••\uFFFD9855")]
    [InlineData("4556\u001B[0m7375\u001B[1;31m86899855", "••••\u001B[0m••••\u001B[1;31m••••9855")]
    public void Card_numbers_are_masked_however_they_are_written(string text, string expected) => Assert.Equal(expected, Masked(text));

    [Theory]
    [InlineData("Order 4111111111111112")]
    [InlineData("Order no. 1234567890123456")]
    [InlineData("44111111111111111111111")]
    [InlineData("9999 4111 1111 1111 1112")]
    [InlineData("0000 0000 0000 0000")]
    [InlineData("4444444444444444")]
    [InlineData("call +49 1511 2345 678 or +4915112345678")]
    [InlineData("a4111111111111111f")]
    [InlineData("1Z4111111111111111A9")]
    [InlineData("0.4111111111111111")]
    [InlineData("DE89 3704 0044 0532 0130 00")]
    [InlineData("4111,1111,1111,1112")]
    [InlineData("12,4111,1111,1111,1111")]
    [InlineData("4111,1111,1111,1111,2000")]
    [InlineData("4556,7375,8689,9855\n1234,2345,3456,4567")]
    [InlineData("1234;2345;3456;4567\n4556;7375;8689;9855")]
    [InlineData("4556,7375 8689;9855")]
    [InlineData("ES81 0081 5515 2900 0157 5764")]
    [InlineData("4111\n\n1111 1111 1111")]
    [InlineData("2024-11-22 10:15:30")]
    [InlineData("")]
    public void What_is_no_card_number_stays(string text)
    {
        RedactedText redacted = Redact.Text(text, CardsOnly);
        Assert.Equal(text, redacted.Text);
        Assert.Empty(redacted.Findings);
    }

    [Fact]
    public void Findings_tell_place_rule_and_confidence()
    {
        Finding finding = Assert.Single(Redact.Text("a 4111 1111 1111 1111 b", RedactionPolicy.Default).Findings);
        Assert.Equal((FindingType.Card, 2, 19, "card.visa"), (finding.Type, finding.Start, finding.Length, finding.Rule));
        Assert.InRange(finding.Confidence, 0.9, 1);
    }

    [Theory]
    [InlineData("GB82 WEST 1234 5698 7654 32\n4111111111111111\n1234")]
    [InlineData("DE89370400440532013000\n4111 1111\n1111 1111")]
    [InlineData("DE89370400440532013000 411111111111\n1111")]
    public void A_card_in_the_line_after_an_account_number_is_masked(string text) =>
        Assert.Contains(Redact.Text(text, RedactionPolicy.Default).Findings, finding => finding.Type == FindingType.Card);

    [Fact]
    public void The_strict_policy_keeps_no_digit_and_the_off_policy_all()
    {
        Assert.Equal("•••• •••• •••• ••••", Redact.Text("4111 1111 1111 1111", new RedactionPolicy { Types = new Dictionary<FindingType, TypePolicy> { [FindingType.Card] = new(MaskStyle.Full) } }).Text);
        Assert.Equal("4111 1111 1111 1111", Redact.Text("4111 1111 1111 1111", RedactionPolicy.Off).Text);
    }

    [Fact]
    public void Every_published_test_number_is_masked_and_no_altered_one()
    {
        foreach (string line in File.ReadLines(SharedData.File("pii/cards.jsonl")))
        {
            JsonElement card = JsonDocument.Parse(line).RootElement;
            string number = card.GetProperty("number").GetString()!;
            string text = $"Please charge {number} today.";
            bool masked = Masked(text) != text;
            Assert.True(masked == card.GetProperty("luhn_valid").GetBoolean(), line);
        }
    }

    [Fact]
    public void Every_published_test_number_is_masked_in_groups_of_four()
    {
        foreach (string line in File.ReadLines(SharedData.File("pii/cards.jsonl")))
        {
            JsonElement card = JsonDocument.Parse(line).RootElement;
            string number = card.GetProperty("number").GetString()!;
            if (!card.GetProperty("luhn_valid").GetBoolean() || number.Length != 16)
                continue;
            string grouped = string.Join(' ', number.Chunk(4).Select(c => new string(c)));
            Assert.Equal("•••• •••• •••• " + number[^4..], Masked(grouped));
        }
    }

    [Fact]
    public void No_account_number_is_taken_for_a_card()
    {
        foreach (string line in File.ReadLines(SharedData.File("pii/ibans.jsonl")))
        {
            JsonElement iban = JsonDocument.Parse(line).RootElement;
            string text = $"IBAN {iban.GetProperty("iban").GetString()}";
            if (iban.GetProperty("mod97_ok").GetBoolean())
                Assert.True(Masked(text) == text, line);
        }
    }

    [Fact]
    public void Long_inputs_end_and_lengths_stay()
    {
        var random = new Random(7);
        const string Letters = "0123456789 4111-.\n\r\v>aA+\u200B<&#%;=\"'";
        for (int round = 0; round < 300; round++)
        {
            string text = string.Create(400, random, static (span, r) =>
            {
                for (int i = 0; i < span.Length; i++)
                    span[i] = Letters[r.Next(Letters.Length)];
            });
            RedactedText redacted = Redact.Text(text, CardsOnly);
            Assert.Equal(text.Length, redacted.Text.Length);
            Assert.Equal(redacted.Text, Redact.Text(redacted.Text, CardsOnly).Text);
            _ = Redact.Html(text, RedactionPolicy.Default);
        }
        Assert.Equal(1_000_000, Masked(string.Concat(Enumerable.Repeat("4 1 ", 250_000))).Length);
        Assert.Equal(1_000_000, Masked(string.Concat(Enumerable.Repeat("4111 ", 200_000))).Length);
        Assert.Equal(1_000_000, Masked(string.Concat(Enumerable.Repeat("4111\n", 200_000))).Length);
        Assert.Equal(2_000_000, Masked(new string('4', 2_000_000)).Length);
        Assert.Equal(1_000_000, Masked("4" + new string(' ', 999_998) + "1").Length);
    }
}
