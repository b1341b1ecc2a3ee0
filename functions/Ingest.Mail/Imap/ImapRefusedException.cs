namespace Ingest.Mail.Imap;

/// <summary>Why a server refused a command, as far as its code (RFC 5530, RFC 9051 7.1) or its words tell.</summary>
public enum ImapRefusal
{
    /// <summary>It did not say.</summary>
    Unspecified = 0,
    /// <summary>The name, password or token is wrong.</summary>
    AuthenticationFailed = 1,
    /// <summary>Known, but not allowed to: the account has no IMAP, or not this mailbox.</summary>
    AuthorizationFailed = 2,
    /// <summary>The password has expired.</summary>
    Expired = 3,
    /// <summary>The server wants another kind of password, such as one made for this application.</summary>
    AppPasswordNeeded = 4,
    /// <summary>None of the ways to sign in that both sides know.</summary>
    NoMechanism = 5,
    /// <summary>There is no such folder.</summary>
    NonExistent = 6,
    /// <summary>The mailbox is full.</summary>
    OverQuota = 7,
    /// <summary>Too many connections, or too much asked for: later.</summary>
    Limit = 20,
    /// <summary>The server, or something behind it, is not available now.</summary>
    Unavailable = 21,
    /// <summary>Someone else has the folder for himself now.</summary>
    InUse = 22,
}

/// <summary>The server refused a command (NO or BAD); the connection can be used further. The message is a code, never the server's words.</summary>
public sealed class ImapRefusedException : Exception
{
    /// <summary>Says why.</summary>
    public ImapRefusedException(ImapRefusal reason, bool isBad = false)
        : base(CodeOf(reason)) => (Reason, IsBad) = (reason, isBad);

    /// <summary>Why.</summary>
    public ImapRefusal Reason { get; }

    /// <summary>True when it was BAD: the command is not known or not understood.</summary>
    public bool IsBad { get; }

    /// <summary>A code of a-z and hyphens, fit for logs.</summary>
    public string Code => Message;

    /// <summary>True when the same command may be accepted later without anyone doing anything.</summary>
    public bool MayPass => Reason >= ImapRefusal.Limit;

    private static string CodeOf(ImapRefusal reason) => reason switch
    {
        ImapRefusal.Unspecified => "imap-refused",
        ImapRefusal.AuthenticationFailed => "imap-authentication-failed",
        ImapRefusal.AuthorizationFailed => "imap-authorization-failed",
        ImapRefusal.Expired => "imap-password-expired",
        ImapRefusal.AppPasswordNeeded => "imap-app-password-needed",
        ImapRefusal.NoMechanism => "imap-no-mechanism",
        ImapRefusal.NonExistent => "imap-folder-missing",
        ImapRefusal.OverQuota => "imap-over-quota",
        ImapRefusal.Limit => "imap-limit",
        ImapRefusal.Unavailable => "imap-unavailable",
        ImapRefusal.InUse => "imap-in-use",
    };
}
