using System.Globalization;
using System.Text;
using Ingest.App.Tests.FrontDoor;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Replies;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.BrowserTests;

/// <summary>A tenant as it looks after some days of work: two mailboxes, tickets of every kind, mail kept back, a reply and a note.</summary>
internal sealed record House(TenantContext Tenant, Mailbox Gmail, Mailbox Import, Ticket Thread, Ticket Formatted, Ticket Plain, JournalLine Spam, Ticket Doubted, Mailbox Imap)
{
    private const string Dot = "iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAIAAABvFaqvAAAAJElEQVR42mPQj9tBFcQwatCoQaMGjRo0atCoQaMGjRo0agEAvwB0gH8lxYQAAAAASUVORK5CYII=";

    private static CancellationToken Cancel => RunningSystem.Cancel;

    public static async Task<House> BuildAsync(RunningSystem system)
    {
        TenantContext tenant = RunningSystem.NewTenant();
        string gmail = $"support-{Guid.NewGuid().ToString("N")[..6]}@acme.example", import = $"billing-{Guid.NewGuid().ToString("N")[..6]}@acme.example";
        byte[][] mails =
        [
            FireMail(gmail), HtmlMail(gmail), Mails.From("noor.van.der.meer@reisbureau-zonneschijn.example", "Kan ik mijn boeking nog wijzigen?", gmail, "Goedendag,\r\n\r\nkunt u de datum veranderen naar 3 december?\r\n\r\nMet vriendelijke groet,\r\nNoor\r\n"),
            UnverifiedMail(gmail), SpamMail(gmail), MailWithFiles(gmail),
            Mails.From("a.very.long.address.that.nobody.would.ever.type.by.hand@a-long-subdomain.of.some-company.example", "Re: Fwd: AW: " + string.Concat(Enumerable.Repeat("supercalifragilistic", 6)), gmail,
                "See https://shop.example/orders/" + new string('7', 180) + "?x=1 please.\r\n"),
        ];
        // What deceivers do, in a mail that agents get to see.
        await system.Desk.Policies.ChangeAsync(tenant, null, policy => policy with { Rules = [new MailRule(RuleEffect.Allow, RuleSubject.Address, "sales@partner.example")] }, AuditActor.Command, Cancel);
        foreach (byte[] mail in mails) await system.Google.ImportAsync(gmail, mail, Cancel);
        Mailbox box = await FrontDoor.Browser.ConnectAsync(system, tenant, gmail);
        Mailbox other = await system.GiveAsync(tenant, import, Mails.From("accounts@customer.example", "Invoice 4711 is wrong", import), Mails.From("accounts@customer.example", "Second reminder", import));
        await system.SettledAsync(tenant, box.Id, mails.Length);
        await system.SettledAsync(tenant, other.Id, 2);

        IReadOnlyList<Ticket> tickets = await system.Desk.Tickets.NewestAsync(tenant, box.Id, TicketState.Open, 50, Cancel);
        Ticket Of(string subject) => tickets.First(t => t.Document!.Subject.StartsWith(subject, StringComparison.Ordinal));
        Ticket thread = Of("The printer");
        await system.Desk.Replies.AddNoteAsync(tenant, thread.Id, new NewNote("I have called the warehouse: a new drum is on its way.\nDo not promise a date yet.", Caller.LocalOwnerId, "Local owner"), Cancel);
        await system.Desk.Tickets.AssignAsync(tenant, thread.Id, Caller.LocalOwnerId, Cancel);
        Ticket done = (await system.Desk.Tickets.NewestAsync(tenant, other.Id, TicketState.Open, 5, Cancel))[0];
        await system.Desk.Tickets.SetStateAsync(tenant, done.Id, TicketState.Closed, Cancel);
        JournalLine spam = Assert.Single(await system.Desk.ReviewList.ListAsync(tenant, box.Id, OutcomeKind.Quarantined, 5, Cancel));
        await system.Desk.Journal.CloseAsync(tenant, box.Id, spam with { MessageKey = "0" + spam.MessageKey[1..^1] + "z", Outcome = OutcomeKind.Parked, Reason = OutcomeReason.OriginalMissing, Steps = "" }, Cancel);
        Ticket doubted = Of("Two files");
        await ApiHouse.DoubtAsync(system, tenant, doubted.Id);
        Mailbox imap = await system.Desk.Mailboxes.ConnectImapAsync(tenant, new MailboxProfile
        {
            Address = $"help-{Guid.NewGuid().ToString("N")[..6]}@a-long-name.of-some-company.example",
            Imap = new ServerSettings { Host = "imap.some-company.example", Port = 993, Tls = Ingest.Mail.Wire.TlsMode.Implicit, UserName = "help" },
            Smtp = new ServerSettings { Host = "smtp.some-company.example", Port = 465, Tls = Ingest.Mail.Wire.TlsMode.Implicit, UserName = "help" },
        }, "secret", Cancel);
        await system.Desk.Mailboxes.ChangeProfileAsync(tenant, imap.Id, profile => profile with
        {
            SenderName = "Some Company",
            Aliases = ["sales@some-company.example"],
            Acknowledgement = "Thank you. We have your mail and will answer within a day.\n\nIts number is {number}.",
        }, Cancel);
        await system.Desk.SigningKeys.CreateAsync(tenant, "a-long-name.of-some-company.example", "ingest1", Cancel);
        return new House(tenant, box, other, thread, Of("Your offer"), Of("Kan ik"), spam, doubted, imap);
    }

    private static byte[] FireMail(string to) => Mails.From("ann@customer.example", "The printer is on fire", to,
        "Hello,\r\n\r\nthe printer that you sent last week is on fire. My card is 4111 1111 1111 1111, please send another.\r\n\r\nSee https://customer.example/pictures for pictures.\r\n\r\n"
        + "On Tue, 3 Mar 2026 at 10:00, Acme Support wrote:\r\n> How is the new printer?\r\n> Acme\r\n\r\n-- \r\nAnn Miller\r\nHead of Paper\r\n");

    private static byte[] UnverifiedMail(string to) => Encoding.UTF8.GetBytes(
        $"From: \"Chief Executive\" <ceo@acme-group.example>\r\nTo: {to}\r\nReply-To: other@elsewhere.example\r\nSubject: Send me the customer list\r\nMessage-ID: <{Guid.NewGuid():N}@x.example>\r\n\r\nUrgent.\r\n");

    private static byte[] SpamMail(string to) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"Authentication-Results: mx.google.com; dkim=fail; spf=fail smtp.mailfrom=x@pills.example; dmarc=fail (p=REJECT) header.from=pills.example\r\nX-Spam-Flag: YES\r\nFrom: win12345@pills.example\r\nTo: {to}\r\nSubject: YOU HAVE WON $$ 1,000,000!!!\r\nMessage-ID: <{Guid.NewGuid():N}@pills.example>\r\nContent-Type: text/html\r\n\r\n<form action=http://1.2.3.4/><a href=\"http://1.2.3.4/x\">https://bank.example</a> Click here to claim your prize <img src=http://1.2.3.4/p.png></form>\r\n"));

    private static byte[] MailWithFiles(string to)
    {
        byte[] mail = Mails.WithFile("bob@customer.example", "Two files", [1, 2, 3]);
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(mail).Replace("support@acme.example", to, StringComparison.Ordinal));
    }

    /// <summary>A mail as programs of marketing people make it, with a picture of its own and others from elsewhere.</summary>
    private static byte[] HtmlMail(string to)
    {
        string text = Encoding.UTF8.GetString(Mails.From("sales@partner.example", "Your offer", to, ""));
        string head = text[..text.IndexOf("Content-Type:", StringComparison.Ordinal)];
        return Encoding.UTF8.GetBytes(head + "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=rel\r\n\r\n--rel\r\nContent-Type: multipart/alternative; boundary=alt\r\n\r\n"
            + "--alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDear Acme,\r\nour offer is attached.\r\n\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            + "<html><body bgcolor=\"#f4f4f4\"><table width=600 bgcolor=white style=\"border:1px solid #ddd;padding:12px\"><tr><td><img src=\"cid:logo@partner\" alt=Logo></td><td><h1 style=\"color:#0a6\">Our offer</h1></td></tr>"
            + "<tr><td colspan=2>Dear Acme,<br>our <a href=\"https://partner.example/offer\">offer</a> and <a href=\"https://evil.example/\">https://bank.example</a>.<p><img src=\"https://tracker.example/banner.png\" alt=\"Spring sale\"><img src=\"https://tracker.example/open.gif\" width=1 height=1>"
            + "<form action=\"https://evil.example/\"><input name=password></form></td></tr></table></body></html>\r\n--alt--\r\n--rel\r\nContent-Type: image/png; name=logo.png\r\nContent-ID: <logo@partner>\r\nContent-Disposition: inline; filename=logo.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Dot + "\r\n--rel--\r\n");
    }
}
