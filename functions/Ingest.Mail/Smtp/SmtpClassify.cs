namespace Ingest.Mail.Smtp;

/// <summary>What a refusal is about: the account, this mail, or the moment. Providers' own codes are read where the digits mislead.</summary>
internal static class SmtpClassify
{
    // The account's daily limit, which ends by itself: Gmail 5.4.5, Microsoft 365 5.1.90.
    private static readonly HashSet<string> Quotas = ["5.4.5", "5.1.90"];

    // The account may not send at all until a person acts, whatever the mail is: not signed in, blocked as a spammer.
    private static readonly HashSet<string> Account = ["5.7.8", "5.7.9", "5.7.57", "5.7.139", "5.7.501", "5.7.502", "5.7.503", "5.7.708", "5.1.8"];

    /// <summary>A refusal of a mail or of one recipient.</summary>
    public static SmtpOutcome OfMail(SmtpReply reply)
    {
        if (reply.Code is 530 or 534 or 535 or 538 || Account.Contains(reply.Enhanced))
            return SmtpOutcome.NotSent;
        return reply.IsNotNow || Quotas.Contains(reply.Enhanced) ? SmtpOutcome.TemporarilyRefused : SmtpOutcome.PermanentlyRefused;
    }

    /// <summary>A refusal to sign us in.</summary>
    public static SmtpRefusal OfSignIn(SmtpReply reply)
    {
        // Microsoft 365 says 5.7.139 for a wrong password, too; only its words tell.
        if (reply.Enhanced == "5.7.139" || reply.Says("SmtpClientAuthentication"))
            return reply.Says("disabled") || reply.Says("security defaults") || reply.Says("policy") ? SmtpRefusal.SmtpDisabled : SmtpRefusal.AuthenticationFailed;
        if (reply.Enhanced == "5.7.9" || reply.Says("application-specific password") || reply.Says("app password"))
            return SmtpRefusal.AppPasswordNeeded;
        if (reply.Says("too many"))
            return SmtpRefusal.Limit;
        return reply.Code switch
        {
            432 or 434 => SmtpRefusal.Expired,
            421 or (>= 400 and < 500) => reply.Enhanced == "4.7.0" && reply.Code == 421 ? SmtpRefusal.Limit : SmtpRefusal.Unavailable,
            502 or 503 or 504 or 500 or 501 => SmtpRefusal.NoMechanism,
            _ => reply.Enhanced == "5.7.12" ? SmtpRefusal.Expired : SmtpRefusal.AuthenticationFailed,
        };
    }

    /// <summary>A greeting, or an answer to ours, that is none.</summary>
    public static SmtpRefusal OfGreeting(SmtpReply reply)
    {
        if (!reply.IsNotNow)
            return SmtpRefusal.Unwelcome;
        return reply.Says("too many") || reply.Enhanced == "4.7.0" ? SmtpRefusal.Limit : SmtpRefusal.Unavailable;
    }
}
