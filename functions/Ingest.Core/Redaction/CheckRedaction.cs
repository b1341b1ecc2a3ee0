using System.Globalization;

namespace Ingest.Core.Redaction;

/// <summary>Something in a redaction policy that cannot be kept as it stands.</summary>
/// <param name="Setting">Which: the name of a member of <see cref="RedactionPolicy"/>.</param>
/// <param name="Fix">What is wrong and what to do about it.</param>
public sealed record RedactionProblem(string Setting, string Fix);

/// <summary>What is no redaction policy, or cannot be kept as one.</summary>
public sealed class RedactionPolicyException(RedactionProblem problem, Exception? inner = null) : FormatException(problem.Fix, inner)
{
    /// <summary>What is wrong with it.</summary>
    public RedactionProblem Problem => problem;
}

/// <summary>Whether a redaction policy can be kept, and its one spelling.</summary>
public static class CheckRedaction
{
    /// <summary>The most patterns, and the most rules that are off.</summary>
    public const int MostPatterns = 100;
    /// <summary>The longest pattern, in characters.</summary>
    public const int LongestPattern = 100;
    private const int FewestFixed = 4, LongestRule = 60, FewestCardDigits = 12;
    private static readonly FindingType[] CardTypes = [FindingType.Card, FindingType.CardExpiry, FindingType.CardCode];

    // No one's own numbers have them.
    private static readonly string[] RegularSigns = [".*", ".+", ")+", ")*", ")?", "]+", "]*", "]{", "){", "[0-9", "[a-z", "(?"];

    // ISO 3166-1, without which a misspelt country would silently switch its numbers off.
    private const string IsoCountries =
        "ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz "
        + "ec ee eg eh er es et fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz "
        + "la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa "
        + "re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

    private static readonly HashSet<string> Countries = [.. IsoCountries.Split(' ')];

    /// <summary>The same without what is only a matter of typing: white space around, capitals, and what is said twice.</summary>
    public static RedactionPolicy Tidy(RedactionPolicy policy) => policy with
    {
        // Many call Great Britain so; ISO does not.
        Countries = [.. policy.Countries.Select(c => c.Trim().ToLowerInvariant()).Select(c => c == "uk" ? "gb" : c).Where(c => c.Length > 0).Distinct()],
        RulesOff = [.. policy.RulesOff.Select(r => r.Trim().ToLowerInvariant()).Where(r => r.Length > 0).Distinct()],
        Allow = [.. policy.Allow.Select(a => a.Trim()).Where(a => a.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)],
        Outgoing = [.. policy.Outgoing.Distinct().Order()],
    };

    /// <summary>What keeps a tidy policy from being kept; empty when nothing does.</summary>
    public static IReadOnlyList<RedactionProblem> Find(RedactionPolicy policy)
    {
        List<RedactionProblem> problems = [];
        void Unless(bool right, string setting, string fix)
        {
            if (!right) problems.Add(new RedactionProblem(setting, fix));
        }

        Unless(policy.Confidence is >= 0 and <= 1 && policy.Types.Values.All(type => type.Confidence is null or (>= 0 and <= 1)), nameof(RedactionPolicy.Confidence), "A confidence is a number from 0 to 1.");
        Unless(policy.Countries.All(Countries.Contains), nameof(RedactionPolicy.Countries), "Countries are two letters of ISO 3166, such as us, gb, de; none for all.");
        Unless(policy.RulesOff.Count <= MostPatterns && policy.RulesOff.All(IsRule), nameof(RedactionPolicy.RulesOff), "Rules are named as findings name them, such as us.passport; 100 at most.");
        Unless(policy.Allow.Count <= MostPatterns, nameof(RedactionPolicy.Allow), "A policy has 100 patterns of what is allowed at most.");
        foreach ((int index, string pattern) in policy.Allow.Take(MostPatterns).Index())
            if (Fix(pattern) is { } fix) problems.Add(new RedactionProblem(nameof(RedactionPolicy.Allow), string.Create(CultureInfo.InvariantCulture, $"Pattern {index + 1} of what is allowed: {fix}")));
        if (policy.Preset != RedactionPreset.Pci) return problems;

        Unless(policy.Of(FindingType.Card).Mask != MaskStyle.None && policy.Of(FindingType.CardCode).Mask != MaskStyle.None && policy.Of(FindingType.CardExpiry).Mask != MaskStyle.None, nameof(RedactionPolicy.Types),
            "The preset pci masks card, cardExpiry and cardCode: begin from another preset if they are to be read, or try it with dryRun.");
        Unless(CardTypes.All(type => policy.LeastConfidence(type) <= RedactionPolicy.UsualConfidence), nameof(RedactionPolicy.Confidence),
            "The preset pci finds cards, their expiry and their codes at a confidence of 0.5 or less: lower it for card, cardExpiry and cardCode, or begin from another preset.");
        Unless(!policy.RulesOff.Any(rule => rule.Split('.')[0] == "card"), nameof(RedactionPolicy.RulesOff), "The preset pci asks all rules of cards: take those that begin with card out of rulesOff, or begin from another preset.");
        Unless(policy.Allow.All(HoldsNoCard), nameof(RedactionPolicy.Allow),
            "The preset pci allows no pattern that a card number or its code fits: each is one word with a letter in it, without *, and with 11 digits, # and ? at most, such as ORD-######.");
        Unless(policy.Of(FindingType.CardCode).Mask != MaskStyle.Pseudonym, nameof(RedactionPolicy.Types),
            "The preset pci keeps no trace of a security code, and a pseudonym is one that whoever has the key can try all codes against: choose label or full for cardCode, or begin from another preset.");
        Unless(policy.Original == OriginalMail.NotKept, nameof(RedactionPolicy.Original),
            "The preset pci keeps no original, for it may hold a card's security code, which may not be stored even encrypted: leave original at notKept, or begin from another preset.");
        return problems;
    }

    private static bool HoldsNoCard(string pattern) => pattern.Any(char.IsLetter) && !pattern.Any(c => c is '*' or ':' or '=' || char.IsWhiteSpace(c)) && pattern.Count(c => char.IsDigit(c) || c is '#' or '?') < FewestCardDigits;

    private static bool IsRule(string rule) => rule.Length <= LongestRule && rule.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static bool LooksRegular(string pattern) => pattern.Contains('\\') || pattern.StartsWith('^') || pattern.EndsWith('$')
        || RegularSigns.Any(sign => pattern.Contains(sign, StringComparison.OrdinalIgnoreCase));

    private static string? Fix(string pattern)
    {
        if (pattern.Length > LongestPattern) return "it may have 100 characters at most.";
        if (LooksRegular(pattern)) return "it looks like a regular expression, which is not read. Write # for a digit, ? for a letter or digit, * for any number of them, and all else as it is, such as ORD-######.";
        if (pattern.Any(char.IsControl)) return "it may have no control characters.";
        if (pattern.Count(c => c is not ('*' or '?')) < FewestFixed || !pattern.Any(char.IsLetterOrDigit))
            return "it would allow too much. It has four characters or # (a digit) at least, one of them a letter or digit, such as ORD-######; * and ? do not count.";
        return null;
    }
}
