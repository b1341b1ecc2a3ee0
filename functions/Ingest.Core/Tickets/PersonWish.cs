using Ingest.Core.Redaction;

namespace Ingest.Core.Tickets;

/// <summary>What a person's file is to hold.</summary>
/// <param name="ContactId">Whose it is; empty for somebody whose mail was only kept back, or who is only named.</param>
/// <param name="WithNotes">True to put in what agents noted among themselves; left out else, and counted.</param>
public sealed record PersonWish(string ContactId, bool WithNotes)
{
    /// <summary>Their address; what is found by it alone is in the file, too. Needed where nobody of it is a contact.</summary>
    public string Address { get; init; } = "";
    /// <summary>What is masked in the file besides what is masked where it is stored; null for the form in which it is stored, which is what a person is owed of their own data.</summary>
    public RedactionPolicy? Level { get; init; }

    /// <summary>The level of this name, in any letter case: a preset, or an empty name for none. False for any other word.</summary>
    public static bool TryLevel(string name, out RedactionPolicy? level)
    {
        level = null;
        if (name.Length == 0) return true;
        foreach (RedactionPreset preset in Enum.GetValues<RedactionPreset>())
            if (string.Equals(preset.ToString(), name, StringComparison.OrdinalIgnoreCase)) level = RedactionPolicy.Named(preset);
        return level is not null;
    }
}
