using Ingest.Core.Audit;
using Ingest.Core.Redaction;
using Ingest.Core.Replies;

namespace Ingest.App.Api;

/// <summary>Sorts of findings as settings and programs write them: with a small first letter.</summary>
internal static class FindingNames
{
    /// <summary>The name of a sort, such as nationalId.</summary>
    public static string Of(FindingType type) => char.ToLowerInvariant(type.ToString()[0]) + type.ToString()[1..];

    /// <summary>The sorts of these names; null when one is none.</summary>
    public static IReadOnlyList<FindingType>? Parse(IEnumerable<string> names)
    {
        List<FindingType> types = [];
        foreach (string name in names)
        {
            FindingType? type = Enum.GetValues<FindingType>().Cast<FindingType?>().FirstOrDefault(t => Of(t!.Value) == name);
            if (type is null) return null;
            types.Add(type.Value);
        }

        return types;
    }

    /// <summary>What the audit log is told of a reply that leaves with these sorts, or with files that nobody looked into, because somebody said so: one code, or as many as they need; the empty code where there are none.</summary>
    public static IReadOnlyList<string> SentAnyway(IEnumerable<FindingType> types, bool unread) =>
        Codes("sent-anyway", types.Where(OutgoingText.MayBeSent)) is var codes && unread ? [.. codes, "sent-unread"] : codes.Count > 0 ? codes : [""];

    /// <summary>Why a reply was refused, as far as one code holds the sorts; empty where they were not the reason.</summary>
    public static string Because(ReplyRefusedException refused) => Codes("holds", refused.Found) is [var code, ..] ? code : refused.HasUnread ? "unread" : "";

    private static List<string> Codes(string word, IEnumerable<FindingType> types)
    {
        List<string> codes = [];
        foreach (string name in types.Distinct().Order().Select(type => type.ToString().ToLowerInvariant()))
            if (codes is [.., var last] && last.Length + 1 + name.Length <= AuditEvent.LongestCode) codes[^1] = $"{last}-{name}";
            else codes.Add($"{word}-{name}");
        return codes;
    }
}
