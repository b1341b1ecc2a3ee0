using Ingest.Core.Pipeline;
using Ingest.Core.Spam;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Spam;

/// <summary>The filter's strongest reasons as codes in the journal, and as words again.</summary>
public sealed class SpamWhyTests
{
    private static readonly SpamVerdict Verdict = new(0.63, SpamVerdictKind.Unsure,
    [
        new SpamReason(SpamCode.FirstContact, 0.4), new SpamReason(SpamCode.LinkHostMismatch, 2.5), new SpamReason(SpamCode.Authenticated, -1), new SpamReason(SpamCode.OddSubject, 0.1), new SpamReason(SpamCode.TypicalWords, -0.9),
    ]);

    [Fact]
    public void The_strongest_come_first_with_their_side_and_the_weak_are_left_out() =>
        Assert.Equal("+LinkHostMismatch,-Authenticated,-TypicalWords,+FirstContact", SpamWhy.ToCodes(Verdict));

    [Fact]
    public void The_journal_tells_them_in_words()
    {
        JournalLine line = new() { MessageKey = "0", Outcome = OutcomeKind.Quarantined, Reason = OutcomeReason.Unsure, Steps = $"spam=Unsure/0.63 why={SpamWhy.ToCodes(Verdict)} redact=0" };
        Assert.Equal(["Link text shows one host but goes to another", "First mail from this address"], Explanation.ForSpam(line.Steps));
        string sentence = Assert.Single(Explanation.Of(line), s => s.Contains("spoke", StringComparison.Ordinal));
        Assert.StartsWith("For spam spoke: Link text shows one host but goes to another; First mail from this address. For the mail spoke: The sender's domain is proven", sentence, StringComparison.Ordinal);
        Assert.Empty(Explanation.ForSpam("spam=Ham/0.02 redact=0"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("+NoSuchCode,-12,+7,nonsense")]
    public void A_code_of_another_version_is_left_out(string codes) => Assert.Empty(SpamWhy.ForSpam(codes).Concat(SpamWhy.ForTheMail(codes)));

    [Fact]
    public void Every_code_has_words_for_both_sides()
    {
        foreach (SpamCode code in Enum.GetValues<SpamCode>())
            Assert.All(SpamWhy.ForSpam("+" + code).Concat(SpamWhy.ForTheMail("-" + code)), words => Assert.True(words.Length > 10 && words[^1] != '.', words));
    }
}
