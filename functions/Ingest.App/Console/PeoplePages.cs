using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Mailboxes;

namespace Ingest.App.Console;

/// <summary>Who may do what, for owners: list people, let somebody in, give and take roles, end somebody's access.</summary>
internal sealed class PeoplePages(ConsoleSession sessions)
{
    private const int SmallForm = 16 * 1024;

    public async Task<bool> TryAsync(Visit visit, string[] path)
    {
        if (!visit.Caller.MayEverywhere(Permission.ManagePeople)) return false;
        switch (path)
        {
            case []:
                if (visit.IsPost) await AddAsync(visit);
                else await ListAsync(visit, [], new NewPerson("", "", "", ""));
                return true;
            case [var id] when !visit.IsPost:
                return await ShowAsync(visit, id);
            case [var id, "remove"] when !visit.IsPost:
                return await AskAsync(visit, id);
            case [var id, "grant" or "withdraw" or "disable" or "enable" or "remove"] when visit.IsPost:
                return await ChangeAsync(visit, id, path[1]);
            default:
                return false;
        }
    }

    private sealed record NewPerson(string Name, string ObjectId, string Role, string Inbox);

    private static async Task<IReadOnlyList<Mailbox>> MailboxesAsync(Visit visit)
    {
        List<Mailbox> mailboxes = [];
        await foreach (InboxId inbox in visit.Desk.Mailboxes.ListAsync(visit.Tenant, visit.Cancel))
            if (await visit.Desk.Mailboxes.FindAsync(visit.Tenant, inbox, visit.Cancel) is { } view) mailboxes.Add(view.Mailbox);
        return mailboxes;
    }

    private static async Task ListAsync(Visit visit, List<Problem> problems, NewPerson typed)
    {
        IReadOnlyList<Person> people = await visit.Desk.People.ListAsync(visit.Tenant, visit.Cancel);
        IReadOnlyList<Mailbox> mailboxes = await MailboxesAsync(visit);
        bool canAdd = visit.Desk.Settings.SignIn is not null;
        await visit.PageAsync(visit.Frame("People", Visit.People, wide: true), (AuditAction.Listed, "people"), Markup.Of($"""
            {Form.Summary(problems)}
            <h1>People</h1>
            {Said(visit.Asked("said"))}
            {(people.Count == 0 ? Markup.Of($"""<div class="card"><h2>Nobody yet</h2><p>{(canAdd ? "Let in the first colleague below." : "People sign in with your organisation's directory, which is not set up here: set INGEST_ENTRA_TENANT and INGEST_OIDC_CLIENT_ID. Until then a link from tools/ingest signs in as an owner.")}</p></div>""") : Markup.Of($"""<ul class="list">{Markup.Each(people, person => Line(person, mailboxes))}</ul>"""))}
            {Markup.If(canAdd, $"{AddForm(visit, mailboxes, problems, typed)}")}
            """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static Markup Line(Person person, IReadOnlyList<Mailbox> mailboxes) => Markup.Of($"""
        <li>
        <h2><a href="/console/people/{person.Id}"><bdi>{Name(person)}</bdi></a></h2>
        <p class="meta"><span>{person.Email}</span>{(person.Disabled ? Markup.Of($"""<span class="bad">access ended</span>""") : Markup.Empty)}{(person.Grants.Count == 0 ? Markup.Of($"<span>no role</span>") : Markup.Each(person.Grants, grant => Markup.Of($"<span>{grant.Role.ToString()} {Where(grant, mailboxes)}</span>")))}</p>
        </li>
        """);

    private static string Name(Person person) => person.Name.Length > 0 ? person.Name : person.Email.Length > 0 ? person.Email : "Not signed in yet (" + person.Identity.ObjectId.ToString("D") + ")";

    private static string Where(Grant grant, IReadOnlyList<Mailbox> mailboxes) =>
        grant.Inbox is not { } inbox ? "of all mailboxes" : "of " + (mailboxes.FirstOrDefault(m => m.Id == inbox)?.Profile.Address ?? "a mailbox that is gone");

    private static Markup AddForm(Visit visit, IReadOnlyList<Mailbox> mailboxes, IReadOnlyList<Problem> problems, NewPerson typed) => Markup.Of($"""
        <section class="card" aria-labelledby="add">
        <h2 id="add">Let somebody in</h2>
        <form method="post" action="/console/people">{Form.Token(visit.Person)}
        {Form.Text("object", "Object id", typed.ObjectId, "As the Entra portal shows it under the person's properties: 32 digits and letters a to f in five groups.", required: true, problems: problems)}
        {Form.Text("name", "Name", typed.Name, "Shown until the person signs in for the first time.", problems: problems)}
        {RoleFields(mailboxes, typed.Role, typed.Inbox, problems)}
        <p><button>Let in</button></p>
        </form>
        </section>
        """);

    private static Markup RoleFields(IReadOnlyList<Mailbox> mailboxes, string role, string inbox, IReadOnlyList<Problem>? problems = null) => Markup.Of($"""
        <div class="pair">
        {Form.Choice("role", "Role", Enum.GetValues<Role>().Select(r => (r.ToString(), Words.Of(r))), role.Length > 0 ? role : nameof(Role.Agent), problems: problems)}
        {Form.Choice("inbox", "Where", [("", "All mailboxes"), .. mailboxes.Select(m => (m.Id.Value, m.Profile.Address))], inbox, problems: problems)}
        </div>
        """);

    private async Task AddAsync(Visit visit)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Visit.People);
            return;
        }

        NewPerson typed = new(form["name"].ToString().Trim(), form["object"].ToString().Trim(), form["role"].ToString(), form["inbox"].ToString());
        List<Problem> problems = [];
        if (visit.Desk.Settings.SignIn is not { } signIn) problems.Add(new Problem("", "People cannot sign in here yet: set INGEST_ENTRA_TENANT and INGEST_OIDC_CLIENT_ID first."));
        bool known = Guid.TryParseExact(typed.ObjectId, "D", out Guid objectId);
        if (!known) problems.Add(new Problem("object", "This is no object id: it looks like 01234567-89ab-cdef-0123-456789abcdef."));
        Grant? grant = await GrantOfAsync(visit, typed.Role, typed.Inbox, problems);
        if (problems.Count == 0)
        {
            await visit.Trail.TellAsync(AuditAction.GrantChanged, "add");
            (Person? person, PeopleChange change) = await visit.Desk.People.AddAsync(visit.Tenant, new Identity(visit.Desk.Settings.SignIn!.Directory, objectId), typed.Name, "", [grant!.Value], visit.Cancel);
            if (change == PeopleChange.Done && person is not null)
            {
                visit.Trail.About = visit.Trail.About with { Subject = person.Id };
                await visit.Trail.TellAsync(AuditAction.GrantChanged, "added");
                Answer.SeeOther(visit.Http, $"{Visit.People}/{person.Id}?said=added");
                return;
            }

            await visit.Trail.TellFailedAsync();
            problems.Add(new Problem("", Say(change)));
        }

        await ListAsync(visit, problems, typed);
    }

    private static async Task<Grant?> GrantOfAsync(Visit visit, string role, string inbox, List<Problem> problems)
    {
        if (!Enum.TryParse(role, out Role known) || !Enum.IsDefined(known)) problems.Add(new Problem("role", "Choose a role."));
        if (inbox.Length == 0) return new Grant(known, null);
        if (!InboxId.TryParse(inbox, out InboxId id) || await visit.Desk.Mailboxes.FindAsync(visit.Tenant, id, visit.Cancel) is null) problems.Add(new Problem("inbox", "Choose one of the mailboxes."));
        else if (known == Role.Owner) problems.Add(new Problem("inbox", Say(PeopleChange.OwnerOfOneInbox)));
        return new Grant(known, id);
    }

    private static async Task<bool> ShowAsync(Visit visit, string id)
    {
        if (await visit.Desk.People.FindAsync(visit.Tenant, id, visit.Cancel) is not { } person) return false;
        IReadOnlyList<Mailbox> mailboxes = await MailboxesAsync(visit);
        string address = $"{Visit.People}/{person.Id}";
        await visit.PageAsync(visit.Frame(Name(person), Visit.People), (AuditAction.Listed, "people"), Markup.Of($"""
            <p><a href="/console/people">All people</a></p>
            <h1><bdi>{Name(person)}</bdi></h1>
            {Said(visit.Asked("said"))}
            <dl class="facts">
            {Markup.If(person.Email.Length > 0, $"<dt>Address</dt><dd>{person.Email}</dd>")}
            <dt>Object id</dt><dd class="mono">{person.Identity.ObjectId.ToString("D")}</dd>
            <dt>Let in</dt><dd>{Moments.At(person.Created)}</dd>
            <dt>Access</dt><dd>{(person.Disabled ? "ended: may not sign in" : "may sign in")}</dd>
            </dl>
            <h2>Roles</h2>
            {(person.Grants.Count == 0 ? Markup.Of($"<p>No role: this person can sign in and sees nothing.</p>") : Markup.Of($"""<ul class="list">{Markup.Each(person.Grants, grant => Granted(visit, address, grant, mailboxes))}</ul>"""))}
            <section class="card" aria-labelledby="give">
            <h2 id="give">Give a role</h2>
            <form method="post" action="{address}/grant">{Form.Token(visit.Person)}{RoleFields(mailboxes, "", "")}<p><button class="quiet">Give it</button></p></form>
            </section>
            <h2>Access</h2>
            <div class="row">
            {(person.Disabled ? Form.Button(visit.Person, address + "/enable", "Let in again", "quiet") : Form.Button(visit.Person, address + "/disable", "End access now", "danger"))}
            <a class="button danger" href="{address}/remove">Remove</a>
            </div>
            <p class="soft small">Ending access signs this person out everywhere at once; their name stays on what they wrote.</p>
            """));
        return true;
    }

    private static Markup Granted(Visit visit, string address, Grant grant, IReadOnlyList<Mailbox> mailboxes) => Markup.Of($"""
        <li><div class="row apart"><span>{Words.Of(grant.Role)}, {Where(grant, mailboxes)}</span>{Form.Button(visit.Person, address + "/withdraw", "Take back", "quiet small", [("role", grant.Role.ToString()), ("inbox", grant.Inbox?.Value ?? "")])}</div></li>
        """);

    private static async Task<bool> AskAsync(Visit visit, string id)
    {
        if (await visit.Desk.People.FindAsync(visit.Tenant, id, visit.Cancel) is not { } person) return false;
        string address = $"{Visit.People}/{person.Id}";
        await visit.PageAsync(visit.Frame("Remove this person?", Visit.People), (AuditAction.Listed, "people"), Markup.Of($"""
            <h1>Remove this person?</h1>
            <p><bdi>{Name(person)}</bdi> is signed out at once and forgotten. To let them in again, their object id has to be entered anew. To end access and keep the entry, end access instead.</p>
            <div class="row">{Form.Button(visit.Person, address + "/remove", "Remove", "danger")}<a class="button quiet" href="{address}">Keep</a></div>
            """));
        return true;
    }

    private async Task<bool> ChangeAsync(Visit visit, string id, string what)
    {
        if (await visit.Desk.People.FindAsync(visit.Tenant, id, visit.Cancel) is not { } person) return false;
        string address = $"{Visit.People}/{person.Id}";
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, address);
            return true;
        }

        List<Problem> problems = [];
        Grant? grant = what is "grant" ? await GrantOfAsync(visit, form["role"].ToString(), form["inbox"].ToString(), problems) : null;
        visit.Trail.About = visit.Trail.About with { Inbox = grant?.Inbox, Subject = person.Id };
        if (problems.Count == 0) await visit.Trail.TellAsync(AuditAction.GrantChanged, what);
        PeopleChange change = problems.Count > 0 ? PeopleChange.OwnerOfOneInbox : what switch
        {
            "grant" => await visit.Desk.People.SetGrantsAsync(visit.Tenant, id, [.. person.Grants, grant!.Value], visit.Cancel),
            "withdraw" => await visit.Desk.People.SetGrantsAsync(visit.Tenant, id, [.. person.Grants.Where(g => g.Role.ToString() != form["role"] || (g.Inbox?.Value ?? "") != form["inbox"])], visit.Cancel),
            "disable" => await visit.Desk.People.DisableAsync(visit.Tenant, id, visit.Cancel),
            "enable" => await visit.Desk.People.EnableAsync(visit.Tenant, id, visit.Cancel),
            _ => await visit.Desk.People.RemoveAsync(visit.Tenant, id, visit.Cancel),
        };
        if (change != PeopleChange.Done) await visit.Trail.TellFailedAsync();
        string said = change switch { PeopleChange.Done => what, PeopleChange.LastOwner => "last-owner", PeopleChange.OwnerOfOneInbox => "owner-of-one", PeopleChange.NotFound => "gone" };
        Answer.SeeOther(visit.Http, what == "remove" && change == PeopleChange.Done ? $"{Visit.People}?said=remove" : $"{address}?said={said}");
        return true;
    }

    private static string Say(PeopleChange change) => change switch
    {
        PeopleChange.LastOwner => "Nothing was changed: nobody would be left who may say who may do what. Make somebody else an owner first.",
        PeopleChange.OwnerOfOneInbox => "Nothing was changed: an owner is so of all mailboxes. Choose all mailboxes, or make the person an admin of this one.",
        PeopleChange.NotFound => "Nothing was changed: this person is gone.",
        PeopleChange.Done => "Done.",
    };

    private static Markup Said(string code)
    {
        (string text, bool bad) = code switch
        {
            "added" => ("Let in. The person can sign in now.", false),
            "grant" => ("The role was given.", false),
            "withdraw" => ("The role was taken back.", false),
            "disable" => ("Access was ended, everywhere and at once.", false),
            "enable" => ("The person may sign in again.", false),
            "remove" => ("The person was removed.", false),
            "last-owner" => (Say(PeopleChange.LastOwner), true),
            "owner-of-one" => (Say(PeopleChange.OwnerOfOneInbox), true),
            "gone" => (Say(PeopleChange.NotFound), true),
            _ => ("", false),
        };
        return Markup.If(text.Length > 0, $"""<div class="{(bad ? "notice bad" : "notice good")}" role="status"><p>{text}</p></div>""");
    }
}
