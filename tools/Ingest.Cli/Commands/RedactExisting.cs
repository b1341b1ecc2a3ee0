using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Ingest.Cli.Views;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Ingest.Core.Redaction;
using Ingest.Core.Retention;

namespace Ingest.Cli.Commands;

/// <summary><c>ingest redact --existing</c>: redacts what a mailbox's tickets hold already.</summary>
internal static class RedactExisting
{
    static readonly Option<string?> Mailbox = new("--existing") { Description = "Redact what the tickets of this mailbox (id or address) hold already, for good; stopped anywhere, it goes on there when asked again.", HelpName = "mailbox" };
    static readonly Option<bool> DryRun = new("--dry-run") { Description = "With --existing: only count what would be found." };
    static readonly Option<bool> Yes = new("--yes") { Description = "With --existing: really, since what is redacted cannot be brought back by anyone." };

    /// <summary>Adds the options to <c>ingest redact</c>.</summary>
    public static void AddTo(Command command)
    {
        command.Add(Mailbox);
        command.Add(DryRun);
        command.Add(Yes);
    }

    /// <summary>Runs over the mailbox that the line names; null when it names none. <paramref name="given"/> is a policy instead of the mailbox's own; whoever goes on with a run gives it again.</summary>
    public static async Task<int?> TryRunAsync(ParseResult line, RedactionPolicy? given, CancellationToken cancel)
    {
        string digest = given is null ? "" : Convert.ToHexStringLower(SHA256.HashData(given.ToJson()));
        if (line.GetValue(Mailbox) is not { Length: > 0 } name) return null;
        LocalDesk desk = LocalDesk.Of(line);
        Core.Access.InboxId inbox = (await desk.MailboxAsync(name, cancel)).Mailbox.Id;
        if (line.GetValue(DryRun))
        {
            MailboxRun found = await desk.Desk.RedactMailbox.TryAsync(desk.Tenant, inbox, given, cancel);
            await line.InvocationConfiguration.Output.WriteLineAsync($"Nothing was changed. {Said(found, "would be")}");
            return ExitCode.Ok;
        }

        if (!line.GetValue(Yes)) throw new CannotRunException("Nothing was redacted. What is redacted cannot be brought back by anyone, and the original mails go with it: look at it with --dry-run, and say --yes if that is meant.");
        try
        {
            MailboxRun run = await desk.Desk.RedactMailbox.RunAsync(desk.Tenant, inbox, AuditActor.Command, cancel, given, digest) ?? throw new CannotRunException("There is no such mailbox.");
            await line.InvocationConfiguration.Output.WriteLineAsync(Said(run, "were"));
            if (run.Changed > 0) await line.InvocationConfiguration.Output.WriteLineAsync("The changed tickets have new keys: run \"ingest keys backup\" now, so that a backup holds them.");
            return run.IsWhole ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (NotNowException e) when (e.ReasonCode == RedactMailbox.DryRunCode)
        {
            throw new CannotRunException("Nothing was redacted: the policy is a dry run. Set \"dryRun\" to false in it first, or count with --dry-run.");
        }
        catch (NotNowException e) when (e.ReasonCode == "redaction-contended")
        {
            throw new CannotRunException("Somebody else redacts this mailbox at this moment, or housekeeping does: ask again in some minutes.");
        }
    }

    static string Said(MailboxRun run, string verb)
    {
        string counts = run.Counts.Count == 0 ? "nothing found" : TallyWords.Of(run.Counts.ToDictionary(count => count.Key, count => (int)Math.Min(count.Value, int.MaxValue)));
        string rest = string.Concat(
            run.Names > 0 ? $" {Words.Count((int)run.Names, "name")} of {(run.Names == 1 ? "a person" : "people")}, kept apart from tickets, {(verb == "were" && run.Names == 1 ? "was" : verb)} masked." : "",
            run.Originals > 0 ? $" {Words.Count((int)run.Originals, "more original")} {(run.Originals == 1 ? "is" : "are")} destroyed." : "",
            run.Held > 0 ? string.Create(CultureInfo.InvariantCulture, $" {run.Held:N0} {(run.Held == 1 ? "stays as it is" : "stay as they are")} under a legal hold.") : "",
            run.Failed > 0 ? string.Create(CultureInfo.InvariantCulture, $" {run.Failed:N0} could not be done now: ask again.") : "",
            run.Closed > 0 ? string.Create(CultureInfo.InvariantCulture, $" {run.Closed:N0} {(run.Closed == 1 ? "ticket or name does" : "tickets or names do")} not open, damaged or without their key, and nobody looked into them: ask again when they open.") : "",
            run.Unread > 0 ? $" {Words.Count((int)run.Unread, "message")} or {(run.Unread == 1 ? "a file of it does" : "files of theirs do")} not open, and the original may hold what was to be masked: ask again when they open, or destroy it with \"ingest tickets original --destroy\"." : "");
        return string.Create(CultureInfo.InvariantCulture, $"{Words.Count((int)run.Looked, "ticket")} looked at, {run.Changed:N0} {(verb == "were" && run.Changed == 1 ? "was" : verb)} changed: {counts}.{rest}");
    }
}
