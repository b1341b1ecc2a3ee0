using System.Text.RegularExpressions;
using Ingest.Core.Access;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;
using Ingest.Core.Tickets;
using Xunit;

namespace Ingest.App.Tests.FrontDoor;

/// <summary>Who sees and does what at the console, and what every page carries.</summary>
[Collection(nameof(RunningSystem))]
public sealed partial class ConsoleTests(RunningSystem system)
{
    private const string NoTicket = "zzzzzzzzzzzzzzzzzzzzzzzzzz", NoKey = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", NoInbox = "zzzzzzzzzzzzzzzz";

    private static CancellationToken Cancel => RunningSystem.Cancel;

    /// <summary>Two mailboxes of one tenant, each with a ticket that has a file, and one of a mail kept back.</summary>
    private sealed record Place(TenantContext Tenant, Mailbox One, Mailbox Two, Ticket Mine, Ticket Theirs, string MyKey, string TheirKey, string KeptBack);

    private async Task<Place> BuildAsync()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        string a = $"one-{Guid.NewGuid().ToString("N")[..8]}@acme.example", b = $"two-{Guid.NewGuid().ToString("N")[..8]}@acme.example";
        Mailbox one = await system.GiveAsync(tenant, a, Mails.WithFile("ann@customer.example", "Mine", [1, 2, 3]));
        Mailbox two = await system.GiveAsync(tenant, b, Mails.WithFile("bob@customer.example", "Theirs", [4, 5]), Mails.Report(b));
        await system.SettledAsync(tenant, one.Id, 1);
        await system.SettledAsync(tenant, two.Id, 2);
        Ticket mine = Assert.Single(await system.Desk.Tickets.NewestAsync(tenant, one.Id, TicketState.Open, 5, Cancel)), theirs = Assert.Single(await system.Desk.Tickets.NewestAsync(tenant, two.Id, TicketState.Open, 5, Cancel));
        JournalLine kept = Assert.Single(await system.Desk.ReviewList.ListAsync(tenant, two.Id, OutcomeKind.Quarantined, 5, Cancel));
        return new Place(tenant, one, two, mine, theirs, (await system.Desk.Tickets.MessagesAsync(tenant, mine.Id, Cancel))[0].Key, (await system.Desk.Tickets.MessagesAsync(tenant, theirs.Id, Cancel))[0].Key, kept.MessageKey);
    }

    [Fact]
    public async Task What_belongs_to_another_mailbox_is_not_found_in_the_same_words_as_what_never_was()
    {
        Place place = await BuildAsync();
        using Visitor agent = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Agent, place.One.Id), new Grant(Role.Reviewer, place.One.Id), new Grant(Role.Admin, place.One.Id));
        Assert.Equal(200, (await agent.GetAsync($"/console/tickets/{place.Mine.Id}")).Status);
        Assert.Equal(200, (await agent.GetAsync($"/console/tickets/{place.Mine.Id}/messages/{place.MyKey}/attachments/0")).Status);
        Assert.Equal(200, (await agent.GetAsync($"/console/mailboxes/{place.One.Id}")).Status);

        (string Foreign, string Nobodys)[] routes =
        [
            ($"tickets/{place.Theirs.Id}", $"tickets/{NoTicket}"), ($"tickets/{place.Theirs.Number}", "tickets/ZZZZZZZZ"),
            ($"tickets/{place.Theirs.Id}/messages/{place.TheirKey}/html", $"tickets/{NoTicket}/messages/{NoKey}/html"),
            ($"tickets/{place.Theirs.Id}/messages/{place.TheirKey}/text", $"tickets/{NoTicket}/messages/{NoKey}/text"),
            ($"tickets/{place.Theirs.Id}/messages/{place.TheirKey}/attachments/0", $"tickets/{NoTicket}/messages/{NoKey}/attachments/0"),
            ($"tickets/{place.Mine.Id}/messages/{place.TheirKey}/attachments/0", $"tickets/{place.Mine.Id}/messages/{NoKey}/attachments/0"),
            ($"review/{place.Two.Id}/{place.KeptBack}", $"review/{NoInbox}/{NoKey}"), ($"review/{place.Two.Id}/{place.KeptBack}/delete", $"review/{NoInbox}/{NoKey}/delete"),
            ($"review/{place.One.Id}/{place.KeptBack}", $"review/{place.One.Id}/{NoKey}"),
            ($"mailboxes/{place.Two.Id}", $"mailboxes/{NoInbox}"), ($"mailboxes/{place.Two.Id}/books", $"mailboxes/{NoInbox}/books"), ($"mailboxes/{place.Two.Id}/server", $"mailboxes/{NoInbox}/server"),
            ($"mailboxes/{place.Two.Id}/settings", $"mailboxes/{NoInbox}/settings"),
        ];
        foreach ((string foreign, string nobodys) in routes)
        {
            Seen expected = await agent.GetAsync("/console/" + nobodys);
            Assert.Equal(404, expected.Status);
            Assert.Equal(expected.Face, (await agent.GetAsync("/console/" + foreign)).Face);
        }

        string[] acts = [$"tickets/{place.Theirs.Id}/state", $"tickets/{place.Theirs.Id}/note", $"tickets/{place.Theirs.Id}/assign", $"tickets/{place.Theirs.Id}/reply", $"mailboxes/{place.Two.Id}/pause", $"mailboxes/{place.Two.Id}/settings", $"mailboxes/{place.Two.Id}/settings/sign", $"mailboxes/{place.Two.Id}/settings/unsign", $"tickets/{place.Theirs.Id}/resolve", $"review/{place.Two.Id}/{place.KeptBack}/delete", $"review/{place.Two.Id}/{place.KeptBack}/release"];
        foreach (string act in acts) Assert.Equal(404, (await agent.PostAsync("/console/" + act, ("state", "closed"), ("note", "x"), ("text", "x"), ("person", agent.PersonId))).Status);
        await UnchangedAsync(place);

        foreach (string list in new[] { "/console/tickets", "/console/tickets?state=closed", $"/console/tickets?inbox={place.Two.Id}", "/console/review", "/console/mailboxes" })
        {
            Seen seen = await agent.GetAsync(list);
            Assert.Equal(200, seen.Status);
            foreach (string secret in new[] { place.Theirs.Id, place.Theirs.Number, place.Two.Id.Value, place.Two.Profile.Address, "Theirs", place.KeptBack }) Assert.DoesNotContain(secret, seen.Text, StringComparison.Ordinal);
        }

        foreach (string words in new[] { "bob@customer.example", "Theirs", place.Theirs.Number, place.Theirs.Id })
        {
            Seen found = await agent.PostAsync("/console/tickets/search", ("words", words));
            Assert.Equal((200, ""), (found.Status, found.Location));
            Assert.Contains("Nothing was found", found.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Each_role_sees_its_own_pages_and_no_others()
    {
        Place place = await BuildAsync();
        (Role Role, string[] May)[] roles =
        [
            (Role.Agent, ["tickets"]), (Role.Reviewer, ["review"]), (Role.Auditor, ["mailboxes", "audit"]), (Role.Admin, ["tickets", "review", "mailboxes", "lessons", "audit"]), (Role.Owner, ["tickets", "review", "mailboxes", "lessons", "audit", "people"]),
        ];
        foreach ((Role role, string[] may) in roles)
        {
            using Visitor visitor = await Visitor.WithAsync(system, place.Tenant, new Grant(role, null));
            foreach (string section in new[] { "tickets", "review", "mailboxes", "lessons", "audit", "people" })
            {
                Seen seen = await visitor.GetAsync("/console/" + section);
                Assert.True(seen.Status == (may.Contains(section) ? 200 : 404), $"{role} at {section}: {seen.Status}");
            }

            string menu = (await visitor.GetAsync("/console/sign-out")).Status == 200 ? (await visitor.GetAsync("/console/" + may[0])).Html : "";
            Assert.Equal(may, new[] { "tickets", "review", "mailboxes", "lessons", "audit", "people" }.Where(s => menu.Contains($"<li><a href=\"/console/{s}\"", StringComparison.Ordinal)));
            Assert.Equal("/console/" + may[0], (await visitor.GetAsync("/console")).Location);
        }

        using Visitor auditor = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Auditor, null));
        Assert.Equal(404, (await auditor.PostAsync($"/console/mailboxes/{place.One.Id}/pause")).Status);
        Assert.Equal(404, (await auditor.GetAsync("/console/mailboxes/new")).Status);
        Assert.Equal(404, (await auditor.GetAsync($"/console/mailboxes/{place.One.Id}/settings")).Status);
        Assert.Equal(404, (await auditor.PostAsync($"/console/mailboxes/{place.One.Id}/settings", ("name", "x"))).Status);
        Assert.Equal(200, (await auditor.GetAsync($"/console/mailboxes/{place.One.Id}/books")).Status);
        using Visitor nobody = await Visitor.WithAsync(system, place.Tenant);
        Assert.Contains("no role was given to you", (await nobody.GetAsync("/console")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_session_every_page_leads_to_sign_in_and_nothing_is_done()
    {
        Place place = await BuildAsync();
        using Visitor stranger = new(system), forged = new(system, $"{place.Tenant}.{new string('a', 48)}");
        foreach (Visitor visitor in new[] { stranger, forged })
        {
            foreach (string path in new[] { "/console", "/console/tickets", $"/console/tickets/{place.Mine.Id}", "/console/people", "/console/nothing" })
                Assert.Equal((303, true), ((await visitor.GetAsync(path)).Status, (await visitor.GetAsync(path)).Location.StartsWith("/console/sign-in?to=", StringComparison.Ordinal)));
            Assert.Equal(303, (await visitor.PostRawAsync($"/console/tickets/{place.Mine.Id}/state", null, ("state", "closed"))).Status);
        }

        await UnchangedAsync(place);
    }

    [Theory]
    [InlineData("no token")]
    [InlineData("another session's token")]
    [InlineData("another site")]
    [InlineData("no origin that is ours")]
    public async Task A_form_that_is_not_ours_does_nothing(string wrong)
    {
        Place place = await BuildAsync();
        using Visitor owner = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Owner, null)), other = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Owner, null));
        string token = wrong switch { "no token" => "", "another session's token" => await other.TokenAsync(), _ => await owner.TokenAsync() };
        string origin = wrong switch { "another site" => "https://evil.example", "no origin that is ours" => "null", _ => system.BaseUrl.GetLeftPart(UriPartial.Authority) };
        string[] acts =
        [
            $"tickets/{place.Mine.Id}/state", $"tickets/{place.Mine.Id}/note", $"tickets/{place.Mine.Id}/assign", $"tickets/{place.Mine.Id}/reply", "tickets/search",
            $"tickets/{place.Mine.Id}/resolve", $"mailboxes/{place.One.Id}/settings", $"mailboxes/{place.One.Id}/settings/sign", $"mailboxes/{place.One.Id}/settings/unsign",
            $"mailboxes/{place.One.Id}/pause", $"mailboxes/{place.One.Id}/sync", "mailboxes/new", $"review/{place.Two.Id}/{place.KeptBack}/delete", $"review/{place.Two.Id}/{place.KeptBack}/release",
            "people", $"people/{other.PersonId}/disable", $"people/{other.PersonId}/remove", $"people/{other.PersonId}/grant", $"people/{other.PersonId}/withdraw",
        ];
        foreach (string act in acts)
        {
            Seen seen = await owner.PostRawAsync("/console/" + act, origin, ("csrf", token), ("state", "closed"), ("note", "x"), ("text", "x"), ("words", "x"), ("person", other.PersonId), ("role", "Owner"), ("object", Guid.NewGuid().ToString()));
            Assert.True(seen.Status == 403 && seen.Text.Contains("Nothing was changed", StringComparison.Ordinal), $"{act}: {seen.Status}");
        }

        await UnchangedAsync(place);
        Assert.False((await system.Desk.People.FindAsync(place.Tenant, other.PersonId, Cancel))!.Disabled);
    }

    [Fact]
    public async Task Every_page_is_sealed_off()
    {
        Place place = await BuildAsync();
        using Visitor owner = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Owner, null));
        string[] pages =
        [
            "/console/tickets", $"/console/tickets/{place.Mine.Id}", "/console/review", $"/console/review/{place.Two.Id}/{place.KeptBack}", "/console/mailboxes", "/console/mailboxes/new", $"/console/mailboxes/{place.One.Id}",
            $"/console/mailboxes/{place.One.Id}/books", $"/console/mailboxes/{place.One.Id}/settings", "/console/people", $"/console/people/{owner.PersonId}", "/console/nothing", "/console/sign-out", "/console/sign-in", "/connect",
        ];
        foreach (string page in pages)
        {
            Seen seen = await owner.GetAsync(page);
            Assert.Equal("no-store", seen.Headers["Cache-Control"]);
            Assert.Equal("nosniff", seen.Headers["X-Content-Type-Options"]);
            Assert.Equal("DENY", seen.Headers["X-Frame-Options"]);
            Assert.Equal("same-origin", seen.Headers["Referrer-Policy"]);
            string policy = seen.Headers["Content-Security-Policy"];
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", seen.Html, StringComparison.OrdinalIgnoreCase);
            // Addresses and searches are in no URL.
            Assert.All(Target().Matches(seen.Html), m => Assert.DoesNotContain('@', Uri.UnescapeDataString(m.Groups[1].Value)));
        }
    }

    [Fact]
    public async Task A_file_is_a_download_and_html_of_a_mail_a_sandbox()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        Mailbox mailbox = await system.GiveAsync(tenant, $"s-{Guid.NewGuid().ToString("N")[..8]}@acme.example", Mails.HostileFile("ann@customer.example"));
        await system.SettledAsync(tenant, mailbox.Id, 1);
        Ticket ticket = Assert.Single(await system.Desk.Tickets.NewestAsync(tenant, mailbox.Id, TicketState.Open, 1, Cancel));
        string parts = $"/console/tickets/{ticket.Id}/messages/{(await system.Desk.Tickets.MessagesAsync(tenant, ticket.Id, Cancel))[0].Key}";
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, null));
        foreach (string download in new[] { parts + "/attachments/0", parts + "/text" })
        {
            Seen file = await agent.GetAsync(download);
            Assert.Equal((200, "application/octet-stream", "nosniff", "no-store"), (file.Status, file.Headers["Content-Type"], file.Headers["X-Content-Type-Options"], file.Headers["Cache-Control"]));
            Assert.StartsWith("attachment; filename*=UTF-8''", file.Headers["Content-Disposition"], StringComparison.Ordinal);
            Assert.Equal("sandbox; default-src 'none'", file.Headers["Content-Security-Policy"]);
        }

        Seen frame = await agent.GetAsync(parts + "/html");
        Assert.Equal(("text/html; charset=utf-8", "nosniff", "no-store", "SAMEORIGIN"), (frame.Headers["Content-Type"], frame.Headers["X-Content-Type-Options"], frame.Headers["Cache-Control"], frame.Headers["X-Frame-Options"]));
        string policy = frame.Headers["Content-Security-Policy"];
        Assert.StartsWith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("onerror", frame.Html, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(404, (await agent.GetAsync(parts + "/attachments/1")).Status);
        Assert.Equal(404, (await agent.GetAsync(parts + "/attachments/-1")).Status);
        Assert.Equal(404, (await agent.GetAsync(parts + "/nothing")).Status);
    }

    [Fact]
    public async Task The_stylesheet_has_its_hash_in_its_name_and_may_be_kept()
    {
        using Visitor stranger = new(system);
        string path = Style().Match((await stranger.GetAsync("/console/sign-in")).Html).Groups[1].Value;
        Seen style = await stranger.GetAsync(path);
        Assert.Equal((200, "text/css; charset=utf-8", "public, max-age=31536000, immutable"), (style.Status, style.Headers["Content-Type"], style.Headers["Cache-Control"]));
        Assert.True(style.Html.Length < 16_000, $"{style.Html.Length} bytes");
    }

    [Fact]
    public async Task A_form_sent_twice_counts_once()
    {
        Place place = await BuildAsync();
        using Visitor agent = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Agent, null));
        for (int i = 0; i < 2; i++)
        {
            Seen seen = await agent.PostAsync($"/console/tickets/{place.Mine.Id}/note", ("note", "A <b>note</b>\r\nin two lines"), ("once", "abc123"));
            Assert.Equal((303, $"/console/tickets/{place.Mine.Id}?said=noted"), (seen.Status, seen.Location));
        }

        Seen asked = await agent.PostAsync($"/console/tickets/{place.Mine.Id}/note", ("note", "Another"), ("once", "abc123"));
        Assert.Equal((422, true), (asked.Status, asked.Text.Contains("This form was sent before, with another text", StringComparison.Ordinal)));
        TicketMessage note = Assert.Single(await system.Desk.Tickets.MessagesAsync(place.Tenant, place.Mine.Id, Cancel), m => m.Direction == MessageDirection.Note);
        Assert.Equal(("A <b>note</b>\nin two lines", agent.PersonId, "Test Person"), (note.Document!.Text, note.Document.Author, note.Document.FromName));
        Assert.Contains("A &lt;b&gt;note&lt;/b&gt;", (await agent.GetAsync($"/console/tickets/{place.Mine.Id}")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tickets_are_found_assigned_closed_and_opened_again()
    {
        Place place = await BuildAsync();
        using Visitor agent = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Agent, null)), reviewer = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Reviewer, null));
        string ticket = $"/console/tickets/{place.Mine.Id}";
        Assert.Equal(ticket, (await agent.PostAsync("/console/tickets/search", ("words", place.Mine.Number.ToLowerInvariant()))).Location);
        Assert.Contains(place.Mine.Number, (await agent.PostAsync("/console/tickets/search", ("words", "ANN@customer.example"))).Text, StringComparison.Ordinal);

        string behind = $"{place.Mine.Updated.UtcTicks}-{place.Mine.Id}", before = $"{place.Mine.Updated.UtcTicks + 1}-{place.Mine.Id}";
        foreach ((string from, bool found) in new[] { (before, true), (behind, false), ("end", false), ("rubbish", true) })
        {
            Seen seen = await agent.PostAsync("/console/tickets/search", ("words", "ANN@customer.example"), ("open", from), ("closed", "end"));
            Assert.Equal((200, found), (seen.Status, seen.Text.Contains(place.Mine.Number, StringComparison.Ordinal)));
        }

        Assert.Equal(ticket + "?said=assigned", (await agent.PostAsync(ticket + "/assign", ("person", agent.PersonId))).Location);
        Assert.Equal(ticket + "?said=assign-unknown", (await agent.PostAsync(ticket + "/assign", ("person", reviewer.PersonId))).Location);
        Assert.Equal(ticket + "?said=assign-unknown", (await agent.PostAsync(ticket + "/assign", ("person", "somebody"))).Location);
        Assert.Equal(agent.PersonId, (await system.Desk.Tickets.FindAsync(place.Tenant, place.Mine.Id, Cancel))!.Document!.Assignee);

        await agent.PostAsync(ticket + "/state", ("state", "closed"));
        Assert.Contains(place.Mine.Number, (await agent.GetAsync("/console/tickets?state=closed")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(place.Mine.Number, (await agent.GetAsync("/console/tickets")).Text, StringComparison.Ordinal);
        await agent.PostAsync(ticket + "/state", ("state", "open"));
        Assert.Contains(place.Mine.Number, (await agent.GetAsync("/console/tickets")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kept_back_mail_is_let_in_or_thrown_away()
    {
        Place place = await BuildAsync();
        using Visitor reviewer = await Visitor.WithAsync(system, place.Tenant, new Grant(Role.Reviewer, null));
        string mail = $"/console/review/{place.Two.Id}/{place.KeptBack}";
        Assert.Contains("report of a mail system", (await reviewer.GetAsync("/console/review")).Text, StringComparison.Ordinal);
        Assert.Contains("Delete this mail?", (await reviewer.GetAsync(mail + "/delete")).Text, StringComparison.Ordinal);
        Assert.Equal("/console/review?kind=quarantined&said=released", (await reviewer.PostAsync(mail + "/release")).Location);
        JournalLine line = await system.LineAsync(place.Tenant, place.Two.Id, place.KeptBack, l => l.Outcome == OutcomeKind.Ticketed);
        Assert.NotEmpty(line.TicketId);
        Assert.Equal("/console/review?said=let-in-before", (await reviewer.PostAsync(mail + "/delete")).Location);

        Place second = await BuildAsync();
        using Visitor other = await Visitor.WithAsync(system, second.Tenant, new Grant(Role.Reviewer, second.Two.Id));
        Assert.Equal("/console/review?kind=quarantined&said=deleted", (await other.PostAsync($"/console/review/{second.Two.Id}/{second.KeptBack}/delete")).Location);
        Assert.Equal(OutcomeReason.DeletedByPerson, (await system.Desk.Journal.FindAsync(second.Tenant, second.Two.Id, second.KeptBack, Cancel))!.Reason);
    }

    [Fact]
    public async Task Tickets_are_turned_over_page_by_page_and_none_is_missed()
    {
        TenantContext tenant = RunningSystem.NewTenant();
        Mailbox mailbox = await system.GiveAsync(tenant, $"p-{Guid.NewGuid().ToString("N")[..8]}@acme.example", [.. Enumerable.Range(0, 65).Select(i => Mails.From($"c{i}@customer.example", $"Question {i}"))]);
        await system.SettledAsync(tenant, mailbox.Id, 65);
        using Visitor agent = await Visitor.WithAsync(system, tenant, new Grant(Role.Agent, null));
        List<string> seen = [];
        string path = "/console/tickets";
        for (int page = 0; page < 3; page++)
        {
            Seen shown = await agent.GetAsync(path);
            seen.AddRange(Entry().Matches(shown.Html).Select(m => m.Groups[1].Value));
            path = Older().Match(shown.Text) is { Success: true } older ? older.Groups[1].Value : "";
        }

        Assert.Equal((65, 65, ""), (seen.Count, seen.Distinct().Count(), path));
    }

    private async Task UnchangedAsync(Place place)
    {
        foreach (Ticket ticket in new[] { place.Mine, place.Theirs })
        {
            Ticket now = (await system.Desk.Tickets.FindAsync(place.Tenant, ticket.Id, Cancel))!;
            Assert.Equal((ticket.Revision, TicketState.Open), (now.Revision, now.State));
        }

        foreach (Mailbox mailbox in new[] { place.One, place.Two }) Assert.Equal(MailboxState.Active, (await system.Desk.Mailboxes.FindAsync(place.Tenant, mailbox.Id, Cancel))!.Mailbox.State);
        Assert.Equal(OutcomeKind.Quarantined, (await system.Desk.Journal.FindAsync(place.Tenant, place.Two.Id, place.KeptBack, Cancel))!.Outcome);
    }

    [GeneratedRegex("(?:href|src|action)=\"([^\"]*)\"")]
    private static partial Regex Target();

    [GeneratedRegex("<link rel=\"stylesheet\" href=\"([^\"]+)\"")]
    private static partial Regex Style();

    [GeneratedRegex("<h2><a href=\"/console/tickets/([a-z0-9]{26})\"")]
    private static partial Regex Entry();

    [GeneratedRegex("<a href=\"([^\"]+)\">Older tickets")]
    private static partial Regex Older();
}
