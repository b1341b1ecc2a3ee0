using System.CommandLine;
using Ingest.Cli.Views;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;

namespace Ingest.Cli.Commands;

/// <summary>Puts parked mails back to work.</summary>
internal static class ReplayCommand
{
    static readonly Argument<string[]> Keys = new("mail")
    {
        Description = "The parked mails to replay, as \"ingest journal\" prints them; none means all.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        ExampleCommand command = new("replay", "Takes parked mails in again, once what kept them out was put right.", "ingest replay") { Keys };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult line, CancellationToken cancel)
    {
        TextWriter output = line.InvocationConfiguration.Output;
        HashSet<string> wanted = [.. line.GetValue(Keys) ?? []];
        LocalDesk desk = LocalDesk.Of(line);
        int queued = 0, refused = 0, seen = 0;
        foreach (MailboxView mailbox in await desk.MailboxesAsync(cancel))
        {
            List<JournalLine> parked = [];
            await foreach (JournalLine entry in desk.Desk.Journal.ListAsync(desk.Tenant, mailbox.Mailbox.Id, cancel))
                if (entry.Outcome == OutcomeKind.Parked && (wanted.Count == 0 || wanted.Contains(entry.MessageKey)))
                    parked.Add(entry);
            seen += parked.Count;
            int kept = await ReplayKeptAsync(desk, mailbox.Mailbox.Id, parked.Where(entry => entry.Length >= 0), cancel);
            int fetched = await FetchAgainAsync(desk, mailbox, [.. parked.Where(entry => entry.Length < 0).Select(entry => entry.MessageKey)], cancel);
            queued += kept + fetched;
            refused += parked.Count - kept - fetched;
        }

        if (seen < wanted.Count)
            throw new CannotRunException($"{Words.Count(wanted.Count - seen, "mail")} of those named are not parked: \"ingest journal\" shows which are.");
        await output.WriteLineAsync(seen == 0 ? "Nothing is parked." : $"{Words.Count(queued, "mail")} put back to work.");
        if (refused > 0)
            await output.WriteLineAsync($"{Words.Count(refused, "mail")} could not be fetched from the mailbox and stay parked.");
        return refused == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    static async Task<int> ReplayKeptAsync(LocalDesk desk, InboxId inbox, IEnumerable<JournalLine> parked, CancellationToken cancel)
    {
        int count = 0;
        foreach (JournalLine entry in parked)
        {
            PackEntry mail = new(entry.MessageKey, ProviderId: "", entry.Offset, entry.Length, entry.Received.ToUnixTimeMilliseconds());
            await desk.Desk.IngestQueue.SendAsync(SyncMailbox.WorkFor(desk.Tenant, inbox, entry.Pack, mail).ToJson(), delay: null, cancel);
            count++;
        }
        return count;
    }

    // Of these we never had the bytes; only the mailbox they came from can hand them out.
    static async Task<int> FetchAgainAsync(LocalDesk desk, MailboxView mailbox, HashSet<string> keys, CancellationToken cancel)
    {
        if (keys.Count == 0 || mailbox.Mailbox.Kind == MailboxKind.Import)
            return 0;
        InboxId inbox = mailbox.Mailbox.Id;
        await using IMailSource source = await desk.Desk.Sources.OpenAsync(desk.Tenant, mailbox, cancel);
        int count = 0;
        await foreach (Pack pack in desk.Desk.Packs.ListAsync(desk.Tenant, inbox, openOnly: false, cancel))
            foreach (PackEntry entry in pack.Entries)
                if (keys.Remove(entry.MessageKey) && await desk.Desk.SyncMailbox.FetchAgainAsync(desk.Tenant, inbox, source, entry, cancel))
                    count++;
        return count;
    }
}
