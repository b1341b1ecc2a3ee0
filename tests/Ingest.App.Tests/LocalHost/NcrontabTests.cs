using System.Globalization;
using Ingest.LocalHost.Timers;
using Xunit;

namespace Ingest.App.Tests.LocalHost;

public sealed class NcrontabTests
{
    [Theory]
    [InlineData("* * * * * *", "2026-11-22T10:00:00", "2026-11-22T10:00:01")]
    [InlineData("0 */5 * * * *", "2026-11-22T10:03:20", "2026-11-22T10:05:00")]
    [InlineData("0 */5 * * * *", "2026-11-22T10:05:00", "2026-11-22T10:10:00")]
    [InlineData("*/5 * * * *", "2026-11-22T10:03:20", "2026-11-22T10:05:00")]
    [InlineData("30 0 0 * * *", "2026-11-22T00:00:30", "2026-11-23T00:00:30")]
    [InlineData("0 59 23 31 12 *", "2026-12-31T23:59:00", "2027-12-31T23:59:00")]
    [InlineData("0 0 9-17 * * MON-FRI", "2026-11-20T17:00:00", "2026-11-23T09:00:00")]
    [InlineData("0 0 9-17 * * fri-mon", "2026-11-20T17:00:00", "2026-11-23T09:00:00")]
    [InlineData("0 0 0 * * 0", "2026-11-20T00:00:00", "2026-11-22T00:00:00")]
    [InlineData("0 0 0 * JAN,MAR sunday", "2026-11-20T00:00:00", "2027-01-03T00:00:00")]
    [InlineData("0 0 0 1 January *", "2026-11-20T00:00:00", "2027-01-01T00:00:00")]
    [InlineData("0 10-40/15 * * * *", "2026-11-22T10:25:00", "2026-11-22T10:40:00")]
    [InlineData("0 20/20 * * * *", "2026-11-22T10:00:00", "2026-11-22T10:20:00")]
    [InlineData("0 20/20 * * * *", "2026-11-22T10:40:00", "2026-11-22T11:20:00")]
    [InlineData("0 0 1,13 * * *", "2026-11-22T01:00:00.5", "2026-11-22T13:00:00")]
    [InlineData("0 0 0 13 * 5", "2026-11-22T00:00:00", "2027-08-13T00:00:00")]
    [InlineData("0 0 0 29 2 *", "2026-11-22T00:00:00", "2028-02-29T00:00:00")]
    [InlineData("0 0 0 29 2 1", "2026-11-22T00:00:00", "2044-02-29T00:00:00")]
    [InlineData("0 0 0 31 4,5 *", "2026-11-22T00:00:00", "2027-05-31T00:00:00")]
    [InlineData("01:00:00", "2026-11-22T10:03:20", "2026-11-22T11:03:20")]
    [InlineData("00:00:30", "2026-11-22T10:03:20", "2026-11-22T10:03:50")]
    public void Next_occurrence(string schedule, string after, string expected) =>
        Assert.Equal(At(expected), TimerSchedule.Parse(schedule).Next(At(after)));

    [Theory]
    [InlineData("0 0 0 30 2 *")]
    [InlineData("0 0 0 31 4,6,9,11 *")]
    public void A_date_that_does_not_exist_never_comes(string schedule) => Assert.Null(TimerSchedule.Parse(schedule).Next(At("2026-11-22T00:00:00")));

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("* * * * * * *")]
    [InlineData("0 0 0 * * 7")]
    [InlineData("0 0 0 ? * *")]
    [InlineData("0 0 0 * * ?")]
    [InlineData("60 * * * * *")]
    [InlineData("0 60 * * * *")]
    [InlineData("0 0 24 * * *")]
    [InlineData("0 0 0 0 * *")]
    [InlineData("0 0 0 32 * *")]
    [InlineData("0 0 0 * 13 *")]
    [InlineData("0 0 0 * 0 *")]
    [InlineData("*/0 * * * * *")]
    [InlineData("*/ * * * * *")]
    [InlineData("1, * * * * *")]
    [InlineData("1--2 * * * * *")]
    [InlineData("-1 * * * * *")]
    [InlineData("+1 * * * * *")]
    [InlineData("0 0 0 * * MOO")]
    [InlineData("0 0 0 * * M")]
    [InlineData("0 0 0 L * *")]
    [InlineData("@daily")]
    [InlineData("-01:00:00")]
    [InlineData("00:00:00")]
    public void What_the_host_refuses_is_refused(string schedule) => Assert.Throws<FormatException>(() => TimerSchedule.Parse(schedule));

    [Theory]
    [InlineData("*/30 * * * * *", true)]
    [InlineData("0,10 0 * * * *", true)]
    [InlineData("0 * * * * *", false)]
    [InlineData("00:00:59", true)]
    [InlineData("00:01:00", false)]
    public void A_schedule_of_less_than_a_minute_is_not_monitored(string schedule, bool frequent) =>
        Assert.Equal(frequent, TimerSchedule.Parse(schedule).IsFrequent(At("2026-11-22T10:00:00")));

    [Fact]
    public void Any_text_is_a_schedule_or_a_format_error()
    {
        Random random = new(22);
        for (int i = 0; i < 5_000; i++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(24)).Select(_ => "0123456789*/,-: JANMOd?L"[random.Next(24)])]);
            try
            {
                DateTimeOffset now = At("2026-11-22T10:00:00");
                if (TimerSchedule.Parse(text).Next(now) is { } next)
                    Assert.True(next > now);
            }
            catch (FormatException)
            {
            }
        }
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
