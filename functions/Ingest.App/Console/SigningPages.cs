using Ingest.App.Pages;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Replies;

namespace Ingest.App.Console;

/// <summary>The part of a mailbox's settings that says how its replies are signed: which key each of its domains has, and the record to publish for it.</summary>
internal sealed class SigningPages(ConsoleSession sessions)
{
    private const int SmallForm = 16 * 1024;

    /// <summary>Makes a key or takes it away and sends the browser on; what is wrong with the wish, or null when an answer was given.</summary>
    public async Task<Problem?> ChangeAsync(Visit visit, Mailbox mailbox, string what)
    {
        string address = SettingsPages.Address(mailbox);
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, address);
            return null;
        }

        string domain = form["domain"].ToString().ToLowerInvariant(), selector = form["selector"].ToString().Trim().ToLowerInvariant();
        if (!SigningKeys.DomainsOf(mailbox).Contains(domain)) return new Problem("", "This mailbox does not send from that domain any more. This is how its settings stand.");
        if (!await SigningRights.MayChangeAsync(visit.Desk, visit.Caller, domain, visit.Cancel))
            return new Problem("", $"Mailboxes that you do not manage send from {domain}, too. Ask an owner, or an admin of all mailboxes, to change its key.");
        if (what != "unsign" && !SigningKeys.IsSelector(selector)) return new Problem(Field(mailbox, domain), "Name the key with letters a to z, digits and hyphens, such as ingest1.");
        visit.Trail.About = visit.Trail.About with { Subject = what == "unsign" ? "" : selector };
        await visit.Trail.TellAsync(what == "unsign" ? AuditAction.KeyDeleted : AuditAction.KeyCreated, "dkim");
        if (what == "unsign") await visit.Desk.SigningKeys.DeleteAsync(visit.Tenant, domain, visit.Cancel);
        else await visit.Desk.SigningKeys.CreateAsync(visit.Tenant, domain, selector, visit.Cancel);
        Answer.SeeOther(visit.Http, $"{address}?said={(what == "unsign" ? "unsigned" : "signed")}");
        return null;
    }

    // A field's id within the page: one for each domain.
    private static string Field(Mailbox mailbox, string domain) => "selector-" + (SigningKeys.DomainsOf(mailbox).ToList().IndexOf(domain) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The part of the page.</summary>
    public static async Task<Markup> SectionAsync(Visit visit, Mailbox mailbox, IReadOnlyList<Problem> problems)
    {
        List<Markup> domains = [];
        foreach (string domain in SigningKeys.DomainsOf(mailbox))
            domains.Add(Domain(visit, mailbox, domain, await visit.Desk.SigningKeys.DescribeAsync(visit.Tenant, domain, visit.Cancel), problems));
        return Markup.Of($"""
            <section class="card" aria-labelledby="sign">
            <h2 id="sign">Sign replies (DKIM)</h2>
            {(mailbox.Kind == MailboxKind.Google ? Markup.Of($"<p>Gmail signs what it sends. For a domain of your own, switch that on in the Google Admin console under Gmail, Authenticate email.</p>") : Markup.Of($"<p>A signature shows that a reply really comes from your domain; without it, it may land among spam. If your outgoing server signs mail itself, you need nothing here.</p>"))}
            {domains}
            </section>
            """);
    }

    private static Markup Domain(Visit visit, Mailbox mailbox, string domain, (string Selector, DkimRecord Record)? key, IReadOnlyList<Problem> problems) => Markup.Of($"""
        <h3>{domain}</h3>
        {(key is { } there ? Published(visit, mailbox, domain, there.Selector, there.Record, problems) : Markup.Of($"""
        <p>Replies from this domain are not signed.</p>
        {Make(visit, mailbox, domain, "ingest1", "Make a key and sign", problems)}
        """))}
        """);

    private static Markup Published(Visit visit, Mailbox mailbox, string domain, string selector, DkimRecord record, IReadOnlyList<Problem> problems) => Markup.Of($"""
        <p>Replies are signed with the key <strong>{selector}</strong>. Publish this record where the names of your domain are kept, and leave it there as long as replies are signed:</p>
        <dl class="facts">
        <dt>Type</dt><dd>TXT</dd>
        <dt>Name</dt><dd class="mono">{record.Name}</dd>
        <dt>Value</dt><dd class="mono">{record.Value}</dd>
        </dl>
        <p class="hint">Some providers want the name without <span class="mono">.{domain}</span>. Some take at most 255 characters in one piece: then put the value in two pieces, each in quotation marks.</p>
        <details{Attr.If(problems.Any(p => p.Field == Field(mailbox, domain)), "open")}><summary>Take another key, or stop signing</summary>
        <p>Another key signs at once; publish its record right after. The record of the old one stays for a week, for mail that is on its way.</p>
        {Make(visit, mailbox, domain, Next(selector), "Take another key", problems)}
        <form method="post" action="{SettingsPages.Address(mailbox)}/unsign">{Form.Token(visit.Person)}<input type="hidden" name="domain" value="{domain}">
        <p class="row"><button class="danger">Stop signing</button> <span class="soft small">The key is thrown away and cannot be brought back.</span></p></form>
        </details>
        """);

    private static Markup Make(Visit visit, Mailbox mailbox, string domain, string selector, string label, IReadOnlyList<Problem> problems)
    {
        string field = Field(mailbox, domain);
        return Markup.Of($"""
            <form method="post" action="{SettingsPages.Address(mailbox)}/sign">{Form.Token(visit.Person)}<input type="hidden" name="domain" value="{domain}">
            <div class="short">{Form.Text("selector", "Name of the key", selector, "Part of the name under which it is published.", problems: problems, id: field)}</div>
            <p><button class="quiet">{label}</button></p></form>
            """);
    }

    // "ingest1" → "ingest2": the old record stays published while mail that it signed is on its way.
    private static string Next(string selector)
    {
        string name = selector.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return int.TryParse(selector[name.Length..], System.Globalization.CultureInfo.InvariantCulture, out int number) && number < 9999
            ? name + (number + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : selector + "2";
    }
}
