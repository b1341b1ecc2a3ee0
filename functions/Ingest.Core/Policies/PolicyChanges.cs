using System.Globalization;

namespace Ingest.Core.Policies;

/// <summary>What differs between two policies, as codes for the audit log: names of settings, choices and numbers, never what a rule looks for.</summary>
internal static class PolicyChanges
{
    /// <summary>A code for each setting that differs, "unsure-ticket-to-quarantine"; one at least, for who saves the same again changes the row all the same.</summary>
    internal static IReadOnlyList<string> Between(MailPolicy old, MailPolicy next)
    {
        List<string> codes = [];
        void Say(string name, string one, string other)
        {
            if (one != other) codes.Add($"{name}-{one}-to-{other}".ToLowerInvariant());
        }

        foreach (RuleEffect effect in Enum.GetValues<RuleEffect>())
            Say($"{effect}-rules", Number(old.Rules.Count(r => r.Effect == effect)), Number(next.Rules.Count(r => r.Effect == effect)));
        if (codes.Count == 0 && !old.Rules.SequenceEqual(next.Rules)) codes.Add("rules-other");
        Say("only-allowed", YesNo(old.TakeOnlyAllowed), YesNo(next.TakeOnlyAllowed));
        Say("closed", YesNo(old.Closed), YesNo(next.Closed));
        Say("one-in", Number(old.OneCustomerIn), Number(next.OneCustomerIn));
        Say("unsure", old.Unsure.ToString(), next.Unsure.ToString());
        Say("first", old.FirstContact.ToString(), next.FirstContact.ToString());
        Say("proof", old.Proof.ToString(), next.Proof.ToString());
        Say("provider", old.Provider.ToString(), next.Provider.ToString());
        foreach (HeldSort sort in old.Hold.Except(next.Hold)) codes.Add($"holds-{sort}-no-more".ToLowerInvariant());
        foreach (HeldSort sort in next.Hold.Except(old.Hold)) codes.Add($"holds-{sort}".ToLowerInvariant());
        Say("unattended", Number(old.Unattended.Count), Number(next.Unattended.Count));
        if (old.Unattended.Count == next.Unattended.Count && !old.Unattended.SequenceEqual(next.Unattended)) codes.Add("unattended-other");
        Say("bytes", Number(old.MostBytes), Number(next.MostBytes));
        Say("sender-rate", Number(old.MostFromSenderPerHour), Number(next.MostFromSenderPerHour));
        Say("domain-rate", Number(old.MostFromDomainPerHour), Number(next.MostFromDomainPerHour));
        Say("rate", Number(old.MostPerHour), Number(next.MostPerHour));
        Say("same-rate", Number(old.MostSamePerHour), Number(next.MostSamePerHour));
        Say("alarm-count", Number(old.AlarmFromCount), Number(next.AlarmFromCount));
        Say("alarm-days", Number(old.AlarmFromDays), Number(next.AlarmFromDays));
        return codes.Count > 0 ? codes : ["mail-policy-same"];
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
    private static string YesNo(bool yes) => yes ? "yes" : "no";
}
