using System.Globalization;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Redaction;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.App.Api;

/// <summary>The audit log, to be read; and all that is held of one person, to be given to them.</summary>
internal sealed class AuditRoutes(Desk desk, Cursors cursors)
{
    private const int PageSize = 100, LongestAddress = 320;
    private const string Transfers = "transfers";
    private static readonly IReadOnlyList<string> Actions = [.. Enum.GetNames<AuditAction>()];

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/audit", Permission.ReadJournal, "Lists who did what, newest first: ids and words of the product, nothing that anybody wrote. For who may read the journal of all mailboxes. A page may hold few although more follow.", ListAsync)
        {
            Audit = AuditAction.AuditRead, AuditCode = "api",
            Query =
            [
                new("day", "Of one day in UTC, as 20261122."), new("action", "Of one action.", Actions), new("kind", "Only what was taken out and brought in.", [Transfers]),
                new("actor", "By the person or token of this id."), new("inbox", "About one mailbox."), new("cursor", "\"next\" of the page before."),
            ],
            Response = AppJson.Default.AuditPage, More = [Problems.NotFound, Problems.Invalid, Problems.InvalidCursor],
        },
        new("POST", "/contacts/export", Permission.ManageMailboxes, "Answers with all that is held of one person as a zip, to be given to them. For who may read the tickets and manage the mailboxes of all.", ExportAsync)
        {
            Audit = AuditAction.Exported, AuditCode = "person", Request = AppJson.Default.ExportBody, IsFile = true, More = [Problems.NotFound, Problems.Invalid, Problems.Refused],
        },
    ];

    private async Task<Answer> ListAsync(ApiCall call)
    {
        // The log is the tenant's, not an inbox's.
        if (!call.Caller.MayEverywhere(Permission.ReadJournal)) return Problems.NotAllowed;
        if (!TryFilter(call, out AuditFilter filter)) return Problems.Invalid;
        if (call.Query("inbox") is { } inbox)
        {
            if (!InboxId.TryParse(inbox, out InboxId id) || await desk.Mailboxes.FindAsync(call.Tenant, id, call.Cancel) is null) return Problems.NotFound;
            filter = filter with { Inbox = id };
        }

        string list = $"audit {filter.Day} {string.Join(',', filter.Actions)} {filter.Actor} {filter.Inbox}";
        AuditPlace? after = null;
        if (call.Query("cursor") is { } cursor)
        {
            if (await cursors.ReadKeyAsync(call.Tenant, list, cursor, call.Cancel) is not { } key || key.Split('.') is not [var day, var number]) return Problems.InvalidCursor;
            after = new AuditPlace(day, long.Parse(number, CultureInfo.InvariantCulture));
        }

        AuditPart part = await desk.AuditPages.ReadAsync(call.Tenant, filter, PageSize, after, call.Cancel);
        string? next = part.Next is { } place ? await cursors.WriteAsync(call.Tenant, list, string.Create(CultureInfo.InvariantCulture, $"{place.Day}.{place.Number}"), call.Cancel) : null;
        call.Trail.About = call.Trail.About with { Inbox = filter.Inbox, Count = part.Entries.Count };
        return Answer.Of(new AuditPage([.. part.Entries.Select(AuditView.Of)], next), AppJson.Default.AuditPage);
    }

    private static bool TryFilter(ApiCall call, out AuditFilter filter)
    {
        filter = new AuditFilter { Day = call.Query("day") ?? "", Actor = call.Query("actor") ?? "" };
        if (filter.Day.Length > 0 && !DateOnly.TryParseExact(filter.Day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) return false;
        if (filter.Actor.Length > 0 && filter.Actor != Caller.LocalOwnerId && !People.IsPersonId(filter.Actor)) return false;
        if (call.Query("kind") is { } kind)
        {
            if (kind != Transfers || call.Query("action") is not null) return false;
            filter = filter with { Actions = AuditFilter.Transfers };
        }

        if (call.Query("action") is not { } action) return true;
        filter = Actions.Contains(action, StringComparer.Ordinal) ? filter with { Actions = [Enum.Parse<AuditAction>(action)] } : filter;
        return filter.Actions.Count == 1;
    }

    private async Task<Answer> ExportAsync(ApiCall call)
    {
        if (!PersonFile.May(call.Caller)) return Problems.NotAllowed;
        (ExportBody? body, Problem? problem) = await JsonBody.ReadAsync(call, AppJson.Default.ExportBody);
        if (body is null) return problem!;
        if (body.Address.Length is 0 or > LongestAddress || !PersonWish.TryLevel(body.Redact ?? "", out RedactionPolicy? level)) return Problems.Invalid;
        if (await PersonFile.FindAsync(desk, call.Tenant, body.Address, body.Notes, call.Cancel) is not { } found) return Problems.NotFound;
        PersonWish wish = found with { Level = level };
        if (await PersonFile.IsTooMuchAsync(desk, call.Tenant, call.Cancel)) return Problems.RefusedFor("too-many-tickets", PersonFile.TooMany);
        await PersonFile.TellAsync(call.Trail, wish);
        return Answer.Stream((output, cancel) => PersonFile.WriteAsync(desk, call.Trail, call.Tenant, wish, output, cancel), PersonFile.Name(wish));
    }
}
