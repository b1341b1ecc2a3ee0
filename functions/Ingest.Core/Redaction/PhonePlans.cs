namespace Ingest.Core.Redaction;

/// <summary>Country codes of ITU-T E.164 and how many digits may follow them.</summary>
internal static class PhonePlans
{
    // Zones of two digits; all other codes have three.
    private static readonly int[] TwoDigits = [20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98];
    private static readonly int[] Unassigned = [210, 214, 215, 217, 219, 259, 280, 281, 282, 283, 284, 285, 286, 287, 288, 289, 292, 293, 294, 295, 296, 384, 388, 422, 424, 425, 426, 427, 428, 429, 693, 694, 695, 696, 697, 698, 699,
        801, 802, 803, 804, 805, 806, 807, 809, 851, 854, 857, 858, 859, 871, 872, 873, 874, 875, 876, 877, 879, 884, 885, 887, 889, 969, 978, 990, 997, 999];

    /// <summary>True when digits that begin with a country code are as many as its numbers have.</summary>
    internal static bool Fits(in DialledNumber number, int from, int count)
    {
        if (count < 7)
            return false;
        int zone = number[from] - '0';
        if (zone == 1)
            return count == 11;
        if (zone == 7)
            return count == 11;
        int two = zone * 10 + number[from + 1] - '0', three = two * 10 + number[from + 2] - '0';
        (int least, int most) = Array.IndexOf(TwoDigits, two) >= 0 ? Lengths(two) : zone != 0 && Array.IndexOf(Unassigned, three) < 0 ? (6, 13) : (99, 0);
        int national = count - (least == 6 && most == 13 ? 3 : 2);
        // A trunk zero that is not dialled is often written.
        return national >= least && national <= most + (number.HasTrunkZero || number[from + 2] == '0' ? 1 : 0);
    }

    private static (int Least, int Most) Lengths(int code) => code switch
    {
        33 or 34 or 31 or 41 or 32 or 48 or 27 or 66 or 84 or 56 => (8, 9),
        44 => (9, 10),
        49 or 43 or 39 => (6, 12),
        90 or 91 or 63 or 52 or 54 or 57 or 58 or 92 => (9, 11),
        55 => (10, 11),
        86 => (9, 12),
        45 or 47 or 65 => (8, 8),
        61 or 64 => (8, 10),
        81 or 82 => (8, 11),
        _ => (7, 12),
    };
}
