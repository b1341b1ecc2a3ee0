namespace Ingest.Core.Replies;

/// <summary>Says whether a text that is handed in again is the one that was kept, also where what was kept of it was masked then, or since, or would be masked otherwise now. Pure.</summary>
internal static class RepeatedText
{
    private const int LongestMark = 80;
    private const char Dot = '•';

    /// <summary>True when <paramref name="given"/> is, or may be, the text of which <paramref name="kept"/> was kept; where nothing of it was ever masked, only when it is.</summary>
    public static bool IsSame(string kept, bool isMasked, string given) => kept == given || (isMasked && Fits(kept, given));

    // What stands between the marks stands in the text as well, in the same order: what was masked may have been anything.
    private static bool Fits(string kept, string given)
    {
        (List<Range> pieces, int at) = (Pieces(kept), 0);
        for (int i = 0; i < pieces.Count; i++)
        {
            ReadOnlySpan<char> piece = kept.AsSpan()[pieces[i]], left = given.AsSpan(at);
            int found = i == 0 ? left.StartsWith(piece) ? 0 : -1
                : i == pieces.Count - 1 ? left.EndsWith(piece) ? left.Length - piece.Length : -1
                : left.IndexOf(piece);
            if (found < 0) return false;
            at += found + piece.Length;
        }

        return pieces.Count > 1 || at == given.Length;
    }

    // A mark is a word in brackets, or a run of dots.
    private static List<Range> Pieces(string text)
    {
        List<Range> pieces = [];
        int begin = 0;
        for (int at = text.AsSpan().IndexOfAny('[', Dot), next; at >= 0; at = next < 0 ? -1 : at + next)
        {
            int length = text[at] == Dot ? text.AsSpan(at).IndexOfAnyExcept(Dot) is >= 0 and var dots ? dots : text.Length - at
                : text.AsSpan(at, Math.Min(LongestMark, text.Length - at)).IndexOf(']') + 1;
            if (length > 0) pieces.Add(begin..at);
            if (length > 0) begin = at + length;
            at += Math.Max(length, 1);
            next = text.AsSpan(at).IndexOfAny('[', Dot);
        }

        pieces.Add(begin..);
        return pieces;
    }
}
