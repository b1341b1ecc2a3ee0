using System.Globalization;
using Ingest.App.Pages;
using Ingest.Core.Redaction;

namespace Ingest.App.Console;

/// <summary>A redaction policy as a form.</summary>
internal static class RedactionForm
{
    private static readonly char[] Between = [',', ';', '\n', '\r', ' '], Lines = ['\n', '\r'];

    private static readonly (string Value, string Text)[] Masks =
    [
        (nameof(MaskStyle.LastFour), "only the last four stay"), (nameof(MaskStyle.FirstSixLastFour), "the first six and the last four stay"), (nameof(MaskStyle.Label), "its name stands there, such as [phone]"),
        (nameof(MaskStyle.Pseudonym), "a short name stands there that stays the same, such as [phone 7F3K2QM]"), (nameof(MaskStyle.Full), "all is covered"), (nameof(MaskStyle.None), "it is left as it is"),
    ];

    private static readonly (string Value, string Text)[] Unread = [(nameof(UnreadFile.Flag), "are kept, and the ticket says that nobody looked into them"), (nameof(UnreadFile.Withhold), "are withheld: only their names stay")];

    /// <summary>The policy with what a form says.</summary>
    public static RedactionPolicy Read(RedactionPolicy policy, IFormCollection form) => policy with
    {
        Types = Enum.GetValues<FindingType>().ToDictionary(type => type, type => new TypePolicy(Word(form, "mask-" + type.ToWord(), policy.Of(type).Mask), Line(form["from-" + type.ToWord()].ToString()))),
        Confidence = Line(form["confidence"].ToString()) ?? -1,
        Countries = Split(form["countries"].ToString(), Between),
        RulesOff = Split(form["rules-off"].ToString(), Between),
        Allow = Split(form["allow"].ToString(), Lines),
        Pdf = Word(form, "pdf", policy.Pdf),
        Archives = Word(form, "archives", policy.Archives),
        Images = Word(form, "images", policy.Images),
        Unreadable = Word(form, "unreadable", policy.Unreadable),
        Original = Word(form, "original", policy.Original),
        Outgoing = [.. Enum.GetValues<FindingType>().Where(type => form["out-" + type.ToWord()] == "yes")],
        DryRun = form["dry-run"] == "yes",
    };

    private static T Word<T>(IFormCollection form, string name, T usual) where T : struct, Enum => Enum.TryParse(form[name], out T word) && Enum.IsDefined(word) ? word : usual;

    private static string[] Split(string text, char[] between) => text.Split(between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // What is no number is one that no policy takes.
    private static double? Line(string text) => text.Trim() is not { Length: > 0 } said ? null
        : double.TryParse(said.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number : -1;

    /// <summary>The field in which a setting is asked for.</summary>
    public static string FieldOf(string setting) => setting switch
    {
        nameof(RedactionPolicy.Confidence) => "confidence",
        nameof(RedactionPolicy.Countries) => "countries",
        nameof(RedactionPolicy.RulesOff) => "rules-off",
        nameof(RedactionPolicy.Allow) => "allow",
        nameof(RedactionPolicy.Original) => "original",
        nameof(RedactionPolicy.Types) => "mask-" + FindingType.Card.ToWord(),
        _ => "",
    };

    public static Markup Section(Visit visit, string address, string version, RedactionPolicy policy, IReadOnlyList<Problem> problems) => Markup.Of($"""
        <form class="card" method="post" action="{address}/settings">{Form.Token(visit.Person)}<input type="hidden" name="version" value="{version}">
        <h2>What is masked</h2>
        {Form.Tick("dry-run", "Try it first: only count what would be masked, and change nothing", policy.DryRun)}
        {Markup.Each(Enum.GetValues<FindingType>(), type => Form.Choice("mask-" + type.ToWord(), TallyWords.Heading(type), Masks, policy.Of(type).Mask.ToString(), type == FindingType.Person ? "Found only where a recogniser is plugged in." : "", problems))}
        {Form.Text("confidence", "How sure it must be", Text(policy.Confidence), "From 0, for whatever looks like it, to 1. What is less sure is left alone.", problems: problems)}
        <details><summary>Another line for single sorts</summary>
        {Markup.Each(Enum.GetValues<FindingType>(), type => Form.Text("from-" + type.ToWord(), TallyWords.Heading(type), policy.Of(type).Confidence is { } line ? Text(line) : ""))}
        </details>
        {Form.Area("allow", "What is never masked", string.Join('\n', policy.Allow), "One pattern in a line, such as ORD-######: # is a digit, ? a letter or digit, * any of them.", 4, problems: problems)}
        {Form.Text("countries", "Countries whose own numbers are looked for", string.Join(", ", policy.Countries), "Two letters each, such as us, gb, de. Empty for all.", problems: problems)}
        {Form.Text("rules-off", "Rules that are not asked", string.Join(", ", policy.RulesOff), "As the report below names them, such as us.passport.", problems: problems)}
        <h2>Files and originals</h2>
        {Form.Choice("pdf", "PDF files in which something is found", [(nameof(FoundInPdf.TextCopy), "are replaced by a masked copy of their text"), (nameof(FoundInPdf.Withhold), "are withheld: only their names stay")], policy.Pdf.ToString())}
        {Form.Choice("archives", "Archives", Unread, policy.Archives.ToString())}
        {Form.Choice("images", "Images", Unread, policy.Images.ToString())}
        {Form.Choice("unreadable", "Other files that cannot be looked into", Unread, policy.Unreadable.ToString())}
        {Form.Choice("original", "The original mail", [(nameof(OriginalMail.Kept), "is kept, sealed, as long as the mailbox keeps originals"), (nameof(OriginalMail.NotKept), "is destroyed once its ticket is written")], policy.Original.ToString(), problems: problems)}
        <h2>What does not leave in answers</h2>
        {Markup.Each(Enum.GetValues<FindingType>(), type => Form.Tick("out-" + type.ToWord(), TallyWords.Heading(type), policy.Outgoing.Contains(type)))}
        <p class="row"><button>Keep these settings</button></p>
        </form>
        """);

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
