using Ingest.Core.Audit;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ingest.Cli.Views;

/// <summary>An entry of the audit log as one line of a list: ids and words of ours.</summary>
public sealed record AuditLine(string Day, long Number, DateTimeOffset At, string Action, string ActorKind, string Actor, string Mailbox, string Ticket, string Contact, string Subject, string Result, long Count, string Code)
{
    public static AuditLine Of(AuditEntry entry) => new(entry.Day, entry.Number, entry.At, entry.Event.Action.ToString(), entry.Event.Actor.Kind.ToString(), entry.Event.Actor.Id,
        entry.Event.Inbox?.Value ?? "", entry.Event.TicketId, entry.Event.ContactId, entry.Event.Subject, entry.Event.Result.ToString(), entry.Event.Count, entry.Event.Code);
}

/// <summary>Entries of the audit log as a table.</summary>
internal static class AuditView
{
    public static IRenderable Render(IReadOnlyList<AuditLine> entries)
    {
        if (entries.Count == 0)
            return Tables.Sentence("Nothing that was asked for stands in the audit log.");
        Table table = Tables.New("day", "no.", "when", "what", "who", "records", "about");
        foreach (AuditLine entry in entries)
            table.AddRow(
                Tables.Cell(entry.Day), Tables.Cell(entry.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)), Tables.Cell(Tables.Moment(entry.At)),
                Tables.Cell($"{entry.Action}{(entry.Code.Length > 0 ? $" ({entry.Code})" : "")}{(entry.Result == "Done" ? "" : ": " + entry.Result)}", Color.Aqua), Tables.Cell($"{entry.ActorKind} {entry.Actor}".TrimEnd()),
                Tables.Cell(entry.Count > 0 ? entry.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) : ""),
                Tables.Cell(string.Join(' ', new[] { entry.Mailbox, entry.Ticket, entry.Contact, entry.Subject }.Where(id => id.Length > 0))));
        return table;
    }
}
