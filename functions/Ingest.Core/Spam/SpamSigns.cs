using Ingest.Core.Screening;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>The rules themselves: what each looks at and what it weighs.</summary>
internal static class SpamSigns
{
    /// <summary>Log-odds of spam before anything is known; low, because a wanted mail held back costs a hundred times a spam let through.</summary>
    internal const double Prior = -3;

    internal static List<SpamReason> Find(MailMessage message, AuthVerdict auth, Screened screened, SpamRules rules)
    {
        List<SpamReason> found = [];
        AddAuthentication(found, auth);
        return found;
    }

    private static void AddAuthentication(List<SpamReason> found, AuthVerdict auth)
    {
        if (auth.Reason == AuthCode.SeveralFrom)
            found.Add(new(SpamCode.SeveralFrom, 1));
        if (auth.Reason == AuthCode.NoFrom)
            found.Add(new(SpamCode.NoFrom, 1.5));
        if (auth.Dmarc == AuthResult.Fail)
            found.Add(auth.Policy is DmarcPolicy.Reject or DmarcPolicy.Quarantine ? new(SpamCode.DmarcFailEnforced, 3.5) : new(SpamCode.DmarcFail, 1.5));
        else if (auth.Spf == AuthResult.Fail && !auth.Authenticated)
            found.Add(new(SpamCode.SpfFail, 1.5));
        if (auth.Authenticated)
            found.Add(new(SpamCode.Authenticated, -0.5));
    }
}
