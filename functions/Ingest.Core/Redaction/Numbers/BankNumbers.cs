using static Ingest.Core.Redaction.Numbers.CheckDigits;

namespace Ingest.Core.Redaction.Numbers;

/// <summary>Bank accounts and bank codes of countries, beside IBAN.</summary>
internal static class BankNumbers
{
    private const string Routing = "us.routing", Account = "us.account", Sort = "uk.sort-code", British = "uk.account";

    internal static readonly NumberRule[] All =
    [
        new(FindingType.BankAccount, Routing, "*####~####~#", 0.1, 0.96, Topics.Routing | Topics.Account, IsRouting),
        new(FindingType.BankAccount, Account, "########", 0.02, 0.7, Topics.Account),
        new(FindingType.BankAccount, Account, "#########", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Account, "##########", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Account, "###########", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Account, "############", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Account, "#############", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Account, "##############", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Account, "###############", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Account, "################", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Account, "#################", 0.02, 0.75, Topics.Account),
        new(FindingType.BankAccount, Sort, "## ## ##", 0.02, 0.9, Topics.SortCode),
        new(FindingType.BankAccount, Sort, "######", NumberRule.OnlyNamed, 0.8, Topics.SortCode),
        new(FindingType.BankAccount, British, "########", NumberRule.OnlyNamed, 0.85, Topics.SortCode),
        new(FindingType.BankAccount, British, "*## ## ## ########", 0.6, 0.95, Topics.SortCode | Topics.Account, Varies),
        new(FindingType.BankAccount, "ca.transit", "#####-###", 0.05, 0.85, Topics.Routing),
        new(FindingType.BankAccount, "au.bsb", "###-###", 0.02, 0.85, Topics.Routing),
        new(FindingType.BankAccount, "in.ifsc", "@@@@0??????", 0.3, 0.95, Topics.Routing | Topics.Account, static s => s[5..].IndexOfAnyInRange('0', '9') >= 0),
        new(FindingType.BankAccount, "mx.clabe", "###~###~###########~#", 0.4, 0.97, Topics.Account, IsClabe),
        new(FindingType.BankAccount, "ar.cbu", "########~##############", 0.8, 0.98, Topics.Account | Topics.LatinAmerica, IsCbu),
        new(FindingType.BankAccount, "nz.account", "##-####-#######-##", 0.7, 0.95, Topics.Account, static s => Number(s[..2]) is >= 1 and <= 38),
        new(FindingType.BankAccount, "nz.account", "##-####-#######-###", 0.7, 0.95, Topics.Account, static s => Number(s[..2]) is >= 1 and <= 38),
        new(FindingType.BankAccount, "es.ccc", "####~####~##~##########", 0.6, 0.97, Topics.Account, IsCcc),
        new(FindingType.BankAccount, "fr.rib", "#####~#####~???????????~##", 0.7, 0.97, Topics.Account, IsRib),
        new(FindingType.BankAccount, "pl.nrb", "##~####~####~####~####~####~####", 0.9, 0.98, Topics.Account, static s => Mod97([.. s[2..], 'P', 'L', .. s[..2]]) == 1),
        new(FindingType.BankAccount, "hu.account", "########-########-########", 0.8, 0.97, Topics.Account, static s => Varies(s) && Sum(s, [9, 7, 3, 1, 9, 7, 3, 1]) % 10 == 0),
        new(FindingType.BankAccount, "cz.account", "######-##########/####", 0.7, 0.95, Topics.Account),
        new(FindingType.BankAccount, "cz.account", "##########/####", 0.3, 0.95, Topics.Account, static s => Sum(s, [6, 3, 7, 9, 10, 5, 8, 4, 2, 1]) % 11 == 0),
        new(FindingType.BankAccount, "de.blz", "### ### ##", 0.03, 0.85, Topics.Routing, static s => s[0] is >= '1' and <= '8'),
        new(FindingType.BankAccount, "de.blz", "########", NumberRule.OnlyNamed, 0.85, Topics.Routing, static s => s[0] is >= '1' and <= '8'),
        new(FindingType.BankAccount, "se.bankgiro", "####-####", 0.02, 0.85, Topics.Account, Luhn),
        new(FindingType.BankAccount, "se.bankgiro", "###-####", NumberRule.OnlyNamed, 0.85, Topics.Account, Luhn),
        new(FindingType.BankAccount, "no.account", "####.##.#####", 0.6, 0.95, Topics.Account, static s => (Sum(s, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) + Value(s[10])) % 11 == 0),
        new(FindingType.BankAccount, "be.account", "###-#######-##", 0.7, 0.95, Topics.Account, static s => Varies(s) && (Number(s[..10]) % 97 is 0 ? 97 : Number(s[..10]) % 97) == Number(s[10..])),
        new(FindingType.BankAccount, "br.account", "#####-#", 0.02, 0.7, Topics.Account),
    ];

    private static bool IsRouting(ReadOnlySpan<char> s) =>
        Number(s[..2]) is (>= 0 and <= 12) or (>= 21 and <= 32) or (>= 61 and <= 72) or 80 && Number(s[..4]) > 0 && Sum(s, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0 && Varies(s);

    private static bool IsClabe(ReadOnlySpan<char> s)
    {
        int sum = 0;
        for (int i = 0; i < 17; i++)
            sum += (s[i] - '0') * (i % 3 == 0 ? 3 : i % 3 == 1 ? 7 : 1) % 10;
        return (10 - sum % 10) % 10 == s[17] - '0' && Varies(s);
    }

    private static bool IsCbu(ReadOnlySpan<char> s) =>
        Varies(s) && (10 - Sum(s, [7, 1, 3, 9, 7, 1, 3]) % 10) % 10 == s[7] - '0' && (10 - Sum(s[8..], [3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3]) % 10) % 10 == s[21] - '0';

    private static bool IsCcc(ReadOnlySpan<char> s) =>
        Varies(s) && Spanish(Sum(s, [4, 8, 5, 10, 9, 7, 3, 6])) == s[8] - '0' && Spanish(Sum(s[10..], [1, 2, 4, 8, 5, 10, 9, 7, 3, 6])) == s[9] - '0';

    private static int Spanish(int sum) => 11 - sum % 11 is var check && check > 9 ? 11 - check : 11 - sum % 11;

    // Letters of the account count as digits: A and J as 1, B, K and S as 2, and so on.
    private static bool IsRib(ReadOnlySpan<char> s)
    {
        long Rest(ReadOnlySpan<char> part)
        {
            long rest = 0;
            foreach (char c in part)
                rest = (rest * 10 + (char.IsAsciiDigit(c) ? c - '0' : c < 'S' ? (c - 'A') % 9 + 1 : (c - 'S') % 9 + 2)) % 97;
            return rest;
        }
        return Varies(s) && (89 * Rest(s[..5]) + 15 * Rest(s[5..10]) + 3 * Rest(s[10..21]) + Number(s[21..])) % 97 == 0;
    }
}
