namespace Ingest.Mail.Smtp;

/// <summary>Why a server refuses to talk to us or to sign us in.</summary>
public enum SmtpRefusal
{
    /// <summary>It did not say.</summary>
    Unspecified = 0,
    /// <summary>The name, password or token is wrong.</summary>
    AuthenticationFailed = 1,
    /// <summary>Signing in to SMTP is switched off for the account or its organisation.</summary>
    SmtpDisabled = 2,
    /// <summary>It wants another kind of password, one made for this application.</summary>
    AppPasswordNeeded = 3,
    /// <summary>None of the ways to sign in that both sides know.</summary>
    NoMechanism = 4,
    /// <summary>The password has expired or must be changed.</summary>
    Expired = 5,
    /// <summary>It wants nothing to do with us: the address we come from, or our greeting.</summary>
    Unwelcome = 6,
    /// <summary>Too many connections or attempts: later.</summary>
    Limit = 20,
    /// <summary>It, or something behind it, is not available now.</summary>
    Unavailable = 21,
}

/// <summary>The server said no before any mail was spoken of. The message is a code, never the server's words.</summary>
public sealed class SmtpRefusedException : Exception
{
    /// <summary>Says why.</summary>
    public SmtpRefusedException(SmtpRefusal reason)
        : base(CodeOf(reason)) => Reason = reason;

    /// <summary>Why.</summary>
    public SmtpRefusal Reason { get; }

    /// <summary>A code of a-z and hyphens, fit for logs.</summary>
    public string Code => Message;

    /// <summary>True when the same may be accepted later without anyone doing anything.</summary>
    public bool MayPass => Reason >= SmtpRefusal.Limit;

    private static string CodeOf(SmtpRefusal reason) => reason switch
    {
        SmtpRefusal.Unspecified => "smtp-refused",
        SmtpRefusal.AuthenticationFailed => "smtp-authentication-failed",
        SmtpRefusal.SmtpDisabled => "smtp-disabled",
        SmtpRefusal.AppPasswordNeeded => "smtp-app-password-needed",
        SmtpRefusal.NoMechanism => "smtp-no-mechanism",
        SmtpRefusal.Expired => "smtp-password-expired",
        SmtpRefusal.Unwelcome => "smtp-unwelcome",
        SmtpRefusal.Limit => "smtp-limit",
        SmtpRefusal.Unavailable => "smtp-unavailable",
    };
}
