using Ingest.Core.Access;
using Ingest.Core.Audit;
using Ingest.Core.Pipeline;
using Microsoft.Extensions.Logging;

namespace Ingest.Core.Telemetry;

/// <summary>
/// Every log line there is. Parameters are ids, enums, numbers and the names of fault types: never an address, a subject, content or a message of an exception.
/// Event ids come in blocks of a hundred per room.
/// </summary>
public static partial class Log
{
    /// <summary>One line per mail, at its end.</summary>
    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "mail ended {Tenant} {Inbox} {MessageKey} {Outcome} {Reason} attempt {Attempt} bytes {Bytes} ms {Milliseconds}")]
    public static partial void MailEnded(ILogger logger, string tenant, string inbox, string messageKey, OutcomeKind outcome, OutcomeReason reason, int attempt, long bytes, long milliseconds);

    /// <summary>The world was not ready; the work was put off.</summary>
    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "put off {Function} {Tenant} {Inbox} {MessageKey} attempt {Attempt} why {Why} seconds {Seconds}")]
    public static partial void PutOff(ILogger logger, string function, string tenant, string inbox, string messageKey, int attempt, string why, int seconds);

    /// <summary>A fault of ours.</summary>
    [LoggerMessage(EventId = 102, Level = LogLevel.Error, Message = "fault in {Function} {Tenant} {Inbox} {MessageKey} delivery {DequeueCount} type {FaultType} at {Where}")]
    public static partial void Fault(ILogger logger, string function, string tenant, string inbox, string messageKey, long dequeueCount, string faultType, string where);

    /// <summary>A message of a newer version was put off.</summary>
    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "message of version {Version} put off by {Function}")]
    public static partial void NewerVersion(ILogger logger, string function, int version);

    /// <summary>A message that is not one of ours was dropped.</summary>
    [LoggerMessage(EventId = 104, Level = LogLevel.Error, Message = "message that is not one of ours dropped by {Function} bytes {Bytes}")]
    public static partial void NotOurs(ILogger logger, string function, int bytes);

    /// <summary>One line per sync that did something.</summary>
    [LoggerMessage(EventId = 200, Level = LogLevel.Information, Message = "mailbox read {Tenant} {Inbox} {End} listed {Listed} ms {Milliseconds}")]
    public static partial void MailboxRead(ILogger logger, string tenant, string inbox, SyncEnd end, int listed, long milliseconds);

    /// <summary>A mailbox could not be read.</summary>
    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "mailbox not read {Tenant} {Inbox} why {Why} failures {Failures} next in seconds {Seconds}")]
    public static partial void MailboxNotRead(ILogger logger, string tenant, string inbox, string why, int failures, int seconds);

    /// <summary>A mailbox waits for an admin.</summary>
    [LoggerMessage(EventId = 202, Level = LogLevel.Error, Message = "mailbox needs to be connected again {Tenant} {Inbox} why {Why}: an admin must open /connect")]
    public static partial void MailboxNeedsReconnect(ILogger logger, string tenant, string inbox, string why);

    /// <summary>A mailbox was connected.</summary>
    [LoggerMessage(EventId = 203, Level = LogLevel.Information, Message = "mailbox connected {Tenant} {Inbox}")]
    public static partial void MailboxConnected(ILogger logger, string tenant, string inbox);

    /// <summary>One line per step of a reply.</summary>
    [LoggerMessage(EventId = 110, Level = LogLevel.Information, Message = "reply {Tenant} {Inbox} {MessageKey} {State} why {Why} attempt {Attempt}")]
    public static partial void ReplyStands(ILogger logger, string tenant, string inbox, string messageKey, Tickets.DeliveryState state, string why, int attempt);

    /// <summary>A ticket in a list does not open.</summary>
    [LoggerMessage(EventId = 112, Level = LogLevel.Error, Message = "ticket damaged {Tenant} {Ticket} why {Why}")]
    public static partial void TicketDamaged(ILogger logger, string tenant, string ticket, string why);

    /// <summary>A tenant's list of own keys in the table is older than one that was signed since, or gone; the newest holds.</summary>
    [LoggerMessage(EventId = 113, Level = LogLevel.Error, Message = "list of own keys set back {Tenant}")]
    public static partial void KeyListSetBack(ILogger logger, string tenant);

    /// <summary>A round of housekeeping.</summary>
    [LoggerMessage(EventId = 300, Level = LogLevel.Information, Message = "house kept: replayed {Replayed} parked {Parked} requeued {Requeued} settled {Settled} swept {Swept}")]
    public static partial void HouseKept(ILogger logger, int replayed, int parked, int requeued, int settled, int swept);

    /// <summary>Root keys moved to a newer key-encryption key.</summary>
    [LoggerMessage(EventId = 301, Level = LogLevel.Information, Message = "root keys wrapped anew {Count}")]
    public static partial void KeysRewrapped(ILogger logger, int count);

    /// <summary>A mailbox's kept-back mail wants a person.</summary>
    [LoggerMessage(EventId = 302, Level = LogLevel.Warning, Message = "kept-back mail waits {Tenant} {Inbox} {Alarm} total {Total} unseen {Unseen} oldest days {Days} deleted soon {Soon}: a reviewer must look at /console/review")]
    public static partial void KeptBackWaits(ILogger logger, string tenant, string inbox, KeptAlarm alarm, long total, long unseen, int days, long soon);

    /// <summary>An audit log was changed in the stores.</summary>
    [LoggerMessage(EventId = 303, Level = LogLevel.Error, Message = "audit log broken {Tenant} {Finding} number {Number}: \"ingest audit verify\" says where, and so does the log's newest entry")]
    public static partial void AuditBroken(ILogger logger, string tenant, AuditFault finding, long number);

    /// <summary>A step of a decision on many kept-back mails.</summary>
    [LoggerMessage(EventId = 111, Level = LogLevel.Information, Message = "bulk {Tenant} {Bulk} {Action} {State} done {Done} passed {Passed}")]
    public static partial void BulkMoved(ILogger logger, string tenant, string bulk, BulkAction action, BulkState state, long done, long passed);

    /// <summary>A call to a key vault that went well.</summary>
    [LoggerMessage(EventId = 500, Level = LogLevel.Information, Message = "vault {Operation} {VaultKey} status {Status} request {Request} ms {Milliseconds}")]
    public static partial void VaultCalled(ILogger logger, string operation, string vaultKey, int status, string request, long milliseconds);

    /// <summary>A call to a key vault that did not: what needs this key waits.</summary>
    [LoggerMessage(EventId = 501, Level = LogLevel.Error, Message = "vault refused {Operation} {VaultKey} status {Status} why {Why} request {Request} ms {Milliseconds}: what needs this key waits until it is mended")]
    public static partial void VaultRefused(ILogger logger, string operation, string vaultKey, int status, string why, string request, long milliseconds);

    /// <summary>A request failed by a fault of ours.</summary>
    [LoggerMessage(EventId = 400, Level = LogLevel.Error, Message = "request failed {Method} {Area} type {FaultType} at {Where}")]
    public static partial void RequestFailed(ILogger logger, string method, string area, string faultType, string where);

    /// <summary>A browser was signed in.</summary>
    [LoggerMessage(EventId = 410, Level = LogLevel.Information, Message = "signed in {Tenant} {Person}")]
    public static partial void SignedIn(ILogger logger, string tenant, string person);

    /// <summary>A sign-in ended otherwise.</summary>
    [LoggerMessage(EventId = 411, Level = LogLevel.Warning, Message = "not signed in {Tenant} why {End}")]
    public static partial void NotSignedIn(ILogger logger, string tenant, SignInEnd end);

    /// <summary>A browser was signed out.</summary>
    [LoggerMessage(EventId = 412, Level = LogLevel.Information, Message = "signed out {Tenant} {Person}")]
    public static partial void SignedOut(ILogger logger, string tenant, string person);
}
