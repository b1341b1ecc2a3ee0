using Ingest.App.Pages;
using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Settings;
using Microsoft.AspNetCore.Http.Features;

namespace Ingest.App.Console;

/// <summary>One request of somebody who is signed in.</summary>
/// <param name="Http">The request and its answer.</param>
/// <param name="Desk">The desk.</param>
/// <param name="Caller">Who asks, and what they may do.</param>
/// <param name="FormToken">What each form of this session carries.</param>
/// <param name="Intake">Its body, its room in memory and its time.</param>
public sealed record Visit(HttpContext Http, Desk Desk, Caller Caller, string FormToken, RequestIntake Intake)
{
    /// <summary>What the audit log is told of it.</summary>
    public Trail Trail { get; } = new(Desk, Caller, Intake.Cancel);

    /// <summary>The request's end.</summary>
    public CancellationToken Cancel => Intake.Cancel;

    /// <summary>The paths of the navigation's entries.</summary>
    public const string Tickets = "/console/tickets", Review = "/console/review", Mailboxes = "/console/mailboxes", People = "/console/people", Audit = "/console/audit", PersonData = "/console/person", Erasures = "/console/erasures", Lessons = "/console/lessons";

    /// <summary>Whose data is asked for.</summary>
    public TenantContext Tenant => Caller.Tenant;

    /// <summary>True when something is to be done, not only looked at.</summary>
    public bool IsPost => HttpMethods.IsPost(Http.Request.Method);

    /// <summary>The person as the frame of a page shows them.</summary>
    public Visitor Person => new(Caller.Name, FormToken, [.. Sections()]);

    /// <summary>The frame of a page.</summary>
    public Frame Frame(string title, string section, bool wide = false) => new(title, Person) { Section = section, Wide = wide };

    /// <summary>
    /// Sends a page, after the audit log has taken what it shows, in a word of ours; null for a page with nothing on it that people wrote, nor who may do what. When the log
    /// does not take it, nothing is shown.
    /// </summary>
    public async Task PageAsync(Frame frame, (AuditAction Action, string Code)? shows, Markup content, int status = StatusCodes.Status200OK)
    {
        if (shows is { } what) await Trail.TellAsync(what.Action, what.Code);
        await Answer.PageAsync(Http, status, frame, content);
    }

    /// <summary>What the address says about the page, such as which state of tickets; empty when nothing.</summary>
    public string Asked(string name) => Http.Request.Query[name].ToString();

    /// <summary>
    /// A form of our own page, read in memory and never in a file; null when it carries not this session's token, comes from elsewhere or is too large, and
    /// then nothing may be done.
    /// </summary>
    public async Task<IFormCollection?> FormAsync(ConsoleSession sessions, int largest)
    {
        if (!sessions.IsFromHere(Http) || !Http.Request.HasFormContentType || Http.Request.ContentLength is not { } length || length > largest) return null;
        if (Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = largest;
        if (await Intake.ReceiveAsync(largest) != Arrival.Whole) return null;
        FormOptions options = new()
        {
            MemoryBufferThreshold = largest, BufferBodyLengthLimit = largest, MultipartBodyLengthLimit = largest, ValueLengthLimit = largest, ValueCountLimit = 200,
        };
        IFormCollection form = await Http.Request.ReadFormAsync(options, Cancel);
        return ConsoleSession.IsToken(form[Form.TokenField].ToString(), FormToken) ? form : null;
    }

    private IEnumerable<Section> Sections()
    {
        if (Caller.MayAnywhere(Permission.ReadTickets)) yield return new Section("Tickets", Tickets);
        if (Caller.MayAnywhere(Permission.ReviewMail)) yield return new Section("Review", Review);
        if (Caller.MayAnywhere(Permission.ManageMailboxes) || Caller.MayAnywhere(Permission.ReadJournal)) yield return new Section("Mailboxes", Mailboxes);
        if (Caller.MayEverywhere(Permission.ManageMailboxes)) yield return new Section("Spam filter", Lessons);
        if (Caller.MayEverywhere(Permission.ReadJournal)) yield return new Section("Audit", Audit);
        if (Caller.MayAnywhere(Permission.ManagePeople)) yield return new Section("People", People);
        if (Caller.MayEverywhere(Permission.EraseData)) yield return new Section("Erasure", Erasures);
    }
}
