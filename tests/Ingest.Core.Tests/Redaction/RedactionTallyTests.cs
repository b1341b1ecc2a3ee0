using Ingest.Core.Redaction;
using Xunit;

namespace Ingest.Core.Tests.Redaction;

public sealed class RedactionTallyTests
{
    private static Finding Found(FindingType type, FindingPlace place, string rule) => new(type, 0, 4, rule, 0.9) { Place = place };

    [Fact]
    public void What_stands_in_text_and_html_is_counted_once()
    {
        RedactionTally tally = RedactionTally.Of(
        [
            Found(FindingType.Phone, FindingPlace.Html, "phone.us"), Found(FindingType.Card, FindingPlace.Text, "card.visa"), Found(FindingType.Card, FindingPlace.Html, "card.visa"),
            Found(FindingType.Card, FindingPlace.Reply, "card.visa"), Found(FindingType.Card, FindingPlace.Subject, "card.visa"), Found(FindingType.Card, FindingPlace.Attachment, "card.amex"),
        ], dryRun: false);

        Assert.Equal("redact=card:3,phone:1 rules=card.visa:2,card.amex:1,phone.us:1", tally.ToSteps());
        Assert.Equal(4, tally.Total);
        Assert.Equal("3 card numbers and 1 phone number", TallyWords.Of(tally.Types));
    }

    [Theory]
    [InlineData(false, "redact=0")]
    [InlineData(true, "found=0")]
    public void Nothing_found_is_said_too(bool dryRun, string steps) => Assert.Equal(steps, RedactionTally.Of([], dryRun).ToSteps());

    [Fact]
    public void A_rule_that_is_no_plain_word_tells_nothing_and_many_rules_are_few_codes()
    {
        RedactionTally tally = RedactionTally.Of([Found(FindingType.Person, FindingPlace.Text, "Ada Lovelace"), .. Enumerable.Range(0, 30).Select(i => Found(FindingType.Card, FindingPlace.Text, $"card.{i}"))], dryRun: true);
        Assert.DoesNotContain("Ada", tally.ToSteps(), StringComparison.Ordinal);
        Assert.Equal(RedactionTally.MostRules + 1, tally.Rules.Count);
        Assert.Equal(31, tally.Rules.Values.Sum());
        Assert.InRange(tally.ToSteps().Length, 1, 300);
    }

    [Theory]
    [InlineData("auth=DmarcPass redact=card:2,phone:1 rules=card.visa:2,phone.us:1", 3, 2, false)]
    [InlineData("auth=DmarcPass found=card:2", 2, 0, true)]
    [InlineData("auth=DmarcPass redact=4", 4, 0, false)]
    [InlineData("auth=DmarcPass redact=palmPrint:2,card:x,iban:1", 1, 0, false)]
    public void A_line_is_read_as_it_was_written_by_this_version_and_others(string steps, int total, int rules, bool dryRun)
    {
        RedactionTally read = RedactionTally.Read(steps)!;
        Assert.Equal((total, rules, dryRun), (read.Total, read.Rules.Count, read.DryRun));
    }

    [Fact]
    public void A_line_without_the_step_says_that_redaction_did_not_run() => Assert.Null(RedactionTally.Read("auth=DmarcPass spam=Spam/0.99"));
}
