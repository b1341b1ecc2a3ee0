namespace Ingest.Core.Redaction;

/// <summary>How sorts, places and choices are written in settings and output: with a small first letter.</summary>
public static class RedactionWords
{
    private static readonly string[] Types = [.. Enumerable.Range(0, (int)FindingType.Person + 1).Select(type => RedactionJson.Words.Of((FindingType)type))];
    private static readonly string[] Places = [.. Enum.GetValues<FindingPlace>().Select(RedactionJson.Words.Of)];

    /// <summary>A sort's name: "cardCode".</summary>
    public static string ToWord(this FindingType type) => Types[(int)type];

    /// <summary>A place's name: "displayName".</summary>
    public static string ToWord(this FindingPlace place) => Places[(int)place];

    /// <summary>The sort of a name, whatever its capitals; null when it is none.</summary>
    public static FindingType? TypeOf(string word) => RedactionJson.Words.TryRead(word, out FindingType type) ? type : null;
}
