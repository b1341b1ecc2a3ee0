using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Ingest.Cli.Views;
using Ingest.Core.Access;
using Ingest.Core.Audit;

namespace Ingest.Cli.Commands;

/// <summary>Reads the audit log, takes it out, and checks it, also without the system that wrote it.</summary>
internal static class AuditCommand
{
    static readonly Option<string?> Day = new("--day") { Description = "One day in UTC, as 2026-11-22.", HelpName = "day" };
    static readonly Option<string?> From = new("--from") { Description = "The first day, as 2026-11-01.", HelpName = "day" };
    static readonly Option<string?> Until = new("--until") { Description = "The last day; today by default.", HelpName = "day" };
    static readonly Option<string[]> Action = new("--action") { Description = "Only these actions, such as ContentRead, once or more.", HelpName = "action" };
    static readonly Option<string?> Actor = new("--actor") { Description = "Only by the person or token of this id.", HelpName = "id" };
    static readonly Option<string?> Mailbox = new("--mailbox") { Description = "Only about this mailbox: its id or address.", HelpName = "mailbox" };
    static readonly Option<int> Most = Numbers.Option("--count", "At most so many, the newest first.", normal: 50, least: 1, most: 5000);
    static readonly Option<string> To = new("--to") { Description = "The folder to write one file a day to, or - for stdout.", HelpName = "folder", DefaultValueFactory = _ => "-" };
    static readonly Option<bool> Ocsf = new("--ocsf") { Description = "As events of the Open Cybersecurity Schema Framework, for a SIEM; these cannot be checked." };

    public static Command Create()
    {
        foreach (Option<string?> day in (Option<string?>[])[Day, From, Until])
            day.Validators.Add(result => Check(result, text => DayOf(text) is not null, $"{day.Name} is a day such as 2026-11-22."));
        Action.Validators.Add(result => Check(result, text => Enum.GetNames<AuditAction>().Contains(text), $"--action is one of {string.Join(", ", Enum.GetNames<AuditAction>())}."));
        ExampleCommand list = new("list", "Lists who did what, the newest first.", "ingest audit list --action ContentRead --day 2026-11-22") { Day, Action, Actor, Mailbox, Most };
        Page.AddOptions(list);
        list.SetAction((line, cancel) => ListAsync(line, [.. (line.GetValue(Action) ?? []).Select(Enum.Parse<AuditAction>)], cancel));
        ExampleCommand exports = new("exports", "Lists who took what out or brought it in, when, and how many records.", "ingest audit exports") { Day, Actor, Mailbox, Most };
        Page.AddOptions(exports);
        exports.SetAction((line, cancel) => ListAsync(line, AuditFilter.Transfers, cancel));
        ExampleCommand export = new("export", "Writes the log out, a file a day, signed, so that anybody can check it.",
            "ingest audit export --from 2026-11-01 --to audit/", "ingest audit export --day 2026-11-22 --ocsf") { Day, From, Until, To, Ocsf };
        export.Validators.Add(result =>
        {
            if ((result.GetValue(Day) is null) == (result.GetValue(From) is null))
                result.AddError("Name either --day or --from.");
        });
        export.SetAction(ExportAsync);
        return new Command("audit", "Reads, takes out and checks the log of who did what.") { list, exports, export, AuditVerify.Create(), AuditKeepEnds.Create() };
    }

    static void Check(OptionResult result, Func<string, bool> isRight, string error)
    {
        if (!result.Tokens.All(token => isRight(token.Value)))
            result.AddError(error);
    }

    static string? DayOf(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day)
        ? day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)
        : null;

    static async Task<int> ListAsync(ParseResult line, IReadOnlyList<AuditAction> actions, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        InboxId? inbox = line.GetValue(Mailbox) is { } named ? (await desk.MailboxAsync(named, cancel)).Mailbox.Id : null;
        AuditFilter filter = new() { Day = DayOf(line.GetValue(Day)) ?? "", Actions = actions, Actor = line.GetValue(Actor) ?? "", Inbox = inbox };
        List<AuditEntry> entries = [];
        AuditPlace? after = null;
        int most = line.GetValue(Most);
        do
        {
            AuditPart part = await desk.Desk.AuditPages.ReadAsync(desk.Tenant, filter, most - entries.Count, after, cancel);
            entries.AddRange(part.Entries);
            after = part.Next;
        }
        while (after is not null && entries.Count < most);
        Page.Of(line).Show([.. entries.Select(AuditLine.Of)], AuditView.Render);
        return ExitCode.Ok;
    }

    static async Task<int> ExportAsync(ParseResult line, CancellationToken cancel)
    {
        LocalDesk desk = LocalDesk.Of(line);
        string first = DayOf(line.GetValue(Day)) ?? DayOf(line.GetValue(From))!, last = DayOf(line.GetValue(Day)) ?? DayOf(line.GetValue(Until)) ?? "99991231";
        AuditForm form = line.GetValue(Ocsf) ? AuditForm.Ocsf : AuditForm.Chain;
        Stack<string> days = [];
        long entries = 0;
        await foreach (string day in desk.Desk.Audit.DaysAsync(desk.Tenant, cancel))
        {
            if (string.CompareOrdinal(day, first) < 0 || string.CompareOrdinal(day, last) > 0) continue;
            days.Push(day);
            entries += (await desk.Desk.Audit.HeadAsync(desk.Tenant, day, cancel))?.Count ?? 0;
        }

        if (days.Count == 0)
            throw new CannotRunException("The audit log has no such day: \"ingest audit list\" shows the newest.");
        await desk.Desk.Audit.AppendAsync(desk.Tenant, new AuditEvent(AuditAction.Exported, AuditActor.Command) { Code = form == AuditForm.Ocsf ? "audit-ocsf" : "audit", Count = entries }, cancel);
        string to = line.GetRequiredValue(To);
        if (to != "-") Directory.CreateDirectory(to);
        AuditSpan? span = form == AuditForm.Chain ? await desk.Desk.AuditExport.SignSpanAsync(desk.Tenant, days.Peek(), days.Last(), cancel) : null;
        foreach (string day in days)
        {
            await using Stream output = to == "-"
                ? Console.OpenStandardOutput()
                : File.Create(Path.Combine(to, $"audit-{desk.Tenant}-{day}.{(form == AuditForm.Ocsf ? "ocsf.ndjson" : "ndjson")}"));
            await desk.Desk.AuditExport.WriteAsync(desk.Tenant, day, form, output, cancel, span);
        }

        return ExitCode.Ok;
    }
}
