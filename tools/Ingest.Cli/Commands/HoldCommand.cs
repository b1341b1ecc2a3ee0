using System.CommandLine;
using System.Globalization;
using Ingest.Cli.Views;
using Ingest.Core.Audit;
using Ingest.Core.Retention;

namespace Ingest.Cli.Commands;

/// <summary>Places, lists and lifts legal holds.</summary>
internal static class HoldCommand
{
    static readonly Argument<ErasureKind> Kind = new("what") { Description = "ticket, contact, mailbox or tenant." };
    static readonly Argument<string> Target = new("name") { Description = "The ticket's number or id, the person's address, the mailbox's id or address; for the tenant any word." };
    static readonly Option<string> Reason = new("--reason") { Description = "Why, such as the matter's number.", Required = true };
    static readonly Argument<string> Id = new("hold") { Description = "The hold's id, as \"hold list\" prints it." };

    public static Command Create()
    {
        ExampleCommand place = new("place", "Places a hold: nothing that it covers is erased or let go while it stands.", "ingest hold place ticket 4K7QZ2MX --reason \"matter 7\"", "ingest hold place contact ann@example.com --reason \"matter 7\"") { Kind, Target, Reason };
        place.SetAction(PlaceAsync);
        ExampleCommand list = new("list", "Lists the holds that stand.", "ingest hold list");
        list.SetAction(ListAsync);
        ExampleCommand lift = new("lift", "Lifts a hold.", "ingest hold lift 20260301120000000-0123456789ab") { Id };
        lift.SetAction(LiftAsync);
        return new Command("hold", "Keeps things from being erased: legal hold above erasure above retention.") { place, list, lift };
    }

    static async Task<int> PlaceAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        ErasureKind kind = line.GetRequiredValue(Kind);
        string name = line.GetRequiredValue(Target), reason = line.GetRequiredValue(Reason);
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > Holds.LongestReason)
            throw new CannotRunException("--reason is a text of 1 to 1,000 characters.");
        string target = kind switch
        {
            ErasureKind.Ticket => await TicketsCommand.FindTicketAsync(desk, name, cancel) is { Erased: null } ticket ? ticket.Id : throw new CannotRunException($"Ticket {name} is erased: there is nothing to hold."),
            ErasureKind.Contact => await desk.Desk.Contacts.FindAsync(desk.Tenant, name, cancel) ?? throw new CannotRunException("Nobody with that address is known: nothing of theirs lies in a ticket."),
            ErasureKind.Mailbox => (await desk.MailboxAsync(name, cancel)).Mailbox.Id.Value,
            ErasureKind.Tenant => desk.Tenant.ToString(),
        };
        Hold hold = await desk.Desk.Holds.PlaceAsync(desk.Tenant, kind, target, reason, AuditActor.Command, cancel);
        await line.InvocationConfiguration.Output.WriteLineAsync($"{hold.Id} stands until it is lifted.");
        if (hold.UnderWay.Count > 0)
            await line.InvocationConfiguration.Output.WriteLineAsync($"Under way when it was placed: {string.Join(", ", hold.UnderWay)}. What these erasures had destroyed by then is gone; what is left and covered stays.");
        return ExitCode.Ok;
    }

    static async Task<int> ListAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        foreach (Hold hold in await desk.Desk.Holds.ListAsync(desk.Tenant, cancel))
            await line.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{hold.Id}  {hold.Placed:yyyy-MM-dd HH:mm}Z  {hold.Kind,-8}  {hold.Target}  {Printable.Line(hold.Reason)}"));
        return ExitCode.Ok;
    }

    static async Task<int> LiftAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        if (!await desk.Desk.Holds.LiftAsync(desk.Tenant, line.GetRequiredValue(Id), AuditActor.Command, cancel))
            throw new CannotRunException("No hold of that id stands: \"ingest hold list\" shows which do.");
        await line.InvocationConfiguration.Output.WriteLineAsync("Lifted. What it kept is erased or let go when it is asked for, or its time is over.");
        return ExitCode.Ok;
    }
}
