using System.Globalization;

namespace Ingest.Core.Redaction;

/// <summary>How many of what was found in a mail, by sort and by rule, without content. What stands in the text and in the html is counted once.</summary>
/// <param name="Types">Each sort that was found, and how often.</param>
/// <param name="Rules">Each rule that found something, and how often.</param>
/// <param name="DryRun">True when it was found only, and nothing masked.</param>
public sealed record RedactionTally(IReadOnlyDictionary<FindingType, int> Types, IReadOnlyDictionary<string, int> Rules, bool DryRun)
{
    /// <summary>The most rules that are kept of one mail; others count as <see cref="OtherRule"/>.</summary>
    public const int MostRules = 12;
    /// <summary>Stands for rules that are no plain words, or are too many.</summary>
    public const string OtherRule = "other";
    private const int LongestRule = 40;
    private const string Masked = "redact=", Found = "found=", ByRule = "rules=";

    /// <summary>How many things in all.</summary>
    public int Total => Types.Values.Sum();

    /// <summary>Counts what was found in a mail's places and in its attachments.</summary>
    public static RedactionTally Of(IReadOnlyCollection<Finding> findings, bool dryRun) => new(
        Distinct(findings, finding => finding.Type).ToDictionary(),
        Distinct(findings, finding => IsPlain(finding.Rule) ? finding.Rule : OtherRule).OrderByDescending(rule => rule.Count).ThenBy(rule => rule.Key, StringComparer.Ordinal)
            .Select((rule, i) => i < MostRules ? rule : (Key: OtherRule, rule.Count)).GroupBy(rule => rule.Key).ToDictionary(group => group.Key, group => group.Sum(rule => rule.Count)),
        dryRun);

    // The same number stands in the text, in the html and in the trimmed reply; a person counts it once.
    private static IEnumerable<(T Key, int Count)> Distinct<T>(IReadOnlyCollection<Finding> findings, Func<Finding, T> key) where T : notnull => findings.GroupBy(key)
        .Select(group => (group.Key, Math.Max(group.Count(f => f.Place == FindingPlace.Text), group.Count(f => f.Place == FindingPlace.Html))
            + group.Count(f => f.Place is FindingPlace.Subject or FindingPlace.DisplayName or FindingPlace.AttachmentName or FindingPlace.Attachment)))
        .Where(one => one.Item2 > 0);

    private static bool IsPlain(string rule) => rule.Length is > 0 and <= LongestRule && rule.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');

    /// <summary>It as steps of a journal line: "redact=card:2,phone:1 rules=card.visa:2,phone:1", "found=…" of a dry run.</summary>
    public string ToSteps() => (DryRun ? Found : Masked) + ToCodes() + (Rules.Count == 0 ? "" : " " + ByRule + Write(Rules));

    /// <summary>The sorts alone: "card:2,phone:1"; "0" when nothing was found.</summary>
    public string ToCodes() => Types.Count == 0 ? "0" : Write(Types.OrderBy(type => type.Key).Select(type => KeyValuePair.Create(type.Key.ToWord(), type.Value)));

    /// <summary>Reads the steps of a journal line; null when redaction did not run. A number alone, as former versions wrote it, counts cards.</summary>
    public static RedactionTally? Read(string steps)
    {
        Dictionary<FindingType, int>? types = null;
        Dictionary<string, int> rules = [];
        bool dryRun = false;
        foreach (string step in steps.Split(' '))
        {
            if (step.StartsWith(Masked, StringComparison.Ordinal)) types = ReadTypes(step[Masked.Length..]);
            else if (step.StartsWith(Found, StringComparison.Ordinal)) (types, dryRun) = (ReadTypes(step[Found.Length..]), true);
            else if (step.StartsWith(ByRule, StringComparison.Ordinal)) rules = Counts(step[ByRule.Length..]).ToDictionary(StringComparer.Ordinal);
        }

        return types is null ? null : new RedactionTally(types, rules, dryRun);
    }

    /// <summary>Reads <see cref="ToCodes"/>.</summary>
    public static Dictionary<FindingType, int> ReadTypes(string codes)
    {
        if (int.TryParse(codes, NumberStyles.None, CultureInfo.InvariantCulture, out int cards)) return cards == 0 ? [] : new Dictionary<FindingType, int> { [FindingType.Card] = cards };
        Dictionary<FindingType, int> types = [];
        // A sort of a later version is not ours to name.
        foreach ((string word, int count) in Counts(codes))
            if (RedactionWords.TypeOf(word) is { } type) types[type] = count;
        return types;
    }

    private static IEnumerable<KeyValuePair<string, int>> Counts(string codes) => codes.Split(',').Select(code => code.Split(':')).Where(pair => pair.Length == 2)
        .Select(pair => KeyValuePair.Create(pair[0], int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0)).Where(pair => pair.Value > 0).DistinctBy(pair => pair.Key);

    private static string Write(IEnumerable<KeyValuePair<string, int>> counts) => string.Join(',', counts.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key}:{one.Value}")));
}
