using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Settings;
using Ingest.Core.Tickets;

namespace Ingest.App;

/// <summary>A person's file on its way out of a front door: who may ask for it, and what the audit log is told before it goes and when it is gone.</summary>
internal static class PersonFile
{
    /// <summary>It holds tickets of all mailboxes, so it takes the right to read all of them, and to manage them.</summary>
    public static bool May(Caller caller) => caller.MayEverywhere(Permission.ManageMailboxes) && caller.MayEverywhere(Permission.ReadTickets);

    /// <summary>What to ask for, for the person of this address; null when nothing is held of them.</summary>
    public static Task<PersonWish?> FindAsync(Desk desk, TenantContext tenant, string address, bool notes, CancellationToken cancel) => desk.PersonExport.FindAsync(tenant, address, notes, cancel);

    /// <summary>So many tickets can be looked through while a browser or program waits.</summary>
    public const int MostTickets = 20_000;

    /// <summary>What is said where there are more.</summary>
    public const string TooMany = "There are more than 20,000 tickets to look through, which takes longer than a request may. The command \"ingest person export ADDRESS --to FILE\" has no such limit: ask whoever operates this.";

    /// <summary>True when it takes the command line.</summary>
    public static Task<bool> IsTooMuchAsync(Desk desk, TenantContext tenant, CancellationToken cancel) => desk.ContactTickets.HasMoreThanAsync(tenant, MostTickets, cancel);

    /// <summary>The name under which it is kept: no address, which would stay in a list of downloads.</summary>
    public static string Name(PersonWish wish) => wish.ContactId.Length > 0 ? $"person-{wish.ContactId[..8]}.zip" : "person.zip";

    /// <summary>Tells the log before anything goes out.</summary>
    public static Task TellAsync(Trail trail, PersonWish wish)
    {
        trail.About = trail.About with { ContactId = wish.ContactId };
        return trail.TellAsync(AuditAction.Exported, "person-begun");
    }

    /// <summary>Writes it, and tells the log how many messages went out.</summary>
    public static async Task WriteAsync(Desk desk, Trail trail, TenantContext tenant, PersonWish wish, Stream output, CancellationToken cancel)
    {
        if (await desk.PersonExport.WriteAsync(tenant, wish, output, cancel) is not { } report) return;
        trail.About = trail.About with { Count = report.Messages + report.KeptBack };
        await trail.TellAsync(AuditAction.Exported, "person");
    }
}
