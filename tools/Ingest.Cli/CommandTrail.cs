using System.CommandLine;
using Ingest.Cli.Commands;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Tickets;

namespace Ingest.Cli;

/// <summary>
/// What the audit log is told of each command, in one table: before the command is run, and when the log does not take it, the command is not run. Commands that do not stand
/// here work on files, or show neither what people wrote nor who may do what.
/// </summary>
internal static class CommandTrail
{
    internal static readonly IReadOnlyDictionary<string, (AuditAction Action, string Code)> Told = new Dictionary<string, (AuditAction, string)>(StringComparer.Ordinal)
    {
        ["ingest import"] = (AuditAction.Imported, "begun"),
        ["ingest mailbox add-imap"] = (AuditAction.MailboxConnected, "imap"),
        ["ingest mailbox connect"] = (AuditAction.MailboxChanged, "link"),
        ["ingest mailbox pause"] = (AuditAction.MailboxChanged, "paused"),
        ["ingest mailbox resume"] = (AuditAction.MailboxChanged, "resumed"),
        ["ingest mailbox sync"] = (AuditAction.MailboxChanged, "sync"),
        ["ingest mailbox set"] = (AuditAction.MailboxChanged, "settings"),
        ["ingest mailbox dkim create"] = (AuditAction.KeyCreated, "dkim"),
        ["ingest mailbox dkim remove"] = (AuditAction.KeyDeleted, "dkim"),
        ["ingest tickets list"] = (AuditAction.Listed, "tickets"),
        ["ingest tickets show"] = (AuditAction.ContentRead, "ticket"),
        ["ingest reply"] = (AuditAction.ReplySent, ""),
        ["ingest reply resolve"] = (AuditAction.ReplySent, "resolve"),
        ["ingest quarantine list"] = (AuditAction.Listed, "kept-back"),
        ["ingest quarantine show"] = (AuditAction.ContentRead, "kept-back"),
        ["ingest quarantine release"] = (AuditAction.QuarantineReleased, ""),
        ["ingest quarantine delete"] = (AuditAction.QuarantineDeleted, ""),
        ["ingest spam mark"] = (AuditAction.TicketChanged, "spam"),
        ["ingest spam unmark"] = (AuditAction.TicketChanged, "not-spam"),
        ["ingest spam lessons"] = (AuditAction.Listed, "lessons"),
        ["ingest spam undo"] = (AuditAction.PolicyChanged, "unlearned"),
        ["ingest spam export"] = (AuditAction.Exported, "spam-model"),
        ["ingest replay"] = (AuditAction.QuarantineReleased, "replay"),
        ["ingest token create"] = (AuditAction.TokenCreated, ""),
        ["ingest token list"] = (AuditAction.Listed, "tokens"),
        ["ingest token revoke"] = (AuditAction.TokenRevoked, ""),
        ["ingest audit list"] = (AuditAction.AuditRead, "list"),
        ["ingest audit exports"] = (AuditAction.AuditRead, "transfers"),
        ["ingest person export"] = (AuditAction.Exported, "person-begun"),
        ["ingest explain"] = (AuditAction.ContentRead, "explain"),
        ["ingest reports"] = (AuditAction.ContentRead, "reports"),
        ["ingest erase list"] = (AuditAction.Listed, "erasures"),
        ["ingest erase receipt"] = (AuditAction.Exported, "receipt"),
        ["ingest hold list"] = (AuditAction.Listed, "holds"),
        ["ingest keys list"] = (AuditAction.Listed, "keys"),
        ["ingest keys backups"] = (AuditAction.Listed, "backups"),
        ["ingest policy show"] = (AuditAction.Listed, "policy"),
        ["ingest policy check"] = (AuditAction.Listed, "policy-check"),
        ["ingest policy redaction show"] = (AuditAction.Listed, "redaction"),
        ["ingest retention list"] = (AuditAction.Listed, "retention"),
    };

    /// <summary>Commands that tell nothing, each for a reason: they read files, count without content, or tell for themselves what they have found.</summary>
    internal static readonly IReadOnlyList<string> Silent =
    [
        "ingest up", "ingest parse", "ingest spf", "ingest verify", "ingest sign", "ingest redact", "ingest classify", "ingest train", "ingest spam evaluate", "ingest publish-zip", "ingest mailbox list", "ingest mailbox dkim list", "ingest journal", "ingest quarantine summary", "ingest quarantine progress",
        "ingest audit export", "ingest audit verify", "ingest audit keep-ends", "ingest tickets redact", "ingest tickets original",
        "ingest erase ticket", "ingest erase contact", "ingest erase mailbox", "ingest erase tenant", "ingest erase verify", "ingest hold place", "ingest hold lift",
        "ingest policy set", "ingest policy allow", "ingest policy deny", "ingest policy suspend", "ingest policy remove", "ingest policy redaction set", "ingest policy redaction remove",
        "ingest retention set", "ingest retention explain", "ingest retention run",
        "ingest keys check", "ingest keys rewrap", "ingest keys rotate", "ingest keys backup", "ingest keys restore",
    ];

    /// <summary>Tells the log of a command that is about to run, with the ticket or token that it names.</summary>
    public static async Task TellAsync(ParseResult line, CancellationToken cancel)
    {
        if (WhatToTell(line) is not { } told) return;
        LocalDesk desk = LocalDesk.Of(line);
        string ticket = "", token = "";
        if (Argument(line, "number") is { } number && await FindAsync(desk, number, cancel) is { } found) ticket = found.Id;
        if (Argument(line, "token") is { } id && People.IsPersonId(id)) token = id;
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(told.Action, AuditActor.Command) { TicketId = ticket, Subject = token, Code = told.Code }, cancel);
    }

    /// <summary>What the log is told of this line; null for a command that tells nothing, and where help or version is asked for, which run nothing.</summary>
    internal static (AuditAction Action, string Code)? WhatToTell(ParseResult line) =>
        line.Action is not null && line.Action == line.CommandResult.Command.Action && Told.TryGetValue(Examples.Path(line.CommandResult.Command), out (AuditAction Action, string Code) told) ? told : null;

    static string? Argument(ParseResult line, string name) =>
        line.CommandResult.Command.Arguments.FirstOrDefault(argument => argument.Name == name) is Argument<string> argument ? line.GetValue(argument) : null;

    static Task<Ticket?> FindAsync(LocalDesk desk, string number, CancellationToken cancel) => desk.Desk.Tickets.FindStandingAsync(desk.Tenant, number, cancel);
}
