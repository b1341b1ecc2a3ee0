using Ingest.App.Pages;

namespace Ingest.App.Console;

/// <summary>Gives a customer what is held of them: an owner or admin names the address, by a form and never in a URL, and gets a zip to pass on.</summary>
internal sealed class PersonPages(ConsoleSession sessions)
{
    private const int SmallForm = 16 * 1024, LongestAddress = 320;

    public async Task<bool> TryAsync(Visit visit, string[] path)
    {
        if (!PersonFile.May(visit.Caller) || path.Length > 0) return false;
        if (visit.IsPost) await GiveAsync(visit);
        else await ShowAsync(visit, "", []);
        return true;
    }

    private async Task GiveAsync(Visit visit)
    {
        if (await visit.FormAsync(sessions, SmallForm) is not { } form)
        {
            await ConsolePages.FormRefusedAsync(visit, Visit.PersonData);
            return;
        }

        string address = form["address"].ToString().Trim();
        if (address.Length is 0 or > LongestAddress || await PersonFile.FindAsync(visit.Desk, visit.Tenant, address, form["notes"] == "yes", visit.Cancel) is not { } wish)
        {
            await ShowAsync(visit, address, [new Problem("address", "Nobody of this address ever wrote here, or what was held of them was erased. Compare it with the address on their ticket.")]);
            return;
        }

        if (await PersonFile.IsTooMuchAsync(visit.Desk, visit.Tenant, visit.Cancel))
        {
            await ShowAsync(visit, address, [new Problem("address", PersonFile.TooMany)]);
            return;
        }

        await PersonFile.TellAsync(visit.Trail, wish);
        await Api.Answer.Stream((output, cancel) => PersonFile.WriteAsync(visit.Desk, visit.Trail, visit.Tenant, wish, output, cancel), PersonFile.Name(wish)).WriteAsync(visit.Http, visit.Cancel);
    }

    private static Task ShowAsync(Visit visit, string address, IReadOnlyList<Problem> problems) => visit.PageAsync(visit.Frame("A person's data", Visit.Tickets), shows: null, Markup.Of($"""
        {Form.Summary(problems)}
        <h1>A person's data</h1>
        <p>All that is held of one customer, as a zip that they can read: begin with index.html in it. Mail of theirs that is kept back or parked is in it. Texts are as they are kept, with cards and accounts removed. In tickets of others there are only the messages that name their address. That you took it out is recorded.</p>
        <form class="card" method="post" action="{Visit.PersonData}">{Form.Token(visit.Person)}
        {Form.Text("address", "E-mail address", address, "From which they write.", required: true, problems: problems)}
        {Form.Tick("notes", "With the notes that agents wrote among themselves in this person's own tickets")}
        <p class="row"><button>Make the file</button> <span class="soft small">It looks through all tickets, which may take some minutes.</span></p>
        </form>
        """), problems.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
}
