namespace Ingest.Core.Mailboxes;

/// <summary>Why a consent did not become a grant.</summary>
public enum ConsentFault
{
    /// <summary>The code was used, has expired, or belongs to another verifier, redirect or client.</summary>
    CodeRefused = 1,
    /// <summary>The person withheld a permission that the mailbox needs.</summary>
    ScopesMissing = 2,
    /// <summary>Google gave no refresh token, so the mailbox would be shut within the hour.</summary>
    NoRefreshToken = 3,
    /// <summary>Who consented could not be proven.</summary>
    IdentityUnverified = 4,
    /// <summary>Another account than the pinned one consented.</summary>
    WrongAccount = 5,
}

/// <summary>A consent that cannot be used: the admin starts again. The message is the fault's name only.</summary>
public sealed class ConsentRefusedException : Exception
{
    /// <summary>Says why.</summary>
    public ConsentRefusedException(ConsentFault fault)
        : base(fault.ToString()) => Fault = fault;

    /// <summary>Why.</summary>
    public ConsentFault Fault { get; }
}
