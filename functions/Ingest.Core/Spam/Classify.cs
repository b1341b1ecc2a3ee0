using Ingest.Core.Screening;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>How spam-like a mail is and why.</summary>
public static class Classify
{
    /// <summary>Scores a mail. Pure; linear in the size of the mail's text and html.</summary>
    public static SpamVerdict Decide(MailMessage message, AuthVerdict auth, Screened screened, SpamContext context)
    {
        List<SpamReason> reasons = SpamSigns.Find(message, auth, screened, context);
        double odds = SpamSigns.Prior + reasons.Sum(r => r.Weight);
        if (context.Learned is { } learned && learned(SpamFeatures.Extract(message, auth, screened, context)) is var tenant and not 0)
        {
            odds += tenant;
            reasons.Add(new SpamReason(SpamCode.LearnedFromAgents, tenant));
        }

        double score = 1 / (1 + Math.Exp(-odds));
        SpamVerdictKind kind = score >= context.Thresholds.SpamFrom ? SpamVerdictKind.Spam
            : score >= context.Thresholds.UnsureFrom ? SpamVerdictKind.Unsure
            : SpamVerdictKind.Ham;
        return new SpamVerdict(score, kind, [.. reasons.OrderByDescending(r => Math.Abs(r.Weight))]);
    }
}
