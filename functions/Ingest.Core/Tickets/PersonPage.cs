using System.Globalization;
using System.Net;
using System.Text;

namespace Ingest.Core.Tickets;

/// <summary>The page with which a person begins to read.</summary>
internal static class PersonPage
{
    public static string Write(ContactDocument profile, IReadOnlyList<PersonTicket> tickets, IReadOnlyList<(string Place, string Subject, DateTimeOffset Received)> kept, PersonReport report, PersonWish wish, DateTimeOffset now)
    {
        StringBuilder page = new("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Your data</title><style>body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}li{margin:.2rem 0}</style></head><body>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>What we hold about {Safe(profile.Address)}</h1><p>Written on {now.UtcDateTime:yyyy-MM-dd HH:mm} UTC. {report.Tickets} tickets, {report.Messages} messages, {report.Attachments} files.</p>");
        page.Append(CultureInfo.InvariantCulture, $"<h2>You</h2><p>Name: {Safe(profile.Name)}. Address: {Safe(profile.Address)}. The same as data: <a href=\"profile.json\">profile.json</a>.");
        page.Append(wish.ContactId.Length > 0 ? " When we told you that your mail had arrived: <a href=\"acknowledgements.json\">acknowledgements.json</a>.</p>" : "</p>");
        page.Append("<h2>How to read this</h2><p>Each message is there as text and as data (JSON), with its files beside it. Numbers of cards and accounts that we found in mail were removed when it came in, and we do not have them any more.</p>");
        if (wish.Level is { IsOff: false }) page.Append("<p>In this copy more was masked than is where we keep it.</p>");
        page.Append("<p>In tickets that you opened you find the whole conversation; in tickets of others only the messages that name your address. ");
        page.Append(CultureInfo.InvariantCulture, $"{report.OthersLeftOut} messages between others and {report.NotesLeftOut} notes that our staff wrote for themselves are left out. Ask us if you want to know about these.</p>");
        if (report.TicketsUnread + report.PartsUnread > 0)
            page.Append(CultureInfo.InvariantCulture, $"<h2>What could not be read</h2><p>{report.PartsUnread} messages and files that should be here could not be read, and {report.TicketsUnread} tickets of which we cannot tell whether they hold anything of yours. They are damaged, or the key to them is lost for now. Ask us for them later.</p>");
        foreach (PersonTicket ticket in tickets.OrderByDescending(t => t.Ticket.Updated))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>Ticket {Safe(ticket.Ticket.Number)}: {Safe(ticket.IsOwn ? ticket.Subject : "of somebody else")}</h2><ul>");
            foreach ((int number, string subject, DateTimeOffset received, MessageDirection direction) in ticket.Shown.OrderBy(m => m.Number))
            {
                string place = $"{ticket.Folder}/{number.ToString("D4", CultureInfo.InvariantCulture)}", who = direction switch { MessageDirection.In => "received", MessageDirection.Out => "sent by us", MessageDirection.Note => "note of our staff" };
                page.Append(CultureInfo.InvariantCulture, $"<li>{received.UtcDateTime:yyyy-MM-dd HH:mm}, {who}: <a href=\"{place}.txt\">{Safe(subject.Length > 0 ? subject : "(no subject)")}</a> (<a href=\"{place}.json\">data</a>)</li>");
            }

            page.Append("</ul>");
        }

        if (kept.Count > 0)
        {
            page.Append("<h2>Mail of yours that was kept back</h2><p>It became no ticket. Its files are not here; ask us for them.</p><ul>");
            foreach ((string place, string subject, DateTimeOffset received) in kept)
                page.Append(CultureInfo.InvariantCulture, $"<li>{received.UtcDateTime:yyyy-MM-dd HH:mm}: <a href=\"{place}\">{Safe(subject.Length > 0 ? subject : "(no subject)")}</a></li>");
            page.Append("</ul>");
        }

        return page.Append("</body></html>").ToString();
    }

    private static string Safe(string text) => WebUtility.HtmlEncode(text);
}
