using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;
using Ingest.Core.Pipeline;

namespace Ingest.App.Console;

/// <summary>Mailboxes: how each fares in words with the fix, pause and resume, read now, the books, and how to connect another.</summary>
internal sealed class MailboxPages(ConsoleSession sessions)
{
    private const int SmallForm = 16 * 1024;
    private readonly ImapPages _imap = new(sessions);
    private readonly SettingsPages _settings = new(sessions);
    private readonly PolicyPages _policy = new(sessions);
    private readonly RedactionPolicyPages _redaction = new(sessions);

    public async Task<bool> TryAsync(Visit visit, string[] path)
    {
        bool manages = visit.Caller.MayAnywhere(Permission.ManageMailboxes);
        if (!manages && !visit.Caller.MayAnywhere(Permission.ReadJournal)) return false;
        switch (path)
        {
            case [] when !visit.IsPost:
                await ListAsync(visit);
                return true;
            case ["new"]:
                return await _imap.TryNewAsync(visit);
            case ["policy", .. var rest] when visit.Caller.MayEverywhere(Permission.ManageMailboxes):
                return await _policy.TryAsync(visit, null, rest);
            case ["redaction", .. var rest] when visit.Caller.MayEverywhere(Permission.ManageMailboxes):
                return await _redaction.TryAsync(visit, null, rest);
            case [var inbox, .. var rest] when InboxId.TryParse(inbox, out InboxId id):
                return await OneAsync(visit, id, rest);
            default:
                return false;
        }
    }

    private static bool MayManage(Visit visit, InboxId inbox) => visit.Caller.May(Permission.ManageMailboxes, inbox);

    private static bool MaySee(Visit visit, InboxId inbox) => MayManage(visit, inbox) || visit.Caller.May(Permission.ReadJournal, inbox);

    /// <summary>The list of mailboxes with the ways to connect another; the page behind /connect, too.</summary>
    internal static async Task ListAsync(Visit visit)
    {
        List<MailboxView> views = [];
        await foreach (InboxId inbox in visit.Desk.Mailboxes.ListAsync(visit.Tenant, visit.Cancel))
            if (MaySee(visit, inbox) && await visit.Desk.Mailboxes.FindAsync(visit.Tenant, inbox, visit.Cancel) is { } view) views.Add(view);
        views.Sort((a, b) => string.CompareOrdinal(a.Mailbox.Profile.Address, b.Mailbox.Profile.Address));
        (IReadOnlyList<KeptAlarm> Alarms, KeptCounts? Counts)[] kept = await Task.WhenAll(views.Select(view => visit.Desk.ReviewWatch.LastAsync(visit.Tenant, view.Mailbox.Id, visit.Cancel)));
        string consent = visit.Desk.Sources.Endpoints.Authorization.GetLeftPart(UriPartial.Authority);
        await Answer.PageAsync(visit.Http, StatusCodes.Status200OK, visit.Frame("Mailboxes", Visit.Mailboxes), Markup.Of($"""
            <h1>Mailboxes</h1>
            {(views.Count == 0 ? Empty(visit) : Markup.Of($"""<ul class="list">{Markup.Join(views.Select((view, i) => Line(visit, view, kept[i])))}</ul>"""))}
            {Markup.If(views.Count > 0 && visit.Caller.MayEverywhere(Permission.ManageMailboxes), $"""<p><a href="{PolicyPages.Address(null)}">What happens to mail, in all mailboxes</a><br><a href="{RedactionPolicyPages.Address(null)}">What is masked in mail, in all mailboxes</a></p>""")}
            {Markup.If(visit.Caller.MayAnywhere(Permission.ManageMailboxes), $"{Connect(visit)}")}
            """), consent);
    }

    private static Markup Empty(Visit visit) => visit.Caller.MayAnywhere(Permission.ManageMailboxes)
        ? Markup.Of($"""<p>No mailbox is connected yet. Connect the one that your customers write to; its mail becomes tickets within a minute.</p>""")
        : Markup.Of($"""<p>No mailbox is connected yet, or none that you may see. Ask an admin.</p>""");

    private static Markup Line(Visit visit, MailboxView view, (IReadOnlyList<KeptAlarm> Alarms, KeptCounts? Counts) kept)
    {
        (string text, bool bad) = MailboxHealthWords.Of(view);
        return Markup.Of($"""
            <li>
            <div class="line"><h2><a href="/console/mailboxes/{view.Mailbox.Id.Value}">{view.Mailbox.Profile.Address}</a></h2><span class="when">{(view.Health.LastMail is { } at ? Markup.Of($"newest mail {Moments.Ago(at, visit.Desk.Time.GetUtcNow())}") : Markup.Of($"no mail yet"))}</span></div>
            <p{Attr.If(bad, "class", "bad")}>{text}</p>
            {Markup.Each(kept.Alarms, alarm => Markup.Of($"""<p class="small bad">{ReviewWords.Of(alarm, kept.Counts!, visit.Desk.Time.GetUtcNow())}</p>"""))}
            </li>
            """);
    }

    private static Markup Connect(Visit visit)
    {
        bool everywhere = visit.Caller.MayEverywhere(Permission.ManageMailboxes);
        return Markup.Of($"""
            <section class="card" aria-labelledby="gmail">
            <h2 id="gmail">{(everywhere ? "Connect a Gmail mailbox" : "Connect a Gmail mailbox again")}</h2>
            {(visit.Desk.Sources.CanConnectGoogle ? Gmail(visit) : Markup.Of($"""<p class="bad">Gmail mailboxes cannot be connected yet: set INGEST_GOOGLE_CLIENT_ID and INGEST_GOOGLE_CLIENT_SECRET.</p>"""))}
            </section>
            {Markup.If(everywhere, $"""
            <section class="card" aria-labelledby="imap">
            <h2 id="imap">Connect any other mailbox</h2>
            <p>With the server, name and password of your mail provider (IMAP and SMTP). They are tried before anything is kept.</p>
            <p><a class="button quiet" href="/console/mailboxes/new">Add an IMAP mailbox</a></p>
            </section>
            """)}
            """);
    }

    private static Markup Gmail(Visit visit) => Markup.Of($"""
        <p>You will be asked to let Ingest read, label and send mail. It never deletes mail, and you can withdraw it at any time.</p>
        <form class="short" method="post" action="/connect/google">{Form.Token(visit.Person)}
        {BackFillChoice.Field(visit.Desk.Settings.Development ? BackFillChoice.Everything : BackFillChoice.Month)}
        <button>Connect a Gmail mailbox</button></form>
        """);

    private async Task<bool> OneAsync(Visit visit, InboxId inbox, string[] path)
    {
        if (!MaySee(visit, inbox) || await visit.Desk.Mailboxes.FindAsync(visit.Tenant, inbox, visit.Cancel) is not { } view) return false;
        visit.Trail.About = visit.Trail.About with { Inbox = inbox };
        switch (path)
        {
            case [] when !visit.IsPost:
                await ShowAsync(visit, view);
                return true;
            case ["server"] when MayManage(visit, inbox) && view.Mailbox.Kind == MailboxKind.Imap:
                await _imap.ChangeAsync(visit, view.Mailbox);
                return true;
            case ["settings", .. var rest] when MayManage(visit, inbox):
                return await _settings.TryAsync(visit, view.Mailbox, rest);
            case ["policy", .. var rest] when MayManage(visit, inbox):
                return await _policy.TryAsync(visit, view.Mailbox, rest);
            case ["redaction", .. var rest] when MayManage(visit, inbox):
                return await _redaction.TryAsync(visit, view.Mailbox, rest);
            case ["books"] when !visit.IsPost && visit.Caller.May(Permission.ReadJournal, inbox):
                await BooksAsync(visit, view);
                return true;
            case ["pause" or "resume" or "sync"] when visit.IsPost && MayManage(visit, inbox):
                await ChangeAsync(visit, view, path[0]);
                return true;
            default:
                return false;
        }
    }

    private static async Task ShowAsync(Visit visit, MailboxView view)
    {
        Mailbox mailbox = view.Mailbox;
        (string text, bool bad) = MailboxHealthWords.Of(view);
        string originals = await OriginalsAsync(visit, mailbox);
        await visit.PageAsync(visit.Frame(mailbox.Profile.Address, Visit.Mailboxes), shows: null, Markup.Of($"""
            <p><a href="/console/mailboxes">All mailboxes</a></p>
            <h1>{mailbox.Profile.Address}</h1>
            {Said(visit.Asked("said"))}
            <div class="{(bad ? "notice bad" : "notice")}"><p><strong>{text}</strong></p></div>
            <dl class="facts">
            <dt>Kind</dt><dd>{Words.Of(mailbox.Kind)}</dd>
            {Markup.If(mailbox.Profile.Aliases.Count > 0, $"<dt>Also known as</dt><dd>{string.Join(", ", mailbox.Profile.Aliases)}</dd>")}
            {Markup.If(mailbox.Profile.Imap is not null, $"<dt>Read from</dt><dd>{Server(mailbox.Profile.Imap!)}</dd>")}
            <dt>Replies</dt><dd>{Sends(mailbox)}</dd>
            {Markup.If(mailbox.Profile.SenderName.Length > 0, $"<dt>Customers see</dt><dd>{mailbox.Profile.SenderName}</dd>")}
            <dt>New tickets</dt><dd>{Acknowledges(mailbox)}</dd>
            <dt>Connected</dt><dd>{Moments.At(mailbox.Created)}</dd>
            <dt>Newest mail</dt><dd>{(view.Health.LastMail is { } last ? Moments.At(last) : Markup.Of($"none yet"))}</dd>
            <dt>Older mail</dt><dd>{BackFillChoice.Say(mailbox)}</dd>
            <dt>Originals</dt><dd>{originals}</dd>
            </dl>
            {Markup.If(MayManage(visit, mailbox.Id), $"{Buttons(visit, mailbox)}")}
            {Markup.If(visit.Caller.May(Permission.ReadJournal, mailbox.Id), $"""<p><a href="/console/mailboxes/{mailbox.Id.Value}/books">Was any mail lost? Look into the books</a></p>""")}
            """));
    }

    // Where what is masked cannot be read, mail waits, and nothing is known.
    private static async Task<string> OriginalsAsync(Visit visit, Mailbox mailbox)
    {
        try
        {
            return (await visit.Desk.RedactionPolicies.InForceAsync(visit.Tenant, mailbox.Id, visit.Cancel)).KeepsOriginal ? $"kept sealed for {Words.Count(mailbox.KeepOriginalDays, "day")}" : "destroyed once the ticket is written; kept sealed while mail is kept back";
        }
        catch (NotNowException)
        {
            return "wait, since what was set for redaction cannot be read";
        }
    }

    private static string Server(ServerSettings server) => $"{server.Host}, port {server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    private static string Sends(Mailbox mailbox) => mailbox switch
    {
        { Kind: MailboxKind.Google } => "sent through Gmail",
        { Profile.Smtp: { } smtp } => "sent through " + Server(smtp),
        _ => "cannot be sent: this mailbox has no outgoing server",
    };

    private static string Acknowledges(Mailbox mailbox) => mailbox.Profile switch
    {
        { Acknowledgement: "" } => "are not acknowledged automatically",
        _ => "are acknowledged automatically to people who are verified",
    };

    private static Markup Buttons(Visit visit, Mailbox mailbox)
    {
        string address = $"/console/mailboxes/{mailbox.Id}";
        return Markup.Of($"""
            <div class="row">
            {Markup.If(mailbox.State == MailboxState.Active && mailbox.Kind != MailboxKind.Import, $"""{Form.Button(visit.Person, address + "/sync", "Read it now", "quiet")}""")}
            {Markup.If(mailbox.State == MailboxState.Active, $"""{Form.Button(visit.Person, address + "/pause", "Pause", "quiet")}""")}
            {Markup.If(mailbox.State == MailboxState.Paused, $"""{Form.Button(visit.Person, address + "/resume", "Resume")}""")}
            {Markup.If(mailbox is { State: MailboxState.NeedsReconnect, Kind: MailboxKind.Google }, $"""<a class="button" href="/console/mailboxes#gmail">Connect it again</a>""")}
            <a class="button quiet" href="{address}/settings">Settings</a>
            <a class="button quiet" href="{address}/policy">What happens to mail</a>
            <a class="button quiet" href="{address}/redaction">What is masked in mail</a>
            {Markup.If(mailbox.Kind == MailboxKind.Imap, $"""<a class="{(mailbox.State == MailboxState.NeedsReconnect ? "button" : "button quiet")}" href="{address}/server">Change server or password</a>""")}
            </div>
            """);
    }

    private async Task ChangeAsync(Visit visit, MailboxView view, string what)
    {
        InboxId inbox = view.Mailbox.Id;
        string address = $"{Visit.Mailboxes}/{inbox}";
        if (await visit.FormAsync(sessions, SmallForm) is null)
        {
            await ConsolePages.FormRefusedAsync(visit, address);
            return;
        }

        // A mailbox that waits for reconnection is not woken by pausing and resuming it.
        bool fits = what switch { "resume" => view.Mailbox.State == MailboxState.Paused, _ => view.Mailbox.State == MailboxState.Active };
        if (fits && what != "sync") await visit.Trail.TellAsync(AuditAction.MailboxChanged, what == "pause" ? "paused" : "resumed");
        if (fits && what != "sync") fits = await visit.Desk.Mailboxes.SetStateAsync(visit.Tenant, inbox, what == "pause" ? MailboxState.Paused : MailboxState.Active, visit.Cancel, view.Mailbox.Version);
        // Attempt 1: a person who asks for it does not want to wait for a back-off.
        if (fits && what is "sync" or "resume" && view.Mailbox.Kind != MailboxKind.Import)
            await visit.Desk.SyncQueue.SendAsync((Work.Sync(visit.Tenant, inbox) with { Attempt = 1 }).ToJson(), delay: null, visit.Cancel);
        Answer.SeeOther(visit.Http, $"{address}?said={(fits ? what : "changed")}");
    }

    private static async Task BooksAsync(Visit visit, MailboxView view)
    {
        Books books = await visit.Desk.Reconcile.RunAsync(visit.Tenant, view.Mailbox.Id, visit.Cancel);
        (string Name, int Count)[] lines =
        [
            ("Became messages of tickets", books.Ticketed), ("Copies of others", books.Duplicate), ("Kept back for review", books.Quarantined),
            ("Not taken in, for a stated reason", books.Rejected), ("Parked", books.Parked), ("On their way", books.InFlight),
        ];
        await visit.PageAsync(visit.Frame("Books", Visit.Mailboxes), shows: null, Markup.Of($"""
            <p><a href="/console/mailboxes/{view.Mailbox.Id.Value}">{view.Mailbox.Profile.Address}</a></p>
            <h1>Books</h1>
            <div class="{(books.Balance ? "notice good" : "notice bad")}"><p><strong>{(books.Balance ? "No mail was lost: every mail that was ever listed is accounted for." : "The books do not balance. Tell your operator, with this page.")}</strong></p></div>
            <dl class="facts">
            <dt>Listed by the mailbox</dt><dd>{books.Listed}</dd>
            {Markup.Each(lines, line => Markup.Of($"<dt>{line.Name}</dt><dd>{line.Count}</dd>"))}
            {Markup.If(books.Unlisted > 0, $"""<dt class="bad">Never listed</dt><dd>{books.Unlisted}</dd>""")}
            </dl>
            """));
    }

    private static Markup Said(string code)
    {
        string text = code switch
        {
            "connected" => "The mailbox is connected. Its mail becomes tickets within a minute.",
            "pause" => "The mailbox is paused. Mail waits at the provider; none is lost.",
            "resume" => "The mailbox is read again.",
            "sync" => "The mailbox is being read now.",
            "changed" => "Nothing was done: the mailbox has changed meanwhile. This is how it stands.",
            _ => "",
        };
        return Markup.If(text.Length > 0, $"""<div class="notice good" role="status"><p>{text}</p></div>""");
    }
}
