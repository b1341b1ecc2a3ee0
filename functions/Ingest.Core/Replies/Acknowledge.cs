using System.Globalization;
using System.Text;
using Azure;
using Ingest.Core.Access;
using Ingest.Core.Keys;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Policies;
using Ingest.Core.Spam;
using Ingest.Core.Store;
using Ingest.Core.Threading;
using Ingest.Core.Tickets;

namespace Ingest.Core.Replies;

/// <summary>
/// The automatic acknowledgement of a new ticket (RFC 3834): off unless the mailbox has a text for it, only to a person whose mail authenticates and who
/// did not ask for silence, once a ticket, and to one sender a few times an hour and a day at most. Mail that a person let in is acknowledged on the same terms. Every loop
/// ends here.
/// </summary>
public sealed class Acknowledge(TableServiceClient tables, Anchors anchors, Outbox outbox, WorkQueue queue, TimeProvider time)
{
    /// <summary>The most acknowledgements that one sender gets within an hour.</summary>
    public const int MostAnHour = 3;

    /// <summary>The most acknowledgements that one sender gets within a day.</summary>
    public const int MostADay = 10;

    /// <summary>The most acknowledgements within an hour to all senders of one domain: a machine may write under another name each time.</summary>
    public const int MostOfDomainAnHour = 30;

    /// <summary>The most acknowledgements within a day to all senders of one domain.</summary>
    public const int MostOfDomainADay = 300;

    private const string RowKey = "acknowledged";
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(5);
    private readonly TableClient _rows = tables.GetTableClient(TableNames.Suppressions);

    /// <summary>The acknowledgement to write together with a mail's ticket, its sending queued; null when there is to be none.</summary>
    public async Task<OutgoingMessage?> RunAsync(Facts facts, Decision decision, Mailbox mailbox, NewMessage mail, MailboxRedaction redaction, TenantKeys ids, CancellationToken cancel)
    {
        bool wanted = mailbox.Profile.Acknowledgement.Length > 0 && QueueReply.CanSendFrom(mailbox) && decision.StartsTicket
            && facts.Screened.MayAcknowledge && (facts.Spam.Verdict == SpamVerdictKind.Ham || facts.Mail.Released) && mail.Document.FromAddress.Contains('@', StringComparison.Ordinal);
        TenantContext tenant = facts.Mail.Tenant;
        if (!wanted || !(await MayAsync(tenant, decision.ContactId, facts.Mail.MessageKey, MostAnHour, MostADay, cancel) ?? throw new NotNowException("suppression-contended"))) return null;
        if (!await MayDomainAsync(tenant, facts, ids, cancel)) return null;

        string key = Crockford32.Encode(ids.Mac("acknowledgement", Encoding.UTF8.GetBytes(decision.TicketId)).AsSpan(0, 20));
        NewMessage answer = Write(decision, mailbox, mail, redaction, ids, key);
        ReplyWork work = new()
        {
            TenantText = tenant.Tenant.Value, InboxText = mailbox.Id.Value, TicketId = decision.TicketId, Key = key, FirstSeenUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        await outbox.ExpectAsync(work, cancel);
        await queue.SendAsync(work.ToJson(), HeadStart, cancel);
        await anchors.ClaimAsync(tenant, ids.AnchorKey(mailbox.Id, answer.Document.MessageId), new Anchor(decision.TicketId, Claimed: true, key), contact: null, cancel);
        return new OutgoingMessage(answer, Outbox.NewRow(tenant, decision.TicketId, key, automatic: true, time.GetUtcNow()));
    }

    // So many of one domain at once that they cannot even be counted are what the limit is for.
    private async Task<bool> MayDomainAsync(TenantContext tenant, Facts facts, TenantKeys ids, CancellationToken cancel)
    {
        if (PublicMail.IsProvider(facts.Auth.FromDomain)) return true;
        return await MayAsync(tenant, DomainOf(ids, facts.Auth.FromDomain), facts.Mail.MessageKey, MostOfDomainAnHour, MostOfDomainADay, cancel) ?? false;
    }

    private static string DomainOf(TenantKeys ids, string domain) => Crockford32.Encode(ids.Mac("acknowledged-domain", Encoding.UTF8.GetBytes(domain)).AsSpan(0, 16));

    /// <summary>Forgets when a domain was sent acknowledgements upon these mails: of somebody with a domain of their own that is a count kept by their name.</summary>
    internal static async Task ForgetAsync(TableServiceClient tables, TenantContext tenant, string domain, IReadOnlySet<string> messageKeys, TenantKeys ids, CancellationToken cancel)
    {
        TableClient rows = tables.GetTableClient(TableNames.Suppressions);
        string partition = $"{tenant}.{DomainOf(ids, domain)}";
        while (await rows.GetEntityIfExistsAsync(partition, RowKey, cancel: cancel) is { } row)
        {
            List<(long At, string Key)> all = [.. Read(row.GetString("sent") ?? "")], rest = [.. all.Where(sent => !messageKeys.Contains(sent.Key))];
            if (rest.Count == all.Count) return;
            try
            {
                if (rest.Count == 0) await rows.DeleteEntityAsync(partition, RowKey, row.ETag, cancel);
                else await rows.UpdateEntityAsync(RowOf(partition, rest), row.ETag, TableUpdateMode.Replace, cancel);
                return;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 412)
            {
                // Another was sent meanwhile.
            }
        }
    }

    private static TableEntity RowOf(string partition, IEnumerable<(long At, string Key)> sent) =>
        new(partition, RowKey) { ["sent"] = string.Join(' ', sent.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.At}:{s.Key}"))) };

    private static NewMessage Write(Decision decision, Mailbox mailbox, NewMessage mail, MailboxRedaction redaction, TenantKeys ids, string key)
    {
        string from = mailbox.Profile.Address, token = ReplyToken.Create((domain, data) => ids.Mac(domain, data), mailbox.Id, decision.TicketId);
        string text = OutgoingCheck.Masked(mailbox.Profile.Acknowledgement, redaction).Replace("{number}", TenantKeys.DisplayNumber(decision.TicketId), StringComparison.Ordinal);
        MessageDocument document = new()
        {
            FromName = mailbox.Profile.SenderName,
            FromAddress = from,
            ReplyTo = mailbox.TakesPlusAddresses ? ReplyToken.ReplyAddress(from, token) ?? "" : "",
            To = [mail.Document.FromAddress],
            MessageId = ReplyToken.MessageId(token, key[..16], from[(from.LastIndexOf('@') + 1)..]),
            References = ReplyText.References(mail.Document),
            // The mail's own time, so that a second try writes the same bytes.
            Date = mail.Arrived,
            Subject = ReplyText.Subject(OutgoingCheck.Masked(mail.Document.Subject, redaction)),
            Text = text,
            Html = ReplyText.Html(text, parent: null),
            Reply = text,
        };
        return new NewMessage(key, mail.Arrived, MessageMarks.Outbound | MessageMarks.Automatic, document, []);
    }

    // Counted under the row's version, with the mail's key: counted twice it counts once. Null when too many count at once.
    private async Task<bool?> MayAsync(TenantContext tenant, string who, string messageKey, int mostAnHour, int mostADay, CancellationToken cancel)
    {
        string partition = $"{tenant}.{who}";
        for (int tries = 0; tries < 4; tries++)
        {
            DateTimeOffset now = time.GetUtcNow();
            TableEntity? row = await _rows.GetEntityIfExistsAsync(partition, RowKey, cancel: cancel);
            List<(long At, string Key)> sent = [.. Read(row?.GetString("sent") ?? "").Where(s => s.At > (now - TimeSpan.FromDays(1)).ToUnixTimeMilliseconds())];
            if (sent.Exists(s => s.Key == messageKey)) return true;
            if (sent.Count >= mostADay || sent.Count(s => s.At > (now - TimeSpan.FromHours(1)).ToUnixTimeMilliseconds()) >= mostAnHour) return false;
            sent.Add((now.ToUnixTimeMilliseconds(), messageKey));
            TableEntity next = RowOf(partition, sent);
            try
            {
                if (row is null) await _rows.AddEntityAsync(next, cancel);
                else await _rows.UpdateEntityAsync(next, row.ETag, TableUpdateMode.Replace, cancel);
                return true;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
            }
        }

        return null;
    }

    private static IEnumerable<(long At, string Key)> Read(string sent) =>
        sent.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split(':')).Where(p => p.Length == 2).Select(p => (long.Parse(p[0], CultureInfo.InvariantCulture), p[1]));
}
