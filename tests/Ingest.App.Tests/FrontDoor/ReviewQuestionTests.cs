using Ingest.App.Console;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>What a reviewer asks for: what cannot be understood is refused, never taken for no filter.</summary>
public sealed class ReviewQuestionTests
{
    private static ReviewQuestion Ask(params (string Name, string Value)[] fields) => ReviewQuestion.Of(name => fields.FirstOrDefault(f => f.Name == name).Value ?? "");

    [Theory]
    [InlineData("reason", "Rain")]
    [InlineData("reason", "spam")]
    [InlineData("days", "-1")]
    [InlineData("days", "36501")]
    [InlineData("days", "a week")]
    [InlineData("inbox", "no mailbox")]
    [InlineData("sender", "a b")]
    public void What_cannot_be_understood_is_a_problem_and_no_filter(string field, string value)
    {
        ReviewQuestion question = Ask((field, value));
        Assert.Single(question.Problems);
        Assert.Null(question.Filter(DateTimeOffset.UnixEpoch.AddYears(200)));
    }

    [Fact]
    public void A_sender_or_words_that_are_too_long_are_a_problem_and_no_filter()
    {
        foreach (ReviewQuestion question in new[] { Ask(("sender", new string('a', KeptFilter.LongestSender + 1))), Ask(("words", new string('a', 201))) })
        {
            Assert.Single(question.Problems);
            Assert.Null(question.Filter(DateTimeOffset.UnixEpoch));
        }
    }

    [Fact]
    public void What_can_be_understood_is_a_filter_unless_all_are_to_be_decided_on_by_words()
    {
        ReviewQuestion question = Ask(("reason", "Spam"), ("days", "3"), ("sender", "shop.example"), ("words", "invoice"), ("inbox", "support"));
        Assert.Empty(question.Problems);
        Assert.Equal((1, "shop.example", DateTimeOffset.UnixEpoch.AddDays(-3)), question.Filter(DateTimeOffset.UnixEpoch) is { } filter ? (filter.Reasons.Count, filter.Sender, filter.ReceivedBefore!.Value) : default);
        Assert.Null(question.WithoutAll().Filter(DateTimeOffset.UnixEpoch));
        Assert.NotNull(Ask().Filter(DateTimeOffset.UnixEpoch));
    }
}
