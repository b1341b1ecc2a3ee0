using System.Globalization;
using System.Text;
using Ingest.Core.Pipeline;
using Ingest.Core.Replies;
using Ingest.Core.Tests.Replies;
using Ingest.Core.Tests.Store;
using Ingest.Core.Tickets;
using Ingest.Mail.Mime;
using Xunit;

namespace Ingest.Core.Tests.Pipeline;

/// <summary>Who joins a ticket by what: the whole table, so that a rule cannot change unseen.</summary>
[Collection(nameof(StorageCollection))]
public sealed class SpoofTableTests(StorageFixture storage)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // A token proves that its bearer has our mail; who is not proven must at least be one of those we write to. References prove nothing: there it takes a
    // participant whose mail authenticates. A number in the subject or the text proves nothing at all. Nobody is us.
    private const string Golden = """
                    token            references       subject          body
        requester   join join join   join link link   new  new  new    new  new  new
        copied      join join join   join link link   new  new  new    new  new  new
        colleague   join link link   link link link   new  new  new    new  new  new
        stranger    join link link   link link link   new  new  new    new  new  new
        ourselves   no   no   no     no   no   no     no   no   no     no   no   no
        """;

    [Fact]
    public async Task Failure_33_A_stranger_never_joins_and_never_reopens()
    {
        TestDesk test = await new TestDesk(storage).OpenForRepliesAsync(Cancel);
        FakeSender sender = new();
        StringBuilder table = new("            token            references       subject          body\n");
        (string Who, string Address)[] people = [("requester", "ann@ann.example"), ("copied", "carl@ann.example"), ("colleague", "dora@ann.example"), ("stranger", "eve@evil.example"), ("ourselves", TestDesk.Address)];
        int round = 0;
        foreach ((string who, string address) in people)
        {
            table.Append(who.PadRight(12));
            foreach (string way in new[] { "token", "references", "subject", "body" })
            {
                foreach (string verdict in new[] { "pass", "fail", "none" })
                    table.Append((await TryAsync(test, sender, address, way, verdict, round++)).PadRight(5));
                table.Append("  ");
            }

            table.Length -= 2;
            while (table[^1] == ' ') table.Length--;
            table.Append('\n');
        }

        Assert.Equal(string.Join('\n', Golden.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd())), table.ToString().TrimEnd());
    }

    private static async Task<string> TryAsync(TestDesk test, FakeSender sender, string address, string way, string verdict, int round)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"root{round}@ann.example");
        JournalLine root = await test.TakeInAsync(Mails.From("ann@ann.example", string.Create(CultureInfo.InvariantCulture, $"Printer {round}"), id, extra: "Cc: carl@ann.example\r\n"), Cancel);
        await test.Desk.Tickets.SetStateAsync(test.Tenant, root.TicketId, TicketState.Closed, Cancel);
        Ticket ticket = (await test.Desk.Tickets.FindAsync(test.Tenant, root.TicketId, Cancel))!;
        string token = way == "token" ? await TokenAsync(test, sender, root.TicketId) : "";
        string domain = address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..];
        StringBuilder mail = new();
        if (verdict != "none") mail.Append(CultureInfo.InvariantCulture, $"Authentication-Results: mx.google.com; dmarc={verdict} header.from={domain}\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"From: {address}\r\nTo: {(way == "token" ? token : TestDesk.Address)}\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"Subject: {(way == "subject" ? $"Re: [#{ticket.Number}] Printer {round}" : "Let me see")}\r\nMessage-ID: <try{round}@{domain}>\r\n");
        if (way == "references") mail.Append(CultureInfo.InvariantCulture, $"In-Reply-To: <{id}>\r\nReferences: <{id}>\r\n");
        mail.Append(CultureInfo.InvariantCulture, $"\r\nHello. {(way == "body" ? $"Ticket {ticket.Number} {ticket.Id}" : "")} {round}\r\n");
        JournalLine end = await test.TakeInAsync(Encoding.ASCII.GetBytes(mail.ToString()), Cancel);

        Ticket after = (await test.Desk.Tickets.FindAsync(test.Tenant, root.TicketId, Cancel))!;
        bool joined = end.Outcome == OutcomeKind.Ticketed && end.TicketId == root.TicketId;
        Assert.Equal(joined ? TicketState.Open : TicketState.Closed, after.State);
        Assert.Equal(ticket.Document!.Requester, after.Document!.Requester);
        return joined ? "join" : end.Outcome != OutcomeKind.Ticketed ? "no" : end.Reason == OutcomeReason.NewTicketLinked ? "link" : "new";
    }

    private static async Task<string> TokenAsync(TestDesk test, FakeSender sender, string ticket)
    {
        await test.Desk.Replies.QueueAsync(test.Tenant, ticket, new NewReply { Text = "Hello." }, Cancel);
        Settings.Desk process = test.NewProcess(sender: sender);
        List<ReplyWork> waiting = [];
        await foreach (ReplyWork work in process.Outbox.PendingAsync(DateTimeOffset.MaxValue, Cancel))
            if (work.Tenant == test.Tenant) waiting.Add(work);
        foreach (ReplyWork work in waiting) await process.SendReply.RunAsync(work, Cancel);
        return MailMessage.Parse(sender.Delivered[^1].Message).ReplyTo[0].Address;
    }
}
