using Ingest.Core.Screening;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>How spam-like a mail is, by hand-made rules whose weights add up as log-odds.</summary>
public static class Classify
{
    /// <summary>Scores a mail. Pure; linear in the size of the mail's text and html.</summary>
    public static SpamVerdict Decide(MailMessage message, AuthVerdict auth, Screened screened, SpamRules rules)
    {
        List<SpamReason> reasons = SpamSigns.Find(message, auth, screened, rules);
        double odds = SpamSigns.Prior + reasons.Sum(r => r.Weight);
        double score = 1 / (1 + Math.Exp(-odds));
        SpamVerdictKind kind = score >= rules.SpamFrom ? SpamVerdictKind.Spam
            : score >= rules.UnsureFrom ? SpamVerdictKind.Unsure
            : SpamVerdictKind.Ham;
        return new SpamVerdict(score, kind, [.. reasons.OrderByDescending(r => Math.Abs(r.Weight))]);
    }
}
