using System.Security.Cryptography;
using System.Text;
using Ingest.Core.Access;
using Ingest.Core.Pipeline;
using Ingest.Core.Store;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.Endurance;

/// <summary>
/// What a run left behind, in words that do not depend on drawn ids, on the order of work or on which of two copies came first: tickets by the mails
/// in them, mails by outcome, and where the anchors of the mails lead. Also holds the stores to what must be true of any run.
/// </summary>
internal static class EndState
{
    public static async Task<IReadOnlyList<string>> ReadAsync(Rig rig, CancellationToken cancel)
    {
        List<string> lines = [];
        Dictionary<string, JournalLine> all = [];
        Dictionary<string, string> tickets = [];
        foreach (InboxId inbox in rig.Inboxes)
        {
            string name = inbox == rig.Imports.Id ? "imports" : "gmail";
            List<JournalLine> journal = [];
            await foreach (JournalLine line in rig.Desk.Journal.ListAsync(rig.Tenant, inbox, cancel)) journal.Add(line);
            lines.AddRange(journal.GroupBy(Ending).Select(g => $"{name}: {g.Key}: {g.Count()}"));
            foreach (JournalLine line in journal) Assert.True(all.TryAdd(line.MessageKey, line), "A mail has two lines.");
            foreach ((string id, string ticket) in await TicketsAsync(rig, inbox, journal, cancel))
            {
                tickets.Add(id, ticket);
                lines.Add($"{name}: {ticket}");
            }

            Books books = await rig.BooksAsync(inbox, cancel);
            Assert.True(books is { Balance: true, InFlight: 0, Unlisted: 0 }, books.ToString());
            Assert.Equal(books.Listed, journal.Count);
        }

        lines.AddRange(await AnchorsAsync(rig, all, tickets, cancel));
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    // Which mail of a thread started it, and which found it there, is a matter of order.
    private static string Ending(JournalLine line) => line.Outcome == OutcomeKind.Ticketed ? "Ticketed" : $"{line.Outcome}/{line.Reason}";

    private static async Task<Dictionary<string, string>> TicketsAsync(Rig rig, InboxId inbox, List<JournalLine> journal, CancellationToken cancel)
    {
        Dictionary<string, string> tickets = [];
        ILookup<string, string> ticketed = journal.Where(line => line.Outcome == OutcomeKind.Ticketed).ToLookup(line => line.TicketId, line => line.MessageKey);
        foreach (IGrouping<string, string> mails in ticketed)
        {
            Ticket ticket = await rig.Desk.Tickets.FindAsync(rig.Tenant, mails.Key, cancel) ?? throw new InvalidOperationException("A journal line leads to no ticket.");
            IReadOnlyList<TicketMessage> messages = await rig.Desk.Tickets.MessagesAsync(rig.Tenant, mails.Key, cancel);
            Assert.Equal(mails.Order(StringComparer.Ordinal), messages.Select(m => m.Key).Order(StringComparer.Ordinal));
            Assert.Equal(messages.Count, ticket.Messages);
            tickets.Add(mails.Key, "ticket: " + string.Join(" + ", messages.Select(Mail).Order(StringComparer.Ordinal)));
        }

        IReadOnlyList<Ticket> listed = await rig.Desk.Tickets.NewestAsync(rig.Tenant, inbox, TicketState.Open, 10_000, cancel);
        Assert.Equal(tickets.Keys.Order(StringComparer.Ordinal), listed.Select(t => t.Id).Order(StringComparer.Ordinal));
        return tickets;
    }

    private static string Mail(TicketMessage message)
    {
        string text = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Document!.Text.Trim())))[..12];
        return $"[{message.Document.Subject} | {message.Document.FromAddress} | {text}]";
    }

    // Every mail that was decided upon stands at its own id with the ticket it is in, and the id leads to one of these tickets: to which, when several
    // mails share an id, is a matter of order.
    private static async Task<IEnumerable<string>> AnchorsAsync(Rig rig, Dictionary<string, JournalLine> journal, Dictionary<string, string> tickets, CancellationToken cancel)
    {
        Dictionary<string, (string LeadsTo, List<string> Decided)> anchors = [];
        HashSet<string> owners = [];
        await foreach (TableEntity row in rig.Desk.Storage.Tables.GetTableClient(TableNames.Anchors).QueryAsync(TableFilter.PartitionPrefix(rig.Tenant + "."), cancel: cancel))
        {
            if (row.RowKey == "anchor") anchors.Add(row.PartitionKey, (LeadsTo(row, journal, tickets), []));
            if (!row.RowKey.StartsWith("d!", StringComparison.Ordinal)) continue;
            string owner = row.GetString("owner")!, ticket = row.GetString("ticket")!;
            Assert.True(anchors.ContainsKey(row.PartitionKey), "A decision stands without an anchor.");
            Assert.True(owners.Add(owner), "A mail was decided upon twice.");
            Assert.Equal(journal[owner].TicketId, ticket);
            anchors[row.PartitionKey].Decided.Add(ticket.Length == 0 ? "none" : tickets[ticket]);
        }

        foreach ((string leadsTo, List<string> decided) in anchors.Values)
            Assert.True(decided.Count == 0 || decided.Contains(leadsTo), "An id leads elsewhere than the mails that bear it.");
        return anchors.Values.SelectMany(a => a.Decided).Select(ticket => "anchor: " + ticket).GroupBy(line => line).Select(g => $"{g.Count()} × {g.Key}");
    }

    // An id that was claimed by a mail which then ended elsewhere leads there.
    private static string LeadsTo(TableEntity anchor, Dictionary<string, JournalLine> journal, Dictionary<string, string> tickets)
    {
        string id = anchor.GetString("ticket") ?? "";
        if (id.Length > 0 && !tickets.ContainsKey(id)) id = journal[anchor.GetString("by")!].TicketId;
        return id.Length == 0 ? "none" : tickets[id];
    }
}
