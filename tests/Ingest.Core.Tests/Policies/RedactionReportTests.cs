using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Redaction;
using Ingest.Core.Tests.Pipeline;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.Core.Tests.Policies;

/// <summary>A report takes as long as somebody waits, and says from which day on it is complete.</summary>
[Collection(nameof(StorageCollection))]
public sealed class RedactionReportTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, false, 29, 1)]
    [InlineData(4, true, 6, 1)]
    [InlineData(6, true, 0, 1)]
    [InlineData(11, true, -1, 0)]
    public async Task Days_that_could_not_be_counted_in_time_are_left_out_and_it_is_said_from_which_on_all_are(int seconds, bool partial, int daysBack, int mails)
    {
        TestDesk test = await new TestDesk(storage).OpenAsync(Cancel);
        FakeClock clock = new();
        await test.Desk.Journal.CloseAsync(test.Tenant, test.Mailbox.Id, new JournalLine
        {
            MessageKey = "a" + new string('0', 31), Outcome = OutcomeKind.Ticketed, Reason = OutcomeReason.None, TicketId = "x", Steps = "redact=card:1 rules=card.visa:1", Received = clock.GetUtcNow(), At = clock.GetUtcNow(),
        }, Cancel);
        // Each reading of the journal takes so long.
        FaultTransport slow = new((_, request) =>
        {
            if (request.Uri.ToString().Contains("/journal", StringComparison.OrdinalIgnoreCase)) clock.Advance(TimeSpan.FromSeconds(seconds));
            return Fault.None;
        });
        DateOnly today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

        RedactionReport report = await RedactionReport.OfAsync(test.NewProcess(slow, clock).Journal, test.Tenant, test.Mailbox.Id, 30, clock, Cancel, RedactionReport.WithinRequest);

        Assert.Equal((partial, today.AddDays(-daysBack), today.AddDays(-29), mails), (report.IsPartial, report.Since, report.Asked, report.Mails));
        Assert.Equal(mails, report.Types.GetValueOrDefault(FindingType.Card).Masked);
        // Who waits as long as it takes gets all.
        RedactionReport all = await RedactionReport.OfAsync(test.NewProcess(slow, clock).Journal, test.Tenant, test.Mailbox.Id, 30, clock, Cancel);
        Assert.Equal((false, 1), (all.IsPartial, all.Mails));
    }
}
