using Ingest.Core.Redaction;

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
}
