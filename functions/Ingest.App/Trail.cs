using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Settings;

namespace Ingest.App;

/// <summary>
/// What the audit log is told of one request. What changes something is told before it is done; what is read, when it is ready and before it is shown. When the log does
/// not take it, nothing is done and nothing shown.
/// </summary>
public sealed class Trail(Desk desk, Caller caller, CancellationToken cancel)
{
    private AuditEvent? _told;
    private bool _leftToWork;

    /// <summary>True when the log was told something that was then done or shown.</summary>
    public bool IsTold => _told is not null || _leftToWork;

    /// <summary>Leaves telling the log to what does the work, such as an erasure, which tells of its refusals, too: nothing is written from here.</summary>
    public void LeaveToWork() => _leftToWork = true;

    /// <summary>What the entry says beside action and actor.</summary>
    public AuditEvent About { get; set; } = new(AuditAction.ContentRead, AuditActor.Of(caller));

    /// <summary>Writes the entry; when this returns, it stands in the log.</summary>
    public async Task TellAsync(AuditAction action, string code = "")
    {
        AuditEvent entry = About with { Action = action, Code = code.Length > 0 ? code : About.Code };
        await desk.Audit.AppendAsync(caller.Tenant, entry, cancel);
        _told = entry;
    }

    /// <summary>Why what was told came to nothing, as a code; empty where the code of what was told says enough.</summary>
    public string Because { get; set; } = "";

    /// <summary>Writes that what was told came to nothing.</summary>
    public Task TellFailedAsync() => _told is { } told
        ? desk.Audit.AppendAsync(caller.Tenant, told with { Result = AuditResult.Failed, Code = Because.Length > 0 ? Because : told.Code }, cancel) : Task.CompletedTask;
}
