using Ingest.Core.Screening;
using Ingest.Mail.Mime;

namespace Ingest.Core.Spam;

/// <summary>How spam-like a mail is and why: signs set by hand, the trained model, and what the tenant's agents taught, added up as log-odds and then made a probability.</summary>
public static class Classify
{
    /// <summary>Log-odds of spam before anything is known; low, because a wanted mail held back costs a hundred times a spam let through.</summary>
    internal const double Prior = -2;

    // Less than this nobody needs to be told.
    private const double LeastReason = 0.05;

    private static readonly (FeatureGroup Group, SpamCode Code)[] s_groups =
    [
        (FeatureGroup.Word, SpamCode.TypicalWords), (FeatureGroup.Subject, SpamCode.TypicalSubject), (FeatureGroup.Header, SpamCode.TypicalHeader),
        (FeatureGroup.Structure, SpamCode.TypicalStructure), (FeatureGroup.Trace, SpamCode.TypicalTrace), (FeatureGroup.Sign, SpamCode.TypicalSigns),
    ];

    /// <summary>Scores a mail by the shipped model. Pure; linear in the size of the mail's text and html.</summary>
    public static SpamVerdict Decide(MailMessage message, AuthVerdict auth, Screened screened, SpamContext context) => Decide(message, auth, screened, context, SpamModel.Base);

    /// <summary>Scores a mail by another model.</summary>
    public static SpamVerdict Decide(MailMessage message, AuthVerdict auth, Screened screened, SpamContext context, SpamModel model)
    {
        using var reading = new MailReading(message, auth, screened, context);
        FeatureVector features = reading.Features.Build();
        List<SpamReason> reasons = reading.Signs;
        double odds = Prior;
        foreach (SpamReason sign in reasons)
            odds += sign.Weight;

        Span<double> groups = stackalloc double[8];
        odds += model.LogOdds(features, groups);
        groups[(int)FeatureGroup.Word] += groups[(int)FeatureGroup.WordPair];
        foreach ((FeatureGroup group, SpamCode code) in s_groups)
            if (Math.Abs(groups[(int)group]) >= LeastReason) reasons.Add(new SpamReason(code, groups[(int)group]));
        if (context.Learned?.Invoke(features) is { } learned and not 0)
        {
            odds += learned;
            reasons.Add(new SpamReason(SpamCode.LearnedFromAgents, learned));
        }

        reasons.Sort(static (one, other) => Math.Abs(other.Weight).CompareTo(Math.Abs(one.Weight)) is not 0 and var order ? order : one.Code.CompareTo(other.Code));
        double score = model.Score(odds);
        SpamVerdictKind kind = score >= context.Thresholds.SpamFrom ? SpamVerdictKind.Spam : score >= context.Thresholds.UnsureFrom ? SpamVerdictKind.Unsure : SpamVerdictKind.Ham;
        return new SpamVerdict(score, kind, reasons) { LogOdds = odds };
    }
}
