namespace Ingest.Core.Keys;

/// <summary>Something was to be sealed for an owner whose key was erased: nothing is ever sealed for it again, and whoever wanted to ends without writing.</summary>
/// <param name="owners">The ids of those whose keys were erased.</param>
public sealed class KeyErasedException(IReadOnlyList<string> owners) : Exception("The key was erased.")
{
    /// <summary>The ids of those whose keys were erased.</summary>
    public IReadOnlyList<string> Owners { get; } = owners;
}
