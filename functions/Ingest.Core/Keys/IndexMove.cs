namespace Ingest.Core.Keys;

/// <summary>How moving one row to its place under the newest index key ended.</summary>
internal enum IndexMoved
{
    /// <summary>The older place is gone, and the newest says what it said.</summary>
    Done,
    /// <summary>Other work is in the way.</summary>
    Later,
    /// <summary>What was indexed cannot be read.</summary>
    Broken,
}

/// <summary>What moving rows to their places under the newest index key did.</summary>
/// <param name="Moved">Rows that lie there now.</param>
/// <param name="Left">Rows that are left for the next time; where a call reached its bound, one for all behind it.</param>
/// <param name="Broken">Rows whose value cannot be read.</param>
internal readonly record struct IndexMove(int Moved, int Left, int Broken)
{
    public IndexMove And(IndexMoved one) => one switch
    {
        IndexMoved.Done => this with { Moved = Moved + 1 },
        IndexMoved.Later => this with { Left = Left + 1 },
        IndexMoved.Broken => this with { Broken = Broken + 1 },
    };

    public IndexMove And(IndexMove other) => new(Moved + other.Moved, Left + other.Left, Broken + other.Broken);
}
