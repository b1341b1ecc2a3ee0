using Ingest.Cli.Servers;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Spam.Learning;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.Secrecy;

/// <summary>What goes out, and what people do with tickets and kept-back mail.</summary>
public sealed partial class CanaryRun
{
    private async Task AnswerAsync(CancellationToken cancel)
    {
        secrets["signing domain"] = CanaryMails.SigningDomain;
        await desk.SigningKeys.CreateAsync(tenant, CanaryMails.SigningDomain, "canary", cancel);
        await desk.TenantKeks.SetAsync(tenant, [], cancel);
        // Google refuses a while, with a reason that nobody knows; then a reply goes out.
        await google.FaultAsync(new GoogleFault("/messages/send", 400) { Reason = Foreign }, cancel);
        await google.FaultAsync(new GoogleFault("/messages/send", 503) { Reason = Foreign }, cancel);
        IReadOnlyList<Ticket> tickets = await desk.Tickets.NewestAsync(tenant, inbox, TicketState.Open, 10, cancel);
        foreach (Ticket ticket in tickets.Take(2))
        {
            ReplyAccepted refused = (await desk.Replies.QueueAsync(tenant, ticket.Id, CanaryMails.Reply, cancel))!;
            await WaitAsync(async () => (await DeliveryAsync(ticket.Id, refused.Key, cancel)).Attempts > 0, "a reply to be tried", cancel);
        }

        await desk.Replies.AddNoteAsync(tenant, tickets[0].Id, CanaryMails.AgentsNote, cancel);
        await desk.Tickets.AssignAsync(tenant, tickets[0].Id, "person1", cancel);
        await desk.Tickets.SetStateAsync(tenant, tickets[^1].Id, TicketState.Closed, cancel);
        ReplyAccepted last = (await desk.Replies.QueueAsync(tenant, tickets[^1].Id, CanaryMails.Reply, cancel))!;
        await WaitAsync(async () => (await DeliveryAsync(tickets[^1].Id, last.Key, cancel)).State == DeliveryState.Sent, "a reply to be sent", cancel);

        IReadOnlyList<JournalLine> keptBack = await desk.ReviewList.ListAsync(tenant, inbox, OutcomeKind.Quarantined, 2, cancel);
        JournalLine kept = keptBack[0];
        Assert.NotNull(await desk.Review.OpenAsync(tenant, inbox, keptBack[1].MessageKey, cancel, seen: true));
        BulkScope scope = new() { Inboxes = [inbox.Value], Named = [ReviewBulk.NameOf(new KeptRef(inbox, kept.MessageKey))], Filter = new KeptFilter { Sender = CanaryMails.Sender } };
        await desk.ReviewBulk.BeginAsync(tenant, desk.ReviewBulk.New(BulkAction.Release, scope, Ingest.Core.Audit.AuditActor.Command), cancel);
        await desk.ReviewWatch.KeepAsync(tenant, inbox, cancel);
        await WaitAsync(async () => (await desk.Journal.FindAsync(tenant, inbox, kept.MessageKey, cancel))!.Outcome == OutcomeKind.Ticketed, "a kept-back mail to become a ticket", cancel);

        // What the filter is taught, and the ticket that is set aside by it.
        TicketMessage said = (await desk.Tickets.MessagesAsync(tenant, tickets[^1].Id, cancel)).First(m => m.Direction == MessageDirection.In);
        Assert.Equal(TeachEnd.Learned, await desk.TeachSpam.MarkAsync(tenant, tickets[^1].Id, said.Key, LessonVerdict.Spam, Ingest.Core.Audit.AuditActor.Command, cancel));

        // One that cannot go out now: it stands in the outbox to the end.
        await google.FaultAsync(new GoogleFault("/messages/send", 503) { Times = 1000, Reason = Foreign }, cancel);
        await desk.Replies.QueueAsync(tenant, tickets[1].Id, CanaryMails.Reply, cancel);
    }

    private async Task<Delivery> DeliveryAsync(string ticket, string key, CancellationToken cancel) =>
        (await desk.Tickets.MessagesAsync(tenant, ticket, cancel)).Single(m => m.Key == key).Delivery!;
}
