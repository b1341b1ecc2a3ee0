using Ingest.Core.Audit;

namespace Ingest.App.Console;

/// <summary>The audit log in words that need no manual.</summary>
internal static class AuditWords
{
    /// <summary>What was done.</summary>
    public static string Of(AuditAction action) => action switch
    {
        AuditAction.SignedIn => "Signed in",
        AuditAction.SignInRefused => "Was turned away at sign-in",
        AuditAction.SignedOut => "Signed out",
        AuditAction.ContentRead => "Read",
        AuditAction.Listed => "Looked at a list",
        AuditAction.Searched => "Searched",
        AuditAction.Exported => "Took data out",
        AuditAction.Imported => "Brought data in",
        AuditAction.MailboxConnected => "Connected a mailbox",
        AuditAction.MailboxChanged => "Changed a mailbox",
        AuditAction.MailboxDisconnected => "Disconnected a mailbox",
        AuditAction.PolicyChanged => "Changed a policy",
        AuditAction.GrantChanged => "Changed who may do what",
        AuditAction.TokenCreated => "Made an API token",
        AuditAction.TokenRevoked => "Revoked an API token",
        AuditAction.KeyCreated => "Made a key",
        AuditAction.KeyDeleted => "Deleted a key",
        AuditAction.KeyRotated => "Replaced a key",
        AuditAction.KeyRewrapped => "Wrapped keys anew",
        AuditAction.KeyBackedUp => "Backed up keys",
        AuditAction.KeyRestored => "Restored keys",
        AuditAction.Erased => "Erased for good",
        AuditAction.RetentionApplied => "Removed what is no longer kept",
        AuditAction.HoldPlaced => "Placed a legal hold",
        AuditAction.HoldLifted => "Lifted a legal hold",
        AuditAction.QuarantineReleased => "Let a kept-back mail in",
        AuditAction.QuarantineDeleted => "Deleted a kept-back mail",
        AuditAction.ReplySent => "Answered a customer",
        AuditAction.TicketChanged => "Changed a ticket",
        AuditAction.AuditRead => "Read this log",
        AuditAction.AuditVerified => "Checked this log",
        AuditAction.Redacted => "Redacted",
    };

    /// <summary>Who did it.</summary>
    public static string Of(AuditActorKind kind) => kind switch
    {
        AuditActorKind.Person => "person",
        AuditActorKind.Token => "API token",
        AuditActorKind.Application => "application",
        AuditActorKind.System => "Ingest itself",
        AuditActorKind.Command => "command line",
    };
}
