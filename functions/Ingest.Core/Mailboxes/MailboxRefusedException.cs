namespace Ingest.Core.Mailboxes;

/// <summary>Why a mailbox is shut to us until a person acts.</summary>
public enum MailboxFault
{
    /// <summary>The grant was revoked or has expired: consent must be given again.</summary>
    GrantRevoked = 1,
    /// <summary>The token belongs to another account than the one that was connected.</summary>
    IdentityChanged = 2,
    /// <summary>The grant is alive but does not allow what we ask, or the account has no mailbox.</summary>
    NoPermission = 3,
    /// <summary>The provider's mail API is switched off for the account's domain.</summary>
    ApiDisabled = 4,
    /// <summary>The mail server does not accept the name and password.</summary>
    PasswordRefused = 5,
}

/// <summary>The mailbox needs an administrator ("needs reauthorisation"); trying again alone cannot help. The message is the fault's name only.</summary>
public sealed class MailboxRefusedException : Exception
{
    /// <summary>Says why.</summary>
    public MailboxRefusedException(MailboxFault fault)
        : base(fault.ToString()) => Fault = fault;

    /// <summary>Why.</summary>
    public MailboxFault Fault { get; }
}
