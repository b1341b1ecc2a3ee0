using System.CommandLine;
using System.Globalization;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Retention;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Shows and sets how long what is kept, says why something stays or goes, and carries it out.</summary>
internal static class RetentionCommand
{
    static readonly Argument<string> Named = new("name") { Description = "A ticket's number or id, or a mail's key as \"ingest journal\" prints it." };
    static readonly Argument<string> Mailbox = new("mailbox") { Description = "The mailbox's id or address." };
    static readonly Argument<Kept> What = new("what") { Description = "Originals, Spam, Quarantine, Parked, ClosedTickets or OpenTickets." };
    static readonly Argument<int> Days = new("days") { Description = "Days; 0 for without end." };
    static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only count what would go." };

    public static Command Create()
    {
        Days.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Numbers.IsWithin(token.Value, 0, Schedules.MostDays))
                result.AddError("days is a number from 0 to 36500.");
        });
        ExampleCommand list = new("list", "Shows every mailbox's schedules.", "ingest retention list");
        list.SetAction(ListAsync);
        ExampleCommand set = new("set", "Sets how long one kind of thing of a mailbox is kept.", "ingest retention set support@acme.example ClosedTickets 365") { Mailbox, What, Days };
        set.SetAction(SetAsync);
        ExampleCommand explain = new("explain", "Says why a ticket, or a mail's original, stays or goes, and when.", "ingest retention explain 4K7QZ2MX") { Named };
        explain.SetAction(ExplainAsync);
        ExampleCommand run = new("run", "Lets go what is due; housekeeping does it every hour.", "ingest retention run --dry-run") { DryRun };
        run.SetAction(RunAsync);
        return new Command("retention", "How long what is kept: legal hold above erasure above retention.") { list, set, explain, run };
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
            foreach (Schedule schedule in await desk.Desk.Schedules.OfAsync(desk.Tenant, mailbox.Mailbox, cancel))
                await line.InvocationConfiguration.Output.WriteLineAsync($"{mailbox.Mailbox.Id}  {schedule.What,-13}  {(schedule.Days == 0 ? "without end" : schedule.Days.ToString(CultureInfo.InvariantCulture) + " days")}");
        return ExitCode.Ok;
    }

    static async Task<int> SetAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        MailboxView mailbox = await desk.MailboxAsync(line.GetRequiredValue(Mailbox), cancel);
        await desk.Desk.Schedules.ChangeAsync(desk.Tenant, mailbox.Mailbox.Id, new Schedule(line.GetRequiredValue(What), line.GetRequiredValue(Days)), AuditActor.Command, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync("Set. \"ingest retention run --dry-run\" counts what goes by it.");
        return ExitCode.Ok;
    }

    static async Task<int> ExplainAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string name = line.GetRequiredValue(Named);
        Fate fate = await FateAsync(desk, name, cancel) ?? throw new CannotRunException($"There is no ticket or mail {name}.");
        await line.InvocationConfiguration.Output.WriteLineAsync(fate.Kind switch
        {
            FateKind.Stays => fate.On is { } on ? string.Create(CultureInfo.InvariantCulture, $"It stays until {on:yyyy-MM-dd}.") : "It stays.",
            FateKind.Goes => "It goes with the next run.",
            FateKind.Gone => "It is gone.",
            FateKind.Held => "It stays as long as the hold stands.",
        });
        foreach (string reason in fate.Reasons)
            await line.InvocationConfiguration.Output.WriteLineAsync("  " + reason);
        return ExitCode.Ok;
    }

    static async Task<Fate?> FateAsync(LocalDesk desk, string name, CancellationToken cancel)
    {
        Ticket? ticket = await desk.Desk.Tickets.FindStandingAsync(desk.Tenant, name, cancel);
        if (ticket is not null)
            return await desk.Desk.Retention.ExplainTicketAsync(desk.Tenant, ticket.Id, cancel);
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
            if (await desk.Desk.Retention.ExplainMailAsync(desk.Tenant, mailbox.Mailbox.Id, name, cancel) is { } fate)
                return fate;
        return null;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        bool dryRun = line.GetValue(DryRun);
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
        {
            RetentionReport report;
            do
            {
                report = await desk.Desk.Retention.RunAsync(desk.Tenant, mailbox.Mailbox.Id, dryRun, most: dryRun ? int.MaxValue : 2000, cancel);
                await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{mailbox.Mailbox.Id}: {report.Originals} originals, {report.Packs} packs and {report.Tickets} tickets {(dryRun ? "would go" : "went")}; {report.Held} are held."));
            }
            while (report.More && !dryRun);
        }
        return ExitCode.Ok;
    }
}
