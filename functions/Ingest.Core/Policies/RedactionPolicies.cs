using System.Globalization;
using Ingest.Core.Audit;
using Ingest.Core.Keys;
using Ingest.Core.Redaction;
using Ingest.Core.Store;

namespace Ingest.Core.Policies;

/// <summary>What is masked in mail before anything of it is kept: a mailbox's own, else the one for all. Sealed: what is allowed tells of the business.</summary>
public sealed class RedactionPolicies(TableServiceClient tables, KeyRing keys, AuditLog audit, TimeProvider time) : PolicyStore<RedactionPolicy>(Sort, tables, keys, audit, time)
{
    private static PolicySort<RedactionPolicy> Sort { get; } = new("redact", "redaction-policy", RedactionPolicy.Default)
    {
        Write = policy => policy.ToJson(),
        Read = json => RedactionPolicy.FromStore(json),
        Tidy = CheckRedaction.Tidy,
        Problem = policy => CheckRedaction.Find(policy) is [var first, ..] ? new PolicyProblem(first.Setting, first.Fix) : null,
        Changes = Between,
        Begin = all => all,
        Together = (own, _) => own,
        TooMuch = new PolicyProblem(nameof(RedactionPolicy.Allow), "What is allowed is too long to be kept: name fewer patterns."),
    };

    /// <summary>
    /// A code for each setting that differs, "redact-card-full", never a pattern; one at least, for who saves the same again changes the row all the same. With another preset
    /// the codes say what differs from that.
    /// </summary>
    internal static IReadOnlyList<string> Between(RedactionPolicy old, RedactionPolicy next)
    {
        List<string> codes = [];
        void Say(string name, string one, string other)
        {
            if (one != other) codes.Add($"redact-{name}-{one}-to-{other}".ToLowerInvariant());
        }

        void SayAll(string name, IReadOnlyList<string> one, IReadOnlyList<string> other)
        {
            Say(name, Number(one.Count), Number(other.Count));
            if (one.Count == other.Count && !one.SequenceEqual(other)) codes.Add($"redact-{name}-other");
        }

        Say("preset", old.Preset.ToString(), next.Preset.ToString());
        if (old.Preset != next.Preset) old = RedactionPolicy.Named(next.Preset) with { DryRun = old.DryRun };
        foreach (FindingType type in Enum.GetValues<FindingType>())
        {
            (TypePolicy was, TypePolicy becomes) = (old.Of(type), next.Of(type));
            if (was.Mask != becomes.Mask) codes.Add($"redact-{type}-{becomes.Mask}".ToLowerInvariant());
            if (was.Confidence != becomes.Confidence) codes.Add($"redact-{type}-from-{(becomes.Confidence is { } line ? Thousandths(line) : "usual")}".ToLowerInvariant());
        }

        Say("from", Thousandths(old.Confidence), Thousandths(next.Confidence));
        SayAll("countries", old.Countries, next.Countries);
        SayAll("rules-off", old.RulesOff, next.RulesOff);
        SayAll("allow", old.Allow, next.Allow);
        Say("pdf", old.Pdf.ToString(), next.Pdf.ToString());
        Say("archives", old.Archives.ToString(), next.Archives.ToString());
        Say("images", old.Images.ToString(), next.Images.ToString());
        Say("unreadable", old.Unreadable.ToString(), next.Unreadable.ToString());
        Say("original", old.Original.ToString(), next.Original.ToString());
        foreach (FindingType type in old.Outgoing.Except(next.Outgoing)) codes.Add($"redact-outgoing-{type}-no-more".ToLowerInvariant());
        foreach (FindingType type in next.Outgoing.Except(old.Outgoing)) codes.Add($"redact-outgoing-{type}".ToLowerInvariant());
        Say("dry-run", YesNo(old.DryRun), YesNo(next.DryRun));
        return codes.Count > 0 ? codes : ["redact-policy-same"];
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
    private static string Thousandths(double part) => ((int)Math.Round(part * 1000)).ToString(CultureInfo.InvariantCulture);
    private static string YesNo(bool yes) => yes ? "yes" : "no";
}
