using System.Globalization;
using System.Text;

namespace Ingest.Mail.Imap;

/// <summary>Sets of message numbers in the fewest words (RFC 3501 9, sequence-set).</summary>
internal static class UidSet
{
    /// <summary>Some servers take no longer command than 1,000 bytes.</summary>
    private const int LongestSet = 900;

    /// <summary>The numbers in pieces that fit a command each, with how many numbers a piece holds. Neighbours in the list become ranges.</summary>
    public static IEnumerable<(string Set, int Count)> Split(IReadOnlyList<uint> uids)
    {
        StringBuilder set = new(LongestSet);
        int count = 0;
        for (int i = 0; i < uids.Count;)
        {
            int last = i;
            while (last + 1 < uids.Count && uids[last + 1] == uids[last] + 1) last++;
            string piece = last == i ? Text(uids[i]) : $"{Text(uids[i])}:{Text(uids[last])}";
            if (set.Length > 0 && set.Length + 1 + piece.Length > LongestSet)
            {
                yield return (set.ToString(), count);
                set.Clear();
                count = 0;
            }

            if (set.Length > 0) set.Append(',');
            set.Append(piece);
            count += last - i + 1;
            i = last + 1;
        }

        if (count > 0) yield return (set.ToString(), count);
    }

    /// <summary>Reads a set of at most <paramref name="most"/> numbers; what is not one ends it.</summary>
    public static void Read(ReadOnlySpan<byte> set, List<uint> into, int most)
    {
        foreach (Range piece in set.Split((byte)','))
        {
            ReadOnlySpan<byte> range = set[piece];
            int colon = range.IndexOf((byte)':');
            if (!TryParse(colon < 0 ? range : range[..colon], out uint from) || !TryParse(colon < 0 ? range : range[(colon + 1)..], out uint to)) return;
            if (from > to) (from, to) = (to, from);
            for (ulong uid = from; uid <= to && into.Count < most; uid++) into.Add((uint)uid);
        }
    }

    public static string Text(uint uid) => uid.ToString(CultureInfo.InvariantCulture);

    private static bool TryParse(ReadOnlySpan<byte> text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
