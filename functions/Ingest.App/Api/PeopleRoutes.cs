using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Settings;

namespace Ingest.App.Api;

/// <summary>Who may do what, to be read; it is changed on the console's pages, by people who are signed in.</summary>
internal sealed class PeopleRoutes(Desk desk)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/people", Permission.ManagePeople, "Lists the people and what they may do.", ListAsync) { Audit = AuditAction.Listed, AuditCode = "people", Response = AppJson.Default.PeoplePage },
        new("GET", "/people/{person}", Permission.ManagePeople, "Reads a person and what they may do.", ReadAsync) { Audit = AuditAction.Listed, AuditCode = "people", Response = AppJson.Default.PersonView },
    ];

    // People are of the tenant, not of an inbox: a right in one inbox shows none.
    private async Task<Answer> ListAsync(ApiCall call) => call.Caller.MayEverywhere(Permission.ManagePeople)
        ? Answer.Of(new PeoplePage([.. (await desk.People.ListAsync(call.Tenant, call.Cancel)).Select(PersonView.Of)]), AppJson.Default.PeoplePage)
        : Problems.NotAllowed;

    private async Task<Answer> ReadAsync(ApiCall call)
    {
        if (!call.Caller.MayEverywhere(Permission.ManagePeople)) return Problems.NotAllowed;
        return await desk.People.FindAsync(call.Tenant, call["person"], call.Cancel) is { } person ? Answer.Of(PersonView.Of(person), AppJson.Default.PersonView) : Problems.NotFound;
    }
}
