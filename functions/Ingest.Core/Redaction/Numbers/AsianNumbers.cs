using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Numbers of people and companies from Israel to Japan.</summary>
internal static class AsianNumbers
{
    private const string Aadhaar = "in.aadhaar", Pan = "in.pan", Gstin = "in.gstin", Rrn = "kr.rrn", Frn = "kr.frn", Nric = "sg.nric", Uen = "sg.uen", Thai = "th.tnin";
    private const string Base36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.NationalId, Aadhaar, "#### #### ####", 0.4, 0.97, Topics.Aadhaar, IsAadhaar),
        new(FindingType.NationalId, Aadhaar, "############", 0.15, 0.97, Topics.Aadhaar, IsAadhaar),
        new(FindingType.NationalId, Pan, "@@@@@####@", 0.55, 0.95, Topics.IndianTax, static s => "ABCFGHJLPT".Contains(s[3])),
        new(FindingType.NationalId, Pan, "@@@@@~####~@", 0.1, 0.7, Topics.IndianTax),
        new(FindingType.NationalId, Gstin, "##@@@@@####@?Z?", 0.9, 0.98, Topics.IndianTax, IsGstin),
        new(FindingType.NationalId, Gstin, "*##~@@@@@~####~@?~Z?", 0.4, 0.9, Topics.IndianTax, static s => IsIndianState(s)),
        new(FindingType.NationalId, "in.voter", "@@@#######", 0.2, 0.95, Topics.Voter),
        new(FindingType.NationalId, "in.voter", "@@@~#######", 0.1, 0.9, Topics.Voter),
        new(FindingType.NationalId, "cn.resident-id", "*######~########~####", 0.85, 0.99, Topics.China | Topics.Identity, IsChinese),
        new(FindingType.NationalId, "cn.resident-id", "*######~########~###X", 0.9, 0.99, Topics.China | Topics.Identity, IsChinese),
        new(FindingType.NationalId, "tw.id", "@#########", 0.4, 0.95, Topics.China | Topics.Identity, IsTaiwanese),
        new(FindingType.NationalId, "hk.hkid", "@######~?", 0.05, 0.9, Topics.AsiaPacific | Topics.Identity, IsHongKong),
        new(FindingType.NationalId, "jp.my-number", "####~####~####", 0.1, 0.97, Topics.Japan, IsJapanese),
        new(FindingType.NationalId, Rrn, "######-#######", 0.7, 0.98, Topics.Korea, static s => IsKorean(s, '1', '4', 11)),
        new(FindingType.NationalId, Rrn, "#############", 0.4, 0.97, Topics.Korea, static s => IsKorean(s, '1', '4', 11)),
        new(FindingType.NationalId, Rrn, "######-#######", 0.3, 0.9, Topics.Korea, IsRecentKorean),
        new(FindingType.NationalId, Frn, "######-#######", 0.65, 0.98, Topics.Korea, static s => IsKorean(s, '5', '8', 13)),
        new(FindingType.NationalId, Frn, "#############", 0.35, 0.97, Topics.Korea, static s => IsKorean(s, '5', '8', 13)),
        new(FindingType.NationalId, Frn, "######-#######", 0.3, 0.9, Topics.Korea, IsRecentForeigner),
        new(FindingType.NationalId, Frn, "#############", 0.05, 0.9, Topics.Korea, IsRecentForeigner),
        new(FindingType.NationalId, "kr.brn", "###-##-#####", 0.45, 0.97, Topics.KoreanCompany, IsKoreanCompany),
        new(FindingType.NationalId, "kr.brn", "##########", 0.05, 0.95, Topics.KoreanCompany, IsKoreanCompany),
        new(FindingType.NationalId, Nric, "@#######@", 0.75, 0.98, Topics.Singapore, IsSingaporean),
        new(FindingType.NationalId, Nric, "@#######@", 0.02, 0.6, Topics.Singapore),
        new(FindingType.NationalId, Uen, "########@", 0.05, 0.9, Topics.Singapore, IsOldBusiness),
        new(FindingType.NationalId, Uen, "#########@", 0.2, 0.9, Topics.Singapore, IsLocalCompany),
        new(FindingType.NationalId, Uen, "@##@@####@", 0.5, 0.95, Topics.Singapore, IsOtherEntity),
        new(FindingType.NationalId, Thai, "#-####-#####-##-#", 0.85, 0.98, Topics.Thailand, IsThai),
        new(FindingType.NationalId, Thai, "*#~####~#####~##~#", 0.2, 0.97, Topics.Thailand, IsThai),
        new(FindingType.NationalId, "my.mykad", "######-##-####", 0.6, 0.95, Topics.AsiaPacific, static s => IsYearFirst(s) && Number(s[6..8]) is (>= 1 and <= 16) or (>= 21 and <= 68) or 71 or 72 or 74 or 82),
        new(FindingType.NationalId, "id.nik", "################", 0.1, 0.95, Topics.AsiaPacific, static s => s[0] is >= '1' and <= '9' && IsDate(Number(s[10..12]), Number(s[8..10]), Number(s[6..8]) % 40) && s[12..] is not "0000"),
        new(FindingType.NationalId, "pk.cnic", "#####-#######-#", 0.55, 0.95, Topics.AsiaPacific, static s => s[0] is >= '1' and <= '7' && Varies(s)),
        new(FindingType.NationalId, "ae.emirates-id", "###~####~#######~#", 0.7, 0.97, Topics.AsiaPacific, static s => s[..3] is "784" && Luhn(s)),
        new(FindingType.NationalId, "sa.national-id", "##########", 0.02, 0.9, Topics.AsiaPacific, static s => s[0] is '1' or '2' && Luhn(s)),
        new(FindingType.NationalId, "il.id", "#########", 0.03, 0.95, Topics.Israel, Luhn),
        new(FindingType.NationalId, "ph.tin", "###~###~###", 0.05, 0.95, Topics.TaxId, IsPhilippine),
        new(FindingType.NationalId, "ph.tin", "###~###~###~###", 0.05, 0.95, Topics.TaxId, IsPhilippine),
    ];

    private static bool IsAadhaar(ReadOnlySpan<char> s) => s[0] >= '2' && Verhoeff(s);

    private static bool IsIndianState(ReadOnlySpan<char> s) => Number(s[..2]) is (>= 1 and <= 38) or 96 or 97 or 99;

    private static bool IsGstin(ReadOnlySpan<char> s)
    {
        int sum = 0;
        for (int i = 0; i < 14; i++)
            sum += Value(s[i]) * (1 + i % 2) is var product ? product / 36 + product % 36 : 0;
        return IsIndianState(s) && Base36[(36 - sum % 36) % 36] == s[14];
    }

    private static bool IsChinese(ReadOnlySpan<char> s) =>
        s[0] is >= '1' and <= '8' && IsFullDate(s[6..14]) && "10X98765432"[Sum(s, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] == s[17];

    private static bool IsTaiwanese(ReadOnlySpan<char> s)
    {
        if (s[1] is not ('1' or '2' or '8' or '9'))
            return false;
        int letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".IndexOf(s[0]) + 10;
        return (letter / 10 + letter % 10 * 9 + Sum(s[1..], [8, 7, 6, 5, 4, 3, 2, 1, 1])) % 10 == 0;
    }

    private static bool IsHongKong(ReadOnlySpan<char> s)
    {
        int sum = 36 * 9 + Sum(s, [8, 7, 6, 5, 4, 3, 2]);
        return Varies(s[1..7]) && "0A987654321"[sum % 11] == s[7];
    }

    private static bool IsJapanese(ReadOnlySpan<char> s) => Varies(s) && Sum(s, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 is var rest && (rest < 2 ? 0 : 11 - rest) == s[11] - '0';

    private static bool IsKorean(ReadOnlySpan<char> s, char least, char most, int from) =>
        s[6] >= least && s[6] <= most && IsYearFirst(s) && (from - Sum(s, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10 == s[12] - '0';

    // Numbers given out from October 2020 on are random behind the first seven digits.
    private static bool IsRecentKorean(ReadOnlySpan<char> s) => s[6] is '3' or '4' && IsYearFirst(s) && Number(s[..2]) is >= 20 and < 60;

    // A foreigner's of that time may have any year of birth.
    private static bool IsRecentForeigner(ReadOnlySpan<char> s) => s[6] is >= '5' and <= '8' && IsYearFirst(s);

    private static bool IsKoreanCompany(ReadOnlySpan<char> s) => Varies(s) && (10 - (Sum(s, [1, 3, 7, 1, 3, 7, 1, 3, 5]) + Value(s[8]) * 5 / 10) % 10) % 10 == s[9] - '0';

    private static bool IsSingaporean(ReadOnlySpan<char> s)
    {
        int sum = Sum(s[1..], [2, 7, 6, 5, 4, 3, 2]);
        return s[0] switch
        {
            'S' => "JZIHGFEDCBA"[sum % 11] == s[8],
            'T' => "JZIHGFEDCBA"[(sum + 4) % 11] == s[8],
            'F' => "XWUTRQPNMLK"[sum % 11] == s[8],
            'G' => "XWUTRQPNMLK"[(sum + 4) % 11] == s[8],
            'M' => "XWUTRQPNJLK"[(sum + 3) % 11] == s[8],
            _ => false,
        };
    }

    private static bool IsOldBusiness(ReadOnlySpan<char> s) => "XMKECAWLJDB"[Sum(s, [10, 4, 9, 3, 8, 2, 7, 1]) % 11] == s[8];

    private static bool IsLocalCompany(ReadOnlySpan<char> s) => Number(s[..4]) is >= 1800 and <= 2100 && "ZKCMDNERGWH"[Sum(s, [10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11] == s[9];

    private static bool IsOtherEntity(ReadOnlySpan<char> s)
    {
        const string Signs = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
        if (s[0] is not ('R' or 'S' or 'T'))
            return false;
        int sum = 0;
        ReadOnlySpan<int> weights = [4, 3, 5, 3, 10, 2, 2, 5, 7];
        for (int i = 0; i < 9; i++)
            sum += Signs.IndexOf(s[i]) * weights[i];
        return Signs[((sum - 5) % 11 + 11) % 11] == s[9];
    }

    private static bool IsThai(ReadOnlySpan<char> s) =>
        s[0] is >= '1' and <= '8' && Number(s[1..3]) is >= 10 and <= 96 && Varies(s) && (11 - Sum(s, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == s[12] - '0';

    private static bool IsPhilippine(ReadOnlySpan<char> s) => Varies(s[..9]) && Sum(s, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 == s[8] - '0';
}
